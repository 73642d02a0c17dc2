//! What the audit asks of bytes: every content is the one that was stored, every file names a content that is
//! there, every import's counts add up and its refused rows are kept.

use sha2::{Digest as _, Sha256};

use super::{Checked, Report, broken};
use crate::{
    domain::register::ImportState,
    store::{Tx, blobs, files, imports},
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
