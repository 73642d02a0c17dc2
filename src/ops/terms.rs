//! Fee terms tried out: what a licence on these terms would cost, and what a text of terms says. Reads nothing and keeps nothing; terms that
//! are not sound are refused with the place of every fault.

use super::{Error, Fault, Result, Services};
use crate::domain::{
    access::{self, Actor, Operation},
    money::Fen,
    terms::{OverCap, Quote, Reading, RoyaltyBase, Terms, TermsFault, Turnover},
    time::Day,
};

/// The largest yearly figure that is taken: 10 万亿元.
pub const MAX_TURNOVER_FEN: Fen = Fen::yuan(10_000_000_000_000);
/// The longest licence that is quoted, months: the longest term of a patent (专利法第四十二条).
pub const MAX_MONTHS: u32 = 240;

/// The earliest day of Chinese patents, and a day beyond any patent of today.
const DAYS: (Day, Day) = (
    jiff::civil::date(1985, 4, 1),
    jiff::civil::date(2100, 12, 31),
);

/// What somebody would know.
#[derive(Clone, Debug)]
pub struct QuoteQuery {
    pub terms: Terms,
    pub months: u32,
    /// The licence's effective day; today when none is given.
    pub from: Option<Day>,
    pub net_sales_fen_per_year: Option<Fen>,
    pub profit_fen_per_year: Option<Fen>,
}

/// What the licence would cost.
#[derive(Clone, Debug)]
pub struct Quoted {
    pub terms: Terms,
    pub from: Day,
    /// The licence's last day.
    pub until: Day,
    pub quote: Quote,
    /// The usual limits that the terms exceed in this licence.
    pub over_caps: Vec<OverCap>,
}

/// Lays the terms over a licence of so many months and prices every due.
pub fn quote(services: &Services, actor: &Actor, query: QuoteQuery) -> Result<Quoted> {
    access::check(actor, Operation::QuoteTerms, None)?;
    let mut wrong = query
        .terms
        .check()
        .err()
        .map_or_else(Vec::new, |found| faults("/terms", found));
    let from = query.from.unwrap_or_else(|| services.clock.today());
    let until = last_day(from, query.months, &mut wrong);
    let turnover = Turnover {
        net_sales_fen_per_year: figure(&query, RoyaltyBase::NetSales, &mut wrong),
        profit_fen_per_year: figure(&query, RoyaltyBase::Profit, &mut wrong),
    };
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    Ok(Quoted {
        quote: query.terms.quote(from, until, &turnover),
        over_caps: query.terms.over_caps((from, until), &services.rules.caps),
        terms: query.terms,
        from,
        until,
    })
}

/// The terms that a text says, or what of it is in doubt; nothing is guessed and nothing kept.
pub fn parse(actor: &Actor, text: &str) -> Result<Reading> {
    access::check(actor, Operation::ParseTerms, None)?;
    Ok(Terms::read(text))
}

/// The faults of terms that stand at this JSON pointer of a body.
pub fn faults(at: &str, found: Vec<TermsFault>) -> Vec<Fault> {
    let faults = found.into_iter().map(|fault| Fault::from(fault).within(at));
    faults.collect()
}

fn last_day(from: Day, months: u32, wrong: &mut Vec<Fault>) -> Day {
    if !(DAYS.0..=DAYS.1).contains(&from) {
        wrong.push(Fault::new(
            "/from",
            "dayOutOfRange",
            format!("许可生效日应在 {} 到 {} 之间。", DAYS.0, DAYS.1),
            format!("The effective day must be from {} to {}.", DAYS.0, DAYS.1),
        ));
    }
    if !(1..=MAX_MONTHS).contains(&months) {
        wrong.push(Fault::new(
            "/months",
            "monthsOutOfRange",
            format!("许可月数应为 1 到 {MAX_MONTHS} 之间的整数。"),
            format!("A licence lasts a whole number of months from 1 to {MAX_MONTHS}."),
        ));
    }
    let span = jiff::Span::new().try_months(months);
    let next = span.map_or(Day::MAX, |span| from.saturating_add(span));
    next.yesterday().unwrap_or(from)
}

/// The expected yearly figure; one that the terms need and nobody gave is a fault.
fn figure(query: &QuoteQuery, base: RoyaltyBase, wrong: &mut Vec<Fault>) -> Fen {
    let (pointer, given) = match base {
        RoyaltyBase::NetSales => ("/netSalesFenPerYear", query.net_sales_fen_per_year),
        RoyaltyBase::Profit => ("/profitFenPerYear", query.profit_fen_per_year),
    };
    let (zh, en) = (base.zh(), base.en());
    match given {
        Some(fen) if !(Fen::ZERO..=MAX_TURNOVER_FEN).contains(&fen) => wrong.push(Fault::new(
            pointer,
            "amountOutOfRange",
            format!("年{zh}应为 0 到 {MAX_TURNOVER_FEN} 元，以分为单位填写整数；亏损请填 0。"),
            format!("The yearly {en} must be from 0 to {MAX_TURNOVER_FEN} yuan, in whole fen; write a loss as 0."),
        )),
        None if query.terms.royalty_bases().contains(&base) => wrong.push(Fault::new(
            pointer,
            "turnoverMissing",
            format!("这些条款按{zh}提成，请填写预计每年实施本专利所得的{zh}（单位：分），才能试算。"),
            format!("These terms take a share of {en}: give the yearly {en} expected from the patent, in fen."),
        )),
        _ => {}
    }
    given.unwrap_or_default()
}
