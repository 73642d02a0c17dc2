//! What a single cell says: cleaned text, days in every notation of the exports, and the shape by which a
//! value in a wrong column betrays itself.

use jiff::civil::{Date, date};
use unicode_normalization::UnicodeNormalization as _;

use super::Cell;
use crate::domain::{
    codes::{AppNo, Ipc, Locarno, PubNo},
    time::Day,
};

/// The text of a cell without spreadsheet guards, control and zero-width characters; line breaks stay.
pub(super) fn clean(text: &str) -> String {
    let text = unguard(text.trim());
    // Most cells are clean as they stand.
    if text.chars().all(|c| kept(c) == Some(c)) {
        return text.trim().to_owned();
    }
    text.chars()
        .filter_map(kept)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// What a character of a cell is read as.
fn kept(c: char) -> Option<char> {
    match c {
        '\n' => Some('\n'),
        '\t' | '\u{a0}' | '\u{3000}' => Some(' '),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// Takes off `="…"`, `=HYPERLINK("…","…")` and a leading apostrophe.
fn unguard(text: &str) -> &str {
    if let Some(inner) = text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"')) {
        return inner.trim();
    }
    if text.len() > 12
        && text
            .get(..11)
            .is_some_and(|head| head.eq_ignore_ascii_case("=HYPERLINK("))
    {
        let shown = text
            .trim_end_matches(')')
            .trim_end()
            .strip_suffix('"')
            .and_then(|t| t.rsplit('"').next());
        return shown.unwrap_or(text);
    }
    text.strip_prefix('\'').map_or(text, str::trim)
}

/// Is this one of the marks by which exports say "nothing"?
pub(super) fn is_missing(text: &str) -> bool {
    matches!(
        text.trim(),
        "" | "-"
            | "--"
            | "---"
            | "—"
            | "——"
            | "/"
            | "\\"
            | "无"
            | "暂无"
            | "空"
            | "N/A"
            | "n/a"
            | "NA"
            | "#N/A"
            | "null"
            | "NULL"
            | "None"
            | "none"
            | "nan"
            | "NaN"
            | "undefined"
            | "(undefined)"
            | "[]"
    )
}

/// A spreadsheet number as its digits, without exponent.
pub(super) fn digits(number: f64) -> String {
    format!("{number}")
}

/// The cleaned text of a cell, or `None` where it says nothing. Items of a list are joined by `;`.
pub fn text_of(cell: &Cell) -> Option<String> {
    let text = match cell {
        Cell::Text(text) => clean(text),
        Cell::Number(number) => digits(*number),
        Cell::List(items) => clean(&items.join(";")),
    };
    (!is_missing(&text)).then_some(text)
}

/// Why a cell is not a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayError {
    NotADate,
    /// A year and a month and nothing more: the first day of the month is given.
    MonthOnly(Day),
    Impossible,
}

/// Reads `2019.05.21`, `20190521`, `2019-05-21`, `2019/5/21`, `2019年5月21日`, a time after them, and Excel's
/// serial days (1900 system).
pub fn day_of(cell: &Cell) -> Result<Option<Day>, DayError> {
    match cell {
        Cell::Number(number) => day_of_number(*number).map(Some),
        _ => text_of(cell).map(|text| day_of_text(&text)).transpose(),
    }
}

fn day_of_number(number: f64) -> Result<Day, DayError> {
    let whole = number.trunc();
    if !(1_000.0..100_000_000.0).contains(&whole) {
        return Err(DayError::NotADate);
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to lie below 10^8")]
    let whole = whole as i32;
    match whole {
        10_000_000.. if number.fract() == 0.0 => day_of_text(&whole.to_string()),
        ..=99_999 => date(1899, 12, 30)
            .checked_add(jiff::Span::new().days(whole))
            .map_err(|_| DayError::Impossible),
        _ => Err(DayError::NotADate),
    }
}

fn day_of_text(text: &str) -> Result<Day, DayError> {
    let folded: String = text.nfkc().collect();
    let head = match folded.split_once([' ', 'T']) {
        Some((head, tail))
            if tail
                .chars()
                .all(|c| c.is_ascii_digit() || ":.TZ+- ".contains(c)) =>
        {
            head
        }
        Some(_) => return Err(DayError::NotADate),
        None => folded.as_str(),
    };
    let numeric = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if numeric(head) {
        return match head.len() {
            8 => calendar(&head[..4], &head[4..6], &head[6..]),
            5 => head
                .parse()
                .map_err(|_| DayError::NotADate)
                .and_then(day_of_number),
            _ => Err(DayError::NotADate),
        };
    }
    let parts: Vec<&str> = match head.split_once('年') {
        Some((year, rest)) => {
            let rest = rest.trim_end_matches('日');
            std::iter::once(year)
                .chain(rest.trim_end_matches('月').split('月'))
                .collect()
        }
        None => ['-', '.', '/']
            .iter()
            .map(|mark| head.split(*mark).collect::<Vec<_>>())
            .find(|parts| parts.len() > 1)
            .unwrap_or_default(),
    };
    match parts[..] {
        [year, month, day] if [year, month, day].into_iter().all(numeric) && year.len() == 4 => {
            calendar(year, month, day)
        }
        [year, month] if numeric(year) && numeric(month) && year.len() == 4 && month.len() <= 2 => {
            calendar(year, month, "1").and_then(|day| Err(DayError::MonthOnly(day)))
        }
        _ => Err(DayError::NotADate),
    }
}

fn calendar(year: &str, month: &str, day: &str) -> Result<Day, DayError> {
    if month.len() > 2 || day.len() > 2 {
        return Err(DayError::NotADate);
    }
    let number = |t: &str| t.parse::<i16>().map_err(|_| DayError::NotADate);
    let (month, day) = (number(month)?, number(day)?);
    let small = |n: i16| i8::try_from(n).map_err(|_| DayError::Impossible);
    Date::new(number(year)?, small(month)?, small(day)?).map_err(|_| DayError::Impossible)
}

/// Does a text look like a number, a publication number, a day or a class symbol? None of these belongs
/// into a column of titles or names.
pub(super) fn looks_coded(text: &str) -> bool {
    let length = text.chars().count();
    length <= 40
        && text.chars().any(char::is_numeric)
        && (AppNo::parse(text).is_ok()
            || PubNo::parse(text).is_ok()
            || day_of_text(text).is_ok()
            || Locarno::parse(text).is_ok()
            || (text.contains('/') && Ipc::parse(text).is_ok()))
}

/// Is this a value of its own, so that it cannot be a header: a number, a day, a class, an organisation, a title?
pub fn is_value(text: &str) -> bool {
    looks_coded(text)
        || text.chars().count() > 8 && looks_like_organisation(text)
        || text.starts_with("一种")
        || text.parse::<f64>().is_ok()
}

/// Is this the name of an organisation? Only for telling that a column of dates or classes holds names.
pub(super) fn looks_like_organisation(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "公司",
        "大学",
        "学院",
        "研究院",
        "研究所",
        "集团",
        "中心",
        "厂",
        "学校",
    ];
    WORDS.iter().any(|word| text.contains(word)) && !text.contains('/')
}
