//! Files and who may read them. Their bytes are blobs; two files of the same content share one.

use sqlx::{FromRow, QueryBuilder};

use super::{Error, Result, Tx, id, word};
use crate::domain::{file::File, id::Id, media::MediaType, time::Instant};

#[derive(FromRow)]
struct Raw {
    id: String,
    owner: Option<String>,
    name: String,
    media_type: String,
    sha256: String,
    size_bytes: i64,
    created_at: i64,
}

impl TryFrom<Raw> for File {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: id(&raw.id)?,
            owner: raw.owner.as_deref().map(id).transpose()?,
            name: raw.name,
            media_type: word(&raw.media_type, MediaType::parse)?,
            sha256: raw.sha256,
            size_bytes: raw.size_bytes,
            created_at: Instant::from_micros(raw.created_at),
        })
    }
}

fn all(rows: Vec<Raw>) -> Result<Vec<File>> {
    rows.into_iter().map(File::try_from).collect()
}

/// Stores a file whose bytes are `blob`, uploaded or written by `actor`.
pub async fn insert(tx: &mut Tx, file: &File, blob: &str, actor: &str) -> Result<()> {
    let hash = file.row_hash(blob, actor);
    on!(tx, conn => sqlx::query(
            "insert into files (id, owner, name, media_type, sha256, size_bytes, blob, actor, created_at, hash) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(file.id.to_string()).bind(file.owner.as_ref().map(Id::to_string)).bind(&file.name)
        .bind(file.media_type.as_str()).bind(&file.sha256).bind(file.size_bytes).bind(blob).bind(actor)
        .bind(file.created_at.micros()).bind(hash)
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<File>> {
    let raw: Option<Raw> = on!(tx, conn => sqlx::query_as("select * from files where id = $1")
        .bind(id.to_string()).fetch_optional(&mut **conn).await?);
    raw.map(File::try_from).transpose()
}

/// Those of `ids` that exist, in no particular order.
pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<File>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Raw> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select * from files where id in (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.to_string());
        }
        query.push(")");
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    all(rows)
}

/// Every file of that owner (`None`: the office) with that name, newest first.
pub async fn find_for_name(tx: &mut Tx, owner: Option<&Id>, name: &str) -> Result<Vec<File>> {
    let owner = owner.map(Id::to_string);
    let rows: Vec<Raw> = match owner {
        Some(owner) => on!(tx, conn => sqlx::query_as(
                "select * from files where owner = $1 and name = $2 order by created_at desc, id desc")
            .bind(owner).bind(name).fetch_all(&mut **conn).await?),
        None => on!(tx, conn => sqlx::query_as(
                "select * from files where owner is null and name = $1 order by created_at desc, id desc")
            .bind(name).fetch_all(&mut **conn).await?),
    };
    all(rows)
}

/// Every file of that content, whoever's, oldest first.
pub async fn find_by_sha256(tx: &mut Tx, sha256: &str) -> Result<Vec<File>> {
    let rows: Vec<Raw> = on!(tx, conn =>
        sqlx::query_as("select * from files where sha256 = $1 order by created_at, id")
            .bind(sha256).fetch_all(&mut **conn).await?);
    all(rows)
}

/// Lets `readers` read the file; who may already stays so.
pub async fn add_readers(tx: &mut Tx, file: &Id, readers: &[Id]) -> Result<()> {
    for reader in readers {
        on!(tx, conn => sqlx::query(
                "insert into file_readers (file, reader) values ($1, $2) on conflict (file, reader) do nothing")
            .bind(file.to_string()).bind(reader.to_string()).execute(&mut **conn).await?.rows_affected());
    }
    Ok(())
}

/// Has `reader` been let in?
pub async fn is_reader(tx: &mut Tx, file: &Id, reader: &Id) -> Result<bool> {
    let count: i64 = on!(tx, conn =>
        sqlx::query_scalar("select count(*) from file_readers where file = $1 and reader = $2")
            .bind(file.to_string()).bind(reader.to_string()).fetch_one(&mut **conn).await?);
    Ok(count > 0)
}

/// A part of the file's bytes, from 0; `None` after the last.
pub async fn read_part(tx: &mut Tx, file: &Id, part: i64) -> Result<Option<Vec<u8>>> {
    Ok(on!(tx, conn => sqlx::query_scalar(
            "select p.bytes from files f join blob_parts p on p.blob = f.blob where f.id = $1 and p.part = $2")
        .bind(file.to_string()).bind(part).fetch_optional(&mut **conn).await?))
}

/// What a file says of its bytes, and what its blob says; `None` where no whole blob is there.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Filed {
    pub id: String,
    pub blob: String,
    pub sha256: String,
    pub size_bytes: i64,
    pub blob_sha256: Option<String>,
    pub blob_size_bytes: Option<i64>,
}

/// Every file beside its blob, for `verify`.
pub async fn page(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Filed>> {
    Ok(on!(tx, conn => sqlx::query_as(
            "select f.id, f.blob, f.sha256, f.size_bytes, b.sha256 as blob_sha256, b.size_bytes as blob_size_bytes \
             from files f left join blobs b on b.id = f.blob and b.complete where f.id > $1 order by f.id limit $2")
        .bind(after).bind(limit).fetch_all(&mut **conn).await?))
}

/// The first file whose bytes are this blob.
pub async fn find_by_blob(tx: &mut Tx, blob: &str) -> Result<Option<String>> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select min(id) from files where blob = $1")
        .bind(blob).fetch_one(&mut **conn).await?),
    )
}
