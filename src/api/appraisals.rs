//! /v1/appraisals: what could be done with each patent of a holder's stock (分级分类), with the inputs and the reasons; for
//! the holder and the office alone, and never applied by itself.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::{
    State,
    annuities::FeeStandingOut,
    extract::{Params, Who},
    lang_of,
    page::{Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{
        appraisal::{Ground, Inputs, Suggestion},
        codes::AppNo,
        family::Relation,
        holding::Conversion,
        id::Id,
        money::Fen,
        patent::LegalStatus,
        stock::StockFilter,
        text::Lang,
    },
    ops::{
        appraisals::{self, AppraisalFilter, Line, Profile},
        patents,
    },
};

/// What the rule looked at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppraisalInputs {
    pub legal_status: LegalStatus,
    pub conversion: Conversion,
    /// Days until the term is over; absent while that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i32>,
    pub fees: FeeStandingOut,
    /// The next fee would be less with a filed open licence.
    pub licence_saves: bool,
    /// 专利自评, 1 to 5, as the stock record says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<u8>,
    /// Ways of conversion wanted, codes of the dictionary `ways`.
    pub ways: Vec<String>,
    pub on_offer: bool,
    /// Licences in effect.
    pub licences: usize,
    /// Notices that wait for payment or delivery.
    pub notices: usize,
    /// Open needs among whose best matches it is; of the newest hundred.
    pub needs: usize,
    /// The holder has the same invention as an invention patent in force.
    pub twin_held: bool,
}

impl From<Inputs> for AppraisalInputs {
    fn from(inputs: Inputs) -> Self {
        Self {
            legal_status: inputs.legal_status,
            conversion: inputs.conversion,
            days_left: inputs.days_left,
            fees: inputs.fees.into(),
            licence_saves: inputs.licence_saves,
            grade: inputs.grade,
            ways: inputs.ways,
            on_offer: inputs.on_offer,
            licences: inputs.licences,
            notices: inputs.notices,
            needs: inputs.needs,
            twin_held: inputs.twin_held,
        }
    }
}

/// A reason, in the language asked for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct GroundOut {
    /// Stable, for machines.
    pub ground: Ground,
    pub text: String,
}

/// One patent, what could be done with it, and why.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppraisalOut {
    pub holding: Id,
    #[schema(value_type = String)]
    pub number: AppNo,
    pub title: String,
    /// 所属学院 or other sub-unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Absent where there is no right in force to decide about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Suggestion>,
    pub grounds: Vec<GroundOut>,
    /// What keeping it costs in a year: the next annual fee.
    #[schema(value_type = i64)]
    pub yearly_fen: Fen,
    pub inputs: AppraisalInputs,
}

impl AppraisalOut {
    fn of(line: Line, lang: Lang) -> Self {
        let grounds = line.appraisal.grounds.into_iter();
        Self {
            holding: line.holding,
            number: line.number,
            title: line.title,
            unit: line.unit,
            suggestion: line.appraisal.suggestion,
            grounds: grounds
                .map(|ground| GroundOut {
                    ground,
                    text: ground.text().in_lang(lang).to_owned(),
                })
                .collect(),
            yearly_fen: line.appraisal.yearly_fen,
            inputs: line.inputs.into(),
        }
    }
}

/// Patents with one suggestion.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuggestionSum {
    /// Absent: no right in force to decide about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Suggestion>,
    pub count: i64,
    /// What keeping them costs in a year.
    #[schema(value_type = i64)]
    pub yearly_fen: Fen,
}

/// A page of the list, and the sums over the whole stock.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppraisalsOut {
    pub items: Vec<AppraisalOut>,
    /// How many there are in all, exactly.
    pub total: u64,
    pub sums: Vec<SuggestionSum>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A patent of the same invention, or divided from the same application.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KinOut {
    pub relation: Relation,
    #[schema(value_type = String)]
    pub number: AppNo,
    pub title: String,
    pub legal_status: LegalStatus,
}

/// One patent's profile: what the rule looked at, and what is shown beside it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfileOut {
    #[serde(flatten)]
    pub appraisal: AppraisalOut,
    pub family: Vec<KinOut>,
    /// Of the patents most like it: how many the holder has itself, how many others have. Shown, not weighed.
    pub similar_own: usize,
    pub similar_others: usize,
}

impl ProfileOut {
    fn of(profile: Profile, lang: Lang) -> Self {
        let family = profile.family.into_iter();
        Self {
            appraisal: AppraisalOut::of(profile.line, lang),
            family: family
                .map(|(kinship, patent)| KinOut {
                    relation: kinship.relation,
                    number: patent.number,
                    title: patent.title,
                    legal_status: patent.legal_status,
                })
                .collect(),
            similar_own: profile.similar_own,
            similar_others: profile.similar_others,
        }
    }
}

/// List a holder's patents with what could be done with each and why: your own, or the holder an officer names.
///
/// Worked out from the records when you ask; a suggestion changes nothing and is seen by nobody else.
#[utoipa::path(get, path = "/v1/appraisals", operation_id = "listAppraisals", tag = "appraisals",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent"),
        ("suggestion" = Option<Suggestion>, Query),
        ("q" = Option<String>, Query, description = "Part of title, number or an inventor's name"),
        ("unit" = Option<String>, Query),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = AppraisalsOut)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let organisation = params.take("organisation")?;
    let words = Suggestion::ALL.map(Suggestion::as_str);
    let filter = AppraisalFilter {
        suggestion: params.word("suggestion", Suggestion::parse, &words)?,
        stock: StockFilter {
            text: params.take("q")?,
            unit: params.take("unit")?,
            ..StockFilter::default()
        },
    };
    let name = format!(
        "appraisals {organisation:?} {filter:?} {:?}",
        actor.organisation
    );
    let place = Place::take(&mut params, &name)?;
    params.finish()?;
    let after = place.after.as_deref();
    let after = after.and_then(|text| AppNo::parse(text).ok().map(|(number, _)| number));
    let listed = appraisals::list(
        &state.services,
        &actor,
        organisation.as_deref(),
        &filter,
        after.as_ref(),
        place.limit + 1,
    )
    .await?;
    let lang = lang_of(&headers);
    let lines = listed.lines.into_iter();
    let lines = lines.map(|line| AppraisalOut::of(line, lang)).collect();
    let page = place.page(lines, listed.total, |line: &AppraisalOut| {
        line.number.to_string()
    });
    let sums = listed.sums.into_iter();
    let out = AppraisalsOut {
        items: page.items,
        total: page.total,
        sums: sums
            .map(|(suggestion, count, yearly_fen)| SuggestionSum {
                suggestion,
                count,
                yearly_fen,
            })
            .collect(),
        next: page.next,
    };
    Ok(linked(&uri, out.next.clone().as_deref(), out))
}

/// Read one patent's profile: what could be done with it, every input, its family and what is like it.
#[utoipa::path(get, path = "/v1/patents/{number}/appraisal", operation_id = "getAppraisal", tag = "appraisals",
    security(("apiKey" = [])),
    params(
        ("number" = String, Path, description = "Application number in any notation"),
        ("organisation" = Option<String>, Query, description = "The holder, by id or USCC; your own when absent"),
    ),
    responses((status = 200, body = ProfileOut)))]
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
    let organisation = organisation.as_deref();
    let profile = appraisals::get(&state.services, &actor, &number, organisation).await?;
    Ok(Json(ProfileOut::of(profile, lang_of(&headers))).into_response())
}
