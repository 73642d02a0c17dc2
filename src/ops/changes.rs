//! What the world follows: the ordered feed and the snapshot. Both speak of records as (noun, key, version,
//! hash, document); applying rows in order, last state wins, ends with the same records from either start.
//!
//! A feed row carries the document only while it is the record's current version; an older row is marked
//! superseded, because a later row of the same feed carries the newer document or the tombstone.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Error, Result, Services, announce::Subject};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        event::{Audience, ChangeRow, GENESIS, Noun, Sight, sha256_hex},
        id::Id,
    },
    store::{
        self, Stored, Tx, annuities, audit_heads, cards, changes, closings, conflicts, consents,
        declarations, disputes, due, encumbrances, enquiries, holdings, inventory, licences,
        listings, needs, organisations, patents, performances, reference, reported, targets,
    },
};

/// A row of the feed.
#[derive(Clone, Debug)]
pub struct Event {
    pub row: ChangeRow,
    /// The record as it stands, when this row is its latest.
    pub document: Option<serde_json::Value>,
    /// A later row has the newer state.
    pub superseded: bool,
}

/// A page of the feed.
pub struct Feed {
    pub events: Vec<Event>,
    /// Where to go on: always given, also at the end, where one asks again later.
    pub next: String,
    /// There is more right now.
    pub more: bool,
}

/// A record in a snapshot.
#[derive(Clone, Debug)]
pub struct Record {
    pub noun: Noun,
    pub key: String,
    pub version: i64,
    pub hash: String,
    pub document: serde_json::Value,
}

/// A place in one reader's feed. It names the row by its hash too, so that a database restored to an earlier
/// state is noticed instead of silently skipping rows.
struct Cursor {
    seq: i64,
    row: String,
    reader: String,
}

impl Cursor {
    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("f1.{}.{}.{}", self.seq, self.row, self.reader))
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let mut parts = text.split('.');
        let (Some("f1"), Some(seq), Some(row), Some(reader), None) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return None;
        };
        Some(Self {
            seq: seq.parse().ok().filter(|s| *s >= 0)?,
            row: row.into(),
            reader: reader.into(),
        })
    }
}

/// Who reads, as a short mark: a cursor of one audience must not serve another, rows would be missing.
fn reader_mark(sight: &Sight) -> String {
    sha256_hex(
        sight
            .texts()
            .map_or_else(|| "all".into(), |t| t.join(" "))
            .as_bytes(),
    )[..12]
        .to_owned()
}

fn short(hash: &str) -> String {
    hash[..12].to_owned()
}

/// The cursor for "everything up to and including `seq` is known".
async fn cursor_at(tx: &mut Tx, seq: i64, sight: &Sight) -> Result<String> {
    let row = hash_at(tx, seq)
        .await?
        .ok_or_else(|| Error::Internal(format!("no change {seq}")))?;
    Ok(Cursor {
        seq,
        row: short(&row),
        reader: reader_mark(sight),
    }
    .encode())
}

async fn hash_at(tx: &mut Tx, seq: i64) -> Result<Option<String>> {
    if seq == 0 {
        return Ok(Some(GENESIS.to_owned()));
    }
    Ok(changes::after(tx, seq - 1, 1)
        .await?
        .into_iter()
        .next()
        .filter(|row| row.seq == seq)
        .map(|row| row.hash))
}

/// At most `limit` rows after the cursor (`None`: from the beginning), as this reader sees them.
pub async fn feed(
    services: &Services,
    actor: &Actor,
    after: Option<&str>,
    limit: usize,
) -> Result<Feed> {
    access::check(actor, Operation::ListChanges, None)?;
    let sight = actor.sight();
    let mut tx = services.read().await?;
    let from = match after {
        None => 0,
        Some(text) => {
            let cursor = Cursor::decode(text).ok_or(Error::CursorInvalid)?;
            if cursor.reader != reader_mark(&sight) {
                return Err(Error::CursorMismatch);
            }
            match hash_at(&mut tx, cursor.seq).await? {
                Some(hash) if short(&hash) == cursor.row => cursor.seq,
                _ => return Err(Error::CursorExpired),
            }
        }
    };
    let head = changes::head(&mut tx).await?.seq;
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX - 1);
    let mut rows = changes::seen_after(&mut tx, &sight, from, wanted + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let end = if more {
        rows.last().map_or(head, |row| row.seq)
    } else {
        head
    };
    let next = cursor_at(&mut tx, end, &sight).await?;
    let events = with_documents(&mut tx, &sight, rows).await?;
    Ok(Feed { events, next, more })
}

async fn with_documents(tx: &mut Tx, sight: &Sight, rows: Vec<ChangeRow>) -> Result<Vec<Event>> {
    let keys_of = |noun: Noun| -> Vec<String> {
        let mut keys: Vec<String> = rows
            .iter()
            .filter(|row| row.noun() == Some(noun))
            .map(|row| row.key().to_owned())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    let mut current: HashMap<(Noun, String), Record> = HashMap::new();
    for noun in Noun::ALL {
        for (audiences, record) in load(tx, noun, &keys_of(noun)).await? {
            if sees(sight, &audiences) {
                current.insert((noun, record.key.clone()), record);
            }
        }
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let known = row
                .noun()
                .and_then(|noun| current.get(&(noun, row.key().to_owned())));
            let document = known
                .filter(|record| !row.is_gone() && record.version == row.subject_version)
                .map(|record| record.document.clone());
            let superseded = document.is_none() && !row.is_gone();
            Event {
                row,
                document,
                superseded,
            }
        })
        .collect())
}

/// The records of a noun with these keys, each with those who may see it.
async fn load(
    tx: &mut Tx,
    noun: Noun,
    keys: &[String],
) -> store::Result<Vec<(Vec<Audience>, Record)>> {
    let ids: Vec<Id> = keys.iter().filter_map(|key| Id::parse(key)).collect();
    let mut records = Vec::with_capacity(keys.len());
    match noun {
        Noun::Patent => {
            let numbers = keys.iter().filter_map(|key| AppNo::parse(key).ok());
            let numbers: Vec<_> = numbers.map(|(number, _)| number).collect();
            for chunk in numbers.chunks(500) {
                add(&mut records, patents::list_by_numbers(tx, chunk).await?);
            }
        }
        Noun::Organisation => {
            for chunk in ids.chunks(500) {
                add(&mut records, organisations::list_by_ids(tx, chunk).await?);
            }
        }
        Noun::Holding => {
            for chunk in ids.chunks(500) {
                add(&mut records, holdings::list_by_ids(tx, chunk).await?);
            }
        }
        Noun::Declaration => add(&mut records, declarations::list_by_ids(tx, &ids).await?),
        Noun::Licence => add(&mut records, licences::list_by_ids(tx, &ids).await?),
        Noun::Encumbrance => add(&mut records, encumbrances::list_by_ids(tx, &ids).await?),
        Noun::Target => add(&mut records, targets::list_by_ids(tx, &ids).await?),
        Noun::Closing => add(&mut records, closings::list_by_ids(tx, &ids).await?),
        Noun::Reported => add(&mut records, reported::list_by_ids(tx, &ids).await?),
        Noun::Need => add(&mut records, needs::list_by_ids(tx, &ids).await?),
        Noun::Inventory => add(&mut records, inventory::list_by_ids(tx, &ids).await?),
        Noun::DueList => add(&mut records, due::list_by_ids(tx, &ids).await?),
        Noun::Card => add(&mut records, cards::list_by_ids(tx, &ids).await?),
        Noun::FeeLedger => add(&mut records, annuities::list_by_ids(tx, &ids).await?),
        Noun::Reference => add(&mut records, reference::list_by_keys(tx, keys).await?),
        Noun::Conflict => add(&mut records, conflicts::list_by_ids(tx, &ids).await?),
        Noun::Performance => add(&mut records, performances::list_by_ids(tx, &ids).await?),
        Noun::Enquiry => add(&mut records, enquiries::list_by_ids(tx, &ids).await?),
        Noun::Dispute => add(&mut records, disputes::list_by_ids(tx, &ids).await?),
        Noun::AuditHead => add(&mut records, audit_heads::list_by_keys(tx, keys).await?),
        Noun::Listing => add(&mut records, listings::list_by_ids(tx, &ids).await?),
        Noun::Consent => add(&mut records, consents::list_by_ids(tx, &ids).await?),
    }
    Ok(records)
}

/// Every record of a noun after a key, each with those who may see it.
pub(super) async fn page_of(
    tx: &mut Tx,
    noun: Noun,
    after: &str,
) -> store::Result<Vec<(Vec<Audience>, Record)>> {
    let mut records = Vec::new();
    match noun {
        Noun::Organisation => add(
            &mut records,
            organisations::page_by_id(tx, after, PAGE).await?,
        ),
        Noun::Patent => add(&mut records, patents::page(tx, after, PAGE).await?),
        Noun::Holding => add(&mut records, holdings::page_by_id(tx, after, PAGE).await?),
        Noun::Declaration => add(
            &mut records,
            declarations::page_by_id(tx, after, PAGE).await?,
        ),
        Noun::Licence => add(&mut records, licences::page_by_id(tx, after, PAGE).await?),
        Noun::Encumbrance => add(
            &mut records,
            encumbrances::page_by_id(tx, after, PAGE).await?,
        ),
        Noun::Target => add(&mut records, targets::page_by_id(tx, after, PAGE).await?),
        Noun::Closing => add(&mut records, closings::page_by_id(tx, after, PAGE).await?),
        Noun::Reported => add(&mut records, reported::page_by_id(tx, after, PAGE).await?),
        Noun::Need => add(&mut records, needs::page_by_id(tx, after, PAGE).await?),
        Noun::Inventory => add(&mut records, inventory::page_by_id(tx, after, PAGE).await?),
        Noun::DueList => add(&mut records, due::page_by_id(tx, after, PAGE).await?),
        Noun::Card => add(&mut records, cards::page_by_id(tx, after, PAGE).await?),
        Noun::FeeLedger => add(&mut records, annuities::page_by_id(tx, after, PAGE).await?),
        Noun::Reference => add(&mut records, reference::page_by_id(tx, after, PAGE).await?),
        Noun::Conflict => add(&mut records, conflicts::page_by_id(tx, after, PAGE).await?),
        Noun::Performance => add(
            &mut records,
            performances::page_by_id(tx, after, PAGE).await?,
        ),
        Noun::Enquiry => add(&mut records, enquiries::page_by_id(tx, after, PAGE).await?),
        Noun::Dispute => add(&mut records, disputes::page_by_id(tx, after, PAGE).await?),
        Noun::AuditHead => add(
            &mut records,
            audit_heads::page_by_id(tx, after, PAGE).await?,
        ),
        Noun::Listing => add(&mut records, listings::page_by_id(tx, after, PAGE).await?),
        Noun::Consent => add(&mut records, consents::page_by_id(tx, after, PAGE).await?),
    }
    Ok(records)
}

fn add<T: Subject + serde::Serialize>(
    records: &mut Vec<(Vec<Audience>, Record)>,
    found: Vec<Stored<T>>,
) {
    records.extend(found.into_iter().map(|stored| {
        let record = Record {
            noun: T::NOUN,
            key: stored.value.key(),
            version: stored.version,
            hash: stored.hash,
            document: serde_json::to_value(&stored.value).expect("our records are JSON"),
        };
        (stored.value.audiences(), record)
    }));
}

fn sees(sight: &Sight, audiences: &[Audience]) -> bool {
    audiences.iter().any(|audience| sight.sees(audience))
}

/// All that one reader may see at one moment, read page by page from one snapshot of the database.
pub struct Snapshot {
    tx: Tx,
    sight: Sight,
    /// The change up to which the snapshot knows everything.
    pub seq: i64,
    /// The hash of that change.
    pub hash: String,
    /// Where the feed goes on.
    pub next: String,
    place: Option<(Noun, String)>,
}

/// Opens a snapshot of everything this reader may see.
pub async fn snapshot(services: &Services, actor: &Actor) -> Result<Snapshot> {
    access::check(actor, Operation::GetLatestSnapshot, None)?;
    let sight = actor.sight();
    let mut tx = services.read().await?;
    let head = changes::head(&mut tx).await?;
    let next = cursor_at(&mut tx, head.seq, &sight).await?;
    Ok(Snapshot {
        tx,
        sight,
        seq: head.seq,
        hash: head.hash,
        next,
        place: Some((Noun::ALL[0], String::new())),
    })
}

/// Records a page of the snapshot.
const PAGE: i64 = 500;

impl Snapshot {
    /// The next records, organisations first, so that what refers to them can be resolved; empty at the end.
    pub async fn next_page(&mut self) -> Result<Vec<Record>> {
        while let Some((noun, after)) = self.place.take() {
            let (read, records) = self.page(noun, &after).await?;
            match read {
                Some(last) => self.place = Some((noun, last)),
                None => {
                    let following = Noun::ALL.iter().skip_while(|n| **n != noun).nth(1);
                    self.place = following.map(|n| (*n, String::new()));
                }
            }
            if !records.is_empty() {
                return Ok(records);
            }
        }
        Ok(Vec::new())
    }

    /// The last key read (`None` when the noun is through) and what may be seen of the page.
    async fn page(
        &mut self,
        noun: Noun,
        after: &str,
    ) -> store::Result<(Option<String>, Vec<Record>)> {
        let records = page_of(&mut self.tx, noun, after).await?;
        let last = records.last().map(|(_, record)| record.key.clone());
        let seen = records
            .into_iter()
            .filter(|(audiences, _)| sees(&self.sight, audiences))
            .map(|(_, record)| record)
            .collect();
        Ok((last, seen))
    }
}
