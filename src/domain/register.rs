//! Registering stock: an import of a file, what it has done so far, and the rows it refused.

use serde::{Deserialize, Serialize};

use super::{
    holding::Conversion,
    id::Id,
    patent::{LegalStatus, PatentKind},
    text::Text,
    time::{Day, Instant},
    words::words,
};

words! {
    /// Where an import stands.
    pub enum ImportState {
        /// Being read for a preview: nothing is recorded
        Rehearsing = "rehearsing";
        /// Read for a preview, whose counts it has; waits for somebody to agree, seven days at most
        Rehearsed = "rehearsed";
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

/// What was understood of a file before anybody agreed to import it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// The headers of the table in their order; none of JSON lines.
    pub columns: Vec<PreviewColumn>,
    /// The first good rows.
    pub rows: Vec<PreviewRow>,
    /// The sheets or members that are read, where the file holds more than one table.
    #[serde(default)]
    pub tables: Vec<String>,
    /// The sheets that are not read, each with the reason.
    #[serde(default)]
    pub skipped: Vec<PreviewSkipped>,
}

/// A sheet that is not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewSkipped {
    pub name: String,
    pub reason: Text,
}

/// A header, and what it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewColumn {
    pub header: String,
    /// `None`: the column is not read.
    pub meaning: Option<Text>,
}

/// A row as it was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewRow {
    pub number: String,
    pub title: String,
    pub kind: PatentKind,
    pub legal_status: LegalStatus,
    pub filing_date: Option<Day>,
    pub patentees: Vec<String>,
    pub conversion: Option<Conversion>,
    pub unit: Option<String>,
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
    /// What was shown before the import; `None` where nobody asked to see it first.
    pub preview: Option<Preview>,
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
