//! Opaque places in a result, and the snapshots that relevance cursors need. A cursor by number or day is
//! true on every replica; one by relevance names a snapshot of this process, kept for a while.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::{Error, gather::Rank, live::Snapshot};
use crate::domain::search::{Cursor, Query};

const FORM: u8 = 1;
const BODY_BYTES: usize = 1 + 8 + 16 + 24;
const CHECK_BYTES: usize = 8;

/// Names one snapshot of one process: the process, the index folder, the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotId {
    pub process: u64,
    pub folder: u64,
    pub commit: u64,
}

impl SnapshotId {
    /// For results whose order needs no snapshot.
    pub const NONE: Self = Self {
        process: 0,
        folder: 0,
        commit: 0,
    };
}

/// What a cursor holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub question: [u8; 8],
    pub rank: Rank,
    pub snapshot: SnapshotId,
}

impl Place {
    pub fn encode(&self) -> Cursor {
        let mut bytes = vec![FORM];
        bytes.extend(self.question);
        let snapshot = self.snapshot;
        for value in [
            self.rank.primary,
            self.rank.number,
            snapshot.process,
            snapshot.folder,
            snapshot.commit,
        ] {
            bytes.extend(value.to_be_bytes());
        }
        let check = check_of(&bytes);
        bytes.extend(check);
        Cursor(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads a cursor; anything we did not write is `CursorInvalid`.
    pub fn decode(cursor: &Cursor) -> Result<Self, Error> {
        if cursor.0.len() > 200 {
            return Err(Error::CursorInvalid);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(&cursor.0)
            .map_err(|_| Error::CursorInvalid)?;
        let (body, check) = bytes
            .split_at_checked(BODY_BYTES)
            .ok_or(Error::CursorInvalid)?;
        if check != check_of(body) || body[0] != FORM {
            return Err(Error::CursorInvalid);
        }
        let (question, values) = body[1..].split_at(8);
        let mut values = values
            .chunks_exact(8)
            .map(|chunk| chunk.iter().fold(0, |sum, b| sum << 8 | u64::from(*b)));
        let mut next = || values.next().ok_or(Error::CursorInvalid);
        Ok(Self {
            question: question.try_into().map_err(|_| Error::CursorInvalid)?,
            rank: Rank {
                primary: next()?,
                number: next()?,
            },
            snapshot: SnapshotId {
                process: next()?,
                folder: next()?,
                commit: next()?,
            },
        })
    }
}

/// Finds accidents and tampering. It is no secret: a cursor grants nothing that its question does not.
fn check_of(body: &[u8]) -> [u8; CHECK_BYTES] {
    let digest = Sha256::new()
        .chain_update(b"kaixu cursor")
        .chain_update(body)
        .finalize();
    std::array::from_fn(|i| digest[i])
}

/// What must stay the same from page to page: text, filters, order, sight, and today where it matters.
pub fn fingerprint(question: &Query) -> [u8; 8] {
    let today = question.filters.in_term.map(|_| question.today);
    let text = format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{today:?}",
        question.text, question.fields, question.filters, question.sort, question.sight
    );
    let digest = Sha256::digest(text.as_bytes());
    std::array::from_fn(|i| digest[i])
}

/// Snapshots kept for the next page.
pub struct Kept {
    life: Duration,
    most: usize,
    snapshots: Mutex<VecDeque<(Instant, Snapshot)>>,
}

impl Kept {
    pub fn new(life: Duration, most: usize) -> Self {
        Self {
            life,
            most,
            snapshots: Mutex::new(VecDeque::new()),
        }
    }

    /// Keeps a snapshot for another life, letting go of what is too old or too much.
    pub fn keep(&self, snapshot: &Snapshot) {
        let mut kept = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(since, other)| other.id != snapshot.id && since.elapsed() < self.life);
        kept.push_back((Instant::now(), snapshot.clone()));
        while kept.len() > self.most {
            kept.pop_front();
        }
    }

    pub fn find(&self, id: SnapshotId) -> Result<Snapshot, Error> {
        let mut kept = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(since, _)| since.elapsed() < self.life);
        kept.iter()
            .find(|(_, snapshot)| snapshot.id == id)
            .map(|(_, s)| s.clone())
            .ok_or(Error::CursorExpired)
    }

    /// Lets go of what is too old, so that its files can be freed.
    pub fn sweep(&self) {
        let mut kept = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(since, _)| since.elapsed() < self.life);
    }
}
