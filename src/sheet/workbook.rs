//! A workbook of several sheets out: written sheet by sheet and row by row into a scratch file in constant memory. No cell is a
//! formula, whatever it begins with; an address is a link only where it is whole.

use std::{fs::File, io::Seek as _, path::Path};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::out::{NOT_IN_NAMES, OutError, SHEET_ROWS, Value};

/// A sheet that is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookSheet {
    /// Cut to what a sheet's name may be; no two of a book are alike.
    pub name: String,
    pub headers: Vec<String>,
    pub rows: Vec<Vec<BookCell>>,
}

/// A cell of such a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookCell {
    Plain(Value),
    /// Where something is; a link where it begins with `https://` or `http://`.
    Address(String),
}

impl From<&str> for BookCell {
    fn from(text: &str) -> Self {
        Self::Plain(Value::from(text.to_owned()))
    }
}

impl From<String> for BookCell {
    fn from(text: String) -> Self {
        Self::Plain(Value::from(text))
    }
}

impl From<i64> for BookCell {
    fn from(number: i64) -> Self {
        Self::Plain(Value::Number(number))
    }
}

impl From<usize> for BookCell {
    fn from(number: usize) -> Self {
        Self::from(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// The links that a sheet may have, and the longest.
const LINKS: usize = 65_530;
const LINK_BYTES: usize = 2_000;

/// Writes the book: the file from its beginning, the rows of all sheets, the bytes.
pub fn workbook(sheets: &[BookSheet], scratch: &Path) -> Result<(File, u64, u64), OutError> {
    std::fs::create_dir_all(scratch)?;
    let mut file = tempfile::tempfile_in(scratch)?;
    let mut book = Workbook::new();
    book.set_tempdir(scratch)?;
    let mut rows = 0;
    for sheet in sheets {
        write(&mut book, sheet)?;
        rows += sheet.rows.len() as u64;
    }
    book.save_to_writer(&mut file)?;
    let bytes = file.seek(std::io::SeekFrom::End(0))?;
    file.rewind()?;
    Ok((file, rows, bytes))
}

fn write(book: &mut Workbook, sheet: &BookSheet) -> Result<(), OutError> {
    if sheet.rows.len() as u64 > SHEET_ROWS {
        return Err(OutError::TooManyRows);
    }
    let page = book.add_worksheet_with_constant_memory()?;
    let name = sheet.name.replace(NOT_IN_NAMES, " ");
    let name: String = name.trim_matches('\'').chars().take(31).collect();
    page.set_name(name)?;
    page.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (at, title) in (0_u16..).zip(&sheet.headers) {
        page.set_column_width(at, 20)?;
        page.write_string_with_format(0, at, title, &bold)?;
    }
    let mut links = 0;
    for (row, cells) in (1_u32..).zip(&sheet.rows) {
        for (at, cell) in (0_u16..).zip(cells) {
            let written: Result<_, XlsxError> = match cell {
                BookCell::Plain(Value::Empty) => continue,
                BookCell::Plain(Value::Text(text)) => page.write_string(row, at, text),
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "counts and money stay far below 2^53"
                )]
                BookCell::Plain(Value::Number(number)) => {
                    page.write_number(row, at, *number as f64)
                }
                BookCell::Address(address) => {
                    let whole = ["https://", "http://"];
                    let whole = whole.iter().any(|scheme| address.starts_with(scheme));
                    if whole && links < LINKS && address.len() <= LINK_BYTES {
                        links += 1;
                        page.write_url(row, at, address.as_str())
                    } else {
                        page.write_string(row, at, address)
                    }
                }
            };
            written?;
        }
    }
    Ok(())
}
