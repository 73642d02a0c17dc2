//! The contract of the feed: whoever follows it from the beginning, or takes a snapshot at any moment and goes
//! on from there, ends with exactly the records that the database holds for this reader, and hears of no other.

pub mod client;
mod history;

use std::collections::BTreeMap;

use axum::http::Method;
use kaixu::{
    domain::event::{Audience, Sight},
    store::{changes, conflicts, consents, holdings, listings, organisations, patents},
};
use serde_json::json;

use self::{
    client::{Client, Key, Known},
    history::{Cast, Dice, SECRET, import, number, play, secret_holding},
};
use crate::{
    on_both,
    support::{World, invariants::hold},
};

/// What the database holds for this reader.
async fn truth(world: &World, sight: &Sight) -> BTreeMap<Key, Known> {
    let mut tx = world.services.db.read().await.expect("reads");
    let mut all = Vec::new();
    for o in organisations::page_by_id(&mut tx, "", 10_000)
        .await
        .expect("reads")
    {
        all.push((
            Audience::Public,
            "organisations",
            o.value.id.to_string(),
            o.version,
            o.hash,
        ));
    }
    for p in patents::page(&mut tx, "", 10_000).await.expect("reads") {
        all.push((
            Audience::Public,
            "patents",
            p.value.number.to_string(),
            p.version,
            p.hash,
        ));
    }
    for c in conflicts::page_by_id(&mut tx, "", 10_000)
        .await
        .expect("reads")
    {
        let key = c.value.id.to_string();
        all.push((c.value.audience(), "conflicts", key, c.version, c.hash));
    }
    for l in listings::page_by_id(&mut tx, "", 10_000)
        .await
        .expect("reads")
    {
        let key = l.value.id.to_string();
        all.push((l.value.audience(), "listings", key, l.version, l.hash));
    }
    for c in consents::page_by_id(&mut tx, "", 10_000)
        .await
        .expect("reads")
    {
        for audience in c.value.audiences() {
            let key = c.value.id.to_string();
            all.push((audience, "consents", key, c.version, c.hash.clone()));
        }
    }
    for h in holdings::page_by_id(&mut tx, "", 10_000)
        .await
        .expect("reads")
    {
        let audience = if h.value.published {
            Audience::Public
        } else {
            Audience::Organisation(h.value.organisation.clone())
        };
        all.push((
            audience,
            "holdings",
            h.value.id.to_string(),
            h.version,
            h.hash,
        ));
    }
    let seen = all
        .into_iter()
        .filter(|(audience, ..)| sight.sees(audience));
    seen.map(|(_, noun, key, version, hash)| ((noun.to_owned(), key), Known { version, hash }))
        .collect()
}

/// The numbers of the rows that are meant for this reader.
async fn rows_for(world: &World, sight: &Sight) -> Vec<i64> {
    let mut tx = world.services.db.read().await.expect("reads");
    let rows = changes::after(&mut tx, 0, 100_000).await.expect("rows");
    let mine = rows
        .iter()
        .filter(|row| sight.sees(&Audience::parse(&row.audience).expect("an audience")));
    mine.map(|row| row.seq).collect()
}

/// Every kind of reader, with its key.
fn readers(cast: &Cast) -> [(&'static str, Sight, Option<&str>); 4] {
    let [one, other] = &cast.holders;
    [
        ("nobody", Sight::Public, None),
        (
            "one holder",
            Sight::Own(one.id.clone()),
            Some(&cast.keys[0]),
        ),
        (
            "the other holder",
            Sight::Own(other.id.clone()),
            Some(&cast.keys[1]),
        ),
        ("the office", Sight::Office, Some(&cast.office)),
    ]
}

on_both! {
    async fn every_way_of_following_ends_with_what_the_database_holds(world) {
        let cast = Cast::new(&world).await;
        let secret = secret_holding(&world, &cast).await;
        let readers = readers(&cast);
        let mut dice = Dice(20_261_124);

        // From the beginning, a little behind all the time; from a snapshot in the middle; from snapshots taken
        // while others write.
        let mut early = readers.each_ref().map(|(_, _, key)| Client::new(*key));
        let mut tally = play(&world, &cast, &mut dice, 0, 25).await;
        for client in &mut early {
            client.follow(&world, 7).await;
        }
        let mut middle = readers.each_ref().map(|(_, _, key)| Client::new(*key));
        for client in &mut middle {
            client.snapshot(&world).await;
        }
        let mut during = Vec::new();
        let (mut one, mut other) = (Dice(1), Dice(2));
        let (more, even_more, ()) = tokio::join!(
            play(&world, &cast, &mut one, 1, 20),
            play(&world, &cast, &mut other, 2, 20),
            async {
                for round in 0..6 {
                    for (_, _, key) in &readers {
                        let mut client = Client::new(*key);
                        client.snapshot(&world).await;
                        if round % 2 == 0 {
                            client.follow(&world, 3).await;
                        }
                        during.push(client);
                    }
                    tokio::task::yield_now().await;
                }
            },
        );
        let last = play(&world, &cast, &mut dice, 3, 10).await;
        for part in [more, even_more, last] {
            tally.done += part.done;
            tally.refused += part.refused;
            tally.hidden += part.hidden;
            tally.renamed += part.renamed;
        }
        assert!(tally.done > 40 && tally.hidden > 3 && tally.renamed > 2, "a dull history proves little: {tally:?}");

        for (place, (name, sight, key)) in readers.iter().enumerate() {
            let expected = truth(&world, sight).await;
            assert!(expected.len() > 10, "{name}: {}", expected.len());
            let mut fresh = Client::new(*key);
            fresh.follow(&world, 7).await;
            assert_eq!(fresh.sequences, rows_for(&world, sight).await, "{name} gets each of its rows once and no other");
            assert!(fresh.superseded > 0, "{name}");
            let mut late = Client::new(*key);
            late.snapshot(&world).await;
            late.follow(&world, 200).await;
            assert!(late.sequences.len() == 1, "{name}: a fresh snapshot leaves nothing to follow");
            early[place].follow(&world, 7).await;
            assert_eq!(early[place].sequences, fresh.sequences, "{name}");
            middle[place].follow(&world, 5).await;
            for client in during.iter_mut().skip(place).step_by(readers.len()) {
                client.follow(&world, 11).await;
                assert_eq!(client.records, expected, "{name}, from a snapshot among writes");
            }
            for (way, client) in [("from the beginning", &fresh), ("step by step", &early[place]), ("from a snapshot", &late),
                ("from an older snapshot", &middle[place])] {
                assert_eq!(client.records, expected, "{name}, {way}");
                let may = *name == "the office" || *name == "one holder";
                assert_eq!(client.received.contains(&secret) && client.received.contains(SECRET), may, "{name}, {way}");
                assert!(may || !(client.received.contains(&secret) || client.received.contains(SECRET)), "{name}, {way}");
            }
            let hidden = expected.len() < truth(&world, &Sight::Office).await.len();
            assert_eq!(hidden, *name != "the office", "{name}: the history left something to hide");
        }
        assert!(early[0].gone > 0, "the public heard of something going away");
        hold(&world).await;
    }

    async fn whoever_loses_sight_of_a_record_gets_a_tombstone(world) {
        let cast = Cast::new(&world).await;
        import(&world, &cast.keys[0], &[json!({ "number": number(1), "title": "甲", "owners": ["蓝湾大学"] })]).await;
        let mut clients = readers(&cast).map(|(_, _, key)| Client::new(key));
        for client in &mut clients {
            client.follow(&world, 7).await;
            assert_eq!(client.records.keys().filter(|(noun, _)| noun == "holdings").count(), 1);
        }
        let id = world.get("/v1/holdings").await.json()["items"][0]["id"].as_str().expect("an id").to_owned();
        let path = format!("/v1/holdings/{id}");
        for (tag, published, public) in [("\"1\"", false, 0), ("\"2\"", true, 1), ("\"3\"", false, 0)] {
            let edit = world.ask(Method::PATCH, &path).key(&cast.keys[0]).header("if-match", tag);
            let edit = edit.json(&json!({ "published": published })).send().await;
            assert_eq!(edit.status, 200, "{}", edit.text());
            for ((name, _, _), client) in readers(&cast).iter().zip(&mut clients) {
                client.follow(&world, 7).await;
                let held = client.records.keys().filter(|(noun, _)| noun == "holdings").count();
                let sees = matches!(*name, "one holder" | "the office");
                assert_eq!(held, if sees { 1 } else { public }, "{name} {published}");
            }
        }
        // A new name of the organisation takes the confirmation away, and with it the publication.
        let show = world.ask(Method::PATCH, &path).key(&cast.keys[0]).header("if-match", "\"4\"").json(&json!({ "published": true })).send().await;
        assert_eq!(show.status, 200, "{}", show.text());
        clients[0].follow(&world, 7).await;
        let gone = clients[0].gone;
        let rename = world.ask(Method::PATCH, &format!("/v1/organisations/{}", cast.holders[0].id)).key(&cast.office)
            .header("if-match", "\"1\"").json(&json!({ "name": "更名大学" })).send().await;
        assert_eq!(rename.status, 200, "{}", rename.text());
        clients[0].follow(&world, 7).await;
        assert_eq!(clients[0].gone, gone + 1);
        world.get(&path).await.problem(404, "notFound");
    }

    async fn an_unchanged_import_writes_no_row(world) {
        let cast = Cast::new(&world).await;
        let lines: Vec<_> = (0..9).map(|n| json!({ "number": number(n), "title": format!("装置 {n}"), "owners": ["蓝湾大学"], "unit": "甲" })).collect();
        import(&world, &cast.keys[0], &lines).await;
        let mut client = Client::new(None);
        client.follow(&world, 200).await;
        let again = import(&world, &cast.keys[0], &lines).await;
        assert_eq!((&again["counts"]["unchanged"], &again["counts"]["merged"]), (&json!(9), &json!(0)), "{again}");
        let rows = client.sequences.len();
        client.follow(&world, 200).await;
        assert_eq!(client.sequences.len(), rows);
        let one = json!({ "number": number(3), "title": "装置 3", "owners": ["蓝湾大学"], "unit": "乙" });
        import(&world, &cast.keys[0], &[one]).await;
        client.follow(&world, 200).await;
        assert_eq!(client.sequences.len(), rows + 1, "one holding changed");
    }

    async fn a_cursor_of_another_audience_is_refused(world) {
        let cast = Cast::new(&world).await;
        let readers = readers(&cast);
        for (name, _, key) in &readers {
            let mut client = Client::new(*key);
            client.follow(&world, 1).await;
            let cursor = client.cursor.clone().expect("a cursor");
            for (other, _, their_key) in &readers {
                let answer = Client::new(*their_key).ask(&world, &format!("/v1/changes?after={cursor}")).await;
                if name == other {
                    assert_eq!(answer.status, 200, "{name}");
                } else {
                    answer.problem(400, "cursorMismatch");
                }
            }
        }
    }

    async fn an_empty_register_has_an_empty_feed_and_snapshot(world) {
        let mut client = Client::new(None);
        let text = client.ask(&world, "/v1/snapshots/latest").await.text();
        let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
        assert_eq!((lines.len(), &lines[0]["seq"], &lines[1]), (2, &json!(0), &json!({ "type": "end", "records": 0 })), "{text}");
        client.cursor = lines[0]["next"].as_str().map(str::to_owned);
        client.follow(&world, 7).await;
        assert_eq!(client.sequences, Vec::<i64>::new());
        world.organisation("头一所大学").await;
        client.follow(&world, 7).await;
        assert_eq!((client.sequences.clone(), client.records.len()), (vec![1], 1));
        let mut fresh = Client::new(None);
        fresh.follow(&world, 7).await;
        assert_eq!(fresh.records, client.records);
    }

    async fn a_cursor_from_a_future_that_was_restored_away_has_expired(world) {
        // Two registers that began alike: the one is what the other is restored to.
        let restored = match &world.services.db {
            kaixu::store::Db::Sqlite { .. } => World::sqlite().await,
            kaixu::store::Db::Postgres(_) => World::postgres().await.expect("a server"),
        };
        for n in 0..5 {
            world.organisation(&format!("第 {n} 学院")).await;
        }
        let mut client = Client::new(None);
        client.follow(&world, 2).await;
        let cursor = client.cursor.clone().expect("a cursor");
        let path = format!("/v1/changes?after={cursor}");
        restored.get(&path).await.problem(410, "cursorExpired");
        for n in 0..9 {
            restored.organisation(&format!("另 {n} 学院")).await;
        }
        // The number exists again, but it is another row.
        restored.get(&path).await.problem(410, "cursorExpired");
        for bad in ["x", "", "AAAA", &cursor[1..]].into_iter().filter(|b| !b.is_empty()) {
            world.get(&format!("/v1/changes?after={bad}")).await.problem(400, "cursorInvalid");
        }
    }
}
