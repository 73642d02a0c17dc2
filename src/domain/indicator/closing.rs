//! 封账: a month is closed once, after its last day. What it came to by the knowledge of that moment stays; what becomes
//! known later about it is a correction in the month in which it became known. So a month's sum is always the sum
//! before it, what is new, and what was corrected.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Figures, Target, Unit, part::is_month};
use crate::domain::{
    codes::AppNo,
    event::{canonical_json, sha256_hex},
    id::Id,
    refusal::{Refusal, Refused},
    time::Day,
};

/// A closed month of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Closing {
    pub id: Id,
    /// As it was when the month was closed.
    pub target: Target,
    #[schema(example = "2026-03")]
    pub month: String,
    /// The month's last day, or the target's.
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    /// The last change that was known; the figures can be counted by it at any time.
    pub known_at: i64,
    pub figures: Figures,
}

impl Closing {
    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

/// The last day of a month within a target's period: the day of which a closing speaks.
pub fn last_day(target: &Target, month: &str) -> Result<Day, Refused> {
    let first: Option<Day> = is_month(month)
        .then(|| format!("{month}-01").parse().ok())
        .flatten();
    let Some(first) = first else {
        return Err(Refusal::new(
            "monthInvalid",
            "月份应如 2026-03。",
            "A month is such as 2026-03.",
        )
        .at("/month")
        .into());
    };
    let last = first.last_of_month();
    if last < target.from || first > target.to {
        return Err(Refusal::new(
            "outsidePeriod",
            format!("该月不在指标期间 {} 至 {} 内。", target.from, target.to),
            format!(
                "The month is outside the target's period, {} to {}.",
                target.from, target.to
            ),
        )
        .at("/month")
        .into());
    }
    Ok(last.min(target.to))
}

/// May the month that ends on `as_of` be closed today, after the month closed last?
pub fn may_close(as_of: Day, last_closed: Option<&Closing>, today: Day) -> Result<(), Refused> {
    if as_of >= today {
        return Err(Refusal::new(
            "monthNotOver",
            format!("该月到 {as_of} 才结束，次日起才能封账。"),
            format!("The month ends on {as_of}; it can be closed from the day after."),
        )
        .at("/month")
        .into());
    }
    match last_closed {
        Some(last) if last.as_of >= as_of => Err(Refusal::new(
            "monthClosed",
            format!("{} 已经封账，封账后的更正列入以后的月份。", last.month),
            format!(
                "{} is closed; what is found later is a correction of a later month.",
                last.month
            ),
        )
        .at("/month")
        .into()),
        _ => Ok(()),
    }
}

/// A unit of an earlier month that came to be known, or ceased to count, after that month was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    pub unit: Unit,
    /// It counts now; else it no longer does.
    pub added: bool,
}

/// How one figure came from one closing to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    pub before: usize,
    /// Those that begin to count after the day before.
    pub new: Vec<Unit>,
    /// In the order of their days.
    pub corrections: Vec<Correction>,
    pub now: Vec<Unit>,
}

impl Movement {
    /// What the corrections come to.
    pub fn corrected(&self) -> i64 {
        self.corrections
            .iter()
            .map(|c| if c.added { 1 } else { -1 })
            .sum()
    }
}

/// The movement from the units counted for `since` to those counted now.
pub fn movement(before: Vec<Unit>, now: Vec<Unit>, since: Day) -> Movement {
    type Key = (Day, AppNo, Option<Id>, Option<Id>, Id);
    let key = |unit: &Unit| -> Key {
        let Unit {
            on,
            number,
            licensee,
            licence,
            declaration,
            ..
        } = unit;
        (
            *on,
            number.clone(),
            licensee.clone(),
            licence.clone(),
            declaration.clone(),
        )
    };
    let was: BTreeSet<Key> = before.iter().map(key).collect();
    let is: BTreeSet<Key> = now.iter().map(key).collect();
    let (new, earlier): (Vec<&Unit>, Vec<&Unit>) = now.iter().partition(|unit| unit.on > since);
    let added = earlier.into_iter().filter(|unit| !was.contains(&key(unit)));
    let added = added.map(|unit| (unit.clone(), true));
    let count = before.len();
    let gone = before.into_iter().filter(|unit| !is.contains(&key(unit)));
    let mut corrections: BTreeMap<(Key, bool), Correction> = BTreeMap::new();
    for (unit, added) in added.chain(gone.map(|unit| (unit, false))) {
        corrections.insert((key(&unit), added), Correction { unit, added });
    }
    Movement {
        before: count,
        new: new.into_iter().cloned().collect(),
        corrections: corrections.into_values().collect(),
        now,
    }
}
