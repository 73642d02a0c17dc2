//! `GET /bulletins` and `GET /bulletins/{month}`: the month as a clerk prints it (通报). Every figure leads to its units by
//! the same day and knowledge; an officer closes the month here once it is over.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::Response,
};

use super::{
    Web, errors,
    form::{Form, FormView, status_of},
    office::Officer,
    out::sent,
    progress::{address, narrowed},
    session::see_other,
    visitor::Visitor,
};
use crate::{
    domain::{
        access::Actor,
        id::Id,
        indicator::{Concern, Correction, Part, Target, may_close},
        reported::{Reported, decimal},
        time::Day,
    },
    ops::{
        self, Error, Services,
        bulletins::{self, Bulletin},
        closings, out,
        params::Params,
        progress::Basis,
        sessions::SignedIn,
        targets,
    },
};

/// A month in the list.
struct Month {
    month: String,
    href: String,
    /// The target's own figure when it was closed.
    closed: Option<i64>,
}

#[derive(Template)]
#[template(path = "bulletins.html")]
struct Months<'a> {
    v: &'a Visitor,
    target: Target,
    months: Vec<Month>,
}

/// `GET /bulletins`
pub async fn list(State(services): State<Services>, visitor: Visitor, uri: Uri) -> Response {
    match months(&services, &visitor, &uri).await {
        Ok(response) => response,
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn months(services: &Services, visitor: &Visitor, uri: &Uri) -> ops::Result<Response> {
    let id = target_of(uri)?;
    let actor = Actor::anonymous();
    let target = chosen(services, &actor, id.as_ref()).await?;
    let closed = closings::list(services, &actor, Some(&target.id)).await?;
    let today = services.clock.today();
    let mut months = Vec::new();
    let mut month = target.from.first_of_month();
    while month <= today.min(target.to) {
        let name = month.strftime("%Y-%m").to_string();
        let closing = closed.iter().find(|c| c.value.month == name);
        months.push(Month {
            href: format!("/bulletins/{name}?target={}", target.id),
            closed: closing.map(|c| c.value.figures.of(c.value.target.metric).total),
            month: name,
        });
        month = month.saturating_add(jiff::Span::new().months(1));
    }
    months.reverse();
    let page = Months {
        v: visitor,
        target,
        months,
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

fn target_of(uri: &Uri) -> ops::Result<Option<Id>> {
    let mut params = Params::parse(uri.query().unwrap_or_default())?;
    Ok(params.word("target", Id::parse, &["UUID"])?)
}

/// The target that is asked for; the oldest when none is.
async fn chosen(services: &Services, actor: &Actor, id: Option<&Id>) -> ops::Result<Target> {
    if let Some(id) = id {
        return Ok(targets::get(services, actor, id).await?.value);
    }
    let first = targets::list(services, actor).await?.into_iter().next();
    Ok(first.ok_or(Error::NotFound("target"))?.value)
}

/// A figure and how it moved.
struct Row {
    title: &'static str,
    is_headline: bool,
    before: usize,
    new: usize,
    corrected: i64,
    now: usize,
    before_href: String,
    now_href: String,
}

/// A part of the target's own figure.
struct PartRow {
    name: String,
    new: usize,
    now: usize,
    new_href: String,
    now_href: String,
}

/// The parts of one kind.
struct Table {
    title: &'static str,
    rows: Vec<PartRow>,
}

/// A unit of an earlier month that came or went.
struct Corrected {
    added: bool,
    number: String,
    zl: String,
    title: String,
    on: Day,
    parties: String,
}

/// What is reported beside.
struct Told {
    title: &'static str,
    value: String,
    goal: Option<String>,
    record: Reported,
}

#[derive(Template)]
#[template(path = "bulletin.html")]
struct Page<'a> {
    v: &'a Visitor,
    target: Target,
    month: String,
    district: String,
    as_of: Day,
    known_at: i64,
    since: Day,
    closed: bool,
    value: usize,
    missing: i64,
    rows: Vec<Row>,
    tables: Vec<Table>,
    corrections: Vec<Corrected>,
    concerns: Vec<(&'static str, usize, String)>,
    told: Vec<Told>,
    /// An officer may close it now.
    close: Option<FormView>,
    json: String,
    xlsx: String,
    list: String,
}

/// `GET /bulletins/{month}`
pub async fn show(
    State(services): State<Services>,
    visitor: Visitor,
    Path(month): Path<String>,
    uri: Uri,
) -> Response {
    match page(&services, &visitor, &month, &uri, None).await {
        Ok(response) => response,
        Err(error) => errors::page(&visitor, &error),
    }
}

/// `GET /bulletins/{month}/export`
pub async fn export(
    State(services): State<Services>,
    visitor: Visitor,
    Path(month): Path<String>,
    uri: Uri,
) -> Response {
    let made = async {
        let id = target_of(&uri)?;
        let actor = Actor::anonymous();
        out::bulletin(&services, &actor, id.as_ref(), &month, visitor.lang).await
    };
    match made.await {
        Ok(made) => sent(made, &format!("bulletin-{month}")),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn page(
    services: &Services,
    visitor: &Visitor,
    month: &str,
    uri: &Uri,
    failed: Option<(&Form, &Error)>,
) -> ops::Result<Response> {
    let id = target_of(uri)?;
    let actor = Actor::anonymous();
    let found = bulletins::bulletin(services, &actor, id.as_ref(), month).await?;
    let page = Page {
        close: close_form(services, visitor, &found, failed),
        ..shown(visitor, &found)
    };
    let status = failed.and_then(|(_, error)| status_of(error));
    Ok(visitor.form_page(status.unwrap_or(StatusCode::OK), &page))
}

fn shown<'a>(v: &'a Visitor, found: &Bulletin) -> Page<'a> {
    let basis = &found.basis;
    let target = &basis.target;
    let value = found.own().map_or(0, |own| own.now.len());
    Page {
        v,
        month: found.month.clone(),
        district: v
            .region(&target.district)
            .unwrap_or(&target.district)
            .to_owned(),
        as_of: basis.as_of,
        known_at: basis.known_at,
        since: found.since.as_of,
        closed: found.closing.is_some(),
        value,
        missing: (target.value - i64::try_from(value).unwrap_or(i64::MAX)).max(0),
        rows: rows(v, found),
        tables: found
            .parts
            .iter()
            .map(|(part, _)| table(v, found, *part))
            .collect(),
        corrections: corrections(v, found),
        concerns: concerns(v, found),
        told: found.reported.iter().map(|r| told(v, &r.value)).collect(),
        close: None,
        json: format!("/v1/bulletins/{}?target={}", found.month, target.id),
        xlsx: format!("/bulletins/{}/export?target={}", found.month, target.id),
        list: format!("/bulletins?target={}", target.id),
        target: target.clone(),
    }
}

fn rows(v: &Visitor, found: &Bulletin) -> Vec<Row> {
    let before = Basis {
        as_of: found.since.as_of,
        known_at: found.since.known_at,
        ..found.basis.clone()
    };
    let movements = found.movements.iter();
    movements
        .map(|(metric, movement)| {
            let path = format!("/progress/{}", metric.as_str());
            Row {
                title: v.t(metric.zh(), metric.en()),
                is_headline: *metric == found.basis.target.metric,
                before: movement.before,
                new: movement.new.len(),
                corrected: movement.corrected(),
                now: movement.now.len(),
                before_href: address(&path, &before),
                now_href: address(&path, &found.basis),
            }
        })
        .collect()
}

fn table(v: &Visitor, found: &Bulletin, part: Part) -> Table {
    let basis = &found.basis;
    let lines = found.parts.iter().find(|(p, _)| *p == part);
    let lines = lines.into_iter().flat_map(|(_, lines)| lines);
    let row = |line: &bulletins::Line| {
        let now_href = narrowed(basis, basis.target.metric, part, &line.key);
        PartRow {
            name: basis.name(part, &line.key, v.lang),
            new: line.new,
            now: line.now,
            new_href: format!("{now_href}&month={}", found.month),
            now_href,
        }
    };
    Table {
        title: v.t(part.zh(), part.en()),
        rows: lines.map(row).collect(),
    }
}

fn corrections(v: &Visitor, found: &Bulletin) -> Vec<Corrected> {
    let own = found.own().map_or(&[][..], |own| &own.corrections);
    let name = |id: &Id| found.basis.names.get(id).cloned();
    let corrected = |c: &Correction| {
        let holder = name(&c.unit.holder).unwrap_or_default();
        let individual = || v.t("自然人", "an individual").to_owned();
        let licensee = c.unit.licensee.as_ref();
        let licensee = licensee.map(|id| name(id).unwrap_or_else(individual));
        Corrected {
            added: c.added,
            number: c.unit.number.to_string(),
            zl: c.unit.number.zl(),
            title: c.unit.title.clone(),
            on: c.unit.on,
            parties: licensee.map_or(holder.clone(), |licensee| format!("{holder} → {licensee}")),
        }
    };
    own.iter().map(corrected).collect()
}

fn concerns(v: &Visitor, found: &Bulletin) -> Vec<(&'static str, usize, String)> {
    let path = format!("/progress/{}", found.basis.target.metric.as_str());
    let here = address(&path, &found.basis);
    let concern = |(concern, total): &(Concern, usize)| {
        let href = format!("{here}&concern={}", concern.as_str());
        (v.t(concern.zh(), concern.en()), *total, href)
    };
    // A bulletin is the same for everybody: which units raise what was told in confidence is not in it.
    let open = found.concerns.iter();
    open.filter(|(concern, _)| !concern.is_confidential())
        .map(concern)
        .collect()
}

fn told(v: &Visitor, record: &Reported) -> Told {
    Told {
        title: v.t(record.indicator.zh(), record.indicator.en()),
        value: decimal(record.value_hundredths),
        goal: record.goal_hundredths.map(decimal),
        record: record.clone(),
    }
}

fn close_form(
    services: &Services,
    v: &Visitor,
    found: &Bulletin,
    failed: Option<(&Form, &Error)>,
) -> Option<FormView> {
    let officer = v.who().is_some_and(SignedIn::is_officer);
    let over = may_close(found.basis.as_of, None, services.clock.today()).is_ok();
    if !officer || found.closing.is_some() || !over {
        return None;
    }
    let form = FormView::new(
        v,
        "/office/closings",
        v.t("封账", "Close the month"),
        Vec::new(),
    )
    .hide("target", &found.basis.target.id.to_string())
    .hide("month", &found.month);
    Some(match failed {
        Some((sent, error)) => form.filled(sent, error),
        None => form,
    })
}

/// `POST /office/closings`: closes the month and shows it closed.
pub async fn close(State(web): State<Web>, officer: Officer, uri: Uri, form: Form) -> Response {
    let (services, actor) = (&web.services, &officer.0.actor);
    let month = form.get("month").to_owned();
    let target = Id::parse(form.get("target"));
    let done = closings::create(services, actor, None, target.as_ref(), &month).await;
    match done {
        Ok(made) => see_other(&format!(
            "/bulletins/{month}?target={}",
            made.record.value.target.id
        )),
        Err(error) if status_of(&error).is_some() => {
            match page(services, &form.visitor, &month, &uri, Some((&form, &error))).await {
                Ok(response) => response,
                Err(_) => errors::page(&form.visitor, &error),
            }
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}
