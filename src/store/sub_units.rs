//! The sub-units of organisations, by organisation. One that has named none is at version 0 and has no row.

use sqlx::types::Json;

use super::{Result, Stored, Tx};
use crate::domain::{id::Id, sub_unit::SubUnits};

type Raw = (i64, Json<SubUnits>, String);

pub async fn load(tx: &mut Tx, organisation: &Id) -> Result<Stored<SubUnits>> {
    let raw: Option<Raw> = on!(tx, conn =>
        sqlx::query_as("select version, doc, hash from sub_units where id = $1")
            .bind(organisation.to_string()).fetch_optional(&mut **conn).await?);
    let (version, value, hash) = raw.map_or_else(
        || {
            let none = SubUnits::default();
            let hash = none.document_hash();
            (0, none, hash)
        },
        |(version, Json(value), hash)| (version, value, hash),
    );
    Ok(Stored {
        version,
        hash,
        value,
    })
}

/// Stores the next version; the caller has read the one before inside this transaction.
pub async fn put(tx: &mut Tx, organisation: &Id, units: &Stored<SubUnits>) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into sub_units (id, version, doc, hash) values ($1, $2, $3, $4) \
             on conflict (id) do update set version = excluded.version, doc = excluded.doc, hash = excluded.hash")
        .bind(organisation.to_string()).bind(units.version).bind(Json(&units.value)).bind(&units.hash)
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}
