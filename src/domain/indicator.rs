//! The count: what a district's open licences come to on a day, by what was known at a moment. The headline is M3,
//! distinct pairs of patent and licensee with a licence that took effect and is fully proved; M1 and M4 stand beside
//! it. Pilot listings, negotiated licences, drafts and submissions are never counted. A figure is nothing but the
//! number of its units, so that every one of them can be shown.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    codes::{AppNo, region},
    declaration::Declaration,
    event::{canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    licence::{Evidence, Licence, LicenceState},
    refusal::{Refusal, Refused},
    time::Day,
    words::words,
};

words! {
    /// What is counted.
    pub enum Metric {
        /// 声明公告件数: patents with an announced declaration
        M1 = "m1", "声明公告专利（件）", "Patents with an announced declaration";
        /// 有效声明件数: of M1, those offered on the day
        M2 = "m2", "有效声明专利（件）", "Patents on offer";
        /// 达成许可项数: pairs of patent and licensee
        M3 = "m3", "达成开放许可（项）", "Open licences taken";
        /// 达成许可专利件数
        M4 = "m4", "达成许可专利（件）", "Patents licensed";
        /// 备案
        M5 = "m5", "已备案许可（份）", "Licences filed";
        /// 受让侧: taken by organisations of the district, whoever owns the patent
        M6 = "m6", "本区企业取得许可（项）", "Licences taken by local enterprises";
    }
}

words! {
    /// Whose district decides.
    pub enum Side {
        /// 专利权人
        Patentee = "patentee", "专利权人", "Patentee";
        /// 被许可人
        Licensee = "licensee", "被许可人", "Licensee";
    }
}

/// What a district wants to reach, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    pub id: Id,
    #[schema(example = "环翠区专利开放许可")]
    pub name: String,
    pub metric: Metric,
    /// Units to reach.
    pub value: i64,
    /// First and last day that count.
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    #[schema(value_type = String, format = "date")]
    pub to: Day,
    /// GB/T 2260
    #[schema(example = "371002")]
    pub district: String,
    pub side: Side,
    /// The version of these rules by which it is counted.
    pub rule: String,
}

/// The version of the rules in this file.
pub const RULE: &str = "1";

impl Target {
    /// 环翠区: at least 50 by the end of 2026 (威环政字〔2024〕6号).
    pub fn huancui(id: Id) -> Self {
        Self {
            id,
            name: "环翠区专利开放许可".into(),
            metric: Metric::M3,
            value: 50,
            from: jiff::civil::date(2024, 1, 1),
            to: jiff::civil::date(2026, 12, 31),
            district: "371002".into(),
            side: Side::Patentee,
            rule: RULE.into(),
        }
    }

    pub fn check(&self) -> Result<(), Refused> {
        let name = self.name.trim().chars().count();
        let fault = if !(2..=100).contains(&name) || self.name.chars().any(char::is_control) {
            Refusal::new(
                "nameInvalid",
                "名称应为 2 至 100 字。",
                "A name has 2 to 100 characters.",
            )
            .at("/name")
        } else if !(1..=1_000_000).contains(&self.value) {
            Refusal::new(
                "valueInvalid",
                "目标值应为 1 至 1000000。",
                "The value is 1 to 1,000,000.",
            )
            .at("/value")
        } else if self.from > self.to {
            Refusal::new(
                "periodEmpty",
                "起始日晚于截止日。",
                "The first day is after the last.",
            )
            .at("/from")
        } else if !region::is_code(&self.district) {
            Refusal::new(
                "districtInvalid",
                "区划应为六位行政区划代码，例如 371002。",
                "A district is a six-digit GB/T 2260 code.",
            )
            .at("/district")
        } else {
            return Ok(());
        };
        Err(fault.into())
    }

    fn holds(&self, day: Day, as_of: Day) -> bool {
        self.from <= day && day <= self.to && day <= as_of
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

/// Everything that is known at a moment and bears on the count.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub declarations: Vec<Declaration>,
    pub licences: Vec<Licence>,
    /// Each organisation's district.
    pub districts: HashMap<Id, String>,
}

/// One counted unit, with what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unit {
    pub number: AppNo,
    pub title: String,
    pub holder: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licensee: Option<Id>,
    /// The day from which it counts.
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    pub declaration: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filing_number: Option<String>,
    /// Nothing is ever due under its terms.
    pub free: bool,
    /// The patentee disputes it; it counts, and is shown apart.
    pub disputed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    pub recorded_late: bool,
    /// The announcements of the declaration.
    pub sources: Vec<FileRef>,
    /// The licence's own.
    pub evidence: Vec<Evidence>,
}

/// One figure: the number of its units, and parts of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Figure {
    pub total: i64,
    /// 其中免费
    pub free: i64,
    /// 其中有异议
    pub disputed: i64,
}

impl Figure {
    fn add(&mut self, unit: &Unit) {
        self.total += 1;
        self.free += i64::from(unit.free);
        self.disputed += i64::from(unit.disputed);
    }
}

/// All six figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Figures {
    pub m1: Figure,
    pub m2: Figure,
    pub m3: Figure,
    pub m4: Figure,
    pub m5: Figure,
    pub m6: Figure,
}

impl Figures {
    pub const fn of(&self, metric: Metric) -> Figure {
        match metric {
            Metric::M1 => self.m1,
            Metric::M2 => self.m2,
            Metric::M3 => self.m3,
            Metric::M4 => self.m4,
            Metric::M5 => self.m5,
            Metric::M6 => self.m6,
        }
    }

    const fn of_mut(&mut self, metric: Metric) -> &mut Figure {
        match metric {
            Metric::M1 => &mut self.m1,
            Metric::M2 => &mut self.m2,
            Metric::M3 => &mut self.m3,
            Metric::M4 => &mut self.m4,
            Metric::M5 => &mut self.m5,
            Metric::M6 => &mut self.m6,
        }
    }
}

/// The figures, whole and by month, holder and industry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub all: Figures,
    /// By the month (`2026-03`) in which the units begin to count.
    pub months: BTreeMap<String, Figures>,
    pub holders: BTreeMap<Id, Figures>,
    /// By the section letter and division of GB/T 4754 (`C35`); units without one are under the empty text.
    pub industries: BTreeMap<String, Figures>,
}

/// Counts everything for a target on a day.
pub fn count(known: &Known, target: &Target, as_of: Day) -> Count {
    let mut count = Count::default();
    let ledger = Ledger::new(known, target, as_of);
    for metric in Metric::ALL {
        for unit in ledger.units(metric) {
            let month = unit.on.strftime("%Y-%m").to_string();
            let industry = division(unit.industry.as_deref().unwrap_or_default());
            count.all.of_mut(metric).add(&unit);
            count
                .months
                .entry(month)
                .or_default()
                .of_mut(metric)
                .add(&unit);
            count
                .holders
                .entry(unit.holder.clone())
                .or_default()
                .of_mut(metric)
                .add(&unit);
            count
                .industries
                .entry(industry)
                .or_default()
                .of_mut(metric)
                .add(&unit);
        }
    }
    count
}

/// The units of one figure, by the day from which they count, then by number and licensee.
pub fn units(known: &Known, target: &Target, as_of: Day, metric: Metric) -> Vec<Unit> {
    Ledger::new(known, target, as_of).units(metric)
}

/// The section and division of an industry code: `C3511` → `C35`.
pub fn division(code: &str) -> String {
    code.chars().take(3).collect()
}

/// The declarations and licences that a target looks at, in the order of their days.
struct Ledger<'a> {
    known: &'a Known,
    target: &'a Target,
    as_of: Day,
    by_id: HashMap<&'a Id, &'a Declaration>,
}

impl<'a> Ledger<'a> {
    fn new(known: &'a Known, target: &'a Target, as_of: Day) -> Self {
        Self {
            known,
            target,
            as_of,
            by_id: known.declarations.iter().map(|d| (&d.id, d)).collect(),
        }
    }

    fn is_local(&self, organisation: &Id) -> bool {
        self.known.districts.get(organisation) == Some(&self.target.district)
    }

    fn units(&self, metric: Metric) -> Vec<Unit> {
        match metric {
            Metric::M1 => first_per(self.announced(), |unit| unit.number.clone()),
            Metric::M2 => first_per(self.offered(), |unit| unit.number.clone()),
            Metric::M3 => first_per(self.taken(self.target.side), pair),
            Metric::M4 => first_per(self.taken(self.target.side), |unit| unit.number.clone()),
            Metric::M5 => self.filed(),
            Metric::M6 => first_per(self.taken(Side::Licensee), pair),
        }
    }

    fn declared(&self) -> impl Iterator<Item = (&'a Declaration, Day)> {
        self.known
            .declarations
            .iter()
            .filter(|d| {
                d.state.was_announced() && !d.sources.is_empty() && self.is_local(&d.organisation)
            })
            .filter_map(|d| Some((d, d.effective_on?)))
            .filter(|(_, on)| self.target.holds(*on, self.as_of))
    }

    fn announced(&self) -> Vec<Unit> {
        self.declared()
            .map(|(d, on)| unit_of(d, None, on))
            .collect()
    }

    fn offered(&self) -> Vec<Unit> {
        self.declared()
            .filter(|(d, _)| d.is_offered_on(self.as_of))
            .map(|(d, on)| unit_of(d, None, on))
            .collect()
    }

    /// Licences that took effect and are proved, with the side's organisation in the district.
    fn effective(&self, side: Side) -> impl Iterator<Item = (&'a Licence, &'a Declaration, Day)> {
        self.known
            .licences
            .iter()
            .filter(|l| l.state == LicenceState::Effective && l.missing_evidence().is_empty())
            .filter(move |l| match side {
                Side::Patentee => self.is_local(&l.holder),
                Side::Licensee => l
                    .licensee
                    .organisation()
                    .is_some_and(|id| self.is_local(id)),
            })
            .filter_map(|l| Some((l, *self.by_id.get(&l.declaration)?, l.effective_on?)))
            .filter(|(_, d, _)| !d.sources.is_empty())
    }

    fn taken(&self, side: Side) -> Vec<Unit> {
        self.effective(side)
            .filter(|(_, _, on)| self.target.holds(*on, self.as_of))
            .map(|(l, d, on)| unit_of(d, Some(l), on))
            .collect()
    }

    /// Every licence filed within the period, by the day of its filing.
    fn filed(&self) -> Vec<Unit> {
        let mut units: Vec<Unit> = self
            .effective(self.target.side)
            .filter_map(|(l, d, _)| Some((l, d, l.filing.as_ref()?.on)))
            .filter(|(_, _, on)| self.target.holds(*on, self.as_of))
            .map(|(l, d, on)| unit_of(d, Some(l), on))
            .collect();
        units.sort_by_key(order);
        units
    }
}

fn pair(unit: &Unit) -> (AppNo, Option<Id>) {
    (unit.number.clone(), unit.licensee.clone())
}

fn order(unit: &Unit) -> (Day, AppNo, Option<Id>, Id, Option<Id>) {
    let licence = unit.licence.clone();
    (
        unit.on,
        unit.number.clone(),
        unit.licensee.clone(),
        unit.declaration.clone(),
        licence,
    )
}

/// The earliest unit for each key: renewals and second declarations add nothing.
fn first_per<K: Ord>(mut units: Vec<Unit>, key: impl Fn(&Unit) -> K) -> Vec<Unit> {
    units.sort_by_key(order);
    let mut seen = BTreeSet::new();
    units.retain(|unit| seen.insert(key(unit)));
    units
}

fn unit_of(declaration: &Declaration, licence: Option<&Licence>, on: Day) -> Unit {
    Unit {
        number: declaration.number.clone(),
        title: declaration.title.clone(),
        holder: declaration.organisation.clone(),
        licensee: licence.map(|l| l.licensee.id().clone()),
        on,
        declaration: declaration.id.clone(),
        declaration_number: declaration.declaration_number.clone(),
        licence: licence.map(|l| l.id.clone()),
        filing_number: licence.and_then(|l| Some(l.filing.as_ref()?.number.clone())),
        free: licence.map_or(&declaration.terms, |l| &l.terms).is_free(),
        disputed: licence.is_some_and(Licence::is_disputed),
        industry: declaration.industry.clone(),
        recorded_late: licence.map_or(declaration.recorded_late, |l| l.recorded_late),
        sources: declaration.sources.clone(),
        evidence: licence.map(|l| l.evidence.clone()).unwrap_or_default(),
    }
}
