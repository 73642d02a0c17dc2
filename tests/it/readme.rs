//! The README's walk through the API, exactly as it is printed there, against the demonstration.

use std::{path::Path, process::Command};

use crate::support::{
    process::{Installation, bare_command, outcome_of},
    server::Running,
};

const README: &str = include_str!("../../README.md");

/// The lines of the walk.
fn walk() -> &'static str {
    let (_, rest) = README
        .split_once("<!-- walk -->\n```sh\n")
        .expect("the walk");
    rest.split_once("```").expect("its end").0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_in_the_readme_takes_a_licence_and_counts_it() {
    if !Path::new("/usr/bin/curl").exists() {
        eprintln!("skipped: no curl");
        return;
    }
    let place = Installation::sqlite();
    let mut command = bare_command(place.folder.path());
    command.args(["demo", "--listen", "127.0.0.1:0"]);
    let server = Running::start(command).await;
    server.counts("", 329).await;
    let count = async || {
        let progress = server.json("/v1/progress").await;
        progress["headline"]["value"].as_i64().expect("a number")
    };
    let before = count().await;
    let said = server.printed();
    let exports: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("export "))
        .collect();
    assert_eq!(exports.len(), 6, "{said}");
    let script = format!("set -euo pipefail\n{}\n{}", exports.join("\n"), walk());
    let mut shell = Command::new("bash");
    shell.current_dir(place.folder.path()).args(["-c", &script]);
    let outcome = outcome_of(shell).await;
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains("effective"), "{outcome:?}");
    assert!(
        outcome.stdout.contains("licence.set"),
        "the feed tells of it: {outcome:?}"
    );
    assert_eq!(count().await, before + 1);
}
