//! The first sheet of a workbook that has a known header, row by row into a table.

use std::{path::Path, sync::Arc};

use super::{
    super::{
        Limits, SheetError,
        table::{Filling, Known, header_of, no_header, tidy},
    },
    DAYS_1904, first_rows,
    parts::Parts,
    rows::SheetRows,
};
use crate::domain::intake::{Cell, Reject, RejectCode};

/// Fills a table from a workbook.
pub(in crate::sheet) fn read_table(
    path: &Path,
    limits: &Limits,
    known: Known<'_>,
    filling: &mut Filling<'_>,
) -> Result<(), SheetError> {
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
        let Some((at, _)) = header_of(&window.texts, known) else {
            if seen.is_empty() {
                seen = window.texts;
            }
            continue;
        };
        filling.table.headers = tidy(&window.texts[at]);
        let header_row = window.numbers[at];
        let part = parts.part(sheet)?.ok_or(SheetError::Truncated)?;
        let mut rows = SheetRows::new(part, strings, limits.line_bytes);
        while let Some(row) = rows.next()? {
            let empty = row
                .cells
                .iter()
                .all(|(_, cell)| matches!(cell, Cell::Text(text) if text.trim().is_empty()));
            if row.number <= header_row || (empty && !row.too_long) {
                continue;
            }
            let cells = if row.too_long {
                let code = RejectCode::LineTooLong;
                Err(Reject::new(row.number, "", code, ""))
            } else {
                filling.checked(row.number, row.cells)
            };
            let is_date = |at: usize| {
                let header = filling.table.headers.get(at);
                header.and_then(|header| known(header)) == Some(true)
            };
            let cells = cells.map(|cells| {
                let cells = cells.into_iter().map(|(at, cell)| match cell {
                    Cell::Number(day)
                        if workbook.from_1904 && (0.0..100_000.0).contains(&day) && is_date(at) =>
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
