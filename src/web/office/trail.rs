//! `/office/trail`: everything that happened to a record, with who, when and the hash that proves it; as a page and as a
//! file for whoever audits.

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::Officer;
use crate::{
    ops::{
        self,
        history::{self, History},
    },
    web::{
        Web,
        address::Address,
        errors,
        nav::{Nav, Tab},
        session::Member,
        visitor::Visitor,
    },
};

const HERE: &str = "/office/trail";

#[derive(Template)]
#[template(path = "office_trail.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    asked: String,
    /// What the question means: subject and address.
    subjects: Vec<(String, String)>,
    subject: String,
    /// The record as it stands, as JSON.
    record: Option<String>,
    csv: String,
    events: Vec<Event>,
    earlier: Option<String>,
    is_unknown: bool,
}

/// One thing that happened.
struct Event {
    at: String,
    who: String,
    what: String,
    seq: String,
    version: String,
    audience: String,
    effective: String,
    hash: String,
    body: Option<String>,
}

/// `GET /office/trail`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    match build(&web, &officer.0, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let asked = v.address.first("subject").trim().to_owned();
    let subjects = history::subjects(&web.services, &member.actor, &asked).await?;
    let before = v.address.first("before").parse().ok();
    let subject = match subjects.as_slice() {
        [one] => one.clone(),
        _ => String::new(),
    };
    let found = match subject.as_str() {
        "" => History::default(),
        subject => history::of(&web.services, &member.actor, subject, before).await?,
    };
    let to = |subject: &str| Address::default().set("subject", subject).at(HERE);
    let last = found.rows.last().filter(|_| found.more);
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Trail),
        is_unknown: !asked.is_empty() && subjects.is_empty(),
        record: found.rows.first().map(|row| format!("/v1/{}", row.subject)),
        csv: Address::default()
            .set("subject", &subject)
            .at("/office/trail.csv"),
        earlier: last.map(|row| {
            let address = Address::default().set("subject", &subject);
            address.set("before", &row.seq.to_string()).at(HERE)
        }),
        events: events(&found),
        subjects: subjects
            .iter()
            .map(|subject| (subject.clone(), to(subject)))
            .collect(),
        subject,
        asked,
    })
}

fn events(found: &History) -> Vec<Event> {
    let who = |actor: &str| match found.names.get(actor) {
        Some(name) => format!("{name} ({actor})"),
        None => actor.to_owned(),
    };
    let rows = found.rows.iter().map(|row| Event {
        at: row.at.in_beijing(),
        who: who(&row.actor),
        what: row.kind.clone(),
        seq: row.seq.to_string(),
        version: row.subject_version.to_string(),
        audience: row.audience.clone(),
        effective: row
            .effective_on
            .map_or_else(String::new, |day| day.to_string()),
        hash: row.hash.clone(),
        body: row.body.clone(),
    });
    let lines = found.lines.iter().map(|line| Event {
        at: line.at.in_beijing(),
        who: who(&line.actor),
        what: line.what.clone(),
        seq: String::new(),
        version: String::new(),
        audience: String::new(),
        effective: String::new(),
        hash: String::new(),
        body: None,
    });
    rows.chain(lines).collect()
}

/// `GET /office/trail.csv`: every row of one subject.
pub async fn csv(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    let subject = visitor.address.first("subject").to_owned();
    match history::csv(&web.services, &officer.0.actor, &subject).await {
        Ok(bytes) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"audit.csv\"",
                ),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, bytes).into_response()
        }
        Err(error) => errors::page(&visitor, &error),
    }
}
