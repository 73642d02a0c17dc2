//! Before a file is imported: what was understood of it, and what would become of its rows, worked out in a
//! throw-away database. Nothing is recorded until somebody agrees; then the file is read again for good.

use std::path::Path;

use super::{
    Error, Result, Services, enqueue, get,
    rehearsal::Rehearsal,
    run::{Lease, Progress, Stop, failure},
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        intake::{self, Intake, Reject},
        refusal::{Refusal, Refused},
        register::{
            Import, ImportState, Preview, PreviewColumn, PreviewRow, PreviewSkipped, StoredReject,
        },
        text::Text,
    },
    sheet::{self, SheetError, SkipReason, Skipped},
    store::{imports, jobs},
};

/// Rows shown.
const ROWS: usize = 10;
/// Rows looked at for them.
const LOOKED_AT: usize = 200;
/// Problems kept of a preview.
const REJECTS: usize = 1_000;

/// Reads a waiting file through without recording anything, and keeps what it found for a person to see.
pub(super) async fn rehearse(
    services: &Services,
    import: Import,
    file: &Path,
    job: (jobs::Leased, Lease),
) -> Result<()> {
    let (path, limits) = (file.to_path_buf(), services.limits.sheet.clone());
    let look = tokio::task::spawn_blocking(move || look(&path, &limits));
    let preview = look
        .await
        .map_err(|e| Error::Internal(format!("reader: {e}")))?;
    let mut rejects = Vec::new();
    let mut keep = |reject: &Reject| {
        if rejects.len() < REJECTS {
            rejects.push(stored(rejects.len() + 1, reject));
        }
    };
    let mut progress = Progress::new(services, &import, Some(job));
    progress.rehearsal = Some(Rehearsal::new(services, import.organisation.as_ref()).await?);
    progress.on_reject = Some(&mut keep);
    let mut tx = progress
        .db()
        .begin_write(services.now(), &import.actor)
        .await?;
    let scratch = Import {
        blob: None,
        state: ImportState::Running,
        ..import.clone()
    };
    imports::insert(&mut tx, &scratch).await?;
    tx.commit().await?;
    let failed = match progress.read(file.to_path_buf()).await {
        Ok(()) => None,
        Err(Stop::File(problem)) => Some(failure(&problem)),
        Err(Stop::Failed(error)) => return Err(error),
    };
    let counts = progress.counts;
    drop(progress);
    let mut tx = services
        .db
        .begin_write(services.now(), &import.actor)
        .await?;
    let preview = preview.unwrap_or_default();
    if imports::rehearsed(&mut tx, &import.id, &counts, failed.as_ref(), &preview).await? {
        imports::add_rejects(&mut tx, &import.id, &rejects).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The headers with their meanings, and the first good rows.
fn look(path: &Path, limits: &sheet::Limits) -> std::result::Result<Preview, SheetError> {
    let rows = sheet::open(path, None, limits)?;
    let columns = rows.columns().iter().map(|(header, column)| PreviewColumn {
        header: header.clone(),
        meaning: column.map(intake::Column::title),
    });
    let columns = columns.collect();
    let tables = rows.tables().to_vec();
    let skipped = rows.skipped().iter().map(left_out).collect();
    let good = rows
        .take(LOOKED_AT)
        .filter_map(|row| intake::read_row(&row.ok()?).ok());
    Ok(Preview {
        columns,
        rows: good.take(ROWS).map(shown).collect(),
        tables,
        skipped,
    })
}

fn left_out(sheet: &Skipped) -> PreviewSkipped {
    PreviewSkipped {
        name: sheet.name.clone(),
        reason: match sheet.reason {
            SkipReason::Empty => Text::new("空表", "empty"),
            SkipReason::NoHeader => Text::new(
                "没有含申请号（专利号）的表头",
                "no header that names an application number",
            ),
        },
    }
}

fn shown(intake: Intake) -> PreviewRow {
    let patent = intake.patent;
    PreviewRow {
        number: patent.number.zl(),
        kind: patent.kind,
        legal_status: patent.legal_status,
        filing_date: patent.filing_date,
        patentees: patent.patentees().to_vec(),
        title: patent.title,
        conversion: intake.conversion,
        unit: intake.unit,
    }
}

fn stored(item: usize, reject: &Reject) -> StoredReject {
    StoredReject {
        item: i64::try_from(item).unwrap_or(i64::MAX),
        row: i64::try_from(reject.row).unwrap_or(i64::MAX),
        column: reject.column.clone(),
        code: reject.code.as_str().to_owned(),
        value: reject.value.clone(),
    }
}

/// Agrees to a rehearsed import, which is queued. Agreeing twice imports once.
pub async fn agree(services: &Services, actor: &Actor, id: &Id) -> Result<()> {
    let import = get(services, actor, id).await?;
    access::check(actor, Operation::CreateImport, import.organisation.as_ref())?;
    let mut tx = services.write(actor).await?;
    if imports::agree(&mut tx, id).await? {
        enqueue(&mut tx, services, id).await?;
        tx.commit().await?;
        return Ok(());
    }
    match imports::find(&mut tx, id).await?.map(|import| import.state) {
        None => Err(Error::NotFound("import")),
        Some(ImportState::Rehearsing) => Err(Refused::from(Refusal::new(
            "importRehearsing",
            "文件还在试读，请看过预览再确认。",
            "The file is still being read; agree once you have seen the preview.",
        ))
        .into()),
        Some(_) => Ok(()),
    }
}

/// Gives a rehearsed import up; its file goes with the next housekeeping.
pub async fn discard(services: &Services, actor: &Actor, id: &Id) -> Result<()> {
    let import = get(services, actor, id).await?;
    access::check(actor, Operation::CreateImport, import.organisation.as_ref())?;
    let mut tx = services.write(actor).await?;
    imports::drop_rehearsed(&mut tx, id).await?;
    tx.commit().await?;
    Ok(())
}
