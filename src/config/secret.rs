//! Settings that never show in `Debug` or logs.

use serde::Deserialize;

/// A secret; shown nowhere.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// A database address; shown without its password.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Url(String);

impl Url {
    pub fn as_str(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }
}

impl From<String> for Url {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl std::fmt::Debug for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Before the last `@` stand name and password, and a query may hold a password as well.
        let address = self.0.split('?').next().unwrap_or_default();
        let (scheme, rest) = match address.split_once("://") {
            Some((scheme, rest)) => (format!("{scheme}://"), rest),
            None => (String::new(), address),
        };
        match rest.rsplit_once('@') {
            Some((_, host)) => write!(f, "{scheme}…@{host}"),
            None => write!(f, "{scheme}{rest}"),
        }
    }
}
