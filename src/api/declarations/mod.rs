//! /v1/declarations: open-licence declarations from draft to end, and what was announced elsewhere.

mod bodies;

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

pub use bodies::{
    DeclarationContent, DeclarationRecord, Ended, EndedHow, NewApproval, NewConsent,
    NewDeclaration, NewEvaluation, NewInternal, NewPublicity, NewStep,
};

use super::{
    State,
    body::Body,
    changed, etag,
    extract::{NoParams, Params, Who, idempotency_key, if_match},
    if_none_match, lang_of, made,
    page::{Page, Place, linked},
    problem::{ProblemError, Refusal},
};
use crate::{
    domain::{
        declaration::{Declaration, DeclarationState, KnowHow},
        id::Id,
        money::Fen,
        party::Contact,
        terms::FeeMode,
        text::Lang,
        time::Day,
    },
    ops::{
        Error, Fault, asked, declarations,
        declarations::{NewDeclaration as New, Recorded, Shown},
        idempotency::Key,
        patents,
    },
};

/// A declaration, its version for `If-Match`, and what follows from it today.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationOut {
    #[serde(flatten)]
    pub declaration: Declaration,
    pub version: i64,
    /// As printed on a certificate.
    #[schema(example = "ZL201910699568.X")]
    pub zl: String,
    /// A licence can be taken today.
    pub offered_today: bool,
    pub fee_mode: FeeMode,
    /// What must be paid before a licence takes effect.
    pub due_at_start_fen: Fen,
    /// 支付方式、标准 as the declaration says it.
    pub sentence: String,
    /// 专利权人联系方式
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

fn out(shown: Shown, today: Day, lang: Lang) -> DeclarationOut {
    let declaration = shown.record.value;
    DeclarationOut {
        version: shown.record.version,
        zl: declaration.number.zl(),
        offered_today: declaration.is_offered_on(today),
        fee_mode: declaration.terms.mode(),
        due_at_start_fen: declaration.terms.due_at_start(),
        sentence: match lang {
            Lang::Zh => declaration.terms.sentence(),
            Lang::En => declaration.terms.sentence_en(),
        },
        contact: shown.contact,
        declaration,
    }
}

/// What stands in the way, as of a day; empty where nothing does.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GateOut {
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    pub clear: bool,
    /// Code, words, article and cure of each block.
    pub blocks: Vec<ProblemError>,
}

fn gate_out(verdict: &declarations::Verdict, lang: Lang) -> GateOut {
    GateOut {
        as_of: verdict.as_of,
        clear: verdict.findings.is_empty(),
        blocks: verdict
            .findings
            .iter()
            .map(|finding| ProblemError::of(&Fault::from(finding.refusal()), lang))
            .collect(),
    }
}

/// An application number inside a body.
pub(super) fn number_at(pointer: &str, text: &str) -> Result<crate::domain::codes::AppNo, Refusal> {
    patents::parse_number(text).map_err(|error| match error {
        Error::Number(why) => {
            let text = crate::ops::error::number(&why);
            Error::fault(pointer, "numberInvalid", text.zh, text.en).into()
        }
        other => other.into(),
    })
}

/// Ask the gate about a patent before drafting: every block of 实施细则第八十六条 and what is uncertain, each with its
/// article and cure.
#[utoipa::path(get, path = "/v1/patents/{number}/eligibility", operation_id = "getEligibility", tag = "declarations",
    security(("apiKey" = [])),
    params(("number" = String, Path, description = "Application number in any notation"),
        ("organisation" = Option<String>, Query, description = "Id or USCC of the declaring patentee; your own when absent"),
        ("declaration" = Option<String>, Query, description = "A declaration of this patent: also checks its papers")),
    responses((status = 200, body = GateOut)))]
pub async fn eligibility(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(number): Path<String>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let organisation = params.take("organisation")?;
    let declaration = params.take("declaration")?;
    params.finish()?;
    let number = patents::parse_number(&number)?;
    let verdict = match declaration {
        Some(id) => {
            let id = Id::parse(&id).ok_or(Error::NotFound("declaration"))?;
            declarations::gate(&state.services, &actor, &number, &id).await?
        }
        None => {
            declarations::eligibility(&state.services, &actor, organisation.as_deref(), &number)
                .await?
        }
    };
    Ok(Json(gate_out(&verdict, lang_of(&headers))).into_response())
}

/// List the declarations you may see: the announced ones, and your own organisation's.
#[utoipa::path(get, path = "/v1/declarations", operation_id = "listDeclarations", tag = "declarations",
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC"),
        ("number" = Option<String>, Query, description = "Application number in any notation"),
        ("state" = Option<DeclarationState>, Query),
        ("mustWithdraw" = Option<bool>, Query, description = "true: only those that must be withdrawn"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<DeclarationOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let (organisation, filter) = asked::declarations(&mut params)?;
    let label = format!(
        "declarations {organisation:?} {filter:?} {:?}",
        actor.sight()
    );
    let place = Place::take(&mut params, &label)?;
    params.finish()?;
    let (items, total) = declarations::list(
        &state.services,
        &actor,
        organisation.as_deref(),
        filter,
        place.after.as_deref(),
        place.limit + 1,
    )
    .await?;
    let (today, lang) = (state.services.clock.today(), lang_of(&headers));
    let shown = items.into_iter().map(|record| Shown {
        record,
        contact: None,
    });
    let items = shown.map(|shown| out(shown, today, lang)).collect();
    let page = place.page(items, total, |d: &DeclarationOut| {
        d.declaration.id.to_string()
    });
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one declaration with the patentee's contact.
#[utoipa::path(get, path = "/v1/declarations/{declaration}", operation_id = "getDeclaration", tag = "declarations",
    params(("declaration" = Id, Path)),
    responses((status = 200, body = DeclarationOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("declaration"))?;
    let shown = declarations::get(&state.services, &actor, &id).await?;
    let (today, lang) = (state.services.clock.today(), lang_of(&headers));
    Ok(if_none_match(&headers, &etag(shown.record.version), || {
        Json(out(shown, today, lang)).into_response()
    }))
}

/// Draft a declaration for a patent of yours.
#[utoipa::path(post, path = "/v1/declarations", operation_id = "createDeclaration", tag = "declarations",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewDeclaration, responses((status = 201, body = DeclarationOut)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(mut new, bytes): Body<NewDeclaration>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createDeclaration", &bytes));
    let asked = New {
        number: number_at("/number", &new.number)?,
        organisation: new.organisation.take(),
        written: new.written(),
    };
    let created = declarations::create(&state.services, &actor, key.as_ref(), asked).await?;
    Ok(created_out(&state, &headers, created.record))
}

/// Record a declaration that was announced elsewhere, in its real state, with the announcement as its source.
#[utoipa::path(post, path = "/v1/declarations/records", operation_id = "recordDeclaration", tag = "declarations",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = DeclarationRecord, responses((status = 201, body = DeclarationOut)))]
pub async fn record(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(mut new, bytes): Body<DeclarationRecord>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "recordDeclaration", &bytes));
    let recorded = Recorded {
        declaration_number: std::mem::take(&mut new.declaration_number),
        effective_on: new.effective_on,
        source: new.source.clone(),
        end: new
            .ended
            .take()
            .map(|end| (end.how.into(), end.announced_on)),
    };
    let asked = New {
        number: number_at("/number", &new.number)?,
        organisation: new.organisation.take(),
        written: new.written(),
    };
    let created =
        declarations::record(&state.services, &actor, key.as_ref(), asked, recorded).await?;
    Ok(created_out(&state, &headers, created.record))
}

fn created_out(state: &State, headers: &HeaderMap, shown: Shown) -> Response {
    let out = out(shown, state.services.clock.today(), lang_of(headers));
    let location = format!("/v1/declarations/{}", out.declaration.id);
    made(&location, out.version, out)
}

/// Rewrite a draft. Once readied it is fixed; another price is a withdrawal and a new declaration.
#[utoipa::path(put, path = "/v1/declarations/{declaration}", operation_id = "updateDeclaration", tag = "declarations",
    security(("apiKey" = [])),
    params(("declaration" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = DeclarationContent, responses((status = 200, body = DeclarationOut)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(mut content, _): Body<DeclarationContent>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("declaration"))?;
    let expected = if_match(&headers)?;
    let shown =
        declarations::edit(&state.services, &actor, &id, expected, content.written()).await?;
    Ok(changed_out(&state, &headers, shown))
}

/// Take a step: ready, reopen, submit, announce, refuse, requestWithdrawal, withdraw, terminate, revoke, annul.
///
/// Only the patent office announces and ends a declaration: those steps record what it has announced.
#[utoipa::path(post, path = "/v1/declarations/{declaration}/steps", operation_id = "stepDeclaration", tag = "declarations",
    security(("apiKey" = [])),
    params(("declaration" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewStep, responses((status = 200, body = DeclarationOut)))]
pub async fn step(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(step, _): Body<NewStep>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("declaration"))?;
    let expected = if_match(&headers)?;
    let shown = declarations::step(&state.services, &actor, &id, expected, step.into()).await?;
    Ok(changed_out(&state, &headers, shown))
}

/// Write the know-how annex of an offer: what help comes with a licence. It is no part of the statutory declaration;
/// a licence keeps what was offered when its notice was given.
#[utoipa::path(put, path = "/v1/declarations/{declaration}/know-how", operation_id = "putKnowHow", tag = "declarations",
    security(("apiKey" = [])),
    params(("declaration" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = KnowHow, responses((status = 200, body = DeclarationOut)))]
pub async fn put_know_how(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(know_how, _): Body<KnowHow>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("declaration"))?;
    let expected = if_match(&headers)?;
    let shown = declarations::annex(&state.services, &actor, &id, expected, know_how).await?;
    Ok(changed_out(&state, &headers, shown))
}

fn changed_out(state: &State, headers: &HeaderMap, shown: Shown) -> Response {
    let out = out(shown, state.services.clock.today(), lang_of(headers));
    changed(out.version, out)
}
