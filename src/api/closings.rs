//! /v1/closings: months that are closed for good; /v1/bulletins: a month as it is told.

use std::collections::HashMap;

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
    etag,
    extract::{NoParams, Params, Who, idempotency_key},
    if_none_match, lang_of, made,
    out::sent,
    problem::Refusal,
    progress::{ConcernOut, UnitOut, concern_out, title, unit_out},
    reported::ReportedOut,
};
use crate::{
    domain::{
        id::Id,
        indicator::{Closing, Correction, Metric, Movement, Part, Target},
        text::Lang,
        time::Day,
    },
    ops::{
        Error, Stored,
        bulletins::{self, Bulletin, Line, Pair},
        closings,
        idempotency::Key,
        out,
        progress::Basis,
    },
};

/// A closed month.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClosingOut {
    #[serde(flatten)]
    pub closing: Closing,
    pub version: i64,
}

impl From<Stored<Closing>> for ClosingOut {
    fn from(stored: Stored<Closing>) -> Self {
        Self {
            closing: stored.value,
            version: stored.version,
        }
    }
}

/// The month to close.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewClosing {
    /// The oldest target when absent.
    pub target: Option<Id>,
    #[schema(example = "2026-03")]
    pub month: String,
}

/// The closed months of a target.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ClosingList {
    pub items: Vec<ClosingOut>,
    pub total: usize,
}

/// List the closed months of a target, the first month first.
#[utoipa::path(get, path = "/v1/closings", operation_id = "listClosings", tag = "progress",
    params(("target" = Option<Id>, Query, description = "The oldest target when absent")),
    responses((status = 200, body = ClosingList)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
) -> Result<Response, Refusal> {
    let target = params.word("target", Id::parse, &["UUID"])?;
    params.finish()?;
    let found = closings::list(&state.services, &actor, target.as_ref()).await?;
    let items: Vec<ClosingOut> = found.into_iter().map(ClosingOut::from).collect();
    let total = items.len();
    Ok(Json(ClosingList { items, total }).into_response())
}

/// Read one closed month.
#[utoipa::path(get, path = "/v1/closings/{closing}", operation_id = "getClosing", tag = "progress",
    params(("closing" = Id, Path)),
    responses((status = 200, body = ClosingOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("closing"))?;
    let found = closings::get(&state.services, &actor, &id).await?;
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(ClosingOut::from(found)).into_response()
    }))
}

/// Close a month that is over. It cannot be opened again: what becomes known later is a correction of a later month.
#[utoipa::path(post, path = "/v1/closings", operation_id = "createClosing", tag = "progress",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewClosing, responses((status = 201, body = ClosingOut)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewClosing>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createClosing", &bytes));
    let (target, month) = (new.target.as_ref(), new.month.as_str());
    let created = closings::create(&state.services, &actor, key.as_ref(), target, month).await?;
    let out = ClosingOut::from(created.record);
    let location = format!("/v1/closings/{}", out.closing.id);
    Ok(made(&location, out.version, out))
}

/// A month of a target as it is told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulletinOut {
    pub target: Target,
    #[schema(example = "2026-03")]
    pub month: String,
    /// The closing by which it is told for good; absent while the month is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing: Option<Id>,
    pub pair: PairOut,
    /// What it starts from: the closing before, or the day before the month.
    pub since: PairOut,
    /// `before` + `new` + `corrected` = `now`, for every figure.
    pub figures: Vec<FigureOut>,
    /// Of the target's own figure.
    pub holders: Vec<LineOut>,
    pub towns: Vec<LineOut>,
    pub types: Vec<LineOut>,
    pub charges: Vec<LineOut>,
    /// Units of earlier months of the target's own figure that came or went since the closing before.
    pub corrections: Vec<CorrectionOut>,
    pub concerns: Vec<ConcernOut>,
    /// The latest of each figure that is reported for the district; counted nowhere.
    pub reported: Vec<ReportedOut>,
}

/// The day and the knowledge by which something was counted.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PairOut {
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    /// The number of a change.
    pub known_at: i64,
}

impl From<Pair> for PairOut {
    fn from(pair: Pair) -> Self {
        Self {
            as_of: pair.as_of,
            known_at: pair.known_at,
        }
    }
}

/// How one figure moved.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FigureOut {
    pub metric: Metric,
    /// In the language asked for.
    pub title: &'static str,
    pub before: usize,
    pub new: usize,
    pub corrected: i64,
    pub now: usize,
}

/// A part of the target's own figure.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LineOut {
    /// As `/v1/progress/items` takes it.
    pub key: String,
    /// In the language asked for.
    pub name: String,
    pub new: usize,
    pub now: usize,
}

/// A unit of an earlier month that came to be known, or no longer counts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CorrectionOut {
    pub added: bool,
    pub unit: UnitOut,
}

fn figure_out((metric, movement): &(Metric, Movement), lang: Lang) -> FigureOut {
    FigureOut {
        metric: *metric,
        title: title(*metric, lang),
        before: movement.before,
        new: movement.new.len(),
        corrected: movement.corrected(),
        now: movement.now.len(),
    }
}

fn lines_out(bulletin: &Bulletin, part: Part, lang: Lang) -> Vec<LineOut> {
    let lines = bulletin.parts.iter().find(|(p, _)| *p == part);
    let line = |line: &Line| LineOut {
        key: line.key.clone(),
        name: bulletin.basis.name(part, &line.key, lang),
        new: line.new,
        now: line.now,
    };
    lines
        .into_iter()
        .flat_map(|(_, lines)| lines)
        .map(line)
        .collect()
}

fn corrections_out(corrections: &[Correction], names: &HashMap<Id, String>) -> Vec<CorrectionOut> {
    let correction = |c: &Correction| CorrectionOut {
        added: c.added,
        unit: unit_out(c.unit.clone(), names, String::new()),
    };
    corrections.iter().map(correction).collect()
}

/// A month as it is told: what each figure was before, what is new, what was corrected, what it is now; by holder and
/// town; what there is to ask; what is reported beside. A closed month stays as it was closed.
#[utoipa::path(get, path = "/v1/bulletins/{month}", operation_id = "getBulletin", tag = "progress",
    params(
        ("month" = String, Path, description = "2026-03"),
        ("target" = Option<Id>, Query, description = "The oldest target when absent"),
    ),
    responses((status = 200, body = BulletinOut)))]
pub async fn bulletin(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(month): Path<String>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let target = params.word("target", Id::parse, &["UUID"])?;
    params.finish()?;
    let lang = lang_of(&headers);
    let found = bulletins::bulletin(&state.services, &actor, target.as_ref(), &month).await?;
    Ok(Json(bulletin_out(found, lang)).into_response())
}

/// Take the bulletin of a month out as XLSX: a sheet for each part, one for every unit; each number has the address of its
/// units.
#[utoipa::path(get, path = "/v1/bulletins/{month}/export", operation_id = "exportBulletin", tag = "progress",
    params(
        ("month" = String, Path, description = "2026-03"),
        ("target" = Option<Id>, Query, description = "The oldest target when absent"),
    ),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = String,
        description = "The workbook; X-Total-Count says how many rows its sheets have")))]
pub async fn export_bulletin(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(month): Path<String>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let target = params.word("target", Id::parse, &["UUID"])?;
    params.finish()?;
    let lang = lang_of(&headers);
    let made = out::bulletin(&state.services, &actor, target.as_ref(), &month, lang).await?;
    Ok(sent(made, &format!("bulletin-{month}")))
}

fn bulletin_out(found: Bulletin, lang: Lang) -> BulletinOut {
    let Basis {
        target,
        as_of,
        known_at,
        names,
        ..
    } = &found.basis;
    let own = found.own();
    BulletinOut {
        month: found.month.clone(),
        closing: found.closing.as_ref().map(|c| c.value.id.clone()),
        pair: Pair {
            as_of: *as_of,
            known_at: *known_at,
        }
        .into(),
        since: found.since.into(),
        figures: found
            .movements
            .iter()
            .map(|m| figure_out(m, lang))
            .collect(),
        holders: lines_out(&found, Part::Holder, lang),
        towns: lines_out(&found, Part::Town, lang),
        types: lines_out(&found, Part::Kind, lang),
        charges: lines_out(&found, Part::Charge, lang),
        corrections: own.map_or_else(Vec::new, |m| corrections_out(&m.corrections, names)),
        concerns: found
            .concerns
            .iter()
            .map(|c| concern_out(*c, lang))
            .collect(),
        target: target.clone(),
        reported: found.reported.into_iter().map(ReportedOut::from).collect(),
    }
}
