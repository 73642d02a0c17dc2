//! An import survives the death of its process: whoever finds the job goes on where the counts stand.

use serde_json::{Value, json};

use crate::{
    installed_on_both,
    support::{
        process::{Installation, lines, until},
        server::Running,
        sql,
    },
};

const ROWS: u32 = 20_000;

/// Rows 0 to 19,999, a bad line and a repeated one after every thousand.
fn file() -> String {
    let thousands = (0..ROWS / 1_000).map(|t| {
        let first = t * 1_000;
        format!(
            "{}{{\"app_no\":\"2.02E+12\",\"title\":\"坏行\"}}\n{}",
            lines(first..first + 1_000),
            lines(0..1)
        )
    });
    thousands.collect()
}

/// Waits until more than this many rows are counted.
async fn beyond(server: &Running, key: &str, location: &str, rows: i64) -> Value {
    until("the import moves on", async || {
        let import = server.import(key, location).await;
        (import["counts"]["rows"].as_i64() > Some(rows)).then_some(import)
    })
    .await
}

fn wanted() -> Value {
    json!({"rows": 20_040, "added": 20_000, "merged": 0, "unchanged": 20, "rejected": 20, "held": 0, "claimed": 0})
}

/// Every patent once, rejects once, the chain whole, all of it searchable.
async fn whole(place: &Installation, server: &Running) {
    server.counts("", ROWS.into()).await;
    let db = place.db().await;
    assert_eq!(
        sql::number(&db, "select count(*) from patents").await,
        i64::from(ROWS)
    );
    assert_eq!(
        sql::number(
            &db,
            "select count(*) from changes where kind = 'patent.set'"
        )
        .await,
        i64::from(ROWS)
    );
    assert_eq!(
        sql::number(&db, "select count(*) from import_rejects").await,
        20
    );
    db.close().await;
    assert!(place.done(&["verify"]).await.contains("all hold"));
}

installed_on_both! {
    async fn an_import_killed_at_three_moments_ends_with_the_right_counts_and_nothing_twice(place) {
        let key = place.key("office").await;
        let mut server = place.serve().await;
        let location = server.upload(&key, "?fileName=a.jsonl", file()).await;
        let mut rows = 0;
        for _ in 0..3 {
            let seen = beyond(&server, &key, &location, rows).await;
            assert_eq!(seen["state"], "running", "killed too late: {seen}");
            server.kill();
            server = place.serve().await;
            let kept = server.import(&key, &location).await;
            rows = kept["counts"]["rows"].as_i64().expect("a count");
            assert!(kept["state"] == "running" && rows < 20_040, "{kept}");
            assert!(Some(rows) >= seen["counts"]["rows"].as_i64(), "acknowledged rows are kept");
        }
        let done = server.imported(&key, &location).await;
        assert_eq!((&done["state"], &done["counts"]), (&json!("done"), &wanted()), "{done}");
        whole(&place, &server).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_do_an_import_once_and_one_goes_on_when_the_other_dies() {
    let Some(place) = Installation::postgres().await else {
        return;
    };
    let other = Installation::over(place.database.clone());
    let key = place.key("office").await;
    let (first, second) = tokio::join!(place.serve(), other.serve());
    let location = first.upload(&key, "", file()).await;
    beyond(&second, &key, &location, 0).await;
    // Whichever works on it: one process at a time holds the job.
    let db = place.db().await;
    let running = "select count(*) from jobs where state = 'running' and lease is not null";
    assert_eq!(sql::number(&db, running).await, 1);
    let taken = "select attempts from jobs where kind = 'import'";
    assert_eq!(sql::number(&db, taken).await, 1, "taken once");
    first.kill();
    let done = second.imported(&key, &location).await;
    assert_eq!(
        (&done["state"], &done["counts"]),
        (&json!("done"), &wanted()),
        "{done}"
    );
    // Again, and now the other one dies: in one of the two runs the worker was the victim.
    let first = place.serve().await;
    let location = first.upload(&key, "", file()).await;
    beyond(&first, &key, &location, 0).await;
    second.kill();
    let done = first.imported(&key, &location).await;
    assert_eq!(
        (&done["state"], &done["counts"]["unchanged"]),
        (&json!("done"), &json!(20_020)),
        "{done}"
    );
    db.close().await;
    assert!(place.done(&["verify"]).await.contains("all hold"));
    first.counts("", ROWS.into()).await;
}
