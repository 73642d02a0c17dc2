//! Reading a row of a foreign file into a patent. A row either becomes a patent of which nothing was
//! guessed, or is refused with the column, the reason and what to do. No IO: `sheet` brings the rows.

mod cells;
mod columns;
mod conversion;
mod details;
mod documents;
mod evidence;
mod guess;
mod mapping;
mod names;
mod raw;
mod read;
mod reject;
mod status;
mod wording;

pub use cells::{DayError, day_of, is_value, text_of};
pub use columns::{Column, Place, holds_application_number};
pub use conversion::conversion_of;
pub use guess::{Basis, Reading, Sample, mapping_of, named_twice, readings};
pub use mapping::{Mapping, column_named, keys_of, letters, signature};
pub use read::{read_due, read_row};
pub use reject::{Reject, RejectCode, Warning, WarningCode, excerpt};
pub use status::legal_status_of;
pub use wording::number_fault;

use std::sync::Arc;

use super::{holding::Conversion, patent::Patent, time::Day};

/// The value of a cell, before anything is made of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    /// A number of a spreadsheet or of JSON; in a date column an Excel serial day (1900 system).
    Number(f64),
    /// A JSON array: its items are taken as they are and never split.
    List(Vec<String>),
}

/// A row of a file, with the columns that we understand.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// As a person sees it: the sheet's row number with the header counted, or the line of a JSONL file.
    pub number: u64,
    /// Where in the file, if it holds several tables: `Sheet2!`, `[list.csv]`, `[list.xlsx]Sheet2!`. It stands before
    /// the columns of what is said about the row.
    pub place: Option<Arc<str>>,
    /// Column, header as in the file, value. Several cells of one column stand in order of preference.
    pub cells: Vec<(Column, String, Cell)>,
}

/// What a good row says.
#[derive(Clone, Debug, PartialEq)]
pub struct Intake {
    pub patent: Patent,
    /// What the row says of the holder's use; `None` where it says nothing.
    pub conversion: Option<Conversion>,
    /// 所属学院 or other sub-unit.
    pub unit: Option<String>,
    /// The day for which the row speaks, where it names one.
    pub source_day: Option<Day>,
    /// Cells as they stood, where the record does not say the same.
    pub raw: Vec<(Column, String)>,
    pub warnings: Vec<Warning>,
}
