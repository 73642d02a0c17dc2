//! SQL behind the product's back: for tampering, and for counting what no operation shows.

use kaixu::store::Db;
use sqlx::AssertSqlSafe;

/// Runs a statement; returns how many rows it met.
pub async fn execute(db: &Db, sql: &str) -> u64 {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Sqlite { write, .. } => {
            let done = sqlx::query(sql).execute(write).await;
            done.expect("runs").rows_affected()
        }
        Db::Postgres(pool) => {
            let done = sqlx::query(sql).execute(pool).await;
            done.expect("runs").rows_affected()
        }
    }
}

/// The one number that a query gives.
pub async fn number(db: &Db, sql: &str) -> i64 {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_one(read).await.expect("one"),
        Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.expect("one"),
    }
}

/// The one text that a query gives.
pub async fn text(db: &Db, sql: &str) -> String {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_one(read).await.expect("one"),
        Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.expect("one"),
    }
}
