//! `GET /about/audit`: the head of the audit chain of each day, and how anybody recounts with them.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{errors, visitor::Visitor};
use crate::{
    domain::{access::Actor, time::Day},
    ops::{Services, audit_heads},
};

/// Heads a page.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "heads.html")]
struct Page<'a> {
    v: &'a Visitor,
    rows: Vec<Row>,
    total: i64,
    next: Option<String>,
}

struct Row {
    day: String,
    seq: i64,
    hash: String,
    algorithm: &'static str,
    at: String,
    href: String,
}

/// `GET /about/audit`
pub async fn show(State(services): State<Services>, visitor: Visitor) -> Response {
    // Whatever is no day begins at the latest.
    let before: Option<Day> = visitor.address.first("before").parse().ok();
    let before = before.map(|day| day.to_string());
    let actor = Actor::anonymous();
    let found = audit_heads::list(&services, &actor, before.as_deref(), SHOWN + 1).await;
    let (mut heads, total) = match found {
        Ok(found) => found,
        Err(error) => return errors::page(&visitor, &error),
    };
    let more = heads.len() > SHOWN;
    heads.truncate(SHOWN);
    let last = heads.last().filter(|_| more);
    let page = Page {
        next: last.map(|last| {
            let address = visitor.address.set("before", &last.value.day.to_string());
            address.at("/about/audit")
        }),
        rows: heads
            .into_iter()
            .map(|record| {
                let head = record.value;
                Row {
                    href: format!("/v1/audit/heads/{}", head.day),
                    day: head.day.to_string(),
                    seq: head.seq,
                    hash: head.hash,
                    algorithm: head.algorithm.as_str(),
                    at: head.at,
                }
            })
            .collect(),
        total,
        v: &visitor,
    };
    visitor.page(StatusCode::OK, &page)
}
