//! `/office/targets`: what the district wants to reach; each target a form, and one for a new target.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::Officer;
use crate::{
    domain::{
        id::Id,
        indicator::{Metric, Side, Target},
        text::Text,
        time::Day,
    },
    ops::{
        self, Error, Stored,
        targets::{self, Written},
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, status_of},
        nav::{Nav, Tab},
        session::{Member, see_other},
        visitor::Visitor,
    },
};

const HERE: &str = "/office/targets";

#[derive(Template)]
#[template(path = "office_targets.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    targets: Vec<(String, FormView)>,
    new: FormView,
}

/// `GET /office/targets`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    page(&web, &officer.0, &visitor, None).await
}

/// The page; a form that did not pass stands there as it was sent, with what is wrong.
async fn page(
    web: &Web,
    member: &Member,
    v: &Visitor,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let all = match targets::list(&web.services, &member.actor).await {
        Ok(all) => all,
        Err(error) => return errors::page(v, &error),
    };
    let shown = |id: &str, view: FormView| match failed {
        Some((form, error)) if form.get("target") == id => view.filled(form, error),
        _ => view,
    };
    let page = Page {
        v,
        nav: Nav::new(v, member, Tab::Targets),
        new: shown("", form(v, None)),
        targets: all
            .iter()
            .map(|target| {
                let id = target.value.id.to_string();
                (target.value.name.clone(), shown(&id, form(v, Some(target))))
            })
            .collect(),
    };
    let status = failed.and_then(|(_, error)| status_of(error));
    v.form_page(status.unwrap_or(StatusCode::OK), &page)
}

fn form(v: &Visitor, target: Option<&Stored<Target>>) -> FormView {
    let is = |text: fn(&Target) -> String| target.map_or_else(String::new, |t| text(&t.value));
    let metrics =
        Metric::ALL.map(|metric| (metric.as_str(), v.t(metric.zh(), metric.en()).to_owned()));
    let sides = Side::ALL.map(|side| (side.as_str(), v.t(side.zh(), side.en()).to_owned()));
    let fields = vec![
        Field::new("name", v.t("名称", "Name")).value(&is(|t| t.name.clone())),
        Field::new("metric", v.t("计什么", "What is counted"))
            .options(metrics.into())
            .value(target.map_or(Metric::M3, |t| t.value.metric).as_str()),
        Field::new("value", v.t("目标值", "Value")).value(&is(|t| t.value.to_string())),
        Field::new("from", v.t("开始日", "First day"))
            .kind("date")
            .value(&is(|t| t.from.to_string())),
        Field::new("to", v.t("截止日", "Last day"))
            .kind("date")
            .value(&is(|t| t.to.to_string())),
        Field::new("district", v.t("区划代码", "District"))
            .value(&target.map_or_else(|| "371002".to_owned(), |t| t.value.district.clone())),
        Field::new("side", v.t("按哪一方的区划", "Whose district decides"))
            .options(sides.into())
            .value(target.map_or(Side::Patentee, |t| t.value.side).as_str()),
        Field::new("responsible", v.t("责任单位", "Responsible units"))
            .hint(v.t("几个单位之间用顿号", "Several: separated by 、"))
            .value(&is(|t| t.responsible.join("、"))),
    ];
    let label = match target {
        Some(_) => v.t("保存", "Save"),
        None => v.t("新增指标", "Add a target"),
    };
    FormView::new(v, HERE, label, fields)
        .marked(&is(|t| t.id.to_string()))
        .hide("target", &is(|t| t.id.to_string()))
        .hide("version", &target.map_or(0, |t| t.version).to_string())
}

/// `POST /office/targets`: a changed target, or a new one.
pub async fn write(State(web): State<Web>, officer: Officer, form: Form) -> Response {
    let written = async {
        let new = written(&form)?;
        let (services, actor) = (&web.services, &officer.0.actor);
        match form.get("target") {
            "" => targets::create(services, actor, None, new)
                .await
                .map(|_| ()),
            id => {
                let id = Id::parse(id).ok_or(Error::NotFound("target"))?;
                let version = form.get("version").parse().unwrap_or(0);
                targets::update(services, actor, &id, version, new)
                    .await
                    .map(|_| ())
            }
        }
    };
    match written.await {
        Ok(()) => see_other(HERE),
        Err(error) if status_of(&error).is_some() => {
            page(&web, &officer.0, &form.visitor, Some((&form, &error))).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `区科技局、区市场监管局` in parts.
fn units(text: &str) -> Vec<String> {
    let parts = text.split(['、', ',', '，', ';', '；']).map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn written(form: &Form) -> ops::Result<Written> {
    let day = |name: &str| -> ops::Result<Day> {
        form.get(name).parse().map_err(|_| {
            let text = Text::new(
                "请填写日期，例如 2026-12-31。",
                "Give a day such as 2026-12-31.",
            );
            Error::fault(&format!("/{name}"), "dayInvalid", text.zh, text.en)
        })
    };
    let choice = |name: &str| {
        Error::fault(
            &format!("/{name}"),
            "unknownValue",
            "请从列出的选项中选择。",
            "Choose one of those listed.",
        )
    };
    Ok(Written {
        name: form.get("name").to_owned(),
        metric: Metric::parse(form.get("metric")).ok_or_else(|| choice("metric"))?,
        value: form.get("value").trim().parse().map_err(|_| {
            Error::fault(
                "/value",
                "valueInvalid",
                "请填写整数。",
                "Give a whole number.",
            )
        })?,
        from: day("from")?,
        to: day("to")?,
        district: form.get("district").trim().to_owned(),
        side: Side::parse(form.get("side")).ok_or_else(|| choice("side"))?,
        responsible: units(form.get("responsible")),
    })
}
