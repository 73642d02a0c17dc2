//! `/desk/units`: the colleges and departments of one's own organisation: names, former names, what is closed, and the
//! answers with which the stock records of each begin.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{
    Nav, Tab,
    choices::{Answer, answers, told},
};
use crate::{
    domain::{
        dictionary::Topic,
        inventory::{Funding, UnitCompleteness},
        party::Contact,
        stock::StockFilter,
        sub_unit::{NAME_CHARS, RecordDefaults, SubUnit, SubUnits},
    },
    ops::{
        self, Error, dictionaries, stock,
        sub_units::{self, Kept},
    },
    web::{
        Web,
        address::Address,
        errors,
        form::{Form, FormView, status_of},
        session::{Member, see_other},
        visitor::Visitor,
        words::grouped,
    },
};

const HERE: &str = "/desk/units";
const NEW: &str = "/desk/units/new";
const FILL: &str = "/desk/units/defaults";

#[derive(Template)]
#[template(path = "desk_units.html")]
struct Listed<'a> {
    v: &'a Visitor,
    nav: Nav,
    lines: Vec<Line>,
    /// What holdings write and what means no unit: name, patents, address of the stock, address of a new unit.
    unknown: Vec<(String, String, String, String)>,
    /// Patents without a unit, and the address of them.
    nameless: Option<(String, String)>,
    fill: Option<FormView>,
    /// What a filling has done.
    outcome: Option<String>,
}

/// One unit of the list.
struct Line {
    code: String,
    name: String,
    aliases: String,
    closed: bool,
    href: String,
    patents: String,
    complete: String,
    stock_href: String,
    /// Which items have a default.
    defaults: Vec<&'static str>,
}

/// `GET /desk/units`
pub async fn list(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    listed(&web, &visitor, &member, None).await
}

async fn listed(web: &Web, v: &Visitor, member: &Member, outcome: Option<String>) -> Response {
    let kept = match sub_units::get(&web.services, &member.actor, None).await {
        Ok(kept) => kept,
        Err(error) => return errors::page(v, &error),
    };
    let list = &kept.list.value;
    let units = &list.units;
    let has_defaults = units.iter().any(|unit| !unit.defaults.is_empty());
    let label = v.t(
        "用默认值补填全部空着的项目",
        "Fill everything that is empty with the defaults",
    );
    let mut page = Listed {
        v,
        nav: Nav::new(v, member, Tab::Units),
        lines: units.iter().map(|unit| line(v, unit, &kept)).collect(),
        unknown: Vec::new(),
        nameless: None,
        fill: has_defaults.then(|| FormView::button(v, FILL, label)),
        outcome,
    };
    for written in &kept.written {
        let count = grouped(written.total.unsigned_abs());
        if written.unit.is_empty() {
            page.nameless = Some((count, stock_of("-")));
        } else if list.find(&written.unit).is_none() {
            let new = Address::default().with("name", &written.unit).at(NEW);
            let name = written.unit.clone();
            page.unknown
                .push((name, count, stock_of(&written.unit), new));
        }
    }
    v.form_page(StatusCode::OK, &page)
}

fn stock_of(unit: &str) -> String {
    Address::default().with("unit", unit).at("/desk/stock")
}

fn line(v: &Visitor, unit: &SubUnit, kept: &Kept) -> Line {
    let of = |written: &&UnitCompleteness| written.unit == unit.name;
    let written = kept.written.iter().find(of);
    let (total, complete) = written.map_or((0, 0), |written| (written.total, written.complete));
    let defaults = &unit.defaults;
    let set = [
        (defaults.funding.is_some(), Topic::Funding),
        (!defaults.ways.is_empty(), Topic::Ways),
        (defaults.maturity.is_some(), Topic::Maturity),
        (defaults.grade.is_some(), Topic::Grade),
    ];
    let mut named: Vec<&'static str> = set
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, topic)| v.t(topic.zh(), topic.en()))
        .collect();
    if defaults.contact.is_some() {
        named.push(v.t("联系人", "Contact"));
    }
    Line {
        code: unit.code.clone(),
        name: unit.name.clone(),
        aliases: unit.aliases.join(v.t("、", ", ")),
        closed: unit.closed,
        href: format!("{HERE}/{}", unit.code),
        patents: grouped(total.unsigned_abs()),
        complete: grouped(complete.unsigned_abs()),
        stock_href: stock_of(&unit.name),
        defaults: named,
    }
}

#[derive(Template)]
#[template(path = "desk_unit.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    action: String,
    token: String,
    version: i64,
    /// Absent for a unit that is being added.
    known: Option<String>,
    unit: SubUnit,
    aliases: String,
    project: String,
    contact: Contact,
    fundings: Vec<Answer>,
    ways: Vec<Answer>,
    maturities: Vec<Answer>,
    grades: Vec<Answer>,
    longest: usize,
    errors: Vec<String>,
    /// How many records of this unit the stock has.
    records: String,
    fill: Option<FormView>,
}

/// `GET /desk/units/new?name=`
pub async fn begin(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let blank = SubUnit {
        code: String::new(),
        name: visitor
            .address
            .first("name")
            .chars()
            .take(NAME_CHARS)
            .collect(),
        aliases: Vec::new(),
        closed: false,
        defaults: RecordDefaults::default(),
    };
    page(&web, &visitor, &member, None, Some(blank), None).await
}

/// `GET /desk/units/{code}`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(code): Path<String>,
) -> Response {
    page(&web, &visitor, &member, Some(&code), None, None).await
}

const MISSING: Error = Error::NotFound("sub-unit");

/// The page of a unit; with what was typed and did not pass.
async fn page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    code: Option<&str>,
    typed: Option<SubUnit>,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let built = async {
        let kept = sub_units::get(&web.services, &member.actor, None).await?;
        let all = dictionaries::all(&web.services).await?;
        let of_code = |code: &str| kept.list.value.units.iter().find(|unit| unit.code == code);
        let stored = match code {
            Some(code) => Some(of_code(code).cloned().ok_or(MISSING)?),
            None => None,
        };
        let records = match &stored {
            Some(unit) => {
                let filter = StockFilter {
                    unit: Some(unit.name.clone()),
                    ..StockFilter::default()
                };
                stock::count(&web.services, &member.actor, &filter).await?
            }
            None => 0,
        };
        let unit = typed.or(stored).ok_or(MISSING)?;
        Ok::<_, Error>((kept.list.version, all, unit, records))
    };
    let (version, all, unit, records) = match built.await {
        Ok(built) => built,
        Err(error) => return errors::page(v, &error),
    };
    let typed_at = failed.and_then(|(form, _)| form.get("version").parse().ok());
    let action = code.map_or_else(|| NEW.to_owned(), |code| format!("{HERE}/{code}"));
    let one = |topic, code: Option<&String>| {
        let chosen = code.map_or(&[][..], std::slice::from_ref);
        answers(v, &all, topic, chosen)
    };
    let defaults = &unit.defaults;
    let funding = defaults.funding.as_ref();
    let fillable = code.filter(|_| records > 0 && !defaults.is_empty());
    let label = v.t(
        "用默认值补填这个单位空着的项目",
        "Fill what is empty in this unit's records",
    );
    let shown = Page {
        v,
        nav: Nav::new(v, member, Tab::Units),
        token: v.csrf(&action),
        action,
        version: typed_at.unwrap_or(version),
        known: code.map(str::to_owned),
        aliases: unit.aliases.join("\n"),
        project: funding.and_then(|f| f.project.clone()).unwrap_or_default(),
        contact: defaults.contact.clone().unwrap_or_default(),
        fundings: one(Topic::Funding, funding.map(|f| &f.level)),
        ways: answers(v, &all, Topic::Ways, &defaults.ways),
        maturities: one(Topic::Maturity, defaults.maturity.as_ref()),
        grades: one(Topic::Grade, defaults.grade.as_ref()),
        longest: NAME_CHARS,
        errors: failed.map_or_else(Vec::new, |(_, error)| told(v, error)),
        records: grouped(records.unsigned_abs()),
        fill: fillable.map(|code| FormView::button(v, FILL, label).hide("unit", code)),
        unit,
    };
    let status = failed.and_then(|(_, error)| status_of(error));
    v.form_page(status.unwrap_or(StatusCode::OK), &shown)
}

/// What was typed.
fn typed(form: &Form, code: &str) -> SubUnit {
    let said = |name| {
        let text = form.get(name).trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let contact = Contact {
        name: said("contact"),
        telephone: said("telephone"),
        email: said("email"),
        address: None,
    };
    let aliases = form.get("aliases").lines().map(str::trim);
    SubUnit {
        code: code.trim().to_owned(),
        name: form.get("name").trim().to_owned(),
        aliases: aliases
            .filter(|alias| !alias.is_empty())
            .map(str::to_owned)
            .collect(),
        closed: form.get("closed") == "yes",
        defaults: RecordDefaults {
            funding: said("funding").map(|level| Funding {
                level,
                project: said("project"),
            }),
            ways: form.all("way").map(str::to_owned).collect(),
            maturity: said("maturity"),
            grade: said("grade"),
            contact: Some(contact).filter(|contact| *contact != Contact::default()),
        },
    }
}

/// `POST /desk/units/new`
pub async fn create(State(web): State<Web>, member: Member, form: Form) -> Response {
    let unit = typed(&form, form.get("code"));
    let add = |list: &mut SubUnits, unit| {
        list.units.push(unit);
        Ok(())
    };
    put(&web, &member, &form, None, unit, add).await
}

/// `POST /desk/units/{code}`
pub async fn update(
    State(web): State<Web>,
    member: Member,
    Path(code): Path<String>,
    form: Form,
) -> Response {
    let unit = typed(&form, &code);
    let replace = |list: &mut SubUnits, unit: SubUnit| {
        let known = list.units.iter_mut().find(|known| known.code == unit.code);
        *known.ok_or(MISSING)? = unit;
        Ok(())
    };
    put(&web, &member, &form, Some(&code), unit, replace).await
}

async fn put(
    web: &Web,
    member: &Member,
    form: &Form,
    code: Option<&str>,
    unit: SubUnit,
    change: impl FnOnce(&mut SubUnits, SubUnit) -> ops::Result<()>,
) -> Response {
    let done = async {
        let version = form.get("version").parse().map_err(|_| MISSING)?;
        let kept = sub_units::get(&web.services, &member.actor, None).await?;
        let mut list = kept.list.value;
        change(&mut list, unit.clone())?;
        sub_units::update(&web.services, &member.actor, None, version, list).await
    };
    match done.await {
        Ok(_) => see_other(HERE),
        Err(error) if status_of(&error).is_some() => {
            let failed = Some((form, &error));
            page(web, &form.visitor, member, code, Some(unit), failed).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `POST /desk/units/defaults`: of the unit that is named, or of all.
pub async fn fill(State(web): State<Web>, member: Member, form: Form) -> Response {
    let v = &form.visitor;
    let unit = Some(form.get("unit")).filter(|unit| !unit.is_empty());
    match sub_units::fill(&web.services, &member.actor, None, unit).await {
        Ok(done) => {
            let changed = grouped(done.changed as u64);
            let outcome = if done.refused == 0 {
                format!(
                    "{}{changed}{}",
                    v.t("已补填 ", "Filled "),
                    v.t(" 件。", " records.")
                )
            } else {
                format!(
                    "{}{changed}{}{}{}",
                    v.t("已补填 ", "Filled "),
                    v.t(" 件，未能补填 ", " records, not filled "),
                    grouped(done.refused as u64),
                    v.t(" 件。", ".")
                )
            };
            listed(&web, v, &member, Some(outcome)).await
        }
        Err(error) => errors::page(v, &error),
    }
}
