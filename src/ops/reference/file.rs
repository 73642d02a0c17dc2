//! The lines of a file. One row that cannot be read refuses it whole; what is wrong with its first rows is told at once.

use std::path::Path;

use crate::{
    domain::{
        reference::{Flaw, Kind, Layout, Line, MOST_LINES, Reading, header_of},
        text::Lang,
    },
    ops::{Error, Fault, Result, Services},
    sheet::{self, SheetError, TableRow},
};

/// Text of a file, inflated.
const TEXT_BYTES: u64 = 128 << 20;

/// Reads a file to its end; everything that is wrong with its first rows is told at once.
pub(super) async fn read(
    services: &Services,
    kind: Kind,
    path: &Path,
    name: Option<&str>,
) -> Result<Vec<Line>> {
    let limits = sheet::Limits {
        rows: MOST_LINES.min(services.limits.sheet.rows),
        inflated_bytes: services.limits.sheet.inflated_bytes.min(TEXT_BYTES),
        line_bytes: services.limits.sheet.line_bytes.min(64 << 10),
        ..services.limits.sheet.clone()
    };
    let (path, name) = (path.to_owned(), name.map(str::to_owned));
    let reading =
        tokio::task::spawn_blocking(move || lines_of(kind, &path, name.as_deref(), &limits)).await;
    let lines = reading.map_err(|e| Error::Internal(format!("reader: {e}")))??;
    if lines.len() as u64 > MOST_LINES {
        return Err(Error::fault(
            "",
            "tooManyRows",
            format!("最多 {MOST_LINES} 行。"),
            format!("At most {MOST_LINES} lines."),
        ));
    }
    Ok(lines)
}

fn unreadable(problem: &SheetError) -> Error {
    let zh = format!("{}。", problem.text(Lang::Zh));
    let en = format!("{}.", problem.text(Lang::En));
    Error::fault("", problem.as_str(), zh, en)
}

fn fault_of(flaw: Flaw) -> Fault {
    let pointer = match flaw.row {
        0 => String::new(),
        row => format!("/rows/{row}"),
    };
    Fault::new(pointer, flaw.code, flaw.text.zh, flaw.text.en)
}

/// Rows that are told to be wrong, at most.
const TOLD: usize = 20;

fn lines_of(
    kind: Kind,
    path: &Path,
    name: Option<&str>,
    limits: &sheet::Limits,
) -> Result<Vec<Line>> {
    let mut reading = Reading::new(kind);
    let mut faults: Vec<Fault> = Vec::new();
    let rows = match kind.layout() {
        Layout::Placed => sheet::read_grid(path, name, limits).map_err(|e| unreadable(&e))?,
        Layout::Headed => {
            let known = |header: &str| header_of(kind, header).map(|_| false);
            let table =
                sheet::read_table(path, name, limits, &known).map_err(|e| unreadable(&e))?;
            let columns: Vec<_> = table.headers.iter().map(|h| header_of(kind, h)).collect();
            let lacks = kind.lacks(&columns);
            if !lacks.is_empty() {
                let names = lacks.join(", ");
                return Err(Error::fault(
                    "",
                    "headerMissing",
                    format!("缺少列：{names}。"),
                    format!("Columns are missing: {names}."),
                ));
            }
            let headed = |row: TableRow| -> std::result::Result<(), Fault> {
                let number = row.number;
                let cells = row.cells.map_err(|reject| unread(number, &reject.value))?;
                let cells = cells.into_iter().filter_map(|(at, cell)| {
                    let column = columns.get(at).copied().flatten()?;
                    Some((column, cell))
                });
                let cells: Vec<_> = cells.collect();
                reading.take(number, &cells).map_err(fault_of)
            };
            let told = table
                .rows
                .into_iter()
                .map(headed)
                .filter_map(std::result::Result::err);
            faults.extend(told.take(TOLD));
            Vec::new()
        }
    };
    for row in rows {
        let number = row.number;
        let taken = match row.cells {
            Ok(cells) => reading.place(number, &cells).map_err(fault_of),
            Err(reject) => Err(unread(number, &reject.value)),
        };
        faults.extend(taken.err());
        if faults.len() == TOLD {
            break;
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    reading
        .finish()
        .map_err(|flaw| Error::Invalid(vec![fault_of(flaw)]))
}

fn unread(row: u64, value: &str) -> Fault {
    Fault::new(
        format!("/rows/{row}"),
        "rowUnreadable",
        format!("第 {row} 行无法读取：{value}"),
        format!("Row {row} cannot be read: {value}"),
    )
}
