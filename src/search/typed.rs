//! What people type, read by hand: terms, `"phrases"`, `-without` or `NOT`, `OR` or `|`, numbers in any
//! notation. A sentence or a paragraph is not searched for operators; it is a bag of words.

use unicode_normalization::UnicodeNormalization as _;

use super::analyzer;
use crate::domain::{
    codes::{AppNo, PubNo},
    search::MAX_TEXT_CHARS,
};

/// More characters than this, without quotes or `OR`, are prose and not an expression.
const PROSE_CHARS: usize = 60;
/// Nobody types so many Chinese characters without a blank as one keyword; it is a title or a sentence.
const TITLE_CHARS: usize = 12;
/// Words of sentences and titles, not of keywords.
const PARTICLES: [&str; 8] = ["一种", "的", "及", "和", "与", "用于", "基于", "以及"];
/// Terms of one question that are read.
const MAX_TERMS: usize = 32;

/// One thing asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    Term(String),
    Phrase(String),
}

/// A question taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// No text: everything.
    Nothing,
    /// Only numbers: these patents.
    Numbers(Vec<Number>),
    /// Every group, none of the excluded; within a group any clause.
    Expression {
        groups: Vec<Vec<Clause>>,
        without: Vec<Clause>,
    },
    /// A title, a sentence, a paragraph: whatever is most like it.
    Prose(String),
}

/// A number that names a patent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Number {
    Application(AppNo),
    /// A publication or grant number, or its digits without kind code.
    Publication(String),
}

impl Number {
    /// All that a text may mean as a number: nine digits may be an old application or a publication.
    pub fn read(text: &str) -> Vec<Self> {
        let digits = text.nfkc().filter(char::is_ascii_digit).count();
        if !(7..=14).contains(&digits) || text.chars().count() > 40 {
            return Vec::new();
        }
        let mut numbers: Vec<Self> = AppNo::parse(text)
            .ok()
            .map(|(number, _)| Self::Application(number))
            .into_iter()
            .collect();
        if let Ok(number) = PubNo::parse(text) {
            numbers.push(Self::Publication(number.as_str().to_owned()));
        } else if matches!(digits, 7 | 9) {
            let bare: String = text
                .nfkc()
                .filter(|c| !c.is_whitespace())
                .flat_map(char::to_uppercase)
                .collect();
            let bare = bare.strip_prefix("CN").unwrap_or(&bare);
            if bare.len() == digits {
                numbers.push(Self::Publication(bare.to_owned()));
            }
        }
        numbers
    }
}

/// Takes a question apart; any text at all has an answer.
pub fn read(text: &str) -> Typed {
    let text: String = text
        .chars()
        .take(MAX_TEXT_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let text = text.trim();
    if text.is_empty() {
        return Typed::Nothing;
    }
    if let Some(numbers) = only_numbers(text) {
        return Typed::Numbers(numbers);
    }
    let pieces = pieces(text);
    let quoted = pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Clause(Clause::Phrase(_)) | Piece::Or));
    if !quoted && is_prose(text) {
        return Typed::Prose(text.to_owned());
    }
    expression(pieces)
}

fn only_numbers(text: &str) -> Option<Vec<Number>> {
    let whole = Number::read(text);
    if !whole.is_empty() {
        return Some(whole);
    }
    let parts = text
        .split(|c: char| c.is_whitespace() || ",，;；、|".contains(c))
        .filter(|part| !part.is_empty());
    let mut numbers = Vec::new();
    for part in parts.take(200) {
        let read = Number::read(part);
        if read.is_empty() {
            return None;
        }
        numbers.extend(read);
    }
    (!numbers.is_empty()).then_some(numbers)
}

/// Long, or with the punctuation of a sentence, or with a term that reads like a title.
fn is_prose(text: &str) -> bool {
    text.chars().count() > PROSE_CHARS
        || text.split_whitespace().any(is_title)
        || text
            .trim_end_matches(['。', '？', '！', '?', '!'])
            .contains(['，', '。', '；', '？', '！'])
}

fn is_title(term: &str) -> bool {
    let length = term.chars().filter(|c| analyzer::is_han(*c)).count();
    length >= TITLE_CHARS
        || (length >= TITLE_CHARS / 2 && PARTICLES.iter().any(|particle| term.contains(particle)))
}

enum Piece {
    Clause(Clause),
    Or,
    Not,
}

/// Cuts at blanks, keeping quoted text whole. An unclosed quotation mark is a blank.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        if let Some(close) = closing(first) {
            if let Some(end) = after.find(close) {
                pieces.push(Piece::Clause(Clause::Phrase(after[..end].to_owned())));
                rest = after[end..].trim_start_matches(close);
            } else {
                rest = after;
            }
        } else if is_blank(first) {
            rest = after;
        } else if matches!(first, '|' | '｜') {
            pieces.push(Piece::Or);
            rest = after.trim_start_matches(['|', '｜']);
        } else if matches!(first, '-' | '－' | '−') && after.starts_with(excludable) {
            pieces.push(Piece::Not);
            rest = after;
        } else {
            let end = rest
                .find(|c| is_blank(c) || matches!(c, '|' | '｜') || closing(c).is_some())
                .unwrap_or(rest.len());
            pieces.push(word(&rest[..end]));
            rest = &rest[end..];
        }
    }
    pieces
}

fn word(text: &str) -> Piece {
    match text {
        "OR" | "或者" => Piece::Or,
        "NOT" => Piece::Not,
        other => Piece::Clause(Clause::Term(other.to_owned())),
    }
}

const fn closing(open: char) -> Option<char> {
    match open {
        '"' => Some('"'),
        '＂' => Some('＂'),
        '“' | '”' => Some('”'),
        '「' => Some('」'),
        '『' => Some('』'),
        _ => None,
    }
}

/// Brackets and commas stay inside a term: they are part of titles and of chemical names.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
}

/// `-20℃` is a temperature, `-电池` an exclusion.
fn excludable(c: char) -> bool {
    (c.is_alphanumeric() && !c.is_numeric()) || closing(c).is_some()
}

fn expression(pieces: Vec<Piece>) -> Typed {
    let (mut groups, mut without): (Vec<Vec<Clause>>, Vec<Clause>) = (Vec::new(), Vec::new());
    let (mut or, mut not) = (false, false);
    for piece in pieces {
        match piece {
            Piece::Or => or = !groups.is_empty(),
            Piece::Not => not = true,
            Piece::Clause(Clause::Term(text)) if text == "AND" => {}
            Piece::Clause(clause) => {
                if groups.iter().map(Vec::len).sum::<usize>() + without.len() >= MAX_TERMS {
                    break;
                }
                if std::mem::take(&mut not) {
                    without.push(clause);
                } else if std::mem::take(&mut or) {
                    groups
                        .last_mut()
                        .expect("OR is only noted after a group")
                        .push(clause);
                } else {
                    groups.push(vec![clause]);
                }
                or = false;
            }
        }
    }
    Typed::Expression { groups, without }
}
