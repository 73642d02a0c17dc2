//! Heads of the chain, published: the daily run takes one a day, everybody may read them, and whoever has kept one can hold
//! it against the chain or a dump at any later time.

use super::{Error, Result, Services, announce::announce};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        audit_head::AuditHead,
        time::{Day, Instant},
    },
    store::{Stored, audit_heads, changes, meta},
};

/// The daily run: a head for what was recorded before today. On an installation's first day there is nothing before it.
pub async fn run(services: &Services) -> Result<bool> {
    let midnight = Instant::start_of(services.clock.today());
    let mut tx = services.read().await?;
    let first = changes::after(&mut tx, 0, 1).await?.pop();
    drop(tx);
    if first.is_none_or(|row| row.at >= midnight) {
        return Ok(false);
    }
    publish(services).await
}

/// Publishes today's head, unless it is out or nothing has happened yet; says whether it did.
pub async fn publish(services: &Services) -> Result<bool> {
    let mut tx = services.db.begin_write(services.now(), "system").await?;
    let head = changes::head(&mut tx).await?;
    let today = tx.now().day();
    if head.seq == 0 || audit_heads::find(&mut tx, today).await?.is_some() {
        return Ok(false);
    }
    let algorithm = meta::chain_hash(&mut tx).await?;
    let taken = AuditHead::taken(head.seq, head.hash, algorithm, tx.now());
    let record = audit_heads::insert(&mut tx, taken).await?;
    announce(&mut tx, None, &record);
    tx.commit().await?;
    Ok(true)
}

/// A page of the heads, the latest first, and how many there are.
pub async fn list(
    services: &Services,
    actor: &Actor,
    before: Option<&str>,
    limit: usize,
) -> Result<(Vec<Stored<AuditHead>>, i64)> {
    access::check(actor, Operation::ListAuditHeads, None)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    // Every day is before this one.
    let before = before.unwrap_or("~");
    let page = audit_heads::page_latest(&mut tx, before, limit).await?;
    Ok((page, audit_heads::count(&mut tx).await?))
}

/// The head of a day.
pub async fn get(services: &Services, actor: &Actor, day: Day) -> Result<Stored<AuditHead>> {
    access::check(actor, Operation::GetAuditHead, None)?;
    let mut tx = services.read().await?;
    let found = audit_heads::find(&mut tx, day).await?;
    found.ok_or(Error::NotFound("auditHead"))
}
