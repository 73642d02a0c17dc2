//! /v1/tasks: what waits for somebody.

use axum::{
    extract::State as Extract,
    http::{HeaderMap, Uri},
    response::Response,
};
use serde::Serialize;

use super::{
    State,
    extract::{Params, Who},
    lang_of,
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{eligibility::Block, id::Id, text::Lang, time::Day},
    ops::{
        Error,
        tasks::{self, From, Task, TaskKind},
    },
};

/// One thing to do.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskOut {
    pub kind: TaskKind,
    /// In the language asked for.
    pub title: &'static str,
    /// The address of the record.
    #[schema(example = "/v1/declarations/…")]
    pub subject: String,
    #[schema(example = "ZL201910699568.X")]
    pub zl: String,
    /// Whose turn it is: the patentee, or the licensee where the licensee reports, pays or answers.
    pub organisation: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub since: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub due_on: Option<Day>,
    pub overdue: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    #[serde(skip)]
    key: String,
}

fn out(task: Task, lang: Lang) -> TaskOut {
    TaskOut {
        key: format!("{}:{}", task.kind.as_str(), task.id),
        title: match lang {
            Lang::Zh => task.kind.zh(),
            Lang::En => task.kind.en(),
        },
        kind: task.kind,
        subject: format!("/v1/{}/{}", task.noun.plural(), task.id),
        zl: task.number.zl(),
        organisation: task.organisation,
        since: task.since,
        due_on: task.due_on,
        overdue: task.overdue,
        blocks: task.blocks,
    }
}

/// List what waits for you (an officer: for everyone): withdrawals, filings, payments, disputes.
#[utoipa::path(get, path = "/v1/tasks", operation_id = "listTasks", tag = "tasks",
    security(("apiKey" = [])),
    params(
        ("kind" = Option<TaskKind>, Query),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<TaskOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let kind = params.word(
        "kind",
        TaskKind::parse,
        &TaskKind::ALL.map(TaskKind::as_str),
    )?;
    let place = Place::take(&mut params, &format!("tasks {kind:?} {:?}", actor.sight()))?;
    params.finish()?;
    let from = place.after.as_deref().map(behind).transpose()?;
    let (items, total) = tasks::list(&state.services, &actor, kind, from, place.limit + 1).await?;
    let lang = lang_of(&headers);
    let items = items.into_iter().map(|task| out(task, lang)).collect();
    let page = place.page(items, total, |task: &TaskOut| task.key.clone());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

fn behind(key: &str) -> Result<From, Error> {
    let (kind, id) = key.split_once(':').ok_or(Error::CursorInvalid)?;
    Ok(From {
        kind: TaskKind::parse(kind).ok_or(Error::CursorInvalid)?,
        after: id.to_owned(),
    })
}
