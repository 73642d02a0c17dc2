//! The count against a slow and naive counter over random declarations and licences; then what must never change a
//! figure, and what can only raise it.

pub mod naive;
mod outlook;
mod random;

use std::collections::BTreeSet;

use kaixu::domain::{
    codes::AppNo,
    id::Id,
    indicator::{Count, Figures, Known, Metric, Slice, Target, count, units},
    licence::{Licence, Licensee},
    time::Day,
};
use proptest::{prelude::*, test_runner::TestCaseResult};

use super::fixtures::{days, id};
use naive::{Sheet, chosen, sheet};
use random::{date, known, target};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 5_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The product's tables as one sheet, without empty figures.
fn laid_out(count: &Count) -> Sheet {
    let all = [("all", String::new(), &count.all)].into_iter();
    let parts = count.parts.iter().flat_map(|(part, split)| {
        let table = part.as_str();
        split
            .iter()
            .map(move |(line, figures)| (table, line.clone(), figures))
    });
    let lines = all.chain(parts);
    let figures = lines.flat_map(|(table, line, figures)| {
        Metric::ALL.map(|metric| {
            let figure = figures.of(metric);
            let parts = [figure.total, figure.free, figure.disputed];
            ((table, line.clone(), metric), parts)
        })
    });
    figures.filter(|(_, parts)| *parts != [0, 0, 0]).collect()
}

fn totals(figures: &Figures) -> [i64; 6] {
    Metric::ALL.map(|metric| figures.of(metric).total)
}

fn agree(known: &Known, target: &Target, as_of: Day) -> TestCaseResult {
    let counted = count(known, target, as_of);
    prop_assert_eq!(laid_out(&counted), sheet(known, target, as_of));
    for metric in Metric::ALL {
        let units = units(known, target, as_of, metric);
        let total = usize::try_from(counted.all.of(metric).total);
        prop_assert_eq!(total, Ok(units.len()), "as many units as the figure says");
        let shown: Vec<_> = units
            .into_iter()
            .map(|unit| {
                (
                    unit.on,
                    unit.number,
                    unit.licensee,
                    unit.declaration,
                    unit.licence,
                )
            })
            .collect();
        let wanted: Vec<_> = chosen(known, target, as_of, metric)
            .into_iter()
            .map(|(on, number, licensee, declaration, licence, _)| {
                (on, number, licensee, declaration, licence)
            })
            .collect();
        prop_assert_eq!(shown, wanted, "{:?}", metric);
    }
    Ok(())
}

/// The units of a slice are as many as its line in the table says.
fn every_part_has_its_units(known: &Known, target: &Target, as_of: Day) -> TestCaseResult {
    let counted = count(known, target, as_of);
    for metric in Metric::ALL {
        let units = units(known, target, as_of, metric);
        for (part, split) in &counted.parts {
            for (key, figures) in split {
                let mut slice = Slice::default();
                prop_assert!(
                    slice.narrow(*part, key.clone()),
                    "{} {}",
                    part.as_str(),
                    key
                );
                let found = units.iter().filter(|unit| slice.holds(unit)).count();
                prop_assert_eq!(i64::try_from(found), Ok(figures.of(metric).total));
            }
        }
    }
    Ok(())
}

/// Sums over each table come to the whole.
fn adds_up(counted: &Count) -> TestCaseResult {
    let sum = |lines: Vec<&Figures>| {
        let mut sums = [0; 6];
        for figures in lines {
            for (sum, total) in sums.iter_mut().zip(totals(figures)) {
                *sum += total;
            }
        }
        sums
    };
    let whole = totals(&counted.all);
    for split in counted.parts.values() {
        prop_assert_eq!(sum(split.values().collect()), whole);
    }
    Ok(())
}

#[test]
fn every_figure_is_the_naive_counters() {
    proptest::proptest!(config(), |(known in known(), target in target(), as_of in 0..120_i32)| {
        agree(&known, &target, date(as_of))?;
        every_part_has_its_units(&known, &target, date(as_of))?;
        adds_up(&count(&known, &target, date(as_of)))?;
    });
}

#[test]
fn within_the_targets_days_nothing_that_was_reached_is_lost_again() {
    let config = ProptestConfig {
        cases: 500,
        ..config()
    };
    proptest::proptest!(config, |(known in known(), target in target())| {
        let mut before = [0; 6];
        let mut as_of = days(target.from, -3);
        while as_of <= days(target.to, 3) {
            let now = totals(&count(&known, &target, as_of).all);
            for (metric, (now, before)) in Metric::ALL.into_iter().zip(now.iter().zip(before)) {
                // What is on offer today comes and goes; everything else only grows.
                prop_assert!(metric == Metric::M2 || *now >= before, "{metric:?} fell on {as_of}");
            }
            if as_of < target.from {
                prop_assert_eq!(now, [0; 6]);
            }
            before = now;
            as_of = days(as_of, 1);
        }
    });
}

#[test]
fn renewals_and_second_declarations_add_nothing() {
    proptest::proptest!(config(), |(mut known in known(), target in target(), later in 0..40_i32)| {
        let before = count(&known, &target, target.to).all;
        let counted = |metric| units(&known, &target, target.to, metric).into_iter();
        let taken: BTreeSet<Id> =
            counted(Metric::M3).chain(counted(Metric::M6)).filter_map(|unit| unit.licence).collect();
        let declared: BTreeSet<AppNo> = counted(Metric::M1).map(|unit| unit.number).collect();
        let mut renewed = known.licences.clone();
        renewed.retain(|licence| taken.contains(&licence.id));
        for (place, licence) in renewed.iter_mut().enumerate() {
            licence.id = id(0x2200 + place as u64);
            licence.effective_on = licence.effective_on.map(|on| days(on, later));
        }
        known.licences.extend(renewed);
        let again = count(&known, &target, target.to).all;
        prop_assert_eq!((again.m3, again.m4, again.m6), (before.m3, before.m4, before.m6));
        let mut second = known.declarations.clone();
        second.retain(|declaration| declared.contains(&declaration.number));
        for (place, declaration) in second.iter_mut().enumerate() {
            declaration.id = id(0xe00 + place as u64);
            declaration.effective_on = declaration.effective_on.map(|on| days(on, later));
        }
        known.declarations.extend(second);
        let again = count(&known, &target, target.to).all;
        prop_assert_eq!(again.m1.total, before.m1.total);
    });
}

#[test]
fn without_complete_evidence_nothing_is_added() {
    proptest::proptest!(config(), |(mut known in known(), target in target(), as_of in 0..120_i32)| {
        let before = count(&known, &target, date(as_of));
        let unproved: Vec<Licence> = known
            .licences
            .iter()
            .map(|licence| Licence {
                id: id(0x2200),
                licensee: Licensee::Organisation(id(0x0a01)),
                evidence: Vec::new(),
                ..licence.clone()
            })
            .collect();
        known.licences.extend(unproved);
        prop_assert_eq!(count(&known, &target, date(as_of)), before);
    });
}
