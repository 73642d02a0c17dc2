//! From the wire to types: who asks, the query's parameters, `If-Match`, `Idempotency-Key`; the body is in `body`.
//! No raw string travels past here; every refusal says where and what to do.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};

pub use crate::ops::params::Params;

use super::{State, problem::Refusal};
use crate::{
    domain::access::Actor,
    ops::{
        keys,
        sessions::{Asker, Caller},
    },
};

/// Who asks: the bearer of a valid key, or nobody. A key that is not valid is refused, never taken for nobody.
pub struct Who(pub Actor);

impl FromRequestParts<State> for Who {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Refusal> {
        if let Some(actor) = parts.extensions.get::<Actor>() {
            return Ok(Self(actor.clone()));
        }
        let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Ok(Self(Actor::anonymous()));
        };
        // Two keys at once: nobody can tell who asks.
        let alone = values.next().is_none();
        let key = value
            .to_str()
            .ok()
            .filter(|_| alone)
            .and_then(|v| {
                v.strip_prefix("Bearer ")
                    .or_else(|| v.strip_prefix("bearer "))
            })
            .unwrap_or_default();
        let from = parts.extensions.get::<Caller>();
        let from = from.map_or("", |caller| caller.0.as_str());
        let actor = keys::authenticate(&state.services, key.trim(), from).await?;
        if let Some(Asker(asker)) = parts.extensions.get::<Asker>() {
            let _ = asker.set(actor.name.clone());
        }
        Ok(Self(actor))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default())?)
    }
}

/// For addresses that take no query: whatever is there is refused.
pub struct NoParams;

impl<S: Send + Sync> FromRequestParts<S> for NoParams {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        Params::from_request_parts(parts, state).await?.finish()?;
        Ok(Self)
    }
}

/// `organisation`, by id or USCC, and no other parameter. Taken before a body is read, so that what is not known is said
/// first.
pub struct OfOrganisation(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for OfOrganisation {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let mut params = Params::from_request_parts(parts, state).await?;
        let organisation = params.take("organisation")?;
        params.finish()?;
        Ok(Self(organisation))
    }
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
