//! /v1/files: evidence comes in as the request's body and goes out as an attachment that no browser shows or
//! runs. For whoever may not read a file it does not exist.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{
    State, etag,
    extract::{NoParams, Params, Who, idempotency_key},
    if_none_match,
    problem::{Problem, Refusal},
    upload::upload,
};
use crate::{
    domain::{file::File, id::Id, media::MediaType},
    ops::{Error, files},
};

/// A file's metadata. It never changes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileOut {
    pub id: Id,
    /// The organisation it belongs to; absent when it is the office's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Id>,
    #[schema(example = "付款凭证.pdf")]
    pub name: String,
    pub media_type: MediaType,
    pub size_bytes: i64,
    /// Of the bytes, lower-case hex.
    pub sha256: String,
    pub created_at: String,
    /// Where the bytes are.
    pub content: String,
}

impl From<File> for FileOut {
    fn from(file: File) -> Self {
        Self {
            content: format!("/v1/files/{}/content", file.id),
            id: file.id,
            owner: file.owner,
            name: file.name,
            media_type: file.media_type,
            size_bytes: file.size_bytes,
            sha256: file.sha256,
            created_at: file.created_at.rfc3339(),
        }
    }
}

/// Upload a file of evidence (a voucher, a report, a page of the bulletin), as the body.
///
/// Taken are PDF, OFD, JPEG, PNG, TIFF, WebP, DOC(X), XLS(X), CSV, plain text, XML, EML and ZIP; the beginning
/// of the content must be of the type that `Content-Type` names, and web pages, SVG and programs are refused. The file
/// can be read by its owner and the office; records that cite it by its id let others read it as they say.
#[utoipa::path(post, path = "/v1/files", operation_id = "createFile", tag = "files",
    security(("apiKey" = [])),
    params(
        ("name" = String, Query, description = "The file's name: 1 to 200 characters, without / and \\"),
        ("owner" = Option<String>, Query, description = "Id or USCC of the organisation it belongs to, for an officer; \
            otherwise it is your own organisation's"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect"),
    ),
    request_body(content = String, content_type = "*/*", description = "The file, with its own Content-Type"),
    responses((status = 201, body = FileOut), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    headers: HeaderMap,
    mut params: Params,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let name = params.take("name")?.unwrap_or_default();
    let owner = params.take("owner")?;
    params.finish()?;
    let kind = headers.get(header::CONTENT_TYPE);
    let new = files::NewFile {
        name,
        owner,
        media_type: kind
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .into(),
        idempotency_key: idempotency_key(&headers)?,
    };
    let file = files::create(&state.services, &actor, new, upload(body)).await?;
    let location = format!("/v1/files/{}", file.id);
    let out = Json(FileOut::from(file));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], out).into_response())
}

/// Read a file's metadata.
#[utoipa::path(get, path = "/v1/files/{file}", operation_id = "getFile", tag = "files",
    security(("apiKey" = [])),
    params(("file" = Id, Path)),
    responses((status = 200, body = FileOut), (status = 304, description = "Unchanged"), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("file"))?;
    let file = files::get(&state.services, &actor, &id).await?;
    // A file has one version.
    Ok(if_none_match(&headers, &etag(1), || {
        Json(FileOut::from(file)).into_response()
    }))
}

/// Download a file's bytes, always as an attachment.
///
/// The ETag is the SHA-256 of the bytes.
#[utoipa::path(get, path = "/v1/files/{file}/content", operation_id = "getFileContent", tag = "files",
    security(("apiKey" = [])),
    params(("file" = Id, Path)),
    responses((status = 200, content_type = "*/*", body = String, description = "The bytes, of the type they were uploaded with"),
        (status = 304, description = "Unchanged"), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn content(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("file"))?;
    let (file, parts) = files::content(&state.services, &actor, &id).await?;
    let tag = format!("\"{}\"", file.sha256);
    let answer = if_none_match(&headers, &tag, || {
        let headers = [
            (header::CONTENT_TYPE, file.media_type.as_str().to_owned()),
            (header::CONTENT_LENGTH, file.size_bytes.to_string()),
            (header::CONTENT_DISPOSITION, attachment(&file.name)),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::CONTENT_SECURITY_POLICY, "sandbox".to_owned()),
        ];
        (headers, HttpBody::from_stream(parts)).into_response()
    });
    // Asked again each time, for who may read it can change; never packed, for its length and hash are told.
    let caching = [(header::CACHE_CONTROL, "private, no-cache, no-transform")];
    Ok((caching, answer).into_response())
}

/// What RFC 8187 lets stand as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn attachment(name: &str) -> String {
    let name = utf8_percent_encode(name, PLAIN);
    format!("attachment; filename*=UTF-8''{name}")
}
