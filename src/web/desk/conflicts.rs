//! `/desk/conflicts`: values that sources disagree about, both sides with their days, one decision each; and the rules by
//! which everything else is settled.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{Nav, Tab};
use crate::{
    domain::{
        id::Id,
        merge::{Choice, ConflictState, Side, Unit},
    },
    ops::{
        self, Error,
        conflicts::{self, ConflictFilter, Shown},
    },
    web::{
        Web, errors,
        form::{Form, FormView},
        merging,
        session::{Member, see_other},
        visitor::Visitor,
    },
};

const HERE: &str = "/desk/conflicts";
/// Conflicts a page.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "desk_conflicts.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    lines: Vec<Line>,
    total: i64,
    settled: bool,
    next: Option<String>,
    rules: Vec<&'static str>,
}

struct Line {
    href: String,
    zl: String,
    title: String,
    unit: &'static str,
    because: &'static str,
    ours: Value,
    theirs: Value,
    state: &'static str,
    keep: Option<FormView>,
    take: Option<FormView>,
}

struct Value {
    text: String,
    about: String,
}

/// `GET /desk/conflicts`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    match page(&web, &member, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn page<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let settled = v.address.first("state") == "settled";
    let filter = ConflictFilter {
        state: (!settled).then_some(ConflictState::Open),
        ..ConflictFilter::default()
    };
    let after = Id::parse(v.address.first("after")).map(|id| id.to_string());
    let asked = (after.as_deref(), SHOWN + 1);
    let (mut found, total) =
        conflicts::list(&web.services, &member.actor, None, filter, asked.0, asked.1).await?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().filter(|_| more);
    let state = if settled { "state=settled&" } else { "" };
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Imports),
        next: last.map(|last| format!("{HERE}?{state}after={}", last.record.value.id)),
        lines: found.into_iter().map(|one| line(v, one)).collect(),
        total,
        settled,
        rules: merging::rules(v),
    })
}

fn line(v: &Visitor, shown: Shown) -> Line {
    let conflict = shown.record.value;
    let open = conflict.state == ConflictState::Open;
    let button = |choice: Choice, label: &str| {
        let action = format!("{HERE}/{}", conflict.id);
        FormView::button(v, &action, label)
            .marked(choice.as_str())
            .hide("choice", choice.as_str())
            .hide("version", &shown.record.version.to_string())
    };
    Line {
        href: format!("/patents/{}", conflict.number),
        zl: conflict.number.zl(),
        title: shown.title,
        unit: v.t(conflict.unit.zh(), conflict.unit.en()),
        because: v.t(conflict.because.zh(), conflict.because.en()),
        ours: value(v, conflict.unit, &conflict.ours),
        theirs: value(v, conflict.unit, &conflict.theirs),
        state: v.t(conflict.state.zh(), conflict.state.en()),
        keep: open.then(|| button(Choice::Ours, v.t("保留现值", "Keep what is here"))),
        take: open.then(|| button(Choice::Theirs, v.t("采用来源的值", "Take the other"))),
    }
}

fn value(v: &Visitor, unit: Unit, side: &Side) -> Value {
    let day = side.day.map(|day| day.to_string());
    Value {
        text: merging::text_of(v, unit, &side.value),
        about: format!(
            "{} · {}",
            v.t(side.by.zh(), side.by.en()),
            day.unwrap_or_else(|| v.t("日期不详", "day unknown").to_owned())
        ),
    }
}

/// `POST /desk/conflicts/{id}`
pub async fn resolve(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let decided = async {
        let id = Id::parse(&id).ok_or(Error::NotFound("conflict"))?;
        let choice = Choice::parse(form.get("choice")).ok_or(Error::NotFound("conflict"))?;
        let version = form.get("version").parse().unwrap_or(0);
        conflicts::resolve(&web.services, &member.actor, &id, version, choice, None).await
    };
    match decided.await {
        Ok(_) => see_other(HERE),
        Err(error) => errors::page(&form.visitor, &error),
    }
}
