//! 统一社会信用代码 (GB 32100-2015): 18 characters of a 31-letter alphabet with an outer check character and,
//! in characters 9–17, the organisation code with its own (GB 11714).

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// A checked unified social credit code.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "12100000400000624D")]
pub struct Uscc(String);

/// Why a text is not a unified social credit code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    #[error("18 characters are wanted, here are {0}")]
    Length(usize),
    #[error("character {0:?} is not used in these codes (there is no I, O, S, V, Z)")]
    Character(char),
    #[error("check character {found} does not fit, {expected} would")]
    Check { expected: char, found: char },
    #[error("the organisation code inside (characters 9 to 17) does not check out")]
    Inner,
}

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
const INNER_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

impl Uscc {
    /// Normalises width, case, blanks and hyphens, then checks the outer and the inner check character.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let code: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .flat_map(char::to_uppercase)
            .collect();
        let length = code.chars().count();
        if length != 18 {
            return Err(UsccError::Length(length));
        }
        let mut sum = 0;
        for (place, letter) in code.chars().enumerate() {
            let value = ALPHABET
                .iter()
                .position(|a| char::from(*a) == letter)
                .ok_or(UsccError::Character(letter))?;
            sum += WEIGHTS.get(place).map_or(0, |weight| weight * value);
        }
        if let Some(letter) = code[2..8].chars().find(|c| !c.is_ascii_digit()) {
            return Err(UsccError::Character(letter));
        }
        let expected = char::from(ALPHABET[(31 - sum % 31) % 31]);
        let found = char::from(code.as_bytes()[17]);
        if expected != found {
            return Err(UsccError::Check { expected, found });
        }
        if inner_check(&code.as_bytes()[8..16]) != code.as_bytes()[16] {
            return Err(UsccError::Inner);
        }
        Ok(Self(code))
    }

    /// Completes 16 leading characters with both check characters; for data we make up ourselves.
    pub fn complete(prefix: &str) -> Option<Self> {
        let body = prefix.as_bytes().get(8..16)?;
        let with_inner = format!("{prefix}{}", char::from(inner_check(body)));
        ALPHABET
            .iter()
            .find_map(|last| Self::parse(&format!("{with_inner}{}", char::from(*last))).ok())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// GB 11714: c = 11 − Σ mod 11, ten written `X`, eleven `0`; letters count from A = 10.
fn inner_check(body: &[u8]) -> u8 {
    let value = |c: u8| {
        if c.is_ascii_digit() {
            u32::from(c - b'0')
        } else {
            u32::from(c - b'A') + 10
        }
    };
    let sum: u32 = body
        .iter()
        .zip(INNER_WEIGHTS)
        .map(|(c, weight)| value(*c) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b"0123456789"[digit as usize],
    }
}

impl std::fmt::Display for Uscc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Uscc {
    type Error = UsccError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Uscc> for String {
    fn from(code: Uscc) -> Self {
        code.0
    }
}
