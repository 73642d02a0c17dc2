//! /v1/holdings: who holds which patent as stock, and what has become of it.

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
    extract::{NoParams, Params, Who, if_match},
    if_none_match,
    page::{Page, Place, linked},
    problem::{Problem, Refusal},
};
use crate::{
    domain::{
        holding::{Conversion, Holding, HoldingState},
        id::Id,
    },
    ops::{Error, Stored, asked, holdings},
};

/// A holding and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HoldingOut {
    #[serde(flatten)]
    pub holding: Holding,
    pub version: i64,
}

impl From<Stored<Holding>> for HoldingOut {
    fn from(stored: Stored<Holding>) -> Self {
        Self {
            holding: stored.value,
            version: stored.version,
        }
    }
}

/// What the holder edits; absent fields stay, `"unit": null` empties the unit.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldingPatch {
    pub conversion: Option<Conversion>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub unit: Option<Option<String>>,
    pub published: Option<bool>,
}

#[expect(
    clippy::option_option,
    reason = "absent, null and a value are three things here"
)]
fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(value).map(Some)
}

/// An officer's finding.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Confirmation {
    /// `true`: a document proves the ownership; `false`: takes an earlier confirmation by document back.
    pub confirmed: bool,
}

/// List the holdings you may see: the published ones, and your own organisation's.
#[utoipa::path(get, path = "/v1/holdings", operation_id = "listHoldings", tag = "holdings",
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC"),
        ("state" = Option<HoldingState>, Query),
        ("conversion" = Option<Conversion>, Query),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<HoldingOut>), (status = 400, body = Problem)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let (organisation, filter) = asked::holdings(&mut params)?;
    let place = Place::take(
        &mut params,
        &format!("holdings {organisation:?} {filter:?} {:?}", actor.sight()),
    )?;
    params.finish()?;
    let reference = organisation.as_deref();
    let (items, total) = holdings::list(
        &state.services,
        &actor,
        reference,
        filter,
        place.after.as_deref(),
        place.limit + 1,
    )
    .await?;
    let items = items.into_iter().map(HoldingOut::from).collect();
    let page = place.page(items, total, |h| h.holding.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one holding.
#[utoipa::path(get, path = "/v1/holdings/{holding}", operation_id = "getHolding", tag = "holdings",
    params(("holding" = Id, Path)),
    responses((status = 200, body = HoldingOut), (status = 304, description = "Unchanged"), (status = 404, body = Problem), (status = 400, body = Problem)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("holding"))?;
    let found = holdings::get(&state.services, &actor, &id).await?;
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(HoldingOut::from(found)).into_response()
    }))
}

/// Edit your own holding: conversion status, unit, visibility.
#[utoipa::path(patch, path = "/v1/holdings/{holding}", operation_id = "updateHolding", tag = "holdings",
    security(("apiKey" = [])),
    params(("holding" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = HoldingPatch,
    responses((status = 200, body = HoldingOut), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem), (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(patch, _): Body<HoldingPatch>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("holding"))?;
    let expected = if_match(&headers)?;
    let patch = holdings::HoldingPatch {
        conversion: patch.conversion,
        unit: patch.unit,
        published: patch.published,
    };
    let out =
        HoldingOut::from(holdings::update(&state.services, &actor, &id, expected, patch).await?);
    Ok(changed(out.version, out))
}

/// Confirm a holding from a document, or take such a confirmation back.
#[utoipa::path(put, path = "/v1/holdings/{holding}/confirmation", operation_id = "confirmHolding", tag = "holdings",
    security(("apiKey" = [])),
    params(("holding" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = Confirmation,
    responses((status = 200, body = HoldingOut), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem), (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub async fn confirm(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(finding, _): Body<Confirmation>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("holding"))?;
    let expected = if_match(&headers)?;
    let out = HoldingOut::from(
        holdings::confirm(&state.services, &actor, &id, expected, finding.confirmed).await?,
    );
    Ok(changed(out.version, out))
}
