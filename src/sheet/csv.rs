//! CSV: delimiter and header found on the first records, then one record at a time. A quotation mark that
//! is never closed costs its own row, not the rest of the file.

use super::{
    Limits, RowProblem, SheetError,
    encoding::Encoding,
    headers::{self, Found, Plan, WINDOW_ROWS, Window},
    records::{Record, Records},
    source::Source,
};
use crate::domain::intake::{Cell, Mapping, Reject, RejectCode, Row};

/// Marks that may separate the fields; of those that show the same header the first.
pub(super) const DELIMITERS: [u8; 8] = [b',', b'\t', b';', b'|', b'^', b'~', b'#', 1];

/// Finds encoding, delimiter and header, and returns the rows below it.
pub(super) fn open(
    source: &Source,
    limits: &Limits,
    mapping: &Mapping,
) -> Result<(CsvRows, Vec<String>), SheetError> {
    let encoding = Encoding::detect(source)?;
    let mut best: Option<(u8, Found)> = None;
    let mut seen: Vec<Vec<String>> = Vec::new();
    for delimiter in DELIMITERS {
        let window = first_rows(source, encoding, delimiter, limits, WINDOW_ROWS)?;
        let window = Window::of_texts(window);
        let better = |found: &Found| {
            best.as_ref().is_none_or(|(_, old)| {
                (found.certain, found.plan.recognised()) > (old.certain, old.plan.recognised())
            })
        };
        if let Some(found) = headers::find(&window, mapping).filter(better) {
            best = Some((delimiter, found));
        }
        if width(&window.texts) > width(&seen) {
            seen = window.texts;
        }
    }
    let Some((delimiter, found)) = best else {
        return Err(headers::missing(&seen));
    };
    let bytes = encoding.transcode(source.open()?);
    let mut records = Records::new(bytes, delimiter, encoding.is_gb18030(), limits.line_bytes);
    for _ in 0..found.first {
        records.next()?;
    }
    let names = found.plan.headers.clone();
    Ok((
        CsvRows {
            records,
            encoding,
            plan: found.plan,
        },
        names,
    ))
}

pub(super) fn width(rows: &[Vec<String>]) -> usize {
    rows.iter().map(Vec::len).max().unwrap_or(0)
}

pub(super) fn first_rows(
    source: &Source,
    encoding: Encoding,
    delimiter: u8,
    limits: &Limits,
    most: usize,
) -> Result<Vec<Vec<String>>, SheetError> {
    let bytes = encoding.transcode(source.open()?);
    let mut records = Records::new(bytes, delimiter, encoding.is_gb18030(), limits.line_bytes);
    let mut rows = Vec::new();
    while rows.len() < most {
        match records.next()? {
            Some(Record::Fields(fields)) => {
                rows.push(
                    fields
                        .iter()
                        .map(|field| encoding.decode(field).unwrap_or_default())
                        .collect(),
                );
            }
            Some(Record::TooLong | Record::OpenQuote(_)) => rows.push(Vec::new()),
            None => break,
        }
    }
    Ok(rows)
}

/// The rows of a CSV file.
pub(super) struct CsvRows {
    records: Records,
    encoding: Encoding,
    plan: Plan,
}

impl Iterator for CsvRows {
    type Item = Result<Row, RowProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let record = match self.records.next() {
                Ok(record) => record?,
                Err(error) => return Some(Err(error.into())),
            };
            let number = self.records.number;
            match record {
                Record::Fields(fields)
                    if fields.iter().all(|field| field.trim_ascii().is_empty()) => {}
                Record::Fields(fields) => {
                    return Some(self.row(number, &fields).map_err(RowProblem::from));
                }
                Record::TooLong => {
                    return Some(Err(
                        Reject::new(number, "", RejectCode::LineTooLong, "").into()
                    ));
                }
                Record::OpenQuote(line) => {
                    let text = self.encoding.decode(&line).unwrap_or_default();
                    return Some(Err(
                        Reject::new(number, "", RejectCode::LineTooLong, &text).into()
                    ));
                }
            }
        }
    }
}

impl CsvRows {
    fn row(&self, number: u64, fields: &[Vec<u8>]) -> Result<Row, Reject> {
        let mut texts = texts_of(self.encoding, &self.plan.headers, number, fields)?;
        let widths = self.plan.widths();
        let surplus = texts
            .iter()
            .skip(widths.end - 1)
            .any(|text| !text.trim().is_empty());
        if texts.len() < widths.start || surplus {
            let value = format!("{} / {}", texts.len(), self.plan.headers.len());
            return Err(Reject::new(
                number,
                "",
                RejectCode::WrongColumnCount,
                &value,
            ));
        }
        Ok(self.plan.row(number, |at, _| {
            texts
                .get_mut(at)
                .map(|text| Cell::Text(std::mem::take(text)))
        }))
    }
}

/// The decoded fields of a record; a byte that does not belong refuses it.
pub(super) fn texts_of(
    encoding: Encoding,
    headers: &[String],
    number: u64,
    fields: &[Vec<u8>],
) -> Result<Vec<String>, Reject> {
    let mut texts = Vec::with_capacity(fields.len());
    for (at, field) in fields.iter().enumerate() {
        let Some(text) = encoding.decode(field) else {
            let header = headers.get(at).map_or("", String::as_str);
            let lossy = String::from_utf8_lossy(field).replace('\u{fffd}', "?");
            let code = RejectCode::WrongEncoding;
            return Err(Reject::new(number, header, code, &lossy));
        };
        texts.push(text);
    }
    Ok(texts)
}
