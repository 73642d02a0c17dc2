//! /v1/patents/{number}/price-basis: what there is to set a fee by, each thing with where it comes from.

use axum::{
    Json,
    extract::{Path, State as Extract},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::{
    State,
    extract::{Params, Who},
    problem::Refusal,
};
use crate::{
    domain::{
        codes::AppNo,
        money::Fen,
        price::{Comparable, Estimate, FEWEST, Inputs, Likeness, Spread},
        reference::IndustryFee,
        time::Day,
    },
    ops::{
        Fault,
        patents::parse_number,
        prices::{self, Given, PriceBasis},
    },
};

/// The basis of a price; never a price by itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceBasisOut {
    #[schema(value_type = String)]
    pub number: AppNo,
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub main_class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    /// Licences here that are like it, the closest likeness first. Nothing of fewer patents than `fewest`.
    pub comparables: Vec<ComparableLicences>,
    /// Of fewer patents with licences nothing is said.
    pub fewest: usize,
    /// Lines of the loaded industry table, the closest level and the latest year first.
    pub industry_fees: Vec<IndustryFee>,
    /// Where the industry table comes from; absent where none is loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry_source: Option<String>,
    /// Where all its inputs were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<PriceEstimate>,
    /// 固定费用一般不高于
    pub fixed_cap_fen: Fen,
    pub net_sales_cap_bp: u32,
    pub profit_cap_bp: u32,
}

/// What comparable licences cost: medians and middle halves, rounded to two digits.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparableLicences {
    pub likeness: Likeness,
    /// The class or division that they share.
    #[schema(example = "A01K")]
    pub key: String,
    /// Patents with licences in effect.
    pub patents: usize,
    /// All fixed money of a licence over its length, in fen, of those that cost any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_fen: Option<Spread>,
    /// 净销售额提成, basis points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_sales_bp: Option<Spread>,
    /// 利润额提成, basis points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profit_bp: Option<Spread>,
}

/// 年净销售额 × 提成率 × 年数 × 折扣, with its inputs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceEstimate {
    pub net_sales_fen_per_year: Fen,
    pub rate_bp: u32,
    pub years: u32,
    /// What is left after the discount, basis points.
    pub kept_bp: u32,
    pub lump_fen: Fen,
    /// Cut to the usual limit of fixed fees.
    pub capped: bool,
}

impl From<Comparable> for ComparableLicences {
    fn from(found: Comparable) -> Self {
        Self {
            likeness: found.likeness,
            key: found.key,
            patents: found.patents,
            fixed_fen: found.fixed_fen,
            net_sales_bp: found.net_sales_bp,
            profit_bp: found.profit_bp,
        }
    }
}

fn estimate((inputs, estimate): (Inputs, Estimate)) -> PriceEstimate {
    PriceEstimate {
        net_sales_fen_per_year: inputs.net_sales_fen_per_year,
        rate_bp: inputs.rate_bp,
        years: inputs.years,
        kept_bp: inputs.kept_bp,
        lump_fen: estimate.lump_fen,
        capped: estimate.capped,
    }
}

impl From<PriceBasis> for PriceBasisOut {
    fn from(basis: PriceBasis) -> Self {
        Self {
            number: basis.number,
            as_of: basis.as_of,
            main_class: basis.main_class,
            industry: basis.industry,
            comparables: basis.comparables.into_iter().map(Into::into).collect(),
            fewest: FEWEST,
            industry_fees: basis.industry_fees,
            industry_source: basis.industry_source,
            estimate: basis.estimate.map(estimate),
            fixed_cap_fen: basis.caps.fixed_fen,
            net_sales_cap_bp: basis.caps.net_sales_bp,
            profit_cap_bp: basis.caps.profit_bp,
        }
    }
}

/// What there is to set a patent's fee by: comparable licences here, the loaded industry table, and an estimate from your own
/// figures.
///
/// Comparable licences are those in effect of the same IPC class or industry; of fewer than five patents nothing is said,
/// and no figure is a single licence's. An estimate needs all four inputs and is shown with them.
#[utoipa::path(get, path = "/v1/patents/{number}/price-basis", operation_id = "getPriceBasis", tag = "terms",
    params(("number" = String, Path),
        ("netSalesFenPerYear" = Option<i64>, Query, description = "Net sales that a licensee is expected to make in a year"),
        ("rateBp" = Option<i64>, Query, description = "Share of them, basis points"),
        ("years" = Option<i64>, Query),
        ("keptBp" = Option<i64>, Query, description = "What is left after the discount for uncertainty, basis points")),
    responses((status = 200, body = PriceBasisOut)))]
pub async fn basis(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(number): Path<String>,
    mut params: Params,
) -> Result<Response, Refusal> {
    let given = Given {
        net_sales_fen_per_year: whole(&mut params, "netSalesFenPerYear")?,
        rate_bp: whole(&mut params, "rateBp")?,
        years: whole(&mut params, "years")?,
        kept_bp: whole(&mut params, "keptBp")?,
    };
    params.finish()?;
    let number = parse_number(&number)?;
    let basis = prices::basis(&state.services, &actor, &number, given).await?;
    Ok(Json(PriceBasisOut::from(basis)).into_response())
}

fn whole(params: &mut Params, name: &'static str) -> Result<Option<i64>, Refusal> {
    let Some(text) = params.take(name)? else {
        return Ok(None);
    };
    let wrong = || {
        crate::ops::Error::Parameters(vec![Fault::new(
            format!("?{name}"),
            "parameterInvalid",
            "应为整数。",
            "Must be a whole number.",
        )])
    };
    Ok(Some(text.parse().map_err(|_| wrong())?))
}
