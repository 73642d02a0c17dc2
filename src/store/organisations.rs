//! Organisations by id and by USCC.

use sqlx::{QueryBuilder, types::Json};

use super::{Error, Result, Stored, Tx};
use crate::domain::{codes::Uscc, id::Id, party::Organisation};

type Raw = (i64, Json<Organisation>, String);

fn stored((version, Json(value), hash): Raw) -> Stored<Organisation> {
    Stored {
        version,
        hash,
        value,
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Organisation>>> {
    let raw: Option<Raw> = on!(tx, conn =>
        sqlx::query_as("select version, doc, hash from organisations where id = $1")
            .bind(id.to_string()).fetch_optional(&mut **conn).await?);
    Ok(raw.map(stored))
}

pub async fn find_by_uscc(tx: &mut Tx, uscc: &Uscc) -> Result<Option<Stored<Organisation>>> {
    let raw: Option<Raw> = on!(tx, conn =>
        sqlx::query_as("select version, doc, hash from organisations where uscc = $1")
            .bind(uscc.as_str()).fetch_optional(&mut **conn).await?);
    Ok(raw.map(stored))
}

/// Those of `ids` that exist, in no particular order.
pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Organisation>>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Raw> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select version, doc, hash from organisations where id in (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.to_string());
        }
        query.push(")");
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    Ok(rows.into_iter().map(stored).collect())
}

/// A page in USCC order, optionally of one district.
pub async fn page(
    tx: &mut Tx,
    district: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Organisation>>> {
    let rows: Vec<Raw> = on!(tx, conn =>
        sqlx::query_as(
            "select version, doc, hash from organisations where uscc > $1 and ($2 = '' or district = $2) \
             order by uscc limit $3")
            .bind(after.unwrap_or_default()).bind(district.unwrap_or_default()).bind(limit)
            .fetch_all(&mut **conn).await?);
    Ok(rows.into_iter().map(stored).collect())
}

/// A page of all of them in id order.
pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Organisation>>> {
    let rows: Vec<Raw> = on!(tx, conn =>
        sqlx::query_as("select version, doc, hash from organisations where id > $1 order by id limit $2")
            .bind(after).bind(limit).fetch_all(&mut **conn).await?);
    Ok(rows.into_iter().map(stored).collect())
}

pub async fn count(tx: &mut Tx, district: Option<&str>) -> Result<i64> {
    Ok(on!(tx, conn =>
        sqlx::query_scalar("select count(*) from organisations where ($1 = '' or district = $1)")
            .bind(district.unwrap_or_default()).fetch_one(&mut **conn).await?))
}

/// How many organisations hold at least one patent.
pub async fn count_holders(tx: &mut Tx) -> Result<i64> {
    Ok(on!(tx, conn => sqlx::query_scalar(
            "select count(*) from organisations o where exists (select 1 from holdings h where h.organisation = o.id)")
        .fetch_one(&mut **conn).await?))
}

/// Stores a new organisation at version 1.
pub async fn insert(tx: &mut Tx, organisation: &Organisation) -> Result<Stored<Organisation>> {
    let hash = organisation.document_hash();
    on!(tx, conn => sqlx::query(
            "insert into organisations (id, version, uscc, name, district, doc, hash, unverified) \
             values ($1, 1, $2, $3, $4, $5, $6, $7)")
        .bind(organisation.id.to_string()).bind(organisation.uscc.as_str()).bind(&organisation.name)
        .bind(&organisation.district).bind(Json(organisation)).bind(&hash).bind(organisation.unverified)
        .execute(&mut **conn).await?.rows_affected());
    Ok(Stored {
        version: 1,
        hash,
        value: organisation.clone(),
    })
}

/// Those that registered themselves and wait for a check, oldest first.
pub async fn list_unverified(tx: &mut Tx, limit: i64) -> Result<Vec<Stored<Organisation>>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(
            "select version, doc, hash from organisations where unverified order by id limit $1")
        .bind(limit).fetch_all(&mut **conn).await?);
    Ok(rows.into_iter().map(stored).collect())
}

/// Replaces version `from` by the next one, or says `Stale`.
pub async fn update(
    tx: &mut Tx,
    organisation: &Organisation,
    from: i64,
) -> Result<Stored<Organisation>> {
    let hash = organisation.document_hash();
    let done = on!(tx, conn => sqlx::query(
            "update organisations set version = version + 1, name = $3, district = $4, doc = $5, hash = $6, \
             unverified = $7 \
             where id = $1 and version = $2")
        .bind(organisation.id.to_string()).bind(from).bind(&organisation.name).bind(&organisation.district)
        .bind(Json(organisation)).bind(&hash).bind(organisation.unverified)
        .execute(&mut **conn).await?.rows_affected());
    if done == 0 {
        return Err(Error::Stale);
    }
    Ok(Stored {
        version: from + 1,
        hash,
        value: organisation.clone(),
    })
}

/// The first organisation after `after` whose columns disagree with its document, and the last id looked at; `None`
/// at the end.
pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    type Row = (String, String, String, String, bool, Json<Organisation>);
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(
            "select id, uscc, name, district, unverified, doc from organisations where id > $1 order by id limit $2")
        .bind(after).bind(limit).fetch_all(&mut **conn).await?);
    let agrees = |(id, uscc, name, district, unverified, Json(doc)): &Row| {
        *id == doc.id.to_string()
            && uscc == doc.uscc.as_str()
            && *name == doc.name
            && *district == doc.district
            && *unverified == doc.unverified
    };
    let found = rows
        .iter()
        .find(|row| !agrees(row))
        .map(|row| row.0.clone());
    Ok((found, rows.last().map(|row| row.0.clone())))
}

/// At most `limit` organisations whose record holds a text, by name; a scan, for officers who look for one.
pub async fn list_by_text(
    tx: &mut Tx,
    text: &str,
    limit: i64,
) -> Result<Vec<Stored<Organisation>>> {
    let literal = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(
            "select version, doc, hash from organisations where cast(doc as text) like $1 escape '\\' order by uscc limit $2")
        .bind(format!("%{literal}%")).bind(limit).fetch_all(&mut **conn).await?);
    Ok(rows.into_iter().map(stored).collect())
}
