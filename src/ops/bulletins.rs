//! 通报: a month of a target as it is printed and passed on: what it came to, what is new, what was corrected since the
//! closing before, by holder and by town, what there is to ask, and what is reported beside. A closed month is told by
//! its own day and knowledge for good; an open one by today's, and says so.

use std::collections::{BTreeMap, HashMap};

use super::{
    Result, Services,
    organisations::names_in,
    progress::{Basis, reckoned},
    reference, targets,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        indicator::{self, Closing, Concern, Known, Metric, Movement, Part, Target, Unit},
        reported::{Indicator, Reported},
        time::Day,
    },
    store::{Stored, Tx, changes, closings, reported},
};

/// The day and the knowledge by which something was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub as_of: Day,
    pub known_at: i64,
}

/// A line of a table: the units that are new, and all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub key: String,
    pub new: usize,
    pub now: usize,
}

/// A month of a target.
#[derive(Debug)]
pub struct Bulletin {
    /// With the names of all that are in it.
    pub basis: Basis,
    pub month: String,
    pub closing: Option<Stored<Closing>>,
    /// The pair that it starts from: the closing before, or the day before the month by the same knowledge.
    pub since: Pair,
    pub movements: Vec<(Metric, Movement)>,
    /// Of the target's own figure, by holder, town, type and charge.
    pub parts: Vec<(Part, Vec<Line>)>,
    pub concerns: Vec<(Concern, usize)>,
    /// The latest of each that is reported for the district, by the registry of today.
    pub reported: Vec<Stored<Reported>>,
}

impl Bulletin {
    /// The movement of the target's own figure.
    pub fn own(&self) -> Option<&Movement> {
        let own = self.basis.target.metric;
        let found = self.movements.iter().find(|(metric, _)| *metric == own);
        found.map(|(_, movement)| movement)
    }
}

/// The parts that a bulletin shows; the months are what it is one of.
const PARTS: [Part; 4] = [Part::Holder, Part::Town, Part::Kind, Part::Charge];

/// The bulletin of a month; the oldest target when none is named.
pub async fn bulletin(
    services: &Services,
    actor: &Actor,
    target: Option<&Id>,
    month: &str,
) -> Result<Bulletin> {
    access::check(actor, Operation::GetBulletin, None)?;
    let codes = reference::names(services).await;
    let mut tx = services.read().await?;
    let now = targets::chosen(&mut tx, target).await?;
    let closed = closings::list_of_target(&mut tx, &now.id).await?;
    let closing = closed.iter().find(|c| c.value.month == month).cloned();
    let target = closing.as_ref().map_or(now, |c| c.value.target.clone());
    let last_day = indicator::last_day(&target, month)?;
    let head = changes::head(&mut tx).await?.seq;
    let pair = match &closing {
        Some(closing) => Pair {
            as_of: closing.value.as_of,
            known_at: closing.value.known_at,
        },
        None => Pair {
            as_of: last_day.min(services.clock.today()),
            known_at: head,
        },
    };
    let before = closed.iter().rev().find(|c| c.value.as_of < last_day);
    let since = match before {
        Some(before) => Pair {
            as_of: before.value.as_of,
            known_at: before.value.known_at,
        },
        None => Pair {
            as_of: last_day.first_of_month().yesterday().unwrap_or(last_day),
            known_at: pair.known_at,
        },
    };
    let known = services.counted.known(&mut tx, pair.known_at).await?;
    let known_before = services.counted.known(&mut tx, since.known_at).await?;
    let counted = target.clone();
    let (movements, parts, concerns) = reckoned(move || {
        let units = |known: &Known, pair: Pair, metric| {
            indicator::units(known, &counted, pair.as_of, metric)
        };
        let movement = |metric: Metric| {
            let before = units(&known_before, since, metric);
            let now = units(&known, pair, metric);
            (metric, indicator::movement(before, now, since.as_of))
        };
        let movements = Metric::ALL.map(movement).to_vec();
        let own = movements
            .iter()
            .find(|(metric, _)| *metric == counted.metric);
        let own = own
            .map(|(_, movement)| movement.clone())
            .unwrap_or_default();
        let parts = PARTS.map(|part| (part, lines(part, &own))).to_vec();
        let concerns = indicator::concerns(&own.now, pair.as_of);
        (movements, parts, concerns)
    })
    .await?;
    let names = names_in(&mut tx, &named(&movements)).await?;
    let reported = latest(&mut tx, &target, pair.as_of).await?;
    Ok(Bulletin {
        basis: Basis {
            target,
            as_of: pair.as_of,
            known_at: pair.known_at,
            names,
            codes,
        },
        month: month.to_owned(),
        closing,
        since,
        movements,
        parts,
        concerns,
        reported,
    })
}

fn lines(part: Part, movement: &Movement) -> Vec<Line> {
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let mut add = |unit: &Unit, is_new: bool| {
        let key = part.key(unit);
        let line = lines.entry(key.clone()).or_insert(Line {
            key,
            new: 0,
            now: 0,
        });
        if is_new {
            line.new += 1;
        } else {
            line.now += 1;
        }
    };
    movement.new.iter().for_each(|unit| add(unit, true));
    movement.now.iter().for_each(|unit| add(unit, false));
    lines.into_values().collect()
}

/// Everybody whose name is in it.
fn named(movements: &[(Metric, Movement)]) -> Vec<Id> {
    let mut ids: Vec<Id> = Vec::new();
    for (_, movement) in movements {
        let corrected = movement.corrections.iter().map(|c| &c.unit);
        for unit in movement.now.iter().chain(corrected) {
            ids.push(unit.holder.clone());
            ids.extend(unit.licensee.clone());
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The latest figure of each indicator until a day.
async fn latest(tx: &mut Tx, target: &Target, until: Day) -> Result<Vec<Stored<Reported>>> {
    let mut latest: HashMap<Indicator, Stored<Reported>> = HashMap::new();
    let filter = reported::Filter {
        district: Some(target.district.clone()),
        until: Some(until),
        ..reported::Filter::default()
    };
    let mut before = None;
    loop {
        let page = reported::page(tx, &filter, before.as_deref(), 500).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.value.id.to_string());
        for found in page {
            let kept = latest.get(&found.value.indicator);
            if kept.is_none_or(|kept| kept.value.on < found.value.on) {
                latest.insert(found.value.indicator, found);
            }
        }
    }
    let mut all: Vec<_> = latest.into_values().collect();
    all.sort_by_key(|record| record.value.indicator);
    Ok(all)
}
