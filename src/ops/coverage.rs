//! Coverage as the public sees it: registered, due and percent of each holder and of a district, with day and source.
//! Worked out once for each state of the database; no number of anybody's list is in it.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::Mutex;

use super::{Result, Services, due};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        due::{DueBasis, share_bp},
        id::Id,
        party::Organisation,
        time::Day,
    },
    store::{Tx, changes, organisations},
};

/// One holder's coverage.
#[derive(Clone, Debug)]
pub struct HolderCoverage {
    pub organisation: Id,
    pub name: String,
    pub district: String,
    pub registered: i64,
    pub due: i64,
    pub as_of: Day,
    pub source: String,
    pub basis: DueBasis,
    pub by_office: bool,
    pub fictional: bool,
}

impl HolderCoverage {
    pub const fn share_bp(&self) -> Option<i64> {
        share_bp(self.registered, self.due)
    }
}

/// The holders that have said what is due, by name, and their sum.
#[derive(Clone, Debug, Default)]
pub struct DistrictCoverage {
    pub holders: Vec<HolderCoverage>,
    pub registered: i64,
    pub due: i64,
}

impl DistrictCoverage {
    pub const fn share_bp(&self) -> Option<i64> {
        share_bp(self.registered, self.due)
    }
}

/// The coverage of the latest state of the database, and the change it was worked out at. Whoever asks meanwhile waits
/// for the one that works it out.
#[derive(Default)]
pub struct Covered(Mutex<Option<(i64, Arc<Vec<HolderCoverage>>)>>);

/// The coverage of a district's holders (`None`: of all).
pub async fn coverage(
    services: &Services,
    actor: &Actor,
    district: Option<&str>,
) -> Result<DistrictCoverage> {
    access::check(actor, Operation::GetCoverage, None)?;
    let all = all(services).await?;
    let here = |holder: &&HolderCoverage| district.is_none_or(|code| holder.district == code);
    let holders: Vec<HolderCoverage> = all.iter().filter(here).cloned().collect();
    Ok(DistrictCoverage {
        // More than everything is everything: a stated count may be too small, and must not cover for another holder.
        registered: holders.iter().map(|h| h.registered.min(h.due)).sum(),
        due: holders.iter().map(|h| h.due).sum(),
        holders,
    })
}

async fn all(services: &Services) -> Result<Arc<Vec<HolderCoverage>>> {
    let mut kept = services.covered.0.lock().await;
    let mut tx = services.read().await?;
    let head = changes::head(&mut tx).await?.seq;
    if let Some((seq, known)) = &*kept
        && *seq == head
    {
        return Ok(known.clone());
    }
    let known = Arc::new(work_out(&mut tx).await?);
    *kept = Some((head, known.clone()));
    Ok(known)
}

async fn work_out(tx: &mut Tx) -> Result<Vec<HolderCoverage>> {
    let lists = due::all(tx).await?;
    let ids: Vec<Id> = lists.iter().map(|l| l.value.organisation.clone()).collect();
    let mut parties: HashMap<Id, Organisation> = HashMap::new();
    for chunk in ids.chunks(500) {
        let found = organisations::list_by_ids(tx, chunk).await?.into_iter();
        parties.extend(found.map(|party| (party.value.id.clone(), party.value)));
    }
    let mut holders = Vec::with_capacity(lists.len());
    for list in lists {
        let counts = due::counted(tx, &list.value).await?;
        let Some(party) = parties.remove(&list.value.organisation) else {
            continue;
        };
        let coverage = crate::domain::due::Coverage {
            list: list.value,
            counts,
        };
        holders.push(HolderCoverage {
            organisation: party.id,
            name: party.name,
            district: party.district,
            registered: counts.registered,
            due: coverage.due(),
            as_of: coverage.list.as_of,
            source: coverage.list.source,
            basis: coverage.list.basis,
            by_office: coverage.list.by_office,
            fictional: party.fictional,
        });
    }
    holders.sort_by(|a, b| {
        a.name
            .cmp(&b.name)
            .then_with(|| a.organisation.cmp(&b.organisation))
    });
    Ok(holders)
}
