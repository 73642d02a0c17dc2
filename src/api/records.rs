//! /v1/records, /v1/events: lists of what happened elsewhere come in as the request's body, and the answer says at once what
//! became of every line.

use axum::{
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
    tables::answered,
    upload::upload,
};
use crate::{
    domain::{
        access::Actor, codes::AppNo, eligibility::Block, id::Id, record::RecordKind, text::Lang,
    },
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
    /// Announced declarations that must be withdrawn for what the lines say (审查指南第五部分第十一章 2.(2)).
    pub must_withdraw: Vec<DeclarationToWithdraw>,
}

/// An announced declaration that must be withdrawn.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationToWithdraw {
    #[schema(value_type = String)]
    pub declaration: Id,
    #[schema(value_type = String)]
    pub number: AppNo,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration_number: Option<String>,
    /// Why.
    pub blocks: Vec<Block>,
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
        must_withdraw: report
            .must_withdraw
            .into_iter()
            .map(|one| DeclarationToWithdraw {
                declaration: one.declaration,
                number: one.number,
                declaration_number: one.declaration_number,
                blocks: one.blocks,
            })
            .collect(),
    }
}

fn take_kind(params: &mut Params) -> Result<Option<RecordKind>, Fault> {
    let words = RecordKind::ALL.map(RecordKind::as_str);
    params.word("kind", RecordKind::parse, &words)
}

/// Lists of events have an address of their own, which holders may use too.
fn take_office_kind(params: &mut Params) -> Result<Option<RecordKind>, Fault> {
    let kinds = [RecordKind::Declarations, RecordKind::Licences];
    let known = |text: &str| RecordKind::parse(text).filter(|kind| kinds.contains(kind));
    params.word("kind", known, &kinds.map(RecordKind::as_str))
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
    let kind = take_office_kind(&mut params)?;
    let asked = asked(&mut params, &headers, RecordKind::Licences)?;
    params.finish()?;
    let asked = Asked {
        kind: wanted(kind)?,
        ..asked
    };
    answer(&state, &actor, &headers, asked, body).await
}

/// Record legal events and statuses of many patents: CSV (UTF-8, GBK), XLSX or JSON lines, as the body.
///
/// At most 5,000 lines, each with a patent number, an event (a gazette code such as `PE01`, `PC01`, `PP01`, `CF01`, `RR01`,
/// `TR01`, its words, or a status of the register) and its day (see the template, `kind=events`). Each line becomes the
/// record that there is for it: pledges, preservations, suspensions and licences beside the open one begin, change or
/// end; a status replaces one of an earlier day, never of a later one; a transfer names the new owners (the office only).
/// Lines are taken in the order of their days; the same list sent again changes nothing (`repeated`). A holder sends
/// lines on its own patents. `mustWithdraw` names the announced declarations that must be withdrawn.
#[utoipa::path(post, path = "/v1/events", operation_id = "importEvents", tag = "records",
    security(("apiKey" = [])),
    params(
        ("dryRun" = Option<bool>, Query, description = "Check everything, write nothing"),
        ("fileName" = Option<String>, Query, description = "The file's name, for the words of a refusal"),
        ("source" = Option<String>, Query, description = "A stored file (`POST /v1/files`) that vouches for every line which names none"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect"),
    ),
    request_body(content = String, content_type = "application/octet-stream", description = "The list"),
    responses((status = 200, body = RecordsOut), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn import_events(
    Extract(state): Extract<State>,
    Who(actor): Who,
    headers: HeaderMap,
    mut params: Params,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let document = params.take("source")?;
    let asked = asked(&mut params, &headers, RecordKind::Events)?;
    params.finish()?;
    let document = match document {
        None => None,
        Some(text) => Some(Id::parse(&text).ok_or(Error::NotFound("file"))?),
    };
    let asked = Asked { document, ..asked };
    answer(&state, &actor, &headers, asked, body).await
}

fn asked(params: &mut Params, headers: &HeaderMap, kind: RecordKind) -> Result<Asked, Refusal> {
    let dry_run = params.word("dryRun", |text| text.parse().ok(), &["true", "false"])?;
    let file_name = params.take("fileName")?;
    Ok(Asked {
        kind,
        dry_run: dry_run.unwrap_or(false),
        file_name: file_name.map(|name| name.chars().take(200).collect()),
        document: None,
        idempotency_key: idempotency_key(headers)?,
    })
}

async fn answer(
    state: &State,
    actor: &Actor,
    headers: &HeaderMap,
    asked: Asked,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let report = records::import(&state.services, actor, asked, upload(body)).await?;
    let lang = lang_of(headers);
    Ok(answered(lang, out(report, lang)))
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
