//! Identifiers and where they come from. Ids are UUIDv7 text: unique without coordination and, within
//! one process, ordered by creation. SQL never makes an id.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use super::time::Instant;

/// An opaque identifier: a lower-case hyphenated UUID.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = "uuid")]
pub struct Id(Uuid);

impl Id {
    /// Reads a UUID in any of its usual notations.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text.trim()).ok().map(Self)
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl TryFrom<String> for Id {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a UUID")
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.to_string()
    }
}

/// Makes ids and secrets. Random in the product, seeded in tests so that snapshots are stable.
pub struct Ids {
    seed: Option<Mutex<u64>>,
}

impl Ids {
    pub fn random() -> Self {
        Self { seed: None }
    }

    /// A repeatable sequence; for tests only.
    pub fn seeded(seed: u64) -> Self {
        Self {
            seed: Some(Mutex::new(seed)),
        }
    }

    /// A new id stamped with `now`.
    pub fn next(&self, now: Instant) -> Id {
        let mut tail = [0u8; 10];
        self.fill(&mut tail);
        let millis = u64::try_from(now.micros() / 1000).unwrap_or(0);
        Id(Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }

    /// 32 bytes that nobody can guess.
    pub fn secret(&self) -> [u8; 32] {
        let mut bytes = [0u8; 32];
        self.fill(&mut bytes);
        bytes
    }

    fn fill(&self, bytes: &mut [u8]) {
        match &self.seed {
            None => getrandom::fill(bytes).expect("the operating system gives random bytes"),
            Some(seed) => {
                let mut state = seed.lock().expect("no holder of this lock panics");
                for byte in bytes {
                    // SplitMix64: enough for repeatable tests, never used for real secrets.
                    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                    let mut z = *state;
                    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    *byte = (z ^ (z >> 27)).to_le_bytes()[3];
                }
            }
        }
    }
}
