//! The parts of a figure: by month, holder, industry, town, type of patent, free or paid. A slice names one part or
//! several; the units in it are those whose keys it names, so that a number in a table and the list behind it agree.

use std::collections::BTreeMap;

use super::Unit;
use crate::domain::{codes::region, id::Id, patent::PatentKind, words::words};

words! {
    /// By what the figures are split.
    #[schema(as = FigurePart)]
    pub enum Part {
        /// The month (`2026-03`) in which the unit begins to count.
        Month = "month", "按月", "By month";
        Holder = "holder", "按权利人", "By holder";
        /// 国民经济行业大类: section and division of GB/T 4754 (`C35`); empty where the source gave none.
        Industry = "industry", "按行业（国民经济行业分类）", "By industry (GB/T 4754)";
        /// 镇街: nine digits; empty where the organisation has none.
        Town = "town", "按镇街", "By town";
        /// 专利类型
        Kind = "type", "按专利类型", "By type of patent";
        /// 有偿、无偿
        Charge = "charge", "按有偿或无偿", "By charge";
    }
}

words! {
    /// Whether anything is ever due.
    pub enum Charge {
        Free = "free", "无偿", "Free";
        Paid = "paid", "有偿", "Paid";
    }
}

impl Part {
    /// The key under which a unit falls.
    pub fn key(self, unit: &Unit) -> String {
        match self {
            Self::Month => unit.on.strftime("%Y-%m").to_string(),
            Self::Holder => unit.holder.to_string(),
            Self::Industry => division(unit.industry.as_deref().unwrap_or_default()),
            Self::Town => unit.town.clone().unwrap_or_default(),
            Self::Kind => unit.kind.as_str().to_owned(),
            Self::Charge => Charge::of(unit).as_str().to_owned(),
        }
    }

    /// Could a unit have this key?
    pub fn accepts(self, key: &str) -> bool {
        match self {
            Self::Month => is_month(key),
            Self::Holder => Id::parse(key).is_some(),
            Self::Industry => key.len() <= 3 && key.bytes().all(|b| b.is_ascii_alphanumeric()),
            Self::Town => key.is_empty() || region::is_town(key),
            Self::Kind => PatentKind::parse(key).is_some(),
            Self::Charge => Charge::parse(key).is_some(),
        }
    }
}

impl Charge {
    pub const fn of(unit: &Unit) -> Self {
        if unit.free { Self::Free } else { Self::Paid }
    }
}

/// `2026-03`.
pub fn is_month(text: &str) -> bool {
    text.len() == 7
        && format!("{text}-01")
            .parse::<crate::domain::time::Day>()
            .is_ok()
}

/// The section and division of an industry code: `C3511` → `C35`.
pub fn division(code: &str) -> String {
    code.chars().take(3).collect()
}

/// Some of the units: those with the named key in each named part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice(BTreeMap<Part, String>);

impl Slice {
    /// Narrows it to a key; `false` where no unit could have that key.
    #[must_use]
    pub fn narrow(&mut self, part: Part, key: String) -> bool {
        let fits = part.accepts(&key);
        if fits {
            self.0.insert(part, key);
        }
        fits
    }

    pub fn holds(&self, unit: &Unit) -> bool {
        self.0.iter().all(|(part, key)| part.key(unit) == *key)
    }

    /// What it is narrowed to, in the order of the parts.
    pub fn parts(&self) -> impl Iterator<Item = (Part, &str)> {
        self.0.iter().map(|(part, key)| (*part, key.as_str()))
    }
}
