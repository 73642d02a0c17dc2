//! Writing to one index: replace documents, commit with the change they reach, show the commit to readers.
//! All of it blocks, so it runs beside the runtime.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tantivy::{
    IndexWriter, Term,
    collector::DocSetCollector,
    index::{SegmentId, SegmentMeta},
    indexer::{LogMergePolicy, MergeCandidate, MergePolicy},
    query::TermQuery,
    schema::{Field, IndexRecordOption},
};

use super::{
    Error, Options,
    document::{self, Stored},
    live::{Applied, Live},
    needs,
    source::{Entry, NeedEntry},
    waiting::{Waiting, Weighed},
};
use crate::domain::{codes::AppNo, id::Id, reference::Relation};

/// The writer of an index.
#[derive(Clone)]
pub struct Writer {
    pub live: Arc<Live>,
    writer: Arc<Mutex<IndexWriter<Weighed>>>,
    waiting: Arc<Waiting>,
    /// Much is waiting to be written: merges wait for it.
    hurried: Arc<AtomicBool>,
    /// By which industries are derived from now on.
    pub relation: Arc<Relation>,
}

/// Merges as the library proposes, but makes no segment of more documents than a merge can hold in some hundred MB, and
/// lets more small segments stand while much is waiting: what is new is found first.
#[derive(Debug)]
struct Bounded {
    usual: LogMergePolicy,
    late: LogMergePolicy,
    hurried: Arc<AtomicBool>,
}

const MOST_MERGED: u32 = 100_000;
/// Small segments that are merged into one, and so many while there is a hurry.
const MERGED: usize = 8;
const MERGED_LATE: usize = 24;

impl Bounded {
    fn new(hurried: Arc<AtomicBool>) -> Self {
        let policy = |segments| {
            let mut policy = LogMergePolicy::default();
            policy.set_min_num_segments(segments);
            // Changed patents are deletions: without this, large segments would keep them for ever.
            policy.set_del_docs_ratio_before_merge(MOST_DELETED);
            policy
        };
        Self {
            usual: policy(MERGED),
            late: policy(MERGED_LATE),
            hurried,
        }
    }
}

impl MergePolicy for Bounded {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let known: HashMap<SegmentId, &SegmentMeta> = segments
            .iter()
            .map(|segment| (segment.id(), segment))
            .collect();
        let bounded = |MergeCandidate(ids): MergeCandidate| {
            let proposed = ids.iter().filter_map(|id| known.get(id).copied());
            let mut sum = 0;
            let fits = |segment: &&SegmentMeta| {
                sum += segment.num_docs();
                sum <= MOST_MERGED
            };
            let together: Vec<SegmentId> = proposed
                .clone()
                .take_while(fits)
                .map(SegmentMeta::id)
                .collect();
            if together.len() > 1 {
                return vec![MergeCandidate(together)];
            }
            // One alone is written anew, to be rid of what was deleted in it.
            let stale = proposed.filter(|segment| is_stale(segment));
            stale
                .map(|segment| MergeCandidate(vec![segment.id()]))
                .collect()
        };
        let policy = if self.hurried.load(Ordering::Relaxed) {
            &self.late
        } else {
            &self.usual
        };
        let proposed = policy.compute_merge_candidates(segments);
        proposed.into_iter().flat_map(bounded).collect()
    }
}

/// The share of deleted documents from which a segment is written anew.
const MOST_DELETED: f32 = 0.3;

fn is_stale(segment: &SegmentMeta) -> bool {
    let deleted = f64::from(segment.num_deleted_docs());
    deleted > f64::from(MOST_DELETED) * f64::from(segment.max_doc())
}

impl Writer {
    pub async fn open(
        live: Arc<Live>,
        relation: Arc<Relation>,
        options: &Options,
    ) -> Result<Self, Error> {
        let (threads, memory) = (options.writer_threads.max(1), options.writer_memory_bytes);
        let index = live.clone();
        blocking(move || {
            let writer = index
                .index
                .writer_with_num_threads(threads, memory.max(threads * 15_000_000))?;
            let hurried: Arc<AtomicBool> = Arc::default();
            writer.set_merge_policy(Box::new(Bounded::new(hurried.clone())));
            Ok(Self {
                live: index,
                writer: Arc::new(Mutex::new(writer)),
                waiting: Arc::default(),
                hurried,
                relation,
            })
        })
        .await
    }

    /// Replaces the documents of `gone` and of every entry.
    pub async fn replace(&self, gone: Vec<AppNo>, mut entries: Vec<Entry>) -> Result<(), Error> {
        self.derive(&mut entries);
        let waiting = self.waiting.clone();
        self.with(move |live, writer| {
            let numbers = gone
                .iter()
                .chain(entries.iter().map(|entry| &entry.patent.number));
            for number in numbers {
                writer.delete_term(Term::from_field_text(live.fields.number, number.as_str()));
            }
            add(live, &waiting, writer, &entries)
        })
        .await
    }

    /// Replaces the documents of these needs and of every entry.
    pub async fn replace_needs(&self, gone: Vec<Id>, entries: Vec<NeedEntry>) -> Result<(), Error> {
        let waiting = self.waiting.clone();
        self.with(move |live, writer| {
            for id in gone
                .iter()
                .chain(entries.iter().map(|entry| &entry.need.id))
            {
                writer.delete_term(Term::from_field_text(live.fields.need.id, &id.to_string()));
            }
            for entry in &entries {
                let bytes = 3 * entry.need.text.len();
                writer.add_document(waiting.admit(needs::make(&live.fields, entry), bytes))?;
            }
            Ok(())
        })
        .await
    }

    /// Adds documents to an index that has none of them.
    pub async fn add(&self, mut entries: Vec<Entry>) -> Result<(), Error> {
        self.derive(&mut entries);
        let waiting = self.waiting.clone();
        self.with(move |live, writer| add(live, &waiting, writer, &entries))
            .await
    }

    fn derive(&self, entries: &mut [Entry]) {
        for entry in entries {
            entry.derive(&self.relation);
        }
    }

    /// Says whether much is waiting to be written.
    pub fn hurry(&self, hurried: bool) {
        self.hurried.store(hurried, Ordering::Relaxed);
    }

    /// Makes everything so far durable and visible, as of change `applied`.
    pub async fn commit(&self, applied: Applied) -> Result<(), Error> {
        self.with(move |live, writer| {
            let payload = serde_json::to_string(&applied)
                .map_err(|error| Error::Corrupt(error.to_string()))?;
            let mut commit = writer.prepare_commit()?;
            commit.set_payload(&payload);
            commit.commit()?;
            live.reader.reload()?;
            Ok(())
        })
        .await
    }

    /// The numbers of the visible documents that carry a term.
    pub async fn numbers_with(&self, field: Field, text: String) -> Result<Vec<AppNo>, Error> {
        let live = self.live.clone();
        blocking(move || {
            let searcher = live.reader.searcher();
            let query = TermQuery::new(
                Term::from_field_text(field, &text),
                IndexRecordOption::Basic,
            );
            let places = searcher.search(&query, &DocSetCollector)?;
            places
                .into_iter()
                .map(|place| Ok(Stored::read(&searcher, &live.fields, place)?.number))
                .collect()
        })
        .await
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Live, &mut IndexWriter<Weighed>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let this = self.clone();
        blocking(move || {
            let mut writer = this.writer.lock().unwrap_or_else(PoisonError::into_inner);
            work(&this.live, &mut writer)
        })
        .await
    }
}

/// What an entry weighs in the queue: its texts for words, for bigrams, for characters and as they are shown.
fn weight(entry: &Entry) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let patent = &entry.patent;
    let card = entry.card.as_ref().map_or(0, |card| card.words().len());
    let texts = length(&patent.abstract_text) + length(&patent.main_claim) + card;
    4 * (patent.title.len() + texts)
}

fn add(
    live: &Live,
    waiting: &Arc<Waiting>,
    writer: &IndexWriter<Weighed>,
    entries: &[Entry],
) -> Result<(), Error> {
    for entry in entries {
        let document = document::make(&live.fields, entry);
        writer.add_document(waiting.admit(document, weight(entry)))?;
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let task = tokio::task::spawn_blocking(work);
    task.await
        .unwrap_or_else(|error| Err(Error::Corrupt(error.to_string())))
}
