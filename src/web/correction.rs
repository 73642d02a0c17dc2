//! `/patents/{number}/corrections/{unit}`: a holder or an officer corrects one thing that the sources say, with a reason, or
//! takes the correction back. One form a unit, one line a name or symbol.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Map, Value};

use super::{
    Web, errors,
    form::{Field, Form, FormView, status_of},
    session::{Member, see_other},
    visitor::Visitor,
};
use crate::{
    domain::{
        codes::AppNo,
        merge::{By, Unit},
        patent::Patent,
    },
    ops::{
        self, Error,
        corrections::{self, NewCorrection},
        patents, provenance,
    },
};

/// Characters of a text of several lines.
const LONGEST: usize = 20_000;

/// How the value of a field is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Line,
    Day,
    Text,
    /// One a line.
    List,
}

/// The fields that a form offers: their name in the record, how each is written, and what it is called. What is not here
/// has a way of its own: a status its document, a region the address of its patentee.
const FIELDS: [(&str, Kind, &str, &str); 14] = [
    ("title", Kind::Line, "专利名称", "Title"),
    ("abstract", Kind::Text, "摘要", "Abstract"),
    ("mainClaim", Kind::Text, "主权项", "Main claim"),
    (
        "ipc",
        Kind::List,
        "IPC 分类号（每行一个，第一个为主分类）",
        "IPC symbols, one a line, the main one first",
    ),
    (
        "locarno",
        Kind::List,
        "洛迦诺分类号（每行一个）",
        "Locarno classes, one a line",
    ),
    (
        "industries",
        Kind::List,
        "国民经济行业代码（每行一个）",
        "Industries (GB/T 4754 codes), one a line",
    ),
    (
        "applicants",
        Kind::List,
        "申请人（每行一个）",
        "Applicants, one a line",
    ),
    (
        "owners",
        Kind::List,
        "当前权利人（每行一个）",
        "Owners, one a line",
    ),
    (
        "inventors",
        Kind::List,
        "发明人（每行一个）",
        "Inventors, one a line",
    ),
    ("filingDate", Kind::Day, "申请日", "Filing day"),
    (
        "publicationNumber",
        Kind::Line,
        "公开号",
        "Publication number",
    ),
    ("publicationDate", Kind::Day, "公开日", "Day of publication"),
    ("grantNumber", Kind::Line, "授权公告号", "Grant number"),
    ("grantDate", Kind::Day, "授权公告日", "Day of grant"),
];

/// Is there a form for it?
pub fn has_form(unit: Unit) -> bool {
    !fields_of(unit).is_empty()
}

fn fields_of(unit: Unit) -> Vec<(&'static str, Kind, &'static str, &'static str)> {
    let of = |field: &&(&'static str, Kind, &'static str, &'static str)| {
        unit.is_of_patent() && unit.fields().contains(&field.0)
    };
    FIELDS.iter().filter(of).copied().collect()
}

/// Where the form of a unit is.
pub fn address(number: &AppNo, unit: Unit) -> String {
    format!("/patents/{number}/corrections/{}", unit.as_str())
}

#[derive(Template)]
#[template(path = "correction.html")]
struct Page<'a> {
    v: &'a Visitor,
    number: String,
    href: String,
    title: String,
    unit: &'static str,
    /// It is corrected by hand now: why.
    corrected: Option<String>,
    form: FormView,
    take_back: Option<FormView>,
}

const MISSING: Error = Error::NotFound("unit");

fn asked(number: &str, unit: &str) -> ops::Result<(AppNo, Unit)> {
    let number = patents::parse_number(number)?;
    let unit = Unit::parse(unit).filter(|unit| has_form(*unit));
    Ok((number, unit.ok_or(MISSING)?))
}

/// `GET /patents/{number}/corrections/{unit}`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path((number, unit)): Path<(String, String)>,
) -> Response {
    match page(&web, &visitor, &member, (&number, &unit), None).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn page<'a>(
    web: &Web,
    v: &'a Visitor,
    member: &Member,
    (number, unit): (&str, &str),
    failed: Option<(&Form, &Error)>,
) -> ops::Result<Page<'a>> {
    let (number, unit) = asked(number, unit)?;
    let (version, sources) = provenance::get(&web.services, &member.actor, &number).await?;
    let patent = patents::get(&web.services, &member.actor, &number).await?;
    let of = sources.iter().find(|source| source.unit == unit);
    let corrected = of.filter(|source| source.by == Some(By::Correction));
    let action = address(&number, unit);
    let form = form(v, &action, unit, &patent.patent.value, version);
    let back = corrected.map(|_| {
        let label = v.t(
            "撤销更正，恢复来源的内容",
            "Take it back: what the source says is there again",
        );
        FormView::button(v, &format!("{action}/take-back"), label)
            .marked("back")
            .hide("version", &version.to_string())
    });
    Ok(Page {
        v,
        href: format!("/patents/{number}"),
        number: number.zl(),
        title: patent.patent.value.title.clone(),
        unit: v.t(unit.zh(), unit.en()),
        corrected: corrected.map(|source| source.reason.clone().unwrap_or_default()),
        form: match failed {
            Some((sent, error)) => form.filled(sent, error),
            None => form,
        },
        take_back: back,
    })
}

fn form(v: &Visitor, action: &str, unit: Unit, patent: &Patent, version: i64) -> FormView {
    let value = unit.value(patent);
    let mut fields: Vec<Field> = fields_of(unit)
        .into_iter()
        .map(|(name, kind, zh, en)| {
            let label = v.t(zh, en);
            let field = match kind {
                Kind::Line => Field::new(name, label),
                Kind::Day => Field::new(name, label).kind("date"),
                Kind::Text | Kind::List => Field::area(name, label, LONGEST),
            };
            field.optional().value(&written(value.get(name)))
        })
        .collect();
    fields.push(
        Field::area("reason", v.t("更正理由", "Why it is corrected"), 500).hint(v.t(
            "例如：与专利证书核对，导出文件有误",
            "For example: compared with the certificate; the export was wrong",
        )),
    );
    FormView::new(v, action, v.t("更正", "Correct"), fields).hide("version", &version.to_string())
}

fn written(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let lines = items.iter().filter_map(Value::as_str);
            lines.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// What was typed, as the record has it.
fn read(form: &Form, unit: Unit) -> Value {
    let mut value = Map::new();
    for (name, kind, ..) in fields_of(unit) {
        let text = form.get(name).replace("\r\n", "\n");
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let said = if kind == Kind::List {
            let lines = text.lines().map(str::trim);
            lines.filter(|line| !line.is_empty()).collect()
        } else {
            Value::from(text)
        };
        value.insert(name.to_owned(), said);
    }
    Value::Object(value)
}

/// `POST /patents/{number}/corrections/{unit}`
pub async fn correct(
    State(web): State<Web>,
    member: Member,
    Path((number, unit)): Path<(String, String)>,
    form: Form,
) -> Response {
    let done = async {
        let (number, unit) = asked(&number, &unit)?;
        let version = form.get("version").parse().map_err(|_| MISSING)?;
        let new = NewCorrection {
            value: read(&form, unit),
            reason: form.get("reason").replace("\r\n", " "),
        };
        let (services, actor) = (&web.services, &member.actor);
        corrections::correct(services, actor, &number, unit, version, new).await
    };
    match done.await {
        Ok(patent) => see_other(&format!("/patents/{}#sources", patent.value.number)),
        Err(error) if status_of(&error).is_some() => {
            let failed = Some((&form, &error));
            let v = &form.visitor;
            match page(&web, v, &member, (&number, &unit), failed).await {
                Ok(page) => v.form_page(
                    status_of(&error).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
                    &page,
                ),
                Err(other) => errors::page(v, &other),
            }
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `POST /patents/{number}/corrections/{unit}/take-back`
pub async fn take_back(
    State(web): State<Web>,
    member: Member,
    Path((number, unit)): Path<(String, String)>,
    form: Form,
) -> Response {
    let done = async {
        let (number, unit) = asked(&number, &unit)?;
        let version = form.get("version").parse().map_err(|_| MISSING)?;
        let (services, actor) = (&web.services, &member.actor);
        corrections::take_back(services, actor, &number, unit, version).await
    };
    match done.await {
        Ok(patent) => see_other(&format!("/patents/{}#sources", patent.value.number)),
        Err(error) => errors::page(&form.visitor, &error),
    }
}
