//! A place in a folded text of terms, and the small things that are read there: words, numbers in either kind of
//! numerals, amounts, rates, days. What does not fit leaves the place where it was.

use crate::domain::{
    amounts::{rate_bp, yuan},
    money::Fen,
    time::Day,
};

/// Every sign of a Chinese number.
const NUMERALS: &str = "零〇一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟两";

/// What is still to be read.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// Takes the longest of these words that stands here.
    pub(super) fn eat(&mut self, words: &[&str]) -> bool {
        let found = words.iter().filter(|word| self.rest.starts_with(**word));
        let Some(word) = found.max_by_key(|word| word.len()) else {
            return false;
        };
        self.rest = &self.rest[word.len()..];
        true
    }

    /// Takes any of these words as often as they stand here.
    pub(super) fn skip(&mut self, words: &[&str]) {
        while self.eat(words) {}
    }

    /// Tries something that is taken as a whole or not at all.
    pub(super) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut there = *self;
        let found = read(&mut there)?;
        *self = there;
        Some(found)
    }

    /// What has been taken since `before`.
    pub(super) fn taken(&self, before: Self) -> &'a str {
        &before.rest[..before.rest.len() - self.rest.len()]
    }

    fn digits(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit());
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if digits.is_empty() {
            return None;
        }
        self.rest = rest;
        Some(digits)
    }

    /// Digits with thousands parted and decimals, as far as they are one number.
    fn decimal(&mut self) -> Option<&'a str> {
        let before = *self;
        self.digits()?;
        while self
            .attempt(|at| {
                at.eat(&[","]).then_some(())?;
                (at.digits()?.len() == 3).then_some(())
            })
            .is_some()
        {}
        self.attempt(|at| {
            at.eat(&["."]).then_some(())?;
            at.digits()
        });
        Some(self.taken(before))
    }

    /// A whole number in digits or in Chinese numerals.
    pub(super) fn whole(&mut self) -> Option<u32> {
        self.attempt(|at| match at.digits() {
            Some(digits) => digits.parse().ok(),
            None => u32::try_from(at.numerals()?).ok(),
        })
    }

    /// `三十`, `壹拾贰`: what a well-made Chinese numeral says.
    fn numerals(&mut self) -> Option<u64> {
        let other = |c: char| !NUMERALS.contains(c);
        let end = self.rest.find(other).unwrap_or(self.rest.len());
        let (said, rest) = self.rest.split_at(end);
        let value = numeral(said)?;
        self.rest = rest;
        Some(value)
    }

    /// An amount in yuan with its unit: `20,000元`, `2万元`, `人民币贰万元整`, with or without its capitals beside it.
    /// `Err`: the capitals say another amount.
    pub(super) fn amount(&mut self) -> Option<Result<Fen, ()>> {
        self.attempt(|at| {
            at.skip(&["人民币", "RMB", "CNY", "¥"]);
            let before = *at;
            let amount = if at.decimal().is_some() {
                at.eat(&["万元", "亿元", "万", "元"]).then_some(())?;
                let amount = yuan(at.taken(before)).ok()?;
                at.skip(&["人民币"]);
                at.eat(&["整"]);
                amount
            } else {
                let value = at.numerals()?;
                at.eat(&["元", "圆"]).then_some(())?;
                at.eat(&["整"]);
                Fen(i64::try_from(value).ok()?.checked_mul(100)?)
            };
            let Some(capitals) = at.attempt(Self::capitals) else {
                return Some(Ok(amount));
            };
            Some(if capitals == amount.capitals() {
                Ok(amount)
            } else {
                Err(())
            })
        })
    }

    fn capitals(&mut self) -> Option<String> {
        self.eat(&["("]).then_some(())?;
        self.eat(&["大写"]).then_some(())?;
        self.eat(&[":"]);
        self.skip(&["人民币"]);
        let end = self.rest.find(')')?;
        let said = self.rest[..end].replace('圆', "元");
        self.rest = &self.rest[end + 1..];
        Some(said)
    }

    /// `3%`, `百分之三`, in basis points.
    pub(super) fn rate(&mut self) -> Option<u32> {
        self.attempt(|at| {
            if at.eat(&["百分之"]) {
                return at.whole()?.checked_mul(100);
            }
            let before = *at;
            at.decimal()?;
            at.eat(&["%"]).then_some(())?;
            rate_bp(at.taken(before)).ok()
        })
    }

    /// `2027年12月31日`, `2027-12-31`.
    pub(super) fn day(&mut self) -> Option<Day> {
        self.attempt(|at| {
            let year = at.digits().filter(|digits| digits.len() == 4)?;
            at.eat(&["年", "-", ".", "/"]).then_some(())?;
            let month = at.digits()?;
            at.eat(&["月", "-", ".", "/"]).then_some(())?;
            let day = at.digits()?;
            at.eat(&["日"]);
            Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
        })
    }

    /// `年`, `3个月`, `半年`, `季度`: a length in months.
    pub(super) fn months(&mut self) -> Option<u32> {
        self.attempt(|at| {
            if at.eat(&["半年"]) {
                return Some(6);
            }
            let many = at.whole().unwrap_or(1);
            let unit = if at.eat(&["个月", "月"]) {
                1
            } else if at.eat(&["个季度", "季度", "季"]) {
                3
            } else if at.eat(&["个年度", "年度", "年"]) {
                12
            } else {
                return None;
            };
            many.checked_mul(unit)
        })
    }
}

/// Does a text say one day with nothing but `自` and `起` around it, or nothing?
pub(super) fn is_day_or_none(text: &str) -> bool {
    let mut at = Cursor { rest: text };
    at.eat(&["许可期限", "许可期"]);
    at.skip(&[":", "自", "从"]);
    if !at.rest.is_empty() && at.day().is_none() {
        return false;
    }
    at.eat(&["起"]);
    at.rest.is_empty()
}

/// The value of a numeral whose steps fall as they must; none for digits in a row.
fn numeral(said: &str) -> Option<u64> {
    let digit = |c: char| {
        let plain = "零一二三四五六七八九".chars().position(|d| d == c);
        let capital = "零壹贰叁肆伍陆柒捌玖".chars().position(|d| d == c);
        let other = match c {
            '〇' => Some(0),
            '两' => Some(2),
            _ => None,
        };
        plain.or(capital).or(other).map(|n| n as u64)
    };
    let step = |c| match c {
        '十' | '拾' => Some(10_u64),
        '百' | '佰' => Some(100),
        '千' | '仟' => Some(1_000),
        _ => None,
    };
    let (mut total, mut section, mut pending) = (0_u64, 0_u64, None::<u64>);
    let (mut least_step, mut least_large) = (u64::MAX, u64::MAX);
    // `一百五` may be 150 or 105: a last digit stands after tens or a zero.
    let (mut last_unit, mut after_zero) = (1_u64, false);
    for c in said.chars() {
        if let Some(value) = digit(c) {
            after_zero = pending == Some(0);
            // A zero only fills a place; any other digit waits for its step.
            if pending.is_some_and(|waiting| waiting > 0) {
                return None;
            }
            pending = Some(value);
        } else if let Some(step) = step(c) {
            let many = match pending.take() {
                None if section == 0 && step == 10 => 1,
                Some(many) if many > 0 => many,
                _ => return None,
            };
            if step >= least_step {
                return None;
            }
            (section, least_step, last_unit) = (section + many * step, step, step);
        } else {
            let large = if c == '万' { 10_000 } else { 100_000_000 };
            section += pending.take().unwrap_or(0);
            if section == 0 || large >= least_large {
                return None;
            }
            total += section.checked_mul(large)?;
            (section, least_step, least_large, last_unit) = (0, u64::MAX, large, large);
        }
    }
    let dangling = pending.is_some_and(|last| last > 0) && last_unit > 10 && !after_zero;
    let whole = total + section + pending.unwrap_or(0);
    (!dangling && !said.is_empty()).then_some(whole)
}
