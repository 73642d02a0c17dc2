//! JSON lines: one object a line, in the field names of the test data and of our own export.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
};

use serde_json::{Map, Value};

use super::{
    Limits, RowProblem, SheetError,
    source::{Bytes, Source, io_problem},
};
use crate::domain::{
    codes::region,
    intake::{Cell, Column, Mapping, Place, Reject, RejectCode, Row, keys_of},
};

/// Keys remembered with their columns; a file with more kinds of keys only reads slower.
const KEYS: usize = 256;

pub(super) fn open(
    source: &Source,
    limits: &Limits,
    mapping: &Mapping,
) -> Result<JsonRows, SheetError> {
    let input = BufReader::with_capacity(1 << 16, source.open()?);
    Ok(JsonRows {
        input,
        line_bytes: limits.line_bytes,
        line: 0,
        places: HashMap::new(),
        mapping: mapping.clone(),
    })
}

/// The rows of a file of JSON lines.
pub(super) struct JsonRows {
    input: BufReader<Bytes>,
    pub(super) line_bytes: usize,
    /// Of the last line, from 1.
    pub(super) line: u64,
    places: HashMap<String, Option<Place>>,
    mapping: Mapping,
}

impl Iterator for JsonRows {
    type Item = Result<Row, RowProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.read_line() {
                Ok(line) => line?,
                Err(error) => return Some(Err(error.into())),
            };
            let text = line.trim_ascii();
            if !text.is_empty() {
                return Some(self.row(text).map_err(RowProblem::from));
            }
        }
    }
}

impl JsonRows {
    /// The next line; of one beyond the limit one byte too many.
    pub(super) fn read_line(&mut self) -> Result<Option<Vec<u8>>, SheetError> {
        let mut line = Vec::new();
        let mut any = false;
        loop {
            let buffer = self.input.fill_buf().map_err(|error| io_problem(&error))?;
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(b'\n', buffer);
            let take = end.unwrap_or(buffer.len());
            let room = (self.line_bytes + 1).saturating_sub(line.len());
            line.extend_from_slice(&buffer[..take.min(room)]);
            self.input.consume(end.map_or(take, |at| at + 1));
            if end.is_some() {
                break;
            }
        }
        self.line += 1;
        if self.line == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        Ok(any.then_some(line))
    }

    /// A line as an object.
    pub(super) fn object(&self, line: &[u8]) -> Result<Map<String, Value>, Reject> {
        let refuse = |code, value: &str| Reject::new(self.line, "", code, value);
        if line.len() > self.line_bytes {
            let head = String::from_utf8_lossy(&line[..300]).replace('\u{fffd}', "?");
            return Err(refuse(RejectCode::LineTooLong, &head));
        }
        let Ok(text) = std::str::from_utf8(line) else {
            let lossy = String::from_utf8_lossy(line).replace('\u{fffd}', "?");
            return Err(refuse(RejectCode::WrongEncoding, &lossy));
        };
        serde_json::from_str(text).map_err(|_| refuse(RejectCode::BadJson, text))
    }

    fn row(&mut self, line: &[u8]) -> Result<Row, Reject> {
        let object = self.object(line)?;
        let mut found: Vec<(Place, String, Cell)> = Vec::with_capacity(object.len());
        for (key, value) in object {
            let place = self.place(&key);
            if let Some((place, cell)) =
                place.and_then(|place| Some((place, cell_of(place.column, value)?)))
            {
                found.push((place, key, cell));
            }
        }
        found.sort_by_key(|(place, ..)| *place);
        let cells = found
            .into_iter()
            .map(|(place, key, cell)| (place.column, key, cell))
            .collect();
        Ok(Row {
            number: self.line,
            place: None,
            cells,
        })
    }

    fn place(&mut self, key: &str) -> Option<Place> {
        if let Some(known) = self.places.get(key) {
            return *known;
        }
        let said = keys_of(&[key.to_owned()]);
        let said = said.first().and_then(|name| self.mapping.said(name));
        let place = match said {
            Some(field) => field.map(|column| Place { column, rank: 0 }),
            None => Column::of_key(key),
        };
        if self.places.len() < KEYS && key.len() <= 120 {
            self.places.insert(key.to_owned(), place);
        }
        place
    }
}

/// The value of a key, whatever the column.
pub(super) fn plain(value: Value) -> Option<Cell> {
    cell_of(Column::Title, value)
}

fn cell_of(column: Column, value: Value) -> Option<Cell> {
    match value {
        Value::String(text) => Some(Cell::Text(text)),
        Value::Number(number) => number.as_f64().map(Cell::Number),
        Value::Bool(truth) => Some(Cell::Text(truth.to_string())),
        Value::Array(items) => Some(Cell::List(items.into_iter().filter_map(scalar).collect())),
        Value::Object(region) if column == Column::Region => region_text(&region).map(Cell::Text),
        Value::Object(_) | Value::Null => None,
    }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Code or name of a region; not where it was inferred from an applicant's name.
fn region_text(object: &Map<String, Value>) -> Option<String> {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    if text("from") == Some("applicant_name") {
        return None;
    }
    let code = text("code").filter(|code| region::name_of(code).is_some());
    code.or_else(|| text("province"))
        .or_else(|| text("name"))
        .map(str::to_owned)
}
