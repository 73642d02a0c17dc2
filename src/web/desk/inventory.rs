//! `/desk/inventory/{id}`: the stock record of one patent, six items and whom to turn to, filled in on one page.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{
    Nav, Tab,
    appraisals::ProfileView,
    choices::{Answer, answers, told, word},
};
use crate::{
    domain::{
        dictionary::{Dictionaries, Topic},
        holding::Conversion,
        id::Id,
        inventory::{Funding, Inventory, InventoryPatch, Item, PROJECT_CHARS, SCENARIO_CHARS},
        money::Fen,
        party::Contact,
        review::{CourseEntry, RecordStep, ReviewRules, Want},
        sub_unit::RecordDefaults,
        text::Text,
        time::Day,
    },
    ops::{
        self, Error,
        accounts::Account,
        appraisals, dictionaries,
        inventory::{self, Edit, Shown},
        reviews::{self, NewStep},
        sub_units,
    },
    web::{
        Web, errors,
        form::{Form, status_of},
        session::{Member, see_other},
        visitor::Visitor,
        words,
    },
};

#[derive(Template)]
#[template(path = "desk_inventory.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one yes or no of the page"
)]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    action: String,
    token: String,
    version: i64,
    number: String,
    patent_href: String,
    card_href: String,
    title: String,
    unit: Option<String>,
    fictional: bool,
    /// In both languages: the items that say nothing.
    missing: Vec<Text>,
    fundings: Vec<Answer>,
    conversions: Vec<Answer>,
    ways: Vec<Answer>,
    maturities: Vec<Answer>,
    grades: Vec<Answer>,
    typed: Typed,
    longest_project: usize,
    longest_scenario: usize,
    /// What is wrong, in words.
    errors: Vec<String>,
    state: &'static str,
    due: Option<String>,
    overdue: bool,
    /// The reader's duty lets it be edited now.
    editable: bool,
    /// Some of what stands in the fields is the unit's default and not stored yet.
    prefilled: bool,
    /// Accounts that may fill it in; empty where the reader may not say so.
    members: Vec<Answer>,
    steps_action: String,
    steps_token: String,
    /// What the reader may do next.
    steps: Vec<(&'static str, &'static str)>,
    /// Beside its grade what the records say; for the holder's officers.
    profile: Option<ProfileView>,
    /// What has been done: the step, who, when, what was said.
    course: Vec<(&'static str, String, String, Option<String>)>,
}

/// What stands in the fields that are written.
struct Typed {
    project: String,
    price: String,
    scenario: String,
    inventor: String,
    name: String,
    telephone: String,
    email: String,
}

/// What is chosen and written: in the record, or in a form that did not pass.
struct Filled {
    funding: String,
    conversion: String,
    ways: Vec<String>,
    maturity: String,
    grade: String,
    assignee: String,
    typed: Typed,
}

impl Filled {
    fn of_record(shown: &Shown, record: &Inventory) -> Self {
        let contact = record.contact.clone().unwrap_or_default();
        let funding = record.funding.clone();
        let level = funding.as_ref().map(|f| f.level.clone());
        let price = record.price_fen.map(|fen| (fen.0 / 100).to_string());
        Self {
            funding: level.unwrap_or_default(),
            conversion: shown.holding.conversion.as_str().to_owned(),
            ways: record.ways.clone(),
            maturity: record.maturity.clone().unwrap_or_default(),
            grade: record.grade.clone().unwrap_or_default(),
            assignee: record
                .assignee
                .as_ref()
                .map_or_else(String::new, Id::to_string),
            typed: Typed {
                project: funding.and_then(|f| f.project).unwrap_or_default(),
                price: price.unwrap_or_default(),
                scenario: record.scenario.clone().unwrap_or_default(),
                inventor: record.inventor.clone().unwrap_or_default(),
                name: contact.name.unwrap_or_default(),
                telephone: contact.telephone.unwrap_or_default(),
                email: contact.email.unwrap_or_default(),
            },
        }
    }

    fn of_form(form: &Form) -> Self {
        let text = |name| form.get(name).to_owned();
        Self {
            funding: text("funding"),
            conversion: text("conversion"),
            ways: form.all("way").map(str::to_owned).collect(),
            maturity: text("maturity"),
            grade: text("grade"),
            assignee: text("assignee"),
            typed: Typed {
                project: text("project"),
                price: text("price"),
                scenario: text("scenario"),
                inventor: text("inventor"),
                name: text("contact"),
                telephone: text("telephone"),
                email: text("email"),
            },
        }
    }
}

/// `GET /desk/inventory/{id}`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    page(&web, &visitor, &member, &id, None).await
}

/// The page; with the form that did not pass.
async fn page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    id: &str,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let built = async {
        let id = Id::parse(id).ok_or(Error::NotFound("inventory"))?;
        let shown = inventory::get(&web.services, &member.actor, &id).await?;
        let all = dictionaries::all(&web.services).await?;
        let course = reviews::course(&web.services, &member.actor, &id, "", COURSE).await?;
        let members = reviews::members(&web.services, &member.actor).await?;
        let rules = reviews::rules_of(&web.services, &shown.holding.organisation).await?;
        let around = Around {
            profile: profile(web, v, member, &shown).await?,
            today: web.services.clock.today(),
            course: course.0,
            members,
            rules,
            defaults: sub_units::defaults(
                &web.services,
                &shown.holding.organisation,
                shown.holding.unit.as_deref(),
            )
            .await?,
        };
        Ok::<_, Error>((shown, all, around))
    };
    match built.await {
        Ok((shown, all, mut around)) => {
            let status = failed.and_then(|(_, error)| status_of(error));
            let page = Page::new(v, member, &shown, &all, &mut around, failed);
            v.form_page(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

/// Steps of a course that a page shows.
const COURSE: usize = 200;

/// What stands around a record.
struct Around {
    profile: Option<ProfileView>,
    today: Day,
    course: Vec<CourseEntry>,
    members: Vec<Account>,
    rules: ReviewRules,
    defaults: Option<RecordDefaults>,
}

/// The profile, for whom it is; none while the index is not ready, for a page without it is still true.
async fn profile(
    web: &Web,
    v: &Visitor,
    member: &Member,
    shown: &Shown,
) -> ops::Result<Option<ProfileView>> {
    if member.actor.is_narrow() {
        return Ok(None);
    }
    let owner = shown.holding.organisation.to_string();
    let (services, actor, number) = (&web.services, &member.actor, &shown.patent.number);
    match appraisals::get(services, actor, number, Some(&owner)).await {
        Ok(profile) => Ok(Some(ProfileView::of(v, &profile))),
        Err(Error::NotReady | Error::Busy) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What the reader may do next with a record.
fn steps(
    v: &Visitor,
    member: &Member,
    shown: &Shown,
    rules: &ReviewRules,
) -> Vec<(&'static str, &'static str)> {
    let standing = shown.standing();
    let may = |step: &RecordStep| {
        rules.stepped(standing.state, *step).is_ok()
            && member.actor.reaches(Want::Step(*step), standing)
    };
    let all = RecordStep::ALL.into_iter().filter(may);
    all.map(|step| (step.as_str(), v.t(step.zh(), step.en())))
        .collect()
}

fn course(v: &Visitor, entry: &CourseEntry) -> (&'static str, String, String, Option<String>) {
    let who = if entry.name.is_empty() {
        v.t("接口或管理员", "a key or the operator").to_owned()
    } else {
        entry.name.clone()
    };
    let step = v.t(entry.step.zh(), entry.step.en());
    (step, who, entry.at.in_beijing(), entry.note.clone())
}

impl<'a> Page<'a> {
    fn new(
        v: &'a Visitor,
        member: &Member,
        shown: &Shown,
        all: &Dictionaries,
        around: &mut Around,
        failed: Option<(&Form, &Error)>,
    ) -> Self {
        let record = &shown.record.value;
        let editable = member.actor.reaches(Want::Edit, shown.standing());
        let defaults = around.defaults.take().filter(|_| editable);
        let begun = defaults.map(|defaults| record.edited(defaults.patch(record)));
        let begun = begun.filter(|begun| begun != record && failed.is_none());
        let filled = match failed {
            Some((form, _)) => Filled::of_form(form),
            None => Filled::of_record(shown, begun.as_ref().unwrap_or(record)),
        };
        // What was typed was typed against the version that was read.
        let typed_at = failed.and_then(|(form, _)| form.get("version").parse().ok());
        let action = format!("/desk/inventory/{}", shown.holding.id);
        let (_, number) = words::number(shown.patent.legal_status, &shown.patent.number);
        let conversions = Conversion::ALL.map(|c| {
            let words = v.t(c.zh(), c.en()).to_owned();
            (
                c.as_str().to_owned(),
                words,
                c.as_str() == filled.conversion,
            )
        });
        let steps_action = format!("{action}/steps");
        let assigns = member.actor.reaches(Want::Assign, shown.standing());
        let members = around.members.iter().filter(|_| assigns);
        let members = members
            .map(|account| {
                let id = account.id.to_string();
                let is_chosen = id == filled.assignee;
                (id, account.name.clone(), is_chosen)
            })
            .collect();
        let one = |topic, code: &String| answers(v, all, topic, std::slice::from_ref(code));
        Self {
            v,
            nav: Nav::new(v, member, Tab::Review),
            token: v.csrf(&action),
            steps_token: v.csrf(&steps_action),
            steps_action,
            action,
            version: typed_at.unwrap_or(shown.record.version),
            number,
            patent_href: format!("/patents/{}", shown.patent.number),
            card_href: format!("/desk/cards/{}", shown.patent.number),
            title: shown.patent.title.clone(),
            unit: shown.holding.unit.clone(),
            fictional: shown.patent.fictional,
            missing: shown.missing().into_iter().map(item_text).collect(),
            fundings: one(Topic::Funding, &filled.funding),
            conversions: conversions.into(),
            ways: answers(v, all, Topic::Ways, &filled.ways),
            maturities: one(Topic::Maturity, &filled.maturity),
            grades: one(Topic::Grade, &filled.grade),
            typed: filled.typed,
            longest_project: PROJECT_CHARS,
            longest_scenario: SCENARIO_CHARS,
            errors: failed.map_or_else(Vec::new, |(_, error)| told(v, error)),
            state: v.t(record.state.zh(), record.state.en()),
            due: record.due_on.map(|day| day.to_string()),
            overdue: record.is_overdue_on(around.today),
            editable,
            prefilled: begun.is_some(),
            members,
            steps: steps(v, member, shown, &around.rules),
            profile: around.profile.take(),
            course: around.course.iter().map(|entry| course(v, entry)).collect(),
        }
    }
}

fn item_text(item: Item) -> Text {
    Text::new(item.zh(), item.en())
}

const MISSING: Error = Error::NotFound("inventory");

/// The record that a form is of, and the version that was read.
fn read(id: &str, form: &Form) -> ops::Result<(Id, i64)> {
    let record = Id::parse(id).ok_or(MISSING)?;
    let version = form.get("version").parse().map_err(|_| MISSING)?;
    Ok((record, version))
}

/// `POST /desk/inventory/{id}`: every item as the page shows it.
pub async fn update(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let (record, version) = read(&id, &form)?;
        inventory::update(&web.services, &member.actor, &record, version, edit(&form)?).await
    };
    match done.await {
        Ok(_) => see_other(&format!("/desk/inventory/{id}")),
        Err(error) if status_of(&error).is_some() => {
            page(&web, &form.visitor, &member, &id, Some((&form, &error))).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// What was chosen and typed.
fn edit(form: &Form) -> ops::Result<Edit> {
    let typed = |name| {
        let text = form.get(name).trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let price_fen = match typed("price") {
        None => None,
        Some(text) => {
            let yuan = text.replace(',', "").parse().ok().filter(|yuan| *yuan >= 0);
            let yuan = yuan.ok_or_else(|| {
                Error::fault(
                    "/price",
                    "amountInvalid",
                    "期望价格请填写整数元，例如 20000。",
                    "Give the price asked in whole yuan, e.g. 20000.",
                )
            })?;
            Some(Fen::yuan(yuan))
        }
    };
    let funding = typed("funding").map(|level| Funding {
        level,
        project: typed("project"),
    });
    let contact = Contact {
        name: typed("contact"),
        telephone: typed("telephone"),
        email: typed("email"),
        address: None,
    };
    Ok(Edit {
        conversion: word("conversion", form.get("conversion"), Conversion::parse)?,
        items: InventoryPatch {
            funding: Some(funding),
            ways: Some(form.all("way").map(str::to_owned).collect()),
            price_fen: Some(price_fen),
            maturity: Some(typed("maturity")),
            grade: Some(typed("grade")),
            scenario: Some(typed("scenario")),
            contact: Some(Some(contact)),
            inventor: Some(typed("inventor")),
            assignee: assignee(form)?,
        },
    })
}

/// Left alone where the page did not ask.
#[expect(
    clippy::option_option,
    reason = "left alone, emptied and filled are three things here"
)]
fn assignee(form: &Form) -> ops::Result<Option<Option<Id>>> {
    if form.get("assigns") != "yes" {
        return Ok(None);
    }
    Ok(Some(word("assignee", form.get("assignee"), Id::parse)?))
}

/// `POST /desk/inventory/{id}/steps`
pub async fn step(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let (record, version) = read(&id, &form)?;
        let new = NewStep {
            step: RecordStep::parse(form.get("step")).ok_or(MISSING)?,
            note: Some(form.get("note").to_owned()),
        };
        reviews::step(&web.services, &member.actor, &record, version, new).await
    };
    match done.await {
        Ok(_) => see_other(&format!("/desk/inventory/{id}")),
        Err(error) => errors::page(&form.visitor, &error),
    }
}
