//! Why a line was not recorded: which cell, a stable code, both languages, and what to do about it.

use super::Column;
use crate::domain::{
    intake::{RejectCode, excerpt},
    text::{Lang, Text},
};

/// One thing wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// `None`: the line as a whole.
    pub column: Option<Column>,
    /// What stands there, shortened.
    pub value: String,
    /// Stable, for machines.
    pub code: &'static str,
    pub text: Text,
    pub cure: Option<Text>,
}

impl Flaw {
    pub fn new(
        column: impl Into<Option<Column>>,
        value: &str,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            column: column.into(),
            value: excerpt(value),
            code,
            text: Text::new(zh, en),
            cure: None,
        }
    }

    #[must_use]
    pub fn cure(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.cure = Some(Text::new(zh, en));
        self
    }

    /// In the words of the register's own imports.
    pub fn of(column: impl Into<Option<Column>>, code: RejectCode, value: &str) -> Self {
        let sentence = |words: fn(RejectCode, Lang) -> &'static str| {
            let en = words(code, Lang::En);
            let capital = en.chars().next().map(|c| c.to_uppercase().to_string());
            let rest: String = en.chars().skip(1).collect();
            Text::new(
                format!("{}。", words(code, Lang::Zh)),
                format!("{}{rest}.", capital.unwrap_or_default()),
            )
        };
        Self {
            column: column.into(),
            value: excerpt(value),
            code: code.as_str(),
            text: sentence(RejectCode::reason),
            cure: Some(sentence(RejectCode::remedy)),
        }
    }
}
