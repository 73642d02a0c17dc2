//! /v1/audit: who did what, when, from where, and how it ended; for officers.

use axum::{
    body::Body as HttpBody,
    extract::State as Extract,
    http::{Uri, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;

use super::{
    State,
    extract::{Params, Who},
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::account::Outcome,
    ops::{
        Error,
        audit::{self, Asked, Entry, Format},
    },
};

/// One thing that happened.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditOut {
    #[schema(format = "date-time")]
    pub at: String,
    /// `account:ID`, `account:ID for ORGANISATION` (a delegate), `key:ID`, `cli`, `system` or `anonymous`.
    pub who: String,
    /// `signedIn`, `keyRefused`, `declaration.set` …
    pub what: String,
    #[schema(example = "accounts/01a21bd5-3673-700e-9f8b-c5964a6c7c62")]
    pub subject: String,
    /// The network address, where it is known.
    pub address: Option<String>,
    pub result: Outcome,
    /// Why it failed or was refused; `(+12)`: so many more of the kind within a minute were not written.
    pub reason: Option<String>,
    /// The number of a write's change row.
    pub seq: Option<i64>,
}

fn out(Entry { line, seq }: Entry) -> AuditOut {
    AuditOut {
        at: line.at.rfc3339(),
        who: line.actor,
        what: line.what,
        subject: line.subject,
        address: line.address,
        result: line.outcome,
        reason: line.reason,
        seq,
    }
}

fn asked(params: &mut Params) -> Result<Asked, Refusal> {
    let outcomes = Outcome::ALL.map(Outcome::as_str);
    Ok(Asked {
        who: params.take("who")?,
        what: params.take("what")?,
        subject: params.take("subject")?,
        outcome: params.word("result", Outcome::parse, &outcomes)?,
        from: params.day("from")?,
        until: params.day("until")?,
    })
}

/// List what happened, the latest first: sign-ins, refusals, accounts, keys, and every write to a record.
#[utoipa::path(get, path = "/v1/audit", operation_id = "listAudit", tag = "audit",
    security(("apiKey" = [])),
    params(
        ("who" = Option<String>, Query, description = "A login, the id of an account or a key, or the actor's text"),
        ("what" = Option<String>, Query, description = "What was done, exactly: signInFailed, refused, licence.set …"),
        ("subject" = Option<String>, Query, description = "To what, exactly: accounts/ID, licences/ID …"),
        ("result" = Option<Outcome>, Query),
        ("from" = Option<String>, Query, format = "date", description = "The first day"),
        ("until" = Option<String>, Query, format = "date", description = "The last day"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<AuditOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let asked = asked(&mut params)?;
    let place = Place::take(&mut params, &format!("audit {asked:?}"))?;
    params.finish()?;
    let from = match &place.after {
        Some(text) => audit::Place::parse(text).ok_or(Error::CursorInvalid)?,
        None => audit::Place::default(),
    };
    let found = audit::page(&state.services, &actor, &asked, &from, place.limit).await?;
    let next = found.next.map(|next| place.cursor(&next.as_text()));
    let page = Page {
        items: found.entries.into_iter().map(out).collect(),
        total: u64::try_from(found.total).unwrap_or(0),
        next,
    };
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Download what happened as one file, from one snapshot.
#[utoipa::path(get, path = "/v1/audit/export", operation_id = "exportAudit", tag = "audit",
    security(("apiKey" = [])),
    params(
        ("format" = Option<String>, Query, description = "ndjson (default) or csv"),
        ("who" = Option<String>, Query), ("what" = Option<String>, Query), ("subject" = Option<String>, Query),
        ("result" = Option<Outcome>, Query),
        ("from" = Option<String>, Query, format = "date"), ("until" = Option<String>, Query, format = "date"),
    ),
    responses((status = 200, description = "The file", content((String = "application/x-ndjson"), (String = "text/csv")))))]
pub async fn export(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
) -> Result<Response, Refusal> {
    let format = params.word("format", Format::parse, &["ndjson", "csv"])?;
    let format = format.unwrap_or(Format::Ndjson);
    let asked = asked(&mut params)?;
    params.finish()?;
    let (total, receiver) = audit::export(&state.services, &actor, &asked, format).await?;
    let body = HttpBody::from_stream(stream::unfold(receiver, |mut receiver| async move {
        let piece = receiver.recv().await?;
        Some((piece.map(Bytes::from), receiver))
    }));
    let disposition = format!("attachment; filename=\"audit.{}\"", format.extension());
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (
            header::HeaderName::from_static("x-total-count"),
            total.to_string(),
        ),
    ];
    Ok((headers, body).into_response())
}
