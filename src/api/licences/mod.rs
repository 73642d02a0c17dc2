//! /v1/licences: notice, delivery, payment, the patentee's word, filing; and what was taken elsewhere.

mod bodies;

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

pub use bodies::{
    LicenceRecord, NewAnnulment, NewAnswer, NewDelivery, NewEvidence, NewFiling, NewFilingRecord,
    NewIndividual, NewLicence, NewLicensee, NewPayment, ProofKind, RecordedPayment,
};

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
        licence::{EvidenceKind, Filing, Licence, LicenceState},
        money::Fen,
        time::Day,
    },
    ops::{
        Error, Stored, asked,
        idempotency::Key,
        licences::{self, NewNotice, Proof, Taker},
    },
};

/// A licence, its version for `If-Match`, and what follows from it today.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LicenceOut {
    #[serde(flatten)]
    pub licence: Licence,
    pub version: i64,
    #[schema(example = "ZL201910699568.X")]
    pub zl: String,
    /// What must be paid before it takes effect.
    pub due_at_start_fen: Fen,
    /// What is wanting before it is counted.
    pub missing_evidence: Vec<EvidenceKind>,
    pub disputed: bool,
    pub filing_overdue: bool,
}

fn out(stored: Stored<Licence>, today: Day) -> LicenceOut {
    let licence = stored.value;
    LicenceOut {
        version: stored.version,
        zl: licence.number.zl(),
        due_at_start_fen: licence.terms.due_at_start(),
        missing_evidence: licence.missing_evidence(),
        disputed: licence.is_disputed(),
        filing_overdue: licence.filing_overdue_on(today),
        licence,
    }
}

/// List the licences you may see: those in effect, and those to which your organisation is a side.
#[utoipa::path(get, path = "/v1/licences", operation_id = "listLicences", tag = "licences",
    params(
        ("declaration" = Option<Id>, Query), ("number" = Option<String>, Query, description = "Application number"),
        ("holder" = Option<String>, Query, description = "Id or USCC"),
        ("licensee" = Option<String>, Query, description = "Id or USCC"),
        ("party" = Option<String>, Query, description = "Holder or licensee, by id or USCC"),
        ("state" = Option<LicenceState>, Query),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<LicenceOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let (sides, filter) = asked::licences(&mut params)?;
    let label = format!("licences {sides:?} {filter:?} {:?}", actor.sight());
    let place = Place::take(&mut params, &label)?;
    params.finish()?;
    let (items, total) = licences::list(
        &state.services,
        &actor,
        &sides,
        filter,
        place.after.as_deref(),
        place.limit + 1,
    )
    .await?;
    let today = state.services.clock.today();
    let items = items.into_iter().map(|record| out(record, today)).collect();
    let page = place.page(items, total, |l: &LicenceOut| l.licence.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one licence.
#[utoipa::path(get, path = "/v1/licences/{licence}", operation_id = "getLicence", tag = "licences",
    params(("licence" = Id, Path)),
    responses((status = 200, body = LicenceOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = licences::get(&state.services, &actor, &parse(&id)?).await?;
    let today = state.services.clock.today();
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(out(found, today)).into_response()
    }))
}

/// Take a licence: give written notice on an announced declaration, at the announced price.
///
/// The notice's text is written, stamped and hashed; it is in `evidence`. The licence takes effect on the later of
/// the day on which the notice reaches the patentee and the day on which what is due at the start is paid. Blocks
/// that do not end the right must be acknowledged by their codes.
#[utoipa::path(post, path = "/v1/licences", operation_id = "createLicence", tag = "licences",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewLicence, responses((status = 201, body = LicenceOut)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewLicence>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createLicence", &bytes));
    let notice = NewNotice {
        declaration: new.declaration,
        licensee: new.licensee.map(Taker::from),
        acknowledged: new.acknowledged,
        cross_border: new.cross_border,
        related: new.related,
        seen: None,
    };
    let created = licences::create(&state.services, &actor, key.as_ref(), notice).await?;
    Ok(noted(&state, created.record))
}

/// Record a licence that was taken elsewhere, with its days and its evidence.
#[utoipa::path(post, path = "/v1/licences/records", operation_id = "recordLicence", tag = "licences",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = LicenceRecord, responses((status = 201, body = LicenceOut)))]
pub async fn record(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<LicenceRecord>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "recordLicence", &bytes));
    let created = licences::record(&state.services, &actor, key.as_ref(), new.into()).await?;
    Ok(noted(&state, created.record))
}

/// Record a payment, proved by the payer's voucher or the patentee's receipt.
#[utoipa::path(post, path = "/v1/licences/{licence}/payments", operation_id = "addPayment", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewPayment, responses((status = 201, body = LicenceOut)))]
pub async fn pay(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, bytes): Body<NewPayment>,
) -> Result<Response, Refusal> {
    let id = parse(&id)?;
    let asked = [id.to_string().as_bytes(), &bytes].concat();
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "addPayment", &asked));
    let payment = licences::NewPayment {
        amount_fen: new.amount_fen,
        paid_on: new.paid_on,
        proof: match new.proof {
            ProofKind::Voucher => Proof::Voucher,
            ProofKind::Receipt => Proof::Receipt,
        },
        file: new.file,
    };
    let paid = licences::pay(&state.services, &actor, key.as_ref(), &id, payment).await?;
    Ok(noted(&state, paid.record))
}

/// Record that the letter has reached a patentee who has no account here.
#[utoipa::path(put, path = "/v1/licences/{licence}/delivery", operation_id = "deliverNotice", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewDelivery, responses((status = 200, body = LicenceOut)))]
pub async fn deliver(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewDelivery>,
) -> Result<Response, Refusal> {
    let (id, expected) = (parse(&id)?, if_match(&headers)?);
    let licence =
        licences::deliver(&state.services, &actor, &id, expected, new.on, &new.file).await?;
    Ok(altered(&state, licence))
}

/// Confirm or dispute, as the patentee. Silence changes nothing, and neither does a dispute: it is shown apart.
#[utoipa::path(put, path = "/v1/licences/{licence}/answer", operation_id = "answerLicence", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewAnswer, responses((status = 200, body = LicenceOut)))]
pub async fn answer(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewAnswer>,
) -> Result<Response, Refusal> {
    let (id, expected) = (parse(&id)?, if_match(&headers)?);
    let statement = new.statement.as_deref();
    let licence = licences::answer(
        &state.services,
        &actor,
        &id,
        expected,
        new.verdict,
        statement,
    )
    .await?;
    Ok(altered(&state, licence))
}

/// Record the filing (备案) with the patent office; either side may.
#[utoipa::path(put, path = "/v1/licences/{licence}/filing", operation_id = "fileLicence", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewFiling, responses((status = 200, body = LicenceOut)))]
pub async fn file(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewFiling>,
) -> Result<Response, Refusal> {
    let (id, expected) = (parse(&id)?, if_match(&headers)?);
    let filing = Filing {
        number: new.number,
        on: new.on,
    };
    let licence = licences::file(
        &state.services,
        &actor,
        &id,
        expected,
        &filing,
        new.file.as_ref(),
    )
    .await?;
    Ok(altered(&state, licence))
}

/// Strike a record that was entered by mistake; its history stays.
#[utoipa::path(put, path = "/v1/licences/{licence}/annulment", operation_id = "annulLicence", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewAnnulment, responses((status = 200, body = LicenceOut)))]
pub async fn annul(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewAnnulment>,
) -> Result<Response, Refusal> {
    let (id, expected) = (parse(&id)?, if_match(&headers)?);
    let licence = licences::annul(&state.services, &actor, &id, expected, &new.reason).await?;
    Ok(altered(&state, licence))
}

fn parse(id: &str) -> Result<Id, Error> {
    Id::parse(id).ok_or(Error::NotFound("licence"))
}

fn noted(state: &State, record: Stored<Licence>) -> Response {
    let out = out(record, state.services.clock.today());
    made(
        &format!("/v1/licences/{}", out.licence.id),
        out.version,
        out,
    )
}

fn altered(state: &State, record: Stored<Licence>) -> Response {
    let out = out(record, state.services.clock.today());
    changed(out.version, out)
}
