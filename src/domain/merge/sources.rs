//! Where each unit of a record comes from: one compact document a record, with the cells as they stood in the file where
//! the record does not say the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Flaw, Unit};
use crate::domain::{id::Id, intake::Column, time::Day, words::words};

words! {
    /// How a value came in.
    #[derive(Default)]
    pub enum By {
        /// From a file.
        #[default]
        Import = "import", "导入", "Import";
        /// By hand, against what files say, with a reason.
        Correction = "correction", "人工更正", "Correction";
        /// A dated finding with its document.
        Finding = "finding", "凭材料登记", "Finding";
    }
}

/// One source. Keys are short, because every record has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The day for which it speaks.
    #[serde(rename = "d")]
    pub day: Day,
    #[serde(rename = "b", default, skip_serializing_if = "is_import")]
    pub by: By,
    /// The import that brought it.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Id>,
    /// The organisation for which it was brought; `None`: the office.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub party: Option<Id>,
    /// Somebody named the day; else it is the day on which it came in.
    #[serde(rename = "s", default, skip_serializing_if = "std::ops::Not::not")]
    pub stated: bool,
    /// Who corrected it, and why.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the files say beneath a correction.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Box<Under>>,
}

/// A value with its source, beneath a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Under {
    #[serde(rename = "v")]
    pub value: Value,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_import(by: &By) -> bool {
    *by == By::Import
}

/// The sources of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// Of every unit that has none of its own; `None` for what came in before sources were kept.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    all: Option<Source>,
    #[serde(rename = "u", default, skip_serializing_if = "BTreeMap::is_empty")]
    units: BTreeMap<Unit, Source>,
    /// Cells as they stood in the file, where the record does not say the same.
    #[serde(rename = "r", default, skip_serializing_if = "BTreeMap::is_empty")]
    raw: BTreeMap<Column, String>,
}

impl Sources {
    /// Of a record that one source has brought as a whole.
    pub fn of_one(source: Source) -> Self {
        Self {
            all: Some(source),
            ..Self::default()
        }
    }

    pub fn of(&self, unit: Unit) -> Option<&Source> {
        self.units.get(&unit).or(self.all.as_ref())
    }

    pub fn is_corrected(&self, unit: Unit) -> bool {
        self.of(unit)
            .is_some_and(|source| source.by == By::Correction)
    }

    pub fn set(&mut self, unit: Unit, source: Source) {
        if self.all.as_ref() == Some(&source) {
            self.units.remove(&unit);
        } else {
            self.units.insert(unit, source);
        }
    }

    /// Nothing is known of where it comes from.
    pub fn forget(&mut self, unit: Unit) {
        self.units.remove(&unit);
    }

    /// One source that all units have by now is written once.
    pub fn tidy(&mut self, units: &[Unit]) {
        let Some(first) = units.first().and_then(|unit| self.of(*unit)).cloned() else {
            return;
        };
        if first.by != By::Correction && units.iter().all(|unit| self.of(*unit) == Some(&first)) {
            self.all = Some(first);
            self.units.retain(|unit, _| !units.contains(unit));
        }
    }

    /// What a newer file says beneath a correction.
    pub fn lay_under(&mut self, unit: Unit, value: Value, source: &Source) {
        let Some(correction) = self.units.get_mut(&unit) else {
            return;
        };
        let older = correction.under.as_ref().and_then(|u| u.source.as_ref());
        if older.is_none_or(|older| older.day <= source.day) {
            correction.under = Some(Box::new(Under {
                value,
                source: Some(source.clone()),
            }));
        }
    }

    /// What nobody could have entered, of a patent's sources or of a stock entry's.
    pub fn flaw(&self, of_patent: bool) -> Option<Flaw> {
        if self
            .all
            .as_ref()
            .is_some_and(|all| all.by == By::Correction)
        {
            return Some("are corrected as a whole");
        }
        let stray = |unit: &&Unit| unit.is_of_patent() != of_patent;
        if self.units.keys().any(|unit| stray(&unit)) {
            return Some("are of units that are not its own");
        }
        self.units.values().find_map(|source| {
            let corrected = source.by == By::Correction;
            if corrected != source.under.is_some() || corrected && source.actor.is_none() {
                return Some("are corrected by nobody, or over nothing");
            }
            // A stock entry is changed in its form, which asks for no reason.
            if source.reason.is_some() != (corrected && of_patent) {
                return Some("are corrected without a reason, or have one without a correction");
            }
            let beneath = source.under.as_ref()?.source.as_ref()?;
            let layered = beneath.under.is_some() || beneath.by == By::Correction;
            layered.then_some("lie beneath more than one correction")
        })
    }

    /// The imports that brought any of it.
    pub fn imports(&self) -> impl Iterator<Item = &Id> {
        let own = self.all.iter().chain(self.units.values());
        own.flat_map(|source| {
            let beneath = source
                .under
                .as_ref()
                .and_then(|under| under.source.as_ref());
            [Some(source), beneath].into_iter().flatten()
        })
        .filter_map(|source| source.import.as_ref())
    }

    /// The cell as it stood in the file, where the record does not say the same.
    pub fn raw(&self) -> impl Iterator<Item = (Column, &str)> {
        self.raw
            .iter()
            .map(|(column, text)| (*column, text.as_str()))
    }

    /// Keeps the cells of a unit's columns as they stood, in the place of those before.
    pub fn keep_raw(&mut self, unit: Unit, cells: &[(Column, String)]) {
        self.raw
            .retain(|column, _| Unit::of_column(*column) != Some(unit));
        let own = cells
            .iter()
            .filter(|(c, _)| Unit::of_column(*c) == Some(unit));
        self.raw.extend(own.cloned());
    }

    /// Keeps the cells of a record that is new, as they stood.
    pub fn keep_all_raw(&mut self, cells: &[(Column, String)]) {
        self.raw = cells.iter().cloned().collect();
    }
}
