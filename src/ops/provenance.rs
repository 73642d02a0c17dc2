//! Where the values of a record come from, and what happens when one of them changes by hand: sources, conflicts, the
//! holdings and the duties that hang on it move in one transaction.

use super::{Error, Result, Services, announce::announce, inbox, reviews, watch};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        codes::AppNo,
        event::Sight,
        holding::Holding,
        id::Id,
        intake::Column,
        merge::{By, Conflict, ConflictState, Side, Source, Sources, Under, Unit},
        patent::Patent,
        refusal::{Refusal, Refused},
        time::Day,
    },
    store::{self, Stored, Tx, conflicts, holdings, imports, organisations, patents, sources},
};

/// The value of one unit, and where it comes from.
#[derive(Clone, Debug)]
pub struct UnitSource {
    pub unit: Unit,
    /// Absent for what came in before sources were kept.
    pub day: Option<Day>,
    /// Somebody named the day.
    pub stated: bool,
    pub by: Option<By>,
    pub import: Option<Id>,
    pub file_name: Option<String>,
    /// Why it was corrected.
    pub reason: Option<String>,
    /// Who corrected it, for that organisation and the office.
    pub actor: Option<String>,
    /// The cells as they stood in the file, where the record does not say the same.
    pub raw: Vec<(Column, String)>,
}

/// Where the values of a patent come from, for its holders and the office.
///
/// With the version of the patent, to which corrections refer.
pub async fn get(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
) -> Result<(i64, Vec<UnitSource>)> {
    access::check_role(actor, Operation::GetPatentSources)?;
    let mut tx = services.read().await?;
    let found = patents::find(&mut tx, number)
        .await?
        .ok_or(Error::NotFound("patent"))?;
    let (version, patent) = (found.version, found.value);
    let own = own_holding(&mut tx, actor, number).await?;
    let holder = own.as_ref().map(|holding| &holding.value.organisation);
    access::check(actor, Operation::GetPatentSources, holder)?;
    let of_patent = sources::find(&mut tx, number.as_str()).await?;
    let mut shown = Vec::new();
    for unit in Unit::OF_PATENT {
        if !unit.is_empty(&patent) || of_patent.is_corrected(unit) {
            shown.push(one(&mut tx, actor, &of_patent, unit).await?);
        }
    }
    if let Some(holding) = own {
        let of_holding = sources::find(&mut tx, &holding.value.id.to_string()).await?;
        for unit in [Unit::Conversion, Unit::Department] {
            if of_holding.of(unit).is_some() {
                shown.push(one(&mut tx, actor, &of_holding, unit).await?);
            }
        }
    }
    Ok((version, shown))
}

async fn one(tx: &mut Tx, actor: &Actor, of: &Sources, unit: Unit) -> Result<UnitSource> {
    let source = of.of(unit);
    let sees = |party: Option<&Id>| match actor.sight() {
        Sight::Office => true,
        Sight::Own(id) => party == Some(&id),
        Sight::Public => false,
    };
    let mine = source.is_some_and(|source| sees(source.party.as_ref()));
    let import = source
        .and_then(|source| source.import.clone())
        .filter(|_| mine);
    let file_name = match &import {
        Some(id) => imports::find(tx, id)
            .await?
            .and_then(|import| import.file_name),
        None => None,
    };
    let raw = of
        .raw()
        .filter(|(column, _)| Unit::of_column(*column) == Some(unit));
    Ok(UnitSource {
        unit,
        day: source.map(|source| source.day),
        stated: source.is_some_and(|source| source.stated),
        by: source.map(|source| source.by),
        reason: source.and_then(|source| source.reason.clone()),
        actor: source
            .and_then(|source| source.actor.clone())
            .filter(|_| mine),
        raw: raw
            .map(|(column, text)| (column, text.to_owned()))
            .collect(),
        import,
        file_name,
    })
}

/// The holding of the actor's organisation.
pub(super) async fn own_holding(
    tx: &mut Tx,
    actor: &Actor,
    number: &AppNo,
) -> Result<Option<Stored<Holding>>> {
    let Some(own) = &actor.organisation else {
        return Ok(None);
    };
    let held = holdings::list_by_numbers(tx, std::slice::from_ref(number)).await?;
    Ok(held.into_iter().find(|h| h.value.organisation == *own))
}

/// What a conflict says of a value that is here.
pub(super) fn side(unit: Unit, patent: &Patent, source: Option<&Source>) -> Side {
    side_of(unit.value(patent), source)
}

pub(super) fn side_of(value: serde_json::Value, source: Option<&Source>) -> Side {
    Side {
        value,
        day: source.map(|source| source.day),
        by: source.map_or(By::Import, |source| source.by),
        import: source.and_then(|source| source.import.clone()),
        party: source.and_then(|source| source.party.clone()),
    }
}

/// Stores a patent that was changed by hand, with the holdings whose confirmation hangs on its names, and holds its live
/// declarations against the gate.
pub(super) async fn store_patent(
    tx: &mut Tx,
    services: &Services,
    current: Stored<Patent>,
    next: Patent,
) -> Result<Stored<Patent>> {
    if next == current.value {
        return Ok(current);
    }
    let after = Stored {
        version: current.version + 1,
        hash: next.document_hash(),
        value: next,
    };
    let number = after.value.number.clone();
    patents::put(tx, std::slice::from_ref(&after)).await?;
    announce(tx, Some(&current.value), &after);
    let held = holdings::list_by_numbers(tx, std::slice::from_ref(&number)).await?;
    let ids: Vec<Id> = held.iter().map(|h| h.value.organisation.clone()).collect();
    let parties = organisations::list_by_ids(tx, &ids).await?;
    for holding in held {
        let party = parties
            .iter()
            .find(|party| party.value.id == holding.value.organisation);
        let Some(party) = party else { continue };
        let mut changed = holding.value.clone();
        changed.recheck(&party.value, &after.value);
        let shows = changed.published && !holding.value.published;
        if shows && reviews::held_back(tx, &changed).await? {
            changed.published = false;
        }
        if changed != holding.value {
            store_holding(tx, services, &holding, changed).await?;
        }
    }
    watch::recheck(tx, services, std::slice::from_ref(&number)).await?;
    Ok(after)
}

/// Stores a holding that was changed, and tells of it.
pub(super) async fn store_holding(
    tx: &mut Tx,
    services: &Services,
    current: &Stored<Holding>,
    next: Holding,
) -> Result<Stored<Holding>> {
    let record = holdings::update(tx, &next, current.version).await?;
    announce(tx, Some(&current.value), &record);
    inbox::holding(tx, services, &current.value, &record.value).await?;
    Ok(record)
}

/// A holder may not write away another confirmed holder's name; that is an officer's, from documents.
pub(super) async fn check_patentees(
    tx: &mut Tx,
    actor: &Actor,
    before: &Patent,
    after: &Patent,
) -> Result<()> {
    if actor.sight() == Sight::Office || before.patentees() == after.patentees() {
        return Ok(());
    }
    let held = holdings::list_by_numbers(tx, std::slice::from_ref(&before.number)).await?;
    let others = held
        .into_iter()
        .map(|h| h.value)
        .filter(|h| h.state.is_confirmed() && Some(&h.organisation) != actor.organisation.as_ref());
    let others: Vec<Id> = others.map(|holding| holding.organisation).collect();
    if others.is_empty() {
        return Ok(());
    }
    Err(Refused::from(Refusal::new(
        "patenteesOfOthers",
        "这件专利另有已确认的持有单位，权利人由主管部门凭材料变更。",
        "Another confirmed holder has this patent; its owners are changed by an officer from documents.",
    ))
    .into())
}

/// The open conflicts of a unit are settled by what has been said since.
pub(super) async fn supersede(
    tx: &mut Tx,
    number: &AppNo,
    units: &[Unit],
    holding: Option<&Id>,
) -> Result<()> {
    let today = tx.now().day();
    let found = conflicts::list_by_numbers(tx, std::slice::from_ref(number)).await?;
    let open = found.into_iter().filter(|conflict| {
        let value = &conflict.value;
        value.state == ConflictState::Open
            && units.contains(&value.unit)
            && value.holding.as_ref() == holding
    });
    for conflict in open {
        let next = conflict
            .value
            .settled(ConflictState::Superseded, today, None);
        settle(tx, &conflict, next).await?;
    }
    Ok(())
}

/// Stores a conflict's new state and tells of it.
pub(super) async fn settle(
    tx: &mut Tx,
    current: &Stored<Conflict>,
    next: Conflict,
) -> Result<Stored<Conflict>> {
    let after = conflicts::update(tx, next, current.version).await?;
    announce(tx, Some(&current.value), &after);
    Ok(after)
}

/// What a holder has changed by hand in its stock stands against its next files.
pub(super) async fn corrected(
    tx: &mut Tx,
    actor: &str,
    pairs: &[(Holding, Holding)],
) -> store::Result<()> {
    let day = tx.now().day();
    let differing = pairs.iter().filter(|(before, after)| {
        before.conversion != after.conversion || before.unit != after.unit
    });
    let differing: Vec<&(Holding, Holding)> = differing.collect();
    if differing.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = differing.iter().map(|(_, h)| h.id.to_string()).collect();
    let mut known = sources::list(tx, &ids).await?;
    let mut next = Vec::with_capacity(ids.len());
    for ((before, after), id) in differing.into_iter().zip(ids) {
        let mut of = known.remove(&id).unwrap_or_default();
        let units = [
            (Unit::Conversion, before.conversion != after.conversion),
            (Unit::Department, before.unit != after.unit),
        ];
        for (unit, _) in units.into_iter().filter(|(_, changed)| *changed) {
            let under = beneath(of.of(unit), || unit.value_of_holding(before));
            let correction = Source {
                day,
                by: By::Correction,
                import: None,
                party: Some(after.organisation.clone()),
                stated: true,
                actor: Some(actor.to_owned()),
                reason: None,
                under: Some(Box::new(under)),
            };
            of.set(unit, correction);
        }
        next.push((id, of));
    }
    sources::put(tx, &next).await
}

/// What the files say beneath a correction: of one that is corrected again, what lay beneath the first.
pub(super) fn beneath(have: Option<&Source>, value: impl FnOnce() -> serde_json::Value) -> Under {
    let corrected = have.filter(|have| have.by == By::Correction);
    match corrected.and_then(|have| have.under.as_deref()) {
        Some(under) => under.clone(),
        None => Under {
            value: value(),
            source: have.filter(|have| have.by != By::Correction).cloned(),
        },
    }
}

/// Whoever decides over a patent's values has it in its confirmed stock, or is an officer.
pub(super) async fn check_confirmed(tx: &mut Tx, actor: &Actor, number: &AppNo) -> Result<()> {
    if actor.sight() == Sight::Office {
        return Ok(());
    }
    let own = own_holding(tx, actor, number).await?;
    if own.is_some_and(|holding| holding.value.state.is_confirmed()) {
        Ok(())
    } else {
        Err(Denied::NotYours.into())
    }
}
