//! Conflicts that rows of a batch raise, and those that they settle.

use super::{Batch, Weighed};
use crate::domain::{
    codes::AppNo,
    id::Id,
    merge::{self, Because, Conflict, ConflictState, Unit},
    register::Counts,
};

impl Batch<'_> {
    /// Who decides over a patent's values: its first confirmed holder, the first patentee before others.
    pub(super) fn owner_of(&self, number: &AppNo) -> Option<Id> {
        let held = self.holders.get(number).into_iter().flatten();
        let held = held.filter_map(|owner| self.holdings.get(&(owner.clone(), number.clone())));
        let confirmed = held.filter(|entry| entry.now.state.is_confirmed());
        confirmed
            .min_by_key(|entry| (!entry.now.first_patentee, entry.now.id.clone()))
            .map(|entry| entry.now.organisation.clone())
    }

    /// Makes a conflict, unless the same was weighed before; one a unit is open.
    #[expect(clippy::too_many_arguments, reason = "what a conflict is made of")]
    pub(super) fn raise(
        &mut self,
        number: &AppNo,
        organisation: Option<Id>,
        holding: Option<Id>,
        (unit, because): (Unit, Because),
        (ours, theirs): (merge::Side, merge::Side),
        new_id: &impl Fn() -> Id,
        counts: &mut Counts,
    ) {
        let known = self.conflicts.entry(number.clone()).or_default();
        let holder = holding.as_ref();
        let weighed = known.iter().any(|known| {
            let value = &theirs.value;
            known.now.covers(unit, holder, value, theirs.day)
        });
        if weighed || ours.value == theirs.value {
            return;
        }
        self.supersede(number, holder, unit);
        let today = self.today;
        let known = self.conflicts.entry(number.clone()).or_default();
        known.push(Weighed {
            version: 0,
            before: None,
            now: Conflict {
                id: new_id(),
                number: number.clone(),
                organisation,
                holding,
                unit,
                because,
                ours,
                theirs,
                state: ConflictState::Open,
                raised_on: today,
                settled_on: None,
                note: None,
            },
        });
        counts.conflicts += 1;
    }

    /// What was open is settled by what the newer row says.
    pub(super) fn supersede(&mut self, number: &AppNo, holding: Option<&Id>, unit: Unit) {
        let today = self.today;
        for known in self.conflicts.get_mut(number).into_iter().flatten() {
            let open = known.now.state == ConflictState::Open;
            if open && known.now.unit == unit && known.now.holding.as_ref() == holding {
                known.now = known.now.settled(ConflictState::Superseded, today, None);
            }
        }
    }
}
