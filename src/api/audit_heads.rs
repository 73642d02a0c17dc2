//! /v1/audit/heads: the head of the chain of each day, for everybody.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};

use super::{
    State, etag,
    extract::{NoParams, Params, Who},
    if_none_match,
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{audit_head::AuditHead, time::Day},
    ops::{Error, audit_heads},
};

/// List the heads of the audit chain, one a day, the latest first.
///
/// Each names a change by number and hash, and so vouches for that change and all before it. Keep them: `kaixu verify --heads`
/// holds them against a database, `kaixu verify --dump FILE --heads` against a dump. They are in the feed too.
#[utoipa::path(get, path = "/v1/audit/heads", operation_id = "listAuditHeads", tag = "audit",
    params(
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<AuditHead>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let place = Place::take(&mut params, "audit heads")?;
    params.finish()?;
    let before = place.after.as_deref();
    let (items, total) =
        audit_heads::list(&state.services, &actor, before, place.limit + 1).await?;
    let items = items.into_iter().map(|record| record.value).collect();
    let page = place.page(items, total, |head: &AuditHead| head.day.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read the head of the audit chain of a day.
#[utoipa::path(get, path = "/v1/audit/heads/{day}", operation_id = "getAuditHead", tag = "audit",
    params(("day" = String, Path, format = "date")),
    responses((status = 200, body = AuditHead), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(day): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let day: Day = day.parse().map_err(|_| Error::NotFound("auditHead"))?;
    let found = audit_heads::get(&state.services, &actor, day).await?;
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(found.value).into_response()
    }))
}
