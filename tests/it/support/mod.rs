//! A world for a test: a fresh database (SQLite, or PostgreSQL from a template), its own index, worker and
//! router, driven without a socket. Dropping it stops everything.

pub mod data;
pub mod http;
pub mod market;
pub mod process;
pub mod server;
pub mod sql;
pub mod table;

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::Router;
use kaixu::{
    api,
    domain::{
        access::{Actor, Role},
        codes::Uscc,
        id::Ids,
        party::{Organisation, OrganisationKind},
        time::Clock,
    },
    jobs,
    ops::{self, Services, keys, organisations},
    search::{self, Search},
    sheet,
    store::Db,
    web,
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;
use tokio::sync::{OnceCell, watch};
use tokio_util::sync::CancellationToken;

/// Runs one test body on a world of either database.
#[macro_export]
macro_rules! on_both {
    ($(async fn $name:ident($world:ident) $body:block)*) => {
        $(mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($world: $crate::support::World) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                run($crate::support::World::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(world) = $crate::support::World::postgres().await {
                    run(world).await;
                }
            }
        })*
    };
}

/// The same on worlds whose clock stands at a moment until a test sets it.
#[macro_export]
macro_rules! on_both_at {
    ($at:literal; $(async fn $name:ident($world:ident) $body:block)*) => {
        $(mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($world: $crate::support::World) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                let clock = kaixu::domain::time::Clock::fixed($at);
                run($crate::support::World::sqlite_by(clock).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                let clock = kaixu::domain::time::Clock::fixed($at);
                if let Some(world) = $crate::support::World::postgres_by(clock).await {
                    run(world).await;
                }
            }
        })*
    };
}

/// Everything that a running server has, but its socket.
pub struct World {
    pub services: Services,
    pub router: Router,
    pub folder: TempDir,
    stop: CancellationToken,
    jobs: watch::Sender<bool>,
    next_uscc: std::sync::atomic::AtomicU32,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
        self.jobs.send_replace(true);
    }
}

impl World {
    pub async fn sqlite() -> Self {
        Self::sqlite_by(Clock::System).await
    }

    pub async fn sqlite_by(clock: Clock) -> Self {
        let folder = tempfile::tempdir().expect("temp folder");
        let db = Db::open_sqlite(&folder.path().join("kaixu.sqlite"))
            .await
            .expect("opens");
        db.migrate().await.expect("migrates");
        Self::by(clock, db, folder)
    }

    /// `None`, with a line that says so, where no PostgreSQL was started for the tests.
    pub async fn postgres() -> Option<Self> {
        Self::postgres_by(Clock::System).await
    }

    pub async fn postgres_by(clock: Clock) -> Option<Self> {
        let db = Db::open_postgres(&postgres_database().await?)
            .await
            .expect("opens");
        let folder = tempfile::tempdir().expect("temp folder");
        Some(Self::by(clock, db, folder))
    }

    pub fn by(clock: Clock, db: Db, folder: TempDir) -> Self {
        let index = folder.path().join("index");
        let mut options = search::Options::new(&index);
        options.writer_memory_bytes = 30_000_000;
        options.writer_threads = 1;
        options.poll = Duration::from_millis(20);
        let (search, indexer) = Search::open(options).expect("index opens");
        let services = Services {
            db: db.clone(),
            search: Some(search),
            clock,
            ids: Arc::new(Ids::random()),
            rules: Arc::new(kaixu::domain::rules::Rules::default()),
            mail: None,
            limits: ops::Limits {
                upload_bytes: 64 << 20,
                file_bytes: 8 << 20,
                sheet: sheet::Limits::default(),
                scratch: folder.path().join("scratch"),
            },
        };
        let stop = CancellationToken::new();
        let jobs = watch::Sender::new(false);
        tokio::spawn(indexer.run(Arc::new(db), stop.clone()));
        tokio::spawn(jobs::run(services.clone(), index, jobs.subscribe()));
        let limits = api::Limits {
            body_bytes: 1 << 20,
            request: Duration::from_secs(30),
            requests_per_minute: 0,
            behind_proxy: false,
        };
        let state = api::State::new(services.clone(), "test", limits);
        let options = web::Options {
            secure: true,
            attempts_per_minute: 0,
        };
        let router = api::router(state, web::router(services.clone(), options));
        Self {
            services,
            router,
            folder,
            stop,
            jobs,
            next_uscc: 1.into(),
        }
    }

    /// Waits until searches see everything committed so far.
    pub async fn indexed(&self) {
        let head = ops::health::check(&self.services)
            .await
            .expect("health")
            .head;
        let search = self.services.search.as_ref().expect("has an index");
        assert!(
            search.wait_for(head, Duration::from_mins(1)).await,
            "the index did not reach {head}"
        );
    }

    /// A registered organisation of the home district.
    pub async fn organisation(&self, name: &str) -> Organisation {
        let n = self
            .next_uscc
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let new = organisations::NewOrganisation {
            uscc: Uscc::complete(&format!("12371002{n:08}")).expect("completes"),
            name: name.into(),
            aliases: Vec::new(),
            kind: OrganisationKind::University,
            district: "371002".into(),
            fictional: true,
        };
        organisations::create(&self.services, &Actor::operator("test"), None, new)
            .await
            .expect("registers")
            .record
            .value
    }

    /// A key's text for `Authorization`.
    pub async fn key(&self, role: Role, organisation: Option<&Organisation>) -> String {
        let new = keys::NewKey {
            name: "test".into(),
            role,
            organisation: organisation.map(|o| o.id.to_string()),
            scopes: Vec::new(),
            expires_at: None,
        };
        keys::add(&self.services, new)
            .await
            .expect("adds a key")
            .1
            .reveal()
            .to_owned()
    }

    /// Writes a file into the world's folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("writes");
        path
    }
}

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
