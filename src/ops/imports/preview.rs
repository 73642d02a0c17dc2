//! Before a file is imported: what was understood of it, and what would become of its rows, worked out in a
//! throw-away database. Nothing is recorded until somebody agrees; then the file is read again for good.

use std::path::Path;

use super::{
    Error, Result, Services, columns, enqueue, get,
    progress::{Progress, Stop, failure},
    rehearsal::Rehearsal,
    run::Lease,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        refusal::{Refusal, Refused},
        register::{Import, ImportState, StoredReject},
    },
    store::{imports, jobs},
};

/// Problems kept of a preview.
const REJECTS: usize = 1_000;

/// Reads a waiting file through without recording anything, and keeps what it found for a person to see.
pub(super) async fn rehearse(
    services: &Services,
    import: Import,
    file: &Path,
    job: (jobs::Leased, Lease),
) -> Result<()> {
    let look = columns::look(services, &import, file, true).await?;
    let mut rejects = Vec::new();
    let mut keep = |reject: &StoredReject| {
        if rejects.len() < REJECTS {
            rejects.push(StoredReject {
                item: i64::try_from(rejects.len() + 1).unwrap_or(i64::MAX),
                ..reject.clone()
            });
        }
    };
    let mut progress = Progress::new(services, &import, Some(job));
    progress.mapping = look.mapping.clone();
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
    let read = match look.refused {
        Some(refused) => Err(Stop::File(refused)),
        None => progress.read(file.to_path_buf()).await,
    };
    let failed = match read {
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
    let found = (&look.preview, &look.mapping);
    let (id, version) = (&import.id, import.version);
    if imports::rehearsed(&mut tx, id, version, &counts, failed.as_ref(), found).await? {
        imports::add_rejects(&mut tx, &import.id, &rejects).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// One import with the first of its refused rows.
pub async fn preview(
    services: &Services,
    actor: &Actor,
    id: &Id,
    problems: usize,
) -> Result<(Import, Vec<StoredReject>)> {
    access::check_role(actor, Operation::GetImportPreview)?;
    let import = get(services, actor, id).await?;
    let mut refused = super::rejects(services, actor, id, 0).await?;
    refused.truncate(problems);
    Ok((import, refused))
}

/// Agrees to the rehearsal that somebody saw at version `expected`. Agreeing twice imports once.
pub async fn commit(services: &Services, actor: &Actor, id: &Id, expected: i64) -> Result<Import> {
    access::check_role(actor, Operation::CommitImport)?;
    let import = get(services, actor, id).await?;
    if import.state == ImportState::Rehearsed && import.version != expected {
        return Err(Error::Stale {
            current: import.version,
        });
    }
    agree(services, actor, id).await?;
    get(services, actor, id).await
}

/// Agrees to a rehearsed import, which is queued. Agreeing twice imports once; what nobody can read is not imported.
pub async fn agree(services: &Services, actor: &Actor, id: &Id) -> Result<()> {
    access::check_role(actor, Operation::CommitImport)?;
    let import = get(services, actor, id).await?;
    access::check(actor, Operation::CommitImport, import.organisation.as_ref())?;
    match import.state {
        ImportState::Rehearsing => return Err(columns::not_waiting(import.state).into()),
        ImportState::Rehearsed => {}
        _ => return Ok(()),
    }
    if import.counts.rows == 0 {
        return Err(Refused::from(Refusal::new(
            "importEmpty",
            "没有读到任何一行。请核对各列的对应或重新上传。",
            "Not a single row was read. Check what the columns are, or upload it again.",
        ))
        .into());
    }
    let mut tx = services.write(actor).await?;
    if imports::agree(&mut tx, id).await? {
        columns::keep(&mut tx, services, &import).await?;
        enqueue(&mut tx, services, id).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Gives a rehearsed import up; its file goes with the next housekeeping.
pub async fn discard(services: &Services, actor: &Actor, id: &Id) -> Result<()> {
    access::check_role(actor, Operation::DiscardImport)?;
    let import = get(services, actor, id).await?;
    access::check(
        actor,
        Operation::DiscardImport,
        import.organisation.as_ref(),
    )?;
    let mut tx = services.write(actor).await?;
    if !imports::drop_rehearsed(&mut tx, id).await? {
        return Err(columns::not_waiting(import.state).into());
    }
    tx.commit().await?;
    Ok(())
}
