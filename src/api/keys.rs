//! /v1/keys: the API keys of one's organisation. A secret is in the answer that makes it, and nowhere afterwards.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    State,
    body::Body,
    changed, etag,
    extract::{NoParams, Params, Who, idempotency_key, if_match},
    if_none_match, made,
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{
        access::{Role, Scope},
        id::Id,
        time::Instant,
    },
    ops::{
        Error, idempotency,
        keys::{self, Asked, Changes, Key},
    },
};

/// A key, without its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyOut {
    pub id: Id,
    /// What it is for.
    pub name: String,
    pub role: Role,
    pub organisation: Option<Id>,
    /// Whose it is; absent for the operator's.
    pub account: Option<Id>,
    pub scopes: Vec<Scope>,
    /// From where it may be used (CIDR); empty: from everywhere.
    pub networks: Vec<String>,
    #[schema(format = "date-time")]
    pub created_at: String,
    #[schema(format = "date-time")]
    pub expires_at: Option<String>,
    #[schema(format = "date-time")]
    pub revoked_at: Option<String>,
    /// Written at most once a minute.
    #[schema(format = "date-time")]
    pub last_used_at: Option<String>,
    pub last_used_from: Option<String>,
    /// Until when the secret before the latest rotation works.
    #[schema(format = "date-time")]
    pub old_secret_until: Option<String>,
    pub version: i64,
}

/// A key whose secret has just been made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyMade {
    #[serde(flatten)]
    pub key: KeyOut,
    /// For `Authorization: Bearer …`, given out this once. Absent when this very request was made before: rotate the
    /// key if its secret was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A key to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewKey {
    #[schema(example = "省平台每日同步")]
    pub name: String,
    /// Your own when absent; officers make keys of any role.
    pub role: Option<Role>,
    /// By id or USCC, for a holder's or an enterprise's key; your own organisation when absent.
    pub organisation: Option<String>,
    /// All that the role can use and you have, when absent.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// Addresses or networks (CIDR, IPv4 or IPv6); from everywhere when absent.
    #[serde(default)]
    #[schema(example = json!(["203.0.113.0/24", "2001:db8::/32"]))]
    pub networks: Vec<String>,
    #[schema(format = "date-time")]
    pub expires_at: Option<String>,
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyPatch {
    pub name: Option<String>,
    pub scopes: Option<Vec<Scope>>,
    pub networks: Option<Vec<String>>,
    /// null: it does not expire.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = "date-time")]
    pub expires_at: Option<Option<String>>,
}

/// Tells `null` from what is absent.
#[expect(
    clippy::option_option,
    reason = "absent, null and a value are three things in a patch"
)]
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// How long the old secret still works.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRotation {
    /// At most 30 days from now; absent: it ends at once.
    #[schema(format = "date-time")]
    pub old_until: Option<String>,
}

fn out(key: Key) -> KeyOut {
    KeyOut {
        id: key.id,
        name: key.name,
        role: key.role,
        organisation: key.organisation,
        account: key.account,
        scopes: key.scopes,
        networks: key.networks.iter().map(ToString::to_string).collect(),
        created_at: key.created_at.rfc3339(),
        expires_at: key.expires_at.map(Instant::rfc3339),
        revoked_at: key.revoked_at.map(Instant::rfc3339),
        last_used_at: key.last_used_at.map(Instant::rfc3339),
        last_used_from: key.last_used_from,
        old_secret_until: key.previous.map(|(_, until)| until.rfc3339()),
        version: key.version,
    }
}

fn key_at(text: &str) -> Result<Id, Error> {
    Id::parse(text).ok_or(Error::NotFound("key"))
}

fn instant(pointer: &str, text: &str) -> Result<Instant, Error> {
    Instant::parse(text).ok_or_else(|| {
        Error::fault(
            pointer,
            "instantInvalid",
            "应为带时区的时间，例如 2026-12-31T23:59:59+08:00。",
            "Must be a moment with its offset such as 2026-12-31T23:59:59+08:00.",
        )
    })
}

/// List your organisation's keys; officers see all.
#[utoipa::path(get, path = "/v1/keys", operation_id = "listKeys", tag = "keys",
    security(("apiKey" = [])),
    params(
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<KeyOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let place = Place::take(&mut params, &format!("keys {}", actor.name))?;
    params.finish()?;
    let after = place.after.clone().unwrap_or_default();
    let limit = i64::try_from(place.limit + 1).unwrap_or(i64::MAX);
    let (found, total) = keys::page(&state.services, &actor, &after, limit).await?;
    let items = found.into_iter().map(out).collect();
    let page = place.page(items, total, |key: &KeyOut| key.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one key.
#[utoipa::path(get, path = "/v1/keys/{key}", operation_id = "getKey", tag = "keys",
    security(("apiKey" = [])), params(("key" = Id, Path)),
    responses((status = 200, body = KeyOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let key = keys::get(&state.services, &actor, &key_at(&id)?).await?;
    Ok(if_none_match(&headers, &etag(key.version), || {
        Json(out(key)).into_response()
    }))
}

/// Make a key; its secret is in this answer only.
#[utoipa::path(post, path = "/v1/keys", operation_id = "createKey", tag = "keys",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewKey, responses((status = 201, body = KeyMade)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewKey>,
) -> Result<Response, Refusal> {
    let repeat = idempotency_key(&headers)?;
    let repeat = repeat.map(|k| idempotency::Key::new(&actor, &k, "createKey", &bytes));
    let expires_at = new.expires_at.as_deref().map(|t| instant("/expiresAt", t));
    let asked = Asked {
        name: new.name,
        role: new.role,
        organisation: new.organisation,
        scopes: new.scopes,
        networks: new.networks,
        expires_at: expires_at.transpose()?,
    };
    let (key, secret) = keys::create(&state.services, &actor, repeat.as_ref(), asked).await?;
    let (location, version) = (format!("/v1/keys/{}", key.id), key.version);
    let secret = secret.map(|secret| secret.reveal().to_owned());
    let key = out(key);
    Ok(secretly(made(&location, version, KeyMade { key, secret })))
}

/// What holds a secret is kept nowhere on its way.
fn secretly(mut response: Response) -> Response {
    use axum::http::{HeaderValue, header};
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Change a key's name, scopes, networks or expiry.
#[utoipa::path(patch, path = "/v1/keys/{key}", operation_id = "updateKey", tag = "keys",
    security(("apiKey" = [])),
    params(("key" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = KeyPatch, responses((status = 200, body = KeyOut)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(patch, _): Body<KeyPatch>,
) -> Result<Response, Refusal> {
    let (id, expected) = (key_at(&id)?, if_match(&headers)?);
    let expires_at = match patch.expires_at {
        Some(Some(text)) => Some(Some(instant("/expiresAt", &text)?)),
        Some(None) => Some(None),
        None => None,
    };
    let changes = Changes {
        name: patch.name,
        scopes: patch.scopes,
        networks: patch.networks,
        expires_at,
    };
    let key = keys::update(&state.services, &actor, &id, expected, changes).await?;
    Ok(changed(key.version, out(key)))
}

/// Give a key a new secret; the old one works until the moment you state, or ends at once.
#[utoipa::path(post, path = "/v1/keys/{key}/rotation", operation_id = "rotateKey", tag = "keys",
    security(("apiKey" = [])),
    params(("key" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewRotation, responses((status = 200, body = KeyMade)))]
pub async fn rotate(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewRotation>,
) -> Result<Response, Refusal> {
    let (id, expected) = (key_at(&id)?, if_match(&headers)?);
    let until = new.old_until.as_deref().map(|t| instant("/oldUntil", t));
    let until = until.transpose()?;
    let (key, secret) = keys::rotate(&state.services, &actor, &id, expected, until).await?;
    let (version, secret) = (key.version, Some(secret.reveal().to_owned()));
    let key = out(key);
    Ok(secretly(changed(version, KeyMade { key, secret })))
}

/// End a key at once, and every token given for it.
///
/// It takes no `If-Match`: a key that was lost ends whatever has changed since it was read.
#[utoipa::path(delete, path = "/v1/keys/{key}", operation_id = "deleteKey", tag = "keys",
    security(("apiKey" = [])), params(("key" = Id, Path)),
    responses((status = 200, body = KeyOut)))]
pub async fn delete(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let key = keys::revoke(&state.services, &actor, &key_at(&id)?).await?;
    Ok(changed(key.version, out(key)))
}
