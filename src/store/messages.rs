//! Inboxes: messages by recipient, the newest first. Written in the transaction of the event they tell of.

use sqlx::{FromRow, QueryBuilder};

use super::{Error, Result, Tx, id, word};
use crate::domain::{
    codes::AppNo,
    event::Audience,
    id::Id,
    message::{Message, MessageKind},
    text::Text,
    time::Instant,
};

#[derive(FromRow)]
struct Raw {
    id: String,
    place: i64,
    recipient: String,
    kind: String,
    subject: String,
    number: Option<String>,
    zh: String,
    en: String,
    at: i64,
    read_at: Option<i64>,
}

impl TryFrom<Raw> for Message {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: id(&raw.id)?,
            place: raw.place,
            to: word(&raw.recipient, Audience::parse)?,
            kind: word(&raw.kind, MessageKind::parse)?,
            subject: raw.subject,
            number: raw
                .number
                .map(|text| {
                    word(&text, |text| {
                        AppNo::parse(text).ok().map(|(number, _)| number)
                    })
                })
                .transpose()?,
            text: Text::new(raw.zh, raw.en),
            at: Instant::from_micros(raw.at),
            read_at: raw.read_at.map(Instant::from_micros),
        })
    }
}

/// The place of the next message; writers come one after another, so nobody else takes it.
pub async fn next_place(tx: &mut Tx) -> Result<i64> {
    let last: Option<i64> = on!(tx, conn => sqlx::query_scalar("select max(place) from messages")
        .fetch_one(&mut **conn).await?);
    Ok(last.unwrap_or(0) + 1)
}

pub async fn insert(tx: &mut Tx, message: &Message) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into messages (id, place, recipient, kind, subject, number, zh, en, at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(message.id.to_string()).bind(message.place).bind(message.to.as_text()).bind(message.kind.as_str()).bind(&message.subject)
        .bind(message.number.as_ref().map(|number| number.as_str().to_owned()))
        .bind(&message.text.zh).bind(&message.text.en).bind(message.at.micros())
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Message>> {
    let raw: Option<Raw> = on!(tx, conn => sqlx::query_as("select * from messages where id = $1")
        .bind(id.to_string()).fetch_optional(&mut **conn).await?);
    raw.map(Message::try_from).transpose()
}

/// A page of an inbox, the newest first; `after` is the last place of the page before.
pub async fn page(
    tx: &mut Tx,
    to: &Audience,
    unread: bool,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<Message>> {
    let rows: Vec<Raw> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select * from messages where recipient = ");
        query.push_bind(to.as_text());
        if unread {
            query.push(" and read_at is null");
        }
        if let Some(after) = after {
            query.push(" and place < ").push_bind(after);
        }
        query.push(" order by place desc limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    rows.into_iter().map(Message::try_from).collect()
}

pub async fn count(tx: &mut Tx, to: &Audience, unread: bool) -> Result<i64> {
    Ok(on!(tx, conn => {
        let mut query = QueryBuilder::new("select count(*) from messages where recipient = ");
        query.push_bind(to.as_text());
        if unread {
            query.push(" and read_at is null");
        }
        query.build_query_scalar().fetch_one(&mut **conn).await?
    }))
}

/// Marks one message of an inbox, or all of it, as read.
pub async fn mark_read(tx: &mut Tx, to: &Audience, id: Option<&Id>, now: Instant) -> Result<u64> {
    Ok(on!(tx, conn => {
        let mut query = QueryBuilder::new("update messages set read_at = ");
        query.push_bind(now.micros()).push(" where read_at is null and recipient = ").push_bind(to.as_text());
        if let Some(id) = id {
            query.push(" and id = ").push_bind(id.to_string());
        }
        query.build().execute(&mut **conn).await?.rows_affected()
    }))
}
