//! /v1/units: the colleges and departments of an organisation, and the defaults of their stock records.

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
    lang_of,
    problem::Refusal,
};
use crate::{
    domain::{codes::AppNo, id::Id, inventory::UnitCompleteness, sub_unit::SubUnits},
    ops::sub_units::{self, Kept},
};

/// The units of an organisation, how its holdings name their units, and the version that `If-Match` refers to: 0 while
/// none was ever named.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubUnitsOut {
    pub organisation: Id,
    #[serde(flatten)]
    pub list: SubUnits,
    /// What the holdings write, the largest first: the names of the units, and what means none of them yet.
    pub written: Vec<UnitCompleteness>,
    pub version: i64,
}

impl From<Kept> for SubUnitsOut {
    fn from(kept: Kept) -> Self {
        Self {
            organisation: kept.organisation,
            list: kept.list.value,
            written: kept.written,
            version: kept.list.version,
        }
    }
}

/// Of which unit the defaults are used; of all where none is named.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Filling {
    /// Its code or one of its names.
    #[schema(example = "012")]
    pub unit: Option<String>,
}

/// A record that could not be filled.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotFilled {
    #[schema(value_type = String)]
    pub number: AppNo,
    pub code: &'static str,
    /// In the language asked for.
    pub text: String,
}

/// What became of the records.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilledOut {
    pub changed: usize,
    /// They said all of it already, or their unit has no defaults.
    pub unchanged: usize,
    pub refused: usize,
    /// The first refused ones.
    pub reasons: Vec<NotFilled>,
}

/// Read the units of an organisation and how many patents each has.
#[utoipa::path(get, path = "/v1/units/{organisation}", operation_id = "getSubUnits", tag = "inventory",
    security(("apiKey" = [])),
    params(("organisation" = String, Path, description = "Id or USCC")),
    responses((status = 200, body = SubUnitsOut)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(organisation): Path<String>,
) -> Result<Response, Refusal> {
    let kept = sub_units::get(&state.services, &actor, Some(&organisation)).await?;
    // What the holdings write is not the list's, so an unchanged list is not an unchanged answer: never 304.
    Ok(changed(kept.list.version, SubUnitsOut::from(kept)))
}

/// Write the units of an organisation anew.
///
/// A unit is added, renamed or closed, never removed; a former name stays with it. Holdings and unit reviewers that name
/// a unit by its code or a former name are rewritten to its name at once.
#[utoipa::path(put, path = "/v1/units/{organisation}", operation_id = "updateSubUnits", tag = "inventory",
    security(("apiKey" = [])),
    params(("organisation" = String, Path, description = "Id or USCC"),
        ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = SubUnits, responses((status = 200, body = SubUnitsOut)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(organisation): Path<String>,
    headers: HeaderMap,
    Body(list, _): Body<SubUnits>,
) -> Result<Response, Refusal> {
    let expected = if_match(&headers)?;
    let (services, named) = (&state.services, Some(organisation.as_str()));
    sub_units::update(services, &actor, named, expected, list).await?;
    let kept = sub_units::get(services, &actor, named).await?;
    let etag = etag(kept.list.version);
    let body = Json(SubUnitsOut::from(kept));
    Ok(([(axum::http::header::ETAG, etag)], body).into_response())
}

/// Fill the stock records of your own organisation with the defaults of their units.
///
/// Only what a record leaves open is filled.
#[utoipa::path(post, path = "/v1/units/{organisation}/defaults", operation_id = "fillSubUnits", tag = "inventory",
    security(("apiKey" = [])),
    params(("organisation" = String, Path, description = "Id or USCC")),
    request_body = Filling, responses((status = 200, body = FilledOut)))]
pub async fn fill(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(organisation): Path<String>,
    headers: HeaderMap,
    Body(filling, _): Body<Filling>,
) -> Result<Response, Refusal> {
    let (services, unit) = (&state.services, filling.unit.as_deref());
    let done = sub_units::fill(services, &actor, Some(&organisation), unit).await?;
    let lang = lang_of(&headers);
    let reasons = done.reasons.into_iter().map(|(number, fault)| NotFilled {
        number,
        code: fault.code,
        text: fault.text.in_lang(lang).to_owned(),
    });
    let out = FilledOut {
        changed: done.changed,
        unchanged: done.unchanged,
        refused: done.refused,
        reasons: reasons.collect(),
    };
    Ok(Json(out).into_response())
}
