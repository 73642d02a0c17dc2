//! Locarno classes of designs: `06-04`, printed in gazettes as `LOC（14）Cl.06－04`.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// A class and subclass, two digits each.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "06-04")]
pub struct Locarno(String);

/// The text is not a Locarno class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a Locarno class such as 06-04")]
pub struct LocarnoError;

impl Locarno {
    /// Reads `06-04`, `06－04`, `LOC（14）Cl.06－04`, `06-04(13)`.
    pub fn parse(text: &str) -> Result<Self, LocarnoError> {
        let folded: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .collect();
        let after = folded
            .rsplit_once("CL.")
            .map_or(folded.as_str(), |(_, class)| class);
        let symbol = after.split('(').next().unwrap_or_default();
        let (class, subclass) = symbol.split_once(['-', '－', '–']).ok_or(LocarnoError)?;
        let two = |t: &str| t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit());
        if !two(class) || !two(subclass) || !("01"..="32").contains(&class) {
            return Err(LocarnoError);
        }
        Ok(Self(format!("{class}-{subclass}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Locarno {
    type Error = LocarnoError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Locarno> for String {
    fn from(class: Locarno) -> Self {
        class.0
    }
}
