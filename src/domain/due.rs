//! What a holder has to register (应盘点): its own list of numbers, or a count that it or the office states with a source.
//! Coverage is registered over due. What is no longer in force or already converted is told apart: by the list's own
//! word, and where the list is silent by what is registered here.

use serde::{Deserialize, Serialize};

use super::{
    codes::AppNo,
    event::{Audience, canonical_json, sha256_hex},
    holding::Conversion,
    id::Id,
    patent::LegalStatus,
    time::Day,
    words::words,
};

words! {
    /// What it rests on.
    pub enum DueBasis {
        /// The holder's own list of numbers
        Numbers = "numbers", "持有单位清单", "The holder's list";
        /// A count without numbers
        Stated = "stated", "书面说明的件数", "A stated count";
    }
}

words! {
    /// What became of a number; each number of a list is in exactly one of the first six.
    pub enum DueClass {
        /// Due, and in the holder's stock as first patentee
        Registered = "registered", "已登记", "Registered";
        /// Due, and not in the holder's stock
        Missing = "missing", "未登记", "Missing";
        /// Due, in the stock, and nothing confirms that it is the holder's
        Claimed = "claimed", "已登记、权属待确认", "Registered, claimed only";
        /// In the stock, and somebody else is the first patentee: counted there
        OtherPatentee = "otherPatentee", "第一专利权人为其他单位", "Another is the first patentee";
        /// Not granted or no longer in force: not due
        NotInForce = "notInForce", "未授权或已失效", "Not in force";
        /// In use, licensed or transferred already: not due
        Converted = "converted", "已转化", "Converted already";
        /// In the holder's stock, in force and not converted, and not on the list
        Beyond = "beyond", "清单之外已登记", "Registered beyond the list";
    }
}

/// A row of a list that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DueProblem {
    /// As a person sees it in the file.
    pub row: u64,
    /// A reason as imports give it.
    pub code: String,
    pub value: String,
}

/// Problems that a list keeps with it.
pub const PROBLEMS: usize = 50;
/// The most patents that can be due.
pub const MOST: i64 = 10_000_000;
/// The longest source, in characters.
pub const SOURCE_CHARS: usize = 100;

/// What one holder has to register. Its key is the holder's id: there is one, and a new one takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DueList {
    pub organisation: Id,
    pub basis: DueBasis,
    /// Different numbers on the list, or the count that was stated.
    pub count: i64,
    /// The day of which it tells.
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    /// Where it comes from, in words that may be public.
    pub source: String,
    /// Said by the office rather than by the holder.
    pub by_office: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Rows of the file, and those of them that were left out.
    pub rows: i64,
    pub rejected: i64,
    /// The first of those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<DueProblem>,
    /// Under which id its numbers are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<Id>,
}

impl DueList {
    /// The numbers are the holder's own and the office's.
    pub fn audience(&self) -> Audience {
        Audience::Organisation(self.organisation.clone())
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }

    /// A value that nobody could enter.
    pub fn is_flawed(&self) -> bool {
        let numbers = self.basis == DueBasis::Numbers;
        !(1..=MOST).contains(&self.count)
            || self.source.is_empty()
            || numbers != self.list.is_some()
            || numbers != self.sha256.is_some()
            || self.problems.len() > PROBLEMS
    }
}

/// A number of a list, with what the list says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueNumber {
    pub number: AppNo,
    /// `Unknown` where the list is silent.
    pub legal_status: LegalStatus,
    pub conversion: Conversion,
}

/// How many numbers are in each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DueCounts {
    pub registered: i64,
    pub missing: i64,
    pub claimed: i64,
    pub other_patentee: i64,
    pub not_in_force: i64,
    pub converted: i64,
    pub beyond: i64,
}

impl DueCounts {
    /// Of a count without numbers: the holder's whole stock counts towards it.
    pub fn of_stated(registered: i64, due: i64) -> Self {
        Self {
            registered,
            missing: (due - registered).max(0),
            ..Self::default()
        }
    }

    pub const fn of(&self, class: DueClass) -> i64 {
        match class {
            DueClass::Registered => self.registered,
            DueClass::Missing => self.missing,
            DueClass::Claimed => self.claimed,
            DueClass::OtherPatentee => self.other_patentee,
            DueClass::NotInForce => self.not_in_force,
            DueClass::Converted => self.converted,
            DueClass::Beyond => self.beyond,
        }
    }

    pub const fn set(&mut self, class: DueClass, count: i64) {
        let place = match class {
            DueClass::Registered => &mut self.registered,
            DueClass::Missing => &mut self.missing,
            DueClass::Claimed => &mut self.claimed,
            DueClass::OtherPatentee => &mut self.other_patentee,
            DueClass::NotInForce => &mut self.not_in_force,
            DueClass::Converted => &mut self.converted,
            DueClass::Beyond => &mut self.beyond,
        };
        *place = count;
    }
}

/// Registered over due, of one holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    pub list: DueList,
    pub counts: DueCounts,
}

impl Coverage {
    /// 应盘点: what is still to be registered and what is.
    pub const fn due(&self) -> i64 {
        match self.list.basis {
            DueBasis::Numbers => self.counts.registered + self.counts.missing + self.counts.claimed,
            DueBasis::Stated => self.list.count,
        }
    }

    /// How many numbers of a class can be listed: of a count without numbers, what is missing has none.
    pub const fn listed(&self, class: DueClass) -> i64 {
        match (self.list.basis, class) {
            (DueBasis::Stated, DueClass::Missing) => 0,
            (_, class) => self.counts.of(class),
        }
    }
}

/// A share in basis points, rounded down so that 100 % is said only of all; none of nothing.
pub const fn share_bp(registered: i64, due: i64) -> Option<i64> {
    if due == 0 {
        None
    } else {
        Some(registered * 10_000 / due)
    }
}
