//! Small files made in a test, and what reading a whole file gives.

use std::{collections::BTreeMap, io::Write as _, path::Path};

use kaixu::{
    domain::intake::{Cell, Column, Intake, Reject, Row, read_row},
    sheet::{Limits, RowProblem, SheetError},
};
use tempfile::NamedTempFile;
use zip::{ZipWriter, write::SimpleFileOptions};

/// Everything that a file gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Row number and what the row says.
    pub good: Vec<(u64, Intake)>,
    pub rejects: Vec<Reject>,
    pub fatal: Option<SheetError>,
}

impl Outcome {
    /// How many rows were refused by each code.
    pub fn by_code(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for reject in &self.rejects {
            *counts.entry(reject.code.as_str()).or_default() += 1;
        }
        counts
    }

    /// The row of this number in the file.
    pub fn row(&self, number: u64) -> &Intake {
        &self
            .good
            .iter()
            .find(|(row, _)| *row == number)
            .expect("a good row of this number")
            .1
    }
}

/// Reads a whole file.
pub fn read(path: &Path) -> Outcome {
    read_within(path, &Limits::default())
}

pub fn read_within(path: &Path, limits: &Limits) -> Outcome {
    let mut outcome = Outcome::default();
    let rows = match kaixu::sheet::open(path, None, limits) {
        Ok(rows) => rows,
        Err(error) => {
            return Outcome {
                fatal: Some(error),
                ..outcome
            };
        }
    };
    for row in rows {
        match row.map(|row| (row.number, read_row(&row))) {
            Ok((number, Ok(intake))) => outcome.good.push((number, intake)),
            Ok((_, Err(reject))) | Err(RowProblem::Rejected(reject)) => {
                outcome.rejects.push(reject);
            }
            Err(RowProblem::Fatal(error)) => outcome.fatal = Some(error),
        }
    }
    outcome
}

/// A file with these bytes.
pub fn file(bytes: impl AsRef<[u8]>) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes.as_ref()).expect("written");
    file.flush().expect("flushed");
    file
}

/// Reads these bytes as a file.
pub fn read_bytes(bytes: impl AsRef<[u8]>) -> Outcome {
    read(file(bytes).path())
}

/// A row of a table as the sheet readers give it: cells of one column in order of preference.
pub fn row(cells: &[(&str, &str)]) -> Row {
    row_of(
        cells
            .iter()
            .map(|(header, text)| (*header, Cell::Text((*text).to_owned()))),
    )
}

pub fn row_of<'a>(cells: impl IntoIterator<Item = (&'a str, Cell)>) -> Row {
    let placed = cells
        .into_iter()
        .filter_map(|(header, cell)| Some((Column::of_header(header)?, header, cell)));
    let mut placed: Vec<_> = placed.collect();
    placed.sort_by_key(|(place, ..)| *place);
    let cells = placed
        .into_iter()
        .map(|(place, header, cell)| (place.column, header.to_owned(), cell));
    Row {
        number: 2,
        place: None,
        cells: cells.collect(),
    }
}

/// The parts of a workbook, zipped.
pub fn workbook(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("an archive").into_inner()
}

pub const WORKBOOK: &str = r#"<workbook xmlns:r="r"><sheets><sheet name="A" r:id="rId1"/><sheet name="B" r:id="rId2"/></sheets></workbook>"#;
pub const RELATIONS: &str = r#"<Relationships><Relationship Id="rId1" Target="worksheets/one.xml"/><Relationship Id="rId2" Target="/xl/worksheets/two.xml"/></Relationships>"#;

/// A workbook of two sheets, the second of which holds these rows (raw XML between the `sheetData` tags).
pub fn workbook_of(shared: &str, rows: &str) -> Vec<u8> {
    let strings = format!("<sst>{shared}</sst>");
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    workbook(&[
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/sharedStrings.xml", &strings),
        (
            "xl/worksheets/one.xml",
            "<worksheet><sheetData/></worksheet>",
        ),
        ("xl/worksheets/two.xml", &sheet),
    ])
}
