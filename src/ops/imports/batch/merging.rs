//! A known patent after a row of it: what the row's source may replace, and whom it may not write away.

use super::Batch;
use crate::{
    domain::{
        codes::AppNo,
        id::Id,
        intake::Intake,
        merge::{self, Because, Source, Unit},
        party::Organisation,
        patent::Patent,
        register::Counts,
    },
    ops::provenance::{side, side_of},
};

impl Batch<'_> {
    /// A known patent after a row of it; `true` when its record has changed.
    pub(super) fn merge(
        &mut self,
        row: &Intake,
        source: &Source,
        repeated: bool,
        new_id: &impl Fn() -> Id,
        counts: &mut Counts,
    ) -> bool {
        let number = &row.patent.number;
        let known = self.patents[number].now.clone();
        let before = self
            .sources
            .get(number.as_str())
            .map(|(_, now)| now.clone());
        let before = before.unwrap_or_default();
        let mut merged = merge::merge(&known, &before, &row.patent, source, repeated);
        if let Some(robbed) = self.keep_patentees(&known, &mut merged.patent) {
            for unit in [Unit::Owners, Unit::Applicants] {
                merged.taken.retain(|taken| *taken != unit);
                match before.of(unit) {
                    Some(kept) => merged.sources.set(unit, kept.clone()),
                    None => merged.sources.forget(unit),
                }
            }
            let unit = if row.patent.owners.is_empty() {
                Unit::Applicants
            } else {
                Unit::Owners
            };
            let ours = side(unit, &known, before.of(unit));
            let theirs = side_of(unit.value(&row.patent), Some(source));
            let clash = (unit, Because::Patentees);
            self.raise(
                number,
                Some(robbed),
                None,
                clash,
                (ours, theirs),
                new_id,
                counts,
            );
        }
        for clash in merged.clashes {
            let ours = side(clash.unit, &known, before.of(clash.unit));
            let theirs = side_of(clash.unit.value(&row.patent), Some(source));
            let owner = self.owner_of(number);
            let clash = (clash.unit, clash.because);
            self.raise(number, owner, None, clash, (ours, theirs), new_id, counts);
        }
        for unit in &merged.taken {
            merged.sources.keep_raw(*unit, &row.raw);
            self.supersede(number, None, *unit);
        }
        let said = Unit::OF_PATENT.into_iter();
        let said: Vec<Unit> = said.filter(|unit| !unit.is_empty(&merged.patent)).collect();
        merged.sources.tidy(&said);
        self.note(number.as_str(), merged.sources);
        let changed = merged.patent != known;
        if changed && let Some(entry) = self.patents.get_mut(number) {
            entry.now = merged.patent;
        }
        changed
    }

    /// An organisation's own import takes no patent away from another: where a confirmed holder would no longer be
    /// named, owners and applicants stay as they were and an officer decides from documents (the importer's
    /// holding is then claimed only). A file imported for nobody, by an officer, may record a transfer.
    ///
    /// Returns the holder that would have been written away.
    fn keep_patentees(&self, known: &Patent, next: &mut Patent) -> Option<Id> {
        let importer = self.organisation?;
        let unnamed = |patent: &Patent, party: &Organisation| {
            !patent.patentees().iter().any(|name| party.is_named(name))
        };
        let robbed = self
            .holders
            .get(&known.number)
            .into_iter()
            .flatten()
            .find(|owner| {
                **owner != importer.id
                    && self.holdings[&((*owner).clone(), known.number.clone())]
                        .now
                        .state
                        .is_confirmed()
                    && self
                        .parties
                        .get(*owner)
                        .is_some_and(|party| unnamed(next, party) && !unnamed(known, party))
            });
        let robbed = robbed?.clone();
        next.owners.clone_from(&known.owners);
        next.applicants.clone_from(&known.applicants);
        Some(robbed)
    }

    /// New owners may confirm or unconfirm the holdings of other organisations.
    pub(super) fn recheck_others(&mut self, number: &AppNo) {
        let patent = &self.patents[number].now;
        for owner in self.holders.get(number).into_iter().flatten() {
            if let (Some(party), Some(entry)) = (
                self.parties.get(owner),
                self.holdings.get_mut(&(owner.clone(), number.clone())),
            ) {
                entry.now.recheck(party, patent);
            }
        }
    }
}
