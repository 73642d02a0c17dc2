//! Tables out: XLSX, CSV (UTF-8 with the mark by which Excel knows it) or JSON lines, written row by row into a scratch file
//! in constant memory. No cell is a formula, whatever it begins with; nothing is cut off, a table that a format cannot
//! hold is refused.

use std::{
    fs::File,
    io::{BufWriter, Seek as _, Write as _},
    path::Path,
};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::rejects::{csv_line, guarded, guarded_line};

/// The format of a table that goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutFormat {
    Ndjson,
    /// UTF-8 with BOM, so that Excel reads it.
    Csv,
    Xlsx,
}

impl OutFormat {
    pub const WORDS: [&str; 3] = ["ndjson", "csv", "xlsx"];

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    pub const fn extension(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Empty,
    Text(String),
    Number(i64),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }
}

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutError {
    /// A sheet has 1,048,576 rows.
    #[error("a sheet holds at most {SHEET_ROWS} rows")]
    TooManyRows,
    #[error("{0}")]
    Failed(String),
}

impl From<std::io::Error> for OutError {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<XlsxError> for OutError {
    fn from(error: XlsxError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<serde_json::Error> for OutError {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Rows of data below the header of a sheet.
pub const SHEET_ROWS: u64 = 1_048_575;
/// The name of a sheet has at most 31 characters and none of these.
pub(super) const NOT_IN_NAMES: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];

/// A table being written.
pub struct Writer {
    inner: Inner,
    headers: Vec<String>,
    rows: u64,
}

enum Inner {
    Text(BufWriter<File>, OutFormat),
    Sheet(Box<Workbook>, File),
}

impl Writer {
    /// Begins a table with its header; scratch files lie in `scratch` and have no name.
    pub fn new(
        format: OutFormat,
        sheet: &str,
        headers: Vec<String>,
        scratch: &Path,
    ) -> Result<Self, OutError> {
        std::fs::create_dir_all(scratch)?;
        let mut file = tempfile::tempfile_in(scratch)?;
        let inner = match format {
            OutFormat::Ndjson => Inner::Text(BufWriter::new(file), format),
            OutFormat::Csv => {
                file.write_all("\u{feff}".as_bytes())?;
                file.write_all(&guarded_line(&headers))?;
                Inner::Text(BufWriter::new(file), format)
            }
            OutFormat::Xlsx => {
                let mut book = Workbook::new();
                book.set_tempdir(scratch)?;
                let bold = Format::new().set_bold();
                let page = book.add_worksheet_with_constant_memory()?;
                let name = sheet.replace(NOT_IN_NAMES, " ");
                let name: String = name.trim_matches('\'').chars().take(31).collect();
                if !name.trim().is_empty() {
                    page.set_name(name)?;
                }
                page.set_freeze_panes(1, 0)?;
                for (at, title) in (0_u16..).zip(&headers) {
                    page.set_column_width(at, 18)?;
                    page.write_string_with_format(0, at, title, &bold)?;
                }
                Inner::Sheet(Box::new(book), file)
            }
        };
        Ok(Self {
            inner,
            headers,
            rows: 0,
        })
    }

    /// Adds a row; it has as many cells as there are headers.
    pub fn row(&mut self, cells: &[Value]) -> Result<(), OutError> {
        self.rows += 1;
        match &mut self.inner {
            Inner::Text(out, OutFormat::Ndjson) => {
                let pairs = self.headers.iter().zip(cells);
                let object: serde_json::Map<String, serde_json::Value> = pairs
                    .map(|(name, value)| (name.clone(), json(value)))
                    .collect();
                serde_json::to_writer(&mut *out, &object)?;
                out.write_all(b"\n")?;
            }
            Inner::Text(out, _) => {
                let texts: Vec<String> = cells.iter().map(text).collect();
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                out.write_all(&csv_line(&texts))?;
            }
            Inner::Sheet(book, _) => {
                if self.rows > SHEET_ROWS {
                    return Err(OutError::TooManyRows);
                }
                let row = u32::try_from(self.rows).map_err(|_| OutError::TooManyRows)?;
                let page = book.worksheet_from_index(0)?;
                for (at, value) in (0_u16..).zip(cells) {
                    match value {
                        Value::Empty => {}
                        // A string cell, which no spreadsheet calculates.
                        Value::Text(text) => {
                            page.write_string(row, at, text)?;
                        }
                        #[expect(
                            clippy::cast_precision_loss,
                            reason = "counts and money stay far below 2^53"
                        )]
                        Value::Number(number) => {
                            page.write_number(row, at, *number as f64)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The whole file from its beginning, its rows and its bytes.
    pub fn finish(self) -> Result<(File, u64, u64), OutError> {
        let mut file = match self.inner {
            Inner::Text(out, _) => out
                .into_inner()
                .map_err(|error| OutError::Failed(error.to_string()))?,
            Inner::Sheet(mut book, mut file) => {
                book.save_to_writer(&mut file)?;
                file
            }
        };
        let bytes = file.seek(std::io::SeekFrom::End(0))?;
        file.rewind()?;
        Ok((file, self.rows, bytes))
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => guarded(text),
        Value::Number(number) => number.to_string(),
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Empty => serde_json::Value::Null,
        Value::Text(text) => text.clone().into(),
        Value::Number(number) => (*number).into(),
    }
}
