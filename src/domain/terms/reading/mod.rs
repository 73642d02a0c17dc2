//! Announced terms given as text become data only where the whole text is accounted for: our own sentence word by
//! word, the usual forms clause by clause. Whatever is left over, missing or said twice is told, and a person decides;
//! nothing is ever guessed (专利法第五十条: 明确支付方式、标准).

mod clauses;
mod cursor;
mod facts;
mod own;

use super::Terms;
use crate::domain::{amounts::folded, text::Text, time::Day};

/// The longest text that is read, characters.
pub const MAX_TEXT_CHARS: usize = 8_000;
/// What is told at once; more would not be read.
const MAX_DOUBTS: usize = 20;

/// What a text of terms says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The terms; none where anything of the text is in doubt.
    pub terms: Option<Terms>,
    /// 许可期限, where the text says it.
    pub period: Option<Period>,
    /// Why a person has to read it; empty with `terms`.
    pub doubts: Vec<Doubt>,
}

/// How long licences may last, as a text says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Its last day.
    Until(Day),
    /// 至专利权期限届满
    PatentTerm,
}

impl Period {
    /// `2028-12-31`, `至2028年12月31日止`, `2025.1.1至2028.12.31`, `至专利权期限届满`; none where it is not certain.
    pub fn read(text: &str) -> Option<Self> {
        let text = folded(text);
        let bare = format!("许可期限至{}", text.trim_start_matches(['自', '至']));
        let ranged = text.rsplit_once(['至', '到', '~']);
        let begun = ranged.filter(|(from, _)| cursor::is_day_or_none(from));
        let bare = begun.map_or(bare, |(_, until)| format!("许可期限至{until}"));
        [text, bare]
            .iter()
            .find_map(|text| clauses::period_alone(text))
    }
}

/// One reason why a text is not certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Stable, for machines.
    pub code: &'static str,
    /// The words of the text that it is about; empty where something is missing.
    pub said: String,
    pub text: Text,
}

impl Doubt {
    fn new(code: &'static str, said: &str, zh: &str, en: &str) -> Self {
        let said: String = said.chars().take(120).collect();
        let text = if said.is_empty() {
            Text::new(format!("{zh}。"), format!("{en}."))
        } else {
            Text::new(format!("{zh}：“{said}”。"), format!("{en}: “{said}”."))
        };
        Self { code, said, text }
    }
}

impl Terms {
    /// The terms that an explanation says for certain: in our own words among others, or as a whole.
    pub fn told_by(explanation: &str) -> Option<Self> {
        own::told(&folded(explanation)).or_else(|| Self::read(explanation).terms)
    }

    /// The terms that a text says, or what of it is in doubt.
    pub fn read(text: &str) -> Reading {
        if text.chars().count() > MAX_TEXT_CHARS {
            let doubt = Doubt::new(
                "textTooLong",
                "",
                "文字超过 8000 字，请只粘贴许可使用费部分",
                "More than 8,000 characters; paste the part about the fee alone",
            );
            return refused(vec![doubt]);
        }
        let text = folded(text);
        if let Some(terms) = own::read(&text) {
            return Reading {
                terms: Some(terms),
                period: None,
                doubts: Vec::new(),
            };
        }
        let facts = clauses::facts(&text);
        let period = facts.period();
        match facts.settled() {
            Ok(terms) => Reading {
                terms: Some(terms),
                period,
                doubts: Vec::new(),
            },
            Err(doubts) => Reading {
                period,
                ..refused(doubts)
            },
        }
    }
}

fn refused(mut doubts: Vec<Doubt>) -> Reading {
    doubts.truncate(MAX_DOUBTS);
    Reading {
        terms: None,
        period: None,
        doubts,
    }
}
