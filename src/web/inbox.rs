//! `/inbox`: the messages of the party for which one acts, the newest first.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{
    Web, errors,
    form::{Form, FormView},
    session::{Member, see_other},
    visitor::Visitor,
};
use crate::{
    domain::{access::Role, event::Noun, id::Id, message::Message},
    ops::{self, Error, inbox, sessions::SignedIn},
};

/// Messages a page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "inbox.html")]
struct Page<'a> {
    v: &'a Visitor,
    total: i64,
    lines: Vec<Line>,
    all: Option<FormView>,
    next: Option<String>,
}

struct Line {
    title: &'static str,
    text: String,
    at: String,
    unread: bool,
    /// The record's page, or the patent's.
    href: Option<String>,
    label: &'static str,
    read: Option<FormView>,
}

/// `GET /inbox`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    match build(&web, &member, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let after = v.address.first("after").parse().ok();
    let (mut found, total) =
        inbox::list(&web.services, &member.actor, false, after, SHOWN + 1).await?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().filter(|_| more);
    let read_all = || FormView::button(v, "/inbox/read", v.t("全部标为已读", "Mark all as read"));
    Ok(Page {
        v,
        total,
        next: last.map(|message| format!("/inbox?after={}", message.place)),
        all: (member.unread > 0).then(|| read_all().hide("message", "")),
        lines: found.iter().map(|message| line(v, message)).collect(),
    })
}

fn line(v: &Visitor, message: &Message) -> Line {
    let unread = message.read_at.is_none();
    let record = place(v, message);
    let read = FormView::button(v, "/inbox/read", v.t("标为已读", "Mark as read"));
    Line {
        title: v.t(message.kind.zh(), message.kind.en()),
        text: v.text(&message.text).to_owned(),
        at: message.at.in_beijing(),
        unread,
        label: if record.is_some() {
            v.t("去处理", "Go there")
        } else {
            v.t("查看专利", "See the patent")
        },
        href: record.or_else(|| {
            let number = message.number.as_ref()?;
            Some(format!("/patents/{number}"))
        }),
        read: unread.then(|| read.hide("message", &message.id.to_string())),
    }
}

/// The page on which the reader deals with what a message tells of.
pub fn place(v: &Visitor, message: &Message) -> Option<String> {
    let (noun, id) = message.subject.split_once('/')?;
    let officer = v.who().is_some_and(SignedIn::is_officer);
    match (Noun::from_plural(noun), officer) {
        (Some(Noun::Enquiry), _) => Some(format!("/desk/enquiries/{id}")),
        (Some(Noun::Dispute), _) => Some(format!("/desk/disputes/{id}")),
        (Some(Noun::Licence), _) => Some(format!("/desk/licences/{id}")),
        (Some(Noun::Declaration), false) => {
            let holder = v.who().is_some_and(|who| who.actor.role == Role::Holder);
            holder.then(|| format!("/desk/declarations/{id}"))
        }
        (Some(Noun::Holding), true) => Some("/office/holdings".to_owned()),
        (Some(Noun::Organisation) | None, true) => Some("/office/accounts".to_owned()),
        _ => None,
    }
}

/// `POST /inbox/read`: one message, or all of them.
pub async fn read(State(web): State<Web>, member: Member, form: Form) -> Response {
    let marked = async {
        let one = match form.get("message") {
            "" => None,
            text => Some(Id::parse(text).ok_or(Error::NotFound("message"))?),
        };
        inbox::mark_read(&web.services, &member.actor, one.as_ref()).await
    };
    match marked.await {
        Ok(()) => see_other("/inbox"),
        Err(error) => errors::page(&form.visitor, &error),
    }
}
