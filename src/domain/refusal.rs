//! A rule that was not met, as the rule itself says it: a stable code, the place, both languages, the article of
//! the law and the cure. Each rule stands once, with its words.

use super::text::Text;

/// One thing that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable, for machines.
    pub code: &'static str,
    /// JSON pointer into what was asked; empty where the state of things is the reason, not a value.
    pub pointer: &'static str,
    /// 法条, where one says so.
    pub article: Option<&'static str>,
    pub text: Text,
    /// What would remove it.
    pub cure: Option<Text>,
}

impl Refusal {
    pub fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            pointer: "",
            article: None,
            text: Text::new(zh, en),
            cure: None,
        }
    }

    #[must_use]
    pub const fn at(mut self, pointer: &'static str) -> Self {
        self.pointer = pointer;
        self
    }

    #[must_use]
    pub const fn by(mut self, article: &'static str) -> Self {
        self.article = Some(article);
        self
    }

    #[must_use]
    pub fn cure(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.cure = Some(Text::new(zh, en));
        self
    }
}

/// Everything that stands in the way, under one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub code: &'static str,
    /// At least one.
    pub refusals: Vec<Refusal>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code,
            refusals: vec![refusal],
        }
    }
}
