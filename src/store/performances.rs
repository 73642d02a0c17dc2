//! How licences are carried out: by the licence's key; and what each licence waits for next, worked out from its record
//! and its performance, so that lists of what is due are one index range.

use std::collections::HashMap;

use super::{Result, Stored, Tx, document, id, word};
use crate::domain::{
    id::Id,
    performance::{Performance, Span, Waiting},
    time::{Day, Instant},
};
use document::{Column, Document};

impl Document for Performance {
    const TABLE: &'static str = "performances";
    const COLUMNS: &'static [&'static str] = &["holder", "licensee"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.holder.to_string().into(),
            self.licensee.to_string().into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, licence: &Id) -> Result<Option<Stored<Performance>>> {
    document::find(tx, licence.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Performance>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Performance>>> {
    document::page_by_id(tx, after, limit).await
}

pub async fn insert(tx: &mut Tx, performance: Performance) -> Result<Stored<Performance>> {
    document::insert(tx, performance).await
}

pub async fn update(
    tx: &mut Tx,
    performance: Performance,
    from: i64,
) -> Result<Stored<Performance>> {
    document::update(tx, performance, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Performance>(tx, after, limit).await
}

/// What a licence may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    Report,
    Payment,
    FollowUp,
}

impl Wait {
    /// The columns of its first day and of the day on which it is due.
    const fn columns(self) -> (&'static str, &'static str) {
        match self {
            Self::Report => ("report_from", "report_due"),
            Self::Payment => ("payment_from", "payment_due"),
            Self::FollowUp => ("follow_up_from", "follow_up_due"),
        }
    }
}

/// Licence, first and due days of report, payment and follow-up.
type Row = (
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// What these licences wait for, as it is kept.
pub async fn waiting(tx: &mut Tx, licences: &[Id]) -> Result<HashMap<Id, Waiting>> {
    let mut found = HashMap::new();
    for chunk in licences.chunks(500) {
        let rows: Vec<Row> = on!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "select licence, report_from, report_due, payment_from, payment_due, follow_up_from, follow_up_due \
                 from waiting where licence in (");
            let mut list = query.separated(", ");
            for licence in chunk {
                list.push_bind(licence.to_string());
            }
            query.push(")");
            query.build_query_as().fetch_all(&mut **conn).await?
        });
        for (licence, rf, rd, pf, pd, ff, fd) in rows {
            let waiting = Waiting {
                report: span(rf, rd)?,
                payment: span(pf, pd)?,
                follow_up: span(ff, fd)?,
            };
            found.insert(id(&licence)?, waiting);
        }
    }
    Ok(found)
}

fn span(from: Option<String>, due: Option<String>) -> Result<Option<Span>> {
    match (from, due) {
        (Some(from), Some(due)) => Ok(Some(Span {
            from: day(&from)?,
            due_on: day(&due)?,
        })),
        _ => Ok(None),
    }
}

fn day(text: &str) -> Result<Day> {
    word(text, |text| text.parse().ok())
}

/// Keeps what a licence waits for.
pub async fn put_waiting(
    tx: &mut Tx,
    licence: &Id,
    (holder, licensee): (&Id, &Id),
    waiting: &Waiting,
) -> Result<()> {
    let from = |span: Option<Span>| span.map(|span| span.from.to_string());
    let due = |span: Option<Span>| span.map(|span| span.due_on.to_string());
    on!(tx, conn => sqlx::query(
            "insert into waiting (licence, holder, licensee, report_from, report_due, payment_from, payment_due, \
               follow_up_from, follow_up_due) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             on conflict (licence) do update set report_from = excluded.report_from, report_due = excluded.report_due, \
               payment_from = excluded.payment_from, payment_due = excluded.payment_due, \
               follow_up_from = excluded.follow_up_from, follow_up_due = excluded.follow_up_due")
        .bind(licence.to_string()).bind(holder.to_string()).bind(licensee.to_string())
        .bind(from(waiting.report)).bind(due(waiting.report))
        .bind(from(waiting.payment)).bind(due(waiting.payment))
        .bind(from(waiting.follow_up)).bind(due(waiting.follow_up))
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Licences that wait for something on a day, in id order behind a licence: each with its first and its due day.
pub async fn page_waiting(
    tx: &mut Tx,
    wait: Wait,
    own: Option<&Id>,
    today: Day,
    after: &str,
    limit: i64,
) -> Result<Vec<(Id, Span)>> {
    let (from, due) = wait.columns();
    let rows: Vec<(String, String, String)> = on!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new("select licence, ");
        query.push(from).push(", ").push(due).push(" from waiting where ").push(from)
            .push(" is not null and ").push(from).push(" <= ").push_bind(today.to_string());
        if let Some(own) = own {
            query.push(" and (holder = ").push_bind(own.to_string())
                .push(" or licensee = ").push_bind(own.to_string()).push(")");
        }
        query.push(" and licence > ").push_bind(after.to_owned())
            .push(" order by licence limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    rows.into_iter()
        .map(|(licence, from, due)| {
            let span = Span {
                from: day(&from)?,
                due_on: day(&due)?,
            };
            Ok((id(&licence)?, span))
        })
        .collect()
}

/// How many licences wait for something on a day.
pub async fn count_waiting(tx: &mut Tx, wait: Wait, own: Option<&Id>, today: Day) -> Result<i64> {
    let (from, _) = wait.columns();
    Ok(on!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new("select count(*) from waiting where ");
        query.push(from).push(" is not null and ").push(from).push(" <= ").push_bind(today.to_string());
        if let Some(own) = own {
            query.push(" and (holder = ").push_bind(own.to_string())
                .push(" or licensee = ").push_bind(own.to_string()).push(")");
        }
        query.build_query_scalar().fetch_one(&mut **conn).await?
    }))
}

/// Notes that a reminder is given; `false`: it was given before.
pub async fn note_reminder(tx: &mut Tx, key: &str, now: Instant) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "insert into reminders (key, at) values ($1, $2) on conflict (key) do nothing")
        .bind(key).bind(now.micros()).execute(&mut **conn).await?.rows_affected());
    Ok(rows == 1)
}
