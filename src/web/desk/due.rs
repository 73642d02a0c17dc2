//! `/desk/due`: what a holder has to register (应盘点), how much of it is, and the numbers of every class; a list or a count
//! in the place of the one before; the missing numbers as a sheet to fill in. An officer names the holder.

use askama::Template;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::{Nav, Tab};
use crate::{
    domain::{
        access::Denied,
        due::{DueBasis, DueClass, share_bp},
        intake::RejectCode,
    },
    ops::{
        self, Error, Services,
        due::{self, NewDueCount, Standing},
        organisations,
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, day, status_of},
        session::{Member, see_other},
        upload,
        visitor::Visitor,
        words,
    },
};

const HERE: &str = "/desk/due";
const COUNT: &str = "/desk/due/count";
/// Numbers a page.
const SHOWN: usize = 100;

/// The pages of what is due.
pub fn router(services: &Services) -> Router<Web> {
    let uploading = Router::new()
        .route(HERE, post(send))
        .layer(DefaultBodyLimit::max(upload::import_bytes(services)));
    Router::new()
        .route(HERE, get(show))
        .route(COUNT, post(count))
        .route("/desk/due/missing.csv", get(sheet))
        .merge(uploading)
}

#[derive(Template)]
#[template(path = "desk_due.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    holder: String,
    standing: Option<Stood>,
    list: FormView,
    count: FormView,
}

/// What stands, as the page shows it.
struct Stood {
    registered: String,
    due: String,
    percent: Option<String>,
    /// For the bar, at most 100.
    whole: i64,
    as_of: String,
    source: String,
    basis: &'static str,
    stated: bool,
    version: i64,
    rows: i64,
    rejected: i64,
    problems: Vec<(u64, &'static str, String)>,
    classes: Vec<Class>,
    chosen: &'static str,
    lines: Vec<(String, String, &'static str)>,
    next: Option<String>,
    sheet: Option<String>,
}

struct Class {
    label: &'static str,
    count: String,
    href: String,
    current: bool,
}

/// The holder whose page this is: the one an officer names, else the member's own.
fn reference(member: &Member, named: &str) -> ops::Result<String> {
    if member.is_officer() && !named.trim().is_empty() {
        return Ok(named.trim().to_owned());
    }
    let own = member.actor.organisation.as_ref();
    own.map(ToString::to_string)
        .ok_or(Error::Denied(Denied::Role))
}

/// Basis points as a percentage with one decimal.
pub fn percent(share_bp: Option<i64>) -> Option<String> {
    share_bp.map(|bp| format!("{}.{} %", bp / 100, bp % 100 / 10))
}

/// `GET /desk/due`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    page(
        &web,
        &member,
        &visitor,
        visitor.address.first("holder"),
        None,
    )
    .await
}

/// The page; a form that did not pass stands there as it was sent.
async fn page(
    web: &Web,
    member: &Member,
    v: &Visitor,
    holder: &str,
    failed: Option<(&Form, &Error, &str)>,
) -> Response {
    match build(web, member, v, holder, failed).await {
        Ok(page) => {
            let status = failed.and_then(|(_, error, _)| status_of(error));
            v.form_page(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

async fn build<'a>(
    web: &Web,
    member: &Member,
    v: &'a Visitor,
    holder: &str,
    failed: Option<(&Form, &Error, &str)>,
) -> ops::Result<Page<'a>> {
    let reference = reference(member, holder)?;
    let (services, actor) = (&web.services, &member.actor);
    let found = due::find(services, actor, &reference).await?;
    let standing = match &found {
        Some(standing) => Some(stood(web, member, v, &reference, standing).await?),
        None => None,
    };
    let name = organisations::get(services, actor, &reference).await?;
    let form = |view: FormView, action: &str| match failed {
        Some((sent, error, place)) if place == action => view.filled(sent, error),
        _ => view,
    };
    let today = services.clock.today().to_string();
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Due),
        holder: name.value.name,
        standing,
        list: form(list_form(v, &reference, &today), HERE),
        count: form(count_form(v, &reference, &today), COUNT),
    })
}

fn list_form(v: &Visitor, reference: &str, today: &str) -> FormView {
    let fields = vec![
        Field::new("asOf", v.t("清单日期", "Day of the list"))
            .kind("date")
            .value(today),
        source_field(v).optional(),
        Field::file(
            "list",
            v.t("清单（CSV、XLSX 或 JSONL）", "The list (CSV, XLSX or JSONL)"),
        )
        .hint(v.t(
            "任何导出表均可，须有申请号（专利号）一列；只读取号码以及表中已写明的法律状态、转化状态，不登记专利",
            "Any export with a column of application numbers; only numbers and, where stated, status and use are taken; nothing is registered",
        )),
    ];
    FormView::new(v, HERE, v.t("上传清单", "Upload the list"), fields).hide("holder", reference)
}

fn count_form(v: &Visitor, reference: &str, today: &str) -> FormView {
    let fields = vec![
        Field::new("count", v.t("应盘点件数", "Patents due")),
        Field::new("asOf", v.t("日期", "Day"))
            .kind("date")
            .value(today),
        source_field(v),
    ];
    FormView::new(v, COUNT, v.t("登记件数", "State the count"), fields).hide("holder", reference)
}

fn source_field(v: &Visitor) -> Field {
    Field::new("source", v.t("来源", "Source")).hint(v.t(
        "与覆盖率一同公开，例如：科研处专利台账",
        "Shown to the public beside the figures, e.g. the research office's register",
    ))
}

async fn stood(
    web: &Web,
    member: &Member,
    v: &Visitor,
    reference: &str,
    standing: &Standing,
) -> ops::Result<Stood> {
    let coverage = standing.coverage();
    let (list, counts, due) = (&coverage.list, coverage.counts, coverage.due());
    let share = share_bp(counts.registered, due);
    let stated = list.basis == DueBasis::Stated;
    let class = DueClass::parse(v.address.first("class")).unwrap_or(DueClass::Missing);
    let place = |class: DueClass| {
        let holder = if member.is_officer() {
            format!("&holder={reference}")
        } else {
            String::new()
        };
        format!("{HERE}?class={}{holder}", class.as_str())
    };
    let after = v.address.first("after");
    let after = Some(after).filter(|text| text.len() <= 20);
    let (services, actor) = (&web.services, &member.actor);
    let mut lines = due::numbers_of(services, actor, reference, class, after, SHOWN + 1).await?;
    let more = lines.len() > SHOWN;
    lines.truncate(SHOWN);
    let next = lines.last().filter(|_| more);
    let next = next.map(|last| format!("{}&after={}", place(class), last.number));
    let shown = DueClass::ALL
        .into_iter()
        .filter(|class| !stated || matches!(class, DueClass::Registered | DueClass::Missing));
    let sheet = (!stated && counts.missing > 0)
        .then(|| format!("/desk/due/missing.csv?holder={reference}"));
    let reason = |code: &str| {
        let lang = v.lang;
        RejectCode::parse(code).map_or("", |code| code.reason(lang))
    };
    Ok(Stood {
        registered: grouped(counts.registered),
        due: grouped(due),
        percent: percent(share),
        whole: share.map_or(0, |bp| (bp / 100).min(100)),
        as_of: list.as_of.to_string(),
        source: list.source.clone(),
        basis: v.t(list.basis.zh(), list.basis.en()),
        stated,
        version: standing.record.version,
        rows: list.rows,
        rejected: list.rejected,
        problems: list
            .problems
            .iter()
            .map(|p| (p.row, reason(&p.code), p.value.clone()))
            .collect(),
        classes: shown
            .map(|one| Class {
                label: v.t(one.zh(), one.en()),
                count: grouped(counts.of(one)),
                href: place(one),
                current: one == class,
            })
            .collect(),
        chosen: v.t(class.zh(), class.en()),
        lines: lines
            .into_iter()
            .map(|line| {
                let status = line.patent.as_ref().map_or("", |p| {
                    let status = p.legal_status;
                    v.t(status.zh(), status.en())
                });
                let title = line.patent.map(|p| p.title).unwrap_or_default();
                (line.number.zl(), title, status)
            })
            .collect(),
        next,
        sheet,
    })
}

/// `POST /desk/due`: a list in the place of the one before.
pub async fn send(State(web): State<Web>, request: Request) -> Response {
    let check = |_: &Member, form: &Form| day(form, "asOf").map(|_| ());
    let mut sent = match upload::receive_as(upload::Kept::Due, &web, request, check).await {
        Ok(sent) => sent,
        Err(refusal) => return refusal,
    };
    let settled = sent.settled();
    let done = settled.and_then(|()| sent.required("list"));
    finish(&web, &sent.member, &sent.form, HERE, done.map(|_| ())).await
}

/// `POST /desk/due/count`: a count in its place.
pub async fn count(State(web): State<Web>, member: Member, form: Form) -> Response {
    let stated = async {
        let new = NewDueCount {
            count: form.get("count").trim().parse().map_err(|_| {
                Error::fault(
                    "/count",
                    "countInvalid",
                    "请填写整数。",
                    "Give a whole number.",
                )
            })?,
            as_of: day(&form, "asOf")?,
            source: form.get("source").to_owned(),
        };
        let reference = reference(&member, form.get("holder"))?;
        due::state(&web.services, &member.actor, &reference, new).await
    };
    let stated = stated.await.map(|_| ());
    finish(&web, &member, &form, COUNT, stated).await
}

async fn finish(
    web: &Web,
    member: &Member,
    form: &Form,
    action: &str,
    done: ops::Result<()>,
) -> Response {
    let holder = form.get("holder");
    match done {
        Ok(()) if member.is_officer() => see_other(&format!("{HERE}?holder={holder}")),
        Ok(()) => see_other(HERE),
        Err(error) if status_of(&error).is_some() => {
            let failed = Some((form, &error, action));
            page(web, member, &form.visitor, holder, failed).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `GET /desk/due/missing.csv`: the missing numbers as a sheet that the import reads, a piece at a time.
pub async fn sheet(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let first = async {
        let reference = reference(&member, visitor.address.first("holder"))?;
        let first = due::sheet_lines(&web.services, &member.actor, &reference, None).await?;
        Ok::<_, Error>((reference, first))
    };
    let (reference, first) = match first.await {
        Ok(begun) => begun,
        Err(error) => return errors::page(&visitor, &error),
    };
    let begin = stream::once(std::future::ready(Ok::<_, Error>(Bytes::from(
        due::sheet_header(),
    ))));
    let rest = stream::try_unfold(
        (web, member, reference, first),
        move |(web, member, reference, piece)| async move {
            let Some((bytes, last)) = piece else {
                return Ok(None);
            };
            let next =
                due::sheet_lines(&web.services, &member.actor, &reference, Some(&last)).await?;
            Ok(Some((Bytes::from(bytes), (web, member, reference, next))))
        },
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"missing.csv\"",
        ),
    ];
    (headers, Body::from_stream(begin.chain(rest))).into_response()
}

/// `1234567` as `1,234,567`.
pub fn grouped(count: i64) -> String {
    words::grouped(u64::try_from(count).unwrap_or(0))
}
