//! The blocking half of an import: a file becomes batches of read rows, bounded in number and in size.

use std::path::Path;

use tokio::sync::mpsc;

use crate::{
    domain::intake::{self, Intake, Reject},
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
    Bad(Reject),
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
            Self::Bad(reject) => reject.value.len(),
        }
    }
}

/// The blocking half: file to batches of read rows.
pub fn parse(
    path: &Path,
    limits: &sheet::Limits,
    send: &mpsc::Sender<Result<Vec<Item>, SheetError>>,
) {
    let rows = match sheet::open(path, None, limits) {
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
            Ok(row) => {
                intake::read_row(&row).map_or_else(Item::Bad, |intake| Item::Good(Box::new(intake)))
            }
            Err(RowProblem::Rejected(reject)) => Item::Bad(reject),
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
