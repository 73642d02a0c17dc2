//! XLS (Excel 97–2003, and 5.0/95): the stream of records in memory, up to a limit, with the places of its texts and
//! of a sheet's cells; never a whole table. Written here because the known reader lays every sheet out as a full
//! rectangle, so that two far cells take gigabytes.

mod compound;
mod rows;
mod stream;

use std::{fs::File, path::Path, sync::Arc};

use self::{
    rows::SheetRows,
    stream::{Pieces, Record, Stream},
};
use super::{
    Limits, SheetError,
    book::{Book, SHEETS, SheetReader},
    headers::Plan,
    source::io_problem,
};

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const FILE_PASS: u16 = 0x002f;
const CODE_PAGE: u16 = 0x0042;
const DATE_MODE: u16 = 0x0022;
const BOUND_SHEET: u16 = 0x0085;
const SHARED_STRINGS: u16 = 0x00fc;

/// An open workbook.
pub(super) struct Workbook {
    inner: Arc<Inner>,
    sheets: Vec<Sheet>,
    from_1904: bool,
    row_bytes: usize,
}

/// What the rows of every sheet refer to.
struct Inner {
    stream: Stream,
    shared: Pieces,
    /// Where each shared text begins.
    places: Vec<u32>,
}

struct Sheet {
    name: String,
    at: usize,
}

impl Inner {
    /// A shared text by its number.
    fn shared(&self, number: usize) -> Result<Option<String>, SheetError> {
        let Some(at) = self.places.get(number) else {
            return Ok(None);
        };
        let mut units = Vec::new();
        let mut cursor = self.shared.cursor(*at as usize);
        cursor.text(&self.stream, Some(&mut units))?;
        Ok(Some(String::from_utf16_lossy(&units)))
    }
}

impl Workbook {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, SheetError> {
        let mut file = File::open(path).map_err(|error| io_problem(&error))?;
        let length = file.metadata().map_err(|error| io_problem(&error))?.len();
        if length > limits.xls_bytes {
            return Err(SheetError::FormatTooBig {
                format: "XLS",
                limit_bytes: limits.xls_bytes,
            });
        }
        let bytes = compound::workbook_stream(&mut file)?;
        let mut stream = Stream {
            bytes,
            wide: true,
            code_page: 936,
        };
        stream.wide = is_wide(&stream)?;
        let globals = Globals::read(&mut stream)?;
        let (shared, places) = match globals.shared {
            Some(record) => {
                let pieces = stream.pieces(record)?;
                let places = places_of(&stream, &pieces)?;
                (pieces, places)
            }
            None => (Pieces::default(), Vec::new()),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                stream,
                shared,
                places,
            }),
            sheets: globals.sheets,
            from_1904: globals.from_1904,
            row_bytes: limits.line_bytes,
        })
    }
}

/// What stands before the first sheet.
#[derive(Default)]
struct Globals {
    sheets: Vec<Sheet>,
    from_1904: bool,
    shared: Option<Record>,
}

impl Globals {
    fn read(stream: &mut Stream) -> Result<Self, SheetError> {
        let mut globals = Self::default();
        let mut at = 0;
        while let Some(record) = stream.record(at)? {
            at = record.end;
            let body = stream.body(record);
            match record.id {
                EOF => break,
                FILE_PASS => return Err(SheetError::Protected),
                CODE_PAGE => stream.code_page = u16_of(body, 0).unwrap_or(936),
                DATE_MODE => globals.from_1904 = u16_of(body, 0) == Some(1),
                SHARED_STRINGS => globals.shared = Some(record),
                BOUND_SHEET if globals.sheets.len() < SHEETS => {
                    let name = sheet_name(stream, body);
                    if let (Some(at), Some(0)) = (u32_of(body, 0), body.get(5)) {
                        let at = at as usize;
                        globals.sheets.push(Sheet { name, at });
                    }
                }
                _ => {}
            }
        }
        // A stream without a list of sheets is one sheet by itself.
        if globals.sheets.is_empty() {
            let name = "Sheet1".into();
            globals.sheets.push(Sheet { name, at: 0 });
        }
        Ok(globals)
    }
}

impl Book for Workbook {
    fn sheets(&self) -> Vec<String> {
        self.sheets.iter().map(|sheet| sheet.name.clone()).collect()
    }

    fn reader(
        &mut self,
        sheet: usize,
        only: Option<&Plan>,
    ) -> Result<Option<Box<dyn SheetReader>>, SheetError> {
        let Some(sheet) = self.sheets.get(sheet) else {
            return Ok(None);
        };
        let inner = Arc::clone(&self.inner);
        let rows = SheetRows::new(inner, sheet.at, only.cloned(), self.row_bytes)?;
        Ok(Some(Box::new(rows)))
    }

    fn counts_from_1904(&self) -> bool {
        self.from_1904
    }
}

/// Which of the two ways of writing texts the first record names.
fn is_wide(stream: &Stream) -> Result<bool, SheetError> {
    let first = stream.record(0)?.ok_or(SheetError::Empty)?;
    match (first.id, u16_of(stream.body(first), 0)) {
        (BOF, Some(0x0600)) => Ok(true),
        (BOF, Some(0x0500)) => Ok(false),
        _ => Err(SheetError::Unsupported("XLS (Excel 2–4)".into())),
    }
}

fn sheet_name(stream: &Stream, body: &[u8]) -> String {
    let length = usize::from(body.get(6).copied().unwrap_or(0));
    let text = body.get(if stream.wide { 8 } else { 7 }..);
    let text = text.unwrap_or_default();
    match (stream.wide, body.get(7).is_some_and(|flags| flags & 1 != 0)) {
        (true, true) => {
            let (pairs, _) = text.as_chunks::<2>();
            let units: Vec<u16> = pairs
                .iter()
                .take(length)
                .map(|pair| u16::from_le_bytes(*pair))
                .collect();
            String::from_utf16_lossy(&units)
        }
        (true, false) => text.iter().take(length).map(|b| char::from(*b)).collect(),
        (false, _) => stream.narrow(&text[..length.min(text.len())]),
    }
}

/// Where each shared text begins.
fn places_of(stream: &Stream, pieces: &Pieces) -> Result<Vec<u32>, SheetError> {
    let head = stream.bytes.get(pieces.start()..).unwrap_or_default();
    let count = u32_of(head, 4).ok_or(SheetError::Truncated)?;
    let mut cursor = pieces.cursor(pieces.start() + 8);
    let mut places = Vec::new();
    for _ in 0..count {
        // Some programs count more texts than they write: a cell that names one of those is empty.
        if cursor.is_at_end() {
            break;
        }
        places.push(u32::try_from(cursor.at).map_err(|_| SheetError::Truncated)?);
        cursor.text(stream, None)?;
    }
    Ok(places)
}

fn u16_of(bytes: &[u8], at: usize) -> Option<u16> {
    let part = bytes.get(at..at + 2)?;
    Some(u16::from_le_bytes([part[0], part[1]]))
}

fn u32_of(bytes: &[u8], at: usize) -> Option<u32> {
    let part = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes([part[0], part[1], part[2], part[3]]))
}
