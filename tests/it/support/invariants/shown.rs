//! I11: nobody hears of another's records, and what is told in public are the public fields of the field table.
//! I12: an export has as many rows as the count says.

use std::collections::BTreeSet;

use axum::http::Method;
use kaixu::{
    domain::access::{FIELDS, Shown},
    store::patents,
};
use serde_json::Value;

use super::readers::{Reader, Readers};
use crate::{feed::client::Client, support::World};

/// Every list, and what it says of a record beside the record's own fields.
const LISTS: [(&str, &[&str]); 6] = [
    ("organisations", &["version", "districtName"]),
    ("holdings", &["version"]),
    (
        "declarations",
        &[
            "version",
            "zl",
            "offeredToday",
            "feeMode",
            "dueAtStartFen",
            "sentence",
        ],
    ),
    (
        "licences",
        &[
            "version",
            "zl",
            "dueAtStartFen",
            "missingEvidence",
            "disputed",
            "filingOverdue",
        ],
    ),
    ("encumbrances", &["version", "activeToday"]),
    ("targets", &["version"]),
];

/// The feed, the snapshot and the lists of everyone but the office.
pub async fn nothing_hidden(world: &World, readers: &Readers) {
    for reader in &readers.all {
        let hidden = readers.hidden(&reader.sight);
        let mut client = Client::new(reader.key.as_deref());
        client.snapshot(world).await;
        told(&client.received, &hidden, reader, "the snapshot");
        followed(world, reader, &hidden).await;
        for (noun, extra) in LISTS {
            let items = listed(world, reader, noun).await;
            let seen = readers.seen(&reader.sight).into_keys();
            let wanted: BTreeSet<String> = seen
                .filter(|(of, _)| of == noun)
                .map(|(_, key)| key)
                .collect();
            let ids = items.iter().map(|item| item["id"].as_str().expect("an id"));
            let ids: BTreeSet<String> = ids.map(str::to_owned).collect();
            assert_eq!(ids, wanted, "I11: {}, /v1/{noun}", reader.name);
            for item in &items {
                told(&item.to_string(), &hidden, reader, noun);
                public_fields(noun, item, extra);
            }
        }
        let found = ask(world, reader, "/v1/patents?limit=200").await;
        if found.is_some() {
            told(&found.unwrap_or_default(), &hidden, reader, "the search");
        }
    }
}

/// A row may name a record that was seen once: as the subject of a row without data.
async fn followed(world: &World, reader: &Reader, hidden: &BTreeSet<String>) {
    let mut after = String::new();
    loop {
        let text = ask(world, reader, &format!("/v1/changes?limit=200{after}")).await;
        let page: Value = serde_json::from_str(&text.expect("a page")).expect("JSON");
        for item in page["items"].as_array().expect("items") {
            let subject = item["subject"].as_str().expect("a subject");
            let (noun, key) = subject.split_once('/').expect("noun/key");
            match item.get("data").filter(|data| !data.is_null()) {
                Some(data) => {
                    told(&item.to_string(), hidden, reader, "the feed");
                    public_fields(noun, data, &[]);
                }
                None => {
                    let rest = item.to_string().replace(key, "");
                    told(&rest, hidden, reader, "the feed");
                }
            }
        }
        if page["more"] == false {
            return;
        }
        after = format!("&after={}", page["next"].as_str().expect("a cursor"));
    }
}

#[track_caller]
fn told(text: &str, hidden: &BTreeSet<String>, reader: &Reader, place: &str) {
    for key in hidden {
        assert!(
            !text.contains(key.as_str()),
            "I11: {} is told of {key} by {place}: {text:.600}",
            reader.name
        );
    }
}

/// Fields that the table does not show to the public are nowhere told; a noun without a row has no such field yet.
#[track_caller]
fn public_fields(noun: &str, document: &Value, extra: &[&str]) {
    // A stock record and a conflict are told whole, to their own holder alone: whoever else hears of one is told what is
    // hidden.
    if matches!(
        noun,
        "inventory"
            | "conflicts"
            | "listings"
            | "consents"
            | "performances"
            | "enquiries"
            | "disputes"
    ) {
        return;
    }
    let singular = noun.trim_end_matches('s');
    let Some((_, shown, fields)) = FIELDS.iter().find(|(of, ..)| *of == singular) else {
        return;
    };
    assert_eq!(*shown, Shown::Public, "I11: {noun}");
    for field in document.as_object().expect("an object").keys() {
        assert!(
            fields.contains(&field.as_str()) || extra.contains(&field.as_str()),
            "I11: {noun} tells {field}"
        );
    }
}

async fn listed(world: &World, reader: &Reader, noun: &str) -> Vec<Value> {
    let (mut items, mut after) = (Vec::new(), String::new());
    loop {
        let limit = if noun == "targets" { "" } else { "limit=200" };
        let path = format!("/v1/{noun}?{limit}{after}");
        let text = ask(world, reader, &path).await.expect("a list");
        let page: Value = serde_json::from_str(&text).expect("JSON");
        items.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => {
                let total = page["total"].as_u64().expect("a total");
                assert_eq!(items.len() as u64, total, "{path}");
                return items;
            }
        }
    }
}

/// The answer, where there is one: a world without an index finds nothing.
async fn ask(world: &World, reader: &Reader, path: &str) -> Option<String> {
    let asking = world.ask(Method::GET, path);
    let answer = match &reader.key {
        Some(key) => asking.key(key).send().await,
        None => asking.send().await,
    };
    let ready = answer.status != 503 || world.services.search.is_some();
    assert!(
        answer.status == 200 || !ready,
        "{path}: {} {}",
        answer.status,
        answer.text()
    );
    ready.then(|| answer.text())
}

/// I12, of everything and of what is on offer.
pub async fn exports_are_whole(world: &World, readers: &Readers) {
    let mut tx = world.services.db.read().await.expect("reads");
    let all = patents::count(&mut tx).await.expect("counts");
    drop(tx);
    for reader in readers.all.iter().take(2) {
        for (filter, wanted) in [("", Some(all)), ("kind=invention&", None)] {
            let found = ask(world, reader, &format!("/v1/patents?{filter}limit=1")).await;
            let found: Value = serde_json::from_str(&found.expect("an index")).expect("JSON");
            let total = found["total"].as_i64().expect("a total");
            assert!(wanted.is_none_or(|all| all == total), "I12: {all}, {total}");
            let path = format!("/v1/patents/export?{filter}format=ndjson");
            let rows = ask(world, reader, &path).await.expect("an index");
            let rows = i64::try_from(rows.lines().count()).expect("small");
            assert_eq!(rows, total, "I12: {filter}");
        }
    }
}
