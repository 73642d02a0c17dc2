//! Patents by application number, one at a time or in batches of at most 500.

use sqlx::{QueryBuilder, types::Json};

use super::{Result, Stored, Tx};
use crate::domain::{codes::AppNo, party::name_key, patent::Patent};

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

/// The columns by which a holder's stock is searched, narrowed and ordered; days unknown are empty.
#[derive(sqlx::FromRow, PartialEq, Eq)]
struct Columns {
    words: String,
    kind: String,
    legal_status: String,
    filed_on: String,
    expires_on: String,
}

impl Columns {
    fn of(patent: &Patent) -> Self {
        let day = |day: Option<crate::domain::time::Day>| day.map(|d| d.to_string());
        let mut words = format!("{}|{}", name_key(&patent.title), patent.number);
        for name in &patent.inventors {
            words.push('|');
            words.push_str(&name_key(name));
        }
        Self {
            words: words.to_lowercase(),
            kind: patent.kind.as_str().to_owned(),
            legal_status: patent.legal_status.as_str().to_owned(),
            filed_on: day(patent.filing_date).unwrap_or_default(),
            expires_on: day(patent.expires_on()).unwrap_or_default(),
        }
    }
}

/// The first patent after `after` whose columns disagree with its document, and the last number looked at.
pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    #[derive(sqlx::FromRow)]
    struct Row {
        number: String,
        doc: Json<Patent>,
        #[sqlx(flatten)]
        columns: Columns,
    }
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(
            "select number, doc, words, kind, legal_status, filed_on, expires_on from patents \
             where number > $1 order by number limit $2")
        .bind(after).bind(limit).fetch_all(&mut **conn).await?);
    let agrees =
        |row: &&Row| row.number == row.doc.number.as_str() && row.columns == Columns::of(&row.doc);
    let found = rows
        .iter()
        .find(|row| !agrees(row))
        .map(|row| row.number.clone());
    Ok((found, rows.last().map(|row| row.number.clone())))
}

/// Stores new and changed patents; the caller has read the versions inside this transaction.
pub async fn put(tx: &mut Tx, patents: &[Stored<Patent>]) -> Result<()> {
    for chunk in patents.chunks(500) {
        on!(tx, conn => {
            let mut query = QueryBuilder::new(
                "insert into patents (number, version, doc, hash, words, kind, legal_status, filed_on, expires_on) ");
            query.push_values(chunk, |mut tuple, patent| {
                let columns = Columns::of(&patent.value);
                tuple
                    .push_bind(patent.value.number.as_str())
                    .push_bind(patent.version)
                    .push_bind(Json(&patent.value))
                    .push_bind(&patent.hash)
                    .push_bind(columns.words)
                    .push_bind(columns.kind)
                    .push_bind(columns.legal_status)
                    .push_bind(columns.filed_on)
                    .push_bind(columns.expires_on);
            });
            query.push(
                " on conflict (number) do update set version = excluded.version, doc = excluded.doc, \
                 hash = excluded.hash, words = excluded.words, kind = excluded.kind, \
                 legal_status = excluded.legal_status, filed_on = excluded.filed_on, expires_on = excluded.expires_on",
            );
            query.build().execute(&mut **conn).await?;
        });
    }
    Ok(())
}
