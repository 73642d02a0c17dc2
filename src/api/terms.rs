//! /v1/terms: what a licence on given fee terms would cost, the words of its declaration, and words back into terms.

use axum::{
    Json,
    extract::State as Extract,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    State,
    body::Body,
    extract::{NoParams, Who},
    lang_of,
    problem::{Problem, Refusal},
};
use crate::{
    domain::{
        money::Fen,
        terms::{
            Doubt, DueKind, FeeMode, OverCap, Period, Quote, QuotedDue, Reading, RoyaltyBase, Terms,
        },
        text::Lang,
        time::Day,
    },
    ops::terms::{self, QuoteQuery, Quoted},
};

/// What somebody would know: the terms, how long, and what they expect to make with the patent.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewQuote {
    pub terms: Terms,
    /// Length of the licence.
    #[schema(minimum = 1, maximum = 240, example = 36)]
    pub months: u32,
    /// The licence's effective day; today without it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date")]
    pub from: Option<Day>,
    /// 净销售额; needed where the terms take a share of it.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub net_sales_fen_per_year: Option<Fen>,
    /// 利润额; needed where the terms take a share of it.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub profit_fen_per_year: Option<Fen>,
}

/// What a licence would cost. Amounts are whole fen (分).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuoteOut {
    pub mode: FeeMode,
    /// First day of the licence.
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    /// Last day of the licence.
    #[schema(value_type = String, format = "date")]
    pub until: Day,
    /// What must be paid before the licence takes effect.
    pub due_at_start_fen: Fen,
    /// `fixedFen` + `royaltyFen`
    pub total_fen: Fen,
    pub fixed_fen: Fen,
    /// What the share comes to at the expected figures.
    pub royalty_fen: Fen,
    /// Everything due, in the order of the days.
    pub dues: Vec<QuotedDueOut>,
    pub sentence: WordingOut,
    /// 许可使用费计算方式的简要说明, written from the terms; read back by `POST /v1/terms/parse`. Absent where it would have
    /// more than 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// Usual limits of an open licence that the terms exceed in this licence; empty when none.
    pub over_caps: Vec<OverCapOut>,
    /// How the figures were rounded, in the language asked for.
    pub rounding: String,
}

/// Something to be paid.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuotedDueOut {
    /// From 1, in the order of the days.
    pub number: u32,
    /// The last day on which payment is in time.
    #[schema(value_type = String, format = "date")]
    pub due_on: Day,
    /// The period that it pays for, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<PeriodOut>,
    pub kind: QuotedKind,
    pub amount_fen: Fen,
    /// Of a royalty: what it is a share of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<RoyaltyBase>,
    /// Of a royalty: the share in basis points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_bp: Option<u32>,
    /// Of a royalty: the expected figure of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turnover_fen: Option<Fen>,
}

/// Whether an amount is certain or an estimate.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum QuotedKind {
    Fixed,
    Royalty,
}

/// First and last day, both included.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PeriodOut {
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    #[schema(value_type = String, format = "date")]
    pub until: Day,
}

/// The wording for 支付方式、标准 of a declaration: the Chinese one counts, the English one is for reading.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WordingOut {
    pub zh: String,
    pub en: String,
}

/// A usual limit that the terms exceed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OverCapOut {
    /// JSON pointer into the body.
    #[schema(example = "/terms/rateBp")]
    pub pointer: String,
    /// `fixedOverCap`, `netSalesRateOverCap` or `profitRateOverCap`.
    #[schema(example = "netSalesRateOverCap")]
    pub code: &'static str,
    /// In the language asked for.
    pub text: String,
}

impl From<NewQuote> for QuoteQuery {
    fn from(new: NewQuote) -> Self {
        Self {
            terms: new.terms,
            months: new.months,
            from: new.from,
            net_sales_fen_per_year: new.net_sales_fen_per_year,
            profit_fen_per_year: new.profit_fen_per_year,
        }
    }
}

impl From<QuotedDue> for QuotedDueOut {
    fn from(quoted: QuotedDue) -> Self {
        let (kind, base, rate_bp) = match quoted.due.what {
            DueKind::Fixed { .. } => (QuotedKind::Fixed, None, None),
            DueKind::Royalty { base, rate_bp, .. } => {
                (QuotedKind::Royalty, Some(base), Some(rate_bp))
            }
        };
        let period = quoted.due.period;
        Self {
            number: quoted.due.number,
            due_on: quoted.due.due_on,
            period: period.map(|(from, until)| PeriodOut { from, until }),
            kind,
            amount_fen: quoted.amount_fen,
            base,
            rate_bp,
            turnover_fen: quoted.turnover_fen,
        }
    }
}

impl QuoteOut {
    fn new(quoted: Quoted, lang: Lang) -> Self {
        let Quoted { terms, quote, .. } = quoted;
        let over_cap = |over: OverCap| OverCapOut {
            pointer: format!("/terms{}", over.pointer),
            code: over.code,
            text: over.text.in_lang(lang).to_owned(),
        };
        Self {
            mode: terms.mode(),
            from: quoted.from,
            until: quoted.until,
            due_at_start_fen: terms.due_at_start(),
            total_fen: quote.total_fen,
            fixed_fen: quote.fixed_fen,
            royalty_fen: quote.royalty_fen,
            dues: quote.dues.into_iter().map(QuotedDueOut::from).collect(),
            sentence: WordingOut {
                zh: terms.sentence(),
                en: terms.sentence_en(),
            },
            explanation: terms.explanation(),
            over_caps: quoted.over_caps.into_iter().map(over_cap).collect(),
            rounding: Quote::rounding().in_lang(lang).to_owned(),
        }
    }
}

/// Try out fee terms: what a licence would cost, when what is due, and the words of the declaration.
///
/// Keeps nothing. Where the terms take a share of net sales or profit, the expected yearly figure is needed. Terms
/// that are not sound are refused with a JSON pointer for every fault; terms beyond the usual limits of an open
/// licence (审查指南第五部分第十一章) are quoted, and `overCaps` says so.
#[utoipa::path(post, path = "/v1/terms/quote", operation_id = "quoteTerms", tag = "terms",
    request_body = NewQuote,
    responses((status = 200, body = QuoteOut), (status = 400, body = Problem), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn quote(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, _): Body<NewQuote>,
) -> Result<Response, Refusal> {
    let lang = lang_of(&headers);
    let quoted = terms::quote(&state.services, &actor, new.into())?;
    let headers = [
        (header::CONTENT_LANGUAGE, lang.tag()),
        (header::VARY, header::ACCEPT_LANGUAGE.as_str()),
    ];
    Ok((headers, Json(QuoteOut::new(quoted, lang))).into_response())
}

/// A text that says terms.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTermsReading {
    /// As announced: our own sentence, or a usual form.
    #[schema(max_length = 8000, example = "一次总付2万元，许可生效前付清")]
    pub text: String,
}

/// What a text of terms says; `terms` only where nothing of it is in doubt.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TermsReadingOut {
    /// The whole text is accounted for.
    pub certain: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// The same terms as our declarations say them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<WordingOut>,
    /// 许可期限: its last day, where the text says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub until: Option<Day>,
    /// 许可期限至专利权期限届满
    pub until_patent_term: bool,
    /// Why a person has to read it; empty where it is certain.
    pub doubts: Vec<TermsDoubtOut>,
}

/// Why a text of terms is not certain.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TermsDoubtOut {
    /// `leftover`, `perUnit`, `freeUntilDay`, `contradiction`, `settlementMissing` and others.
    #[schema(example = "leftover")]
    pub code: &'static str,
    /// The words that it is about; empty where something is missing.
    pub said: String,
    /// In the language asked for.
    pub text: String,
}

impl TermsDoubtOut {
    pub fn of(doubt: Doubt, lang: Lang) -> Self {
        Self {
            code: doubt.code,
            text: doubt.text.in_lang(lang).to_owned(),
            said: doubt.said,
        }
    }
}

impl TermsReadingOut {
    fn new(reading: Reading, lang: Lang) -> Self {
        let doubts = reading.doubts.into_iter();
        let doubts = doubts.map(|doubt| TermsDoubtOut::of(doubt, lang));
        Self {
            certain: reading.terms.is_some(),
            sentence: reading.terms.as_ref().map(|terms| WordingOut {
                zh: terms.sentence(),
                en: terms.sentence_en(),
            }),
            terms: reading.terms,
            until: match reading.period {
                Some(Period::Until(day)) => Some(day),
                _ => None,
            },
            until_patent_term: reading.period == Some(Period::PatentTerm),
            doubts: doubts.collect(),
        }
    }
}

/// Read announced terms from their text.
///
/// Keeps nothing and guesses nothing: terms are given only where the whole text is accounted for. Anything that is
/// left over, missing or said twice is a doubt with its words, and a person has to read it.
#[utoipa::path(post, path = "/v1/terms/parse", operation_id = "parseTerms", tag = "terms",
    request_body = NewTermsReading,
    responses((status = 200, body = TermsReadingOut), (status = 400, body = Problem), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn parse(
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, _): Body<NewTermsReading>,
) -> Result<Response, Refusal> {
    let lang = lang_of(&headers);
    let reading = terms::parse(&actor, &new.text)?;
    let headers = [
        (header::CONTENT_LANGUAGE, lang.tag()),
        (header::VARY, header::ACCEPT_LANGUAGE.as_str()),
    ];
    Ok((headers, Json(TermsReadingOut::new(reading, lang))).into_response())
}
