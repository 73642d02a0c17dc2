//! Whatever is done to a row behind the product's back is found, and the row is named.

use kaixu::{
    domain::event::{ChainHash, ChangeRow},
    ops::verify,
    store::{Db, changes},
};
use sqlx::AssertSqlSafe;

use super::history;
use crate::{
    on_both_at,
    support::{World, sql},
};

/// Tables, their keys, and what the audit calls a row.
const TABLES: [(&str, &str, &str); 11] = [
    ("changes", "seq", "change "),
    ("organisations", "id", "organisations/"),
    ("patents", "number", "patents/"),
    ("holdings", "id", "holdings/"),
    ("declarations", "id", "declarations/"),
    ("licences", "id", "licences/"),
    ("encumbrances", "id", "encumbrances/"),
    ("targets", "id", "targets/"),
    ("closings", "id", "closings/"),
    ("reported", "id", "reported/"),
    ("files", "id", "files/"),
];

/// Lets rows stand that the database itself would refuse.
async fn unguarded(db: &Db) {
    match db {
        Db::Sqlite { .. } => {
            sql::execute(db, "pragma foreign_keys = off").await;
        }
        Db::Postgres(_) => {
            for (table, ..) in TABLES {
                sql::execute(db, &format!("alter table {table} disable trigger all")).await;
            }
        }
    }
}

/// Name and type of each column.
async fn columns(db: &Db, table: &str) -> Vec<(String, String)> {
    match db {
        Db::Sqlite { read, .. } => {
            let sql = format!("select name, lower(type) from pragma_table_info('{table}')");
            sqlx::query_as(AssertSqlSafe(sql)).fetch_all(read).await
        }
        Db::Postgres(pool) => {
            let sql = format!(
                "select column_name::text, data_type::text from information_schema.columns \
                 where table_schema = 'public' and table_name = '{table}'"
            );
            sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await
        }
    }
    .expect("columns")
}

/// Another value of the column's type.
fn another(db: &Db, column: &str, kind: &str) -> String {
    match (kind, db) {
        ("jsonb", Db::Sqlite { .. }) => format!("{column} = json_set({column}, '$.zusatz', 1)"),
        ("jsonb", Db::Postgres(_)) => format!("{column} = {column} || '{{\"zusatz\":1}}'"),
        ("boolean", _) => format!("{column} = not {column}"),
        ("bigint", _) => format!("{column} = {column} + 100000"),
        _ if column.ends_with("_on") => {
            format!(
                "{column} = case when {column} = '2024-04-09' then '2024-04-08' else '2024-04-09' end"
            )
        }
        _ => format!("{column} = coalesce({column}, '') || 'x'"),
    }
}

async fn found(world: &World, what: &str) -> String {
    let found = verify::verify(&world.services).await.expect("runs");
    found.expect_err(what).to_string()
}

/// Does this, asks the audit, and puts the whole table back.
async fn touched(world: &World, table: &str, statements: &[String]) -> String {
    let db = &world.services.db;
    sql::execute(db, &format!("create table saved as select * from {table}")).await;
    for statement in statements {
        assert!(sql::execute(db, statement).await > 0, "{statement}");
    }
    let said = found(world, &statements.join("; ")).await;
    sql::execute(db, &format!("delete from {table}")).await;
    sql::execute(db, &format!("insert into {table} select * from saved")).await;
    sql::execute(db, "drop table saved").await;
    said
}

/// Some keys of a table: the first, one in the middle, the last.
async fn some(db: &Db, table: &str, key: &str) -> Vec<String> {
    let count = sql::number(db, &format!("select count(*) from {table}")).await;
    assert!(count > 1, "{table}");
    let mut keys = Vec::new();
    for at in [0, count / 2, count - 1] {
        let sql =
            format!("select cast({key} as text) from {table} order by {key} limit 1 offset {at}");
        keys.push(sql::text(db, &sql).await);
    }
    keys
}

fn assert_names(said: &str, place: &str, key: &str, statement: &str) {
    let (named, _) = said.split_once(": ").expect("place and what");
    // A row that bears another number is missing where it was.
    let missing =
        said.contains(&format!("change {key} is missing")) || said.starts_with("head: says ");
    assert!(
        named.starts_with(&format!("{place}{key}")) || (place == "change " && missing),
        "{statement}: {said}"
    );
}

on_both_at! { "2024-02-01T01:00:00Z";
    async fn any_value_of_any_column_of_any_row(world) {
        history::lived(&world).await;
        // What is tampered with here must not be what the index has still to read.
        world.indexed().await;
        let db = &world.services.db;
        unguarded(db).await;
        let mut tried = 0;
        for (table, key, place) in TABLES {
            let columns = columns(db, table).await;
            assert!(columns.len() >= 4, "{table}: {columns:?}");
            for (n, row) in some(db, table, key).await.into_iter().enumerate() {
                // Each column of one row, and of the others every third.
                for (name, kind) in columns.iter().skip(n).step_by(if n == 1 { 1 } else { 3 }) {
                    let set = another(db, name, kind);
                    let statement = format!("update {table} set {set} where cast({key} as text) = '{row}'");
                    let said = touched(&world, table, std::slice::from_ref(&statement)).await;
                    assert_names(&said, place, &row, &statement);
                    tried += 1;
                }
                let statement = format!("delete from {table} where cast({key} as text) = '{row}'");
                let said = touched(&world, table, std::slice::from_ref(&statement)).await;
                // A file is named by what cites it.
                if table != "files" {
                    assert_names(&said, place, &row, &statement);
                }
            }
        }
        assert!(tried > 110, "{tried}");
        assert!(verify::verify(&world.services).await.expect("runs").is_ok(), "all was put back");
    }

    async fn rows_swapped_cut_off_or_rewritten(world) {
        history::lived(&world).await;
        // What is tampered with here must not be what the index has still to read.
        world.indexed().await;
        let db = &world.services.db;
        unguarded(db).await;
        let swap = ["update changes set seq = -1 where seq = 20", "update changes set seq = 20 where seq = 21", "update changes set seq = 21 where seq = -1"];
        let said = touched(&world, "changes", &swap.map(str::to_owned)).await;
        assert_eq!(said, "change 20: does not follow the row before");
        let head = sql::number(db, "select seq from head").await;
        let cut = format!("delete from changes where seq > {}", head - 3);
        let said = touched(&world, "changes", std::slice::from_ref(&cut)).await;
        assert_eq!(said, format!("head: says {head}, the last change is {}", head - 3));
        // With the head moved to where the chain was cut, the records know more than the chain.
        let row = row(&world, head - 3).await;
        sql::execute(db, &format!("update head set seq = {}, hash = '{}'", head - 3, row.hash)).await;
        let subject = self::row(&world, head - 2).await.subject;
        let said = touched(&world, "changes", &[cut]).await;
        sql::execute(db, &format!("update head set seq = {head}, hash = '{}'", self::row(&world, head).await.hash)).await;
        assert!(said.starts_with(&subject) || said.starts_with(&self::row(&world, head - 1).await.subject)
            || said.starts_with(&self::row(&world, head).await.subject), "{said}");
        for table in ["patents", "declarations", "licences", "holdings"] {
            let key = if table == "patents" { "number" } else { "id" };
            let keys = some(db, table, key).await;
            let (one, other) = (&keys[0], &keys[2]);
            let set = |from: &str, to: &str| format!(
                "update {table} set doc = (select doc from saved where {key} = '{from}'), hash = (select hash from saved where {key} = '{from}') where {key} = '{to}'");
            let said = touched(&world, table, &[set(one, other), set(other, one)]).await;
            assert!(said.starts_with(&format!("{table}/{one}: is not what change version ")), "{said}");
        }
        // One row rewritten with a fitting hash: the next no longer follows it.
        let mut forged = self::row(&world, 30).await;
        forged.actor = "somebody else".into();
        let rewrite = format!("update changes set actor = '{}', hash = '{}' where seq = 30", forged.actor, forged.expected_hash(ChainHash::Sha256));
        assert_eq!(touched(&world, "changes", &[rewrite]).await, "change 31: does not follow the row before");
    }
}

async fn row(world: &World, seq: i64) -> ChangeRow {
    let mut tx = world.services.db.read().await.expect("reads");
    changes::after(&mut tx, seq - 1, 1)
        .await
        .expect("reads")
        .remove(0)
}
