//! A world for a test: a fresh database (SQLite, or PostgreSQL from a template), its own index, worker and
//! router, driven without a socket. Dropping it stops everything.

mod both;
pub mod browser;
pub mod cards;
pub mod chromium;
pub mod data;
pub mod formats;
pub mod http;
pub mod invariants;
pub mod market;
mod postgres;
pub mod process;
pub mod provider;
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
        rules::Rules,
        time::Clock,
    },
    jobs,
    ops::{self, Services, keys, organisations},
    search::{self, Search},
    sheet,
    store::Db,
    web,
};
pub use postgres::postgres_database;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

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
            clock,
            ..services_over(db.clone(), Some(search), folder.path())
        };
        let stop = CancellationToken::new();
        let jobs = watch::Sender::new(false);
        tokio::spawn(indexer.run(Arc::new(db), stop.clone()));
        tokio::spawn(jobs::run(services.clone(), index, jobs.subscribe()));
        Self::assembled(services, folder, stop, jobs)
    }

    /// The router alone, over a database that somebody else serves: no index of its own, no worker.
    pub fn beside(services: Services) -> Self {
        let folder = tempfile::tempdir().expect("temp folder");
        let (stop, jobs) = (CancellationToken::new(), watch::Sender::new(false));
        Self::assembled(services, folder, stop, jobs)
    }

    fn assembled(
        services: Services,
        folder: TempDir,
        stop: CancellationToken,
        jobs: watch::Sender<bool>,
    ) -> Self {
        let router = router_of(&services, false);
        Self {
            services,
            router,
            folder,
            stop,
            jobs,
            next_uscc: 1.into(),
        }
    }

    /// The same world behind a proxy of ours, whose word for who calls is believed.
    #[must_use]
    pub fn behind_proxy(mut self) -> Self {
        self.router = router_of(&self.services, true);
        self
    }

    /// The same world under other rules.
    #[must_use]
    pub fn ruled(mut self, rules: Rules) -> Self {
        self.services.rules = Arc::new(rules);
        self.router = router_of(&self.services, false);
        self
    }

    /// The same world without anybody who writes the index, for what is never searched.
    #[must_use]
    pub fn unindexed(self) -> Self {
        self.stop.cancel();
        self
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
            town: None,
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

/// The operations over a database, with ordinary limits.
pub fn services_over(db: Db, search: Option<Search>, folder: &std::path::Path) -> Services {
    Services {
        db,
        search,
        clock: Clock::System,
        ids: Arc::new(Ids::random()),
        rules: Arc::default(),
        access: ops::Access::default(),
        refusals: Arc::default(),
        counted: Arc::default(),
        covered: Arc::default(),
        demand: Arc::default(),
        reference: Arc::default(),
        layouts: Arc::default(),
        face: None,
        site: "https://kaixu.test".into(),
        mail: None,
        providers: Arc::default(),
        limits: ops::Limits {
            upload_bytes: 64 << 20,
            file_bytes: 8 << 20,
            sheet: sheet::Limits::default(),
            scratch: folder.join("scratch"),
        },
    }
}

fn router_of(services: &Services, behind_proxy: bool) -> Router {
    let limits = api::Limits {
        body_bytes: 1 << 20,
        request: Duration::from_secs(30),
        requests_per_minute: 0,
        behind_proxy,
    };
    let state = api::State::new(services.clone(), "test", limits);
    let options = web::Options {
        secure: true,
        attempts_per_minute: 0,
    };
    api::router(state, web::router(services.clone(), options))
}
