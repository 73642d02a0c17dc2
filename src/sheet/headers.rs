//! Finding the header of a table: the first of the first ten rows that names an application number, by a usual wording
//! or as somebody has said. A table without such a column whose rows hold the number elsewhere has shifted columns: it
//! is read, so that every row can be refused with its reason. A table without a header is read only as somebody said.

use std::ops::Range;

use super::SheetError;
use crate::domain::intake::{
    Cell, Column, Mapping, Place, Row, holds_application_number, keys_of, letters, text_of,
};

/// Rows in which a header is looked for, and those behind them that may show shifted columns.
pub(super) const HEADER_ROWS: usize = 10;
pub(super) const WINDOW_ROWS: usize = 15;

/// The first rows of a table.
#[derive(Default)]
pub(super) struct Window {
    /// As their numbers are shown to people.
    pub(super) numbers: Vec<u64>,
    /// Texts alone: a number is no header.
    pub(super) texts: Vec<Vec<String>>,
    pub(super) values: Vec<Vec<Cell>>,
}

impl Window {
    /// Of a file that has texts alone.
    pub(super) fn of_texts(texts: Vec<Vec<String>>) -> Self {
        let cells = |row: &Vec<String>| row.iter().cloned().map(Cell::Text).collect();
        Self {
            numbers: (1..=texts.len() as u64).collect(),
            values: texts.iter().map(cells).collect(),
            texts,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.values.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// The row before the first one of data; 0 where there is none.
    pub(super) fn header_row(&self, first: usize) -> u64 {
        let before = first.checked_sub(1);
        before
            .and_then(|at| self.numbers.get(at).copied())
            .unwrap_or(0)
    }
}

/// Which columns to take, in the order in which a row offers them.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    columns: Vec<(Place, usize)>,
    pub(super) headers: Vec<String>,
    /// Fields that a record has at least.
    least: usize,
}

impl Plan {
    fn of(headers: &[String], mapping: &Mapping) -> Self {
        let keys = keys_of(headers);
        let places = headers.iter().enumerate();
        let mut columns: Vec<(Place, usize)> = places
            .filter_map(|(at, header)| {
                let place = match keys.get(at) {
                    Some(key) => mapping.place(key, header),
                    None => Column::of_header(header),
                };
                place.map(|place| (place, at))
            })
            .collect();
        columns.sort();
        // A blank cell alone is no header, whatever was said of a column without one.
        let named = columns
            .iter()
            .any(|(_, at)| !headers[*at].trim().is_empty());
        if !named {
            columns.clear();
        }
        let headers: Vec<String> = headers
            .iter()
            .map(|header| header.trim().chars().take(60).collect())
            .collect();
        let least = headers.iter().rposition(|header| !header.is_empty());
        Self {
            least: least.map_or(0, |last| last + 1),
            columns,
            headers,
        }
    }

    /// Of a table without a header: its columns are called by their letters.
    fn headless(width: usize, mapping: &Mapping) -> Self {
        let blank = vec![String::new(); width];
        let keys = keys_of(&blank);
        let places = keys.iter().enumerate();
        let mut columns: Vec<(Place, usize)> = places
            .filter_map(|(at, key)| mapping.place(key, "").map(|place| (place, at)))
            .collect();
        columns.sort();
        Self {
            columns,
            headers: (0..width).map(letters).collect(),
            least: 0,
        }
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
        self.least..self.headers.len() + 1
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

/// A header and where the rows below it begin among those looked at.
pub(super) struct Found {
    pub(super) first: usize,
    pub(super) plan: Plan,
    /// Does it name the application number?
    pub(super) certain: bool,
}

/// Looks for the header in the first rows of a table.
pub(super) fn find(window: &Window, mapping: &Mapping) -> Option<Found> {
    let rows = &window.texts;
    let plans: Vec<Plan> = rows
        .iter()
        .take(HEADER_ROWS)
        .map(|row| Plan::of(row, mapping))
        .collect();
    if let Some(at) = plans.iter().position(Plan::has_number) {
        return plans.into_iter().nth(at).map(|plan| Found {
            first: at + 1,
            plan,
            certain: true,
        });
    }
    if mapping.is_headless() {
        let plan = Plan::headless(window.width(), mapping);
        let holds = |row: &Vec<Cell>| {
            plan.columns.iter().any(|(place, at)| {
                place.column == Column::AppNumber && row.get(*at).is_some_and(is_number)
            })
        };
        return window.values.iter().any(holds).then(|| Found {
            first: begin(window),
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
        first: at + 1,
        plan,
        certain: false,
    })
}

pub(super) fn is_number(cell: &Cell) -> bool {
    text_of(cell).is_some_and(|text| holds_application_number(&text))
}

/// Where a table without a header begins: with the first row that is at least half as full as the fullest; above it
/// stand titles.
pub(super) fn begin(window: &Window) -> usize {
    let filled = |row: &Vec<Cell>| row.iter().filter(|cell| text_of(cell).is_some()).count();
    let most = window.values.iter().map(filled).max().unwrap_or(0);
    let full = window.values.iter().position(|row| filled(row) * 2 >= most);
    full.unwrap_or(0)
}

/// The error that says which headers were seen: those of the row that was understood best.
pub(super) fn missing(rows: &[Vec<String>]) -> SheetError {
    let nothing = Mapping::default();
    let filled = |row: &&Vec<String>| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let best = rows
        .iter()
        .take(HEADER_ROWS)
        .rev()
        .max_by_key(|row| (Plan::of(row, &nothing).recognised(), filled(row)))
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
