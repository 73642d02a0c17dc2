//! Configuration: later sources win, an error names its place, a secret shows nowhere.

use std::path::Path;

use kaixu::config::{Config, ConfigError};

fn load(file: Option<&str>, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().expect("temp folder");
    let path = folder.path().join("kaixu.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).expect("writes");
    }
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(file.map(|_| path.as_path()), environment)
}

#[track_caller]
fn refusal(file: Option<&str>, environment: &[(&str, &str)], parts: &[&str]) -> String {
    let said = load(file, environment).expect_err("refused").to_string();
    for part in parts {
        assert!(said.contains(part), "{part:?} is missing in: {said}");
    }
    said
}

#[test]
fn without_file_and_environment_the_defaults_hold() {
    let config = load(None, &[("HOME", "/root"), ("PATH", "/bin")]).expect("loads");
    assert_eq!(config.data, Path::new("data"));
    assert_eq!(config.database_url.as_str(), None);
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.limits.file_bytes, 50 << 20);
    assert_eq!(
        (
            config.limits.requests_per_minute,
            config.limits.behind_proxy
        ),
        (600, false)
    );
}

#[test]
fn the_file_beats_the_defaults_and_the_environment_beats_the_file() {
    let file =
        "data = \"/srv/file\"\nlog = \"warn\"\n[limits]\nupload_bytes = 10\nbody_bytes = 20\n";
    let environment = [
        ("KAIXU_DATA", "/srv/env"),
        ("KAIXU_LIMITS_UPLOAD_BYTES", "30"),
        ("KAIXU_LIMITS_BEHIND_PROXY", "true"),
        ("KAIXU_RULES_FEE_PROFIT_BP", "3500"),
        ("KAIXU_LISTEN", "0.0.0.0:80"),
        ("DATABASE_URL", "postgres://u:p@h/d"),
    ];
    let config = load(Some(file), &environment).expect("loads");
    assert_eq!(config.data, Path::new("/srv/env"));
    assert_eq!(config.log, "warn", "from the file");
    assert_eq!(config.limits.upload_bytes, 30, "from the environment");
    assert_eq!(config.limits.body_bytes, 20, "from the file");
    assert!(config.limits.behind_proxy);
    assert_eq!(config.limits.import_rows, 2_000_000, "by default");
    assert_eq!(
        (config.rules.fee_net_sales_bp, config.rules.fee_profit_bp),
        (2_000, 3_500)
    );
    assert_eq!(config.listen.port(), 80);
    assert_eq!(config.database_url.as_str(), Some("postgres://u:p@h/d"));
}

#[test]
fn a_variable_that_looks_like_a_number_may_still_be_a_text() {
    let config = load(None, &[("KAIXU_DATA", "2026"), ("KAIXU_LOG", "true")]).expect("loads");
    assert_eq!(
        (config.data.as_path(), config.log.as_str()),
        (Path::new("2026"), "true")
    );
}

#[test]
fn an_unknown_key_or_a_bad_value_names_its_place() {
    refusal(
        Some("data = \"x\"\nlsten = \"1\"\n"),
        &[],
        &["kaixu.toml", "line 2", "lsten"],
    );
    refusal(
        Some("[limits]\nuplod_bytes = 1\n"),
        &[],
        &["kaixu.toml", "line 2", "uplod_bytes"],
    );
    refusal(
        Some("listen = \"nowhere\"\n"),
        &[],
        &["kaixu.toml", "line 1", "socket address"],
    );
    refusal(
        Some("log = \"info\"\n\ndata = \n"),
        &[],
        &["kaixu.toml", "line 3"],
    );
    refusal(None, &[("KAIXU_LSTEN", "x")], &["KAIXU_LSTEN", "lsten"]);
    refusal(
        None,
        &[("KAIXU_LIMITS_UPLOD", "1")],
        &["KAIXU_LIMITS_UPLOD", "uplod"],
    );
    refusal(None, &[("KAIXU_LISTEN", "8080")], &["KAIXU_LISTEN"]);
    refusal(
        None,
        &[("KAIXU_LIMITS_UPLOAD_BYTES", "-1")],
        &["KAIXU_LIMITS_UPLOAD_BYTES"],
    );
    refusal(
        None,
        &[("KAIXU_LIMITS_UPLOAD_BYTES", "viel")],
        &["KAIXU_LIMITS_UPLOAD_BYTES", "viel"],
    );
    refusal(
        None,
        &[("KAIXU_LIMITS_BEHIND_PROXY", "ja")],
        &["KAIXU_LIMITS_BEHIND_PROXY"],
    );
}

#[test]
fn a_named_file_must_exist_and_what_the_tests_are_told_is_no_setting() {
    let missing = Config::load(Some(Path::new("/nowhere/kaixu.toml")), std::iter::empty())
        .expect_err("refused");
    assert!(
        missing.to_string().contains("/nowhere/kaixu.toml"),
        "{missing}"
    );
    load(
        None,
        &[
            ("KAIXU_TEST_POSTGRES", "x"),
            ("KAIXU_REQUIRE", "postgres"),
            ("KAIXU_CONFIG", "x"),
        ],
    )
    .expect("loads");
}

#[test]
fn no_password_shows_in_debug_or_in_an_error() {
    let secret = "s3cr3t";
    for url in [
        "postgres://user:s3cr3t@host:5432/kaixu",
        "postgres://user:s3cr3t@with@host/kaixu",
        "postgres://host/kaixu?user=u&password=s3cr3t",
        "user:s3cr3t@host/kaixu",
    ] {
        let config = load(None, &[("DATABASE_URL", url)]).expect("loads");
        let shown = format!("{config:?}");
        assert!(!shown.contains(secret) && shown.contains("host"), "{shown}");
        let config = load(Some(&format!("database_url = \"{url}\"\n")), &[]).expect("loads");
        assert!(!format!("{config:?} {:#?}", config.database_url).contains(secret));
        for broken in [
            format!("databse_url = \"{url}\"\n"),
            format!("database_url = \"{url}\" x\n"),
            format!("database_url = [\"{url}\"]\n"),
        ] {
            let said = refusal(Some(&broken), &[], &["line 1"]);
            assert!(!said.contains(secret), "{said}");
        }
        let said = refusal(None, &[("KAIXU_DATABASE_UR", url)], &["KAIXU_DATABASE_UR"]);
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn a_table_of_annual_fees_is_replaced_as_a_whole_or_refused() {
    let file = "[annual_fees]\ndesign = [[1, 5, 500], [6, 15, 1000]]\nopen_licence_bp = 2000\n";
    let config = load(Some(file), &[("KAIXU_ANNUAL_FEES_SINGLE_BP", "8000")]).expect("loads");
    let fees = &config.annual_fees;
    let design = fees.design.as_ref().expect("is set").bands();
    assert_eq!(design.collect::<Vec<_>>(), [(1, 5, 500), (6, 15, 1_000)]);
    assert_eq!(fees.single_bp.map(|share| share.value()), Some(8_000));
    assert!(fees.invention.is_none());
    for wrong in ["[[2, 5, 500]]", "[[1, 5, 500], [7, 15, 1000]]", "[]"] {
        let file = format!("[annual_fees]\ndesign = {wrong}\n");
        refusal(Some(&file), &[], &["fee table"]);
    }
    refusal(Some("[annual_fees]\njoint_bp = 10001\n"), &[], &["10000"]);
}

#[test]
fn a_provider_is_set_up_in_the_file_and_its_secret_shows_nowhere() {
    let file = "site = \"https://kaixu.test\"\n[remote]\nprivate_hosts = [\"sso.test\"]\n[[oidc]]\nname = \"haida\"\n\
                issuer = \"https://sso.test\"\nclient_id = \"kaixu\"\nsecret = \"s3cr3t\"\nfor = [\"office\", \"holders\"]\n";
    let config = load(Some(file), &[]).expect("loads");
    let provider = &config.oidc[0];
    assert_eq!(provider.name.as_str(), "haida");
    assert_eq!(provider.scopes, ["profile", "email"]);
    assert_eq!((provider.circles.len(), provider.trust_email), (2, false));
    assert!(!format!("{config:?}").contains("s3cr3t"));
    let named = file.replace("\"haida\"", "\"海大\"");
    refusal(Some(&named), &[], &["kaixu.toml", "provider's name"]);
    let open = file.replace("for = ", "fore = ");
    let said = refusal(Some(&open), &[], &["fore"]);
    assert!(!said.contains("s3cr3t"), "{said}");
}

#[test]
fn holidays_and_worked_weekends_are_days_or_refused() {
    let file =
        "[rules]\ndays_off = [\"2026-10-01\", \"2026-10-02\"]\ndays_worked = [\"2026-10-10\"]\n";
    let rules = load(Some(file), &[]).expect("loads").rules;
    let day = |d| jiff::civil::date(2026, 10, d);
    assert_eq!(
        (rules.days_off, rules.days_worked),
        (vec![day(1), day(2)], vec![day(10)])
    );
    refusal(
        Some("[rules]\ndays_off = [\"国庆节\"]\n"),
        &[],
        &["days_off"],
    );
}
