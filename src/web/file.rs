//! `/files/{id}`: a file of evidence for whoever may read it, always as an attachment that no browser shows or runs. For
//! everyone else it does not exist.

use axum::{
    body::Body,
    extract::{Path, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Web, errors, session::Member, visitor::Visitor};
use crate::{
    domain::id::Id,
    ops::{Error, files},
};

/// What RFC 8187 lets stand as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `GET /files/{id}`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let found = async {
        let id = Id::parse(&id).ok_or(Error::NotFound("file"))?;
        files::content(&web.services, &member.actor, &id).await
    };
    let (file, parts) = match found.await {
        Ok(found) => found,
        Err(error) => return errors::page(&visitor, &error),
    };
    let name = utf8_percent_encode(&file.name, PLAIN);
    let headers = [
        (header::CONTENT_TYPE, file.media_type.as_str().to_owned()),
        (header::CONTENT_LENGTH, file.size_bytes.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename*=UTF-8''{name}"),
        ),
        (header::ETAG, format!("\"{}\"", file.sha256)),
        (header::CACHE_CONTROL, "no-store, no-transform".to_owned()),
    ];
    (headers, Body::from_stream(parts)).into_response()
}
