//! Folding, one character at a time.

use std::sync::LazyLock;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// What each character of the basic plane is folded to, where that is one character: nearly always.
static FOLDS: LazyLock<Vec<Option<char>>> = LazyLock::new(|| {
    let fold = |code: u16| {
        let mut folded = decomposed(char::from_u32(code.into())?);
        let only = folded.next()?;
        folded.next().is_none().then_some(only)
    };
    (0..=u16::MAX).map(fold).collect()
});

/// One character after folding.
#[derive(Clone, Copy, Debug)]
pub struct Folded {
    pub ch: char,
    /// Which character of the original it came from.
    pub(super) at: u32,
    /// Where that character begins and ends, in bytes.
    pub(super) from: u32,
    pub(super) to: u32,
}

pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Folds a text, character by character.
pub fn fold(text: &str) -> Vec<Folded> {
    let mut folded = Vec::with_capacity(text.len() / 2);
    for (at, (byte, c)) in text.char_indices().enumerate() {
        let place = |ch| Folded {
            ch,
            at: narrow(at),
            from: narrow(byte),
            to: narrow(byte + c.len_utf8()),
        };
        let only = FOLDS.get(u32::from(c) as usize).copied().flatten();
        match only {
            Some(only) => folded.push(place(only)),
            None => folded.extend(decomposed(c).map(place)),
        }
    }
    folded
}

/// The parts of a character without accents, in lower case and simplified.
fn decomposed(c: char) -> impl Iterator<Item = char> {
    let parts = std::iter::once(c)
        .nfkd()
        .filter(|part| !is_combining_mark(*part));
    parts.flat_map(char::to_lowercase).map(simplified)
}

fn simplified(c: char) -> char {
    if !('\u{3400}'..='\u{9fff}').contains(&c) {
        return c;
    }
    let mut text = [0; 4];
    fast2s::convert(c.encode_utf8(&mut text))
        .chars()
        .next()
        .unwrap_or(c)
}

fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Every Chinese character of these texts once, as one text: nobody asks how often or where a single character stands.
pub fn characters<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    // A bit for each character of the basic plane; of the rare others one may come twice.
    let mut known = [0_u64; 1 << 10];
    let mut is_new = |c: char| {
        let (word, bit) = (u32::from(c) as usize / 64, 1 << (u32::from(c) % 64));
        known.get_mut(word).is_none_or(|word| {
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new
        })
    };
    let folded = texts.into_iter().flat_map(fold).map(|folded| folded.ch);
    folded.filter(|c| is_han(*c) && is_new(*c)).collect()
}
