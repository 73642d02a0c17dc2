//! `/office/reference`: which tables of codes stand, from where and of which day; one is loaded by a form and taken away
//! by a button.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};

use super::Officer;
use crate::{
    domain::{access::Denied, reference::Kind},
    ops::{Error, reference},
    web::{
        Web,
        desk::due::grouped,
        errors,
        form::{Field, Form, FormView, status_of},
        nav::{Nav, Tab},
        session::{Member, see_other},
        upload,
        visitor::Visitor,
    },
};

const HERE: &str = "/office/reference";
const REMOVE: &str = "/office/reference/remove";

#[derive(Template)]
#[template(path = "office_reference.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    rows: Vec<Row>,
    form: FormView,
}

/// One table.
struct Row {
    name: &'static str,
    lines_at: String,
    version: String,
    source: String,
    lines: String,
    loaded_on: Option<String>,
    loaded_by: String,
    sha256: String,
    sha256_start: String,
    remove: Option<FormView>,
}

/// `GET /office/reference`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    page(&web, &officer.0, &visitor, None).await
}

/// `POST /office/reference`
pub async fn load(State(web): State<Web>, request: Request) -> Response {
    let check = |member: &Member, _: &Form| {
        if member.is_officer() {
            Ok(())
        } else {
            Err(Error::Denied(Denied::Role))
        }
    };
    let mut upload = match upload::receive_as(upload::Kept::Reference, &web, request, check).await {
        Ok(upload) => upload,
        Err(response) => return response,
    };
    let done = upload.settled().and_then(|()| upload.was_taken("table"));
    match done {
        Ok(()) => see_other(HERE),
        Err(error) if status_of(&error).is_some() => {
            let form = &upload.form;
            page(&web, &upload.member, &form.visitor, Some((form, &error))).await
        }
        Err(error) => errors::page(&upload.form.visitor, &error),
    }
}

/// `POST /office/reference/remove`
pub async fn remove(State(web): State<Web>, officer: Officer, form: Form) -> Response {
    let Some(kind) = Kind::parse(form.get("kind")) else {
        return errors::page(&form.visitor, &Error::NotFound("referenceTable"));
    };
    match reference::remove(&web.services, &officer.0.actor, kind).await {
        Ok(_) => see_other(HERE),
        Err(error) => errors::page(&form.visitor, &error),
    }
}

async fn page(
    web: &Web,
    officer: &Member,
    v: &Visitor,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let tables = match reference::list(&web.services, &officer.actor).await {
        Ok(tables) => tables,
        Err(error) => return errors::page(v, &error),
    };
    let rows = tables.into_iter().map(|shown| row(v, shown)).collect();
    let form = form(v);
    let (form, status) = match failed {
        Some((sent, error)) => (
            form.filled(sent, error),
            status_of(error).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
        ),
        None => (form, StatusCode::OK),
    };
    let nav = Nav::new(v, officer, Tab::Reference);
    v.form_page(status, &Page { v, nav, rows, form })
}

fn row(v: &Visitor, shown: reference::Shown) -> Row {
    let table = shown.table.value;
    let word = table.kind.as_str();
    let sha256 = table.sha256.unwrap_or_default();
    let remove = (!table.built_in).then(|| {
        FormView::button(v, REMOVE, v.t("撤下", "Remove"))
            .marked(word)
            .hide("kind", word)
    });
    Row {
        name: v.t(table.kind.zh(), table.kind.en()),
        lines_at: format!("/v1/reference-tables/{word}/lines"),
        version: table.version,
        source: table.source,
        lines: grouped(table.lines),
        loaded_on: table.loaded_on.map(|day| day.to_string()),
        loaded_by: shown.loaded_by.unwrap_or_default(),
        sha256_start: sha256.chars().take(12).collect(),
        sha256,
        remove,
    }
}

fn form(v: &Visitor) -> FormView {
    let kinds = Kind::ALL.map(|kind| (kind.as_str(), v.t(kind.zh(), kind.en()).to_owned()));
    let fields = vec![
        Field::new("kind", v.t("表", "Table")).options(kinds.into()),
        Field::new("version", v.t("版本", "Version"))
            .hint(v.t("发布单位的叫法，例如 2026.01", "As its issuer calls it, e.g. 2026.01")),
        Field::new("source", v.t("来源", "Source")).hint(v.t(
            "公开显示，例如 国家知识产权局",
            "Shown to everybody, e.g. the patent office",
        )),
        Field::file("table", v.t("文件", "File")).hint(v.t(
            "CSV、XLSX、XLS、ODS；名称表要有“代码”“名称”两列。任何一行读不懂，整个文件不装载",
            "CSV, XLSX, XLS or ODS; tables of names need columns code and name. One row that cannot be read refuses the file",
        )),
    ];
    FormView::new(v, HERE, v.t("装载", "Load"), fields)
}
