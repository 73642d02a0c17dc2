//! Disputes over licences: opened by a side or the office, led from consultation to the office's mediation or a court,
//! each step with its day and documents, until there is an outcome (专利法第五十二条).

use super::{
    Error, Result, Services,
    announce::announce,
    files,
    idempotency::Key,
    inbox,
    organisations::Created,
    performances::{for_side, may, teller},
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        dispute::{Dispute, DisputeEntry, DisputeOutcome, DisputeStage},
        event::{Noun, Sight},
        id::Id,
        licence::Licence,
        message::{MessageKind, subject},
        time::Day,
    },
    store::{Stored, Tx, disputes, licences},
};

/// What is entered; the file by its id.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub stage: DisputeStage,
    pub on: Day,
    pub text: String,
    pub file: Option<Id>,
}

/// What a list of disputes is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct DisputeFilter {
    pub licence: Option<Id>,
    pub open: Option<bool>,
}

/// Opens a dispute over a licence.
pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    licence: &Id,
    new: NewEntry,
) -> Result<Created<Stored<Dispute>>> {
    access::check_role(actor, Operation::CreateDispute)?;
    let mut tx = services.write(actor).await?;
    if let Some(key) = key
        && let Some(id) = key.created(&mut tx).await?
    {
        return Ok(Created {
            record: load(&mut tx, &id).await?,
            repeated: true,
        });
    }
    let licence = licence_of(&mut tx, actor, licence).await?;
    may(actor, Operation::CreateDispute, &licence, true)?;
    let entry = entry(&mut tx, actor, &licence, new).await?;
    let today = tx.now().day();
    let dispute = Dispute::opened(services.ids.next(tx.now()), &licence, entry, today)?;
    let record = disputes::insert(&mut tx, dispute).await?;
    announce(&mut tx, None, &record);
    tell(
        &mut tx,
        services,
        actor,
        &record.value,
        MessageKind::DisputeOpened,
    )
    .await?;
    let id = record.value.id.clone();
    Created::kept(tx, key, &id, record).await
}

/// Adds a step, or with an outcome the last one, at version `expected`.
pub async fn step(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    new: NewEntry,
    outcome: Option<DisputeOutcome>,
) -> Result<Stored<Dispute>> {
    access::check_role(actor, Operation::StepDispute)?;
    let mut tx = services.write(actor).await?;
    let current = visible(actor, load(&mut tx, id).await?)?;
    let licence = licence_of(&mut tx, actor, &current.value.licence).await?;
    may(actor, Operation::StepDispute, &licence, true)?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let entry = entry(&mut tx, actor, &licence, new).await?;
    let next = current.value.stepped(entry, outcome, tx.now().day())?;
    let record = disputes::update(&mut tx, next, expected).await?;
    announce(&mut tx, Some(&current.value), &record);
    let kind = if record.value.is_open() {
        MessageKind::DisputeStepped
    } else {
        MessageKind::DisputeEnded
    };
    tell(&mut tx, services, actor, &record.value, kind).await?;
    tx.commit().await?;
    Ok(record)
}

/// The entry with its file, which both sides may read.
async fn entry(
    tx: &mut Tx,
    actor: &Actor,
    licence: &Licence,
    new: NewEntry,
) -> Result<DisputeEntry> {
    let file = match &new.file {
        Some(file) => Some(files::cite(tx, actor, file, "/file").await?),
        None => None,
    };
    if let Some(file) = &file {
        let sides = [licence.holder.clone(), licence.licensee.id().clone()];
        files::share(tx, &file.id, &sides).await?;
    }
    Ok(DisputeEntry {
        stage: new.stage,
        on: new.on,
        by: teller(actor, licence),
        text: new.text,
        file,
    })
}

async fn tell(
    tx: &mut Tx,
    services: &Services,
    actor: &Actor,
    dispute: &Dispute,
    kind: MessageKind,
) -> Result<()> {
    let what = (kind, subject(Noun::Dispute, &dispute.id), &dispute.number);
    let sides = [&dispute.holder, &dispute.licensee];
    inbox::parties(tx, services, inbox::acting(actor), &sides, what).await?;
    Ok(())
}

async fn licence_of(tx: &mut Tx, actor: &Actor, id: &Id) -> Result<Licence> {
    let found = licences::find(tx, id)
        .await?
        .ok_or(Error::NotFound("licence"))?;
    Ok(for_side(actor, found)?.value)
}

async fn load(tx: &mut Tx, id: &Id) -> Result<Stored<Dispute>> {
    disputes::find(tx, id)
        .await?
        .ok_or(Error::NotFound("dispute"))
}

fn visible(actor: &Actor, found: Stored<Dispute>) -> Result<Stored<Dispute>> {
    let sight = actor.sight();
    let audiences = found.value.audiences();
    if audiences.iter().any(|audience| sight.sees(audience)) {
        Ok(found)
    } else {
        Err(Error::NotFound("dispute"))
    }
}

/// One dispute, if the caller may see it.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Stored<Dispute>> {
    access::check_role(actor, Operation::GetDispute)?;
    let mut tx = services.read().await?;
    visible(actor, load(&mut tx, id).await?)
}

/// A page of the caller's disputes (an officer: everyone's), the latest first, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    asked: DisputeFilter,
    before: Option<&str>,
    limit: usize,
) -> Result<(Vec<Stored<Dispute>>, i64)> {
    access::check_role(actor, Operation::ListDisputes)?;
    let side = match actor.sight() {
        Sight::Office => None,
        Sight::Own(own) => Some(own),
        Sight::Public => return Err(Denied::NotYours.into()),
    };
    let filter = disputes::Filter {
        licence: asked.licence,
        side,
        open: asked.open,
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    Ok((
        disputes::page_latest(&mut tx, &filter, before, limit).await?,
        disputes::count(&mut tx, &filter).await?,
    ))
}
