//! /v1/needs: what enterprises look for.

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
    page::linked,
    problem::Refusal,
};
use crate::{
    domain::{
        codes::Ipc,
        id::Id,
        money::Fen,
        need::{Need, NeedState, NeedStep},
        reference::{Names, NeedNames},
        search::{Cursor, NeedHit},
        time::Day,
    },
    ops::{
        Error, asked,
        idempotency::Key,
        needs::{self, Content},
        reference,
    },
};

/// A need, the name it is shown with, and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NeedOut {
    #[serde(flatten)]
    pub need: Need,
    #[serde(flatten)]
    pub names: NeedNames,
    pub organisation_name: String,
    /// Open, and its last day is not over.
    pub open_today: bool,
    pub version: i64,
}

fn out(shown: needs::Shown, names: &Names, today: Day) -> NeedOut {
    NeedOut {
        names: names.of_need(&shown.record.value),
        open_today: shown.record.value.is_open_on(today),
        organisation_name: shown.organisation_name,
        version: shown.record.version,
        need: shown.record.value,
    }
}

/// A need to be posted: a draft until it is opened.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewNeed {
    /// By id or USCC; your own organisation when absent.
    pub organisation: Option<String>,
    #[schema(example = "深水网箱网衣水下清洗")]
    pub title: String,
    /// The problem and what is wanted, in your own words.
    pub text: String,
    /// 国民经济行业 (GB/T 4754): a section letter with up to four digits.
    #[schema(example = "A04")]
    pub industry: Option<String>,
    #[serde(default)]
    pub ipc: Vec<Ipc>,
    /// The fixed fee of a first year that you are ready to pay, in fen.
    #[schema(value_type = Option<i64>)]
    pub budget_fen: Option<Fen>,
    /// GB/T 2260, six digits; the organisation's district when absent.
    pub region: Option<String>,
    /// The last day on which it is open.
    #[schema(value_type = Option<String>, format = "date")]
    pub until: Option<Day>,
}

/// A need written anew: absent fields are empty afterwards, but the region, which stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NeedPatch {
    pub title: String,
    pub text: String,
    pub industry: Option<String>,
    #[serde(default)]
    pub ipc: Vec<Ipc>,
    #[schema(value_type = Option<i64>)]
    pub budget_fen: Option<Fen>,
    pub region: Option<String>,
    #[schema(value_type = Option<String>, format = "date")]
    pub until: Option<Day>,
}

/// What is to be done to it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewNeedStep {
    pub step: NeedStep,
}

/// A page of needs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NeedsOut {
    pub items: Vec<NeedHit>,
    /// How many there are in all, exactly.
    pub total: u64,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The change up to which the index answers; compare with the feed's `sequence`.
    pub applied_seq: i64,
}

/// Search the needs you may see: those that were opened, and your organisation's drafts.
///
/// Answered from the index. Without `q` the newest come first, with it the best; several values of one filter are
/// alternatives, the filters hold together.
#[utoipa::path(get, path = "/v1/needs", operation_id = "listNeeds", tag = "needs",
    params(
        ("q" = Option<String>, Query, description = "What to look for; at most 2000 characters are read"),
        ("industry" = Option<Vec<String>>, Query, description = "GB/T 4754 at any level: C, C35, C3511"),
        ("region" = Option<Vec<String>>, Query, description = "GB/T 2260 codes of 2, 4 or 6 digits"),
        ("organisation" = Option<Vec<Id>>, Query),
        ("state" = Option<Vec<NeedState>>, Query),
        ("open" = Option<bool>, Query, description = "true: only those that look for something today"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "20 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = NeedsOut)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let query = asked::need_query(&state.services, &actor, &mut params)?;
    params.finish()?;
    let found = needs::list(&state.services, &actor, query).await?;
    let out = NeedsOut {
        items: found.hits,
        total: found.total,
        next: found.next.map(|Cursor(text)| text),
        applied_seq: found.applied_seq,
    };
    Ok(linked(&uri, out.next.clone().as_deref(), out))
}

/// Read one need.
#[utoipa::path(get, path = "/v1/needs/{need}", operation_id = "getNeed", tag = "needs",
    params(("need" = Id, Path)),
    responses((status = 200, body = NeedOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = needs::get(&state.services, &actor, &need_at(&id)?).await?;
    let today = state.services.clock.today();
    let names = reference::names(&state.services).await;
    Ok(if_none_match(&headers, &etag(found.record.version), || {
        Json(out(found, &names, today)).into_response()
    }))
}

/// Post a need, as a draft of your organisation. It becomes public, with the organisation's name, when it is opened.
#[utoipa::path(post, path = "/v1/needs", operation_id = "createNeed", tag = "needs",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewNeed, responses((status = 201, body = NeedOut)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewNeed>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createNeed", &bytes));
    let new = needs::NewNeed {
        organisation: new.organisation,
        content: Content {
            title: new.title,
            text: new.text,
            industry: new.industry,
            ipc: new.ipc,
            budget_fen: new.budget_fen,
            region: new.region,
            until: new.until,
        },
    };
    let created = needs::create(&state.services, &actor, key.as_ref(), new).await?;
    let names = reference::names(&state.services).await;
    let out = out(created.record, &names, state.services.clock.today());
    let location = format!("/v1/needs/{}", out.need.id);
    Ok(made(&location, out.version, out))
}

/// Write a draft or an open need anew.
#[utoipa::path(patch, path = "/v1/needs/{need}", operation_id = "updateNeed", tag = "needs",
    security(("apiKey" = [])),
    params(("need" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NeedPatch, responses((status = 200, body = NeedOut)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(patch, _): Body<NeedPatch>,
) -> Result<Response, Refusal> {
    let (id, expected) = (need_at(&id)?, if_match(&headers)?);
    let content = Content {
        title: patch.title,
        text: patch.text,
        industry: patch.industry,
        ipc: patch.ipc,
        budget_fen: patch.budget_fen,
        region: patch.region,
        until: patch.until,
    };
    let record = needs::update(&state.services, &actor, &id, expected, content).await?;
    let names = reference::names(&state.services).await;
    let out = out(record, &names, state.services.clock.today());
    Ok(changed(out.version, out))
}

/// Open a need to the public, close it, or open it again.
#[utoipa::path(post, path = "/v1/needs/{need}/steps", operation_id = "stepNeed", tag = "needs",
    security(("apiKey" = [])),
    params(("need" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewNeedStep, responses((status = 200, body = NeedOut)))]
pub async fn step(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewNeedStep>,
) -> Result<Response, Refusal> {
    let (id, expected) = (need_at(&id)?, if_match(&headers)?);
    let record = needs::step(&state.services, &actor, &id, expected, new.step).await?;
    let names = reference::names(&state.services).await;
    let out = out(record, &names, state.services.clock.today());
    Ok(changed(out.version, out))
}

/// The id in an address.
pub(super) fn need_at(text: &str) -> Result<Id, Error> {
    Id::parse(text).ok_or(Error::NotFound("need"))
}
