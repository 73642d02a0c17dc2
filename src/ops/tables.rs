//! Sheets that a holder fills in beside its stock (cards, annual fees): read whole within small bounds, their headers
//! matched as a whole whatever their width and signs; what is wrong with a row is told with its cell.

use std::path::Path;

use bytes::Bytes;
use futures_util::Stream;
use unicode_normalization::UnicodeNormalization as _;

use super::{Error, Fault, Result, Services, uploads};
use crate::{
    domain::{
        codes::AppNo,
        intake::{Cell, Reject, text_of},
        text::{Lang, Text},
    },
    sheet::{self, Table, TableRow},
};

/// The most rows of a sheet, and the largest, bytes.
const MAX_ROWS: u64 = 5_000;
const MAX_BYTES: u64 = 32 << 20;

/// What comes with a sheet.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Id or USCC; one's own where absent.
    pub organisation: Option<String>,
    /// Check everything, write nothing.
    pub dry_run: bool,
    pub file_name: Option<String>,
}

/// What is wrong with one row.
#[derive(Clone, Debug)]
pub struct Told {
    pub row: u64,
    pub number: String,
    pub column: String,
    pub code: String,
    pub text: Text,
    pub cure: Option<Text>,
}

/// A column of such a sheet.
pub(super) trait Heading: Copy + PartialEq + 'static {
    const ALL: &'static [Self];
    /// The column that names the patent.
    const NUMBER: Self;

    fn title(self) -> &'static str;
    /// Other headers that mean the same, separated by blanks.
    fn others(self) -> &'static str;
    fn is_date(self) -> bool {
        false
    }
    /// Where a fault of this column points to.
    fn pointer(self) -> &'static str;

    fn of_header(header: &str) -> Option<Self> {
        let said = fold(header);
        let means = |column: &&Self| {
            let names = std::iter::once(column.title()).chain(column.others().split(' '));
            names.map(fold).any(|name| name == said)
        };
        Self::ALL.iter().find(means).copied()
    }
}

/// Headers of the application number, beside its title.
pub(super) const NUMBER_HEADERS: &str =
    "申请号 专利号申请号 申请号专利号 专利申请号 patentNumber number applicationNumber";

fn fold(text: &str) -> String {
    let kept = text.nfkc().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// A sheet with its columns understood.
pub(super) struct Sheet<C> {
    table: Table,
    columns: Vec<Option<C>>,
}

impl<C: Heading> Sheet<C> {
    /// Receives and reads one: a number and another known column at least, each once.
    pub(super) async fn receive(
        services: &Services,
        name: Option<&str>,
        upload: impl Stream<Item = Result<Bytes>>,
    ) -> Result<Self> {
        let limit = services.limits.upload_bytes.min(MAX_BYTES);
        let (file, _) = uploads::spool(services, limit, upload).await?;
        let table = read::<C>(services, file.path(), name).await?;
        let columns: Vec<Option<C>> = table
            .headers
            .iter()
            .map(|header| C::of_header(header))
            .collect();
        let has_number = columns.contains(&Some(C::NUMBER));
        let others = columns.iter().flatten().filter(|c| **c != C::NUMBER);
        if !has_number || others.count() == 0 {
            let titles: Vec<&str> = C::ALL.iter().map(|column| column.title()).collect();
            let titles = titles.join("、");
            return Err(Error::fault(
                "",
                "headerMissing",
                format!("表头须有“专利号”和至少一项内容；可用表头：{titles}。"),
                format!("The header needs a number and one item at least; headers are: {titles}."),
            ));
        }
        let twice =
            |(at, column): (usize, &Option<C>)| column.is_some() && columns[..at].contains(column);
        if let Some(at) = columns.iter().enumerate().position(twice) {
            let header = &table.headers[at];
            return Err(Error::fault(
                "",
                "headerTwice",
                format!("表头“{header}”的内容出现了两次，请只留一列。"),
                format!("Two columns are {header:?}; keep one."),
            ));
        }
        Ok(Self { table, columns })
    }

    pub(super) fn rows(&self) -> &[TableRow] {
        &self.table.rows
    }

    /// Headers that nothing is read of.
    pub(super) fn ignored(&self) -> Vec<String> {
        let all = self.table.headers.iter().zip(&self.columns);
        let unread = all.filter(|(header, column)| column.is_none() && !header.is_empty());
        unread.map(|(header, _)| header.clone()).collect()
    }

    pub(super) fn cell<'r>(&self, row: &'r TableRow, column: C) -> Option<&'r Cell> {
        let at = self.columns.iter().position(|c| *c == Some(column))?;
        let cells = row.cells.as_ref().ok()?;
        cells
            .iter()
            .find(|(place, _)| *place == at)
            .map(|(_, cell)| cell)
    }

    pub(super) fn said(&self, row: &TableRow, column: C) -> String {
        let said = self.cell(row, column).and_then(text_of);
        said.unwrap_or_default().trim().to_owned()
    }

    pub(super) fn number(&self, row: &TableRow) -> Option<AppNo> {
        let said = self.said(row, C::NUMBER);
        AppNo::parse(&said).ok().map(|(number, _)| number)
    }

    /// The number of a row, or that it is none.
    pub(super) fn wanted_number(&self, row: &TableRow) -> Result<AppNo> {
        self.number(row).ok_or_else(|| {
            let said = self.said(row, C::NUMBER);
            Error::fault(
                C::NUMBER.pointer(),
                "numberInvalid",
                format!("“{said}”不是申请号。"),
                format!("{said:?} is no application number."),
            )
        })
    }

    /// A fault of a row, at its cell.
    pub(super) fn told(&self, row: &TableRow, fault: Fault) -> Told {
        let of = |column: &&C| column.pointer() == fault.pointer;
        let column = C::ALL.iter().find(of).copied();
        let at = self
            .columns
            .iter()
            .position(|c| c.is_some() && *c == column);
        let header = at.and_then(|at| self.table.headers.get(at)).cloned();
        Told {
            row: row.number,
            number: self.said(row, C::NUMBER),
            column: header.unwrap_or_else(|| column.map_or("", C::title).to_owned()),
            code: fault.code.to_owned(),
            text: fault.text,
            cure: fault.cure.map(|cure| *cure),
        }
    }

    /// What an error says of a row; what is no fault of the row ends the sheet.
    pub(super) fn refused(&self, row: &TableRow, error: Error) -> Result<Told> {
        match error {
            Error::Invalid(faults) | Error::Prevented { faults, .. } => {
                let first = faults.into_iter().next();
                let first = first.ok_or_else(|| Error::Internal("refused for nothing".into()))?;
                Ok(self.told(row, first))
            }
            other => Err(other),
        }
    }
}

/// A line that is no row of a table.
pub(super) fn unreadable(row: &TableRow, reject: &Reject) -> Told {
    let text = |lang| reject.code.reason(lang).to_owned();
    let cure = |lang| reject.code.remedy(lang).to_owned();
    Told {
        row: row.number,
        number: String::new(),
        column: reject.column.clone(),
        code: reject.code.as_str().to_owned(),
        text: Text::new(text(Lang::Zh), text(Lang::En)),
        cure: Some(Text::new(cure(Lang::Zh), cure(Lang::En))),
    }
}

/// The patent is not the holder's.
pub(super) fn not_in_stock<C: Heading>() -> Error {
    Error::fault(
        C::NUMBER.pointer(),
        "notInStock",
        "这件专利不在本单位存量里，请先导入。",
        "This patent is not in the holder's stock; import it first.",
    )
}

async fn read<C: Heading>(services: &Services, path: &Path, name: Option<&str>) -> Result<Table> {
    let limits = sheet::Limits {
        rows: MAX_ROWS.min(services.limits.sheet.rows),
        inflated_bytes: services.limits.sheet.inflated_bytes.min(64 << 20),
        line_bytes: services.limits.sheet.line_bytes.min(64 << 10),
        shared_strings_bytes: services.limits.sheet.shared_strings_bytes.min(32 << 20),
        ..services.limits.sheet.clone()
    };
    let (path, name) = (path.to_owned(), name.map(str::to_owned));
    let reading = tokio::task::spawn_blocking(move || {
        let known = |header: &str| C::of_header(header).map(C::is_date);
        sheet::read_table(&path, name.as_deref(), &limits, &known)
    });
    let table = reading
        .await
        .map_err(|e| Error::Internal(format!("reader: {e}")))?;
    table.map_err(|problem| {
        let zh = format!("{}。", problem.text(Lang::Zh));
        let en = format!("{}.", problem.text(Lang::En));
        Error::fault("", problem.as_str(), zh, en)
    })
}
