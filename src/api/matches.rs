//! Needs and patents matched both ways, each match with its reasons, and what people said of one.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    State,
    body::Body,
    declarations::number_at,
    extract::{NoParams, Params, Who, idempotency_key},
    lang_of,
    needs::need_at,
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{
        codes::AppNo,
        id::Id,
        matching::{SharedWords, Tier},
        need::{Feedback, FeedbackVerdict},
        reference::Names,
        search::{Hit, Match, NeedHit},
        text::{Lang, Text},
    },
    ops::{idempotency::Key, matches, patents, reference},
};

/// What speaks for a match, or does not fit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WhyOut {
    #[schema(example = "feeInBudget")]
    pub code: &'static str,
    /// In the language asked for.
    pub text: String,
}

impl WhyOut {
    fn new(code: &'static str, text: &Text, lang: Lang) -> Self {
        let text = text.in_lang(lang).to_owned();
        Self { code, text }
    }
}

/// A patent for a need.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PatentMatchOut {
    /// Its place in the list, from 1.
    pub rank: usize,
    pub tier: Tier,
    pub patent: Hit,
    pub words: SharedWords,
    pub reasons: Vec<WhyOut>,
    pub misfits: Vec<WhyOut>,
}

/// A need for a patent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NeedMatchOut {
    /// Its place in the list, from 1.
    pub rank: usize,
    /// Where the patent stands.
    pub tier: Tier,
    pub need: NeedHit,
    pub words: SharedWords,
    pub reasons: Vec<WhyOut>,
    pub misfits: Vec<WhyOut>,
}

/// Patents for a need, what is on offer today first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PatentMatchesOut {
    pub items: Vec<PatentMatchOut>,
}

/// Needs for a patent, best first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NeedMatchesOut {
    pub items: Vec<NeedMatchOut>,
}

fn why<T>(found: &Match<T>, names: &Names, lang: Lang) -> (Vec<WhyOut>, Vec<WhyOut>) {
    let reasons = found.reasons.iter();
    let misfits = found.misfits.iter();
    (
        reasons
            .map(|reason| WhyOut::new(reason.code(), &reason.text(names), lang))
            .collect(),
        misfits
            .map(|misfit| WhyOut::new(misfit.code(), &misfit.text(names), lang))
            .collect(),
    )
}

/// Find patents for a need: what is on offer today first, then stock, each with what speaks for and against it.
///
/// Expired patents are never shown, nor what shares too little with the best match.
#[utoipa::path(get, path = "/v1/needs/{need}/matches", operation_id = "listNeedMatches", tag = "needs",
    security(("apiKey" = [])),
    params(("need" = Id, Path),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 50, description = "10 by default")),
    responses((status = 200, body = PatentMatchesOut)))]
pub async fn of_need(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let limit = params.number("limit", 1..=50)?.unwrap_or(10);
    params.finish()?;
    let (_, found) = matches::of_need(&state.services, &actor, &need_at(&id)?, limit).await?;
    let (lang, names) = (lang_of(&headers), reference::names(&state.services).await);
    let item = |found: Match<Hit>| {
        let (reasons, misfits) = why(&found, &names, lang);
        PatentMatchOut {
            rank: found.rank,
            tier: found.tier,
            patent: found.hit,
            words: found.words,
            reasons,
            misfits,
        }
    };
    let items = found.into_iter().map(item).collect();
    Ok(Json(PatentMatchesOut { items }).into_response())
}

/// Find open needs that a patent may answer, best first: for its holders and the office.
#[utoipa::path(get, path = "/v1/patents/{number}/needs", operation_id = "listPatentNeeds", tag = "needs",
    security(("apiKey" = [])),
    params(("number" = String, Path, description = "Application number in any notation"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 50, description = "10 by default")),
    responses((status = 200, body = NeedMatchesOut)))]
pub async fn of_patent(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(number): Path<String>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let limit = params.number("limit", 1..=50)?.unwrap_or(10);
    params.finish()?;
    let number = patents::parse_number(&number)?;
    let found = matches::of_patent(&state.services, &actor, &number, limit).await?;
    let (lang, names) = (lang_of(&headers), reference::names(&state.services).await);
    let item = |found: Match<NeedHit>| {
        let (reasons, misfits) = why(&found, &names, lang);
        NeedMatchOut {
            rank: found.rank,
            tier: found.tier,
            need: found.hit,
            words: found.words,
            reasons,
            misfits,
        }
    };
    let items = found.into_iter().map(item).collect();
    Ok(Json(NeedMatchesOut { items }).into_response())
}

/// What you say of a match.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewFeedback {
    /// Application number in any notation.
    pub number: String,
    /// The place at which it was shown, from 1.
    pub rank: u32,
    pub verdict: FeedbackVerdict,
    /// The tier that was shown.
    pub tier: Tier,
    /// The score that was shown.
    pub score: f64,
    pub note: Option<String>,
}

/// What somebody said of a match.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeedbackOut {
    pub id: Id,
    pub need: Id,
    pub number: AppNo,
    pub rank: u32,
    pub verdict: FeedbackVerdict,
    pub tier: Tier,
    pub score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who said it.
    pub actor: String,
    #[schema(format = "date-time")]
    pub at: String,
}

impl From<Feedback> for FeedbackOut {
    fn from(said: Feedback) -> Self {
        Self {
            id: said.id,
            need: said.need,
            number: said.number,
            rank: said.rank,
            verdict: said.verdict,
            tier: said.tier,
            score: said.score,
            note: said.note,
            actor: said.actor,
            at: said.at.rfc3339(),
        }
    }
}

/// Say whether a patent that was shown for your need is of use. Kept with its rank, tier and score, for measuring.
#[utoipa::path(post, path = "/v1/needs/{need}/feedback", operation_id = "createNeedFeedback", tag = "needs",
    security(("apiKey" = [])),
    params(("need" = Id, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewFeedback, responses((status = 201, body = FeedbackOut)))]
pub async fn add_feedback(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, bytes): Body<NewFeedback>,
) -> Result<Response, Refusal> {
    let id = need_at(&id)?;
    let asked = [id.to_string().as_bytes(), &bytes].concat();
    let key =
        idempotency_key(&headers)?.map(|k| Key::new(&actor, &k, "createNeedFeedback", &asked));
    let new = matches::NewFeedback {
        number: number_at("/number", &new.number)?,
        rank: new.rank,
        verdict: new.verdict,
        tier: new.tier,
        score: new.score,
        note: new.note,
    };
    let made = matches::add_feedback(&state.services, &actor, key.as_ref(), &id, new).await?;
    Ok((StatusCode::CREATED, Json(FeedbackOut::from(made.record))).into_response())
}

/// List what was said of the matches of one need, the oldest first: for its organisation and the office.
#[utoipa::path(get, path = "/v1/needs/{need}/feedback", operation_id = "listNeedFeedback", tag = "needs",
    security(("apiKey" = [])),
    params(("need" = Id, Path),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<FeedbackOut>)))]
pub async fn list_feedback(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(id): Path<String>,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let place = Place::take(&mut params, &format!("feedback {id}"))?;
    params.finish()?;
    let id = need_at(&id)?;
    let (after, limit) = (place.after.as_deref(), place.limit + 1);
    let (items, total) = matches::list_feedback(&state.services, &actor, &id, after, limit).await?;
    let items = items.into_iter().map(FeedbackOut::from).collect();
    let page = place.page(items, total, |said: &FeedbackOut| said.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}
