//! Idempotency keys: one key of one caller has at most one effect, stored in the transaction of that effect
//! together with the answer, so that a repeated request gets the same answer.

use super::{Result, Tx};
use crate::domain::time::Instant;

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub operation: String,
    /// SHA-256 of what was asked.
    pub fingerprint: String,
    /// HTTP status and body of the answer.
    pub status: i64,
    pub response: String,
}

pub async fn find(tx: &mut Tx, owner: &str, key: &str) -> Result<Option<Used>> {
    let row: Option<(String, String, i64, String)> = on!(tx, conn => sqlx::query_as(
            "select operation, fingerprint, status, response from idempotency where owner = $1 and key = $2")
        .bind(owner).bind(key).fetch_optional(&mut **conn).await?);
    Ok(row.map(|(operation, fingerprint, status, response)| Used {
        operation,
        fingerprint,
        status,
        response,
    }))
}

pub async fn insert(tx: &mut Tx, owner: &str, key: &str, used: &Used, now: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into idempotency (owner, key, operation, fingerprint, status, response, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(owner).bind(key).bind(&used.operation).bind(&used.fingerprint).bind(used.status).bind(&used.response)
        .bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Forgets keys older than `before`.
pub async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64> {
    Ok(
        on!(tx, conn => sqlx::query("delete from idempotency where created_at < $1")
        .bind(before.micros()).execute(&mut **conn).await?.rows_affected()),
    )
}
