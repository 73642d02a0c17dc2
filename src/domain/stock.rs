//! A holder's own list of its stock: what it is narrowed to and in which order it stands. Every condition is one
//! that the holder's officer ticks; together they name a set that can be edited as a whole.

use super::{
    card::CardState,
    codes::AppNo,
    holding::Conversion,
    id::Id,
    patent::{LegalStatus, PatentKind},
    review::{Reach, RecordState},
    submission::SubmissionStage,
    time::Day,
    words::words,
};

words! {
    /// How far a patent is on its way to an open licence.
    pub enum OfferStage {
        /// A declaration is announced
        Offered = "offered", "已公告开放许可", "On offer";
        /// A declaration is drafted, ready or submitted
        Preparing = "preparing", "声明办理中", "Declaration under way";
        /// No declaration is announced or under way
        Not = "not", "未声明", "Not declared";
    }
}

words! {
    /// The order of the list.
    #[derive(Default)]
    pub enum StockOrder {
        /// By application number
        #[default]
        Number = "number", "按申请号", "By number";
        /// The latest filing day first
        Filed = "filed", "按申请日（新的在前）", "By filing day, latest first";
        /// The longest remaining term first
        Term = "term", "按剩余期限（长的在前）", "By remaining term, longest first";
    }
}

/// Which of an organisation's holdings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StockFilter {
    /// Part of title, number or an inventor's name.
    pub text: Option<String>,
    pub kind: Option<PatentKind>,
    pub legal_status: Option<LegalStatus>,
    pub conversion: Option<Conversion>,
    /// 所属学院; `Some("")`: those without one.
    pub unit: Option<String>,
    pub offer: Option<OfferStage>,
    pub published: Option<bool>,
    pub confirmed: Option<bool>,
    /// All six items of the stock record are answered.
    pub complete: Option<bool>,
    /// An answer of its stock record; `Some("")`: nothing said.
    pub maturity: Option<String>,
    pub way: Option<String>,
    pub grade: Option<String>,
    /// How far the review of its stock record has come.
    pub state: Option<RecordState>,
    /// How far its card in plain words has come.
    pub card: Option<CardState>,
    /// Its review's term was over before this day.
    pub overdue_on: Option<Day>,
    /// Where it stands for a platform.
    pub submission: Option<SubmissionNarrowing>,
    /// As far as the reader's duty reaches.
    pub reach: Reach,
}

/// A platform, and where patents stand for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionNarrowing {
    pub platform: String,
    pub stage: SubmissionStage,
}

impl SubmissionNarrowing {
    /// `shandong:pending`, as an address writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let (platform, stage) = text.split_once(':')?;
        (platform.len() <= 100).then_some(Self {
            platform: platform.to_owned(),
            stage: SubmissionStage::parse(stage)?,
        })
    }
}

/// Behind which entry a page begins: the value by which it is ordered, and the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockPlace {
    pub key: String,
    pub number: AppNo,
}

impl StockPlace {
    /// `2019-05-01|201910699568X`, as an address writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let (key, number) = text.split_once('|')?;
        let (number, _) = AppNo::parse(number).ok()?;
        (key.len() <= 10).then(|| Self {
            key: key.to_owned(),
            number,
        })
    }
}

impl std::fmt::Display for StockPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}|{}", self.key, self.number)
    }
}

/// What an organisation has in stock, in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StockCounts {
    pub all: i64,
    /// 未实施: what this marketplace is for.
    pub unused: i64,
    pub offered: i64,
    /// Not confirmed yet.
    pub claimed: i64,
    /// Confirmed, and kept back by the holder.
    pub kept_back: i64,
    /// All six items of the stock record are answered.
    pub complete: i64,
}

/// Holdings chosen for a change.
#[derive(Clone, Debug)]
pub enum StockChoice {
    Ticked(Vec<Id>),
    All(StockFilter),
}
