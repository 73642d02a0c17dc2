//! Files and jobs in the store: parts and contents, leases that one worker holds and another takes over.

use std::task::Poll;

use axum::http::Method;
use kaixu::{
    domain::{
        access::Role,
        id::Id,
        time::{Clock, Instant},
    },
    ops::installation,
    store::{Db, blobs, jobs},
};
use serde_json::json;

use crate::{on_both, support::World};

const NOW: Instant = Instant::from_micros(1_700_000_000_000_000);

fn id(world: &World) -> Id {
    world.services.ids.next(NOW)
}

async fn enqueue(world: &World, run_at: Instant) -> Id {
    let id = id(world);
    let mut tx = world.services.db.begin_plain().await.expect("writes");
    jobs::enqueue(&mut tx, &id, "test", &json!({ "a": "中" }), run_at)
        .await
        .expect("enqueues");
    tx.commit().await.expect("commits");
    id
}

async fn claim(db: &Db, lease: &Id, now: Instant) -> Option<jobs::Leased> {
    let mut tx = db.begin_plain().await.expect("writes");
    let job = jobs::claim(&mut tx, "test", lease, now, now.plus_seconds(15))
        .await
        .expect("claims");
    tx.commit().await.expect("commits");
    job
}

async fn is_due(db: &Db, now: Instant) -> bool {
    let mut tx = db.read().await.expect("reads");
    jobs::any_due(&mut tx, "test", now).await.expect("asks")
}

/// Goes some way into a transaction, so many turns, and gives up.
async fn gives_up(db: &Db, turns: usize) {
    let mut beginning = std::pin::pin!(db.read());
    for _ in 0..turns {
        let turn = std::future::poll_fn(|cx| Poll::Ready(beginning.as_mut().poll(cx)));
        if turn.await.is_ready() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_micros(50)).await;
    }
}

on_both! {
    async fn who_gives_up_halfway_leaves_no_transaction_to_the_next(world) {
        let db = &world.services.db;
        for turns in (1..30).cycle().take(600) {
            gives_up(db, turns).await;
            let tx = db.begin_write(NOW, "test").await.expect("writes after one who gave up");
            tx.commit().await.expect("commits");
        }
    }

    async fn of_many_workers_one_gets_the_job(world) {
        let job = enqueue(&world, NOW).await;
        let claims = (0..8).map(|_| {
            let (db, lease) = (world.services.db.clone(), id(&world));
            tokio::spawn(async move { claim(&db, &lease, NOW).await })
        });
        let got: Vec<jobs::Leased> =
            futures_util::future::join_all(claims).await.into_iter().filter_map(|c| c.expect("no panic")).collect();
        assert_eq!(got.len(), 1, "{got:?}");
        assert_eq!((got[0].id.as_str(), got[0].attempts, &got[0].payload["a"]), (job.to_string().as_str(), 1, &json!("中")));
    }

    async fn a_job_that_is_held_keeps_nobody_from_the_next(world) {
        let db = &world.services.db;
        let jobs = [enqueue(&world, NOW).await, enqueue(&world, NOW.plus_seconds(1)).await];
        let now = NOW.plus_seconds(2);
        for job in jobs {
            assert_eq!(claim(db, &id(&world), now).await.expect("due").id, job.to_string());
        }
        assert!(claim(db, &id(&world), now).await.is_none());
    }

    async fn a_dead_workers_job_is_taken_over_when_its_lease_has_run_out(world) {
        let db = &world.services.db;
        enqueue(&world, NOW.plus_seconds(5)).await;
        assert!(!is_due(db, NOW).await && claim(db, &id(&world), NOW).await.is_none(), "not before its time");
        let now = NOW.plus_seconds(5);
        assert!(is_due(db, now).await);
        let dead = claim(db, &id(&world), now).await.expect("due");
        assert!(!is_due(db, now.plus_seconds(15)).await && claim(db, &id(&world), now.plus_seconds(15)).await.is_none(), "held");
        let late = now.plus_seconds(16);
        let heir = claim(db, &id(&world), late).await.expect("the lease has run out");
        assert_eq!((heir.id.as_str(), heir.attempts), (dead.id.as_str(), 2));
        let mut tx = db.begin_plain().await.expect("writes");
        assert!(!jobs::extend(&mut tx, &dead, late.plus_seconds(99)).await.expect("asks"), "it is no longer its job");
        assert!(!jobs::is_held(&mut tx, &dead).await.expect("asks"));
        jobs::finish(&mut tx, &dead).await.expect("changes nothing");
        jobs::release(&mut tx, &dead, NOW, "late").await.expect("changes nothing");
        assert!(jobs::is_held(&mut tx, &heir).await.expect("asks"));
        assert!(jobs::extend(&mut tx, &heir, late.plus_seconds(99)).await.expect("asks"));
        tx.commit().await.expect("commits");
        assert!(claim(db, &id(&world), late.plus_seconds(90)).await.is_none(), "the lease was extended");
        let mut tx = db.begin_plain().await.expect("writes");
        jobs::finish(&mut tx, &heir).await.expect("finishes");
        tx.commit().await.expect("commits");
        assert!(!is_due(db, late.plus_seconds(9_999)).await, "done is done");
    }

    async fn a_job_handed_back_comes_again_at_its_time_and_the_oldest_first(world) {
        let db = &world.services.db;
        let second = enqueue(&world, NOW.plus_seconds(1)).await;
        let first = enqueue(&world, NOW).await;
        let later = NOW.plus_seconds(10);
        let job = claim(db, &id(&world), later).await.expect("due");
        assert_eq!(job.id, first.to_string());
        let mut tx = db.begin_plain().await.expect("writes");
        jobs::release(&mut tx, &job, later.plus_seconds(60), "not yet").await.expect("hands back");
        tx.commit().await.expect("commits");
        let other = claim(db, &id(&world), later).await.expect("the other");
        assert_eq!(other.id, second.to_string());
        let mut tx = db.begin_plain().await.expect("writes");
        jobs::finish(&mut tx, &other).await.expect("finishes");
        tx.commit().await.expect("commits");
        assert!(claim(db, &id(&world), later.plus_seconds(1)).await.is_none());
        let again = claim(db, &id(&world), later.plus_seconds(60)).await.expect("again");
        assert_eq!((again.id, again.attempts), (first.to_string(), 2));
    }

    async fn a_job_of_a_transaction_that_fails_was_never_there(world) {
        let db = &world.services.db;
        let mut tx = db.begin_write(NOW, "test").await.expect("writes");
        jobs::enqueue(&mut tx, &id(&world), "test", &json!({}), NOW).await.expect("enqueues");
        drop(tx);
        assert!(claim(db, &id(&world), NOW).await.is_none());
    }

    async fn a_file_comes_back_part_by_part_and_is_found_by_its_content(world) {
        let db = &world.services.db;
        let (blob, twin) = (id(&world), id(&world));
        let parts = [vec![7_u8; blobs::PART_BYTES], vec![0, 255, 10]];
        let mut tx = db.begin_plain().await.expect("writes");
        blobs::open(&mut tx, &blob, NOW).await.expect("opens");
        for (place, part) in (0..).zip(&parts) {
            blobs::add_part(&mut tx, &blob, place, part).await.expect("adds");
        }
        assert_eq!(blobs::find_by_content(&mut tx, "hash").await.expect("looks"), None, "unfinished");
        assert_eq!(blobs::page(&mut tx, "", 10).await.expect("lists"), []);
        blobs::finish(&mut tx, &blob, "hash", 1_048_579).await.expect("finishes");
        tx.commit().await.expect("commits");
        let mut tx = db.begin_plain().await.expect("writes");
        let found = blobs::find_by_content(&mut tx, "hash").await.expect("looks").expect("finished");
        assert_eq!((found.id.as_str(), found.size_bytes), (blob.to_string().as_str(), 1_048_579));
        for (place, part) in (0..).zip(&parts) {
            assert_eq!(blobs::read_part(&mut tx, &found.id, place).await.expect("reads").as_ref(), Some(part));
        }
        assert_eq!(blobs::read_part(&mut tx, &found.id, 2).await.expect("reads"), None);
        blobs::discard(&mut tx, &blob).await.expect("leaves a finished one");
        assert!(blobs::find_by_content(&mut tx, "hash").await.expect("looks").is_some());
        tx.commit().await.expect("commits");
        let mut tx = db.begin_plain().await.expect("writes");
        blobs::open(&mut tx, &twin, NOW).await.expect("opens");
        assert!(blobs::finish(&mut tx, &twin, "hash", 1).await.is_err(), "one content, one blob");
        drop(tx);
        let mut tx = db.begin_plain().await.expect("writes");
        assert!(blobs::add_part(&mut tx, &twin, 0, b"x").await.is_err(), "a part belongs to a blob");
    }

    async fn what_was_given_up_or_belongs_to_nothing_is_swept_and_what_is_referred_to_stays(world) {
        let db = &world.services.db;
        let key = world.key(Role::Office, None).await;
        let asking = world.ask(Method::POST, "/v1/files?name=a.txt").key(&key).header("content-type", "text/plain");
        let file = asking.body("evidence").send().await.json();
        let (old, young) = (id(&world), id(&world));
        let (whole, fresh) = (id(&world), id(&world));
        let mut services = world.services.clone();
        services.clock = Clock::fixed("2126-01-10T00:00:00Z");
        let now = services.now();
        let mut tx = db.begin_plain().await.expect("writes");
        for (blob, age) in [(&old, -90_000), (&young, -60), (&whole, -90_000), (&fresh, -60)] {
            blobs::open(&mut tx, blob, now.plus_seconds(age)).await.expect("opens");
            blobs::add_part(&mut tx, blob, 0, b"x").await.expect("adds");
        }
        blobs::finish(&mut tx, &whole, "hash", 1).await.expect("finishes");
        blobs::finish(&mut tx, &fresh, "other", 1).await.expect("finishes");
        tx.commit().await.expect("commits");
        installation::sweep(&services).await.expect("sweeps");
        let mut tx = db.read().await.expect("reads");
        for (blob, kept) in [(&old, false), (&young, true), (&whole, false), (&fresh, true)] {
            let part = blobs::read_part(&mut tx, &blob.to_string(), 0).await.expect("reads");
            assert_eq!(part.is_some(), kept, "{blob}");
        }
        drop(tx);
        let path = format!("/v1/files/{}/content", file["id"].as_str().expect("an id"));
        assert_eq!(world.ask(Method::GET, &path).key(&key).send().await.text(), "evidence");
    }
}
