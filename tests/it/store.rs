//! The store on both databases: one writer, numbers without gaps, a chain that can be checked, snapshots.

use std::sync::Arc;

use kaixu::{
    domain::{
        access::Actor,
        codes::Uscc,
        event::{Audience, ChainHash, Change, ChangeRow, GENESIS, Noun, Verb, sha256_hex},
        id::{Id, Ids},
        party::{Organisation, OrganisationKind},
        time::{Clock, Instant},
    },
    ops::{Services, imports, organisations as ops, verify},
    store::{Db, Error, changes, holdings, organisations, patents},
};
use sqlx::AssertSqlSafe;

use crate::{
    on_both,
    support::{World, postgres_database},
};

const NOW: Instant = Instant::from_micros(1_700_000_000_000_000);

fn note(key: &str, version: i64) -> Change {
    Change {
        noun: Noun::Patent,
        verb: Verb::Set,
        key: key.into(),
        version,
        audience: Audience::Public,
        effective_on: None,
        body: None,
        body_hash: sha256_hex(key.as_bytes()),
    }
}

fn organisation(ids: &Ids, n: u32, name: &str) -> Organisation {
    Organisation {
        id: ids.next(NOW),
        uscc: Uscc::complete(&format!("12371002{n:08}")).expect("completes"),
        name: name.into(),
        aliases: Vec::new(),
        kind: OrganisationKind::University,
        district: "371002".into(),
        town: None,
        unverified: false,
        business_licence: None,
        fictional: true,
    }
}

async fn rows(db: &Db) -> Vec<ChangeRow> {
    let mut tx = db.read().await.expect("reads");
    changes::after(&mut tx, 0, 10_000).await.expect("rows")
}

/// Numbered 1, 2, 3, …, each row chained to the one before, the head at the end.
#[track_caller]
fn assert_chained(rows: &[ChangeRow], head: &changes::Head) {
    let mut prev = GENESIS;
    for (row, seq) in rows.iter().zip(1..) {
        assert_eq!((row.seq, row.prev.as_str()), (seq, prev));
        assert_eq!(row.hash, row.expected_hash(ChainHash::Sha256), "row {seq}");
        prev = &row.hash;
    }
    assert_eq!(
        (head.seq, head.hash.as_str()),
        (i64::try_from(rows.len()).expect("small"), prev)
    );
}

async fn head(db: &Db) -> changes::Head {
    let mut tx = db.read().await.expect("reads");
    changes::head(&mut tx).await.expect("head")
}

async fn execute(db: &Db, sql: &str) {
    match db {
        Db::Sqlite { write, .. } => drop(
            sqlx::query(AssertSqlSafe(sql.to_owned()))
                .execute(write)
                .await
                .expect(sql),
        ),
        Db::Postgres(pool) => drop(
            sqlx::query(AssertSqlSafe(sql.to_owned()))
                .execute(pool)
                .await
                .expect(sql),
        ),
    }
}

on_both! {
    async fn eight_writers_at_once_number_their_commits_without_a_gap(world) {
        let db = world.services.db.clone();
        let writers = (0..8).map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut done = Vec::new();
                for turn in 0..25_i64 {
                    let mut tx = db.begin_write(NOW, &format!("writer {writer}")).await.expect("writes");
                    let before = changes::head(&mut tx).await.expect("head").seq;
                    for part in 0..=turn % 3 {
                        tx.record(note(&format!("{writer}-{turn}-{part}"), turn + 1));
                    }
                    done.push((before, tx.commit().await.expect("commits"), format!("{writer}-{turn}-"), turn % 3 + 1));
                }
                done
            })
        });
        let mut commits = Vec::new();
        for writer in futures_util::future::join_all(writers).await {
            commits.extend(writer.expect("no panic"));
        }
        let rows = rows(&db).await;
        assert_chained(&rows, &head(&db).await);
        assert_eq!(commits.len(), 200);
        commits.sort_unstable();
        let mut at = 0;
        for (before, after, keys, count) in commits {
            // What a writer read when it began still held when it committed, and its rows stand together.
            assert_eq!((before, after), (at, at + count), "{keys}");
            let mine = &rows[usize::try_from(at).expect("small")..usize::try_from(after).expect("small")];
            assert!(mine.iter().all(|row| row.key().starts_with(&keys)), "{keys} {mine:?}");
            at = after;
        }
        assert_eq!(rows.len(), usize::try_from(at).expect("small"));
    }

    async fn what_is_rolled_back_leaves_no_trace(world) {
        let db = &world.services.db;
        let lost = organisation(&world.services.ids, 1, "没有提交");
        let mut tx = db.begin_write(NOW, "test").await.expect("writes");
        organisations::insert(&mut tx, &lost).await.expect("inserts");
        tx.record(note("lost", 1));
        drop(tx);
        let mut tx = db.begin_write(NOW, "test").await.expect("writes");
        assert_eq!(organisations::find(&mut tx, &lost.id).await.expect("finds"), None);
        assert_eq!(tx.commit().await.expect("commits"), 0, "an empty commit moves nothing");
        let mut tx = db.begin_write(NOW, "test").await.expect("writes");
        tx.record(note("kept", 1));
        assert_eq!(tx.commit().await.expect("commits"), 1);
        let rows = rows(db).await;
        assert_chained(&rows, &head(db).await);
        assert_eq!(rows[0].subject, "patents/kept");
    }

    async fn a_statement_that_fails_takes_the_whole_commit_with_it(world) {
        let db = &world.services.db;
        let (one, twin) = (organisation(&world.services.ids, 1, "甲大学"), organisation(&world.services.ids, 1, "乙大学"));
        let mut tx = db.begin_write(NOW, "test").await.expect("writes");
        organisations::insert(&mut tx, &one).await.expect("inserts");
        tx.record(note("a", 1));
        let taken = organisations::insert(&mut tx, &twin).await.expect_err("the code is taken");
        assert!(matches!(taken, Error::Duplicate), "{taken}");
        drop(tx);
        assert_eq!((rows(db).await.len(), head(db).await.seq), (0, 0));
        let mut tx = db.read().await.expect("reads");
        assert_eq!(organisations::count(&mut tx, None).await.expect("counts"), 0);
    }

    async fn an_altered_row_breaks_the_chain_at_its_number(world) {
        for n in 0..5 {
            world.organisation(&format!("第 {n} 学院")).await;
        }
        let db = &world.services.db;
        assert!(verify::verify(&world.services).await.expect("reads").is_ok());
        for (change, back, place) in [
            ("update changes set actor = 'x' where seq = 3", "update changes set actor = 'test' where seq = 3", "change 3"),
            ("update changes set audience = 'office' where seq = 2", "update changes set audience = 'public' where seq = 2", "change 2"),
            ("update changes set at = at + 1 where seq = 4", "update changes set at = at - 1 where seq = 4", "change 4"),
            ("update head set seq = 4 where id = 1", "update head set seq = 5 where id = 1", "head"),
            ("update organisations set version = 2 where name = '第 1 学院'", "update organisations set version = 1 where name = '第 1 学院'", "organisations/"),
            ("delete from changes where seq = 5", "", "head"),
        ] {
            execute(db, change).await;
            let found = verify::verify(&world.services).await.expect("reads").expect_err(change);
            assert!(found.place.starts_with(place), "{change}: {found}");
            if !back.is_empty() {
                execute(db, back).await;
                assert!(verify::verify(&world.services).await.expect("reads").is_ok(), "{back}");
            }
        }
    }

    async fn a_record_changes_only_from_the_version_that_it_has(world) {
        let db = &world.services.db;
        let mut record = organisation(&world.services.ids, 1, "甲大学");
        let mut tx = db.begin_write(NOW, "test").await.expect("writes");
        let stored = organisations::insert(&mut tx, &record).await.expect("inserts");
        assert_eq!((stored.version, &stored.hash), (1, &record.document_hash()));
        record.name = "乙大学".into();
        for from in [0, 2, -1] {
            let refused = organisations::update(&mut tx, &record, from).await.expect_err("another version");
            assert!(matches!(refused, Error::Stale), "{refused}");
        }
        let next = organisations::update(&mut tx, &record, 1).await.expect("updates");
        assert_eq!(next.version, 2);
        tx.commit().await.expect("commits");
        let mut tx = db.read().await.expect("reads");
        assert_eq!(organisations::find(&mut tx, &record.id).await.expect("finds"), Some(next));
    }

    async fn a_reader_sees_one_moment_and_nothing_after_it(world) {
        let db = &world.services.db;
        world.organisation("先来大学").await;
        let mut early = db.read().await.expect("reads");
        assert_eq!(changes::head(&mut early).await.expect("head").seq, 1);
        world.organisation("后来大学").await;
        assert_eq!(changes::head(&mut early).await.expect("head").seq, 1);
        assert_eq!(changes::after(&mut early, 0, 10).await.expect("rows").len(), 1);
        assert_eq!(organisations::count(&mut early, None).await.expect("counts"), 1);
        drop(early);
        assert_eq!(head(db).await.seq, 2);
    }

    async fn a_reader_cannot_write(world) {
        let mut tx = world.services.db.read().await.expect("reads");
        let refused = organisations::insert(&mut tx, &organisation(&world.services.ids, 1, "甲大学")).await;
        assert!(matches!(refused, Err(Error::Sql(_))), "{refused:?}");
    }

    async fn a_writer_that_waits_too_long_is_told_that_the_database_is_busy(world) {
        let db = world.services.db.clone();
        // Another process, as far as the embedded database is concerned.
        let other = match &db {
            Db::Sqlite { .. } => Db::open_sqlite(&world.folder.path().join("kaixu.sqlite")).await.expect("opens"),
            Db::Postgres(_) => db.clone(),
        };
        let mut held = db.begin_write(NOW, "test").await.expect("writes");
        held.record(note("held", 1));
        let refused = other.begin_write(NOW, "test").await.err().expect("the writer's place is taken");
        assert!(matches!(refused, Error::Busy), "{refused}");
        let mut reader = other.read().await.expect("readers do not wait");
        assert_eq!(changes::head(&mut reader).await.expect("head").seq, 0);
        assert_eq!(held.commit().await.expect("commits"), 1);
        let tx = other.begin_write(NOW, "test").await.expect("free again");
        assert_eq!(tx.commit().await.expect("commits"), 1);
    }

    async fn text_sorts_by_its_bytes(world) {
        let mut tx = world.services.db.begin_write(NOW, "test").await.expect("writes");
        let mut names = ["z", "Z", "a", "A", "é", "中文", "_", "10", "9", "Ａ"];
        for (n, name) in (1..).zip(names) {
            let mut record = organisation(&world.services.ids, n, "排序大学");
            record.district = name.into();
            organisations::insert(&mut tx, &record).await.expect("inserts");
        }
        tx.commit().await.expect("commits");
        let sql = "select district from organisations order by district";
        let sorted: Vec<String> = match &world.services.db {
            Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_all(read).await.expect("sorted"),
            Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.expect("sorted"),
        };
        names.sort_unstable();
        assert_eq!(sorted, names);
    }
}

/// The same history on one database; everything that can be read of it.
async fn history(world: &World) -> String {
    let services = Services {
        clock: Clock::fixed("2026-01-02T03:04:05Z"),
        ids: Arc::new(Ids::seeded(7)),
        ..world.services.clone()
    };
    let actor = Actor::operator("test");
    let mut first: Option<Id> = None;
    for n in (1..=6_u32).rev() {
        let made = organisation(&services.ids, n, &format!("第 {n} 大学"));
        let new = ops::NewOrganisation {
            uscc: made.uscc,
            name: made.name,
            aliases: vec!["曾用名 Ä".into()],
            kind: made.kind,
            district: format!("37100{}", n % 3),
            town: None,
            fictional: false,
        };
        first = Some(
            ops::create(&services, &actor, None, new)
                .await
                .expect("creates")
                .record
                .value
                .id,
        );
    }
    let first = first.expect("one at least").to_string();
    let file = world.file("a.jsonl", concat!(
        r#"{"number":"202480012345","title":"一种“渔网”清洗装置 \\ \" é 🐟","owners":["第 1 大学"],"filingDate":"2024-03-01","conversion":"unused"}"#, "\n",
        r#"{"number":"201990001234","title":"碳纤维鱼竿","owners":["别家公司"],"applicants":["第 1 大学","甲"],"unit":"材料学院"}"#, "\n",
        r#"{"number":"2.01E+12","title":"坏行"}"#, "\n",
    ));
    for _ in 0..2 {
        let (mut progress, mut reject) = (|_: &_| {}, |_: &_| {});
        let asked = imports::FileImport {
            path: &file,
            holder: Some(&first),
            status_as_of: None,
            dry_run: false,
            on_progress: &mut progress,
            on_reject: &mut reject,
            on_look: &mut |_| {},
            said: Vec::new(),
            guesses: false,
        };
        imports::import_file(&services, &actor, asked)
            .await
            .expect("imports")
            .expect("is read");
    }
    let id = Id::parse(&first).expect("an id");
    let patch = ops::OrganisationPatch {
        name: Some("改名大学".into()),
        ..ops::OrganisationPatch::default()
    };
    ops::update(&services, &actor, &id, 1, patch)
        .await
        .expect("renames");
    let mut tx = services.db.read().await.expect("reads");
    format!(
        "{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}",
        changes::after(&mut tx, 0, 1_000).await.expect("rows"),
        organisations::page(&mut tx, Some("371001"), None, 100)
            .await
            .expect("organisations"),
        organisations::page(&mut tx, None, None, 4)
            .await
            .expect("organisations"),
        patents::page(&mut tx, "", 100).await.expect("patents"),
        holdings::page_by_id(&mut tx, "", 100)
            .await
            .expect("holdings"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_history_leaves_the_same_records_and_hashes_on_both_databases() {
    let Some(postgres) = World::postgres().await else {
        return;
    };
    let sqlite = World::sqlite().await;
    let (one, other) = (history(&sqlite).await, history(&postgres).await);
    assert!(one.contains("holding.gone") && one.contains("🐟"), "{one}");
    for (a, b) in one.lines().zip(other.lines()) {
        assert_eq!(a, b);
    }
    assert_eq!(one.lines().count(), other.lines().count());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_database_that_does_not_sort_by_bytes_is_refused() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let (server, name) = url.rsplit_once('/').expect("an address");
    let Db::Postgres(pool) = Db::open_postgres(&url).await.expect("opens") else {
        unreachable!("PostgreSQL")
    };
    for (suffix, options, accepted) in [
        ("c", "locale 'C' encoding 'UTF8'", true),
        (
            "utf8",
            "lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8' encoding 'UTF8'",
            true,
        ),
        (
            "icu",
            "locale_provider icu icu_locale 'en-US' locale 'C' encoding 'UTF8'",
            false,
        ),
        ("latin", "locale 'C' encoding 'LATIN1'", false),
        ("ascii", "locale 'C' encoding 'SQL_ASCII'", false),
    ] {
        let made = sqlx::query(AssertSqlSafe(format!(
            "create database {name}_{suffix} template template0 {options}"
        )))
        .execute(&pool)
        .await;
        if let Err(error) = made {
            assert!(suffix == "icu" || suffix == "utf8", "{error}");
            eprintln!("skipped: {suffix} ({error})");
            continue;
        }
        match Db::open_postgres(&format!("{server}/{name}_{suffix}")).await {
            Ok(_) => assert!(accepted, "{suffix}"),
            Err(error) => {
                assert!(
                    !accepted && matches!(error, Error::Unsuitable(_)),
                    "{suffix}: {error}"
                );
                assert!(error.to_string().contains("createdb"), "{error}");
            }
        }
    }
}
