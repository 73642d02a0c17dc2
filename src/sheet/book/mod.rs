//! Workbooks of every kind as one thing: sheets of rows of cells. Every sheet that has a header is read, one after
//! another; the others are skipped and named. A cell merged over several rows says the same in each of them.

mod rows;
mod table;

use std::path::Path;

pub(super) use self::{
    rows::BookRows,
    table::{read_grid, read_table},
};
use super::{
    Limits, SheetError,
    headers::{self, Plan, WINDOW_ROWS, Window},
    ods, xls, xlsx,
};
use crate::domain::intake::{Cell, Mapping};

/// Sheets of a workbook that are looked at.
pub(super) const SHEETS: usize = 256;
/// Columns of a sheet (`XFD`).
pub(super) const COLUMNS: usize = 16_384;
/// What a cell costs beside its text.
pub(super) const CELL_BYTES: usize = 32;
/// Merged cells of one sheet that are kept.
pub(super) const MERGES: usize = 200_000;

/// Days between the 1904 and the 1900 date system.
const DAYS_1904: f64 = 1462.0;

/// A row with its cells by column from 0.
#[derive(Clone, Debug, Default)]
pub(super) struct SheetRow {
    /// From 1, as a person sees it.
    pub(super) number: u64,
    pub(super) cells: Vec<(usize, Cell)>,
    /// It went beyond the limit; its cells are incomplete.
    pub(super) too_long: bool,
    /// Cells of this row that are merged downwards: column, and the last row for which they stand.
    pub(super) spans: Vec<(usize, u64)>,
}

impl SheetRow {
    pub(super) fn is_empty(&self) -> bool {
        let blank = |cell: &Cell| matches!(cell, Cell::Text(text) if text.trim().is_empty());
        !self.too_long && self.cells.iter().all(|(_, cell)| blank(cell))
    }
}

/// The rows of one sheet in order.
pub(super) trait SheetReader: Send {
    /// The next row; empty rows may be missing.
    fn next(&mut self) -> Result<Option<SheetRow>, SheetError>;
}

/// A workbook open for reading.
pub(super) trait Book: Send {
    /// The names of the sheets in their order.
    fn sheets(&self) -> Vec<String>;
    /// Reads a sheet from its beginning; once the header is known, only its columns. `None` where the file lacks it.
    fn reader(
        &mut self,
        sheet: usize,
        only: Option<&Plan>,
    ) -> Result<Option<Box<dyn SheetReader>>, SheetError>;
    fn counts_from_1904(&self) -> bool;
}

/// The formats of workbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Xlsx,
    Xls,
    Ods,
}

pub(super) fn open_book(
    kind: Kind,
    path: &Path,
    limits: &Limits,
) -> Result<Box<dyn Book>, SheetError> {
    Ok(match kind {
        Kind::Xlsx => Box::new(xlsx::Workbook::open(path, limits)?),
        Kind::Xls => Box::new(xls::Workbook::open(path, limits)?),
        Kind::Ods => Box::new(ods::Document::open(path, limits)?),
    })
}

/// Why a sheet is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// There is nothing in it.
    Empty,
    /// No row of its beginning names an application number.
    NoHeader,
}

/// A sheet that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub name: String,
    pub reason: SkipReason,
}

/// What stands at the beginning of the file: what is read of it, under which names, and what is not.
pub(super) struct Opened {
    pub(super) rows: BookRows,
    pub(super) headers: Vec<String>,
    pub(super) read: Vec<String>,
    pub(super) skipped: Vec<Skipped>,
}

/// Opens a workbook and finds the header of each sheet.
pub(super) fn open(
    kind: Kind,
    path: &Path,
    limits: &Limits,
    mapping: &Mapping,
) -> Result<Opened, SheetError> {
    let mut book = open_book(kind, path, limits)?;
    let mut usable = Vec::new();
    let mut skipped = Vec::new();
    let mut seen: Vec<Vec<String>> = Vec::new();
    for (at, name) in book.sheets().into_iter().enumerate() {
        let Some(mut reader) = book.reader(at, None)? else {
            continue;
        };
        let window = first_rows(reader.as_mut(), WINDOW_ROWS)?;
        if let Some(found) = headers::find(&window, mapping) {
            usable.push(rows::Usable {
                at,
                name,
                header_row: window.header_row(found.first),
                plan: found.plan,
            });
            continue;
        }
        let reason = if window.texts.is_empty() {
            SkipReason::Empty
        } else {
            SkipReason::NoHeader
        };
        skipped.push(Skipped { name, reason });
        if seen.is_empty() {
            seen = window.texts;
        }
    }
    let Some(first) = usable.first() else {
        return Err(headers::missing(&seen));
    };
    Ok(Opened {
        headers: first.plan.headers.clone(),
        read: usable.iter().map(|sheet| sheet.name.clone()).collect(),
        rows: BookRows::new(book, usable),
        skipped,
    })
}

/// The first rows that hold anything.
pub(super) fn first_rows(rows: &mut dyn SheetReader, most: usize) -> Result<Window, SheetError> {
    let mut window = Window::default();
    while window.texts.len() < most {
        let Some(row) = rows.next()? else { break };
        if row.cells.is_empty() {
            continue;
        }
        let width = row.cells.iter().map(|(at, _)| at + 1).max().unwrap_or(0);
        let mut texts = vec![String::new(); width];
        let mut values = vec![Cell::Text(String::new()); width];
        for (at, cell) in row.cells {
            if let Cell::Text(text) = &cell {
                texts[at].clone_from(text);
            }
            values[at] = cell;
        }
        window.numbers.push(row.number);
        window.texts.push(texts);
        window.values.push(values);
    }
    Ok(window)
}
