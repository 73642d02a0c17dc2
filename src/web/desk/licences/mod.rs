//! `/desk/licences`: the licences of the party for which one acts, from either side, each with what is due next; one
//! licence with the forms that fit its state and the reader's side.

pub mod carried;
mod course;
mod forms;
mod one;
mod post;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::Response,
    routing::{get, post as posted},
};

use super::{Nav, Tab};
use crate::{
    domain::{
        id::Id,
        licence::{LicenceState, Next},
    },
    ops::{
        Services,
        dealings::{self, As, Dealing, DealingFilter},
        out::List,
    },
    web::{Web, address::Address, errors, out::Files, session::Member, upload, visitor::Visitor},
};

pub fn router(services: &Services) -> Router<Web> {
    let uploads = Router::new()
        .route("/desk/licences/{id}/delivery", posted(post::deliver))
        .route("/desk/licences/{id}/payments", posted(post::pay))
        .route("/desk/licences/{id}/filing", posted(post::file))
        .route("/desk/licences/{id}/royalty", posted(carried::report))
        .route("/desk/licences/{id}/dispute", posted(carried::dispute))
        .layer(DefaultBodyLimit::max(upload::body_bytes(services)));
    Router::new()
        .route("/desk/licences", get(show))
        .route("/desk/licences/{id}", get(one::show))
        .route("/desk/licences/{id}/answer", posted(post::answer))
        .route("/desk/licences/{id}/annulment", posted(post::annul))
        .route("/desk/licences/{id}/follow-up", posted(carried::follow_up))
        .route("/desk/licences/{id}/relation", posted(carried::relation))
        .merge(uploads)
}

/// Licences a page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "desk_licences.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    total: i64,
    lines: Vec<Line>,
    states: Vec<(&'static str, &'static str, bool)>,
    sides: Vec<(&'static str, &'static str, bool)>,
    narrowed: bool,
    officer: bool,
    files: Files,
    next: Option<String>,
}

/// A licence in a list.
#[expect(clippy::struct_excessive_bools, reason = "a list says each of them")]
pub struct Line {
    pub href: String,
    pub zl: String,
    pub title: String,
    pub holder: String,
    pub licensee: String,
    pub state: &'static str,
    pub live: bool,
    pub disputed: bool,
    pub cross_border: bool,
    pub effective_on: String,
    pub next: String,
    pub overdue: bool,
}

impl Line {
    pub fn of(v: &Visitor, dealing: &Dealing) -> Self {
        let licence = &dealing.licence.value;
        let day = licence.effective_on.map(|day| day.to_string());
        Self {
            href: format!("/desk/licences/{}", licence.id),
            zl: licence.number.zl(),
            title: dealing.declaration.value.title.clone(),
            holder: dealing.holder.name.clone(),
            licensee: dealing.licensee.name.clone(),
            state: v.t(licence.state.zh(), licence.state.en()),
            live: licence.state == LicenceState::Effective,
            disputed: licence.is_disputed(),
            cross_border: licence.cross_border,
            effective_on: day.unwrap_or_else(|| "—".to_owned()),
            next: v.text(&dealings::next_words(&dealing.next)).to_owned(),
            overdue: matches!(dealing.next, Next::File { overdue: true, .. }),
        }
    }
}

/// `GET /desk/licences`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let asked = asked(&visitor);
    let before = Id::parse(visitor.address.first("before"));
    let (services, actor) = (&web.services, &member.actor);
    let listed = dealings::list(services, actor, asked, before.as_ref(), SHOWN + 1).await;
    match listed {
        Ok((page, total)) => {
            let page = build(&visitor, &member, asked, page, total);
            visitor.form_page(StatusCode::OK, &page)
        }
        Err(error) => errors::page(&visitor, &error),
    }
}

fn asked(v: &Visitor) -> DealingFilter {
    DealingFilter {
        state: LicenceState::parse(v.address.first("state")),
        side: match v.address.first("side") {
            "holder" => Some(As::Holder),
            "licensee" => Some(As::Licensee),
            _ => None,
        },
    }
}

/// The list in the parameters of its file.
fn narrowed(v: &Visitor, member: &Member, asked: DealingFilter) -> Address {
    let address = v.address.without(&["side", "before"]);
    let side = match asked.side {
        Some(As::Holder) => "holder",
        Some(As::Licensee) => "licensee",
        None => "party",
    };
    match &member.actor.organisation {
        Some(own) if !member.is_officer() => address.set(side, &own.to_string()),
        _ => address,
    }
}

fn build<'a>(
    v: &'a Visitor,
    member: &Member,
    asked: DealingFilter,
    mut page: Vec<Dealing>,
    total: i64,
) -> Page<'a> {
    let more = page.len() > SHOWN;
    page.truncate(SHOWN);
    let last = page.last().filter(|_| more);
    let next = last.map(|last| v.address.set("before", &last.licence.value.id.to_string()));
    let states = LicenceState::ALL.into_iter();
    Page {
        v,
        nav: Nav::new(v, member, Tab::Licences),
        total,
        states: states
            .map(|s| (s.as_str(), v.t(s.zh(), s.en()), asked.state == Some(s)))
            .collect(),
        sides: vec![
            (
                "holder",
                v.t("我是专利权人", "As patentee"),
                asked.side == Some(As::Holder),
            ),
            (
                "licensee",
                v.t("我是被许可人", "As licensee"),
                asked.side == Some(As::Licensee),
            ),
        ],
        narrowed: asked.state.is_some() || asked.side.is_some(),
        officer: member.is_officer(),
        files: Files::of(List::Licences, &narrowed(v, member, asked)),
        next: next.map(|address| address.at("/desk/licences")),
        lines: page.iter().map(|dealing| Line::of(v, dealing)).collect(),
    }
}
