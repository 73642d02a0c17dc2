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
    address::Address,
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
        indicator::{Count, Figure, Figures, Metric, Unit},
        time::Day,
    },
    ops::{
        self, Error, Services, coverage, organisations,
        out::List,
        params::Params,
        progress::{self, Asked, Basis, KnownAt},
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

/// The figures of a part: a month, a holder, an industry.
struct Part {
    name: String,
    m1: i64,
    m3: i64,
    m4: i64,
    m5: i64,
}

/// The figures part by part.
struct Table {
    id: &'static str,
    title: &'static str,
    first: &'static str,
    parts: Vec<Part>,
}

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
    tables: [Table; 3],
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

/// What the address asks for: `target`, `asOf`, `knownAt`, as the API takes them.
fn asked(uri: &Uri) -> ops::Result<(Asked, usize)> {
    let mut params = Params::parse(uri.query().unwrap_or_default())?;
    let known_at = params.take("knownAt")?;
    let asked = Asked {
        target: params.word("target", Id::parse, &["UUID"])?,
        as_of: params.day("asOf")?,
        known_at: known_at.as_deref().map(KnownAt::read).transpose()?,
    };
    let skip = params.number("skip", 0..=1_000_000_usize)?.unwrap_or(0);
    Ok((asked, skip))
}

async fn figures(services: &Services, visitor: &Visitor, uri: &Uri) -> ops::Result<Response> {
    let (asked, _) = asked(uri)?;
    let (basis, count) = progress::progress(services, &Actor::anonymous(), &asked).await?;
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
        chart: chart(&basis, &count.months),
        tables: tables(visitor, &basis, &count),
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
fn address(path: &str, basis: &Basis) -> String {
    format!(
        "{path}?target={}&asOf={}&knownAt={}",
        basis.target.id, basis.as_of, basis.known_at
    )
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

fn tables(visitor: &Visitor, basis: &Basis, count: &Count) -> [Table; 3] {
    let holders = count.holders.iter().map(|(id, figures)| {
        let name = basis.names.get(id).cloned();
        (name.unwrap_or_else(|| id.to_string()), figures)
    });
    let unknown = visitor.t("来源未给出", "not given by the source");
    let industries = count.industries.iter().map(|(code, figures)| {
        let name = visitor.industry(code);
        let named = name.map_or_else(|| unknown.to_owned(), |name| format!("{code} {name}"));
        (named, figures)
    });
    let months = count.months.iter();
    [
        Table {
            id: "holders",
            title: visitor.t("按权利人", "By holder"),
            first: visitor.t("权利人", "Holder"),
            parts: parts(holders),
        },
        Table {
            id: "months",
            title: visitor.t("按月", "By month"),
            first: visitor.t("月份", "Month"),
            parts: parts(months.map(|(month, figures)| (month.clone(), figures))),
        },
        Table {
            id: "industries",
            title: visitor.t("按行业（国民经济行业分类）", "By industry (GB/T 4754)"),
            first: visitor.t("行业", "Industry"),
            parts: parts(industries),
        },
    ]
}

fn parts<'a>(named: impl Iterator<Item = (String, &'a Figures)>) -> Vec<Part> {
    let mut parts: Vec<Part> = named
        .map(|(name, figures)| Part {
            name,
            m1: figures.m1.total,
            m3: figures.m3.total,
            m4: figures.m4.total,
            m5: figures.m5.total,
        })
        .collect();
    // Holders of other districts appear for what local enterprises took from them, which is not shown here.
    parts.retain(|part| [part.m1, part.m3, part.m4, part.m5] != [0; 4]);
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    parts
}

/// Month by month from the target's first to the day of the count: the headline's units, and their sum so far.
fn chart(basis: &Basis, months: &BTreeMap<String, Figures>) -> Chart {
    let last = basis.as_of.min(basis.target.to);
    let mut bars = Vec::new();
    let mut month = basis.target.from.first_of_month();
    let mut sum = 0;
    while month <= last && bars.len() < 240 {
        let key = month.strftime("%Y-%m").to_string();
        let value = months
            .get(&key)
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
    let (asked, skip) = asked(uri)?;
    let actor = Actor::anonymous();
    let (basis, units) = progress::items(services, &actor, &asked, Some(metric)).await?;
    let total = units.len();
    let shown: Vec<Unit> = units.into_iter().skip(skip).take(PAGE).collect();
    let parties = shown.iter();
    let parties = parties.flat_map(|unit| std::iter::once(&unit.holder).chain(&unit.licensee));
    let names = organisations::names(services, parties.cloned().collect()).await?;
    let name = |id: &Id| names.get(id).cloned();
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
    let here = address(&format!("/progress/{}", metric.as_str()), &basis);
    let page = Units {
        v: visitor,
        title: visitor.t(metric.zh(), metric.en()),
        total,
        as_of: basis.as_of,
        known_at: basis.known_at,
        lines: shown.into_iter().enumerate().map(line).collect(),
        back: address("/progress", &basis),
        next: (skip + PAGE < total).then(|| format!("{here}&skip={}", skip + PAGE)),
        files: files(&basis, metric),
        json: format!(
            "{}&metric={}",
            address("/v1/progress/items", &basis),
            metric.as_str()
        ),
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

/// All units of the figure by the same knowledge.
fn files(basis: &Basis, metric: Metric) -> Files {
    let address = Address::default()
        .set("target", &basis.target.id.to_string())
        .set("asOf", &basis.as_of.to_string())
        .set("knownAt", &basis.known_at.to_string())
        .set("metric", metric.as_str());
    Files::of(List::Units, &address)
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
