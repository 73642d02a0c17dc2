//! The head of the chain, published once a day: number, hash and moment of the last change. It is a change of its own and
//! names the one right before it, so that whoever has kept one head knows that nothing up to it was altered later.

use serde::{Deserialize, Serialize};

use super::{
    event::{ChainHash, ChangeRow, canonical_json, sha256_hex},
    time::{Day, Instant},
};

/// A day's head. It is written once and never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditHead {
    /// In Shanghai; one head a day.
    #[schema(value_type = String, format = "date")]
    pub day: Day,
    /// The last change that it vouches for, with every change before.
    pub seq: i64,
    /// Of that change, lower-case hex.
    pub hash: String,
    /// By which the chain is hashed.
    pub algorithm: ChainHash,
    /// When it was taken, RFC 3339.
    pub at: String,
}

impl AuditHead {
    /// The head at a moment.
    pub fn taken(seq: i64, hash: String, algorithm: ChainHash, at: Instant) -> Self {
        Self {
            day: at.day(),
            seq,
            hash,
            algorithm,
            at: at.rfc3339(),
        }
    }

    /// Does the row that announces it stand right behind the change that it names, at its moment?
    pub fn follows(&self, row: &ChangeRow, algorithm: ChainHash) -> bool {
        self.seq == row.seq - 1
            && self.hash == row.prev
            && self.algorithm == algorithm
            && self.day == row.at.day()
            && self.at == row.at.rfc3339()
            && row.key() == self.day.to_string()
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}
