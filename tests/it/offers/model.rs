//! What the index finds, counts and orders, against a plain list of random offers asked the same questions.

use kaixu::domain::{
    money::Fen,
    search::{FacetField, Found, OfferHit, Query},
    terms::FeeMode,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{body, by_fee, counts, day, offer, registered, walk};
use crate::register::{Running, ids, number};

const PATENTS: usize = 16;

/// A random offer: patent, first day, days, mode, fee, royalty.
fn any_offer() -> impl Strategy<Value = (usize, i64, i64, FeeMode, i64, bool)> {
    let mode = select(FeeMode::ALL.to_vec());
    (
        0..PATENTS,
        -4..4_i64,
        0..5_i64,
        mode,
        select(vec![0, 100, 200]),
        any::<bool>(),
    )
}

fn any_question() -> impl Strategy<Value = Query> {
    let modes = vec(select(FeeMode::ALL.to_vec()), 0..3);
    let fee = option::weighted(0.3, select(vec![0_i64, 100, 150, 200]));
    let yes = || option::weighted(0.4, any::<bool>());
    // With facets a condition is checked apart from the query, without them inside it.
    let shape = (select(vec!["", "海带切割"]), any::<bool>());
    (-6..10_i64, yes(), yes(), fee, modes, 1..6_usize, shape).prop_map(
        |(today, on, free, fee, modes, limit, (text, counted))| {
            let mut query = by_fee(limit, day(today));
            query.text = text.into();
            query.filters.on_offer = on;
            query.filters.free = free;
            query.filters.fee_at_most_fen = fee;
            query.filters.fee_modes = modes;
            if counted {
                query.facets = vec![FacetField::Offer, FacetField::FeeMode];
            }
            query
        },
    )
}

/// The same question asked of plain values, with or without the conditions that two facets leave out.
fn fits(query: &Query, offer: Option<&OfferHit>, standing: bool, mode: bool) -> bool {
    let filters = &query.filters;
    let today = offer.filter(|offer| offer.is_on(query.today));
    let holds = |test: &dyn Fn(&OfferHit) -> bool| today.is_some_and(test);
    (!standing || filters.on_offer.is_none_or(|on| on == today.is_some()))
        && (!mode
            || filters.fee_modes.is_empty()
            || holds(&|offer| filters.fee_modes.contains(&offer.mode)))
        && filters
            .free
            .is_none_or(|free| holds(&|offer| offer.free == free))
        && filters
            .fee_at_most_fen
            .is_none_or(|most| holds(&|offer| offer.first_year_fixed_fen.0 <= most))
}

fn check(
    runtime: &tokio::runtime::Runtime,
    running: &Running,
    known: &[Option<OfferHit>],
    query: &Query,
) {
    let found = runtime.block_on(running.find(query.clone())).unwrap();
    let mut expected: Vec<usize> = (0..PATENTS)
        .filter(|n| fits(query, known[*n].as_ref(), true, true))
        .collect();
    let on = |n: usize| known[n].as_ref().filter(|offer| offer.is_on(query.today));
    expected.sort_by_key(|n| {
        on(*n).map_or((true, Fen::ZERO, false, *n), |offer| {
            (false, offer.first_year_fixed_fen, offer.royalty, *n)
        })
    });
    assert_eq!(found.total, expected.len() as u64, "{query:?}");
    let walked = runtime
        .block_on(walk(running, query.clone(), query.today))
        .unwrap();
    assert_eq!(
        walked,
        expected.iter().map(|n| body(*n)).collect::<Vec<_>>(),
        "{query:?}"
    );
    for (hit, n) in found.hits.iter().zip(&expected) {
        assert_eq!(hit.offer.as_ref(), on(*n), "{query:?}");
    }
    if !query.facets.is_empty() {
        check_counts(&found, known, query);
    }
}

fn check_counts(found: &Found, known: &[Option<OfferHit>], query: &Query) {
    let mut standings = std::collections::BTreeMap::<String, u64>::new();
    let mut modes = std::collections::BTreeMap::<String, u64>::new();
    for offer in known.iter().map(Option::as_ref) {
        let on = offer.filter(|offer| offer.is_on(query.today));
        if fits(query, offer, false, true) {
            let standing = if on.is_some() {
                "offered"
            } else {
                "notOffered"
            };
            *standings.entry(standing.into()).or_default() += 1;
        }
        if let Some(offer) = on.filter(|_| fits(query, offer, true, false)) {
            *modes.entry(offer.mode.as_str().into()).or_default() += 1;
        }
    }
    assert_eq!(
        counts(found, FacetField::Offer),
        standings.into_iter().collect::<Vec<_>>(),
        "{query:?}"
    );
    assert_eq!(
        counts(found, FacetField::FeeMode),
        modes.into_iter().collect::<Vec<_>>(),
        "{query:?}"
    );
}

#[test]
fn what_the_index_finds_counts_and_orders_is_what_a_plain_list_would() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let ids = ids(40);
    let config = ProptestConfig {
        failure_persistence: None,
        cases: 6,
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    };
    proptest!(config, |(made in vec(any_offer(), 0..40), questions in vec(any_question(), 40))| {
        let running = runtime.block_on(registered(PATENTS));
        let mut known: Vec<Option<OfferHit>> = std::vec![None; PATENTS];
        for (id, (n, from, days, mode, fee, royalty)) in ids.iter().zip(made) {
            let mut one = offer(id, from, from + days, fee);
            (one.mode, one.royalty) = (mode, royalty);
            running.register.offer(&number(&body(n)), one.clone());
            let latest = |known: &OfferHit| (known.from, known.until, known.declaration.clone());
            if known[n].as_ref().is_none_or(|before| latest(before) < latest(&one)) {
                known[n] = Some(one);
            }
        }
        runtime.block_on(running.settled());
        for question in &questions {
            check(&runtime, &running, &known, question);
        }
    });
}
