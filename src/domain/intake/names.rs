//! Lists in one cell: names, class symbols. Order is kept, because the first owner is the 第一专利权人; a
//! damaged name is dropped, never mended.

use super::{
    Cell,
    cells::{clean, is_missing, text_of},
};

/// Marks that separate items wherever they stand; `(undefined)` is a PatSnap scraper's.
const HARD: [char; 6] = [';', '；', '|', '、', '\n', '｜'];
/// Marks that separate items outside brackets, where no hard mark is used.
const SOFT: [char; 2] = [',', '，'];
/// What stands after a comma inside one company's name.
const SUFFIXES: [&str; 17] = [
    "ltd",
    "limited",
    "inc",
    "incorporated",
    "llc",
    "llp",
    "lp",
    "l.p",
    "corp",
    "corporation",
    "co",
    "plc",
    "gmbh",
    "s.a",
    "b.v",
    "n.v",
    "company",
];

/// The items of a cell, in order.
pub(super) fn items_of(cell: &Cell) -> Vec<String> {
    if let Cell::List(items) = cell {
        return items
            .iter()
            .map(|item| clean(item))
            .filter(|item| !is_missing(item))
            .collect();
    }
    text_of(cell).map(|text| split(&text)).unwrap_or_default()
}

fn split(text: &str) -> Vec<String> {
    let text = text.replace("(undefined)", ";");
    let inner = text
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .filter(|t| !t.contains(['[', ']']));
    let python = inner.is_some();
    let text = inner.unwrap_or(&text);
    let parts = if text.contains(HARD) {
        text.split(HARD).map(str::to_owned).collect()
    } else {
        split_softly(text)
    };
    let tidy = |(place, part): (usize, String)| {
        let part = part.trim();
        // The gazette's export writes two lost blanks behind a semicolon as `??`.
        let part = if place > 0 {
            part.strip_prefix("??").unwrap_or(part)
        } else {
            part
        };
        let part = if python {
            part.trim_matches(['\'', '"'])
        } else {
            part
        };
        clean(part)
    };
    parts
        .into_iter()
        .enumerate()
        .map(tidy)
        .filter(|part| !is_missing(part))
        .collect()
}

/// Splits at commas outside brackets, and keeps `Foo Co., Ltd.` together.
fn split_softly(text: &str) -> Vec<String> {
    let opens = text.matches(['(', '（']).count();
    let balanced = opens == text.matches([')', '）']).count();
    let mut depth = 0_usize;
    let mut parts: Vec<String> = vec![String::new()];
    for c in text.chars() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let outside = depth == 0 || !balanced;
        match parts.last_mut() {
            Some(part) if !(outside && SOFT.contains(&c)) => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    let mut joined: Vec<String> = Vec::with_capacity(parts.len());
    for part in parts {
        let word = part.trim().trim_end_matches('.').to_lowercase();
        match joined.last_mut() {
            Some(before) if SUFFIXES.contains(&word.as_str()) => {
                before.push_str(", ");
                before.push_str(part.trim());
            }
            _ => joined.push(part),
        }
    }
    joined
}

/// The names of a cell and those that were damaged.
pub(super) struct Names {
    pub good: Vec<String>,
    pub damaged: Vec<String>,
}

/// Reads names. `ranked` lists (owners, applicants) lose everything when their first name is damaged: the
/// second would pass for the first.
pub(super) fn names_of(cell: &Cell, ranked: bool) -> Names {
    let items = items_of(cell);
    let first_lost = items.first().is_some_and(|first| is_damaged(first));
    let (mut damaged, mut good): (Vec<String>, Vec<String>) =
        items.into_iter().partition(|item| is_damaged(item));
    if ranked && first_lost {
        damaged.append(&mut good);
    }
    Names { good, damaged }
}

/// Lost characters, or a postal address run into the name.
fn is_damaged(name: &str) -> bool {
    name.contains(['?', '？', '\u{fffd}']) || runs_into_address(name)
}

/// `…有限公司518000广东省深圳市…`: six digits, then a place.
fn runs_into_address(name: &str) -> bool {
    if !name.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let chars: Vec<char> = name.chars().collect();
    chars.windows(7).enumerate().any(|(at, window)| {
        window[..6].iter().all(char::is_ascii_digit)
            && !window[6].is_ascii_digit()
            && (at == 0 || !chars[at - 1].is_ascii_digit())
            && chars[at + 6..]
                .iter()
                .any(|c| ['省', '市', '区', '县'].contains(c))
    })
}
