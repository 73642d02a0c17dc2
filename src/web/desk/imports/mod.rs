//! `/desk/imports`: a list of patents is uploaded, shown as it was understood with what would become of its rows,
//! and recorded only when somebody agrees; afterwards what became of them and the refused rows to mend.

mod columns;
mod one;

use askama::Template;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::{Nav, Tab};
use crate::{
    domain::{
        id::Id,
        register::{Import, ImportState},
        text::Text,
    },
    ops::{self, Error, Services, imports, rejects},
    web::{
        Web, errors,
        form::{Field, Form, FormView},
        session::{Member, see_other},
        upload,
        visitor::Visitor,
    },
};

const HERE: &str = "/desk/imports";
/// Imports a page.
const SHOWN: usize = 30;
/// The pages of imports.
pub fn router(services: &Services) -> Router<Web> {
    let uploading = Router::new()
        .route(HERE, post(send))
        .layer(DefaultBodyLimit::max(upload::import_bytes(services)));
    Router::new()
        .route(HERE, get(show))
        .route("/desk/imports/{id}", get(one::show))
        .route("/desk/imports/{id}/agree", post(agree))
        .route("/desk/imports/{id}/mapping", post(columns::remap))
        .route("/desk/imports/mappings/{id}/remove", post(columns::remove))
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
    saved: Vec<columns::Saved>,
    more_saved: bool,
}

struct Line {
    href: String,
    name: String,
    at: String,
    state: &'static str,
    waiting: bool,
    counts: String,
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
    let (saved, total) = columns::saved_lines(web, member, v).await?;
    Ok(List {
        more_saved: i64::try_from(saved.len()).is_ok_and(|shown| shown < total),
        saved,
        v,
        nav: Nav::new(v, member, Tab::Imports),
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
        Field::file("list", v.t("专利清单（Excel、ODS、CSV、JSONL、专利 XML，或它们的 ZIP）", "List of patents (Excel, ODS, CSV, JSONL, patent XML, or a ZIP of these)")).hint(v.t(
            "支持国家知识产权局、incoPat、智慧芽等导出表和自制表格，须有申请号（专利号）一列；表头不认识的列，上传后由您指定",
            "Exports of CNIPA, incoPat, PatSnap and others, or a table of your own with a column of application numbers; unknown headers are offered for you to say what they are",
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
    let mut sent = match upload::receive_as(upload::Kept::Import, &web, request, |_, form| {
        check(form)
    })
    .await
    {
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

fn id_of(text: &str) -> ops::Result<Id> {
    Id::parse(text).ok_or(Error::NotFound("import"))
}

/// `POST /desk/imports/{id}/agree`
pub async fn agree(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let agreed = async {
        let id = id_of(&id)?;
        match form.get("version").parse() {
            // The counts that were seen, not those of a mapping that somebody has changed since.
            Ok(seen) => imports::commit(&web.services, &member.actor, &id, seen)
                .await
                .map(|_| ()),
            Err(_) => imports::agree(&web.services, &member.actor, &id).await,
        }
    };
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
            .map(|import| (id, import))
    };
    let id = match found.await {
        Ok(id) => id,
        Err(error) => return errors::page(&visitor, &error),
    };
    let (id, import) = id;
    let as_table = visitor.address.first("layout") == "table";
    let layout = rejects::Layout::of(&import, as_table, visitor.lang);
    let name = format!("attachment; filename=\"rejects-{id}.csv\"");
    let begin = stream::once(std::future::ready(Ok::<_, Error>(Bytes::from(
        layout.header(),
    ))));
    let rest = stream::try_unfold(
        (web, member, id, layout, 0_i64),
        move |(web, member, id, layout, after)| async move {
            let page = imports::rejects(&web.services, &member.actor, &id, after).await?;
            let Some(last) = page.last() else {
                return Ok(None);
            };
            let after = last.item;
            let lines = Bytes::from(layout.lines(&page));
            Ok(Some((lines, (web, member, id, layout, after))))
        },
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, Body::from_stream(begin.chain(rest))).into_response()
}
