//! Dictionaries, by topic. One that nobody has changed yet is version 1 of the beginning and has no row.

use sqlx::types::Json;

use super::{Result, Stored, Tx};
use crate::domain::dictionary::{Dictionaries, Dictionary, Topic};

type Raw = (i64, Json<Dictionary>, String);

pub async fn load(tx: &mut Tx, topic: Topic) -> Result<Stored<Dictionary>> {
    let raw: Option<Raw> = on!(tx, conn =>
        sqlx::query_as("select version, doc, hash from dictionaries where id = $1")
            .bind(topic.as_str()).fetch_optional(&mut **conn).await?);
    Ok(raw.map_or_else(
        || {
            let value = Dictionary::beginning(topic);
            Stored {
                version: 1,
                hash: value.document_hash(),
                value,
            }
        },
        |(version, Json(value), hash)| Stored {
            version,
            hash,
            value,
        },
    ))
}

/// All of them, in the order of `Topic::ALL`.
pub async fn load_all(tx: &mut Tx) -> Result<Dictionaries> {
    let mut all = Vec::with_capacity(Topic::ALL.len());
    for topic in Topic::ALL {
        all.push(load(tx, topic).await?.value);
    }
    Ok(Dictionaries(all))
}

/// Stores the next version; the caller has read the one before inside this transaction.
pub async fn put(tx: &mut Tx, dictionary: &Stored<Dictionary>) -> Result<()> {
    let value = &dictionary.value;
    on!(tx, conn => sqlx::query(
            "insert into dictionaries (id, version, doc, hash) values ($1, $2, $3, $4) \
             on conflict (id) do update set version = excluded.version, doc = excluded.doc, hash = excluded.hash")
        .bind(value.topic.as_str()).bind(dictionary.version).bind(Json(value)).bind(&dictionary.hash)
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}
