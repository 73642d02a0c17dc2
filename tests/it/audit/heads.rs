//! Heads of the chain: one a day, public, in the feed; whoever has kept one finds out what was altered since, with the program
//! or with the few lines that the documentation prints.

use std::process::Command;

use kaixu::{
    domain::{
        audit_head::AuditHead,
        event::{ChainHash, GENESIS},
        time::Instant,
    },
    ops::{audit_heads, dump, verify},
    store::{audit_heads as stored, changes, meta},
};
use serde_json::{Value, json};

use crate::{
    installed_on_both, on_both_at,
    support::{World, market::Market, process::lines, sql},
};

const DOCUMENT: &str = include_str!("../../../docs/audit.md");

/// The program that the documentation prints.
fn program() -> &'static str {
    let (_, rest) = DOCUMENT
        .split_once("<!-- recount -->\n```python\n")
        .expect("the program");
    rest.split_once("```").expect("its end").0
}

/// Runs it over a dump; `None` where there is no Python.
fn recounted(dump: &[u8], heads: Option<&Value>) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, kept) = (
        folder.path().join("dump.ndjson"),
        folder.path().join("heads.json"),
    );
    std::fs::write(&file, dump).expect("writes");
    let mut command = Command::new("python3");
    command.arg("-c").arg(program()).arg(&file);
    if let Some(heads) = heads {
        std::fs::write(&kept, heads.to_string()).expect("writes");
        command.arg(&kept);
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(_) => {
            eprintln!("skipped: no python3");
            return None;
        }
    };
    let said = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    ))
}

async fn dumped(world: &World) -> Vec<u8> {
    let mut bytes = Vec::new();
    dump::write(&world.services, &mut bytes)
        .await
        .expect("is dumped");
    bytes
}

fn heads_of(listed: &Value) -> Vec<AuditHead> {
    serde_json::from_value(listed["items"].clone()).expect("heads")
}

/// Writes history anew from a change on, with fitting hashes: what the chain alone cannot tell.
async fn rewrite(world: &World, from: i64) {
    let db = &world.services.db;
    let mut tx = db.read().await.expect("reads");
    let algorithm = meta::chain_hash(&mut tx).await.expect("reads");
    let rows = changes::after(&mut tx, from - 1, 10_000)
        .await
        .expect("reads");
    drop(tx);
    let mut prev = rows[0].prev.clone();
    for (n, mut row) in rows.into_iter().enumerate() {
        if n == 0 {
            row.actor = "nobody".into();
        }
        row.prev = prev;
        row.hash = row.expected_hash(algorithm);
        let set = format!(
            "update changes set actor = '{}', prev = '{}', hash = '{}' where seq = {}",
            row.actor, row.prev, row.hash, row.seq
        );
        sql::execute(db, &set).await;
        prev = row.hash;
    }
    sql::execute(db, &format!("update head set hash = '{prev}'")).await;
}

on_both_at! { "2026-03-02T02:00:00Z";
    async fn the_daily_run_publishes_one_head_a_day_that_everybody_may_read(world) {
        let services = &world.services;
        assert!(!audit_heads::publish(services).await.expect("runs"), "nothing has happened yet");
        let market = Market::new(&world).await;
        assert!(!audit_heads::run(services).await.expect("runs"), "nothing before today");
        market.on("2026-03-03");
        let before = { let mut tx = services.db.read().await.expect("reads"); changes::head(&mut tx).await.expect("reads") };
        assert!(audit_heads::run(services).await.expect("runs"));
        assert!(!audit_heads::run(services).await.expect("runs"), "one a day");
        let head = world.get("/v1/audit/heads/2026-03-03").await;
        assert_eq!((head.status.as_u16(), head.header("etag")), (200, "\"1\""));
        let head: AuditHead = serde_json::from_value(head.json()).expect("a head");
        assert_eq!((head.seq, &head.hash, head.algorithm), (before.seq, &before.hash, ChainHash::Sha256));
        assert_eq!(head.at, "2026-03-03T02:00:00Z");
        market.patent().await;
        market.on("2026-03-04");
        assert!(audit_heads::run(services).await.expect("runs"));
        let listed = world.get("/v1/audit/heads?limit=1").await.json();
        assert_eq!((&listed["total"], &listed["items"][0]["day"]), (&json!(2), &json!("2026-03-04")));
        let next = listed["next"].as_str().expect("more");
        let older = world.get(&format!("/v1/audit/heads?limit=1&after={next}")).await.json();
        assert_eq!((&older["items"][0]["day"], &older["next"]), (&json!("2026-03-03"), &Value::Null));
        world.get("/v1/audit/heads/2026-03-05").await.problem(404, "notFound");
        world.get("/v1/audit/heads/heute").await.problem(404, "notFound");
        world.get("/v1/audit/heads?day=1").await.problem(400, "parameterInvalid");
        let page = world.get("/about/audit").await.text();
        assert!(page.contains(&head.hash) && page.contains("2026-03-04"), "{page}");
        assert!(world.get("/about/audit?lang=en").await.text().contains("Heads of the audit chain"));
        let feed = world.get("/v1/changes?limit=200").await.text();
        assert!(feed.contains("auditHead.set") && feed.contains(&head.hash), "{feed}");
        verify::verify(services).await.expect("runs").expect("holds");
    }

    async fn whoever_has_kept_a_head_finds_out_what_was_written_anew(world) {
        let services = &world.services;
        let market = Market::new(&world).await;
        market.patent().await;
        market.on("2026-03-03");
        audit_heads::run(services).await.expect("runs");
        market.patent().await;
        let listed = world.get("/v1/audit/heads").await.json();
        let kept = heads_of(&listed);
        let report = verify::verify_against(services, &kept).await.expect("runs").expect("holds");
        assert_eq!(report.heads, 1);
        let dump = dumped(&world).await;
        let report = verify::verify_dump_against(dump.as_slice(), &kept).expect("reads").expect("holds");
        assert_eq!(report.heads, 1);
        if let Some((holds, said)) = recounted(&dump, Some(&listed)) {
            assert!(holds && said.contains("changes hold"), "{said}");
        }
        // A head that names what is not there yet, and one by another algorithm.
        let (mut late, mut other) = (kept[0].clone(), kept[0].clone());
        late.seq = 10_000;
        other.algorithm = ChainHash::Sm3;
        for (bad, what) in [(late, "is missing"), (other, "is not the one that it names")] {
            let found = verify::verify_against(services, &[bad]).await.expect("runs").expect_err("is found");
            assert_eq!(found.place, "the kept head of 2026-03-03");
            assert!(found.what.contains(what), "{found}");
        }
        // History rewritten with fitting hashes: the published head in the chain betrays it, and so does the kept one.
        let (db, place) = (&services.db, kept[0].seq - 1);
        for table in ["changes", "head"] {
            sql::execute(db, &format!("create table saved_{table} as select * from {table}")).await;
        }
        rewrite(&world, place).await;
        let found = verify::verify(services).await.expect("runs").expect_err("is found");
        assert_eq!(found.what, "is not the head of the chain as it was", "{found}");
        let found = verify::verify_against(services, &kept).await.expect("runs").expect_err("is found");
        assert_eq!(found.to_string(), format!("the kept head of 2026-03-03: change {} is not the one that it names", kept[0].seq));
        if let Some((holds, said)) = recounted(&dumped(&world).await, Some(&listed)) {
            assert!(!holds && said.contains("the head of 2026-03-03 names another"), "{said}");
        }
        for table in ["changes", "head"] {
            sql::execute(db, &format!("delete from {table}")).await;
            sql::execute(db, &format!("insert into {table} select * from saved_{table}")).await;
            sql::execute(db, &format!("drop table saved_{table}")).await;
        }
    }

    async fn a_chain_by_sm3_is_settled_before_its_first_change_and_for_good(world) {
        let services = &world.services;
        let settle = async |wanted| meta::settle_chain_hash(&services.db, wanted, services.now()).await;
        assert_eq!(settle(Some(ChainHash::Sm3)).await.expect("settles"), ChainHash::Sm3);
        assert_eq!(settle(None).await.expect("says"), ChainHash::Sm3);
        let market = Market::new(&world).await;
        market.patent().await;
        market.on("2026-03-03");
        assert!(audit_heads::run(services).await.expect("runs"));
        let listed = world.get("/v1/audit/heads").await.json();
        assert_eq!(listed["items"][0]["algorithm"], "sm3");
        let refused = settle(Some(ChainHash::Sha256)).await.expect_err("is refused").to_string();
        assert!(refused.contains("is hashed by sm3") && refused.contains("cannot be changed"), "{refused}");
        let kept = heads_of(&listed);
        verify::verify_against(services, &kept).await.expect("runs").expect("holds");
        let dump = dumped(&world).await;
        assert!(String::from_utf8_lossy(&dump).lines().next().expect("a line").contains("\"chainHash\":\"sm3\""));
        verify::verify_dump_against(dump.as_slice(), &kept).expect("reads").expect("holds");
        if let Some((holds, said)) = recounted(&dump, Some(&listed)) {
            assert!(holds || said.contains("unsupported hash"), "{said}");
        }
        let mut tx = services.db.read().await.expect("reads");
        let first = changes::after(&mut tx, 0, 1).await.expect("reads").remove(0);
        drop(tx);
        assert_eq!(first.prev, GENESIS);
        assert_eq!(first.hash, first.expected_hash(ChainHash::Sm3));
        assert_ne!(first.hash, first.expected_hash(ChainHash::Sha256));
        // Whoever says another afterwards, in the database itself, says that no row holds.
        sql::execute(&services.db, "update meta set value = 'sha256' where key = 'chainHash'").await;
        let found = verify::verify(services).await.expect("runs").expect_err("is found");
        assert_eq!(found.to_string(), "change 1: the row is not the one that was recorded");
        sql::execute(&services.db, "update meta set value = 'sm3' where key = 'chainHash'").await;
    }

    async fn a_chain_that_has_begun_stays_by_sha_256(world) {
        let services = &world.services;
        world.organisation("蓝湾大学").await;
        let settled = meta::settle_chain_hash(&services.db, Some(ChainHash::Sm3), services.now()).await;
        assert!(settled.expect_err("is refused").to_string().contains("is hashed by sha256"));
        verify::verify(services).await.expect("runs").expect("holds");
    }

    async fn a_head_that_does_not_name_the_row_before_it_does_not_hold(world) {
        let services = &world.services;
        let market = Market::new(&world).await;
        market.on("2026-03-03");
        audit_heads::run(services).await.expect("runs");
        let mut tx = services.db.read().await.expect("reads");
        let known = stored::page_latest(&mut tx, "~", 10).await.expect("reads").remove(0).value;
        let row = changes::after(&mut tx, known.seq, 1).await.expect("reads").remove(0);
        drop(tx);
        assert!(known.follows(&row, ChainHash::Sha256));
        for change in [
            |h: &mut AuditHead| h.seq -= 1,
            |h: &mut AuditHead| h.hash = GENESIS.into(),
            |h: &mut AuditHead| h.algorithm = ChainHash::Sm3,
            |h: &mut AuditHead| h.at = "2026-03-03T02:00:01Z".into(),
        ] {
            let mut other = known.clone();
            change(&mut other);
            assert!(!other.follows(&row, ChainHash::Sha256), "{other:?}");
        }
        let earlier = AuditHead::taken(known.seq, known.hash.clone(), known.algorithm, Instant::start_of("2026-03-02".parse().expect("a day")));
        assert!(!earlier.follows(&row, ChainHash::Sha256));
    }
}

/// The examples of GB/T 32905—2016, annex A.
#[test]
fn sm3_is_that_of_the_standard() {
    let first = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
    assert_eq!(ChainHash::Sm3.hex(b"abc"), first);
    let second = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732";
    assert_eq!(ChainHash::Sm3.hex("abcd".repeat(16).as_bytes()), second);
}

installed_on_both! {
    async fn the_setting_is_taken_at_the_first_start_and_refused_afterwards(place) {
        let command = async |setting: &str, arguments: &[&str]| {
            let mut command = place.command(arguments);
            command.env("KAIXU_CHAIN_HASH", setting);
            crate::support::process::outcome_of(command).await
        };
        let wrong = command("md5", &["migrate"]).await;
        assert!(wrong.code == Some(1) && wrong.stderr.contains("KAIXU_CHAIN_HASH"), "{wrong:?}");
        assert_eq!(command("sm3", &["migrate"]).await.code, Some(0));
        let stock = place.file("stock.jsonl", lines(0..3));
        place.done(&["import", stock.to_str().expect("UTF-8")]).await;
        let other = command("sha256", &["verify"]).await;
        assert!(other.code == Some(1) && other.stderr.contains("is hashed by sm3") && other.stderr.contains("remove the setting"), "{other:?}");
        place.done(&["verify"]).await;
        // Heads that were kept, at the command line.
        let db = place.db().await;
        let services = crate::support::services_over(db, None, place.folder.path());
        assert!(audit_heads::publish(&services).await.expect("publishes"));
        let mut tx = services.db.read().await.expect("reads");
        let head = stored::page_latest(&mut tx, "~", 1).await.expect("reads").remove(0).value;
        drop(tx);
        services.db.close().await;
        let kept = place.file("heads.json", json!({ "items": [head], "total": 1 }).to_string());
        let kept = kept.to_str().expect("UTF-8");
        let said = place.done(&["verify", "--heads", kept]).await;
        assert!(said.contains(", 1 kept heads: all hold"), "{said}");
        let dump = place.folder.path().join("all.ndjson.gz");
        let dump = dump.to_str().expect("UTF-8");
        place.done(&["dump", dump]).await;
        let said = place.done(&["verify", "--dump", dump, "--heads", kept]).await;
        assert!(said.contains(", 1 kept heads: all hold"), "{said}");
        let mut forged = head.clone();
        forged.hash = GENESIS.into();
        let forged = place.file("forged.json", serde_json::to_string(&forged).expect("JSON"));
        let found = place.run(&["verify", "--dump", dump, "--heads", forged.to_str().expect("UTF-8")]).await;
        assert!(found.code == Some(1) && found.stderr.contains("the kept head of"), "{found:?}");
        let none = place.run(&["verify", "--dump", dump, "--heads", stock.to_str().expect("UTF-8")]).await;
        assert!(none.code == Some(1) && none.stderr.contains("holds no heads"), "{none:?}");
    }
}
