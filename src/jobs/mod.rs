//! The worker: leases due jobs, runs each to its end, hands a failed one back for later. A job whose worker
//! died is taken over when its lease runs out; one whose worker stops in good order is handed back at once.

use std::{path::PathBuf, time::Duration};

use tokio::sync::watch;

use crate::{
    ops::{self, Services, imports, mail, reindex, work},
    store::jobs::Leased,
};

/// Lease length: a worker renews it with every batch, so this bounds how long a dead worker's job lies still.
const LEASE: imports::Lease = imports::Lease { seconds: 15 };
/// How often an idle worker looks.
const POLL: Duration = Duration::from_millis(250);

/// Works until told to stop; a long import keeps nobody from asking for a new index.
pub async fn run(services: Services, index: PathBuf, stop: watch::Receiver<bool>) {
    let reindex = reindex::kind(&index);
    tokio::join!(
        work_on(&services, imports::KIND, stop.clone()),
        work_on(&services, &reindex, stop.clone()),
        mail_out(&services, stop),
    );
}

async fn mail_out(services: &Services, stop: watch::Receiver<bool>) {
    if services.mail.is_some() {
        work_on(services, mail::KIND, stop).await;
    }
}

async fn work_on(services: &Services, kind: &str, mut stop: watch::Receiver<bool>) {
    loop {
        let claimed = tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            claimed = work::claim(services, kind, LEASE.seconds) => claimed,
        };
        match claimed {
            Ok(Some(job)) => {
                if !finished(services, &job, &mut stop).await {
                    return;
                }
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "worker"),
        }
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Runs the job; `false` when the worker was told to stop meanwhile.
async fn finished(services: &Services, job: &Leased, stop: &mut watch::Receiver<bool>) -> bool {
    tracing::info!(job = %job.id, kind = %job.kind, attempt = job.attempts, "job started");
    let (outcome, stopped) = tokio::select! {
        _ = stop.wait_for(|stopped| *stopped) => (Err(ops::Error::Busy), true),
        outcome = perform(services, job) => (outcome, false),
    };
    if let Err(error) = outcome {
        // Somebody waits for an import; the other jobs only have to happen one day.
        let handed = if job.kind == imports::KIND && work::is_hopeless(job) && !stopped {
            tracing::error!(job = %job.id, %error, "import given up");
            imports::give_up(services, job).await
        } else {
            work::give_back(services, job, &error, stopped).await
        };
        if let Err(error) = handed {
            tracing::warn!(job = %job.id, %error, "job not handed back; its lease will run out");
        }
    }
    !stopped
}

async fn perform(services: &Services, job: &Leased) -> ops::Result<()> {
    if job.kind == imports::KIND {
        imports::run_job(services, job, LEASE).await
    } else if job.kind == mail::KIND {
        mail::run_job(services, job).await
    } else {
        reindex::run_job(services, job).await
    }
}
