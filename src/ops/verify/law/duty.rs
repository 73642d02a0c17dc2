//! The continuing duty (审查指南第五部分第十一章 2.(2)): an announced declaration with a lasting block must be withdrawn,
//! one without has no such duty. Time alone may have passed since somebody last looked.

use std::collections::BTreeSet;

use super::{Held, hold};
use crate::domain::{
    declaration::Declaration,
    eligibility::Block,
    encumbrance::{Encumbrance, EncumbranceKind},
    patent::{LegalStatus, Patent},
    time::Day,
};

/// What surrounds a declaration.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    pub patent: &'a Patent,
    pub encumbrances: &'a [Encumbrance],
    /// The declaring organisation's holding is confirmed.
    pub confirmed: bool,
}

/// The lasting blocks on a day.
pub fn blocks(around: Around, day: Day) -> BTreeSet<Block> {
    let mut found = BTreeSet::new();
    let patent = around.patent;
    let by_status = match patent.legal_status {
        // Not known is a doubt, no block.
        LegalStatus::InForce | LegalStatus::Unknown => None,
        LegalStatus::Pending | LegalStatus::RejectedOrWithdrawn => Some(Block::NotGranted),
        LegalStatus::FeeGrace => Some(Block::FeeUnpaid),
        LegalStatus::LapsedRestorable
        | LegalStatus::TerminatedFee
        | LegalStatus::Expired
        | LegalStatus::Abandoned => Some(Block::Terminated),
        LegalStatus::Invalidated => Some(Block::Invalidated),
    };
    found.extend(by_status);
    if term_end(patent).is_some_and(|end| end <= day) {
        found.insert(Block::Terminated);
    }
    for e in around.encumbrances {
        let begun = e.from <= day;
        let over = e.until.is_some_and(|last| last < day)
            || e.released_on.is_some_and(|first| first <= day);
        if !begun || over {
            continue;
        }
        found.extend(match e.kind {
            EncumbranceKind::ExclusiveLicence | EncumbranceKind::SoleLicence => {
                Some(Block::ExclusiveLicence)
            }
            EncumbranceKind::Pledge if e.consent.is_none() => Some(Block::PledgeNoConsent),
            EncumbranceKind::Preservation | EncumbranceKind::Suspension => Some(Block::Suspended),
            EncumbranceKind::Other => Some(Block::Other),
            EncumbranceKind::Pledge | EncumbranceKind::OrdinaryLicence => None,
        });
    }
    if !around.confirmed {
        found.insert(Block::NotOwner);
    }
    found
}

/// The first day after the term.
pub fn term_end(patent: &Patent) -> Option<Day> {
    let filed = patent.filing_date?;
    let years = patent.kind.term_years(filed);
    filed.checked_add(jiff::Span::new().years(years)).ok()
}

/// A live declaration: on some day from the last look at it until today its blocks were those it names.
pub fn answered(d: &Declaration, around: Around, looked: Day, today: Day) -> Held {
    let last = today.max(looked).min(d.until);
    hold(
        looked <= last,
        "its period was over when it was last looked at",
    )?;
    let mut days = BTreeSet::from([looked]);
    days.extend(term_end(around.patent));
    for e in around.encumbrances {
        days.insert(e.from);
        days.extend(e.until.and_then(|until| until.tomorrow().ok()));
        days.extend(e.released_on);
    }
    let named: BTreeSet<Block> = d
        .must_withdraw
        .iter()
        .flat_map(|task| task.blocks.iter().copied())
        .collect();
    hold(
        d.must_withdraw.is_none() || !named.is_empty(),
        "must be withdrawn for no reason",
    )?;
    let mut days = days
        .into_iter()
        .filter(|day| looked <= *day && *day <= last);
    if days.any(|day| blocks(around, day) == named) {
        return Ok(());
    }
    let words = |blocks: BTreeSet<Block>| {
        let words: Vec<_> = blocks.into_iter().map(Block::as_str).collect();
        if words.is_empty() {
            "nothing".to_owned()
        } else {
            words.join(", ")
        }
    };
    Err(format!(
        "names {} as the reason to withdraw it, there is {}",
        words(named),
        words(blocks(around, looked))
    ))
}
