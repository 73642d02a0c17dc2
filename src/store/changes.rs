//! The ordered change rows: appended by `Tx::commit` alone, read by the feed, the index and the audit.

use sqlx::{FromRow, QueryBuilder};

use super::{Error, Result, Tx, day};
use crate::domain::{
    event::{ChangeRow, Noun, Sight},
    time::Instant,
};

/// The end of the chain: the last row's number and hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub hash: String,
}

#[derive(FromRow)]
struct Raw {
    seq: i64,
    at: i64,
    actor: String,
    kind: String,
    subject: String,
    subject_version: i64,
    audience: String,
    effective_on: Option<String>,
    body: Option<String>,
    body_hash: String,
    prev: String,
    hash: String,
}

impl TryFrom<Raw> for ChangeRow {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            seq: raw.seq,
            at: Instant::from_micros(raw.at),
            actor: raw.actor,
            kind: raw.kind,
            subject: raw.subject,
            subject_version: raw.subject_version,
            audience: raw.audience,
            effective_on: day(raw.effective_on)?,
            body: raw.body,
            body_hash: raw.body_hash,
            prev: raw.prev,
            hash: raw.hash,
        })
    }
}

/// Rows a statement: twelve binds each, well under the limits of both databases.
const ROWS_PER_STATEMENT: usize = 500;

pub(super) async fn insert(tx: &mut Tx, rows: &[ChangeRow]) -> Result<()> {
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        on!(tx, conn => {
            QueryBuilder::new(
                "insert into changes (seq, at, actor, kind, subject, subject_version, audience, \
                 effective_on, body, body_hash, prev, hash) ",
            )
            .push_values(chunk, |mut tuple, row| {
                tuple
                    .push_bind(row.seq)
                    .push_bind(row.at.micros())
                    .push_bind(&row.actor)
                    .push_bind(&row.kind)
                    .push_bind(&row.subject)
                    .push_bind(row.subject_version)
                    .push_bind(&row.audience)
                    .push_bind(row.effective_on.map(|d| d.to_string()))
                    .push_bind(&row.body)
                    .push_bind(&row.body_hash)
                    .push_bind(&row.prev)
                    .push_bind(&row.hash);
            })
            .build()
            .execute(&mut **conn)
            .await?;
        });
    }
    Ok(())
}

pub async fn head(tx: &mut Tx) -> Result<Head> {
    let (seq, hash) = on!(tx, conn =>
        sqlx::query_as("select seq, hash from head where id = 1").fetch_one(&mut **conn).await?);
    Ok(Head { seq, hash })
}

/// At most `limit` rows after `seq`, in order, of every audience.
pub async fn after(tx: &mut Tx, seq: i64, limit: i64) -> Result<Vec<ChangeRow>> {
    let rows: Vec<Raw> = on!(tx, conn =>
        sqlx::query_as("select * from changes where seq > $1 order by seq limit $2")
            .bind(seq).bind(limit).fetch_all(&mut **conn).await?);
    rows.into_iter().map(ChangeRow::try_from).collect()
}

/// At most `limit` rows after `seq` that this reader may see, in order.
pub async fn seen_after(
    tx: &mut Tx,
    sight: &Sight,
    seq: i64,
    limit: i64,
) -> Result<Vec<ChangeRow>> {
    let Some(texts) = sight.texts() else {
        return after(tx, seq, limit).await;
    };
    let own = texts.get(1).or(texts.first()).cloned().unwrap_or_default();
    let rows: Vec<Raw> = on!(tx, conn =>
        sqlx::query_as(
            "select * from changes where seq > $1 and audience in ('public', $3) order by seq limit $2")
            .bind(seq).bind(limit).bind(&own).fetch_all(&mut **conn).await?);
    rows.into_iter().map(ChangeRow::try_from).collect()
}

/// The last row with a body, up to `seq`, that was recorded before an instant; 0 when there is none.
pub async fn last_counted(tx: &mut Tx, seq: i64, before: Option<Instant>) -> Result<i64> {
    // Instants do not fall along the chain by more than the clocks of replicas differ; the greatest number counts.
    let before = before.map_or(i64::MAX, Instant::micros);
    let last: Option<i64> = on!(tx, conn => sqlx::query_scalar(
            "select max(seq) from changes where body is not null and seq <= $1 and at < $2")
        .bind(seq).bind(before).fetch_one(&mut **conn).await?);
    Ok(last.unwrap_or(0))
}

/// Subject and body of the latest `set` row, up to `seq`, of each record of a noun whose bodies are kept, in
/// subject order.
pub async fn bodies_at(
    tx: &mut Tx,
    noun: Noun,
    seq: i64,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String)>> {
    Ok(on!(tx, conn => sqlx::query_as(
            "select c.subject, c.body from changes c join \
             (select subject, max(seq) as seq from changes \
              where kind = $1 and subject > $2 and seq <= $3 and body is not null \
              group by subject order by subject limit $4) l on l.seq = c.seq order by c.subject")
        .bind(format!("{}.set", noun.as_str())).bind(after).bind(seq).bind(limit)
        .fetch_all(&mut **conn).await?))
}

/// At most `limit` rows of a subject before a row, the latest first.
pub async fn of_subject(
    tx: &mut Tx,
    subject: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<ChangeRow>> {
    let rows: Vec<Raw> = on!(tx, conn =>
        sqlx::query_as("select * from changes where subject = $1 and seq < $2 order by seq desc limit $3")
            .bind(subject).bind(before).bind(limit).fetch_all(&mut **conn).await?);
    rows.into_iter().map(ChangeRow::try_from).collect()
}
