//! The query of an address as pairs that links add to, take from and write again. It is never the meaning of
//! the parameters: that is read in `ops::asked`.

use axum::http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Where searches are.
const SEARCH: &str = "/patents";

/// Parameters whose values may be separated by commas.
const LISTS: [&str; 12] = [
    "kind",
    "ipc",
    "holder",
    "region",
    "industry",
    "conversion",
    "legalStatus",
    "inTerm",
    "onOffer",
    "free",
    "feeMode",
    "knowHow",
];

/// The parameters that narrow a search, in the order in which they are shown.
pub const FILTERS: [&str; 19] = [
    "onOffer",
    "free",
    "feeAtMost",
    "feeMode",
    "knowHow",
    "kind",
    "legalStatus",
    "conversion",
    "holder",
    "ipc",
    "region",
    "industry",
    "applicant",
    "filedFrom",
    "filedTo",
    "grantedFrom",
    "grantedTo",
    "inTerm",
    "termLeftAtLeast",
];

/// Characters that are left as they are in a query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Name and value pairs, none of them empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address(Vec<(String, String)>);

impl Address {
    /// The pairs of a query string; whatever is not UTF-8 is shown as a replacement character.
    pub fn of(uri: &Uri) -> Self {
        let mut address = Self::default();
        let query = uri.query().unwrap_or_default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), decode(value));
            if LISTS.contains(&name.as_str()) {
                for part in value.split(',') {
                    address.push(&name, part.trim());
                }
            } else {
                address.push(&name, &value);
            }
        }
        address
    }

    fn push(&mut self, name: &str, value: &str) {
        if !name.is_empty() && !value.is_empty() {
            self.0.push((name.to_owned(), value.to_owned()));
        }
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs()
            .filter(move |pair| pair.0 == name)
            .map(|pair| pair.1)
    }

    /// The first value of a parameter, or nothing.
    pub fn first(&self, name: &str) -> &str {
        self.values(name).next().unwrap_or_default()
    }

    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// Is the search narrowed?
    pub fn is_narrowed(&self) -> bool {
        FILTERS.iter().any(|name| self.has(name))
    }

    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut next = self.clone();
        next.push(name, value);
        next
    }

    #[must_use]
    pub fn set(&self, name: &str, value: &str) -> Self {
        self.without(&[name]).with(name, value)
    }

    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        self.keep(|name, _| !names.contains(&name))
    }

    #[must_use]
    pub fn without_value(&self, name: &str, value: &str) -> Self {
        self.keep(|n, v| (n, v) != (name, value))
    }

    #[must_use]
    pub fn keep(&self, wanted: impl Fn(&str, &str) -> bool) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(n, v)| wanted(n, v))
                .cloned()
                .collect(),
        )
    }

    /// The question alone: text and filters, no order, no place.
    #[must_use]
    pub fn question(&self) -> Self {
        self.keep(|name, _| name == "q" || FILTERS.contains(&name))
    }

    /// The same address with these pairs: `?kind=design`.
    pub fn here(&self) -> String {
        format!("?{}", self.text())
    }

    /// The search with these pairs.
    pub fn search(&self) -> String {
        self.at(SEARCH)
    }

    /// Any path with these pairs.
    pub fn at(&self, path: &str) -> String {
        if self.0.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", self.text())
        }
    }

    fn text(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
        let pairs: Vec<String> = self
            .pairs()
            .map(|(n, v)| format!("{}={}", encode(n), encode(v)))
            .collect();
        pairs.join("&")
    }
}

/// The search for one condition.
pub fn search_for(name: &str, value: &str) -> String {
    Address::default().with(name, value).search()
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}
