//! XLSX, streamed: parts are found through the zip directory and inflated one after another. Nothing is ever
//! written to disk, so that paths inside the archive do no harm; document types are refused, so that no
//! entity expands.

mod guard;
mod parts;
mod rows;
mod strings;
mod table;

use std::{path::Path, sync::Arc};

pub(super) use self::table::read_table;
use self::{
    parts::Parts,
    rows::{SheetRow, SheetRows},
};
use super::{
    Limits, RowProblem, SheetError,
    headers::{self, Plan, WINDOW_ROWS},
};
use crate::domain::intake::{Cell, Column, Reject, RejectCode, Row};

/// Days between the 1904 and the 1900 date system.
const DAYS_1904: f64 = 1462.0;

/// Opens the first sheet that has a header.
pub(super) fn open(path: &Path, limits: &Limits) -> Result<(XlsxRows, Vec<String>), SheetError> {
    let mut parts = Parts::open(path, limits)?;
    let workbook = parts.workbook()?;
    let strings = Arc::new(parts.shared_strings()?);
    let mut seen: Vec<Vec<String>> = Vec::new();
    for sheet in &workbook.sheets {
        let Some(part) = parts.part(sheet)? else {
            continue;
        };
        let mut rows = SheetRows::new(part, Arc::clone(&strings), limits.line_bytes);
        let window = first_rows(&mut rows)?;
        if let Some(found) = headers::find(&window.texts) {
            let header_row = window.numbers[found.at];
            let part = parts.part(sheet)?.ok_or(SheetError::Truncated)?;
            let rows = SheetRows::new(part, strings, limits.line_bytes).only(found.plan.clone());
            let names = found.plan.headers.clone();
            return Ok((
                XlsxRows {
                    rows,
                    plan: found.plan,
                    header_row,
                    from_1904: workbook.from_1904,
                },
                names,
            ));
        }
        if seen.is_empty() {
            seen = window.texts;
        }
    }
    Err(headers::missing(&seen))
}

struct Window {
    numbers: Vec<u64>,
    texts: Vec<Vec<String>>,
}

fn first_rows(rows: &mut SheetRows) -> Result<Window, SheetError> {
    let mut window = Window {
        numbers: Vec::new(),
        texts: Vec::new(),
    };
    while window.texts.len() < WINDOW_ROWS {
        let Some(row) = rows.next()? else { break };
        if row.cells.is_empty() {
            continue;
        }
        let width = row.cells.iter().map(|(at, _)| at + 1).max().unwrap_or(0);
        let mut texts = vec![String::new(); width];
        for (at, cell) in row.cells {
            if let Cell::Text(text) = cell {
                texts[at] = text;
            }
        }
        window.numbers.push(row.number);
        window.texts.push(texts);
    }
    Ok(window)
}

/// The rows of a sheet below its header.
pub(super) struct XlsxRows {
    rows: SheetRows,
    plan: Plan,
    header_row: u64,
    from_1904: bool,
}

impl Iterator for XlsxRows {
    type Item = Result<Row, RowProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let row = match self.rows.next() {
                Ok(row) => row?,
                Err(error) => return Some(Err(error.into())),
            };
            let empty = row
                .cells
                .iter()
                .all(|(_, cell)| matches!(cell, Cell::Text(text) if text.trim().is_empty()));
            if row.number <= self.header_row || (empty && !row.too_long) {
                continue;
            }
            if row.too_long {
                return Some(Err(Reject::new(
                    row.number,
                    "",
                    RejectCode::LineTooLong,
                    "",
                )
                .into()));
            }
            return Some(Ok(self.row(row)));
        }
    }
}

impl XlsxRows {
    fn row(&self, mut row: SheetRow) -> Row {
        let from_1904 = self.from_1904;
        self.plan.row(row.number, |at, column: Column| {
            let cell = row
                .cells
                .iter_mut()
                .rev()
                .find(|(place, _)| *place == at)
                .map(|(_, cell)| cell)?;
            let cell = std::mem::replace(cell, Cell::Text(String::new()));
            Some(match cell {
                Cell::Number(day)
                    if from_1904 && column.is_date() && (0.0..100_000.0).contains(&day) =>
                {
                    Cell::Number(day + DAYS_1904)
                }
                other => other,
            })
        })
    }
}
