//! The count once more, slowly and by itself, from the definitions alone: which patents were declared, which pairs
//! of patent and licensee have a licence, which licences were filed. It shares no line with the count it checks.

use std::collections::BTreeMap;

use super::{history::Books, law::plain};
use crate::domain::{
    codes::AppNo,
    declaration::Declaration,
    id::Id,
    indicator::{Metric, Side, Target},
    licence::{Licence, LicenceState, Verdict},
    time::Day,
};

/// A counted unit. In the order of the day, the number, the licensee, the declaration, the licence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    pub on: Day,
    pub number: AppNo,
    pub licensee: Option<Id>,
    pub declaration: Id,
    pub licence: Option<Id>,
    pub holder: Id,
    pub industry: String,
    pub town: String,
    pub free: bool,
    pub disputed: bool,
}

impl Counted {
    /// As `line::unit_key` writes it.
    pub fn key(&self) -> String {
        let or_none = |id: &Option<Id>| id.as_ref().map_or_else(|| "-".into(), Id::to_string);
        format!(
            "{} {} {} {} {}",
            self.on,
            self.number,
            or_none(&self.licensee),
            self.declaration,
            or_none(&self.licence)
        )
    }
}

/// The units of a metric, in order.
pub fn units(books: &Books, target: &Target, as_of: Day, metric: Metric) -> Vec<Counted> {
    let town = |organisation: Option<&Id>| {
        let party = organisation.and_then(|id| books.organisations.get(id));
        party
            .and_then(|party| party.town.clone())
            .unwrap_or_default()
    };
    let in_period = |day: Day| target.from <= day && day <= target.to && day <= as_of;
    let mut all = Vec::new();
    if matches!(metric, Metric::M1 | Metric::M2) {
        for d in books.declarations.values() {
            let Some(on) = d.effective_on.filter(|on| in_period(*on)) else {
                continue;
            };
            let counts = plain::announced(d)
                && !d.sources.is_empty()
                && of_district(books, &d.organisation, target)
                && (metric == Metric::M1 || plain::offered(d, as_of));
            if counts {
                all.push(declared(d, on, town(Some(&d.organisation))));
            }
        }
    } else {
        let side = if metric == Metric::M6 {
            Side::Licensee
        } else {
            target.side
        };
        for l in books.licences.values() {
            let Some(d) = books.declarations.get(&l.declaration) else {
                continue;
            };
            let party = match side {
                Side::Patentee => Some(&l.holder),
                Side::Licensee => l.licensee.organisation(),
            };
            let counts = l.state == LicenceState::Effective
                && plain::proved(l)
                && !d.sources.is_empty()
                && party.is_some_and(|id| of_district(books, id, target));
            let on = match metric {
                Metric::M5 => l.filing.as_ref().map(|filing| filing.on),
                _ => l.effective_on,
            };
            if let Some(on) = on.filter(|on| counts && l.effective_on.is_some() && in_period(*on)) {
                all.push(taken(l, d, on, town(party)));
            }
        }
    }
    all.sort_unstable();
    match metric {
        Metric::M5 => all,
        Metric::M1 | Metric::M2 | Metric::M4 => earliest(all, |unit| (unit.number.clone(), None)),
        Metric::M3 | Metric::M6 => {
            earliest(all, |unit| (unit.number.clone(), unit.licensee.clone()))
        }
    }
}

fn of_district(books: &Books, organisation: &Id, target: &Target) -> bool {
    let party = books.organisations.get(organisation);
    party.is_some_and(|party| party.district == target.district)
}

/// The first of each kind, in order.
fn earliest(all: Vec<Counted>, kind: impl Fn(&Counted) -> (AppNo, Option<Id>)) -> Vec<Counted> {
    let mut first: BTreeMap<(AppNo, Option<Id>), Counted> = BTreeMap::new();
    for unit in all {
        let place = first.entry(kind(&unit)).or_insert_with(|| unit.clone());
        if unit < *place {
            *place = unit;
        }
    }
    let mut kept: Vec<Counted> = first.into_values().collect();
    kept.sort_unstable();
    kept
}

fn declared(d: &Declaration, on: Day, town: String) -> Counted {
    Counted {
        on,
        number: d.number.clone(),
        licensee: None,
        declaration: d.id.clone(),
        licence: None,
        holder: d.organisation.clone(),
        industry: d.industry.clone().unwrap_or_default(),
        town,
        free: plain::free(&d.terms),
        disputed: false,
    }
}

fn taken(l: &Licence, d: &Declaration, on: Day, town: String) -> Counted {
    let disputed = l.response.as_ref().map(|r| r.verdict) == Some(Verdict::Disputed);
    Counted {
        licensee: Some(l.licensee.id().clone()),
        licence: Some(l.id.clone()),
        free: plain::free(&l.terms),
        disputed,
        ..declared(d, on, town)
    }
}

/// Total, free, disputed.
pub type Sums = (i64, i64, i64);

/// The figures of some units, whole and split by month, holder, industry, town, type and charge: `all`,
/// `month 2026-03`, ….
pub fn sums(units: &[Counted]) -> BTreeMap<String, Sums> {
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    for unit in units {
        let day = unit.on.to_string();
        let industry: String = unit.industry.chars().take(3).collect();
        let splits = [
            "all".to_owned(),
            format!("month {}", &day[..7]),
            format!("holder {}", unit.holder),
            format!("industry {industry}"),
            format!("town {}", unit.town),
            format!("type {}", unit.number.kind().as_str()),
            format!("charge {}", if unit.free { "free" } else { "paid" }),
        ];
        for split in splits {
            let sum = sums.entry(split).or_default();
            sum.0 += 1;
            sum.1 += i64::from(unit.free);
            sum.2 += i64::from(unit.disputed);
        }
    }
    sums
}
