//! The index follows the database from outside the process too: commits of the command line, of another
//! replica, of the life before a crash; and it is rebuilt when it is lost.

use crate::{
    installed_on_both,
    support::process::{Installation, lines, until},
};

installed_on_both! {
    async fn what_the_command_line_imports_becomes_searchable_in_the_running_server(place) {
        place.done(&["migrate"]).await;
        let server = place.serve().await;
        server.counts("", 0).await;
        let file = place.file("a.jsonl", lines(0..30));
        place.done(&["import", file.to_str().expect("UTF-8")]).await;
        server.counts("", 30).await;
        server.counts("&q=%E7%AC%AC7%E5%8F%B7%E6%B8%94%E7%BD%91", 1).await;
    }

    async fn a_server_killed_while_its_index_is_behind_searches_everything_after_the_restart(place) {
        let key = place.key("office").await;
        let server = place.serve().await;
        // Many small commits, then a long one whose index work is surely not finished when the process dies.
        for n in 0..5 {
            let location = server.upload(&key, "", lines(n * 10..n * 10 + 10)).await;
            server.imported(&key, &location).await;
        }
        let location = server.upload(&key, "", lines(50..3_050)).await;
        server.imported(&key, &location).await;
        server.kill();
        let server = place.serve().await;
        server.counts("", 3_050).await;
        let one = server.json("/v1/patents?q=%E7%AC%AC3049%E5%8F%B7%E6%B8%94%E7%BD%91&limit=1").await;
        assert_eq!(one["items"][0]["number"], crate::support::process::number(3_049), "{one}");
    }

    async fn a_deleted_or_damaged_index_is_built_anew_at_the_start(place) {
        let file = place.file("a.jsonl", lines(0..40));
        place.done(&["import", file.to_str().expect("UTF-8")]).await;
        place.serve().await.kill();
        let index = place.data().join("index");
        std::fs::remove_dir_all(&index).expect("removes");
        let server = place.serve().await;
        server.counts("", 40).await;
        server.kill();
        for entry in std::fs::read_dir(&index).expect("lists").flatten().filter(|e| e.path().is_dir()) {
            std::fs::write(entry.path().join("meta.json"), "{").expect("writes");
        }
        place.serve().await.counts("", 40).await;
    }

    async fn reindex_builds_anew_both_alone_and_beside_a_running_server(place) {
        let file = place.file("a.jsonl", lines(0..40));
        place.done(&["import", file.to_str().expect("UTF-8")]).await;
        let current = || std::fs::read_to_string(place.data().join("index/CURRENT")).unwrap_or_default();
        assert!(place.done(&["reindex"]).await.contains("change 40 applied"));
        let first = current();
        assert!(place.done(&["reindex"]).await.contains("change 40 applied"));
        let second = current();
        assert_ne!(first, second, "another index");
        let server = place.serve().await;
        server.counts("", 40).await;
        assert_eq!(current(), second, "the server takes the index as it is");
        assert!(place.done(&["reindex"]).await.contains("asked to build it anew"));
        until("the server builds anew", async || (current() != second).then_some(())).await;
        server.counts("", 40).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_replica_writes_the_other_finds() {
    let Some(place) = Installation::postgres().await else {
        return;
    };
    let other = Installation::over(place.database.clone());
    let key = place.key("office").await;
    let (first, second) = tokio::join!(place.serve(), other.serve());
    let location = first.upload(&key, "", lines(0..20)).await;
    // The status is read from either, whoever does the work.
    let done = second.imported(&key, &location).await;
    assert_eq!(done["counts"]["added"], 20);
    second.counts("", 20).await;
    first.counts("", 20).await;
    let page = "/v1/patents?sort=number&limit=20";
    let (a, b) = (first.json(page).await, second.json(page).await);
    assert_eq!(a["items"], b["items"]);
}
