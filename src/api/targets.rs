//! /v1/targets: what the district wants to reach, as data.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    State,
    body::Body,
    changed, etag,
    extract::{NoParams, Who, idempotency_key, if_match},
    if_none_match, made,
    problem::Refusal,
};
use crate::{
    domain::{
        id::Id,
        indicator::{Metric, Side, Target},
        time::Day,
    },
    ops::{
        Error, Stored,
        idempotency::Key,
        targets::{self, Written},
    },
};

/// A target and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetOut {
    #[serde(flatten)]
    pub target: Target,
    pub version: i64,
}

impl From<Stored<Target>> for TargetOut {
    fn from(stored: Stored<Target>) -> Self {
        Self {
            target: stored.value,
            version: stored.version,
        }
    }
}

/// A target, whole.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTarget {
    pub name: String,
    pub metric: Metric,
    pub value: i64,
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    #[schema(value_type = String, format = "date")]
    pub to: Day,
    #[schema(example = "371002")]
    pub district: String,
    pub side: Side,
    /// 责任单位
    #[serde(default)]
    pub responsible: Vec<String>,
}

impl From<NewTarget> for Written {
    fn from(new: NewTarget) -> Self {
        Self {
            name: new.name,
            metric: new.metric,
            value: new.value,
            from: new.from,
            to: new.to,
            district: new.district,
            side: new.side,
            responsible: new.responsible,
        }
    }
}

/// All targets.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TargetList {
    pub items: Vec<TargetOut>,
    pub total: usize,
}

/// List the targets, the oldest first; the first is the one that is counted when none is named.
#[utoipa::path(get, path = "/v1/targets", operation_id = "listTargets", tag = "progress",
    responses((status = 200, body = TargetList)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
) -> Result<Response, Refusal> {
    let items: Vec<TargetOut> = targets::list(&state.services, &actor)
        .await?
        .into_iter()
        .map(TargetOut::from)
        .collect();
    let total = items.len();
    Ok(Json(TargetList { items, total }).into_response())
}

/// Read one target.
#[utoipa::path(get, path = "/v1/targets/{target}", operation_id = "getTarget", tag = "progress",
    params(("target" = Id, Path)),
    responses((status = 200, body = TargetOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("target"))?;
    let found = targets::get(&state.services, &actor, &id).await?;
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(TargetOut::from(found)).into_response()
    }))
}

/// Set a further target.
#[utoipa::path(post, path = "/v1/targets", operation_id = "createTarget", tag = "progress",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewTarget, responses((status = 201, body = TargetOut)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewTarget>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createTarget", &bytes));
    let created = targets::create(&state.services, &actor, key.as_ref(), new.into()).await?;
    let out = TargetOut::from(created.record);
    let location = format!("/v1/targets/{}", out.target.id);
    Ok(made(&location, out.version, out))
}

/// Change a target; what was counted before by its old definition can be asked for with `knownAt`.
#[utoipa::path(put, path = "/v1/targets/{target}", operation_id = "updateTarget", tag = "progress",
    security(("apiKey" = [])),
    params(("target" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewTarget, responses((status = 200, body = TargetOut)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewTarget>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("target"))?;
    let expected = if_match(&headers)?;
    let out =
        TargetOut::from(targets::update(&state.services, &actor, &id, expected, new.into()).await?);
    Ok(changed(out.version, out))
}
