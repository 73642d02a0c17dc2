//! What a licence costs: known turnover, known amounts.

use kaixu::domain::{
    money::Fen,
    terms::{DueKind, Royalty, RoyaltyBase, Terms, Turnover},
};

use super::{day, royalty};

fn sales(yuan: i64) -> Turnover {
    Turnover {
        net_sales_fen_per_year: Fen::yuan(yuan),
        ..Turnover::default()
    }
}

#[test]
fn three_percent_of_three_million_a_year_is_ninety_thousand_a_year() {
    let terms = Terms::Royalty(royalty(300));
    let quote = terms.quote(day("2026-07-01"), day("2029-06-30"), &sales(3_000_000));
    assert_eq!(quote.total_fen, Fen::yuan(270_000));
    let each: Vec<_> = quote
        .dues
        .iter()
        .map(|q| (q.due.due_on.to_string(), q.amount_fen))
        .collect();
    let expected =
        ["2027-07-30", "2028-07-30", "2029-07-30"].map(|day| (day.to_owned(), Fen::yuan(90_000)));
    assert_eq!(each, expected);
    let entry = Terms::EntryAndRoyalty {
        entry_fen: Fen::yuan(10_000),
        royalty: royalty(300),
    };
    let quote = entry.quote(day("2026-07-01"), day("2029-06-30"), &sales(3_000_000));
    assert_eq!(
        (quote.fixed_fen, quote.royalty_fen, quote.total_fen),
        (Fen::yuan(10_000), Fen::yuan(270_000), Fen::yuan(280_000))
    );
}

#[test]
fn a_period_cut_short_counts_its_days() {
    let terms = Terms::Royalty(royalty(300));
    // A year and 73 days, a fifth of a year.
    let quote = terms.quote(day("2026-01-01"), day("2027-03-14"), &sales(1_000_000));
    let each: Vec<_> = quote.dues.iter().map(|q| q.amount_fen).collect();
    assert_eq!(each, [Fen::yuan(30_000), Fen::yuan(6_000)]);
    assert_eq!(quote.dues[1].turnover_fen, Some(Fen::yuan(200_000)));
    // 365 of the 366 days of a period are not more than the whole period.
    let quote = terms.quote(day("2028-01-01"), day("2028-12-30"), &sales(1_000_000));
    assert_eq!(quote.total_fen, Fen::yuan(30_000));
    let half = Terms::Royalty(Royalty {
        every_months: 6,
        ..royalty(300)
    });
    let whole = half.quote(day("2026-03-01"), day("2026-08-31"), &sales(1_000_000));
    let cut = half.quote(day("2026-03-01"), day("2026-08-30"), &sales(1_000_000));
    assert_eq!(
        (whole.total_fen, cut.total_fen),
        (Fen::yuan(15_000), Fen::yuan(15_000)),
        "183 days are more than half of 365"
    );
}

#[test]
fn rounding_is_half_up_and_then_floor_and_cap_apply_in_full() {
    let of = |fen: i64, floor: Option<i64>, cap: Option<i64>| {
        let what = DueKind::Royalty {
            base: RoyaltyBase::Profit,
            rate_bp: 50,
            floor_fen: floor.map(Fen),
            cap_fen: cap.map(Fen),
        };
        what.amount_fen(Fen(fen)).0
    };
    assert_eq!(
        [
            of(99, None, None),
            of(100, None, None),
            of(299, None, None),
            of(300, None, None)
        ],
        [0, 1, 1, 2]
    );
    assert_eq!(
        [
            of(0, Some(700), None),
            of(-5_000, None, None),
            of(-5_000, Some(7), None)
        ],
        [700, 0, 7]
    );
    assert_eq!(
        [
            of(1_000_000, None, Some(700)),
            of(1_000_000, Some(9_000), Some(9_000))
        ],
        [700, 9_000]
    );
    let terms = Terms::Royalty(Royalty {
        floor_fen: Some(Fen::yuan(5_000)),
        ..royalty(300)
    });
    let quote = terms.quote(day("2026-01-01"), day("2027-01-10"), &sales(100_000));
    let each: Vec<_> = quote.dues.iter().map(|q| q.amount_fen).collect();
    assert_eq!(
        each,
        [Fen::yuan(5_000), Fen::yuan(5_000)],
        "ten days owe the whole floor"
    );
}
