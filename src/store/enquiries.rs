//! Enquiries: by id, in lists of either side, and those that have no answer yet.

use super::{Result, Stored, Tx, document};
use crate::domain::{enquiry::Enquiry, id::Id, time::Day};
use document::{Column, Document, Narrowing};

impl Document for Enquiry {
    const TABLE: &'static str = "enquiries";
    const COLUMNS: &'static [&'static str] =
        &["declaration", "holder", "asker", "is_open", "due_on"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.declaration.to_string().into(),
            self.holder.to_string().into(),
            self.asker.to_string().into(),
            self.is_open().into(),
            self.due_on.to_string().into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Enquiry>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Enquiry>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Enquiry>>> {
    document::page_by_id(tx, after, limit).await
}

pub async fn insert(tx: &mut Tx, enquiry: Enquiry) -> Result<Stored<Enquiry>> {
    document::insert(tx, enquiry).await
}

pub async fn update(tx: &mut Tx, enquiry: Enquiry, from: i64) -> Result<Stored<Enquiry>> {
    document::update(tx, enquiry, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Enquiry>(tx, after, limit).await
}

/// What a list of enquiries is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub declaration: Option<Id>,
    /// Whoever asks or is asked.
    pub side: Option<Id>,
    pub open: Option<bool>,
    /// No answer, and due before this day.
    pub overdue_on: Option<Day>,
}

impl Filter {
    fn narrowing(&self) -> Narrowing {
        let mut narrowing = Narrowing::default();
        if let Some(side) = &self.side {
            let sides = narrowing.sql(" and (holder = ").value(side.to_string());
            sides.sql(" or asker = ").value(side.to_string()).sql(")");
        }
        let declaration = self.declaration.as_ref().map(Id::to_string);
        narrowing.maybe(" and declaration = ", declaration);
        match self.open {
            Some(true) => {
                narrowing.sql(" and is_open");
            }
            Some(false) => {
                narrowing.sql(" and not is_open");
            }
            None => {}
        }
        if let Some(day) = self.overdue_on {
            narrowing
                .sql(" and is_open and due_on < ")
                .value(day.to_string());
        }
        narrowing
    }
}

pub async fn page(
    tx: &mut Tx,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Enquiry>>> {
    document::page(tx, filter.narrowing(), after, limit).await
}

pub async fn page_latest(
    tx: &mut Tx,
    filter: &Filter,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Enquiry>>> {
    document::page_latest(tx, filter.narrowing(), before, limit).await
}

pub async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64> {
    document::count::<Enquiry>(tx, filter.narrowing()).await
}
