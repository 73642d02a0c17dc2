//! From the database to the page: declarations as they are stored and changed, over the API and on the pages.

use jiff::{ToSpan as _, civil::date};
use kaixu::{
    domain::{
        declaration::{Declaration, DeclarationState},
        event::{Change, Noun, Verb, canonical_json},
        money::Fen,
        party::Organisation,
        search::{FacetField, Found, Hit, Query},
        terms::{Royalty, RoyaltyBase, Terms},
        time::Day,
    },
    store::{Stored, Tx, declarations, patents},
};

use super::{body, counts, offered};
use crate::{
    on_both,
    register::{ask, bodies, number, patent},
    support::World,
};

const LAST: Day = date(2099, 12, 31);

/// Four patents and an organisation that may declare them.
async fn stocked(world: &World) -> Organisation {
    let holder = world.organisation("蓝湾大学").await;
    let mut tx = begin(world).await;
    let all: Vec<_> = (0..4)
        .map(|n| patent(&body(n), "网箱清洗装置", "一种网箱清洗装置。"))
        .map(|value| Stored {
            version: 1,
            hash: value.document_hash(),
            value,
        })
        .collect();
    patents::put(&mut tx, &all).await.expect("stores");
    for patent in all {
        tx.record(Change {
            noun: Noun::Patent,
            verb: Verb::Set,
            key: patent.value.number.to_string(),
            version: 1,
            audience: kaixu::domain::event::Audience::Public,
            effective_on: None,
            body: None,
            body_hash: patent.hash,
        });
    }
    tx.commit().await.expect("commits");
    holder
}

async fn begin(world: &World) -> Tx {
    let now = world.services.clock.now();
    world
        .services
        .db
        .begin_write(now, "test")
        .await
        .expect("begins")
}

/// A declaration of patent `n`, announced on `from`.
fn declaration(
    world: &World,
    holder: &Organisation,
    n: usize,
    from: Day,
    terms: Terms,
) -> Declaration {
    let id = world.services.ids.next(world.services.clock.now());
    Declaration {
        declaration_number: Some(format!("no-{id}")),
        id,
        organisation: holder.id.clone(),
        number: number(&body(n)),
        state: DeclarationState::Announced,
        title: "网箱清洗装置".into(),
        patentees: vec![holder.name.clone()],
        main_class: None,
        industry: None,
        terms,
        until: LAST,
        explanation: "依据同类许可".into(),
        other: None,
        cap_override: None,
        evaluation: None,
        consents: Vec::new(),
        internal: kaixu::domain::declaration::Internal::default(),
        commitment: None,
        submitted_on: None,
        effective_on: Some(from),
        withdrawal_requested_on: None,
        ended_on: None,
        reason: None,
        sources: Vec::new(),
        recorded_late: false,
        recorder: None,
        must_withdraw: None,
        know_how: None,
        fictional: true,
    }
}

fn change(stored: &Stored<Declaration>) -> Change {
    Change {
        noun: Noun::Declaration,
        verb: Verb::Set,
        key: stored.value.id.to_string(),
        version: stored.version,
        audience: stored.value.audience(),
        effective_on: stored.value.effective_on,
        body: Some(canonical_json(&stored.value)),
        body_hash: stored.hash.clone(),
    }
}

async fn declare(world: &World, declaration: Declaration) -> Stored<Declaration> {
    let mut tx = begin(world).await;
    let stored = declarations::insert(&mut tx, declaration)
        .await
        .expect("inserts");
    tx.record(change(&stored));
    tx.commit().await.expect("commits");
    world.indexed().await;
    stored
}

async fn renew(
    world: &World,
    before: Stored<Declaration>,
    after: impl FnOnce(&mut Declaration),
) -> Stored<Declaration> {
    let mut tx = begin(world).await;
    let mut next = before.value;
    after(&mut next);
    let stored = declarations::update(&mut tx, next, before.version)
        .await
        .expect("updates");
    tx.record(change(&stored));
    tx.commit().await.expect("commits");
    world.indexed().await;
    stored
}

async fn find(world: &World, query: Query) -> Found {
    let search = world.services.search.as_ref().expect("has an index");
    search.search(query).await.expect("answers")
}

fn today(world: &World) -> Day {
    world.services.clock.today()
}

const fn lump(yuan: i64) -> Terms {
    Terms::LumpSum {
        amount_fen: Fen::yuan(yuan),
    }
}

fn entry(yuan: i64) -> Terms {
    let royalty = Royalty {
        base: RoyaltyBase::NetSales,
        rate_bp: 300,
        every_months: 12,
        pay_within_days: 30,
        floor_fen: None,
        cap_fen: None,
    };
    Terms::EntryAndRoyalty {
        entry_fen: Fen::yuan(yuan),
        royalty,
    }
}

/// Patent 0 for 2,000 yuan, 1 for 2,000 yuan and a royalty, 2 free; 3 is not offered.
async fn market(world: &World) {
    let holder = stocked(world).await;
    let yesterday = today(world).yesterday().expect("a day");
    for (n, terms) in [(0, lump(2_000)), (1, entry(2_000)), (2, Terms::Free)] {
        declare(world, declaration(world, &holder, n, yesterday, terms)).await;
    }
}

fn zl(n: usize) -> String {
    number(&body(n)).to_string()
}

on_both! {
    async fn only_what_was_announced_is_on_offer_and_from_its_day_on(world) {
        let holder = stocked(&world).await;
        let from = today(&world);
        let mut draft = declaration(&world, &holder, 0, from, lump(2_000));
        (draft.state, draft.effective_on, draft.declaration_number) = (DeclarationState::Submitted, None, None);
        let draft = declare(&world, draft).await;
        assert_eq!(find(&world, offered(from)).await.total, 0);
        let announced = renew(&world, draft, |d| {
            (d.state, d.effective_on) = (DeclarationState::Announced, Some(from));
        }).await;
        let found = find(&world, offered(from)).await;
        assert_eq!(bodies(&found), [body(0)]);
        let offer = found.hits[0].offer.as_ref().expect("stands");
        assert_eq!((&offer.declaration, offer.from, offer.until), (&announced.value.id, from, LAST));
        assert_eq!((offer.first_year_fixed_fen, offer.royalty, offer.free), (Fen::yuan(2_000), false, false));
        assert_eq!(find(&world, offered(from.yesterday().expect("a day"))).await.total, 0);
        assert_eq!(find(&world, offered(LAST)).await.total, 1);
        assert_eq!(find(&world, offered(LAST.tomorrow().expect("a day"))).await.total, 0);
        renew(&world, announced, |d| d.state = DeclarationState::Void).await;
        assert_eq!(find(&world, offered(from)).await.total, 0, "it never happened");
    }

    async fn a_withdrawal_takes_an_offer_away_from_the_announced_day_on(world) {
        let holder = stocked(&world).await;
        let from = today(&world);
        let end = from.saturating_add(3.days());
        let announced = declare(&world, declaration(&world, &holder, 0, from, Terms::Free)).await;
        let asked = renew(&world, announced, |d| {
            (d.state, d.withdrawal_requested_on) = (DeclarationState::WithdrawalRequested, Some(from));
        }).await;
        assert_eq!(find(&world, offered(end)).await.total, 1, "only asked for so far");
        renew(&world, asked, |d| (d.state, d.ended_on) = (DeclarationState::Withdrawn, Some(end))).await;
        let found = find(&world, offered(end.yesterday().expect("a day"))).await;
        assert_eq!(found.hits[0].offer.as_ref().expect("stands").until, end.yesterday().expect("a day"));
        assert_eq!(find(&world, offered(end)).await.total, 0);
        // Another price is another declaration.
        declare(&world, declaration(&world, &holder, 0, end, lump(900))).await;
        let found = find(&world, offered(end)).await;
        assert_eq!(found.hits[0].offer.as_ref().expect("stands").first_year_fixed_fen, Fen::yuan(900));
    }

    async fn a_new_index_finds_the_offers_of_an_old_database(world) {
        market(&world).await;
        let search = world.services.search.as_ref().expect("has an index");
        let before = search.generation();
        search.rebuild();
        while search.generation() == before {
            tokio::task::yield_now().await;
        }
        let mut query = Query { today: today(&world), ..ask("") };
        query.facets = vec![FacetField::Offer];
        let found = find(&world, query).await;
        assert_eq!(counts(&found, FacetField::Offer), [("notOffered".to_owned(), 1), ("offered".to_owned(), 3)]);
    }

    async fn the_api_narrows_counts_orders_and_exports_by_offer(world) {
        market(&world).await;
        let numbers = async |query: &str| -> Vec<String> {
            let page = world.get(&format!("/v1/patents?{query}")).await;
            assert_eq!(page.status, 200, "{}", page.text());
            let json = page.json();
            let items = json["items"].as_array().expect("a list").iter();
            items.map(|hit| hit["number"].as_str().expect("a number").to_owned()).collect()
        };
        assert_eq!(numbers("sort=fee").await, [2, 0, 1, 3].map(zl));
        assert_eq!(numbers("sort=number&onOffer=true").await, [0, 1, 2].map(zl));
        assert_eq!(numbers("onOffer=false").await, [zl(3)]);
        assert_eq!(numbers("free=true").await, [zl(2)]);
        assert_eq!(numbers("sort=number&free=false").await, [0, 1].map(zl));
        assert_eq!(numbers("feeAtMost=1999").await, [zl(2)]);
        assert_eq!(numbers("sort=fee&feeAtMost=2000&feeMode=lumpSum,entryAndRoyalty").await, [0, 1].map(zl));
        let page = world.get("/v1/patents?feeMode=lumpSum&facet=offer&facet=feeMode").await.json();
        assert_eq!(page["items"][0]["offer"]["firstYearFixedFen"], 200_000, "{page}");
        assert_eq!(page["items"][0]["offer"]["mode"], "lumpSum");
        assert_eq!(page["facets"][0]["buckets"][0]["value"], "offered");
        assert_eq!(page["facets"][0]["buckets"][0]["label"], "可开放许可");
        assert_eq!(page["facets"][1]["buckets"].as_array().map(Vec::len), Some(3), "without its own filter");
        let file = world.get("/v1/patents/export?onOffer=true&free=false").await;
        assert_eq!(file.header("x-total-count"), "2");
        let lines: Vec<Hit> = file.text().lines().map(|line| serde_json::from_str(line).expect("a hit")).collect();
        assert!(lines.len() == 2 && lines.iter().all(|hit| hit.offer.is_some()));
        for wrong in ["onOffer=maybe", "feeAtMost=-1", "feeAtMost=1.5", "feeMode=cash", "termLeftAtLeast=0", "termLeftAtLeast=21"] {
            assert_eq!(world.get(&format!("/v1/patents?{wrong}")).await.status, 400, "{wrong}");
        }
    }

    async fn the_search_page_shows_and_narrows_by_offers_in_both_languages(world) {
        market(&world).await;
        let page = world.get("/patents?sort=fee&lang=zh").await.text();
        for words in ["可开放许可 · 免费 · 至 2099-12-31", "可开放许可 · 首年 2,000 元 · 至 2099-12-31",
            "可开放许可 · 首年 2,000 元，另计提成 · 至 2099-12-31", "许可费从低到高", "一次总付", "未开放许可"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(page.contains("/patents?sort=fee&#38;onOffer=true") && page.contains("name=\"feeAtMost\""), "{page}");
        let page = world.get("/patents?onOffer=false&feeAtMost=3000&termLeftAtLeast=7&lang=en").await.text();
        for words in ["CNY 3,000", "7 years", "Not on offer", "Nothing fits these conditions"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let page = world.get("/patents?onOffer=true&free=true&lang=en").await.text();
        assert!(page.contains("On offer · free of charge · until 2099-12-31"), "{page}");
        assert!(!page.contains("<script"));
        // Choosing the other answer replaces the first one.
        assert!(page.contains("/patents?free=true\"") && !page.contains("onOffer=true&#38;onOffer"), "{page}");
    }
}
