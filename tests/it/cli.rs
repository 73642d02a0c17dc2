//! The command line as an operator meets it: help, imports, keys, configuration, exit codes, stopping.

use crate::{
    installed_on_both,
    support::{
        process::{Installation, bare_command, lines, number, outcome_of, until},
        sql,
    },
};

const USCC: &str = "12100000400000624D";

fn text(path: &std::path::Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_help_reads_well_and_every_command_has_its_own() {
    let place = Installation::sqlite();
    let help = outcome_of({
        let mut command = bare_command(place.folder.path());
        command.arg("--help");
        command
    });
    let help = help.await;
    assert_eq!(help.code, Some(0));
    insta::assert_snapshot!(help.stdout);
    let commands = help
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1);
    let commands: Vec<_> = commands
        .map_while(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(commands.len(), 17, "{commands:?}");
    for command in commands {
        let own = place.run(&[command, "--help"]).await;
        assert_eq!(own.code, Some(0), "{command}");
        assert!(
            own.stdout.contains(&format!("Usage: kaixu {command}")),
            "{}",
            own.stdout
        );
    }
    for inner in ["add", "list", "revoke"] {
        assert_eq!(place.run(&["key", inner, "--help"]).await.code, Some(0));
    }
    for inner in ["declarations", "licences"] {
        let own = place.run(&["record", inner, "--help"]).await;
        assert!(own.stdout.contains("--evidence <FOLDER>"), "{own:?}");
    }
    let wrong = place.run(&["imprt"]).await;
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.stderr.contains("unrecognized subcommand 'imprt'"),
        "{}",
        wrong.stderr
    );
    assert!(!place.data().exists(), "help makes nothing");
}

installed_on_both! {
    async fn a_dry_run_writes_nothing_and_counts_as_the_real_run_that_follows(place) {
        let id = place.organisation(USCC, "蓝湾大学").await;
        // Known already: the first ten. In the file: repeated numbers near and far, a later one that says more.
        let known = place.file("known.jsonl", lines(0..10));
        place.done(&["import", text(&known), "--holder", USCC]).await;
        let more = format!("{{\"app_no\":\"{}\",\"title\":\"装置\",\"main_claim\":\"1.一种装置。\",\"unit\":\"海洋学院\"}}\n", number(20));
        let bad = "{\"app_no\":\"2.01E+12\",\"title\":\"坏行\"}\n";
        let file = format!("{}{}{bad}{more}{}{more}", lines(0..1_200), lines(0..30), lines(5..6));
        let file = place.file("a.jsonl", file);
        let db = place.db().await;
        let state = "select (select count(*) from patents) + (select seq from head) + (select count(*) from imports) + (select count(*) from holdings)";
        let before = sql::number(&db, state).await;
        let rejects = place.folder.path().join("rejects.csv");
        let dry = place.done(&["import", text(&file), "--holder", &id, "--dry-run", "--rejects", text(&rejects)]).await;
        assert_eq!(sql::number(&db, state).await, before, "nothing is written");
        let dry_rejects = std::fs::read(&rejects).expect("there");
        let real = place.done(&["import", text(&file), "--holder", &id, "--rejects", text(&rejects)]).await;
        assert!(dry.trim_end().ends_with(" (dry run: nothing was written)"), "{dry}");
        assert_eq!(dry.replace(" (dry run: nothing was written)", ""), real);
        assert!(real.contains(": 1234 rows, 1190 added, 1 merged, 42 unchanged, 1 rejected; 1190 new holdings, 0 of them claimed only"), "{real}");
        assert_eq!(std::fs::read(&rejects).expect("there"), dry_rejects);
        let rejects = String::from_utf8(dry_rejects).expect("UTF-8");
        assert!(rejects.starts_with("\u{feff}行号,列,原因代码"), "{rejects}");
        assert!(rejects.lines().nth(1).expect("a line").starts_with("1231,app_no,scientificNumber,"), "{rejects}");
        db.close().await;
        // The organisation, each patent and holding once, one of each once more, and the conflict of its two titles.
        let verified = place.done(&["verify"]).await;
        assert!(verified.contains("2404 changes"), "{verified}");
    }

    async fn import_fails_with_a_reason_for_a_missing_file_an_unknown_holder_and_a_broken_file(place) {
        let good = place.file("good.jsonl", lines(0..3));
        let missing = place.run(&["import", "nowhere.csv", text(&good)]).await;
        assert_eq!(missing.code, Some(1));
        assert!(missing.stderr.contains("nowhere.csv: cannot read the file"), "{}", missing.stderr);
        assert!(missing.stdout.contains("3 rows, 3 added"), "the other file comes in: {}", missing.stdout);
        let unknown = place.run(&["import", text(&good), "--holder", USCC]).await;
        assert_eq!(unknown.code, Some(1));
        assert!(unknown.stderr.contains("No such organisation is registered"), "{}", unknown.stderr);
        let broken = place.file("broken.csv", "名称\n一种装置\n");
        let broken = place.run(&["import", text(&broken)]).await;
        assert_eq!(broken.code, Some(1));
        assert!(broken.stderr.contains("there is no application number column") && broken.stderr.contains("没有找到申请号列"), "{}", broken.stderr);
        assert_eq!(place.run(&["import"]).await.code, Some(2));
    }

    async fn a_key_is_shown_once_works_and_ends_when_revoked(place) {
        place.organisation(USCC, "蓝湾大学").await;
        let added = place.run(&["key", "add", "--name", "门户", "--role", "holder", "--organisation", USCC]).await;
        assert_eq!(added.code, Some(0), "{added:?}");
        let secret = added.stdout.trim().to_owned();
        assert!(secret.starts_with("kx_") && secret.lines().count() == 1);
        let listed = place.done(&["key", "list"]).await;
        assert!(listed.contains("holder  read,register,trade,keys  门户  active  never used"), "{listed}");
        let tail = secret.rsplit('_').next().expect("a tail");
        assert!(!listed.contains(tail), "no secret in the list");
        let server = place.serve().await;
        let ask = async || {
            let asked = server.http.get(format!("{}/v1/imports", server.address)).bearer_auth(&secret);
            asked.send().await.expect("answers").status().as_u16()
        };
        assert_eq!(ask().await, 200);
        let listed = place.done(&["key", "list"]).await;
        assert!(listed.contains("active  used 20"), "{listed}");
        let id = listed.split_whitespace().next().expect("an id").to_owned();
        place.done(&["key", "revoke", &id]).await;
        assert_eq!(ask().await, 401);
        assert!(place.done(&["key", "list"]).await.contains("revoked"));
        assert_eq!(place.run(&["key", "revoke", &id]).await.code, Some(1), "only once");
        let nameless = place.run(&["key", "add", "--name", "x", "--role", "holder"]).await;
        assert!(nameless.code == Some(1) && nameless.stderr.contains("belongs to a registered organisation"), "{nameless:?}");
        assert_eq!(place.run(&["key", "add", "--name", "x", "--role", "king"]).await.code, Some(2));
    }

    async fn a_server_told_to_stop_takes_in_the_upload_under_way_and_leaves_the_import_to_the_next(place) {
        let key = place.key("office").await;
        let mut server = place.serve().await;
        let (send, receive) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
        let body = reqwest::Body::wrap_stream(futures_util::stream::unfold(receive, |mut receive| async {
            Some((receive.recv().await?, receive))
        }));
        let asked = server.http.post(format!("{}/v1/imports", server.address)).bearer_auth(&key).body(body);
        let upload = tokio::spawn(asked.send());
        send.send(Ok(lines(0..2_000).into_bytes())).await.expect("taken");
        let db = place.db().await;
        until("the upload has begun", async || (sql::number(&db, "select count(*) from blobs").await == 1).then_some(())).await;
        server.terminate();
        until("it takes no new callers", async || server.http.get(format!("{}/livez", server.address)).header("connection", "close").send().await.is_err().then_some(())).await;
        send.send(Ok(lines(2_000..4_000).into_bytes())).await.expect("taken");
        drop(send);
        let answer = upload.await.expect("joins").expect("is answered");
        assert_eq!(answer.status(), 202);
        let location = answer.headers()["location"].to_str().expect("ASCII").to_owned();
        assert_eq!(server.ended().await.code(), Some(0));
        db.close().await;
        let server = place.serve().await;
        let done = server.imported(&key, &location).await;
        assert_eq!((&done["state"], &done["counts"]["added"]), (&"done".into(), &4_000.into()), "{done}");
    }

    async fn a_second_server_on_the_same_data_folder_is_refused(place) {
        let server = place.serve().await;
        let second = place.run(&["serve", "--listen", "127.0.0.1:0"]).await;
        assert_eq!(second.code, Some(1));
        assert!(second.stderr.contains("is another server running on this data folder?"), "{}", second.stderr);
        server.counts("", 0).await;
        // And one at the same address, with a folder of its own.
        let address = server.address.trim_start_matches("http://").to_owned();
        let other = Installation::over(place.database.clone()).run(&["serve", "--listen", &address]).await;
        assert!(other.code == Some(1) && other.stderr.contains(&format!("cannot listen on {address}")), "{other:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setting_is_one_clear_line() {
    let place = Installation::sqlite();
    let with = async |toml: &str, variable: Option<(&str, &str)>| {
        place.file("kaixu.toml", toml);
        let mut command = place.command(&["migrate"]);
        command.envs(variable);
        outcome_of(command).await
    };
    let cases = [
        ("lisen = \"127.0.0.1:1\"\n", None, "lisen"),
        ("listen = \"here\"\n", None, "listen"),
        ("[limits]\nrows = 1\n", None, "rows"),
        ("log = \n", None, "kaixu.toml"),
        ("", Some(("KAIXU_LISTN", "127.0.0.1:1")), "KAIXU_LISTN"),
        ("", Some(("KAIXU_LISTEN", "here")), "KAIXU_LISTEN"),
        (
            "",
            Some(("KAIXU_LIMITS_BODY_BYTES", "many")),
            "KAIXU_LIMITS_BODY_BYTES",
        ),
        ("", Some(("KAIXU_LOG_JSON", "perhaps")), "KAIXU_LOG_JSON"),
    ];
    for (toml, variable, named) in cases {
        let outcome = with(toml, variable).await;
        assert_eq!(outcome.code, Some(1), "{named}");
        let first = outcome.stderr.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("kaixu: ") && outcome.stderr.contains(named),
            "{named}: {}",
            outcome.stderr
        );
        assert!(
            variable.is_none() || outcome.stderr.lines().count() == 1,
            "{}",
            outcome.stderr
        );
    }
    let secret = with(
        "",
        Some(("DATABASE_URL", "postgres://kaixu:geheim@127.0.0.1:1/x")),
    )
    .await;
    assert!(
        secret.code == Some(1) && !secret.stderr.contains("geheim"),
        "{}",
        secret.stderr
    );
    let mine = with("", Some(("KAIXU_LOG", "info"))).await;
    assert_eq!(mine.code, Some(0), "{}", mine.stderr);
    let named = place.run(&["--config", "gone.toml", "migrate"]).await;
    assert!(
        named.code == Some(1) && named.stderr.contains("gone.toml"),
        "{named:?}"
    );
    // The folder may be a number; what comes from the environment wins over the file.
    place.file("kaixu.toml", "data = \"elsewhere\"\n");
    let mut command = bare_command(place.folder.path());
    command
        .arg("migrate")
        .env("KAIXU_DATA", "2026")
        .env("LANG_X", "x");
    assert_eq!(outcome_of(command).await.code, Some(0));
    assert!(place.folder.path().join("2026/kaixu.sqlite").exists());
    assert!(!place.folder.path().join("elsewhere").exists());
}
