//! Imports and their rejected rows. Progress moves only together with the rows it counts.

use sqlx::{FromRow, QueryBuilder, types::Json};

use super::{Error, Result, Tx, day, id, word};
use crate::domain::{
    id::Id,
    intake::Mapping,
    register::{Counts, Failure, Import, ImportState, Preview, StoredReject},
    time::Instant,
};

#[derive(FromRow)]
struct Raw {
    id: String,
    version: i64,
    state: String,
    organisation: Option<String>,
    actor: String,
    file_name: Option<String>,
    blob: Option<String>,
    sha256: Option<String>,
    size_bytes: i64,
    status_as_of: Option<String>,
    rows_done: i64,
    added: i64,
    merged: i64,
    unchanged: i64,
    rejected: i64,
    held: i64,
    claimed: i64,
    conflicts: i64,
    failure: Option<Json<Failure>>,
    preview: Option<Json<Preview>>,
    mapping: Option<Json<Mapping>>,
    guesses: bool,
    created_at: i64,
    finished_at: Option<i64>,
}

impl TryFrom<Raw> for Import {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: id(&raw.id)?,
            version: raw.version,
            state: word(&raw.state, ImportState::parse)?,
            organisation: raw.organisation.as_deref().map(id).transpose()?,
            actor: raw.actor,
            file_name: raw.file_name,
            blob: raw.blob,
            sha256: raw.sha256,
            size_bytes: raw.size_bytes,
            status_as_of: day(raw.status_as_of)?,
            counts: Counts {
                rows: raw.rows_done,
                added: raw.added,
                merged: raw.merged,
                unchanged: raw.unchanged,
                rejected: raw.rejected,
                held: raw.held,
                claimed: raw.claimed,
                conflicts: raw.conflicts,
            },
            failure: raw.failure.map(|Json(f)| f),
            preview: raw.preview.map(|Json(p)| p),
            mapping: raw.mapping.map(|Json(m)| m),
            guesses: raw.guesses,
            created_at: Instant::from_micros(raw.created_at),
            finished_at: raw.finished_at.map(Instant::from_micros),
        })
    }
}

pub async fn insert(tx: &mut Tx, import: &Import) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into imports (id, version, state, organisation, actor, file_name, blob, sha256, size_bytes, \
             rows_done, added, merged, unchanged, rejected, held, claimed, created_at, status_as_of, mapping, guesses, \
             preview) values ($1, 1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, 0, 0, 0, $9, $10, $11, $12, $13)")
        .bind(import.id.to_string()).bind(import.state.as_str())
        .bind(import.organisation.as_ref().map(Id::to_string)).bind(&import.actor).bind(&import.file_name)
        .bind(&import.blob).bind(&import.sha256).bind(import.size_bytes).bind(import.created_at.micros())
        .bind(import.status_as_of.map(|day| day.to_string()))
        .bind(import.mapping.as_ref().map(Json)).bind(import.guesses).bind(import.preview.as_ref().map(Json))
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Import>> {
    let raw: Option<Raw> = on!(tx, conn => sqlx::query_as("select * from imports where id = $1")
        .bind(id.to_string()).fetch_optional(&mut **conn).await?);
    raw.map(Import::try_from).transpose()
}

/// A page, newest first, of one organisation's imports (`None`: everyone's).
pub async fn page(
    tx: &mut Tx,
    organisation: Option<&Id>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Import>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(
            "select * from imports where ($1 = '' or organisation = $1) and ($2 = '' or id < $2) \
             order by id desc limit $3")
        .bind(organisation.map(Id::to_string).unwrap_or_default()).bind(before.unwrap_or_default()).bind(limit)
        .fetch_all(&mut **conn).await?);
    rows.into_iter().map(Import::try_from).collect()
}

/// How many imports one organisation has (`None`: everyone).
pub async fn count(tx: &mut Tx, organisation: Option<&Id>) -> Result<i64> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select count(*) from imports where ($1 = '' or organisation = $1)")
        .bind(organisation.map(Id::to_string).unwrap_or_default()).fetch_one(&mut **conn).await?),
    )
}

/// Moves the counts from `from` to `to`; `Stale` when another worker has moved them meanwhile.
pub async fn advance(tx: &mut Tx, import: &Id, from: i64, to: &Counts) -> Result<()> {
    let rows = on!(tx, conn => sqlx::query(
            "update imports set version = version + 1, state = 'running', rows_done = $3, added = $4, merged = $5, \
             unchanged = $6, rejected = $7, held = $8, claimed = $9, conflicts = $10 \
             where id = $1 and rows_done = $2 and state in ('queued', 'running')")
        .bind(import.to_string()).bind(from).bind(to.rows).bind(to.added).bind(to.merged).bind(to.unchanged)
        .bind(to.rejected).bind(to.held).bind(to.claimed).bind(to.conflicts)
        .execute(&mut **conn).await?.rows_affected());
    if rows == 1 { Ok(()) } else { Err(Error::Stale) }
}

/// Ends a rehearsal: what would become of the rows, what was understood, and by what mapping. `false`: it is one no
/// longer, or somebody has changed the mapping meanwhile.
pub async fn rehearsed(
    tx: &mut Tx,
    import: &Id,
    version: i64,
    counts: &Counts,
    failure: Option<&Failure>,
    found: (&Preview, &Mapping),
) -> Result<bool> {
    let (preview, mapping) = found;
    let rows = on!(tx, conn => sqlx::query(
            "update imports set version = version + 1, state = 'rehearsed', rows_done = $2, added = $3, merged = $4, \
             unchanged = $5, rejected = $6, held = $7, claimed = $8, failure = $9, preview = $10, mapping = $11, \
             conflicts = $13 where id = $1 and state = 'rehearsing' and version = $12")
        .bind(import.to_string()).bind(counts.rows).bind(counts.added).bind(counts.merged).bind(counts.unchanged)
        .bind(counts.rejected).bind(counts.held).bind(counts.claimed).bind(failure.map(Json)).bind(Json(preview))
        .bind(Json(mapping)).bind(version).bind(counts.conflicts)
        .execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Keeps how a file is read that nobody looked at before.
pub async fn surveyed(
    tx: &mut Tx,
    import: &Id,
    preview: &Preview,
    mapping: &Mapping,
) -> Result<()> {
    on!(tx, conn => sqlx::query("update imports set preview = $2, mapping = $3 where id = $1")
        .bind(import.to_string()).bind(Json(preview)).bind(Json(mapping))
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Says of a rehearsed import's columns what they are; it is rehearsed again. `false`: it no longer stands so.
pub async fn remap(tx: &mut Tx, import: &Id, version: i64, mapping: &Mapping) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "update imports set version = version + 1, state = 'rehearsing', mapping = $3, failure = null, rows_done = 0, \
             added = 0, merged = 0, unchanged = 0, rejected = 0, held = 0, claimed = 0, conflicts = 0 \
             where id = $1 and version = $2 and state = 'rehearsed'")
        .bind(import.to_string()).bind(version).bind(Json(mapping)).execute(&mut **conn).await?.rows_affected());
    if rows == 0 {
        return Ok(false);
    }
    on!(tx, conn => sqlx::query("delete from import_rejects where import = $1")
        .bind(import.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(true)
}

/// Queues a rehearsed import: the real run counts and rejects anew. `false`: it was not waiting.
pub async fn agree(tx: &mut Tx, import: &Id) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "update imports set version = version + 1, state = 'queued', rows_done = 0, added = 0, merged = 0, \
             unchanged = 0, rejected = 0, held = 0, claimed = 0, conflicts = 0, failure = null \
             where id = $1 and state = 'rehearsed'")
        .bind(import.to_string()).execute(&mut **conn).await?.rows_affected());
    if rows == 0 {
        return Ok(false);
    }
    on!(tx, conn => sqlx::query("delete from import_rejects where import = $1")
        .bind(import.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(true)
}

/// Removes a rehearsed import to which nobody has agreed; `false`: it waits no longer.
pub async fn drop_rehearsed(tx: &mut Tx, import: &Id) -> Result<bool> {
    Ok(
        on!(tx, conn => sqlx::query("delete from imports where id = $1 and state = 'rehearsed'")
        .bind(import.to_string()).execute(&mut **conn).await?.rows_affected() == 1),
    )
}

/// Removes imports to which nobody has agreed since before `before`.
pub async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64> {
    Ok(on!(tx, conn => sqlx::query(
            "delete from imports where state in ('rehearsing', 'rehearsed') and created_at < $1")
        .bind(before.micros()).execute(&mut **conn).await?.rows_affected()))
}

/// Ends an import, done or failed.
pub async fn finish(
    tx: &mut Tx,
    import: &Id,
    failure: Option<&Failure>,
    now: Instant,
) -> Result<()> {
    let state = if failure.is_some() {
        ImportState::Failed
    } else {
        ImportState::Done
    };
    on!(tx, conn => sqlx::query(
            "update imports set version = version + 1, state = $2, failure = $3, finished_at = $4 \
             where id = $1 and state in ('queued', 'running', 'rehearsing')")
        .bind(import.to_string()).bind(state.as_str()).bind(failure.map(Json)).bind(now.micros())
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Adds rejected rows; `item` is the row's ordinal in the file and makes a repeated batch harmless.
pub async fn add_rejects(tx: &mut Tx, import: &Id, rejects: &[StoredReject]) -> Result<()> {
    for chunk in rejects.chunks(500) {
        on!(tx, conn => {
            QueryBuilder::new("insert into import_rejects (import, item, row_number, column_name, code, value, cells) ")
                .push_values(chunk, |mut tuple, reject| {
                    tuple
                        .push_bind(import.to_string())
                        .push_bind(reject.item)
                        .push_bind(reject.row)
                        .push_bind(&reject.column)
                        .push_bind(&reject.code)
                        .push_bind(&reject.value)
                        .push_bind(reject.cells.as_ref().map(Json));
                })
                .build()
                .execute(&mut **conn)
                .await?;
        });
    }
    Ok(())
}

/// A page of rejected rows in file order.
pub async fn rejects(
    tx: &mut Tx,
    import: &Id,
    after: i64,
    limit: i64,
) -> Result<Vec<StoredReject>> {
    type Row = (
        i64,
        i64,
        String,
        String,
        String,
        Option<Json<Vec<(String, String)>>>,
    );
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(
            "select item, row_number, column_name, code, value, cells from import_rejects \
             where import = $1 and item > $2 order by item limit $3")
        .bind(import.to_string()).bind(after).bind(limit).fetch_all(&mut **conn).await?);
    Ok(rows
        .into_iter()
        .map(|(item, row, column, code, value, cells)| StoredReject {
            item,
            row,
            column,
            code,
            value,
            cells: cells.map(|Json(cells)| cells),
        })
        .collect())
}

pub async fn count_rejects(tx: &mut Tx, import: &Id) -> Result<i64> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select count(*) from import_rejects where import = $1")
        .bind(import.to_string()).fetch_one(&mut **conn).await?),
    )
}
