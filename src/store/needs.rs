//! Needs: by id, by organisation; and what somebody said of the patents that were shown for one.

use sqlx::FromRow;

use super::{Error, Result, Stored, Tx, document, id, word};
use crate::domain::{
    codes::AppNo,
    event::Audience,
    id::Id,
    matching::Tier,
    need::{Feedback, FeedbackVerdict, Need},
    time::Instant,
};
use document::{Column, Document, Narrowing};

impl Document for Need {
    const TABLE: &'static str = "needs";
    const COLUMNS: &'static [&'static str] = &["organisation", "state", "published"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.organisation.to_string().into(),
            self.state.as_str().into(),
            (self.audience() == Audience::Public).into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Need>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Need>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Need>>> {
    document::page_by_id(tx, after, limit).await
}

/// Those of one organisation, in id order, at most `limit` after a key.
pub async fn page_of_organisation(
    tx: &mut Tx,
    organisation: &Id,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Need>>> {
    let mut narrowing = Narrowing::default();
    narrowing.maybe(" and organisation = ", Some(organisation.to_string()));
    document::page(tx, narrowing, after, limit).await
}

pub async fn insert(tx: &mut Tx, need: Need) -> Result<Stored<Need>> {
    document::insert(tx, need).await
}

pub async fn update(tx: &mut Tx, need: Need, from: i64) -> Result<Stored<Need>> {
    document::update(tx, need, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Need>(tx, after, limit).await
}

#[derive(FromRow)]
struct Said {
    id: String,
    need: String,
    number: String,
    rank: i64,
    verdict: String,
    tier: String,
    score: f64,
    note: Option<String>,
    actor: String,
    at: i64,
}

impl TryFrom<Said> for Feedback {
    type Error = Error;
    fn try_from(said: Said) -> Result<Self> {
        let number = |text: &str| AppNo::parse(text).ok().map(|(number, _)| number);
        Ok(Self {
            id: id(&said.id)?,
            need: id(&said.need)?,
            number: word(&said.number, number)?,
            rank: u32::try_from(said.rank).unwrap_or(u32::MAX),
            verdict: word(&said.verdict, FeedbackVerdict::parse)?,
            tier: word(&said.tier, Tier::parse)?,
            score: said.score,
            note: said.note,
            actor: said.actor,
            at: Instant::from_micros(said.at),
        })
    }
}

/// Keeps what somebody said of a match.
pub async fn add_feedback(tx: &mut Tx, said: &Feedback) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into need_feedback (id, need, number, rank, verdict, tier, score, note, actor, at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(said.id.to_string()).bind(said.need.to_string()).bind(said.number.as_str())
        .bind(i64::from(said.rank)).bind(said.verdict.as_str()).bind(said.tier.as_str())
        .bind(said.score).bind(&said.note).bind(&said.actor).bind(said.at.micros())
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// One thing said.
pub async fn find_feedback(tx: &mut Tx, id: &Id) -> Result<Option<Feedback>> {
    let said: Option<Said> = on!(tx, conn => sqlx::query_as("select * from need_feedback where id = $1")
        .bind(id.to_string()).fetch_optional(&mut **conn).await?);
    said.map(Feedback::try_from).transpose()
}

/// What was said of one need's matches, in the order in which it was said, at most `limit` after a key.
pub async fn page_feedback(
    tx: &mut Tx,
    need: &Id,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Feedback>> {
    let rows: Vec<Said> = on!(tx, conn => sqlx::query_as(
            "select * from need_feedback where need = $1 and id > $2 order by id limit $3")
        .bind(need.to_string()).bind(after.unwrap_or_default()).bind(limit).fetch_all(&mut **conn).await?);
    rows.into_iter().map(Feedback::try_from).collect()
}

/// How many things were said of one need's matches.
pub async fn count_feedback(tx: &mut Tx, need: &Id) -> Result<i64> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select count(*) from need_feedback where need = $1")
        .bind(need.to_string()).fetch_one(&mut **conn).await?),
    )
}
