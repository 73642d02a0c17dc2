//! A queued import as its job: unpacked, looked at once, read through. Whoever resumes skips the rows that are counted
//! already.

use std::path::Path;

use serde::Deserialize;

use super::{
    columns, preview,
    progress::{Progress, Stop, failure},
};
use crate::{
    domain::{
        id::Id,
        register::{Failure, Import, ImportState},
    },
    ops::{Error, Result, Services},
    sheet::SheetError,
    store::{blobs, imports, jobs},
};

/// The job kind of a queued import.
pub const KIND: &str = "import";

/// How long a worker may be silent before another takes its job, seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    pub seconds: i64,
}

#[derive(Deserialize)]
struct Payload {
    import: Id,
}

/// The import that a job is for.
fn import_of(job: &jobs::Leased) -> Result<Id> {
    let payload: std::result::Result<Payload, _> = serde_json::from_value(job.payload.clone());
    payload
        .map(|payload| payload.import)
        .map_err(|e| Error::Internal(e.to_string()))
}

/// Performs a queued import that this worker has leased.
pub async fn run_job(services: &Services, job: &jobs::Leased, lease: Lease) -> Result<()> {
    let mut tx = services.db.read().await?;
    let found = imports::find(&mut tx, &import_of(job)?).await?;
    drop(tx);
    // Nobody agreed to it in time, and housekeeping has removed it.
    let Some(import) = found else {
        return finish_job(services, job).await;
    };
    match import.state {
        ImportState::Done | ImportState::Failed | ImportState::Rehearsed => {
            return finish_job(services, job).await;
        }
        ImportState::Rehearsing | ImportState::Queued | ImportState::Running => {}
    }
    let blob = import
        .blob
        .clone()
        .ok_or_else(|| Error::Internal("a queued import without file".into()))?;
    let file = unpack(services, &blob).await?;
    if import.state == ImportState::Rehearsing {
        preview::rehearse(services, import, file.path(), (job.clone(), lease)).await?;
        return finish_job(services, job).await;
    }
    let (import, refused) = looked_at(services, import, file.path()).await?;
    let mut progress = Progress::new(services, &import, Some((job.clone(), lease)));
    let outcome = match refused {
        Some(refused) => Err(Stop::File(refused)),
        None => progress.read(file.path().to_path_buf()).await,
    };
    match outcome {
        Ok(()) => progress.finish(None).await?,
        Err(Stop::File(problem)) => progress.finish(Some(&failure(&problem))).await?,
        Err(Stop::Failed(error)) => return Err(error),
    }
    finish_job(services, job).await
}

/// A file that nobody looked at before is looked at now, once: whoever resumes reads it by the same mapping.
async fn looked_at(
    services: &Services,
    mut import: Import,
    file: &Path,
) -> Result<(Import, Option<SheetError>)> {
    if import.preview.is_some() {
        return Ok((import, None));
    }
    let said = import.mapping.as_ref().is_some_and(|said| !said.is_empty());
    let look = columns::look(services, &import, file, import.guesses).await?;
    import.preview = Some(look.preview);
    import.mapping = Some(look.mapping);
    let mut tx = services
        .db
        .begin_write(services.now(), &import.actor)
        .await?;
    if let (Some(preview), Some(mapping)) = (&import.preview, &import.mapping) {
        imports::surveyed(&mut tx, &import.id, preview, mapping).await?;
    }
    if said && look.refused.is_none() {
        columns::keep(&mut tx, services, &import).await?;
    }
    tx.commit().await?;
    Ok((import, look.refused))
}

/// Ends an import whose job has failed again and again: what it has written stays, and people learn that it will not go on.
pub async fn give_up(services: &Services, job: &jobs::Leased) -> Result<()> {
    let import = import_of(job)?;
    let failure = Failure {
        code: "internal".to_owned(),
        zh: "本平台处理这份文件时多次出错，已停止；已写入的行保留。请把导入编号告诉系统管理员，排除之后再上传一次。".to_owned(),
        en: "The platform failed on this file several times and has stopped; the rows written so far stay. Tell the operator the number of the import, and upload the file again once it is mended.".to_owned(),
    };
    let now = services.now();
    let mut tx = services.db.begin_write(now, "system").await?;
    imports::finish(&mut tx, &import, Some(&failure), now).await?;
    jobs::finish(&mut tx, job).await?;
    tx.commit().await?;
    Ok(())
}

async fn finish_job(services: &Services, job: &jobs::Leased) -> Result<()> {
    let mut tx = services.db.begin_plain().await?;
    jobs::finish(&mut tx, job).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes the stored file to a temporary one, a part at a time: readers of ZIP files must seek.
async fn unpack(services: &Services, blob: &str) -> Result<tempfile::NamedTempFile> {
    let internal = |e: std::io::Error| Error::Internal(format!("scratch file: {e}"));
    std::fs::create_dir_all(&services.limits.scratch).map_err(internal)?;
    let mut file = tempfile::NamedTempFile::new_in(&services.limits.scratch).map_err(internal)?;
    let mut part = 0;
    loop {
        let mut tx = services.db.read().await?;
        let Some(bytes) = blobs::read_part(&mut tx, blob, part).await? else {
            return Ok(file);
        };
        drop(tx);
        file = tokio::task::spawn_blocking(move || {
            std::io::Write::write_all(&mut file, &bytes).map(|()| file)
        })
        .await
        .map_err(|e| Error::Internal(e.to_string()))?
        .map_err(internal)?;
        part += 1;
    }
}
