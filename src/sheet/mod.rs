//! Files in, rows out: CSV, JSON lines (plain or gzip) and XLSX, read one row at a time. Memory stays below
//! 150 MB whatever the file: CSV and JSONL hold one record (≤ `line_bytes`) and, for CSV, as much lookahead;
//! a hostile JSON line of 1 MiB takes at most some 100 MB parsed; XLSX holds its shared strings (≤ `shared_strings_bytes`), a
//! directory of ≤ 8 MiB, one row (≤ `line_bytes`) and one XML event (≤ 4 MiB).

mod csv;
mod encoding;
mod error;
mod headers;
mod json;
mod layout;
mod out;
mod records;
mod rejects;
mod source;
mod table;
mod xlsx;

use std::path::Path;

pub use error::{RowProblem, SheetError};
pub use layout::{Layout, LayoutColumn, Layouts, Source as LayoutSource, Style};
pub use out::{OutError, OutFormat, Value, Writer};
pub use rejects::{csv_line, guarded, rejects_header, rejects_lines};
pub use table::{Table, TableRow, read_table};

use self::source::{Content, Source};
use crate::domain::intake::{Column, Row};

/// How much of a file is read at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Data rows.
    pub rows: u64,
    /// Bytes after decompression, of a gzip file or of one part of an XLSX.
    pub inflated_bytes: u64,
    /// Bytes of one line, record or sheet row; a longer one is refused alone.
    pub line_bytes: usize,
    /// Bytes of an XLSX's shared strings with their index, all in memory.
    pub shared_strings_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 2_000_000,
            inflated_bytes: 4 << 30,
            line_bytes: 1 << 20,
            shared_strings_bytes: 128 << 20,
        }
    }
}

/// The format of a file, told by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    JsonLines,
    Xlsx,
}

type Inner = Box<dyn Iterator<Item = Result<Row, RowProblem>> + Send>;

/// The rows of a file. Ends after a fatal problem.
pub struct Rows {
    inner: Inner,
    format: Format,
    columns: Vec<(String, Option<Column>)>,
    read: u64,
    limit: u64,
    finished: bool,
}

impl Rows {
    pub fn format(&self) -> Format {
        self.format
    }

    /// The headers of a table, and which of them are understood. Empty for JSON lines.
    pub fn columns(&self) -> &[(String, Option<Column>)] {
        &self.columns
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("format", &self.format)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl Iterator for Rows {
    type Item = Result<Row, RowProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let item = self.inner.next();
        self.finished = matches!(item, None | Some(Err(RowProblem::Fatal(_))));
        if !self.finished {
            self.read += 1;
            if self.read > self.limit {
                self.finished = true;
                return Some(Err(RowProblem::Fatal(SheetError::TooManyRows {
                    limit: self.limit,
                })));
            }
        }
        item
    }
}

/// Opens a file and finds its header. `name` is the name under which a person knows it; it only helps to
/// word errors, the content decides.
pub fn open(path: &Path, name: Option<&str>, limits: &Limits) -> Result<Rows, SheetError> {
    let (source, content) = Source::detect(path, name, limits)?;
    let (inner, format, columns): (Inner, _, _) = match content {
        Content::Xlsx => {
            let (rows, headers) = xlsx::open(path, limits)?;
            (Box::new(rows), Format::Xlsx, headers)
        }
        Content::Json => (
            Box::new(json::open(&source, limits)?),
            Format::JsonLines,
            Vec::new(),
        ),
        Content::Text => {
            let (rows, headers) = csv::open(&source, limits)?;
            (Box::new(rows), Format::Csv, headers)
        }
    };
    let columns = columns.into_iter().map(|header| {
        let column = Column::of_header(&header).map(|place| place.column);
        (header, column)
    });
    Ok(Rows {
        inner,
        format,
        columns: columns.collect(),
        read: 0,
        limit: limits.rows,
        finished: false,
    })
}
