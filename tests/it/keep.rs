//! Keeping an installation: the audit names what was touched, copies are whole, an export comes in again.

use kaixu::{ops::verify, store::Db};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::{
    imports::import,
    installed_on_both, on_both,
    support::{
        World,
        invariants::hold_in,
        process::{Installation, lines, number, until},
        sql,
    },
};

/// Does this to the row, asks the audit, and puts the row back.
async fn touched(world: &World, table: &str, row: &str, change: &str) -> String {
    let db = &world.services.db;
    sql::execute(
        db,
        &format!("create table saved as select * from {table} where {row}"),
    )
    .await;
    let statement = match change {
        "delete" => format!("delete from {table} where {row}"),
        set => format!("update {table} set {set} where {row}"),
    };
    assert_eq!(sql::execute(db, &statement).await, 1, "{statement}");
    let found = verify::verify(&world.services).await.expect("runs");
    sql::execute(db, &format!("delete from {table} where {row}")).await;
    sql::execute(db, &format!("insert into {table} select * from saved")).await;
    sql::execute(db, "drop table saved").await;
    let whole = verify::verify(&world.services).await.expect("runs");
    assert!(whole.is_ok(), "put back after {statement}: {whole:?}");
    found.expect_err(&statement).to_string()
}

/// A document with one word replaced, as each database writes it.
fn reworded(db: &Db, from: &str, to: &str) -> String {
    match db {
        Db::Sqlite { .. } => format!("doc = replace(doc, '{from}', '{to}')"),
        Db::Postgres(_) => format!("doc = replace(doc::text, '{from}', '{to}')::jsonb"),
    }
}

on_both! {
    async fn the_audit_names_the_first_thing_that_was_touched(world) {
        let holder = world.organisation("蓝湾大学").await;
        import(&world, Some(&holder), lines(0..3)).await;
        let done = import(&world, None, format!("{}{{\"title\":\"坏行\"}}\n", lines(3..6))).await;
        let db = &world.services.db;
        let (free, held) = (number(4), number(1));
        let holding = sql::text(db, &format!("select id from holdings where number = '{held}'")).await;
        let own = format!("number = '{free}'");
        let by_id = format!("id = '{holding}'");
        let other = format!("body_hash = '{}'", "0".repeat(64));
        // The organisation is change 1, then patents 2 to 4, their holdings 5 to 7, patents 8 to 10.
        let last = "the row is not the one that was recorded";
        assert_eq!(touched(&world, "changes", "seq = 3", &other).await, format!("change 3: {last}"));
        assert_eq!(touched(&world, "changes", "seq = 2", "actor = 'nobody'").await, format!("change 2: {last}"));
        assert_eq!(touched(&world, "changes", "seq = 5", "audience = 'office'").await, format!("change 5: {last}"));
        assert_eq!(touched(&world, "changes", "seq = 9", "at = at + 1").await, format!("change 9: {last}"));
        assert_eq!(touched(&world, "changes", "seq = 4", "body = '{}'").await, "change 4: the body is not the one that was recorded");
        assert_eq!(touched(&world, "changes", "seq = 2", "delete").await, "change 3: change 2 is missing");
        assert_eq!(touched(&world, "changes", "seq = 10", "delete").await, "head: says 10, the last change is 9");
        assert_eq!(touched(&world, "head", "id = 1", "seq = 11").await, "head: says 11, the last change is 10");
        assert_eq!(touched(&world, "head", "id = 1", "hash = 'x'").await, "head: says 10, the last change is 10");
        let not = |place: String| format!("{place}: is not what change version 1 recorded");
        assert_eq!(touched(&world, "patents", &own, &reworded(db, "装置", "机器")).await, not(format!("patents/{free}")));
        assert_eq!(touched(&world, "patents", &own, "version = 2").await, not(format!("patents/{free}")));
        assert_eq!(touched(&world, "patents", &own, "hash = 'x'").await, not(format!("patents/{free}")));
        assert_eq!(touched(&world, "holdings", &by_id, &reworded(db, "confirmedByName", "confirmedByDocument")).await, not(format!("holdings/{holding}")));
        let columns = |place: String| format!("{place}: its columns are not those of its document");
        assert_eq!(touched(&world, "holdings", &by_id, "published = false").await, columns(format!("holdings/{holding}")));
        assert_eq!(touched(&world, "holdings", &by_id, "conversion = 'licensed'").await, columns(format!("holdings/{holding}")));
        let party = format!("organisations/{}", holder.id);
        let named = format!("id = '{}'", holder.id);
        sql::execute(db, &format!("update organisations set district = '371082' where {named}")).await;
        let moved = verify::verify(&world.services).await.expect("runs").expect_err("is found");
        assert_eq!(moved.to_string(), columns(party));
        sql::execute(db, &format!("update organisations set district = '371002' where {named}")).await;
        assert!(touched(&world, "patents", &own, "delete").await.starts_with(&format!("patents/{free}: is missing")));
        assert!(touched(&world, "holdings", &by_id, "delete").await.starts_with(&format!("holdings/{holding}: is missing")));
        let blob = sql::text(db, "select max(id) from blobs").await;
        let part = format!("blob = '{blob}'");
        let byte = match db { Db::Sqlite { .. } => "bytes = x'00'", Db::Postgres(_) => "bytes = '\\x00'" };
        let file = format!("file {blob}: its content is not the one that was stored");
        assert_eq!(touched(&world, "blob_parts", &part, byte).await, file);
        assert_eq!(touched(&world, "blob_parts", &part, "delete").await, file);
        let id = done["id"].as_str().expect("an id");
        // Its rejects hang on the import, so this row is changed back instead of being put back.
        let of = format!("where id = '{id}'");
        for (change, back, wanted) in [
            ("added = 4", "added = 3", "its counts do not add up"),
            ("unchanged = 1, rejected = 0", "unchanged = 0, rejected = 1", "0 rows were rejected, 1 are kept"),
        ] {
            sql::execute(db, &format!("update imports set {change} {of}")).await;
            let found = verify::verify(&world.services).await.expect("runs").expect_err("is found");
            assert_eq!(found.to_string(), format!("imports/{id}: {wanted}"));
            sql::execute(db, &format!("update imports set {back} {of}")).await;
        }
        assert_eq!(touched(&world, "import_rejects", &format!("import = '{id}'"), "delete").await, format!("imports/{id}: 1 rows were rejected, 0 are kept"));
    }
}

/// An address of a database that has nothing in it.
async fn empty_database(server: &str, name: &str) -> String {
    let mut connection = PgConnection::connect(server).await.expect("connects");
    let name = format!("{name}{}", std::process::id());
    let create = format!("create database {name} template template0");
    connection
        .execute(AssertSqlSafe(create))
        .await
        .expect("creates");
    format!("{}/{name}", server.rsplit_once('/').expect("an address").0)
}

/// A place to restore into, of the same kind.
async fn beside(place: &Installation, name: &str) -> Installation {
    match &place.database {
        None => Installation::sqlite(),
        Some(url) => Installation::over(Some(empty_database(url, &format!("r{name}")).await)),
    }
}

fn text(path: &std::path::Path) -> &str {
    path.to_str().expect("UTF-8")
}

installed_on_both! {
    async fn a_backup_beside_a_writing_server_restores_whole_and_goes_on_where_it_stood(place) {
        let key = place.key("office").await;
        let server = place.serve().await;
        let location = server.upload(&key, "?fileName=a.jsonl", lines(0..6_000)).await;
        until("rows are written", async || (server.import(&key, &location).await["counts"]["rows"].as_i64() > Some(0)).then_some(())).await;
        let amid = place.folder.path().join("amid.backup");
        place.done(&["backup", text(&amid)]).await;
        let again = place.run(&["backup", text(&amid)]).await;
        assert!(again.code == Some(1) && again.stderr.contains("exists already"), "{again:?}");
        server.imported(&key, &location).await;
        let after = place.folder.path().join("after.backup");
        place.done(&["backup", text(&after)]).await;

        let whole = beside(&place, "whole").await;
        assert!(whole.done(&["restore", text(&after)]).await.contains("all hold"));
        let refused = whole.run(&["restore", text(&after)]).await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("exists; move it away first") || refused.stderr.contains("is not empty"), "{}", refused.stderr);
        let restored = whole.serve().await;
        let snapshot = async |of: &crate::support::server::Running| of.get("/v1/snapshots/latest").await.text().await.expect("text");
        let (a, b) = (snapshot(&server).await, snapshot(&restored).await);
        assert!(a.lines().count() == 6_003 && a == b, "the district's target too: the same public state, place and hash in the feed");
        restored.counts("", 6_000).await;
        assert_eq!(restored.import(&key, &location).await["counts"]["added"], 6_000, "keys and imports too");

        let early = beside(&place, "early").await;
        assert!(early.done(&["restore", text(&amid)]).await.contains("all hold"));
        let restored = early.serve().await;
        let done = restored.imported(&key, &location).await;
        assert_eq!((&done["state"], &done["counts"]["added"]), (&"done".into(), &6_000.into()), "{done}");
        early.done(&["verify"]).await;
        hold_in(&early).await;
    }

    async fn an_export_imported_into_a_fresh_place_gives_the_same_documents(place) {
        let rich = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/demo/patents.jsonl");
        let plain = place.file("plain.jsonl", lines(0..20));
        place.done(&["import", rich, text(&plain)]).await;
        let out = place.folder.path().join("out.ndjson");
        place.done(&["export", text(&out)]).await;
        let exported = std::fs::read_to_string(&out).expect("there");
        assert_eq!(exported.lines().count(), 349);
        assert_eq!(place.done(&["export"]).await, exported, "standard output");
        let fresh = Installation::sqlite();
        assert!(fresh.done(&["import", text(&out)]).await.contains("349 rows, 349 added, 0 merged, 0 unchanged, 0 rejected"));
        assert_eq!(fresh.done(&["export"]).await, exported);
        fresh.done(&["verify"]).await;
        let (a, b) = (place.db().await, fresh.db().await);
        let patents = async |db: &Db| {
            let mut tx = db.read().await.expect("reads");
            let page = kaixu::store::patents::page(&mut tx, "", 500).await.expect("reads");
            page.into_iter().map(|p| (p.value.number.to_string(), p.hash)).collect::<Vec<_>>()
        };
        assert_eq!(patents(&a).await, patents(&b).await);
        assert!(place.done(&["import", text(&out)]).await.contains("349 unchanged"));
    }

    async fn verify_ends_with_an_error_where_something_does_not_hold(place) {
        let file = place.file("a.jsonl", lines(0..3));
        place.done(&["import", text(&file)]).await;
        assert_eq!(place.done(&["verify"]).await, "3 changes, 3 records, 1 imports, 0 files, 0 contents: all hold\n");
        let db = place.db().await;
        sql::execute(&db, "update changes set actor = 'x' where seq = 2").await;
        db.close().await;
        let found = place.run(&["verify"]).await;
        assert_eq!(found.code, Some(1));
        assert_eq!(found.stderr, "kaixu: does not hold: change 2: the row is not the one that was recorded\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_folder_is_no_empty_database_and_a_left_over_log_is_not_played_into_a_restored_one()
{
    let place = Installation::sqlite();
    for command in [&["verify"][..], &["backup", "b"], &["export"], &["reindex"]] {
        let refused = place.run(command).await;
        assert!(
            refused.code == Some(1) && refused.stderr.contains("there is no database"),
            "{refused:?}"
        );
        assert!(!place.data().exists(), "{command:?} made a folder");
    }
    let missing = place.run(&["restore", "nowhere"]).await;
    assert!(
        missing.code == Some(1) && missing.stderr.contains("nowhere does not exist"),
        "{missing:?}"
    );
    place.done(&["migrate"]).await;
    let copy = place.folder.path().join("b");
    place.done(&["backup", text(&copy)]).await;
    let other = Installation::sqlite();
    std::fs::create_dir(other.data()).expect("makes");
    std::fs::write(other.data().join("kaixu.sqlite-wal"), "old").expect("writes");
    let refused = other.run(&["restore", text(&copy)]).await;
    assert!(
        refused.code == Some(1) && refused.stderr.contains("kaixu.sqlite-wal exists"),
        "{refused:?}"
    );
    assert!(!other.data().join("kaixu.sqlite").exists());
}
