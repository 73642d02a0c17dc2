//! Files in the database, content-addressed by SHA-256, in parts of at most 1 MiB: every replica has them and
//! a backup is one thing. Knowing a hash opens nothing; whoever reads must own a reference.

use sqlx::FromRow;

use super::{Result, Tx};
use crate::domain::{id::Id, time::Instant};

/// The largest part, in bytes.
pub const PART_BYTES: usize = 1 << 20;

/// A finished file.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Blob {
    pub id: String,
    pub sha256: String,
    pub size_bytes: i64,
}

/// Opens an unfinished blob to which parts can be added.
pub async fn open(tx: &mut Tx, id: &Id, now: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into blobs (id, sha256, size_bytes, complete, created_at) values ($1, '', 0, false, $2)")
        .bind(id.to_string()).bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn add_part(tx: &mut Tx, id: &Id, part: i64, bytes: &[u8]) -> Result<()> {
    on!(tx, conn => sqlx::query("insert into blob_parts (blob, part, bytes) values ($1, $2, $3)")
        .bind(id.to_string()).bind(part).bind(bytes).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find_by_content(tx: &mut Tx, sha256: &str) -> Result<Option<Blob>> {
    Ok(on!(tx, conn =>
        sqlx::query_as("select id, sha256, size_bytes from blobs where sha256 = $1 and complete")
            .bind(sha256).fetch_optional(&mut **conn).await?))
}

/// Declares the blob whole.
pub async fn finish(tx: &mut Tx, id: &Id, sha256: &str, size_bytes: i64) -> Result<()> {
    on!(tx, conn => sqlx::query("update blobs set sha256 = $2, size_bytes = $3, complete = true where id = $1")
        .bind(id.to_string()).bind(sha256).bind(size_bytes).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Removes an upload that was given up or whose content is already here.
pub async fn discard(tx: &mut Tx, id: &Id) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from blobs where id = $1 and not complete")
        .bind(id.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Removes uploads left unfinished since before `before`.
pub async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64> {
    Ok(
        on!(tx, conn => sqlx::query("delete from blobs where not complete and created_at < $1")
        .bind(before.micros()).execute(&mut **conn).await?.rows_affected()),
    )
}

/// Removes what nothing refers to any more. Only for the writer: whoever keeps an upload under a content that is
/// here already does so in its turn.
pub async fn sweep_unused(tx: &mut Tx, before: Instant) -> Result<u64> {
    Ok(on!(tx, conn => sqlx::query(
            "delete from blobs where complete and created_at < $1 \
             and not exists (select 1 from imports i where i.blob = blobs.id) \
             and not exists (select 1 from files f where f.blob = blobs.id)")
        .bind(before.micros()).execute(&mut **conn).await?.rows_affected()))
}

pub async fn read_part(tx: &mut Tx, id: &str, part: i64) -> Result<Option<Vec<u8>>> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select bytes from blob_parts where blob = $1 and part = $2")
        .bind(id).bind(part).fetch_optional(&mut **conn).await?),
    )
}

/// Every finished blob, for `verify`.
pub async fn page(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Blob>> {
    Ok(on!(tx, conn => sqlx::query_as(
            "select id, sha256, size_bytes from blobs where complete and id > $1 order by id limit $2")
        .bind(after).bind(limit).fetch_all(&mut **conn).await?))
}
