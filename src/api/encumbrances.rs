//! /v1/encumbrances: pledges, preservations, suspensions and licences beside the open one.

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
    changed,
    declarations::number_at,
    etag,
    extract::{NoParams, Params, Who, idempotency_key, if_match},
    if_none_match, made,
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{
        encumbrance::{Encumbrance, EncumbranceKind},
        id::Id,
        time::Day,
    },
    ops::{Error, Stored, encumbrances, idempotency::Key, patents},
};

/// An encumbrance and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EncumbranceOut {
    #[serde(flatten)]
    pub encumbrance: Encumbrance,
    pub version: i64,
    pub active_today: bool,
}

fn out(stored: Stored<Encumbrance>, today: Day) -> EncumbranceOut {
    EncumbranceOut {
        active_today: stored.value.is_active_on(today),
        encumbrance: stored.value,
        version: stored.version,
    }
}

/// An encumbrance to be recorded.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewEncumbrance {
    /// 专利号 in any notation.
    #[schema(example = "ZL201910699568.X")]
    pub number: String,
    pub kind: EncumbranceKind,
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    /// Its last day, where one is known.
    #[schema(value_type = Option<String>, format = "date")]
    pub until: Option<Day>,
    /// Licensee, pledgee, court.
    pub party: Option<String>,
    /// 备案号、质押登记号; with it the entry is public.
    pub registration: Option<String>,
    /// 质权人同意, an uploaded file.
    pub consent: Option<Id>,
    /// The document it is recorded from, an uploaded file.
    pub source: Option<Id>,
}

/// What has become known since; absent fields stay.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EncumbrancePatch {
    #[schema(value_type = Option<String>, format = "date")]
    pub until: Option<Day>,
    /// The first day without it.
    #[schema(value_type = Option<String>, format = "date")]
    pub released_on: Option<Day>,
    pub registration: Option<String>,
    pub consent: Option<Id>,
    pub source: Option<Id>,
}

/// List the encumbrances you may see: those in the gazette, and those your organisation recorded.
#[utoipa::path(get, path = "/v1/encumbrances", operation_id = "listEncumbrances", tag = "encumbrances",
    params(
        ("number" = Option<String>, Query, description = "Application number in any notation"),
        ("kind" = Option<EncumbranceKind>, Query),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<EncumbranceOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let kinds = EncumbranceKind::ALL.map(EncumbranceKind::as_str);
    let filter = encumbrances::EncumbranceFilter {
        number: params
            .take("number")?
            .map(|text| patents::parse_number(&text))
            .transpose()?,
        kind: params.word("kind", EncumbranceKind::parse, &kinds)?,
    };
    let place = Place::take(
        &mut params,
        &format!("encumbrances {filter:?} {:?}", actor.sight()),
    )?;
    params.finish()?;
    let (items, total) = encumbrances::list(
        &state.services,
        &actor,
        &filter,
        place.after.as_deref(),
        place.limit + 1,
    )
    .await?;
    let today = state.services.clock.today();
    let items = items.into_iter().map(|record| out(record, today)).collect();
    let page = place.page(items, total, |e: &EncumbranceOut| {
        e.encumbrance.id.to_string()
    });
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one encumbrance.
#[utoipa::path(get, path = "/v1/encumbrances/{encumbrance}", operation_id = "getEncumbrance", tag = "encumbrances",
    params(("encumbrance" = Id, Path)),
    responses((status = 200, body = EncumbranceOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("encumbrance"))?;
    let found = encumbrances::get(&state.services, &actor, &id).await?;
    let today = state.services.clock.today();
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(out(found, today)).into_response()
    }))
}

/// Record an encumbrance. A negotiated ordinary licence is recorded here and never counted as an open one.
#[utoipa::path(post, path = "/v1/encumbrances", operation_id = "createEncumbrance", tag = "encumbrances",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewEncumbrance, responses((status = 201, body = EncumbranceOut)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewEncumbrance>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createEncumbrance", &bytes));
    let new = encumbrances::NewEncumbrance {
        number: number_at("/number", &new.number)?,
        kind: new.kind,
        from: new.from,
        until: new.until,
        party: new.party,
        registration: new.registration,
        consent: new.consent,
        source: new.source,
    };
    let created = encumbrances::create(&state.services, &actor, key.as_ref(), new).await?;
    let out = out(created.record, state.services.clock.today());
    let location = format!("/v1/encumbrances/{}", out.encumbrance.id);
    Ok(made(&location, out.version, out))
}

/// Add an end, a release, a registration or the pledgee's consent.
#[utoipa::path(patch, path = "/v1/encumbrances/{encumbrance}", operation_id = "updateEncumbrance", tag = "encumbrances",
    security(("apiKey" = [])),
    params(("encumbrance" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = EncumbrancePatch, responses((status = 200, body = EncumbranceOut)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(patch, _): Body<EncumbrancePatch>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("encumbrance"))?;
    let expected = if_match(&headers)?;
    let patch = encumbrances::EncumbrancePatch {
        party: None,
        until: patch.until,
        released_on: patch.released_on,
        registration: patch.registration,
        consent: patch.consent,
        source: patch.source,
    };
    let record = encumbrances::update(&state.services, &actor, &id, expected, patch).await?;
    let out = out(record, state.services.clock.today());
    Ok(changed(out.version, out))
}
