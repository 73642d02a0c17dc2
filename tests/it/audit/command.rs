//! `kaixu dump` and `kaixu verify --dump` as people run them: a private file, whole or not there, that anybody can
//! check without database or configuration.

use crate::{
    installed_on_both,
    support::process::{bare_command, lines, outcome_of},
};

fn text(path: &std::path::Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().expect("there").permissions().mode() & 0o777
}

installed_on_both! {
    async fn a_dump_is_private_whole_and_verified_without_anything_else(place) {
        let file = place.file("a.jsonl", lines(0..30));
        place.done(&["import", text(&file)]).await;
        let server = place.serve().await;
        drop(server);
        let (plain, packed) = (place.folder.path().join("a.ndjson"), place.folder.path().join("a.ndjson.gz"));
        let said = place.done(&["dump", text(&plain)]).await;
        assert_eq!(said, format!("31 changes, 31 records, 0 files, 1 targets in {}\n", plain.display()));
        place.done(&["dump", text(&packed)]).await;
        #[cfg(unix)]
        assert_eq!((mode(&plain), mode(&packed)), (0o600, 0o600));
        assert!(packed.metadata().expect("there").len() * 3 < plain.metadata().expect("there").len());
        let again = place.run(&["dump", text(&plain)]).await;
        assert!(again.code == Some(1) && again.stderr.contains("exists already"), "{again:?}");
        place.done(&["dump", "--force", text(&plain)]).await;
        let nowhere = place.run(&["dump", text(&place.folder.path().join("none/a.ndjson"))]).await;
        assert!(nowhere.code == Some(1) && nowhere.stderr.contains("cannot write to"), "{nowhere:?}");
        let left = std::fs::read_dir(place.folder.path()).expect("a folder");
        let left = left.filter(|entry| entry.as_ref().is_ok_and(|e| e.file_name().to_string_lossy().starts_with(".dump")));
        assert_eq!(left.count(), 0, "nothing half-written");
        // Somebody else, elsewhere, with a configuration that is none.
        let elsewhere = tempfile::tempdir().expect("temp folder");
        std::fs::write(elsewhere.path().join("kaixu.toml"), "no configuration").expect("writes");
        let check = async |path: &std::path::Path| {
            let mut command = bare_command(elsewhere.path());
            command.args(["verify", "--dump", text(path)]);
            outcome_of(command).await
        };
        for path in [&plain, &packed] {
            let checked = check(path).await;
            assert_eq!((checked.code, checked.stdout.as_str()),
                (Some(0), "31 changes, 31 records, 0 files, 1 targets recounted 5 times: all hold\n"), "{checked:?}");
        }
        assert_eq!(std::fs::read_dir(elsewhere.path()).expect("a folder").count(), 1, "looking makes nothing");
        let touched = std::fs::read_to_string(&plain).expect("there").replace("第9号", "第8号");
        std::fs::write(&plain, touched).expect("writes");
        let found = check(&plain).await;
        let number = crate::support::process::number(9);
        assert_eq!((found.code, found.stderr), (Some(1), format!("kaixu: does not hold: patents/{number}: is not what change version 1 recorded\n")));
        let missing = check(&place.folder.path().join("none")).await;
        assert!(missing.code == Some(1) && missing.stderr.contains("cannot read"), "{missing:?}");
        let said = place.done(&["verify"]).await;
        assert_eq!(said, "31 changes, 31 records, 1 imports, 0 files, 0 contents, 1 targets recounted 5 times: all hold\n");
    }
}
