//! The OpenAPI schema of terms describes the JSON that is really read and written, mode by mode.

use std::collections::BTreeSet;

use kaixu::domain::{
    money::Fen,
    terms::{FeeMode, Royalty, Terms},
};
use serde_json::Value;

use super::{instalments, lump, per_period, royalty, stages};
use crate::openapi::document;

/// The object schemas that a schema stands for, references followed.
fn parts<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    if let Some(target) = schema["$ref"].as_str() {
        let pointer = target.trim_start_matches('#');
        return parts(
            document,
            document.pointer(pointer).expect("leads somewhere"),
        );
    }
    match schema["allOf"].as_array() {
        Some(all) => all.iter().flat_map(|one| parts(document, one)).collect(),
        None => vec![schema],
    }
}

fn assert_described(document: &Value, schema: &Value, json: &Value) {
    let parts = parts(document, schema);
    let strict = parts
        .iter()
        .any(|part| part["additionalProperties"] == false);
    assert!(
        !strict || parts.len() == 1,
        "{schema} allows nothing at all"
    );
    let names = |key: &str| -> BTreeSet<String> {
        let listed = parts.iter().flat_map(|part| match &part[key] {
            Value::Object(map) => map.keys().cloned().collect::<Vec<_>>(),
            Value::Array(list) => list
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        });
        listed.collect()
    };
    let given: BTreeSet<String> = json
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    let (known, required) = (names("properties"), names("required"));
    assert!(given.is_subset(&known), "{given:?} are more than {known:?}");
    assert!(
        required.is_subset(&given),
        "{required:?} are more than {given:?}"
    );
    assert_eq!(given, known, "the example has every field");
}

#[test]
fn the_schema_of_every_mode_names_exactly_its_fields() {
    let document = document();
    let schema = |name: &str| &document["components"]["schemas"][name];
    let whole = Royalty {
        floor_fen: Some(Fen(1)),
        cap_fen: Some(Fen(2)),
        ..royalty(300)
    };
    let all = [
        Terms::Free,
        lump(1),
        instalments(&[(1, 0)]),
        per_period(1, 12),
        Terms::Royalty(whole.clone()),
        Terms::EntryAndRoyalty {
            entry_fen: Fen(1),
            royalty: whole.clone(),
        },
        stages(vec![(Some(1), Terms::Free), (None, lump(1))]),
    ];
    assert_eq!(all.each_ref().map(Terms::mode), FeeMode::ALL);
    let modes = schema("Terms")["oneOf"].as_array().expect("modes");
    assert_eq!(modes.len(), all.len());
    for terms in &all {
        let mode = terms.mode().as_str();
        let described = modes.iter().find(|one| {
            parts(&document, one)
                .iter()
                .any(|part| part["properties"]["mode"]["enum"][0] == mode)
        });
        let json = serde_json::to_value(terms).expect("writes");
        assert_described(&document, described.expect("is described"), &json);
    }
    assert_described(
        &document,
        schema("Royalty"),
        &serde_json::to_value(whole).expect("writes"),
    );
    let json = serde_json::to_value(&all[6]).expect("writes");
    assert_described(&document, schema("FeeStage"), &json["stages"][0]);
    let json = serde_json::to_value(&all[2]).expect("writes");
    assert_described(&document, schema("Instalment"), &json["parts"][0]);
}
