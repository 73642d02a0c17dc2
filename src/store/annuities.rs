//! Annual fees: the ledger of each holding, and what holds for all of a holder's patents.

use sqlx::types::Json;

use super::{Result, Stored, Tx, document};
use crate::domain::{
    annuity::{FeeLedger, HolderFees},
    event::{canonical_json, sha256_hex},
    id::Id,
};
use document::{Column, Document};

impl Document for FeeLedger {
    const TABLE: &'static str = "fee_ledgers";
    const COLUMNS: &'static [&'static str] = &["organisation"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![self.organisation.to_string().into()]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

/// The ledger of a holding.
pub async fn find(tx: &mut Tx, holding: &Id) -> Result<Option<Stored<FeeLedger>>> {
    document::find(tx, holding.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<FeeLedger>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<FeeLedger>>> {
    document::page_by_id(tx, after, limit).await
}

pub async fn insert(tx: &mut Tx, ledger: FeeLedger) -> Result<Stored<FeeLedger>> {
    document::insert(tx, ledger).await
}

pub async fn update(tx: &mut Tx, ledger: FeeLedger, from: i64) -> Result<Stored<FeeLedger>> {
    document::update(tx, ledger, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<FeeLedger>(tx, after, limit).await
}

/// What holds for all of a holder's patents; version 0 without a row where it has said nothing.
pub async fn load_holder(tx: &mut Tx, organisation: &Id) -> Result<Stored<HolderFees>> {
    type Raw = (i64, Json<HolderFees>, String);
    let raw: Option<Raw> = on!(tx, conn =>
        sqlx::query_as("select version, doc, hash from holder_fees where id = $1")
            .bind(organisation.to_string()).fetch_optional(&mut **conn).await?);
    let (version, value, hash) = raw.map_or_else(
        || (0, HolderFees::default(), hash(HolderFees::default())),
        |(version, Json(value), hash)| (version, value, hash),
    );
    Ok(Stored {
        version,
        hash,
        value,
    })
}

fn hash(fees: HolderFees) -> String {
    sha256_hex(canonical_json(&fees).as_bytes())
}

/// Stores the next version; the caller has read the one before inside this transaction.
pub async fn put_holder(
    tx: &mut Tx,
    organisation: &Id,
    version: i64,
    fees: HolderFees,
) -> Result<Stored<HolderFees>> {
    let hash = hash(fees);
    on!(tx, conn => sqlx::query(
            "insert into holder_fees (id, version, doc, hash) values ($1, $2, $3, $4) \
             on conflict (id) do update set version = excluded.version, doc = excluded.doc, hash = excluded.hash")
        .bind(organisation.to_string()).bind(version).bind(Json(fees)).bind(&hash)
        .execute(&mut **conn).await?.rows_affected());
    Ok(Stored {
        version,
        hash,
        value: fees,
    })
}
