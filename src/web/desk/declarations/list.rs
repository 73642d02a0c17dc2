//! `GET /desk/declarations`: one's own declarations (an officer: everyone's), where each stands and what is due.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::next;
use crate::{
    domain::{
        access::Denied,
        declaration::{Declaration, DeclarationState},
        id::Id,
    },
    ops::{
        self,
        declarations::{self, DeclarationFilter},
        out::List,
    },
    web::{
        Web,
        desk::{
            Nav, Tab,
            choices::{Choice, options, word},
        },
        errors,
        out::Files,
        session::Member,
        visitor::Visitor,
        words::grouped,
    },
};

/// Declarations a page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "desk_declarations.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    may_declare: bool,
    states: Choice,
    must_withdraw: bool,
    number: String,
    total: String,
    lines: Vec<Line>,
    files: Files,
    next: Option<String>,
}

struct Line {
    href: String,
    title: String,
    number: String,
    state: &'static str,
    live: bool,
    urgent: bool,
    terms: String,
    until: String,
    next: String,
    fictional: bool,
}

/// `GET /desk/declarations`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    match build(&web, &member, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let own = (!member.is_officer())
        .then(|| member.actor.organisation.clone())
        .flatten();
    let may_declare = member.actor.role == crate::domain::access::Role::Holder;
    if !may_declare && !member.is_officer() {
        return Err(Denied::Role.into());
    }
    let asked = v.address.first("state");
    let number = v.address.first("number").trim();
    let filter = DeclarationFilter {
        organisation: own,
        number: (!number.is_empty())
            .then(|| ops::patents::parse_number(number))
            .transpose()?,
        state: word("state", asked, DeclarationState::parse)?,
        must_withdraw: v.address.first("mustWithdraw") == "yes",
    };
    let mut narrowed = v.address.without(&["mustWithdraw"]);
    if let Some(own) = &filter.organisation {
        narrowed = narrowed.set("organisation", &own.to_string());
    }
    if filter.must_withdraw {
        narrowed = narrowed.set("mustWithdraw", "true");
    }
    let after = Id::parse(v.address.first("after")).map(|id| id.to_string());
    let must_withdraw = filter.must_withdraw;
    let (mut found, total) = declarations::list(
        &web.services,
        &member.actor,
        None,
        filter,
        after.as_deref(),
        SHOWN + 1,
    )
    .await?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found
        .last()
        .filter(|_| more)
        .map(|last| last.value.id.to_string());
    let states = options(v, DeclarationState::ALL, DeclarationState::as_str, |s| {
        (s.zh(), s.en())
    });
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Declarations),
        may_declare,
        states: Choice::new(
            "state",
            v.t("状态", "State"),
            v.t("不限", "any"),
            asked,
            states,
        ),
        must_withdraw,
        number: number.to_owned(),
        total: grouped(total.unsigned_abs()),
        lines: found.iter().map(|found| line(v, &found.value)).collect(),
        files: Files::of(List::Declarations, &narrowed),
        next: last.map(|id| v.address.set("after", &id).at("/desk/declarations")),
    })
}

fn line(v: &Visitor, declaration: &Declaration) -> Line {
    let mode = declaration.terms.mode();
    Line {
        href: format!("/desk/declarations/{}", declaration.id),
        title: declaration.title.clone(),
        number: declaration.number.zl(),
        state: v.t(declaration.state.zh(), declaration.state.en()),
        live: declaration.state.is_live(),
        urgent: declaration.must_withdraw.is_some(),
        terms: v.t(mode.zh(), mode.en()).to_owned(),
        until: declaration.until.to_string(),
        next: v.text(&next(declaration)).to_owned(),
        fictional: declaration.fictional,
    }
}
