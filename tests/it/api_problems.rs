//! Refusals: every error is an RFC 9457 problem with a stable code, in the reader's language, that says where.

use std::time::Duration;

use axum::{Router, http::Method, routing::get};
use kaixu::{api, domain::access::Role};
use serde_json::{Value, json};

use crate::{
    on_both,
    openapi::operations,
    support::{World, http::Answer},
};

fn limits(requests_per_minute: u32, request: Duration) -> api::Limits {
    api::Limits {
        body_bytes: 1 << 20,
        request,
        requests_per_minute,
        behind_proxy: false,
    }
}

/// The same world behind other limits and other pages.
fn behind(world: World, limits: api::Limits, pages: Router) -> World {
    let state = api::State::new(world.services.clone(), "test", limits);
    let mut world = world;
    world.router = api::router(state, pages);
    world
}

async fn post(world: &World, key: &str, body: impl Into<axum::body::Body>) -> Answer {
    let asking = world.ask(Method::POST, "/v1/organisations").key(key);
    asking
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
}

const USCC: &str = "12100000400000624D";

/// A valid organisation with one field replaced.
fn with(field: &str, value: Value) -> String {
    let mut body =
        json!({ "uscc": USCC, "name": "一所大学", "kind": "university", "district": "371002" });
    body[field] = value;
    body.to_string()
}

on_both! {
    async fn the_router_itself_refuses_with_problems(world) {
        for path in ["/v1/nope", "/v1/", "/v1/patents/", "/v1/patents/2024/similar/x", "/v1/organisations/a/b"] {
            let answer = world.get(path).await;
            let problem = answer.problem(404, "notFound");
            assert_eq!(problem["type"], "/problems/notFound");
            assert_eq!(problem["title"], "Not Found");
            let id = answer.header("x-request-id");
            assert_eq!(problem["instance"], format!("urn:request:{id}"));
        }
        for (method, path, allowed) in [
            (Method::DELETE, "/v1/patents", "GET"),
            (Method::POST, "/v1/changes", "GET"),
            (Method::PUT, "/v1/organisations", "POST"),
            (Method::POST, "/v1/holdings/x", "PATCH"),
            (Method::GET, "/v1/holdings/x/confirmation", "PUT"),
        ] {
            let answer = world.ask(method, path).send().await;
            answer.problem(405, "methodNotAllowed");
            assert!(answer.header("allow").contains(allowed), "{path}: {}", answer.header("allow"));
        }
        for noun in ["organisations", "holdings", "imports"] {
            let office = world.key(Role::Office, None).await;
            for id in ["x", "00000000-0000-0000-0000-000000000000", USCC] {
                world.ask(Method::GET, &format!("/v1/{noun}/{id}")).key(&office).send().await.problem(404, "notFound");
            }
        }
        world.get("/v1/patents/2024100000005").await.problem(404, "notFound");
        world.get("/v1/patents/abc").await.problem(400, "numberInvalid");
        world.get("/v1/patents/2024100000001").await.problem(400, "numberInvalid");
    }

    async fn a_body_that_is_not_the_wanted_json_is_refused_where_it_is_wrong(world) {
        let office = world.key(Role::Office, None).await;
        let untyped = world.ask(Method::POST, "/v1/organisations").key(&office).body(with("name", json!("甲乙"))).send().await;
        untyped.problem(415, "mediaTypeUnsupported");
        let text = world.ask(Method::POST, "/v1/organisations").key(&office).header("content-type", "text/plain").body("{}").send().await;
        text.problem(415, "mediaTypeUnsupported");
        for (body, place) in [
            ("", "line 1, column 0"),
            ("{", "line 1, column 1"),
            ("{\n  \"uscc\": x", "line 2, column 11"),
            (&format!("{} x", with("name", json!("甲乙"))), "line 1, column"),
            ("\u{feff}{}", "line 1, column 1"),
            ("{\"name\": \"\\ud800\"}", "line 1, column"),
            ("{\"name\": \"a\u{1}\"}", "line 1, column"),
        ] {
            let asking = world.ask(Method::POST, "/v1/organisations").key(&office).header("accept-language", "en");
            let answer = asking.header("content-type", "application/json").body(body.to_owned()).send().await;
            let problem = answer.problem(400, "jsonMalformed");
            assert!(problem["detail"].as_str().is_some_and(|d| d.contains(place)), "{body:.20}: {problem}");
        }
        let raw = post(&world, &office, b"{\"name\": \"\xff\xfe\"}".to_vec()).await;
        raw.problem(400, "jsonMalformed");
        let large = post(&world, &office, with("name", json!("大".repeat(400_000)))).await;
        large.problem(413, "tooLarge");
    }

    async fn every_wrong_field_is_named_by_a_json_pointer(world) {
        let office = world.key(Role::Office, None).await;
        for (body, pointer, code) in [
            ("[]".to_owned(), "", "valueInvalid"),
            (json!([USCC, "一所大学", [], "university", "371002"]).to_string(), "", "valueInvalid"),
            ("null".to_owned(), "", "valueInvalid"),
            ("{}".to_owned(), "", "valueInvalid"),
            (with("name", json!(5)), "/name", "valueInvalid"),
            (with("aliases", json!(["甲", 5])), "/aliases/1", "valueInvalid"),
            (with("aliases", json!("甲")), "/aliases", "valueInvalid"),
            (with("kind", json!("university ")), "/kind", "valueInvalid"),
            (with("kind", json!({})), "/kind", "valueInvalid"),
            (with("nope", json!(1)), "/nope", "valueInvalid"),
            (with("a.b/c~d", json!(1)), "/a.b~1c~0d", "valueInvalid"),
            (format!("{{\"name\":\"甲乙\",{}", &with("name", json!("丙丁"))[1..]), "", "valueInvalid"),
            (with("uscc", json!("12100000400000624E")), "/uscc", "usccInvalid"),
            (with("uscc", json!("")), "/uscc", "usccInvalid"),
            (with("uscc", json!("1".repeat(100_000))), "/uscc", "usccInvalid"),
            (with("name", json!("甲")), "/name", "nameInvalid"),
            (with("name", json!("   ")), "/name", "nameInvalid"),
            (with("name", json!("甲\u{0}乙")), "/name", "nameInvalid"),
            (with("name", json!("甲\u{7}乙")), "/name", "nameInvalid"),
            (with("name", json!("甲\u{85}乙")), "/name", "nameInvalid"),
            (with("name", json!("长".repeat(100_000))), "/name", "nameInvalid"),
            (with("aliases", json!(["甲\u{0}乙"])), "/name", "nameInvalid"),
            (with("aliases", json!(vec!["曾用名"; 21])), "/aliases", "tooMany"),
            (with("district", json!("37100")), "/district", "districtInvalid"),
            (with("district", json!("三七一〇〇二")), "/district", "districtInvalid"),
            (with("district", json!("37\u{0}002")), "/district", "districtInvalid"),
        ] {
            let answer = post(&world, &office, body.clone()).await;
            let problem = answer.problem(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{body:.80} {problem}");
            assert_eq!(problem["errors"][0]["code"], code, "{body:.80} {problem}");
            assert!(answer.bytes.len() < 4_000, "{body:.80}: {} bytes of answer", answer.bytes.len());
        }
        let unknown = world.ask(Method::POST, "/v1/organisations").key(&office).header("content-type", "application/json")
            .body(with("kind", json!("学".repeat(100_000)))).send().await;
        let problem = unknown.problem(422, "invalid");
        for allowed in ["university", "institute", "stateOwnedEnterprise", "enterprise", "serviceBody", "government"] {
            assert!(problem["detail"].as_str().is_some_and(|d| d.contains(allowed)), "{allowed}: {problem}");
        }
        assert_eq!(world.get("/v1/organisations").await.json()["total"], 0, "nothing of it was taken");
    }

    async fn a_query_is_read_by_name_and_nothing_of_it_is_passed_over(world) {
        let office = world.key(Role::Office, None).await;
        world.indexed().await;
        for path in ["/v1/patents", "/v1/organisations", "/v1/holdings", "/v1/imports", "/v1/changes"] {
            for (query, name, code) in [
                ("limit=0", "limit", "outOfRange"),
                ("limit=201", "limit", "outOfRange"),
                ("limit=-1", "limit", "outOfRange"),
                ("limit=x", "limit", "outOfRange"),
                ("limit=1.5", "limit", "outOfRange"),
                ("limit=99999999999999999999", "limit", "outOfRange"),
                ("limit=5&limit=6", "limit", "repeated"),
                ("after=a&after=b", "after", "repeated"),
                ("nope=1", "nope", "parameterUnknown"),
                ("Limit=1", "Limit", "parameterUnknown"),
                ("limit=%ff", "limit", "encodingInvalid"),
                ("nope%00=1", "", "controlCharacter"),
                ("after=%00", "after", "controlCharacter"),
                ("after=%C2%85", "after", "controlCharacter"),
            ] {
                let answer = world.ask(Method::GET, &format!("{path}?{query}")).key(&office).send().await;
                let problem = answer.problem(400, "parameterInvalid");
                assert_eq!(problem["errors"][0]["code"], code, "{path}?{query} {problem}");
                let pointer = problem["errors"][0]["pointer"].as_str().expect("a pointer");
                assert!(pointer.starts_with('?') && pointer.contains(name), "{path}?{query} {pointer}");
            }
        }
        for (path, allowed) in [
            ("/v1/patents?kind=x", "utilityModel"), ("/v1/patents?sort=x", "termLeft"), ("/v1/patents?facet=x", "filingYear"),
            ("/v1/patents?legalStatus=x", "inForce"), ("/v1/patents?conversion=x", "unused"), ("/v1/patents?inTerm=1", "true"),
            ("/v1/holdings?state=x", "confirmedByName"), ("/v1/holdings?conversion=x", "ownUse"),
            ("/v1/patents/export?format=pdf", "csv"), ("/v1/patents?ipc=Z99", "H01M"),
        ] {
            let problem = world.get(path).await.problem(400, "parameterInvalid");
            assert_eq!(problem["errors"][0]["code"], "valueUnknown", "{path}");
            assert!(problem["detail"].as_str().is_some_and(|d| d.contains(allowed)), "{path} {problem}");
        }
        for path in [
            "/v1/patents?sort=newest&sort=number", "/v1/patents?sort=newest,number", "/v1/patents?inTerm=true&inTerm=false",
            "/v1/holdings?state=claimed&state=confirmedByName", "/v1/patents/export?format=csv&format=ndjson", "/v1/patents?q=a&q=b",
        ] {
            let problem = world.get(path).await.problem(400, "parameterInvalid");
            assert_eq!(problem["errors"][0]["code"], "repeated", "{path}");
        }
        for path in ["filedFrom=2024-02-30", "filedTo=2024-13-01", "grantedFrom=yesterday", "grantedTo=20240101x"] {
            let problem = world.get(&format!("/v1/patents?{path}")).await.problem(400, "parameterInvalid");
            assert_eq!(problem["errors"][0]["code"], "dayInvalid", "{path}");
        }
    }

    async fn no_operation_passes_over_a_parameter_that_it_does_not_know(world) {
        let office = world.key(Role::Office, None).await;
        world.indexed().await;
        for (id, operation) in operations() {
            let path = operation.path.replace(['{', '}'], "");
            let asking = world.ask(operation.method.parse().expect("a method"), &format!("{path}?nope=1")).key(&office);
            let problem = asking.header("if-match", "\"1\"").json(&json!({})).send().await.problem(400, "parameterInvalid");
            assert_eq!(problem["errors"][0]["pointer"], "?nope", "{id}");
        }
    }

    async fn an_answer_is_packed_for_whoever_takes_it_packed(world) {
        for n in 0..40 {
            world.organisation(&format!("第 {n} 学院")).await;
        }
        let plain = world.get("/v1/organisations").await;
        assert_eq!((plain.status.as_u16(), plain.header("content-encoding")), (200, ""));
        let packed = world.ask(Method::GET, "/v1/organisations").header("accept-encoding", "gzip").send().await;
        assert_eq!((packed.status.as_u16(), packed.header("content-encoding")), (200, "gzip"));
        let mut unpacked = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed.bytes.as_slice()), &mut unpacked).expect("gzip");
        assert_eq!(unpacked, plain.bytes);
        let none = world.ask(Method::GET, "/v1/organisations").header("accept-encoding", "identity;q=0").send().await;
        none.problem(406, "notAcceptable");
    }

    async fn refusals_speak_chinese_and_to_those_who_ask_english(world) {
        for (header, language) in [
            (None, "zh-CN"), (Some(""), "zh-CN"), (Some("fr"), "zh-CN"), (Some("*"), "zh-CN"), (Some("zh-TW"), "zh-CN"),
            (Some("en"), "en"), (Some("en-GB"), "en"), (Some("EN-us,en;q=0.9,zh;q=0.8"), "en"), (Some("fr, en"), "en"),
            (Some("en;q=0.5, zh;q=0.9"), "zh-CN"), (Some("zh;q=0.5,en;q=0.9"), "en"), (Some("en;q=0"), "zh-CN"),
            (Some("en ; q=0.9"), "en"), (Some("zh;q=x,en;q=0.5"), "zh-CN"), (Some(";;;,,,q="), "zh-CN"),
        ] {
            let asking = world.ask(Method::GET, "/v1/nope");
            let answer = match header {
                Some(value) => asking.header("accept-language", value).send().await,
                None => asking.send().await,
            };
            let problem = answer.problem(404, "notFound");
            assert_eq!(answer.header("content-language"), language, "{header:?}");
            assert!(answer.header("vary").to_lowercase().contains("accept-language"));
            let detail = problem["detail"].as_str().expect("a detail");
            assert_eq!(detail.is_ascii(), language == "en", "{header:?} {detail}");
        }
    }

    async fn every_answer_carries_its_request_id(world) {
        for (given, kept) in [
            ("abcd-1234_X", true), (&"a".repeat(64), true), ("short", false), (&"a".repeat(65), false),
            ("has space in it", false), ("quote\"quote", false), ("", false), ("semi;colon", false),
        ] {
            for path in ["/v1/organisations", "/v1/nope", "/livez"] {
                let answer = world.ask(Method::GET, path).header("x-request-id", given).send().await;
                assert_eq!(answer.header("x-request-id") == given, kept, "{given:?}");
                assert!(answer.header("x-request-id").len() >= 8, "{given:?}");
            }
        }
        let (one, other) = tokio::join!(world.get("/livez"), world.get("/livez"));
        assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
        assert_eq!(world.get("/v1/organisations").await.header("x-content-type-options"), "nosniff");
    }

    async fn a_busy_database_says_when_to_come_back(world) {
        let office = world.key(Role::Office, None).await;
        let read = world.ask(Method::GET, "/v1/organisations").key(&office).send().await;
        assert_eq!(read.status, 200);
        // A writer of another process.
        let other = match &world.services.db {
            kaixu::store::Db::Sqlite { .. } => {
                kaixu::store::Db::open_sqlite(&world.folder.path().join("kaixu.sqlite")).await.expect("opens")
            }
            postgres @ kaixu::store::Db::Postgres(_) => postgres.clone(),
        };
        let held = other.begin_write(world.services.now(), "test").await.expect("takes the writer's place");
        let answer = post(&world, &office, with("name", json!("等待学院"))).await;
        answer.problem(503, "busy");
        assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|s| s > 0));
        drop(held);
        loop {
            let answer = post(&world, &office, with("name", json!("等待学院"))).await;
            if answer.status == 201 {
                break;
            }
            answer.problem(503, "busy");
        }
    }

    async fn whoever_asks_too_often_is_told_when_to_come_back(world) {
        let key = world.key(Role::Platform, None).await;
        let world = behind(world, limits(3, Duration::from_secs(30)), Router::new());
        for _ in 0..3 {
            assert_eq!(world.get("/v1/organisations").await.status, 200);
        }
        let answer = world.get("/v1/organisations").await;
        answer.problem(429, "tooManyRequests");
        let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&seconds), "{seconds}");
        world.get("/v1/nope").await.problem(429, "tooManyRequests");
        assert_eq!(world.get("/livez").await.status, 200, "the process's own addresses have no share");
        for _ in 0..30 {
            let asking = world.ask(Method::GET, "/v1/organisations").key(&key);
            assert_eq!(asking.send().await.status, 200, "ten times as many with a key");
        }
        world.ask(Method::GET, "/v1/organisations").key(&key).send().await.problem(429, "tooManyRequests");
    }

    async fn a_panic_and_an_endless_request_become_problems_without_a_trace(world) {
        let pages = Router::new()
            .route("/boom", get(async || -> &'static str { panic!("secret detail at src/store/mod.rs") }))
            .route("/endless", get(async || { std::future::pending::<()>().await; "never" }));
        let world = behind(world, limits(0, Duration::from_millis(300)), pages);
        let answer = world.get("/boom").await;
        answer.problem(500, "internal");
        assert!(!answer.text().contains("secret") && !answer.text().contains(".rs"), "{}", answer.text());
        assert!(!answer.header("x-request-id").is_empty());
        world.get("/endless").await.problem(503, "timeout");
        assert_eq!(world.get("/v1/organisations").await.status, 200, "and the server goes on");
    }

    async fn an_upload_beyond_its_limit_or_empty_is_refused_and_leaves_nothing(world) {
        let office = world.key(Role::Office, None).await;
        let mut services = world.services.clone();
        services.limits.upload_bytes = 3 << 20;
        let state = api::State::new(services, "test", limits(0, Duration::from_secs(30)));
        let mut world = world;
        world.router = api::router(state, Router::new());
        let upload = |body: axum::body::Body| world.ask(Method::POST, "/v1/imports").key(&office).body(body).send();
        upload(vec![b'a'; (3 << 20) + 1].into()).await.problem(413, "tooLarge");
        let problem = upload(axum::body::Body::empty()).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], "fileEmpty");
        let broken = futures_util::stream::iter([Ok(vec![b'a'; 1 << 20]), Err(std::io::Error::other("line cut"))]);
        upload(axum::body::Body::from_stream(broken)).await.problem(400, "uploadBroken");
        let unknown = world.ask(Method::POST, &format!("/v1/imports?holder={USCC}")).key(&office).body("x").send().await;
        unknown.problem(400, "parameterInvalid");
        let listed = world.ask(Method::GET, "/v1/imports").key(&office).send().await.json();
        assert_eq!(listed["total"], 0, "{listed}");
        let mut tx = world.services.db.read().await.expect("reads");
        assert_eq!(kaixu::store::blobs::page(&mut tx, "", 10).await.expect("reads"), []);
    }
}

#[test]
fn every_code_of_a_refusal_has_its_words_in_both_languages() {
    use kaixu::{domain::access::Denied, ops::Error};
    let errors = [
        Error::Denied(Denied::Unauthenticated),
        Error::Denied(Denied::Scope),
        Error::Denied(Denied::Role),
        Error::Denied(Denied::NotYours),
        Error::Credentials,
        Error::NotFound("patent"),
        Error::NotFound("organisation"),
        Error::NotFound("holding"),
        Error::NotFound("import"),
        Error::NotFound("file"),
        Error::Stale { current: 3 },
        Error::UsccTaken,
        Error::KeyReused,
        Error::CursorInvalid,
        Error::CursorMismatch,
        Error::CursorExpired,
        Error::TooLarge { limit: 5 },
        Error::UploadBroken,
        Error::MediaType,
        Error::Busy,
        Error::NotReady,
        Error::Internal("secret".into()),
    ];
    let mut codes = std::collections::BTreeSet::new();
    for error in errors {
        let text = error.text();
        assert!(
            !text.zh.is_ascii() && text.zh.ends_with('。'),
            "{error:?}: {}",
            text.zh
        );
        assert!(
            text.en.len() > 10 && !text.en.contains(|c| ('一'..='龥').contains(&c)),
            "{error:?}: {}",
            text.en
        );
        assert!(!text.zh.contains("secret") && !text.en.contains("secret"));
        codes.insert(error.code());
    }
    assert_eq!(codes.len(), 18, "{codes:?}");
}
