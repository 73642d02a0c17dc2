//! Documents on their way to the index's threads. The library queues them by number, not by size: here what waits is
//! weighed, and whoever adds more waits for room, so that a stock of very long texts never lies in memory as a whole.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

use tantivy::{TantivyDocument, schema::document::Document};

/// What may wait, in bytes of text.
const MOST_BYTES: usize = 16 << 20;
/// A writer that has failed takes nothing from its queue any more, and says so when the next document is added.
const PATIENCE: Duration = Duration::from_secs(30);

/// What waits at the moment.
#[derive(Default)]
pub struct Waiting {
    bytes: Mutex<usize>,
    taken: Condvar,
}

impl Waiting {
    /// Lets a document of so many bytes wait, as soon as there is room.
    pub fn admit(self: &Arc<Self>, document: TantivyDocument, bytes: usize) -> Weighed {
        let waiting = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |waiting: &mut usize| *waiting > 0 && *waiting + bytes > MOST_BYTES;
        let (mut waiting, _) = self
            .taken
            .wait_timeout_while(waiting, PATIENCE, full)
            .unwrap_or_else(PoisonError::into_inner);
        *waiting += bytes;
        drop(waiting);
        Weighed {
            document,
            _load: Load {
                bytes,
                waiting: self.clone(),
            },
        }
    }
}

/// The weight of one document, until it is taken.
struct Load {
    bytes: usize,
    waiting: Arc<Waiting>,
}

impl Drop for Load {
    fn drop(&mut self) {
        let waiting = self.waiting.bytes.lock();
        *waiting.unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.waiting.taken.notify_all();
    }
}

/// A document that counts as waiting until an index thread takes it.
pub struct Weighed {
    document: TantivyDocument,
    _load: Load,
}

impl Document for Weighed {
    type Value<'a> = <TantivyDocument as Document>::Value<'a>;
    type FieldsValuesIter<'a> = <TantivyDocument as Document>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.document.iter_fields_and_values()
    }

    fn into_tantivy_document(self) -> TantivyDocument {
        self.document
    }
}
