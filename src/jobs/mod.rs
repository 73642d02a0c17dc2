//! The worker: leases due jobs, runs each to its end, hands a failed one back for later. A job whose worker
//! died is taken over when its lease runs out.

use std::{path::PathBuf, time::Duration};

use tokio::sync::watch;

use crate::{
    ops::{self, Services, imports, reindex},
    store::{self, jobs, jobs::Leased},
};

/// Lease length: a worker renews it with every batch, so this bounds how long a dead worker's job lies still.
const LEASE: imports::Lease = imports::Lease { seconds: 15 };
/// How often an idle worker looks.
const POLL: Duration = Duration::from_millis(250);
/// A job that failed so often is given up.
const MAX_ATTEMPTS: i64 = 8;

/// Works until told to stop; an import that is running then is left to be continued.
pub async fn run(services: Services, index: PathBuf, mut stop: watch::Receiver<bool>) {
    let kinds = [imports::KIND.to_owned(), reindex::kind(&index)];
    loop {
        let worked = tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            outcome = step(&services, &kinds) => outcome,
        };
        match worked {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "worker"),
        }
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Runs one due job; `false` when there is none.
async fn step(services: &Services, kinds: &[String]) -> Result<bool, store::Error> {
    let mut found = None;
    for kind in kinds {
        found = claim(services, kind).await?;
        if found.is_some() {
            break;
        }
    }
    let Some(job) = found else { return Ok(false) };
    tracing::info!(job = %job.id, kind = %job.kind, attempt = job.attempts, "job started");
    let outcome = if job.kind == imports::KIND {
        imports::run_job(services, &job, LEASE).await
    } else {
        reindex::run_job(services, &job).await
    };
    if let Err(error) = outcome {
        give_back(services, &job, &error).await?;
    }
    Ok(true)
}

async fn claim(services: &Services, kind: &str) -> Result<Option<Leased>, store::Error> {
    let now = services.now();
    // Looked at without the writer's lock first: an idle worker disturbs nobody.
    let mut tx = services.db.read().await?;
    if !jobs::any_due(&mut tx, kind, now).await? {
        return Ok(None);
    }
    drop(tx);
    let mut tx = services.db.begin_plain().await?;
    let lease = services.ids.next(now);
    let job = jobs::claim(&mut tx, kind, &lease, now, now.plus_seconds(LEASE.seconds)).await?;
    tx.commit().await?;
    Ok(job)
}

async fn give_back(
    services: &Services,
    job: &Leased,
    error: &ops::Error,
) -> Result<(), store::Error> {
    tracing::warn!(job = %job.id, %error, "job failed");
    let mut tx = services.db.begin_plain().await?;
    let wait = if job.attempts >= MAX_ATTEMPTS {
        86_400
    } else {
        1 << job.attempts.min(8)
    };
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
