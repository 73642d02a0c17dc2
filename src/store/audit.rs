//! Who did what, from where and with what result: lines that are only ever added, of sign-ins, accounts, keys and
//! refusals; personal matters, and so not in the feed's chain. What was written to records stands in the chain; it is
//! read from there, and only from where it came is kept beside it.

use sqlx::FromRow;

use super::{Error, Result, Tx, word};
use crate::domain::{account::Outcome, id::Id, time::Instant};

/// A line: `account:ID` did `accountDisabled` to `accounts/ID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Instant,
    pub actor: String,
    pub what: String,
    pub subject: String,
    /// From where, where that is known.
    pub address: Option<String>,
    pub outcome: Outcome,
    /// Why it failed or was refused.
    pub reason: Option<String>,
}

#[derive(FromRow)]
struct Raw {
    place: String,
    at: i64,
    actor: String,
    what: String,
    subject: String,
    address: Option<String>,
    result: String,
    reason: Option<String>,
}

impl TryFrom<Raw> for Line {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            at: Instant::from_micros(raw.at),
            actor: raw.actor,
            what: raw.what,
            subject: raw.subject,
            address: raw.address,
            outcome: word(&raw.result, Outcome::parse)?,
            reason: raw.reason,
        })
    }
}

pub async fn add(tx: &mut Tx, id: &Id, line: &Line) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into audit (id, at, actor, what, subject, address, result, reason) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(id.to_string()).bind(line.at.micros()).bind(&line.actor).bind(&line.what).bind(&line.subject)
        .bind(&line.address).bind(line.outcome.as_str()).bind(&line.reason)
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Everything that was done to a subject, in order.
pub async fn list_by_subject(tx: &mut Tx, subject: &str) -> Result<Vec<Line>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(
            "select id as place, at, actor, what, subject, address, result, reason from audit \
             where subject = $1 order by id")
        .bind(subject).fetch_all(&mut **conn).await?);
    rows.into_iter().map(Line::try_from).collect()
}

/// Which lines; whatever is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The actor's text, or what it begins with: a delegate's names the account first.
    pub actor: Option<String>,
    pub what: Option<String>,
    pub subject: Option<String>,
    pub outcome: Option<Outcome>,
    pub from: Option<Instant>,
    /// Before this moment.
    pub until: Option<Instant>,
}

impl Filter {
    /// Every write of the chain was done.
    const fn takes_changes(&self) -> bool {
        matches!(self.outcome, None | Some(Outcome::Done))
    }
}

/// Adds the filter's conditions to a query that has a `where` already.
macro_rules! narrowed {
    ($query:ident, $filter:ident, $what:literal) => {
        if let Some(actor) = &$filter.actor {
            $query.push(" and (actor = ").push_bind(actor.clone());
            $query
                .push(" or actor like ")
                .push_bind(format!("{} for %", actor.replace(['%', '_'], "")))
                .push(")");
        }
        if let Some(what) = &$filter.what {
            $query
                .push(concat!(" and ", $what, " = "))
                .push_bind(what.clone());
        }
        if let Some(subject) = &$filter.subject {
            $query.push(" and subject = ").push_bind(subject.clone());
        }
        if let Some(from) = $filter.from {
            $query.push(" and at >= ").push_bind(from.micros());
        }
        if let Some(until) = $filter.until {
            $query.push(" and at < ").push_bind(until.micros());
        }
    };
}

/// Lines before one in the order of their ids, the latest first, with their ids.
pub async fn lines_before(
    tx: &mut Tx,
    filter: &Filter,
    before: &str,
    limit: i64,
) -> Result<Vec<(String, Line)>> {
    let rows: Vec<Raw> = on!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new(
            "select id as place, at, actor, what, subject, address, result, reason from audit where id < ");
        query.push_bind(before.to_owned());
        narrowed!(query, filter, "what");
        if let Some(outcome) = filter.outcome {
            query.push(" and result = ").push_bind(outcome.as_str());
        }
        query.push(" order by id desc limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    let placed = |raw: Raw| Ok((raw.place.clone(), Line::try_from(raw)?));
    rows.into_iter().map(placed).collect()
}

/// What the chain tells of writes before a number, the latest first, with their numbers.
pub async fn writes_before(
    tx: &mut Tx,
    filter: &Filter,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, Line)>> {
    if !filter.takes_changes() {
        return Ok(Vec::new());
    }
    let rows: Vec<Raw> = on!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new(
            "select cast(seq as text) as place, at, actor, kind as what, subject, \
             (select o.address from change_origins o where o.last_seq >= seq and o.first_seq = \
              (select max(f.first_seq) from change_origins f where f.first_seq <= seq)) as address, \
             'done' as result, null as reason from changes where seq < ");
        query.push_bind(before);
        narrowed!(query, filter, "kind");
        query.push(" order by seq desc limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    let placed = |raw: Raw| {
        let seq = word(&raw.place, |text| text.parse().ok())?;
        Ok((seq, Line::try_from(raw)?))
    };
    rows.into_iter().map(placed).collect()
}

/// How many of both there are.
pub async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64> {
    let lines: i64 = on!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new("select count(*) from audit where id > ''");
        narrowed!(query, filter, "what");
        if let Some(outcome) = filter.outcome {
            query.push(" and result = ").push_bind(outcome.as_str());
        }
        query.build_query_scalar().fetch_one(&mut **conn).await?
    });
    if !filter.takes_changes() {
        return Ok(lines);
    }
    let writes: i64 = on!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new("select count(*) from changes where seq > 0");
        narrowed!(query, filter, "kind");
        query.build_query_scalar().fetch_one(&mut **conn).await?
    });
    Ok(lines + writes)
}

/// Everything that an actor did or that was done to a subject, in order: what an account's own data are.
pub async fn list_about(tx: &mut Tx, actor: &str, subject: &str, limit: i64) -> Result<Vec<Line>> {
    let rows: Vec<Raw> = on!(tx, conn => sqlx::query_as(
            "select id as place, at, actor, what, subject, address, result, reason from audit \
             where actor = $1 or subject = $2 order by id desc limit $3")
        .bind(actor).bind(subject).bind(limit).fetch_all(&mut **conn).await?);
    rows.into_iter().map(Line::try_from).collect()
}

/// Keeps from where the changes of one commit came.
pub(super) async fn keep_origin(tx: &mut Tx, first: i64, last: i64, address: &str) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into change_origins (first_seq, last_seq, address) values ($1, $2, $3)")
        .bind(first).bind(last).bind(address).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Throws away lines before a moment, and from where changes before it came. What let an account in stays with the
/// account: who may sign in again is decided by it.
pub async fn sweep(tx: &mut Tx, before: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "delete from audit where at < $1 and what not in ('accountApproved', 'invitationAccepted', 'registered')")
        .bind(before.micros()).execute(&mut **conn).await?.rows_affected());
    on!(tx, conn => sqlx::query(
            "delete from change_origins where last_seq in (select o.last_seq from change_origins o \
             join changes c on c.seq = o.last_seq where c.at < $1)")
        .bind(before.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(())
}
