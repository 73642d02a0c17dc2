//! The JSON body: 415 for another type, 413 for too much, 400 with line and column for what is not JSON, 422
//! with a JSON pointer for JSON that does not fit.

use axum::{
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{StatusCode, header},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::problem::Refusal;
use crate::ops::{Fault, params::excerpt};

/// A JSON body of type `T`: 415 for another type, 400 for text that is not JSON, 422 with a pointer for JSON
/// that does not fit.
pub struct Body<T>(pub T, pub Bytes);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;
    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let essence = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if essence != "application/json" && !essence.ends_with("+json") {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "mediaTypeUnsupported",
                "请以 Content-Type: application/json 提交 JSON。",
                "Send JSON with Content-Type: application/json.",
            ));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|e| body_refusal(&e))?;
        // serde would take an array for a record's fields in the order of our source.
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(value_refusal("", "invalid type: array, expected an object"));
        }
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
            // A value of another kind than the one wanted may pass for broken syntax.
            let fits_json =
                e.inner().is_data() || serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
            json_refusal(e.inner(), &pointer_to(e.path()), fits_json)
        })?;
        reader.end().map_err(|e| json_refusal(&e, "", false))?;
        Ok(Self(value, bytes))
    }
}

fn body_refusal(error: &BytesRejection) -> Refusal {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Refusal::new(
            error.status(),
            "tooLarge",
            "内容过大，请拆分后再提交。",
            "The body is too large; split it.",
        );
    }
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "uploadBroken",
        "请求内容中断，请重新提交。",
        "The body broke off; send it again.",
    )
}

/// RFC 6901.
fn pointer_to(path: &serde_path_to_error::Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                format!("/{}", excerpt(&key.replace('~', "~0").replace('/', "~1")))
            }
            Segment::Unknown => String::new(),
        })
        .collect()
}

fn json_refusal(inner: &serde_json::Error, pointer: &str, fits_json: bool) -> Refusal {
    if fits_json {
        let said = inner.to_string();
        let what = said
            .rsplit_once(" at line ")
            .map_or(said.as_str(), |(what, _)| what);
        return value_refusal(pointer, what);
    }
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "jsonMalformed",
        format!(
            "不是有效的 JSON（第 {} 行第 {} 列）。",
            inner.line(),
            inner.column()
        ),
        format!(
            "This is not valid JSON (line {}, column {}).",
            inner.line(),
            inner.column()
        ),
    )
}

fn value_refusal(pointer: &str, what: &str) -> Refusal {
    let what = excerpt(what);
    let place = if pointer.is_empty() { "/" } else { pointer };
    let fault = Fault::new(
        pointer,
        "valueInvalid",
        format!("{place} 的值不符合要求（{what}）。"),
        format!("The value at {place:?} does not fit: {what}."),
    );
    Refusal {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        code: "invalid",
        text: fault.text.clone(),
        faults: vec![fault],
        retry_after_seconds: None,
    }
}
