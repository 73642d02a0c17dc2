//! What the chain last said of every record, in some seventy bytes each: documents may be of any size and many,
//! the audit keeps none of them.

use std::collections::HashMap;

use crate::domain::{codes::AppNo, event::Noun, id::Id, reference::Kind, time::Day};

/// Noun and key in fixed bytes: an id's sixteen, an application number's digits, a kind's word, or a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key([u8; 17]);

/// What the last `set` row of a record said.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    pub seq: i64,
    pub version: i64,
    /// The day of the row, in Shanghai.
    pub on: Day,
    hash: [u8; 32],
    /// The record was met.
    met: bool,
}

impl Last {
    pub fn vouches(&self, version: i64, hash: &str) -> bool {
        self.version == version && bytes_of(hash) == Some(self.hash)
    }
}

/// Every record that the chain speaks of.
#[derive(Default)]
pub struct Subjects(HashMap<Key, Last>);

impl Subjects {
    /// Notes a `set` row; says why it cannot be one.
    pub fn set(
        &mut self,
        noun: Noun,
        key: &str,
        (seq, version, on): (i64, i64, Day),
        hash: &str,
    ) -> Result<(), &'static str> {
        let place = key_of(noun, key).ok_or("its subject is no record")?;
        let hash = bytes_of(hash).ok_or("its body's hash is none")?;
        let known = self.0.get(&place);
        let before = known.map_or(0, |last| last.version);
        // A row for each audience of a version.
        if known.is_some_and(|last| last.version == version && last.hash != hash) {
            return Err("two documents of one version");
        }
        if version != before + 1 && (version != before || before == 0) {
            return Err("its version does not follow the one before");
        }
        let last = Last {
            seq,
            version,
            on,
            hash,
            met: false,
        };
        self.0.insert(place, last);
        Ok(())
    }

    /// Marks a stored record as met; `None` when no row speaks of it.
    pub fn meet(&mut self, noun: Noun, key: &str) -> Option<Last> {
        let last = self.0.get_mut(&key_of(noun, key)?)?;
        last.met = true;
        Some(*last)
    }

    pub fn last(&self, noun: Noun, key: &str) -> Option<Last> {
        self.0.get(&key_of(noun, key)?).copied()
    }

    /// `nouns/key` of the record that was recorded first and not met.
    pub fn missing(&self) -> Option<String> {
        let unmet = self.0.iter().filter(|(_, last)| !last.met);
        unmet
            .min_by_key(|(_, last)| last.seq)
            .map(|(key, _)| key.subject())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl Key {
    fn subject(self) -> String {
        let noun = Noun::ALL[usize::from(self.0[0])];
        let rest = &self.0[1..];
        let key = if is_text(noun) {
            String::from_utf8_lossy(rest)
                .trim_end_matches('\0')
                .to_owned()
        } else {
            let hex = hex::encode(rest);
            Id::parse(&hex).map_or(hex, |id| id.to_string())
        };
        format!("{}/{key}", noun.plural())
    }
}

/// Is its key a text rather than an id?
const fn is_text(noun: Noun) -> bool {
    matches!(noun, Noun::Patent | Noun::Reference | Noun::AuditHead)
}

/// `None` for what is not written as our keys are.
fn key_of(noun: Noun, key: &str) -> Option<Key> {
    let mut bytes = [0; 17];
    bytes[0] = u8::try_from(Noun::ALL.iter().position(|n| *n == noun)?).ok()?;
    if noun == Noun::Patent {
        let (number, _) = AppNo::parse(key).ok()?;
        let written = number.as_str() == key && key.len() <= 16;
        written.then(|| bytes[1..=key.len()].copy_from_slice(key.as_bytes()))?;
    } else if noun == Noun::Reference {
        let kind = Kind::parse(key).filter(|_| key.len() <= 16)?;
        bytes[1..=key.len()].copy_from_slice(kind.as_str().as_bytes());
    } else if noun == Noun::AuditHead {
        let day: Day = key.parse().ok()?;
        let written = day.to_string() == key && key.len() <= 16;
        written.then(|| bytes[1..=key.len()].copy_from_slice(key.as_bytes()))?;
    } else {
        let id = Id::parse(key).filter(|id| id.to_string() == key)?;
        let digits = hex::decode(id.to_string().replace('-', "")).ok()?;
        bytes[1..].copy_from_slice(&digits);
    }
    Some(Key(bytes))
}

fn bytes_of(hash: &str) -> Option<[u8; 32]> {
    let lower = !hash.bytes().any(|b| b.is_ascii_uppercase());
    hex::decode(hash).ok().filter(|_| lower)?.try_into().ok()
}
