//! /v1/targets and /v1/progress: what the district wants to reach, how far it is, and the proof of every unit.

use std::collections::HashMap;

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
    extract::{NoParams, Params, Who, idempotency_key, if_match},
    if_none_match, lang_of, made,
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{
        id::Id,
        indicator::{Figures, Metric, Side, Target, Unit},
        text::Lang,
        time::Day,
    },
    ops::{
        Error, Stored,
        idempotency::Key,
        organisations,
        progress::{self, Asked, Basis, KnownAt},
        reference,
        targets::{self, Written},
    },
};

/// A target and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetOut {
    #[serde(flatten)]
    pub target: Target,
    pub version: i64,
}

impl From<Stored<Target>> for TargetOut {
    fn from(stored: Stored<Target>) -> Self {
        Self {
            target: stored.value,
            version: stored.version,
        }
    }
}

/// A target, whole.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTarget {
    pub name: String,
    pub metric: Metric,
    pub value: i64,
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    #[schema(value_type = String, format = "date")]
    pub to: Day,
    #[schema(example = "371002")]
    pub district: String,
    pub side: Side,
}

impl From<NewTarget> for Written {
    fn from(new: NewTarget) -> Self {
        Self {
            name: new.name,
            metric: new.metric,
            value: new.value,
            from: new.from,
            to: new.to,
            district: new.district,
            side: new.side,
        }
    }
}

/// All targets.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TargetList {
    pub items: Vec<TargetOut>,
    pub total: usize,
}

/// List the targets, the oldest first; the first is the one that is counted when none is named.
#[utoipa::path(get, path = "/v1/targets", operation_id = "listTargets", tag = "progress",
    responses((status = 200, body = TargetList)))]
pub async fn list_targets(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
) -> Result<Response, Refusal> {
    let items: Vec<TargetOut> = targets::list(&state.services, &actor)
        .await?
        .into_iter()
        .map(TargetOut::from)
        .collect();
    let total = items.len();
    Ok(Json(TargetList { items, total }).into_response())
}

/// Read one target.
#[utoipa::path(get, path = "/v1/targets/{target}", operation_id = "getTarget", tag = "progress",
    params(("target" = Id, Path)),
    responses((status = 200, body = TargetOut), (status = 304, description = "Unchanged")))]
pub async fn get_target(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("target"))?;
    let found = targets::get(&state.services, &actor, &id).await?;
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(TargetOut::from(found)).into_response()
    }))
}

/// Set a further target.
#[utoipa::path(post, path = "/v1/targets", operation_id = "createTarget", tag = "progress",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewTarget, responses((status = 201, body = TargetOut)))]
pub async fn create_target(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewTarget>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createTarget", &bytes));
    let created = targets::create(&state.services, &actor, key.as_ref(), new.into()).await?;
    let out = TargetOut::from(created.record);
    let location = format!("/v1/targets/{}", out.target.id);
    Ok(made(&location, out.version, out))
}

/// Change a target; what was counted before by its old definition can be asked for with `knownAt`.
#[utoipa::path(put, path = "/v1/targets/{target}", operation_id = "updateTarget", tag = "progress",
    security(("apiKey" = [])),
    params(("target" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewTarget, responses((status = 200, body = TargetOut)))]
pub async fn update_target(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewTarget>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("target"))?;
    let expected = if_match(&headers)?;
    let out =
        TargetOut::from(targets::update(&state.services, &actor, &id, expected, new.into()).await?);
    Ok(changed(out.version, out))
}

/// The count of one target.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgressOut {
    pub target: Target,
    /// What the target's district is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district_name: Option<String>,
    /// The day of which it speaks.
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    /// The last change by which it was counted; `knownAt` for the same figures again.
    pub known_at: i64,
    pub headline: Headline,
    pub figures: Figures,
    /// The months in which units begin to count.
    pub months: Vec<MonthOut>,
    pub holders: Vec<HolderOut>,
    /// By section and division of GB/T 4754; units without one are under an empty code.
    pub industries: Vec<IndustryOut>,
}

/// How far the target is reached.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Headline {
    pub metric: Metric,
    /// In the language asked for.
    pub title: &'static str,
    pub value: i64,
    pub target: i64,
    pub missing: i64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MonthOut {
    #[schema(example = "2026-03")]
    pub month: String,
    pub figures: Figures,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HolderOut {
    pub organisation: Id,
    pub name: String,
    pub figures: Figures,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IndustryOut {
    #[schema(example = "C35")]
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub figures: Figures,
}

fn asked(params: &mut Params) -> Result<Asked, Refusal> {
    let known_at = match params.take("knownAt")? {
        None => None,
        Some(text) => Some(KnownAt::read(&text)?),
    };
    Ok(Asked {
        target: params.word("target", Id::parse, &["UUID"])?,
        as_of: params.day("asOf")?,
        known_at,
    })
}

/// The count: the headline against its target, M1–M6, and each by month, holder and industry.
///
/// `asOf` chooses the day, by all that is known; `knownAt` restricts the knowledge to a day or a change.
#[utoipa::path(get, path = "/v1/progress", operation_id = "getProgress", tag = "progress",
    params(
        ("target" = Option<Id>, Query, description = "The oldest target when absent"),
        ("asOf" = Option<String>, Query, format = "date", description = "Today when absent"),
        ("knownAt" = Option<String>, Query, description = "A day (to its end) or the number of a change; all when absent"),
    ),
    responses((status = 200, body = ProgressOut)))]
pub async fn progress(
    Extract(state): Extract<State>,
    Who(actor): Who,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let asked = asked(&mut params)?;
    params.finish()?;
    let (basis, count) = progress::progress(&state.services, &actor, &asked).await?;
    let codes = reference::names(&state.services).await;
    let names = basis.names;
    let target = basis.target;
    let value = count.all.of(target.metric).total;
    Ok(Json(ProgressOut {
        headline: Headline {
            metric: target.metric,
            title: title(target.metric, lang_of(&headers)),
            value,
            target: target.value,
            missing: (target.value - value).max(0),
        },
        district_name: codes.region(&target.district).map(|e| e.zh.clone()),
        target,
        as_of: basis.as_of,
        known_at: basis.known_at,
        figures: count.all,
        months: count
            .months
            .into_iter()
            .map(|(month, figures)| MonthOut { month, figures })
            .collect(),
        holders: count
            .holders
            .into_iter()
            .map(|(organisation, figures)| HolderOut {
                name: names.get(&organisation).cloned().unwrap_or_default(),
                organisation,
                figures,
            })
            .collect(),
        industries: count
            .industries
            .into_iter()
            .map(|(code, figures)| IndustryOut {
                name: codes.industry(&code).map(|entry| entry.zh.clone()),
                code,
                figures,
            })
            .collect(),
    })
    .into_response())
}

fn title(metric: Metric, lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => metric.zh(),
        Lang::En => metric.en(),
    }
}

/// A counted unit with the names of its parties.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnitOut {
    #[serde(flatten)]
    pub unit: Unit,
    #[schema(example = "ZL201910699568.X")]
    pub zl: String,
    pub holder_name: String,
    /// Absent for an individual, who is not named in public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licensee_name: Option<String>,
    #[serde(skip)]
    place: String,
}

fn unit_out(unit: Unit, names: &HashMap<Id, String>, place: String) -> UnitOut {
    UnitOut {
        zl: unit.number.zl(),
        holder_name: names.get(&unit.holder).cloned().unwrap_or_default(),
        licensee_name: unit.licensee.as_ref().and_then(|id| names.get(id).cloned()),
        unit,
        place,
    }
}

/// Every counted unit of a figure, in the order in which they began to count, with its evidence.
#[utoipa::path(get, path = "/v1/progress/items", operation_id = "listProgressItems", tag = "progress",
    params(
        ("metric" = Option<Metric>, Query, description = "The target's own when absent"),
        ("target" = Option<Id>, Query, description = "The oldest target when absent"),
        ("asOf" = Option<String>, Query, format = "date", description = "Today when absent"),
        ("knownAt" = Option<String>, Query, description = "A day (to its end) or the number of a change; all when absent"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<UnitOut>)))]
pub async fn items(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let metric = params.word("metric", Metric::parse, &Metric::ALL.map(Metric::as_str))?;
    let mut asked = asked(&mut params)?;
    let place = Place::take(&mut params, &format!("progress {metric:?} {asked:?}"))?;
    params.finish()?;
    // A page goes on by the knowledge and the day of the first, whatever has happened meanwhile.
    let skip = match place.after.as_deref() {
        None => 0,
        Some(key) => {
            let at = Pinned::parse(key).ok_or(Error::CursorInvalid)?;
            asked.known_at = Some(KnownAt::Seq(at.known_at));
            asked.as_of = Some(at.as_of);
            at.offset
        }
    };
    let (basis, units) = progress::items(&state.services, &actor, &asked, metric).await?;
    let total = i64::try_from(units.len()).unwrap_or(i64::MAX);
    let units: Vec<Unit> = units.into_iter().skip(skip).take(place.limit + 1).collect();
    let parties = units.iter();
    let parties = parties.flat_map(|unit| std::iter::once(&unit.holder).chain(&unit.licensee));
    let names = organisations::names(&state.services, parties.cloned().collect()).await?;
    let items = units.into_iter().enumerate();
    let items = items.map(|(at, unit)| unit_out(unit, &names, Pinned::of(&basis, skip + at + 1)));
    let page = place.page(items.collect(), total, |unit: &UnitOut| unit.place.clone());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Where a page of units begins, and by which knowledge and day.
struct Pinned {
    offset: usize,
    known_at: i64,
    as_of: Day,
}

impl Pinned {
    fn of(basis: &Basis, offset: usize) -> String {
        format!("{offset}_{}_{}", basis.known_at, basis.as_of)
    }

    fn parse(key: &str) -> Option<Self> {
        let mut parts = key.split('_');
        let pinned = Self {
            offset: parts.next()?.parse().ok()?,
            known_at: parts.next()?.parse().ok()?,
            as_of: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(pinned)
    }
}
