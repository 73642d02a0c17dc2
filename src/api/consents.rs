//! /v1/consents: consents of co-owners and pledgees, asked for by the declarer and answered by an account of whoever is
//! asked. A consent by document stands among the declaration's content, or on the pledge.

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
        consent::{ConsentRequest, ConsentState},
        id::Id,
    },
    ops::{
        Error,
        consents::{self, ConsentFilter, Shown},
        idempotency::Key,
    },
};

/// A consent that was asked for, the names of both sides, and the version for `If-Match`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsentOut {
    #[serde(flatten)]
    pub consent: ConsentRequest,
    pub version: i64,
    /// 发明名称
    pub title: String,
    pub declarer_name: String,
    pub party_name: String,
    /// 支付方式、标准 to which it consents.
    pub sentence: String,
}

fn out(shown: Shown) -> ConsentOut {
    ConsentOut {
        version: shown.record.version,
        sentence: shown.record.value.terms.sentence(),
        consent: shown.record.value,
        title: shown.title,
        declarer_name: shown.declarer_name,
        party_name: shown.party_name,
    }
}

/// Who is asked to consent to which draft.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsentRequest {
    /// The draft.
    pub declaration: Id,
    /// Id or USCC of the co-owner or pledgee.
    pub party: String,
}

/// Ask a co-owner or a pledgee that is registered here to consent to a draft as it stands now.
///
/// Whatever the draft says later is not consented to: after a change of fee or period it is asked anew. An open request to
/// the same terms is returned as it is.
#[utoipa::path(post, path = "/v1/consents", operation_id = "askConsent", tag = "declarations",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewConsentRequest,
    responses((status = 201, body = ConsentOut)))]
pub async fn ask(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewConsentRequest>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "askConsent", &bytes));
    let services = &state.services;
    let asked = consents::ask(services, &actor, key.as_ref(), &new.declaration, &new.party).await?;
    let out = out(asked.record);
    let location = format!("/v1/consents/{}", out.consent.id);
    Ok(made(&location, out.version, out))
}

/// List consents that you asked for or are asked, the latest first; all of them for an officer.
#[utoipa::path(get, path = "/v1/consents", operation_id = "listConsents", tag = "declarations",
    security(("apiKey" = [])),
    params(
        ("declaration" = Option<Id>, Query, description = "Of one declaration"),
        ("state" = Option<ConsentState>, Query),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<ConsentOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let declaration = params.take("declaration")?;
    let filter = ConsentFilter {
        declaration: match declaration {
            Some(text) => Some(Id::parse(&text).ok_or(Error::NotFound("declaration"))?),
            None => None,
        },
        state: params.word(
            "state",
            ConsentState::parse,
            &ConsentState::ALL.map(ConsentState::as_str),
        )?,
        party: None,
    };
    let asked = format!("consents {filter:?} {:?}", actor.sight());
    let place = Place::take(&mut params, &asked)?;
    params.finish()?;
    let after = place.after.as_deref();
    let (items, total) =
        consents::list(&state.services, &actor, &filter, after, place.limit + 1).await?;
    let items = items.into_iter().map(out).collect();
    let page = place.page(items, total, |one: &ConsentOut| one.consent.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one request for consent, as either side of it.
#[utoipa::path(get, path = "/v1/consents/{consent}", operation_id = "getConsent", tag = "declarations",
    security(("apiKey" = [])), params(("consent" = Id, Path)),
    responses((status = 200, body = ConsentOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = consents::get(&state.services, &actor, &consent_at(&id)?).await?;
    Ok(if_none_match(&headers, &etag(found.record.version), || {
        Json(out(found)).into_response()
    }))
}

/// The answer of whoever is asked.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsentAnswer {
    /// It consents.
    pub given: bool,
    pub note: Option<String>,
}

/// Answer a request for consent, for the organisation that is asked. What is given becomes a letter (同意书) among the papers
/// of the draft or of the pledge.
#[utoipa::path(post, path = "/v1/consents/{consent}/answer", operation_id = "answerConsent", tag = "declarations",
    security(("apiKey" = [])),
    params(("consent" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewConsentAnswer, responses((status = 200, body = ConsentOut)))]
pub async fn answer(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewConsentAnswer>,
) -> Result<Response, Refusal> {
    let (id, expected) = (consent_at(&id)?, if_match(&headers)?);
    let (services, note) = (&state.services, new.note.as_deref());
    let found = consents::answer(services, &actor, &id, expected, new.given, note).await?;
    let out = out(found);
    Ok(changed(out.version, out))
}

fn consent_at(text: &str) -> Result<Id, Error> {
    Id::parse(text).ok_or(Error::NotFound("consent"))
}
