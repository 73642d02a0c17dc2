//! /v1/disputes: disputes over licences, from consultation to the office's mediation or a court.

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
        dispute::{Dispute, DisputeOutcome, DisputeStage},
        id::Id,
        time::Day,
    },
    ops::{
        Error, Stored,
        disputes::{self, DisputeFilter, NewEntry},
        idempotency::Key,
    },
};

/// A dispute and its version for `If-Match`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisputeOut {
    #[serde(flatten)]
    pub dispute: Dispute,
    pub version: i64,
    #[schema(example = "ZL201910699568.X")]
    pub zl: String,
    pub open: bool,
}

fn out(record: Stored<Dispute>) -> DisputeOut {
    DisputeOut {
        version: record.version,
        zl: record.value.number.zl(),
        open: record.value.is_open(),
        dispute: record.value,
    }
}

/// A dispute to be opened.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDispute {
    pub licence: Id,
    /// Where it stands; `consultation` as a rule.
    pub stage: DisputeStage,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    /// What it is about.
    pub text: String,
    pub file: Option<Id>,
}

/// A step of a dispute.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDisputeStep {
    pub stage: DisputeStage,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    pub text: String,
    pub file: Option<Id>,
    /// With the last step: how it ended.
    pub outcome: Option<DisputeOutcome>,
}

/// List the disputes to which you are a side (an officer: all), the latest first.
#[utoipa::path(get, path = "/v1/disputes", operation_id = "listDisputes", tag = "disputes",
    security(("apiKey" = [])),
    params(
        ("licence" = Option<Id>, Query),
        ("open" = Option<bool>, Query, description = "true: without an outcome"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<DisputeOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let asked = DisputeFilter {
        licence: params.word("licence", Id::parse, &["UUID"])?,
        open: params.word("open", flag, &["true", "false"])?,
    };
    let place = Place::take(
        &mut params,
        &format!("disputes {asked:?} {:?}", actor.sight()),
    )?;
    params.finish()?;
    let before = place.after.as_deref();
    let (items, total) =
        disputes::list(&state.services, &actor, asked, before, place.limit + 1).await?;
    let items = items.into_iter().map(out).collect();
    let page = place.page(items, total, |d: &DisputeOut| d.dispute.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one dispute.
#[utoipa::path(get, path = "/v1/disputes/{dispute}", operation_id = "getDispute", tag = "disputes",
    security(("apiKey" = [])),
    params(("dispute" = Id, Path)),
    responses((status = 200, body = DisputeOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = disputes::get(&state.services, &actor, &parse(&id)?).await?;
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(out(found)).into_response()
    }))
}

/// Open a dispute over a licence, as one of its sides or as the office. It changes nothing of the licence.
#[utoipa::path(post, path = "/v1/disputes", operation_id = "createDispute", tag = "disputes",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewDispute, responses((status = 201, body = DisputeOut)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewDispute>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createDispute", &bytes));
    let entry = NewEntry {
        stage: new.stage,
        on: new.on,
        text: new.text,
        file: new.file,
    };
    let created =
        disputes::create(&state.services, &actor, key.as_ref(), &new.licence, entry).await?;
    let out = out(created.record);
    let location = format!("/v1/disputes/{}", out.dispute.id);
    Ok(made(&location, out.version, out))
}

/// Add a step to a dispute, or its outcome. It goes on from consultation to mediation or a court, never back.
#[utoipa::path(post, path = "/v1/disputes/{dispute}/steps", operation_id = "stepDispute", tag = "disputes",
    security(("apiKey" = [])),
    params(("dispute" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewDisputeStep, responses((status = 200, body = DisputeOut)))]
pub async fn step(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewDisputeStep>,
) -> Result<Response, Refusal> {
    let (id, expected) = (parse(&id)?, if_match(&headers)?);
    let entry = NewEntry {
        stage: new.stage,
        on: new.on,
        text: new.text,
        file: new.file,
    };
    let record = disputes::step(&state.services, &actor, &id, expected, entry, new.outcome).await?;
    let out = out(record);
    Ok(changed(out.version, out))
}

fn flag(text: &str) -> Option<bool> {
    text.parse().ok()
}

fn parse(id: &str) -> Result<Id, Error> {
    Id::parse(id).ok_or(Error::NotFound("dispute"))
}
