//! Stock records: one of each holding, by id and by holding; and how complete they are, counted by unit and by holder.

use sqlx::{QueryBuilder, types::Json};

use super::{Result, Stored, Tx, document};
use crate::domain::{
    codes::AppNo,
    id::Id,
    inventory::{Inventory, Item, UnitCompleteness},
};
use document::{Column, Document, Narrowing, push_column};

impl Document for Inventory {
    const TABLE: &'static str = "inventory";
    const COLUMNS: &'static [&'static str] = &[
        "holding",
        "organisation",
        "state",
        "assignee",
        "due_on",
        "filled",
        "scenario",
        "funding",
        "maturity",
        "grade",
        "ways",
    ];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        let level = self.funding.as_ref().map(|funding| funding.level.clone());
        vec![
            self.holding.to_string().into(),
            self.organisation.to_string().into(),
            self.state.as_str().into(),
            text(self.assignee.as_ref()).into(),
            text(self.due_on.as_ref()).into(),
            self.is_filled().into(),
            self.scenario.is_some().into(),
            level.unwrap_or_default().into(),
            self.maturity.clone().unwrap_or_default().into(),
            self.grade.clone().unwrap_or_default().into(),
            ways(&self.ways).into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

/// `|a|b|`, so that one of them is found by `%|a|%`; nothing where there is none.
fn ways(codes: &[String]) -> String {
    if codes.is_empty() {
        return String::new();
    }
    format!("|{}|", codes.join("|"))
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Inventory>>> {
    document::find(tx, id.to_string()).await
}

/// The record of a holding, where something was said of it.
pub async fn find_of_holding(tx: &mut Tx, holding: &Id) -> Result<Option<Stored<Inventory>>> {
    Ok(document::list(tx, "holding", &[holding.to_string()])
        .await?
        .pop())
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Inventory>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

pub async fn list_of_holdings(tx: &mut Tx, holdings: &[Id]) -> Result<Vec<Stored<Inventory>>> {
    let ids: Vec<String> = holdings.iter().map(Id::to_string).collect();
    document::list(tx, "holding", &ids).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Inventory>>> {
    document::page_by_id(tx, after, limit).await
}

/// A page, in id order, of what is assigned to an account.
pub async fn page_by_assignee(
    tx: &mut Tx,
    account: &Id,
    after: &str,
    limit: i64,
) -> Result<Vec<Stored<Inventory>>> {
    let mut narrowing = Narrowing::default();
    narrowing.sql(" and assignee = ").value(account.to_string());
    document::page(tx, narrowing, Some(after), limit).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Inventory>(tx, after, limit).await
}

/// Stores new and changed records; the caller has read the versions inside this transaction.
pub async fn put(tx: &mut Tx, records: &[Stored<Inventory>]) -> Result<()> {
    for chunk in records.chunks(500) {
        on!(tx, conn => {
            let mut query = QueryBuilder::new("insert into inventory (id, version, doc, hash");
            for name in Inventory::COLUMNS {
                query.push(", ").push(*name);
            }
            query.push(") ");
            query.push_values(chunk, |mut tuple, record| {
                tuple
                    .push_bind(record.value.id.to_string())
                    .push_bind(record.version)
                    .push_bind(Json(&record.value))
                    .push_bind(&record.hash);
                for column in record.value.columns() {
                    push_column!(tuple, column);
                }
            });
            query.push(" on conflict (id) do update set version = excluded.version, doc = excluded.doc, hash = excluded.hash");
            for name in Inventory::COLUMNS {
                query.push(", ").push(*name).push(" = excluded.").push(*name);
            }
            query.build().execute(&mut **conn).await?;
        });
    }
    Ok(())
}

/// What waits for the holder.
macro_rules! waiting {
    () => {
        "where i.organisation = $1 and (i.state = 'approved' or ($2 and i.state = 'submitted') \
         or (i.due_on <> '' and i.due_on < $3))"
    };
}

/// An organisation's units, the largest first, with how many of their patents have a complete record.
pub async fn by_unit(tx: &mut Tx, organisation: &Id, limit: i64) -> Result<Vec<UnitCompleteness>> {
    let rows: Vec<(String, i64, i64)> = on!(tx, conn => sqlx::query_as(
            "select h.unit, count(*), count(*) filter (where i.filled and h.conversion <> 'unknown') \
             from holdings h left join inventory i on i.holding = h.id where h.organisation = $1 \
             group by h.unit order by count(*) desc, h.unit limit $2")
        .bind(organisation.to_string()).bind(limit).fetch_all(&mut **conn).await?);
    let unit = |(unit, total, complete)| UnitCompleteness {
        unit,
        total,
        complete,
    };
    Ok(rows.into_iter().map(unit).collect())
}

/// Patents in stock, complete records, and of how many each item is missing in the order of `Item::ALL`.
pub type Counted = (i64, i64, [i64; Item::ALL.len()]);

/// How complete the records of each of these organisations are; of all where there is no list.
pub async fn by_organisation(
    tx: &mut Tx,
    organisation: Option<&Id>,
    after: &str,
    limit: i64,
) -> Result<Vec<(Id, Counted)>> {
    type Row = (String, i64, i64, i64, i64, i64, i64, i64, i64);
    let rows: Vec<Row> = on!(tx, conn => {
        let mut query = QueryBuilder::new(
            "select h.organisation, count(*), count(*) filter (where i.filled and h.conversion <> 'unknown'), \
             count(*) filter (where coalesce(i.funding, '') = ''), count(*) filter (where h.conversion = 'unknown'), \
             count(*) filter (where coalesce(i.ways, '') = ''), count(*) filter (where coalesce(i.maturity, '') = ''), \
             count(*) filter (where coalesce(i.grade, '') = ''), \
             count(*) filter (where i.id is null or not i.scenario) \
             from holdings h left join inventory i on i.holding = h.id where h.organisation > ");
        query.push_bind(after.to_owned());
        if let Some(id) = organisation {
            query.push(" and h.organisation = ").push_bind(id.to_string());
        }
        query.push(" group by h.organisation order by h.organisation limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    rows.into_iter()
        .map(|(id, total, complete, a, b, c, d, e, f)| {
            Ok((super::id(&id)?, (total, complete, [a, b, c, d, e, f])))
        })
        .collect()
}

/// How many organisations have stock.
pub async fn count_organisations(tx: &mut Tx) -> Result<i64> {
    Ok(on!(tx, conn =>
        sqlx::query_scalar("select count(distinct organisation) from holdings").fetch_one(&mut **conn).await?))
}

/// Records that wait for the holder, or whose term was over before a day: with the numbers of their patents, in id
/// order. `submitted`: no unit approves, so what is submitted waits for the holder too.
pub async fn page_waiting(
    tx: &mut Tx,
    organisation: &Id,
    submitted: bool,
    today: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<(Stored<Inventory>, AppNo)>> {
    type Row = (i64, Json<Inventory>, String, String);
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(concat!(
            "select i.version, i.doc, i.hash, h.number from inventory i join holdings h on h.id = i.holding ",
            waiting!(), " and i.id > $4 order by i.id limit $5"))
        .bind(organisation.to_string()).bind(submitted).bind(today).bind(after).bind(limit)
        .fetch_all(&mut **conn).await?);
    let read = |(version, Json(value), hash, number): Row| {
        let number = super::word(&number, |text| AppNo::parse(text).ok().map(|(n, _)| n))?;
        let record = Stored {
            version,
            hash,
            value,
        };
        Ok((record, number))
    };
    rows.into_iter().map(read).collect()
}

/// How many of them there are.
pub async fn count_waiting(
    tx: &mut Tx,
    organisation: &Id,
    submitted: bool,
    today: &str,
) -> Result<i64> {
    Ok(
        on!(tx, conn => sqlx::query_scalar(concat!("select count(*) from inventory i ", waiting!()))
        .bind(organisation.to_string()).bind(submitted).bind(today).fetch_one(&mut **conn).await?),
    )
}
