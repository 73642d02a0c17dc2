//! Publication and grant numbers: `CN105552081A`, `CN213072711U`. One application may have several, so they
//! never identify a patent.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::domain::patent::Stage;

/// `CN`, 7 to 9 digits, a kind letter and perhaps a digit.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "CN213072711U")]
pub struct PubNo(String);

/// The text is not a Chinese publication number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a publication number such as CN213072711U")]
pub struct PubNoError;

impl PubNo {
    pub fn parse(text: &str) -> Result<Self, PubNoError> {
        let folded: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .collect();
        let body = folded.strip_prefix("CN").unwrap_or(&folded);
        let digits = body.bytes().take_while(u8::is_ascii_digit).count();
        let kind = body.get(digits..).unwrap_or_default().as_bytes();
        let kind_fits = match kind {
            [letter] => b"ABCUYSD".contains(letter),
            [letter, digit] => b"ABCUYSD".contains(letter) && digit.is_ascii_digit(),
            _ => false,
        };
        if !(7..=9).contains(&digits) || !kind_fits {
            return Err(PubNoError);
        }
        Ok(Self(format!("CN{body}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A is a published application; every other letter is a grant.
    pub fn stage(&self) -> Stage {
        if self.0.contains('A') {
            Stage::Published
        } else {
            Stage::Granted
        }
    }
}

impl TryFrom<String> for PubNo {
    type Error = PubNoError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<PubNo> for String {
    fn from(number: PubNo) -> Self {
        number.0
    }
}
