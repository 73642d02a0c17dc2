//! One set of migrations, two databases: the same tables and columns, and running them again changes nothing.

use std::collections::BTreeSet;

use kaixu::{domain::time::Instant, store::Db};
use sqlx::AssertSqlSafe;

use crate::support::{World, postgres_database};

/// table, column, type, part of the primary key, may be null
type Column = (String, String, String, bool, bool);

async fn columns(db: &Db) -> BTreeSet<Column> {
    let rows: Vec<(String, String, String, i64, i64)> = match db {
        Db::Sqlite { read, .. } => sqlx::query_as(
            "select t.name, c.name, lower(c.type), cast(c.pk > 0 as integer), cast(c.\"notnull\" = 0 and c.pk = 0 as integer) \
             from sqlite_master t join pragma_table_info(t.name) c \
             where t.type = 'table' and t.name not like 'sqlite_%' and t.name <> '_sqlx_migrations'",
        )
        .fetch_all(read)
        .await
        .expect("columns"),
        Db::Postgres(pool) => sqlx::query_as(
            "select c.table_name::text, c.column_name::text, c.data_type::text, \
               (select count(*) from information_schema.table_constraints k \
                join information_schema.key_column_usage u using (constraint_schema, constraint_name) \
                where k.constraint_type = 'PRIMARY KEY' and u.table_name = c.table_name and u.column_name = c.column_name), \
               (c.is_nullable = 'YES')::int::bigint \
             from information_schema.columns c where c.table_schema = 'public' and c.table_name <> '_sqlx_migrations'",
        )
        .fetch_all(pool)
        .await
        .expect("columns"),
    };
    rows.into_iter()
        .map(|(t, c, kind, key, null)| (t, c, kind, key > 0, null > 0))
        .collect()
}

/// The indexes that migrations name, with their uniqueness.
async fn indexes(db: &Db) -> BTreeSet<(String, String, bool)> {
    let rows: Vec<(String, String, bool)> = match db {
        Db::Sqlite { read, .. } => sqlx::query_as(
            "select tbl_name, name, sql like 'create unique%' from sqlite_master where type = 'index' and sql is not null",
        )
        .fetch_all(read)
        .await
        .expect("indexes"),
        Db::Postgres(pool) => sqlx::query_as(
            "select t.relname::text, i.relname::text, x.indisunique from pg_index x join pg_class i on i.oid = x.indexrelid \
             join pg_class t on t.oid = x.indrelid join pg_namespace n on n.oid = t.relnamespace \
             where n.nspname = 'public' and t.relname <> '_sqlx_migrations' \
             and not exists (select from pg_constraint c where c.conindid = i.oid)",
        )
        .fetch_all(pool)
        .await
        .expect("indexes"),
    };
    rows.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let postgres = Db::open_postgres(&url).await.expect("opens");
    let sqlite = World::sqlite().await.services.db.clone();
    let (one, other) = (columns(&sqlite).await, columns(&postgres).await);
    assert!(one.len() > 50, "{one:?}");
    assert_eq!(
        one.difference(&other).collect::<Vec<_>>(),
        Vec::<&Column>::new(),
        "only in SQLite"
    );
    assert_eq!(
        other.difference(&one).collect::<Vec<_>>(),
        Vec::<&Column>::new(),
        "only in PostgreSQL"
    );
    assert_eq!(indexes(&sqlite).await, indexes(&postgres).await);
}

crate::on_both! {
    async fn migrating_twice_is_harmless(world) {
        let holder = world.organisation("迁移大学").await;
        let db = &world.services.db;
        assert!(db.has_schema().await.expect("asks"));
        let before = columns(db).await;
        db.migrate().await.expect("migrates again");
        assert_eq!(columns(db).await, before);
        let mut tx = db.read().await.expect("reads");
        let head = kaixu::store::changes::head(&mut tx).await.expect("head");
        let kept = kaixu::store::organisations::find(&mut tx, &holder.id).await.expect("finds");
        assert_eq!((head.seq, kept.map(|k| k.version)), (1, Some(1)));
    }

    async fn a_database_of_a_changed_history_is_refused(world) {
        let db = &world.services.db;
        let sql = "update _sqlx_migrations set checksum = $1 where version = 1";
        match db {
            Db::Sqlite { write, .. } => { sqlx::query(sql).bind(b"other".as_slice()).execute(write).await.expect("updates"); }
            Db::Postgres(pool) => { sqlx::query(sql).bind(b"other".as_slice()).execute(pool).await.expect("updates"); }
        }
        let refused = db.migrate().await.expect_err("refused");
        assert!(refused.to_string().contains("migration"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_may_migrate_an_empty_database_at_the_same_time() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let (server, name) = url.rsplit_once('/').expect("an address");
    let admin = Db::open_postgres(&url).await.expect("opens");
    let Db::Postgres(pool) = &admin else {
        unreachable!("PostgreSQL")
    };
    let empty = format!("{name}_empty");
    sqlx::query(AssertSqlSafe(format!(
        "create database {empty} template template0"
    )))
    .execute(pool)
    .await
    .expect("creates");
    let url = format!("{server}/{empty}");
    let (a, b) = (
        Db::open_postgres(&url).await.expect("opens"),
        Db::open_postgres(&url).await.expect("opens"),
    );
    assert!(!a.has_schema().await.expect("asks"));
    let (one, other) = tokio::join!(a.migrate(), b.migrate());
    one.and(other).expect("both are content");
    let tx = a
        .begin_write(Instant::from_micros(1), "test")
        .await
        .expect("one head");
    assert_eq!(tx.commit().await.expect("commits"), 0);
}
