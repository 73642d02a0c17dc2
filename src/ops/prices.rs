//! The basis of a price at the moment of pricing: comparable licences of the register, the industry table that the operator
//! has loaded, and an estimate from figures of whoever asks. Everything is shown with where it comes from, and where there is
//! too little nothing is shown.

use super::{Error, Fault, Result, Services};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        event::Sight,
        id::Id,
        licence::LicenceState,
        money::Fen,
        patent::Patent,
        price::{Comparable, Estimate, Inputs, Priced, comparables},
        reference::{IndustryFee, Kind, Line},
        terms::Caps,
        time::Day,
    },
    store::{
        Tx, declarations,
        licences::{self, Filter},
        patents, reference,
    },
};

/// Licences that are looked at, the latest first; more would say no more of a price.
const LOOKED_AT: usize = 5_000;
const PAGE: i64 = 500;
/// The largest yearly figure that is taken: 10 万亿元.
const MAX_SALES_FEN: Fen = Fen::yuan(10_000_000_000_000);

/// What somebody gives for an estimate; all of it, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    pub net_sales_fen_per_year: Option<i64>,
    pub rate_bp: Option<i64>,
    pub years: Option<i64>,
    pub kept_bp: Option<i64>,
}

/// The basis of a price.
#[derive(Clone, Debug)]
pub struct PriceBasis {
    pub number: AppNo,
    pub as_of: Day,
    pub main_class: Option<String>,
    pub industry: Option<String>,
    /// The closest first; empty where there are too few.
    pub comparables: Vec<Comparable>,
    /// Lines of the loaded table for the patent's industry, the closest and latest first.
    pub industry_fees: Vec<IndustryFee>,
    /// Of the loaded table; none where none is loaded.
    pub industry_source: Option<String>,
    pub estimate: Option<(Inputs, Estimate)>,
    pub caps: Caps,
}

/// What there is to set a price by.
pub async fn basis(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    given: Given,
) -> Result<PriceBasis> {
    access::check(actor, Operation::GetPriceBasis, None)?;
    let inputs = inputs(given)?;
    let caps = services.rules.caps;
    let mut tx = services.read().await?;
    let patent = patents::find(&mut tx, number)
        .await?
        .ok_or(Error::NotFound("patent"))?
        .value;
    let main_class = patent.ipc.first().map(|ipc| ipc.as_str().to_owned());
    let industry = patent.industries.first().cloned();
    let priced = priced(&mut tx).await?;
    let (industry_fees, industry_source) = fees(&mut tx, &patent).await?;
    Ok(PriceBasis {
        number: number.clone(),
        as_of: services.clock.today(),
        comparables: comparables(&priced, main_class.as_deref(), industry.as_deref()),
        main_class,
        industry,
        industry_fees,
        industry_source,
        estimate: inputs.map(|inputs| (inputs, inputs.estimate(&caps))),
        caps,
    })
}

/// The inputs of an estimate: each within its bounds, and all of them where there is one.
fn inputs(given: Given) -> Result<Option<Inputs>> {
    if given == Given::default() {
        return Ok(None);
    }
    let mut faults = Vec::new();
    let mut taken = |name: &'static str, value: Option<i64>, most: i64| {
        let value = value.unwrap_or(0);
        if !(1..=most).contains(&value) {
            faults.push(Fault::new(
                name,
                "estimateInput",
                format!("估算需要这一项，应为 1 到 {most} 的整数。"),
                format!("An estimate needs this, a whole number from 1 to {most}."),
            ));
        }
        value
    };
    let sales = taken(
        "?netSalesFenPerYear",
        given.net_sales_fen_per_year,
        MAX_SALES_FEN.0,
    );
    let rate = taken("?rateBp", given.rate_bp, 10_000);
    let years = taken("?years", given.years, 20);
    let kept = taken("?keptBp", given.kept_bp, 10_000);
    if !faults.is_empty() {
        return Err(Error::Parameters(faults));
    }
    let small = |value: i64| u32::try_from(value).unwrap_or(0);
    Ok(Some(Inputs {
        net_sales_fen_per_year: Fen(sales),
        rate_bp: small(rate),
        years: small(years),
        kept_bp: small(kept),
    }))
}

/// Licences in effect that everybody may see, with what their declarations say of class and industry.
async fn priced(tx: &mut Tx) -> Result<Vec<Priced>> {
    let filter = Filter {
        state: Some(LicenceState::Effective),
        ..Filter::default()
    };
    let mut all = Vec::new();
    let mut before: Option<String> = None;
    while all.len() < LOOKED_AT {
        let page =
            licences::page_latest(tx, &Sight::Public, &filter, before.as_deref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.value.id.to_string());
        let mut ids: Vec<Id> = page.iter().map(|l| l.value.declaration.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let declared = declarations::list_by_ids(tx, &ids).await?;
        for licence in page {
            let licence = licence.value;
            let of = declared.iter().find(|d| d.value.id == licence.declaration);
            let (Some(of), Some(from)) = (of, licence.effective_on) else {
                continue;
            };
            all.push(Priced {
                patent: licence.number.to_string(),
                main_class: of.value.main_class.clone(),
                industry: of.value.industry.clone(),
                days: (from, licence.until),
                terms: licence.terms,
            });
        }
    }
    Ok(all)
}

/// The table's lines of the patent's industry and the levels above it: the closest level, and of it the latest year first.
async fn fees(tx: &mut Tx, patent: &Patent) -> Result<(Vec<IndustryFee>, Option<String>)> {
    let kind = Kind::IndustryFees;
    let table = reference::load(tx, kind).await?.value;
    let Some((list, _)) = reference::place(tx, kind)
        .await?
        .filter(|_| !table.built_in)
    else {
        return Ok((Vec::new(), None));
    };
    let mut found = Vec::new();
    let mut levels: Vec<&str> = patent
        .industries
        .iter()
        .take(3)
        .flat_map(|code| crate::domain::codes::industry::levels(code))
        .collect();
    levels.sort_unstable_by_key(|code| std::cmp::Reverse(code.len()));
    levels.dedup();
    for code in levels {
        let lines = reference::page_lines(tx, kind, &list, code, ("", "", 0), 200).await?;
        let mut of_level: Vec<IndustryFee> = lines
            .into_iter()
            .filter_map(|line| match line {
                Line::Fee(fee) if fee.industry_code == code => Some(fee),
                _ => None,
            })
            .collect();
        of_level.sort_by_key(|fee| std::cmp::Reverse(fee.year));
        found.extend(of_level.into_iter().take(3));
    }
    Ok((found, Some(table.source)))
}
