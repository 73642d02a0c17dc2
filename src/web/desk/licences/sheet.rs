//! `/desk/licences/{id}/notice`: the notice and the receipt as a sheet to print and sign. It repeats the record and names
//! the hash of the text that was sent; it is no official form.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use crate::{
    domain::{
        id::Id,
        licence::{EvidenceKind, Licence},
    },
    ops::{
        Error,
        dealings::{self, Dealing},
    },
    web::{Web, errors, session::Member, visitor::Visitor},
};

#[derive(Template)]
#[template(path = "desk_notice.html")]
struct Sheet<'a> {
    v: &'a Visitor,
    back: String,
    dealing: &'a Dealing,
    licence: &'a Licence,
    zl: String,
    sentence: String,
    given: String,
    notice_on: String,
    hash: Option<String>,
    /// Day, amount, amount in capitals.
    payments: Vec<(String, String, String)>,
    filing: Option<String>,
}

/// `GET /desk/licences/{id}/notice`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let found = async {
        let id = Id::parse(&id).ok_or(Error::NotFound("licence"))?;
        dealings::get(&web.services, &member.actor, &id).await
    };
    match found.await {
        Ok(dealing) => visitor.page(StatusCode::OK, &sheet(&visitor, &dealing)),
        Err(error) => errors::page(&visitor, &error),
    }
}

fn sheet<'a>(v: &'a Visitor, dealing: &'a Dealing) -> Sheet<'a> {
    let licence = &dealing.licence.value;
    let given = licence.given_at.as_deref().and_then(|at| at.parse().ok());
    let given = given.map(|at: jiff::Timestamp| {
        crate::domain::time::Instant::from_micros(at.as_microsecond()).in_beijing()
    });
    let notice = licence
        .evidence
        .iter()
        .find(|e| e.kind == EvidenceKind::Notice);
    let payments = licence.payments.iter().map(|payment| {
        let amount = payment.amount_fen;
        (
            payment.paid_on.to_string(),
            amount.to_string(),
            amount.capitals(),
        )
    });
    let day = licence.notice_on.map(|day| day.to_string());
    Sheet {
        v,
        back: format!("/desk/licences/{}", licence.id),
        dealing,
        licence,
        zl: licence.number.zl(),
        sentence: licence.terms.sentence(),
        given: given.unwrap_or_else(|| "—".to_owned()),
        notice_on: day.unwrap_or_else(|| "—".to_owned()),
        hash: notice.map(|evidence| evidence.file.sha256.clone()),
        payments: payments.collect(),
        filing: licence
            .filing
            .as_ref()
            .map(|f| format!("{}（{}）", f.number, f.on)),
    }
}
