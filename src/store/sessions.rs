//! Sessions, shared by all replicas through this table. Of a token only its SHA-256 is kept.

use sqlx::FromRow;

use super::{Error, Result, Tx, id};
use crate::domain::{id::Id, time::Instant};

/// A session as the table knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: Id,
    pub account: Id,
    /// The principal whose delegate it acts as.
    pub acting_for: Option<Id>,
    /// The browser, as it named itself.
    pub device: String,
    pub begun_at: Instant,
    pub rotated_at: Instant,
    pub seen_at: Instant,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    account: String,
    acting_for: Option<String>,
    device: String,
    begun_at: i64,
    rotated_at: i64,
    seen_at: i64,
}

impl TryFrom<Raw> for Session {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: id(&raw.id)?,
            account: id(&raw.account)?,
            acting_for: raw.acting_for.as_deref().map(id).transpose()?,
            device: raw.device,
            begun_at: Instant::from_micros(raw.begun_at),
            rotated_at: Instant::from_micros(raw.rotated_at),
            seen_at: Instant::from_micros(raw.seen_at),
        })
    }
}

pub async fn insert(tx: &mut Tx, session: &Session, token_hash: &str) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into sessions (id, token_hash, account, acting_for, device, begun_at, rotated_at, seen_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(session.id.to_string()).bind(token_hash).bind(session.account.to_string())
        .bind(session.acting_for.as_ref().map(Id::to_string)).bind(&session.device)
        .bind(session.begun_at.micros()).bind(session.rotated_at.micros()).bind(session.seen_at.micros())
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// The session of a token; the one before a rotation still opens it when that was after `rotated_since`, because a
/// page asked for at the same time carried it.
pub async fn find_by_token(
    tx: &mut Tx,
    token_hash: &str,
    rotated_since: Instant,
) -> Result<Option<Session>> {
    let raw: Option<Raw> = on!(tx, conn => sqlx::query_as(
            "select id, account, acting_for, device, begun_at, rotated_at, seen_at from sessions \
             where token_hash = $1 or (previous_hash = $1 and rotated_at > $2)")
        .bind(token_hash).bind(rotated_since.micros()).fetch_optional(&mut **conn).await?);
    raw.map(Session::try_from).transpose()
}

/// The sessions of an account, the one used last first.
pub async fn list_by_account(tx: &mut Tx, account: &Id) -> Result<Vec<Session>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(
            "select id, account, acting_for, device, begun_at, rotated_at, seen_at from sessions \
             where account = $1 order by seen_at desc, id")
        .bind(account.to_string()).fetch_all(&mut **conn).await?);
    rows.into_iter().map(Session::try_from).collect()
}

/// Puts a new token in the old one's place; `false` when somebody else did so before.
pub async fn rotate(tx: &mut Tx, from_hash: &str, to_hash: &str, now: Instant) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "update sessions set token_hash = $2, previous_hash = $1, rotated_at = $3, seen_at = $3 where token_hash = $1")
        .bind(from_hash).bind(to_hash).bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

pub async fn touch(tx: &mut Tx, id: &Id, now: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query("update sessions set seen_at = $2 where id = $1")
        .bind(id.to_string()).bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn act_for(tx: &mut Tx, id: &Id, principal: Option<&Id>) -> Result<()> {
    on!(tx, conn => sqlx::query("update sessions set acting_for = $2 where id = $1")
        .bind(id.to_string()).bind(principal.map(Id::to_string)).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Ends one session of an account; `false` when it has no such session.
pub async fn end(tx: &mut Tx, account: &Id, id: &Id) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query("delete from sessions where account = $1 and id = $2")
        .bind(account.to_string()).bind(id.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Ends the session of a token, if there is one.
pub async fn end_by_token(tx: &mut Tx, token_hash: &str) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from sessions where token_hash = $1 or previous_hash = $1")
        .bind(token_hash).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn end_all(tx: &mut Tx, account: &Id) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from sessions where account = $1")
        .bind(account.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Throws away what has ended by itself.
pub async fn sweep(tx: &mut Tx, begun_before: Instant, seen_before: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from sessions where begun_at <= $1 or seen_at <= $2")
        .bind(begun_before.micros()).bind(seen_before.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}
