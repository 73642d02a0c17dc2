//! `/office/reported`: figures that the units responsible report, each with its document.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};

use super::Officer;
use crate::{
    domain::{
        id::Id,
        reported::{Indicator, Reported, decimal, hundredths},
    },
    ops::{
        self, Error,
        reported::{self, Written},
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, day, status_of},
        nav::{Nav, Tab},
        session::{Member, see_other},
        upload::{self, Upload},
        visitor::Visitor,
    },
};

const HERE: &str = "/office/reported";
/// Figures on the page; the API pages through all of them.
const SHOWN: usize = 100;

/// A reported figure as a row.
struct Row {
    title: &'static str,
    value: String,
    goal: Option<String>,
    record: Reported,
}

#[derive(Template)]
#[template(path = "office_reported.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    rows: Vec<Row>,
    total: i64,
    form: FormView,
}

/// `GET /office/reported`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    page(&web, &officer.0, &visitor, None).await
}

async fn page(
    web: &Web,
    member: &Member,
    v: &Visitor,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let found = reported::list(&web.services, &member.actor, None, None, SHOWN).await;
    let (found, total) = match found {
        Ok(found) => found,
        Err(error) => return errors::page(v, &error),
    };
    let row = |record: Reported| Row {
        title: v.t(record.indicator.zh(), record.indicator.en()),
        value: decimal(record.value_hundredths),
        goal: record.goal_hundredths.map(decimal),
        record,
    };
    let form = form(v);
    let page = Page {
        v,
        nav: Nav::new(v, member, Tab::Reported),
        rows: found.into_iter().map(|stored| row(stored.value)).collect(),
        total,
        form: match failed {
            Some((sent, error)) => form.filled(sent, error),
            None => form,
        },
    };
    let status = failed.and_then(|(_, error)| status_of(error));
    v.form_page(status.unwrap_or(StatusCode::OK), &page)
}

fn form(v: &Visitor) -> FormView {
    let indicators = Indicator::ALL.map(|i| (i.as_str(), v.t(i.zh(), i.en()).to_owned()));
    let fields = vec![
        Field::new("indicator", v.t("指标", "Figure")).options(indicators.into()),
        Field::new("district", v.t("区划代码", "District")).value("371002"),
        Field::new("on", v.t("统计日", "Day")).kind("date"),
        Field::new("value", v.t("数值", "Value")).hint(v.t("最多两位小数", "At most two decimals")),
        Field::new("goal", v.t("目标值", "Goal")).optional(),
        Field::new("responsible", v.t("责任单位", "Responsible unit")),
        Field::new("source", v.t("来源", "Source"))
            .hint(v.t("哪份报告、哪份统计", "Which report or bulletin")),
        Field::file("file", v.t("文件", "Document")),
    ];
    FormView::new(v, HERE, v.t("填报", "Enter"), fields)
}

/// `POST /office/reported`: a figure with its document; the same figure of the same day is corrected.
pub async fn enter(State(web): State<Web>, officer: Officer, request: Request) -> Response {
    let checked = |_: &Member, form: &Form| {
        number(form, "value")
            .and(goal(form))
            .and(day(form, "on"))
            .map(|_| ())
    };
    let mut upload = match upload::receive(&web, request, checked).await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    match entered(&web, &mut upload).await {
        Ok(()) => see_other(HERE),
        Err(error) if status_of(&error).is_some() => {
            page(
                &web,
                &officer.0,
                &upload.form.visitor,
                Some((&upload.form, &error)),
            )
            .await
        }
        Err(error) => errors::page(&upload.form.visitor, &error),
    }
}

async fn entered(web: &Web, upload: &mut Upload) -> ops::Result<()> {
    upload.settled()?;
    let written = written(&upload.form, upload.required("file")?)?;
    let (services, actor) = (&web.services, &upload.member.actor);
    reported::create(services, actor, None, written)
        .await
        .map(|_| ())
}

/// A field's number in hundredths.
fn number(form: &Form, name: &str) -> ops::Result<i64> {
    hundredths(form.get(name).trim()).ok_or_else(|| {
        Error::fault(
            &format!("/{name}"),
            "valueInvalid",
            "请填写数字，最多两位小数。",
            "Give a number with at most two decimals.",
        )
    })
}

fn goal(form: &Form) -> ops::Result<Option<i64>> {
    match form.get("goal").trim() {
        "" => Ok(None),
        _ => number(form, "goal").map(Some),
    }
}

fn written(form: &Form, file: Id) -> ops::Result<Written> {
    Ok(Written {
        indicator: Indicator::parse(form.get("indicator")).ok_or(Error::NotFound("reported"))?,
        district: form.get("district").trim().to_owned(),
        on: day(form, "on")?,
        value_hundredths: number(form, "value")?,
        goal_hundredths: goal(form)?,
        responsible: form.get("responsible").to_owned(),
        source: form.get("source").to_owned(),
        file,
    })
}
