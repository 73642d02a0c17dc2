//! /v1/audit: who did what, when, from where, and how it ended; for officers.

use axum::{extract::State as Extract, http::Uri, response::Response};
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
        Error, asked,
        audit::{self, Entry},
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
    let asked = asked::audit(&mut params)?;
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
