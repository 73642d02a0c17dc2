//! `/office/records`: a list of what happened elsewhere, as a file: first a rehearsal that says what is wrong line by line
//! and writes nothing but the file itself, then the same file for good.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};

use super::{Officer, nav};
use crate::{
    domain::{
        id::Id,
        record::RecordKind,
        text::{Lang, Text},
    },
    ops::{
        self, Error, files,
        records::{self, Asked, Report},
    },
    web::{
        Web,
        desk::Nav,
        errors,
        form::{Field, Form, FormView, status_of},
        session::Member,
        upload,
        visitor::Visitor,
    },
};

const HERE: &str = "/office/records";
const COMMIT: &str = "/office/records/commit";
/// Rejected lines on the page.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "office_records.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    form: FormView,
    done: Option<Done>,
}

/// What became of a list, or what would.
struct Done {
    report: Report,
    /// The button that makes a rehearsal good.
    commit: Option<FormView>,
    lines: Vec<Line>,
    more: usize,
}

struct Line {
    row: u64,
    column: String,
    value: String,
    text: String,
}

/// `GET /office/records`
pub async fn show(officer: Officer, visitor: Visitor) -> Response {
    let Officer(_) = officer;
    page(&visitor, StatusCode::OK, form(&visitor), None)
}

fn page(v: &Visitor, status: StatusCode, form: FormView, done: Option<Done>) -> Response {
    let page = Page {
        v,
        nav: nav(v, HERE),
        form,
        done,
    };
    v.form_page(status, &page)
}

fn title(v: &Visitor, kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Declarations => v.t("已公告的声明", "Announced declarations"),
        RecordKind::Licences => v.t("已达成的许可", "Licences that were taken"),
    }
}

fn form(v: &Visitor) -> FormView {
    let kinds = RecordKind::ALL.map(|kind| (kind.as_str(), title(v, kind).to_owned()));
    let fields = vec![
        Field::new("kind", v.t("清单的内容", "What is listed")).options(kinds.into()),
        Field::file("list", v.t("清单（CSV、XLSX）", "The list (CSV, XLSX)"))
            .hint(v.t("最多 5000 行", "At most 5,000 lines")),
    ];
    FormView::new(
        v,
        HERE,
        v.t("先核对，不写入", "Check first, write nothing"),
        fields,
    )
}

fn kind(form: &Form) -> ops::Result<RecordKind> {
    RecordKind::parse(form.get("kind")).ok_or_else(|| {
        let text = Text::new("请选择清单的内容。", "Say what is listed.");
        Error::fault("/kind", "kindRequired", text.zh, text.en)
    })
}

/// `POST /office/records`: keeps the file and says what would become of it.
pub async fn rehearse(State(web): State<Web>, _: Officer, request: Request) -> Response {
    let received = upload::receive(&web, request, |_, form| kind(form).map(|_| ()));
    let mut upload = match received.await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let reported = async {
        upload.settled()?;
        let (kind, file) = (kind(&upload.form)?, upload.required("list")?);
        let report = import(&web, &upload.member, kind, &file, true).await?;
        Ok((kind, file, report))
    };
    let reported = reported.await;
    let v = &upload.form.visitor;
    match reported {
        Ok((kind, file, report)) => {
            let label = v.t("登记这些记录", "Record them");
            let commit = FormView::new(v, COMMIT, label, Vec::new());
            let commit = commit
                .hide("kind", kind.as_str())
                .hide("list", &file.to_string());
            let any = report.recorded + report.completed > 0;
            page(
                v,
                StatusCode::OK,
                form(v),
                Some(done(v, report, any.then_some(commit))),
            )
        }
        Err(error) => failed(&upload.form, &error),
    }
}

/// `POST /office/records/commit`: records the file that was rehearsed.
pub async fn commit(State(web): State<Web>, Officer(member): Officer, form: Form) -> Response {
    let recorded = async {
        let file = Id::parse(form.get("list")).ok_or(Error::NotFound("file"))?;
        import(&web, &member, kind(&form)?, &file, false).await
    };
    match recorded.await {
        Ok(report) => {
            let v = &form.visitor;
            page(
                v,
                StatusCode::OK,
                self::form(v),
                Some(done(v, report, None)),
            )
        }
        Err(error) => failed(&form, &error),
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

fn failed(sent: &Form, error: &Error) -> Response {
    let v = &sent.visitor;
    match (error, status_of(error)) {
        (_, Some(status)) => page(v, status, form(v).filled(sent, error), None),
        // What is wrong with the file as a whole is said of a parameter of the API.
        (Error::Parameters(_), None) => page(
            v,
            StatusCode::UNPROCESSABLE_ENTITY,
            form(v).filled(sent, error),
            None,
        ),
        _ => errors::page(v, error),
    }
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
        more: report.rejected.len().saturating_sub(SHOWN),
        commit,
        report,
    }
}
