//! What is verified, line by line: the same lines come from a database and from its dump, so that whoever has only
//! the dump checks neither less nor otherwise. Every line is one JSON object with a `type`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    domain::{
        event::{ChainHash, ChangeRow, Noun},
        file::File as Kept,
        id::Id,
        indicator::{Figures, Unit},
        media::MediaType,
        time::{Day, Instant},
    },
    store::rows,
};

/// The version of this format.
pub const FORMAT: u32 = 1;

/// One line of a dump.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Line {
    /// The first line.
    Dump(Head),
    Change(Box<Change>),
    Record(Box<Record>),
    File(Box<File>),
    Indicators(Box<Indicators>),
    /// The last line.
    End(End),
}

/// Whose data it is, and up to which change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Head {
    pub format: u32,
    /// The installation's id.
    pub installation: String,
    /// RFC 3339.
    pub created_at: String,
    /// The day of the indicators, in Shanghai.
    pub as_of: Day,
    /// The last change's number and hash.
    pub seq: i64,
    pub hash: String,
    /// By what the rows of the chain are hashed.
    #[serde(default)]
    pub chain_hash: ChainHash,
}

/// A row of the chain with all its columns.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Change {
    pub seq: i64,
    /// µs since 1970-01-01T00:00:00Z
    pub at: i64,
    pub actor: String,
    pub kind: String,
    pub subject: String,
    pub subject_version: i64,
    pub audience: String,
    pub effective_on: Option<String>,
    /// Canonical JSON as text, where it is kept.
    pub body: Option<String>,
    pub body_hash: String,
    pub prev: String,
    pub hash: String,
}

impl From<rows::Change> for Change {
    fn from(row: rows::Change) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            kind: row.kind,
            subject: row.subject,
            subject_version: row.subject_version,
            audience: row.audience,
            effective_on: row.effective_on,
            body: row.body,
            body_hash: row.body_hash,
            prev: row.prev,
            hash: row.hash,
        }
    }
}

impl Change {
    /// The row in the domain's terms; `None` when its effective day is no day.
    pub fn row(self) -> Option<ChangeRow> {
        let effective_on = match self.effective_on {
            Some(text) => Some(text.parse().ok()?),
            None => None,
        };
        Some(ChangeRow {
            seq: self.seq,
            at: Instant::from_micros(self.at),
            actor: self.actor,
            kind: self.kind,
            subject: self.subject,
            subject_version: self.subject_version,
            audience: self.audience,
            effective_on,
            body: self.body,
            body_hash: self.body_hash,
            prev: self.prev,
            hash: self.hash,
        })
    }
}

/// A record as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record {
    pub noun: Noun,
    pub key: String,
    pub version: i64,
    pub hash: String,
    pub document: Value,
}

impl Record {
    /// `nouns/key`, as a change names it.
    pub fn subject(&self) -> String {
        format!("{}/{}", self.noun.plural(), self.key)
    }
}

/// A file of evidence without its content.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct File {
    pub id: String,
    /// An organisation; none: the office's.
    pub owner: Option<String>,
    pub name: String,
    pub media_type: String,
    pub sha256: String,
    pub size_bytes: i64,
    /// Under which its bytes are kept.
    pub blob: String,
    pub actor: String,
    /// µs since 1970-01-01T00:00:00Z
    pub created_at: i64,
    /// Over all of these.
    pub hash: String,
}

impl From<rows::File> for File {
    fn from(row: rows::File) -> Self {
        Self {
            id: row.id,
            owner: row.owner,
            name: row.name,
            media_type: row.media_type,
            sha256: row.sha256,
            size_bytes: row.size_bytes,
            blob: row.blob,
            actor: row.actor,
            created_at: row.created_at,
            hash: row.hash,
        }
    }
}

impl File {
    /// The hash that its row must carry; `None` where it is no file of ours.
    pub fn expected_hash(&self) -> Option<String> {
        let owner = match &self.owner {
            Some(owner) => Some(Id::parse(owner).filter(|id| id.to_string() == *owner)?),
            None => None,
        };
        let kept = Kept {
            id: Id::parse(&self.id).filter(|id| id.to_string() == self.id)?,
            owner,
            name: self.name.clone(),
            media_type: MediaType::parse(&self.media_type)?,
            sha256: self.sha256.clone(),
            size_bytes: self.size_bytes,
            created_at: Instant::from_micros(self.created_at),
        };
        Some(kept.row_hash(&self.blob, &self.actor))
    }
}

/// What the product counts for a target: the figures, and the units of each metric in their order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Indicators {
    pub target: Id,
    pub as_of: Day,
    /// The last change by which it was counted.
    pub known_at: i64,
    /// Of type `Figures`; read as JSON, because the product only writes them.
    pub figures: Value,
    pub units: Vec<Units>,
}

/// The units of one metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    pub metric: String,
    /// `DAY NUMBER LICENSEE DECLARATION LICENCE`, `-` where there is none.
    pub keys: Vec<String>,
}

impl Indicators {
    pub fn figures_of(figures: &Figures) -> Value {
        serde_json::to_value(figures).unwrap_or_default()
    }
}

/// A unit's key: what it is and since when it counts.
pub fn unit_key(unit: &Unit) -> String {
    let or_none = |id: Option<&Id>| id.map_or_else(|| "-".into(), Id::to_string);
    format!(
        "{} {} {} {} {}",
        unit.on,
        unit.number,
        or_none(unit.licensee.as_ref()),
        unit.declaration,
        or_none(unit.licence.as_ref())
    )
}

/// How many lines of each type came before, and the SHA-256 of them all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct End {
    pub changes: u64,
    pub records: u64,
    pub files: u64,
    pub indicators: u64,
    /// Of all the bytes before this line.
    pub sha256: String,
}
