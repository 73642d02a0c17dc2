//! Fee terms as data: how a licensee pays (许可使用费支付方式、标准, 专利法第五十条). Written once, checked once; what
//! is due, what it costs and the words of the declaration all follow from it and from nothing else. A licence is
//! had on the announced terms and no others (专利法第五十一条), so terms are never changed, only replaced.

mod caps;
mod check;
mod explanation;
mod quote;
mod reading;
mod schedule;
mod sentence;
mod wire;

use serde::{Deserialize, Serialize};

use super::{money::Fen, time::Day, words::words};

pub use caps::{Caps, OverCap};
pub use check::{MAX_FEN, MAX_PARTS, TermsFault};
pub use explanation::MAX_EXPLANATION_CHARS;
pub use quote::{Quote, QuotedDue, Turnover};
pub use reading::{Doubt, MAX_TEXT_CHARS, Period, Reading};
pub use schedule::{Due, DueKind};

words! {
    /// 支付方式: how the fee is paid.
    pub enum FeeMode {
        /// 无偿
        Free = "free", "无偿", "Free of charge";
        /// 一次总付
        LumpSum = "lumpSum", "一次总付", "Lump sum";
        /// 分期支付
        Instalments = "instalments", "分期支付", "Instalments";
        /// 按期定额: the same amount at the start of each period
        PerPeriod = "perPeriod", "按期定额", "Fixed fee per period";
        /// 提成支付
        Royalty = "royalty", "提成支付", "Royalty";
        /// 入门费加提成
        EntryAndRoyalty = "entryAndRoyalty", "入门费加提成", "Entry fee and royalty";
        /// 分段: one way of paying after another
        Stages = "stages", "分段", "In stages";
    }
}

words! {
    /// 提成基数: of what a royalty is a share.
    pub enum RoyaltyBase {
        /// 净销售额
        NetSales = "netSales", "净销售额", "net sales";
        /// 利润额
        Profit = "profit", "利润额", "profit";
    }
}

/// The fee terms of one open licence, the same for everyone who takes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "mode", rename_all = "camelCase", try_from = "wire::Fields")]
pub enum Terms {
    /// 无偿: nothing is due.
    Free,
    /// 一次总付: one amount, before the licence takes effect.
    #[serde(rename_all = "camelCase")]
    LumpSum { amount_fen: Fen },
    /// 分期支付: several amounts on fixed days.
    Instalments { parts: Vec<Part> },
    /// 按期定额: the same amount on the first day of each period, whole also for a period cut short.
    #[serde(rename_all = "camelCase")]
    PerPeriod { amount_fen: Fen, every_months: u32 },
    /// 提成支付: a share of net sales or of profit.
    Royalty(Royalty),
    /// 入门费加提成: an amount before the licence takes effect, then a share.
    #[serde(rename_all = "camelCase")]
    EntryAndRoyalty { entry_fen: Fen, royalty: Royalty },
    /// 分段: one way of paying after another, such as "the first year free".
    Stages { stages: Vec<Stage> },
}

/// One amount of an instalment plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Instalment)]
pub struct Part {
    pub amount_fen: Fen,
    /// Days after the licence's effective day (or the stage's first day), which is day 0.
    pub after_days: u32,
}

/// 提成: a share of the licensee's net sales or profit, settled period by period.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", from = "wire::RoyaltyFields")]
pub struct Royalty {
    pub base: RoyaltyBase,
    /// Basis points: 300 = 3 %.
    pub rate_bp: u32,
    /// Months of a settlement period (结算期).
    pub every_months: u32,
    /// Days after the end of a settlement period.
    pub pay_within_days: u32,
    /// At least this per settlement period, in full also for one cut short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_fen: Option<Fen>,
    /// At most this per settlement period, in full also for one cut short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap_fen: Option<Fen>,
}

/// One stretch of a licence with its own way of paying.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FeeStage)]
pub struct Stage {
    /// How long it lasts; the last stage lasts until the licence ends and has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// Any terms but stages.
    #[schema(no_recursion)]
    pub terms: Terms,
}

impl Terms {
    pub fn mode(&self) -> FeeMode {
        match self {
            Self::Free => FeeMode::Free,
            Self::LumpSum { .. } => FeeMode::LumpSum,
            Self::Instalments { .. } => FeeMode::Instalments,
            Self::PerPeriod { .. } => FeeMode::PerPeriod,
            Self::Royalty(_) => FeeMode::Royalty,
            Self::EntryAndRoyalty { .. } => FeeMode::EntryAndRoyalty,
            Self::Stages { .. } => FeeMode::Stages,
        }
    }

    /// Nothing is ever due (0 元): such a licence takes effect with the notice alone.
    pub fn is_free(&self) -> bool {
        match self {
            Self::Free => true,
            Self::Stages { stages } => stages.iter().all(|stage| stage.terms.is_free()),
            _ => false,
        }
    }

    /// What must be paid before the licence takes effect (专利法第五十一条第一款): the fixed money of its first day.
    pub fn due_at_start(&self) -> Fen {
        match self {
            Self::Free | Self::Royalty(_) => Fen::ZERO,
            Self::LumpSum { amount_fen } | Self::PerPeriod { amount_fen, .. } => *amount_fen,
            Self::EntryAndRoyalty { entry_fen, .. } => *entry_fen,
            Self::Instalments { parts } => {
                let first = parts.iter().filter(|part| part.after_days == 0);
                first.map(|part| part.amount_fen).sum()
            }
            Self::Stages { stages } => stages
                .first()
                .map_or(Fen::ZERO, |stage| stage.terms.due_at_start()),
        }
    }

    /// Fixed money due within the first 365 days (days 0 to 364) of a licence that runs at least as long: what
    /// search sorts and filters by. Months of later stages are those of a common year from 1 January.
    pub fn first_year_fixed(&self) -> Fen {
        const FIRST: Day = jiff::civil::date(2025, 1, 1);
        const LAST: Day = jiff::civil::date(2025, 12, 31);
        let dues = self.dues(FIRST, LAST);
        let within = dues.iter().filter(|due| due.due_on <= LAST);
        within.filter_map(Due::fixed_fen).sum()
    }

    pub fn has_royalty(&self) -> bool {
        !self.royalties().is_empty()
    }

    /// Of what the licensee must tell the figures, each base once.
    pub fn royalty_bases(&self) -> Vec<RoyaltyBase> {
        let mut bases: Vec<_> = self.royalties().iter().map(|(_, r)| r.base).collect();
        bases.sort_unstable();
        bases.dedup();
        bases
    }

    /// The rates of its royalties on this base, basis points.
    pub fn rates_bp(&self, base: RoyaltyBase) -> Vec<u32> {
        let of_base = self.royalties().into_iter().filter(|(_, r)| r.base == base);
        of_base.map(|(_, royalty)| royalty.rate_bp).collect()
    }

    /// Every royalty with its JSON pointer in the terms.
    fn royalties(&self) -> Vec<(String, &Royalty)> {
        match self {
            Self::Royalty(royalty) => vec![(String::new(), royalty)],
            Self::EntryAndRoyalty { royalty, .. } => vec![("/royalty".to_owned(), royalty)],
            Self::Stages { stages } => {
                let inner = stages.iter().enumerate().flat_map(|(n, stage)| {
                    let place = format!("/stages/{n}/terms");
                    let found = stage.terms.royalties().into_iter();
                    found.map(move |(pointer, royalty)| (format!("{place}{pointer}"), royalty))
                });
                inner.collect()
            }
            _ => Vec::new(),
        }
    }
}
