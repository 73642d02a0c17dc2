//! API keys: the secret is kept as a hash only, and so is every token that one was given for it.

use sqlx::FromRow;

use super::{Error, Result, Tx, id, word};
use crate::domain::{
    access::{Network, Role, Scope},
    id::Id,
    time::Instant,
};

/// A key as the table knows it.
#[derive(Clone, Debug)]
pub struct Key {
    pub id: Id,
    pub version: i64,
    pub name: String,
    pub secret_hash: String,
    pub role: Role,
    pub organisation: Option<Id>,
    /// Whose it is; `None`: the operator's.
    pub account: Option<Id>,
    pub scopes: Vec<Scope>,
    /// From where it may be used; empty: from everywhere.
    pub networks: Vec<Network>,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
    pub last_used_at: Option<Instant>,
    pub last_used_from: Option<String>,
    /// The secret before a rotation, and until when it still works.
    pub previous: Option<(String, Instant)>,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    version: i64,
    name: String,
    secret_hash: String,
    role: String,
    organisation: Option<String>,
    account: Option<String>,
    scopes: String,
    networks: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
    last_used_from: Option<String>,
    previous_hash: Option<String>,
    previous_until: Option<i64>,
}

impl TryFrom<Raw> for Key {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: id(&raw.id)?,
            version: raw.version,
            name: raw.name,
            secret_hash: raw.secret_hash,
            role: word(&raw.role, Role::parse)?,
            organisation: raw.organisation.as_deref().map(id).transpose()?,
            account: raw.account.as_deref().map(id).transpose()?,
            scopes: scopes_in(&raw.scopes)?,
            networks: raw
                .networks
                .split_whitespace()
                .map(|text| word(text, Network::parse))
                .collect::<Result<_>>()?,
            created_at: Instant::from_micros(raw.created_at),
            expires_at: raw.expires_at.map(Instant::from_micros),
            revoked_at: raw.revoked_at.map(Instant::from_micros),
            last_used_at: raw.last_used_at.map(Instant::from_micros),
            last_used_from: raw.last_used_from,
            previous: raw
                .previous_hash
                .zip(raw.previous_until.map(Instant::from_micros)),
        })
    }
}

fn scopes_in(text: &str) -> Result<Vec<Scope>> {
    text.split_whitespace()
        .map(|scope| word(scope, Scope::parse))
        .collect()
}

/// Scopes or networks as their column has them.
fn joined<T: std::fmt::Display>(words: impl Iterator<Item = T>) -> String {
    words.map(|w| w.to_string()).collect::<Vec<_>>().join(" ")
}

pub async fn insert(tx: &mut Tx, key: &Key) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into api_keys (id, version, name, secret_hash, role, organisation, account, scopes, networks, \
             created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
        .bind(key.id.to_string()).bind(key.version).bind(&key.name).bind(&key.secret_hash).bind(key.role.as_str())
        .bind(key.organisation.as_ref().map(Id::to_string)).bind(key.account.as_ref().map(Id::to_string))
        .bind(joined(key.scopes.iter().map(|s| s.as_str()))).bind(joined(key.networks.iter()))
        .bind(key.created_at.micros()).bind(key.expires_at.map(Instant::micros))
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Writes what may change of a key, at the version before; `Stale` when somebody was quicker.
pub async fn update(tx: &mut Tx, key: &Key) -> Result<Key> {
    let (hash, until) = key.previous.clone().unzip();
    let rows = on!(tx, conn => sqlx::query(
            "update api_keys set version = version + 1, name = $3, secret_hash = $4, account = $5, scopes = $6, \
             networks = $7, expires_at = $8, revoked_at = $9, previous_hash = $10, previous_until = $11 \
             where id = $1 and version = $2")
        .bind(key.id.to_string()).bind(key.version).bind(&key.name).bind(&key.secret_hash)
        .bind(key.account.as_ref().map(Id::to_string)).bind(joined(key.scopes.iter().map(|s| s.as_str())))
        .bind(joined(key.networks.iter())).bind(key.expires_at.map(Instant::micros))
        .bind(key.revoked_at.map(Instant::micros)).bind(hash).bind(until.map(Instant::micros))
        .execute(&mut **conn).await?.rows_affected());
    if rows == 1 {
        Ok(Key {
            version: key.version + 1,
            ..key.clone()
        })
    } else {
        Err(Error::Stale)
    }
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

/// A page in id order, of one organisation or of all.
pub async fn page(tx: &mut Tx, of: Option<&Id>, after: &str, limit: i64) -> Result<Vec<Key>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(
            "select * from api_keys where id > $1 and (organisation = $2 or $2 is null) order by id limit $3")
        .bind(after).bind(of.map(Id::to_string)).bind(limit).fetch_all(&mut **conn).await?);
    rows.into_iter().map(Key::try_from).collect()
}

pub async fn count(tx: &mut Tx, of: Option<&Id>) -> Result<i64> {
    Ok(on!(tx, conn => sqlx::query_scalar(
            "select count(*) from api_keys where organisation = $1 or $1 is null")
        .bind(of.map(Id::to_string)).fetch_one(&mut **conn).await?))
}

/// The keys of an account that still work or will.
pub async fn list_by_account(tx: &mut Tx, account: &Id) -> Result<Vec<Key>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(
            "select * from api_keys where account = $1 and revoked_at is null order by id")
        .bind(account.to_string()).fetch_all(&mut **conn).await?);
    rows.into_iter().map(Key::try_from).collect()
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

pub async fn touch(tx: &mut Tx, id: &Id, now: Instant, from: &str) -> Result<()> {
    on!(tx, conn => sqlx::query("update api_keys set last_used_at = $2, last_used_from = $3 where id = $1")
        .bind(id.to_string()).bind(now.micros()).bind(from).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// A token for a key, and with what scopes.
#[derive(Clone, Debug)]
pub struct Token {
    pub api_key: Id,
    pub scopes: Vec<Scope>,
    pub expires_at: Instant,
}

pub async fn insert_token(tx: &mut Tx, token: &Token, token_hash: &str) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into access_tokens (token_hash, api_key, scopes, expires_at) values ($1, $2, $3, $4)")
        .bind(token_hash).bind(token.api_key.to_string()).bind(joined(token.scopes.iter().map(|s| s.as_str())))
        .bind(token.expires_at.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find_token(tx: &mut Tx, token_hash: &str) -> Result<Option<Token>> {
    let raw: Option<(String, String, i64)> = on!(tx, conn => sqlx::query_as(
            "select api_key, scopes, expires_at from access_tokens where token_hash = $1")
        .bind(token_hash).fetch_optional(&mut **conn).await?);
    raw.map(|(key, scopes, expires_at)| {
        Ok(Token {
            api_key: id(&key)?,
            scopes: scopes_in(&scopes)?,
            expires_at: Instant::from_micros(expires_at),
        })
    })
    .transpose()
}

/// Throws away the tokens of a key, or of all, that have ended.
pub async fn sweep_tokens(tx: &mut Tx, of: Option<&Id>, now: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "delete from access_tokens where expires_at <= $1 and (api_key = $2 or $2 is null)")
        .bind(now.micros()).bind(of.map(Id::to_string)).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Throws away the tokens of a key but the newest so many.
pub async fn keep_tokens(tx: &mut Tx, of: &Id, most: i64) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "delete from access_tokens where api_key = $1 and token_hash not in (select token_hash from access_tokens \
             where api_key = $1 order by expires_at desc, token_hash limit $2)")
        .bind(of.to_string()).bind(most).execute(&mut **conn).await?.rows_affected());
    Ok(())
}
