//! An import from the operator's disk, in the foreground.

use std::path::Path;

use super::{
    columns::{self, SaidColumn},
    progress::{Progress, Stop, failure},
    rehearsal::Rehearsal,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        register::{Counts, Import, ImportState, Preview, StoredReject},
        time::Day,
    },
    ops::{Result, Services},
    sheet::SheetError,
    store::imports,
};

/// An import from the operator's disk.
pub struct FileImport<'a> {
    pub path: &'a Path,
    /// Id or USCC of the holder.
    pub holder: Option<&'a str>,
    /// The day on which the file was exported.
    pub status_as_of: Option<Day>,
    /// What its columns are, by header or letter.
    pub said: Vec<SaidColumn>,
    /// Take guesses that nobody has confirmed.
    pub guesses: bool,
    /// Look only: what would become of the rows.
    pub dry_run: bool,
    /// Told after each batch.
    pub on_progress: &'a mut (dyn FnMut(&Counts) + Send + Sync),
    /// Given each rejected row.
    pub on_reject: &'a mut (dyn FnMut(&StoredReject) + Send + Sync),
    /// Told first how the file is read.
    pub on_look: &'a mut (dyn FnMut(&Preview) + Send + Sync),
}

/// Imports a file from the operator's disk, in the foreground.
pub async fn import_file(
    services: &Services,
    actor: &Actor,
    asked: FileImport<'_>,
) -> Result<std::result::Result<Counts, SheetError>> {
    let organisation_id = super::holder_of(services, actor, asked.holder).await?;
    access::check(actor, Operation::CreateImport, organisation_id.as_ref())?;
    super::check_day(services, asked.status_as_of)?;
    let now = services.now();
    let import = Import {
        id: services.ids.next(now),
        version: 1,
        state: ImportState::Running,
        organisation: organisation_id,
        actor: actor.name.clone(),
        file_name: asked
            .path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned()),
        blob: None,
        sha256: None,
        size_bytes: std::fs::metadata(asked.path)
            .map_or(0, |m| i64::try_from(m.len()).unwrap_or(i64::MAX)),
        status_as_of: asked.status_as_of,
        counts: Counts::default(),
        failure: None,
        preview: None,
        mapping: Some(columns::said_of(&asked.said)),
        guesses: asked.guesses,
        created_at: now,
        finished_at: None,
    };
    let look = columns::look(services, &import, asked.path, asked.guesses).await?;
    if let Some(refused) = look.refused {
        return Ok(Err(refused));
    }
    (asked.on_look)(&look.preview);
    let import = Import {
        preview: Some(look.preview),
        mapping: Some(look.mapping),
        ..import
    };
    let rehearsal = if asked.dry_run {
        Some(Rehearsal::new(services, import.organisation.as_ref()).await?)
    } else {
        None
    };
    let mut progress = Progress::new(services, &import, None);
    progress.rehearsal = rehearsal;
    progress.on_progress = Some(asked.on_progress);
    progress.on_reject = Some(asked.on_reject);
    let mut tx = progress.db().begin_write(now, &actor.name).await?;
    imports::insert(&mut tx, &import).await?;
    if !asked.said.is_empty() && !asked.dry_run {
        columns::keep(&mut tx, services, &import).await?;
    }
    tx.commit().await?;
    match progress.read(asked.path.to_path_buf()).await {
        Ok(()) => {
            progress.finish(None).await?;
            Ok(Ok(progress.counts))
        }
        Err(Stop::File(problem)) => {
            progress.finish(Some(&failure(&problem))).await?;
            Ok(Err(problem))
        }
        Err(Stop::Failed(error)) => Err(error),
    }
}
