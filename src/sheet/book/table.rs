//! The first sheet of a workbook that has a known header, row by row into a table.

use std::path::Path;

use super::{DAYS_1904, Kind, first_rows, open_book, rows::Held};
use crate::{
    domain::intake::{Cell, Reject, RejectCode},
    sheet::{
        Limits, SheetError,
        headers::WINDOW_ROWS,
        table::{Filling, Known, header_of, no_header, tidy},
    },
};

/// Fills a table from a workbook.
pub(in crate::sheet) fn read_table(
    kind: Kind,
    path: &Path,
    limits: &Limits,
    known: Known<'_>,
    filling: &mut Filling<'_>,
) -> Result<(), SheetError> {
    let mut book = open_book(kind, path, limits)?;
    let from_1904 = book.counts_from_1904();
    let mut seen: Vec<Vec<String>> = Vec::new();
    for sheet in 0..book.sheets().len() {
        let Some(mut reader) = book.reader(sheet, None)? else {
            continue;
        };
        let window = first_rows(reader.as_mut(), WINDOW_ROWS)?;
        let Some((at, _)) = header_of(&window.texts, known) else {
            if seen.is_empty() {
                seen = window.texts;
            }
            continue;
        };
        filling.table.headers = tidy(&window.texts[at]);
        let header_row = window.numbers[at];
        let mut reader = book.reader(sheet, None)?.ok_or(SheetError::Truncated)?;
        let mut held = Held::default();
        while let Some(mut row) = reader.next()? {
            if row.number <= header_row || row.is_empty() {
                continue;
            }
            let cells = if row.too_long {
                let code = RejectCode::LineTooLong;
                Err(Reject::new(row.number, "", code, ""))
            } else {
                held.fill(&mut row);
                filling.checked(row.number, row.cells)
            };
            let is_date = |at: usize| {
                let header = filling.table.headers.get(at);
                header.and_then(|header| known(header)) == Some(true)
            };
            let cells = cells.map(|cells| {
                let cells = cells.into_iter().map(|(at, cell)| match cell {
                    Cell::Number(day)
                        if from_1904 && (0.0..100_000.0).contains(&day) && is_date(at) =>
                    {
                        (at, Cell::Number(day + DAYS_1904))
                    }
                    cell => (at, cell),
                });
                cells.collect()
            });
            filling.push(row.number, cells)?;
        }
        return Ok(());
    }
    Err(no_header(&seen))
}

/// Fills a table with every row of the first sheet that is not empty.
pub(in crate::sheet) fn read_grid(
    kind: Kind,
    path: &Path,
    limits: &Limits,
    filling: &mut Filling<'_>,
) -> Result<(), SheetError> {
    let mut book = open_book(kind, path, limits)?;
    for sheet in 0..book.sheets().len() {
        let Some(mut reader) = book.reader(sheet, None)? else {
            continue;
        };
        let mut held = Held::default();
        while let Some(mut row) = reader.next()? {
            if row.is_empty() {
                continue;
            }
            let cells = if row.too_long {
                let code = RejectCode::LineTooLong;
                Err(Reject::new(row.number, "", code, ""))
            } else {
                held.fill(&mut row);
                Ok(row.cells)
            };
            filling.push(row.number, cells)?;
        }
        if !filling.table.rows.is_empty() {
            return Ok(());
        }
    }
    Err(SheetError::Empty)
}
