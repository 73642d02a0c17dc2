//! /v1/coverage, figures alone, for everyone; /v1/due-lists, what a holder has to register, for itself and the office.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::{Path, State as Extract},
    http::Uri,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    State,
    body::Body,
    changed,
    extract::{NoParams, Params, Who},
    page::{Page, Place, linked},
    problem::Refusal,
    upload::upload,
};
use crate::{
    domain::{
        due::{DueBasis, DueClass, DueCounts, DueList, share_bp},
        id::Id,
        patent::LegalStatus,
        reference::Names,
        time::Day,
    },
    ops::{
        Error, Fault,
        coverage::{self, HolderCoverage},
        due::{self, DueLine, NewDueCount, NewDueList, Standing},
        reference,
    },
};

/// Registered over due of one holder.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoverageOut {
    pub organisation: Id,
    pub name: String,
    pub district: String,
    /// What the district is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district_name: Option<String>,
    /// 已登记
    pub registered: i64,
    /// 应盘点
    pub due: i64,
    /// Registered over due in basis points, rounded down; absent where nothing is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_bp: Option<i64>,
    /// The day of which the list or the count tells.
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    pub source: String,
    pub basis: DueBasis,
    /// Said by the office rather than by the holder.
    pub by_office: bool,
    pub fictional: bool,
}

impl CoverageOut {
    fn of(holder: HolderCoverage, names: &Names) -> Self {
        Self {
            district_name: names.region(&holder.district).map(|e| e.zh.clone()),
            share_bp: holder.share_bp(),
            organisation: holder.organisation,
            name: holder.name,
            district: holder.district,
            registered: holder.registered,
            due: holder.due,
            as_of: holder.as_of,
            source: holder.source,
            basis: holder.basis,
            by_office: holder.by_office,
            fictional: holder.fictional,
        }
    }
}

/// The holders that have said what is due, and their sum; of a holder no more than is due counts in it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoverageList {
    pub registered: i64,
    pub due: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_bp: Option<i64>,
    pub items: Vec<CoverageOut>,
    pub total: usize,
}

/// How much of what is due each holder has registered, in figures.
#[utoipa::path(get, path = "/v1/coverage", operation_id = "getCoverage", tag = "coverage",
    params(("district" = Option<String>, Query, description = "GB/T 2260, six digits: of that district's holders")),
    responses((status = 200, body = CoverageList)))]
pub async fn coverage(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
) -> Result<Response, Refusal> {
    let district = params.take("district")?;
    params.finish()?;
    let found = coverage::coverage(&state.services, &actor, district.as_deref()).await?;
    let names = reference::names(&state.services).await;
    let out = CoverageList {
        registered: found.registered,
        due: found.due,
        share_bp: found.share_bp(),
        total: found.holders.len(),
        items: found
            .holders
            .into_iter()
            .map(|holder| CoverageOut::of(holder, &names))
            .collect(),
    };
    Ok(Json(out).into_response())
}

/// What a holder has to register, and what became of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DueListOut {
    #[serde(flatten)]
    pub list: DueList,
    /// How many are in each class.
    pub counts: DueCounts,
    /// Registered, missing and claimed together; the count that was stated, where one was.
    pub due: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_bp: Option<i64>,
    /// From 1; every new list is a new version.
    pub version: i64,
}

impl From<Standing> for DueListOut {
    fn from(standing: Standing) -> Self {
        let coverage = standing.coverage();
        let due = coverage.due();
        Self {
            counts: coverage.counts,
            due,
            share_bp: share_bp(coverage.counts.registered, due),
            version: standing.record.version,
            list: coverage.list,
        }
    }
}

/// Read what a holder has to register, and how much of it is.
#[utoipa::path(get, path = "/v1/due-lists/{organisation}", operation_id = "getDueList", tag = "coverage",
    security(("apiKey" = [])),
    params(("organisation" = String, Path, description = "Id or USCC")),
    responses((status = 200, body = DueListOut)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(organisation): Path<String>,
) -> Result<Response, Refusal> {
    let found = due::find(&state.services, &actor, &organisation).await?;
    let found = found.ok_or(Error::NotFound("dueList"))?;
    // No 304: the figures move with the stock, not with the list.
    Ok(changed(found.record.version, DueListOut::from(found)))
}

/// Put a list of the patents that a holder has to register in the place of the one before.
///
/// Any file that an import reads: CSV (UTF-8, GBK), XLSX or JSON lines with a column of application numbers. Only the
/// numbers are taken, and the legal status and use where the file says them; nothing is registered by it. The same
/// file with the same day and source changes nothing.
#[utoipa::path(put, path = "/v1/due-lists/{organisation}", operation_id = "putDueList", tag = "coverage",
    security(("apiKey" = [])),
    params(("organisation" = String, Path, description = "Id or USCC"),
        ("asOf" = String, Query, format = "date", description = "The day of which the list tells"),
        ("source" = Option<String>, Query, description = "Where it comes from; shown to the public beside the figures"),
        ("fileName" = Option<String>, Query)),
    request_body(content = String, content_type = "application/octet-stream", description = "The list"),
    responses((status = 200, body = DueListOut)))]
pub async fn put(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(organisation): Path<String>,
    mut params: Params,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let as_of = params.day("asOf")?;
    let source = params.take("source")?;
    let file_name = params.take("fileName")?;
    params.finish()?;
    let as_of = as_of.ok_or_else(|| {
        Error::from(Fault::new(
            "?asOf",
            "dayRequired",
            "请注明清单的日期（asOf=2026-06-30）。",
            "Say of which day the list tells (asOf=2026-06-30).",
        ))
    })?;
    let new = NewDueList {
        as_of,
        source,
        file_name: file_name.map(|name| name.chars().take(200).collect()),
    };
    let put = due::put(&state.services, &actor, &organisation, new, upload(body)).await?;
    Ok(changed(put.record.version, DueListOut::from(put)))
}

/// A count without numbers.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCount {
    #[schema(example = 1200)]
    pub count: i64,
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    /// Where it comes from; shown to the public beside the figures.
    #[schema(example = "威海市盘活专项行动台账")]
    pub source: String,
}

/// State how many patents a holder has to register, in the place of its list.
#[utoipa::path(put, path = "/v1/due-lists/{organisation}/count", operation_id = "stateDueCount", tag = "coverage",
    security(("apiKey" = [])),
    params(("organisation" = String, Path, description = "Id or USCC")),
    request_body = NewCount, responses((status = 200, body = DueListOut)))]
pub async fn state(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(organisation): Path<String>,
    Body(new, _): Body<NewCount>,
) -> Result<Response, Refusal> {
    let new = NewDueCount {
        count: new.count,
        as_of: new.as_of,
        source: new.source,
    };
    let stated = due::state(&state.services, &actor, &organisation, new).await?;
    Ok(changed(stated.record.version, DueListOut::from(stated)))
}

/// A number of a list, with what is known of its patent here.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DueNumberOut {
    #[schema(example = "2024800123450")]
    pub number: String,
    pub zl: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_status: Option<LegalStatus>,
}

impl From<DueLine> for DueNumberOut {
    fn from(line: DueLine) -> Self {
        Self {
            zl: line.number.zl(),
            number: line.number.to_string(),
            legal_status: line.patent.as_ref().map(|p| p.legal_status),
            title: line.patent.map(|p| p.title),
        }
    }
}

/// List the numbers of a class: what is missing, what is registered, what was told apart.
#[utoipa::path(get, path = "/v1/due-lists/{organisation}/numbers", operation_id = "listDueNumbers", tag = "coverage",
    security(("apiKey" = [])),
    params(("organisation" = String, Path, description = "Id or USCC"),
        ("class" = Option<DueClass>, Query, description = "`missing` by default"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<DueNumberOut>)))]
pub async fn numbers(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(organisation): Path<String>,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let words = DueClass::ALL.map(DueClass::as_str);
    let class = params.word("class", DueClass::parse, &words)?;
    let class = class.unwrap_or(DueClass::Missing);
    let list = format!("dueNumbers {organisation} {}", class.as_str());
    let place = Place::take(&mut params, &list)?;
    params.finish()?;
    let (services, after) = (&state.services, place.after.as_deref());
    let found = due::find(services, &actor, &organisation).await?;
    let standing = found.ok_or(Error::NotFound("dueList"))?;
    let limit = place.limit + 1;
    let lines = due::numbers_of(services, &actor, &organisation, class, after, limit).await?;
    let items = lines.into_iter().map(DueNumberOut::from).collect();
    let total = standing.coverage().listed(class);
    let page = place.page(items, total, |line: &DueNumberOut| line.number.clone());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}
