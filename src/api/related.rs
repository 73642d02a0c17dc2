//! /v1/patents/{number}/…: the patents that are like one, and those that belong to it.

use axum::{
    Json,
    extract::{Path, State as Extract},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::{
    State,
    extract::{NoParams, Params, Who},
    problem::{Problem, Refusal},
};
use crate::{
    domain::{
        codes::AppNo,
        family::Relation,
        patent::{LegalStatus, PatentKind},
        search::Hit,
        time::Day,
    },
    ops::patents,
};

/// Patents like one.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SimilarOut {
    pub items: Vec<Hit>,
}

/// Find patents like this one, best first.
#[utoipa::path(get, path = "/v1/patents/{number}/similar", operation_id = "similarPatents", tag = "patents",
    params(("number" = String, Path, description = "Application number in any notation"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 50, description = "10 by default")),
    responses((status = 200, body = SimilarOut), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 503, body = Problem)))]
pub async fn similar(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(number): Path<String>,
    mut params: Params,
) -> Result<Response, Refusal> {
    let limit = params.number("limit", 1..=50)?.unwrap_or(10);
    params.finish()?;
    let number = patents::parse_number(&number)?;
    let items = patents::similar(&state.services, &actor, &number, limit).await?;
    Ok(Json(SimilarOut { items }).into_response())
}

/// A patent that belongs to another.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RelativeOut {
    pub relation: Relation,
    /// Both filing days are known and equal; otherwise only title, parties and year agree.
    pub certain: bool,
    pub number: AppNo,
    pub zl: String,
    pub kind: PatentKind,
    pub title: String,
    pub legal_status: LegalStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub filing_date: Option<Day>,
}

/// Patents that belong together.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FamilyOut {
    pub items: Vec<RelativeOut>,
}

/// Find the twin and the divisionals of a patent.
///
/// The same invention filed as invention and as utility model (专利法第九条), and applications divided from one
/// another, told by parties, days, kinds and words. In number order.
#[utoipa::path(get, path = "/v1/patents/{number}/family", operation_id = "listPatentFamily", tag = "patents",
    params(("number" = String, Path, description = "Application number in any notation")),
    responses((status = 200, body = FamilyOut), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 503, body = Problem)))]
pub async fn family(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(number): Path<String>,
) -> Result<Response, Refusal> {
    let number = patents::parse_number(&number)?;
    let found = patents::family(&state.services, &actor, &number).await?;
    let items = found.into_iter().map(|(kinship, patent)| RelativeOut {
        relation: kinship.relation,
        certain: kinship.certain,
        zl: patent.number.zl(),
        number: patent.number,
        kind: patent.kind,
        title: patent.title,
        legal_status: patent.legal_status,
        filing_date: patent.filing_date,
    });
    Ok(Json(FamilyOut {
        items: items.collect(),
    })
    .into_response())
}
