//! The lines of announced lists, and the form that reads one.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};

use super::Part;
use crate::{
    domain::{id::Id, listing::ListingState},
    ops::{
        Error, Fault,
        listings::{self, ListingFilter, Report, Shown},
    },
    web::{
        Web,
        desk::tables,
        errors,
        form::{Field, Form, FormView, status_of},
        nav::Nav,
        office::Officer,
        session::Member,
        upload,
        visitor::Visitor,
    },
};

/// Lines on a page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "listings.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    report: Option<Told>,
    states: Vec<(String, &'static str, bool)>,
    lines: Vec<Line>,
    total: i64,
    next: Option<String>,
    /// Where lists are read.
    form: Option<FormView>,
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
pub async fn of_office(
    State(web): State<Web>,
    Officer(member): Officer,
    visitor: Visitor,
) -> Response {
    page(&web, Part::Office, &member, &visitor, None, None).await
}

/// `GET /desk/listings`
pub async fn of_desk(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    page(&web, Part::Desk, &member, &visitor, None, None).await
}

async fn page(
    web: &Web,
    part: Part,
    member: &Member,
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
    let form = (part == Part::Office).then(|| form(v));
    let here = part.address();
    let page = Page {
        v,
        nav: Nav::new(v, member, part.tab()),
        report: report.map(|report| report_of(v, report)),
        states: states(v, here, state),
        next: last.map(|last| format!("{here}?{query}after={}", last.record.value.id)),
        lines: found.iter().map(|shown| line(v, here, shown)).collect(),
        total,
        form: form.map(|form| match failed {
            Some((sent, error)) => form.filled(sent, error),
            None => form,
        }),
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
    FormView::new(
        v,
        Part::Office.address(),
        v.t("读入并核对", "Read and compare"),
        fields,
    )
}

fn states(
    v: &Visitor,
    here: &str,
    current: Option<ListingState>,
) -> Vec<(String, &'static str, bool)> {
    let all = (here.to_owned(), v.t("全部", "All"), current.is_none());
    let each = ListingState::ALL.map(|state| {
        let href = format!("{here}?state={}", state.as_str());
        (href, v.t(state.zh(), state.en()), current == Some(state))
    });
    std::iter::once(all).chain(each).collect()
}

fn line(v: &Visitor, here: &str, shown: &Shown) -> Line {
    let listing = &shown.record.value;
    let day = listing.announced_on.map(|day| day.to_string());
    let announcement = [listing.declaration_number.clone(), day];
    let announcement: Vec<String> = announcement.into_iter().flatten().collect();
    Line {
        href: format!("{here}/{}", listing.id),
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
pub async fn read(State(web): State<Web>, Officer(member): Officer, request: Request) -> Response {
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
    let (v, member) = (&upload.form.visitor, &member);
    match read {
        Ok(report) => page(&web, Part::Office, member, v, Some(&report), None).await,
        Err(error) if status_of(&error).is_some() => {
            page(
                &web,
                Part::Office,
                member,
                v,
                None,
                Some((&upload.form, &error)),
            )
            .await
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
