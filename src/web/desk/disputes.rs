//! `/desk/disputes`: disputes over licences to which this party is a side (an officer: all), and one of them with its
//! steps, its documents, the bodies that mediate, and the form for the next step or the outcome.

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};

use super::{
    Nav, Tab,
    licences::carried::{entry, stages},
};
use crate::{
    domain::{
        dictionary::Topic,
        dispute::{Dispute, DisputeOutcome},
        id::Id,
    },
    ops::{
        self, Error, Services, Stored, dictionaries,
        disputes::{self, DisputeFilter},
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, day, status_of},
        session::{Member, see_other},
        upload,
        visitor::Visitor,
        words,
    },
};

const HERE: &str = "/desk/disputes";
/// Disputes a page.
const SHOWN: usize = 50;

pub fn router(services: &Services) -> Router<Web> {
    let uploads = Router::new()
        .route("/desk/disputes/{id}/steps", post(step))
        .layer(DefaultBodyLimit::max(upload::body_bytes(services)));
    Router::new()
        .route(HERE, get(list))
        .route("/desk/disputes/{id}", get(show))
        .merge(uploads)
}

/// A dispute in a list.
struct Line {
    href: String,
    zl: String,
    opened_on: String,
    opened_by: &'static str,
    stage: &'static str,
    end: Option<String>,
}

impl Line {
    fn of(v: &Visitor, dispute: &Dispute) -> Self {
        Self {
            href: format!("{HERE}/{}", dispute.id),
            zl: dispute.number.zl(),
            opened_on: dispute
                .opened_on()
                .map_or_else(String::new, |day| day.to_string()),
            opened_by: v.t(dispute.opened_by.zh(), dispute.opened_by.en()),
            stage: v.t(dispute.stage.zh(), dispute.stage.en()),
            end: dispute
                .end
                .as_ref()
                .map(|end| format!("{} {}", end.on, v.t(end.outcome.zh(), end.outcome.en()))),
        }
    }
}

#[derive(Template)]
#[template(path = "desk_disputes.html")]
struct ListPage<'a> {
    v: &'a Visitor,
    nav: Nav,
    total: i64,
    lines: Vec<Line>,
    next: Option<String>,
}

/// `GET /desk/disputes`
async fn list(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let v = &visitor;
    let before = Id::parse(v.address.first("before")).map(|id| id.to_string());
    let (services, actor) = (&web.services, &member.actor);
    let filter = DisputeFilter::default();
    let found = disputes::list(services, actor, filter, before.as_deref(), SHOWN + 1).await;
    let (mut page, total) = match found {
        Ok(found) => found,
        Err(error) => return errors::page(v, &error),
    };
    let more = page.len() > SHOWN;
    page.truncate(SHOWN);
    let last = page
        .last()
        .filter(|_| more)
        .map(|last| last.value.id.to_string());
    let page = ListPage {
        v,
        nav: Nav::new(v, &member, Tab::Disputes),
        total,
        lines: page.iter().map(|found| Line::of(v, &found.value)).collect(),
        next: last.map(|last| v.address.set("before", &last).at(HERE)),
    };
    v.form_page(StatusCode::OK, &page)
}

/// One step as the page shows it.
struct Step {
    on: String,
    stage: &'static str,
    by: &'static str,
    text: String,
    file: Option<String>,
}

#[derive(Template)]
#[template(path = "desk_dispute.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    line: Line,
    licence: String,
    steps: Vec<Step>,
    mediators: Vec<String>,
    form: Option<FormView>,
}

/// `GET /desk/disputes/{id}`
async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    page(&web, &visitor, &member, &id, None).await
}

fn parse(id: &str) -> ops::Result<Id> {
    Id::parse(id).ok_or(Error::NotFound("dispute"))
}

async fn page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    id: &str,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let found = async {
        let (services, actor) = (&web.services, &member.actor);
        let dispute = disputes::get(services, actor, &parse(id)?).await?;
        let mediators = dictionaries::get(services, actor, Topic::Mediation).await?;
        Ok::<_, Error>((dispute, mediators.value))
    };
    let (found, mediators) = match found.await {
        Ok(found) => found,
        Err(error) => return errors::page(v, &error),
    };
    let dispute = &found.value;
    let form = dispute.is_open().then(|| next_form(web, v, &found));
    let form = form.map(|form| match failed {
        Some((sent, error)) => form.filled(sent, error),
        None => form,
    });
    let step = |entry: &crate::domain::dispute::DisputeEntry| Step {
        on: entry.on.to_string(),
        stage: v.t(entry.stage.zh(), entry.stage.en()),
        by: v.t(entry.by.zh(), entry.by.en()),
        text: entry.text.clone(),
        file: entry
            .file
            .as_ref()
            .map(|file| format!("/files/{}", file.id)),
    };
    let page = Page {
        v,
        nav: Nav::new(v, member, Tab::Disputes),
        line: Line::of(v, dispute),
        licence: format!("/desk/licences/{}", dispute.licence),
        steps: dispute.entries.iter().map(step).collect(),
        mediators: words::entries(v, &mediators),
        form,
    };
    let status = failed.and_then(|(_, error)| status_of(error));
    v.form_page(status.unwrap_or(StatusCode::OK), &page)
}

fn next_form(web: &Web, v: &Visitor, found: &Stored<Dispute>) -> FormView {
    let today = web.services.clock.today().to_string();
    let mut outcomes = vec![("", v.t("尚未了结", "not over yet").to_owned())];
    let known = DisputeOutcome::ALL.into_iter();
    outcomes.extend(known.map(|one| (one.as_str(), v.t(one.zh(), one.en()).to_owned())));
    let fields = vec![
        Field::new("stage", v.t("阶段", "Stage")).options(stages(v, found.value.stage)),
        Field::new("on", v.t("日期", "Day"))
            .kind("date")
            .value(&today),
        Field::area("text", v.t("进展", "What happened"), 2_000),
        Field::new("outcome", v.t("结果", "Outcome"))
            .options(outcomes)
            .optional(),
        Field::file(
            "file",
            v.t("材料（PDF 或图片）", "Document (PDF or picture)"),
        )
        .optional(),
    ];
    let action = format!("{HERE}/{}/steps", found.value.id);
    FormView::new(v, &action, v.t("登记", "Record"), fields)
        .hide("version", &found.version.to_string())
}

/// `POST /desk/disputes/{id}/steps`
async fn step(State(web): State<Web>, Path(id): Path<String>, request: Request) -> Response {
    let received = upload::receive(&web, request, |_, form| day(form, "on").map(|_| ()));
    let mut upload = match received.await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let done = async {
        upload.settled()?;
        let form = &upload.form;
        let new = entry(form, upload.file("file").cloned())?;
        let version = form.get("version").parse().unwrap_or(0);
        let outcome = DisputeOutcome::parse(form.get("outcome"));
        let actor = &upload.member.actor;
        disputes::step(&web.services, actor, &parse(&id)?, version, new, outcome).await
    };
    match done.await {
        Ok(_) => see_other(&format!("{HERE}/{id}")),
        Err(error) if status_of(&error).is_some() => {
            let (v, member) = (&upload.form.visitor, &upload.member);
            page(&web, v, member, &id, Some((&upload.form, &error))).await
        }
        Err(error) => errors::page(&upload.form.visitor, &error),
    }
}
