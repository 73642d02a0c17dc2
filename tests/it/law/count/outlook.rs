//! What is asked of a count, and where it leads.

use kaixu::domain::{
    indicator::{Concern, Metric, Outlook, Unit, concerned, concerns, forecast, movement, units},
    time::Day,
};
use proptest::prelude::*;

use super::random::{date, known, number, target};
use crate::law::fixtures::id;

fn unit(licence: usize, on: &str) -> Unit {
    let number = number(licence);
    Unit {
        kind: number.kind(),
        number,
        title: String::new(),
        holder: id(1),
        licensee: Some(id(2)),
        on: on.parse().expect("a day"),
        declaration: id(3),
        declaration_number: None,
        licence: Some(id(100 + licence as u64)),
        filing_number: None,
        free: false,
        disputed: false,
        industry: None,
        town: None,
        recorded_late: false,
        cross_border: false,
        related: false,
        never_worked: false,
        sources: Vec::new(),
        evidence: Vec::new(),
    }
}

#[test]
fn five_between_the_same_parties_on_one_day_are_looked_at_together_and_four_are_not() {
    let day = "2026-03-01".parse().expect("a day");
    let four: Vec<Unit> = (0..4).map(|n| unit(n, "2026-03-01")).collect();
    assert!(concerned(&four, Concern::SameDay, day).is_empty());
    let mut five = four;
    five.push(unit(4, "2026-03-01"));
    five.push(unit(5, "2026-03-02"));
    assert_eq!(concerned(&five, Concern::SameDay, day).len(), 5);
    five[0].licensee = Some(id(9));
    assert!(concerned(&five, Concern::SameDay, day).is_empty());
}

#[test]
fn a_licence_is_unfiled_from_the_day_after_three_months_until_it_is_filed() {
    let mut units = vec![unit(1, "2025-11-30")];
    let on = |units: &[Unit], day: &str| {
        let day: Day = day.parse().expect("a day");
        concerned(units, Concern::Unfiled, day).len()
    };
    // The end of February is the last day of three months from the end of November.
    assert_eq!((on(&units, "2026-02-28"), on(&units, "2026-03-01")), (0, 1));
    units[0].filing_number = Some("备案1".into());
    assert_eq!(on(&units, "2026-03-01"), 0);
}

fn outlook(days: &[Day], offers: i64, target: i64, as_of: &str) -> Outlook<'static> {
    Outlook {
        days: Box::leak(days.to_vec().into_boxed_slice()),
        offers,
        declared: offers,
        from: "2024-01-01".parse().expect("a day"),
        to: "2026-12-31".parse().expect("a day"),
        target,
        as_of: as_of.parse().expect("a day"),
    }
}

#[test]
fn a_forecast_names_what_it_was_reckoned_from() {
    let days: Vec<Day> = (1..=12)
        .map(|month| format!("2025-{month:02}-15").parse().expect("a day"))
        .collect();
    let found = forecast(&outlook(&days, 0, 30, "2025-12-31"));
    // One a month with three months of nothing before: 12 / 15 a month, twelve months to go.
    assert_eq!(
        (
            found.value,
            found.window_units,
            found.pace_per_month_hundredths
        ),
        (12, 12, 100)
    );
    assert_eq!(found.months_left_tenths, 120);
    assert_eq!(found.expected, 12 + 9);
    assert!(
        found.low < found.expected && found.expected < found.high,
        "{found:?}"
    );
    assert_eq!(
        found.needed_per_month_hundredths,
        Some(151),
        "18 in 11.99 months, rounded up"
    );
    assert!((1..9_999).contains(&found.chance_bp), "{found:?}");
}

#[test]
fn nothing_on_offer_and_nothing_taken_promises_nothing() {
    let found = forecast(&outlook(&[], 0, 50, "2026-06-30"));
    assert_eq!(
        (found.expected, found.low, found.high, found.chance_bp),
        (0, 0, 0, 0)
    );
    assert_eq!(found.conversion_bp, None);
    // A hundred offers do promise something before the first is taken.
    let found = forecast(&outlook(&[], 100, 50, "2025-06-30"));
    assert!(found.expected > 0 && found.chance_bp < 10_000, "{found:?}");
}

#[test]
fn after_the_last_day_nothing_comes_and_what_is_reached_is_certain() {
    let day = "2026-01-01".parse().expect("a day");
    let late = forecast(&outlook(&[day], 40, 2, "2027-03-01"));
    assert_eq!(
        (late.expected, late.chance_bp, late.months_left_tenths),
        (1, 0, 0)
    );
    assert_eq!(late.needed_per_month_hundredths, None);
    let reached = forecast(&outlook(&[day, day], 40, 2, "2026-02-01"));
    assert_eq!(
        (reached.chance_bp, reached.needed_per_month_hundredths),
        (10_000, None)
    );
}

#[test]
fn many_thousands_are_reckoned_as_well() {
    let day = "2026-03-01".parse().expect("a day");
    let found = forecast(&outlook(&vec![day; 20_000], 5_000, 40_000, "2026-06-30"));
    assert!(
        found.low < found.expected && found.expected < found.high,
        "{found:?}"
    );
    assert!(
        found.expected > 25_000 && found.expected < 60_000,
        "{found:?}"
    );
}

proptest! {
    #[test]
    fn an_interval_holds_its_middle_and_more_offers_never_promise_less(
        taken in 0..400_usize, offers in 0..3_000_i64, target in 1..500_i64, left in 0..1_000_i32,
    ) {
        let as_of = "2026-12-31".parse::<Day>().expect("a day").saturating_sub(jiff::Span::new().days(left));
        let days = vec![as_of; taken];
        let ask = |offers| forecast(&Outlook {
            days: &days, offers, declared: offers, target, as_of,
            from: "2024-01-01".parse().expect("a day"), to: "2026-12-31".parse().expect("a day"),
        });
        let found = ask(offers);
        prop_assert!(found.value <= found.low && found.low <= found.expected && found.expected <= found.high);
        prop_assert!((0..=10_000).contains(&found.chance_bp));
        prop_assert!(ask(offers + 500).expected >= found.expected);
    }

    #[test]
    fn before_and_new_and_corrected_come_to_now(then in known(), known in known(), target in target(), as_of in 0..120_i32, since in 0..120_i32) {
        for metric in Metric::ALL {
            let before = units(&then, &target, date(since), metric);
            let now = units(&known, &target, date(as_of), metric);
            let moved = movement(before.clone(), now.clone(), date(since));
            let sum = |n: usize| i64::try_from(n).expect("few");
            prop_assert_eq!(sum(moved.before) + sum(moved.new.len()) + moved.corrected(), sum(now.len()));
            prop_assert!(moved.new.iter().all(|unit| unit.on > date(since)));
            // Nothing moves where nothing changed.
            let still = movement(before.clone(), before, date(since));
            prop_assert!(still.new.is_empty() && still.corrections.is_empty());
        }
    }

    #[test]
    fn a_concern_is_raised_by_units_of_the_figure_only(known in known(), target in target(), as_of in 0..120_i32) {
        let units = units(&known, &target, date(as_of), target.metric);
        for (concern, total) in concerns(&units, date(as_of)) {
            let raised = concerned(&units, concern, date(as_of));
            prop_assert_eq!(raised.len(), total);
            prop_assert!(raised.iter().all(|unit| units.contains(unit)));
            if concern == Concern::Free {
                prop_assert_eq!(total, units.iter().filter(|unit| unit.free).count());
            }
        }
    }
}
