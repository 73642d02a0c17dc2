//! Registering stock: an import of a file, what it has done so far, and the rows it refused.

use serde::{Deserialize, Serialize};

use super::{
    id::Id,
    time::{Day, Instant},
    words::words,
};

words! {
    /// Where an import stands.
    pub enum ImportState {
        Queued = "queued";
        Running = "running";
        Done = "done";
        /// The file could not be read to its end; what was read before stands.
        Failed = "failed";
    }
}

/// What became of the rows. `rows` = `added` + `merged` + `unchanged` + `rejected`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Rows read so far.
    pub rows: i64,
    /// Rows that brought a patent that was not here.
    pub added: i64,
    /// Rows that changed a known patent or a holding of it.
    pub merged: i64,
    /// Rows that said nothing new.
    pub unchanged: i64,
    pub rejected: i64,
    /// New holdings of the importing organisation, `claimed` ones included.
    pub held: i64,
    /// New holdings that no source confirms: an officer must see a document.
    pub claimed: i64,
}

/// Why a file could not be read to its end, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Failure {
    pub code: String,
    pub zh: String,
    pub en: String,
}

/// An import of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub id: Id,
    pub version: i64,
    pub state: ImportState,
    /// Whose stock it is; `None` records bibliographic data alone.
    pub organisation: Option<Id>,
    pub actor: String,
    pub file_name: Option<String>,
    /// The uploaded file; `None` when it was read from the operator's disk.
    pub blob: Option<String>,
    pub sha256: Option<String>,
    pub size_bytes: i64,
    /// The day on which the file was exported: the day of every status in it that bears none of its own.
    pub status_as_of: Option<Day>,
    pub counts: Counts,
    pub failure: Option<Failure>,
    pub created_at: Instant,
    pub finished_at: Option<Instant>,
}

/// A rejected row as stored: its text is made from `code` when somebody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReject {
    /// The row's ordinal in the file, from 1.
    pub item: i64,
    /// The row as a person finds it in the file.
    pub row: i64,
    pub column: String,
    pub code: String,
    pub value: String,
}
