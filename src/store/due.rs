//! What holders have to register: one document each, and the numbers of the list that stands. The numbers of an upload
//! come in pieces under an id of its own and count only once the document names it.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;

use super::{Result, Stored, Tx, document, word};
use crate::domain::{
    codes::AppNo,
    due::{DueClass, DueCounts, DueList, DueNumber},
    holding::Conversion,
    id::Id,
    patent::LegalStatus,
};
use document::{Column, Document};

impl Document for DueList {
    const TABLE: &'static str = "due_lists";
    const COLUMNS: &'static [&'static str] = &[];

    fn key(&self) -> String {
        self.organisation.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        Vec::new()
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, organisation: &Id) -> Result<Option<Stored<DueList>>> {
    document::find(tx, organisation.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<DueList>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<DueList>>> {
    document::page_by_id(tx, after, limit).await
}

pub async fn insert(tx: &mut Tx, list: DueList) -> Result<Stored<DueList>> {
    document::insert(tx, list).await
}

pub async fn update(tx: &mut Tx, list: DueList, from: i64) -> Result<Stored<DueList>> {
    document::update(tx, list, from).await
}

/// Adds numbers of an upload. Of a number that comes twice, what is said of it stays said.
pub async fn add_numbers(tx: &mut Tx, list: &Id, numbers: &[DueNumber]) -> Result<()> {
    for chunk in numbers.chunks(500) {
        // One statement may touch a row once.
        let mut rows: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        for due in chunk {
            let row = rows.entry(due.number.as_str()).or_default();
            if due.legal_status != LegalStatus::Unknown {
                row.0 = due.legal_status.as_str();
            }
            if due.conversion != Conversion::Unknown {
                row.1 = due.conversion.as_str();
            }
        }
        on!(tx, conn => {
            let mut query = QueryBuilder::new("insert into due_numbers (list, number, status, conversion) ");
            query.push_values(&rows, |mut tuple, (number, (status, conversion))| {
                tuple.push_bind(list.to_string()).push_bind(*number).push_bind(*status).push_bind(*conversion);
            });
            query.push(
                " on conflict (list, number) do update set \
                 status = case when excluded.status = '' then due_numbers.status else excluded.status end, \
                 conversion = case when excluded.conversion = '' then due_numbers.conversion else excluded.conversion end");
            query.build().execute(&mut **conn).await?;
        });
    }
    Ok(())
}

/// How many different numbers an upload brought.
pub async fn count_numbers(tx: &mut Tx, list: &Id) -> Result<i64> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select count(*) from due_numbers where list = $1")
        .bind(list.to_string()).fetch_one(&mut **conn).await?),
    )
}

/// Removes a piece of a list that no longer stands; `false` when nothing was left.
pub async fn remove_numbers(tx: &mut Tx, list: &str) -> Result<bool> {
    let rows = on!(tx, conn => sqlx::query(
            "delete from due_numbers where list = $1 and number in \
             (select number from due_numbers where list = $1 order by number limit 5000)")
        .bind(list).execute(&mut **conn).await?.rows_affected());
    Ok(rows > 0)
}

/// An upload that began before `before` (ids are in the order of time) and that no document names.
pub async fn find_abandoned(tx: &mut Tx, standing: &[Id], before: &Id) -> Result<Option<String>> {
    let mut after = String::new();
    loop {
        let next: Option<String> = on!(tx, conn => sqlx::query_scalar(
                "select min(list) from due_numbers where list > $1 and list < $2")
            .bind(&after).bind(before.to_string()).fetch_one(&mut **conn).await?);
        match next {
            Some(list) if standing.iter().any(|id| id.to_string() == list) => after = list,
            other => return Ok(other),
        }
    }
}

/// A statement over the numbers of a list ($2) of a holder ($1), each with its class.
macro_rules! classed {
    ($select:literal) => {
        concat!(
            "with classed as (select d.number, case \
               when (case when d.status <> '' then d.status else coalesce(p.legal_status, '') end) \
                 not in ('', 'unknown', 'inForce', 'feeGrace') then 'notInForce' \
               when (case when d.conversion <> '' then d.conversion else coalesce(h.conversion, '') end) \
                 not in ('', 'unknown', 'unused') then 'converted' \
               when h.id is null then 'missing' \
               when h.first_patentee then 'registered' \
               when h.state = 'claimed' then 'claimed' \
               else 'otherPatentee' end as class \
             from due_numbers d left join patents p on p.number = d.number \
             left join holdings h on h.organisation = $1 and h.number = d.number where d.list = $2) ",
            $select
        )
    };
}

/// A statement over what the holder ($1) has in stock as first patentee, in force and not converted, and what is not on
/// a list ($2).
macro_rules! beyond {
    ($select:literal, $tail:literal) => {
        concat!(
            $select,
            " from holdings h join patents p on p.number = h.number where h.organisation = $1 and h.first_patentee \
             and p.legal_status in ('', 'unknown', 'inForce', 'feeGrace') \
             and h.conversion in ('', 'unknown', 'unused') \
             and not exists (select 1 from due_numbers d where d.list = $2 and d.number = h.number)",
            $tail
        )
    };
}

fn list_text(list: Option<&Id>) -> String {
    list.map(Id::to_string).unwrap_or_default()
}

/// The figures of a list of numbers.
pub async fn counts(tx: &mut Tx, organisation: &Id, list: &Id) -> Result<DueCounts> {
    const SQL: &str = classed!("select class, count(*) from classed group by class");
    let rows: Vec<(String, i64)> = on!(tx, conn => sqlx::query_as(SQL)
        .bind(organisation.to_string()).bind(list.to_string()).fetch_all(&mut **conn).await?);
    let mut counts = DueCounts::default();
    for (class, count) in rows {
        counts.set(word(&class, DueClass::parse)?, count);
    }
    counts.beyond = count_beyond(tx, organisation, Some(list)).await?;
    Ok(counts)
}

/// What the holder has in stock beyond a list; without a list, all of it that counts.
pub async fn count_beyond(tx: &mut Tx, organisation: &Id, list: Option<&Id>) -> Result<i64> {
    const SQL: &str = beyond!("select count(*)", "");
    Ok(on!(tx, conn => sqlx::query_scalar(SQL)
        .bind(organisation.to_string()).bind(list_text(list)).fetch_one(&mut **conn).await?))
}

/// The numbers of a class in their order, at most `limit` after one.
pub async fn page_numbers(
    tx: &mut Tx,
    organisation: &Id,
    list: Option<&Id>,
    class: DueClass,
    after: &str,
    limit: i64,
) -> Result<Vec<AppNo>> {
    const OF_CLASS: &str = classed!(
        "select number from classed where class = $5 and number > $3 order by number limit $4"
    );
    const BEYOND: &str = beyond!(
        "select h.number",
        " and h.number > $3 and '' <> $5 order by h.number limit $4"
    );
    // Without a list, what counts as registered is the whole stock.
    let whole = list.is_none() && class == DueClass::Registered;
    let sql = if whole || class == DueClass::Beyond {
        BEYOND
    } else {
        OF_CLASS
    };
    let rows: Vec<String> = on!(tx, conn => sqlx::query_scalar(sql)
        .bind(organisation.to_string()).bind(list_text(list)).bind(after).bind(limit).bind(class.as_str())
        .fetch_all(&mut **conn).await?);
    let number = |text: &str| AppNo::parse(text).ok().map(|(number, _)| number);
    rows.iter().map(|text| word(text, number)).collect()
}
