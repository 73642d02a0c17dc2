//! Writing to one index: replace documents, commit with the change they reach, show the commit to readers.
//! All of it blocks, so it runs beside the runtime.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use tantivy::{
    IndexWriter, TantivyDocument, Term,
    collector::DocSetCollector,
    merge_policy::LogMergePolicy,
    query::TermQuery,
    schema::{Field, IndexRecordOption},
};

use super::{
    Error, Options,
    document::{self, Stored},
    live::{Applied, Live},
    needs,
    source::{Entry, NeedEntry},
};
use crate::domain::{codes::AppNo, id::Id, patent::Patent, reference::Relation};

/// The writer of an index.
#[derive(Clone)]
pub struct Writer {
    pub live: Arc<Live>,
    writer: Arc<Mutex<IndexWriter<TantivyDocument>>>,
    /// Bytes of text handed over since the last commit.
    pending: Arc<AtomicUsize>,
    /// By which industries are derived from now on.
    pub relation: Arc<Relation>,
}

/// The library queues documents by number, not by size: without commits in between, a stock of very long texts
/// would wait in memory as a whole.
const MOST_PENDING_BYTES: usize = 24 << 20;

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
            let mut policy = LogMergePolicy::default();
            // Changed patents are deletions: without this, large segments would keep them for ever.
            policy.set_del_docs_ratio_before_merge(0.3);
            writer.set_merge_policy(Box::new(policy));
            Ok(Self {
                live: index,
                writer: Arc::new(Mutex::new(writer)),
                pending: Arc::default(),
                relation,
            })
        })
        .await
    }

    /// Is so much waiting that a commit is due, whatever the clock says?
    pub fn is_full(&self) -> bool {
        self.pending.load(Ordering::Relaxed) > MOST_PENDING_BYTES
    }

    /// Replaces the documents of `gone` and of every entry.
    pub async fn replace(&self, gone: Vec<AppNo>, mut entries: Vec<Entry>) -> Result<(), Error> {
        self.count(&entries);
        self.derive(&mut entries);
        self.with(move |live, writer| {
            let numbers = gone
                .iter()
                .chain(entries.iter().map(|entry| &entry.patent.number));
            for number in numbers {
                writer.delete_term(Term::from_field_text(live.fields.number, number.as_str()));
            }
            add(live, writer, &entries)
        })
        .await
    }

    /// Replaces the documents of these needs and of every entry.
    pub async fn replace_needs(&self, gone: Vec<Id>, entries: Vec<NeedEntry>) -> Result<(), Error> {
        self.with(move |live, writer| {
            for id in gone
                .iter()
                .chain(entries.iter().map(|entry| &entry.need.id))
            {
                writer.delete_term(Term::from_field_text(live.fields.need.id, &id.to_string()));
            }
            for entry in &entries {
                writer.add_document(needs::make(&live.fields, entry))?;
            }
            Ok(())
        })
        .await
    }

    /// Adds documents to an index that has none of them.
    pub async fn add(&self, mut entries: Vec<Entry>) -> Result<(), Error> {
        self.count(&entries);
        self.derive(&mut entries);
        self.with(move |live, writer| add(live, writer, &entries))
            .await
    }

    fn derive(&self, entries: &mut [Entry]) {
        for entry in entries {
            entry.derive(&self.relation);
        }
    }

    fn count(&self, entries: &[Entry]) {
        let card = |entry: &Entry| entry.card.as_ref().map_or(0, |card| 3 * card.words().len());
        let bytes = |entry: &Entry| text_bytes(&entry.patent) + card(entry);
        let bytes: usize = entries.iter().map(bytes).sum();
        self.pending.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Makes everything so far durable and visible, as of change `applied`.
    pub async fn commit(&self, applied: Applied) -> Result<(), Error> {
        self.pending.store(0, Ordering::Relaxed);
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
        work: impl FnOnce(&Live, &mut IndexWriter<TantivyDocument>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let this = self.clone();
        blocking(move || {
            let mut writer = this.writer.lock().unwrap_or_else(PoisonError::into_inner);
            work(&this.live, &mut writer)
        })
        .await
    }
}

/// What a patent's text weighs in the queue: for words, for bigrams and as stored.
fn text_bytes(patent: &Patent) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    3 * (patent.title.len() + length(&patent.abstract_text) + length(&patent.main_claim))
}

fn add(live: &Live, writer: &IndexWriter<TantivyDocument>, entries: &[Entry]) -> Result<(), Error> {
    for entry in entries {
        writer.add_document(document::make(&live.fields, entry))?;
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
