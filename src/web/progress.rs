//! `GET /progress` and `GET /progress/{metric}`: how far the district is, and the proof of every counted unit. The
//! figures are those of the API, for any day and any state of knowledge; the charts are plain SVG.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, Uri},
    response::Response,
};

use super::{
    chart::{Bar, Chart},
    desk::due::{self, percent},
    errors,
    out::Files,
    visitor::Visitor,
    words::grouped,
};
use crate::{
    domain::{
        access::Actor,
        file::FileRef,
        id::Id,
        indicator::{Concern, Count, Figure, Figures, Forecast, Metric, Part, Unit},
        time::Day,
    },
    ops::{
        self, Error, Services, coverage, organisations,
        out::List,
        params::Params,
        progress::{self, Asked, Basis, Which},
        sessions::SignedIn,
    },
};

/// One figure as a row.
struct Row {
    metric: &'static str,
    title: &'static str,
    total: String,
    free: i64,
    disputed: i64,
    href: String,
    /// The target's own.
    is_headline: bool,
}

/// The figures of a part: a month, a holder, a town. Each number leads to its units.
struct PartRow {
    name: String,
    figures: [Link; 4],
}

/// A number and where its units are listed.
struct Link {
    value: i64,
    href: String,
}

/// The figures part by part.
struct Table {
    id: &'static str,
    title: &'static str,
    parts: Vec<PartRow>,
}

/// What there is to ask about the counted units.
struct Ask {
    title: &'static str,
    value: usize,
    /// None where the reader may know how many there are and not which.
    href: Option<String>,
}

/// The figures that a table of parts shows.
const SHOWN: [Metric; 4] = [Metric::M1, Metric::M3, Metric::M4, Metric::M5];

#[derive(Template)]
#[template(path = "progress.html")]
struct Page<'a> {
    v: &'a Visitor,
    name: String,
    district: String,
    from: Day,
    to: Day,
    as_of: Day,
    known_at: i64,
    title: &'static str,
    value: i64,
    target: i64,
    missing: i64,
    /// Share of the target in whole percent, for the bar; at most 100.
    percent: i64,
    rows: Vec<Row>,
    chart: Chart,
    tables: Vec<Table>,
    asks: Vec<Ask>,
    outlook: Outlook,
    /// Name, registered, due, percent, source, day of each holder that has said what is due.
    coverage: Vec<[String; 6]>,
    /// The same as data.
    json: String,
}

/// The figures and their charts.
pub async fn show(State(services): State<Services>, visitor: Visitor, uri: Uri) -> Response {
    match figures(&services, &visitor, &uri).await {
        Ok(response) => response,
        Err(error) => errors::page(&visitor, &error),
    }
}

/// Where the count leads, in words.
struct Outlook {
    forecast: Forecast,
    needed: Option<String>,
    pace: String,
    months_left: String,
    chance: i64,
    conversion: Option<String>,
    base_rate: String,
}

impl From<Forecast> for Outlook {
    fn from(forecast: Forecast) -> Self {
        Self {
            needed: forecast.needed_per_month_hundredths.map(hundredths),
            pace: hundredths(forecast.pace_per_month_hundredths),
            months_left: format!(
                "{}.{}",
                forecast.months_left_tenths / 10,
                forecast.months_left_tenths % 10
            ),
            chance: forecast.chance_bp / 100,
            conversion: forecast.conversion_bp.map(|bp| hundredths(bp / 100)),
            base_rate: hundredths(forecast.base_rate_bp / 100),
            forecast,
        }
    }
}

/// `1.25` of 125.
fn hundredths(n: i64) -> String {
    format!("{}.{:02}", n / 100, n % 100)
}

async fn figures(services: &Services, visitor: &Visitor, uri: &Uri) -> ops::Result<Response> {
    let actor = Actor::anonymous();
    let mut params = Params::parse(uri.query().unwrap_or_default())?;
    let asked = Asked::take(&mut params)?;
    let (basis, found) = progress::progress(services, &actor, &asked).await?;
    let count = &found.count;
    let figure = count.all.of(basis.target.metric);
    let target = &basis.target;
    let page = Page {
        v: visitor,
        name: target.name.clone(),
        district: visitor
            .region(&target.district)
            .unwrap_or(&target.district)
            .to_owned(),
        from: target.from,
        to: target.to,
        as_of: basis.as_of,
        known_at: basis.known_at,
        title: visitor.t(target.metric.zh(), target.metric.en()),
        value: figure.total,
        target: target.value,
        missing: (target.value - figure.total).max(0),
        percent: (figure.total * 100 / target.value.max(1)).min(100),
        rows: rows(visitor, &basis, &count.all),
        chart: chart(&basis, count.parts.get(&Part::Month)),
        tables: tables(visitor, &basis, count),
        asks: asks(visitor, &basis, &found.concerns),
        outlook: found.forecast.clone().into(),
        coverage: covered(services, visitor, &target.district).await?,
        json: address("/v1/progress", &basis),
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

/// The coverage of a district's holders as it stands today, their sum last: figures alone.
async fn covered(
    services: &Services,
    visitor: &Visitor,
    district: &str,
) -> ops::Result<Vec<[String; 6]>> {
    let found = coverage::coverage(services, &Actor::anonymous(), Some(district)).await?;
    let share = |bp| percent(bp).unwrap_or_default();
    let mut lines: Vec<[String; 6]> = found
        .holders
        .iter()
        .map(|holder| {
            [
                holder.name.clone(),
                due::grouped(holder.registered),
                due::grouped(holder.due),
                share(holder.share_bp()),
                holder.source.clone(),
                holder.as_of.to_string(),
            ]
        })
        .collect();
    if !lines.is_empty() {
        lines.push([
            visitor.t("合计", "All together").to_owned(),
            due::grouped(found.registered),
            due::grouped(found.due),
            share(found.share_bp()),
            String::new(),
            String::new(),
        ]);
    }
    Ok(lines)
}

/// The same day and knowledge at another address.
pub(super) fn address(path: &str, basis: &Basis) -> String {
    basis.at(path)
}

fn rows(visitor: &Visitor, basis: &Basis, figures: &Figures) -> Vec<Row> {
    let row = |metric: Metric| {
        let Figure {
            total,
            free,
            disputed,
        } = figures.of(metric);
        Row {
            metric: metric.as_str(),
            title: visitor.t(metric.zh(), metric.en()),
            total: grouped(u64::try_from(total).unwrap_or(0)),
            free,
            disputed,
            href: address(&format!("/progress/{}", metric.as_str()), basis),
            is_headline: metric == basis.target.metric,
        }
    };
    Metric::ALL.map(row).into()
}

fn tables(visitor: &Visitor, basis: &Basis, count: &Count) -> Vec<Table> {
    let table = |part: Part| {
        let split = count.parts.get(&part).into_iter().flatten();
        // Holders of other districts appear for what local enterprises took from them, which is not shown here.
        let shown = |figures: &Figures| SHOWN.iter().any(|m| figures.of(*m).total > 0);
        let mut parts: Vec<PartRow> = split
            .filter(|(_, figures)| shown(figures))
            .map(|(key, figures)| PartRow {
                name: basis.name(part, key, visitor.lang),
                figures: SHOWN.map(|metric| Link {
                    value: figures.of(metric).total,
                    href: narrowed(basis, metric, part, key),
                }),
            })
            .collect();
        parts.sort_by(|a, b| a.name.cmp(&b.name));
        Table {
            id: part.as_str(),
            title: visitor.t(part.zh(), part.en()),
            parts,
        }
    };
    Part::ALL.map(table).into()
}

fn asks(visitor: &Visitor, basis: &Basis, concerns: &[(Concern, usize)]) -> Vec<Ask> {
    let ask = |(concern, value): &(Concern, usize)| {
        let metric = basis.target.metric.as_str();
        let here = address(&format!("/progress/{metric}"), basis);
        Ask {
            title: visitor.t(concern.zh(), concern.en()),
            value: *value,
            href: may_see(visitor, *concern)
                .then(|| format!("{here}&concern={}", concern.as_str())),
        }
    };
    concerns.iter().map(ask).collect()
}

/// May this reader see which units raise a concern?
pub(super) fn may_see(visitor: &Visitor, concern: Concern) -> bool {
    !concern.is_confidential() || visitor.who().is_some_and(SignedIn::is_officer)
}

/// The units of one part of a figure.
pub(super) fn narrowed(basis: &Basis, metric: Metric, part: Part, key: &str) -> String {
    basis.part_at(metric, part, key)
}

/// Month by month from the target's first to the day of the count: the headline's units, and their sum so far.
fn chart(basis: &Basis, months: Option<&BTreeMap<String, Figures>>) -> Chart {
    let last = basis.as_of.min(basis.target.to);
    let mut bars = Vec::new();
    let mut month = basis.target.from.first_of_month();
    let mut sum = 0;
    while month <= last && bars.len() < 240 {
        let key = month.strftime("%Y-%m").to_string();
        let value = months
            .and_then(|months| months.get(&key))
            .map_or(0, |figures| figures.of(basis.target.metric).total);
        sum += value;
        bars.push(Bar {
            label: key,
            value,
            sum,
        });
        month = month.saturating_add(jiff::Span::new().months(1));
    }
    Chart::of(bars, basis.target.value)
}

/// A unit as a line with its proof.
struct Line {
    place: usize,
    unit: Unit,
    zl: String,
    holder: String,
    licensee: String,
    evidence: Vec<Proof>,
}

/// A document that proves a unit; only officers may open every file.
struct Proof {
    kind: &'static str,
    sha256: String,
    href: Option<String>,
}

#[derive(Template)]
#[template(path = "units.html")]
struct Units<'a> {
    v: &'a Visitor,
    title: &'static str,
    /// What the units are narrowed to, in words.
    narrowed: Vec<String>,
    total: usize,
    as_of: Day,
    known_at: i64,
    lines: Vec<Line>,
    back: String,
    next: Option<String>,
    files: Files,
    json: String,
}

/// Units a page.
const PAGE: usize = 100;

/// Every unit of a figure with its proof.
pub async fn units(
    State(services): State<Services>,
    visitor: Visitor,
    metric: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Response {
    let metric = metric.ok().and_then(|Path(text)| Metric::parse(&text));
    let Some(metric) = metric else {
        return errors::page(&visitor, &Error::NotFound("page"));
    };
    match proofs(&services, &visitor, metric, &uri).await {
        Ok(response) => response,
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn proofs(
    services: &Services,
    visitor: &Visitor,
    metric: Metric,
    uri: &Uri,
) -> ops::Result<Response> {
    let mut params = Params::parse(uri.query().unwrap_or_default())?;
    let asked = Asked::take(&mut params)?;
    let which = Which {
        metric: Some(metric),
        ..Which::take(&mut params)?
    };
    let skip = params.number("skip", 0..=1_000_000_usize)?.unwrap_or(0);
    let actor = Actor::anonymous();
    let (mut basis, units) = progress::items(services, &actor, &asked, &which).await?;
    let total = units.len();
    let shown: Vec<Unit> = units.into_iter().skip(skip).take(PAGE).collect();
    let parties = shown.iter();
    let parties = parties.flat_map(|unit| std::iter::once(&unit.holder).chain(&unit.licensee));
    let holder = which.slice.parts().find(|(part, _)| *part == Part::Holder);
    let holder = holder.and_then(|(_, key)| Id::parse(key));
    let parties = parties.cloned().chain(holder).collect();
    basis.names = organisations::names(services, parties).await?;
    let name = |id: &Id| basis.names.get(id).cloned();
    let line = |(at, unit): (usize, Unit)| Line {
        place: skip + at + 1,
        zl: unit.number.zl(),
        holder: name(&unit.holder).unwrap_or_default(),
        licensee: unit.licensee.as_ref().map_or_else(String::new, |id| {
            name(id).unwrap_or_else(|| visitor.t("自然人", "an individual").to_owned())
        }),
        evidence: proof(visitor, &unit),
        unit,
    };
    let parts = which.slice.parts();
    let parts = parts.map(|(part, key)| format!("&{}={key}", part.as_str()));
    let concern = which.concern.map(|c| format!("&concern={}", c.as_str()));
    let narrowing: String = parts.chain(concern).collect();
    let here = address(&format!("/progress/{}", metric.as_str()), &basis);
    let page = Units {
        narrowed: in_words(visitor, &basis, &which),
        v: visitor,
        title: visitor.t(metric.zh(), metric.en()),
        total,
        as_of: basis.as_of,
        known_at: basis.known_at,
        lines: shown.into_iter().enumerate().map(line).collect(),
        back: address("/progress", &basis),
        files: files(visitor, &basis, metric),
        next: (skip + PAGE < total).then(|| format!("{here}{narrowing}&skip={}", skip + PAGE)),
        json: format!(
            "{}&metric={}{narrowing}",
            address("/v1/progress/items", &basis),
            metric.as_str()
        ),
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

/// All units of the list by the same knowledge.
fn files(visitor: &Visitor, basis: &Basis, metric: Metric) -> Files {
    let address = visitor
        .address
        .without(&["skip"])
        .set("target", &basis.target.id.to_string())
        .set("asOf", &basis.as_of.to_string())
        .set("knownAt", &basis.known_at.to_string())
        .set("metric", metric.as_str());
    Files::of(List::Units, &address)
}

/// What the units are narrowed to: `按月：2026-03`.
fn in_words(visitor: &Visitor, basis: &Basis, which: &Which) -> Vec<String> {
    let part = |(part, key): (Part, &str)| {
        let title = visitor.t(part.zh(), part.en());
        let colon = visitor.t("：", ": ");
        format!("{title}{colon}{}", basis.name(part, key, visitor.lang))
    };
    let concern = which.concern.map(|c| visitor.t(c.zh(), c.en()).to_owned());
    which.slice.parts().map(part).chain(concern).collect()
}

/// What proves a unit: each document's kind and SHA-256, and for an officer the file itself.
fn proof(visitor: &Visitor, unit: &Unit) -> Vec<Proof> {
    let officer = visitor.who().is_some_and(SignedIn::is_officer);
    let announcement = visitor.t("声明公告", "announcement");
    let sources = unit.sources.iter().map(|file| (announcement, file));
    let evidence = unit.evidence.iter();
    let evidence = evidence.map(|e| (visitor.t(e.kind.zh(), e.kind.en()), &e.file));
    let proof = |(kind, file): (&'static str, &FileRef)| Proof {
        kind,
        sha256: file.sha256.clone(),
        href: officer.then(|| format!("/files/{}", file.id)),
    };
    sources.chain(evidence).map(proof).collect()
}
