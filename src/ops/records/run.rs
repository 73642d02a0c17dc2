//! A list from its file to its report: read whole on a blocking thread, then line by line.

use std::{collections::BTreeSet, path::Path};

use super::{
    attempt::{Desk, Done},
    header,
    report::{Rejected, Report},
};
use crate::{
    domain::{
        access::Actor,
        file::FileRef,
        intake::Reject,
        record::{Column, Flaw, Line, RecordKind, event_day, latest_transfers},
    },
    ops::{Error, Result, Services},
    sheet::{self, Table},
};

/// The most lines of a list.
const MAX_ROWS: u64 = 5_000;

/// A list's file, and what is known of it.
#[derive(Clone)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) name: Option<&'a str>,
    /// Files that will be stored before it is recorded in earnest.
    pub(super) promised: &'a [String],
    /// The list itself, where it is kept.
    pub(super) document: Option<FileRef>,
}

/// Records the lines of a file.
pub(super) async fn file(
    services: &Services,
    actor: &Actor,
    kind: RecordKind,
    dry_run: bool,
    source: Source<'_>,
) -> Result<Report> {
    let table = read(services, kind, source.path, source.name).await?;
    let columns = header::columns(kind, &table.headers)?;
    let mut desk = Desk::open(services, actor, dry_run, source.promised).await?;
    desk.document = source.document;
    let mut report = Report::default();
    let mut lines = Vec::new();
    for row in table.rows {
        report.rows += 1;
        let mut line = Line {
            number: row.number,
            cells: Vec::new(),
        };
        match row.cells {
            Ok(cells) => {
                for (at, cell) in cells {
                    if let Some(Some(column)) = columns.get(at) {
                        line.cells.push((*column, table.headers[at].clone(), cell));
                    }
                }
                lines.push(line);
            }
            Err(reject) => report.rejected.push(unreadable(reject)),
        }
    }
    if kind == RecordKind::Events {
        // Gazettes list the newest first; what begins must be there before it ends.
        lines.sort_by_key(event_day);
        desk.transfers = latest_transfers(&lines);
    }
    for line in lines {
        match desk.take(kind, &line).await? {
            Ok(Done::Recorded(())) => report.recorded += 1,
            Ok(Done::Completed(())) => report.completed += 1,
            Ok(Done::Repeated(())) => report.repeated += 1,
            Err(flaws) => {
                let first = flaws.into_iter().next();
                let first = first.ok_or_else(|| Error::Internal("refused for nothing".into()))?;
                report.rejected.push(Rejected::of(&line, first));
            }
        }
    }
    report.rejected.sort_by_key(|one| one.row);
    report.must_withdraw = desk.must_withdraw;
    Ok(report)
}

/// The files that a list names, each once.
pub(super) async fn named_files(
    services: &Services,
    kind: RecordKind,
    path: &Path,
) -> Result<Vec<String>> {
    let table = read(services, kind, path, None).await?;
    let columns = header::columns(kind, &table.headers)?;
    let mut names = BTreeSet::new();
    for (at, cell) in table
        .rows
        .into_iter()
        .filter_map(|r| r.cells.ok())
        .flatten()
    {
        let is_file = columns
            .get(at)
            .copied()
            .flatten()
            .is_some_and(Column::is_file);
        if is_file && let Some(text) = crate::domain::intake::text_of(&cell) {
            let all = text.split([';', '；', '|', '\n']).map(str::trim);
            names.extend(all.filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
    Ok(names.into_iter().collect())
}

async fn read(
    services: &Services,
    kind: RecordKind,
    path: &Path,
    name: Option<&str>,
) -> Result<Table> {
    let limits = sheet::Limits {
        rows: MAX_ROWS.min(services.limits.sheet.rows),
        inflated_bytes: services.limits.sheet.inflated_bytes.min(64 << 20),
        line_bytes: services.limits.sheet.line_bytes.min(64 << 10),
        shared_strings_bytes: services.limits.sheet.shared_strings_bytes.min(32 << 20),
        ..services.limits.sheet.clone()
    };
    let (path, name) = (path.to_owned(), name.map(str::to_owned));
    let reading = tokio::task::spawn_blocking(move || {
        let known = |header: &str| Column::of_header(kind, header).map(Column::is_date);
        sheet::read_table(&path, name.as_deref(), &limits, &known)
    });
    let table = reading
        .await
        .map_err(|e| Error::Internal(format!("reader: {e}")))?;
    table.map_err(|problem| header::unreadable(kind, &problem))
}

/// A line that is no row of a table.
fn unreadable(reject: Reject) -> Rejected {
    let flaw = Flaw::of(None, reject.code, &reject.value);
    Rejected {
        row: reject.row,
        column: reject.column,
        code: flaw.code.to_owned(),
        value: flaw.value,
        text: flaw.text,
        cure: flaw.cure,
    }
}
