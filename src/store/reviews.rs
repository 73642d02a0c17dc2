//! How holders have their stock records reviewed, and the course of each record, which is only added to.

use sqlx::{FromRow, QueryBuilder, types::Json};

use super::{Error, Result, Stored, Tx, id, word};
use crate::domain::{
    event::{canonical_json, sha256_hex},
    id::Id,
    review::{CourseEntry, RecordState, RecordStep, ReviewRules},
    time::Instant,
};

type Raw = (String, i64, Json<ReviewRules>, String);

/// The rules of a holder; version 1 without a row where it has set none.
pub async fn load_rules(tx: &mut Tx, organisation: &Id) -> Result<Stored<ReviewRules>> {
    let found = list_rules(tx, std::slice::from_ref(organisation)).await?;
    let set = found.into_iter().next().map(|(_, rules)| rules);
    Ok(set.unwrap_or_else(|| {
        let value = ReviewRules::default();
        Stored {
            version: 1,
            hash: hash(&value),
            value,
        }
    }))
}

/// The rules of those of these holders that have set some.
pub async fn list_rules(
    tx: &mut Tx,
    organisations: &[Id],
) -> Result<Vec<(Id, Stored<ReviewRules>)>> {
    if organisations.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Raw> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select id, version, doc, hash from review_rules where id in (");
        let mut list = query.separated(", ");
        for organisation in organisations {
            list.push_bind(organisation.to_string());
        }
        query.push(")");
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    rows.into_iter()
        .map(|(organisation, version, Json(value), hash)| {
            let rules = Stored {
                version,
                hash,
                value,
            };
            Ok((id(&organisation)?, rules))
        })
        .collect()
}

fn hash(rules: &ReviewRules) -> String {
    sha256_hex(canonical_json(rules).as_bytes())
}

/// Stores the next version; the caller has read the one before inside this transaction.
pub async fn put_rules(
    tx: &mut Tx,
    organisation: &Id,
    version: i64,
    rules: ReviewRules,
) -> Result<Stored<ReviewRules>> {
    let hash = hash(&rules);
    on!(tx, conn => sqlx::query(
            "insert into review_rules (id, version, doc, hash) values ($1, $2, $3, $4) \
             on conflict (id) do update set version = excluded.version, doc = excluded.doc, hash = excluded.hash")
        .bind(organisation.to_string()).bind(version).bind(Json(&rules)).bind(&hash)
        .execute(&mut **conn).await?.rows_affected());
    Ok(Stored {
        version,
        hash,
        value: rules,
    })
}

#[derive(FromRow)]
struct Row {
    id: String,
    record: String,
    step: String,
    state: String,
    actor: String,
    name: String,
    note: Option<String>,
    at: i64,
}

impl TryFrom<Row> for CourseEntry {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: id(&row.id)?,
            record: id(&row.record)?,
            step: word(&row.step, RecordStep::parse)?,
            state: word(&row.state, RecordState::parse)?,
            actor: row.actor,
            name: row.name,
            note: row.note,
            at: Instant::from_micros(row.at),
        })
    }
}

/// Adds a step to a record's course.
pub async fn add_step(tx: &mut Tx, entry: &CourseEntry) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into inventory_course (id, record, step, state, actor, name, note, at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(entry.id.to_string()).bind(entry.record.to_string()).bind(entry.step.as_str())
        .bind(entry.state.as_str()).bind(&entry.actor).bind(&entry.name).bind(&entry.note)
        .bind(entry.at.micros())
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// A record's course, the first step first, at most `limit` after a key.
pub async fn page_course(
    tx: &mut Tx,
    record: &Id,
    after: &str,
    limit: i64,
) -> Result<Vec<CourseEntry>> {
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(
            "select * from inventory_course where record = $1 and id > $2 order by id limit $3")
        .bind(record.to_string()).bind(after).bind(limit).fetch_all(&mut **conn).await?);
    rows.into_iter().map(CourseEntry::try_from).collect()
}

/// How many steps a record's course has.
pub async fn count_course(tx: &mut Tx, record: &Id) -> Result<i64> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select count(*) from inventory_course where record = $1")
        .bind(record.to_string()).fetch_one(&mut **conn).await?),
    )
}
