//! One row into one patent: identity first, then everything that must agree with it. What contradicts the
//! number, or stands in the wrong column, refuses the row; what is merely unreadable is left out and said.

use super::{
    Cell, Column, Intake, Reject, RejectCode, Row, Warning, WarningCode,
    cells::{looks_coded, looks_like_organisation, text_of},
    columns::holds_application_number,
    raw::raw_cells,
    reject::excerpt,
    wording::{kind_of, number_fault},
};
use crate::domain::{
    codes::AppNo,
    due::DueNumber,
    patent::{CheckSource, LegalStatus, Patent, PatentKind, Stage},
};

const TITLE_CHARS: usize = 2_000;

/// Reads one row. Everything in the patent stands in the row; nothing is inferred from names.
pub fn read_row(row: &Row) -> Result<Intake, Reject> {
    let mut reader = Reader {
        row,
        warnings: Vec::new(),
    };
    reader.no_damage()?;
    let (number, check_source) = reader.number()?;
    let kind = number.kind();
    let title = reader.title()?;
    let worded = reader.kind_wording(kind)?;
    let documents = reader.documents(kind, worded)?;
    let filing_date = reader.day(Column::FilingDate)?.map(|(day, _)| day);
    reader.check_order(&number, filing_date, &documents)?;
    let (ipc, locarno) = reader.classes(kind)?;
    let status = reader.status()?;
    let patent = Patent {
        check_source,
        kind,
        title,
        abstract_text: reader.abstract_text()?,
        main_claim: reader.main_claim()?,
        ipc,
        locarno,
        industries: reader.industries(),
        applicants: reader.names(Column::Applicant)?,
        owners: reader.names(Column::Owner)?,
        inventors: reader.names(Column::Inventors)?,
        filing_date,
        stage: reader.stage(worded, &documents),
        publication_number: documents.publication_number,
        publication_date: documents.publication_date,
        grant_number: documents.grant_number,
        grant_date: documents.grant_date,
        legal_status: status.0,
        status_text: status.1,
        status_as_of: status.2,
        status_source: None,
        region: reader.region(),
        fictional: reader
            .text(Column::Fictional)
            .is_some_and(|(_, text)| text == "true"),
        number,
    };
    reader.credit_codes();
    let conversion = reader.conversion();
    let unit = reader.short(Column::Unit)?;
    let source_day = reader.source_day();
    Ok(Intake {
        raw: raw_cells(row, &patent, conversion),
        patent,
        conversion,
        unit,
        source_day,
        warnings: reader.warnings,
    })
}

/// Reads of a row its number alone and, where it says one, the status: what a list of due patents is taken for.
pub fn read_due(row: &Row) -> Result<DueNumber, Reject> {
    let mut reader = Reader {
        row,
        warnings: Vec::new(),
    };
    let (number, _) = reader.number()?;
    Ok(DueNumber {
        number,
        // What cannot be read of it is not said.
        legal_status: reader.status().map_or(LegalStatus::Unknown, |said| said.0),
        conversion: reader.conversion().unwrap_or_default(),
    })
}

pub(super) struct Reader<'a> {
    row: &'a Row,
    warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    pub(super) fn cells(
        &self,
        column: Column,
    ) -> impl Iterator<Item = (&'a str, &'a Cell)> + use<'a> {
        let cells = self.row.cells.iter();
        cells
            .filter(move |(c, _, _)| *c == column)
            .map(|(_, header, cell)| (header.as_str(), cell))
    }

    /// The first cell of a column that says something.
    pub(super) fn text(&self, column: Column) -> Option<(&'a str, String)> {
        self.cells(column)
            .find_map(|(header, cell)| text_of(cell).map(|text| (header, text)))
    }

    pub(super) fn refuse(&self, column: &str, code: RejectCode, value: &str) -> Reject {
        Reject::new(self.row.number, column, code, value).within(self.row.place.as_deref())
    }

    pub(super) fn warn(&mut self, column: &str, code: WarningCode, value: &str) {
        self.warnings.push(Warning {
            column: excerpt(column),
            code,
            value: excerpt(value),
        });
    }

    /// A replacement character where identity or names stand: the file was decoded wrongly before us.
    fn no_damage(&self) -> Result<(), Reject> {
        let lossy = |cell: &Cell| match cell {
            Cell::Text(text) => text.contains('\u{fffd}'),
            Cell::List(items) => items.iter().any(|item| item.contains('\u{fffd}')),
            Cell::Number(_) => false,
        };
        let prose = |column| matches!(column, Column::Abstract | Column::MainClaim);
        match self
            .row
            .cells
            .iter()
            .find(|(column, _, cell)| !prose(*column) && lossy(cell))
        {
            Some((_, header, cell)) => Err(self.refuse(
                header,
                RejectCode::WrongEncoding,
                &text_of(cell).unwrap_or_default(),
            )),
            None => Ok(()),
        }
    }

    fn number(&mut self) -> Result<(AppNo, CheckSource), Reject> {
        let mut found: Option<(AppNo, CheckSource)> = None;
        let mut failures: Vec<(&str, String, RejectCode)> = Vec::new();
        for (header, cell) in self.cells(Column::AppNumber) {
            let Some(text) = text_of(cell) else { continue };
            match (AppNo::parse(&text), &mut found) {
                (Ok((number, _)), Some((first, _))) if number != *first => {
                    return Err(self.refuse(header, RejectCode::NumbersDisagree, &text));
                }
                (Ok((_, CheckSource::Printed)), Some((_, source))) => {
                    *source = CheckSource::Printed;
                }
                (Ok(_), Some(_)) => {}
                (Ok(read), None) => found = Some(read),
                (Err(error), _) => {
                    let code = number_fault(&error, &text);
                    failures.push((header, text, code));
                }
            }
        }
        let Some((number, source)) = found else {
            return Err(self.no_number(failures.into_iter().next()));
        };
        for (header, text, _) in failures {
            self.warn(header, WarningCode::SecondNumberUnreadable, &text);
        }
        let computed_there = self
            .text(Column::CheckSource)
            .is_some_and(|(_, text)| matches!(text.as_str(), "false" | "computed"));
        let source = if computed_there {
            CheckSource::Computed
        } else {
            source
        };
        if source == CheckSource::Computed {
            let header = self
                .text(Column::AppNumber)
                .map_or("", |(header, _)| header);
            self.warn(header, WarningCode::CheckComputed, number.as_str());
        }
        Ok((number, source))
    }

    /// The refusal of a row without a readable number: shifted, where another column holds one.
    fn no_number(&self, failure: Option<(&str, String, RejectCode)>) -> Reject {
        let misplaced = self.row.cells.iter().find_map(|(column, header, cell)| {
            let named = !matches!(
                column,
                Column::AppNumber | Column::PubNumber | Column::GrantNumber
            );
            let text = text_of(cell).filter(|text| named && holds_application_number(text))?;
            Some((header.as_str(), text))
        });
        match (failure, misplaced) {
            (Some((header, text, RejectCode::NotANumber)), Some(_)) => {
                self.refuse(header, RejectCode::ShiftedColumns, &text)
            }
            (Some((header, text, code)), _) => self.refuse(header, code, &text),
            (None, Some((header, text))) => self.refuse(header, RejectCode::ShiftedColumns, &text),
            (None, None) => {
                let header = self
                    .cells(Column::AppNumber)
                    .next()
                    .map_or("申请号", |(header, _)| header);
                self.refuse(header, RejectCode::MissingNumber, "")
            }
        }
    }

    fn title(&self) -> Result<String, Reject> {
        let Some((header, text)) = self.text(Column::Title) else {
            let header = self
                .cells(Column::Title)
                .next()
                .map_or("标题", |(header, _)| header);
            return Err(self.refuse(header, RejectCode::MissingTitle, ""));
        };
        let title = text
            .split('\n')
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        if title.chars().count() > TITLE_CHARS {
            return Err(self.refuse(header, RejectCode::TooLong, &title));
        }
        if looks_coded(&title)
            || holds_application_number(&title)
            || !title.chars().any(char::is_alphabetic)
        {
            return Err(self.refuse(header, RejectCode::ShiftedColumns, &title));
        }
        Ok(title)
    }

    /// Checks every type column against the number and returns the stage that its wording names.
    fn kind_wording(&mut self, kind: PatentKind) -> Result<Stage, Reject> {
        let mut stage = Stage::Listed;
        for (header, cell) in self.cells(Column::Kind) {
            let Some(text) = text_of(cell) else { continue };
            if looks_coded(&text) || looks_like_organisation(&text) {
                return Err(self.refuse(header, RejectCode::ShiftedColumns, &text));
            }
            let (said, said_stage) = kind_of(&text);
            stage = stage.max(said_stage);
            match said {
                Some(said) if said != kind => {
                    return Err(self.refuse(header, RejectCode::KindConflict, &text));
                }
                None if said_stage == Stage::Listed => {
                    self.warn(header, WarningCode::KindUnknown, &text);
                }
                _ => {}
            }
        }
        Ok(stage)
    }
}
