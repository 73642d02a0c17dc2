//! The usual limits: pointed out where they are exceeded, changed where the operator says so.

use kaixu::domain::{
    money::Fen,
    terms::{Caps, Royalty, RoyaltyBase, Terms},
};

use super::{day, lump, per_period, royalty, stages};

#[test]
fn the_usual_limits_are_pointed_out_and_can_be_changed() {
    let licence = (day("2026-01-01"), day("2045-12-31"));
    let codes = |terms: &Terms, caps: &Caps| -> Vec<(String, &'static str)> {
        let over = terms.over_caps(licence, caps).into_iter();
        over.map(|over| {
            assert!(
                !over.text.zh.is_ascii() && over.text.en.is_ascii(),
                "{over:?}"
            );
            (over.pointer, over.code)
        })
        .collect()
    };
    let usual = Caps::default();
    assert_eq!(codes(&lump(2_000_000_000), &usual), []);
    assert_eq!(
        codes(&lump(2_000_000_001), &usual),
        [(String::new(), "fixedOverCap")]
    );
    assert_eq!(
        codes(&per_period(100_000_000, 12), &usual),
        [],
        "twenty years of a million"
    );
    assert_eq!(
        codes(&per_period(100_000_001, 12), &usual),
        [(String::new(), "fixedOverCap")]
    );
    let share = |base, rate_bp| {
        Terms::Royalty(Royalty {
            base,
            rate_bp,
            ..royalty(1)
        })
    };
    assert_eq!(codes(&share(RoyaltyBase::NetSales, 2_000), &usual), []);
    assert_eq!(
        codes(&share(RoyaltyBase::NetSales, 2_001), &usual),
        [("/rateBp".into(), "netSalesRateOverCap")]
    );
    assert_eq!(codes(&share(RoyaltyBase::Profit, 4_000), &usual), []);
    assert_eq!(
        codes(&share(RoyaltyBase::Profit, 4_001), &usual),
        [("/rateBp".into(), "profitRateOverCap")]
    );
    let entry = Terms::EntryAndRoyalty {
        entry_fen: Fen(1),
        royalty: royalty(2_500),
    };
    let both = stages(vec![(Some(1), Terms::Free), (None, entry)]);
    assert_eq!(
        codes(&both, &usual),
        [(
            "/stages/1/terms/royalty/rateBp".into(),
            "netSalesRateOverCap"
        )]
    );
    let generous = Caps {
        net_sales_bp: 2_500,
        ..usual
    };
    assert_eq!(codes(&both, &generous), []);
}
