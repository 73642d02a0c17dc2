//! Conflicts between sources: listed for those who decide, and decided.

pub use crate::store::conflicts::ConflictFilter;

use super::{Error, Result, Services, organisations, provenance};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        event::Sight,
        id::Id,
        merge::{Choice, Conflict, ConflictState, Source, Unit},
        refusal::{Refusal, Refused},
    },
    store::{Stored, Tx, conflicts, holdings, patents, sources, sub_units},
};

/// A conflict, the patent's title, and the names of the files it came with, as far as the reader may see them.
#[derive(Clone, Debug)]
pub struct Shown {
    pub record: Stored<Conflict>,
    pub title: String,
}

/// A page of those that the caller decides over (an officer: everyone's), the latest first, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    mut filter: ConflictFilter,
    before: Option<&str>,
    limit: usize,
) -> Result<(Vec<Shown>, i64)> {
    access::check_role(actor, Operation::ListConflicts)?;
    if let Some(reference) = organisation {
        let id = organisations::named(services, reference, "?organisation").await?;
        access::check(actor, Operation::ListConflicts, Some(&id))?;
        filter.organisation = Some(id);
    }
    let sight = actor.sight();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    let page = conflicts::page(&mut tx, &sight, &filter, before, limit).await?;
    let total = conflicts::count(&mut tx, &sight, &filter).await?;
    let numbers: Vec<_> = page.iter().map(|c| c.value.number.clone()).collect();
    let titles = patents::list_by_numbers(&mut tx, &numbers).await?;
    let shown = page.into_iter().map(|record| Shown {
        title: titles
            .iter()
            .find(|patent| patent.value.number == record.value.number)
            .map(|patent| patent.value.title.clone())
            .unwrap_or_default(),
        record: veiled(&sight, record),
    });
    Ok((shown.collect(), total))
}

/// Which import of another organisation brought a value is that organisation's own.
fn veiled(sight: &Sight, mut record: Stored<Conflict>) -> Stored<Conflict> {
    if let Sight::Own(own) = sight {
        for side in [&mut record.value.ours, &mut record.value.theirs] {
            if side.party.as_ref() != Some(own) {
                (side.import, side.party) = (None, None);
            }
        }
    }
    record
}

/// How many wait for the actor's organisation (an officer: for anybody).
pub async fn count_open(tx: &mut Tx, actor: &Actor) -> Result<i64> {
    let filter = ConflictFilter {
        state: Some(ConflictState::Open),
        ..ConflictFilter::default()
    };
    Ok(conflicts::count(tx, &actor.sight(), &filter).await?)
}

async fn load(tx: &mut Tx, actor: &Actor, id: &Id) -> Result<Stored<Conflict>> {
    let found = conflicts::find(tx, id)
        .await?
        .ok_or(Error::NotFound("conflict"))?;
    if actor.sight().sees(&found.value.audience()) {
        Ok(found)
    } else {
        Err(Error::NotFound("conflict"))
    }
}

async fn shown(tx: &mut Tx, actor: &Actor, record: Stored<Conflict>) -> Result<Shown> {
    let patent = patents::find(tx, &record.value.number).await?;
    Ok(Shown {
        title: patent.map(|patent| patent.value.title).unwrap_or_default(),
        record: veiled(&actor.sight(), record),
    })
}

/// One conflict, if it is the caller's to see.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Shown> {
    access::check_role(actor, Operation::GetConflict)?;
    let mut tx = services.read().await?;
    let record = load(&mut tx, actor, id).await?;
    shown(&mut tx, actor, record).await
}

/// The longest note, characters.
const NOTE_CHARS: usize = 500;

/// Decides a conflict at version `expected`: what is here stays, or the other value is taken. A later source or correction
/// may change it again.
pub async fn resolve(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    choice: Choice,
    note: Option<String>,
) -> Result<Shown> {
    access::check_role(actor, Operation::ResolveConflict)?;
    let note = note
        .map(|note| note.trim().to_owned())
        .filter(|note| !note.is_empty());
    let too_long = |note: &String| {
        note.chars().count() > NOTE_CHARS || note.chars().any(|c| c.is_control() && c != '\n')
    };
    if note.as_ref().is_some_and(too_long) {
        return Err(Error::fault(
            "/note",
            "textLength",
            "说明最多 500 字。",
            "A note has at most 500 characters.",
        ));
    }
    let mut tx = services.write(actor).await?;
    let current = load(&mut tx, actor, id).await?;
    let conflict = &current.value;
    access::check(
        actor,
        Operation::ResolveConflict,
        conflict.organisation.as_ref(),
    )?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    if conflict.state != ConflictState::Open {
        return Err(Refused::from(Refusal::new(
            "conflictSettled",
            "这处冲突已经处理。",
            "This conflict has been settled.",
        ))
        .into());
    }
    provenance::check_confirmed(&mut tx, actor, &conflict.number).await?;
    let today = tx.now().day();
    let state = match choice {
        Choice::Ours => ConflictState::Kept,
        Choice::Theirs => {
            take(&mut tx, services, actor, conflict).await?;
            ConflictState::Taken
        }
    };
    let next = conflict.settled(state, today, note);
    let record = provenance::settle(&mut tx, &current, next).await?;
    let shown = shown(&mut tx, actor, record).await?;
    tx.commit().await?;
    Ok(shown)
}

/// Puts the other value in the place of what is here.
async fn take(tx: &mut Tx, services: &Services, actor: &Actor, conflict: &Conflict) -> Result<()> {
    let misfit = || Error::Internal(format!("conflict {}: its value does not fit", conflict.id));
    let theirs = &conflict.theirs;
    let source = Source {
        day: theirs.day.unwrap_or_else(|| tx.now().day()),
        by: theirs.by,
        import: theirs.import.clone(),
        party: theirs.party.clone(),
        stated: true,
        actor: None,
        reason: None,
        under: None,
    };
    let unit = conflict.unit;
    if let Some(id) = &conflict.holding {
        let current = holdings::find(tx, id).await?.ok_or_else(misfit)?;
        let mut next = unit
            .put_holding(&current.value, &theirs.value)
            .ok_or_else(misfit)?;
        if unit == Unit::Department {
            // It may have been renamed since the file said so.
            let units = sub_units::load(tx, &next.organisation).await?.value;
            next.unit = next.unit.map(|unit| units.written(&unit));
        }
        let mut of = sources::find(tx, &id.to_string()).await?;
        of.set(unit, source);
        sources::put(tx, &[(id.to_string(), of)]).await?;
        if next != current.value {
            provenance::store_holding(tx, services, &current, next).await?;
        }
        return Ok(());
    }
    let current = patents::find(tx, &conflict.number)
        .await?
        .ok_or_else(misfit)?;
    let next = unit.put(&current.value, &theirs.value).ok_or_else(misfit)?;
    provenance::check_patentees(tx, actor, &current.value, &next).await?;
    let number = conflict.number.as_str().to_owned();
    let mut of = sources::find(tx, &number).await?;
    of.set(unit, source);
    sources::put(tx, &[(number, of)]).await?;
    provenance::store_patent(tx, services, current, next).await?;
    Ok(())
}
