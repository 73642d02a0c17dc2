//! One line of an announced list, beside what is declared here, and what may be done with it.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::Part;
use crate::{
    domain::{
        id::Id,
        listing::{Difference, ListedItem, ListingState},
        merge::Choice,
        party::Contact,
        terms::Terms,
    },
    ops::{
        self, Error, Fault,
        listings::{self, Entry, Shown},
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, status_of},
        nav::Nav,
        office::Officer,
        session::{Member, see_other},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "listing.html")]
struct One<'a> {
    v: &'a Visitor,
    nav: Nav,
    zl: String,
    patent: Option<(String, String)>,
    state: &'static str,
    facts: Vec<(&'static str, String)>,
    /// The list as a file, for the office.
    source: Option<String>,
    all: &'static str,
    doubts: Vec<String>,
    declaration: Option<String>,
    differences: Vec<Side>,
    form: Option<FormView>,
}

/// One difference, both sides, and its decision or the form for it.
struct Side {
    item: &'static str,
    ours: String,
    theirs: String,
    decided: Option<String>,
    form: Option<FormView>,
}

/// `GET /office/listings/{id}`
pub async fn of_office(
    State(web): State<Web>,
    Officer(member): Officer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    page(&web, Part::Office, &member, &visitor, &id, None).await
}

/// `GET /desk/listings/{id}`
pub async fn of_desk(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    page(&web, Part::Desk, &member, &visitor, &id, None).await
}

/// The form that failed, by where it was sent.
type Failed<'a> = Option<(&'a str, &'a Form, &'a Error)>;

async fn page(
    web: &Web,
    part: Part,
    member: &Member,
    v: &Visitor,
    id: &str,
    failed: Failed<'_>,
) -> Response {
    let found = async { listings::get(&web.services, &member.actor, &id_of(id)?).await };
    match found.await {
        Ok(shown) => {
            let status = failed.and_then(|(_, _, error)| status_of(error));
            let page = One::new(v, part, member, &shown, failed);
            v.form_page(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

fn id_of(text: &str) -> ops::Result<Id> {
    Id::parse(text).ok_or(Error::NotFound("listing"))
}

impl<'a> One<'a> {
    fn new(v: &'a Visitor, part: Part, member: &Member, shown: &Shown, failed: Failed<'_>) -> Self {
        let listing = &shown.record.value;
        let day =
            |day: Option<crate::domain::time::Day>| day.map_or_else(String::new, |d| d.to_string());
        let number = listing.declaration_number.clone().unwrap_or_default();
        let facts = vec![
            (v.t("专利权人", "Holder"), listing.holder.clone()),
            (v.t("声明编号", "Declaration number"), number),
            (v.t("公告日", "Announced on"), day(listing.announced_on)),
            (v.t("使用费", "Fee"), listing.terms_text.clone()),
            (v.t("许可期限", "Period"), listing.period_text.clone()),
            (v.t("联系方式", "Contact"), contact(shown.contact.as_ref())),
        ];
        let sides = listing.differences.iter();
        let doubts = shown.doubts.iter();
        Self {
            v,
            nav: Nav::new(v, member, part.tab()),
            all: part.address(),
            zl: listing.number.zl(),
            patent: (!shown.title.is_empty())
                .then(|| (format!("/patents/{}", listing.number), shown.title.clone())),
            state: v.t(listing.state.zh(), listing.state.en()),
            facts: facts
                .into_iter()
                .filter(|(_, said)| !said.is_empty())
                .collect(),
            source: (part == Part::Office).then(|| format!("/files/{}", listing.source.id)),
            doubts: doubts.map(|doubt| v.text(&doubt.text).to_owned()).collect(),
            declaration: listing
                .declaration
                .as_ref()
                .map(|id| format!("/desk/declarations/{id}")),
            differences: sides.map(|one| side(v, part, shown, one, failed)).collect(),
            form: finish(v, part, shown, failed),
        }
    }
}

fn contact(contact: Option<&Contact>) -> String {
    let empty = Contact::default();
    let contact = contact.unwrap_or(&empty);
    let parts = [
        &contact.name,
        &contact.telephone,
        &contact.email,
        &contact.address,
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(" ")
}

fn side(
    v: &Visitor,
    part: Part,
    shown: &Shown,
    difference: &Difference,
    failed: Failed<'_>,
) -> Side {
    let listing = &shown.record.value;
    let is_contact = difference.item == ListedItem::Contact;
    let decided = difference.decision.as_ref().map(|decision| {
        let what = match decision.choice {
            Choice::Ours => v.t("维持本平台内容", "Ours stands"),
            Choice::Theirs => v.t("采用清单内容", "The list's is taken"),
        };
        format!("{what} · {} · {}", decision.reason, decision.on)
    });
    let action = format!("{}/{}/decide", part.address(), listing.id);
    let form = (decided.is_none() && part == Part::Office).then(|| {
        let choices = [
            (Choice::Ours.as_str(), v.t("维持本平台内容", "Keep ours")),
            (
                Choice::Theirs.as_str(),
                v.t("采用清单内容", "Take the list's"),
            ),
        ];
        let choices = choices.map(|(value, label)| (value, label.to_owned()));
        let fields = vec![
            Field::new("choice", v.t("处理", "Decision")).options(choices.into()),
            Field::new("reason", v.t("理由", "Reason")),
        ];
        let form = FormView::new(v, &action, v.t("确定", "Decide"), fields)
            .marked(difference.item.as_str())
            .hide("item", difference.item.as_str())
            .hide("version", &shown.record.version.to_string());
        match failed {
            Some((at, sent, error))
                if at == action && sent.get("item") == difference.item.as_str() =>
            {
                form.filled(sent, error)
            }
            _ => form,
        }
    });
    Side {
        item: v.t(difference.item.zh(), difference.item.en()),
        ours: if is_contact {
            contact(shown.our_contact.as_ref())
        } else {
            difference.ours.clone()
        },
        theirs: if is_contact {
            contact(shown.contact.as_ref())
        } else {
            difference.theirs.clone()
        },
        decided,
        form,
    }
}

/// The form with which a line is entered or made into a draft, where it may be.
fn finish(v: &Visitor, part: Part, shown: &Shown, failed: Failed<'_>) -> Option<FormView> {
    let listing = &shown.record.value;
    let (end, button) = match listing.state {
        ListingState::Ready => ("enter", v.t("登记公告", "Enter the announcement")),
        ListingState::Unknown => ("enter", v.t("按清单登记声明", "Enter it from the list")),
        ListingState::Pilot => ("draft", v.t("转为声明草稿", "Make a draft of it")),
        _ => return None,
    };
    // What was announced, the office enters; the draft of a pilot listing is its holder's too.
    if part == Part::Desk && listing.state != ListingState::Pilot {
        return None;
    }
    let action = format!("{}/{}/{end}", part.address(), listing.id);
    let mut fields = Vec::new();
    if listing.state != ListingState::Ready && listing.terms.is_none() {
        let label = v.t(
            "使用费（对照公告填写文字）",
            "Fee, in the words of the announcement",
        );
        fields.push(Field::area("termsText", label, 8_000).value(&listing.terms_text));
    }
    if listing.state != ListingState::Ready && listing.until.is_none() {
        let label = v.t("许可期限届满日", "Last day of the period");
        fields.push(Field::new("until", label).kind("date"));
    }
    if end == "enter" && listing.declaration_number.is_none() {
        let label = v.t("开放许可声明编号", "Declaration number");
        fields.push(Field::new("declarationNumber", label));
    }
    if end == "enter" && listing.announced_on.is_none() {
        let label = v.t("声明生效日", "Effective day");
        fields.push(Field::new("effectiveOn", label).kind("date"));
    }
    let form = FormView::new(v, &action, button, fields)
        .hide("version", &shown.record.version.to_string());
    Some(match failed {
        Some((at, sent, error)) if at == action => form.filled(sent, error),
        _ => form,
    })
}

/// What was typed beside the list.
fn entry(form: &Form) -> ops::Result<Entry> {
    let text = |name: &str| Some(form.get(name).trim().to_owned()).filter(|text| !text.is_empty());
    let day = |name: &str| {
        text(name)
            .map(|_| crate::web::form::day(form, name))
            .transpose()
    };
    let terms = text("termsText").map(|said| {
        let reading = Terms::read(&said);
        reading.terms.ok_or_else(|| {
            let fault = |d: crate::domain::terms::Doubt| {
                Fault::new("/termsText", d.code, d.text.zh, d.text.en)
            };
            Error::Invalid(reading.doubts.into_iter().map(fault).collect())
        })
    });
    Ok(Entry {
        terms: terms.transpose()?,
        until: day("until")?,
        declaration_number: text("declarationNumber"),
        effective_on: day("effectiveOn")?,
    })
}

fn version(form: &Form) -> i64 {
    form.get("version").parse().unwrap_or(0)
}

/// `POST /office/listings/{id}/decide`
pub async fn decide(
    State(web): State<Web>,
    Officer(member): Officer,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let decided = async {
        let item = ListedItem::parse(form.get("item")).ok_or(Error::NotFound("listing"))?;
        let choice = Choice::parse(form.get("choice")).ok_or(Error::NotFound("listing"))?;
        let (services, actor) = (&web.services, &member.actor);
        let (id, version, reason) = (id_of(&id)?, version(&form), form.get("reason"));
        listings::decide(services, actor, &id, version, (item, choice), reason).await
    };
    let decided = decided.await;
    answered(&web, Part::Office, &member, (&id, "decide"), &form, decided).await
}

/// `POST /office/listings/{id}/enter`
pub async fn enter(
    State(web): State<Web>,
    Officer(member): Officer,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let entered = async {
        let (services, actor) = (&web.services, &member.actor);
        listings::enter(services, actor, &id_of(&id)?, version(&form), entry(&form)?).await
    };
    let entered = entered.await;
    answered(&web, Part::Office, &member, (&id, "enter"), &form, entered).await
}

/// `POST /office/listings/{id}/draft`
pub async fn convert(
    State(web): State<Web>,
    Officer(member): Officer,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    converted(&web, Part::Office, &member, &id, &form).await
}

/// `POST /desk/listings/{id}/draft`
pub async fn convert_own(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    converted(&web, Part::Desk, &member, &id, &form).await
}

async fn converted(web: &Web, part: Part, member: &Member, id: &str, form: &Form) -> Response {
    let made = async {
        let (services, actor) = (&web.services, &member.actor);
        listings::convert(services, actor, &id_of(id)?, version(form), entry(form)?).await
    };
    answered(web, part, member, (id, "draft"), form, made.await).await
}

async fn answered(
    web: &Web,
    part: Part,
    member: &Member,
    (id, end): (&str, &str),
    form: &Form,
    outcome: ops::Result<Shown>,
) -> Response {
    let here = format!("{}/{id}", part.address());
    match outcome {
        // The next thing is to complete the draft.
        Ok(shown) => match &shown.record.value.declaration {
            Some(draft) if end == "draft" => see_other(&format!("/desk/declarations/{draft}")),
            _ => see_other(&here),
        },
        Err(error) if status_of(&error).is_some() => {
            let action = format!("{here}/{end}");
            let failed = Some((action.as_str(), form, &error));
            page(web, part, member, &form.visitor, id, failed).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}
