//! `/office/dictionaries`: the answers that a stock record can give, one form a dictionary and one line an answer. An answer
//! that is in use is retired, never removed.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::Officer;
use crate::{
    domain::dictionary::{Dictionary, DictionaryEntry, Topic},
    ops::{self, Error, Fault, Stored, dictionaries},
    web::{
        Web, errors,
        form::{Field, Form, FormView, status_of},
        nav::{Nav, Tab},
        session::{Member, see_other},
        visitor::Visitor,
    },
};

const HERE: &str = "/office/dictionaries";
/// Characters of a dictionary as it is written in a form.
const LONGEST: usize = 10_000;
/// At the end of a line: may not be chosen any more.
const RETIRED: [&str; 2] = ["停用", "retired"];

#[derive(Template)]
#[template(path = "office_dictionaries.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    dictionaries: Vec<(&'static str, FormView)>,
}

/// `GET /office/dictionaries`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    page(&web, &officer.0, &visitor, None).await
}

async fn page(
    web: &Web,
    member: &Member,
    v: &Visitor,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let all = match dictionaries::list(&web.services, &member.actor).await {
        Ok(all) => all,
        Err(error) => return errors::page(v, &error),
    };
    let shown = |one: &Stored<Dictionary>| {
        let topic = one.value.topic;
        let view = form(v, one);
        let view = match failed {
            Some((sent, error)) if sent.get("topic") == topic.as_str() => view.filled(sent, error),
            _ => view,
        };
        (v.t(topic.zh(), topic.en()), view)
    };
    let page = Page {
        v,
        nav: Nav::new(v, member, Tab::Dictionaries),
        dictionaries: all.iter().map(shown).collect(),
    };
    let status = failed.and_then(|(_, error)| status_of(error));
    v.form_page(status.unwrap_or(StatusCode::OK), &page)
}

fn form(v: &Visitor, one: &Stored<Dictionary>) -> FormView {
    let topic = one.value.topic.as_str();
    let entries = Field::area(
        "entries",
        v.t(
            "每行一项：代码 | 中文 | 英文 | 停用",
            "One a line: code | Chinese | English | retired",
        ),
        LONGEST,
    )
    .hint(v.t(
        "按显示顺序排列；已用过的代码不能删除，行末加“| 停用”后不再可选",
        "In the order shown; a code that was in use cannot be removed: add | retired at its end",
    ))
    .value(&written(&one.value));
    FormView::new(v, HERE, v.t("保存", "Save"), vec![entries])
        .marked(topic)
        .hide("topic", topic)
        .hide("version", &one.version.to_string())
}

/// A dictionary as lines.
fn written(dictionary: &Dictionary) -> String {
    let line = |entry: &DictionaryEntry| {
        let retired = if entry.retired { " | 停用" } else { "" };
        format!("{} | {} | {}{retired}", entry.code, entry.zh, entry.en)
    };
    let lines: Vec<String> = dictionary.entries.iter().map(line).collect();
    lines.join("\n")
}

/// The lines as entries, or the first line that is none.
fn read(text: &str) -> ops::Result<Vec<DictionaryEntry>> {
    let lines = text.lines().map(str::trim).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty());
    let entry = |(at, line): (usize, &str)| {
        let parts: Vec<&str> = line.split(['|', '｜']).map(str::trim).collect();
        let (fields, retired) = match parts.as_slice() {
            [fields @ .., last] if RETIRED.contains(last) => (fields, true),
            fields => (fields, false),
        };
        match fields {
            [code, zh, en] => Ok(DictionaryEntry {
                code: (*code).to_owned(),
                zh: (*zh).to_owned(),
                en: (*en).to_owned(),
                retired,
            }),
            _ => Err(Error::Invalid(vec![Fault::new(
                "/entries",
                "lineInvalid",
                format!("第 {} 行应为：代码 | 中文 | 英文。", at + 1),
                format!("Line {} should be: code | Chinese | English.", at + 1),
            )])),
        }
    };
    lines.map(entry).collect()
}

/// `POST /office/dictionaries`
pub async fn write(State(web): State<Web>, officer: Officer, form: Form) -> Response {
    let written = async {
        let topic = Topic::parse(form.get("topic")).ok_or(Error::NotFound("dictionary"))?;
        let version = form.get("version").parse().unwrap_or(0);
        let entries = read(form.get("entries"))?;
        let (services, actor) = (&web.services, &officer.0.actor);
        dictionaries::update(services, actor, topic, version, entries).await
    };
    match written.await {
        Ok(_) => see_other(HERE),
        Err(error) if status_of(&error).is_some() => {
            page(&web, &officer.0, &form.visitor, Some((&form, &error))).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}
