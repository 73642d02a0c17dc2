//! A file as the request's body: a stream that counts for itself, outside the limit on JSON bodies. Whoever
//! stops sending for too long has broken off.

use std::time::Duration;

use axum::{
    body::Body as HttpBody,
    http::{HeaderMap, header},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};

use crate::ops::Error;

/// How long an upload may pause between two pieces.
const PAUSE: Duration = Duration::from_secs(30);

/// The routes whose POST or PUT is an upload.
const ROUTES: &[&str] = &[
    "/v1/annual-fees/imports",
    "/v1/cards/imports",
    "/v1/files",
    "/v1/imports",
    "/v1/records",
    "/v1/events",
    "/v1/due-lists/{organisation}",
    "/v1/reference-tables/{kind}",
    "/v1/submissions/answers",
    "/v1/inventory/questionnaire",
];

/// May the body take longer than an ordinary request? Files may, by the API or with a form.
pub fn is_upload(route: &str, headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    ROUTES.contains(&route)
        || kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"))
}

/// The body's pieces as they arrive.
pub fn upload(body: HttpBody) -> impl Stream<Item = Result<Bytes, Error>> {
    stream::unfold(Some(body.into_data_stream()), |open| async move {
        let mut stream = open?;
        match tokio::time::timeout(PAUSE, stream.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(stream))),
            Ok(Some(Err(_))) | Err(_) => Some((Err(Error::UploadBroken), None)),
        }
    })
}
