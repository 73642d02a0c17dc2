//! Registering stock: an import of a file, what it has done so far, and the rows it refused.

use serde::{Deserialize, Serialize};

use super::{
    event::{canonical_json, sha256_hex},
    holding::Conversion,
    id::Id,
    intake::{Column, Mapping, Reading},
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
    /// Values that were not taken and wait for somebody to decide.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schema(default = 0)]
    pub conflicts: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(count: &i64) -> bool {
    *count == 0
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

/// A column, how it is read and why, with the first of its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewColumn {
    /// As in the file; its letters where it has no header.
    pub header: String,
    /// Tells the column from the others of the file.
    #[serde(default)]
    pub key: String,
    /// `None`: the column is not read.
    pub meaning: Option<Text>,
    /// Absent in previews of earlier versions, as everything below.
    #[serde(default)]
    pub reading: Option<Reading>,
    #[serde(default)]
    pub samples: Vec<String>,
}

impl PreviewColumn {
    pub fn field(&self) -> Option<Column> {
        self.reading.as_ref().and_then(|reading| reading.field)
    }
}

/// What a holder has said of the headers of its files, offered again for every file with the same headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedMapping {
    pub id: Id,
    /// `None`: the office's own, for files that are nobody's stock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Id>,
    /// Of the keys of all headers, in whatever order.
    pub signature: String,
    pub columns: Vec<SavedColumn>,
    /// The file with which it was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    pub saved_by: String,
    pub saved_at: Instant,
}

/// One header, and what it was said to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedColumn {
    pub key: String,
    pub header: String,
    /// `None`: it is not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Column>,
}

impl SavedMapping {
    pub fn mapping(&self) -> Mapping {
        let mut mapping = Mapping::default();
        for column in &self.columns {
            mapping.say(column.key.clone(), column.field);
        }
        mapping
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
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
    /// How it is or was read: its columns, sheets and first rows; `None` before anybody has looked.
    pub preview: Option<Preview>,
    /// What somebody has said of its columns, and then by what it is read.
    pub mapping: Option<Mapping>,
    /// Guesses that nobody has confirmed are taken too.
    pub guesses: bool,
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
    /// The cells that were read of the row, header and text, so that it can be mended and sent again; `None` where the
    /// row could not be taken apart, or after the first rows.
    pub cells: Option<Vec<(String, String)>>,
}
