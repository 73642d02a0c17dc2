//! /v1/records: lists of what happened elsewhere come in as the request's body, and the answer says at once what
//! became of every line.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::State as Extract,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::{
    State,
    extract::{Params, Who, idempotency_key},
    lang_of,
    problem::{Problem, Refusal},
    upload::upload,
};
use crate::{
    domain::{record::RecordKind, text::Lang},
    ops::{
        Error, Fault,
        records::{self, Asked, Rejected, Report},
    },
};

/// What became of the lines; each is in exactly one of the four.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordsOut {
    pub rows: u64,
    pub recorded: u64,
    /// Recorded before, and now with evidence or a filing that the record lacked.
    pub completed: u64,
    /// Recorded before, and nothing new.
    pub repeated: u64,
    pub rejected: Vec<RejectedRecord>,
}

/// A line that was not recorded.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RejectedRecord {
    /// As a person sees it in the file.
    pub row: u64,
    /// The header as in the file; empty where the whole line is meant.
    #[schema(example = "通知日")]
    pub column: String,
    /// Stable, for machines.
    #[schema(example = "notADate")]
    pub code: String,
    pub value: String,
    /// What is wrong, in the language asked for.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

fn out(report: Report, lang: Lang) -> RecordsOut {
    let rejected = report.rejected.into_iter().map(|one: Rejected| {
        let cure = one.cure.map(|cure| cure.in_lang(lang).to_owned());
        RejectedRecord {
            row: one.row,
            column: one.column,
            code: one.code,
            value: one.value,
            detail: one.text.in_lang(lang).to_owned(),
            cure,
        }
    });
    RecordsOut {
        rows: report.rows,
        recorded: report.recorded,
        completed: report.completed,
        repeated: report.repeated,
        rejected: rejected.collect(),
    }
}

fn take_kind(params: &mut Params) -> Result<Option<RecordKind>, Fault> {
    let words = RecordKind::ALL.map(RecordKind::as_str);
    params.word("kind", RecordKind::parse, &words)
}

fn wanted(kind: Option<RecordKind>) -> Result<RecordKind, Refusal> {
    kind.ok_or_else(|| {
        Error::from(Fault::new(
            "?kind",
            "kindRequired",
            "请注明清单的内容：kind=declarations（声明）或 kind=licences（许可）。",
            "Say what is listed: kind=declarations or kind=licences.",
        ))
        .into()
    })
}

/// Record a list of announced declarations or of licences taken: CSV (UTF-8, GBK), XLSX or JSON lines, as the body.
///
/// At most 5,000 lines, with Chinese or English headers (see the template); a header that is not known refuses the
/// whole file. Every line is recorded by itself, by the rules of its own days, and a wrong one is told with its
/// column and what to do. A line that is recorded already counts as `repeated` or, when it brings evidence or a
/// filing that the record lacks, as `completed`: the same list may be sent again after corrections. Files of evidence are named by id, by
/// SHA-256 or by name, after `POST /v1/files`.
#[utoipa::path(post, path = "/v1/records", operation_id = "importRecords", tag = "records",
    security(("apiKey" = [])),
    params(
        ("kind" = RecordKind, Query, description = "What is listed"),
        ("dryRun" = Option<bool>, Query, description = "Check everything, write nothing"),
        ("fileName" = Option<String>, Query, description = "The file's name, for the words of a refusal"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect"),
    ),
    request_body(content = String, content_type = "application/octet-stream", description = "The list"),
    responses((status = 200, body = RecordsOut), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn import(
    Extract(state): Extract<State>,
    Who(actor): Who,
    headers: HeaderMap,
    mut params: Params,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let kind = take_kind(&mut params)?;
    let dry_run = params.word("dryRun", |text| text.parse().ok(), &["true", "false"])?;
    let file_name = params.take("fileName")?;
    params.finish()?;
    let kind = wanted(kind)?;
    let asked = Asked {
        kind,
        dry_run: dry_run.unwrap_or(false),
        file_name: file_name.map(|name| name.chars().take(200).collect()),
        idempotency_key: idempotency_key(&headers)?,
    };
    let report = records::import(&state.services, &actor, asked, upload(body)).await?;
    let lang = lang_of(&headers);
    let headers = [
        (header::CONTENT_LANGUAGE, lang.tag()),
        (header::VARY, header::ACCEPT_LANGUAGE.as_str()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Json(out(report, lang))).into_response())
}

/// The empty list as a CSV for Excel: the header, and one fictional line to be deleted.
///
/// The example is refused (`exampleRow`) when it is sent back.
#[utoipa::path(get, path = "/v1/records/template", operation_id = "getRecordsTemplate", tag = "records",
    params(("kind" = RecordKind, Query, description = "What is listed")),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = Problem)))]
pub async fn template(Who(actor): Who, mut params: Params) -> Result<Response, Refusal> {
    let kind = take_kind(&mut params)?;
    params.finish()?;
    let kind = wanted(kind)?;
    let template = records::template(&actor, kind)?;
    let name = format!("attachment; filename=\"{}.csv\"", kind.as_str());
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, template).into_response())
}
