//! Figures that the plan asks for and that this register cannot count: an officer enters them with their source and
//! document; everybody reads them, marked as reported.

use super::{
    Error, Result, Services, announce::announce, files, idempotency::Key, organisations::Created,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        reported::{Indicator, Reported},
        time::Day,
    },
    store::{
        Stored, Tx,
        reported::{self, Filter},
    },
};

/// What an officer enters.
#[derive(Clone, Debug)]
pub struct Written {
    pub indicator: Indicator,
    pub district: String,
    pub on: Day,
    pub value_hundredths: i64,
    pub goal_hundredths: Option<i64>,
    pub responsible: String,
    pub source: String,
    /// The id of an uploaded file.
    pub file: Id,
}

impl Written {
    async fn reported(self, tx: &mut Tx, actor: &Actor, id: Id, today: Day) -> Result<Reported> {
        let file = files::cite(tx, actor, &self.file, "/file").await?;
        let reported = Reported {
            id,
            indicator: self.indicator,
            district: self.district,
            on: self.on,
            value_hundredths: self.value_hundredths,
            goal_hundredths: self.goal_hundredths,
            responsible: self.responsible.trim().to_owned(),
            source: self.source.trim().to_owned(),
            file,
        };
        reported.check(today)?;
        Ok(reported)
    }
}

/// Enters a figure.
pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    written: Written,
) -> Result<Created<Stored<Reported>>> {
    access::check(actor, Operation::CreateReported, None)?;
    let mut tx = services.write(actor).await?;
    if let Some(key) = key
        && let Some(id) = key.created(&mut tx).await?
    {
        return Ok(Created {
            record: load(&mut tx, &id).await?,
            repeated: true,
        });
    }
    let id = services.ids.next(tx.now());
    let reported = written
        .reported(&mut tx, actor, id, services.clock.today())
        .await?;
    vacant(&mut tx, &reported).await?;
    let record = reported::insert(&mut tx, reported).await?;
    announce(&mut tx, None, &record);
    let id = record.value.id.clone();
    Created::kept(tx, key, &id, record).await
}

/// Corrects a figure at version `expected`.
pub async fn update(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    written: Written,
) -> Result<Stored<Reported>> {
    access::check(actor, Operation::UpdateReported, None)?;
    let mut tx = services.write(actor).await?;
    let current = load(&mut tx, id).await?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let next = written
        .reported(&mut tx, actor, id.clone(), services.clock.today())
        .await?;
    if next == current.value {
        return Ok(current);
    }
    vacant(&mut tx, &next).await?;
    let record = reported::update(&mut tx, next, expected).await?;
    announce(&mut tx, Some(&current.value), &record);
    tx.commit().await?;
    Ok(record)
}

/// Nothing else is reported of the same indicator, district and day.
async fn vacant(tx: &mut Tx, reported: &Reported) -> Result<()> {
    let same = Filter {
        indicator: Some(reported.indicator.as_str().to_owned()),
        district: Some(reported.district.clone()),
        on: Some(reported.on),
        until: None,
    };
    let found = reported::page(tx, &same, None, 2).await?;
    if found.iter().any(|other| other.value.id != reported.id) {
        return Err(Error::Exists("reported"));
    }
    Ok(())
}

pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Stored<Reported>> {
    access::check(actor, Operation::GetReported, None)?;
    let mut tx = services.read().await?;
    load(&mut tx, id).await
}

/// A page, the latest entered first, and how many there are.
pub async fn list(
    services: &Services,
    actor: &Actor,
    indicator: Option<Indicator>,
    before: Option<&str>,
    limit: usize,
) -> Result<(Vec<Stored<Reported>>, i64)> {
    access::check(actor, Operation::ListReported, None)?;
    let filter = Filter {
        indicator: indicator.map(|i| i.as_str().to_owned()),
        ..Filter::default()
    };
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let page = reported::page(&mut tx, &filter, before, limit).await?;
    let total = reported::count(&mut tx, &filter).await?;
    Ok((page, total))
}

async fn load(tx: &mut Tx, id: &Id) -> Result<Stored<Reported>> {
    let found = reported::find(tx, id).await?;
    found.ok_or(Error::NotFound("reported"))
}
