//! Reference tables: what the codes of the trade are called, which industries a class of technology belongs to, and what
//! licences of an industry cost on average. Each has a version and a source; a table that is loaded takes the place of
//! the built-in one as a whole. Codes are never replaced by names: a name stands beside its code.

mod built_in;
mod names;
mod read;
mod relation;

use serde::{Deserialize, Serialize};

pub use self::{
    names::{Names, NeedNames},
    read::{Column, Flaw, Layout, Reading, header_of},
    relation::{Derived, Relation},
};
use super::{
    codes::{Ipc, industry},
    event::{canonical_json, sha256_hex},
    money::Fen,
    text::Text,
    time::Day,
    words::words,
};

words! {
    /// What a table lists.
    pub enum Kind {
        /// Titles of the international patent classification
        Ipc = "ipc", "国际专利分类（IPC）", "Patent classification (IPC)";
        /// 国民经济行业分类, GB/T 4754
        Industries = "industries", "国民经济行业（GB/T 4754）", "Industries (GB/T 4754)";
        /// 行政区划, GB/T 2260
        Regions = "regions", "行政区划（GB/T 2260）", "Divisions (GB/T 2260)";
        /// Which industries a class belongs to
        IpcIndustries = "ipcIndustries", "IPC 与行业对照", "IPC to industries";
        /// 战略性新兴产业分类
        Strategic = "strategic", "战略性新兴产业", "Strategic emerging industries";
        /// Average fees of licences by industry
        IndustryFees = "industryFees", "行业许可费参考", "Licence fees by industry";
    }
}

/// Lines of one table, at most.
pub const MOST_LINES: u64 = 300_000;
/// Characters of a name, of a version, and of a source, at most.
pub const NAME_CHARS: usize = 2_000;
pub const VERSION_CHARS: usize = 40;
pub const SOURCE_CHARS: usize = 200;

/// Which table stands for a kind: the header without its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceTable {
    #[serde(rename = "id")]
    pub kind: Kind,
    /// As its issuer or whoever loaded it calls it.
    #[schema(example = "2026.01")]
    pub version: String,
    pub source: String,
    /// Written by us, and neither official nor complete.
    pub built_in: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub loaded_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Lines of the table.
    pub lines: i64,
}

impl ReferenceTable {
    /// With which an installation begins.
    pub fn built_in(kind: Kind) -> Self {
        Self {
            kind,
            version: built_in::VERSION.to_owned(),
            source: built_in::source(kind).to_owned(),
            built_in: true,
            loaded_on: None,
            file_name: None,
            sha256: None,
            lines: i64::try_from(built_in::lines(kind).len()).unwrap_or(i64::MAX),
        }
    }

    /// SHA-256 of the canonical document.
    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }

    /// A value that nobody could enter.
    pub fn is_flawed(&self) -> bool {
        let loaded = !self.built_in;
        !is_label(&self.version, VERSION_CHARS)
            || !is_label(&self.source, SOURCE_CHARS)
            || loaded != self.sha256.is_some()
            || loaded != self.loaded_on.is_some()
            || !(0..=i64::try_from(MOST_LINES).unwrap_or(i64::MAX)).contains(&self.lines)
    }
}

/// A few words in one line.
pub fn is_label(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// A code and what it is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
pub struct Entry {
    #[schema(example = "C35")]
    pub code: String,
    #[schema(example = "专用设备制造业")]
    pub zh: String,
    /// Empty where the table has none.
    #[schema(example = "Special machinery")]
    pub en: String,
}

impl Entry {
    fn new(code: &str, zh: &str, en: &str) -> Self {
        Self {
            code: code.to_owned(),
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }

    /// In both languages; Chinese where there is no English.
    pub fn text(&self) -> Text {
        let en = if self.en.is_empty() {
            &self.zh
        } else {
            &self.en
        };
        Text::new(&self.zh, en)
    }

    fn is_sound(&self) -> bool {
        is_label(&self.zh, NAME_CHARS)
            && self.en.chars().count() <= NAME_CHARS
            && !self.en.chars().any(char::is_control)
    }
}

/// What licences of an industry cost in a year; a reference only, means of skewed figures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndustryFee {
    #[schema(example = 2023)]
    pub year: i64,
    #[schema(example = "C35")]
    pub industry_code: String,
    /// Contracts that the averages are of.
    pub contracts: i64,
    /// Average of fixed or convertible amounts, in fen.
    #[schema(value_type = Option<i64>)]
    pub avg_amount_fen: Option<Fen>,
    /// Average royalty, in basis points.
    pub avg_rate_bp: Option<i64>,
    pub source: String,
}

/// One line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Name(Entry),
    /// A class of technology, at any level, and an industry that it belongs to.
    Industry {
        ipc: String,
        industry: String,
    },
    Fee(IndustryFee),
}

impl Line {
    /// What there is once in a table.
    pub fn key(&self) -> (&str, &str, i64) {
        match self {
            Self::Name(entry) => (&entry.code, "", 0),
            Self::Industry { ipc, industry } => (ipc, industry, 0),
            Self::Fee(fee) => (&fee.industry_code, "", fee.year),
        }
    }
}

impl Kind {
    /// The lines with which an installation begins.
    pub fn built_in_lines(self) -> Vec<Line> {
        built_in::lines(self)
    }

    /// A code of this table in its one form; `None` where it is none.
    pub fn code_of(self, text: &str) -> Option<String> {
        let text = text.trim();
        match self {
            // Main groups end in /00 in the official tables, and are a level of their own here.
            Self::Ipc | Self::IpcIndustries => {
                let code = Ipc::prefix(text).ok()?;
                Some(code.strip_suffix("/00").map(str::to_owned).unwrap_or(code))
            }
            Self::Industries | Self::IndustryFees => industry::parse(text),
            Self::Regions => {
                let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
                (digits && matches!(text.len(), 6 | 9 | 12)).then(|| text.to_owned())
            }
            Self::Strategic => {
                let part = |part: &str| {
                    (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
                };
                let parts = text.split('.').count();
                ((1..=4).contains(&parts) && text.split('.').all(part)).then(|| text.to_owned())
            }
        }
    }
}
