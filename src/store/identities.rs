//! Who accounts are at providers outside, and the browsers that have left for one and are not back yet. Of what a browser
//! keeps and of what a provider says of a person only hashes are here.

use super::{Result, Tx, id, word};
use crate::domain::{id::Id, provider::Purpose, time::Instant};

/// An account's identity at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub id: Id,
    pub account: Id,
    /// The provider's name in the settings when it was linked.
    pub provider: String,
    pub linked_at: Instant,
    pub used_at: Option<Instant>,
}

type Raw = (String, String, String, i64, Option<i64>);

fn read((own, account, provider, linked_at, used_at): Raw) -> Result<Identity> {
    Ok(Identity {
        id: id(&own)?,
        account: id(&account)?,
        provider,
        linked_at: Instant::from_micros(linked_at),
        used_at: used_at.map(Instant::from_micros),
    })
}

/// Links; `Duplicate` when the person is linked already. `mark` is the SHA-256 of issuer and subject.
pub async fn insert(tx: &mut Tx, identity: &Identity, mark: &str) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into identities (id, mark, account, provider, linked_at, used_at) values ($1, $2, $3, $4, $5, $6)")
        .bind(identity.id.to_string()).bind(mark).bind(identity.account.to_string()).bind(&identity.provider)
        .bind(identity.linked_at.micros()).bind(identity.used_at.map(Instant::micros))
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find(tx: &mut Tx, mark: &str) -> Result<Option<Identity>> {
    let raw: Option<Raw> = on!(tx, conn => sqlx::query_as(
            "select id, account, provider, linked_at, used_at from identities where mark = $1")
        .bind(mark).fetch_optional(&mut **conn).await?);
    raw.map(read).transpose()
}

/// The identities of an account, oldest first.
pub async fn list_by_account(tx: &mut Tx, account: &Id) -> Result<Vec<Identity>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(
            "select id, account, provider, linked_at, used_at from identities where account = $1 order by id")
        .bind(account.to_string()).fetch_all(&mut **conn).await?);
    rows.into_iter().map(read).collect()
}

pub async fn touch(tx: &mut Tx, id: &Id, now: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query("update identities set used_at = $2 where id = $1")
        .bind(id.to_string()).bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Takes one identity from an account; `false` when it has no such.
pub async fn remove(tx: &mut Tx, account: &Id, id: &Id) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query("delete from identities where account = $1 and id = $2")
        .bind(account.to_string()).bind(id.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

pub async fn remove_all(tx: &mut Tx, account: &Id) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from identities where account = $1")
        .bind(account.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// A browser on its way to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    pub provider: String,
    pub purpose: Purpose,
    /// The account to be linked, or the hash of the invitation's token.
    pub subject: String,
    /// The page to read afterwards.
    pub next: String,
    pub expires_at: Instant,
}

pub async fn depart(tx: &mut Tx, departure: &Departure, secret_hash: &str) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into departures (secret_hash, provider, purpose, subject, next, expires_at) \
             values ($1, $2, $3, $4, $5, $6)")
        .bind(secret_hash).bind(&departure.provider).bind(departure.purpose.as_str()).bind(&departure.subject)
        .bind(&departure.next).bind(departure.expires_at.micros())
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Takes a departure for good: whoever comes back comes back once, and in time.
pub async fn arrive(tx: &mut Tx, secret_hash: &str, now: Instant) -> Result<Option<Departure>> {
    let raw: Option<(String, String, String, String, i64)> = on!(tx, conn => sqlx::query_as(
            "delete from departures where secret_hash = $1 \
             returning provider, purpose, subject, next, expires_at")
        .bind(secret_hash).fetch_optional(&mut **conn).await?);
    let Some((provider, purpose, subject, next, expires_at)) = raw else {
        return Ok(None);
    };
    let departure = Departure {
        provider,
        purpose: word(&purpose, Purpose::parse)?,
        subject,
        next,
        expires_at: Instant::from_micros(expires_at),
    };
    Ok((departure.expires_at > now).then_some(departure))
}

/// Throws away those who are not coming back.
pub async fn sweep(tx: &mut Tx, now: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from departures where expires_at <= $1")
        .bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}
