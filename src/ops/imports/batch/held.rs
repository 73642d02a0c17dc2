//! The importer's own holding of a row's patent: its use and department, and whether it is shown.

use super::{Batch, Entry};
use crate::{
    domain::{
        holding::{Conversion, Holding},
        id::Id,
        intake::Intake,
        merge::{self, Because, By, Said, Source, Unit, Verdict},
        register::Counts,
    },
    ops::provenance::side_of,
};

impl Batch<'_> {
    /// The importing organisation's holding of the row's patent; `true` when it is new or changed.
    pub(super) fn hold(
        &mut self,
        row: &Intake,
        source: &Source,
        repeated: bool,
        new_id: &impl Fn() -> Id,
        counts: &mut Counts,
    ) -> bool {
        let Some(organisation) = self.organisation else {
            return false;
        };
        let patent = &self.patents[&row.patent.number].now;
        let key = (organisation.id.clone(), patent.number.clone());
        let mut is_new = false;
        let entry = self.holdings.entry(key).or_insert_with(|| {
            is_new = true;
            let holding = Holding::of(new_id(), organisation, patent);
            counts.held += 1;
            counts.claimed += i64::from(!holding.state.is_confirmed());
            Entry {
                version: 0,
                before: None,
                now: holding,
            }
        });
        let before = (!is_new).then(|| entry.now.clone());
        entry.now.recheck(organisation, patent);
        let (kept, subject) = (entry.now.clone(), entry.now.id.to_string());
        self.use_of(row, source, repeated, &kept, &subject, new_id, counts);
        let now = &self.holdings[&(organisation.id.clone(), row.patent.number.clone())].now;
        before.as_ref() != Some(now)
    }

    /// How the importer writes this unit.
    fn written(&mut self, unit: &str) -> String {
        if let Some(known) = self.written.get(unit) {
            return known.clone();
        }
        let written = self.units.written(unit);
        self.written.insert(unit.to_owned(), written.clone());
        written
    }

    /// What the row says of the holder's own use and department, against what is known of the holding.
    #[expect(clippy::too_many_arguments, reason = "one row against one holding")]
    fn use_of(
        &mut self,
        row: &Intake,
        source: &Source,
        repeated: bool,
        kept: &Holding,
        subject: &str,
        new_id: &impl Fn() -> Id,
        counts: &mut Counts,
    ) {
        let unit = row.unit.as_ref().map(|unit| self.written(unit));
        let said = said_of_use(row.conversion, unit.as_ref(), kept);
        if said.iter().all(|(_, said, _)| *said == Said::Nothing) {
            return;
        }
        let mut of = self
            .sources
            .get(subject)
            .map(|(_, now)| now.clone())
            .unwrap_or_default();
        let mut next = kept.clone();
        for (unit, said, says) in said {
            let have = of.of(unit);
            match merge::verdict(said, have, source, repeated, None) {
                Verdict::Keep => {}
                Verdict::Confirm if said == Said::Same => {
                    if have.is_none_or(|have| have.day < source.day && have.by != By::Correction) {
                        of.set(unit, source.clone());
                    }
                }
                Verdict::Confirm | Verdict::Take => {
                    let value = unit.value_of_holding(&says);
                    next = unit.put_holding(&next, &value).unwrap_or(next);
                    of.set(unit, source.clone());
                    of.keep_raw(unit, &row.raw);
                    self.supersede(&kept.number, Some(&kept.id), unit);
                }
                Verdict::Conflict(because) => {
                    let ours = side_of(unit.value_of_holding(kept), have);
                    let theirs = side_of(unit.value_of_holding(&says), Some(source));
                    if because == Because::Corrected {
                        of.lay_under(unit, theirs.value.clone(), source);
                    }
                    let owner = Some(kept.organisation.clone());
                    let (clash, sides) = ((unit, because), (ours, theirs));
                    let holding = Some(kept.id.clone());
                    self.raise(&kept.number, owner, holding, clash, sides, new_id, counts);
                }
            }
        }
        self.note(subject, of);
        let key = (kept.organisation.clone(), kept.number.clone());
        if let Some(entry) = self.holdings.get_mut(&key) {
            entry.now = next;
        }
    }

    /// What has just been confirmed stays unpublished where its holder publishes after review.
    pub(super) fn hold_back(&mut self) {
        for entry in self.holdings.values_mut() {
            let was_shown = entry.before.as_ref().is_some_and(|h| h.published);
            if !was_shown
                && self.reviewing.contains(&entry.now.organisation)
                && !self.registered.contains(&entry.now.id)
            {
                entry.now.published = false;
            }
        }
    }
}

/// What a row says of the use and the department of a holding, and the holding as the row has it.
fn said_of_use(
    conversion: Option<Conversion>,
    department: Option<&String>,
    kept: &Holding,
) -> [(Unit, Said, Holding); 2] {
    let used = match (conversion, kept.conversion) {
        (Some(said), known) if said == known => Said::Same,
        // "Converted, but it does not say how" contradicts nothing except "unused".
        (Some(Conversion::Unknown), Conversion::Unused) => Said::Other,
        (None | Some(Conversion::Unknown), _) => Said::Nothing,
        (Some(_), Conversion::Unknown) => Said::More,
        _ => Said::Other,
    };
    let unit = match (department, &kept.unit) {
        (None, _) => Said::Nothing,
        (Some(_), None) => Said::More,
        (Some(said), Some(known)) if said == known => Said::Same,
        _ => Said::Other,
    };
    let says = |change: &dyn Fn(&mut Holding)| {
        let mut says = kept.clone();
        change(&mut says);
        says
    };
    [
        (
            Unit::Conversion,
            used,
            says(&|h| h.conversion = conversion.unwrap_or(h.conversion)),
        ),
        (
            Unit::Department,
            unit,
            says(&|h| h.unit = department.cloned()),
        ),
    ]
}
