//! The pages of the form: what to record, the form with what was typed and what is wrong at each field, and what
//! has been recorded.

use std::collections::BTreeMap;

use askama::Template;

use super::{
    super::visitor::Visitor,
    fields::{self, Way},
};
use crate::{
    domain::{
        record::{Column, Flaw, RecordKind},
        text::Text,
    },
    ops::{Services, records::Done},
};

/// What to record.
#[derive(Template)]
#[template(path = "record.html")]
pub struct Choice<'a> {
    v: &'a Visitor,
    /// The largest file of evidence, MB.
    file_megabytes: u64,
}

impl<'a> Choice<'a> {
    pub fn new(v: &'a Visitor, services: &Services) -> Self {
        let file_megabytes = services.limits.file_bytes >> 20;
        Self { v, file_megabytes }
    }
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
pub struct Filled {
    pub values: BTreeMap<Column, String>,
    pub flaws: Vec<Flaw>,
}

/// The form.
#[derive(Template)]
#[template(path = "record_form.html")]
pub struct Form<'a> {
    v: &'a Visitor,
    title: Text,
    action: &'static str,
    fields: Vec<Field>,
    files: Vec<Field>,
    /// What is wrong and stands at no field.
    whole: Vec<Text>,
    has_errors: bool,
}

struct Field {
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    hint: Option<Text>,
    value: String,
    /// Value, words, chosen.
    options: Vec<(&'static str, Text, bool)>,
    is_area: bool,
    required: bool,
    errors: Vec<Text>,
}

/// The address of each form.
pub const fn address(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Declarations => "/record/declaration",
        RecordKind::Licences => "/record/licence",
        RecordKind::Events => "/office/records",
    }
}

fn title(kind: RecordKind) -> Text {
    match kind {
        RecordKind::Declarations => {
            Text::new("补录已公告的声明", "Record an announced declaration")
        }
        RecordKind::Licences => Text::new("补录已达成的许可", "Record a licence that was taken"),
        RecordKind::Events => Text::new("登记法律事件与状态", "Record legal events and statuses"),
    }
}

impl<'a> Form<'a> {
    pub fn empty(v: &'a Visitor, kind: RecordKind) -> Self {
        Self::new(v, kind, Filled::default())
    }

    pub fn new(v: &'a Visitor, kind: RecordKind, filled: Filled) -> Self {
        let Filled { values, flaws } = filled;
        let columns = Column::all(kind);
        let (mut fields, mut files) = (Vec::new(), Vec::new());
        for column in columns.iter().copied() {
            let value = values.get(&column).cloned().unwrap_or_default();
            let errors = flaws.iter().filter(|flaw| flaw.column == Some(column));
            let way = fields::way(column);
            let field = Field {
                name: column.key(),
                zh: column.title(),
                en: fields::english(column),
                hint: fields::hint(column),
                errors: errors.map(said).collect(),
                is_area: matches!(way, Way::Area),
                required: fields::is_required(kind, column),
                options: match &way {
                    Way::Choice(options) => options
                        .iter()
                        .map(|(word, text)| (*word, text.clone(), *word == value))
                        .collect(),
                    _ => Vec::new(),
                },
                value,
            };
            if matches!(way, Way::File) {
                files.push(field);
            } else {
                fields.push(field);
            }
        }
        let placed = |flaw: &&Flaw| flaw.column.is_some_and(|column| columns.contains(&column));
        let whole = flaws.iter().filter(|flaw| !placed(flaw)).map(said);
        Self {
            v,
            title: title(kind),
            action: address(kind),
            has_errors: !flaws.is_empty(),
            fields,
            files,
            whole: whole.collect(),
        }
    }
}

/// What is wrong, and what to do.
fn said(flaw: &Flaw) -> Text {
    let Some(cure) = &flaw.cure else {
        return flaw.text.clone();
    };
    Text::new(
        format!("{}{}", flaw.text.zh, cure.zh),
        format!("{} {}", flaw.text.en, cure.en),
    )
}

/// It is recorded.
#[derive(Template)]
#[template(path = "record_done.html")]
pub struct Recorded<'a> {
    v: &'a Visitor,
    title: Text,
    text: Text,
    /// The record's JSON.
    record: String,
    again: &'static str,
}

impl<'a> Recorded<'a> {
    pub fn new(v: &'a Visitor, kind: RecordKind, done: &Done) -> Self {
        let (title, text) = match done {
            Done::Recorded(_) => (
                Text::new("已登记", "Recorded"),
                Text::new(
                    "已按当时的日期和规则登记，并注明为事后补录。",
                    "Recorded by the rules of its own days, and marked as recorded afterwards.",
                ),
            ),
            Done::Completed(_) => (
                Text::new("已补充", "Completed"),
                Text::new(
                    "这项许可此前已登记；这次补上了原来缺少的证据或备案。",
                    "This licence was recorded before; evidence or a filing that it lacked has been added.",
                ),
            ),
            Done::Repeated(_) => (
                Text::new("此前已登记", "Recorded before"),
                Text::new(
                    "同样的记录已经在库中，没有重复登记。",
                    "The same record is there already; nothing was added.",
                ),
            ),
        };
        Self {
            v,
            title,
            text,
            record: format!("/v1/{}/{}", kind.as_str(), done.id()),
            again: address(kind),
        }
    }
}
