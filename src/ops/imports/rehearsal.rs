//! A dry run is the same import into a throw-away database, which fetches the records that the rows meet. So
//! its counts are those of the real run, duplicates included, and the real database is only read.

use tempfile::TempDir;

use crate::{
    domain::{codes::AppNo, id::Id, intake::Intake},
    ops::{Error, Result, Services},
    store::{Db, Tx, conflicts, holdings, organisations, patents, sources},
};

/// The throw-away database; gone when dropped.
pub struct Rehearsal {
    db: Db,
    _folder: TempDir,
}

impl Rehearsal {
    pub async fn new(services: &Services, organisation: Option<&Id>) -> Result<Self> {
        let internal = |e: std::io::Error| Error::Internal(format!("scratch folder: {e}"));
        std::fs::create_dir_all(&services.limits.scratch).map_err(internal)?;
        let folder = tempfile::tempdir_in(&services.limits.scratch).map_err(internal)?;
        let db = Db::open_sqlite(&folder.path().join("rehearsal.sqlite")).await?;
        db.migrate().await?;
        let rehearsal = Self {
            db,
            _folder: folder,
        };
        let mut from = services.db.read().await?;
        let mut to = rehearsal.db.begin_plain().await?;
        copy_organisations(
            &mut from,
            &mut to,
            organisation.cloned().into_iter().collect(),
        )
        .await?;
        to.commit().await?;
        Ok(rehearsal)
    }

    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Copies what is recorded of these rows' patents, where no earlier row has met them.
    pub async fn fetch(&self, from: &Db, rows: &[Intake]) -> Result<()> {
        let mut numbers: Vec<AppNo> = rows.iter().map(|row| row.patent.number.clone()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut to = self.db.begin_plain().await?;
        let met: Vec<AppNo> = patents::list_by_numbers(&mut to, &numbers)
            .await?
            .into_iter()
            .map(|patent| patent.value.number)
            .collect();
        numbers.retain(|number| !met.contains(number));
        let mut from = from.read().await?;
        let held = holdings::list_by_numbers(&mut from, &numbers).await?;
        let parties = held.iter().map(|h| h.value.organisation.clone()).collect();
        copy_organisations(&mut from, &mut to, parties).await?;
        patents::put(
            &mut to,
            &patents::list_by_numbers(&mut from, &numbers).await?,
        )
        .await?;
        holdings::put(&mut to, &held).await?;
        let mut subjects: Vec<String> = numbers.iter().map(|n| n.as_str().to_owned()).collect();
        subjects.extend(held.iter().map(|holding| holding.value.id.to_string()));
        let known = sources::list(&mut from, &subjects).await?;
        sources::put(&mut to, &known.into_iter().collect::<Vec<_>>()).await?;
        let weighed = conflicts::list_by_numbers(&mut from, &numbers).await?;
        let deciding = weighed.iter().filter_map(|c| c.value.organisation.clone());
        copy_organisations(&mut from, &mut to, deciding.collect()).await?;
        conflicts::put(&mut to, &weighed).await?;
        to.commit().await?;
        Ok(())
    }
}

async fn copy_organisations(from: &mut Tx, to: &mut Tx, mut ids: Vec<Id>) -> Result<()> {
    ids.sort_unstable();
    ids.dedup();
    let here = organisations::list_by_ids(to, &ids).await?;
    ids.retain(|id| !here.iter().any(|known| known.value.id == *id));
    for party in organisations::list_by_ids(from, &ids).await? {
        organisations::insert(to, &party.value).await?;
    }
    Ok(())
}
