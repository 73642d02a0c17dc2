//! The rules by which a record follows its sources, in the order in which they are asked:
//!
//! 1. What a source does not say erases nothing; what only it says is filled in.
//! 2. A correction by hand stands against every source until it is taken back; a source that disagrees makes a conflict.
//! 3. The text of a grant (B, U, S) stands against that of its publication (A), whatever the days.
//! 4. The newer day wins; an older source changes nothing. The day of a legal status is its own, where it has one.
//! 5. Equal days and different values are a conflict: the value that is here stays until somebody decides.
//!    Only a later upload on the same day, of the same party or of the office, neither of which names a day, is taken
//!    for its mending.
//!
//! Fields that only make sense together are one unit: a status with its day and words, a number with its date.

mod conflict;
mod sources;
mod unit;

use std::cmp::Ordering;

pub use conflict::{Choice, Conflict, ConflictState, Flaw, Side};
pub use sources::{By, Source, Sources, Under};
pub use unit::{Said, Unit};

use super::{
    patent::{CheckSource, LegalStatus, Patent, Stage},
    words::words,
};

words! {
    /// Why a value of a source was not taken and somebody should decide.
    pub enum Because {
        /// Two sources of the same day disagree.
        SameDay = "sameDay", "两个来源日期相同而内容不同", "Two sources of the same day disagree";
        /// A source disagrees with a correction by hand.
        Corrected = "corrected", "来源与人工更正不一致", "A source disagrees with a correction by hand";
        /// A source no longer names a confirmed holder.
        Patentees = "patentees", "来源中的权利人不再包含已确认的持有单位", "A source no longer names a confirmed holder";
        /// A status without a day disagrees with one that has a day.
        Undated = "undated", "没有日期的法律状态与有日期的不一致", "A status without a day disagrees with one that has a day";
    }
}

/// A value that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clash {
    pub unit: Unit,
    pub because: Because,
}

/// A record after a source.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub patent: Patent,
    pub sources: Sources,
    /// Units whose value was replaced or filled in.
    pub taken: Vec<Unit>,
    pub clashes: Vec<Clash>,
}

/// What becomes of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What is here stays.
    Keep,
    /// The same, or more of the same: the newer source vouches for it.
    Confirm,
    Take,
    Conflict(Because),
}

/// The record of a patent after `incoming` of `source`. `repeated`: an earlier row of the same file has brought this
/// patent, so that this row is neither newer nor older.
pub fn merge(
    existing: &Patent,
    sources: &Sources,
    incoming: &Patent,
    source: &Source,
    repeated: bool,
) -> Merged {
    let mut merged = Merged {
        patent: existing.clone(),
        sources: sources.clone(),
        taken: Vec::new(),
        clashes: Vec::new(),
    };
    for unit in Unit::OF_PATENT {
        let said = unit.compare(existing, incoming);
        let have = sources.of(unit);
        let verdict = match unit {
            Unit::Status => status_verdict(existing, incoming, have, source, repeated),
            _ => verdict(
                said,
                have,
                source,
                repeated,
                outranks(unit, existing, incoming),
            ),
        };
        match verdict {
            Verdict::Keep => {}
            Verdict::Confirm => {
                unit.fill(incoming, &mut merged.patent);
                if said == Said::More {
                    merged.taken.push(unit);
                }
                if have.is_none_or(|have| have.day < source.day && have.by != By::Correction) {
                    merged.sources.set(unit, source.clone());
                }
            }
            Verdict::Take => {
                unit.take(incoming, &mut merged.patent);
                merged.sources.set(unit, source.clone());
                merged.taken.push(unit);
            }
            Verdict::Conflict(because) => {
                merged.clashes.push(Clash { unit, because });
                if because == Because::Corrected {
                    // The newest that the sources say is what comes back when the correction is taken back.
                    merged.sources.lay_under(unit, unit.value(incoming), source);
                }
            }
        }
    }
    let printed = existing.check_source == CheckSource::Printed
        || incoming.check_source == CheckSource::Printed;
    if printed {
        merged.patent.check_source = CheckSource::Printed;
    }
    merged.patent.stage = existing.stage.max(incoming.stage);
    merged.patent.fictional |= incoming.fictional;
    merged
}

/// The verdict on a unit that has no rule of its own.
pub fn verdict(
    said: Said,
    have: Option<&Source>,
    source: &Source,
    repeated: bool,
    rank: Option<Ordering>,
) -> Verdict {
    match said {
        Said::Nothing => Verdict::Keep,
        // What was emptied by hand is not filled again.
        Said::More | Said::Other if have.is_some_and(|have| have.by == By::Correction) => {
            Verdict::Conflict(Because::Corrected)
        }
        Said::Same | Said::More => Verdict::Confirm,
        Said::Other => match rank.unwrap_or_else(|| age(have, source, repeated)) {
            Ordering::Greater => Verdict::Take,
            Ordering::Less => Verdict::Keep,
            Ordering::Equal => Verdict::Conflict(Because::SameDay),
        },
    }
}

/// Rule 3: between a publication and a grant the stage decides, for what the documents themselves say.
fn outranks(unit: Unit, existing: &Patent, incoming: &Patent) -> Option<Ordering> {
    if unit.is_of_document() {
        by_stage(existing, incoming)
    } else {
        None
    }
}

fn by_stage(existing: &Patent, incoming: &Patent) -> Option<Ordering> {
    match (existing.stage, incoming.stage) {
        (Stage::Published, Stage::Granted) => Some(Ordering::Greater),
        (Stage::Granted, Stage::Published) => Some(Ordering::Less),
        _ => None,
    }
}

/// Rules 4 and 5: is the source newer than what is here?
pub fn age(have: Option<&Source>, source: &Source, repeated: bool) -> Ordering {
    let Some(have) = have else {
        return if repeated {
            Ordering::Equal
        } else {
            Ordering::Greater
        };
    };
    let mends = !repeated
        && !have.stated
        && !source.stated
        && have.by == By::Import
        && (have.party == source.party || source.party.is_none());
    match source.day.cmp(&have.day) {
        Ordering::Equal if mends => Ordering::Greater,
        other => other,
    }
}

/// A status moves with its day and its words. Unknown never replaces known; a day of its own goes before the source's.
fn status_verdict(
    existing: &Patent,
    incoming: &Patent,
    have: Option<&Source>,
    source: &Source,
    repeated: bool,
) -> Verdict {
    let said = Unit::Status.compare(existing, incoming);
    if said == Said::Nothing {
        return Verdict::Keep;
    }
    if have.is_some_and(|have| have.by == By::Correction) {
        return match said {
            Said::Other => Verdict::Conflict(Because::Corrected),
            _ => Verdict::Keep,
        };
    }
    let known = |patent: &Patent| patent.legal_status != LegalStatus::Unknown;
    let says = known(existing) || existing.status_text.is_some();
    if !says {
        return Verdict::Take;
    }
    let order = match (existing.status_as_of, incoming.status_as_of) {
        (Some(have), Some(new)) if new != have => Some(new.cmp(&have)),
        (Some(_), Some(_)) => by_stage(existing, incoming).or(Some(Ordering::Equal)),
        (Some(_), None) => None,
        (None, Some(_)) => Some(Ordering::Greater),
        // Without days of their own: a grant's row knows more than that of its publication.
        (None, None) => by_stage(existing, incoming).or(Some(age(have, source, repeated))),
    };
    match (known(existing), known(incoming)) {
        (true, false) => return Verdict::Keep,
        (false, true) => {
            return match order {
                Some(Ordering::Less) | None => Verdict::Keep,
                Some(_) => Verdict::Take,
            };
        }
        _ => {}
    }
    let same = existing.legal_status == incoming.legal_status && said != Said::Other;
    match order {
        Some(Ordering::Greater) => Verdict::Take,
        Some(Ordering::Less) => Verdict::Keep,
        _ if same || !known(existing) => Verdict::Keep,
        Some(Ordering::Equal) => Verdict::Conflict(Because::SameDay),
        // Only a newer file can doubt a dated status without a day of its own.
        None if have.is_some_and(|have| have.day < source.day) => {
            Verdict::Conflict(Because::Undated)
        }
        None => Verdict::Keep,
    }
}
