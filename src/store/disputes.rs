//! Disputes: by id, of a licence, in lists of either side, and those that are still open.

use super::{Result, Stored, Tx, document};
use crate::domain::{dispute::Dispute, id::Id};
use document::{Column, Document, Narrowing};

impl Document for Dispute {
    const TABLE: &'static str = "disputes";
    const COLUMNS: &'static [&'static str] = &["licence", "holder", "licensee", "is_open"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.licence.to_string().into(),
            self.holder.to_string().into(),
            self.licensee.to_string().into(),
            self.is_open().into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Dispute>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Dispute>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Dispute>>> {
    document::page_by_id(tx, after, limit).await
}

pub async fn insert(tx: &mut Tx, dispute: Dispute) -> Result<Stored<Dispute>> {
    document::insert(tx, dispute).await
}

pub async fn update(tx: &mut Tx, dispute: Dispute, from: i64) -> Result<Stored<Dispute>> {
    document::update(tx, dispute, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Dispute>(tx, after, limit).await
}

/// What a list of disputes is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub licence: Option<Id>,
    /// Holder or licensee.
    pub side: Option<Id>,
    pub open: Option<bool>,
}

impl Filter {
    fn narrowing(&self) -> Narrowing {
        let mut narrowing = Narrowing::default();
        if let Some(side) = &self.side {
            let sides = narrowing.sql(" and (holder = ").value(side.to_string());
            sides
                .sql(" or licensee = ")
                .value(side.to_string())
                .sql(")");
        }
        let licence = self.licence.as_ref().map(Id::to_string);
        narrowing.maybe(" and licence = ", licence);
        match self.open {
            Some(true) => {
                narrowing.sql(" and is_open");
            }
            Some(false) => {
                narrowing.sql(" and not is_open");
            }
            None => {}
        }
        narrowing
    }
}

pub async fn page(
    tx: &mut Tx,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Dispute>>> {
    document::page(tx, filter.narrowing(), after, limit).await
}

pub async fn page_latest(
    tx: &mut Tx,
    filter: &Filter,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Dispute>>> {
    document::page_latest(tx, filter.narrowing(), before, limit).await
}

pub async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64> {
    document::count::<Dispute>(tx, filter.narrowing()).await
}
