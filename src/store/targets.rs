//! Targets: few, read whole.

use super::{Result, Stored, Tx, document};
use crate::domain::{id::Id, indicator::Target};
use document::{Column, Document};

impl Document for Target {
    const TABLE: &'static str = "targets";
    const COLUMNS: &'static [&'static str] = &[];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        Vec::new()
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Target>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Target>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Target>>> {
    document::page_by_id(tx, after, limit).await
}

pub async fn insert(tx: &mut Tx, target: Target) -> Result<Stored<Target>> {
    document::insert(tx, target).await
}

pub async fn update(tx: &mut Tx, target: Target, from: i64) -> Result<Stored<Target>> {
    document::update(tx, target, from).await
}
