//! Conflicts between sources: by id, by patent, by whoever decides.

use sqlx::{QueryBuilder, types::Json};

use super::{Result, Stored, Tx, document};
use crate::domain::{
    codes::AppNo,
    event::Sight,
    id::Id,
    merge::{Because, Conflict, ConflictState, Unit},
};
use document::{Column, Document, Narrowing};

impl Document for Conflict {
    const TABLE: &'static str = "conflicts";
    const COLUMNS: &'static [&'static str] =
        &["number", "organisation", "unit", "because", "state"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.number.as_str().into(),
            self.organisation.as_ref().map(Id::to_string).into(),
            self.unit.as_str().into(),
            self.because.as_str().into(),
            self.state.as_str().into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct ConflictFilter {
    pub number: Option<AppNo>,
    pub organisation: Option<Id>,
    pub unit: Option<Unit>,
    pub because: Option<Because>,
    pub state: Option<ConflictState>,
}

fn narrowing(sight: &Sight, filter: &ConflictFilter) -> Narrowing {
    let mut narrowing = Narrowing::default();
    match sight {
        Sight::Office => {}
        Sight::Own(id) => narrowing.maybe(" and organisation = ", Some(id.to_string())),
        Sight::Public => {
            narrowing.sql(" and false");
        }
    }
    let organisation = filter.organisation.as_ref().map(Id::to_string);
    narrowing.maybe(" and organisation = ", organisation);
    narrowing.maybe(" and number = ", filter.number.as_ref().map(AppNo::as_str));
    narrowing.maybe(" and unit = ", filter.unit.map(Unit::as_str));
    narrowing.maybe(" and because = ", filter.because.map(Because::as_str));
    narrowing.maybe(" and state = ", filter.state.map(ConflictState::as_str));
    narrowing
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Conflict>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Conflict>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn list_by_numbers(tx: &mut Tx, numbers: &[AppNo]) -> Result<Vec<Stored<Conflict>>> {
    let numbers: Vec<String> = numbers.iter().map(|n| n.as_str().to_owned()).collect();
    document::list(tx, "number", &numbers).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Conflict>>> {
    document::page_by_id(tx, after, limit).await
}

/// A page of those that a reader may see, the latest first.
pub async fn page(
    tx: &mut Tx,
    sight: &Sight,
    filter: &ConflictFilter,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Conflict>>> {
    document::page_latest(tx, narrowing(sight, filter), before, limit).await
}

pub async fn count(tx: &mut Tx, sight: &Sight, filter: &ConflictFilter) -> Result<i64> {
    document::count::<Conflict>(tx, narrowing(sight, filter)).await
}

/// Stores conflicts as they are: new ones, and those of which the caller has read the version in this transaction.
pub async fn put(tx: &mut Tx, conflicts: &[Stored<Conflict>]) -> Result<()> {
    for chunk in conflicts.chunks(500) {
        on!(tx, conn => {
            let mut query = QueryBuilder::new(
                "insert into conflicts (id, version, number, organisation, unit, because, state, doc, hash) ");
            query.push_values(chunk, |mut tuple, conflict| {
                let value = &conflict.value;
                tuple
                    .push_bind(value.id.to_string())
                    .push_bind(conflict.version)
                    .push_bind(value.number.as_str())
                    .push_bind(value.organisation.as_ref().map(Id::to_string))
                    .push_bind(value.unit.as_str())
                    .push_bind(value.because.as_str())
                    .push_bind(value.state.as_str())
                    .push_bind(Json(value))
                    .push_bind(&conflict.hash);
            });
            query.push(
                " on conflict (id) do update set version = excluded.version, state = excluded.state, \
                 doc = excluded.doc, hash = excluded.hash");
            query.build().execute(&mut **conn).await?;
        });
    }
    Ok(())
}

pub async fn update(tx: &mut Tx, conflict: Conflict, from: i64) -> Result<Stored<Conflict>> {
    document::update(tx, conflict, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Conflict>(tx, after, limit).await
}
