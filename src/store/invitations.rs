//! Invitations: who may make an account, in which role, for whom, until when. The token is kept as a hash only.

use sqlx::{FromRow, types::Json};

use super::{Error, Result, Tx, id, word};
use crate::domain::{access::Role, account::Login, id::Id, review::Duty, time::Instant};

/// An invitation as the table knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub id: Id,
    pub login: Login,
    pub name: String,
    pub role: Role,
    pub party: Option<Id>,
    pub duty: Duty,
    pub created_at: Instant,
    pub expires_at: Instant,
}

#[derive(FromRow)]
struct Raw {
    id: String,
    login: String,
    name: String,
    role: String,
    party: Option<String>,
    duty: Option<Json<Duty>>,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<Raw> for Invitation {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: id(&raw.id)?,
            login: word(&raw.login, |text| Login::parse(text).ok())?,
            name: raw.name,
            role: word(&raw.role, Role::parse)?,
            party: raw.party.as_deref().map(id).transpose()?,
            duty: raw.duty.map(|duty| duty.0).unwrap_or_default(),
            created_at: Instant::from_micros(raw.created_at),
            expires_at: Instant::from_micros(raw.expires_at),
        })
    }
}

pub async fn insert(tx: &mut Tx, invitation: &Invitation, token_hash: &str) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into invitations (id, token_hash, login, name, role, party, created_at, expires_at, duty) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(invitation.id.to_string()).bind(token_hash).bind(invitation.login.as_str()).bind(&invitation.name)
        .bind(invitation.role.as_str()).bind(invitation.party.as_ref().map(Id::to_string))
        .bind(invitation.created_at.micros()).bind(invitation.expires_at.micros())
        .bind(Json(&invitation.duty))
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// The invitation of a token, where it is not used and not over.
pub async fn find_open(tx: &mut Tx, token_hash: &str, now: Instant) -> Result<Option<Invitation>> {
    let raw: Option<Raw> = on!(tx, conn => sqlx::query_as(
            "select id, login, name, role, party, duty, created_at, expires_at from invitations \
             where token_hash = $1 and accepted_at is null and expires_at > $2")
        .bind(token_hash).bind(now.micros()).fetch_optional(&mut **conn).await?);
    raw.map(Invitation::try_from).transpose()
}

/// Uses it up; `false` when that was done before.
pub async fn accept(tx: &mut Tx, id: &Id, now: Instant) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "update invitations set accepted_at = $2 where id = $1 and accepted_at is null")
        .bind(id.to_string()).bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Those that nobody has accepted yet, the newest first.
pub async fn list_open(tx: &mut Tx, now: Instant, limit: i64) -> Result<Vec<Invitation>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(
            "select id, login, name, role, party, duty, created_at, expires_at from invitations \
             where accepted_at is null and expires_at > $1 order by id desc limit $2")
        .bind(now.micros()).bind(limit).fetch_all(&mut **conn).await?);
    rows.into_iter().map(Invitation::try_from).collect()
}

/// Takes a person's login and name from the invitations that named them.
pub async fn forget(tx: &mut Tx, login: &str) -> Result<()> {
    on!(tx, conn => sqlx::query("delete from invitations where login = $1")
        .bind(login).execute(&mut **conn).await?.rows_affected());
    Ok(())
}
