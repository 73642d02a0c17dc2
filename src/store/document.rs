//! What every document table has in common: a key, a version, the document as JSON, its hash, and columns by which
//! lists are narrowed. One set of statements serves every noun that is stored in this way.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{QueryBuilder, types::Json};

use super::{Error, Result, Stored, Tx};

/// The value of a column beside the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Text(String),
    Maybe(Option<String>),
    Flag(bool),
}

impl From<bool> for Column {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<String> for Column {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Column {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<String>> for Column {
    fn from(text: Option<String>) -> Self {
        Self::Maybe(text)
    }
}

/// A record that is stored as a document.
pub(super) trait Document:
    Serialize + DeserializeOwned + Clone + Send + Sync + Unpin + 'static
{
    const TABLE: &'static str;
    /// The columns beside `id`, `version`, `doc` and `hash`.
    const COLUMNS: &'static [&'static str];

    fn key(&self) -> String;
    /// In the order of `COLUMNS`.
    fn columns(&self) -> Vec<Column>;
    fn hash(&self) -> String;
}

pub(super) type Raw<T> = (i64, Json<T>, String);

pub(super) fn stored<T>((version, Json(value), hash): Raw<T>) -> Stored<T> {
    Stored {
        version,
        hash,
        value,
    }
}

macro_rules! push_column {
    ($list:expr, $column:expr) => {
        match $column {
            Column::Text(text) => $list.push_bind(text),
            Column::Maybe(text) => $list.push_bind(text),
            Column::Flag(flag) => $list.push_bind(flag),
        }
    };
}

/// Those whose `column` is one of `values`, in id order.
pub(super) async fn list<T: Document>(
    tx: &mut Tx,
    column: &'static str,
    values: &[String],
) -> Result<Vec<Stored<T>>> {
    let mut found = Vec::new();
    for chunk in values.chunks(500) {
        let rows: Vec<Raw<T>> = on!(tx, conn => {
            let mut query = QueryBuilder::new("select version, doc, hash from ");
            query.push(T::TABLE).push(" where ").push(column).push(" in (");
            let mut list = query.separated(", ");
            for value in chunk {
                list.push_bind(value.clone());
            }
            query.push(") order by id");
            query.build_query_as().fetch_all(&mut **conn).await?
        });
        found.extend(rows.into_iter().map(stored));
    }
    Ok(found)
}

pub(super) async fn find<T: Document>(tx: &mut Tx, key: String) -> Result<Option<Stored<T>>> {
    Ok(list(tx, "id", &[key]).await?.pop())
}

/// Every record after a key, in key order.
pub(super) async fn page_by_id<T: Document>(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<Vec<Stored<T>>> {
    let rows: Vec<Raw<T>> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select version, doc, hash from ");
        query.push(T::TABLE).push(" where id > ").push_bind(after.to_owned());
        query.push(" order by id limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    Ok(rows.into_iter().map(stored).collect())
}

/// Stores a new record at version 1.
pub(super) async fn insert<T: Document>(tx: &mut Tx, value: T) -> Result<Stored<T>> {
    let hash = value.hash();
    on!(tx, conn => {
        let mut query = QueryBuilder::new("insert into ");
        query.push(T::TABLE).push(" (id, version, doc, hash");
        for column in T::COLUMNS {
            query.push(", ").push(*column);
        }
        query.push(") values (");
        let mut list = query.separated(", ");
        list.push_bind(value.key());
        list.push_bind(1_i64);
        list.push_bind(Json(value.clone()));
        list.push_bind(hash.clone());
        for column in value.columns() {
            push_column!(list, column);
        }
        query.push(")");
        query.build().execute(&mut **conn).await?;
    });
    Ok(Stored {
        version: 1,
        hash,
        value,
    })
}

/// Replaces version `from` by the next one, or says `Stale`.
pub(super) async fn update<T: Document>(tx: &mut Tx, value: T, from: i64) -> Result<Stored<T>> {
    let hash = value.hash();
    let done = on!(tx, conn => {
        let mut query = QueryBuilder::new("update ");
        query.push(T::TABLE).push(" set version = version + 1, doc = ").push_bind(Json(value.clone()));
        query.push(", hash = ").push_bind(hash.clone());
        for (name, column) in T::COLUMNS.iter().zip(value.columns()) {
            query.push(", ").push(*name).push(" = ");
            push_column!(query, column);
        }
        query.push(" where id = ").push_bind(value.key()).push(" and version = ").push_bind(from);
        query.build().execute(&mut **conn).await?.rows_affected()
    });
    if done == 0 {
        return Err(Error::Stale);
    }
    Ok(Stored {
        version: from + 1,
        hash,
        value,
    })
}

/// A piece of a condition: words of ours, or a value that is bound.
pub(super) enum Piece {
    Sql(&'static str),
    Value(Column),
}

pub(super) use push_column;

/// What a list is narrowed to: pieces that follow `where true`.
#[derive(Default)]
pub(super) struct Narrowing(pub(super) Vec<Piece>);

impl Narrowing {
    pub(super) fn sql(&mut self, words: &'static str) -> &mut Self {
        self.0.push(Piece::Sql(words));
        self
    }

    pub(super) fn value(&mut self, value: impl Into<Column>) -> &mut Self {
        self.0.push(Piece::Value(value.into()));
        self
    }

    /// `words` where the flag is set, `otherwise` where it is not; nothing where nobody asks.
    pub(super) fn either(
        &mut self,
        flag: Option<bool>,
        words: &'static str,
        otherwise: &'static str,
    ) {
        if let Some(flag) = flag {
            self.sql(if flag { words } else { otherwise });
        }
    }

    /// `words` and the value, where there is one.
    pub(super) fn maybe(&mut self, words: &'static str, value: Option<impl Into<Column>>) {
        if let Some(value) = value {
            self.sql(words).value(value);
        }
    }
}

macro_rules! push_narrowing {
    ($query:expr, $narrowing:expr) => {
        for piece in $narrowing.0 {
            match piece {
                Piece::Sql(words) => {
                    $query.push(words);
                }
                Piece::Value(column) => {
                    push_column!($query, column);
                }
            }
        }
    };
}

pub(super) use push_narrowing;

/// A page, in id order.
pub(super) async fn page<T: Document>(
    tx: &mut Tx,
    narrowing: Narrowing,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<T>>> {
    let rows: Vec<Raw<T>> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select version, doc, hash from ");
        query.push(T::TABLE).push(" where true");
        push_narrowing!(query, narrowing);
        query.push(" and id > ").push_bind(after.unwrap_or_default().to_owned());
        query.push(" order by id limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    Ok(rows.into_iter().map(stored).collect())
}

/// A page, the latest first: ids are made in the order of time.
pub(super) async fn page_latest<T: Document>(
    tx: &mut Tx,
    mut narrowing: Narrowing,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<T>>> {
    narrowing.maybe(" and id < ", before.map(str::to_owned));
    let rows: Vec<Raw<T>> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select version, doc, hash from ");
        query.push(T::TABLE).push(" where true");
        push_narrowing!(query, narrowing);
        query.push(" order by id desc limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    Ok(rows.into_iter().map(stored).collect())
}

/// How many there are in all.
pub(super) async fn count<T: Document>(tx: &mut Tx, narrowing: Narrowing) -> Result<i64> {
    Ok(on!(tx, conn => {
        let mut query = QueryBuilder::new("select count(*) from ");
        query.push(T::TABLE).push(" where true");
        push_narrowing!(query, narrowing);
        query.build_query_scalar().fetch_one(&mut **conn).await?
    }))
}

/// Those of a page whose columns disagree with their documents: the first such key, and the last key looked at.
pub(super) async fn misfiled<T: Document>(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    let page = page_by_id::<T>(tx, after, limit).await?;
    let last = page.last().map(|record| record.value.key());
    for record in &page {
        let key = record.value.key();
        let agrees: i64 = on!(tx, conn => {
            let mut query = QueryBuilder::new("select count(*) from ");
            query.push(T::TABLE).push(" where id = ").push_bind(key.clone());
            for (name, column) in T::COLUMNS.iter().zip(record.value.columns()) {
                query.push(" and ").push(*name);
                if column == Column::Maybe(None) {
                    query.push(" is null");
                } else {
                    query.push(" = ");
                    push_column!(query, column);
                }
            }
            query.build_query_scalar().fetch_one(&mut **conn).await?
        });
        if agrees == 0 {
            return Ok((Some(key), last));
        }
    }
    Ok((None, last))
}
