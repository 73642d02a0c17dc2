//! Where a patent's values come from, what was corrected by hand, and conflicts between sources: read and decided.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    State,
    body::Body,
    changed, etag,
    extract::{NoParams, Params, Who, if_match},
    if_none_match,
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{
        id::Id,
        merge::{Because, By, Choice, Conflict, ConflictState, Unit},
        patent::Patent,
        time::Day,
    },
    ops::{
        Error,
        conflicts::{self, ConflictFilter},
        corrections::{self, NewCorrection},
        patents::parse_number,
        provenance,
    },
};

/// Where the value of one unit of a patent comes from.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnitSourceOut {
    pub unit: Unit,
    /// The day for which its source speaks; absent for what came in before days were kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub day: Option<Day>,
    /// Somebody named the day; else it is the day on which the file came in.
    pub stated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// The import, where it is your organisation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Why it was corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who corrected it, where that was done for your organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<String>,
    /// The cells as they stood in the file, where the record does not say the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub raw: Vec<RawCell>,
}

/// A cell as it stood in the file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RawCell {
    pub field: crate::domain::intake::Column,
    pub text: String,
}

/// The sources of a patent's values, and the version that corrections refer to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourcesOut {
    pub units: Vec<UnitSourceOut>,
    /// Of the patent: what `If-Match` of a correction refers to, as the ETag says it.
    pub version: i64,
}

/// Read where each value of a patent comes from: source, day, by hand or from a file, and the cell as it stood there. For
/// those who hold the patent, and the office.
#[utoipa::path(get, path = "/v1/patents/{number}/sources", operation_id = "getPatentSources", tag = "conflicts",
    security(("apiKey" = [])), params(("number" = String, Path)),
    responses((status = 200, body = SourcesOut)))]
pub async fn sources(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(number): Path<String>,
) -> Result<Response, Refusal> {
    let number = parse_number(&number)?;
    let (version, found) = provenance::get(&state.services, &actor, &number).await?;
    let units = found.into_iter().map(|one| UnitSourceOut {
        unit: one.unit,
        day: one.day,
        stated: one.stated,
        by: one.by,
        import: one.import,
        file_name: one.file_name,
        reason: one.reason,
        corrected_by: one.actor,
        raw: one
            .raw
            .into_iter()
            .map(|(field, text)| RawCell { field, text })
            .collect(),
    });
    let units = units.collect();
    Ok(changed(version, SourcesOut { units, version }))
}

/// A value by hand, and why.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CorrectionIn {
    /// The fields of the unit as the patent's record has them; what is absent is empty afterwards.
    #[schema(value_type = Object, example = json!({"title": "一种渔网清洗装置"}))]
    pub value: serde_json::Value,
    pub reason: String,
}

/// Correct one unit of a patent by hand. It stands against every import until it is taken back; an import that disagrees
/// makes a conflict.
///
/// By a holder whose holding is confirmed, or an officer. A legal status is recorded from a document instead.
#[utoipa::path(put, path = "/v1/patents/{number}/corrections/{unit}", operation_id = "correctPatent", tag = "conflicts",
    security(("apiKey" = [])),
    params(("number" = String, Path), ("unit" = Unit, Path),
        ("If-Match" = String, Header, description = "The ETag of the patent's `sources` read before")),
    request_body = CorrectionIn, responses((status = 200, body = Patent)))]
pub async fn correct(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path((number, unit)): Path<(String, String)>,
    headers: HeaderMap,
    Body(new, _): Body<CorrectionIn>,
) -> Result<Response, Refusal> {
    let (number, unit, expected) = (parse_number(&number)?, unit_at(&unit)?, if_match(&headers)?);
    let new = NewCorrection {
        value: new.value,
        reason: new.reason,
    };
    let services = &state.services;
    let patent = corrections::correct(services, &actor, &number, unit, expected, new).await?;
    Ok(changed(patent.version, patent.value))
}

/// Take a correction back: what the newest source says is there again.
#[utoipa::path(delete, path = "/v1/patents/{number}/corrections/{unit}", operation_id = "takeBackCorrection", tag = "conflicts",
    security(("apiKey" = [])),
    params(("number" = String, Path), ("unit" = Unit, Path),
        ("If-Match" = String, Header, description = "The ETag of the patent's `sources` read before")),
    responses((status = 200, body = Patent)))]
pub async fn take_back(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path((number, unit)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (number, unit, expected) = (parse_number(&number)?, unit_at(&unit)?, if_match(&headers)?);
    let services = &state.services;
    let patent = corrections::take_back(services, &actor, &number, unit, expected).await?;
    Ok(changed(patent.version, patent.value))
}

fn unit_at(text: &str) -> Result<Unit, Error> {
    let unit = Unit::parse(text).filter(|unit| unit.is_of_patent());
    unit.ok_or(Error::NotFound("unit"))
}

/// A conflict, the patent's title, and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConflictOut {
    #[serde(flatten)]
    pub conflict: Conflict,
    pub title: String,
    pub version: i64,
}

fn out(shown: conflicts::Shown) -> ConflictOut {
    ConflictOut {
        title: shown.title,
        version: shown.record.version,
        conflict: shown.record.value,
    }
}

/// List conflicts between sources, the latest first: of your organisation's stock, or everyone's for an officer.
#[utoipa::path(get, path = "/v1/conflicts", operation_id = "listConflicts", tag = "conflicts",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC of the holder who decides"),
        ("number" = Option<String>, Query, description = "Of one patent"),
        ("unit" = Option<Unit>, Query),
        ("because" = Option<Because>, Query),
        ("state" = Option<ConflictState>, Query),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<ConflictOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let organisation = params.take("organisation")?;
    let filter = ConflictFilter {
        number: params
            .take("number")?
            .map(|text| parse_number(&text))
            .transpose()?,
        organisation: None,
        unit: params.word("unit", Unit::parse, &Unit::ALL.map(Unit::as_str))?,
        because: params.word(
            "because",
            Because::parse,
            &Because::ALL.map(Because::as_str),
        )?,
        state: params.word(
            "state",
            ConflictState::parse,
            &ConflictState::ALL.map(ConflictState::as_str),
        )?,
    };
    let asked = format!("conflicts {organisation:?} {filter:?} {:?}", actor.sight());
    let place = Place::take(&mut params, &asked)?;
    params.finish()?;
    let (items, total) = conflicts::list(
        &state.services,
        &actor,
        organisation.as_deref(),
        filter,
        place.after.as_deref(),
        place.limit + 1,
    )
    .await?;
    let items = items.into_iter().map(out).collect();
    let page = place.page(items, total, |one: &ConflictOut| {
        one.conflict.id.to_string()
    });
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one conflict.
#[utoipa::path(get, path = "/v1/conflicts/{conflict}", operation_id = "getConflict", tag = "conflicts",
    security(("apiKey" = [])), params(("conflict" = Id, Path)),
    responses((status = 200, body = ConflictOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = conflicts::get(&state.services, &actor, &conflict_at(&id)?).await?;
    Ok(if_none_match(&headers, &etag(found.record.version), || {
        Json(out(found)).into_response()
    }))
}

/// How a conflict is decided.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewResolution {
    /// `ours`: what is here stays; `theirs`: the other value is taken.
    pub choice: Choice,
    pub note: Option<String>,
}

/// Decide a conflict. What hangs on the value follows at once: the holdings, and the duty to withdraw a live declaration.
#[utoipa::path(post, path = "/v1/conflicts/{conflict}/resolution", operation_id = "resolveConflict", tag = "conflicts",
    security(("apiKey" = [])),
    params(("conflict" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewResolution, responses((status = 200, body = ConflictOut)))]
pub async fn resolve(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewResolution>,
) -> Result<Response, Refusal> {
    let (id, expected) = (conflict_at(&id)?, if_match(&headers)?);
    let services = &state.services;
    let (choice, note) = (new.choice, new.note);
    let found = conflicts::resolve(services, &actor, &id, expected, choice, note).await?;
    let out = out(found);
    Ok(changed(out.version, out))
}

fn conflict_at(text: &str) -> Result<Id, Error> {
    Id::parse(text).ok_or(Error::NotFound("conflict"))
}
