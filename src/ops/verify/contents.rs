//! What the audit asks of bytes: every content is the one that was stored, every file names a content that is
//! there, every import's counts add up and its refused rows are kept, every record's sources are ones it can have.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use super::{Checked, Report, broken};
use crate::{
    domain::{id::Id, merge::Sources, register::ImportState},
    store::{Tx, blobs, files, imports, sources},
};

/// Every content has the hash and the size it was stored with; a break names the file, where there is one.
pub(super) async fn blobs(tx: &mut Tx, report: &mut Report) -> Checked {
    let mut after = String::new();
    loop {
        let page = blobs::page(tx, &after, 100).await?;
        let Some(last) = page.last() else {
            return Ok(Ok(()));
        };
        after.clone_from(&last.id);
        for blob in &page {
            let (mut hasher, mut size, mut part) = (Sha256::new(), 0, 0);
            while let Some(bytes) = blobs::read_part(tx, &blob.id, part).await? {
                hasher.update(&bytes);
                size += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
                part += 1;
            }
            if hex::encode(hasher.finalize()) != blob.sha256 || size != blob.size_bytes {
                let place = match files::find_by_blob(tx, &blob.id).await? {
                    Some(file) => format!("files/{file}"),
                    None => format!("file {}", blob.id),
                };
                return Ok(Err(broken(
                    place,
                    "its content is not the one that was stored",
                )));
            }
            report.blobs += 1;
        }
    }
}

/// Every file names a content that is there, by its hash and size.
pub(super) async fn files(tx: &mut Tx) -> Checked {
    let mut after = String::new();
    loop {
        let page = files::page(tx, &after, 500).await?;
        let Some(last) = page.last() else {
            return Ok(Ok(()));
        };
        after.clone_from(&last.id);
        for file in &page {
            let place = || format!("files/{}", file.id);
            let Some(sha256) = &file.blob_sha256 else {
                return Ok(Err(broken(place(), "its content is missing")));
            };
            if *sha256 != file.sha256 || file.blob_size_bytes != Some(file.size_bytes) {
                return Ok(Err(broken(
                    place(),
                    "its hash or size is not that of its content",
                )));
            }
        }
    }
}

pub(super) async fn import_counts(tx: &mut Tx, report: &mut Report) -> Checked {
    let mut before: Option<String> = None;
    loop {
        let page = imports::page(tx, None, before.as_deref(), 100).await?;
        let Some(last) = page.last() else {
            return Ok(Ok(()));
        };
        before = Some(last.id.to_string());
        for import in &page {
            let c = import.counts;
            if c.rows != c.added + c.merged + c.unchanged + c.rejected {
                return Ok(Err(broken(
                    format!("imports/{}", import.id),
                    "its counts do not add up",
                )));
            }
            let kept = imports::count_rejects(tx, &import.id).await?;
            let agrees = match import.state {
                ImportState::Queued | ImportState::Rehearsing => true,
                // Of a preview the first ones are kept.
                ImportState::Rehearsed => kept <= c.rejected,
                ImportState::Running | ImportState::Done | ImportState::Failed => {
                    kept == c.rejected
                }
            };
            if import.blob.is_some() && !agrees {
                return Ok(Err(broken(
                    format!("imports/{}", import.id),
                    format!("{} rows were rejected, {kept} are kept", c.rejected),
                )));
            }
            report.imports += 1;
        }
    }
}

/// Where the values of records come from: patents that are there, imports that were, and corrections as they are made.
pub(super) async fn sources(tx: &mut Tx, report: &mut Report) -> Checked {
    let mut after = String::new();
    let mut known: HashSet<Id> = HashSet::new();
    loop {
        let page = sources::page(tx, &after, 500).await?;
        let Some((last, ..)) = page.last() else {
            return Ok(Ok(()));
        };
        after.clone_from(last);
        for (subject, doc, is_there) in &page {
            let broken = |what: &str| Ok(Err(broken(format!("sources of {subject}"), what)));
            let of_patent = Id::parse(subject).is_none();
            if of_patent && !is_there {
                return broken("there is no such patent");
            }
            let Ok(of) = serde_json::from_str::<Sources>(doc) else {
                return broken("the document cannot be read");
            };
            if let Some(flaw) = of.flaw(of_patent) {
                return broken(flaw);
            }
            for import in of.imports() {
                if !known.contains(import) {
                    if imports::find(tx, import).await?.is_none() {
                        return broken("name an import that is not there");
                    }
                    known.insert(import.clone());
                }
            }
            report.sources += 1;
        }
    }
}
