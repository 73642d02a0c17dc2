//! Files in, rows out: CSV, JSON lines, patent XML (each plain or gzip), XLSX, XLS, ODS, and ZIP of these, read one
//! row at a time. Memory stays below 300 MB whatever the file: text formats hold one record (≤ `line_bytes`) and,
//! for CSV, as much lookahead; a hostile JSON line of 1 MiB takes at most some 100 MB parsed; XLSX holds the places
//! of its shared strings and an eighth of `shared_strings_bytes` of them, a directory of ≤ 8 MiB, one row and one XML
//! event (≤ 4 MiB); XLS holds its stream (≤ `xls_bytes`) with the places of cells and texts, ODS its content
//! (≤ `ods_bytes`).

mod archive;
mod biblio;
mod book;
mod bundle;
mod csv;
mod encoding;
mod error;
mod headers;
mod json;
mod layout;
mod markup;
mod ods;
mod out;
mod records;
mod rejects;
mod source;
mod survey;
mod table;
mod workbook;
mod xls;
mod xlsx;

use std::path::{Path, PathBuf};

pub use book::{SkipReason, Skipped};
pub use error::{RowProblem, SheetError, Unsafe};
pub use layout::{Layout, LayoutColumn, Layouts, Source as LayoutSource, Style};
pub use out::{OutError, OutFormat, SHEET_ROWS, Value, Writer};
pub use rejects::{csv_line, guarded, guarded_line, rejects_header, rejects_lines};
pub use survey::{Survey, Surveyed, survey};
pub use table::{Table, TableRow, read_grid, read_table};
pub use workbook::{BookCell, BookSheet, workbook};

use self::{
    book::Kind,
    source::{Content, Source},
};
use crate::domain::intake::{Column, Mapping, Row, keys_of};

/// How much of a file is read at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Data rows.
    pub rows: u64,
    /// Bytes after decompression, of a gzip file or of one part of an XLSX.
    pub inflated_bytes: u64,
    /// Bytes of one line, record or sheet row; a longer one is refused alone.
    pub line_bytes: usize,
    /// Memory for an XLSX's shared strings: an eighth of it for texts, the rest for their places in a temporary file.
    pub shared_strings_bytes: usize,
    /// Bytes of an XLS file.
    pub xls_bytes: u64,
    /// Bytes of an ODS file's content, inflated.
    pub ods_bytes: u64,
    /// Where temporary files may stand.
    pub scratch: PathBuf,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 2_000_000,
            inflated_bytes: 4 << 30,
            line_bytes: 1 << 20,
            shared_strings_bytes: 128 << 20,
            xls_bytes: 64 << 20,
            ods_bytes: 50 << 20,
            scratch: std::env::temp_dir(),
        }
    }
}

/// The format of a file, told by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    JsonLines,
    Xlsx,
    Xls,
    Ods,
    /// Bibliographic data in XML (ST.36 or ST.96).
    Xml,
    /// An archive of files of the other formats.
    Zip,
}

impl From<Kind> for Format {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Xlsx => Self::Xlsx,
            Kind::Xls => Self::Xls,
            Kind::Ods => Self::Ods,
        }
    }
}

type Inner = Box<dyn Iterator<Item = Result<Row, RowProblem>> + Send>;

/// The rows of a file. Ends after a fatal problem.
pub struct Rows {
    inner: Inner,
    format: Format,
    columns: Vec<(String, Option<Column>)>,
    tables: Vec<String>,
    skipped: Vec<Skipped>,
    read: u64,
    limit: u64,
    finished: bool,
}

impl Rows {
    pub fn format(&self) -> Format {
        self.format
    }

    /// The headers of the first table, and which of them are understood. Empty for JSON lines and XML.
    pub fn columns(&self) -> &[(String, Option<Column>)] {
        &self.columns
    }

    /// The names of the sheets or members that are read; empty where the file is one table by itself.
    pub fn tables(&self) -> &[String] {
        &self.tables
    }

    /// The sheets that are not read.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
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
    open_as(path, name, limits, &Mapping::default())
}

/// The same, with what somebody has said of its columns.
pub fn open_as(
    path: &Path,
    name: Option<&str>,
    limits: &Limits,
    mapping: &Mapping,
) -> Result<Rows, SheetError> {
    let (source, content) = Source::detect(path, name, limits)?;
    let opened = match content {
        Content::Zip => bundle::open(path, limits, mapping)?,
        other => open_single(path, &source, other, limits, mapping)?,
    };
    let keys = keys_of(&opened.headers);
    let columns = opened.headers.into_iter().zip(keys).map(|(header, key)| {
        let column = mapping.place(&key, &header).map(|place| place.column);
        (header, column)
    });
    Ok(Rows {
        inner: opened.inner,
        format: opened.format,
        columns: columns.collect(),
        tables: opened.tables,
        skipped: opened.skipped,
        read: 0,
        limit: limits.rows,
        finished: false,
    })
}

/// A file with its header found.
struct Opened {
    inner: Inner,
    format: Format,
    headers: Vec<String>,
    tables: Vec<String>,
    skipped: Vec<Skipped>,
}

impl Opened {
    fn one(inner: Inner, format: Format, headers: Vec<String>) -> Self {
        Self {
            inner,
            format,
            headers,
            tables: Vec::new(),
            skipped: Vec::new(),
        }
    }
}

/// Opens a file that is no archive of files.
fn open_single(
    path: &Path,
    source: &Source,
    content: Content,
    limits: &Limits,
    mapping: &Mapping,
) -> Result<Opened, SheetError> {
    Ok(match content {
        Content::Book(kind) => {
            let opened = book::open(kind, path, limits, mapping)?;
            let mut tables = opened.read;
            if tables.len() == 1 && opened.skipped.is_empty() {
                tables.clear();
            }
            Opened {
                inner: Box::new(opened.rows),
                format: kind.into(),
                headers: opened.headers,
                tables,
                skipped: opened.skipped,
            }
        }
        Content::Json => {
            let rows = json::open(source, limits, mapping)?;
            Opened::one(Box::new(rows), Format::JsonLines, Vec::new())
        }
        Content::Xml => {
            let rows = biblio::open(source, limits)?;
            Opened::one(Box::new(rows), Format::Xml, Vec::new())
        }
        Content::Text => {
            let (rows, headers) = csv::open(source, limits, mapping)?;
            Opened::one(Box::new(rows), Format::Csv, headers)
        }
        Content::Zip => return Err(SheetError::Unsupported("ZIP".into())),
    })
}
