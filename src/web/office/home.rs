//! `/office`: what waits for an officer, and how far the district is.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::Officer;
use crate::{
    ops::{
        self, Error, accounts, coverage, holdings, listings,
        progress::{self, Asked},
        tasks::{self, TaskKind},
    },
    web::{
        Web, errors,
        nav::{Nav, Tab},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "office_home.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    waiting: Vec<Waiting>,
    tasks: Vec<Waiting>,
    /// What is counted, how many, of how many, until when.
    score: Option<(&'static str, i64, i64, String)>,
    /// Of the holders' stock, registered and due, where any has said what is due.
    coverage: Option<(i64, i64)>,
}

/// How many things of a kind wait, and where.
struct Waiting {
    label: &'static str,
    count: i64,
    href: String,
}

/// `GET /office`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    match build(&web, &officer, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn build<'a>(web: &Web, Officer(member): &Officer, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let (services, actor) = (&web.services, &member.actor);
    let people = accounts::waiting(services, actor).await?;
    let (_, claims) = holdings::claims(services, actor, None, 0).await?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let to = |label, count, href: &str| Waiting {
        label,
        count,
        href: href.to_owned(),
    };
    let here = "/office/accounts";
    let waiting = vec![
        to(
            v.t("待核验的单位", "Organisations to verify"),
            count(people.organisations.len()),
            here,
        ),
        to(
            v.t("待核验的自然人", "Individuals to verify"),
            count(people.individuals.len()),
            here,
        ),
        to(
            v.t("申请代表单位的账户", "Accounts to approve"),
            count(people.accounts.len()),
            here,
        ),
        to(
            v.t("待确认的权属", "Holdings to confirm"),
            claims,
            "/office/holdings",
        ),
        to(
            v.t("公布清单待处理", "Lines of announced lists"),
            listings::waiting(services, actor).await?,
            "/office/listings",
        ),
    ];
    let mut kinds = Vec::new();
    for kind in TaskKind::ALL {
        let (_, total) = tasks::list(services, actor, Some(kind), None, 0).await?;
        let href = format!("/office/tasks?kind={}", kind.as_str());
        kinds.push(to(v.t(kind.zh(), kind.en()), total, &href));
    }
    let score = match progress::progress(services, actor, &Asked::default()).await {
        Ok((basis, found)) => {
            let target = basis.target;
            let value = found.count.all.of(target.metric).total;
            let title = v.t(target.metric.zh(), target.metric.en());
            Some((title, value, target.value, target.to.to_string()))
        }
        Err(Error::NotFound(_)) => None,
        Err(other) => return Err(other),
    };
    let covered = coverage::coverage(services, actor, None).await?;
    Ok(Page {
        v,
        coverage: (!covered.holders.is_empty()).then_some((covered.registered, covered.due)),
        nav: Nav::new(v, member, Tab::Office),
        waiting,
        tasks: kinds,
        score,
    })
}
