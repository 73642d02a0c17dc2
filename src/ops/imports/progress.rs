//! Reading a file through: a blocking thread reads rows, at most two batches wait, each batch is one
//! transaction that also moves the counts.

use std::{path::PathBuf, time::Duration};

use tokio::sync::mpsc;

use super::{
    batch::{self, Origin, Seen},
    rehearsal::Rehearsal,
    rows::{Item, parse},
    run::Lease,
};
use crate::{
    domain::{
        id::Id,
        intake::{Intake, Mapping, Reject},
        party::Organisation,
        register::{Counts, Failure, Import, StoredReject},
        text::Lang,
        time::Day,
    },
    ops::{Error, Result, Services},
    sheet::SheetError,
    store::{self, Db, imports, jobs, organisations},
};

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
    pub(super) on_progress: Option<&'a mut (dyn FnMut(&Counts) + Send + Sync)>,
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

    pub(super) async fn finish(&self, failure: Option<&Failure>) -> Result<()> {
        let now = self.services.now();
        let mut tx = self.db().begin_write(now, &self.actor).await?;
        imports::finish(&mut tx, &self.import, failure, now).await?;
        tx.commit().await?;
        Ok(())
    }
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
