//! The offer on a patent's page: the announced terms in plain words, what they would cost this reader, and how a
//! licence is taken in three steps (专利法第五十一条).

use super::{
    visitor::Visitor,
    words::{self, grouped},
};
use crate::{
    domain::{
        access::{Actor, Role},
        declaration::Declaration,
        dictionary::Dictionary,
        money::Fen,
        terms::{DueKind, RoyaltyBase},
        time::Day,
    },
    ops::{
        Services,
        terms::{self, QuoteQuery},
    },
};

/// What a reader is shown of an announced declaration on which a licence can be taken today.
pub struct OfferView {
    pub declaration_number: String,
    pub effective_on: String,
    pub until: Day,
    pub mode: &'static str,
    /// 支付方式、标准, word for word.
    pub sentence: String,
    pub start: String,
    pub explanation: String,
    pub warnings: Vec<&'static str>,
    /// The figures that the calculator asks for.
    pub asks: Vec<Ask>,
    pub years: u32,
    pub costs: Option<Costs>,
    pub href: String,
    /// Where notice is given; not for those who hold patents or watch over the market.
    pub take: Option<String>,
    /// Where a question is asked first, by whoever may take it.
    pub ask: Option<String>,
    pub know_how: Option<String>,
    pub mediators: Vec<String>,
}

/// One field of the calculator.
pub struct Ask {
    pub name: &'static str,
    pub label: &'static str,
    pub value: String,
}

/// What the licence would cost.
pub struct Costs {
    pub total: String,
    pub dues: Vec<(String, String)>,
}

/// The most years that are reckoned.
const YEARS: u32 = 20;

impl OfferView {
    /// The view, with the costs when the address holds the figures that they need.
    pub fn of(
        services: &Services,
        v: &Visitor,
        declaration: &Declaration,
        mediators: &Dictionary,
        today: Day,
    ) -> Option<Self> {
        if !declaration.is_offered_on(today) {
            return None;
        }
        let terms = &declaration.terms;
        let years = v
            .address
            .first("years")
            .parse()
            .unwrap_or(3)
            .clamp(1, YEARS);
        let asks = terms.royalty_bases().into_iter().map(|base| {
            let name = parameter(base);
            Ask {
                name,
                label: match base {
                    RoyaltyBase::NetSales => {
                        v.t("预计年净销售额（万元）", "Yearly net sales (10,000 yuan)")
                    }
                    RoyaltyBase::Profit => v.t("预计年利润（万元）", "Yearly profit (10,000 yuan)"),
                },
                value: v.address.first(name).to_owned(),
            }
        });
        let is_taker = v.who().is_none_or(|who| who.actor.role == Role::Enterprise);
        let blocks = declaration.must_withdraw.iter();
        let blocks = blocks.flat_map(|task| &task.blocks);
        Some(Self {
            declaration_number: declaration.declaration_number.clone().unwrap_or_default(),
            effective_on: declaration
                .effective_on
                .map_or_else(String::new, |day| day.to_string()),
            until: declaration.until,
            mode: v.t(terms.mode().zh(), terms.mode().en()),
            sentence: v.t(&terms.sentence(), &terms.sentence_en()).to_owned(),
            start: v.text(&words::yuan(terms.due_at_start())).to_owned(),
            explanation: declaration.explanation.clone(),
            warnings: blocks.map(|block| v.t(block.zh(), block.en())).collect(),
            asks: asks.collect(),
            years,
            costs: costs(services, v, declaration, years),
            href: format!("/v1/declarations/{}", declaration.id),
            take: is_taker.then(|| format!("/patents/{}/notice", declaration.number)),
            ask: is_taker.then(|| format!("/desk/enquiries/new?declaration={}", declaration.id)),
            know_how: declaration
                .know_how
                .as_ref()
                .map(|annex| words::know_how(v, annex)),
            mediators: words::entries(v, mediators),
        })
    }
}

const fn parameter(base: RoyaltyBase) -> &'static str {
    match base {
        RoyaltyBase::NetSales => "sales",
        RoyaltyBase::Profit => "profit",
    }
}

/// A figure of the address in 万元, as fen.
fn figure(v: &Visitor, base: RoyaltyBase) -> Option<Fen> {
    let text = v.address.first(parameter(base));
    let ten_thousands: i64 = text
        .trim()
        .parse()
        .ok()
        .filter(|n| (0..=100_000_000).contains(n))?;
    Some(Fen::yuan(ten_thousands * 10_000))
}

fn costs(services: &Services, v: &Visitor, declaration: &Declaration, years: u32) -> Option<Costs> {
    let query = QuoteQuery {
        terms: declaration.terms.clone(),
        months: years * 12,
        from: None,
        net_sales_fen_per_year: figure(v, RoyaltyBase::NetSales),
        profit_fen_per_year: figure(v, RoyaltyBase::Profit),
    };
    let quoted = terms::quote(services, &Actor::anonymous(), query).ok()?;
    let dues = quoted.quote.dues.iter().take(12).map(|due| {
        let what = match due.due.what {
            DueKind::Fixed { .. } => v.t("固定费用", "fixed fee"),
            DueKind::Royalty { .. } => v.t("提成", "royalty"),
        };
        let amount = v.text(&words::yuan(due.amount_fen)).to_owned();
        (format!("{} {what}", due.due.due_on), amount)
    });
    let mut dues: Vec<(String, String)> = dues.collect();
    let more = quoted.quote.dues.len().saturating_sub(dues.len());
    if more > 0 {
        let more = grouped(u64::try_from(more).unwrap_or(0));
        dues.push((
            v.t("其后", "then").to_owned(),
            format!("{more} {}", v.t("笔", "more")),
        ));
    }
    Some(Costs {
        total: v.text(&words::yuan(quoted.quote.total_fen)).to_owned(),
        dues,
    })
}
