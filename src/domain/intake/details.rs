//! Everything about a patent that is not its identity: classes, names, texts, status, region, use.

use super::{
    Cell, Column, Reject, RejectCode, WarningCode,
    cells::{DayError, day_of, looks_coded, looks_like_organisation, text_of},
    columns::holds_application_number,
    conversion::conversion_of,
    names::{items_of, names_of},
    read::Reader,
    status,
    wording::{industry_of, push_new, read_ipc, read_locarno, read_region},
};
use crate::domain::{
    codes::{Ipc, Locarno, Uscc},
    holding::Conversion,
    patent::{LegalStatus, PatentKind, Region},
    time::Day,
};

const ABSTRACT_CHARS: usize = 20_000;
const CLAIM_CHARS: usize = 50_000;
const NAME_CHARS: usize = 200;
const STATUS_CHARS: usize = 2_000;

impl Reader<'_> {
    /// IPC symbols (main class first) of inventions and utility models, Locarno classes of designs.
    pub(super) fn classes(&mut self, kind: PatentKind) -> Result<(Vec<Ipc>, Vec<Locarno>), Reject> {
        let (mut ipc, mut locarno): (Vec<Ipc>, Vec<Locarno>) = (Vec::new(), Vec::new());
        for column in [Column::IpcMain, Column::Ipc, Column::Locarno] {
            for (header, cell) in self.cells(column) {
                for item in items_of(cell) {
                    let symbols = read_ipc(&item);
                    if kind != PatentKind::Design && !symbols.is_empty() {
                        for symbol in symbols {
                            push_new(&mut ipc, symbol);
                        }
                    } else if let (PatentKind::Design, Some(class)) = (kind, read_locarno(&item)) {
                        push_new(&mut locarno, class);
                    } else if looks_like_organisation(&item) || holds_application_number(&item) {
                        return Err(self.refuse(header, RejectCode::ShiftedColumns, &item));
                    } else {
                        self.warn(header, WarningCode::ClassDropped, &item);
                    }
                }
            }
        }
        Ok((ipc, locarno))
    }

    /// The names of the preferred column that has readable ones.
    pub(super) fn names(&mut self, column: Column) -> Result<Vec<String>, Reject> {
        let ranked = column != Column::Inventors;
        for (header, cell) in self.cells(column) {
            let names = names_of(cell, ranked);
            for name in &names.damaged {
                self.warn(header, WarningCode::NameDropped, name);
            }
            for name in &names.good {
                if looks_coded(name) || !name.chars().any(char::is_alphabetic) {
                    return Err(self.refuse(header, RejectCode::ShiftedColumns, name));
                }
                if name.chars().count() > NAME_CHARS {
                    return Err(self.refuse(header, RejectCode::TooLong, name));
                }
            }
            if !names.good.is_empty() {
                return Ok(names.good);
            }
        }
        Ok(Vec::new())
    }

    pub(super) fn abstract_text(&mut self) -> Result<Option<String>, Reject> {
        let Some((header, text)) = self.text(Column::Abstract) else {
            return Ok(None);
        };
        self.checked_prose(header, text, ABSTRACT_CHARS)
    }

    /// The first claim: of a list its first item.
    pub(super) fn main_claim(&mut self) -> Result<Option<String>, Reject> {
        for (header, cell) in self.cells(Column::MainClaim) {
            let text = match cell {
                Cell::List(_) => items_of(cell).into_iter().next(),
                _ => text_of(cell),
            };
            if let Some(text) = text {
                return self.checked_prose(header, text, CLAIM_CHARS);
            }
        }
        Ok(None)
    }

    fn checked_prose(
        &mut self,
        header: &str,
        text: String,
        limit: usize,
    ) -> Result<Option<String>, Reject> {
        if text.chars().count() > limit {
            return Err(self.refuse(header, RejectCode::TooLong, &text));
        }
        if looks_coded(&text) {
            return Err(self.refuse(header, RejectCode::ShiftedColumns, &text));
        }
        if text.contains('\u{fffd}') {
            self.warn(header, WarningCode::TextDamaged, &text);
            return Ok(None);
        }
        Ok(Some(text))
    }

    pub(super) fn short(&self, column: Column) -> Result<Option<String>, Reject> {
        match self.text(column) {
            Some((header, text)) if text.chars().count() > NAME_CHARS => {
                Err(self.refuse(header, RejectCode::TooLong, &text))
            }
            found => Ok(found.map(|(_, text)| text)),
        }
    }

    pub(super) fn status(&mut self) -> Result<(LegalStatus, Option<String>, Option<Day>), Reject> {
        let (text, validity) = (self.text(Column::StatusText), self.text(Column::Validity));
        for (header, text) in text.iter().chain(&validity) {
            if looks_coded(text) || looks_like_organisation(text) {
                return Err(self.refuse(header, RejectCode::ShiftedColumns, text));
            }
            if text.chars().count() > STATUS_CHARS {
                return Err(self.refuse(header, RejectCode::TooLong, text));
            }
        }
        let said = status::read(
            text.as_ref().map(|(_, t)| t.as_str()),
            validity.as_ref().map(|(_, t)| t.as_str()),
        );
        if let Some((header, raw)) = text.as_ref().or(validity.as_ref()) {
            if said.conflict {
                self.warn(
                    header,
                    WarningCode::StatusConflict,
                    said.text.as_deref().unwrap_or_default(),
                );
            } else if said.status == LegalStatus::Unknown && raw != LegalStatus::Unknown.as_str() {
                self.warn(header, WarningCode::StatusUnknown, raw);
            }
        }
        let as_of = if text.is_some() || validity.is_some() {
            self.as_of()
        } else {
            None
        };
        Ok((said.status, said.text, as_of))
    }

    fn as_of(&mut self) -> Option<Day> {
        self.said_day(Column::StatusAsOf)
    }

    /// 导出日期: the day for which the row speaks.
    pub(super) fn source_day(&mut self) -> Option<Day> {
        self.said_day(Column::SourceDay)
    }

    fn said_day(&mut self, column: Column) -> Option<Day> {
        let found = self.cells(column).find(|(_, cell)| text_of(cell).is_some());
        let (header, cell) = found?;
        match day_of(cell) {
            Ok(day) => day,
            Err(DayError::MonthOnly(first)) => {
                self.warn(header, WarningCode::MonthOnly, &text_of(cell)?);
                Some(first)
            }
            Err(_) => {
                self.warn(header, WarningCode::DateUnreadable, &text_of(cell)?);
                None
            }
        }
    }

    pub(super) fn region(&self) -> Option<Region> {
        self.cells(Column::Region)
            .find_map(|(_, cell)| read_region(&text_of(cell)?))
    }

    pub(super) fn industries(&mut self) -> Vec<String> {
        let mut codes = Vec::new();
        for (header, cell) in self.cells(Column::Industry) {
            for item in items_of(cell) {
                match industry_of(&item) {
                    Some(code) => push_new(&mut codes, code),
                    None => self.warn(header, WarningCode::ClassDropped, &item),
                }
            }
        }
        codes
    }

    pub(super) fn conversion(&mut self) -> Option<Conversion> {
        let (header, text) = self.text(Column::Conversion)?;
        let conversion = conversion_of(&text);
        if conversion == Conversion::Unknown && text != Conversion::Unknown.as_str() {
            self.warn(header, WarningCode::ConversionUnclear, &text);
        }
        Some(conversion)
    }

    pub(super) fn credit_codes(&mut self) {
        for (header, cell) in self.cells(Column::Uscc) {
            for item in items_of(cell)
                .into_iter()
                .filter(|item| Uscc::parse(item).is_err())
            {
                self.warn(header, WarningCode::CreditCodeWrong, &item);
            }
        }
    }
}
