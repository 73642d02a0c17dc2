//! One async function per command or question, and the only place that opens a transaction: permission, the
//! pure rule, the store, the change rows, commit. Nothing after the commit can fail a request.

use std::{path::PathBuf, sync::Arc};

use crate::{
    domain::{
        access::Actor,
        event::{Audience, Change, Noun, Verb, sha256_hex},
        holding::Holding,
        id::Ids,
        party::Organisation,
        patent::Patent,
        terms::Caps,
        time::{Clock, Instant},
    },
    search::Search,
    sheet,
    store::{Db, Tx},
};

pub mod asked;
pub mod changes;
pub mod error;
pub mod export;
pub mod health;
pub mod holdings;
pub mod idempotency;
pub mod imports;
pub mod installation;
pub mod keys;
pub mod organisations;
pub mod params;
pub mod patents;
pub mod reindex;
pub mod rejects;
pub mod terms;
pub mod verify;
pub mod work;

pub use crate::store::Stored;
pub use error::{Error, Fault};

pub type Result<T> = std::result::Result<T, Error>;

/// What every operation works with. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub db: Db,
    /// `None` at the command line, which writes the database only.
    pub search: Option<Search>,
    pub clock: Clock,
    pub ids: Arc<Ids>,
    pub limits: Limits,
}

/// The operator's limits on what comes in.
#[derive(Clone, Debug)]
pub struct Limits {
    pub upload_bytes: u64,
    pub sheet: sheet::Limits,
    /// Where an uploaded file is unpacked while it is read.
    pub scratch: PathBuf,
    /// Beyond these, fee terms are pointed out.
    pub fee_caps: Caps,
}

impl Services {
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn search(&self) -> Result<&Search> {
        self.search.as_ref().ok_or(Error::NotReady)
    }

    async fn write(&self, actor: &Actor) -> Result<Tx> {
        Ok(self.db.begin_write(self.now(), &actor.name).await?)
    }

    async fn read(&self) -> Result<Tx> {
        Ok(self.db.read().await?)
    }
}

/// The hash in a row that takes a record away from an audience: of nothing.
fn hash_of_nothing() -> String {
    sha256_hex(b"")
}

fn change_of_patent(patent: &Stored<Patent>) -> Change {
    Change {
        noun: Noun::Patent,
        verb: Verb::Set,
        key: patent.value.number.to_string(),
        version: patent.version,
        audience: Audience::Public,
        effective_on: None,
        body: None,
        body_hash: patent.hash.clone(),
    }
}

fn change_of_organisation(organisation: &Stored<Organisation>) -> Change {
    Change {
        noun: Noun::Organisation,
        verb: Verb::Set,
        key: organisation.value.id.to_string(),
        version: organisation.version,
        audience: Audience::Public,
        effective_on: None,
        body: None,
        body_hash: organisation.hash.clone(),
    }
}

/// The rows for a holding's new state; whoever loses sight of it gets a tombstone first.
fn changes_of_holding(before: Option<&Holding>, after: &Stored<Holding>) -> Vec<Change> {
    let set = Change {
        noun: Noun::Holding,
        verb: Verb::Set,
        key: after.value.id.to_string(),
        version: after.version,
        audience: after.value.audience(),
        effective_on: None,
        body: None,
        body_hash: after.hash.clone(),
    };
    match before {
        Some(before) if before.published && !after.value.published => vec![
            Change {
                verb: Verb::Gone,
                audience: Audience::Public,
                body_hash: hash_of_nothing(),
                ..set.clone()
            },
            set,
        ],
        _ => vec![set],
    }
}
