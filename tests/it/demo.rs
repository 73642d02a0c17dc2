//! The demonstration: filled once, thrown away only when asked, never under a running server.

use crate::support::{
    process::{Installation, bare_command, outcome_of},
    server::{Running, sign_in},
};

async fn demo(place: &Installation, more: &[&str]) -> Running {
    let mut command = bare_command(place.folder.path());
    command.args(["demo", "--listen", "127.0.0.1:0"]).args(more);
    Running::start(command).await
}

async fn records(server: &Running) -> (u64, String) {
    let text = server
        .get("/v1/snapshots/latest")
        .await
        .text()
        .await
        .expect("text");
    let total = server.json("/v1/patents?limit=1").await["total"]
        .as_u64()
        .expect("a total");
    let first = text.lines().next().expect("a head").to_owned();
    (total, first)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_is_filled_once_and_anew_only_when_asked() {
    let place = Installation::sqlite();
    let server = demo(&place, &[]).await;
    assert!(server.address.starts_with("http://127.0.0.1:"), "loopback");
    let said = server.printed();
    assert!(
        said.contains("演示（数据均为虚构，all data is fictional）"),
        "{said}"
    );
    let key = said
        .split_whitespace()
        .find_map(|word| word.strip_prefix("H="))
        .expect("a key")
        .to_owned();
    for role in ["holder", "enterprise", "office"] {
        let login = format!("{role}@demo.example");
        assert!(said.contains(&login), "{said}");
        let cookie = sign_in(&server, &login, "kaixu-demo-2026").await;
        let page = server.http.get(format!("{}/account", server.address));
        let page = page.header("cookie", cookie).send().await.expect("answers");
        assert_eq!(page.status(), 200, "{role} is signed in");
    }
    server.counts("", 329).await;
    let filled = records(&server).await;
    let page = server.json("/v1/patents?limit=200").await;
    let items = page["items"].as_array().expect("a list");
    assert!(
        items.iter().all(|hit| hit["fictional"] == true),
        "every one says so"
    );
    let imports = server
        .http
        .get(format!("{}/v1/imports", server.address))
        .bearer_auth(&key);
    assert_eq!(
        imports.send().await.expect("answers").status(),
        200,
        "the printed key works"
    );
    // While it runs, neither a second one nor a reset touches it.
    for more in [&[][..], &["--reset"]] {
        let mut command = bare_command(place.folder.path());
        command.args(["demo", "--listen", "127.0.0.1:0"]).args(more);
        let refused = outcome_of(command).await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("server"), "{refused:?}");
    }
    assert_eq!(records(&server).await, filled);
    server.kill();
    let again = demo(&place, &[]).await;
    again.counts("", 329).await;
    assert_eq!(
        records(&again).await,
        filled,
        "the same records, nothing filled twice"
    );
    assert!(again.printed().contains(&key), "the same keys");
    again.kill();
    let reset = demo(&place, &["--reset"]).await;
    reset.counts("", 329).await;
    assert_ne!(records(&reset).await, filled, "made anew");
    assert!(!reset.printed().contains(&key));
    reset.kill();
    // A filling that was cut short is no demonstration.
    std::fs::remove_file(place.folder.path().join("data/demo/keys.txt")).expect("removes");
    let mended = demo(&place, &[]).await;
    mended.counts("", 329).await;
    assert!(mended.printed().contains("kx_"));
}
