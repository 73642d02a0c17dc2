//! `/desk/enquiries`: what this party asks and is asked (an officer: everybody), each with its clock; one enquiry with the
//! patentee's answer; and the form that asks, reached from an offer. No notice waits for any of it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::get,
};

use super::{Nav, Tab};
use crate::{
    domain::{enquiry::ENQUIRY_CHARS, id::Id, time::Day},
    ops::{
        self, Error, declarations,
        enquiries::{self, EnquiryFilter, NewEnquiry, Shown},
        idempotency::Key,
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, status_of},
        session::{Member, see_other},
        visitor::Visitor,
    },
};

const HERE: &str = "/desk/enquiries";
/// Enquiries a page.
const SHOWN: usize = 50;

pub fn router() -> Router<Web> {
    Router::new()
        .route(HERE, get(list))
        .route("/desk/enquiries/new", get(begin).post(ask))
        .route("/desk/enquiries/{id}", get(show).post(answer))
}

/// An enquiry in a list.
struct Line {
    href: String,
    zl: String,
    question: String,
    holder: String,
    asker: String,
    asked_on: String,
    due_on: String,
    answered_on: Option<String>,
    overdue: bool,
}

impl Line {
    fn of(shown: &Shown, today: Day) -> Self {
        let enquiry = &shown.record.value;
        Self {
            href: format!("{HERE}/{}", enquiry.id),
            zl: enquiry.number.zl(),
            question: enquiry.question.chars().take(60).collect(),
            holder: shown.holder_name.clone(),
            asker: shown.asker_name.clone(),
            asked_on: enquiry.asked_on.to_string(),
            due_on: enquiry.due_on.to_string(),
            answered_on: enquiry.answered_on.map(|day| day.to_string()),
            overdue: enquiry.is_overdue_on(today),
        }
    }
}

#[derive(Template)]
#[template(path = "desk_enquiries.html")]
struct ListPage<'a> {
    v: &'a Visitor,
    nav: Nav,
    total: i64,
    states: Vec<(&'static str, &'static str, bool)>,
    lines: Vec<Line>,
    next: Option<String>,
}

/// `GET /desk/enquiries`
async fn list(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let v = &visitor;
    let state = v.address.first("state");
    let asked = EnquiryFilter {
        open: match state {
            "open" => Some(true),
            "answered" => Some(false),
            _ => None,
        },
        overdue: state == "overdue",
    };
    let before = Id::parse(v.address.first("before")).map(|id| id.to_string());
    let (services, actor) = (&web.services, &member.actor);
    let found = enquiries::list(services, actor, asked, before.as_deref(), SHOWN + 1).await;
    let (mut page, total) = match found {
        Ok(found) => found,
        Err(error) => return errors::page(v, &error),
    };
    let more = page.len() > SHOWN;
    page.truncate(SHOWN);
    let last = page
        .last()
        .filter(|_| more)
        .map(|last| last.record.value.id.to_string());
    let today = services.clock.today();
    let states = [
        ("open", v.t("待答复", "open")),
        ("overdue", v.t("已逾期", "overdue")),
        ("answered", v.t("已答复", "answered")),
    ];
    let page = ListPage {
        v,
        nav: Nav::new(v, &member, Tab::Enquiries),
        total,
        states: states
            .map(|(value, label)| (value, label, value == state))
            .into(),
        lines: page.iter().map(|shown| Line::of(shown, today)).collect(),
        next: last.map(|last| v.address.set("before", &last).at(HERE)),
    };
    v.form_page(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "desk_enquiry.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    line: Line,
    patent: String,
    question: String,
    answer: Option<String>,
    form: Option<FormView>,
}

/// `GET /desk/enquiries/{id}`
async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    page(&web, &visitor, &member, &id, None).await
}

async fn page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    id: &str,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let found = async { enquiries::get(&web.services, &member.actor, &parse(id)?).await };
    let shown = match found.await {
        Ok(shown) => shown,
        Err(error) => return errors::page(v, &error),
    };
    let enquiry = &shown.record.value;
    let form = enquiries::may_answer(&member.actor, &enquiry.holder).then(|| {
        let label = v.t("答复", "Answer");
        let text = Field::area("answer", label, ENQUIRY_CHARS)
            .value(enquiry.answer.as_deref().unwrap_or_default());
        FormView::new(v, &format!("{HERE}/{id}"), label, vec![text])
            .hide("version", &shown.record.version.to_string())
    });
    let form = form.map(|form| match failed {
        Some((sent, error)) => form.filled(sent, error),
        None => form,
    });
    let page = Page {
        v,
        nav: Nav::new(v, member, Tab::Enquiries),
        line: Line::of(&shown, web.services.clock.today()),
        patent: format!("/patents/{}", enquiry.number),
        question: enquiry.question.clone(),
        answer: enquiry.answer.clone(),
        form,
    };
    let status = failed.and_then(|(_, error)| status_of(error));
    v.form_page(status.unwrap_or(StatusCode::OK), &page)
}

fn parse(id: &str) -> ops::Result<Id> {
    Id::parse(id).ok_or(Error::NotFound("enquiry"))
}

/// `POST /desk/enquiries/{id}`
async fn answer(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let version = form.get("version").parse().unwrap_or(0);
        let (services, actor) = (&web.services, &member.actor);
        enquiries::answer(services, actor, &parse(&id)?, version, form.get("answer")).await
    };
    match done.await {
        Ok(_) => see_other(&format!("{HERE}/{id}")),
        Err(error) if status_of(&error).is_some() => {
            page(&web, &form.visitor, &member, &id, Some((&form, &error))).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

#[derive(Template)]
#[template(path = "desk_ask.html")]
struct AskPage<'a> {
    v: &'a Visitor,
    nav: Nav,
    title: String,
    patentees: String,
    zl: String,
    patent: String,
    days: u16,
    form: FormView,
}

/// `GET /desk/enquiries/new?declaration=ID`
async fn begin(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let declaration = visitor.address.first("declaration").to_owned();
    ask_page(&web, &visitor, &member, &declaration, None).await
}

async fn ask_page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    declaration: &str,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let found = async {
        let id = Id::parse(declaration).ok_or(Error::NotFound("declaration"))?;
        declarations::get(&web.services, &member.actor, &id).await
    };
    let declared = match found.await {
        Ok(shown) => shown.record.value,
        Err(error) => return errors::page(v, &error),
    };
    let question = Field::area(
        "question",
        v.t("您想问什么", "Your question"),
        ENQUIRY_CHARS,
    );
    let once = hex::encode(web.services.ids.secret());
    let form = FormView::new(
        v,
        "/desk/enquiries/new",
        v.t("发出询问", "Ask"),
        vec![question],
    )
    .hide("declaration", declaration)
    .hide("once", &once);
    let form = match failed {
        Some((sent, error)) => form.filled(sent, error),
        None => form,
    };
    let page = AskPage {
        v,
        nav: Nav::new(v, member, Tab::Enquiries),
        title: declared.title.clone(),
        patentees: declared.patentees.join("；"),
        zl: declared.number.zl(),
        patent: format!("/patents/{}", declared.number),
        days: web.services.rules.enquiry_working_days,
        form,
    };
    let status = failed.and_then(|(_, error)| status_of(error));
    v.form_page(status.unwrap_or(StatusCode::OK), &page)
}

/// `POST /desk/enquiries/new`
async fn ask(State(web): State<Web>, member: Member, form: Form) -> Response {
    let declaration = form.get("declaration").to_owned();
    let done = async {
        let new = NewEnquiry {
            declaration: Id::parse(&declaration).ok_or(Error::NotFound("declaration"))?,
            asker: None,
            question: form.get("question").to_owned(),
        };
        let asked = format!("{declaration} {}", new.question);
        let once = form.get("once");
        let key = Key::new(&member.actor, once, "createEnquiry", asked.as_bytes());
        let key = (once.len() == 64).then_some(&key);
        enquiries::create(&web.services, &member.actor, key, new).await
    };
    match done.await {
        Ok(made) => see_other(&format!("{HERE}/{}", made.record.record.value.id)),
        Err(error) if status_of(&error).is_some() => {
            let v = &form.visitor;
            ask_page(&web, v, &member, &declaration, Some((&form, &error))).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}
