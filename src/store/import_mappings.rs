//! What holders have said of the headers of their files, by the signature of the headers.

use sqlx::types::Json;

use super::{Result, Stored, Tx, document};
use crate::domain::{id::Id, register::SavedMapping};
use document::{Column, Document, Narrowing};

impl Document for SavedMapping {
    const TABLE: &'static str = "import_mappings";
    const COLUMNS: &'static [&'static str] = &["organisation", "signature"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            owner(self.organisation.as_ref()).into(),
            self.signature.as_str().into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

/// The office's own have no organisation.
fn owner(organisation: Option<&Id>) -> String {
    organisation.map(Id::to_string).unwrap_or_default()
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<SavedMapping>>> {
    document::find(tx, id.to_string()).await
}

/// The one that was saved for these headers.
pub async fn find_for(
    tx: &mut Tx,
    organisation: Option<&Id>,
    signature: &str,
) -> Result<Option<Stored<SavedMapping>>> {
    let raw: Option<document::Raw<SavedMapping>> = on!(tx, conn => sqlx::query_as(
            "select version, doc, hash from import_mappings where organisation = $1 and signature = $2")
        .bind(owner(organisation)).bind(signature).fetch_optional(&mut **conn).await?);
    Ok(raw.map(document::stored))
}

/// A page, the latest first, of one organisation's (`None`: everyone's).
pub async fn page(
    tx: &mut Tx,
    organisation: Option<&Id>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<SavedMapping>>> {
    let mut narrowing = Narrowing::default();
    narrowing.maybe(" and organisation = ", organisation.map(Id::to_string));
    document::page_latest(tx, narrowing, before, limit).await
}

pub async fn count(tx: &mut Tx, organisation: Option<&Id>) -> Result<i64> {
    let mut narrowing = Narrowing::default();
    narrowing.maybe(" and organisation = ", organisation.map(Id::to_string));
    document::count::<SavedMapping>(tx, narrowing).await
}

/// Keeps it in the place of the one for the same headers.
pub async fn put(tx: &mut Tx, saved: &SavedMapping) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into import_mappings (id, version, organisation, signature, doc, hash) values ($1, 1, $2, $3, $4, $5) \
             on conflict (organisation, signature) do update set version = import_mappings.version + 1, \
             id = excluded.id, doc = excluded.doc, hash = excluded.hash")
        .bind(saved.id.to_string()).bind(owner(saved.organisation.as_ref())).bind(&saved.signature)
        .bind(Json(saved)).bind(saved.document_hash())
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn remove(tx: &mut Tx, id: &Id) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from import_mappings where id = $1")
        .bind(id.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}
