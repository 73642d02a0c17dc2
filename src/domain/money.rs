//! Money: whole fen (分) of the Chinese currency, never a float. Written as yuan for people and in capital
//! numerals (大写) for what is signed; every rounding in the product is `Fen::scaled`, half up to a fen.

use serde::{Deserialize, Serialize};

/// An amount in fen (1 元 = 100 分). JSON: a whole number.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
#[schema(example = 2_000_000)]
pub struct Fen(pub i64);

impl Fen {
    pub const ZERO: Self = Self(0);

    /// So many whole yuan (元).
    pub const fn yuan(yuan: i64) -> Self {
        Self(yuan.saturating_mul(100))
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// This amount times `numerator / denominator`, rounded half up to a fen (四舍五入到分), held within i64.
    /// A denominator that is not positive counts as one.
    #[must_use]
    pub fn scaled(self, numerator: i64, denominator: i64) -> Self {
        let below = i128::from(denominator.max(1));
        let above = i128::from(self.0) * i128::from(numerator);
        let rounded = above.div_euclid(below) + i128::from(2 * above.rem_euclid(below) >= below);
        Self(i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX }))
    }

    /// In capital numerals as on Chinese bills (正确填写票据和结算凭证的基本规定): `贰万元整`, `壹佰零伍元叁角整`,
    /// `零元整`; an amount that ends in fen has no `整`.
    pub fn capitals(self) -> String {
        let fen = self.0.unsigned_abs();
        let (yuan, jiao, fen) = (fen / 100, fen / 10 % 10, fen % 10);
        let mut text = String::new();
        if self.0 < 0 {
            text.push('负');
        }
        if yuan > 0 || (jiao == 0 && fen == 0) {
            push_number(&mut text, yuan);
            text.push('元');
        }
        match (jiao, fen) {
            (0, 0) => text.push('整'),
            (jiao, 0) => {
                text.push(digit(jiao));
                text.push_str("角整");
            }
            (jiao, fen) => {
                if jiao > 0 {
                    text.push(digit(jiao));
                    text.push('角');
                } else if yuan > 0 {
                    text.push('零');
                }
                text.push(digit(fen));
                text.push('分');
            }
        }
        text
    }
}

impl std::fmt::Display for Fen {
    /// Yuan with two decimals, thousands apart: `20,000.00`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fen = self.0.unsigned_abs();
        let yuan = (fen / 100).to_string();
        let mut grouped = String::with_capacity(yuan.len() * 4 / 3 + 4);
        if self.0 < 0 {
            grouped.push('-');
        }
        for (place, digit) in yuan.chars().enumerate() {
            if place > 0 && (yuan.len() - place).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        f.pad(&format!("{grouped}.{:02}", fen % 100))
    }
}

impl std::iter::Sum for Fen {
    /// Saturating: a sum beyond i64 stays at its end.
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::saturating_add)
    }
}

impl<'a> std::iter::Sum<&'a Fen> for Fen {
    fn sum<I: Iterator<Item = &'a Self>>(amounts: I) -> Self {
        amounts.copied().sum()
    }
}

fn digit(value: u64) -> char {
    ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖']
        [usize::try_from(value % 10).unwrap_or(0)]
}

/// The steps of the numerals, largest first: value and name.
const STEPS: [(u64, char); 5] = [
    (100_000_000, '亿'),
    (10_000, '万'),
    (1_000, '仟'),
    (100, '佰'),
    (10, '拾'),
];

/// What is left over after a step is named after a `零` when a place between is empty.
fn push_number(text: &mut String, value: u64) {
    let Some((step, name)) = STEPS.into_iter().find(|(step, _)| value >= *step) else {
        text.push(digit(value));
        return;
    };
    push_number(text, value / step);
    text.push(name);
    let rest = value % step;
    if rest > 0 {
        if rest < step / 10 {
            text.push('零');
        }
        push_number(text, rest);
    }
}
