//! Taking a job and handing it back: who works on what is decided by leases in the database.

use super::{Error, Result, Services};
use crate::store::{jobs, jobs::Leased};

/// A job that failed so often is tried once a day only.
const MAX_ATTEMPTS: i64 = 8;

/// Has it failed so often that waiting for it is in vain?
pub fn is_hopeless(job: &Leased) -> bool {
    job.attempts >= MAX_ATTEMPTS
}

/// Leases the oldest due job of a kind, when there is one.
pub async fn claim(services: &Services, kind: &str, lease_seconds: i64) -> Result<Option<Leased>> {
    let now = services.now();
    // Looked at without the writer's lock first: an idle worker disturbs nobody.
    let mut tx = services.read().await?;
    if !jobs::any_due(&mut tx, kind, now).await? {
        return Ok(None);
    }
    drop(tx);
    let mut tx = services.db.begin_plain().await?;
    let lease = services.ids.next(now);
    let job = jobs::claim(&mut tx, kind, &lease, now, now.plus_seconds(lease_seconds)).await?;
    tx.commit().await?;
    Ok(job)
}

/// Hands a job back: at once when its worker stops, later and later when it fails.
pub async fn give_back(
    services: &Services,
    job: &Leased,
    error: &Error,
    at_once: bool,
) -> Result<()> {
    let wait = match job.attempts {
        _ if at_once => 0,
        _ if is_hopeless(job) => 86_400,
        few => 1 << few.clamp(0, MAX_ATTEMPTS),
    };
    if !at_once {
        tracing::warn!(job = %job.id, %error, wait, "job failed");
    }
    let mut tx = services.db.begin_plain().await?;
    jobs::release(
        &mut tx,
        job,
        services.now().plus_seconds(wait),
        &error.to_string(),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}
