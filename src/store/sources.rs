//! Where the units of records come from, by application number or id of a stock entry, in batches of at most 500.

use std::collections::HashMap;

use sqlx::{QueryBuilder, types::Json};

use super::{Result, Tx};
use crate::domain::merge::Sources;

/// Those of these records that have any.
pub async fn list(tx: &mut Tx, subjects: &[String]) -> Result<HashMap<String, Sources>> {
    let mut found = HashMap::with_capacity(subjects.len());
    for chunk in subjects.chunks(500) {
        let rows: Vec<(String, Json<Sources>)> = on!(tx, conn => {
            let mut query = QueryBuilder::new("select subject, doc from sources where subject in (");
            let mut list = query.separated(", ");
            for subject in chunk {
                list.push_bind(subject.clone());
            }
            query.push(")");
            query.build_query_as().fetch_all(&mut **conn).await?
        });
        found.extend(rows.into_iter().map(|(subject, Json(doc))| (subject, doc)));
    }
    Ok(found)
}

/// Documents in order of their subjects, as they stand, and whether there is a patent of that number.
pub async fn page(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<(String, String, bool)>> {
    Ok(on!(tx, conn =>
        sqlx::query_as(
            "select subject, cast(doc as text), exists (select 1 from patents where number = subject) \
             from sources where subject > $1 order by subject limit $2")
            .bind(after).bind(limit).fetch_all(&mut **conn).await?))
}

/// Those of one record.
pub async fn find(tx: &mut Tx, subject: &str) -> Result<Sources> {
    let mut found = list(tx, &[subject.to_owned()]).await?;
    Ok(found.remove(subject).unwrap_or_default())
}

/// Stores them in the place of those before.
pub async fn put(tx: &mut Tx, sources: &[(String, Sources)]) -> Result<()> {
    for chunk in sources.chunks(500) {
        on!(tx, conn => {
            let mut query = QueryBuilder::new("insert into sources (subject, doc) ");
            query.push_values(chunk, |mut tuple, (subject, doc)| {
                tuple.push_bind(subject).push_bind(Json(doc));
            });
            query.push(" on conflict (subject) do update set doc = excluded.doc");
            query.build().execute(&mut **conn).await?;
        });
    }
    Ok(())
}
