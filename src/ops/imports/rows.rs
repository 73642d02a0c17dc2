//! The blocking half of an import: a file becomes batches of read rows, bounded in number and in size.

use std::path::Path;

use tokio::sync::mpsc;

use crate::{
    domain::intake::{self, Cell, Intake, Mapping, Reject, Row},
    sheet::{self, RowProblem, SheetError},
};

/// Rows in one transaction, at most.
const BATCH_ROWS: usize = 500;
/// Text in one transaction, bytes: a batch ends with the row that reaches it. Four batches are in memory at
/// once (read, two waiting, written), the written one several times over.
const BATCH_BYTES: usize = 2 << 20;

/// One row of the file, read.
pub enum Item {
    Good(Box<Intake>),
    /// With the cells that were read of it, if any.
    Bad(Reject, Option<Vec<(String, String)>>),
}

impl Item {
    /// About how much text the row holds.
    fn bytes(&self) -> usize {
        match self {
            Self::Good(intake) => {
                let patent = &intake.patent;
                let prose = [
                    &patent.abstract_text,
                    &patent.main_claim,
                    &patent.status_text,
                ];
                let prose: usize = prose.into_iter().flatten().map(String::len).sum();
                let names = [&patent.applicants, &patent.owners, &patent.inventors];
                let names: usize = names.into_iter().flatten().map(String::len).sum();
                patent.title.len() + prose + names
            }
            Self::Bad(reject, cells) => {
                let cells = cells.iter().flatten();
                reject.value.len() + cells.map(|(_, text)| text.len()).sum::<usize>()
            }
        }
    }
}

/// The blocking half: file to batches of read rows.
pub fn parse(
    path: &Path,
    limits: &sheet::Limits,
    mapping: &Mapping,
    send: &mpsc::Sender<Result<Vec<Item>, SheetError>>,
) {
    let rows = match sheet::open_as(path, None, limits, mapping) {
        Ok(rows) => rows,
        Err(problem) => {
            let _ = send.blocking_send(Err(problem));
            return;
        }
    };
    let mut batch = Outgoing {
        items: Vec::new(),
        bytes: 0,
        send,
    };
    for row in rows {
        let item = match row {
            Ok(row) => match intake::read_row(&row) {
                Ok(intake) => Item::Good(Box::new(intake)),
                Err(reject) => Item::Bad(reject, cells_of(&row)),
            },
            Err(RowProblem::Rejected(reject)) => Item::Bad(reject, None),
            Err(RowProblem::Fatal(problem)) => {
                if batch.flush() {
                    let _ = send.blocking_send(Err(problem));
                }
                return;
            }
        };
        if !batch.push(item) {
            return;
        }
    }
    batch.flush();
}

/// The batch being filled. Its methods say `false` when nobody listens any more.
struct Outgoing<'a> {
    items: Vec<Item>,
    bytes: usize,
    send: &'a mpsc::Sender<Result<Vec<Item>, SheetError>>,
}

impl Outgoing<'_> {
    fn push(&mut self, item: Item) -> bool {
        self.bytes += item.bytes();
        self.items.push(item);
        let full = self.items.len() == BATCH_ROWS || self.bytes >= BATCH_BYTES;
        !full || self.flush()
    }

    fn flush(&mut self) -> bool {
        self.bytes = 0;
        let items = std::mem::take(&mut self.items);
        items.is_empty() || self.send.blocking_send(Ok(items)).is_ok()
    }
}

/// The longest cell, and the most of a row, that is kept for whoever mends it, bytes.
const CELL_BYTES: usize = 4_000;
const ROW_BYTES: usize = 8_000;

/// The cells of a refused row as texts, without control characters, which no record keeps and PostgreSQL cannot. A text
/// too long to be kept whole is left out: an empty cell erases nothing.
fn cells_of(row: &Row) -> Option<Vec<(String, String)>> {
    let mut left = ROW_BYTES;
    let mut cells = Vec::with_capacity(row.cells.len());
    let plain = |text: &str| -> String {
        let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        text.chars().filter(kept).collect()
    };
    for (_, header, cell) in &row.cells {
        let text = match cell {
            Cell::Text(text) => plain(text),
            Cell::Number(number) => format!("{number}"),
            Cell::List(items) => plain(&items.join(";")),
        };
        if text.len() <= CELL_BYTES.min(left) {
            left -= text.len();
            cells.push((plain(header), text));
        }
    }
    (!cells.is_empty()).then_some(cells)
}
