//! The index folder: which of its sub-folders is the current index, who owns it, and how a new one takes
//! the place of an old one. `CURRENT` is replaced by a rename, so a crash at any moment leaves one whole
//! index or none; half-built ones are swept at the next start.

use std::{
    fs::{self, File, TryLockError},
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tantivy::{Index, IndexReader, ReloadPolicy, Searcher, directory::MmapDirectory};

use super::{
    Error,
    cursor::SnapshotId,
    schema::{self, Fields},
};

const CURRENT: &str = "CURRENT";

/// The change up to which a commit holds everything, kept in the commit itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub seq: i64,
    /// The hash of that change: another hash means another database.
    #[serde(default)]
    pub hash: String,
    /// The mark of the table by which every document's industries were derived.
    #[serde(default)]
    pub relation: String,
}

/// An open index.
pub struct Live {
    pub index: Index,
    pub reader: IndexReader,
    pub fields: Fields,
    /// The number in the folder's name.
    pub generation: u64,
    /// What the index held when it was opened.
    pub applied: Applied,
}

/// One unchanging state of an index.
#[derive(Clone)]
pub struct Snapshot {
    pub id: SnapshotId,
    pub searcher: Searcher,
    pub live: Arc<Live>,
    /// Everything up to this change is in it.
    pub applied_seq: i64,
}

impl Live {
    fn with(index: Index, generation: u64, applied: Applied) -> Result<Self, Error> {
        let (wanted, fields) = schema::build();
        if index.schema() != wanted {
            return Err(Error::Corrupt("the index has another schema".into()));
        }
        schema::register(&index);
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Self {
            index,
            reader,
            fields,
            generation,
            applied,
        })
    }

    pub fn snapshot(self: &Arc<Self>, process: u64, applied_seq: i64) -> Snapshot {
        let searcher = self.reader.searcher();
        let id = SnapshotId {
            process,
            folder: self.generation,
            commit: searcher.generation().generation_id(),
        };
        Snapshot {
            id,
            searcher,
            live: self.clone(),
            applied_seq,
        }
    }
}

/// The folder, owned while this value lives.
pub struct Folder {
    root: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes the folder, making it where it is missing. `Locked` while another process has it.
    pub fn own(root: &Path) -> Result<Self, Error> {
        fs::create_dir_all(root)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join("LOCK"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                root: root.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Opens the current index; `None` where there is none of our version, or it cannot be read.
    pub fn open_current(&self) -> Option<Live> {
        let name = fs::read_to_string(self.root.join(CURRENT)).ok()?;
        let generation = generation_of(name.trim())?;
        match self.open(generation) {
            Ok(live) => Some(live),
            Err(error) => {
                tracing::warn!(%error, index = name.trim(), "the search index cannot be read and is built anew");
                None
            }
        }
    }

    fn open(&self, generation: u64) -> Result<Live, Error> {
        let index = Index::open_in_dir(self.path(generation))?;
        let payload = index.load_metas()?.payload.unwrap_or_default();
        let applied = serde_json::from_str(&payload)
            .map_err(|_| Error::Corrupt("the commit names no change".into()))?;
        Live::with(index, generation, applied)
    }

    /// Makes an empty index under the next number.
    pub fn create(&self) -> Result<Live, Error> {
        let generation = self.generations().into_iter().max().unwrap_or(0) + 1;
        let path = self.path(generation);
        fs::create_dir_all(&path)?;
        let directory = MmapDirectory::open(&path).map_err(tantivy::TantivyError::from)?;
        let index = Index::create(
            directory,
            schema::build().0,
            tantivy::IndexSettings::default(),
        )?;
        Live::with(index, generation, Applied::default())
    }

    /// From now on, also after a crash, this is the index.
    pub fn make_current(&self, generation: u64) -> Result<(), Error> {
        let draft = self.root.join("CURRENT.new");
        let mut file = File::create(&draft)?;
        file.write_all(name_of(generation).as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, self.root.join(CURRENT))?;
        File::open(&self.root)?.sync_all()?;
        Ok(())
    }

    /// Removes every index but this one. What is still mapped stays readable until it is let go.
    pub fn sweep(&self, keep: Option<u64>) {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let ours = name.starts_with('v') && name.contains('-') && entry.path().is_dir();
            if ours && (keep.is_none() || generation_of(&name) != keep) {
                let removed = fs::remove_dir_all(entry.path());
                tracing::info!(index = %name, removed = removed.is_ok(), "an old search index is swept");
            }
        }
    }

    fn path(&self, generation: u64) -> PathBuf {
        self.root.join(name_of(generation))
    }

    fn generations(&self) -> Vec<u64> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| generation_of(&entry.file_name().to_string_lossy()))
            .collect()
    }
}

fn name_of(generation: u64) -> String {
    format!("v{}-{generation:06}", schema::VERSION)
}

/// The generation of a folder of our schema version.
fn generation_of(name: &str) -> Option<u64> {
    let (version, generation) = name.strip_prefix('v')?.split_once('-')?;
    if version.parse() == Ok(schema::VERSION) {
        generation.parse().ok()
    } else {
        None
    }
}
