//! Who did what to accounts, sessions and delegations: lines that are only ever added, in the transaction of what they
//! tell. These are personal matters, so they stand here and not in the feed's chain.

use super::{Result, Tx};
use crate::domain::{id::Id, time::Instant};

/// A line: `account:ID` did `accountDisabled` to `accounts/ID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Instant,
    pub actor: String,
    pub what: String,
    pub subject: String,
}

pub async fn add(tx: &mut Tx, id: &Id, line: &Line) -> Result<()> {
    on!(tx, conn => sqlx::query("insert into audit (id, at, actor, what, subject) values ($1, $2, $3, $4, $5)")
        .bind(id.to_string()).bind(line.at.micros()).bind(&line.actor).bind(&line.what).bind(&line.subject)
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Everything that was done to a subject, in order.
pub async fn list_by_subject(tx: &mut Tx, subject: &str) -> Result<Vec<Line>> {
    let rows: Vec<(i64, String, String, String)> = on!(tx, conn => sqlx::query_as(
            "select at, actor, what, subject from audit where subject = $1 order by id")
        .bind(subject).fetch_all(&mut **conn).await?);
    Ok(rows
        .into_iter()
        .map(|(at, actor, what, subject)| Line {
            at: Instant::from_micros(at),
            actor,
            what,
            subject,
        })
        .collect())
}
