//! Asking for a new index: the index belongs to the process that holds its folder, so whoever else wants it
//! rebuilt leaves a job that only that process takes.

use std::path::Path;

use super::{Error, Result, Services};
use crate::store::jobs;

/// The job kind of one index folder on one machine.
pub fn kind(folder: &Path) -> String {
    let folder = folder
        .canonicalize()
        .unwrap_or_else(|_| folder.to_path_buf());
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("reindex:{}:{}", machine.trim(), folder.display())
}

/// Leaves the job.
pub async fn request(services: &Services, folder: &Path) -> Result<()> {
    let now = services.now();
    let mut tx = services.db.begin_plain().await?;
    jobs::enqueue(
        &mut tx,
        &services.ids.next(now),
        &kind(folder),
        &serde_json::json!({}),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Does the job: the old index answers until the new one is there.
pub async fn run_job(services: &Services, job: &jobs::Leased) -> Result<()> {
    services.search.as_ref().ok_or(Error::NotReady)?.rebuild();
    let mut tx = services.db.begin_plain().await?;
    jobs::finish(&mut tx, job).await?;
    tx.commit().await?;
    Ok(())
}
