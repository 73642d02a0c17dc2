//! Accounts and failed attempts to sign in. A password is here as its argon2id hash only, and leaves this file only to
//! be verified.

use sqlx::{FromRow, types::Json};

use super::{Error, Result, Tx, id, word};
pub use crate::domain::account::Account;
use crate::domain::{
    access::Role,
    account::{AccountState, Login},
    id::Id,
    review::Duty,
    time::Instant,
};

#[derive(FromRow)]
struct Raw {
    id: String,
    login: String,
    name: String,
    role: String,
    party: Option<String>,
    state: String,
    manages: bool,
    duty: Option<Json<Duty>>,
    created_at: i64,
}

impl TryFrom<Raw> for Account {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: id(&raw.id)?,
            login: word(&raw.login, |text| Login::parse(text).ok())?,
            name: raw.name,
            role: word(&raw.role, Role::parse)?,
            party: raw.party.as_deref().map(id).transpose()?,
            state: word(&raw.state, AccountState::parse)?,
            manages: raw.manages,
            duty: raw.duty.map(|duty| duty.0).unwrap_or_default(),
            created_at: Instant::from_micros(raw.created_at),
        })
    }
}

const SHOWN: &str =
    "select id, login, name, role, party, state, manages, duty, created_at from accounts";

macro_rules! accounts {
    ($rest:literal) => {
        concat!(
            "select id, login, name, role, party, state, manages, duty, created_at from accounts ",
            $rest
        )
    };
}

/// Stores a new account; `Duplicate` when the login is taken.
pub async fn insert(tx: &mut Tx, account: &Account, password_hash: &str) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into accounts (id, login, name, role, party, state, password, created_at, manages, duty) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(account.id.to_string()).bind(account.login.as_str()).bind(&account.name).bind(account.role.as_str())
        .bind(account.party.as_ref().map(Id::to_string)).bind(account.state.as_str()).bind(password_hash)
        .bind(account.created_at.micros()).bind(account.manages).bind(Json(&account.duty))
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Account>> {
    let raw: Option<Raw> = on!(tx, conn => sqlx::query_as(accounts!("where id = $1"))
        .bind(id.to_string()).fetch_optional(&mut **conn).await?);
    raw.map(Account::try_from).transpose()
}

pub async fn find_by_login(tx: &mut Tx, login: &Login) -> Result<Option<Account>> {
    let raw: Option<Raw> = on!(tx, conn => sqlx::query_as(accounts!("where login = $1"))
        .bind(login.as_str()).fetch_optional(&mut **conn).await?);
    raw.map(Account::try_from).transpose()
}

pub async fn find_password_hash(tx: &mut Tx, id: &Id) -> Result<Option<String>> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select password from accounts where id = $1")
        .bind(id.to_string()).fetch_optional(&mut **conn).await?),
    )
}

/// The accounts of a party, oldest first.
pub async fn list_by_party(tx: &mut Tx, party: &Id) -> Result<Vec<Account>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(accounts!("where party = $1 order by id"))
        .bind(party.to_string()).fetch_all(&mut **conn).await?);
    rows.into_iter().map(Account::try_from).collect()
}

/// The active accounts of officers, oldest first.
pub async fn list_of_office(tx: &mut Tx) -> Result<Vec<Account>> {
    let rows: Vec<Raw> = on!(tx, conn =>
        sqlx::query_as(accounts!("where role = 'office' and state = 'active' order by id"))
            .fetch_all(&mut **conn).await?);
    rows.into_iter().map(Account::try_from).collect()
}

/// A page in id order; those of one state, or all.
pub async fn page(
    tx: &mut Tx,
    state: Option<AccountState>,
    after: &str,
    limit: i64,
) -> Result<Vec<Account>> {
    let rows: Vec<Raw> = on!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new(SHOWN);
        query.push(" where id > ").push_bind(after.to_owned());
        if let Some(state) = state {
            query.push(" and state = ").push_bind(state.as_str());
        }
        query.push(" order by id limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    rows.into_iter().map(Account::try_from).collect()
}

pub async fn set_state(tx: &mut Tx, id: &Id, state: AccountState) -> Result<()> {
    on!(tx, conn => sqlx::query("update accounts set state = $2 where id = $1")
        .bind(id.to_string()).bind(state.as_str()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn set_manages(tx: &mut Tx, id: &Id, manages: bool) -> Result<()> {
    on!(tx, conn => sqlx::query("update accounts set manages = $2 where id = $1")
        .bind(id.to_string()).bind(manages).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn set_duty(tx: &mut Tx, id: &Id, duty: &Duty) -> Result<()> {
    on!(tx, conn => sqlx::query("update accounts set duty = $2 where id = $1")
        .bind(id.to_string()).bind(Json(duty)).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Does an active account manage this party?
pub async fn is_managed(tx: &mut Tx, party: &Id) -> Result<bool> {
    let managers: i64 = on!(tx, conn => sqlx::query_scalar(
            "select count(*) from accounts where party = $1 and manages and state = 'active'")
        .bind(party.to_string()).fetch_one(&mut **conn).await?);
    Ok(managers > 0)
}

/// Takes from an account what says whose it was; no password opens it any more.
pub async fn erase(tx: &mut Tx, id: &Id, login: &Login) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "update accounts set login = $2, name = '—', password = '', state = 'disabled', manages = false \
             where id = $1")
        .bind(id.to_string()).bind(login.as_str()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn set_name(tx: &mut Tx, id: &Id, name: &str) -> Result<()> {
    on!(tx, conn => sqlx::query("update accounts set name = $2 where id = $1")
        .bind(id.to_string()).bind(name).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn set_password(tx: &mut Tx, id: &Id, password_hash: &str) -> Result<()> {
    on!(tx, conn => sqlx::query("update accounts set password = $2 where id = $1")
        .bind(id.to_string()).bind(password_hash).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Takes the account's row for this transaction; `false` when it has another password by now or is disabled.
pub async fn hold(tx: &mut Tx, id: &Id, password_hash: &str) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "update accounts set state = state where id = $1 and password = $2 and state <> 'disabled'")
        .bind(id.to_string()).bind(password_hash).execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Failures of a login in a row, and until when it waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    pub failures: i64,
    pub locked_until: i64,
}

/// Counts an attempt before it is looked at, so that many at once are all counted. One row a login, taken first, puts
/// those at the same time in order on both databases.
pub async fn count_attempt(tx: &mut Tx, login_hash: &str, now: Instant) -> Result<Attempts> {
    let (failures, locked_until) = on!(tx, conn => sqlx::query_as(
            "insert into attempts (login_hash, failures, locked_until, at) values ($1, 1, 0, $2) \
             on conflict (login_hash) do update set at = excluded.at, failures = \
             case when attempts.locked_until > excluded.at then attempts.failures else attempts.failures + 1 end \
             returning failures, locked_until")
        .bind(login_hash).bind(now.micros()).fetch_one(&mut **conn).await?);
    Ok(Attempts {
        failures,
        locked_until,
    })
}

pub async fn lock(tx: &mut Tx, login_hash: &str, until: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query("update attempts set locked_until = $2 where login_hash = $1")
        .bind(login_hash).bind(until.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Takes back one attempt that was no failure, and the wait that it alone had begun.
pub async fn forgive_attempt(tx: &mut Tx, login_hash: &str, until: Option<Instant>) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "update attempts set failures = failures - 1, \
             locked_until = case when locked_until = $2 then 0 else locked_until end where login_hash = $1")
        .bind(login_hash).bind(until.map(Instant::micros)).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn forget_attempts(tx: &mut Tx, login_hash: &str) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from attempts where login_hash = $1")
        .bind(login_hash).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Forgets failures whose last lies before an instant.
pub async fn sweep_attempts(tx: &mut Tx, before: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from attempts where at < $1")
        .bind(before.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}
