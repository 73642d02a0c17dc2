//! What helps to set a fee, each thing with its basis: what comparable licences cost, as figures of which none is a single
//! licence's, and a plain estimate whose inputs stand beside it (专利开放许可使用费估算指引 is for reference only). Nothing here
//! suggests a fee by itself.

use serde::Serialize;

use super::{
    money::Fen,
    terms::{Caps, RoyaltyBase, Terms},
    time::Day,
    words::words,
};

/// The fewest patents with licences of which anything is said.
pub const FEWEST: usize = 5;

words! {
    /// By what licences are comparable.
    pub enum Likeness {
        /// IPC subclass, such as A01K
        IpcSubclass = "ipcSubclass", "同一 IPC 小类", "Same IPC subclass";
        /// IPC class, such as A01
        IpcClass = "ipcClass", "同一 IPC 大类", "Same IPC class";
        /// 国民经济行业大类, such as C35
        Industry = "industry", "同一行业大类", "Same division of industry";
    }
}

/// A licence that took effect, as far as prices go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// Of which patent: several licences of one patent say one price.
    pub patent: String,
    pub main_class: Option<String>,
    pub industry: Option<String>,
    pub terms: Terms,
    /// First and last day.
    pub days: (Day, Day),
}

impl Priced {
    /// What it is compared by.
    fn of(&self, likeness: Likeness) -> Option<String> {
        key(
            likeness,
            self.main_class.as_deref(),
            self.industry.as_deref(),
        )
    }
}

/// The class or division by which a patent is compared.
pub fn key(likeness: Likeness, main_class: Option<&str>, industry: Option<&str>) -> Option<String> {
    let (code, length) = match likeness {
        Likeness::IpcSubclass => (main_class, 4),
        Likeness::IpcClass => (main_class, 3),
        Likeness::Industry => (industry, 3),
    };
    code.and_then(|code| code.get(..length)).map(str::to_owned)
}

/// The middle and the middle half of some figures, rounded to two digits, so that none is a single licence's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PriceSpread)]
pub struct Spread {
    pub median: i64,
    /// A quarter lies below.
    pub lower: i64,
    /// A quarter lies above.
    pub upper: i64,
}

impl Spread {
    /// Of figures of different patents; none of too few.
    pub fn of(mut figures: Vec<i64>) -> Option<Self> {
        if figures.len() < FEWEST {
            return None;
        }
        figures.sort_unstable();
        Some(Self {
            median: rounded(quantile(&figures, 2)),
            lower: rounded(quantile(&figures, 1)),
            upper: rounded(quantile(&figures, 3)),
        })
    }
}

/// The quarter of sorted figures, between two neighbours where it lies between them.
fn quantile(sorted: &[i64], quarter: usize) -> i64 {
    let last = sorted.len() - 1;
    let (at, rest) = (last * quarter / 4, last * quarter % 4);
    let (low, high) = (sorted[at], sorted[(at + 1).min(last)]);
    let share = i64::try_from(rest).unwrap_or(0);
    low + (high - low) / 4 * share + (high - low) % 4 * share / 4
}

/// To two digits, half up.
fn rounded(figure: i64) -> i64 {
    let mut unit = 1_i64;
    while figure / unit >= 100 {
        unit *= 10;
    }
    (figure + unit / 2) / unit * unit
}

/// What comparable licences cost; only where there are enough patents with licences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparable {
    pub likeness: Likeness,
    /// The class or division.
    pub key: String,
    /// Patents with licences, at least five.
    pub patents: usize,
    /// All fixed money of a licence over its whole length, of those that cost any.
    pub fixed_fen: Option<Spread>,
    /// 净销售额提成, basis points.
    pub net_sales_bp: Option<Spread>,
    /// 利润额提成, basis points.
    pub profit_bp: Option<Spread>,
}

/// What there is to compare with, the closest likeness first; nothing of fewer than five patents.
pub fn comparables(
    licences: &[Priced],
    main_class: Option<&str>,
    industry: Option<&str>,
) -> Vec<Comparable> {
    let each = Likeness::ALL.into_iter().filter_map(|likeness| {
        let wanted = key(likeness, main_class, industry)?;
        let like: Vec<&Priced> = licences
            .iter()
            .filter(|licence| licence.of(likeness).as_ref() == Some(&wanted))
            .collect();
        comparable(likeness, wanted, &like)
    });
    each.collect()
}

fn comparable(likeness: Likeness, key: String, like: &[&Priced]) -> Option<Comparable> {
    let patents = distinct(like, |_| Some(0)).len();
    if patents < FEWEST {
        return None;
    }
    let fixed = |licence: &Priced| {
        let dues = licence.terms.dues(licence.days.0, licence.days.1);
        let sum: Fen = dues.iter().filter_map(super::terms::Due::fixed_fen).sum();
        (sum > Fen::ZERO).then_some(sum.0)
    };
    let rate = |base| {
        move |licence: &Priced| {
            let rates = licence.terms.rates_bp(base);
            rates.into_iter().max().map(i64::from)
        }
    };
    Some(Comparable {
        likeness,
        key,
        patents,
        fixed_fen: Spread::of(distinct(like, fixed)),
        net_sales_bp: Spread::of(distinct(like, rate(RoyaltyBase::NetSales))),
        profit_bp: Spread::of(distinct(like, rate(RoyaltyBase::Profit))),
    })
}

/// One figure a patent: of its latest licence that has one.
fn distinct(like: &[&Priced], figure: impl Fn(&Priced) -> Option<i64>) -> Vec<i64> {
    let mut seen = std::collections::HashMap::new();
    for licence in like {
        if let Some(figure) = figure(licence) {
            let known = seen
                .entry(licence.patent.as_str())
                .or_insert((licence.days.0, figure));
            if licence.days.0 > known.0 {
                *known = (licence.days.0, figure);
            }
        }
    }
    seen.into_values().map(|(_, figure)| figure).collect()
}

/// What an estimate is made of, all of it given by whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Net sales that one licensee is expected to make in a year.
    pub net_sales_fen_per_year: Fen,
    pub rate_bp: u32,
    pub years: u32,
    /// What is left after the discount for uncertainty, basis points: 6000 = 60 %.
    pub kept_bp: u32,
}

/// A lump sum that would stand for a royalty; a reference, with its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    pub lump_fen: Fen,
    /// It came out above the usual limit and was cut to it.
    pub capped: bool,
}

impl Inputs {
    /// 年净销售额 × 提成率 × 年数 × 折扣, at most the usual limit of fixed fees.
    pub fn estimate(&self, caps: &Caps) -> Estimate {
        let yearly = self.net_sales_fen_per_year;
        let share = yearly.scaled(i64::from(self.rate_bp), 10_000);
        let all = share.scaled(i64::from(self.years), 1);
        let lump = all.scaled(i64::from(self.kept_bp), 10_000);
        Estimate {
            lump_fen: lump.min(caps.fixed_fen),
            capped: lump > caps.fixed_fen,
        }
    }
}
