//! /v1/progress: how far the district is, in figures and parts, with the proof of every unit, what there is to ask about
//! them, and where they lead.

use std::collections::HashMap;

use axum::{
    Json,
    extract::State as Extract,
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::{
    State,
    extract::{Params, Who},
    lang_of,
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{
        id::Id,
        indicator::{Charge, Concern, Count, Figures, Forecast, Metric, Part, Target, Unit},
        patent::PatentKind,
        text::Lang,
        time::Day,
    },
    ops::{
        Error, organisations,
        progress::{self, Asked, Basis, KnownAt, Which},
    },
};

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
    pub parts: PartsOut,
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

/// The figures in parts; the name of each list is the parameter that narrows `/v1/progress/items` to one of its keys.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct PartsOut {
    /// The months in which units begin to count.
    pub month: Vec<PartOut>,
    pub holder: Vec<PartOut>,
    /// Section and division of GB/T 4754.
    pub industry: Vec<PartOut>,
    pub town: Vec<PartOut>,
    pub r#type: Vec<PartOut>,
    pub charge: Vec<PartOut>,
}

/// One part.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PartOut {
    /// Empty where the source gave none.
    #[schema(example = "2026-03")]
    pub key: String,
    /// In the language asked for.
    pub name: String,
    pub figures: Figures,
}

fn parts_out(basis: &Basis, count: &Count, lang: Lang) -> PartsOut {
    let list = |part: Part| {
        let split = count.parts.get(&part).into_iter().flatten();
        let row = |(key, figures): (&String, &Figures)| PartOut {
            name: basis.name(part, key, lang),
            key: key.clone(),
            figures: *figures,
        };
        split.map(row).collect()
    };
    PartsOut {
        month: list(Part::Month),
        holder: list(Part::Holder),
        industry: list(Part::Industry),
        town: list(Part::Town),
        r#type: list(Part::Kind),
        charge: list(Part::Charge),
    }
}

/// The count: the headline against its target, M1–M6, and each by month, holder, industry, town, type and charge.
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
    let asked = Asked::take(&mut params)?;
    params.finish()?;
    let lang = lang_of(&headers);
    let (basis, found) = progress::progress(&state.services, &actor, &asked).await?;
    let count = &found.count;
    let value = count.all.of(basis.target.metric).total;
    let region = basis.codes.region(&basis.target.district);
    let out = ProgressOut {
        headline: Headline {
            metric: basis.target.metric,
            title: title(basis.target.metric, lang),
            value,
            target: basis.target.value,
            missing: (basis.target.value - value).max(0),
        },
        district_name: region.map(|region| region.zh.clone()),
        as_of: basis.as_of,
        known_at: basis.known_at,
        figures: count.all,
        parts: parts_out(&basis, count, lang),
        target: basis.target,
    };
    Ok(Json(out).into_response())
}

pub(super) fn title(metric: Metric, lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => metric.zh(),
        Lang::En => metric.en(),
    }
}

/// What there is to ask about the counted units.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QualityOut {
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    pub known_at: i64,
    pub metric: Metric,
    /// The units of the target's own figure.
    pub total: usize,
    pub concerns: Vec<ConcernOut>,
}

/// One concern; `/v1/progress/items?concern=…` lists its units.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ConcernOut {
    pub concern: Concern,
    /// In the language asked for.
    pub title: &'static str,
    pub total: usize,
}

pub(super) fn concern_out((concern, total): (Concern, usize), lang: Lang) -> ConcernOut {
    ConcernOut {
        concern,
        title: match lang {
            Lang::Zh => concern.zh(),
            Lang::En => concern.en(),
        },
        total,
    }
}

/// The quality of the count: how many of the target's units are free, came in bulk on one day, are unfiled, disputed or
/// recorded afterwards. They count all the same.
#[utoipa::path(get, path = "/v1/progress/quality", operation_id = "getProgressQuality", tag = "progress",
    params(
        ("target" = Option<Id>, Query, description = "The oldest target when absent"),
        ("asOf" = Option<String>, Query, format = "date", description = "Today when absent"),
        ("knownAt" = Option<String>, Query, description = "A day (to its end) or the number of a change; all when absent"),
    ),
    responses((status = 200, body = QualityOut)))]
pub async fn quality(
    Extract(state): Extract<State>,
    Who(actor): Who,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let asked = Asked::take(&mut params)?;
    params.finish()?;
    let lang = lang_of(&headers);
    let (basis, found) = progress::quality(&state.services, &actor, &asked).await?;
    Ok(Json(QualityOut {
        as_of: basis.as_of,
        known_at: basis.known_at,
        metric: basis.target.metric,
        total: usize::try_from(found.forecast.value).unwrap_or_default(),
        concerns: found
            .concerns
            .iter()
            .map(|c| concern_out(*c, lang))
            .collect(),
    })
    .into_response())
}

/// Where the target will stand on its last day.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForecastOut {
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    pub known_at: i64,
    pub metric: Metric,
    #[serde(flatten)]
    pub forecast: Forecast,
}

/// The forecast to the target's last day, with its interval and all that it is reckoned from. It is never counted.
///
/// Units are taken to arrive at a steady rate: the offers by the base rate (0.23 licences per declaration) weigh as much
/// as three months, the pace of the last twelve months is added to them; four of five such futures fall into the interval.
#[utoipa::path(get, path = "/v1/progress/forecast", operation_id = "getProgressForecast", tag = "progress",
    params(
        ("target" = Option<Id>, Query, description = "The oldest target when absent"),
        ("asOf" = Option<String>, Query, format = "date", description = "Today when absent"),
        ("knownAt" = Option<String>, Query, description = "A day (to its end) or the number of a change; all when absent"),
    ),
    responses((status = 200, body = ForecastOut)))]
pub async fn forecast(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
) -> Result<Response, Refusal> {
    let asked = Asked::take(&mut params)?;
    params.finish()?;
    let (basis, found) = progress::forecast(&state.services, &actor, &asked).await?;
    Ok(Json(ForecastOut {
        as_of: basis.as_of,
        known_at: basis.known_at,
        metric: basis.target.metric,
        forecast: found.forecast.clone(),
    })
    .into_response())
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

pub(super) fn unit_out(unit: Unit, names: &HashMap<Id, String>, place: String) -> UnitOut {
    UnitOut {
        zl: unit.number.zl(),
        holder_name: names.get(&unit.holder).cloned().unwrap_or_default(),
        licensee_name: unit.licensee.as_ref().and_then(|id| names.get(id).cloned()),
        unit,
        place,
    }
}

/// Every counted unit of a figure or of a part of it, in the order in which they began to count, with its evidence.
#[utoipa::path(get, path = "/v1/progress/items", operation_id = "listProgressItems", tag = "progress",
    params(
        ("metric" = Option<Metric>, Query, description = "The target's own when absent"),
        ("concern" = Option<Concern>, Query, description = "Those that raise it"),
        ("month" = Option<String>, Query, description = "A key of `parts.month`, e.g. 2026-03"),
        ("holder" = Option<Id>, Query, description = "A key of `parts.holder`"),
        ("industry" = Option<String>, Query, description = "A key of `parts.industry`; empty: those without one"),
        ("town" = Option<String>, Query, description = "A key of `parts.town`; empty: those without one"),
        ("type" = Option<PatentKind>, Query),
        ("charge" = Option<Charge>, Query),
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
    let which = Which::take(&mut params)?;
    let mut asked = Asked::take(&mut params)?;
    let place = Place::take(&mut params, &format!("progress {which:?} {asked:?}"))?;
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
    let (basis, units) = progress::items(&state.services, &actor, &asked, &which).await?;
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
