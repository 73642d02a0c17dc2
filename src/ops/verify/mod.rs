//! The audit: one checker walks the chain of changes from the first row, compares every record with its last row and
//! every citation with its file, reads the law once more and counts every target again; over a database, or over
//! its dump, which needs no database. It stops at the first thing that does not hold and names it.

mod checker;
mod citations;
mod contents;
mod count;
mod dumped;
mod history;
mod law;
pub(super) mod line;
mod records;
mod recount;
pub(super) mod source;
mod subjects;

pub use dumped::{Unreadable, verify_dump, verify_dump_against};

use self::{
    checker::Checker,
    line::Line,
    source::{Stop, Taker},
};
use super::{Result, Services};
use crate::{
    domain::{audit_head::AuditHead, event::Noun},
    store::{
        Tx, annuities, cards, closings, conflicts, consents, declarations, disputes, encumbrances,
        enquiries, holdings, inventory, licences, listings, needs, organisations, patents,
        performances, reported,
    },
};

pub(super) use dumped::Sum;

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub changes: u64,
    pub records: u64,
    /// Of the records: held against the law.
    pub declarations: u64,
    pub licences: u64,
    /// Targets whose figures are as counted.
    pub targets: u64,
    /// Counts of a target on a day by some knowledge, each made twice.
    pub counts: u64,
    pub files: u64,
    /// Contents kept, of files and of imports; of a database only.
    pub blobs: u64,
    pub imports: u64,
    /// Records of whose values it is kept where they come from; of a database only.
    pub sources: u64,
    /// Heads that somebody has kept, held against the chain.
    pub heads: u64,
}

/// The first thing that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Break {
    /// `change 17`, `patents/2019…`
    pub place: String,
    pub what: String,
}

fn broken(place: impl Into<String>, what: impl Into<String>) -> Break {
    Break {
        place: place.into(),
        what: what.into(),
    }
}

impl Taker for Checker {
    type Enough = Break;

    fn take(&mut self, line: Line) -> std::result::Result<(), Break> {
        Checker::take(self, line)
    }

    fn unreadable(&mut self, subject: String) -> Stop<Break> {
        Stop::Enough(broken(subject, "its document is not JSON"))
    }
}

/// Checks the whole database in one snapshot.
pub async fn verify(services: &Services) -> Result<std::result::Result<Report, Break>> {
    verify_against(services, &[]).await
}

/// The same, and holds heads against it that somebody has kept.
pub async fn verify_against(
    services: &Services,
    heads: &[AuditHead],
) -> Result<std::result::Result<Report, Break>> {
    let mut tx = services.read().await?;
    let mut checker = Checker::against(heads);
    match source::tell(services, &mut tx, &mut checker).await {
        Ok(()) => {}
        Err(Stop::Enough(found)) => return Ok(Err(found)),
        Err(Stop::Failed(error)) => return Err(error),
    }
    if let Err(found) = checker.finish() {
        return Ok(Err(found));
    }
    let mut report = checker.report;
    macro_rules! holds {
        ($check:expr) => {
            if let Err(found) = $check.await? {
                return Ok(Err(found));
            }
        };
    }
    holds!(columns(&mut tx));
    holds!(contents::blobs(&mut tx, &mut report));
    holds!(contents::files(&mut tx));
    holds!(contents::import_counts(&mut tx, &mut report));
    holds!(contents::sources(&mut tx, &mut report));
    Ok(Ok(report))
}

type Checked = Result<std::result::Result<(), Break>>;

/// What lists are narrowed by, and who sees what, is what the documents say.
async fn columns(tx: &mut Tx) -> Checked {
    for noun in Noun::ALL {
        let mut after = String::new();
        loop {
            let (found, last) = match noun {
                Noun::Holding => holdings::misfiled(tx, &after, 500).await?,
                Noun::Organisation => organisations::misfiled(tx, &after, 500).await?,
                Noun::Declaration => declarations::misfiled(tx, &after, 500).await?,
                Noun::Licence => licences::misfiled(tx, &after, 500).await?,
                Noun::Encumbrance => encumbrances::misfiled(tx, &after, 500).await?,
                Noun::Patent => patents::misfiled(tx, &after, 500).await?,
                Noun::Need => needs::misfiled(tx, &after, 500).await?,
                Noun::Closing => closings::misfiled(tx, &after, 500).await?,
                Noun::Reported => reported::misfiled(tx, &after, 500).await?,
                Noun::Inventory => inventory::misfiled(tx, &after, 500).await?,
                Noun::FeeLedger => annuities::misfiled(tx, &after, 500).await?,
                Noun::Card => cards::misfiled(tx, &after, 500).await?,
                Noun::Conflict => conflicts::misfiled(tx, &after, 500).await?,
                Noun::Listing => listings::misfiled(tx, &after, 500).await?,
                Noun::Consent => consents::misfiled(tx, &after, 500).await?,
                Noun::Performance => performances::misfiled(tx, &after, 500).await?,
                Noun::Enquiry => enquiries::misfiled(tx, &after, 500).await?,
                Noun::Dispute => disputes::misfiled(tx, &after, 500).await?,
                // Nothing is narrowed by columns of theirs.
                Noun::Target | Noun::DueList | Noun::Reference | Noun::AuditHead => (None, None),
            };
            if let Some(key) = found {
                let place = format!("{}/{key}", noun.plural());
                return Ok(Err(broken(
                    place,
                    "its columns are not those of its document",
                )));
            }
            let Some(last) = last else { break };
            after = last;
        }
    }
    Ok(Ok(()))
}
