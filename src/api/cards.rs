//! /v1/patents/{number}/card: a patent in plain words (通俗卡片), for everyone once it is public; /v1/cards: how far a
//! holder's cards have come, and many of them from one sheet.

use axum::{
    body::Body as HttpBody,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::Response,
};
use serde::Serialize;

use super::{
    State,
    body::Body,
    changed,
    extract::{OfOrganisation, Params, Who, if_match},
    lang_of, out as file,
    page::{Page, Place, linked},
    problem::{Problem, Refusal},
    tables::{self, SheetRow, answered},
    upload::upload,
};
use crate::{
    domain::{
        card::{Card, CardCheck, CardContent, CardFinding, CardItem, CardState},
        codes::AppNo,
        stock::{StockFilter, StockPlace},
        text::Lang,
    },
    ops::{
        cards::{self, Line, Report, Shown},
        out::{self, OutFormat},
        patents,
        tables::Told,
    },
};

/// One thing that the quality check has found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CardFindingOut {
    pub item: CardItem,
    /// Stable, for machines.
    pub check: CardCheck,
    /// An error blocks an open licence; a hint blocks nothing.
    pub error: bool,
    /// The words it was found in, or the figure.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub quote: String,
    /// What is wrong, in the language asked for.
    pub detail: String,
    /// What to do about it.
    pub cure: String,
}

impl CardFindingOut {
    fn of(finding: CardFinding, lang: Lang) -> Self {
        Self {
            item: finding.item,
            check: finding.check,
            error: finding.check.is_error(),
            detail: finding.text().in_lang(lang).to_owned(),
            cure: finding.cure().in_lang(lang).to_owned(),
            quote: finding.quote,
        }
    }
}

/// A card, and the version that `If-Match` refers to: 0 while nothing was ever written.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CardOut {
    #[serde(flatten)]
    pub card: Card,
    pub state: CardState,
    pub version: i64,
    /// What its check finds today; for its holder and the office.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<CardFindingOut>,
}

impl CardOut {
    fn of(shown: Shown, lang: Lang) -> Self {
        let findings = shown.findings.into_iter();
        Self {
            state: shown.record.value.state(),
            version: shown.record.version,
            card: shown.record.value,
            findings: findings.map(|f| CardFindingOut::of(f, lang)).collect(),
        }
    }
}

/// Read a patent's card: your own or the named holder's where you may see it, else the public one.
///
/// A card is public once it has passed its check and its patent is published in stock or on offer.
#[utoipa::path(get, path = "/v1/patents/{number}/card", operation_id = "getCard", tag = "cards",
    params(
        ("number" = String, Path, description = "Application number in any notation"),
        ("organisation" = Option<String>, Query, description = "The holder, by id or USCC"),
    ),
    responses((status = 200, body = CardOut)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(number): Path<String>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let organisation = params.take("organisation")?;
    params.finish()?;
    let number = patents::parse_number(&number)?;
    let shown = cards::get(&state.services, &actor, &number, organisation.as_deref()).await?;
    // The findings move with the patent's own words, so an unchanged card is not an unchanged answer: never 304.
    let out = CardOut::of(shown, lang_of(&headers));
    Ok(changed(out.version, out))
}

/// Write a patent's card: all five items. The first writing makes it: read it and send the ETag `"0"`.
///
/// A card with errors is kept as a draft that nobody else sees, unless a declaration under way or announced needs it
/// (409 `cardNeeded`).
#[utoipa::path(put, path = "/v1/patents/{number}/card", operation_id = "putCard", tag = "cards",
    security(("apiKey" = [])),
    params(
        ("number" = String, Path, description = "Application number in any notation"),
        ("organisation" = Option<String>, Query, description = "The holder, by id or USCC; your own when absent"),
        ("If-Match" = String, Header, description = "The ETag read before"),
    ),
    request_body = CardContent, responses((status = 200, body = CardOut)))]
pub async fn put(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(number): Path<String>,
    headers: HeaderMap,
    OfOrganisation(organisation): OfOrganisation,
    Body(content, _): Body<CardContent>,
) -> Result<Response, Refusal> {
    let (number, expected) = (patents::parse_number(&number)?, if_match(&headers)?);
    let organisation = organisation.as_deref();
    let shown = cards::put(
        &state.services,
        &actor,
        &number,
        organisation,
        expected,
        content,
    )
    .await?;
    let out = CardOut::of(shown, lang_of(&headers));
    Ok(changed(out.version, out))
}

/// A patent of a holder's stock, and how far its card has come.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CardLineOut {
    #[schema(value_type = String)]
    pub number: AppNo,
    pub title: String,
    /// 所属学院 or other sub-unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    pub state: CardState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// 0 while nothing was ever written.
    pub version: i64,
    /// What the check finds in what is written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<CardFindingOut>,
}

impl CardLineOut {
    fn of(line: Line, lang: Lang) -> Self {
        let state = line.state();
        let version = line.card.as_ref().map_or(0, |card| card.version);
        let findings = line.findings.into_iter();
        Self {
            number: line.patent.number,
            title: line.patent.title,
            unit: line.unit,
            state,
            version,
            card: line.card.map(|card| card.value),
            findings: findings.map(|f| CardFindingOut::of(f, lang)).collect(),
        }
    }
}

fn narrowed(params: &mut Params) -> Result<(Option<String>, StockFilter), Refusal> {
    let organisation = params.take("organisation")?;
    let states = CardState::ALL.map(CardState::as_str);
    let filter = StockFilter {
        text: params.take("q")?,
        unit: params.take("unit")?,
        card: params.word("state", CardState::parse, &states)?,
        ..StockFilter::default()
    };
    Ok((organisation, filter))
}

/// List the patents of a holder's stock with their cards, in number order: your own, or the one an officer names.
#[utoipa::path(get, path = "/v1/cards", operation_id = "listCards", tag = "cards",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent"),
        ("state" = Option<CardState>, Query, description = "How far the card has come"),
        ("q" = Option<String>, Query, description = "Part of title, number or an inventor's name"),
        ("unit" = Option<String>, Query),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<CardLineOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let (organisation, filter) = narrowed(&mut params)?;
    let name = format!("cards {organisation:?} {filter:?} {:?}", actor.organisation);
    let place = Place::take(&mut params, &name)?;
    params.finish()?;
    let after = place.after.as_deref().and_then(StockPlace::parse);
    let (lines, total) = cards::list(
        &state.services,
        &actor,
        organisation.as_deref(),
        &filter,
        after.as_ref(),
        place.limit + 1,
    )
    .await?;
    let lang = lang_of(&headers);
    let lines = lines.into_iter().map(|line| CardLineOut::of(line, lang));
    let page = place.page(lines.collect(), total, |line: &CardLineOut| {
        format!("|{}", line.number)
    });
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// The cards of a holder's stock as a sheet to be filled in and sent back: a row a patent, with what the check says.
#[utoipa::path(get, path = "/v1/cards/sheet", operation_id = "exportCards", tag = "cards",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent"),
        ("state" = Option<CardState>, Query, description = "How far the card has come"),
        ("q" = Option<String>, Query, description = "Part of title, number or an inventor's name"),
        ("unit" = Option<String>, Query),
        ("format" = Option<String>, Query, description = "xlsx (default), csv or ndjson"),
    ),
    responses((status = 200, content_type = "application/octet-stream", body = String)))]
pub async fn sheet(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
) -> Result<Response, Refusal> {
    let format = params.word("format", OutFormat::parse, &["xlsx", "csv", "ndjson"])?;
    let (organisation, filter) = narrowed(&mut params)?;
    params.finish()?;
    let format = format.unwrap_or(OutFormat::Xlsx);
    let organisation = organisation.as_deref();
    let made = out::cards(&state.services, &actor, organisation, &filter, format).await?;
    Ok(file::sent(made, "cards"))
}

/// What became of the rows; each is in exactly one of the four figures or rejected.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CardsImported {
    pub rows: u64,
    /// Written, and the card has passed its check.
    pub passed: u64,
    /// Written, and the card has errors.
    pub failing: u64,
    /// So written already.
    pub unchanged: u64,
    pub rejected: Vec<SheetRow>,
    /// Why cards of this sheet fail.
    pub findings: Vec<SheetRow>,
    /// So many findings more than are listed.
    pub more_findings: u64,
    /// Headers that nothing was read of.
    pub ignored: Vec<String>,
}

impl CardsImported {
    fn of(report: Report, lang: Lang) -> Self {
        let rows = |told: Vec<Told>| {
            let rows = told.into_iter().map(|told| SheetRow::of(told, lang));
            rows.collect()
        };
        Self {
            rows: report.rows,
            passed: report.passed,
            failing: report.failing,
            unchanged: report.unchanged,
            rejected: rows(report.rejected),
            findings: rows(report.findings),
            more_findings: report.more,
            ignored: report.ignored,
        }
    }
}

/// Write the cards of a sheet: CSV (UTF-8, GBK), XLSX or JSON lines as the body, at most 5,000 rows.
///
/// A row a patent, found by its number; an empty cell leaves its item as it is, and columns of other headers are left
/// alone. A wrong row is told with its column and what to do; the same sheet may be sent again after corrections.
#[utoipa::path(post, path = "/v1/cards/imports", operation_id = "importCards", tag = "cards",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent"),
        ("dryRun" = Option<bool>, Query, description = "Check everything, write nothing"),
        ("fileName" = Option<String>, Query, description = "The file's name, for the words of a refusal"),
    ),
    request_body(content = String, content_type = "application/octet-stream", description = "The sheet"),
    responses((status = 200, body = CardsImported), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn import(
    Extract(state): Extract<State>,
    Who(actor): Who,
    headers: HeaderMap,
    params: Params,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let asked = tables::asked(params)?;
    let report = cards::import(&state.services, &actor, asked, upload(body)).await?;
    let lang = lang_of(&headers);
    Ok(answered(lang, CardsImported::of(report, lang)))
}
