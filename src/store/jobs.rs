//! Work to be done after the request that asked for it: enqueued in that request's transaction, leased by one
//! worker at a time, taken over by another when the lease runs out.

use sqlx::types::Json;

use super::{Result, Tx};
use crate::domain::{id::Id, time::Instant};

/// A job in a worker's hands.
#[derive(Clone, Debug)]
pub struct Leased {
    pub id: String,
    pub kind: String,
    pub payload: serde_json::Value,
    /// How often it has been started, this time included.
    pub attempts: i64,
    /// Proves that the worker still holds it.
    pub lease: String,
}

/// Enqueues a job in the caller's transaction.
pub async fn enqueue(
    tx: &mut Tx,
    id: &Id,
    kind: &str,
    payload: &serde_json::Value,
    run_at: Instant,
) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into jobs (id, kind, payload, state, attempts, run_at, lease_until) \
             values ($1, $2, $3, 'queued', 0, $4, 0)")
        .bind(id.to_string()).bind(kind).bind(Json(payload)).bind(run_at.micros())
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Takes the oldest due job of `kind` that nobody holds.
pub async fn claim(
    tx: &mut Tx,
    kind: &str,
    lease: &Id,
    now: Instant,
    until: Instant,
) -> Result<Option<Leased>> {
    let found: Option<(String, String, Json<serde_json::Value>, i64)> = on!(tx, conn => sqlx::query_as(
            "update jobs set state = 'running', attempts = attempts + 1, lease = $1, lease_until = $2 \
             where id = (select id from jobs where kind = $3 and state <> 'done' and run_at <= $4 and lease_until < $4 \
                         order by run_at, id limit 1) \
             and state <> 'done' and lease_until < $4 returning id, kind, payload, attempts")
        .bind(lease.to_string()).bind(until.micros()).bind(kind).bind(now.micros())
        .fetch_optional(&mut **conn).await?);
    Ok(found.map(|(id, kind, Json(payload), attempts)| Leased {
        id,
        kind,
        payload,
        attempts,
        lease: lease.to_string(),
    }))
}

/// Keeps the lease alive; `false` when somebody else has taken the job.
pub async fn extend(tx: &mut Tx, job: &Leased, until: Instant) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "update jobs set lease_until = $3 where id = $1 and lease = $2 and state = 'running'")
        .bind(&job.id).bind(&job.lease).bind(until.micros())
        .execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Does this worker still hold the job? Asked inside the transaction whose effect depends on it.
pub async fn is_held(tx: &mut Tx, job: &Leased) -> Result<bool> {
    let count: i64 = on!(tx, conn => sqlx::query_scalar(
            "select count(*) from jobs where id = $1 and lease = $2 and state = 'running'")
        .bind(&job.id).bind(&job.lease).fetch_one(&mut **conn).await?);
    Ok(count == 1)
}

pub async fn finish(tx: &mut Tx, job: &Leased) -> Result<()> {
    on!(tx, conn => sqlx::query("update jobs set state = 'done', lease = null where id = $1 and lease = $2")
        .bind(&job.id).bind(&job.lease).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Hands the job back to be tried again at `run_at`.
pub async fn release(tx: &mut Tx, job: &Leased, run_at: Instant, error: &str) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "update jobs set state = 'queued', lease = null, lease_until = 0, run_at = $3, last_error = $4 \
             where id = $1 and lease = $2")
        .bind(&job.id).bind(&job.lease).bind(run_at.micros()).bind(error)
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Is there a due job that nobody holds?
pub async fn any_due(tx: &mut Tx, kind: &str, now: Instant) -> Result<bool> {
    let count: i64 = on!(tx, conn => sqlx::query_scalar(
            "select count(*) from jobs where kind = $1 and state <> 'done' and run_at <= $2 and lease_until < $2")
        .bind(kind).bind(now.micros()).fetch_one(&mut **conn).await?);
    Ok(count > 0)
}
