//! A list of what happened elsewhere, as a file: first a rehearsal that says what is wrong line by line and writes nothing
//! but the file itself, then the same file for good. The office and holders have a page of it each.

use askama::Template;
use axum::{extract::Request, http::StatusCode, response::Response};

use super::{
    Web, errors,
    form::{Field, Form, FormView, status_of},
    nav::Nav,
    session::Member,
    upload,
    visitor::Visitor,
};
use crate::{
    domain::{
        id::Id,
        record::RecordKind,
        text::{Lang, Text},
    },
    ops::{
        self, Error, files,
        records::{self, Asked, Report, ToWithdraw},
    },
};

/// Rejected lines on the page.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "records.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    /// The office's lists, or a holder's.
    office: bool,
    form: FormView,
    done: Option<Done>,
}

/// Whose page it is.
#[derive(Clone, Copy)]
pub struct Place {
    pub here: &'static str,
    pub commit: &'static str,
    /// What may be listed.
    pub kinds: &'static [RecordKind],
    pub nav: fn(&Visitor, &Member) -> Nav,
}

/// What became of a list, or what would.
struct Done {
    report: Report,
    /// The button that makes a rehearsal good.
    commit: Option<FormView>,
    lines: Vec<Line>,
    more: usize,
    /// Declarations that must be withdrawn: number, address, why.
    withdraw: Vec<(String, String, String)>,
}

struct Line {
    row: u64,
    column: String,
    value: String,
    text: String,
}

/// The page with its form.
pub fn show(place: Place, v: &Visitor, member: &Member) -> Response {
    page(place, v, member, StatusCode::OK, form(place, v), None)
}

fn page(
    place: Place,
    v: &Visitor,
    member: &Member,
    status: StatusCode,
    form: FormView,
    done: Option<Done>,
) -> Response {
    let page = Page {
        v,
        nav: (place.nav)(v, member),
        office: place.kinds.len() > 1,
        form,
        done,
    };
    v.form_page(status, &page)
}

fn title(v: &Visitor, kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Declarations => v.t("已公告的声明", "Announced declarations"),
        RecordKind::Licences => v.t("已达成的许可", "Licences that were taken"),
        RecordKind::Events => v.t("法律事件与法律状态", "Legal events and statuses"),
    }
}

fn form(place: Place, v: &Visitor) -> FormView {
    let kinds = place.kinds.iter();
    let kinds = kinds.map(|kind| (kind.as_str(), title(v, *kind).to_owned()));
    let fields = vec![
        Field::new("kind", v.t("清单的内容", "What is listed")).options(kinds.collect()),
        Field::file("list", v.t("清单（CSV、XLSX）", "The list (CSV, XLSX)"))
            .hint(v.t("最多 5000 行", "At most 5,000 lines")),
    ];
    let label = v.t("先核对，不写入", "Check first, write nothing");
    FormView::new(v, place.here, label, fields)
}

fn kind(place: Place, form: &Form) -> ops::Result<RecordKind> {
    let known = RecordKind::parse(form.get("kind"));
    known
        .filter(|kind| place.kinds.contains(kind))
        .ok_or_else(|| {
            let text = Text::new("请选择清单的内容。", "Say what is listed.");
            Error::fault("/kind", "kindRequired", text.zh, text.en)
        })
}

/// Keeps the file and says what would become of it.
pub async fn rehearse(place: Place, web: &Web, request: Request) -> Response {
    let received = upload::receive(web, request, |_, form| kind(place, form).map(|_| ()));
    let mut upload = match received.await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let reported = async {
        upload.settled()?;
        let (kind, file) = (kind(place, &upload.form)?, upload.required("list")?);
        let report = import(web, &upload.member, kind, &file, true).await?;
        Ok((kind, file, report))
    };
    let reported = reported.await;
    let (v, member) = (&upload.form.visitor, &upload.member);
    match reported {
        Ok((kind, file, report)) => {
            let label = v.t("登记这些记录", "Record them");
            let commit = FormView::new(v, place.commit, label, Vec::new());
            let commit = commit
                .hide("kind", kind.as_str())
                .hide("list", &file.to_string());
            let any = report.recorded + report.completed > 0;
            let done = done(v, report, any.then_some(commit));
            page(place, v, member, StatusCode::OK, form(place, v), Some(done))
        }
        Err(error) => failed(place, &upload.form, member, &error),
    }
}

/// Records the file that was rehearsed.
pub async fn commit(place: Place, web: &Web, member: &Member, sent: &Form) -> Response {
    let recorded = async {
        let file = Id::parse(sent.get("list")).ok_or(Error::NotFound("file"))?;
        import(web, member, kind(place, sent)?, &file, false).await
    };
    match recorded.await {
        Ok(report) => {
            let v = &sent.visitor;
            let done = done(v, report, None);
            page(place, v, member, StatusCode::OK, form(place, v), Some(done))
        }
        Err(error) => failed(place, sent, member, &error),
    }
}

async fn import(
    web: &Web,
    member: &Member,
    kind: RecordKind,
    file: &Id,
    dry_run: bool,
) -> ops::Result<Report> {
    let (file, content) = files::content(&web.services, &member.actor, file).await?;
    let asked = Asked {
        kind,
        dry_run,
        file_name: Some(file.name),
        document: Some(file.id),
        idempotency_key: None,
    };
    Box::pin(records::import(
        &web.services,
        &member.actor,
        asked,
        content,
    ))
    .await
}

fn failed(place: Place, sent: &Form, member: &Member, error: &Error) -> Response {
    let v = &sent.visitor;
    // What is wrong with the file as a whole is said of a parameter of the API.
    let status = match (error, status_of(error)) {
        (_, Some(status)) => status,
        (Error::Parameters(_), None) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => return errors::page(v, error),
    };
    page(
        place,
        v,
        member,
        status,
        form(place, v).filled(sent, error),
        None,
    )
}

fn done(v: &Visitor, report: Report, commit: Option<FormView>) -> Done {
    let lang = if v.is_en() { Lang::En } else { Lang::Zh };
    let shown = report.rejected.iter().take(SHOWN);
    let lines = shown.map(|one| {
        let cure = one.cure.as_ref().map_or("", |cure| cure.in_lang(lang));
        Line {
            row: one.row,
            column: one.column.clone(),
            value: one.value.clone(),
            text: format!("{} {cure}", one.text.in_lang(lang)),
        }
    });
    Done {
        lines: lines.collect(),
        withdraw: report
            .must_withdraw
            .iter()
            .map(|one| to_withdraw(v, one))
            .collect(),
        more: report.rejected.len().saturating_sub(SHOWN),
        commit,
        report,
    }
}

fn to_withdraw(v: &Visitor, one: &ToWithdraw) -> (String, String, String) {
    let blocks: Vec<&str> = one.blocks.iter().map(|b| v.t(b.zh(), b.en())).collect();
    let own = one.declaration_number.as_deref().unwrap_or_default();
    (
        format!("{} {own}", one.number.zl()),
        format!("/desk/declarations/{}", one.declaration),
        blocks.join(v.t("；", "; ")),
    )
}
