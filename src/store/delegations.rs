//! Delegations: by agency and by principal.

use super::{Result, Stored, Tx, document};
use crate::domain::{delegation::Delegation, id::Id};
use document::{Column, Document};

impl Document for Delegation {
    const TABLE: &'static str = "delegations";
    const COLUMNS: &'static [&'static str] = &["agency", "principal"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.agency.to_string().into(),
            self.principal.to_string().into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Delegation>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_agency(tx: &mut Tx, agency: &Id) -> Result<Vec<Stored<Delegation>>> {
    document::list(tx, "agency", &[agency.to_string()]).await
}

pub async fn list_by_principal(tx: &mut Tx, principal: &Id) -> Result<Vec<Stored<Delegation>>> {
    document::list(tx, "principal", &[principal.to_string()]).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Delegation>>> {
    document::page_by_id(tx, after, limit).await
}

pub async fn insert(tx: &mut Tx, delegation: Delegation) -> Result<Stored<Delegation>> {
    document::insert(tx, delegation).await
}

pub async fn update(tx: &mut Tx, delegation: Delegation, from: i64) -> Result<Stored<Delegation>> {
    document::update(tx, delegation, from).await
}
