//! Papers to print and sign, as HTML or PDF in the caller's language, and the filing pack of a licence as a ZIP.

use axum::{
    body::Body as HttpBody,
    extract::{Path, State as Extract},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use tokio_util::io::ReaderStream;

use super::{
    State,
    extract::{NoParams, Params, Who},
    lang_of,
    problem::Refusal,
};
use crate::{
    domain::{
        id::Id,
        paper::{DeclarationPaper, LicencePaper, Paper},
    },
    ops::{Error, papers},
};

/// What a browser may do with it: show it in its own style.
const GUARD: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// As what a paper is asked for.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum PaperFormat {
    Html,
    Pdf,
}

/// `format`: HTML where nobody says another.
fn format(mut params: Params) -> Result<PaperFormat, Refusal> {
    let parse = |text: &str| match text {
        "html" => Some(PaperFormat::Html),
        "pdf" => Some(PaperFormat::Pdf),
        _ => None,
    };
    let format = params.word("format", parse, &["html", "pdf"])?;
    params.finish()?;
    Ok(format.unwrap_or(PaperFormat::Html))
}

async fn sent(
    state: &State,
    paper: Paper,
    format: PaperFormat,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let lang = lang_of(headers);
    if matches!(format, PaperFormat::Pdf) {
        let pdf = papers::pdf(&state.services, paper, lang).await?;
        let headers = [
            (header::CONTENT_TYPE, "application/pdf"),
            (header::CONTENT_LANGUAGE, lang.tag()),
            (
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"paper.pdf\"",
            ),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        return Ok((headers, pdf).into_response());
    }
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_LANGUAGE, lang.tag()),
        (header::CONTENT_SECURITY_POLICY, GUARD),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, papers::document(&paper, lang)).into_response())
}

/// Print a declaration or the request to withdraw it: HTML for A4, from the record as it stands.
///
/// In Chinese, or by `Accept-Language: en` in English. It is no form of the patent office. A request to withdraw is made of
/// a declaration that was announced.
#[utoipa::path(get, path = "/v1/declarations/{declaration}/papers/{form}", operation_id = "getDeclarationPaper",
    tag = "declarations", security(("apiKey" = [])),
    params(("declaration" = Id, Path), ("form" = DeclarationPaper, Path),
        ("format" = Option<PaperFormat>, Query, description = "html by default; pdf where the installation makes it")),
    responses((status = 200, content((String = "text/html"), (String = "application/pdf")))))]
pub async fn declaration(
    Extract(state): Extract<State>,
    Who(actor): Who,
    params: Params,
    Path((id, form)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let format = format(params)?;
    let id = Id::parse(&id).ok_or(Error::NotFound("declaration"))?;
    let form = DeclarationPaper::parse(&form).ok_or(Error::NotFound("paper"))?;
    let paper = papers::of_declaration(&state.services, &actor, &id, form).await?;
    sent(&state, paper, format, &headers).await
}

/// Print a licence's notice, the receipt of its fee or the application to file it: HTML for A4, from the record as it stands.
///
/// In Chinese, or by `Accept-Language: en` in English. For the two sides and the office. It is no form of the patent office.
#[utoipa::path(get, path = "/v1/licences/{licence}/papers/{paper}", operation_id = "getLicencePaper", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path), ("paper" = LicencePaper, Path),
        ("format" = Option<PaperFormat>, Query, description = "html by default; pdf where the installation makes it")),
    responses((status = 200, content((String = "text/html"), (String = "application/pdf")))))]
pub async fn licence(
    Extract(state): Extract<State>,
    Who(actor): Who,
    params: Params,
    Path((id, paper)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let format = format(params)?;
    let id = Id::parse(&id).ok_or(Error::NotFound("licence"))?;
    let kind = LicencePaper::parse(&paper).ok_or(Error::NotFound("paper"))?;
    let paper = papers::of_licence(&state.services, &actor, &id, kind).await?;
    sent(&state, paper, format, &headers).await
}

/// Download the filing pack of a licence: its papers, the documents kept here, and a list of them, as one ZIP.
///
/// `list.tsv` has a line for each file: SHA-256, name, bytes, what it is; `SHA256SUMS` is what `sha256sum -c` checks. For the
/// two sides and the office.
#[utoipa::path(get, path = "/v1/licences/{licence}/pack", operation_id = "getFilingPack", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path)),
    responses((status = 200, content_type = "application/zip", body = String)))]
pub async fn pack(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("licence"))?;
    let pack = papers::pack(&state.services, &actor, &id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, pack.bytes.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", pack.name),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store, no-transform".to_owned()),
    ];
    let file = tokio::fs::File::from_std(pack.file);
    Ok((headers, HttpBody::from_stream(ReaderStream::new(file))).into_response())
}
