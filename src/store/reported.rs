//! Figures that are reported: one for each indicator, district and day.

use super::{Result, Stored, Tx, document};
use crate::domain::{id::Id, reported::Reported, time::Day};
use document::{Column, Document, Narrowing};

impl Document for Reported {
    const TABLE: &'static str = "reported";
    const COLUMNS: &'static [&'static str] = &["indicator", "district", "day"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.indicator.as_str().into(),
            self.district.clone().into(),
            self.on.to_string().into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Reported>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Reported>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Reported>>> {
    document::page_by_id(tx, after, limit).await
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub indicator: Option<String>,
    pub district: Option<String>,
    pub until: Option<Day>,
    pub on: Option<Day>,
}

impl Filter {
    fn narrowing(&self) -> Narrowing {
        let mut narrowing = Narrowing::default();
        narrowing.maybe(" and indicator = ", self.indicator.clone());
        narrowing.maybe(" and district = ", self.district.clone());
        narrowing.maybe(" and day <= ", self.until.map(|day| day.to_string()));
        narrowing.maybe(" and day = ", self.on.map(|day| day.to_string()));
        narrowing
    }
}

/// A page, the latest reported first.
pub async fn page(
    tx: &mut Tx,
    filter: &Filter,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Reported>>> {
    document::page_latest(tx, filter.narrowing(), before, limit).await
}

pub async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64> {
    document::count::<Reported>(tx, filter.narrowing()).await
}

pub async fn insert(tx: &mut Tx, reported: Reported) -> Result<Stored<Reported>> {
    document::insert(tx, reported).await
}

pub async fn update(tx: &mut Tx, reported: Reported, from: i64) -> Result<Stored<Reported>> {
    document::update(tx, reported, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Reported>(tx, after, limit).await
}
