//! The publications of an application: A, B, U and S numbers, the days beside them, and how far the record
//! is along. A single 公开(公告)日 belongs to the document whose number stands beside it.

use super::{
    Cell, Column, Reject, RejectCode, WarningCode,
    cells::{DayError, day_of, looks_coded, text_of},
    read::Reader,
    wording::stage_of_date,
};
use crate::domain::{
    codes::{AppNo, PubNo},
    patent::{PatentKind, Stage},
    time::Day,
};

/// What the publications of one application are called and when they came.
#[derive(Default)]
pub(super) struct Documents {
    pub(super) publication_number: Option<PubNo>,
    pub(super) publication_date: Option<Day>,
    pub(super) grant_number: Option<PubNo>,
    pub(super) grant_date: Option<Day>,
    /// Every date of a publication or grant under its header; none may lie before the filing.
    dates: Vec<(String, Day)>,
}

impl<'a> Reader<'a> {
    /// Sorts publication and grant numbers by their letters, and their dates with them.
    pub(super) fn documents(
        &mut self,
        kind: PatentKind,
        worded: Stage,
    ) -> Result<Documents, Reject> {
        let mut documents = Documents::default();
        let mut beside_date = None;
        for column in [Column::GrantNumber, Column::PubNumber] {
            for (header, cell) in self.cells(column) {
                let Some(number) = self.publication(header, cell, kind)? else {
                    continue;
                };
                if column == Column::PubNumber {
                    beside_date.get_or_insert(number.stage());
                }
                let slot = match number.stage() {
                    Stage::Granted => &mut documents.grant_number,
                    _ => &mut documents.publication_number,
                };
                slot.get_or_insert(number);
            }
        }
        if let Some((day, header)) = self.day(Column::GrantDate)? {
            documents.grant_date = Some(day);
            documents.dates.push((header.to_owned(), day));
        }
        if let Some((day, header)) = self.day(Column::PublicationDate)? {
            let stage = beside_date
                .or_else(|| stage_of_date(kind, worded, header, documents.grant_date.is_some()));
            documents.dates.push((header.to_owned(), day));
            match stage {
                Some(Stage::Granted) => documents.grant_date = documents.grant_date.or(Some(day)),
                Some(_) => documents.publication_date = Some(day),
                None => self.warn(header, WarningCode::DateUnassigned, &day.to_string()),
            }
        }
        if let Some((day, header)) = self.day(Column::FirstPublicationDate)? {
            documents.dates.push((header.to_owned(), day));
            if kind == PatentKind::Invention {
                documents.publication_date = documents.publication_date.or(Some(day));
            }
        }
        Ok(documents)
    }

    fn publication(
        &mut self,
        header: &str,
        cell: &Cell,
        kind: PatentKind,
    ) -> Result<Option<PubNo>, Reject> {
        let Some(text) = text_of(cell) else {
            return Ok(None);
        };
        if let Ok(number) = PubNo::parse(&text) {
            let letters = match kind {
                PatentKind::Invention => ['A', 'B', 'C'],
                PatentKind::UtilityModel => ['U', 'Y', 'Y'],
                PatentKind::Design => ['S', 'D', 'D'],
            };
            let letter = number
                .as_str()
                .trim_start_matches("CN")
                .chars()
                .find(char::is_ascii_alphabetic);
            if letter.is_some_and(|letter| letters.contains(&letter)) {
                return Ok(Some(number));
            }
            return Err(self.refuse(header, RejectCode::KindLetterConflict, &text));
        }
        if looks_coded(&text) || !text.chars().any(|c| c.is_ascii_digit()) {
            return Err(self.refuse(header, RejectCode::ShiftedColumns, &text));
        }
        self.warn(header, WarningCode::PublicationUnreadable, &text);
        Ok(None)
    }

    /// The day of a core column. What is not a day there refuses the row.
    pub(super) fn day(&self, column: Column) -> Result<Option<(Day, &'a str)>, Reject> {
        for (header, cell) in self.cells(column) {
            let text = || text_of(cell).unwrap_or_default();
            match day_of(cell) {
                Ok(None) => {}
                Ok(Some(day)) if !(1985..2100).contains(&day.year()) => {
                    return Err(self.refuse(header, RejectCode::InconsistentDates, &text()));
                }
                Ok(Some(day)) => return Ok(Some((day, header))),
                Err(DayError::Impossible) => {
                    return Err(self.refuse(header, RejectCode::ImpossibleDate, &text()));
                }
                Err(DayError::MonthOnly(_)) => {
                    return Err(self.refuse(header, RejectCode::NotADate, &text()));
                }
                Err(DayError::NotADate) => {
                    let text = text();
                    let foreign = looks_coded(&text) || !text.chars().any(|c| c.is_ascii_digit());
                    let code = if foreign {
                        RejectCode::ShiftedColumns
                    } else {
                        RejectCode::NotADate
                    };
                    return Err(self.refuse(header, code, &text));
                }
            }
        }
        Ok(None)
    }

    pub(super) fn check_order(
        &mut self,
        number: &AppNo,
        filed: Option<Day>,
        documents: &Documents,
    ) -> Result<(), Reject> {
        let Some(filed) = filed else { return Ok(()) };
        if let Some((header, day)) = documents.dates.iter().find(|(_, day)| *day < filed) {
            return Err(self.refuse(
                header,
                RejectCode::InconsistentDates,
                &format!("{day} < {filed}"),
            ));
        }
        if filed.year() != number.year() {
            let header = self
                .text(Column::FilingDate)
                .map_or("", |(header, _)| header);
            self.warn(header, WarningCode::YearDiffers, &filed.to_string());
        }
        Ok(())
    }

    pub(super) fn stage(&self, worded: Stage, documents: &Documents) -> Stage {
        let own = self
            .text(Column::Stage)
            .map(|(_, text)| match text.as_str() {
                "granted" => Stage::Granted,
                "published" => Stage::Published,
                _ => Stage::Listed,
            });
        let granted = documents.grant_number.is_some() || documents.grant_date.is_some();
        let published =
            documents.publication_number.is_some() || documents.publication_date.is_some();
        let shown = if granted {
            Stage::Granted
        } else if published {
            Stage::Published
        } else {
            Stage::Listed
        };
        shown.max(worded).max(own.unwrap_or_default())
    }
}
