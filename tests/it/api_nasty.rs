//! Whatever is thrown at any route: an answer, never a 500, and every refusal is a problem.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::json;

use crate::{
    on_both,
    openapi::{Described, operations},
    smoke::finished,
    support::{World, http::Answer},
};

const ZERO: &str = "00000000-0000-0000-0000-000000000000";

/// Values for path segments and query parameters, percent-encoded.
fn values() -> Vec<String> {
    let fixed = [
        "",
        "%00",
        "%ff",
        "%C3%28",
        "%ED%A0%80",
        "%0A",
        "%0D%0AX-Evil:1",
        "%20",
        "%25",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..",
        "'",
        "%27%3B%20drop%20table%20patents%3B--",
        "%22",
        "%5C",
        "*",
        "%3Cscript%3E",
        "-1",
        "0",
        "1e309",
        "NaN",
        "null",
        "true",
        "9223372036854775808",
        "18446744073709551616",
        "2024-02-30",
        "%F0%9F%92%A9",
        "%E2%80%AE",
        "%EF%BF%BF",
        "%EF%BB%BF",
        "ZL202480012345.0",
        "2024800123451",
        "H01M",
        "((((",
        "a%20AND%20(",
        "%22unclosed",
        "title:",
        "a~9",
        "%5B%5D",
        "%7B%7D",
        "%E4%B8%AD%E6%96%87",
        ZERO,
        "en;q=0",
        "a,b,c",
        "%2C%2C%2C",
        "37",
        "+",
        "%2B",
    ];
    let mut all: Vec<String> = fixed.map(str::to_owned).into();
    all.extend([
        "9".repeat(3_000),
        "%E9%95%BF".repeat(3_000),
        "(".repeat(3_000),
        "a%20OR%20".repeat(2_000),
        "%25".repeat(2_000),
    ]);
    all
}

fn bodies() -> Vec<Vec<u8>> {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(5_000), close.repeat(5_000));
    let texts = [
        String::new(), "null".into(), "[]".into(), "{}".into(), "0".into(), "\"".into(), "{".into(), "{\"a\":}".into(), "\u{feff}{}".into(),
        deep("[", "]"), deep("{\"a\":", "}"),
        json!({ "name": "\u{0}", "aliases": ["\u{0}"], "district": "\u{0}" }).to_string(),
        json!({ "name": "大".repeat(100_000) }).to_string(),
        json!({ "unit": "\u{0}" }).to_string(), json!({ "unit": "大".repeat(40_000) }).to_string(), json!({ "unit": 1e308 }).to_string(),
        json!({ "confirmed": "yes" }).to_string(), json!({ "confirmed": 1 }).to_string(), json!({ "published": [] }).to_string(),
        json!({ "conversion": "\u{0}" }).to_string(), json!({ "uscc": "１２１", "name": "甲乙", "kind": "institute", "district": "371002" }).to_string(),
        json!({ "terms": { "mode": "lumpSum", "amountFen": u64::MAX }, "months": 1 }).to_string(),
        json!({ "terms": { "mode": "perPeriod", "amountFen": i64::MAX, "everyMonths": u32::MAX }, "months": u32::MAX }).to_string(),
        json!({ "terms": { "mode": "perPeriod", "amountFen": 1, "everyMonths": 0 }, "months": 240, "from": "9999-12-31" }).to_string(),
        json!({ "terms": { "mode": "instalments", "parts": vec![json!({ "amountFen": i64::MAX, "afterDays": u32::MAX }); 10_000] }, "months": 0, "from": "-009999-01-01" }).to_string(),
        format!("{{\"months\":1,\"terms\":{}{{\"mode\":\"free\"}}{}}}", "{\"mode\":\"stages\",\"stages\":[{\"terms\":".repeat(5_000), "}]}".repeat(5_000)),
        format!("{{\"months\":1,\"terms\":{}{{\"mode\":\"free\"}}{}}}", "{\"mode\":\"stages\",\"stages\":[{\"terms\":".repeat(30), "}]}".repeat(30)),
        "{\"name\":\"a\",\"name\":\"b\"}".into(), "{\"confirmed\":1e999}".into(), "{\"unit\":\"\\ud800\"}".into(),
        "专利号,专利名称\n\u{0},\u{0}\nZL202480012345.0,\u{0}\n".into(),
        "{\"number\":\"202480012345\",\"title\":\"a\\u0000b\",\"owners\":[\"\\u0000\"],\"unit\":\"\\u0000\"}\n{\"number\":{}}\n".into(),
    ];
    let mut all: Vec<Vec<u8>> = texts.map(String::into_bytes).into();
    all.extend([
        vec![0xff; 64],
        vec![0; 4096],
        b"PK\x03\x04broken".to_vec(),
        b"\x1f\x8bbroken".to_vec(),
        b"%PDF-1.7".to_vec(),
    ]);
    all
}

const HEADERS: &[(&str, &str)] = &[
    ("if-match", "\"999999999999999999999\""),
    ("if-match", "*"),
    ("if-match", "\"\""),
    ("if-match", "W/\"1\""),
    ("if-none-match", "*"),
    ("if-none-match", "\"\",,,\""),
    ("idempotency-key", ""),
    ("idempotency-key", "' or 1=1"),
    ("accept-language", ",;q=,en;q=NaN"),
    ("accept-language", "en;q=1e999"),
    ("accept", "text/plain"),
    ("content-type", "application/json; charset=gbk"),
    ("content-type", ""),
    ("content-type", ";;;"),
    ("content-length", "5"),
    ("authorization", "Bearer"),
    ("authorization", "Digest x"),
    ("x-request-id", "../../../../etc/passwd"),
    ("x-forwarded-for", ",,,"),
    ("range", "bytes=0-"),
    ("expect", "100-continue"),
    ("content-encoding", "gzip"),
    ("accept-encoding", "identity;q=0"),
    ("cookie", "a=\"b"),
    ("origin", "null"),
];

/// The path with these values in its parameters.
fn filled(operation: &Described, value: &str) -> String {
    let mut path = operation.path.clone();
    for name in operation.parameters("path") {
        path = path.replace(&format!("{{{name}}}"), value);
    }
    path
}

#[track_caller]
fn harmless(what: &str, answer: &Answer) {
    let status = answer.status.as_u16();
    let what: String = what.chars().take(200).collect();
    assert!(status < 500, "{what}: {status} {}", answer.text());
    // RFC 6749 says how its refusals look.
    if what.starts_with("createToken") && answer.json()["error"].is_string() {
        assert!(matches!(status, 400 | 401), "{what}: {status}");
        return;
    }
    if status >= 400 {
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{what}: {}",
            answer.text()
        );
        let problem = answer.json();
        assert_eq!(problem["status"], status, "{what}");
        assert!(
            problem["code"].as_str().is_some_and(|c| !c.is_empty()),
            "{what}: {problem}"
        );
        assert!(
            problem["detail"].as_str().is_some_and(|d| !d.is_empty()),
            "{what}: {problem}"
        );
        assert!(
            problem["instance"]
                .as_str()
                .is_some_and(|i| i.starts_with("urn:request:")),
            "{what}: {problem}"
        );
        assert!(
            answer.bytes.len() < 40_000,
            "{what}: the refusal repeats the input, {} bytes",
            answer.bytes.len()
        );
    }
}

async fn throw(world: &World, key: &str, id: &str, operation: &Described) -> usize {
    let method: Method = operation.method.parse().expect("a method");
    let ask = |path: &str| {
        world
            .ask(method.clone(), path)
            .key(key)
            .header("accept-language", "en")
    };
    let mut thrown = 0;
    for value in values() {
        let mut paths = vec![
            format!("{}?{value}", filled(operation, ZERO)),
            format!("{}?{value}={value}", filled(operation, ZERO)),
        ];
        if !operation.parameters("path").is_empty() {
            paths.push(filled(operation, &value));
        }
        paths.extend(
            operation
                .parameters("query")
                .iter()
                .map(|name| format!("{}?{name}={value}", filled(operation, ZERO))),
        );
        for path in paths {
            // What a client cannot even send is no test of the server.
            if path.parse::<axum::http::Uri>().is_err() {
                continue;
            }
            let asking = ask(&path)
                .header("if-match", "\"1\"")
                .header("content-type", "application/json");
            harmless(
                &format!("{id} {method} {path}"),
                &asking.body("{}").send().await,
            );
            thrown += 1;
        }
    }
    let path = filled(operation, ZERO);
    for (name, value) in HEADERS {
        harmless(
            &format!("{id} {name}: {value}"),
            &ask(&path).header(name, value).send().await,
        );
        thrown += 1;
    }
    for body in bodies()
        .into_iter()
        .filter(|_| operation.says["requestBody"].is_object())
    {
        // Evidence is looked into only when it claims a type that is taken.
        let kinds: &[&str] = if id == "createFile" {
            &["text/plain", "application/xml", "application/pdf"]
        } else {
            &["application/json"]
        };
        let query = match id {
            "createFile" => "?name=a",
            "importRecords" => "?kind=licences",
            _ => "",
        };
        for kind in kinds {
            let what = format!("{id} {kind} {}", String::from_utf8_lossy(&body));
            let asking = ask(&format!("{path}{query}"))
                .header("if-match", "\"1\"")
                .header("content-type", kind);
            harmless(&what, &asking.body(body.clone()).send().await);
            thrown += 1;
        }
    }
    thrown
}

on_both! {
    async fn no_nasty_request_makes_any_route_fail(world) {
        let office = world.key(Role::Office, None).await;
        let holder = world.organisation("蓝湾大学").await;
        let csv = "专利号,专利名称,专利权人\nZL202480012345.0,一种渔网清洗装置,蓝湾大学\n";
        let sent = world.ask(Method::POST, &format!("/v1/imports?holder={}", holder.uscc)).key(&office).body(csv).send().await;
        finished(&world, &office, sent.header("location")).await;
        world.indexed().await;
        let before = world.get("/v1/snapshots/latest").await.text();
        for (id, operation) in operations() {
            let thrown = throw(&world, &office, &id, &operation).await;
            assert!(thrown > 100, "{id}: {thrown}");
        }
        // Files of rubbish end as imports that say so, none stuck, none half in.
        let listed = world.ask(Method::GET, "/v1/imports?limit=200").key(&office).send().await.json();
        assert_eq!(listed["next"], json!(null), "{}", listed["total"]);
        for import in listed["items"].as_array().expect("imports") {
            let path = format!("/v1/imports/{}", import["id"].as_str().expect("an id"));
            let import = finished(&world, &office, &path).await;
            assert_eq!(import["state"] == "failed", import["failure"].is_object(), "{import}");
            let rejects = world.ask(Method::GET, &format!("{path}/rejects")).key(&office).send().await;
            assert_eq!(rejects.status, 200, "{}", rejects.text());
            let lines = rejects.text().lines().count() as u64;
            assert_eq!(import["counts"]["rejected"].as_u64().map(|n| n + 1), Some(lines), "{import}: {}", rejects.text());
        }
        let report = kaixu::ops::verify::verify(&world.services).await.expect("reads");
        assert!(report.is_ok(), "{report:?}");
        for line in before.lines().filter(|line| line.contains("\"organisation\"")) {
            assert!(world.get("/v1/snapshots/latest").await.text().contains(line), "a record changed: {line}");
        }
    }
}
