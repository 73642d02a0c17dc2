//! One async function per command or question, and the only place that opens a transaction: permission, the
//! pure rule, the store, the change rows, commit. Nothing after the commit can fail a request.

use std::{path::PathBuf, sync::Arc};

use crate::{
    domain::{
        access::Actor,
        id::Ids,
        rules::Rules,
        time::{Clock, Instant},
    },
    remote::mail::Mailer,
    search::Search,
    sheet,
    store::{Db, Tx},
};

pub mod accounts;
mod announce;
pub mod annuities;
pub mod appraisals;
pub mod asked;
pub mod audit;
pub mod audit_heads;
pub mod bulletins;
pub mod cards;
pub mod changes;
pub mod closings;
pub mod conflicts;
pub mod consents;
pub mod corrections;
pub mod coverage;
pub mod dealings;
pub mod declarations;
pub mod delegations;
pub mod desks;
pub mod dictionaries;
pub mod disputes;
pub mod due;
pub mod dump;
pub mod encumbrances;
pub mod enquiries;
pub mod error;
pub mod export;
pub mod files;
pub mod health;
pub mod history;
pub mod holdings;
pub mod idempotency;
pub mod imports;
pub mod inbox;
pub mod installation;
pub mod inventory;
pub mod keys;
mod letter;
pub mod licences;
pub mod listings;
pub mod mail;
pub mod matches;
pub mod needs;
pub mod organisations;
pub mod origin;
pub mod out;
pub mod papers;
pub mod params;
pub mod patents;
pub mod performances;
pub mod prices;
pub mod progress;
pub mod prospects;
pub mod provenance;
pub mod questionnaire;
pub mod records;
pub mod reference;
pub mod reindex;
pub mod rejects;
pub mod reminders;
pub mod reported;
pub mod reviews;
pub mod sessions;
pub mod stock;
pub mod sub_units;
pub mod submissions;
pub mod tables;
pub mod targets;
pub mod tasks;
pub mod terms;
mod uploads;
pub mod verification;
pub mod verify;
pub mod watch;
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
    /// Where the operator has set it up.
    pub mail: Option<Mailer>,
    /// With whom people may sign in, as the operator has set it up.
    pub providers: Arc<[accounts::providers::Provider]>,
    /// The operator's settings of the law's application.
    pub rules: Arc<Rules>,
    /// The operator's settings of sign-ins and of what is kept of them.
    pub access: Access,
    /// Refusals that were written lately.
    pub refusals: Arc<audit::Refusals>,
    /// What the count was last made from.
    pub counted: Arc<progress::Counted>,
    /// The coverage that was worked out last.
    pub covered: Arc<coverage::Covered>,
    /// Which patents the open needs ask for, as it was worked out last.
    pub demand: Arc<appraisals::Demand>,
    /// What codes are called.
    pub reference: Arc<reference::Known>,
    /// How sheets of stock are laid out.
    pub layouts: Arc<sheet::Layouts>,
    /// The font of papers as PDF, where the program makes them and the operator has named one.
    pub face: Option<papers::Face>,
    /// Where people reach this installation, for addresses in files; empty where the operator has not said.
    pub site: Arc<str>,
}

/// The operator's settings of sign-ins and of what is kept of them.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    /// Accounts of the office must have a second factor.
    pub office_second_factor: bool,
    /// Lines of the audit are kept so long; at least 400 days.
    pub audit_days: i64,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            office_second_factor: false,
            audit_days: 400,
        }
    }
}

/// The operator's limits on what comes in.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest file to import.
    pub upload_bytes: u64,
    /// The largest file kept as evidence.
    pub file_bytes: u64,
    pub sheet: sheet::Limits,
    /// Where an uploaded file is unpacked while it is read.
    pub scratch: PathBuf,
}

impl Services {
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn search(&self) -> Result<&Search> {
        self.search.as_ref().ok_or(Error::NotReady)
    }

    async fn write(&self, actor: &Actor) -> Result<Tx> {
        let mut tx = self.db.begin_write(self.now(), &actor.name).await?;
        tx.comes_from(origin::address());
        Ok(tx)
    }

    async fn read(&self) -> Result<Tx> {
        Ok(self.db.read().await?)
    }
}
