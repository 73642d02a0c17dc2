//! What happened elsewhere, as a clerk's sheet or form says it: a declaration that was announced, a licence that
//! was taken. A line is read into days, terms and amounts of which nothing was guessed, or every cell that is
//! wrong is named with what to do. No IO: the files and parties that it names are looked up by `ops::records`.

mod columns;
mod declaration;
mod event;
mod fee_words;
mod fees;
mod flaw;
mod licence;
mod read;

pub use columns::{Column, HeaderFault, plan};
pub use declaration::{DeclarationLine, read_declaration};
pub use event::{EventLine, Said, event_day, latest_transfers, read_event};
pub use fees::read_terms;
pub use flaw::Flaw;
pub use licence::{LicenceLine, TakerLine, read_licence};

pub use super::amounts::{AmountError, RateError, rate_bp, whole, yuan};
use super::{
    intake::{Cell, text_of},
    words::words,
};

words! {
    /// Of what a sheet is a list.
    pub enum RecordKind {
        /// 已公告的开放许可声明
        Declarations = "declarations", "开放许可声明", "declarations";
        /// 已达成的开放许可
        Licences = "licences", "开放许可", "licences";
        /// 法律事件与法律状态
        Events = "events", "法律事件与状态", "legal events and statuses";
    }
}

/// One line of a sheet, or one form.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// As a person sees it.
    pub number: u64,
    /// Column, header as in the file, value.
    pub cells: Vec<(Column, String, Cell)>,
}

impl Line {
    pub(super) fn cell(&self, column: Column) -> Option<&Cell> {
        let mut cells = self.cells.iter();
        cells
            .find(|(known, ..)| *known == column)
            .map(|(.., cell)| cell)
    }

    /// What stands in a column; empty where nothing does.
    pub fn said(&self, column: Column) -> String {
        self.cell(column).and_then(text_of).unwrap_or_default()
    }

    /// The header under which this column stands in the file, or its usual one.
    pub fn header(&self, column: Column) -> &str {
        let mut cells = self.cells.iter();
        cells
            .find(|(known, ..)| *known == column)
            .map_or(column.title(), |(_, header, _)| header)
    }
}
