//! A fresh PostgreSQL database for each test, copied from one migrated template.

use kaixu::store::Db;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::sync::OnceCell;

use super::data;

/// The address of a fresh database, made from a migrated template.
pub async fn postgres_database() -> Option<String> {
    static TEMPLATE: OnceCell<Option<(String, String)>> = OnceCell::const_new();
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let (server, template) = TEMPLATE.get_or_init(make_template).await.clone()?;
    let name = format!(
        "t{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    );
    let mut connection = PgConnection::connect(&server).await.expect("connects");
    // Two copies of one template at the same time refuse each other; the server's own lock orders them.
    connection
        .execute("select pg_advisory_lock(1)")
        .await
        .expect("locks");
    let sql = format!("create database {name} template {template}");
    connection
        .execute(AssertSqlSafe(sql))
        .await
        .expect("creates");
    connection
        .execute("select pg_advisory_unlock(1)")
        .await
        .expect("unlocks");
    Some(with_database(&server, &name))
}

async fn make_template() -> Option<(String, String)> {
    let Ok(server) = std::env::var("KAIXU_TEST_POSTGRES") else {
        assert!(
            !data::required("postgres"),
            "postgres is required, but KAIXU_TEST_POSTGRES is not set"
        );
        eprintln!("skipped: PostgreSQL (KAIXU_TEST_POSTGRES is not set; run scripts/test)");
        return None;
    };
    let name = format!("template_{}", std::process::id());
    let mut connection = PgConnection::connect(&server).await.expect("connects");
    connection
        .execute(AssertSqlSafe(format!("create database {name}")))
        .await
        .expect("creates");
    let db = Db::open_postgres(&with_database(&server, &name))
        .await
        .expect("opens");
    db.migrate().await.expect("migrates");
    db.close().await;
    Some((server, name))
}

fn with_database(server: &str, name: &str) -> String {
    let base = server
        .rsplit_once('/')
        .expect("an address with a database")
        .0;
    format!("{base}/{name}")
}
