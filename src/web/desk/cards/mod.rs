//! `/desk/cards`: the cards in plain words of the stock, by how far each has come, many of them as a sheet.

mod one;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};

use super::{Nav, Tab, choices::word, tables};
use crate::{
    domain::{
        card::{CardFinding, CardState},
        stock::{StockFilter, StockPlace},
    },
    ops::{
        self, Error, Services,
        cards::{self, Line, Report},
        out::{self, OutFormat},
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, status_of},
        out::sent,
        session::Member,
        upload,
        visitor::Visitor,
        words::{self, grouped},
    },
};

const HERE: &str = "/desk/cards";
/// Patents a page.
const SHOWN: usize = 50;

/// The pages of cards.
pub fn router(services: &Services) -> Router<Web> {
    let uploading = Router::new()
        .route(HERE, post(send))
        .layer(DefaultBodyLimit::max(upload::import_bytes(services)));
    Router::new()
        .route(HERE, get(show))
        .route("/desk/cards/sheet", get(sheet))
        .route("/desk/cards/{number}", get(one::one).post(one::write))
        .merge(uploading)
}

#[derive(Template)]
#[template(path = "desk_cards.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    /// Label, figure, address, chosen.
    states: Vec<(&'static str, String, String, bool)>,
    query: String,
    state: &'static str,
    total: String,
    lines: Vec<Row>,
    next: Option<String>,
    /// The same list as a sheet, and its formats.
    sheets: Vec<(&'static str, String)>,
    form: FormView,
    done: Option<Done>,
}

struct Row {
    href: String,
    title: String,
    number: String,
    unit: Option<String>,
    state: &'static str,
    passed: bool,
    public: bool,
    /// The first error, else the first hint.
    finding: Option<String>,
    more: usize,
}

/// What became of a sheet.
struct Done {
    report: Report,
    lines: Vec<tables::Line>,
    more: u64,
}

/// `GET /desk/cards`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    page(&web, &member, &visitor, None, None).await
}

async fn page(
    web: &Web,
    member: &Member,
    v: &Visitor,
    failed: Option<(&Form, &Error)>,
    done: Option<Report>,
) -> Response {
    match build(web, member, v, failed, done).await {
        Ok(page) => {
            let status = failed.and_then(|(_, error)| status_of(error));
            v.form_page(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

fn filter(v: &Visitor) -> ops::Result<StockFilter> {
    let query = v.address.first("q").trim();
    Ok(StockFilter {
        text: (!query.is_empty()).then(|| query.to_owned()),
        card: word("state", v.address.first("state"), CardState::parse)?,
        ..StockFilter::default()
    })
}

async fn build<'a>(
    web: &Web,
    member: &Member,
    v: &'a Visitor,
    failed: Option<(&Form, &Error)>,
    done: Option<Report>,
) -> ops::Result<Page<'a>> {
    let (services, actor) = (&web.services, &member.actor);
    let filter = filter(v)?;
    let counts = cards::counts(services, actor, None).await?;
    let after = StockPlace::parse(v.address.first("after"));
    let listed = cards::list(services, actor, None, &filter, after.as_ref(), SHOWN + 1).await?;
    let (mut found, total) = listed;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().filter(|_| more);
    let next = last.map(|last| {
        let place = format!("|{}", last.patent.number);
        v.address.set("after", &place).at(HERE)
    });
    let all: i64 = counts.values().sum();
    let mut states = vec![(
        v.t("全部", "All"),
        grouped(all.unsigned_abs()),
        HERE.to_owned(),
        filter.card.is_none(),
    )];
    states.extend(CardState::ALL.map(|state| {
        let count = counts.get(&state).copied().unwrap_or_default();
        (
            v.t(state.zh(), state.en()),
            grouped(count.unsigned_abs()),
            format!("{HERE}?state={}", state.as_str()),
            filter.card == Some(state),
        )
    }));
    let sheet = |format: &str| {
        let address = v.address.set("format", format);
        address.at("/desk/cards/sheet")
    };
    let form = form(v);
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Cards),
        states,
        query: v.address.first("q").to_owned(),
        state: filter.card.map_or("", CardState::as_str),
        total: grouped(total.unsigned_abs()),
        lines: found.iter().map(|line| row(v, line)).collect(),
        next,
        sheets: vec![("XLSX", sheet("xlsx")), ("CSV", sheet("csv"))],
        form: match failed {
            Some((sent, error)) => form.filled(sent, error),
            None => form,
        },
        done: done.map(|report| told(v, report)),
    })
}

fn form(v: &Visitor) -> FormView {
    let fields = vec![
        Field::file("sheet", v.t("填好的表格（XLSX、CSV）", "The sheet, filled in (XLSX, CSV)")).hint(v.t(
            "按专利号对应，最多 5000 行；空格不改动原有内容，其他列不读取",
            "Rows are matched by number, at most 5,000; an empty cell leaves its item, other columns are not read",
        )),
        Field::tick("rehearse", v.t("只检查，不保存", "Check only, save nothing")).optional(),
    ];
    FormView::new(v, HERE, v.t("上传", "Upload"), fields)
}

fn row(v: &Visitor, line: &Line) -> Row {
    let (_, number) = words::number(line.patent.legal_status, &line.patent.number);
    let state = line.state();
    let mut findings: Vec<&CardFinding> = line.findings.iter().collect();
    findings.sort_by_key(|finding| !finding.check.is_error());
    if line.card.is_none() {
        findings.clear();
    }
    let first = findings.first();
    Row {
        href: format!("{HERE}/{}", line.patent.number),
        title: line.patent.title.clone(),
        number,
        unit: line.unit.clone(),
        state: v.t(state.zh(), state.en()),
        passed: state == CardState::Passed,
        public: line.card.as_ref().is_some_and(|card| card.value.published),
        finding: first.map(|finding| v.text(&finding.text()).to_owned()),
        more: findings.len().saturating_sub(1),
    }
}

fn told(v: &Visitor, report: Report) -> Done {
    let lines = tables::lines(v, report.rejected.iter().chain(&report.findings));
    let in_all = report.rejected.len() + report.findings.len();
    Done {
        more: report.more + in_all.saturating_sub(lines.len()) as u64,
        lines,
        report,
    }
}

/// `POST /desk/cards`: a sheet of cards.
pub async fn send(State(web): State<Web>, request: Request) -> Response {
    let received = upload::receive_as(upload::Kept::Cards, &web, request, |_, _| Ok(()));
    let mut upload = match received.await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let outcome = upload.settled().and_then(|()| upload.was_taken("sheet"));
    let report = match upload.report.take() {
        Some(upload::Report::Cards(report)) => Some(report),
        _ => None,
    };
    let (member, v) = (&upload.member, &upload.form.visitor);
    match outcome {
        Ok(()) => page(&web, member, v, None, report).await,
        Err(error) => page(&web, member, v, Some((&upload.form, &error)), None).await,
    }
}

/// `GET /desk/cards/sheet`
pub async fn sheet(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let made = async {
        let format = OutFormat::parse(visitor.address.first("format"));
        let format = format.ok_or(Error::NotFound("format"))?;
        let filter = filter(&visitor)?;
        out::cards(&web.services, &member.actor, None, &filter, format).await
    };
    match made.await {
        Ok(made) => sent(made, "cards"),
        Err(error) => errors::page(&visitor, &error),
    }
}
