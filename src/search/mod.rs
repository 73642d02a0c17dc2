//! Search: the only folder that knows tantivy. `Search` answers questions from the index alone and is cheap
//! to clone; `Indexer`, the one writer, follows the change log. The index is disposable: whatever is wrong
//! with it, it is built anew from the source, beside the old one.

mod analyzer;
mod answer;
mod bag;
mod cursor;
mod database;
mod document;
mod export;
mod facets;
mod filters;
mod gather;
mod highlight;
mod indexer;
mod live;
mod matching;
mod needs;
mod offers;
mod pieces;
mod query;
mod schema;
mod similar;
mod source;
mod tail;
mod typed;
mod waiting;
mod writer;

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::sync::{Notify, Semaphore, watch};

use self::{
    cursor::Kept,
    live::{Folder, Live, Snapshot},
};
pub use self::{
    export::Export,
    indexer::Indexer,
    source::{Entry, Holder, NeedEntry, Source, SourceError},
};
use crate::domain::{
    codes::AppNo,
    event::Sight,
    need::Need,
    search::{Found, Hit, NeedMatch, NeedQuery, NeedsFound, PatentMatch, Query, TextField},
    time::Day,
};

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The first index is still being built.
    #[error("the search index is not built yet")]
    NotReady,
    /// Another process owns the index folder.
    #[error("another process owns the search index")]
    Locked,
    #[error("not a cursor of this service")]
    CursorInvalid,
    #[error("the cursor belongs to another question")]
    CursorMismatch,
    #[error("the cursor has expired: restart, or use an export")]
    CursorExpired,
    /// The named filter has a value that cannot be read.
    #[error("the filter {0} has a value that cannot be read")]
    Filter(&'static str),
    /// Too many questions at once.
    #[error("too many searches at once")]
    Busy,
    #[error("no such patent in the index")]
    NotFound,
    #[error("the search index is damaged: {0}")]
    Corrupt(String),
    #[error("the search index fails: {0}")]
    Index(#[from] tantivy::TantivyError),
    #[error("the index folder fails: {0}")]
    Io(#[from] std::io::Error),
    #[error("the source of the index fails: {0}")]
    Source(#[from] SourceError),
}

/// How to run the index.
#[derive(Clone, Debug)]
pub struct Options {
    pub folder: PathBuf,
    /// How long a relevance cursor lives.
    pub cursor_life: Duration,
    /// Snapshots kept for relevance cursors, at most.
    pub kept_snapshots: usize,
    /// Searches that run at the same time.
    pub concurrent: usize,
    /// How long a search waits for its turn before it is `Busy`.
    pub patience: Duration,
    /// Memory of the writer, over all its threads; at least 15 MB each.
    pub writer_memory_bytes: usize,
    pub writer_threads: usize,
    /// How often the change log is looked at when nothing happens.
    pub poll: Duration,
    /// The longest that applied changes stay invisible while more arrive.
    pub commit_every: Duration,
}

impl Options {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            folder: folder.into(),
            cursor_life: Duration::from_mins(5),
            kept_snapshots: 32,
            concurrent: (cores * 2).max(4),
            patience: Duration::from_secs(5),
            writer_memory_bytes: 80_000_000,
            writer_threads: 2,
            poll: Duration::from_millis(200),
            commit_every: Duration::from_secs(5),
        }
    }
}

struct Shared {
    options: Options,
    /// Tells this process's snapshots from another's.
    process: u64,
    live: RwLock<Option<Arc<Live>>>,
    kept: Kept,
    turns: Arc<Semaphore>,
    applied: watch::Sender<i64>,
    wanted: Wanted,
}

/// What others ask of the indexer.
#[derive(Default)]
struct Wanted {
    look: Notify,
    rebuild: Notify,
}

/// The handle by which everyone searches.
#[derive(Clone)]
pub struct Search(Arc<Shared>);

impl Search {
    /// Takes the index folder and opens its current index, if there is one. The indexer returned must be
    /// run for the index to be built and to follow the changes. `Locked` while another process has the folder.
    pub fn open(options: Options) -> Result<(Self, Indexer), Error> {
        let folder = Folder::own(&options.folder)?;
        let live = folder.open_current().map(Arc::new);
        folder.sweep(live.as_ref().map(|live| live.generation));
        let mut process = [0; 8];
        getrandom::fill(&mut process).map_err(|error| Error::Io(error.into()))?;
        let shared = Arc::new(Shared {
            process: u64::from_be_bytes(process),
            kept: Kept::new(options.cursor_life, options.kept_snapshots),
            turns: Arc::new(Semaphore::new(options.concurrent.max(1))),
            applied: watch::Sender::new(live.as_ref().map_or(-1, |live| live.applied.seq)),
            live: RwLock::new(live),
            wanted: Wanted::default(),
            options,
        });
        Ok((Self(shared.clone()), Indexer::new(shared, folder)))
    }

    /// Answers a question.
    pub async fn search(&self, query: Query) -> Result<Found, Error> {
        self.blocking(move |shared| answer::search(shared, &query))
            .await
    }

    /// Patents most like this one, best first, with the offers of `today`. `NotFound` where the reader cannot see it in the index.
    pub async fn similar(
        &self,
        number: &AppNo,
        limit: usize,
        sight: &Sight,
        today: Day,
    ) -> Result<Vec<Hit>, Error> {
        self.similar_by(number, limit, sight, today, None).await
    }

    /// As `similar`, by some fields only; for measuring.
    pub async fn similar_by(
        &self,
        number: &AppNo,
        limit: usize,
        sight: &Sight,
        today: Day,
        fields: Option<Vec<TextField>>,
    ) -> Result<Vec<Hit>, Error> {
        let (number, sight) = (number.clone(), sight.clone());
        self.blocking(move |shared| {
            answer::similar(shared, &number, limit, &sight, today, fields.as_deref())
        })
        .await
    }

    /// Answers a question about needs.
    pub async fn needs(&self, query: NeedQuery) -> Result<NeedsFound, Error> {
        self.blocking(move |shared| needs::search(shared, &query))
            .await
    }

    /// Patents for a need, what is on offer on `today` first, each with what speaks for and against it.
    pub async fn patents_for(
        &self,
        need: Need,
        limit: usize,
        sight: &Sight,
        today: Day,
    ) -> Result<Vec<PatentMatch>, Error> {
        let sight = sight.clone();
        self.blocking(move |shared| matching::patents_for(shared, &need, limit, &sight, today))
            .await
    }

    /// Open needs that a patent may answer, best first. `NotFound` where the reader cannot see the patent in the index.
    pub async fn needs_for(
        &self,
        number: &AppNo,
        limit: usize,
        sight: &Sight,
        today: Day,
    ) -> Result<Vec<NeedMatch>, Error> {
        let (number, sight) = (number.clone(), sight.clone());
        self.blocking(move |shared| matching::needs_for(shared, &number, limit, &sight, today))
            .await
    }

    /// All hits of a question in order of number, from one snapshot; limit, sort and cursor are ignored.
    /// The iterator reads from disk: drive it on a blocking thread.
    pub fn export(&self, query: Query) -> Result<Export, Error> {
        Export::new(self.0.snapshot()?, query)
    }

    /// Is there an index to answer from?
    pub fn ready(&self) -> bool {
        self.0.current().is_some()
    }

    /// Which build of the index answers; grows with every rebuild, 0 before the first.
    pub fn generation(&self) -> u64 {
        self.0.current().map_or(0, |live| live.generation)
    }

    /// The last change that searches see; −1 before the first index.
    pub fn applied_seq(&self) -> i64 {
        *self.0.applied.borrow()
    }

    /// Waits until searches see change `seq`; `false` when that takes longer than `timeout`.
    pub async fn wait_for(&self, seq: i64, timeout: Duration) -> bool {
        let mut applied = self.0.applied.subscribe();
        let reached = applied.wait_for(|applied| *applied >= seq);
        tokio::time::timeout(timeout, reached)
            .await
            .is_ok_and(|reached| reached.is_ok())
    }

    /// Tells the indexer that there are changes, so that it need not wait for its next look.
    pub fn look(&self) {
        self.0.wanted.look.notify_one();
    }

    /// Asks the indexer for a new index from a full scan; the old one answers until it is there.
    pub fn rebuild(&self) {
        self.0.wanted.rebuild.notify_one();
    }

    async fn blocking<T: Send + 'static>(
        &self,
        answer: impl FnOnce(&Shared) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let shared = self.0.clone();
        let turn = tokio::time::timeout(
            shared.options.patience,
            shared.turns.clone().acquire_owned(),
        )
        .await;
        let turn = turn.ok().and_then(Result::ok).ok_or(Error::Busy)?;
        let task = tokio::task::spawn_blocking(move || {
            let answered = answer(&shared);
            drop(turn);
            answered
        });
        task.await
            .unwrap_or_else(|error| Err(Error::Corrupt(error.to_string())))
    }
}

impl Shared {
    fn current(&self) -> Option<Arc<Live>> {
        self.live
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn snapshot(&self) -> Result<Snapshot, Error> {
        // Read first: what is applied is visible, never the other way round.
        let applied = *self.applied.borrow();
        Ok(self
            .current()
            .ok_or(Error::NotReady)?
            .snapshot(self.process, applied))
    }

    fn set_live(&self, live: Option<Arc<Live>>) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
    }
}
