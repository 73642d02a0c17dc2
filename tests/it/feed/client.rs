//! A client of the feed as another platform would write it, which trusts nothing: every document is checked
//! against its hash, every row against the rules of the contract.

use std::collections::BTreeMap;

use axum::http::Method;
use kaixu::domain::event::{canonical_json, sha256_hex};
use serde_json::Value;

use crate::support::{World, http::Answer};

/// What a client keeps of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub version: i64,
    pub hash: String,
}

/// Noun in the plural and key.
pub type Key = (String, String);

/// A follower of the feed.
pub struct Client {
    key: Option<String>,
    pub cursor: Option<String>,
    pub records: BTreeMap<Key, Known>,
    /// The numbers of all rows seen, in order.
    pub sequences: Vec<i64>,
    /// Everything received, to look for what should not be there.
    pub received: String,
    /// Rows without data: superseded, gone.
    pub superseded: usize,
    pub gone: usize,
}

impl Client {
    pub fn new(key: Option<&str>) -> Self {
        Self {
            key: key.map(str::to_owned),
            cursor: None,
            records: BTreeMap::new(),
            sequences: Vec::new(),
            received: String::new(),
            superseded: 0,
            gone: 0,
        }
    }

    pub async fn ask(&self, world: &World, path: &str) -> Answer {
        let asking = world.ask(Method::GET, path);
        match &self.key {
            Some(key) => asking.key(key).send().await,
            None => asking.send().await,
        }
    }

    /// Reads pages until there is no more for now.
    pub async fn follow(&mut self, world: &World, limit: usize) {
        loop {
            let after = self
                .cursor
                .as_ref()
                .map(|c| format!("&after={c}"))
                .unwrap_or_default();
            let answer = self
                .ask(world, &format!("/v1/changes?limit={limit}{after}"))
                .await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let page = answer.json();
            let items = page["items"].as_array().expect("items");
            let more = page["more"].as_bool().expect("says whether there is more");
            assert!(
                items.len() <= limit && (!more || items.len() == limit),
                "{} of {limit}, more: {more}",
                items.len()
            );
            for item in items {
                self.apply(item);
            }
            self.received += &answer.text();
            let next = page["next"].as_str().expect("a cursor, always");
            assert!(
                answer
                    .header("link")
                    .ends_with(&format!("after={next}>; rel=\"next\"")),
                "{}",
                answer.header("link")
            );
            self.cursor = Some(next.to_owned());
            if !more {
                return;
            }
        }
    }

    fn apply(&mut self, item: &Value) {
        let text = |name: &str| {
            item[name]
                .as_str()
                .unwrap_or_else(|| panic!("{name}: {item}"))
                .to_owned()
        };
        assert_eq!(
            (text("specversion").as_str(), text("source").as_str()),
            ("1.0", "urn:kaixu:test")
        );
        assert_eq!(text("datacontenttype"), "application/json");
        assert!(text("time").parse::<jiff::Timestamp>().is_ok(), "{item}");
        let sequence = text("sequence");
        let number: i64 = sequence.parse().expect("a number");
        assert_eq!(
            (text("id"), sequence.len()),
            (number.to_string(), 19),
            "ordered as text: {item}"
        );
        assert!(
            self.sequences.last().is_none_or(|last| *last < number),
            "out of order: {item}"
        );
        self.sequences.push(number);
        let (noun, key) = text("subject")
            .split_once('/')
            .map(|(n, k)| (n.to_owned(), k.to_owned()))
            .expect("noun/key");
        let (kind, superseded, data) = (text("type"), item["superseded"] == true, &item["data"]);
        // `reference-tables` are told of as `referenceTable`.
        let one = noun.strip_suffix("ies").map_or_else(
            || noun.trim_end_matches('s').to_owned(),
            |stem| format!("{stem}y"),
        );
        let mut words = one.split('-');
        let mut singular = words.next().expect("a word").to_owned();
        for word in words {
            let (first, rest) = word.split_at(1);
            singular += &(first.to_uppercase() + rest);
        }
        let version = item["recordversion"].as_i64().expect("a version");
        if kind == format!("cn.kaixu.{singular}.gone") {
            assert!(data.is_null() && !superseded, "{item}");
            assert_eq!(
                text("recordhash"),
                sha256_hex(b""),
                "a tombstone says nothing of the record"
            );
            self.records.remove(&(noun, key));
            self.gone += 1;
            return;
        }
        assert_eq!(kind, format!("cn.kaixu.{singular}.set"));
        if superseded {
            assert!(
                item.get("data").is_none(),
                "superseded rows carry no data: {item}"
            );
            self.superseded += 1;
            return;
        }
        self.take(noun, key, version, text("recordhash"), data);
    }

    fn take(&mut self, noun: String, key: String, version: i64, hash: String, document: &Value) {
        assert_eq!(
            sha256_hex(canonical_json(document).as_bytes()),
            hash,
            "{document}"
        );
        let named = match noun.as_str() {
            "patents" => &document["number"],
            "audit-heads" => &document["day"],
            _ => &document["id"],
        };
        assert_eq!(named, key.as_str(), "{document}");
        if let Some(known) = self.records.get(&(noun.clone(), key.clone())) {
            assert!(
                known.version <= version,
                "{noun}/{key} goes back from {} to {version}",
                known.version
            );
        }
        self.records.insert((noun, key), Known { version, hash });
    }

    /// Replaces everything known by the snapshot, and goes on from there.
    pub async fn snapshot(&mut self, world: &World) {
        let answer = self.ask(world, "/v1/snapshots/latest").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "application/x-ndjson; charset=utf-8")
        );
        let text = answer.text();
        assert!(text.ends_with('\n'));
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect();
        let ([first, .., last], count) = (lines.as_slice(), lines.len() - 2) else {
            panic!("{text}")
        };
        assert_eq!(
            (&first["type"], first["hash"].as_str().map(str::len)),
            (&"snapshot".into(), Some(64)),
            "{first}"
        );
        assert_eq!(
            (&last["type"], last["records"].as_u64()),
            (&"end".into(), Some(count as u64)),
            "{last}"
        );
        self.records.clear();
        self.sequences = vec![first["seq"].as_i64().expect("a number")];
        for line in &lines[1..lines.len() - 1] {
            let noun = plural(line["type"].as_str().expect("a noun"));
            let key = line["key"].as_str().expect("a key").to_owned();
            assert!(
                !self.records.contains_key(&(noun.clone(), key.clone())),
                "twice: {line}"
            );
            let version = line["version"].as_i64().expect("a version");
            self.take(
                noun,
                key,
                version,
                line["hash"].as_str().expect("a hash").to_owned(),
                &line["document"],
            );
        }
        self.received += &text;
        self.cursor = Some(first["next"].as_str().expect("a cursor").to_owned());
    }
}

/// The first part of the address of a record of this type.
pub fn plural(noun: &str) -> String {
    match noun {
        "inventory" | "reported" => noun.to_owned(),
        "enquiry" => "enquiries".to_owned(),
        // `referenceTable` is told of at `reference-tables`.
        countable => {
            let words = countable.chars().fold(String::new(), |mut words, c| {
                if c.is_ascii_uppercase() {
                    words.push('-');
                }
                words.push(c.to_ascii_lowercase());
                words
            });
            format!("{words}s")
        }
    }
}
