//! `/desk/imports`: a list of patents is uploaded, shown as it was understood with what would become of its rows,
//! and recorded only when somebody agrees; afterwards what became of them and the refused rows to mend.

use askama::Template;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::{Entry, Nav};
use crate::{
    domain::{
        id::Id,
        register::{Import, ImportState, PreviewRow},
        text::Text,
    },
    ops::{self, Error, Services, imports, rejects},
    web::{
        Web, errors,
        form::{Field, Form, FormView},
        session::{Member, see_other},
        upload,
        visitor::Visitor,
        words::{self, grouped},
    },
};

const HERE: &str = "/desk/imports";
/// Imports a page.
const SHOWN: usize = 30;
/// Problems shown on the page; the file of them has all that are kept.
const PROBLEMS: usize = 20;

/// The pages of imports.
pub fn router(services: &Services) -> Router<Web> {
    let bytes = usize::try_from(services.limits.upload_bytes).unwrap_or(usize::MAX);
    let uploading = Router::new()
        .route(HERE, post(send))
        .layer(DefaultBodyLimit::max(bytes.saturating_add(1 << 16)));
    Router::new()
        .route(HERE, get(show))
        .route("/desk/imports/{id}", get(one))
        .route("/desk/imports/{id}/agree", post(agree))
        .route("/desk/imports/{id}/discard", post(discard))
        .route("/desk/imports/{id}/rejects.csv", get(rejected))
        .merge(uploading)
}

#[derive(Template)]
#[template(path = "desk_imports.html")]
struct List<'a> {
    v: &'a Visitor,
    nav: Nav,
    form: FormView,
    lines: Vec<Line>,
    next: Option<String>,
}

struct Line {
    href: String,
    name: String,
    at: String,
    state: &'static str,
    waiting: bool,
    counts: String,
}

#[derive(Template)]
#[template(path = "desk_import.html")]
struct One<'a> {
    v: &'a Visitor,
    nav: Nav,
    name: String,
    about: String,
    state: &'static str,
    under_way: bool,
    is_preview: bool,
    figures: Vec<(&'static str, String)>,
    failure: Option<String>,
    columns: Vec<(String, Option<String>)>,
    rows: Vec<Row>,
    problems: Vec<Problem>,
    more_problems: bool,
    rejects: Option<String>,
    agree: Option<FormView>,
    discard: Option<FormView>,
    advice: Vec<Text>,
    here: String,
}

struct Row {
    number: String,
    title: String,
    kind: &'static str,
    status: &'static str,
    filed: String,
    patentees: String,
    conversion: &'static str,
    unit: String,
}

/// A row that is refused: which, the column, why, what to do, what stands there.
struct Problem {
    row: i64,
    column: String,
    why: String,
    cure: String,
    value: String,
}

/// `GET /desk/imports`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let form = upload_form(&visitor, &member);
    page(&web, &visitor, &member, form, StatusCode::OK).await
}

async fn page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    form: FormView,
    status: StatusCode,
) -> Response {
    match list(web, v, member, form).await {
        Ok(page) => v.form_page(status, &page),
        Err(error) => errors::page(v, &error),
    }
}

async fn list<'a>(
    web: &Web,
    v: &'a Visitor,
    member: &Member,
    form: FormView,
) -> ops::Result<List<'a>> {
    let after = Id::parse(v.address.first("after")).map(|id| id.to_string());
    let (mut found, _) =
        imports::list(&web.services, &member.actor, after.as_deref(), SHOWN + 1).await?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().filter(|_| more);
    Ok(List {
        v,
        nav: Nav::new(v, member, Entry::Imports),
        form,
        next: last.map(|last| format!("{HERE}?after={}", last.id)),
        lines: found.iter().map(|import| line(v, import)).collect(),
    })
}

fn line(v: &Visitor, import: &Import) -> Line {
    let c = import.counts;
    let counts = format!(
        "{} {} · {} {} · {} {} · {} {}",
        v.t("新增", "new"),
        c.added,
        v.t("更新", "changed"),
        c.merged,
        v.t("未变", "the same"),
        c.unchanged,
        v.t("拒绝", "refused"),
        c.rejected,
    );
    Line {
        href: format!("{HERE}/{}", import.id),
        name: name_of(v, import),
        at: import.created_at.in_beijing(),
        state: state_of(v, import.state),
        waiting: import.state == ImportState::Rehearsed,
        counts,
    }
}

fn name_of(v: &Visitor, import: &Import) -> String {
    import
        .file_name
        .clone()
        .unwrap_or_else(|| v.t("未命名文件", "Unnamed file").to_owned())
}

fn state_of(v: &Visitor, state: ImportState) -> &'static str {
    match state {
        ImportState::Rehearsing => v.t("正在试读", "Being read for a preview"),
        ImportState::Rehearsed => v.t("待确认", "Waits for you to agree"),
        ImportState::Queued => v.t("排队中", "Queued"),
        ImportState::Running => v.t("正在导入", "Being imported"),
        ImportState::Done => v.t("已完成", "Done"),
        ImportState::Failed => v.t("文件未读完", "Not read to its end"),
    }
}

fn upload_form(v: &Visitor, member: &Member) -> FormView {
    let mut fields = vec![
        Field::new("statusAsOf", v.t("导出日期", "Day of the export"))
            .kind("date")
            .optional()
            .hint(v.t(
                "文件中没有注明日期的法律状态以这一天为准；没有日期的状态不能用于声明",
                "The day of every legal status in it that bears none; a status without a day is of no use for a declaration",
            )),
        Field::file("list", v.t("专利清单（CSV、XLSX 或 JSONL）", "List of patents (CSV, XLSX or JSONL)")).hint(v.t(
            "支持国家知识产权局、incoPat、智慧芽等导出表和自制表格，须有申请号（专利号）一列",
            "Exports of CNIPA, incoPat, PatSnap and others, or a table of your own with a column of application numbers",
        )),
    ];
    if member.is_officer() {
        fields.push(
            Field::new(
                "holder",
                v.t("持有单位的统一社会信用代码", "USCC of the holder"),
            )
            .optional(),
        );
    }
    FormView::new(v, HERE, v.t("上传并预览", "Upload and preview"), fields)
}

/// `POST /desk/imports`: the file is kept and read through; nothing is recorded.
pub async fn send(State(web): State<Web>, request: Request) -> Response {
    let mut sent = match upload::receive_import(&web, request, |_, form| check(form)).await {
        Ok(sent) => sent,
        Err(refusal) => return refusal,
    };
    let settled = sent.settled();
    let v = &sent.form.visitor;
    match settled.and_then(|()| sent.required("list")) {
        Ok(id) => see_other(&format!("{HERE}/{id}")),
        Err(error @ Error::Invalid(_)) => {
            let form = upload_form(v, &sent.member).filled(&sent.form, &error);
            page(
                &web,
                v,
                &sent.member,
                form,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
        Err(error) => errors::page(v, &error),
    }
}

fn check(form: &Form) -> ops::Result<()> {
    let text = form.get("statusAsOf").trim();
    if text.is_empty() || text.parse::<crate::domain::time::Day>().is_ok() {
        return Ok(());
    }
    let said = Text::new(
        "请填写日期，例如 2026-03-01。",
        "Give a day such as 2026-03-01.",
    );
    Err(Error::fault("/statusAsOf", "dayInvalid", said.zh, said.en))
}

/// `GET /desk/imports/{id}`
pub async fn one(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    match build(&web, &member, &visitor, &id).await {
        Ok(page) => {
            let mut response = visitor.form_page(StatusCode::OK, &page);
            if page.under_way {
                // Without a script the browser itself asks again.
                response
                    .headers_mut()
                    .insert(header::REFRESH, HeaderValue::from_static("2"));
            }
            response
        }
        Err(error) => errors::page(&visitor, &error),
    }
}

fn id_of(text: &str) -> ops::Result<Id> {
    Id::parse(text).ok_or(Error::NotFound("import"))
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor, id: &str) -> ops::Result<One<'a>> {
    let (services, actor) = (&web.services, &member.actor);
    let id = id_of(id)?;
    let import = imports::get(services, actor, &id).await?;
    let under_way = matches!(
        import.state,
        ImportState::Rehearsing | ImportState::Queued | ImportState::Running
    );
    let refused = if import.counts.rejected > 0 && !under_way {
        imports::rejects(services, actor, &id, 0).await?
    } else {
        Vec::new()
    };
    let is_preview = import.state == ImportState::Rehearsed;
    let c = import.counts;
    let button = |step: &str, label: &str| {
        FormView::new(v, &format!("{HERE}/{id}/{step}"), label, Vec::new())
    };
    let good = grouped((c.rows - c.rejected).unsigned_abs());
    let label = format!(
        "{}{good}{}",
        v.t("确认导入这 ", "Import these "),
        v.t(" 行", " rows")
    );
    let preview = import.preview.clone().unwrap_or_default();
    Ok(One {
        nav: Nav::new(v, member, Entry::Imports),
        name: name_of(v, &import),
        about: format!(
            "{} · {} KB",
            import.created_at.in_beijing(),
            grouped((import.size_bytes.unsigned_abs() >> 10).max(1))
        ),
        state: state_of(v, import.state),
        under_way,
        is_preview,
        figures: figures(v, &import),
        failure: import
            .failure
            .as_ref()
            .map(|f| v.t(&f.zh, &f.en).to_owned()),
        columns: preview
            .columns
            .into_iter()
            .map(|column| (column.header, column.meaning.map(|m| v.text(&m).to_owned())))
            .collect(),
        rows: preview
            .rows
            .into_iter()
            .filter(|_| is_preview)
            .map(|row| shown(v, row))
            .collect(),
        more_problems: refused.len() > PROBLEMS,
        problems: rejects::explained(&refused[..refused.len().min(PROBLEMS)], v.lang)
            .map(|(row, column, why, cure, value)| Problem {
                row,
                column,
                why,
                cure,
                value,
            })
            .collect(),
        rejects: (!refused.is_empty()).then(|| format!("{HERE}/{id}/rejects.csv")),
        agree: (is_preview && c.rows > c.rejected).then(|| button("agree", &label)),
        discard: is_preview.then(|| button("discard", v.t("放弃，不导入", "Give it up"))),
        advice: advice(&import),
        here: format!("{HERE}/{id}"),
        v,
    })
}

fn figures(v: &Visitor, import: &Import) -> Vec<(&'static str, String)> {
    let c = import.counts;
    let count = |n: i64| grouped(n.unsigned_abs());
    vec![
        (v.t("行", "rows"), count(c.rows)),
        (v.t("新增专利", "new"), count(c.added)),
        (v.t("更新", "changed"), count(c.merged)),
        (v.t("没有变化", "the same"), count(c.unchanged)),
        (v.t("拒绝", "refused"), count(c.rejected)),
        (v.t("新入库", "new in stock"), count(c.held)),
        (
            v.t("其中权属待确认", "of them claimed only"),
            count(c.claimed),
        ),
    ]
}

fn shown(v: &Visitor, row: PreviewRow) -> Row {
    Row {
        number: row.number,
        title: row.title,
        kind: words::kind(row.kind, v.lang),
        status: words::status(row.legal_status, v.lang),
        filed: row
            .filing_date
            .map_or_else(String::new, |day| day.to_string()),
        patentees: row.patentees.join("；"),
        conversion: row.conversion.map_or("–", |c| words::conversion(c, v.lang)),
        unit: row.unit.unwrap_or_default(),
    }
}

/// What to do next.
fn advice(import: &Import) -> Vec<Text> {
    let c = import.counts;
    let mut advice = Vec::new();
    let over = matches!(
        import.state,
        ImportState::Rehearsed | ImportState::Done | ImportState::Failed
    );
    if over && c.rejected > 0 {
        advice.push(Text::new(
            "下载拒绝清单，按“处理办法”在原表中改正这些行，再上传一次；已导入的行不会重复。",
            "Download the refused rows, mend them in your table as said there and upload it again; rows that are in are not doubled.",
        ));
    }
    if over && c.claimed > 0 {
        advice.push(Text::new(
            "权属待确认的专利：文件中的权利人与本单位名称不一致。请登记曾用名，或由主管部门凭权属文件确认；确认之前不公开、不能声明。",
            "Claimed only: the owner in the file is not your organisation's name. Have a former name registered, or an officer confirm it from a document; until then it is neither public nor declarable.",
        ));
    }
    if over && import.status_as_of.is_none() && c.rows > c.rejected {
        advice.push(Text::new(
            "没有填写导出日期：文件中没有日期的法律状态不能用于声明。",
            "No day of export was given: a legal status without a day is of no use for a declaration.",
        ));
    }
    advice
}

/// `POST /desk/imports/{id}/agree`
pub async fn agree(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let agreed = async { imports::agree(&web.services, &member.actor, &id_of(&id)?).await };
    match agreed.await {
        Ok(()) => see_other(&format!("{HERE}/{id}")),
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `POST /desk/imports/{id}/discard`
pub async fn discard(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let given_up = async { imports::discard(&web.services, &member.actor, &id_of(&id)?).await };
    match given_up.await {
        Ok(()) => see_other(HERE),
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `GET /desk/imports/{id}/rejects.csv`: the refused rows, a piece at a time.
pub async fn rejected(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let found = async {
        let id = id_of(&id)?;
        imports::get(&web.services, &member.actor, &id)
            .await
            .map(|_| id)
    };
    let id = match found.await {
        Ok(id) => id,
        Err(error) => return errors::page(&visitor, &error),
    };
    let lang = visitor.lang;
    let name = format!("attachment; filename=\"rejects-{id}.csv\"");
    let begin = stream::once(std::future::ready(Ok::<_, Error>(Bytes::from(
        rejects::header(lang),
    ))));
    let rest = stream::try_unfold(
        (web, member, id, 0_i64),
        move |(web, member, id, after)| async move {
            let page = imports::rejects(&web.services, &member.actor, &id, after).await?;
            let Some(last) = page.last() else {
                return Ok(None);
            };
            let after = last.item;
            Ok(Some((
                Bytes::from(rejects::lines(&page, lang)),
                (web, member, id, after),
            )))
        },
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, Body::from_stream(begin.chain(rest))).into_response()
}
