//! What a desk page lets one choose from: a list with its label, read back from an address or a form. A value that
//! nobody offered is refused, never ignored: it might widen what is changed.

use crate::{
    domain::{
        dictionary::{Dictionaries, DictionaryEntry, Topic},
        text::Text,
    },
    ops::{self, Error, Fault},
    web::visitor::Visitor,
};

/// A list to choose from.
pub struct Choice {
    pub name: &'static str,
    pub label: String,
    /// Value, words, chosen.
    pub options: Vec<(String, String, bool)>,
}

impl Choice {
    /// `all`: what the empty value says.
    pub fn new(
        name: &'static str,
        label: &str,
        all: &str,
        chosen: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut list = vec![(String::new(), all.to_owned(), chosen.is_empty())];
        list.extend(options.into_iter().map(|(value, words)| {
            let is_chosen = value == chosen;
            (value, words, is_chosen)
        }));
        Self {
            name,
            label: label.to_owned(),
            options: list,
        }
    }

    /// The words of what is chosen; nothing where nothing is.
    pub fn chosen(&self) -> Option<&str> {
        let chosen = self
            .options
            .iter()
            .find(|(value, _, chosen)| *chosen && !value.is_empty());
        chosen.map(|(_, words, _)| words.as_str())
    }
}

/// The words of an enumeration as options.
pub fn options<T: Copy, const N: usize>(
    v: &Visitor,
    all: [T; N],
    value: fn(T) -> &'static str,
    words: impl Fn(T) -> (&'static str, &'static str),
) -> Vec<(String, String)> {
    let option = |one: T| {
        let (zh, en) = words(one);
        (value(one).to_owned(), v.t(zh, en).to_owned())
    };
    all.into_iter().map(option).collect()
}

/// The word in a field; `None` where it is empty.
pub fn word<T>(
    name: &str,
    text: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> ops::Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    let said = Text::new(
        "取值无法识别，请重新选择。",
        "The value is not known; choose again.",
    );
    let fault = || {
        Error::from(Fault::new(
            format!("?{name}"),
            "valueInvalid",
            said.zh,
            said.en,
        ))
    };
    parse(text).map(Some).ok_or_else(fault)
}

pub fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// One answer of a dictionary to choose: code, words, chosen.
pub type Answer = (String, String, bool);

/// What is offered, and what is chosen although it is offered no more.
pub fn answers(v: &Visitor, all: &Dictionaries, topic: Topic, chosen: &[String]) -> Vec<Answer> {
    let answer = |entry: &DictionaryEntry| {
        let is_chosen = chosen.contains(&entry.code);
        let words = v.t(&entry.zh, &entry.en).to_owned();
        (!entry.retired || is_chosen).then(|| (entry.code.clone(), words, is_chosen))
    };
    all.of(topic).entries.iter().filter_map(answer).collect()
}

/// All that is wrong, in words.
pub fn told(v: &Visitor, error: &Error) -> Vec<String> {
    match error {
        Error::Invalid(faults) => {
            let words = faults.iter().map(|fault| v.text(&fault.text).to_owned());
            words.collect()
        }
        other => vec![v.text(&other.text()).to_owned()],
    }
}
