//! Files: the evidence that people upload and the letters the system writes. A file never changes, so its id
//! and its SHA-256 say for good what was seen; other records refer to it by both.

use serde::{Deserialize, Serialize};

use super::{
    event::{canonical_json, sha256_hex},
    id::Id,
    media::MediaType,
    time::Instant,
};

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub id: Id,
    /// The organisation it belongs to; `None`: the office.
    pub owner: Option<Id>,
    pub name: String,
    pub media_type: MediaType,
    /// Lower-case hex.
    pub sha256: String,
    pub size_bytes: i64,
    pub created_at: Instant,
}

impl File {
    /// How another record names this file.
    pub fn reference(&self) -> FileRef {
        FileRef {
            id: self.id.clone(),
            sha256: self.sha256.clone(),
        }
    }

    /// SHA-256 of the canonical JSON of its row: kept in the row, since no change row speaks of a file.
    pub fn row_hash(&self, blob: &str, actor: &str) -> String {
        let row = serde_json::json!({
            "id": self.id, "owner": self.owner, "name": self.name, "mediaType": self.media_type.as_str(),
            "sha256": self.sha256, "sizeBytes": self.size_bytes, "blob": blob, "actor": actor,
            "createdAt": self.created_at,
        });
        sha256_hex(canonical_json(&row).as_bytes())
    }
}

/// A file as declarations and licences name it: which one, and what was in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileRef {
    pub id: Id,
    /// Lower-case hex SHA-256 of its bytes.
    pub sha256: String,
}

/// The longest name, in characters.
pub const MAX_NAME: usize = 200;

/// What is wrong with a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a name has 1 to {MAX_NAME} characters")]
    Length,
    #[error("a name has no control characters and no path separators")]
    Characters,
    /// Whoever opens it would run it.
    #[error("a name must not end like a program or a web page")]
    Ending,
}

/// What a desktop runs, or shows in a browser, when somebody opens it.
const ACTIVE_ENDINGS: &[&str] = &[
    "app", "apk", "bat", "chm", "cmd", "com", "cpl", "dll", "exe", "hta", "htm", "html", "jar",
    "js", "jse", "lnk", "mht", "mhtml", "msi", "pif", "ps1", "reg", "scr", "sh", "shtml", "svg",
    "svgz", "url", "vbe", "vbs", "wsf", "xht", "xhtml",
];

/// The name as it is kept: trimmed, and fit to be saved under on any desktop.
pub fn file_name(text: &str) -> Result<String, NameError> {
    let name = text.trim();
    if !(1..=MAX_NAME).contains(&name.chars().count()) {
        return Err(NameError::Length);
    }
    if name.chars().any(is_unfit) || matches!(name, "." | "..") {
        return Err(NameError::Characters);
    }
    // Some desktops drop dots and spaces at the end.
    let bare = name.trim_end_matches(['.', ' ']);
    let ending = bare.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ACTIVE_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) {
        return Err(NameError::Ending);
    }
    Ok(name.to_owned())
}

/// Control characters, path separators, and the marks that make `gpj.exe` look like `exe.jpg`.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\' | '\u{feff}' | '\u{200b}'..='\u{200f}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
