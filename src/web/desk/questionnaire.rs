//! `/desk/questionnaire`: the six items of many patents read from a sheet, and what became of its rows.

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    response::Response,
    routing::get,
};

use super::{Nav, Tab};
use crate::{
    domain::access::{Denied, Role},
    ops::{Error, Services, questionnaire::Report},
    web::{
        Web, errors,
        form::{Field, Form, FormView, status_of},
        session::Member,
        upload,
        visitor::Visitor,
    },
};

const HERE: &str = "/desk/questionnaire";
/// Refused rows that a page names.
const NAMED: usize = 500;

/// The page of the questionnaire.
pub fn router(services: &Services) -> Router<Web> {
    Router::new()
        .route(HERE, get(show).post(send))
        .layer(DefaultBodyLimit::max(upload::import_bytes(services)))
}

#[derive(Template)]
#[template(path = "desk_questionnaire.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    form: FormView,
    done: Option<Done>,
}

/// What became of a sheet.
struct Done {
    rows: i64,
    changed: i64,
    unchanged: i64,
    refused: usize,
    /// Row, column, value, reason.
    lines: Vec<(u64, &'static str, String, String)>,
    more: usize,
}

/// `GET /desk/questionnaire`
pub async fn show(member: Member, visitor: Visitor) -> Response {
    if member.actor.role != Role::Holder {
        return errors::page(&visitor, &Error::Denied(Denied::Role));
    }
    page(&member, &visitor, None, None)
}

fn page(
    member: &Member,
    v: &Visitor,
    done: Option<Done>,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let fields = vec![Field::file("sheet", v.t("盘点表", "The sheet")).hint(v.t(
        "CSV、XLSX 等，要有“专利号”列；可有 是否财政资助、项目编号、实施状态、转化意愿、技术成熟度、专利自评、应用场景、期望价格、联系人、联系电话。空格不改，字典以外的值不收",
        "CSV, XLSX and others with a column of numbers and any of the items; empty cells change nothing, values outside the dictionaries are refused",
    ))];
    let form = FormView::new(v, HERE, v.t("读入", "Read in"), fields);
    let (form, status) = match failed {
        Some((sent, error)) => (
            form.filled(sent, error),
            status_of(error).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
        ),
        None => (form, StatusCode::OK),
    };
    let nav = Nav::new(v, member, Tab::Review);
    v.form_page(status, &Page { v, nav, form, done })
}

/// `POST /desk/questionnaire`
pub async fn send(State(web): State<Web>, request: Request) -> Response {
    let mut upload =
        match upload::receive_as(upload::Kept::Questionnaire, &web, request, |_, _| Ok(())).await {
            Ok(upload) => upload,
            Err(response) => return response,
        };
    let done = upload.settled().and_then(|()| upload.was_taken("sheet"));
    let report = match upload.report.take() {
        Some(upload::Report::Questionnaire(report)) => Some(report),
        _ => None,
    };
    let (member, v) = (&upload.member, &upload.form.visitor);
    match done {
        Ok(()) => page(member, v, report.as_ref().map(|r| told(v, r)), None),
        Err(error) if status_of(&error).is_some() => {
            page(member, v, None, Some((&upload.form, &error)))
        }
        Err(error) => errors::page(v, &error),
    }
}

fn told(v: &Visitor, report: &Report) -> Done {
    let line = |one: &crate::domain::questionnaire::Refusal| {
        (
            one.row,
            one.column,
            one.value.clone(),
            v.text(&one.text).to_owned(),
        )
    };
    Done {
        rows: report.rows,
        changed: report.changed,
        unchanged: report.unchanged,
        refused: report.refused.len(),
        lines: report.refused.iter().take(NAMED).map(line).collect(),
        more: report.refused.len().saturating_sub(NAMED),
    }
}
