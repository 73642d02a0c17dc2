//! 封账: an officer closes a month once it is over. The closing keeps the pair of day and knowledge by which the month
//! was counted, in a transaction of its own, so that its figures are those of the change right before it.

use super::{
    Error, Result, Services,
    announce::announce,
    idempotency::Key,
    organisations::Created,
    progress::{self, Asked, reckoned},
    targets,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        indicator::{self, Closing},
    },
    store::{Stored, Tx, changes, closings},
};

/// Closes a month of a target; the oldest target when none is named.
pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    target: Option<&Id>,
    month: &str,
) -> Result<Created<Stored<Closing>>> {
    access::check(actor, Operation::CreateClosing, None)?;
    // Counted beforehand, so that inside the one writing transaction it is as a rule only looked up.
    let asked = Asked {
        target: target.cloned(),
        ..Asked::default()
    };
    progress::progress(services, actor, &asked).await?;
    let mut tx = services.write(actor).await?;
    if let Some(key) = key
        && let Some(id) = key.created(&mut tx).await?
    {
        return Ok(Created {
            record: load(&mut tx, &id).await?,
            repeated: true,
        });
    }
    let target = targets::chosen(&mut tx, target).await?;
    let as_of = indicator::last_day(&target, month)?;
    let earlier = closings::list_of_target(&mut tx, &target.id).await?;
    let last = earlier.last().map(|closing| &closing.value);
    indicator::may_close(as_of, last, services.clock.today())?;
    let known_at = changes::head(&mut tx).await?.seq;
    let known = services.counted.known(&mut tx, known_at).await?;
    let counted = target.clone();
    let count = reckoned(move || indicator::count(&known, &counted, as_of)).await?;
    let closing = Closing {
        id: services.ids.next(tx.now()),
        target,
        month: month.to_owned(),
        as_of,
        known_at,
        figures: count.all,
    };
    let record = closings::insert(&mut tx, closing).await?;
    announce(&mut tx, None, &record);
    let id = record.value.id.clone();
    Created::kept(tx, key, &id, record).await
}

/// The closed months of a target, the first month first.
pub async fn list(
    services: &Services,
    actor: &Actor,
    target: Option<&Id>,
) -> Result<Vec<Stored<Closing>>> {
    access::check(actor, Operation::ListClosings, None)?;
    let mut tx = services.read().await?;
    let target = targets::chosen(&mut tx, target).await?;
    Ok(closings::list_of_target(&mut tx, &target.id).await?)
}

pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Stored<Closing>> {
    access::check(actor, Operation::GetClosing, None)?;
    let mut tx = services.read().await?;
    load(&mut tx, id).await
}

async fn load(tx: &mut Tx, id: &Id) -> Result<Stored<Closing>> {
    let found = closings::find(tx, id).await?;
    found.ok_or(Error::NotFound("closing"))
}
