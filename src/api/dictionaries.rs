//! /v1/dictionaries: the answers that a stock record can give, kept by the office.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    State,
    body::Body,
    changed, etag,
    extract::{NoParams, Who, if_match},
    if_none_match,
    problem::Refusal,
};
use crate::{
    domain::dictionary::{Dictionary, DictionaryEntry, Topic},
    ops::{Error, Stored, dictionaries},
};

/// A dictionary and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DictionaryOut {
    #[serde(flatten)]
    pub dictionary: Dictionary,
    pub version: i64,
}

impl From<Stored<Dictionary>> for DictionaryOut {
    fn from(stored: Stored<Dictionary>) -> Self {
        Self {
            dictionary: stored.value,
            version: stored.version,
        }
    }
}

/// Every dictionary.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DictionariesOut {
    pub items: Vec<DictionaryOut>,
}

/// The entries written anew, in the order in which they are offered. None may be left out: retire it instead.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewEntries {
    pub entries: Vec<DictionaryEntry>,
}

/// Read every dictionary of the stock record's answers.
#[utoipa::path(get, path = "/v1/dictionaries", operation_id = "listDictionaries", tag = "inventory",
    responses((status = 200, body = DictionariesOut)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
) -> Result<Response, Refusal> {
    let all = dictionaries::list(&state.services, &actor).await?;
    let items = all.into_iter().map(DictionaryOut::from).collect();
    Ok(Json(DictionariesOut { items }).into_response())
}

/// Read one dictionary.
#[utoipa::path(get, path = "/v1/dictionaries/{topic}", operation_id = "getDictionary", tag = "inventory",
    params(("topic" = Topic, Path)),
    responses((status = 200, body = DictionaryOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(topic): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = dictionaries::get(&state.services, &actor, topic_at(&topic)?).await?;
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(DictionaryOut::from(found)).into_response()
    }))
}

/// Write the entries of a dictionary anew.
///
/// An entry is added, reworded or retired, never removed: records that chose it stay readable.
#[utoipa::path(put, path = "/v1/dictionaries/{topic}", operation_id = "updateDictionary", tag = "inventory",
    security(("apiKey" = [])),
    params(("topic" = Topic, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewEntries, responses((status = 200, body = DictionaryOut)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(topic): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewEntries>,
) -> Result<Response, Refusal> {
    let (topic, expected) = (topic_at(&topic)?, if_match(&headers)?);
    let stored =
        dictionaries::update(&state.services, &actor, topic, expected, new.entries).await?;
    let out = DictionaryOut::from(stored);
    Ok(changed(out.version, out))
}

fn topic_at(text: &str) -> Result<Topic, Error> {
    Topic::parse(text).ok_or(Error::NotFound("dictionary"))
}
