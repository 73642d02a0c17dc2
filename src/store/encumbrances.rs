//! Encumbrances: by id, by patent, in lists.

use super::{Result, Stored, Tx, document};
use crate::domain::{
    codes::AppNo,
    encumbrance::{Encumbrance, EncumbranceKind},
    event::{Audience, Sight},
    id::Id,
};
use document::{Column, Document, Narrowing};

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

impl Filter {
    fn narrowing(&self, sight: &Sight) -> Narrowing {
        let mut narrowing = Narrowing::default();
        match sight {
            Sight::Office => {}
            Sight::Public => {
                narrowing.sql(" and published");
            }
            Sight::Own(own) => {
                let seen = narrowing.sql(" and (published or organisation = ");
                seen.value(own.to_string()).sql(")");
            }
        }
        narrowing.maybe(" and number = ", self.number.as_ref().map(AppNo::as_str));
        narrowing.maybe(" and kind = ", self.kind.map(EncumbranceKind::as_str));
        narrowing
    }
}

/// A page, in id order, of what this reader may see.
pub async fn page(
    tx: &mut Tx,
    sight: &Sight,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Encumbrance>>> {
    document::page(tx, filter.narrowing(sight), after, limit).await
}

pub async fn count(tx: &mut Tx, sight: &Sight, filter: &Filter) -> Result<i64> {
    document::count::<Encumbrance>(tx, filter.narrowing(sight)).await
}
