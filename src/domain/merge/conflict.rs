//! A conflict: two values of one unit, of which the one that is here stands until somebody decides. It is its holder's
//! and the office's to see; a decision is remembered, so that the same file brings the same conflict only once.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Because, By, Unit};
use crate::domain::{
    codes::AppNo,
    event::{Audience, canonical_json, sha256_hex},
    id::Id,
    time::Day,
    words::words,
};

words! {
    /// Where a conflict stands.
    pub enum ConflictState {
        /// Nobody has decided.
        Open = "open", "待处理", "Open";
        /// What was here stands.
        Kept = "kept", "保留原值", "Kept";
        /// The other value was taken.
        Taken = "taken", "采用新值", "Taken";
        /// A newer source or correction has settled it.
        Superseded = "superseded", "已被更新的内容取代", "Superseded";
    }
}

words! {
    /// How a conflict is decided.
    pub enum Choice {
        /// What is here stays.
        Ours = "ours";
        /// The other value is taken.
        Theirs = "theirs";
    }
}

/// One of the two values, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConflictSide)]
pub struct Side {
    /// The fields of the unit, as in the record.
    #[schema(value_type = Object)]
    pub value: Value,
    /// The day for which its source speaks; absent for what came in before days were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub day: Option<Day>,
    #[serde(default)]
    pub by: By,
    /// The import that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Id>,
    /// The organisation that brought it, or nobody: the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<Id>,
}

/// Two values of one unit of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    pub id: Id,
    pub number: AppNo,
    /// Of whose stock the patent is: it decides, besides the office. Absent: nobody here holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Id>,
    /// The stock entry, where the unit is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holding: Option<Id>,
    pub unit: Unit,
    pub because: Because,
    /// What is here.
    pub ours: Side,
    /// What the source says.
    pub theirs: Side,
    pub state: ConflictState,
    #[schema(value_type = String, format = "date")]
    pub raised_on: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub settled_on: Option<Day>,
    /// Why, in the words of whoever decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What nobody could have entered.
pub type Flaw = &'static str;

impl Conflict {
    pub fn audience(&self) -> Audience {
        match &self.organisation {
            Some(id) => Audience::Organisation(id.clone()),
            None => Audience::Office,
        }
    }

    /// Has this value been weighed against what was here before, with nothing newer to say?
    pub fn covers(
        &self,
        unit: Unit,
        holding: Option<&Id>,
        value: &Value,
        day: Option<Day>,
    ) -> bool {
        let older = day.is_none_or(|day| self.latest().is_none_or(|latest| day <= latest));
        let weighed = match self.state {
            ConflictState::Superseded => false,
            ConflictState::Taken => *value == self.ours.value || *value == self.theirs.value,
            ConflictState::Open | ConflictState::Kept => *value == self.theirs.value,
        };
        self.unit == unit && self.holding.as_ref() == holding && older && weighed
    }

    fn latest(&self) -> Option<Day> {
        self.ours.day.max(self.theirs.day)
    }

    /// The conflict, settled.
    #[must_use]
    pub fn settled(&self, state: ConflictState, on: Day, note: Option<String>) -> Self {
        Self {
            state,
            settled_on: Some(on),
            note,
            ..self.clone()
        }
    }

    /// What stands here against what a conflict is.
    pub fn flaw(&self) -> Option<Flaw> {
        if self.ours.value == self.theirs.value {
            return Some("is between equal values");
        }
        if (self.state == ConflictState::Open) == self.settled_on.is_some() {
            return Some("is open and settled, or neither");
        }
        if self.unit.is_of_patent() == self.holding.is_some() {
            return Some("is of the wrong record");
        }
        self.settled_on
            .is_some_and(|on| on < self.raised_on)
            .then_some("was settled before it was raised")
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}
