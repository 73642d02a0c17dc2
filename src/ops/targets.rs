//! Targets: what a district wants to reach, as data. A fresh installation has the district's own.

use super::{
    Error, Result, Services, announce::announce, idempotency::Key, organisations::Created,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        indicator::{Metric, RULE, Side, Target},
        time::Day,
    },
    store::{Stored, Tx, targets},
};

/// What an officer writes of a target.
#[derive(Clone, Debug)]
pub struct Written {
    pub name: String,
    pub metric: Metric,
    pub value: i64,
    pub from: Day,
    pub to: Day,
    pub district: String,
    pub side: Side,
    pub responsible: Vec<String>,
}

impl Written {
    fn target(self, id: Id) -> Result<Target> {
        let target = Target {
            id,
            name: self.name.trim().to_owned(),
            metric: self.metric,
            value: self.value,
            from: self.from,
            to: self.to,
            district: self.district,
            side: self.side,
            responsible: self
                .responsible
                .iter()
                .map(|unit| unit.trim().to_owned())
                .collect(),
            rule: RULE.to_owned(),
        };
        target.check()?;
        Ok(target)
    }
}

/// The most targets; they are read whole.
const MOST: usize = 200;

/// Makes the district's target where there is none yet.
pub async fn ensure(services: &Services) -> Result<()> {
    let mut tx = services.read().await?;
    if !all(&mut tx).await?.is_empty() {
        return Ok(());
    }
    drop(tx);
    let mut tx = services.db.begin_write(services.now(), "system").await?;
    if all(&mut tx).await?.is_empty() {
        let target = Target::huancui(services.ids.next(services.now()));
        let record = targets::insert(&mut tx, target).await?;
        announce(&mut tx, None, &record);
        tx.commit().await?;
    }
    Ok(())
}

/// All of them, the oldest first.
pub async fn list(services: &Services, actor: &Actor) -> Result<Vec<Stored<Target>>> {
    access::check(actor, Operation::ListTargets, None)?;
    let mut tx = services.read().await?;
    all(&mut tx).await
}

pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Stored<Target>> {
    access::check(actor, Operation::GetTarget, None)?;
    let mut tx = services.read().await?;
    targets::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("target"))
}

pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    written: Written,
) -> Result<Created<Stored<Target>>> {
    access::check(actor, Operation::CreateTarget, None)?;
    let mut tx = services.write(actor).await?;
    if let Some(key) = key
        && let Some(id) = key.created(&mut tx).await?
    {
        let record = targets::find(&mut tx, &id)
            .await?
            .ok_or(Error::NotFound("target"))?;
        return Ok(Created {
            record,
            repeated: true,
        });
    }
    if all(&mut tx).await?.len() >= MOST {
        return Err(Error::fault(
            "",
            "tooMany",
            "指标过多。",
            "There are too many targets.",
        ));
    }
    let target = written.target(services.ids.next(tx.now()))?;
    let record = targets::insert(&mut tx, target).await?;
    announce(&mut tx, None, &record);
    let id = record.value.id.clone();
    Created::kept(tx, key, &id, record).await
}

pub async fn update(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    written: Written,
) -> Result<Stored<Target>> {
    access::check(actor, Operation::UpdateTarget, None)?;
    let mut tx = services.write(actor).await?;
    let current = targets::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("target"))?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let next = written.target(id.clone())?;
    if next == current.value {
        return Ok(current);
    }
    let record = targets::update(&mut tx, next, expected).await?;
    announce(&mut tx, Some(&current.value), &record);
    tx.commit().await?;
    Ok(record)
}

/// The target that is asked for; the oldest when none is named.
pub(super) async fn chosen(tx: &mut Tx, id: Option<&Id>) -> Result<Target> {
    let found = match id {
        Some(id) => targets::find(tx, id).await?,
        None => targets::page_by_id(tx, "", 1).await?.into_iter().next(),
    };
    Ok(found.ok_or(Error::NotFound("target"))?.value)
}

async fn all(tx: &mut Tx) -> Result<Vec<Stored<Target>>> {
    let most = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    Ok(targets::page_by_id(tx, "", most).await?)
}
