//! A small table as a whole, in memory and in the columns of its own header: for lists that are refused whole when
//! one header is not known. Rows and text are bounded; formats and encodings are those of every other file.

use std::path::Path;

use serde_json::Value;

use super::{
    Limits, SheetError, book,
    csv::{DELIMITERS, first_rows, texts_of, width},
    encoding::Encoding,
    headers::{HEADER_ROWS, WINDOW_ROWS},
    json,
    records::{Record, Records},
    source::{Content, Source},
};
use crate::domain::intake::{Cell, Mapping, Reject, RejectCode};

/// A table, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Of JSON lines: every key that occurs.
    pub headers: Vec<String>,
    pub rows: Vec<TableRow>,
}

/// One row: what a person sees as its number, and its cells by column, or why it cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    pub number: u64,
    pub cells: Result<Vec<(usize, Cell)>, Reject>,
}

/// What a header means to the caller: `None`: nothing; else, is it a column of days?
pub(super) type Known<'a> = &'a dyn Fn(&str) -> Option<bool>;

/// Reads a whole table: at most `limits.rows` rows and `limits.inflated_bytes` of text.
pub fn read_table(
    path: &Path,
    name: Option<&str>,
    limits: &Limits,
    known: &dyn Fn(&str) -> Option<bool>,
) -> Result<Table, SheetError> {
    let (source, content) = Source::detect(path, name, limits)?;
    let mut filling = Filling {
        table: Table::default(),
        limits,
        left: limits.inflated_bytes,
    };
    match content {
        Content::Book(kind) => book::read_table(kind, path, limits, known, &mut filling)?,
        Content::Zip => return Err(SheetError::Unsupported("ZIP".into())),
        Content::Xml => return Err(SheetError::Unsupported("XML".into())),
        Content::Json => read_json(&source, limits, &mut filling)?,
        Content::Text => read_csv(&source, limits, known, &mut filling)?,
    }
    Ok(filling.table)
}

/// Reads a whole table by place, its headings included: the first sheet of a workbook that is not empty, or a text file.
pub fn read_grid(
    path: &Path,
    name: Option<&str>,
    limits: &Limits,
) -> Result<Vec<TableRow>, SheetError> {
    let (source, content) = Source::detect(path, name, limits)?;
    let mut filling = Filling {
        table: Table::default(),
        limits,
        left: limits.inflated_bytes,
    };
    match content {
        Content::Book(kind) => book::read_grid(kind, path, limits, &mut filling)?,
        Content::Zip => return Err(SheetError::Unsupported("ZIP".into())),
        Content::Xml => return Err(SheetError::Unsupported("XML".into())),
        Content::Json => return Err(SheetError::Unsupported("JSON".into())),
        Content::Text => read_csv_grid(&source, limits, &mut filling)?,
    }
    Ok(filling.table.rows)
}

/// The delimiter is the one that parts the first rows into most columns.
fn read_csv_grid(
    source: &Source,
    limits: &Limits,
    filling: &mut Filling<'_>,
) -> Result<(), SheetError> {
    let encoding = Encoding::detect(source)?;
    let (mut delimiter, mut widest) = (DELIMITERS[0], 0);
    for candidate in DELIMITERS {
        let width = width(&first_rows(
            source,
            encoding,
            candidate,
            limits,
            WINDOW_ROWS,
        )?);
        if width > widest {
            (delimiter, widest) = (candidate, width);
        }
    }
    let bytes = encoding.transcode(source.open()?);
    let mut records = Records::new(bytes, delimiter, encoding.is_gb18030(), limits.line_bytes);
    while let Some(record) = records.next()? {
        let number = records.number;
        let cells = match record {
            Record::Fields(fields) if fields.iter().all(|f| f.trim_ascii().is_empty()) => continue,
            Record::Fields(fields) => texts_of(encoding, &[], number, &fields)
                .map(|texts| texts.into_iter().map(Cell::Text).enumerate().collect()),
            Record::TooLong | Record::OpenQuote(_) => {
                Err(Reject::new(number, "", RejectCode::LineTooLong, ""))
            }
        };
        filling.push(number, cells)?;
    }
    Ok(())
}

/// The table being filled, within its bounds.
pub(super) struct Filling<'a> {
    pub(super) table: Table,
    limits: &'a Limits,
    left: u64,
}

impl Filling<'_> {
    pub(super) fn push(
        &mut self,
        number: u64,
        cells: Result<Vec<(usize, Cell)>, Reject>,
    ) -> Result<(), SheetError> {
        if self.table.rows.len() as u64 >= self.limits.rows {
            let limit = self.limits.rows;
            return Err(SheetError::TooManyRows { limit });
        }
        let texts = cells.iter().flatten().map(|(_, cell)| match cell {
            Cell::Text(text) => text.len(),
            Cell::Number(_) | Cell::List(_) => 8,
        });
        let bytes = texts.sum::<usize>() as u64;
        self.left = self.left.checked_sub(bytes).ok_or(SheetError::TooBig {
            limit_bytes: self.limits.inflated_bytes,
        })?;
        self.table.rows.push(TableRow { number, cells });
        Ok(())
    }

    /// A row in which something stands outside every named column cannot be read.
    pub(super) fn checked(
        &self,
        number: u64,
        cells: Vec<(usize, Cell)>,
    ) -> Result<Vec<(usize, Cell)>, Reject> {
        let headers = &self.table.headers;
        let named = |at: usize| headers.get(at).is_some_and(|header| !header.is_empty());
        let says = |cell: &Cell| !matches!(cell, Cell::Text(text) if text.trim().is_empty());
        let stray = cells.iter().find(|(at, cell)| !named(*at) && says(cell));
        match stray {
            Some((_, cell)) => {
                let value = match cell {
                    Cell::Text(text) => text.clone(),
                    Cell::Number(number) => number.to_string(),
                    Cell::List(items) => items.join(";"),
                };
                let code = RejectCode::WrongColumnCount;
                Err(Reject::new(number, "", code, &value))
            }
            None => Ok(cells),
        }
    }
}

/// The first of the first rows that says at least two known headers, and how many.
pub(super) fn header_of(rows: &[Vec<String>], known: Known<'_>) -> Option<(usize, usize)> {
    let counts = rows.iter().take(HEADER_ROWS).map(|row| {
        let headers = row.iter().filter(|header| known(header).is_some());
        headers.count()
    });
    counts.enumerate().find(|(_, count)| *count >= 2)
}

pub(super) fn tidy(headers: &[String]) -> Vec<String> {
    headers
        .iter()
        .map(|header| header.trim().chars().take(120).collect())
        .collect()
}

/// What was seen instead of a header: the fullest of the first rows.
pub(super) fn no_header(rows: &[Vec<String>]) -> SheetError {
    let filled = |row: &&Vec<String>| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let best = rows.iter().take(HEADER_ROWS).rev().max_by_key(filled);
    let seen = best.into_iter().flatten().map(|cell| cell.trim());
    let seen = seen.filter(|cell| !cell.is_empty()).take(60);
    SheetError::NoHeader {
        seen: seen.map(|cell| cell.chars().take(60).collect()).collect(),
    }
}

fn read_csv(
    source: &Source,
    limits: &Limits,
    known: Known<'_>,
    filling: &mut Filling<'_>,
) -> Result<(), SheetError> {
    let encoding = Encoding::detect(source)?;
    let mut best: Option<(u8, usize, usize)> = None;
    let mut seen: Vec<Vec<String>> = Vec::new();
    for delimiter in DELIMITERS {
        let window = first_rows(source, encoding, delimiter, limits, WINDOW_ROWS)?;
        if let Some((at, count)) = header_of(&window, known)
            && best.is_none_or(|(_, _, most)| count > most)
        {
            best = Some((delimiter, at, count));
            filling.table.headers = tidy(&window[at]);
        }
        if width(&window) > width(&seen) {
            seen = window;
        }
    }
    let Some((delimiter, at, _)) = best else {
        return Err(no_header(&seen));
    };
    let bytes = encoding.transcode(source.open()?);
    let mut records = Records::new(bytes, delimiter, encoding.is_gb18030(), limits.line_bytes);
    for _ in 0..=at {
        records.next()?;
    }
    let headers = filling.table.headers.clone();
    let named = headers.iter().rposition(|header| !header.is_empty());
    while let Some(record) = records.next()? {
        let number = records.number;
        let too_long = |text: &str| Err(Reject::new(number, "", RejectCode::LineTooLong, text));
        let cells = match record {
            Record::Fields(fields) if fields.iter().all(|f| f.trim_ascii().is_empty()) => continue,
            Record::Fields(fields) => {
                texts_of(encoding, &headers, number, &fields).and_then(|texts| {
                    if named.is_some_and(|last| texts.len() <= last) {
                        let value = format!("{} / {}", texts.len(), headers.len());
                        let code = RejectCode::WrongColumnCount;
                        return Err(Reject::new(number, "", code, &value));
                    }
                    let cells = texts.into_iter().map(Cell::Text).enumerate();
                    filling.checked(number, cells.collect())
                })
            }
            Record::TooLong => too_long(""),
            Record::OpenQuote(line) => too_long(&encoding.decode(&line).unwrap_or_default()),
        };
        filling.push(number, cells)?;
    }
    Ok(())
}

/// The most different keys of a file of JSON lines.
const MAX_KEYS: usize = 200;

fn read_json(
    source: &Source,
    limits: &Limits,
    filling: &mut Filling<'_>,
) -> Result<(), SheetError> {
    let mut lines = json::open(source, limits, &Mapping::default())?;
    while let Some(line) = lines.read_line()? {
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let cells = lines.object(text).and_then(|object| {
            let mut cells = Vec::with_capacity(object.len());
            for (key, value) in object {
                let Some(cell) = cell_of(value) else { continue };
                let headers = &mut filling.table.headers;
                let at = headers.iter().position(|header| *header == key);
                let at = match at {
                    Some(at) => at,
                    None if headers.len() < MAX_KEYS && !key.trim().is_empty() => {
                        headers.push(key);
                        headers.len() - 1
                    }
                    None => {
                        let code = RejectCode::WrongColumnCount;
                        return Err(Reject::new(lines.line, &key, code, ""));
                    }
                };
                cells.push((at, cell));
            }
            Ok(cells)
        });
        filling.push(lines.line, cells)?;
    }
    Ok(())
}

/// Numbers that a float cannot hold exactly stay as they are written.
fn cell_of(value: Value) -> Option<Cell> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => Cell::Text(text),
        Value::Bool(truth) => Cell::Text(truth.to_string()),
        Value::Number(number) => match number.as_f64() {
            Some(value) if value.abs() < 1e15 => Cell::Number(value),
            _ => Cell::Text(number.to_string()),
        },
        Value::Array(_) | Value::Object(_) => Cell::Text(value.to_string()),
    })
}
