//! The installation's own name: made once, kept in the database, shared by all replicas.

use super::{Result, Services};
use crate::{
    domain::time::Instant,
    store::{
        accounts, audit, blobs, idempotency, identities, imports, keys, meta, second_factors,
        sessions,
    },
};

/// The id of this installation; made on the first call.
pub async fn id(services: &Services) -> Result<String> {
    let mut tx = services.read().await?;
    if let Some(id) = meta::find(&mut tx, "installation").await? {
        return Ok(id);
    }
    drop(tx);
    let mut tx = services.db.begin_plain().await?;
    meta::set_once(
        &mut tx,
        "installation",
        &services.ids.next(services.now()).to_string(),
    )
    .await?;
    let id = meta::find(&mut tx, "installation").await?;
    tx.commit().await?;
    id.ok_or_else(|| super::Error::Internal("installation id".into()))
}

const DAY_SECONDS: i64 = 86_400;
/// Whatever the operator sets, the audit's lines are kept at least so long.
const LEAST_AUDIT_DAYS: i64 = 400;

/// Daily housekeeping: uploads that broke off, idempotency keys older than a week, sessions that are
/// over, lines of the audit older than the operator keeps them, failures to sign in of the day before, tokens that have
/// ended, files to whose import nobody has agreed for a week, numbers of due lists that never came to stand.
pub async fn sweep(services: &Services) -> Result<()> {
    let ago = |days: i64| -> Instant { services.now().plus_seconds(-days * DAY_SECONDS) };
    let mut tx = services.db.begin_plain().await?;
    blobs::sweep(&mut tx, ago(1)).await?;
    idempotency::sweep(&mut tx, ago(7)).await?;
    sessions::sweep(&mut tx, ago(14), ago(1)).await?;
    accounts::sweep_attempts(&mut tx, ago(1)).await?;
    keys::sweep_tokens(&mut tx, None, services.now()).await?;
    second_factors::sweep_halves(&mut tx, services.now()).await?;
    identities::sweep(&mut tx, services.now()).await?;
    audit::sweep(
        &mut tx,
        ago(services.access.audit_days.max(LEAST_AUDIT_DAYS)),
    )
    .await?;
    tx.commit().await?;
    let mut tx = services.db.begin_write(services.now(), "system").await?;
    imports::sweep(&mut tx, ago(7)).await?;
    blobs::sweep_unused(&mut tx, ago(1)).await?;
    tx.commit().await?;
    super::due::sweep(services, ago(1)).await
}
