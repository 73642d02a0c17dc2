//! From the wire to types: who asks, the query's parameters, `If-Match`, `Idempotency-Key`; the body is in `body`.
//! No raw string travels past here; every refusal says where and what to do.

use std::str::FromStr;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};

use super::{State, problem::Refusal};
use crate::{
    domain::{access::Actor, time::Day},
    ops::keys,
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
        Ok(Self(keys::authenticate(&state.services, key.trim()).await?))
    }
}

/// The query's parameters: read by name, each at most once unless it is a list, none unknown.
pub struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let mut pairs = Vec::new();
        for pair in parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|p| !p.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(name, name)?, decode(name, value)?));
        }
        Ok(Self(pairs))
    }
}

fn decode(name: &str, text: &str) -> Result<String, Refusal> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| {
            Refusal::parameter(
                name,
                "encodingInvalid",
                "不是 UTF-8 编码，请用 UTF-8 编码后再提交。",
                "This is not UTF-8; encode it as UTF-8.",
            )
        })?;
    if decoded
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t')
    {
        return Err(Refusal::parameter(
            name,
            "controlCharacter",
            "含有控制字符，请删除。",
            "Contains a control character; remove it.",
        ));
    }
    Ok(decoded.into_owned())
}

impl Params {
    /// Takes a parameter that may appear once.
    pub fn take(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        let mut values = self.take_all(name);
        if values.len() > 1 {
            return Err(repeated(name));
        }
        Ok(values.pop().filter(|v| !v.is_empty()))
    }

    /// Takes every value of a list parameter, repeated or separated by commas.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        let values = self.take_all(name);
        values
            .iter()
            .flat_map(|v| v.split(','))
            .map(|v| v.trim().to_owned())
            .filter(|v| !v.is_empty())
            .collect()
    }

    /// Takes every value of a repeated parameter whose values may contain commas.
    pub fn take_all(&mut self, name: &str) -> Vec<String> {
        let mut taken = Vec::new();
        self.0.retain(|(n, v)| {
            let hit = n == name;
            if hit {
                taken.push(v.clone());
            }
            !hit
        });
        taken
    }

    /// Takes a value of an enumeration; the refusal lists what is allowed.
    pub fn words<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        allowed: &[&str],
    ) -> Result<Vec<T>, Refusal> {
        self.list(name)
            .into_iter()
            .map(|value| {
                parse(&value).ok_or_else(|| {
                    let (value, allowed) = (excerpt(&value), allowed.join(", "));
                    Refusal::parameter(
                        name,
                        "valueUnknown",
                        format!("没有“{value}”这个取值；可用：{allowed}。"),
                        format!("There is no value {value:?}; allowed are: {allowed}."),
                    )
                })
            })
            .collect()
    }

    /// Takes a value of an enumeration that may appear once.
    pub fn word<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        allowed: &[&str],
    ) -> Result<Option<T>, Refusal> {
        let mut values = self.words(name, parse, allowed)?;
        if values.len() > 1 {
            return Err(repeated(name));
        }
        Ok(values.pop())
    }

    /// Takes a number within bounds, both included.
    pub fn number<T: FromStr + PartialOrd + std::fmt::Display>(
        &mut self,
        name: &str,
        bounds: std::ops::RangeInclusive<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(text) = self.take(name)? else {
            return Ok(None);
        };
        match text.parse::<T>() {
            Ok(value) if bounds.contains(&value) => Ok(Some(value)),
            _ => Err(Refusal::parameter(
                name,
                "outOfRange",
                format!("应为 {} 到 {} 之间的整数。", bounds.start(), bounds.end()),
                format!(
                    "Must be a whole number from {} to {}.",
                    bounds.start(),
                    bounds.end()
                ),
            )),
        }
    }

    /// Takes a calendar day.
    pub fn day(&mut self, name: &str) -> Result<Option<Day>, Refusal> {
        let Some(text) = self.take(name)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            Refusal::parameter(
                name,
                "dayInvalid",
                "应为存在的日期，格式 2026-12-31。",
                "Must be an existing day such as 2026-12-31.",
            )
        })
    }

    /// Refuses whatever was not taken.
    pub fn finish(self) -> Result<(), Refusal> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::parameter(
                &excerpt(name),
                "parameterUnknown",
                "没有这个参数，请核对拼写。",
                "There is no such parameter; check the spelling.",
            )),
        }
    }
}

fn repeated(name: &str) -> Refusal {
    Refusal::parameter(name, "repeated", "只能出现一次。", "May appear only once.")
}

/// What is shown of a value that was sent: its beginning and its end.
pub fn excerpt(text: &str) -> String {
    const SHOWN: usize = 400;
    let length = text.chars().count();
    if length <= SHOWN {
        return text.to_owned();
    }
    let head: String = text.chars().take(SHOWN / 4).collect();
    let tail: String = text.chars().skip(length - SHOWN / 2).collect();
    format!("{head}…{tail}")
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
