//! The usual limits of an open licence's fee (审查指南第五部分第十一章 3.3: 一般不高于). To exceed them is no fault of the
//! terms but a matter for whoever declares: beyond them another kind of licence is usual.

use super::{Due, Royalty, RoyaltyBase, Terms};
use crate::domain::{money::Fen, text::Text, time::Day};

/// One usual limit that terms exceed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverCap {
    /// JSON pointer to what exceeds it, relative to the terms; empty for the fixed money as a whole.
    pub pointer: String,
    /// `fixedOverCap`, `netSalesRateOverCap` or `profitRateOverCap`.
    pub code: &'static str,
    pub text: Text,
}

/// The usual limits of an open licence's fee (一般不高于, 审查指南第五部分第十一章 3.3); the operator may change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// 固定费用, over the whole licence.
    pub fixed_fen: Fen,
    /// 净销售额提成, basis points.
    pub net_sales_bp: u32,
    /// 利润额提成, basis points.
    pub profit_bp: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            fixed_fen: Fen::yuan(20_000_000),
            net_sales_bp: 2_000,
            profit_bp: 4_000,
        }
    }
}

impl Terms {
    /// Which usual limits they exceed in the longest licence (first and last day): all fixed money in it, and each
    /// rate. The floor of a royalty is not fixed money.
    pub fn over_caps(&self, licence: (Day, Day), caps: &Caps) -> Vec<OverCap> {
        let mut over = Vec::new();
        let dues = self.dues(licence.0, licence.1);
        let fixed: Fen = dues.iter().filter_map(Due::fixed_fen).sum();
        if fixed > caps.fixed_fen {
            over.push(OverCap {
                pointer: String::new(),
                code: "fixedOverCap",
                text: Text::new(
                    format!(
                        "许可期限内固定费用合计 {fixed} 元，高于 {} 元；开放许可的固定费用一般不高于该数额，更高的请采用其他许可方式。",
                        caps.fixed_fen
                    ),
                    format!(
                        "The fixed money of the licence comes to {fixed} yuan, more than {}: beyond that, another kind of licence is usual.",
                        caps.fixed_fen
                    ),
                ),
            });
        }
        let rates = self.royalties().into_iter();
        over.extend(rates.filter_map(|(place, royalty)| rate_over(&place, royalty, caps)));
        over
    }
}

fn rate_over(place: &str, royalty: &Royalty, caps: &Caps) -> Option<OverCap> {
    let (limit, code) = match royalty.base {
        RoyaltyBase::NetSales => (caps.net_sales_bp, "netSalesRateOverCap"),
        RoyaltyBase::Profit => (caps.profit_bp, "profitRateOverCap"),
    };
    let (rate, most) = (percent(royalty.rate_bp), percent(limit));
    (royalty.rate_bp > limit).then(|| OverCap {
        pointer: format!("{place}/rateBp"),
        code,
        text: Text::new(
            format!(
                "{}提成 {rate}，高于 {most}；开放许可一般不高于该比例。",
                royalty.base.zh()
            ),
            format!(
                "{rate} of {} is more than the {most} usual for an open licence.",
                royalty.base.en()
            ),
        ),
    })
}

/// Basis points as a percentage without needless zeros: `3%`, `3.25%`.
pub(super) fn percent(bp: u32) -> String {
    let text = format!("{}.{:02}", bp / 100, bp % 100);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}
