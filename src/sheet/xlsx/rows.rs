//! The rows of one sheet, cell by cell: shared and inline strings, numbers, booleans. A formula counts with
//! its last computed value.

use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};

use super::{
    super::{
        SheetError,
        book::{CELL_BYTES, COLUMNS, SheetReader, SheetRow},
        headers::Plan,
        markup::{Xml, append, attribute, xml_problem},
    },
    merges::Merge,
    parts::unescape_controls,
    strings::Strings,
};
use crate::domain::intake::Cell;

/// A formula's text beyond this is no literal.
const FORMULA_BYTES: usize = 4096;

pub(super) struct SheetRows {
    xml: Xml,
    strings: Arc<Strings>,
    row_bytes: usize,
    /// Once the header is known, only its columns are kept.
    plan: Option<Plan>,
    merges: Vec<Merge>,
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
    /// The formula behind the value, and whether it is being read.
    formula: String,
    in_formula: bool,
}

impl SheetRows {
    pub(super) fn new(xml: Xml, strings: Arc<Strings>, row_bytes: usize) -> Self {
        Self {
            xml,
            strings,
            row_bytes,
            plan: None,
            merges: Vec::new(),
            buffer: Vec::new(),
            number: 0,
            inside: false,
            ended: false,
        }
    }

    pub(super) fn only(self, plan: Plan, merges: Vec<Merge>) -> Self {
        Self {
            plan: Some(plan),
            merges,
            ..self
        }
    }

    /// The merged cells that begin in a row.
    fn spans(&self, number: u64) -> Vec<(usize, u64)> {
        let from = self.merges.partition_point(|merge| merge.first < number);
        let here = self.merges[from..].iter();
        here.take_while(|merge| merge.first == number)
            .map(|merge| (merge.column, merge.last))
            .collect()
    }
}

impl SheetReader for SheetRows {
    fn next(&mut self) -> Result<Option<SheetRow>, SheetError> {
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
                    "f" => open.in_formula = true,
                    "rPh" => open.phonetic = true,
                    _ => {}
                },
                Event::Empty(e) => match e.local_name().as_ref() {
                    "row" => self.number = row_number(&e, self.number),
                    "c" => next_column = open_cell(&e, next_column).at + 1,
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    "row" => {
                        row.spans = self.spans(row.number);
                        return Ok(Some(row));
                    }
                    "c" => {
                        next_column = open.at + 1;
                        let cell = std::mem::take(&mut open);
                        keep(&self.strings, self.plan.as_ref(), cell, &mut row, &mut left)?;
                    }
                    "v" | "t" => open.reading = false,
                    "f" => open.in_formula = false,
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
                event if open.in_formula && open.formula.len() <= FORMULA_BYTES => {
                    append(&mut open.formula, &event);
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

/// Row of a reference such as `$AB$12`.
pub(super) fn row_of(reference: &str) -> Option<u64> {
    let digits = reference.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok()
}

/// Column from 0 of a reference such as `AB12`.
pub(super) fn column_of(reference: &str) -> Option<usize> {
    let letters = reference
        .trim_start_matches('$')
        .bytes()
        .take_while(u8::is_ascii_alphabetic)
        .take(4);
    let column = letters.fold(0, |sum, b| {
        sum * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1
    });
    column.checked_sub(1)
}

fn keep(
    strings: &Strings,
    plan: Option<&Plan>,
    open: Open,
    row: &mut SheetRow,
    left: &mut usize,
) -> Result<(), SheetError> {
    if open.at >= COLUMNS || plan.is_some_and(|plan| !plan.wants(open.at)) {
        return Ok(());
    }
    let shared = if open.kind == "s" {
        let text = open.text.trim().parse().ok();
        match text {
            Some(number) => strings.get(number)?,
            None => None,
        }
    } else {
        None
    };
    let length = shared.as_ref().map_or(open.text.len(), String::len);
    let Some(rest) = left.checked_sub(length + CELL_BYTES) else {
        row.too_long = true;
        return Ok(());
    };
    *left = rest;
    let cell = match open.kind.as_str() {
        "s" => Cell::Text(shared.unwrap_or_default()),
        "str" | "inlineStr" if !open.text.is_empty() => Cell::Text(unescape_controls(&open.text)),
        "b" => Cell::Text(if open.text.trim() == "1" {
            "true".into()
        } else {
            "false".into()
        }),
        "e" => return Ok(()),
        "d" => Cell::Text(open.text),
        _ => match open.text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Cell::Number(number),
            _ if open.text.trim().is_empty() => match literal(&open.formula) {
                Some(text) => Cell::Text(text),
                None => return Ok(()),
            },
            _ => Cell::Text(open.text),
        },
    };
    row.cells.push((open.at, cell));
    Ok(())
}

/// What a formula without a computed value says by itself: `="…"` and a hyperlink's words. Programs that write
/// workbooks without computing them leave these.
fn literal(formula: &str) -> Option<String> {
    let quoted = formula.len() > 2 && formula.starts_with('"') && formula.ends_with('"');
    let link = formula
        .get(..10)
        .is_some_and(|head| head.eq_ignore_ascii_case("HYPERLINK("));
    (quoted || link).then(|| format!("={formula}"))
}
