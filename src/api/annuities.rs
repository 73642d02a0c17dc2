//! /v1/annual-fees: the annual fees (年费) of a holder's stock, for the holder and the office alone: what is due and when,
//! what was paid, what holds for all of its patents.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

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
        annuity::{Basis, FeePayment, FeeStanding, FeeState, HolderFees, ReductionClass, YearFee},
        codes::AppNo,
        money::Fen,
        stock::StockFilter,
        time::Day,
    },
    ops::{
        annuities::{self, FeeFilter, FeeLine, FeePlace, Overview, Said, Shown},
        out::{self, OutFormat},
        patents,
    },
};

/// How a patent's fees stand today.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeeStandingOut {
    pub state: FeeState,
    /// The last year known to be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_through: Option<u8>,
    /// What that is known from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// The next year to be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<YearFee>,
    /// What a payment today would add (滞纳金), of the full fee.
    #[schema(value_type = i64)]
    pub late_fen: Fen,
    /// The next fee and the late fee together.
    #[schema(value_type = i64)]
    pub to_pay_fen: Fen,
}

impl From<FeeStanding> for FeeStandingOut {
    fn from(standing: FeeStanding) -> Self {
        Self {
            state: standing.state,
            paid_through: standing.paid_through.map(|(year, _)| year),
            basis: standing.paid_through.map(|(_, basis)| basis),
            late_fen: standing.late_fen,
            to_pay_fen: standing.to_pay(),
            next: standing.next,
        }
    }
}

/// A patent of a holder's stock, and how its fees stand.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeeLineOut {
    #[schema(value_type = String)]
    pub number: AppNo,
    pub title: String,
    /// 所属学院 or other sub-unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The reduction class that is reckoned with.
    pub reduction: ReductionClass,
    #[serde(flatten)]
    pub standing: FeeStandingOut,
}

impl From<FeeLine> for FeeLineOut {
    fn from(line: FeeLine) -> Self {
        Self {
            number: line.number,
            title: line.title,
            unit: line.unit,
            reduction: line.class,
            standing: line.standing.into(),
        }
    }
}

/// Patents whose fees stand so.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeeStateCount {
    pub state: FeeState,
    pub count: i64,
    /// What is to be paid for them, late fees included.
    #[schema(value_type = i64)]
    pub to_pay_fen: Fen,
}

/// What falls due in one month.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeeMonth {
    #[schema(example = "2026-03")]
    pub month: String,
    pub count: i64,
    #[schema(value_type = i64)]
    pub fee_fen: Fen,
}

/// The sums over a holder's stock.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeeOverview {
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    pub states: Vec<FeeStateCount>,
    /// The next twelve months, this one first, of what is not late.
    pub months: Vec<FeeMonth>,
    /// The next fee of every patent together: about a year's cost of keeping the stock.
    #[schema(value_type = i64)]
    pub yearly_fen: Fen,
    /// What filed open licences spare in that, beside other reductions.
    #[schema(value_type = i64)]
    pub saved_fen: Fen,
}

impl From<Overview> for FeeOverview {
    fn from(overview: Overview) -> Self {
        let states = overview.states.into_iter();
        let months = overview.months.into_iter();
        Self {
            as_of: overview.as_of,
            states: states
                .map(|(state, count, to_pay_fen)| FeeStateCount {
                    state,
                    count,
                    to_pay_fen,
                })
                .collect(),
            months: months
                .map(|month| FeeMonth {
                    month: month.month.strftime("%Y-%m").to_string(),
                    count: month.count,
                    fee_fen: month.fee_fen,
                })
                .collect(),
            yearly_fen: overview.yearly_fen,
            saved_fen: overview.saved_fen,
        }
    }
}

/// What is said of a patent's fees; absent payments empty the ledger.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeesSaid {
    /// The class confirmed for this patent, where it is not the holder's usual one.
    pub reduction: Option<ReductionClass>,
    /// What was paid, a year each.
    #[serde(default)]
    pub payments: Vec<FeePayment>,
}

/// A patent's fees, and the version that `If-Match` refers to: 0 while nothing was ever said.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PatentFeesOut {
    #[schema(value_type = String)]
    pub number: AppNo,
    pub title: String,
    pub version: i64,
    /// The class that is reckoned with.
    pub reduction: ReductionClass,
    /// The class said of this patent alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_reduction: Option<ReductionClass>,
    #[serde(flatten)]
    pub standing: FeeStandingOut,
    pub payments: Vec<FeePayment>,
    /// Every year from the grant to the end of the term.
    pub years: Vec<YearFee>,
    /// Open licences that are in effect and filed.
    pub filed_licences: usize,
}

impl From<Shown> for PatentFeesOut {
    fn from(shown: Shown) -> Self {
        Self {
            number: shown.patent.number,
            title: shown.patent.title,
            version: shown.record.version,
            reduction: shown.class,
            own_reduction: shown.record.value.reduction,
            standing: shown.standing.into(),
            payments: shown.record.value.payments,
            years: shown.years,
            filed_licences: shown.open.len(),
        }
    }
}

fn narrowed(params: &mut Params) -> Result<(Option<String>, FeeFilter), Refusal> {
    let organisation = params.take("organisation")?;
    let states = FeeState::ALL.map(FeeState::as_str);
    let filter = FeeFilter {
        state: params.word("state", FeeState::parse, &states)?,
        due_by: params.day("dueBy")?,
        stock: StockFilter {
            text: params.take("q")?,
            unit: params.take("unit")?,
            ..StockFilter::default()
        },
    };
    Ok((organisation, filter))
}

/// List a holder's patents by their annual fees, what is due first first: your own, or the holder an officer names.
#[utoipa::path(get, path = "/v1/annual-fees", operation_id = "listAnnualFees", tag = "annual-fees",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent"),
        ("state" = Option<FeeState>, Query),
        ("dueBy" = Option<String>, Query, format = "date", description = "Due by this day, late ones included"),
        ("q" = Option<String>, Query, description = "Part of title, number or an inventor's name"),
        ("unit" = Option<String>, Query),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<FeeLineOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let (organisation, filter) = narrowed(&mut params)?;
    let name = format!("fees {organisation:?} {filter:?} {:?}", actor.organisation);
    let place = Place::take(&mut params, &name)?;
    params.finish()?;
    let after = place.after.as_deref().and_then(FeePlace::parse);
    let (mut lines, total) = annuities::list(
        &state.services,
        &actor,
        organisation.as_deref(),
        &filter,
        after.as_ref(),
        place.limit + 1,
    )
    .await?;
    let places: Vec<String> = lines.iter().map(|line| line.place().to_string()).collect();
    let more = lines.len() > place.limit;
    lines.truncate(place.limit);
    let last = place.limit.checked_sub(1).and_then(|at| places.get(at));
    let page = Page {
        items: lines.into_iter().map(FeeLineOut::from).collect::<Vec<_>>(),
        total: u64::try_from(total).unwrap_or(0),
        next: last.filter(|_| more).map(|key| place.cursor(key)),
    };
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read the sums over a holder's stock: by state, by month for a year, and what keeping it costs.
#[utoipa::path(get, path = "/v1/annual-fees/overview", operation_id = "getAnnualFeeOverview", tag = "annual-fees",
    security(("apiKey" = [])),
    params(("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent")),
    responses((status = 200, body = FeeOverview)))]
pub async fn overview(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
) -> Result<Response, Refusal> {
    let organisation = params.take("organisation")?;
    params.finish()?;
    let organisation = organisation.as_deref();
    let overview = annuities::overview(&state.services, &actor, organisation).await?;
    Ok(Json(FeeOverview::from(overview)).into_response())
}

/// Read one patent's annual fees: every year with its due day, fee and reduction, and what was paid.
#[utoipa::path(get, path = "/v1/patents/{number}/annual-fees", operation_id = "getAnnualFees", tag = "annual-fees",
    security(("apiKey" = [])),
    params(
        ("number" = String, Path, description = "Application number in any notation"),
        ("organisation" = Option<String>, Query, description = "The holder, by id or USCC; your own when absent"),
    ),
    responses((status = 200, body = PatentFeesOut)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(number): Path<String>,
    mut params: Params,
) -> Result<Response, Refusal> {
    let organisation = params.take("organisation")?;
    params.finish()?;
    let number = patents::parse_number(&number)?;
    let organisation = organisation.as_deref();
    let shown = annuities::get(&state.services, &actor, &number, organisation).await?;
    // The figures move with the day, so an unchanged ledger is not an unchanged answer: never 304.
    Ok(changed(shown.record.version, PatentFeesOut::from(shown)))
}

/// Say what was paid of a patent's annual fees, and its reduction class. The first writing makes the ledger: read it
/// and send the ETag `"0"`.
#[utoipa::path(put, path = "/v1/patents/{number}/annual-fees", operation_id = "putAnnualFees", tag = "annual-fees",
    security(("apiKey" = [])),
    params(
        ("number" = String, Path, description = "Application number in any notation"),
        ("organisation" = Option<String>, Query, description = "The holder, by id or USCC; your own when absent"),
        ("If-Match" = String, Header, description = "The ETag read before"),
    ),
    request_body = FeesSaid, responses((status = 200, body = PatentFeesOut)))]
pub async fn put(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(number): Path<String>,
    headers: HeaderMap,
    OfOrganisation(organisation): OfOrganisation,
    Body(said, _): Body<FeesSaid>,
) -> Result<Response, Refusal> {
    let (number, expected) = (patents::parse_number(&number)?, if_match(&headers)?);
    let said = Said {
        reduction: said.reduction,
        payments: said.payments,
    };
    let organisation = organisation.as_deref();
    let shown = annuities::put(
        &state.services,
        &actor,
        &number,
        organisation,
        expected,
        said,
    )
    .await?;
    Ok(changed(shown.record.version, PatentFeesOut::from(shown)))
}

/// What holds for all of a holder's patents, and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HolderFeesOut {
    #[serde(flatten)]
    pub fees: HolderFees,
    /// 0 while nothing was ever said.
    pub version: i64,
}

/// Read the reduction classes that hold for all of a holder's patents.
#[utoipa::path(get, path = "/v1/annual-fees/reduction", operation_id = "getHolderFees", tag = "annual-fees",
    security(("apiKey" = [])),
    params(("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent")),
    responses((status = 200, body = HolderFeesOut)))]
pub async fn holder(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
) -> Result<Response, Refusal> {
    let organisation = params.take("organisation")?;
    params.finish()?;
    let organisation = organisation.as_deref();
    let found = annuities::holder_fees(&state.services, &actor, organisation).await?;
    Ok(holder_out(found.version, found.value))
}

fn holder_out(version: i64, fees: HolderFees) -> Response {
    changed(version, HolderFeesOut { fees, version })
}

/// Say which reduction classes hold for all of a holder's patents: alone, and with co-owners who all qualify.
#[utoipa::path(put, path = "/v1/annual-fees/reduction", operation_id = "putHolderFees", tag = "annual-fees",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent"),
        ("If-Match" = String, Header, description = "The ETag read before"),
    ),
    request_body = HolderFees, responses((status = 200, body = HolderFeesOut)))]
pub async fn set_holder(
    Extract(state): Extract<State>,
    Who(actor): Who,
    headers: HeaderMap,
    OfOrganisation(organisation): OfOrganisation,
    Body(fees, _): Body<HolderFees>,
) -> Result<Response, Refusal> {
    let expected = if_match(&headers)?;
    let organisation = organisation.as_deref();
    let set =
        annuities::set_holder_fees(&state.services, &actor, organisation, expected, fees).await?;
    Ok(holder_out(set.version, set.value))
}

/// The fees of a holder's stock as a sheet for paying many at once: a row a patent, with what is to be paid today.
#[utoipa::path(get, path = "/v1/annual-fees/sheet", operation_id = "exportAnnualFees", tag = "annual-fees",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent"),
        ("state" = Option<FeeState>, Query),
        ("dueBy" = Option<String>, Query, format = "date", description = "Due by this day, late ones included"),
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
    let made = out::annual_fees(&state.services, &actor, organisation, &filter, format).await?;
    Ok(file::sent(made, "annual-fees"))
}

/// What became of the rows; each is in exactly one of the three.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeesImported {
    pub rows: u64,
    pub recorded: u64,
    /// So recorded already.
    pub unchanged: u64,
    pub rejected: Vec<SheetRow>,
    /// Headers that nothing was read of.
    pub ignored: Vec<String>,
}

/// Record payments from a sheet: CSV (UTF-8, GBK), XLSX or JSON lines as the body, at most 5,000 rows, a payment each.
///
/// Columns: the patent's number, the year that was paid, the day, and the amount in yuan where known. A payment of a
/// year takes the place of an earlier one of the same year.
#[utoipa::path(post, path = "/v1/annual-fees/imports", operation_id = "importAnnualFees", tag = "annual-fees",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent"),
        ("dryRun" = Option<bool>, Query, description = "Check everything, write nothing"),
        ("fileName" = Option<String>, Query, description = "The file's name, for the words of a refusal"),
    ),
    request_body(content = String, content_type = "application/octet-stream", description = "The sheet"),
    responses((status = 200, body = FeesImported), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn import(
    Extract(state): Extract<State>,
    Who(actor): Who,
    headers: HeaderMap,
    params: Params,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let asked = tables::asked(params)?;
    let report = annuities::import(&state.services, &actor, asked, upload(body)).await?;
    let lang = lang_of(&headers);
    let rejected = report.rejected.into_iter();
    let out = FeesImported {
        rows: report.rows,
        recorded: report.recorded,
        unchanged: report.unchanged,
        rejected: rejected.map(|told| SheetRow::of(told, lang)).collect(),
        ignored: report.ignored,
    };
    Ok(answered(lang, out))
}
