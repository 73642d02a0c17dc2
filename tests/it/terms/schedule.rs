//! What is due when: known terms with known days and amounts.

use kaixu::domain::{
    money::Fen,
    terms::{Royalty, Terms},
};

use super::{day, instalments, lump, per_period, royalty, stages};

/// Due days with their fixed amounts, 0 for a royalty.
fn dues(terms: &Terms, from: &str, until: &str) -> Vec<(String, i64)> {
    let dues = terms.dues(day(from), day(until));
    dues.iter()
        .map(|due| {
            let fen = due.fixed_fen().map_or(0, |fen| fen.0);
            (due.due_on.to_string(), fen)
        })
        .collect()
}

fn periods(terms: &Terms, from: &str, until: &str) -> Vec<(String, String)> {
    let dues = terms.dues(day(from), day(until)).into_iter();
    dues.filter_map(|due| due.period)
        .map(|(from, until)| (from.to_string(), until.to_string()))
        .collect()
}

#[track_caller]
fn assert_days(found: &[(String, i64)], expected: &[(&str, i64)]) {
    let found: Vec<_> = found
        .iter()
        .map(|(day, fen)| (day.as_str(), *fen))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn months_are_counted_from_the_effective_day_and_never_accumulated() {
    let monthly = per_period(100, 1);
    let found = dues(&monthly, "2027-10-31", "2028-05-30");
    let days: Vec<_> = found.iter().map(|(day, _)| day.as_str()).collect();
    let expected = [
        "2027-10-31",
        "2027-11-30",
        "2027-12-31",
        "2028-01-31",
        "2028-02-29",
        "2028-03-31",
        "2028-04-30",
    ];
    assert_eq!(days, expected);
    let ends: Vec<_> = periods(&monthly, "2027-10-31", "2028-05-30")
        .into_iter()
        .map(|(_, end)| end)
        .collect();
    assert_eq!(
        ends,
        [
            "2027-11-29",
            "2027-12-30",
            "2028-01-30",
            "2028-02-28",
            "2028-03-30",
            "2028-04-29",
            "2028-05-30"
        ]
    );
}

#[test]
fn a_licence_of_a_leap_day_comes_round_on_the_last_of_february() {
    let yearly = per_period(100, 12);
    let found = dues(&yearly, "2028-02-29", "2033-02-27");
    let days: Vec<_> = found.iter().map(|(day, _)| day.as_str()).collect();
    assert_eq!(
        days,
        [
            "2028-02-29",
            "2029-02-28",
            "2030-02-28",
            "2031-02-28",
            "2032-02-29"
        ]
    );
}

#[test]
fn no_period_begins_after_the_licence_but_instalments_stay_due() {
    let yearly = per_period(100, 12);
    assert_eq!(dues(&yearly, "2026-01-01", "2026-12-31").len(), 1);
    assert_eq!(
        dues(&yearly, "2026-01-01", "2027-01-01").len(),
        2,
        "a period of one day is a period"
    );
    let parts = instalments(&[(100, 0), (200, 365), (300, 7_300)]);
    assert_days(
        &dues(&parts, "2026-01-01", "2026-06-30"),
        &[
            ("2026-01-01", 100),
            ("2027-01-01", 200),
            ("2045-12-27", 300),
        ],
    );
    for terms in [lump(5), parts, yearly, Terms::Royalty(royalty(1))] {
        assert_eq!(
            terms.dues(day("2026-01-02"), day("2026-01-01")),
            [],
            "a licence that ends before it begins"
        );
        assert!(
            !terms.dues(day("2026-01-01"), day("2026-01-01")).is_empty(),
            "a licence of one day"
        );
    }
}

#[test]
fn stages_follow_one_another_from_the_effective_day() {
    let terms = stages(vec![
        (Some(12), Terms::Free),
        (Some(1), lump(700)),
        (None, per_period(100, 12)),
    ]);
    terms.check().expect("sound");
    let found = dues(&terms, "2026-01-31", "2029-03-01");
    assert_days(
        &found,
        &[
            ("2027-01-31", 700),
            ("2027-02-28", 100),
            ("2028-02-29", 100),
            ("2029-02-28", 100),
        ],
    );
    assert_eq!(
        dues(&terms, "2026-01-31", "2027-01-30").len(),
        0,
        "it ends within the first stage"
    );
    assert_eq!(dues(&terms, "2026-01-31", "2027-01-31").len(), 1);
    let shares = stages(vec![
        (
            Some(18),
            Terms::Royalty(Royalty {
                pay_within_days: 60,
                ..royalty(100)
            }),
        ),
        (None, lump(500)),
    ]);
    let found = periods(&shares, "2026-01-01", "2029-12-31");
    let expected = [("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-06-30")];
    assert_eq!(
        found,
        expected.map(|(a, b)| (a.to_owned(), b.to_owned())),
        "the stage's end cuts its last period"
    );
    assert_days(
        &dues(&shares, "2026-01-01", "2029-12-31"),
        &[("2027-03-01", 0), ("2027-07-01", 500), ("2027-08-29", 0)],
    );
    let tail = stages(vec![
        (Some(6), instalments(&[(1, 0), (2, 300)])),
        (None, Terms::Free),
    ]);
    assert_days(
        &dues(&tail, "2026-01-01", "2026-12-31"),
        &[("2026-01-01", 1), ("2026-10-28", 2)],
    );
}

#[test]
fn what_is_due_at_the_start_and_in_the_first_year() {
    for (terms, at_start, first_year) in [
        (Terms::Free, 0, 0),
        (lump(2_000_000), 2_000_000, 2_000_000),
        (instalments(&[(100, 0), (20, 364), (3, 365)]), 100, 120),
        (instalments(&[(100, 1)]), 0, 100),
        (per_period(100, 12), 100, 100),
        (per_period(100, 1), 100, 1_200),
        (per_period(100, 7), 100, 200),
        (
            Terms::Royalty(Royalty {
                floor_fen: Some(Fen(9)),
                ..royalty(300)
            }),
            0,
            0,
        ),
        (
            Terms::EntryAndRoyalty {
                entry_fen: Fen(50),
                royalty: royalty(1),
            },
            50,
            50,
        ),
        (
            stages(vec![(Some(12), Terms::Free), (None, per_period(100, 12))]),
            0,
            0,
        ),
        (
            stages(vec![(Some(6), Terms::Free), (None, per_period(100, 3))]),
            0,
            200,
        ),
        (stages(vec![(Some(6), lump(7)), (None, lump(100))]), 7, 107),
    ] {
        assert_eq!(terms.due_at_start(), Fen(at_start), "{terms:?}");
        assert_eq!(terms.first_year_fixed(), Fen(first_year), "{terms:?}");
    }
    assert!(stages(vec![(Some(1), Terms::Free), (None, Terms::Free)]).is_free());
    assert!(!Terms::Royalty(royalty(1)).is_free() && !lump(1).is_free());
    assert!(
        stages(vec![
            (Some(1), Terms::Free),
            (None, Terms::Royalty(royalty(1)))
        ])
        .has_royalty()
    );
    assert!(!per_period(1, 1).has_royalty());
}
