//! `/office/holdings`: holdings that an organisation claims and no source confirms by name; an officer who has seen a
//! document confirms them.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::Officer;
use crate::{
    domain::id::Id,
    ops::{
        self, Error,
        holdings::{self, Claim},
        out::List,
    },
    web::{
        Web, errors,
        form::{Form, FormView},
        nav::{Nav, Tab},
        out::Files,
        session::{Member, see_other},
        visitor::Visitor,
    },
};

const HERE: &str = "/office/holdings";
/// Claims a page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "office_holdings.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    total: i64,
    lines: Vec<Line>,
    files: Files,
    next: Option<String>,
}

struct Line {
    zl: String,
    href: String,
    title: String,
    claimant: String,
    /// Current owners as the sources say, or applicants where none says.
    owners: String,
    confirm: FormView,
}

/// `GET /office/holdings`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    match build(&web, &officer.0, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let after = Id::parse(v.address.first("after")).map(|id| id.to_string());
    let (mut claims, total) =
        holdings::claims(&web.services, &member.actor, after.as_deref(), SHOWN + 1).await?;
    let more = claims.len() > SHOWN;
    claims.truncate(SHOWN);
    let last = claims.last().filter(|_| more);
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Holdings),
        total,
        files: Files::of(List::Holdings, &v.address.set("state", "claimed")),
        next: last.map(|claim| format!("{HERE}?after={}", claim.holding.value.id)),
        lines: claims.into_iter().map(|claim| line(v, claim)).collect(),
    })
}

fn line(v: &Visitor, claim: Claim) -> Line {
    let Claim {
        holding,
        patent,
        organisation,
    } = claim;
    let names = if patent.owners.is_empty() {
        &patent.applicants
    } else {
        &patent.owners
    };
    let button = FormView::button(v, HERE, v.t("已凭文件核实", "Confirmed by a document"));
    Line {
        zl: patent.number.zl(),
        href: format!("/patents/{}", patent.number),
        owners: names.join("；"),
        title: patent.title,
        claimant: organisation.name,
        confirm: button
            .hide("holding", &holding.value.id.to_string())
            .hide("version", &holding.version.to_string()),
    }
}

/// `POST /office/holdings`
pub async fn confirm(State(web): State<Web>, officer: Officer, form: Form) -> Response {
    let confirmed = async {
        let id = Id::parse(form.get("holding")).ok_or(Error::NotFound("holding"))?;
        let version = form
            .get("version")
            .parse()
            .map_err(|_| Error::NotFound("holding"))?;
        holdings::confirm(&web.services, &officer.0.actor, &id, version, true).await
    };
    match confirmed.await {
        Ok(_) => see_other(HERE),
        Err(error) => errors::page(&form.visitor, &error),
    }
}
