//! Rows as they stand, for the audit and the dump: the columns' own texts and numbers, nothing interpreted, so that
//! whatever is wrong with a row can be named instead of failing to be read.

use sqlx::{FromRow, QueryBuilder};

use super::{Result, Tx};
use crate::domain::event::Noun;

/// A row of `changes`.
#[derive(Clone, Debug, FromRow)]
pub struct Change {
    pub seq: i64,
    pub at: i64,
    pub actor: String,
    pub kind: String,
    pub subject: String,
    pub subject_version: i64,
    pub audience: String,
    pub effective_on: Option<String>,
    pub body: Option<String>,
    pub body_hash: String,
    pub prev: String,
    pub hash: String,
}

/// At most `limit` rows of the chain after `seq`, in order.
pub async fn changes(tx: &mut Tx, seq: i64, limit: i64) -> Result<Vec<Change>> {
    Ok(on!(tx, conn =>
        sqlx::query_as("select * from changes where seq > $1 order by seq limit $2")
            .bind(seq).bind(limit).fetch_all(&mut **conn).await?))
}

/// A row of a table of records.
#[derive(Clone, Debug, FromRow)]
pub struct Record {
    pub key: String,
    pub version: i64,
    /// The document's text as the database writes it.
    pub doc: String,
    pub hash: String,
}

/// The records of a noun behind a key, in key order.
pub async fn records(tx: &mut Tx, noun: Noun, after: &str, limit: i64) -> Result<Vec<Record>> {
    let key = if noun == Noun::Patent { "number" } else { "id" };
    Ok(on!(tx, conn => {
        let mut query = QueryBuilder::new("select ");
        query.push(key).push(" as key, version, cast(doc as text) as doc, hash from ").push(noun.plural().replace('-', "_"));
        query.push(" where ").push(key).push(" > ").push_bind(after.to_owned());
        query.push(" order by ").push(key).push(" limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    }))
}

/// A row of `files`.
#[derive(Clone, Debug, FromRow)]
pub struct File {
    pub id: String,
    pub owner: Option<String>,
    pub name: String,
    pub media_type: String,
    pub sha256: String,
    pub size_bytes: i64,
    pub blob: String,
    pub actor: String,
    pub created_at: i64,
    pub hash: String,
}

/// The files behind an id, in id order.
pub async fn files(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<File>> {
    Ok(on!(tx, conn =>
        sqlx::query_as("select * from files where id > $1 order by id limit $2")
            .bind(after).bind(limit).fetch_all(&mut **conn).await?))
}
