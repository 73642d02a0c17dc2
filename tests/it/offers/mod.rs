//! Open licences in the search: what stands on a day is found on that day, counted, ordered by its fee and shown;
//! nothing else is. The database announces, the index follows, midnight needs no change row.

mod announced;
mod model;

use crate::register::{Running, TODAY, With as _, ask, bodies, ids, number, patent};
use jiff::ToSpan as _;
use kaixu::{
    domain::{
        id::Id,
        money::Fen,
        search::{FacetField, Found, OfferHit, Query, Sort},
        terms::FeeMode,
        time::Day,
    },
    search::Error,
};

fn day(offset: i64) -> Day {
    TODAY.saturating_add(offset.days())
}

fn offer(declaration: &Id, from: i64, until: i64, fee_fen: i64) -> OfferHit {
    OfferHit {
        declaration: declaration.clone(),
        from: day(from),
        until: day(until),
        mode: if fee_fen == 0 {
            FeeMode::Free
        } else {
            FeeMode::LumpSum
        },
        first_year_fixed_fen: Fen(fee_fen),
        free: fee_fen == 0,
        royalty: false,
        know_how: None,
    }
}

fn body(n: usize) -> String {
    format!("20191{:07}", n + 1)
}

async fn registered(count: usize) -> Running {
    Running::over(
        (0..count)
            .map(|n| patent(&body(n), "海带切割机", ""))
            .collect(),
    )
    .await
}

fn counts(found: &Found, field: FacetField) -> Vec<(String, u64)> {
    let facet = found.facets.iter().find(|facet| facet.field == field);
    let mut counts: Vec<(String, u64)> = facet
        .expect("asked for")
        .buckets
        .iter()
        .map(|bucket| (bucket.value.clone(), bucket.count))
        .collect();
    counts.sort();
    counts
}

fn offered(today: Day) -> Query {
    let mut query = Query { today, ..ask("") };
    query.filters.on_offer = Some(true);
    query
}

#[tokio::test]
async fn midnight_begins_and_ends_an_offer_without_any_change() {
    let running = registered(2).await;
    let id = &ids(1)[0];
    running
        .register
        .offer(&number(&body(0)), offer(id, 0, 3, 200_000));
    running.settled().await;
    let last = running.register.last();
    for (today, stands) in [(-1, false), (0, true), (3, true), (4, false)] {
        let mut query = offered(day(today));
        query.facets = vec![FacetField::Offer, FacetField::FeeMode];
        let found = running.find(query).await.unwrap();
        assert_eq!(found.total, u64::from(stands), "day {today}");
        let expected = if stands {
            vec![("notOffered".to_owned(), 1), ("offered".to_owned(), 1)]
        } else {
            vec![("notOffered".to_owned(), 2)]
        };
        assert_eq!(counts(&found, FacetField::Offer), expected, "day {today}");
        let everything = Query {
            today: day(today),
            ..ask("")
        };
        let found = running.find(everything).await.unwrap();
        let shown = found.hits.iter().filter_map(|hit| hit.offer.as_ref());
        assert_eq!(shown.count(), usize::from(stands), "day {today}");
        let mut rest = offered(day(today));
        rest.filters.on_offer = Some(false);
        assert_eq!(
            running.find(rest).await.unwrap().total,
            2 - u64::from(stands)
        );
        let (other, sight) = (number(&body(1)), ask("").sight);
        let like = running.search.similar(&other, 5, &sight, day(today)).await;
        assert_eq!(like.unwrap()[0].offer.is_some(), stands);
    }
    assert_eq!(
        running.register.last(),
        last,
        "nothing was written meanwhile"
    );
}

#[tokio::test]
async fn the_latest_declaration_of_a_patent_is_the_one_that_counts() {
    let running = registered(1).await;
    let ids = ids(2);
    let number = number(&body(0));
    running
        .register
        .offer(&number, offer(&ids[1], -30, -20, 100));
    running
        .register
        .offer(&number, offer(&ids[0], -10, 10, 300));
    running.settled().await;
    let found = running.find(offered(TODAY)).await.unwrap();
    let shown = found.hits[0].offer.as_ref().expect("stands");
    assert_eq!(
        (&shown.declaration, shown.first_year_fixed_fen),
        (&ids[0], Fen(300))
    );
}

#[tokio::test]
async fn a_row_that_brings_its_record_along_costs_no_question_to_the_database() {
    let running = registered(2).await;
    let ids = ids(2);
    running
        .register
        .offer(&number(&body(0)), offer(&ids[0], 0, 3, 0));
    running.settled().await;
    assert_eq!(running.bodies(offered(TODAY)).await, [body(0)]);
    assert_eq!(running.register.declarations_asked(), 0);
    running
        .register
        .offer_without_body(&number(&body(1)), offer(&ids[1], 0, 3, 0));
    running.settled().await;
    assert_eq!(running.bodies(offered(TODAY)).await, [body(0), body(1)]);
    assert!(running.register.declarations_asked() > 0);
}

#[tokio::test]
async fn whole_years_of_the_term_that_are_left_are_counted_from_the_day_asked() {
    let running = Running::over(vec![
        patent(&body(0), "甲", "").filed("2007-06-01"),
        patent(&body(1), "乙", "").filed("2007-05-31"),
        patent(&body(2), "丙", ""),
    ])
    .await;
    let left = |years, today| {
        let mut query = Query { today, ..ask("") };
        query.filters.term_left_years_at_least = Some(years);
        query
    };
    assert_eq!(
        running.bodies(left(1, TODAY)).await,
        [body(0)],
        "until 2027-06-01"
    );
    assert!(running.bodies(left(1, day(1))).await.is_empty());
    assert!(running.bodies(left(2, TODAY)).await.is_empty());
}

fn by_fee(limit: usize, today: Day) -> Query {
    Query {
        sort: Sort::Fee,
        limit,
        today,
        ..ask("")
    }
}

/// All hits, page by page; every page after the first is asked for on `later`.
async fn walk(running: &Running, mut query: Query, later: Day) -> Result<Vec<String>, Error> {
    let mut seen = Vec::new();
    loop {
        let found = running.find(query.clone()).await?;
        seen.extend(bodies(&found));
        let Some(next) = found.next else {
            return Ok(seen);
        };
        (query.cursor, query.today) = (Some(next), later);
    }
}

/// Free, cheap, cheap with a royalty, dear, over today, over tomorrow, never.
async fn stalls() -> Running {
    let running = registered(8).await;
    let ids = ids(8);
    let terms = [
        (6, 0, 9),
        (1, 100, 0),
        (2, 100, 9),
        (4, 100, 9),
        (3, 900, 9),
        (0, 50, -1),
    ];
    for (n, fee, until) in terms {
        let mut made = offer(&ids[n], -9, until, fee);
        made.royalty = n == 2;
        running.register.offer(&number(&body(n)), made);
    }
    running.settled().await;
    running
}

#[tokio::test]
async fn by_fee_the_offers_of_the_day_stand_first_and_pages_are_exact() {
    let running = stalls().await;
    let expected: Vec<String> = [6, 1, 4, 2, 3, 0, 5, 7].map(body).into();
    for limit in 1..=9 {
        let walked = walk(&running, by_fee(limit, TODAY), TODAY).await.unwrap();
        assert_eq!(walked, expected, "by {limit}");
    }
}

#[tokio::test]
async fn paging_past_midnight_goes_on_with_the_day_it_began_on() {
    let running = stalls().await;
    let expected: Vec<String> = [6, 1, 4, 2, 3, 0, 5, 7].map(body).into();
    let tomorrow: Vec<String> = [6, 4, 2, 3, 0, 1, 5, 7].map(body).into();
    assert_eq!(running.bodies(by_fee(9, day(1))).await, tomorrow);
    for limit in 1..=3 {
        let walked = walk(&running, by_fee(limit, TODAY), day(1)).await.unwrap();
        assert_eq!(walked, expected, "by {limit}");
        let narrowed = Query {
            sort: Sort::Number,
            limit,
            ..offered(TODAY)
        };
        let walked = walk(&running, narrowed, day(1)).await.unwrap();
        assert_eq!(walked, [1, 2, 3, 4, 6].map(body), "by {limit}");
    }
    let second = running.find(by_fee(1, TODAY)).await.unwrap().next;
    let page = Query {
        cursor: second.clone(),
        ..by_fee(1, day(1))
    };
    let found = running.find(page).await.unwrap();
    assert!(
        found.hits[0].offer.is_some(),
        "shown as of the day of the first page"
    );
    let stale = Query {
        cursor: second,
        ..by_fee(1, day(2))
    };
    assert!(matches!(
        running.find(stale).await,
        Err(Error::CursorExpired)
    ));
}

#[tokio::test]
async fn a_cursor_that_depends_on_no_day_serves_on_any() {
    let running = stalls().await;
    let plain = |today| Query {
        sort: Sort::Number,
        limit: 3,
        today,
        ..ask("")
    };
    let walked = walk(&running, plain(TODAY), day(400)).await.unwrap();
    assert_eq!(walked, (0..8).map(body).collect::<Vec<_>>());
    let next = running.find(plain(TODAY)).await.unwrap().next;
    let page = Query {
        cursor: next.clone(),
        ..plain(day(400))
    };
    let found = running.find(page).await.unwrap();
    assert!(
        found.hits.iter().all(|hit| hit.offer.is_none()),
        "judged by the later day"
    );
    let mut narrowed = Query {
        cursor: next,
        ..plain(TODAY)
    };
    narrowed.filters.free = Some(true);
    assert!(matches!(
        running.find(narrowed).await,
        Err(Error::CursorMismatch)
    ));
}
