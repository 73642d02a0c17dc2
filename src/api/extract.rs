//! From the wire to types: who asks, the query's parameters, the JSON body, `If-Match`, `Idempotency-Key`.
//! No raw string travels past here; every refusal says where and what to do.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;

pub use crate::ops::params::Params;

use super::{State, problem::Refusal};
use crate::{
    domain::access::Actor,
    ops::{Fault, keys},
};

/// Who asks: the bearer of a valid key, or nobody. A key that is not valid is refused, never taken for nobody.
pub struct Who(pub Actor);

impl FromRequestParts<State> for Who {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        if let Some(actor) = parts.extensions.get::<Actor>() {
            return Ok(Self(actor.clone()));
        }
        let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
            return Ok(Self(Actor::anonymous()));
        };
        let key = value
            .to_str()
            .ok()
            .and_then(|v| {
                v.strip_prefix("Bearer ")
                    .or_else(|| v.strip_prefix("bearer "))
            })
            .unwrap_or_default();
        Ok(Self(keys::authenticate(&state.services, key.trim()).await?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default())?)
    }
}

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
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut reader)
            .map_err(|e| json_refusal(e.inner(), &e.path().to_string()))?;
        reader.end().map_err(|e| json_refusal(&e, "."))?;
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

fn json_refusal(inner: &serde_json::Error, path: &str) -> Refusal {
    if inner.is_data() {
        let pointer = if path == "." {
            String::new()
        } else {
            format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
        };
        let said = inner.to_string();
        let what = said.split(" at line ").next().unwrap_or(&said).to_owned();
        let fault = Fault::new(
            pointer.clone(),
            "valueInvalid",
            format!("{pointer} 的值不符合要求（{what}）。"),
            format!("The value at {pointer:?} does not fit: {what}."),
        );
        let mut refusal = Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            fault.text.zh.clone(),
            fault.text.en.clone(),
        );
        refusal.faults = vec![fault];
        return refusal;
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

/// The version in `If-Match`: required on changes (428 without it).
pub fn if_match(headers: &HeaderMap) -> Result<i64, Refusal> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Err(Refusal::new(
            StatusCode::PRECONDITION_REQUIRED,
            "ifMatchRequired",
            "修改前请先读取记录，并把返回的 ETag 放入 If-Match。",
            "Read the record first and send its ETag in If-Match.",
        ));
    };
    value
        .to_str()
        .ok()
        .and_then(|v| v.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok())
        .ok_or_else(|| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "ifMatchInvalid",
                "If-Match 应为读取时返回的 ETag，例如 \"3\"。",
                "If-Match must be the ETag you were given, e.g. \"3\".",
            )
        })
}

/// The caller's `Idempotency-Key`, when there is one: 1 to 200 visible ASCII characters.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(text)
            if (1..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) =>
        {
            Ok(Some(text.to_owned()))
        }
        _ => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "idempotencyKeyInvalid",
            "Idempotency-Key 应为 1 至 200 个可见的 ASCII 字符。",
            "An Idempotency-Key has 1 to 200 visible ASCII characters.",
        )),
    }
}
