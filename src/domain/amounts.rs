//! Amounts and rates as clerks write them, read exactly: whole fen and whole basis points, never a float.

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::money::Fen;

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountError {
    NotAnAmount,
    /// Less than a fen.
    TooFine,
    TooLarge,
}

/// Why a text is not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateError {
    NotARate,
    /// Less than a basis point.
    TooFine,
    /// Below one and without `%`: 0.03 may mean 3 % (a spreadsheet's percentage) or 0.03 %.
    Ambiguous,
}

/// A decimal number: its digits and how many of them stand behind the point.
struct Decimal {
    digits: i128,
    scale: u32,
}

/// Digits with at most one point; commas only where they part thousands.
fn decimal(text: &str) -> Option<Decimal> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = whole.contains(',');
    let sound = groups.all(|group| group.len() == 3) && (!grouped || first.len() <= 3);
    let digits: String = format!("{whole}{fraction}").replace(',', "");
    let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let fits = sound && !first.is_empty() && digits.len() <= 24 && all_digits(&digits);
    (fits && (fraction.is_empty() != text.contains('.'))).then(|| Decimal {
        digits: digits.parse().unwrap_or(i128::MAX),
        scale: u32::try_from(fraction.len()).unwrap_or(0),
    })
}

impl Decimal {
    /// This number times `unit`, if that is whole.
    fn times(&self, unit: i128) -> Option<i128> {
        let below = 10_i128.pow(self.scale);
        let above = self.digits.checked_mul(unit)?;
        (above % below == 0).then_some(above / below)
    }
}

/// NFKC without blanks: how texts are compared and read.
pub fn folded(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// `20000`, `20,000.00`, `¥20000元`, `2万`, `2.5万元`.
pub fn yuan(text: &str) -> Result<Fen, AmountError> {
    let text = folded(text);
    let mut rest = text.as_str();
    for mark in ["人民币", "CNY", "RMB", "¥"] {
        rest = rest.strip_prefix(mark).unwrap_or(rest);
    }
    rest = rest.strip_suffix('整').unwrap_or(rest);
    rest = rest.strip_suffix('元').unwrap_or(rest);
    let (number, unit) = match (rest.strip_suffix('万'), rest.strip_suffix('亿')) {
        (Some(number), _) => (number, 10_000),
        (_, Some(number)) => (number, 100_000_000),
        _ => (rest, 1),
    };
    let number = decimal(number).ok_or(AmountError::NotAnAmount)?;
    // 24 digits times the unit stay within i128.
    let fen = number.times(100 * unit).ok_or(AmountError::TooFine)?;
    i64::try_from(fen)
        .map(Fen)
        .map_err(|_| AmountError::TooLarge)
}

/// `3%`, `3`, `0.5%` in basis points.
pub fn rate_bp(text: &str) -> Result<u32, RateError> {
    let text = folded(text);
    let (number, marked) = match text.strip_suffix('%') {
        Some(number) => (number, true),
        None => (text.as_str(), false),
    };
    let number = decimal(number).ok_or(RateError::NotARate)?;
    if !marked && number.digits != 0 && number.digits < 10_i128.pow(number.scale) {
        return Err(RateError::Ambiguous);
    }
    let rate = number.times(100).ok_or(RateError::TooFine)?;
    u32::try_from(rate).map_err(|_| RateError::NotARate)
}

/// `12`, `12个月`, `30天`.
pub fn whole(text: &str) -> Option<u32> {
    let text = folded(text);
    let number = text.trim_end_matches(['个', '月', '天', '日']);
    let whole = decimal(number)?.times(1)?;
    u32::try_from(whole).ok()
}
