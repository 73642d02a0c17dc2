//! Patents by application number, one at a time or in batches of at most 500.

use sqlx::{QueryBuilder, types::Json};

use super::{Result, Stored, Tx};
use crate::domain::{codes::AppNo, patent::Patent};

type Raw = (i64, Json<Patent>, String);

fn stored((version, Json(value), hash): Raw) -> Stored<Patent> {
    Stored {
        version,
        hash,
        value,
    }
}

pub async fn find(tx: &mut Tx, number: &AppNo) -> Result<Option<Stored<Patent>>> {
    let raw: Option<Raw> = on!(tx, conn =>
        sqlx::query_as("select version, doc, hash from patents where number = $1")
            .bind(number.as_str()).fetch_optional(&mut **conn).await?);
    Ok(raw.map(stored))
}

/// Those of `numbers` that exist, in no particular order.
pub async fn list_by_numbers(tx: &mut Tx, numbers: &[AppNo]) -> Result<Vec<Stored<Patent>>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Raw> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select version, doc, hash from patents where number in (");
        let mut list = query.separated(", ");
        for number in numbers {
            list.push_bind(number.as_str());
        }
        query.push(")");
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    Ok(rows.into_iter().map(stored).collect())
}

/// A page of all patents in number order, after this number (`""`: from the first).
pub async fn page(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Patent>>> {
    let rows: Vec<Raw> = on!(tx, conn =>
        sqlx::query_as("select version, doc, hash from patents where number > $1 order by number limit $2")
            .bind(after).bind(limit).fetch_all(&mut **conn).await?);
    Ok(rows.into_iter().map(stored).collect())
}

pub async fn count(tx: &mut Tx) -> Result<i64> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select count(*) from patents").fetch_one(&mut **conn).await?),
    )
}

/// Stores new and changed patents; the caller has read the versions inside this transaction.
pub async fn put(tx: &mut Tx, patents: &[Stored<Patent>]) -> Result<()> {
    for chunk in patents.chunks(500) {
        on!(tx, conn => {
            let mut query = QueryBuilder::new("insert into patents (number, version, doc, hash) ");
            query.push_values(chunk, |mut tuple, patent| {
                tuple
                    .push_bind(patent.value.number.as_str())
                    .push_bind(patent.version)
                    .push_bind(Json(&patent.value))
                    .push_bind(&patent.hash);
            });
            query.push(
                " on conflict (number) do update set version = excluded.version, doc = excluded.doc, hash = excluded.hash",
            );
            query.build().execute(&mut **conn).await?;
        });
    }
    Ok(())
}
