//! The one writer: opens or builds the index, follows the change log, rebuilds on request beside the index
//! that answers. Whatever fails is logged once and tried again from the last commit.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    Error, Shared,
    live::{Folder, Live},
    source::Source,
    tail::{Step, Tail, fill, hash_of},
    writer::Writer,
};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The task that keeps the index; one per process, from `Search::open`.
pub struct Indexer {
    shared: Arc<Shared>,
    folder: Arc<Folder>,
}

impl Indexer {
    pub(super) fn new(shared: Arc<Shared>, folder: Folder) -> Self {
        Self {
            shared,
            folder: Arc::new(folder),
        }
    }

    /// Runs until `stop`, then commits and gives the folder back.
    pub async fn run<S: Source>(self, source: Arc<S>, stop: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        loop {
            let before = *self.shared.applied.borrow();
            let Err(error) = self.follow(&source, &stop).await else {
                return;
            };
            if *self.shared.applied.borrow() != before {
                pause = FIRST_PAUSE;
            }
            tracing::error!(%error, pause_ms = pause.as_millis(), "the search index cannot follow the changes");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn follow<S: Source>(
        &self,
        source: &Arc<S>,
        stop: &CancellationToken,
    ) -> Result<(), Error> {
        let opening = async {
            match self.open(source.as_ref()).await? {
                Some(tail) => Ok(tail),
                None => self.first(source).await,
            }
        };
        let mut tail = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            tail = opening => tail?,
        };
        self.publish(&tail);
        let mut building = Building(None);
        while !stop.is_cancelled() {
            let (next, visible) = tail.step(source.as_ref()).await?;
            if visible {
                self.publish(&tail);
            }
            if let Some(built) = building.finished().await {
                tail = self.adopt(source.as_ref(), tail, built?).await?;
            }
            // What was derived by another table is derived anew, beside the index that answers.
            if tail.is_outdated() && building.0.is_none() {
                self.begin(source, &mut building);
            }
            match next {
                Step::Behind => {}
                Step::Uncommitted => tokio::time::sleep(Duration::from_millis(50)).await,
                Step::Idle => self.rest(source, &mut building, stop).await,
            }
        }
        tail.commit().await?;
        self.publish(&tail);
        Ok(())
    }

    /// Waits for something to do.
    async fn rest<S: Source>(
        &self,
        source: &Arc<S>,
        building: &mut Building,
        stop: &CancellationToken,
    ) {
        self.shared.kept.sweep();
        let wanted = &self.shared.wanted;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(self.shared.options.poll) => {}
            () = wanted.look.notified() => {}
            () = wanted.rebuild.notified(), if building.0.is_none() => self.begin(source, building),
        }
    }

    /// Begins to build an index beside the one that answers.
    fn begin<S: Source>(&self, source: &Arc<S>, building: &mut Building) {
        let (shared, folder, source) = (self.shared.clone(), self.folder.clone(), source.clone());
        building.0 = Some(tokio::spawn(async move {
            build(&shared, folder, source.as_ref()).await
        }));
    }

    /// The current index, where it belongs to this source. One that knows changes which the source does
    /// not have comes from another database and must not answer.
    async fn open(&self, source: &impl Source) -> Result<Option<Tail>, Error> {
        let folder = self.folder.clone();
        let opened = tokio::task::spawn_blocking(move || folder.open_current()).await;
        let Some(live) = opened.ok().flatten() else {
            self.shared.set_live(None);
            return Ok(None);
        };
        let known = &live.applied;
        let head = source.head().await?;
        let same = head >= known.seq
            && (known.hash.is_empty()
                || hash_of(source, known.seq).await?.as_ref() == Some(&known.hash));
        if !same {
            tracing::warn!(
                seq = known.seq,
                head,
                "the search index belongs to another database and is built anew"
            );
            self.shared.set_live(None);
            return Ok(None);
        }
        // The readers' index, where it is the same: their snapshots stay comparable.
        let current = self
            .shared
            .current()
            .filter(|current| current.generation == live.generation);
        let applied = live.applied.clone();
        let live = current.unwrap_or_else(|| Arc::new(live));
        live.reader.reload()?;
        let relation = Arc::new(source.relation().await?);
        let writer = Writer::open(live, relation, &self.shared.options).await?;
        Ok(Some(Tail::new(writer, applied, &self.shared.options)))
    }

    /// Builds where there is nothing to answer from.
    async fn first<S: Source>(&self, source: &Arc<S>) -> Result<Tail, Error> {
        let tail = build(&self.shared, self.folder.clone(), source.as_ref()).await?;
        self.settle(&tail)?;
        Ok(tail)
    }

    /// Puts a new index in the place of the old one, as soon as it is as far.
    async fn adopt(&self, source: &impl Source, old: Tail, mut new: Tail) -> Result<Tail, Error> {
        while new.applied.seq < old.applied.seq {
            new.step(source).await?;
        }
        new.commit().await?;
        drop(old);
        self.settle(&new)?;
        Ok(new)
    }

    fn settle(&self, tail: &Tail) -> Result<(), Error> {
        let generation = tail.writer.live.generation;
        self.folder.make_current(generation)?;
        self.publish(tail);
        self.folder.sweep(Some(generation));
        tracing::info!(
            generation,
            seq = tail.applied.seq,
            "a new search index answers"
        );
        Ok(())
    }

    /// Lets readers have the index as far as it is committed.
    fn publish(&self, tail: &Tail) {
        let current: Option<Arc<Live>> = self.shared.current();
        if !current.is_some_and(|current| Arc::ptr_eq(&current, &tail.writer.live)) {
            self.shared.set_live(Some(tail.writer.live.clone()));
        }
        self.shared.applied.send_replace(tail.applied.seq);
    }
}

/// A rebuild under way; ends with its owner.
struct Building(Option<JoinHandle<Result<Tail, Error>>>);

impl Building {
    async fn finished(&mut self) -> Option<Result<Tail, Error>> {
        let task = self.0.take_if(|task| task.is_finished())?;
        Some(
            task.await
                .unwrap_or_else(|error| Err(Error::Corrupt(error.to_string()))),
        )
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

async fn build(shared: &Shared, folder: Arc<Folder>, source: &impl Source) -> Result<Tail, Error> {
    let created = tokio::task::spawn_blocking(move || folder.create()).await;
    let live = created.unwrap_or_else(|error| Err(Error::Corrupt(error.to_string())))?;
    let relation = Arc::default();
    let writer = Writer::open(Arc::new(live), relation, &shared.options).await?;
    fill(writer, source, &shared.options).await
}
