//! Holdings: by id, by patent, by organisation.

use sqlx::{QueryBuilder, types::Json};

use super::{Error, Result, Stored, Tx};
use crate::domain::{
    codes::AppNo,
    event::Sight,
    holding::{Conversion, Holding, HoldingState},
    id::Id,
};

type Raw = (i64, Json<Holding>, String);

fn stored((version, Json(value), hash): Raw) -> Stored<Holding> {
    Stored {
        version,
        hash,
        value,
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Holding>>> {
    let raw: Option<Raw> = on!(tx, conn =>
        sqlx::query_as("select version, doc, hash from holdings where id = $1")
            .bind(id.to_string()).fetch_optional(&mut **conn).await?);
    Ok(raw.map(stored))
}

async fn list_in(
    tx: &mut Tx,
    sql: &'static str,
    values: Vec<String>,
) -> Result<Vec<Stored<Holding>>> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Raw> = on!(tx, conn => {
        let mut query = QueryBuilder::new(sql);
        query.push(" (");
        let mut list = query.separated(", ");
        for value in values {
            list.push_bind(value);
        }
        query.push(")");
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    Ok(rows.into_iter().map(stored).collect())
}

/// Those of `ids` that exist.
pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Holding>>> {
    list_in(
        tx,
        "select version, doc, hash from holdings where id in",
        ids.iter().map(Id::to_string).collect(),
    )
    .await
}

/// Every holding of these patents, whoever's.
pub async fn list_by_numbers(tx: &mut Tx, numbers: &[AppNo]) -> Result<Vec<Stored<Holding>>> {
    let numbers = numbers.iter().map(|n| n.as_str().to_owned()).collect();
    list_in(
        tx,
        "select version, doc, hash from holdings where number in",
        numbers,
    )
    .await
}

/// One organisation's holdings, all of them, in number order, a page at a time.
pub async fn of_organisation(
    tx: &mut Tx,
    organisation: &Id,
    after: Option<&AppNo>,
    limit: i64,
) -> Result<Vec<Stored<Holding>>> {
    let rows: Vec<Raw> = on!(tx, conn =>
        sqlx::query_as(
            "select version, doc, hash from holdings where organisation = $1 and number > $2 order by number limit $3")
            .bind(organisation.to_string()).bind(after.map_or("", AppNo::as_str)).bind(limit)
            .fetch_all(&mut **conn).await?);
    Ok(rows.into_iter().map(stored).collect())
}

/// A page of all of them in id order.
pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Holding>>> {
    let rows: Vec<Raw> = on!(tx, conn =>
        sqlx::query_as("select version, doc, hash from holdings where id > $1 order by id limit $2")
            .bind(after).bind(limit).fetch_all(&mut **conn).await?);
    Ok(rows.into_iter().map(stored).collect())
}

/// What a list of holdings is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub organisation: Option<Id>,
    pub state: Option<HoldingState>,
    pub conversion: Option<Conversion>,
}

/// A list statement: what is selected, the rows this reader may see, and the order.
macro_rules! visible {
    ($select:literal, $tail:literal) => {
        concat!(
            $select,
            " from holdings where (published or $1 = 'all' or organisation = $1) \
             and ($2 = '' or organisation = $2) and ($3 = '' or state = $3) and ($4 = '' or conversion = $4)",
            $tail
        )
    };
}

fn sight_text(sight: &Sight) -> String {
    match sight {
        Sight::Public => String::new(),
        Sight::Own(id) => id.to_string(),
        Sight::Office => "all".into(),
    }
}

macro_rules! filtered {
    ($query:expr, $sight:expr, $filter:expr) => {
        $query
            .bind(sight_text($sight))
            .bind(
                $filter
                    .organisation
                    .as_ref()
                    .map(Id::to_string)
                    .unwrap_or_default(),
            )
            .bind($filter.state.map_or("", HoldingState::as_str))
            .bind($filter.conversion.map_or("", Conversion::as_str))
    };
}

/// A page, in id order, of what this reader may see.
pub async fn page(
    tx: &mut Tx,
    sight: &Sight,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Holding>>> {
    const SQL: &str = visible!(
        "select version, doc, hash",
        " and id > $5 order by id limit $6"
    );
    let rows: Vec<Raw> = on!(tx, conn =>
        filtered!(sqlx::query_as(SQL), sight, filter)
            .bind(after.unwrap_or_default()).bind(limit).fetch_all(&mut **conn).await?);
    Ok(rows.into_iter().map(stored).collect())
}

pub async fn count(tx: &mut Tx, sight: &Sight, filter: &Filter) -> Result<i64> {
    const SQL: &str = visible!("select count(*)", "");
    Ok(on!(tx, conn =>
        filtered!(sqlx::query_scalar(SQL), sight, filter).fetch_one(&mut **conn).await?))
}

/// Stores new and changed holdings; the caller has read the versions inside this transaction.
pub async fn put(tx: &mut Tx, holdings: &[Stored<Holding>]) -> Result<()> {
    for chunk in holdings.chunks(500) {
        on!(tx, conn => {
            let mut query = QueryBuilder::new(
                "insert into holdings (id, version, organisation, number, state, conversion, published, unit, first_patentee, doc, hash) ");
            query.push_values(chunk, |mut tuple, holding| {
                let value = &holding.value;
                tuple
                    .push_bind(value.id.to_string())
                    .push_bind(holding.version)
                    .push_bind(value.organisation.to_string())
                    .push_bind(value.number.as_str())
                    .push_bind(value.state.as_str())
                    .push_bind(value.conversion.as_str())
                    .push_bind(value.published)
                    .push_bind(value.unit.as_deref().unwrap_or_default())
                    .push_bind(value.first_patentee)
                    .push_bind(Json(value))
                    .push_bind(&holding.hash);
            });
            query.push(
                " on conflict (id) do update set version = excluded.version, state = excluded.state, \
                 conversion = excluded.conversion, published = excluded.published, unit = excluded.unit, \
                 first_patentee = excluded.first_patentee, doc = excluded.doc, hash = excluded.hash");
            query.build().execute(&mut **conn).await?;
        });
    }
    Ok(())
}

/// Replaces version `from` by the next one, or says `Stale`.
pub async fn update(tx: &mut Tx, holding: &Holding, from: i64) -> Result<Stored<Holding>> {
    let hash = holding.document_hash();
    let done = on!(tx, conn => sqlx::query(
            "update holdings set version = version + 1, state = $3, conversion = $4, published = $5, doc = $6, \
             hash = $7, unit = $8, first_patentee = $9 where id = $1 and version = $2")
        .bind(holding.id.to_string()).bind(from).bind(holding.state.as_str()).bind(holding.conversion.as_str())
        .bind(holding.published).bind(Json(holding)).bind(&hash).bind(holding.unit.as_deref().unwrap_or_default())
        .bind(holding.first_patentee)
        .execute(&mut **conn).await?.rows_affected());
    if done == 0 {
        return Err(Error::Stale);
    }
    Ok(Stored {
        version: from + 1,
        hash,
        value: holding.clone(),
    })
}

/// The first holding after `after` whose columns, by which lists are narrowed, disagree with its document, and the
/// last id looked at; `None` at the end.
pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    type Row = (
        String,
        String,
        String,
        String,
        String,
        bool,
        String,
        bool,
        Json<Holding>,
    );
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(
            "select id, organisation, number, state, conversion, published, unit, first_patentee, doc from holdings \
             where id > $1 order by id limit $2")
        .bind(after).bind(limit).fetch_all(&mut **conn).await?);
    let agrees =
        |(id, organisation, number, state, conversion, published, unit, first, Json(doc)): &Row| {
            *id == doc.id.to_string()
                && *organisation == doc.organisation.to_string()
                && number == doc.number.as_str()
                && state == doc.state.as_str()
                && conversion == doc.conversion.as_str()
                && *published == doc.published
                && *first == doc.first_patentee
                && *unit == doc.unit.as_deref().unwrap_or_default()
        };
    let found = rows
        .iter()
        .find(|row| !agrees(row))
        .map(|row| row.0.clone());
    Ok((found, rows.last().map(|row| row.0.clone())))
}
