//! Second factors and what remains of a sign-in that waits for one. The secret must be computed with and so is here as
//! it is, apart from the accounts; recovery codes and tokens are hashes.

use super::{Error, Result, Tx, id};
use crate::domain::{id::Id, time::Instant};

/// An account's second factor; its `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Factor {
    pub secret: Vec<u8>,
    pub confirmed: bool,
    /// The latest time step whose code was taken.
    pub last_step: i64,
}

impl std::fmt::Debug for Factor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Factor").finish_non_exhaustive()
    }
}

pub async fn find(tx: &mut Tx, account: &Id) -> Result<Option<Factor>> {
    let raw: Option<(String, bool, i64)> = on!(tx, conn => sqlx::query_as(
            "select secret, confirmed, last_step from second_factors where account = $1")
        .bind(account.to_string()).fetch_optional(&mut **conn).await?);
    raw.map(|(secret, confirmed, last_step)| {
        let secret = hex::decode(secret);
        Ok(Factor {
            secret: secret.map_err(|_| Error::Corrupt("second factor".into()))?,
            confirmed,
            last_step,
        })
    })
    .transpose()
}

/// Begins an enrolment, in place of one that was not confirmed; a confirmed factor stays.
pub async fn begin(tx: &mut Tx, account: &Id, secret: &[u8], now: Instant) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "insert into second_factors (account, secret, confirmed, last_step, created_at) \
             values ($1, $2, false, 0, $3) on conflict (account) do update set secret = excluded.secret, \
             last_step = 0, created_at = excluded.created_at where second_factors.confirmed = false")
        .bind(account.to_string()).bind(hex::encode(secret)).bind(now.micros())
        .execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Takes a time step for good; `false` when it or a later one was taken already.
pub async fn take_step(tx: &mut Tx, account: &Id, step: i64) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "update second_factors set last_step = $2 where account = $1 and last_step < $2")
        .bind(account.to_string()).bind(step).execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

pub async fn confirm(tx: &mut Tx, account: &Id) -> Result<()> {
    on!(tx, conn => sqlx::query("update second_factors set confirmed = true where account = $1")
        .bind(account.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Takes an account's second factor and its recovery codes away; `false` when it had none.
pub async fn remove(tx: &mut Tx, account: &Id) -> Result<bool> {
    on!(tx, conn => sqlx::query("delete from recovery_codes where account = $1")
        .bind(account.to_string()).execute(&mut **conn).await?.rows_affected());
    let rows = on!(tx, conn => sqlx::query("delete from second_factors where account = $1")
        .bind(account.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Puts new recovery codes in the place of whatever was there.
pub async fn set_recovery_codes(tx: &mut Tx, account: &Id, hashes: &[String]) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from recovery_codes where account = $1")
        .bind(account.to_string()).execute(&mut **conn).await?.rows_affected());
    for hash in hashes {
        on!(tx, conn => sqlx::query("insert into recovery_codes (account, code_hash) values ($1, $2)")
            .bind(account.to_string()).bind(hash).execute(&mut **conn).await?.rows_affected());
    }
    Ok(())
}

/// Uses a recovery code up; `false` when there is none such or it was used before.
pub async fn take_recovery_code(
    tx: &mut Tx,
    account: &Id,
    hash: &str,
    now: Instant,
) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "update recovery_codes set used_at = $3 where account = $1 and code_hash = $2 and used_at is null")
        .bind(account.to_string()).bind(hash).bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

pub async fn count_recovery_codes(tx: &mut Tx, account: &Id) -> Result<i64> {
    Ok(on!(tx, conn => sqlx::query_scalar(
            "select count(*) from recovery_codes where account = $1 and used_at is null")
        .bind(account.to_string()).fetch_one(&mut **conn).await?))
}

/// A sign-in whose password was right and whose second factor is asked for.
#[derive(Clone, Debug)]
pub struct Half {
    pub account: Id,
    /// SHA-256 of the password's hash: another password ends it.
    pub password_mark: String,
    pub login_hash: String,
    pub expires_at: Instant,
}

pub async fn insert_half(tx: &mut Tx, half: &Half, token_hash: &str) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into half_sign_ins (token_hash, account, password_mark, login_hash, expires_at) \
             values ($1, $2, $3, $4, $5)")
        .bind(token_hash).bind(half.account.to_string()).bind(&half.password_mark).bind(&half.login_hash)
        .bind(half.expires_at.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find_half(tx: &mut Tx, token_hash: &str, now: Instant) -> Result<Option<Half>> {
    let raw: Option<(String, String, String, i64)> = on!(tx, conn => sqlx::query_as(
            "select account, password_mark, login_hash, expires_at from half_sign_ins \
             where token_hash = $1 and expires_at > $2")
        .bind(token_hash).bind(now.micros()).fetch_optional(&mut **conn).await?);
    raw.map(|(account, password_mark, login_hash, expires_at)| {
        Ok(Half {
            account: id(&account)?,
            password_mark,
            login_hash,
            expires_at: Instant::from_micros(expires_at),
        })
    })
    .transpose()
}

/// Uses it up; `false` when somebody did so before.
pub async fn take_half(tx: &mut Tx, token_hash: &str) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query("delete from half_sign_ins where token_hash = $1")
        .bind(token_hash).execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Throws away those whose time is over.
pub async fn sweep_halves(tx: &mut Tx, now: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from half_sign_ins where expires_at <= $1")
        .bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Ends every sign-in of an account that waits for its second factor.
pub async fn forget_halves(tx: &mut Tx, account: &Id) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from half_sign_ins where account = $1")
        .bind(account.to_string()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}
