//! The rows of one sheet, cell by cell: shared and inline strings, numbers, booleans. A formula counts with
//! its last computed value.

use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};

use super::{
    super::{SheetError, headers::Plan},
    parts::{Xml, append, attribute, unescape_controls, xml_problem},
    strings::Strings,
};
use crate::domain::intake::Cell;

/// Columns of a sheet (`XFD`).
const COLUMNS: usize = 16_384;
/// What a cell costs beside its text.
const CELL_BYTES: usize = 32;

/// A row with its cells by column from 0.
#[derive(Default)]
pub(super) struct SheetRow {
    pub(super) number: u64,
    pub(super) cells: Vec<(usize, Cell)>,
    /// It went beyond the limit; its cells are incomplete.
    pub(super) too_long: bool,
}

pub(super) struct SheetRows {
    xml: Xml,
    strings: Arc<Strings>,
    row_bytes: usize,
    /// Once the header is known, only its columns are kept.
    plan: Option<Plan>,
    buffer: Vec<u8>,
    number: u64,
    /// Inside `sheetData`: the part may not end here.
    inside: bool,
    ended: bool,
}

/// The cell being read.
#[derive(Default)]
struct Open {
    at: usize,
    kind: String,
    text: String,
    /// Inside `v`, or inside `t` of an inline string.
    reading: bool,
    phonetic: bool,
}

impl SheetRows {
    pub(super) fn new(xml: Xml, strings: Arc<Strings>, row_bytes: usize) -> Self {
        Self {
            xml,
            strings,
            row_bytes,
            plan: None,
            buffer: Vec::new(),
            number: 0,
            inside: false,
            ended: false,
        }
    }

    pub(super) fn only(self, plan: Plan) -> Self {
        Self {
            plan: Some(plan),
            ..self
        }
    }

    /// The next row; empty rows may be missing.
    pub(super) fn next(&mut self) -> Result<Option<SheetRow>, SheetError> {
        let mut row = SheetRow::default();
        let mut left = self.row_bytes;
        let mut open = Open::default();
        let mut next_column = 0;
        while !self.ended {
            self.buffer.clear();
            match self
                .xml
                .read_event_into(&mut self.buffer)
                .map_err(|error| xml_problem(&error))?
            {
                Event::Start(e) => match e.local_name().as_ref() {
                    "row" => {
                        (row, left, next_column) = (SheetRow::default(), self.row_bytes, 0);
                        self.number = row_number(&e, self.number);
                        row.number = self.number;
                    }
                    "c" => open = open_cell(&e, next_column),
                    "sheetData" => self.inside = true,
                    "v" | "t" => open.reading = !open.phonetic,
                    "rPh" => open.phonetic = true,
                    _ => {}
                },
                Event::Empty(e) => match e.local_name().as_ref() {
                    "row" => self.number = row_number(&e, self.number),
                    "c" => next_column = open_cell(&e, next_column).at + 1,
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    "row" => return Ok(Some(row)),
                    "c" => {
                        next_column = open.at + 1;
                        let cell = std::mem::take(&mut open);
                        keep(&self.strings, self.plan.as_ref(), cell, &mut row, &mut left);
                    }
                    "v" | "t" => open.reading = false,
                    "rPh" => open.phonetic = false,
                    "sheetData" => self.ended = true,
                    _ => {}
                },
                Event::Eof => {
                    return if self.inside {
                        Err(SheetError::Truncated)
                    } else {
                        Ok(None)
                    };
                }
                event if open.reading && open.text.len() <= self.row_bytes => {
                    append(&mut open.text, &event);
                }
                _ => {}
            }
        }
        Ok(None)
    }
}

fn row_number(element: &BytesStart<'_>, before: u64) -> u64 {
    attribute(element, "r")
        .and_then(|r| r.parse().ok())
        .unwrap_or(before.saturating_add(1))
}

fn open_cell(element: &BytesStart<'_>, next_column: usize) -> Open {
    let at = attribute(element, "r")
        .and_then(|r| column_of(&r))
        .unwrap_or(next_column);
    Open {
        at,
        kind: attribute(element, "t").unwrap_or_default(),
        ..Open::default()
    }
}

/// Column from 0 of a reference such as `AB12`.
fn column_of(reference: &str) -> Option<usize> {
    let letters = reference
        .bytes()
        .take_while(u8::is_ascii_alphabetic)
        .take(4);
    let column = letters.fold(0, |sum, b| {
        sum * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1
    });
    column.checked_sub(1)
}

fn keep(strings: &Strings, plan: Option<&Plan>, open: Open, row: &mut SheetRow, left: &mut usize) {
    if open.at >= COLUMNS || plan.is_some_and(|plan| !plan.wants(open.at)) {
        return;
    }
    let shared = (open.kind == "s")
        .then(|| strings.get(open.text.trim().parse().ok()?))
        .flatten();
    let Some(rest) = left.checked_sub(shared.map_or(open.text.len(), str::len) + CELL_BYTES) else {
        row.too_long = true;
        return;
    };
    *left = rest;
    let cell = match open.kind.as_str() {
        "s" => Cell::Text(shared.unwrap_or_default().to_owned()),
        "str" | "inlineStr" => Cell::Text(unescape_controls(&open.text)),
        "b" => Cell::Text(if open.text.trim() == "1" {
            "true".into()
        } else {
            "false".into()
        }),
        "e" => return,
        "d" => Cell::Text(open.text),
        _ => match open.text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Cell::Number(number),
            _ if open.text.trim().is_empty() => return,
            _ => Cell::Text(open.text),
        },
    };
    row.cells.push((open.at, cell));
}
