//! /v1/enquiries: questions to patentees before a notice. Never a condition: a licence is had without one.

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
    domain::{enquiry::Enquiry, id::Id, time::Day},
    ops::{
        Error,
        enquiries::{self, EnquiryFilter, Shown},
        idempotency::Key,
    },
};

/// An enquiry, its version for `If-Match`, and whether its answer is late today.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnquiryOut {
    #[serde(flatten)]
    pub enquiry: Enquiry,
    pub version: i64,
    #[schema(example = "ZL201910699568.X")]
    pub zl: String,
    pub holder_name: String,
    pub asker_name: String,
    pub open: bool,
    pub overdue: bool,
}

fn out(shown: Shown, today: Day) -> EnquiryOut {
    let enquiry = shown.record.value;
    EnquiryOut {
        version: shown.record.version,
        zl: enquiry.number.zl(),
        holder_name: shown.holder_name,
        asker_name: shown.asker_name,
        open: enquiry.is_open(),
        overdue: enquiry.is_overdue_on(today),
        enquiry,
    }
}

/// A question.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewEnquiry {
    /// Under which a licence can be taken today.
    pub declaration: Id,
    /// By id or USCC; your own party when absent.
    pub asker: Option<String>,
    #[schema(example = "装置适用的网箱最大直径是多少？")]
    pub question: String,
}

/// The patentee's answer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEnquiryAnswer {
    pub answer: String,
}

/// List the enquiries you have made or received (an officer: everyone's), the latest first.
#[utoipa::path(get, path = "/v1/enquiries", operation_id = "listEnquiries", tag = "enquiries",
    security(("apiKey" = [])),
    params(
        ("open" = Option<bool>, Query, description = "true: without an answer"),
        ("overdue" = Option<bool>, Query, description = "true: without an answer, and its day is over"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<EnquiryOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let asked = EnquiryFilter {
        open: params.word("open", flag, &["true", "false"])?,
        overdue: params
            .word("overdue", flag, &["true", "false"])?
            .unwrap_or(false),
    };
    let place = Place::take(
        &mut params,
        &format!("enquiries {asked:?} {:?}", actor.sight()),
    )?;
    params.finish()?;
    let before = place.after.as_deref();
    let (items, total) =
        enquiries::list(&state.services, &actor, asked, before, place.limit + 1).await?;
    let today = state.services.clock.today();
    let items = items.into_iter().map(|shown| out(shown, today)).collect();
    let page = place.page(items, total, |e: &EnquiryOut| e.enquiry.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one enquiry.
#[utoipa::path(get, path = "/v1/enquiries/{enquiry}", operation_id = "getEnquiry", tag = "enquiries",
    security(("apiKey" = [])),
    params(("enquiry" = Id, Path)),
    responses((status = 200, body = EnquiryOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = enquiries::get(&state.services, &actor, &parse(&id)?).await?;
    let today = state.services.clock.today();
    Ok(if_none_match(&headers, &etag(found.record.version), || {
        Json(out(found, today)).into_response()
    }))
}

/// Ask the patentee of an announced declaration. An answer is due within the operator's working days; a notice needs
/// neither.
#[utoipa::path(post, path = "/v1/enquiries", operation_id = "createEnquiry", tag = "enquiries",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewEnquiry, responses((status = 201, body = EnquiryOut)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewEnquiry>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createEnquiry", &bytes));
    let new = enquiries::NewEnquiry {
        declaration: new.declaration,
        asker: new.asker,
        question: new.question,
    };
    let created = enquiries::create(&state.services, &actor, key.as_ref(), new).await?;
    let out = out(created.record, state.services.clock.today());
    let location = format!("/v1/enquiries/{}", out.enquiry.id);
    Ok(made(&location, out.version, out))
}

/// Answer an enquiry, as the patentee.
#[utoipa::path(put, path = "/v1/enquiries/{enquiry}/answer", operation_id = "answerEnquiry", tag = "enquiries",
    security(("apiKey" = [])),
    params(("enquiry" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewEnquiryAnswer, responses((status = 200, body = EnquiryOut)))]
pub async fn answer(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewEnquiryAnswer>,
) -> Result<Response, Refusal> {
    let (id, expected) = (parse(&id)?, if_match(&headers)?);
    let shown = enquiries::answer(&state.services, &actor, &id, expected, &new.answer).await?;
    let out = out(shown, state.services.clock.today());
    Ok(changed(out.version, out))
}

fn flag(text: &str) -> Option<bool> {
    text.parse().ok()
}

fn parse(id: &str) -> Result<Id, Error> {
    Id::parse(id).ok_or(Error::NotFound("enquiry"))
}
