//! What is asked about needs, and what is found of them and for them.

use serde::{Deserialize, Serialize};

use super::{Cursor, Hit, Span};
use crate::domain::{
    event::Sight,
    id::Id,
    matching::{Misfit, Reason, SharedWords, Tier},
    need::{Need, NeedState},
    reference::NeedNames,
    time::Day,
};

/// A question about needs. Without text the newest come first, else the best.
#[derive(Clone, Debug)]
pub struct NeedQuery {
    pub text: String,
    /// GB/T 4754 codes at any level; alternatives.
    pub industries: Vec<String>,
    /// GB/T 2260 codes of 2, 4 or 6 significant digits; alternatives.
    pub regions: Vec<String>,
    pub organisations: Vec<Id>,
    /// States as stored: one that is open may be past its last day.
    pub states: Vec<NeedState>,
    /// Only those that look for something on `today`.
    pub open: bool,
    pub limit: usize,
    pub cursor: Option<Cursor>,
    pub sight: Sight,
    pub today: Day,
}

impl NeedQuery {
    /// All that `sight` may see, twenty at a time.
    pub fn new(sight: Sight, today: Day) -> Self {
        Self {
            text: String::new(),
            industries: Vec::new(),
            regions: Vec::new(),
            organisations: Vec::new(),
            states: Vec::new(),
            open: false,
            limit: 20,
            cursor: None,
            sight,
            today,
        }
    }
}

/// A text with the words that were looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Marked {
    pub text: String,
    /// Ascending, not overlapping.
    pub spans: Vec<Span>,
}

/// A need as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NeedHit {
    pub need: Need,
    #[serde(flatten)]
    pub names: NeedNames,
    pub organisation_name: String,
    /// Open on the question's day.
    pub open_today: bool,
    /// Comparable within one result only; 0 where nothing was scored.
    pub score: f32,
    pub title: Marked,
    /// The passage of the text with most of the words.
    pub passage: Marked,
}

/// The answer to a question about needs.
#[derive(Clone, Debug, PartialEq)]
pub struct NeedsFound {
    /// Exact, over all pages.
    pub total: u64,
    pub hits: Vec<NeedHit>,
    pub next: Option<Cursor>,
    /// The change up to which the index answers.
    pub applied_seq: i64,
}

/// A match and what speaks for and against it.
#[derive(Clone, Debug)]
pub struct Match<T> {
    /// Its place in the list, from 1.
    pub rank: usize,
    pub tier: Tier,
    pub hit: T,
    pub words: SharedWords,
    pub reasons: Vec<Reason>,
    pub misfits: Vec<Misfit>,
}

/// A patent for a need.
pub type PatentMatch = Match<Hit>;
/// A need for a patent.
pub type NeedMatch = Match<NeedHit>;
