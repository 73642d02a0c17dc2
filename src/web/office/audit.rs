//! `/office/audit`: who did what, when, from where and with what result; the latest first, filtered by one form, and as a
//! file.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::Officer;
use crate::{
    domain::account::Outcome,
    ops::{
        self,
        audit::{self, Asked, Entry, Place},
        out::List,
        params::Params,
    },
    web::{
        Web,
        address::Address,
        errors,
        nav::{Nav, Tab},
        out::Files,
        session::Member,
        visitor::Visitor,
    },
};

const HERE: &str = "/office/audit";
/// Entries a page.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "office_audit.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    who: String,
    what: String,
    subject: String,
    from: String,
    until: String,
    /// Value, label and whether it is chosen.
    results: Vec<(&'static str, &'static str, bool)>,
    total: i64,
    rows: Vec<Row>,
    files: Files,
    next: Option<String>,
}

struct Row {
    at: String,
    who: String,
    what: String,
    subject: String,
    trail: String,
    address: String,
    result: &'static str,
    reason: String,
}

fn asked(v: &Visitor) -> ops::Result<Asked> {
    let text = |name: &str| {
        let text = v.address.first(name).trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let mut days = Params::default();
    for name in ["from", "until"] {
        if let Some(day) = text(name) {
            days.put(name, day);
        }
    }
    Ok(Asked {
        who: text("who"),
        what: text("what"),
        subject: text("subject"),
        outcome: Outcome::parse(v.address.first("result")),
        from: days.day("from")?,
        until: days.day("until")?,
    })
}

/// `GET /office/audit`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    match build(&web, &officer.0, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let asked = asked(v)?;
    let place = Place::parse(v.address.first("after")).unwrap_or_default();
    let found = audit::page(&web.services, &member.actor, &asked, &place, SHOWN).await?;
    let first = |name: &str| v.address.first(name).to_owned();
    let chosen = v.address.first("result");
    let mut results = vec![("", v.t("全部结果", "Any result"), chosen.is_empty())];
    results.extend(Outcome::ALL.map(|o| (o.as_str(), v.t(o.zh(), o.en()), o.as_str() == chosen)));
    let here = v.address.without(&["after"]);
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Audit),
        who: first("who"),
        what: first("what"),
        subject: first("subject"),
        from: first("from"),
        until: first("until"),
        results,
        total: found.total,
        files: Files::of(List::Audit, &here),
        next: found
            .next
            .map(|next| here.set("after", &next.as_text()).at(HERE)),
        rows: found
            .entries
            .into_iter()
            .map(|entry| row(v, entry))
            .collect(),
    })
}

fn row(v: &Visitor, Entry { line, .. }: Entry) -> Row {
    Row {
        at: line.at.in_beijing(),
        who: line.actor,
        what: line.what,
        trail: Address::default()
            .set("subject", &line.subject)
            .at("/office/trail"),
        subject: line.subject,
        address: line.address.unwrap_or_default(),
        result: v.t(line.outcome.zh(), line.outcome.en()),
        reason: line.reason.unwrap_or_default(),
    }
}
