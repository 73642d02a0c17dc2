//! Heads of the chain by day: written once, never changed.

use super::{Result, Stored, Tx, document};
use crate::domain::{audit_head::AuditHead, time::Day};
use document::{Column, Document};

impl Document for AuditHead {
    const TABLE: &'static str = "audit_heads";
    const COLUMNS: &'static [&'static str] = &[];

    fn key(&self) -> String {
        self.day.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        Vec::new()
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, day: Day) -> Result<Option<Stored<AuditHead>>> {
    document::find(tx, day.to_string()).await
}

pub async fn list_by_keys(tx: &mut Tx, keys: &[String]) -> Result<Vec<Stored<AuditHead>>> {
    document::list(tx, "id", keys).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<AuditHead>>> {
    document::page_by_id(tx, after, limit).await
}

/// Those before a day, the latest first.
pub async fn page_latest(tx: &mut Tx, before: &str, limit: i64) -> Result<Vec<Stored<AuditHead>>> {
    let rows: Vec<document::Raw<AuditHead>> = on!(tx, conn => sqlx::query_as(
            "select version, doc, hash from audit_heads where id < $1 order by id desc limit $2")
        .bind(before).bind(limit).fetch_all(&mut **conn).await?);
    Ok(rows.into_iter().map(document::stored).collect())
}

pub async fn count(tx: &mut Tx) -> Result<i64> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select count(*) from audit_heads")
            .fetch_one(&mut **conn).await?),
    )
}

pub async fn insert(tx: &mut Tx, head: AuditHead) -> Result<Stored<AuditHead>> {
    document::insert(tx, head).await
}
