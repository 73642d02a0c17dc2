//! Finding the header of a table: the first of the first ten rows that names an application number. A table
//! without such a column whose rows hold the number elsewhere has shifted columns: it is read, so that every
//! row can be refused with its reason.

use std::ops::Range;

use super::SheetError;
use crate::domain::intake::{Cell, Column, Place, Row, holds_application_number};

/// Rows in which a header is looked for, and those behind them that may show shifted columns.
pub(super) const HEADER_ROWS: usize = 10;
pub(super) const WINDOW_ROWS: usize = 15;

/// Which columns to take, in the order in which a row offers them.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    columns: Vec<(Place, usize)>,
    pub(super) headers: Vec<String>,
}

impl Plan {
    fn of(headers: &[String]) -> Self {
        let places = headers.iter().enumerate();
        let mut columns: Vec<(Place, usize)> = places
            .filter_map(|(at, header)| Column::of_header(header).map(|place| (place, at)))
            .collect();
        columns.sort();
        let headers = headers
            .iter()
            .map(|header| header.trim().chars().take(60).collect())
            .collect();
        Self { columns, headers }
    }

    fn has_number(&self) -> bool {
        self.columns
            .iter()
            .any(|(place, _)| place.column == Column::AppNumber)
    }

    pub(super) fn recognised(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn wants(&self, at: usize) -> bool {
        self.columns.iter().any(|(_, column)| *column == at)
    }

    /// How many fields a record must have: up to the last named header, at most up to the last header.
    pub(super) fn widths(&self) -> Range<usize> {
        let named = self
            .headers
            .iter()
            .rposition(|header| !header.is_empty())
            .map_or(0, |last| last + 1);
        named..self.headers.len() + 1
    }

    /// The understood cells of a row.
    pub(super) fn row(
        &self,
        number: u64,
        mut cell: impl FnMut(usize, Column) -> Option<Cell>,
    ) -> Row {
        let cells = self.columns.iter().filter_map(|(place, at)| {
            cell(*at, place.column).map(|value| (place.column, self.headers[*at].clone(), value))
        });
        Row {
            number,
            place: None,
            cells: cells.collect(),
        }
    }
}

/// A header and where it stands among the rows looked at.
pub(super) struct Found {
    pub(super) at: usize,
    pub(super) plan: Plan,
    /// Does it name the application number?
    pub(super) certain: bool,
}

/// Looks for the header in the first rows of a table.
pub(super) fn find(rows: &[Vec<String>]) -> Option<Found> {
    let plans: Vec<Plan> = rows
        .iter()
        .take(HEADER_ROWS)
        .map(|row| Plan::of(row))
        .collect();
    if let Some(at) = plans.iter().position(Plan::has_number) {
        return plans.into_iter().nth(at).map(|plan| Found {
            at,
            plan,
            certain: true,
        });
    }
    let (at, plan) = plans
        .into_iter()
        .enumerate()
        .find(|(_, plan)| plan.recognised() >= 3)?;
    let misplaced = |row: &Vec<String>| {
        let named = plan.columns.iter();
        named
            .filter(|(place, _)| !matches!(place.column, Column::PubNumber | Column::GrantNumber))
            .any(|(_, column)| {
                row.get(*column)
                    .is_some_and(|cell| holds_application_number(cell))
            })
    };
    rows.iter().skip(at + 1).any(misplaced).then_some(Found {
        at,
        plan,
        certain: false,
    })
}

/// The error that says which headers were seen: those of the row that was understood best.
pub(super) fn missing(rows: &[Vec<String>]) -> SheetError {
    let filled = |row: &&Vec<String>| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let best = rows
        .iter()
        .take(HEADER_ROWS)
        .rev()
        .max_by_key(|row| (Plan::of(row).recognised(), filled(row)))
        .map(|row| {
            row.iter()
                .map(|cell| cell.trim().chars().take(60).collect::<String>())
        });
    let seen = best
        .into_iter()
        .flatten()
        .filter(|cell| !cell.is_empty())
        .take(60)
        .collect();
    SheetError::NoHeader { seen }
}
