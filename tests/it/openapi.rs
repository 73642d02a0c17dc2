//! The OpenAPI document: the golden file equals the code's, every operation is complete, nothing dangles, and
//! the permission table speaks of exactly these operations. `KAIXU_TEST_BLESS=1` writes the golden file.

use std::collections::{BTreeMap, BTreeSet};

use kaixu::{api, domain::access::PERMISSIONS};
use serde_json::Value;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

pub fn document() -> Value {
    serde_json::to_value(api::document()).expect("JSON")
}

/// An operation of the document: method, path template, what is said of it.
pub struct Described {
    pub method: String,
    pub path: String,
    pub says: Value,
}

impl Described {
    pub fn parameters(&self, place: &str) -> Vec<String> {
        let all = self.says["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        all.iter()
            .filter(|p| p["in"] == place)
            .map(|p| p["name"].as_str().expect("a name").to_owned())
            .collect()
    }
}

/// Every operation by its id; the same id twice is a failure.
pub fn operations() -> BTreeMap<String, Described> {
    let mut found = BTreeMap::new();
    for (path, item) in document()["paths"].as_object().expect("paths") {
        for (method, says) in item
            .as_object()
            .expect("an item")
            .iter()
            .filter(|(m, _)| METHODS.contains(&m.as_str()))
        {
            let id = says["operationId"]
                .as_str()
                .unwrap_or_else(|| panic!("{method} {path} has no operationId"));
            let described = Described {
                method: method.to_uppercase(),
                path: path.clone(),
                says: says.clone(),
            };
            assert!(
                found.insert(id.to_owned(), described).is_none(),
                "{id} is used twice"
            );
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn the_golden_file_is_what_the_code_says() {
    // As `kaixu openapi` prints it.
    let written = format!("{}\n", api::document().to_pretty_json().expect("JSON"));
    if std::env::var("KAIXU_TEST_BLESS").is_ok_and(|v| v == "1") {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi")).expect("a folder");
        std::fs::write(GOLDEN, &written).expect("writes");
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    let line = golden
        .lines()
        .zip(written.lines())
        .position(|(a, b)| a != b)
        .unwrap_or(golden.lines().count().min(written.lines().count()));
    assert!(
        golden == written,
        "openapi/openapi.json is out of date from line {}: {:?} is now {:?}; KAIXU_TEST_BLESS=1 writes it anew",
        line + 1,
        golden.lines().nth(line),
        written.lines().nth(line),
    );
}

#[test]
fn it_is_openapi_3_1_and_no_reference_dangles() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => map
                .iter()
                .for_each(|(key, value)| match (key.as_str(), value) {
                    ("$ref", Value::String(target)) => {
                        found.insert(target.clone());
                    }
                    _ => references(value, found),
                }),
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|v| v.starts_with("3.1.")),
        "{}",
        document["openapi"]
    );
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for target in found {
        let pointer = target
            .strip_prefix('#')
            .expect("a reference into the document");
        assert!(
            document.pointer(pointer).is_some(),
            "{target} leads nowhere"
        );
    }
    for (name, scheme) in document["components"]["schemas"]
        .as_object()
        .expect("schemas")
    {
        assert!(!name.contains("::") && scheme.is_object(), "{name}");
    }
}

#[test]
fn enumerations_are_described_in_the_words_of_the_json() {
    use kaixu::domain::{
        holding::Conversion,
        patent::{LegalStatus, PatentKind},
        terms::{FeeMode, RoyaltyBase},
    };
    let document = document();
    let described = |name: &str| document["components"]["schemas"][name]["enum"].clone();
    let words = |words: Vec<&str>| serde_json::to_value(words).expect("JSON");
    for (name, expected) in [
        ("PatentKind", PatentKind::ALL.map(PatentKind::as_str).into()),
        (
            "LegalStatus",
            LegalStatus::ALL.map(LegalStatus::as_str).into(),
        ),
        ("Conversion", Conversion::ALL.map(Conversion::as_str).into()),
        ("FeeMode", FeeMode::ALL.map(FeeMode::as_str).into()),
        (
            "RoyaltyBase",
            RoyaltyBase::ALL.map(RoyaltyBase::as_str).into(),
        ),
    ] {
        assert_eq!(described(name), words(expected), "{name}");
    }
}

#[test]
fn every_operation_is_complete() {
    let document = document();
    let tags: BTreeSet<&str> = document["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .filter_map(|t| t["name"].as_str())
        .collect();
    for (id, operation) in operations() {
        let says = &operation.says;
        assert!(
            says["summary"].as_str().is_some_and(|s| s.len() > 5),
            "{id} has no summary"
        );
        assert!(
            says["tags"]
                .as_array()
                .is_some_and(|t| t.len() == 1 && tags.contains(t[0].as_str().unwrap_or_default())),
            "{id}: {}",
            says["tags"]
        );
        let responses = says["responses"].as_object().expect("responses");
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{id} has no success"
        );
        for (status, response) in responses {
            assert!(response["description"].as_str().is_some(), "{id} {status}");
            // RFC 6749 says how these two look.
            if id == "createToken" && matches!(status.as_str(), "400" | "401") {
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/TokenError", "{id} {status}");
                continue;
            }
            if status.starts_with('4') || status.starts_with('5') || status == "default" {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{id} {status}");
                assert!(
                    response["description"]
                        .as_str()
                        .is_some_and(|d| !d.is_empty()),
                    "{id} {status}"
                );
            }
        }
        let mut wanted = vec!["default"];
        let restricted = PERMISSIONS
            .iter()
            .any(|row| row.id == id && !row.any.contains(&kaixu::domain::access::Role::Anonymous));
        assert_eq!(says["security"].is_array(), restricted, "{id}: security");
        if restricted {
            wanted.extend(["401", "403"]);
        }
        if !operation.parameters("query").is_empty() {
            wanted.push("400");
        }
        if !operation.parameters("path").is_empty() {
            wanted.push("404");
        }
        if operation
            .parameters("header")
            .iter()
            .any(|h| h == "If-Match")
        {
            wanted.extend(["412", "428"]);
        }
        if says["requestBody"].is_object() {
            wanted.extend(["413", "422"]);
        }
        if says["requestBody"]["content"]["application/json"].is_object() {
            wanted.extend(["400", "415"]);
        }
        for status in wanted {
            assert!(
                responses.contains_key(status),
                "{id} says nothing of {status}"
            );
        }
        let named: BTreeSet<String> = operation
            .path
            .split('{')
            .skip(1)
            .filter_map(|p| p.split('}').next())
            .map(str::to_owned)
            .collect();
        assert_eq!(
            named,
            operation.parameters("path").into_iter().collect(),
            "{id}: path parameters"
        );
    }
}

#[test]
fn the_permission_table_speaks_of_exactly_these_operations() {
    let described: BTreeSet<String> = operations().into_keys().collect();
    let table: Vec<String> = PERMISSIONS.iter().map(|row| row.id.to_owned()).collect();
    let rows: BTreeSet<String> = table.iter().cloned().collect();
    assert_eq!(rows.len(), table.len(), "an operation has two rows");
    assert_eq!(described, rows);
    let kinds: BTreeSet<_> = PERMISSIONS.iter().map(|row| row.operation).collect();
    assert_eq!(kinds.len(), table.len(), "two rows speak of one operation");
}
