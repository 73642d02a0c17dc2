//! /v1/submissions: a holder's stock handed to platforms in their own sheets, and what the platforms answered.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::{Path, State as Extract},
    http::{Uri, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::{
    State,
    extract::{NoParams, Params, Who},
    out,
    page::{Page, Place, linked},
    problem::Refusal,
    upload::upload,
};
use crate::{
    domain::{
        id::Id,
        stock::StockFilter,
        submission::{Submission, SubmissionAnswers, SubmissionState},
    },
    ops::{
        Error,
        out::OutFormat,
        submissions::{self, SubmissionFilter},
    },
};

/// A patent that was handed in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionOut {
    #[serde(flatten)]
    pub submission: Submission,
    #[schema(example = "ZL201910699568.X")]
    pub zl: String,
}

/// What was read of an answer sheet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionAnswersOut {
    #[serde(flatten)]
    pub answers: SubmissionAnswers,
    /// This very file was read before, and nothing has changed.
    pub repeated: bool,
    /// Where the rows that fit nothing are, with their reasons.
    #[schema(example = "/v1/submissions/answers/…/rejects")]
    pub rejects: String,
}

/// List what was handed to platforms, of your own stock (an officer: of everyone's), with state and reason.
#[utoipa::path(get, path = "/v1/submissions", operation_id = "listSubmissions", tag = "submissions",
    security(("apiKey" = [])),
    params(("organisation" = Option<String>, Query, description = "Id or USCC"),
        ("platform" = Option<String>, Query, description = "The layout of its sheet", example = "shandong"),
        ("state" = Option<SubmissionState>, Query),
        ("changed" = Option<bool>, Query, description = "Whether it has changed since it was exported"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<SubmissionOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let organisation = params.take("organisation")?;
    let states = SubmissionState::ALL.map(SubmissionState::as_str);
    let filter = SubmissionFilter {
        organisation: None,
        platform: params.take("platform")?,
        state: params.word("state", SubmissionState::parse, &states)?,
        changed: params.word("changed", |text| text.parse().ok(), &["true", "false"])?,
    };
    let label = format!(
        "submissions {organisation:?} {filter:?} {:?}",
        actor.sight()
    );
    let place = Place::take(&mut params, &label)?;
    params.finish()?;
    let after = place.after.as_deref().unwrap_or_default();
    let after = after.split_once('|').unwrap_or_default();
    let (services, limit) = (&state.services, place.limit + 1);
    let organisation = organisation.as_deref();
    let (found, total) =
        submissions::list(services, &actor, organisation, filter, after, limit).await?;
    let item = |submission: Submission| SubmissionOut {
        zl: submission.number.zl(),
        submission,
    };
    let items = found.into_iter().map(item).collect();
    let page = place.page(items, total, |one: &SubmissionOut| {
        format!("{}|{}", one.submission.platform, one.submission.holding)
    });
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Take your stock out in a platform's sheet; every patent in the file is noted as exported.
///
/// `only=pending` takes what was never exported, has changed since, or was rejected.
#[utoipa::path(post, path = "/v1/submissions", operation_id = "createSubmission", tag = "submissions",
    security(("apiKey" = [])),
    params(("platform" = String, Query, description = "The layout of its sheet", example = "shandong"),
        ("only" = Option<String>, Query, description = "all (default) or pending"),
        ("format" = Option<String>, Query, description = "xlsx (default), csv or ndjson")),
    responses((status = 200, description = "The sheet; X-Total-Count says how many patents it has",
        content((String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "text/csv"),
            (String = "application/x-ndjson")))))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
) -> Result<Response, Refusal> {
    let platform = params.take("platform")?.unwrap_or_default();
    let only = |text: &str| match text {
        "all" => Some(false),
        "pending" => Some(true),
        _ => None,
    };
    let pending = params
        .word("only", only, &["all", "pending"])?
        .unwrap_or(false);
    let format = params.word("format", OutFormat::parse, &OutFormat::WORDS)?;
    let format = format.unwrap_or(OutFormat::Xlsx);
    params.finish()?;
    let (services, filter) = (&state.services, StockFilter::default());
    let made = submissions::export(services, &actor, &platform, filter, pending, format).await?;
    Ok(out::sent(made, &platform))
}

/// Read a platform's answer sheet: number, accepted or rejected, reason.
///
/// CSV (UTF-8, GBK), XLSX, XLS, ODS or JSON lines with columns 申请号, 审核结果 and 原因. Rows that fit nothing are counted
/// and stand with their reasons in the file of rejects. The same file again changes nothing.
#[utoipa::path(post, path = "/v1/submissions/answers", operation_id = "createSubmissionAnswers", tag = "submissions",
    security(("apiKey" = [])),
    params(("platform" = String, Query, example = "shandong"), ("fileName" = Option<String>, Query)),
    request_body(content = String, content_type = "application/octet-stream", description = "The sheet"),
    responses((status = 200, body = SubmissionAnswersOut)))]
pub async fn answer(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let platform = params.take("platform")?.unwrap_or_default();
    let file_name = params.take("fileName")?;
    params.finish()?;
    let (services, upload) = (&state.services, upload(body));
    let read = submissions::answer(services, &actor, &platform, file_name, upload).await?;
    let out = SubmissionAnswersOut {
        rejects: format!("/v1/submissions/answers/{}/rejects", read.answers.id),
        repeated: read.repeated,
        answers: read.answers,
    };
    Ok(Json(out).into_response())
}

/// Download the rows of an answer sheet that fit nothing, each with its reason.
#[utoipa::path(get, path = "/v1/submissions/answers/{answers}/rejects", operation_id = "getSubmissionRejects",
    tag = "submissions", security(("apiKey" = [])),
    params(("answers" = Id, Path)),
    responses((status = 200, description = "CSV (UTF-8 with BOM)", content((String = "text/csv")))))]
pub async fn rejects(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("answers"))?;
    let (_, csv) = submissions::answers(&state.services, &actor, &id).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"rejects.csv\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, csv).into_response())
}
