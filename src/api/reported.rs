//! /v1/reported: what the plan asks for beside the licences, as somebody reports it; counted nowhere.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    State,
    body::Body,
    changed, etag,
    extract::{NoParams, Params, Who, idempotency_key, if_match},
    if_none_match, made,
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{
        id::Id,
        reported::{Indicator, Reported},
        time::Day,
    },
    ops::{
        Error, Stored,
        idempotency::Key,
        reported::{self, Written},
    },
};

/// A reported figure and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportedOut {
    #[serde(flatten)]
    pub reported: Reported,
    pub version: i64,
}

impl From<Stored<Reported>> for ReportedOut {
    fn from(stored: Stored<Reported>) -> Self {
        Self {
            reported: stored.value,
            version: stored.version,
        }
    }
}

/// A reported figure, whole.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewReported {
    pub indicator: Indicator,
    #[schema(example = "371002")]
    pub district: String,
    /// The day of which it speaks.
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    /// In hundredths: 1,250 is 12.5.
    pub value_hundredths: i64,
    pub goal_hundredths: Option<i64>,
    /// 责任单位
    #[schema(example = "区市场监管局")]
    pub responsible: String,
    /// Who says so, and where.
    pub source: String,
    /// The document: a file uploaded before.
    pub file: Id,
}

impl From<NewReported> for Written {
    fn from(new: NewReported) -> Self {
        Self {
            indicator: new.indicator,
            district: new.district,
            on: new.on,
            value_hundredths: new.value_hundredths,
            goal_hundredths: new.goal_hundredths,
            responsible: new.responsible,
            source: new.source,
            file: new.file,
        }
    }
}

/// List reported figures, the latest entered first.
#[utoipa::path(get, path = "/v1/reported", operation_id = "listReported", tag = "progress",
    params(
        ("indicator" = Option<Indicator>, Query),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<ReportedOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let words = Indicator::ALL.map(Indicator::as_str);
    let indicator = params.word("indicator", Indicator::parse, &words)?;
    let place = Place::take(&mut params, &format!("reported {indicator:?}"))?;
    params.finish()?;
    let after = place.after.as_deref();
    let limit = place.limit + 1;
    let (items, total) = reported::list(&state.services, &actor, indicator, after, limit).await?;
    let items = items.into_iter().map(ReportedOut::from).collect();
    let page = place.page(items, total, |r: &ReportedOut| r.reported.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one reported figure.
#[utoipa::path(get, path = "/v1/reported/{reported}", operation_id = "getReported", tag = "progress",
    params(("reported" = Id, Path)),
    responses((status = 200, body = ReportedOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("reported"))?;
    let found = reported::get(&state.services, &actor, &id).await?;
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(ReportedOut::from(found)).into_response()
    }))
}

/// Enter a reported figure, with its source and document.
#[utoipa::path(post, path = "/v1/reported", operation_id = "createReported", tag = "progress",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewReported, responses((status = 201, body = ReportedOut)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewReported>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createReported", &bytes));
    let created = reported::create(&state.services, &actor, key.as_ref(), new.into()).await?;
    let out = ReportedOut::from(created.record);
    let location = format!("/v1/reported/{}", out.reported.id);
    Ok(made(&location, out.version, out))
}

/// Correct a reported figure.
#[utoipa::path(put, path = "/v1/reported/{reported}", operation_id = "updateReported", tag = "progress",
    security(("apiKey" = [])),
    params(("reported" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewReported, responses((status = 200, body = ReportedOut)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewReported>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("reported"))?;
    let expected = if_match(&headers)?;
    let stored = reported::update(&state.services, &actor, &id, expected, new.into()).await?;
    let out = ReportedOut::from(stored);
    Ok(changed(out.version, out))
}
