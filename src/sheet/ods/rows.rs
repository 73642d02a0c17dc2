//! The rows of one table of an OpenDocument: a cell's typed value counts, else its paragraphs. Comments, drawings and
//! recorded changes are not the table's.

use quick_xml::events::{BytesStart, Event};

use super::super::{
    SheetError,
    book::{CELL_BYTES, COLUMNS, SheetReader, SheetRow},
    headers::Plan,
    markup::{Xml, append, attribute, pass_over, xml_problem},
};
use crate::domain::intake::Cell;

/// What stands in a table without belonging to its cells.
const ASIDE: [&str; 12] = [
    "annotation",
    "frame",
    "custom-shape",
    "shapes",
    "forms",
    "tracked-changes",
    "named-expressions",
    "table-source",
    "scenario",
    "control",
    "g",
    "desc",
];

pub(super) struct SheetRows {
    xml: Xml,
    plan: Option<Plan>,
    row_bytes: usize,
    buffer: Vec<u8>,
    /// Of the last row given.
    number: u64,
    /// A row that is given several times, and how often still.
    repeated: Option<(SheetRow, u64)>,
    /// Tables that are open: one is ours.
    depth: usize,
    ended: bool,
}

/// The row being read.
#[derive(Default)]
struct Building {
    row: SheetRow,
    times: u64,
    column: usize,
    left: usize,
    cell: Option<Open>,
}

/// The cell being read.
#[derive(Default)]
struct Open {
    kind: String,
    value: Option<String>,
    text: String,
    paragraphs: usize,
    in_paragraph: bool,
    times: usize,
    rows: u64,
}

impl SheetRows {
    pub(super) fn new(xml: Xml, plan: Option<Plan>, row_bytes: usize) -> Self {
        Self {
            xml,
            plan,
            row_bytes,
            buffer: Vec::new(),
            number: 0,
            repeated: None,
            depth: 0,
            ended: false,
        }
    }

    /// The next row as it is written.
    fn written(&mut self) -> Result<Option<(SheetRow, u64)>, SheetError> {
        let mut building = Building::default();
        while !self.ended {
            self.buffer.clear();
            let event = self
                .xml
                .read_event_into(&mut self.buffer)
                .map_err(|error| xml_problem(&error))?;
            match event {
                Event::Start(e) => {
                    let aside = ASIDE.contains(&e.local_name().as_ref());
                    match e.local_name().as_ref() {
                        _ if aside => {}
                        "table" => {
                            self.depth += 1;
                            if self.depth == 1 {
                                continue;
                            }
                        }
                        name => building.start(name, &e, self.row_bytes),
                    }
                    // A table inside a cell is no part of ours.
                    if aside || self.depth > 1 {
                        self.depth = self.depth.min(1);
                        pass_over(&mut self.xml, &mut self.buffer)?;
                    }
                }
                Event::Empty(e) => {
                    let local = e.local_name();
                    let name = local.as_ref();
                    building.start(name, &e, self.row_bytes);
                    if let Some(row) = building.end(name, self.plan.as_ref()) {
                        return Ok(Some(row));
                    }
                }
                Event::End(e) => match e.local_name().as_ref() {
                    "table" => self.ended = true,
                    name => {
                        if let Some(row) = building.end(name, self.plan.as_ref()) {
                            return Ok(Some(row));
                        }
                    }
                },
                Event::Eof => return Err(SheetError::Truncated),
                event => building.text(&event, self.row_bytes),
            }
        }
        Ok(None)
    }
}

impl Building {
    fn start(&mut self, name: &str, element: &BytesStart<'_>, row_bytes: usize) {
        let count = |name: &str| attribute(element, name).and_then(|n| n.parse::<u64>().ok());
        match name {
            "table-row" => {
                *self = Self {
                    times: count("number-rows-repeated").unwrap_or(1).max(1),
                    left: row_bytes,
                    ..Self::default()
                };
            }
            "table-cell" | "covered-table-cell" => {
                let times = count("number-columns-repeated").unwrap_or(1).max(1);
                let kind = attribute(element, "value-type").unwrap_or_default();
                let value = match kind.as_str() {
                    "date" => attribute(element, "date-value"),
                    "boolean" => attribute(element, "boolean-value"),
                    "string" => attribute(element, "string-value"),
                    "float" | "currency" | "percentage" => attribute(element, "value"),
                    _ => None,
                };
                self.cell = Some(Open {
                    kind,
                    value,
                    times: usize::try_from(times).unwrap_or(COLUMNS).min(COLUMNS),
                    rows: count("number-rows-spanned").unwrap_or(1),
                    ..Open::default()
                });
            }
            "p" | "h" => {
                if let Some(cell) = &mut self.cell {
                    if cell.paragraphs > 0 {
                        cell.text.push('\n');
                    }
                    cell.paragraphs += 1;
                    cell.in_paragraph = true;
                }
            }
            "s" => {
                let blanks = count("c").unwrap_or(1).min(1000);
                self.push_text(row_bytes, &" ".repeat(usize::try_from(blanks).unwrap_or(1)));
            }
            "tab" => self.push_text(row_bytes, " "),
            "line-break" => self.push_text(row_bytes, "\n"),
            _ => {}
        }
    }

    fn push_text(&mut self, row_bytes: usize, text: &str) {
        if let Some(cell) = &mut self.cell
            && cell.text.len() <= row_bytes
        {
            cell.text.push_str(text);
        }
    }

    fn text(&mut self, event: &Event<'_>, row_bytes: usize) {
        if let Some(cell) = &mut self.cell
            && cell.in_paragraph
            && cell.text.len() <= row_bytes
        {
            append(&mut cell.text, event);
        }
    }

    /// Closes an element; a row that ends is given.
    fn end(&mut self, name: &str, plan: Option<&Plan>) -> Option<(SheetRow, u64)> {
        match name {
            "p" | "h" => {
                if let Some(cell) = &mut self.cell {
                    cell.in_paragraph = false;
                }
            }
            "table-cell" | "covered-table-cell" => {
                if let Some(cell) = self.cell.take() {
                    self.keep(cell, plan);
                }
            }
            "table-row" => return Some((std::mem::take(&mut self.row), self.times.max(1))),
            _ => {}
        }
        None
    }

    fn keep(&mut self, open: Open, plan: Option<&Plan>) {
        let first = self.column;
        self.column = self.column.saturating_add(open.times);
        let (rows, times) = (open.rows, open.times);
        let Some(cell) = open.cell() else { return };
        for at in first..first.saturating_add(times).min(COLUMNS) {
            if plan.is_some_and(|plan| !plan.wants(at)) {
                continue;
            }
            let length = match &cell {
                Cell::Text(text) => text.len(),
                Cell::Number(_) | Cell::List(_) => 0,
            };
            let Some(left) = self.left.checked_sub(length + CELL_BYTES) else {
                self.row.too_long = true;
                return;
            };
            self.left = left;
            self.row.cells.push((at, cell.clone()));
            if rows > 1 {
                // Counted from the row's own number, which is known when it is given.
                self.row.spans.push((at, rows - 1));
            }
        }
    }
}

impl Open {
    fn cell(self) -> Option<Cell> {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        match (self.kind.as_str(), self.value) {
            ("float" | "currency" | "percentage", Some(value)) => number(&value).map(Cell::Number),
            ("date" | "boolean" | "string", Some(value)) if !value.is_empty() => {
                Some(Cell::Text(value))
            }
            _ if self.text.is_empty() => None,
            _ => Some(Cell::Text(self.text)),
        }
    }
}

impl SheetReader for SheetRows {
    fn next(&mut self) -> Result<Option<SheetRow>, SheetError> {
        loop {
            let (row, times) = match self.repeated.take() {
                Some(repeated) => repeated,
                None => match self.written()? {
                    Some(written) => written,
                    None => return Ok(None),
                },
            };
            if row.cells.is_empty() && !row.too_long {
                self.number = self.number.saturating_add(times);
                continue;
            }
            self.number = self.number.saturating_add(1);
            if times > 1 {
                self.repeated = Some((row.clone(), times - 1));
            }
            let number = self.number;
            let end = |(at, more): (usize, u64)| (at, number.saturating_add(more));
            return Ok(Some(SheetRow {
                number,
                cells: row.cells,
                too_long: row.too_long,
                spans: row.spans.into_iter().map(end).collect(),
            }));
        }
    }
}
