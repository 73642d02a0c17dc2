//! The layman's cards: by holding, which is their key, and by patent.

use std::collections::HashMap;

use sqlx::QueryBuilder;

use super::{Result, Stored, Tx, document};
use crate::domain::{
    card::{Card, CardState},
    codes::AppNo,
    id::Id,
};
use document::{Column, Document};

impl Document for Card {
    const TABLE: &'static str = "cards";
    const COLUMNS: &'static [&'static str] =
        &["organisation", "number", "passed", "written", "published"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.organisation.to_string().into(),
            self.number.as_str().into(),
            self.passed.into(),
            (self.state() != CardState::Missing).into(),
            self.published.into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

/// The card of a holding.
pub async fn find(tx: &mut Tx, holding: &Id) -> Result<Option<Stored<Card>>> {
    document::find(tx, holding.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Card>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn list_by_numbers(tx: &mut Tx, numbers: &[AppNo]) -> Result<Vec<Stored<Card>>> {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    document::list(tx, "number", &numbers).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Card>>> {
    document::page_by_id(tx, after, limit).await
}

pub async fn insert(tx: &mut Tx, card: Card) -> Result<Stored<Card>> {
    document::insert(tx, card).await
}

pub async fn update(tx: &mut Tx, card: Card, from: i64) -> Result<Stored<Card>> {
    document::update(tx, card, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Card>(tx, after, limit).await
}

/// How many patents of an organisation's stock have no card, one that fails, one that passed.
pub async fn counts(tx: &mut Tx, organisation: &Id) -> Result<HashMap<CardState, i64>> {
    let (missing, failing, passed): (i64, i64, i64) = on!(tx, conn => {
        let mut query = QueryBuilder::new(
            "select count(*) filter (where c.id is null or not c.written), \
             count(*) filter (where c.written and not c.passed), count(*) filter (where c.passed) \
             from holdings h left join cards c on c.id = h.id where h.organisation = ");
        query.push_bind(organisation.to_string());
        query.build_query_as().fetch_one(&mut **conn).await?
    });
    Ok([
        (CardState::Missing, missing),
        (CardState::Failing, failing),
        (CardState::Passed, passed),
    ]
    .into())
}
