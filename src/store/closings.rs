//! Closed months of targets: written once, never changed.

use super::{Result, Stored, Tx, document};
use crate::domain::{id::Id, indicator::Closing};
use document::{Column, Document};

impl Document for Closing {
    const TABLE: &'static str = "closings";
    const COLUMNS: &'static [&'static str] = &["target", "month"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![self.target.id.to_string().into(), self.month.clone().into()]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Closing>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Closing>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Closing>>> {
    document::page_by_id(tx, after, limit).await
}

/// Every closing of a target, by month: at most one for each month of its period.
pub async fn list_of_target(tx: &mut Tx, target: &Id) -> Result<Vec<Stored<Closing>>> {
    let mut found: Vec<Stored<Closing>> =
        document::list(tx, "target", &[target.to_string()]).await?;
    found.sort_by(|a, b| a.value.month.cmp(&b.value.month));
    Ok(found)
}

pub async fn insert(tx: &mut Tx, closing: Closing) -> Result<Stored<Closing>> {
    document::insert(tx, closing).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Closing>(tx, after, limit).await
}
