//! How sound a count is: what an auditor asks about units that count all the same. A concern takes nothing away from a
//! figure; it says which units to look at first.

use std::collections::HashMap;

use super::Unit;
use crate::domain::{id::Id, time::Day, words::words};

words! {
    /// What there is to ask about a unit.
    pub enum Concern {
        /// Nothing is ever due.
        Free = "free", "无偿许可", "Free of charge";
        /// Five or more between the same two parties on one day.
        SameDay = "sameDay", "同日批量达成（同一权利人与同一被许可人 5 项及以上）", "Five or more between the same parties on one day";
        /// Three months after it took effect no filing is recorded (实施细则第十四条).
        Unfiled = "unfiled", "生效满三个月仍未备案", "Not filed three months after it took effect";
        /// The patentee disputes it.
        Disputed = "disputed", "权利人有异议", "Disputed by the patentee";
        /// Somebody says that the sides belong together, or their registered names do.
        Related = "related", "双方有关联关系", "The two sides are related";
        /// Whoever was asked after 3, 6 or 12 months says that it was never worked.
        NeverWorked = "neverWorked", "回访称从未实施", "Never worked, the licensee says";
        /// The licensee is outside the mainland: 技术进出口管理条例.
        CrossBorder = "crossBorder", "跨境许可（技术出口）", "Cross-border: technology export";
        /// Recorded after its day, from elsewhere.
        RecordedLate = "recordedLate", "事后补录", "Recorded afterwards";
    }
}

impl Concern {
    /// Which units raise it is for the office alone to see: it comes of what the sides have told in confidence. How
    /// many do, everybody sees.
    pub const fn is_confidential(self) -> bool {
        matches!(self, Self::Related | Self::NeverWorked)
    }
}

/// From this many licences between the same parties on one day on, somebody should look at them together.
pub const SAME_DAY: usize = 5;

/// 许可合同生效之日起三个月内备案.
const FILING_MONTHS: i32 = 3;

/// The units that raise a concern on a day, in the order given.
pub fn concerned(units: &[Unit], concern: Concern, as_of: Day) -> Vec<&Unit> {
    let mut together: HashMap<(&Id, &Option<Id>, Day), usize> = HashMap::new();
    if concern == Concern::SameDay {
        for unit in units {
            *together.entry(parties(unit)).or_default() += 1;
        }
    }
    let raises = |unit: &&Unit| match concern {
        Concern::Free => unit.free,
        Concern::SameDay => together.get(&parties(unit)).is_some_and(|n| *n >= SAME_DAY),
        Concern::Unfiled => {
            unit.licence.is_some() && unit.filing_number.is_none() && filing_passed(unit, as_of)
        }
        Concern::Disputed => unit.disputed,
        Concern::Related => unit.related,
        Concern::NeverWorked => unit.never_worked,
        Concern::CrossBorder => unit.cross_border,
        Concern::RecordedLate => unit.recorded_late,
    };
    units.iter().filter(raises).collect()
}

/// How many units raise each concern.
pub fn concerns(units: &[Unit], as_of: Day) -> Vec<(Concern, usize)> {
    Concern::ALL
        .into_iter()
        .map(|concern| (concern, concerned(units, concern, as_of).len()))
        .collect()
}

fn parties(unit: &Unit) -> (&Id, &Option<Id>, Day) {
    (&unit.holder, &unit.licensee, unit.on)
}

fn filing_passed(unit: &Unit, as_of: Day) -> bool {
    unit.on
        .saturating_add(jiff::Span::new().months(FILING_MONTHS))
        < as_of
}
