//! Lists: `limit`, an opaque `after`, an exact `total`, the next page in the body and in `Link` (RFC 8288).

use axum::{
    Json,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use super::{extract::Params, problem::Refusal};
use crate::domain::event::sha256_hex;

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many there are in all, exactly.
    pub total: u64,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Where a keyset page begins. The opaque cursor is bound to the list and its filters.
pub struct Place {
    pub limit: usize,
    pub after: Option<String>,
    list: String,
}

impl Place {
    /// Takes `limit` (1–200, 50 by default) and `after`; `list` names the list and its filters.
    pub fn take(params: &mut Params, list: &str) -> Result<Self, Refusal> {
        let limit = params.number("limit", 1..=200)?.unwrap_or(50);
        let list = sha256_hex(list.as_bytes())[..12].to_owned();
        let after = params
            .take("after")?
            .map(|cursor| decode(&cursor, &list))
            .transpose()?;
        Ok(Self { limit, after, list })
    }

    /// The cursor behind what has this key.
    pub fn cursor(&self, key: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("k1.{}.{key}", self.list))
    }

    /// The page, and the cursor behind its last item when there is more.
    pub fn page<T>(&self, mut items: Vec<T>, total: i64, key: impl Fn(&T) -> String) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let last = items.last().map(&key).filter(|_| more);
        let next = last.map(|key| self.cursor(&key));
        Page {
            items,
            total: u64::try_from(total).unwrap_or(0),
            next,
        }
    }
}

fn decode(cursor: &str, list: &str) -> Result<String, Refusal> {
    let invalid = || Refusal::from(crate::ops::Error::CursorInvalid);
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    let text = String::from_utf8(bytes).map_err(|_| invalid())?;
    let (theirs, key) = text
        .strip_prefix("k1.")
        .and_then(|rest| rest.split_once('.'))
        .ok_or_else(invalid)?;
    if theirs != list {
        return Err(crate::ops::Error::CursorMismatch.into());
    }
    // Our keys are ids and codes; anything else was written by somebody else.
    if key.len() > 64 || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(invalid());
    }
    Ok(key.to_owned())
}

/// A list answer with its `Link` to the next page.
pub fn linked<T: Serialize>(uri: &Uri, next: Option<&str>, body: T) -> Response {
    let mut response = Json(body).into_response();
    if let Some(next) = next {
        let kept = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|p| !p.is_empty() && !p.starts_with("after="));
        let query: Vec<String> = kept
            .map(str::to_owned)
            .chain([format!("after={next}")])
            .collect();
        let target = format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"));
        if let Ok(value) = HeaderValue::from_str(&target) {
            response.headers_mut().insert(header::LINK, value);
        }
    }
    response
}
