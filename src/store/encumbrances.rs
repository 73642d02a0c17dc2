//! Encumbrances: by id, by patent, in lists.

use sqlx::QueryBuilder;

use super::{Result, Stored, Tx, document};
use crate::domain::{
    codes::AppNo,
    encumbrance::{Encumbrance, EncumbranceKind},
    event::{Audience, Sight},
    id::Id,
};
use document::{Column, Document, Raw, stored};

impl Document for Encumbrance {
    const TABLE: &'static str = "encumbrances";
    const COLUMNS: &'static [&'static str] = &["number", "kind", "organisation", "published"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.number.as_str().into(),
            self.kind.as_str().into(),
            self.organisation.as_ref().map(Id::to_string).into(),
            (self.audience() == Audience::Public).into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Encumbrance>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Encumbrance>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn list_by_numbers(tx: &mut Tx, numbers: &[AppNo]) -> Result<Vec<Stored<Encumbrance>>> {
    let numbers: Vec<String> = numbers.iter().map(|n| n.as_str().to_owned()).collect();
    document::list(tx, "number", &numbers).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Encumbrance>>> {
    document::page_by_id(tx, after, limit).await
}

pub async fn insert(tx: &mut Tx, encumbrance: Encumbrance) -> Result<Stored<Encumbrance>> {
    document::insert(tx, encumbrance).await
}

pub async fn update(
    tx: &mut Tx,
    encumbrance: Encumbrance,
    from: i64,
) -> Result<Stored<Encumbrance>> {
    document::update(tx, encumbrance, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Encumbrance>(tx, after, limit).await
}

/// What a list of encumbrances is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub number: Option<AppNo>,
    pub kind: Option<EncumbranceKind>,
}

macro_rules! narrowed {
    ($query:expr, $sight:expr, $filter:expr) => {{
        let (sight, filter) = ($sight, $filter);
        match sight {
            Sight::Office => $query.push(" where true"),
            Sight::Public => $query.push(" where published"),
            Sight::Own(id) => $query
                .push(" where (published or organisation = ")
                .push_bind(id.to_string())
                .push(")"),
        };
        if let Some(number) = &filter.number {
            $query
                .push(" and number = ")
                .push_bind(number.as_str().to_owned());
        }
        if let Some(kind) = filter.kind {
            $query.push(" and kind = ").push_bind(kind.as_str());
        }
    }};
}

/// A page, in id order, of what this reader may see.
pub async fn page(
    tx: &mut Tx,
    sight: &Sight,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Encumbrance>>> {
    let rows: Vec<Raw<Encumbrance>> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select version, doc, hash from encumbrances");
        narrowed!(query, sight, filter);
        query.push(" and id > ").push_bind(after.unwrap_or_default().to_owned());
        query.push(" order by id limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    Ok(rows.into_iter().map(stored).collect())
}

pub async fn count(tx: &mut Tx, sight: &Sight, filter: &Filter) -> Result<i64> {
    Ok(on!(tx, conn => {
        let mut query = QueryBuilder::new("select count(*) from encumbrances");
        narrowed!(query, sight, filter);
        query.build_query_scalar().fetch_one(&mut **conn).await?
    }))
}
