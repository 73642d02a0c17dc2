//! IPC symbols: `H01M50/533`, and every level above it. Version suffixes, padding and blanks of the
//! sources are read away.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// A normalised IPC symbol at subclass (`H01M`), main group (`H01M50/00`) or subgroup level.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "H01M50/533")]
pub struct Ipc(String);

/// The text is not an IPC symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an IPC symbol such as H01M50/533")]
pub struct IpcError;

impl Ipc {
    /// Reads `H01M50/533`, `H01M 50/533(2021.01)I`, `H01M0050533000` or `H01M`.
    pub fn parse(text: &str) -> Result<Self, IpcError> {
        let folded: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .collect();
        let symbol = folded.split('(').next().unwrap_or_default();
        if !symbol.is_ascii() || symbol.len() < 4 {
            return Err(IpcError);
        }
        let (subclass, rest) = symbol.split_at(4);
        let s = subclass.as_bytes();
        let well_formed = (b'A'..=b'H').contains(&s[0])
            && s[1].is_ascii_digit()
            && s[2].is_ascii_digit()
            && s[3].is_ascii_uppercase();
        if !well_formed {
            return Err(IpcError);
        }
        if rest.is_empty() {
            return Ok(Self(subclass.into()));
        }
        let (group, subgroup) = match rest.split_once('/') {
            Some((group, subgroup)) => (group, subgroup),
            None if rest.len() == 10 => (&rest[..4], rest[4..].trim_end_matches('0')),
            None => return Err(IpcError),
        };
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if group.is_empty()
            || group.len() > 4
            || !digits(group)
            || !digits(subgroup)
            || subgroup.len() > 6
        {
            return Err(IpcError);
        }
        let group = group.trim_start_matches('0');
        if group.is_empty() || (rest.contains('/') && subgroup.len() < 2) {
            return Err(IpcError);
        }
        Ok(Self(format!("{subclass}{group}/{subgroup:0<2}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `H01M`
    pub fn subclass(&self) -> &str {
        &self.0[..4]
    }

    /// Every level from the section down: `H`, `H01`, `H01M`, `H01M50`, `H01M50/533`.
    pub fn levels(&self) -> Vec<&str> {
        let mut levels = vec![&self.0[..1], &self.0[..3], &self.0[..4]];
        if let Some(slash) = self.0.find('/') {
            levels.push(&self.0[..slash]);
            levels.push(&self.0);
        }
        levels
    }

    /// A filter at any level (`h`, `H01`, `h01m`, `H01M50`, `H01M50/533`), normalised as `levels` writes it.
    pub fn prefix(text: &str) -> Result<String, IpcError> {
        let folded: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .collect();
        if !folded.is_ascii() {
            return Err(IpcError);
        }
        let b = folded.as_bytes();
        match b.len() {
            1 if (b'A'..=b'H').contains(&b[0]) => Ok(folded),
            3 if (b'A'..=b'H').contains(&b[0])
                && b[1].is_ascii_digit()
                && b[2].is_ascii_digit() =>
            {
                Ok(folded)
            }
            n if n > 4 && !folded.contains('/') && n <= 8 => {
                Self::parse(&format!("{folded}/00")).map(|s| s.0[..s.0.len() - 3].to_owned())
            }
            _ => Self::parse(&folded).map(|s| s.0),
        }
    }
}

impl TryFrom<String> for Ipc {
    type Error = IpcError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Ipc> for String {
    fn from(symbol: Ipc) -> Self {
        symbol.0
    }
}
