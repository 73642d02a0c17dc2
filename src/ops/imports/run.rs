//! Reading a file through: a blocking thread reads rows, at most two batches wait, each batch is one
//! transaction that also moves the counts. Whoever resumes skips the rows that are counted already.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use tokio::sync::mpsc;

use super::{
    batch::{self, Origin, Seen},
    columns::{self, SaidColumn},
    preview,
    rehearsal::Rehearsal,
    rows::{Item, parse},
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        intake::{Intake, Mapping, Reject},
        party::Organisation,
        register::{Counts, Failure, Import, ImportState, Preview, StoredReject},
        text::Lang,
        time::Day,
    },
    ops::{Error, Result, Services},
    sheet::SheetError,
    store::{self, Db, blobs, imports, jobs, organisations},
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

/// The organisation as it is now: its names may change while a long file is read.
async fn organisation_of(tx: &mut store::Tx, id: Option<&Id>) -> Result<Option<Organisation>> {
    match id {
        None => Ok(None),
        Some(id) => Ok(Some(
            organisations::find(tx, id)
                .await?
                .ok_or(Error::NotFound("organisation"))?
                .value,
        )),
    }
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

pub(super) fn failure(problem: &SheetError) -> Failure {
    Failure {
        code: problem.as_str().to_owned(),
        zh: problem.text(Lang::Zh),
        en: problem.text(Lang::En),
    }
}

/// Why reading stopped early.
pub(super) enum Stop {
    /// The file cannot be read further.
    File(SheetError),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

pub(super) struct Progress<'a> {
    services: &'a Services,
    import: Id,
    actor: String,
    organisation: Option<Id>,
    status_as_of: Option<Day>,
    /// The day on which the file came in, in Beijing.
    came_on: Day,
    pub(super) mapping: Mapping,
    job: Option<(jobs::Leased, Lease)>,
    pub(super) counts: Counts,
    seen: Seen,
    pub(super) rehearsal: Option<Rehearsal>,
    on_progress: Option<&'a mut (dyn FnMut(&Counts) + Send + Sync)>,
    pub(super) on_reject: Option<&'a mut (dyn FnMut(&StoredReject) + Send + Sync)>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(
        services: &'a Services,
        import: &Import,
        job: Option<(jobs::Leased, Lease)>,
    ) -> Self {
        Self {
            services,
            import: import.id.clone(),
            actor: import.actor.clone(),
            organisation: import.organisation.clone(),
            status_as_of: import.status_as_of,
            came_on: import.created_at.day(),
            mapping: import.mapping.clone().unwrap_or_default(),
            job,
            counts: import.counts,
            seen: Seen::default(),
            rehearsal: None,
            on_progress: None,
            on_reject: None,
        }
    }

    /// Where this import writes.
    pub(super) fn db(&self) -> &Db {
        self.rehearsal
            .as_ref()
            .map_or(&self.services.db, Rehearsal::db)
    }

    pub(super) async fn read(&mut self, path: PathBuf) -> std::result::Result<(), Stop> {
        let (send, mut receive) = mpsc::channel::<std::result::Result<Vec<Item>, SheetError>>(2);
        let limits = self.services.limits.sheet.clone();
        let mapping = self.mapping.clone();
        let reader = tokio::task::spawn_blocking(move || parse(&path, &limits, &mapping, &send));
        let mut skip = self.counts.rows;
        while let Some(items) = receive.recv().await {
            let mut items = items.map_err(Stop::File)?;
            // Resuming: rows that are counted already only tell which numbers the file has brought.
            let known = usize::try_from(skip).unwrap_or(usize::MAX).min(items.len());
            for item in items.drain(..known) {
                if let Item::Good(intake) = item {
                    self.seen.insert(&intake.patent.number);
                }
            }
            skip -= i64::try_from(known).unwrap_or(0);
            if !items.is_empty() {
                self.commit(items).await?;
            } else if let Some((job, lease)) = &self.job {
                extend(self.services, job, *lease).await?;
            }
        }
        reader
            .await
            .map_err(|e| Error::Internal(format!("reader: {e}")))?;
        Ok(())
    }

    /// One batch, one transaction; a busy database is waited for.
    async fn commit(&mut self, items: Vec<Item>) -> std::result::Result<(), Stop> {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let first = self.counts.rows + 1;
        for (place, item) in items.into_iter().enumerate() {
            match item {
                Item::Good(mut intake) => {
                    let own = intake.source_day.filter(|day| *day <= self.came_on);
                    let day = own.or(self.status_as_of);
                    intake.patent.date_status(day);
                    good.push(*intake);
                }
                Item::Bad(reject, cells) => {
                    let item = first + i64::try_from(place).unwrap_or(0);
                    let room = self.counts.rejected < MENDABLE;
                    bad.push(stored(item, &reject, cells.filter(|_| room)));
                }
            }
        }
        let mut attempt = 0;
        let next = loop {
            match self.try_commit(&good, &bad).await {
                Err(Error::Busy) if attempt < 20 => attempt += 1,
                outcome => break outcome?,
            }
            tokio::time::sleep(Duration::from_millis(50 * attempt)).await;
        };
        self.counts = next;
        for intake in &good {
            self.seen.insert(&intake.patent.number);
        }
        if let Some(tell) = &mut self.on_reject {
            for reject in &bad {
                tell(reject);
            }
        }
        if let Some(tell) = &mut self.on_progress {
            tell(&self.counts);
        }
        if let Some((job, lease)) = &self.job {
            extend(self.services, job, *lease).await?;
        }
        Ok(())
    }

    async fn try_commit(&self, good: &[Intake], bad: &[StoredReject]) -> Result<Counts> {
        if let Some(rehearsal) = &self.rehearsal {
            rehearsal.fetch(&self.services.db, good).await?;
        }
        let mut tx = self
            .db()
            .begin_write(self.services.now(), &self.actor)
            .await?;
        let organisation = organisation_of(&mut tx, self.organisation.as_ref()).await?;
        let origin = Origin {
            import: self.import.clone(),
            stated: self.status_as_of,
            came_on: self.came_on,
        };
        let done = batch::apply(
            &mut tx,
            self.services,
            organisation.as_ref(),
            &origin,
            good,
            &self.seen,
        )
        .await?;
        let next = sum(self.counts, done, good.len(), bad.len());
        imports::advance(&mut tx, &self.import, self.counts.rows, &next).await?;
        if self.job.is_some() {
            imports::add_rejects(&mut tx, &self.import, bad).await?;
        }
        tx.commit().await?;
        Ok(next)
    }

    async fn finish(&self, failure: Option<&Failure>) -> Result<()> {
        let now = self.services.now();
        let mut tx = self.db().begin_write(now, &self.actor).await?;
        imports::finish(&mut tx, &self.import, failure, now).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn sum(before: Counts, done: Counts, good: usize, bad: usize) -> Counts {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Counts {
        rows: before.rows + count(good) + count(bad),
        added: before.added + done.added,
        merged: before.merged + done.merged,
        unchanged: before.unchanged + done.unchanged,
        rejected: before.rejected + count(bad),
        held: before.held + done.held,
        claimed: before.claimed + done.claimed,
        conflicts: before.conflicts + done.conflicts,
    }
}

/// Refused rows of an import that are kept with their cells: some 40 MB at most.
const MENDABLE: i64 = 20_000;

fn stored(item: i64, reject: &Reject, cells: Option<Vec<(String, String)>>) -> StoredReject {
    StoredReject {
        item,
        row: i64::try_from(reject.row).unwrap_or(i64::MAX),
        column: reject.column.clone(),
        code: reject.code.as_str().to_owned(),
        value: reject.value.clone(),
        cells,
    }
}

async fn extend(services: &Services, job: &jobs::Leased, lease: Lease) -> Result<()> {
    let mut tx = services.db.begin_plain().await?;
    let held = jobs::extend(&mut tx, job, services.now().plus_seconds(lease.seconds)).await?;
    tx.commit().await?;
    if held {
        Ok(())
    } else {
        Err(Error::Internal(
            "another worker has taken this import".into(),
        ))
    }
}
