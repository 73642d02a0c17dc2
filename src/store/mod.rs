//! The only folder that knows SQL. One SQL text runs on SQLite and PostgreSQL (`on!`), one writer at a
//! time on both (`begin_write`), and every change of a record leaves numbered, hashed rows when its
//! transaction commits: no write can forget the audit, the feed or the index.

use std::{path::Path, str::FromStr as _, time::Duration};

use sqlx::{
    PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::domain::{
    event::{Change, ChangeRow},
    time::Instant,
};

/// Runs the same expression on whichever database the transaction is of.
macro_rules! on {
    ($tx:expr, $conn:ident => $body:expr) => {
        match &mut $tx.inner {
            $crate::store::Inner::Sqlite($conn) => $body,
            $crate::store::Inner::Postgres($conn) => $body,
        }
    };
}

pub mod accounts;
pub mod annuities;
pub mod audit;
pub mod audit_heads;
pub mod backup;
pub mod blobs;
pub mod cards;
pub mod changes;
pub mod closings;
pub mod conflicts;
pub mod consents;
pub mod contacts;
pub mod declarations;
pub mod delegations;
pub mod dictionaries;
pub mod disputes;
mod document;
pub mod due;
pub mod encumbrances;
pub mod enquiries;
pub mod files;
pub mod holdings;
pub mod idempotency;
pub mod identities;
pub mod import_mappings;
pub mod imports;
pub mod inventory;
pub mod invitations;
pub mod jobs;
pub mod keys;
pub mod licences;
pub mod listings;
pub mod messages;
pub mod meta;
pub mod needs;
pub mod organisations;
pub mod patents;
pub mod performances;
pub mod reference;
pub mod reported;
pub mod reviews;
pub mod rows;
pub mod second_factors;
pub mod sessions;
pub mod sources;
pub mod stock;
pub mod sub_units;
pub mod submissions;
pub mod targets;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another writer holds the lock for too long; worth trying again.
    #[error("the database is busy")]
    Busy,
    /// The record is no longer at the version that the change was made against.
    #[error("the record has changed meanwhile")]
    Stale,
    /// A unique key is taken.
    #[error("a record with this key exists")]
    Duplicate,
    #[error("stored record cannot be read: {0}")]
    Corrupt(String),
    #[error("{0}")]
    Unsuitable(String),
    #[error("database: {0}")]
    Sql(sqlx::Error),
    #[error("file: {0}")]
    Io(#[from] std::io::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(db) = &error {
            if db.is_unique_violation() {
                return Self::Duplicate;
            }
            // 55P03: lock_timeout (PostgreSQL); 5 and its extended forms: SQLITE_BUSY.
            if matches!(db.code().as_deref(), Some("55P03" | "5" | "261" | "517")) {
                return Self::Busy;
            }
        }
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Busy;
        }
        Self::Sql(error)
    }
}

pub type Result<T> = std::result::Result<T, Error>;

/// A stored record with its version (from 1) and the hash of its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<T> {
    pub version: i64,
    pub hash: String,
    pub value: T,
}

/// The database, embedded or PostgreSQL. Cheap to clone.
#[derive(Clone)]
pub enum Db {
    Sqlite {
        /// Exactly one connection: the writer.
        write: SqlitePool,
        /// Read-only connections; WAL lets them work beside the writer.
        read: SqlitePool,
    },
    Postgres(PgPool),
}

pub(crate) enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction. Reading ones see one snapshot; writing ones hold the writer's place until they end.
pub struct Tx {
    pub(crate) inner: Inner,
    writing: Option<Writing>,
}

struct Writing {
    now: Instant,
    actor: String,
    seq: i64,
    hash: String,
    /// From where it is written, where that is known.
    address: Option<String>,
    changes: Vec<Change>,
}

const LOCK_TIMEOUT: Duration = Duration::from_secs(3);

impl Db {
    /// Opens (and creates) an embedded database file.
    pub async fn open_sqlite(file: &Path) -> Result<Self> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(LOCK_TIMEOUT)
            .pragma("journal_size_limit", "67108864");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .acquire_timeout(LOCK_TIMEOUT)
            .connect_with(
                options
                    .clone()
                    .pragma("cache_size", "-32000")
                    // 16 MB of the log are carried over at once: pages that many batches touch are written once.
                    .pragma("wal_autocheckpoint", "4000"),
            )
            .await?;
        // Each reader has a cache of its own, and the system keeps the pages as well.
        let read = SqlitePoolOptions::new()
            .max_connections(6)
            .connect_with(options.read_only(true).pragma("cache_size", "-4000"))
            .await?;
        Ok(Self::Sqlite { write, read })
    }

    /// Connects to PostgreSQL; refuses a database whose text order is not that of bytes.
    pub async fn open_postgres(url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("kaixu")
            .options([
                ("lock_timeout", "3s"),
                ("idle_in_transaction_session_timeout", "600s"),
            ]);
        let pool = PgPoolOptions::new()
            .max_connections(12)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await?;
        suits(&pool).await?;
        Ok(Self::Postgres(pool))
    }

    /// Brings the schema up to this version of the program.
    pub async fn migrate(&self) -> Result<()> {
        let migrations = sqlx::migrate!("./migrations");
        let outcome = match self {
            Self::Sqlite { write, .. } => migrations.run(write).await,
            Self::Postgres(pool) => migrations.run(pool).await,
        };
        outcome.map_err(|e| Error::Unsuitable(format!("migration: {e}")))
    }

    /// Has this database been set up before?
    pub async fn has_schema(&self) -> Result<bool> {
        let count: i64 = match self {
            Self::Sqlite { read, .. } => {
                sqlx::query_scalar("select count(*) from sqlite_master where name = 'head'")
                    .fetch_one(read)
                    .await?
            }
            Self::Postgres(pool) => {
                sqlx::query_scalar(
                    "select count(*) from information_schema.tables where table_name = 'head'",
                )
                .fetch_one(pool)
                .await?
            }
        };
        Ok(count > 0)
    }

    /// A snapshot to read from.
    pub async fn read(&self) -> Result<Tx> {
        let inner = match self {
            Self::Sqlite { read, .. } => Inner::Sqlite(read.begin().await?),
            Self::Postgres(pool) => {
                let snapshot = "begin isolation level repeatable read, read only";
                Inner::Postgres(begun(pool, snapshot).await?)
            }
        };
        Ok(Tx {
            inner,
            writing: None,
        })
    }

    /// The writer's transaction: the only kind that may change records. On PostgreSQL its first statement
    /// takes the head row, so everything read afterwards is current and stays so until the commit.
    pub async fn begin_write(&self, now: Instant, actor: &str) -> Result<Tx> {
        let mut tx = match self {
            Self::Sqlite { write, .. } => Tx {
                inner: Inner::Sqlite(write.begin_with("begin immediate").await?),
                writing: None,
            },
            Self::Postgres(pool) => Tx {
                inner: Inner::Postgres(begun(pool, "begin").await?),
                writing: None,
            },
        };
        let (seq, hash): (i64, String) = on!(tx, conn =>
            sqlx::query_as("update head set seq = seq where id = 1 returning seq, hash").fetch_one(&mut **conn).await?);
        tx.writing = Some(Writing {
            now,
            actor: actor.to_owned(),
            seq,
            hash,
            address: None,
            changes: Vec::new(),
        });
        Ok(tx)
    }

    /// A transaction for what decides nothing: leases, last-used marks, parts of an upload.
    pub async fn begin_plain(&self) -> Result<Tx> {
        let inner = match self {
            Self::Sqlite { write, .. } => Inner::Sqlite(write.begin_with("begin immediate").await?),
            Self::Postgres(pool) => Inner::Postgres(begun(pool, "begin").await?),
        };
        Ok(Tx {
            inner,
            writing: None,
        })
    }

    /// `sqlite` or `postgres`, for messages and metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Announces a change; it is numbered and hashed when the transaction commits.
    pub fn record(&mut self, change: Change) {
        self.writing
            .as_mut()
            .expect("records change only in begin_write transactions")
            .changes
            .push(change);
    }

    /// From where it is written; kept beside the changes when it commits.
    pub fn comes_from(&mut self, address: Option<String>) {
        if let Some(writing) = self.writing.as_mut() {
            writing.address = address;
        }
    }

    /// The instant this writing transaction was given.
    pub fn now(&self) -> Instant {
        self.writing
            .as_ref()
            .expect("only writing transactions have a time")
            .now
    }

    /// Numbers, chains and inserts the announced changes, moves the head, commits. Returns the head's seq.
    pub async fn commit(mut self) -> Result<i64> {
        let mut head = 0;
        if let Some(writing) = self.writing.take() {
            head = self.append(writing).await?;
        }
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
        }
        Ok(head)
    }

    async fn append(&mut self, writing: Writing) -> Result<i64> {
        let Writing {
            now,
            actor,
            mut seq,
            mut hash,
            address,
            changes,
        } = writing;
        let first = seq + 1;
        if changes.is_empty() {
            return Ok(seq);
        }
        // Read now, when nobody else writes: whoever began before it was settled would know another.
        let algorithm = meta::chain_hash(self).await?;
        let mut rows = Vec::with_capacity(changes.len());
        for change in changes {
            seq += 1;
            let mut row = ChangeRow {
                seq,
                at: now,
                actor: actor.clone(),
                kind: change.kind(),
                subject: change.subject(),
                subject_version: change.version,
                audience: change.audience.as_text(),
                effective_on: change.effective_on,
                body: change.body,
                body_hash: change.body_hash,
                prev: std::mem::take(&mut hash),
                hash: String::new(),
            };
            row.hash = row.expected_hash(algorithm);
            hash.clone_from(&row.hash);
            rows.push(row);
        }
        changes::insert(self, &rows).await?;
        if let Some(address) = address {
            audit::keep_origin(self, first, seq, &address).await?;
        }
        on!(self, conn => sqlx::query("update head set seq = $1, hash = $2 where id = 1")
            .bind(seq).bind(&hash).execute(&mut **conn).await?.rows_affected());
        Ok(seq)
    }
}

/// Begins in a task of its own, which ends even when nobody waits for it any more: sqlx 0.9 counts a transaction as
/// begun only once the server has answered, so that whoever gives up halfway (a caller who hangs up) would hand the
/// connection back inside it, and the next writer would find itself in somebody's read-only snapshot.
async fn begun(
    pool: &PgPool,
    statement: &'static str,
) -> sqlx::Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let beginning = tokio::spawn(async move { pool.begin_with(statement).await });
    beginning.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

/// Text must be UTF-8 and sort by its bytes. The order is tried out: a database of an ICU locale names `C` as
/// its `datcollate` all the same.
async fn suits(pool: &PgPool) -> Result<()> {
    let (collation, by_bytes, encoding): (String, bool, String) = sqlx::query_as(
        "select datcollate::text, 'B' < 'a' and 'Z' < '_' and '_' < 'a', current_setting('server_encoding') \
         from pg_database where datname = current_database()",
    )
    .fetch_one(pool)
    .await?;
    let what = match collation.as_str() {
        "C" | "POSIX" | "C.UTF-8" | "C.utf8" if !by_bytes => {
            "does not sort text by its bytes".into()
        }
        "C" | "POSIX" | "C.UTF-8" | "C.utf8" if encoding == "UTF8" => return Ok(()),
        "C" | "POSIX" | "C.UTF-8" | "C.utf8" => format!("is encoded in {encoding}"),
        other => format!("sorts text by {other}"),
    };
    Err(Error::Unsuitable(format!(
        "the PostgreSQL database {what}; create it with: \
         createdb --template=template0 --encoding=UTF8 --lc-collate=C --lc-ctype=C.UTF-8 NAME"
    )))
}

/// A stored day or the reason why it is none.
fn day(text: Option<String>) -> Result<Option<jiff::civil::Date>> {
    text.map(|t| t.parse().map_err(|_| Error::Corrupt(format!("day {t}"))))
        .transpose()
}

/// A stored word of one of our enumerations.
fn word<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    parse(text).ok_or_else(|| Error::Corrupt(format!("unknown word {text}")))
}

fn id(text: &str) -> Result<crate::domain::id::Id> {
    word(text, crate::domain::id::Id::parse)
}
