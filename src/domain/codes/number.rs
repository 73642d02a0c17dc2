//! 申请号 (ZC 0006-2003): 13 characters since 2003-10, 9 before, the last one a check character. It is the
//! identity of a patent; every notation people and files use is read into the one stored form.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::domain::patent::{CheckSource, PatentKind};

/// An application number: 12 or 8 digits and their check character, no `ZL`, `CN` or dot.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "201910699568X")]
pub struct AppNo(String);

/// Why a text is not an application number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    #[error("empty")]
    Empty,
    /// `2.01E+12`: a spreadsheet has thrown the digits away.
    #[error("ruined by a spreadsheet (scientific notation)")]
    Scientific,
    #[error("this is a publication number, not an application number")]
    Publication,
    #[error("only digits and a check character belong here")]
    Characters,
    #[error("{0} characters where 13, 12, 9 or 8 are wanted")]
    Length(usize),
    #[error("no application was filed in this year")]
    Year,
    #[error("the type digit is not 1, 2, 3, 8 or 9")]
    Kind,
    #[error("check character {found} does not fit, {expected} would")]
    Check { expected: char, found: char },
}

const WEIGHTS: [u32; 12] = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

/// The check character of 12 or 8 digits: weighted sum modulo 11, ten written `X`.
fn check_of(body: &str) -> char {
    let sum: u32 = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    char::from(b"0123456789X"[(sum % 11) as usize])
}

impl AppNo {
    /// Reads any notation: `ZL201910699568.X`, `CN 2019 1 0699568.X`, `专利号：…`, full-width digits, with
    /// or without check character. Says whether the check character was printed or had to be computed.
    pub fn parse(text: &str) -> Result<(Self, CheckSource), NumberError> {
        let folded: String = text.nfkc().collect::<String>().trim().to_uppercase();
        let mut rest = folded.as_str();
        for prefix in ["专利申请号", "专利号", "申请号", ":", "ZL", "CN", "ZL"] {
            rest = rest.trim_start().strip_prefix(prefix).unwrap_or(rest);
        }
        let compact: String = rest
            .chars()
            .filter(|c| !c.is_whitespace() && !".。-".contains(*c))
            .collect();
        if compact.is_empty() {
            return Err(NumberError::Empty);
        }
        if !compact.is_ascii()
            || !compact
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'+')
        {
            return Err(NumberError::Characters);
        }
        if let Some((mantissa, exponent)) = compact.split_once('E')
            && mantissa.bytes().all(|b| b.is_ascii_digit())
            && exponent.trim_start_matches('+').parse::<u8>().is_ok()
        {
            return Err(NumberError::Scientific);
        }
        Self::from_compact(&compact)
    }

    fn from_compact(compact: &str) -> Result<(Self, CheckSource), NumberError> {
        let digits = compact.bytes().take_while(u8::is_ascii_digit).count();
        let tail = &compact[digits..];
        let (body, check) = match (digits, tail) {
            (13, "") => (&compact[..12], Some(compact.as_bytes()[12])),
            (9, "") => (&compact[..8], Some(compact.as_bytes()[8])),
            (12, "X") => (&compact[..12], Some(b'X')),
            (8, "X") => (&compact[..8], Some(b'X')),
            (12 | 8, "") => (compact, None),
            // 201910123456A: the notation of foreign databases, twelve digits and a kind letter.
            (12, letter) if letter.len() == 1 => (&compact[..12], None),
            (7 | 9, kind) if is_kind_code(kind) => return Err(NumberError::Publication),
            (_, "" | "X") => return Err(NumberError::Length(compact.len())),
            _ => return Err(NumberError::Characters),
        };
        let year = &body[..body.len() - if body.len() == 12 { 8 } else { 6 }];
        let known_year = match year.len() {
            4 => ("2003".."2100").contains(&year),
            _ => ("85"..="99").contains(&year) || ("00"..="03").contains(&year),
        };
        if !known_year {
            return Err(NumberError::Year);
        }
        if !matches!(
            body.as_bytes()[year.len()],
            b'1' | b'2' | b'3' | b'8' | b'9'
        ) {
            return Err(NumberError::Kind);
        }
        let expected = check_of(body);
        match check.map(char::from) {
            Some(found) if found != expected => Err(NumberError::Check { expected, found }),
            Some(_) => Ok((Self(format!("{body}{expected}")), CheckSource::Printed)),
            None => Ok((Self(format!("{body}{expected}")), CheckSource::Computed)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits without the check character.
    pub fn body(&self) -> &str {
        &self.0[..self.0.len() - 1]
    }

    /// 专利类型 from the type digit; 8 and 9 are PCT applications for inventions and utility models.
    pub fn kind(&self) -> PatentKind {
        match self.0.as_bytes()[self.year_length()] {
            b'2' | b'9' => PatentKind::UtilityModel,
            b'3' => PatentKind::Design,
            _ => PatentKind::Invention,
        }
    }

    /// The year in the number. It may differ from the filing date's: divisionals and PCT entries keep theirs.
    pub fn year(&self) -> i16 {
        let digits: i16 = self.0[..self.year_length()].parse().unwrap_or(0);
        match self.year_length() {
            4 => digits,
            _ if digits >= 85 => 1900 + digits,
            _ => 2000 + digits,
        }
    }

    fn year_length(&self) -> usize {
        if self.0.len() == 13 { 4 } else { 2 }
    }

    /// As printed on a certificate: `ZL201910699568.X`.
    pub fn zl(&self) -> String {
        format!("ZL{}.{}", self.body(), &self.0[self.0.len() - 1..])
    }

    /// As printed on an application: `CN201910699568.X`.
    pub fn cn(&self) -> String {
        format!("CN{}.{}", self.body(), &self.0[self.0.len() - 1..])
    }
}

fn is_kind_code(text: &str) -> bool {
    let mut chars = text.chars();
    matches!(chars.next(), Some('A' | 'B' | 'C' | 'U' | 'Y' | 'S' | 'D'))
        && chars.next().is_none_or(|c| c.is_ascii_digit())
        && chars.next().is_none()
}

impl std::fmt::Display for AppNo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for AppNo {
    type Error = NumberError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).map(|(number, _)| number)
    }
}

impl From<AppNo> for String {
    fn from(number: AppNo) -> Self {
        number.0
    }
}
