//! `/desk`: the front of a holder's or an enterprise's desk: what waits, what is new, what stands. An officer is led to
//! the office's desk.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{Nav, Tab, licences::Line};
use crate::{
    domain::{access::Role, declaration::Declaration, event::Noun, message::Message},
    ops::{
        desks::{self, Front},
        sessions::Party,
        tasks::Task,
    },
    web::{
        Web, errors, inbox,
        session::{Member, see_other},
        visitor::Visitor,
        words,
    },
};

#[derive(Template)]
#[template(path = "desk_home.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    party: &'a str,
    unverified: bool,
    holder: bool,
    figures: Vec<(i64, &'static str, &'static str)>,
    tasks: Vec<TaskLine>,
    task_count: i64,
    messages: Vec<News>,
    unread: i64,
    lines: Vec<Line>,
    licence_count: i64,
    offers: Vec<OfferLine>,
}

/// One thing to do.
pub struct TaskLine {
    pub what: &'static str,
    pub href: String,
    pub zl: String,
    pub due: String,
    pub overdue: bool,
}

impl TaskLine {
    pub fn of(v: &Visitor, task: &Task) -> Self {
        let section = match task.noun {
            Noun::Declaration => "declarations",
            Noun::Inventory => "inventory",
            _ => "licences",
        };
        Self {
            what: v.t(task.kind.zh(), task.kind.en()),
            href: format!("/desk/{section}/{}", task.id),
            zl: task.number.zl(),
            due: match (task.due_on, task.since) {
                (Some(day), _) => format!("{day} {}", v.t("前", "at the latest")),
                (None, Some(day)) => format!("{} {day}", v.t("自", "since")),
                (None, None) => String::new(),
            },
            overdue: task.overdue,
        }
    }
}

/// Title, text, when, where.
type News = (&'static str, String, String, Option<String>);

fn news(v: &Visitor, message: &Message) -> News {
    (
        v.t(message.kind.zh(), message.kind.en()),
        v.text(&message.text).to_owned(),
        message.at.in_beijing(),
        inbox::place(v, message),
    )
}

struct OfferLine {
    href: String,
    title: String,
    holder: String,
    mode: &'static str,
    start: String,
    on: String,
}

impl OfferLine {
    fn of(v: &Visitor, offer: &Declaration) -> Self {
        let mode = offer.terms.mode();
        let day = offer.effective_on.map(|day| day.to_string());
        Self {
            href: format!("/patents/{}", offer.number),
            title: offer.title.clone(),
            holder: offer.patentees.join("、"),
            mode: v.t(mode.zh(), mode.en()),
            start: v.text(&words::yuan(offer.terms.due_at_start())).to_owned(),
            on: day.unwrap_or_default(),
        }
    }
}

/// `GET /desk`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    if member.is_officer() {
        return see_other("/office");
    }
    if member.actor.is_narrow() {
        return see_other("/desk/review");
    }
    match desks::front(&web.services, &member.actor).await {
        Ok(front) => visitor.page(StatusCode::OK, &page(&visitor, &member, &front)),
        Err(error) => errors::page(&visitor, &error),
    }
}

fn page<'a>(v: &'a Visitor, member: &'a Member, front: &Front) -> Page<'a> {
    let own = member.party.as_ref();
    let principal = member.principal.as_ref().map(|party| party.name.as_str());
    let unverified = member.principal.is_none() && own.is_some_and(|party| !party.is_verified());
    Page {
        v,
        nav: Nav::new(v, member, Tab::Home),
        party: principal
            .or_else(|| own.map(Party::name))
            .unwrap_or_default(),
        unverified,
        holder: member.actor.role == Role::Holder,
        figures: figures(v, front),
        tasks: front
            .tasks
            .iter()
            .map(|task| TaskLine::of(v, task))
            .collect(),
        task_count: front.task_count,
        messages: front
            .messages
            .iter()
            .map(|message| news(v, message))
            .collect(),
        unread: member.unread,
        lines: front
            .licences
            .iter()
            .map(|dealing| Line::of(v, dealing))
            .collect(),
        licence_count: front.licence_count,
        offers: front
            .offers
            .iter()
            .map(|offer| OfferLine::of(v, &offer.value))
            .collect(),
    }
}

fn figures(v: &Visitor, front: &Front) -> Vec<(i64, &'static str, &'static str)> {
    let mut figures = Vec::new();
    if let Some(stock) = &front.stock {
        figures.push((
            stock.all,
            v.t("件存量专利", "patents in stock"),
            "/desk/stock",
        ));
        figures.push((
            stock.unused,
            v.t("件未实施", "not used"),
            "/desk/stock?conversion=unused",
        ));
        figures.push((
            stock.offered,
            v.t("件可取得开放许可", "on offer"),
            "/desk/stock?offer=offered",
        ));
    }
    if let Some(due) = &front.due {
        figures.push((
            due.counts.missing,
            v.t("件应盘点未登记", "due and missing"),
            "/desk/due",
        ));
    }
    if front.conflicts > 0 {
        figures.push((
            front.conflicts,
            v.t("处来源冲突", "conflicts of sources"),
            "/desk/conflicts",
        ));
    }
    figures.push((front.task_count, v.t("件待办", "tasks"), "/desk/tasks"));
    figures.push((
        front.licence_count,
        v.t("项许可", "licences"),
        "/desk/licences",
    ));
    let year = i64::try_from(front.counted_this_year).unwrap_or(i64::MAX);
    figures.push((
        year,
        v.t("项今年计入全区", "counted this year"),
        "/progress/m3",
    ));
    figures
}
