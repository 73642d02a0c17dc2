//! /v1/licences/{licence}: how a licence is carried out: royalty reports, follow-ups, the relation of its sides.

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
    extract::{NoParams, Who, idempotency_key},
    problem::Refusal,
};
use crate::{
    domain::{
        id::Id,
        money::Fen,
        performance::{AccountLine, Performance, SalesBand, Span},
        terms::DueKind,
        time::Day,
    },
    ops::{
        Error,
        idempotency::Key,
        performances::{self, Answered, Carried, ReportAsked},
    },
};

/// What is due under a licence, and what is known of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountLineOut {
    /// From 1, in the order of the days.
    pub number: u32,
    #[schema(value_type = String, format = "date")]
    pub due_on: Day,
    /// The settlement period; none of a payment on a fixed day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub from: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub to: Option<Day>,
    /// A share of sales or profit, whose amount follows from a report.
    pub royalty: bool,
    /// Absent of a royalty that nobody has reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub amount_fen: Option<Fen>,
    /// Covered by what was paid, the earliest dues first.
    pub paid: bool,
    /// Not paid, and its day is over.
    pub overdue: bool,
}

/// From when on something waits, and by when it is due.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitingOut {
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    #[schema(value_type = String, format = "date")]
    pub due_on: Day,
    pub overdue: bool,
}

/// How a licence is carried out.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PerformanceOut {
    pub licence: Id,
    /// Absent as long as nobody has said anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub performance: Option<Performance>,
    /// 0 as long as nobody has said anything.
    pub version: i64,
    /// Everything due under the announced terms.
    pub account: Vec<AccountLineOut>,
    /// What was paid.
    #[schema(value_type = i64)]
    pub paid_fen: Fen,
    /// The next royalty report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_report: Option<WaitingOut>,
    /// The next payment, a task from 30 days before its day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_payment: Option<WaitingOut>,
    /// The next follow-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_follow_up: Option<WaitingOut>,
}

fn out(state: &State, carried: Carried) -> PerformanceOut {
    let today = state.services.clock.today();
    let waiting = |span: Option<Span>| {
        span.map(|span| WaitingOut {
            from: span.from,
            due_on: span.due_on,
            overdue: span.due_on < today,
        })
    };
    let line = |line: AccountLine| AccountLineOut {
        number: line.due.number,
        due_on: line.due.due_on,
        from: line.due.period.map(|(from, _)| from),
        to: line.due.period.map(|(_, to)| to),
        royalty: matches!(line.due.what, DueKind::Royalty { .. }),
        overdue: line.amount_fen.is_some_and(|fen| fen > Fen::ZERO)
            && !line.paid
            && line.due.due_on < today,
        amount_fen: line.amount_fen,
        paid: line.paid,
    };
    let licence = carried.licence.value;
    PerformanceOut {
        paid_fen: licence.payments.iter().map(|p| p.amount_fen).sum(),
        licence: licence.id,
        version: carried.record.as_ref().map_or(0, |record| record.version),
        performance: carried.record.map(|record| record.value),
        account: carried.lines.into_iter().map(line).collect(),
        next_report: waiting(carried.waiting.report),
        next_payment: waiting(carried.waiting.payment),
        next_follow_up: waiting(carried.waiting.follow_up),
    }
}

/// The figure of a settlement period.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRoyaltyReport {
    /// First and last day of the period, as the account lists it.
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    #[schema(value_type = String, format = "date")]
    pub to: Day,
    /// Net sales or profit of the period, by the terms; a loss is below zero.
    #[schema(value_type = i64)]
    pub figure_fen: Fen,
    /// What shows it.
    pub file: Option<Id>,
}

/// What has become of a licence.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewFollowUp {
    /// 3, 6 or 12 months after the effective day.
    pub months: u8,
    /// The patent is worked.
    pub worked: bool,
    /// A product came of it.
    #[serde(default)]
    pub product: bool,
    pub sales: SalesBand,
    pub note: Option<String>,
}

/// Whether the two sides of a licence are related.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRelation {
    pub related: bool,
    pub note: Option<String>,
}

/// Read how a licence is carried out: dues, reports, follow-ups. For its two sides and the office.
#[utoipa::path(get, path = "/v1/licences/{licence}/performance", operation_id = "getPerformance", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path)),
    responses((status = 200, body = PerformanceOut)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let carried = performances::get(&state.services, &actor, &parse(&id)?).await?;
    Ok(Json(out(&state, carried)).into_response())
}

/// Report the figure of a settlement period, as the licensee. The due follows from the announced terms; a second report
/// of the same period takes the place of the first.
#[utoipa::path(post, path = "/v1/licences/{licence}/royalty-reports", operation_id = "addRoyaltyReport", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewRoyaltyReport, responses((status = 201, body = PerformanceOut)))]
pub async fn report(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, bytes): Body<NewRoyaltyReport>,
) -> Result<Response, Refusal> {
    let id = parse(&id)?;
    let asked = [id.to_string().as_bytes(), &bytes].concat();
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "addRoyaltyReport", &asked));
    let new = ReportAsked {
        from: new.from,
        to: new.to,
        figure_fen: new.figure_fen,
        file: new.file,
    };
    let carried = performances::report(&state.services, &actor, key.as_ref(), &id, new).await?;
    Ok(noted(&state, carried))
}

/// Answer, as the licensee, what has become of the licence after 3, 6 or 12 months.
#[utoipa::path(post, path = "/v1/licences/{licence}/follow-ups", operation_id = "addFollowUp", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewFollowUp, responses((status = 201, body = PerformanceOut)))]
pub async fn follow_up(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, bytes): Body<NewFollowUp>,
) -> Result<Response, Refusal> {
    let id = parse(&id)?;
    let asked = [id.to_string().as_bytes(), &bytes].concat();
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "addFollowUp", &asked));
    let new = Answered {
        months: new.months,
        worked: new.worked,
        product: new.product,
        sales: new.sales,
        note: new.note,
    };
    let carried = performances::follow_up(&state.services, &actor, key.as_ref(), &id, new).await?;
    Ok(noted(&state, carried))
}

/// Say whether the two sides are related, as either of them or as the office. It takes nothing away from the licence.
#[utoipa::path(post, path = "/v1/licences/{licence}/relation", operation_id = "stateRelation", tag = "licences",
    security(("apiKey" = [])),
    params(("licence" = Id, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewRelation, responses((status = 201, body = PerformanceOut)))]
pub async fn relation(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, bytes): Body<NewRelation>,
) -> Result<Response, Refusal> {
    let id = parse(&id)?;
    let asked = [id.to_string().as_bytes(), &bytes].concat();
    let key = idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "stateRelation", &asked));
    let (services, key) = (&state.services, key.as_ref());
    let carried = performances::state(services, &actor, key, &id, new.related, new.note).await?;
    Ok(noted(&state, carried))
}

fn parse(id: &str) -> Result<Id, Error> {
    Id::parse(id).ok_or(Error::NotFound("licence"))
}

fn noted(state: &State, carried: Carried) -> Response {
    let out = out(state, carried);
    let location = format!("/v1/licences/{}/performance", out.licence);
    super::made(&location, out.version, out)
}
