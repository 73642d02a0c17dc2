//! Opaque places in a result, and the snapshots that relevance cursors need. A cursor by number, day or fee is
//! true on every replica; one by relevance names a snapshot of this process, kept for a while. Where the answer
//! depends on the day, the cursor brings the day of its first page along.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::{Error, document::day_number, gather::Rank, live::Snapshot};
use crate::domain::{
    search::{Cursor, Query, Sort},
    time::Day,
};

const FORM: u8 = 2;
const BODY_BYTES: usize = 1 + 8 + 8 + 16 + 24;
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
    /// The day of the first page.
    pub today: Day,
    pub rank: Rank,
    pub snapshot: SnapshotId,
}

impl Place {
    pub fn encode(&self) -> Cursor {
        let mut bytes = vec![FORM];
        bytes.extend(self.question);
        let snapshot = self.snapshot;
        for value in [
            day_number(self.today).cast_unsigned(),
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
        let today = day_of(next()?.cast_signed()).ok_or(Error::CursorInvalid)?;
        Ok(Self {
            today,
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

/// What must stay the same from page to page: text, filters, order, sight.
pub fn fingerprint(question: &Query) -> [u8; 8] {
    let text = format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        question.text, question.fields, question.filters, question.sort, question.sight
    );
    fingerprint_of(&text)
}

/// The mark of a question that is written out.
pub fn fingerprint_of(text: &str) -> [u8; 8] {
    let digest = Sha256::digest(text.as_bytes());
    std::array::from_fn(|i| digest[i])
}

/// Does it depend on the day which patents are found, or in which order?
fn is_of_a_day(question: &Query) -> bool {
    let filters = &question.filters;
    question.sort == Sort::Fee
        || filters.in_term.is_some()
        || filters.term_left_years_at_least.is_some()
        || filters.on_offer.is_some()
        || filters.free.is_some()
        || filters.fee_at_most_fen.is_some()
        || !filters.fee_modes.is_empty()
        || !filters.know_how.is_empty()
}

/// The day by which the page behind `place` is judged: that of the first page where it matters, so that no
/// midnight between two pages makes a gap or a double. Whoever pages on for longer than to the day after would be
/// shown offers that are over: `CursorExpired`. A day ahead is another replica's clock.
pub fn day_behind(place: &Place, question: &Query) -> Result<Day, Error> {
    if !is_of_a_day(question) {
        return Ok(question.today);
    }
    let apart = day_number(question.today).abs_diff(day_number(place.today));
    if apart > 1 {
        return Err(Error::CursorExpired);
    }
    Ok(place.today)
}

fn day_of(number: i64) -> Option<Day> {
    let days = jiff::Span::new().try_days(number).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(days).ok()
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
