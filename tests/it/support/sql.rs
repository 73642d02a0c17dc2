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

/// Every text that a query gives.
pub async fn texts(db: &Db, sql: &str) -> Vec<String> {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql)
            .fetch_all(read)
            .await
            .expect("texts"),
        Db::Postgres(pool) => sqlx::query_scalar(sql)
            .fetch_all(pool)
            .await
            .expect("texts"),
    }
}

/// Every value of these tables as text.
pub async fn dump(db: &Db, tables: &[&str]) -> String {
    let mut all = String::new();
    for table in tables {
        let sql = match db {
            Db::Sqlite { .. } => {
                let columns = format!(
                    "select group_concat('quote(' || name || ')', ' || ''|'' || ') from pragma_table_info('{table}')"
                );
                let columns = text(db, &columns).await;
                format!("select coalesce(group_concat({columns}, char(10)), '') from {table}")
            }
            Db::Postgres(_) => {
                format!("select coalesce(string_agg(t::text, chr(10)), '') from {table} t")
            }
        };
        all.push_str(&text(db, &sql).await);
        all.push('\n');
    }
    all
}
