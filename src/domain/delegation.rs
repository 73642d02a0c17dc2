//! Delegation (代理): an agency or service body acts for a principal on the days that a document says, and not a day
//! longer than the principal or an officer lets it.

use serde::{Deserialize, Serialize};

use super::{
    event::{canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    party::OrganisationKind,
    time::Day,
};

/// Who may act for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delegation {
    pub id: Id,
    /// The organisation that acts.
    pub agency: Id,
    /// The organisation for which it acts.
    pub principal: Id,
    /// First and last day.
    pub from: Day,
    pub until: Day,
    /// 委托书
    pub document: FileRef,
    /// The day from which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_on: Option<Day>,
}

/// What is wrong with a proposed delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DelegationError {
    #[error("it ends before it begins")]
    Days,
    #[error("nobody is its own agency")]
    Itself,
    #[error("only an enterprise or a service body acts for others")]
    Kind,
}

impl Delegation {
    /// Does the agency act on this day?
    pub fn holds_on(&self, day: Day) -> bool {
        self.from <= day && day <= self.until && self.revoked_on.is_none_or(|end| day < end)
    }

    /// May this agency, of this kind, act for the principal from the first day to the last?
    pub fn check(
        agency: &Id,
        kind: OrganisationKind,
        principal: &Id,
        (from, until): (Day, Day),
    ) -> Result<(), DelegationError> {
        if until < from {
            Err(DelegationError::Days)
        } else if agency == principal {
            Err(DelegationError::Itself)
        } else if matches!(
            kind,
            OrganisationKind::ServiceBody | OrganisationKind::Enterprise
        ) {
            Ok(())
        } else {
            Err(DelegationError::Kind)
        }
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}
