//! The sub-units of an organisation (二级单位: colleges, departments, branches). A holding names its unit in the words of
//! whoever wrote it; where the organisation keeps a list, a code, a name and a former name all become the one name, so
//! that a college is counted and reviewed as one. A unit that is closed keeps its patents and gets no new ones by hand.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    dictionary::Dictionaries,
    event::{canonical_json, sha256_hex},
    id::Id,
    inventory::{Funding, Inventory, InventoryPatch},
    need::Flaw,
    party::{Contact, name_key},
    review::Duty,
    text::Text,
};

/// Units of one organisation, former names of one unit, and characters of a code and of a name, at most.
const UNITS: usize = 500;
const ALIASES: usize = 20;
const CODE_CHARS: usize = 20;
pub const NAME_CHARS: usize = 100;

/// With which the stock records of a unit begin: each fills only what says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordDefaults {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding: Option<Funding>,
    /// Codes of the dictionary `ways`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<String>,
    /// A code of the dictionary `maturity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maturity: Option<String>,
    /// A code of the dictionary `grade`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// Whom to turn to in this unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

impl RecordDefaults {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What they make of a record: only what says nothing is filled.
    pub fn patch(&self, record: &Inventory) -> InventoryPatch {
        let all = InventoryPatch {
            funding: self.funding.clone().map(Some),
            ways: Some(self.ways.clone()).filter(|ways| !ways.is_empty()),
            maturity: self.maturity.clone().map(Some),
            grade: self.grade.clone().map(Some),
            contact: self.contact.clone().map(Some),
            ..InventoryPatch::default()
        };
        all.where_empty(record)
    }
}

/// One college or department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubUnit {
    /// The organisation's own code of it, by which it is known: letters, digits and hyphens, never changed.
    #[schema(example = "012")]
    pub code: String,
    #[schema(example = "海洋学院")]
    pub name: String,
    /// Former and other names; a file that writes one of them means this unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Closed: it keeps what it has, and nobody puts a patent or a reviewer there any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    #[serde(default, skip_serializing_if = "RecordDefaults::is_empty")]
    pub defaults: RecordDefaults,
}

impl SubUnit {
    /// Everything by which a file may call it.
    fn called(&self) -> impl Iterator<Item = &String> {
        [&self.code, &self.name].into_iter().chain(&self.aliases)
    }
}

/// The units of one organisation, in its own order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubUnits {
    pub units: Vec<SubUnit>,
}

impl SubUnits {
    /// The unit that a text means: its code, its name or a former one as a whole.
    pub fn find(&self, text: &str) -> Option<&SubUnit> {
        // Most holdings write the name itself: nothing need be folded for them.
        if let Some(unit) = self.units.iter().find(|unit| unit.name == text) {
            return Some(unit);
        }
        let wanted = name_key(text);
        let mut units = self.units.iter();
        units.find(|unit| unit.called().any(|called| name_key(called) == wanted))
    }

    /// How a unit is written: the name of the unit that is meant; what means none stays as it was.
    pub fn written(&self, text: &str) -> String {
        let text = text.trim();
        self.find(text)
            .map_or_else(|| text.to_owned(), |unit| unit.name.clone())
    }

    /// With which the records of a unit begin.
    pub fn defaults_of(&self, unit: Option<&str>) -> Option<&RecordDefaults> {
        let unit = self.find(unit?)?;
        (!unit.defaults.is_empty()).then_some(&unit.defaults)
    }

    /// A duty with its units as they are written here.
    #[must_use]
    pub fn duty(&self, duty: Duty) -> Duty {
        let Duty::UnitReviewer { units } = duty else {
            return duty;
        };
        let mut kept: Vec<String> = Vec::with_capacity(units.len());
        for unit in units.iter().map(|unit| self.written(unit)) {
            if !kept.contains(&unit) {
                kept.push(unit);
            }
        }
        Duty::UnitReviewer { units: kept }
    }

    /// The same with blanks trimmed away.
    #[must_use]
    pub fn tidy(self) -> Self {
        let tidy = |unit: SubUnit| SubUnit {
            code: unit.code.trim().to_owned(),
            name: unit.name.trim().to_owned(),
            aliases: unit
                .aliases
                .iter()
                .map(|alias| alias.trim().to_owned())
                .collect(),
            ..unit
        };
        Self {
            units: self.units.into_iter().map(tidy).collect(),
        }
    }

    /// What is wrong with it as the successor of `before`: the place, a code, the words.
    pub fn flaw_after(
        &self,
        before: &Self,
        organisation: &Id,
        dictionaries: &Dictionaries,
    ) -> Option<(String, &'static str, Text)> {
        if self.units.len() > UNITS {
            let text = Text::new(
                format!("最多 {UNITS} 个。"),
                format!("At most {UNITS} units."),
            );
            return Some(("/units".into(), "tooMany", text));
        }
        let mut taken: HashMap<String, usize> = HashMap::new();
        for (place, unit) in self.units.iter().enumerate() {
            if let Some((field, code, text)) = unit.flaw() {
                return Some((format!("/units/{place}/{field}"), code, text));
            }
            for called in unit.called() {
                let other = taken.insert(name_key(called), place);
                if other.is_some_and(|other| other != place) {
                    let text = Text::new(
                        format!("“{called}”也是另一个二级单位的代码、名称或曾用名。"),
                        format!("{called:?} is the code or a name of another unit too."),
                    );
                    return Some((format!("/units/{place}/name"), "calledTwice", text));
                }
            }
            let was = before.units.iter().find(|was| was.code == unit.code);
            let was = was.map(|was| &was.defaults).cloned().unwrap_or_default();
            if let Some(flaw) = unit.defaults.flaw(&was, organisation, dictionaries) {
                let pointer = format!("/units/{place}/defaults{}", flaw.pointer);
                return Some((pointer, flaw.code, flaw.text));
            }
        }
        let kept = |was: &SubUnit| self.units.iter().any(|unit| unit.code == was.code);
        let lost = before.units.iter().find(|was| !kept(was))?;
        let text = Text::new(
            format!("“{}”可能已被专利采用，不能删除，请改为停用。", lost.name),
            format!("Patents may name {:?}; close it instead.", lost.name),
        );
        Some(("/units".into(), "unitRemoved", text))
    }

    /// SHA-256 of the canonical document.
    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

impl SubUnit {
    fn flaw(&self) -> Option<(&'static str, &'static str, Text)> {
        let sign = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !(1..=CODE_CHARS).contains(&self.code.len()) || !self.code.chars().all(sign) {
            let text = Text::new(
                format!("代码为 1 至 {CODE_CHARS} 个字母、数字或连字符。"),
                format!("A code is 1 to {CODE_CHARS} letters, digits or hyphens."),
            );
            return Some(("code", "codeInvalid", text));
        }
        let fits = |name: &String| {
            (1..=NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control)
        };
        let names = Text::new(
            format!("名称为 1 至 {NAME_CHARS} 字，一行。"),
            format!("A name has 1 to {NAME_CHARS} characters in one line."),
        );
        if !fits(&self.name) {
            return Some(("name", "textLength", names));
        }
        if self.aliases.len() > ALIASES {
            let text = Text::new(
                format!("曾用名最多 {ALIASES} 个。"),
                format!("At most {ALIASES} former names."),
            );
            return Some(("aliases", "tooMany", text));
        }
        (!self.aliases.iter().all(fits)).then_some(("aliases", "textLength", names))
    }
}

impl RecordDefaults {
    /// They are held to what a record is held to.
    fn flaw(&self, before: &Self, organisation: &Id, dictionaries: &Dictionaries) -> Option<Flaw> {
        let id = organisation.clone();
        let blank = Inventory::blank(id.clone(), id.clone(), id);
        let record = |defaults: &Self| blank.edited(defaults.patch(&blank));
        let flaws = record(self).flaws(&record(before), dictionaries);
        flaws.into_iter().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        dictionary::{Dictionary, Topic},
        id::Ids,
        time::Instant,
    };

    fn unit(code: &str, name: &str, aliases: &[&str]) -> SubUnit {
        SubUnit {
            code: code.into(),
            name: name.into(),
            aliases: aliases.iter().map(|alias| (*alias).into()).collect(),
            closed: false,
            defaults: RecordDefaults::default(),
        }
    }

    fn units() -> SubUnits {
        SubUnits {
            units: vec![
                unit("012", "海洋学院", &["海洋工程学院", "Ocean College"]),
                unit("013", "化学学院", &[]),
            ],
        }
    }

    fn flaw(next: &SubUnits, before: &SubUnits) -> Option<(String, &'static str)> {
        let all = Dictionaries(Topic::ALL.map(Dictionary::beginning).into());
        let id = Ids::seeded(1).next(Instant::from_micros(0));
        let flaw = next.flaw_after(before, &id, &all);
        flaw.map(|(pointer, code, _)| (pointer, code))
    }

    #[test]
    fn code_name_and_former_name_become_one_name() {
        let units = units();
        for text in ["012", "海洋学院", " 海洋工程学院 ", "ｏｃｅａｎ college"] {
            assert_eq!(units.written(text), "海洋学院", "{text}");
        }
        assert_eq!(
            units.written("海洋"),
            "海洋",
            "a part of a name means nothing"
        );
        let duty = units.duty(Duty::UnitReviewer {
            units: vec!["海洋工程学院".into(), "海洋学院".into(), "艺术学院".into()],
        });
        let kept = vec!["海洋学院".to_owned(), "艺术学院".to_owned()];
        assert_eq!(duty, Duty::UnitReviewer { units: kept });
    }

    #[test]
    fn a_unit_is_renamed_or_closed_and_never_removed() {
        let before = units();
        let mut next = before.clone();
        next.units[1].name = "化学与材料学院".into();
        next.units[1].aliases.push("化学学院".into());
        next.units[0].closed = true;
        assert_eq!(flaw(&next, &before), None);
        next.units.remove(0);
        assert_eq!(flaw(&next, &before), Some(("/units".into(), "unitRemoved")));
    }

    #[test]
    fn no_two_units_are_called_alike() {
        let mut next = units();
        next.units[1].aliases.push("海洋工程 学院".into());
        let told = Some(("/units/1/name".into(), "calledTwice"));
        assert_eq!(flaw(&next, &units()), told);
    }

    #[test]
    fn defaults_are_held_to_what_a_record_is_held_to() {
        let mut next = units();
        next.units[1].defaults.maturity = Some("pilot".into());
        assert_eq!(flaw(&next, &units()), None);
        next.units[1].defaults.maturity = Some("sometime".into());
        let told = Some(("/units/1/defaults/maturity".into(), "notInDictionary"));
        assert_eq!(flaw(&next, &units()), told);
    }
}
