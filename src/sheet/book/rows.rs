//! The rows below the headers of a workbook's sheets, with merged cells filled in.

use std::{collections::VecDeque, sync::Arc};

use super::{Book, DAYS_1904, SheetReader, SheetRow};
use crate::{
    domain::intake::{Cell, Column, Reject, RejectCode, Row},
    sheet::{RowProblem, SheetError, headers::Plan},
};

/// A sheet with its header.
pub(in crate::sheet) struct Usable {
    pub(super) at: usize,
    pub(super) name: String,
    pub(super) header_row: u64,
    pub(super) plan: Plan,
}

/// The rows of all sheets that have a header.
pub(in crate::sheet) struct BookRows {
    book: Box<dyn Book>,
    waiting: VecDeque<Usable>,
    /// With several sheets, every row says from which it comes.
    several: bool,
    current: Option<Current>,
    from_1904: bool,
}

struct Current {
    reader: Box<dyn SheetReader>,
    plan: Plan,
    header_row: u64,
    place: Option<Arc<str>>,
    held: Held,
}

impl BookRows {
    pub(super) fn new(book: Box<dyn Book>, sheets: Vec<Usable>) -> Self {
        Self {
            from_1904: book.counts_from_1904(),
            book,
            several: sheets.len() > 1,
            waiting: sheets.into(),
            current: None,
        }
    }

    fn next_row(&mut self) -> Result<Option<Result<Row, Reject>>, SheetError> {
        loop {
            let Some(current) = &mut self.current else {
                let Some(sheet) = self.waiting.pop_front() else {
                    return Ok(None);
                };
                let reader = self.book.reader(sheet.at, Some(&sheet.plan))?;
                self.current = Some(Current {
                    reader: reader.ok_or(SheetError::Truncated)?,
                    plan: sheet.plan,
                    header_row: sheet.header_row,
                    place: self.several.then(|| format!("{}!", sheet.name).into()),
                    held: Held::default(),
                });
                continue;
            };
            let Some(mut row) = current.reader.next()? else {
                self.current = None;
                continue;
            };
            if row.number <= current.header_row || row.is_empty() {
                continue;
            }
            if row.too_long {
                let reject = Reject::new(row.number, "", RejectCode::LineTooLong, "");
                return Ok(Some(Err(reject.within(current.place.as_deref()))));
            }
            current.held.fill(&mut row);
            return Ok(Some(Ok(current.row(row, self.from_1904))));
        }
    }
}

impl Iterator for BookRows {
    type Item = Result<Row, RowProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.next_row() {
            Ok(row) => row.map(|row| row.map_err(RowProblem::from)),
            Err(error) => Some(Err(error.into())),
        }
    }
}

impl Current {
    fn row(&self, mut row: SheetRow, from_1904: bool) -> Row {
        let read = self.plan.row(row.number, |at, column: Column| {
            let mut cells = row.cells.iter_mut().rev();
            let (_, cell) = cells.find(|(place, _)| *place == at)?;
            let cell = std::mem::replace(cell, Cell::Text(String::new()));
            Some(match cell {
                Cell::Number(day)
                    if from_1904 && column.is_date() && (0.0..100_000.0).contains(&day) =>
                {
                    Cell::Number(day + DAYS_1904)
                }
                other => other,
            })
        });
        Row {
            place: self.place.clone(),
            ..read
        }
    }
}

/// The cells that are merged downwards and still stand.
#[derive(Default)]
pub(super) struct Held {
    cells: Vec<(usize, u64, Cell)>,
}

impl Held {
    /// Gives a row the cells that reach down to it, and holds its own.
    pub(super) fn fill(&mut self, row: &mut SheetRow) {
        self.cells.retain(|(_, last, _)| *last >= row.number);
        for (at, _, cell) in &self.cells {
            let says = |(place, own): &(usize, Cell)| {
                place == at && !matches!(own, Cell::Text(text) if text.trim().is_empty())
            };
            if !row.cells.iter().any(says) {
                row.cells.push((*at, cell.clone()));
            }
        }
        for (at, last) in std::mem::take(&mut row.spans) {
            let own = row.cells.iter().find(|(place, _)| *place == at);
            if let Some((_, cell)) = own
                && last > row.number
            {
                self.cells.retain(|(held, ..)| *held != at);
                self.cells.push((at, last, cell.clone()));
            }
        }
    }
}
