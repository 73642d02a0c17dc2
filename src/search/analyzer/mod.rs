//! From text to terms, the same way for documents and questions. Width, case, compatibility forms, accents
//! and traditional characters are folded one character at a time, so that every token knows which
//! characters of the original it stands for.

mod cut;
mod folding;
mod tokens;

use cut::Cut;
pub use folding::{characters, fold, is_han};
pub use tokens::Analyzer;

/// What a term is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Two neighbouring characters inside one word.
    Inner,
    /// Two neighbouring characters of different words: evidence of a phrase, not of a subject.
    Across,
    /// A run of letters and digits.
    Alnum,
    /// A character that stands alone between other things.
    Lone,
}

/// A term of a text, with its place there.
#[derive(Clone, Debug)]
pub struct Gram {
    pub text: String,
    pub class: Class,
    pub stop: bool,
    /// Counts characters and runs; something between two runs counts one more.
    pub position: usize,
    /// Characters of the original.
    pub start: usize,
    pub end: usize,
}

/// The bigrams and runs of a text. `classed` asks the dictionary which bigrams lie inside a word and which
/// are stop words; documents do without.
pub fn grams(text: &str, classed: bool) -> Vec<Gram> {
    let cut = Cut::of(text);
    cut.grams(cut.bigrams(classed))
}

/// The words of a text: the dictionary's, in search mode, without stop words and single characters.
pub fn words(text: &str) -> Vec<Gram> {
    let cut = Cut::of(text);
    cut.grams(cut.words())
}
