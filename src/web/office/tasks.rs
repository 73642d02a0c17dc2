//! `/office/tasks`: what anybody must do, overdue first.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::Officer;
use crate::{
    domain::event::Noun,
    ops::{
        self, organisations,
        out::List,
        tasks::{self, Task, TaskKind},
    },
    web::{
        Web, errors,
        nav::{Nav, Tab},
        out::Files,
        session::Member,
        visitor::Visitor,
    },
};

const HERE: &str = "/office/tasks";
/// The most tasks of the page; beyond them, one kind at a time.
const SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "office_tasks.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    kinds: Vec<(String, &'static str, bool)>,
    total: i64,
    is_cut: bool,
    files: Files,
    lines: Vec<Line>,
}

struct Line {
    what: &'static str,
    zl: String,
    href: String,
    who: String,
    since: String,
    due: String,
    overdue: bool,
    why: String,
}

/// `GET /office/tasks`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    match build(&web, &officer.0, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let wanted = TaskKind::parse(v.address.first("kind"));
    let (mut found, total) = tasks::list(&web.services, &member.actor, wanted, None, SHOWN).await?;
    found.sort_by_key(|task| {
        (
            !task.overdue,
            task.due_on.is_none(),
            task.due_on,
            task.since,
        )
    });
    let parties = found.iter().map(|task| task.organisation.clone());
    let names = organisations::names(&web.services, parties.collect()).await?;
    let of = |kind: Option<TaskKind>| {
        let label = kind.map_or(v.t("全部", "All"), |kind| v.t(kind.zh(), kind.en()));
        let href = kind.map_or_else(
            || HERE.to_owned(),
            |kind| format!("{HERE}?kind={}", kind.as_str()),
        );
        (href, label, kind == wanted)
    };
    let kinds = std::iter::once(None).chain(TaskKind::ALL.into_iter().map(Some));
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::OfficeTasks),
        kinds: kinds.map(of).collect(),
        total,
        files: Files::of(List::Tasks, &v.address),
        is_cut: usize::try_from(total).is_ok_and(|total| total > found.len()),
        lines: found
            .iter()
            .map(|task| {
                let who = names.get(&task.organisation).cloned();
                line(v, task, who.unwrap_or_default())
            })
            .collect(),
    })
}

fn line(v: &Visitor, task: &Task, who: String) -> Line {
    let day =
        |day: Option<crate::domain::time::Day>| day.map_or_else(String::new, |d| d.to_string());
    let why = task.blocks.iter().map(|block| v.t(block.zh(), block.en()));
    Line {
        what: v.t(task.kind.zh(), task.kind.en()),
        zl: task.number.zl(),
        href: match task.noun {
            Noun::Declaration => format!("/desk/declarations/{}", task.id),
            Noun::Enquiry => format!("/desk/enquiries/{}", task.id),
            Noun::Dispute => format!("/desk/disputes/{}", task.id),
            _ => format!("/desk/licences/{}", task.id),
        },
        who,
        since: day(task.since),
        due: day(task.due_on),
        overdue: task.overdue,
        why: why.collect::<Vec<_>>().join(v.t("；", "; ")),
    }
}
