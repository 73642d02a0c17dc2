//! API keys: the secret is kept as a hash only.

use sqlx::FromRow;

use super::{Error, Result, Tx, id, word};
use crate::domain::{
    access::{Role, Scope},
    id::Id,
    time::Instant,
};

/// A key as the table knows it.
#[derive(Clone, Debug)]
pub struct Key {
    pub id: Id,
    pub name: String,
    pub secret_hash: String,
    pub role: Role,
    pub organisation: Option<Id>,
    pub scopes: Vec<Scope>,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
    pub last_used_at: Option<Instant>,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    name: String,
    secret_hash: String,
    role: String,
    organisation: Option<String>,
    scopes: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl TryFrom<Raw> for Key {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: id(&raw.id)?,
            name: raw.name,
            secret_hash: raw.secret_hash,
            role: word(&raw.role, Role::parse)?,
            organisation: raw.organisation.as_deref().map(id).transpose()?,
            scopes: raw
                .scopes
                .split_whitespace()
                .map(|s| word(s, Scope::parse))
                .collect::<Result<_>>()?,
            created_at: Instant::from_micros(raw.created_at),
            expires_at: raw.expires_at.map(Instant::from_micros),
            revoked_at: raw.revoked_at.map(Instant::from_micros),
            last_used_at: raw.last_used_at.map(Instant::from_micros),
        })
    }
}

pub async fn insert(tx: &mut Tx, key: &Key) -> Result<()> {
    let scopes = key
        .scopes
        .iter()
        .map(|s| s.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    on!(tx, conn => sqlx::query(
            "insert into api_keys (id, name, secret_hash, role, organisation, scopes, created_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(key.id.to_string()).bind(&key.name).bind(&key.secret_hash).bind(key.role.as_str())
        .bind(key.organisation.as_ref().map(Id::to_string)).bind(scopes).bind(key.created_at.micros())
        .bind(key.expires_at.map(Instant::micros))
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Key>> {
    let raw: Option<Raw> = on!(tx, conn => sqlx::query_as("select * from api_keys where id = $1")
        .bind(id.to_string()).fetch_optional(&mut **conn).await?);
    raw.map(Key::try_from).transpose()
}

pub async fn list(tx: &mut Tx) -> Result<Vec<Key>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as("select * from api_keys order by id")
        .fetch_all(&mut **conn).await?);
    rows.into_iter().map(Key::try_from).collect()
}

/// Revokes a key; `false` when there is none or it was revoked before.
pub async fn revoke(tx: &mut Tx, id: &Id, now: Instant) -> Result<bool> {
    Ok(
        on!(tx, conn => sqlx::query("update api_keys set revoked_at = $2 where id = $1 and revoked_at is null")
        .bind(id.to_string()).bind(now.micros()).execute(&mut **conn).await?.rows_affected())
            == 1,
    )
}

/// Does anybody act for this organisation here, by key or by account? Then it has an inbox.
pub async fn has_member(tx: &mut Tx, organisation: &Id, now: Instant) -> Result<bool> {
    let keys: i64 = on!(tx, conn => sqlx::query_scalar(
            "select (select count(*) from api_keys where organisation = $1 and role in ('holder', 'enterprise') \
             and revoked_at is null and (expires_at is null or expires_at > $2)) \
             + (select count(*) from accounts where party = $1 and state = 'active')")
        .bind(organisation.to_string()).bind(now.micros()).fetch_one(&mut **conn).await?);
    Ok(keys > 0)
}

pub async fn touch(tx: &mut Tx, id: &Id, now: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query("update api_keys set last_used_at = $2 where id = $1")
        .bind(id.to_string()).bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}
