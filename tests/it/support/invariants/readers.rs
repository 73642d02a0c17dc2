//! Every kind of reader, and what the feed, the snapshot and the tables give each of them (I9): following from
//! the beginning ends with the records of the snapshot, and those are the ones this reader may see by the rules
//! of visibility written down here once more.

use std::collections::{BTreeMap, BTreeSet};

use kaixu::{
    domain::{
        access::{Actor, Role},
        event::{Audience, Sight},
        id::Id,
    },
    ops::keys::{self, NewKey},
    store::{changes, organisations},
};
use serde_json::Value;

use crate::{
    feed::client::{Client, Key, Known, plural},
    support::World,
};

/// Somebody who reads, with a key that is taken back at the end.
pub struct Reader {
    pub name: String,
    pub sight: Sight,
    pub key: Option<String>,
    id: Option<Id>,
}

/// A record as the office sees it.
pub struct Record {
    pub known: Known,
    pub document: Value,
}

/// The readers of a world: nobody signed in, the office, and organisations.
pub struct Readers {
    pub all: Vec<Reader>,
    /// Every record there is.
    pub records: BTreeMap<Key, Record>,
}

/// Organisations without anything of their own see what everyone sees; a few of them tell enough.
const STRANGERS: usize = 3;

impl Readers {
    pub async fn of(world: &World) -> Self {
        let mut all = vec![
            Reader {
                name: "nobody".into(),
                sight: Sight::Public,
                key: None,
                id: None,
            },
            reader(world, "the office", Role::Office, Sight::Office).await,
        ];
        let records = office_records(world, &all[1]).await;
        let mut involved = BTreeSet::new();
        for (key, record) in &records {
            involved.extend(sides(&key.0, &record.document));
        }
        let mut strangers = 0;
        let mut after = String::new();
        loop {
            let mut tx = world.services.db.read().await.expect("reads");
            let page = organisations::page_by_id(&mut tx, &after, 500).await;
            drop(tx);
            let page = page.expect("reads");
            let Some(last) = page.last() else { break };
            after = last.value.id.to_string();
            for party in page.into_iter().map(|stored| stored.value) {
                let own = involved.contains(&party.id.to_string());
                strangers += usize::from(!own);
                if own || strangers <= STRANGERS {
                    let sight = Sight::Own(party.id);
                    all.push(reader(world, &party.name, Role::Holder, sight).await);
                }
            }
        }
        Self { all, records }
    }

    /// The keys of what a reader may see.
    pub fn seen(&self, sight: &Sight) -> BTreeMap<Key, Known> {
        let seen = self
            .records
            .iter()
            .filter(|((noun, _), record)| sees(sight, noun, &record.document));
        seen.map(|(key, record)| (key.clone(), record.known.clone()))
            .collect()
    }

    /// The keys of what a reader may not see.
    pub fn hidden(&self, sight: &Sight) -> BTreeSet<String> {
        let sees = |noun: &str, record: &Value| sees(sight, noun, record);
        let all = self.records.iter();
        let (seen, hidden): (Vec<_>, Vec<_>) =
            all.partition(|((noun, _), record)| sees(noun, &record.document));
        let keys = |of: Vec<(&(String, String), _)>| -> BTreeSet<String> {
            of.into_iter().map(|((_, key), _)| key.clone()).collect()
        };
        // Whoever is asked to consent is told to which draft, and on which pledge.
        let asked = seen.iter().filter(|((noun, _), _)| noun == "consents");
        let named: BTreeSet<String> = asked
            .flat_map(|(_, record)| {
                ["/declaration", "/encumbrance"].map(|at| record.document.pointer(at))
            })
            .filter_map(|id| id.and_then(Value::as_str).map(str::to_owned))
            .collect();
        // A card and a ledger have their holding's key, which may be seen where they are not.
        let seen: BTreeSet<String> = keys(seen).union(&named).cloned().collect();
        keys(hidden).difference(&seen).cloned().collect()
    }

    /// I9: from zero, and from the snapshot, everyone ends with the same, and no row is missing.
    pub async fn follow_to_the_same_records(&self, world: &World) {
        let rows = rows(world).await;
        for reader in &self.all {
            let name = &reader.name;
            let mut fresh = Client::new(reader.key.as_deref());
            fresh.follow(world, 200).await;
            let mine: Vec<i64> = rows
                .iter()
                .filter(|(_, audience)| reader.sight.sees(audience))
                .map(|(seq, _)| *seq)
                .collect();
            assert_eq!(fresh.sequences, mine, "I9: {name} gets each row once");
            let mut late = Client::new(reader.key.as_deref());
            late.snapshot(world).await;
            late.follow(world, 200).await;
            assert_eq!(
                fresh.records, late.records,
                "I9: {name}, the feed and the snapshot"
            );
            assert_eq!(
                fresh.records,
                self.seen(&reader.sight),
                "I9: {name}, the feed and what it may see"
            );
        }
    }

    /// Takes the keys back, so that nobody is a member who was none before.
    pub async fn leave(self, world: &World) {
        for id in self.all.into_iter().filter_map(|reader| reader.id) {
            keys::revoke(&world.services, &Actor::operator("test"), &id)
                .await
                .expect("revokes");
        }
    }
}

async fn reader(world: &World, name: &str, role: Role, sight: Sight) -> Reader {
    let organisation = match &sight {
        Sight::Own(id) => Some(id.to_string()),
        _ => None,
    };
    let new = NewKey {
        name: "invariants".into(),
        role,
        organisation,
        scopes: Vec::new(),
        expires_at: None,
    };
    let (key, secret) = keys::add(&world.services, new).await.expect("adds a key");
    Reader {
        name: name.into(),
        sight,
        key: Some(secret.reveal().to_owned()),
        id: Some(key.id),
    }
}

/// The office's snapshot, with its documents.
async fn office_records(world: &World, office: &Reader) -> BTreeMap<Key, Record> {
    let mut client = Client::new(office.key.as_deref());
    client.snapshot(world).await;
    let lines: Vec<Value> = client
        .received
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let mut documents: BTreeMap<Key, Value> = lines
        .into_iter()
        .filter(|line| line.get("document").is_some())
        .map(|mut line| {
            let noun = plural(line["type"].as_str().expect("a noun"));
            let key = line["key"].as_str().expect("a key").to_owned();
            ((noun, key), line["document"].take())
        })
        .collect();
    let known = std::mem::take(&mut client.records).into_iter();
    known
        .map(|(key, known)| {
            let document = documents.remove(&key).expect("a document");
            (key, Record { known, document })
        })
        .collect()
}

/// Number and audience of every row.
async fn rows(world: &World) -> Vec<(i64, Audience)> {
    let mut tx = world.services.db.read().await.expect("reads");
    let (mut found, mut seq) = (Vec::new(), 0);
    loop {
        let page = changes::after(&mut tx, seq, 5_000).await.expect("rows");
        let Some(last) = page.last() else {
            return found;
        };
        seq = last.seq;
        found.extend(page.iter().map(|row| {
            let audience = Audience::parse(&row.audience).expect("an audience");
            (row.seq, audience)
        }));
    }
}

/// The organisations whose own a record is while it is not public; `None` of them where it is the office's.
fn sides(noun: &str, document: &Value) -> Vec<String> {
    let fields: &[&str] = match noun {
        "holdings" | "declarations" | "encumbrances" | "needs" | "inventory" | "cards"
        | "fee-ledgers" | "conflicts" | "listings" => &["/organisation"],
        "licences" => &["/holder", "/licensee/organisation"],
        "consents" => &["/declarer", "/party"],
        "performances" | "disputes" => &["/holder", "/licensee"],
        "enquiries" => &["/holder", "/asker"],
        _ => &[],
    };
    let texts = fields.iter().filter_map(|field| document.pointer(field));
    texts
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect()
}

/// Public from its announcement, its effect, its publication; else its sides' and the office's.
fn sees(sight: &Sight, noun: &str, document: &Value) -> bool {
    let state = document["state"].as_str().unwrap_or_default();
    let public = match noun {
        "holdings" => document["published"] == true,
        "declarations" => !matches!(state, "draft" | "ready" | "submitted" | "refused" | "void"),
        "licences" => state == "effective",
        "encumbrances" => document.get("registration").is_some(),
        "needs" => state != "draft",
        "organisations" | "patents" | "targets" | "closings" | "reported" | "reference-tables"
        | "audit-heads" => true,
        "cards" => document["published"] == true,
        "inventory" | "fee-ledgers" | "conflicts" | "listings" | "consents" | "performances"
        | "enquiries" | "disputes" => false,
        other => panic!("who sees {other}?"),
    };
    match sight {
        Sight::Office => true,
        Sight::Public => public,
        Sight::Own(id) => public || sides(noun, document).contains(&id.to_string()),
    }
}
