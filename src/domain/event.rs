//! The change row: what happened to which record, in what order, and who may hear of it. The audit chain,
//! the search index and the public feed all read these rows and nothing else.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use super::{
    id::Id,
    time::{Day, Instant},
    words::words,
};

/// Who may see a record or a change of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Everyone, without signing in.
    Public,
    /// The members of one organisation, and the office.
    Organisation(Id),
    /// The office alone.
    Office,
}

impl Audience {
    /// `public`, `office` or `org:ID`, as stored.
    pub fn as_text(&self) -> String {
        match self {
            Self::Public => "public".into(),
            Self::Office => "office".into(),
            Self::Organisation(id) => format!("org:{id}"),
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "public" => Some(Self::Public),
            "office" => Some(Self::Office),
            other => other
                .strip_prefix("org:")
                .and_then(Id::parse)
                .map(Self::Organisation),
        }
    }
}

/// What a reader may see: the union of audiences the actor belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    Public,
    /// Public and one's own organisation.
    Own(Id),
    /// Everything.
    Office,
}

impl Sight {
    pub fn sees(&self, audience: &Audience) -> bool {
        match (self, audience) {
            (Self::Office, _) | (_, Audience::Public) => true,
            (Self::Own(mine), Audience::Organisation(theirs)) => mine == theirs,
            _ => false,
        }
    }

    /// The stored audience texts this reader may see; `None` means all of them.
    pub fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Public => Some(vec!["public".into()]),
            Self::Own(id) => Some(vec![
                "public".into(),
                Audience::Organisation(id.clone()).as_text(),
            ]),
            Self::Office => None,
        }
    }
}

words! {
    /// The noun of a changed record; with its key it names the record in the feed. In an order in which whatever
    /// a record refers to comes before it.
    pub enum Noun {
        Organisation = "organisation";
        Patent = "patent";
        Holding = "holding";
        /// 专利开放许可声明
        Declaration = "declaration";
        /// 许可
        Licence = "licence";
        /// 质押、保全、其他许可
        Encumbrance = "encumbrance";
        /// 指标
        Target = "target";
        /// 封账
        Closing = "closing";
        /// 上报指标
        Reported = "reported";
        /// 技术需求
        Need = "need";
        /// 盘点档案
        Inventory = "inventory";
        /// 应盘点清单
        DueList = "dueList";
        /// 通俗卡片
        Card = "card";
        /// 年费台账
        FeeLedger = "feeLedger";
        /// 参考数据表
        Reference = "referenceTable";
        /// 来源之间的冲突
        Conflict = "conflict";
        /// 履行情况
        Performance = "performance";
        /// 询问
        Enquiry = "enquiry";
        /// 纠纷
        Dispute = "dispute";
        /// 审计链头
        AuditHead = "auditHead";
        /// 公布清单的一行
        Listing = "listing";
        /// 征求的同意
        Consent = "consent";
    }
}

impl Noun {
    /// The URL segment, also the prefix of a change's subject: `patents/2019…`.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Organisation => "organisations",
            Self::Patent => "patents",
            Self::Holding => "holdings",
            Self::Declaration => "declarations",
            Self::Licence => "licences",
            Self::Encumbrance => "encumbrances",
            Self::Target => "targets",
            Self::Closing => "closings",
            Self::Reported => "reported",
            Self::Need => "needs",
            Self::Inventory => "inventory",
            Self::DueList => "due-lists",
            Self::Card => "cards",
            Self::FeeLedger => "fee-ledgers",
            Self::Reference => "reference-tables",
            Self::Conflict => "conflicts",
            Self::Performance => "performances",
            Self::Enquiry => "enquiries",
            Self::Dispute => "disputes",
            Self::AuditHead => "audit-heads",
            Self::Listing => "listings",
            Self::Consent => "consents",
        }
    }

    pub fn from_plural(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|noun| noun.plural() == text)
    }
}

/// What happened to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// The record is new, or has a new version.
    Set,
    /// This audience no longer sees the record.
    Gone,
}

impl Verb {
    pub const fn as_text(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Gone => "gone",
        }
    }
}

/// A change as an operation announces it; the store numbers and hashes it when the transaction commits.
#[derive(Clone, Debug)]
pub struct Change {
    pub noun: Noun,
    pub verb: Verb,
    /// The record's key: an application number or an id.
    pub key: String,
    /// The record's version after the change, from 1.
    pub version: i64,
    pub audience: Audience,
    /// The day of legal effect, for what is counted.
    pub effective_on: Option<Day>,
    /// Canonical JSON kept in the row: for declarations, licences, targets. `None` keeps the hash alone.
    pub body: Option<String>,
    /// SHA-256 (hex) of the record's canonical JSON.
    pub body_hash: String,
}

impl Change {
    pub fn kind(&self) -> String {
        format!("{}.{}", self.noun.as_str(), self.verb.as_text())
    }

    pub fn subject(&self) -> String {
        format!("{}/{}", self.noun.plural(), self.key)
    }
}

/// A numbered, hashed row of the change log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    pub seq: i64,
    pub at: Instant,
    /// Who did it, as text: `key:ID`, `cli`, `system`.
    pub actor: String,
    /// `noun.verb`
    pub kind: String,
    /// `nouns/key`
    pub subject: String,
    pub subject_version: i64,
    pub audience: String,
    pub effective_on: Option<Day>,
    pub body: Option<String>,
    pub body_hash: String,
    pub prev: String,
    pub hash: String,
}

impl ChangeRow {
    /// The hash that this row must carry: over its header, its body's hash and the row before.
    pub fn expected_hash(&self, algorithm: ChainHash) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Header<'a> {
            seq: i64,
            at: i64,
            actor: &'a str,
            kind: &'a str,
            subject: &'a str,
            subject_version: i64,
            audience: &'a str,
            effective_on: Option<String>,
            body_hash: &'a str,
            prev: &'a str,
        }
        let header = Header {
            seq: self.seq,
            at: self.at.micros(),
            actor: &self.actor,
            kind: &self.kind,
            subject: &self.subject,
            subject_version: self.subject_version,
            audience: &self.audience,
            effective_on: self.effective_on.map(|day| day.to_string()),
            body_hash: &self.body_hash,
            prev: &self.prev,
        };
        algorithm.hex(canonical_json(&header).as_bytes())
    }

    pub fn noun(&self) -> Option<Noun> {
        Noun::from_plural(self.subject.split_once('/')?.0)
    }

    pub fn key(&self) -> &str {
        self.subject
            .split_once('/')
            .map_or(self.subject.as_str(), |(_, key)| key)
    }

    pub fn is_gone(&self) -> bool {
        self.kind
            .rsplit_once('.')
            .is_some_and(|(_, verb)| verb == Verb::Gone.as_text())
    }
}

words! {
    /// By what the rows of the chain are hashed: chosen before the first change, and for good. What a record says is always
    /// named by its SHA-256, whose text the row's header contains.
    #[derive(Default)]
    pub enum ChainHash {
        /// FIPS 180-4
        #[default]
        Sha256 = "sha256";
        /// 国密 SM3, GB/T 32905-2016
        Sm3 = "sm3";
    }
}

impl ChainHash {
    /// Lower-case hex, 64 characters by either.
    pub fn hex(self, bytes: &[u8]) -> String {
        match self {
            Self::Sha256 => sha256_hex(bytes),
            Self::Sm3 => hex::encode(Sm3::digest(bytes)),
        }
    }
}

/// The `prev` of the first row.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// RFC 8785 canonical JSON: the one text of a record that hashes are taken of.
pub fn canonical_json<T: Serialize>(value: &T) -> String {
    let known = "our records have string keys and finite numbers";
    let value = serde_json::to_value(value).expect(known);
    if is_plain(&value) {
        return value.to_string();
    }
    serde_json_canonicalizer::to_string(&value).expect(known)
}

/// Does this stand as it is in its canonical text? Keys are sorted by bytes, which for ASCII is the order of RFC 8785, and
/// whole numbers that a double holds are written alike. Nearly every record is so, and the general way takes four times
/// as long.
fn is_plain(value: &Value) -> bool {
    const EXACT: u64 = 1 << 53;
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => {
            let magnitude = number.as_i64().map(i64::unsigned_abs).or(number.as_u64());
            magnitude.is_some_and(|magnitude| magnitude < EXACT)
        }
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(members) => members
            .iter()
            .all(|(key, member)| key.is_ascii() && is_plain(member)),
    }
}

/// Lower-case hex SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-99_i64..99).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            let key = prop_oneof!["[ -~]{0,6}", any::<String>()];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_short_way_writes_what_rfc_8785_wants(value in any_json()) {
            let wanted = serde_json_canonicalizer::to_string(&value).expect("JSON");
            prop_assert_eq!(canonical_json(&value), wanted);
        }
    }

    #[test]
    fn keys_and_numbers_that_json_writes_otherwise_go_the_long_way() {
        for value in [
            json!({"\u{fb33}": 1, "\u{1f600}": 2}),
            json!(1e21),
            json!(2.0),
            json!(1_u64 << 53),
        ] {
            assert!(!is_plain(&value), "{value}");
        }
        assert!(is_plain(&json!({"b": [1, -2, "\u{1}好"], "a": null})));
    }
}
