//! Units and figures: which declarations and licences a target counts on a day, and what they come to, whole and in
//! parts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::{Concern, Forecast, Metric, Outlook, Part, Side, Target, concerns, forecast};
use crate::domain::{
    codes::AppNo,
    declaration::Declaration,
    file::FileRef,
    id::Id,
    licence::{Evidence, Licence, LicenceState},
    party::{Organisation, name_key},
    patent::PatentKind,
    performance::Performance,
    time::Day,
};

/// Everything that is known at a moment and bears on the count.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub declarations: Vec<Declaration>,
    pub licences: Vec<Licence>,
    pub seats: HashMap<Id, Seat>,
    /// How licences are carried out, by the licence.
    pub performances: HashMap<Id, Performance>,
    /// Names of organisations, registered ones and former ones, folded for comparison.
    pub names: HashMap<Id, Vec<String>>,
}

impl Known {
    /// Where an organisation is counted, and what it is called.
    pub fn register(&mut self, party: &Organisation) {
        self.seats.insert(party.id.clone(), Seat::from(party));
        let names = std::iter::once(&party.name).chain(&party.aliases);
        let names = names.map(|name| name_key(name)).collect();
        self.names.insert(party.id.clone(), names);
    }

    /// Do two organisations share a registered name? A sign that they belong together, and no more than that.
    fn share_a_name(&self, one: &Id, other: &Id) -> bool {
        let names = (self.names.get(one), self.names.get(other));
        matches!(names, (Some(ours), Some(theirs)) if one != other && ours.iter().any(|name| theirs.contains(name)))
    }
}

/// Where an organisation is counted: its district, and its town or street within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// GB/T 2260, six digits.
    pub district: String,
    /// Nine digits.
    pub town: Option<String>,
}

impl From<&Organisation> for Seat {
    fn from(organisation: &Organisation) -> Self {
        Self {
            district: organisation.district.clone(),
            town: organisation.town.clone(),
        }
    }
}

/// One counted unit, with what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is asked of a unit")]
pub struct Unit {
    pub number: AppNo,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: PatentKind,
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
    /// Of the side whose district decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "371002001")]
    pub town: Option<String>,
    pub recorded_late: bool,
    /// A foreign, Hong Kong, Macao or Taiwan licensee.
    pub cross_border: bool,
    /// Told in confidence, and shown as a number alone.
    #[serde(skip)]
    pub related: bool,
    #[serde(skip)]
    pub never_worked: bool,
    /// The announcements of the declaration.
    pub sources: Vec<FileRef>,
    /// The licence's own.
    pub evidence: Vec<Evidence>,
}

/// One figure: the number of its units, and parts of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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

/// The figures, whole and in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub all: Figures,
    /// By each kind of part, then by its key (see [`Part::key`]).
    pub parts: BTreeMap<Part, BTreeMap<String, Figures>>,
}

/// Counts everything for a target on a day.
pub fn count(known: &Known, target: &Target, as_of: Day) -> Count {
    let mut count = Count::default();
    let ledger = Ledger::new(known, target, as_of);
    for metric in Metric::ALL {
        for unit in ledger.units(metric) {
            count.all.of_mut(metric).add(&unit);
            for part in Part::ALL {
                let split = count.parts.entry(part).or_default();
                let figures = split.entry(part.key(&unit)).or_default();
                figures.of_mut(metric).add(&unit);
            }
        }
    }
    count
}

/// A count with what there is to ask about the target's own figure, and where that leads.
#[derive(Clone, Debug, PartialEq)]
pub struct Reckoning {
    pub count: Count,
    pub concerns: Vec<(Concern, usize)>,
    pub forecast: Forecast,
}

/// Counts everything for a target on a day, and looks at the units of its own figure once.
pub fn reckon(known: &Known, target: &Target, as_of: Day) -> Reckoning {
    let count = count(known, target, as_of);
    let own = units(known, target, as_of, target.metric);
    let days: Vec<Day> = own.iter().map(|unit| unit.on).collect();
    let outlook = Outlook {
        days: &days,
        offers: count.all.m2.total,
        declared: count.all.m1.total,
        from: target.from,
        to: target.to,
        target: target.value,
        as_of,
    };
    Reckoning {
        concerns: concerns(&own, as_of),
        forecast: forecast(&outlook),
        count,
    }
}

/// The units of one figure, by the day from which they count, then by number and licensee.
pub fn units(known: &Known, target: &Target, as_of: Day, metric: Metric) -> Vec<Unit> {
    Ledger::new(known, target, as_of).units(metric)
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
        let seat = self.known.seats.get(organisation);
        seat.is_some_and(|seat| seat.district == self.target.district)
    }

    /// A unit with the town of the side that it is counted for.
    fn unit(&self, side: Side, d: &Declaration, licence: Option<&Licence>, on: Day) -> Unit {
        let counted_for = match (side, licence) {
            (Side::Licensee, Some(licence)) => licence.licensee.organisation(),
            _ => Some(&d.organisation),
        };
        let seat = counted_for.and_then(|id| self.known.seats.get(id));
        let carried = licence.and_then(|licence| self.known.performances.get(&licence.id));
        let named = licence.is_some_and(|licence| {
            let licensee = licence.licensee.organisation();
            licensee.is_some_and(|id| self.known.share_a_name(&licence.holder, id))
        });
        Unit {
            town: seat.and_then(|seat| seat.town.clone()),
            related: named || carried.is_some_and(|carried| carried.is_related_on(self.as_of)),
            never_worked: carried.is_some_and(|carried| carried.is_never_worked_on(self.as_of)),
            ..unit_of(d, licence, on)
        }
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
            .map(|(d, on)| self.unit(Side::Patentee, d, None, on))
            .collect()
    }

    fn offered(&self) -> Vec<Unit> {
        self.declared()
            .filter(|(d, _)| d.is_offered_on(self.as_of))
            .map(|(d, on)| self.unit(Side::Patentee, d, None, on))
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
            .map(|(l, d, on)| self.unit(side, d, Some(l), on))
            .collect()
    }

    /// Every licence filed within the period, by the day of its filing.
    fn filed(&self) -> Vec<Unit> {
        let mut units: Vec<Unit> = self
            .effective(self.target.side)
            .filter_map(|(l, d, _)| Some((l, d, l.filing.as_ref()?.on)))
            .filter(|(_, _, on)| self.target.holds(*on, self.as_of))
            .map(|(l, d, on)| self.unit(self.target.side, d, Some(l), on))
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
        kind: declaration.number.kind(),
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
        town: None,
        recorded_late: licence.map_or(declaration.recorded_late, |l| l.recorded_late),
        cross_border: licence.is_some_and(|l| l.cross_border),
        related: false,
        never_worked: false,
        sources: declaration.sources.clone(),
        evidence: licence.map(|l| l.evidence.clone()).unwrap_or_default(),
    }
}
