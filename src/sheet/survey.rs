//! A first look at a file: the headers of its tables and the first of their values, known or not, so that somebody can
//! say what they are. Nothing is refused here for a header that nobody knows; memory is bounded by the rows looked at.

use std::path::Path;

use super::{
    Format, Limits, SheetError, SkipReason, Skipped, book, bundle,
    csv::{self, DELIMITERS},
    encoding::Encoding,
    headers::{self, HEADER_ROWS, Window, is_number},
    json,
    source::{Content, Source},
};
use crate::domain::intake::{Cell, Column, Mapping, letters, text_of};

/// Rows looked at.
const ROWS: usize = 60;
/// Lines of JSON looked at.
const LINES: usize = 200;
/// The most columns told of a table.
const COLUMNS: usize = 400;
/// The longest value kept, characters.
const VALUE_CHARS: usize = 400;

/// What stands at the beginning of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    pub format: Format,
    pub tables: Vec<Surveyed>,
    /// The names of the sheets or members, where the file is more than one table.
    pub names: Vec<String>,
    pub skipped: Vec<Skipped>,
}

/// One table with the first of its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surveyed {
    /// As written; empty where the table has none.
    pub headers: Vec<String>,
    /// The values of each column.
    pub columns: Vec<Vec<Cell>>,
    /// How sure it is that this is a table of patents.
    rank: Rank,
}

/// By what a table was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// It is only the fullest of what is there.
    #[default]
    Fullest,
    /// A header of known columns without the number, which stands somewhere else.
    Shifted,
    /// A column holds application numbers.
    Values,
    /// A header names the number.
    Header,
}

impl Surveyed {
    /// What a person calls a column: its header, or its letters.
    pub fn name_of(&self, at: usize) -> String {
        let header = self.headers.get(at).map_or("", |header| header.trim());
        if header.is_empty() {
            letters(at)
        } else {
            header.to_owned()
        }
    }
}

/// Looks at the beginning of every table of a file. `mapping` says which headers already mean something.
pub fn survey(path: &Path, limits: &Limits, mapping: &Mapping) -> Result<Survey, SheetError> {
    let (source, content) = Source::detect(path, None, limits)?;
    match content {
        Content::Zip => bundle::survey(path, limits, mapping),
        other => single(path, &source, other, limits, mapping),
    }
}

/// The same of a file that is no archive of files.
pub(super) fn single(
    path: &Path,
    source: &Source,
    content: Content,
    limits: &Limits,
    mapping: &Mapping,
) -> Result<Survey, SheetError> {
    let one = |format, tables| Survey {
        format,
        tables,
        names: Vec::new(),
        skipped: Vec::new(),
    };
    Ok(match content {
        Content::Book(kind) => of_book(kind, path, limits, mapping)?,
        Content::Json => one(Format::JsonLines, vec![of_json(source, limits)?]),
        Content::Text => one(Format::Csv, vec![of_text(source, limits, mapping)?]),
        Content::Xml => one(Format::Xml, Vec::new()),
        Content::Zip => return Err(SheetError::Unsupported("ZIP".into())),
    })
}

fn of_book(
    kind: book::Kind,
    path: &Path,
    limits: &Limits,
    mapping: &Mapping,
) -> Result<Survey, SheetError> {
    let mut book = book::open_book(kind, path, limits)?;
    let mut found: Vec<(String, Surveyed)> = Vec::new();
    let mut skipped = Vec::new();
    for (at, name) in book.sheets().into_iter().enumerate() {
        let Some(mut reader) = book.reader(at, None)? else {
            continue;
        };
        let window = book::first_rows(reader.as_mut(), ROWS)?;
        if window.texts.is_empty() {
            skipped.push(Skipped {
                name,
                reason: SkipReason::Empty,
            });
        } else {
            found.push((name, lay_out(&window, mapping)));
        }
    }
    // A sheet of notes is a table only where nothing else is one.
    let best = found.iter().map(|(_, table)| table.rank).max();
    let Some(best) = best else {
        return Err(headers::missing(&[]));
    };
    let (tables, rest): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|(_, table)| table.rank > Rank::Fullest || best == Rank::Fullest);
    skipped.extend(rest.into_iter().map(|(name, _)| Skipped {
        name,
        reason: SkipReason::NoHeader,
    }));
    let several = tables.len() > 1 || !skipped.is_empty();
    let names = tables.iter().filter(|_| several).map(|(name, _)| name);
    Ok(Survey {
        format: kind.into(),
        names: names.cloned().collect(),
        tables: tables.into_iter().map(|(_, table)| table).collect(),
        skipped,
    })
}

fn of_text(source: &Source, limits: &Limits, mapping: &Mapping) -> Result<Surveyed, SheetError> {
    let encoding = Encoding::detect(source)?;
    let mut best: Option<((Rank, usize), Surveyed)> = None;
    for delimiter in DELIMITERS {
        let rows = csv::first_rows(source, encoding, delimiter, limits, ROWS)?;
        let rows = rows.into_iter().filter(|row| !row.is_empty()).collect();
        let window = Window::of_texts(rows);
        let table = lay_out(&window, mapping);
        let score = (table.rank, usual_width(&window));
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, table));
        }
    }
    best.map(|(_, table)| table).ok_or(SheetError::Empty)
}

/// The width that most rows have: a wrong delimiter gives them one column.
fn usual_width(window: &Window) -> usize {
    let mut widths: Vec<usize> = window.values.iter().map(Vec::len).collect();
    widths.sort_unstable();
    widths.get(widths.len() / 2).copied().unwrap_or(0)
}

fn of_json(source: &Source, limits: &Limits) -> Result<Surveyed, SheetError> {
    let mut lines = json::open(source, limits, &Mapping::default())?;
    let mut table = Surveyed {
        rank: Rank::Header,
        ..Surveyed::default()
    };
    let (mut read, mut rows) = (0, 0_usize);
    while read < LINES {
        let Some(line) = lines.read_line()? else {
            break;
        };
        read += 1;
        let Ok(object) = lines.object(line.trim_ascii()) else {
            continue;
        };
        for (key, value) in object {
            let known = table.headers.iter().position(|header| *header == key);
            let at = match known {
                Some(at) => at,
                None if table.headers.len() == COLUMNS || key.len() > VALUE_CHARS => continue,
                None => {
                    table.headers.push(key);
                    table.columns.push(Vec::new());
                    table.headers.len() - 1
                }
            };
            let column = &mut table.columns[at];
            column.resize(rows, Cell::Text(String::new()));
            column.push(short(
                &json::plain(value).unwrap_or(Cell::Text(String::new())),
            ));
        }
        rows += 1;
    }
    for column in &mut table.columns {
        column.resize(rows, Cell::Text(String::new()));
    }
    Ok(table)
}

/// Where the header of a table stands, and what is below it.
fn lay_out(window: &Window, mapping: &Mapping) -> Surveyed {
    let (rank, first, has_header) = place(window, mapping);
    let width = window.width().min(COLUMNS);
    let header = first.checked_sub(1).filter(|_| has_header);
    let headers = (0..width).map(|at| {
        let cell = header.and_then(|row| window.values.get(row)?.get(at));
        let text = cell.and_then(text_of).unwrap_or_default();
        text.chars().take(120).collect()
    });
    let column = |at: usize| {
        let rows = window.values.iter().skip(first);
        rows.map(|row| row.get(at).map_or(Cell::Text(String::new()), short))
            .collect()
    };
    Surveyed {
        headers: headers.collect(),
        columns: (0..width).map(column).collect(),
        rank,
    }
}

/// By what the table is found, the first row of data, and whether a header stands above it.
fn place(window: &Window, mapping: &Mapping) -> (Rank, usize, bool) {
    let found = headers::find(window, mapping);
    if let Some(found) = found.as_ref().filter(|found| found.certain) {
        return (Rank::Header, found.first, !mapping.is_headless());
    }
    if let Some((first, has_header)) = by_values(window) {
        return (Rank::Values, first, has_header);
    }
    if let Some(found) = found {
        return (Rank::Shifted, found.first, true);
    }
    let begin = headers::begin(window);
    match window.values.get(begin) {
        Some(row) if is_header(row) => (Rank::Fullest, begin + 1, true),
        _ => (Rank::Fullest, begin, false),
    }
}

/// A column that holds application numbers, with the row above the first of them, if that is a header.
fn by_values(window: &Window) -> Option<(usize, bool)> {
    let rows = &window.values;
    let hits = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        cells.filter(|cell| is_number(cell)).count()
    };
    let column = (0..window.width().min(COLUMNS))
        .rev()
        .max_by_key(|at| hits(*at))
        .filter(|at| hits(*at) > 0)?;
    let holds = |row: &Vec<Cell>| row.get(column).is_some_and(is_number);
    let first = rows.iter().position(holds)?;
    let below = rows.len() - first;
    if hits(column) * 2 < below {
        return None;
    }
    let above = rows[..first.min(HEADER_ROWS)].iter();
    let header = above.rev().position(|row| is_header(row));
    Some(match header {
        Some(back) => (first.min(HEADER_ROWS) - back, true),
        None => (headers::begin(window).min(first), false),
    })
}

/// Is this a row of names: short texts, at least two, different from each other, none of them a value?
fn is_header(row: &[Cell]) -> bool {
    let texts: Vec<String> = row.iter().filter_map(text_of).collect();
    let name = |text: &String| {
        text.chars().count() <= 40
            && text.chars().any(char::is_alphabetic)
            && !crate::domain::intake::is_value(text)
    };
    let known = texts
        .iter()
        .filter(|t| Column::of_header(t).is_some())
        .count();
    texts.len() >= 2 && (texts.iter().all(name) || known >= 2)
}

fn short(cell: &Cell) -> Cell {
    match cell {
        Cell::Text(text) if text.len() > VALUE_CHARS => {
            Cell::Text(text.chars().take(VALUE_CHARS).collect())
        }
        Cell::List(items) => Cell::List(items.iter().take(20).cloned().collect()),
        other => other.clone(),
    }
}
