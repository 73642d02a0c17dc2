//! Receiving a file: stored part by part as it arrives, one part in memory, and whole only when it arrived to
//! its end. The same content is kept once. What leads nowhere is discarded, or swept the day after.

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, pin_mut};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::{Error, Result, Services};
use crate::{
    domain::id::Id,
    store::{Tx, blobs},
};

/// A file that has arrived, not yet kept.
pub(super) struct Upload {
    pub blob: Id,
    pub sha256: String,
    pub size_bytes: i64,
}

/// Stores an upload of at most `limit` bytes. `look` sees its beginning (1 MiB, or all of a smaller one)
/// before anything is stored and may refuse the rest.
pub(super) async fn receive(
    services: &Services,
    limit: u64,
    upload: impl Stream<Item = Result<Bytes>>,
    look: impl FnOnce(&[u8]) -> Result<()>,
) -> Result<Upload> {
    let blob = services.ids.next(services.now());
    let mut tx = services.db.begin_plain().await?;
    blobs::open(&mut tx, &blob, services.now()).await?;
    tx.commit().await?;
    let received = parts(services, &blob, limit, upload, look).await;
    if received.is_err() {
        discard(services, &blob).await;
    }
    let (sha256, size_bytes) = received?;
    Ok(Upload {
        blob,
        sha256,
        size_bytes,
    })
}

async fn parts(
    services: &Services,
    blob: &Id,
    limit: u64,
    upload: impl Stream<Item = Result<Bytes>>,
    look: impl FnOnce(&[u8]) -> Result<()>,
) -> Result<(String, i64)> {
    let (mut hasher, mut size, mut part) = (Sha256::new(), 0_u64, 0_i64);
    let mut buffer = Vec::with_capacity(blobs::PART_BYTES);
    let mut look = Some(look);
    pin_mut!(upload);
    while let Some(chunk) = upload.next().await {
        let mut chunk = chunk?;
        size += chunk.len() as u64;
        if size > limit {
            return Err(Error::TooLarge { limit });
        }
        hasher.update(&chunk);
        while !chunk.is_empty() {
            let room = blobs::PART_BYTES - buffer.len();
            let taken = chunk.split_to(room.min(chunk.len()));
            buffer.extend_from_slice(&taken);
            if buffer.len() == blobs::PART_BYTES {
                look.take().map_or(Ok(()), |look| look(&buffer))?;
                add_part(services, blob, part, &buffer).await?;
                part += 1;
                buffer.clear();
            }
        }
    }
    if size == 0 {
        return Err(Error::fault(
            "",
            "fileEmpty",
            "文件是空的，请重新选择文件。",
            "The file is empty; choose another.",
        ));
    }
    if !buffer.is_empty() {
        look.take().map_or(Ok(()), |look| look(&buffer))?;
        add_part(services, blob, part, &buffer).await?;
    }
    Ok((
        hex::encode(hasher.finalize()),
        i64::try_from(size).unwrap_or(i64::MAX),
    ))
}

async fn add_part(services: &Services, blob: &Id, part: i64, bytes: &[u8]) -> Result<()> {
    let mut tx = services.db.begin_plain().await?;
    blobs::add_part(&mut tx, blob, part, bytes).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps what has arrived and returns the id of the blob that has its content: this one, or one kept before.
pub(super) async fn keep(tx: &mut Tx, upload: &Upload) -> Result<String> {
    if let Some(known) = blobs::find_by_content(tx, &upload.sha256).await? {
        blobs::discard(tx, &upload.blob).await?;
        return Ok(known.id);
    }
    blobs::finish(tx, &upload.blob, &upload.sha256, upload.size_bytes).await?;
    Ok(upload.blob.to_string())
}

/// Removes an upload that leads nowhere, never one that was kept; if that fails, the daily sweep does it.
pub(super) async fn discard(services: &Services, blob: &Id) {
    if let Ok(mut tx) = services.db.begin_plain().await
        && blobs::discard(&mut tx, blob).await.is_ok()
    {
        let _ = tx.commit().await;
    }
}

/// An upload of at most `limit` bytes as a temporary file, and its SHA-256: readers of ZIP files must seek.
pub(super) async fn spool(
    services: &Services,
    limit: u64,
    upload: impl Stream<Item = Result<Bytes>>,
) -> Result<(tempfile::NamedTempFile, String)> {
    let internal = |e: std::io::Error| Error::Internal(format!("scratch file: {e}"));
    std::fs::create_dir_all(&services.limits.scratch).map_err(internal)?;
    let file = tempfile::NamedTempFile::new_in(&services.limits.scratch).map_err(internal)?;
    let mut out = tokio::fs::File::from_std(file.reopen().map_err(internal)?);
    let (mut hasher, mut size) = (Sha256::new(), 0_u64);
    pin_mut!(upload);
    while let Some(chunk) = upload.next().await {
        let chunk = chunk?;
        size += chunk.len() as u64;
        if size > limit {
            return Err(Error::TooLarge { limit });
        }
        hasher.update(&chunk);
        out.write_all(&chunk).await.map_err(internal)?;
    }
    out.flush().await.map_err(internal)?;
    Ok((file, hex::encode(hasher.finalize())))
}

/// SHA-256 of what is still to be read of a file. It blocks.
pub(super) fn sha256_of(file: &mut std::fs::File) -> std::io::Result<String> {
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; 64 << 10]);
    loop {
        let read = std::io::Read::read(file, &mut piece)?;
        if read == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        hasher.update(&piece[..read]);
    }
}
