//! What the columns of a table are taken for: what their known headers mean, unless somebody has said otherwise. A
//! column is told by its folded header, one without a header by its letter, so that a mapping fits every table with
//! the same headers, whatever their order.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    Column, Place,
    columns::{bare, fold},
};
use crate::domain::event::sha256_hex;

/// What somebody has said of columns, by key: a field, or that the column is not to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(BTreeMap<String, Option<Column>>);

impl Mapping {
    /// Says what a column is; `None`: it is not to be read.
    pub fn say(&mut self, key: impl Into<String>, field: Option<Column>) {
        self.0.insert(key.into(), field);
    }

    /// What was said of a column; `None` where nobody said anything.
    pub fn said(&self, key: &str) -> Option<Option<Column>> {
        self.0.get(key).copied()
    }

    /// Takes back what was said of a column.
    pub fn forget(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// What was said, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<Column>)> {
        self.0.iter().map(|(key, field)| (key.as_str(), *field))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the column goes: as was said, else as its header means.
    pub(crate) fn place(&self, key: &str, header: &str) -> Option<Place> {
        match self.said(key) {
            Some(field) => field.map(|column| Place { column, rank: 0 }),
            None => Column::of_header(header),
        }
    }

    /// Is a column without a header said to hold application numbers? Then the table has no header at all.
    pub(crate) fn is_headless(&self) -> bool {
        self.0
            .iter()
            .any(|(key, field)| key.starts_with('@') && *field == Some(Column::AppNumber))
    }
}

/// The longest header that is told from others, characters.
const HEADER_CHARS: usize = 120;
/// The most columns of a table that have keys of their own.
pub const COLUMNS: usize = 1_000;

/// The keys of a table's columns: the folded header; `@c` for the third column where it has none; `#2` behind the
/// second of the same name.
pub fn keys_of(headers: &[String]) -> Vec<String> {
    let mut met: HashMap<String, usize> = HashMap::new();
    let columns = headers.iter().enumerate().take(COLUMNS);
    let key = |(at, header): (usize, &String)| {
        let plain = header.chars().filter(|c| !c.is_control());
        let head: String = plain.take(HEADER_CHARS).collect();
        let folded = fold(&head);
        let name = bare(&folded);
        if name.is_empty() {
            return format!("@{}", letters(at).to_lowercase());
        }
        let times = met.entry(name.to_owned()).or_default();
        *times += 1;
        match *times {
            1 => name.to_owned(),
            times => format!("{name}#{times}"),
        }
    };
    columns.map(key).collect()
}

/// The column's letters as a spreadsheet shows them: `A`, `Z`, `AA`.
pub fn letters(at: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = at + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// The column that a person means by a name: its header as written or folded, its key, or its letters where it has no
/// header.
pub fn column_named(name: &str, headers: &[String], keys: &[String]) -> Option<usize> {
    let name = name.trim();
    let exact = headers
        .iter()
        .position(|header| !name.is_empty() && header.trim() == name);
    let folded = fold(name);
    let key = bare(&folded);
    let as_key = name.to_lowercase();
    exact
        .or_else(|| {
            keys.iter()
                .position(|known| *known == as_key || (!key.is_empty() && known == key))
        })
        .or_else(|| keys.iter().position(|known| *known == format!("@{key}")))
}

/// What tells that two tables have the same headers, in whatever order.
pub fn signature<'a>(keys: impl IntoIterator<Item = &'a str>) -> String {
    let mut keys: Vec<&str> = keys.into_iter().collect();
    keys.sort_unstable();
    keys.dedup();
    sha256_hex(keys.join("\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(headers: &[&str]) -> Vec<String> {
        headers.iter().map(|header| (*header).to_owned()).collect()
    }

    #[test]
    fn a_column_has_one_key_whatever_stands_around_its_header() {
        let keys = keys_of(&owned(&["编 号*", "", "编号(必填)", "№", "Title"]));
        assert_eq!(keys, ["编号", "@b", "编号#2", "no", "title"]);
        assert_eq!(letters(25), "Z");
        assert_eq!(letters(26), "AA");
        assert_eq!(letters(701), "ZZ");
    }

    #[test]
    fn a_person_names_a_column_by_its_header_or_its_letter() {
        let headers = owned(&["受理 编号", "", "题目"]);
        let keys = keys_of(&headers);
        assert_eq!(column_named("受理编号", &headers, &keys), Some(0));
        assert_eq!(column_named("B", &headers, &keys), Some(1));
        assert_eq!(column_named("C", &headers, &keys), None, "it has a header");
        assert_eq!(column_named("", &headers, &keys), None);
    }

    #[test]
    fn the_signature_does_not_mind_the_order() {
        assert_eq!(signature(["b", "a"]), signature(["a", "b", "a"]));
        assert_ne!(signature(["a"]), signature(["a", "b"]));
    }
}
