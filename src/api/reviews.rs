//! The review of stock records: a holder's rules under /v1/reviews, the steps of a record under /v1/inventory.

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
    inventory::{InventoryOut, record_at},
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{
        id::Id,
        review::{CourseEntry, RecordState, RecordStep, ReviewRules},
    },
    ops::reviews::{self, NewStep},
};

/// How a holder has its records reviewed, and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewRulesOut {
    #[serde(flatten)]
    pub rules: ReviewRules,
    pub version: i64,
}

/// A step of the review. A return needs a note: the reason.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewInventoryStep {
    pub step: RecordStep,
    /// At most 1000 characters; kept with who and when.
    pub note: Option<String>,
}

/// A step that was taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InventoryStepOut {
    pub id: Id,
    pub step: RecordStep,
    /// After the step.
    pub state: RecordState,
    /// Who, as the audit names it.
    #[schema(example = "account:…")]
    pub actor: String,
    /// The account's name then; absent for a key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// In Beijing time.
    #[schema(example = "2026-03-02 09:00")]
    pub at: String,
}

impl From<CourseEntry> for InventoryStepOut {
    fn from(entry: CourseEntry) -> Self {
        Self {
            id: entry.id,
            step: entry.step,
            state: entry.state,
            actor: entry.actor,
            name: entry.name,
            note: entry.note,
            at: entry.at.in_beijing(),
        }
    }
}

/// Read how an organisation has its stock records reviewed.
#[utoipa::path(get, path = "/v1/reviews/{organisation}", operation_id = "getReviewRules", tag = "inventory",
    security(("apiKey" = [])),
    params(("organisation" = String, Path, description = "Id or USCC")),
    responses((status = 200, body = ReviewRulesOut), (status = 304, description = "Unchanged")))]
pub async fn rules(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(organisation): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (_, found) = reviews::rules(&state.services, &actor, Some(&organisation)).await?;
    Ok(if_none_match(&headers, &etag(found.version), || {
        let out = ReviewRulesOut {
            rules: found.value,
            version: found.version,
        };
        Json(out).into_response()
    }))
}

/// Set how an organisation has its stock records reviewed.
///
/// With `publishAfterReview` a newly confirmed holding stays unpublished until its record is registered.
#[utoipa::path(put, path = "/v1/reviews/{organisation}", operation_id = "updateReviewRules", tag = "inventory",
    security(("apiKey" = [])),
    params(("organisation" = String, Path, description = "Id or USCC"),
        ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = ReviewRules, responses((status = 200, body = ReviewRulesOut)))]
pub async fn set_rules(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(organisation): Path<String>,
    headers: HeaderMap,
    Body(rules, _): Body<ReviewRules>,
) -> Result<Response, Refusal> {
    let expected = if_match(&headers)?;
    let named = Some(organisation.as_str());
    let stored = reviews::set_rules(&state.services, &actor, named, expected, rules).await?;
    let out = ReviewRulesOut {
        rules: stored.value,
        version: stored.version,
    };
    Ok(changed(out.version, out))
}

/// Submit a stock record, approve it for the unit, register it, or return it with a reason.
#[utoipa::path(post, path = "/v1/inventory/{record}/steps", operation_id = "stepInventory", tag = "inventory",
    security(("apiKey" = [])),
    params(("record" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewInventoryStep, responses((status = 200, body = InventoryOut)))]
pub async fn step(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewInventoryStep>,
) -> Result<Response, Refusal> {
    let (id, expected) = (record_at(&id)?, if_match(&headers)?);
    let new = NewStep {
        step: new.step,
        note: new.note,
    };
    let shown = reviews::step(&state.services, &actor, &id, expected, new).await?;
    let out = InventoryOut::from(shown);
    Ok(changed(out.version, out))
}

/// List the steps that a stock record has gone through, the first one first.
#[utoipa::path(get, path = "/v1/inventory/{record}/steps", operation_id = "listInventorySteps", tag = "inventory",
    security(("apiKey" = [])),
    params(
        ("record" = Id, Path),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<InventoryStepOut>)))]
pub async fn course(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<Response, Refusal> {
    let place = Place::take(&mut params, &format!("steps {id}"))?;
    params.finish()?;
    let id = record_at(&id)?;
    let after = place.after.as_deref().unwrap_or_default();
    let (items, total) =
        reviews::course(&state.services, &actor, &id, after, place.limit + 1).await?;
    let items = items.into_iter().map(InventoryStepOut::from).collect();
    let page = place.page(items, total, |step: &InventoryStepOut| step.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}
