//! The parameters of an address: read by name, each at most once unless it is a list. The API and the pages
//! read the same names by the same rules; a fault says which parameter is wrong and what would be right.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use super::Fault;
use crate::domain::time::Day;

/// The most values that one list may have.
const MAX_VALUES: usize = 100;

/// What is left to be read of a query string.
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Takes a query string apart; it must be UTF-8 without control characters.
    pub fn parse(query: &str) -> Result<Self, Fault> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let decoded = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name, name)?, decode(name, value)?))
        });
        decoded.collect::<Result<_, _>>().map(Self)
    }

    /// Adds a parameter that came another way.
    pub fn put(&mut self, name: &str, value: String) {
        self.0.push((name.to_owned(), value));
    }

    /// Takes a parameter that may appear once.
    pub fn take(&mut self, name: &str) -> Result<Option<String>, Fault> {
        let mut values = self.take_all(name);
        if values.len() > 1 {
            return Err(repeated(name));
        }
        Ok(values.pop().filter(|value| !value.is_empty()))
    }

    /// Takes every value of a list parameter, repeated or separated by commas.
    pub fn list(&mut self, name: &str) -> Result<Vec<String>, Fault> {
        let taken = self.take_all(name);
        let values = taken.iter().flat_map(|value| value.split(','));
        let values: Vec<String> = values
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect();
        if values.len() > MAX_VALUES {
            return Err(fault(
                name,
                "tooMany",
                format!("最多 {MAX_VALUES} 个取值。"),
                format!("At most {MAX_VALUES} values."),
            ));
        }
        Ok(values)
    }

    /// Takes every value of a repeated parameter whose values may contain commas.
    pub fn take_all(&mut self, name: &str) -> Vec<String> {
        let taken = self.0.extract_if(.., |(known, _)| known == name);
        taken.map(|(_, value)| value).collect()
    }

    /// Takes values of an enumeration; the fault lists what is allowed.
    pub fn words<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        allowed: &[&str],
    ) -> Result<Vec<T>, Fault> {
        let read = |value: String| {
            parse(&value).ok_or_else(|| {
                let (value, allowed) = (excerpt(&value), allowed.join(", "));
                fault(
                    name,
                    "valueUnknown",
                    format!("没有“{value}”这个取值；可用：{allowed}。"),
                    format!("There is no value {value:?}; allowed are: {allowed}."),
                )
            })
        };
        self.list(name)?.into_iter().map(read).collect()
    }

    /// Takes a value of an enumeration that may appear once.
    pub fn word<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        allowed: &[&str],
    ) -> Result<Option<T>, Fault> {
        let mut values = self.words(name, parse, allowed)?;
        if values.len() > 1 {
            return Err(repeated(name));
        }
        Ok(values.pop())
    }

    /// Takes a number within bounds, both included.
    pub fn number<T: FromStr + PartialOrd + Display>(
        &mut self,
        name: &str,
        bounds: RangeInclusive<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(text) = self.take(name)? else {
            return Ok(None);
        };
        match text.parse::<T>() {
            Ok(value) if bounds.contains(&value) => Ok(Some(value)),
            _ => Err(fault(
                name,
                "outOfRange",
                format!("应为 {} 到 {} 之间的整数。", bounds.start(), bounds.end()),
                format!(
                    "Must be a whole number from {} to {}.",
                    bounds.start(),
                    bounds.end()
                ),
            )),
        }
    }

    /// Takes a calendar day.
    pub fn day(&mut self, name: &str) -> Result<Option<Day>, Fault> {
        let Some(text) = self.take(name)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            fault(
                name,
                "dayInvalid",
                "应为存在的日期，格式 2026-12-31。",
                "Must be an existing day such as 2026-12-31.",
            )
        })
    }

    /// The names that nobody has taken.
    pub fn rest(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Refuses whatever was not taken.
    pub fn finish(self) -> Result<(), Fault> {
        match self.rest().next() {
            None => Ok(()),
            Some(name) => Err(fault(
                &excerpt(name),
                "parameterUnknown",
                "没有这个参数，请核对拼写。",
                "There is no such parameter; check the spelling.",
            )),
        }
    }
}

fn repeated(name: &str) -> Fault {
    fault(name, "repeated", "只能出现一次。", "May appear only once.")
}

/// What is shown of a value that was sent: its beginning and its end.
pub fn excerpt(text: &str) -> String {
    const SHOWN: usize = 400;
    let length = text.chars().count();
    if length <= SHOWN {
        return text.to_owned();
    }
    let head: String = text.chars().take(SHOWN / 4).collect();
    let tail: String = text.chars().skip(length - SHOWN / 2).collect();
    format!("{head}…{tail}")
}

fn fault(name: &str, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Fault {
    Fault::new(format!("?{}", excerpt(name)), code, zh, en)
}

fn decode(name: &str, text: &str) -> Result<String, Fault> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    let decoded = decoded.map_err(|_| {
        fault(
            name,
            "encodingInvalid",
            "不是 UTF-8 编码，请用 UTF-8 编码后再提交。",
            "This is not UTF-8; encode it as UTF-8.",
        )
    })?;
    if decoded
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(fault(
            name,
            "controlCharacter",
            "含有控制字符，请删除。",
            "Contains a control character; remove it.",
        ));
    }
    Ok(decoded.into_owned())
}
