//! `/office/listings`: announced lists from outside. A list is read at once and changes nothing of ours; each line then has
//! a page with both sides beside each other, on which an officer decides with a reason and enters what was announced.

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::Response,
};

use super::{Officer, nav};
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
        listings::{self, Entry, ListingFilter, Report, Shown},
    },
    web::{
        Web,
        desk::{Nav, tables},
        errors,
        form::{Field, Form, FormView, status_of},
        session::see_other,
        upload,
        visitor::Visitor,
    },
};

const HERE: &str = "/office/listings";
/// Lines on a page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "office_listings.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    report: Option<Told>,
    states: Vec<(String, &'static str, bool)>,
    lines: Vec<Line>,
    total: i64,
    next: Option<String>,
    form: FormView,
}

struct Line {
    href: String,
    zl: String,
    holder: String,
    announcement: String,
    terms: String,
    state: &'static str,
}

/// What became of a list that was just read.
struct Told {
    counts: Vec<(&'static str, u64)>,
    rejects: Option<String>,
    rows: Vec<tables::Line>,
    ignored: String,
}

/// `GET /office/listings`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    page(&web, &officer, &visitor, None, None).await
}

async fn page(
    web: &Web,
    Officer(member): &Officer,
    v: &Visitor,
    report: Option<&Report>,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let state = ListingState::parse(v.address.first("state"));
    let filter = ListingFilter {
        state,
        ..ListingFilter::default()
    };
    let after = Id::parse(v.address.first("after")).map(|id| id.to_string());
    let (services, actor) = (&web.services, &member.actor);
    let found = listings::list(services, actor, None, filter, after.as_deref(), SHOWN + 1).await;
    let (mut found, total) = match found {
        Ok(found) => found,
        Err(error) => return errors::page(v, &error),
    };
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().filter(|_| more);
    let query = state.map_or_else(String::new, |s| format!("state={}&", s.as_str()));
    let form = form(v);
    let page = Page {
        v,
        nav: nav(v, HERE),
        report: report.map(|report| report_of(v, report)),
        states: states(v, state),
        next: last.map(|last| format!("{HERE}?{query}after={}", last.record.value.id)),
        lines: found.iter().map(|shown| line(v, shown)).collect(),
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
    let hint = v.t(
        "CSV 或 XLSX；至少有专利号，以及公告日或声明编号。使用费、许可期限、联系方式按文字读入，读不准的不猜",
        "CSV or XLSX with the patent number and the day or number of the announcement. What is not certain is not guessed",
    );
    let fields = vec![
        Field::tick(
            "rehearse",
            v.t("只检查，不写入", "Check only, write nothing"),
        )
        .optional(),
        Field::file("list", v.t("公布清单", "Announced list")).hint(hint),
    ];
    FormView::new(v, HERE, v.t("读入并核对", "Read and compare"), fields)
}

fn states(v: &Visitor, current: Option<ListingState>) -> Vec<(String, &'static str, bool)> {
    let all = (HERE.to_owned(), v.t("全部", "All"), current.is_none());
    let each = ListingState::ALL.map(|state| {
        let href = format!("{HERE}?state={}", state.as_str());
        (href, v.t(state.zh(), state.en()), current == Some(state))
    });
    std::iter::once(all).chain(each).collect()
}

fn line(v: &Visitor, shown: &Shown) -> Line {
    let listing = &shown.record.value;
    let day = listing.announced_on.map(|day| day.to_string());
    let announcement = [listing.declaration_number.clone(), day];
    let announcement: Vec<String> = announcement.into_iter().flatten().collect();
    Line {
        href: format!("{HERE}/{}", listing.id),
        zl: listing.number.zl(),
        holder: listing.holder.clone(),
        announcement: announcement.join(" · "),
        terms: listing.terms_text.chars().take(60).collect(),
        state: v.t(listing.state.zh(), listing.state.en()),
    }
}

fn report_of(v: &Visitor, report: &Report) -> Told {
    let mut counts = vec![
        (v.t("行", "rows"), report.rows),
        (v.t("新增", "added"), report.added),
        (v.t("有变化", "changed"), report.revised),
        (v.t("与上次相同", "as before"), report.repeated),
        (v.t("与本区无关", "of others"), report.outside),
        (v.t("退回", "rejected"), report.rejected.len() as u64),
    ];
    counts.extend(
        report
            .states
            .iter()
            .map(|(state, count)| (v.t(state.zh(), state.en()), *count)),
    );
    Told {
        counts,
        rejects: report
            .rejects
            .as_ref()
            .map(|file| format!("/files/{}", file.id)),
        rows: tables::lines(v, report.rejected.iter()),
        ignored: report.ignored.join("、"),
    }
}

/// `POST /office/listings`: keeps the list as a file and reads it.
pub async fn read(State(web): State<Web>, officer: Officer, request: Request) -> Response {
    let mut upload = match upload::receive(&web, request, |_, _| Ok(())).await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let read = async {
        upload.settled()?;
        let (source, dry_run) = (
            upload.required("list")?,
            upload.form.get("rehearse") == "yes",
        );
        let actor = &upload.member.actor;
        let read = listings::import(&web.services, actor, &source, dry_run).await;
        read.map_err(at_file)
    };
    let read = read.await;
    let v = &upload.form.visitor;
    match read {
        Ok(report) => page(&web, &officer, v, Some(&report), None).await,
        Err(error) if status_of(&error).is_some() => {
            page(&web, &officer, v, None, Some((&upload.form, &error))).await
        }
        Err(error) => errors::page(v, &error),
    }
}

/// What is wrong with the list stands at the field it was chosen in.
fn at_file(error: Error) -> Error {
    match error {
        Error::Invalid(faults) => {
            let moved =
                |fault: Fault| Fault::new("/list", fault.code, fault.text.zh, fault.text.en);
            Error::Invalid(faults.into_iter().map(moved).collect())
        }
        other => other,
    }
}

#[derive(Template)]
#[template(path = "office_listing.html")]
struct One<'a> {
    v: &'a Visitor,
    nav: Nav,
    zl: String,
    patent: Option<(String, String)>,
    state: &'static str,
    facts: Vec<(&'static str, String)>,
    source: String,
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
pub async fn one(
    State(web): State<Web>,
    officer: Officer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    one_page(&web, &officer, &visitor, &id, None).await
}

/// The form that failed, by where it was sent.
type Failed<'a> = Option<(&'a str, &'a Form, &'a Error)>;

async fn one_page(
    web: &Web,
    Officer(member): &Officer,
    v: &Visitor,
    id: &str,
    failed: Failed<'_>,
) -> Response {
    let found = async { listings::get(&web.services, &member.actor, &id_of(id)?).await };
    match found.await {
        Ok(shown) => {
            let status = failed.and_then(|(_, _, error)| status_of(error));
            let page = One::new(v, &shown, failed);
            v.form_page(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

fn id_of(text: &str) -> ops::Result<Id> {
    Id::parse(text).ok_or(Error::NotFound("listing"))
}

impl<'a> One<'a> {
    fn new(v: &'a Visitor, shown: &Shown, failed: Failed<'_>) -> Self {
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
            nav: nav(v, HERE),
            zl: listing.number.zl(),
            patent: (!shown.title.is_empty())
                .then(|| (format!("/patents/{}", listing.number), shown.title.clone())),
            state: v.t(listing.state.zh(), listing.state.en()),
            facts: facts
                .into_iter()
                .filter(|(_, said)| !said.is_empty())
                .collect(),
            source: format!("/files/{}", listing.source.id),
            doubts: doubts.map(|doubt| v.text(&doubt.text).to_owned()).collect(),
            declaration: listing
                .declaration
                .as_ref()
                .map(|id| format!("/desk/declarations/{id}")),
            differences: sides.map(|one| side(v, shown, one, failed)).collect(),
            form: finish(v, shown, failed),
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

fn side(v: &Visitor, shown: &Shown, difference: &Difference, failed: Failed<'_>) -> Side {
    let listing = &shown.record.value;
    let is_contact = difference.item == ListedItem::Contact;
    let decided = difference.decision.as_ref().map(|decision| {
        let what = match decision.choice {
            Choice::Ours => v.t("维持本平台内容", "Ours stands"),
            Choice::Theirs => v.t("采用清单内容", "The list's is taken"),
        };
        format!("{what} · {} · {}", decision.reason, decision.on)
    });
    let action = format!("{HERE}/{}/decide", listing.id);
    let form = decided.is_none().then(|| {
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
fn finish(v: &Visitor, shown: &Shown, failed: Failed<'_>) -> Option<FormView> {
    let listing = &shown.record.value;
    let (end, button) = match listing.state {
        ListingState::Ready => ("enter", v.t("登记公告", "Enter the announcement")),
        ListingState::Unknown => ("enter", v.t("按清单登记声明", "Enter it from the list")),
        ListingState::Pilot => ("draft", v.t("转为声明草稿", "Make a draft of it")),
        _ => return None,
    };
    let action = format!("{HERE}/{}/{end}", listing.id);
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
    officer: Officer,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let decided = async {
        let item = ListedItem::parse(form.get("item")).ok_or(Error::NotFound("listing"))?;
        let choice = Choice::parse(form.get("choice")).ok_or(Error::NotFound("listing"))?;
        let (services, actor) = (&web.services, &officer.0.actor);
        let (id, version, reason) = (id_of(&id)?, version(&form), form.get("reason"));
        listings::decide(services, actor, &id, version, (item, choice), reason).await
    };
    let decided = decided.await;
    answered(&web, &officer, &id, "decide", &form, decided).await
}

/// `POST /office/listings/{id}/enter`
pub async fn enter(
    State(web): State<Web>,
    officer: Officer,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let entered = async {
        let (services, actor) = (&web.services, &officer.0.actor);
        listings::enter(services, actor, &id_of(&id)?, version(&form), entry(&form)?).await
    };
    let entered = entered.await;
    answered(&web, &officer, &id, "enter", &form, entered).await
}

/// `POST /office/listings/{id}/draft`
pub async fn convert(
    State(web): State<Web>,
    officer: Officer,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let made = async {
        let (services, actor) = (&web.services, &officer.0.actor);
        listings::convert(services, actor, &id_of(&id)?, version(&form), entry(&form)?).await
    };
    let made = made.await;
    answered(&web, &officer, &id, "draft", &form, made).await
}

async fn answered(
    web: &Web,
    officer: &Officer,
    id: &str,
    end: &str,
    form: &Form,
    outcome: ops::Result<Shown>,
) -> Response {
    match outcome {
        Ok(_) => see_other(&format!("{HERE}/{id}")),
        Err(error) if status_of(&error).is_some() => {
            let action = format!("{HERE}/{id}/{end}");
            let failed = Some((action.as_str(), form, &error));
            one_page(web, officer, &form.visitor, id, failed).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}
