//! What was asked of the search index and what was found: plain values, nothing of the index itself.
//! The reader's sight travels inside the question, so that no caller can forget it.

mod need;
mod offer;

pub use need::{Marked, Match, NeedHit, NeedMatch, NeedQuery, NeedsFound, PatentMatch};
pub use offer::{OfferHit, OfferStanding};

use serde::{Deserialize, Serialize};

use super::{
    codes::{AppNo, Ipc},
    declaration::KnowHowKind,
    event::Sight,
    holding::Conversion,
    id::Id,
    patent::{LegalStatus, PatentKind, Region},
    terms::FeeMode,
    time::Day,
    words::words,
};

/// The most characters of a question that are read; the rest is ignored.
pub const MAX_TEXT_CHARS: usize = 2_000;

/// The most hits that one page may hold.
pub const MAX_LIMIT: usize = 200;

/// One question to the index.
#[derive(Clone, Debug)]
pub struct Query {
    /// What a person typed: terms, `"a phrase"`, `-without`, `this OR that`, numbers, names, or a whole
    /// paragraph. Empty text asks for everything that the filters leave.
    pub text: String,
    /// Restricts the text to some fields; `None` looks everywhere. For measuring, never offered outside.
    pub fields: Option<Vec<TextField>>,
    pub filters: Filters,
    pub sort: Sort,
    /// Hits wanted, at most [`MAX_LIMIT`].
    pub limit: usize,
    /// Where an earlier page ended.
    pub cursor: Option<Cursor>,
    /// The facets to count, each without its own filter.
    pub facets: Vec<FacetField>,
    /// Buckets per facet, the largest first.
    pub facet_size: usize,
    pub sight: Sight,
    /// The day by which terms and offers are judged. A cursor that depends on it brings its own day along.
    pub today: Day,
}

impl Query {
    /// Everything that `sight` may see, by relevance, twenty at a time.
    pub fn new(text: impl Into<String>, sight: Sight, today: Day) -> Self {
        Self {
            text: text.into(),
            fields: None,
            filters: Filters::default(),
            sort: Sort::Relevance,
            limit: 20,
            cursor: None,
            facets: Vec::new(),
            facet_size: 20,
            sight,
            today,
        }
    }
}

/// The parts of a patent in which text is looked for.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum TextField {
    Title,
    Abstract,
    /// 主权项
    Claim,
    /// 通俗卡片
    Card,
    /// Applicants, owners, inventors and holders.
    Names,
}

/// Conditions on the records: the values of one filter are alternatives, the filters all hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    pub kinds: Vec<PatentKind>,
    /// IPC symbols at any level: `H`, `H01`, `H01M`, `H01M50`, `H01M50/533`.
    pub ipc: Vec<String>,
    /// Organisations with a published holding. Together with `conversions`, one and the same holding fits both.
    pub holders: Vec<Id>,
    /// Whole names of applicants or owners; width, case and blanks do not matter.
    pub applicants: Vec<String>,
    /// GB/T 2260 codes of 2, 4 or 6 significant digits: the first applicant's region or a holder's district.
    pub regions: Vec<String>,
    /// GB/T 4754 codes at any level; of the source, else derived from the classes.
    pub industries: Vec<String>,
    pub conversions: Vec<Conversion>,
    pub legal_statuses: Vec<LegalStatus>,
    /// 申请日
    pub filed: DayRange,
    /// 授权公告日
    pub granted: DayRange,
    /// Whether the term (20, 10 or 15 years) still runs on the question's `today`; a patent with unknown
    /// filing date fits neither answer.
    pub in_term: Option<bool>,
    /// Whether the term runs at least so many whole years from the question's `today`.
    pub term_left_years_at_least: Option<u16>,
    /// Whether an open licence can be taken on the question's `today`; `false` leaves the rest, never offered ones
    /// included.
    pub on_offer: Option<bool>,
    /// An offer on `today` under which nothing is ever due; `false`: an offer on `today` that costs something.
    pub free: Option<bool>,
    /// An offer on `today` whose fixed fees of the first year are at most this, in fen; royalties do not count.
    pub fee_at_most_fen: Option<i64>,
    /// An offer on `today` with one of these ways of paying.
    pub fee_modes: Vec<FeeMode>,
    /// An offer on `today` with one of these kinds of help; what says nothing of it fits none.
    pub know_how: Vec<KnowHowKind>,
}

/// Days from and to, both included; an open end is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayRange {
    pub from: Option<Day>,
    pub to: Option<Day>,
}

impl DayRange {
    pub const fn is_open(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }
}

words! {
    /// The order of the hits; ties are broken by application number.
    #[derive(Default)]
    pub enum Sort {
        /// Best first; without text, as `newest`. Its cursors live five minutes, on the replica that gave them.
        #[default]
        Relevance = "relevance";
        /// By filing date, latest first, unknown dates last.
        Newest = "newest";
        /// By end of term, the longest remaining term first, unknown last.
        TermLeft = "termLeft";
        /// By application number, as text.
        Number = "number";
        /// Offers of the question's day by the fixed fees of the first year, the lowest first, among equals those
        /// without royalty first; then what is not on offer.
        Fee = "fee";
    }
}

/// An opaque place in a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// One line of a result list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hit {
    pub number: AppNo,
    /// As printed on a certificate.
    #[schema(example = "ZL201910699568.X")]
    pub zl: String,
    pub kind: PatentKind,
    pub title: String,
    /// The beginning of the abstract, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
    pub applicants: Vec<String>,
    pub owners: Vec<String>,
    /// Organisations with a published holding.
    pub holders: Vec<HolderName>,
    pub ipc: Vec<Ipc>,
    /// What the classes are called, in their order, each by the finest level that has a title.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipc_titles: Vec<String>,
    /// 国民经济行业 of the source, or derived from the classes where `industriesDerivedBy` says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub industries: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub industry_names: Vec<String>,
    /// The version of the table of classes and industries, where the source named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industries_derived_by: Option<String>,
    pub legal_status: LegalStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub filing_date: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub grant_date: Option<Day>,
    /// The first day on which the term is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub expires_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The open licence that can be taken on the question's day; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferHit>,
    /// Of its card in plain words, where one is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardHit>,
    /// Written for a demonstration; not a real patent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fictional: bool,
    /// Comparable within one result only; 0 where nothing was scored.
    pub score: f32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub highlights: Vec<Highlight>,
}

/// What a result list shows of a patent's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CardHit {
    pub problem: String,
    pub products: Vec<String>,
    /// Of the dictionary `maturity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maturity: Option<String>,
}

/// A holder as a result list names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HolderName {
    pub id: Id,
    pub name: String,
}

/// Where the question's words stand in one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Highlight {
    pub field: TextField,
    /// The fragment shown, as the source writes it.
    pub text: String,
    /// Ascending, not overlapping.
    pub spans: Vec<Span>,
}

/// A stretch of a text in Unicode scalar values, `start` included, `end` excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

words! {
    /// What can be counted over a result.
    pub enum FacetField {
        Kind = "kind";
        LegalStatus = "legalStatus";
        /// Of the published holdings.
        Conversion = "conversion";
        /// `H`
        IpcSection = "ipcSection";
        /// `H01M`
        IpcSubclass = "ipcSubclass";
        /// Provinces (`370000`) of the first applicant and of the holders.
        Region = "region";
        /// 国民经济行业 at division level: of the source, else derived from the classes.
        Industry = "industry";
        Holder = "holder";
        /// Applicants and owners, by folded name.
        Applicant = "applicant";
        /// The year of the filing date.
        FilingYear = "filingYear";
        /// `offered` or `notOffered` on the question's day.
        Offer = "offer";
        /// Ways of paying of the offers of the question's day.
        FeeMode = "feeMode";
    }
}

/// The counts of one field over the result, its own filter left out; a patent counts once per value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Facet {
    pub field: FacetField,
    /// Largest first, then by value.
    pub buckets: Vec<Bucket>,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Bucket {
    /// What the filter of the same name takes; for `offer` that is `onOffer`, true or false.
    pub value: String,
    /// In Chinese, or as the source writes it.
    pub label: String,
    pub count: u64,
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Exact, over all pages.
    pub total: u64,
    pub hits: Vec<Hit>,
    pub facets: Vec<Facet>,
    /// Where the next page begins; `None` on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
    /// The change up to which the index answers.
    pub applied_seq: i64,
}
