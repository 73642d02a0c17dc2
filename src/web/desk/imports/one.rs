//! One import: as it was understood, what would become or became of its rows, what was refused and why, what to do.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use super::{
    HERE,
    columns::{self, Line},
    id_of, name_of, state_of,
};
use crate::{
    domain::{
        intake::Column,
        register::{Import, ImportState, PreviewRow},
        text::Text,
    },
    ops::{self, Error, imports, rejects},
    web::{
        Web,
        desk::{Nav, Tab},
        errors,
        form::{Form, FormView},
        session::Member,
        visitor::Visitor,
        words::{self, grouped},
    },
};

/// Problems shown on the page; the file of them has all that are kept.
const PROBLEMS: usize = 10;

#[derive(Template)]
#[template(path = "desk_import.html")]
struct One<'a> {
    v: &'a Visitor,
    nav: Nav,
    name: String,
    about: String,
    state: &'static str,
    under_way: bool,
    /// The tables that are read of a file of several.
    tables: Vec<String>,
    /// Sheets that are not read, with the reason.
    skipped: Vec<(String, String)>,
    is_preview: bool,
    figures: Vec<(&'static str, String)>,
    failure: Option<String>,
    columns: Vec<Line>,
    /// Columns that somebody should look at before agreeing.
    doubtful: usize,
    /// No column is the application number.
    numberless: Option<&'static str>,
    remap: String,
    version: i64,
    wrong: Option<String>,
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

/// `GET /desk/imports/{id}`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    page(&web, &member, &visitor, &id, None, StatusCode::OK).await
}

/// The page again, with what was chosen and what is wrong with it.
pub async fn again(
    web: &Web,
    member: &Member,
    form: &Form,
    id: &str,
    error: &Error,
    status: StatusCode,
) -> Response {
    page(web, member, &form.visitor, id, Some((form, error)), status).await
}

async fn page(
    web: &Web,
    member: &Member,
    visitor: &Visitor,
    id: &str,
    sent: Option<(&Form, &Error)>,
    status: StatusCode,
) -> Response {
    match build(web, member, visitor, id, sent).await {
        Ok(page) => {
            let mut response = visitor.form_page(status, &page);
            if page.under_way {
                // Without a script the browser itself asks again.
                response
                    .headers_mut()
                    .insert(header::REFRESH, HeaderValue::from_static("2"));
            }
            response
        }
        Err(error) => errors::page(visitor, &error),
    }
}

async fn build<'a>(
    web: &Web,
    member: &Member,
    v: &'a Visitor,
    id: &str,
    sent: Option<(&Form, &Error)>,
) -> ops::Result<One<'a>> {
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
            .hide("version", &import.version.to_string())
    };
    let good = grouped((c.rows - c.rejected).unsigned_abs());
    let label = format!(
        "{}{good}{}",
        v.t("确认导入这 ", "Import these "),
        v.t(" 行", " rows")
    );
    let mut preview = import.preview.clone().unwrap_or_default();
    let found = std::mem::take(&mut preview.columns);
    let numberless = !found.is_empty()
        && found
            .iter()
            .all(|column| column.field() != Some(Column::AppNumber));
    let columns = columns::lines(v, found, sent);
    Ok(One {
        nav: Nav::new(v, member, Tab::Imports),
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
        doubtful: columns.iter().filter(|column| column.doubtful).count(),
        numberless: (is_preview && numberless).then(|| {
            v.t(
                "没有一列是申请号（专利号）。请在下面指定哪一列是，再按“按此重新试读”。",
                "No column is the application number. Say below which one is, then press “Read it so”.",
            )
        }),
        remap: format!("{HERE}/{id}/mapping"),
        version: import.version,
        wrong: sent.map(|(_, error)| v.text(&error.text()).to_owned()),
        columns,
        rows: preview
            .rows
            .into_iter()
            .filter(|_| is_preview)
            .map(|row| row_of(v, row))
            .collect(),
        tables: preview.tables,
        skipped: preview
            .skipped
            .into_iter()
            .map(|sheet| (sheet.name, v.text(&sheet.reason).to_owned()))
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
    let mut figures = vec![
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
    ];
    if c.conflicts > 0 {
        figures.push((v.t("与现有内容冲突", "conflicts"), count(c.conflicts)));
    }
    figures
}

fn row_of(v: &Visitor, row: PreviewRow) -> Row {
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
            "下载“可改正的表”，按“处理办法”改正这些行后直接上传该表（或在原表中改正后重新上传）；已导入的行不会重复。",
            "Download the refused rows as a table, mend them as said there and upload that table (or mend your own table and upload it again); rows that are in are not doubled.",
        ));
    }
    if over && c.claimed > 0 {
        advice.push(Text::new(
            "权属待确认的专利：文件中的权利人与本单位名称不一致。请登记曾用名，或由主管部门凭权属文件确认；确认之前不公开、不能声明。",
            "Claimed only: the owner in the file is not your organisation's name. Have a former name registered, or an officer confirm it from a document; until then it is neither public nor declarable.",
        ));
    }
    if over && c.conflicts > 0 {
        advice.push(Text::new(
            "有内容与同一天的其他来源或人工更正不一致：现值保留，确认导入后到“来源冲突”逐项处理。",
            "Some values disagree with another source of the same day or with a correction by hand: what is here stays; decide them under “Conflicts of sources” after the import.",
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
