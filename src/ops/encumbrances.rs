//! Encumbrances recorded from the gazette or by the holder; each new one may oblige a declaration's holder to
//! withdraw. We never record our own exclusive or sole licence beside an open one (专利法第五十一条第三款).

pub use crate::store::encumbrances::Filter as EncumbranceFilter;

use super::{
    Error, Result, Services, announce::announce, files, idempotency::Key, organisations::Created,
    watch,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        encumbrance::{Encumbrance, EncumbranceKind},
        event::Sight,
        id::Id,
        refusal::{Refusal, Refused},
        time::Day,
    },
    store::{Stored, Tx, declarations, encumbrances, holdings, patents},
};

/// An encumbrance to be recorded; files by their ids.
#[derive(Clone, Debug)]
pub struct NewEncumbrance {
    pub number: AppNo,
    pub kind: EncumbranceKind,
    pub from: Day,
    pub until: Option<Day>,
    pub party: Option<String>,
    pub registration: Option<String>,
    pub consent: Option<Id>,
    pub source: Option<Id>,
}

/// What is added to one later.
#[derive(Clone, Debug, Default)]
pub struct EncumbrancePatch {
    /// Another pledgee or licensee, as the register has it now.
    pub party: Option<String>,
    pub until: Option<Day>,
    pub released_on: Option<Day>,
    pub registration: Option<String>,
    pub consent: Option<Id>,
    pub source: Option<Id>,
}

/// Records an encumbrance.
pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    new: NewEncumbrance,
) -> Result<Created<Stored<Encumbrance>>> {
    access::check_role(actor, Operation::CreateEncumbrance)?;
    let mut tx = services.write(actor).await?;
    if let Some(key) = key
        && let Some(id) = key.created(&mut tx).await?
    {
        let record = encumbrances::find(&mut tx, &id)
            .await?
            .ok_or(Error::NotFound("encumbrance"))?;
        return Ok(Created {
            record,
            repeated: true,
        });
    }
    let record = record_in(services, &mut tx, actor, new).await?;
    let id = record.value.id.clone();
    Created::kept(tx, key, &id, record).await
}

/// Records an encumbrance in the transaction of whatever brings it.
pub(super) async fn record_in(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    new: NewEncumbrance,
) -> Result<Stored<Encumbrance>> {
    access::check_role(actor, Operation::CreateEncumbrance)?;
    if patents::find(tx, &new.number).await?.is_none() {
        return Err(Error::NotFound("patent"));
    }
    let organisation = match actor.sight() {
        Sight::Own(own) => {
            held(tx, &own, &new.number).await?;
            access::check(actor, Operation::CreateEncumbrance, Some(&own))?;
            Some(own)
        }
        _ => None,
    };
    let encumbrance = Encumbrance {
        id: services.ids.next(tx.now()),
        number: new.number,
        kind: new.kind,
        from: new.from,
        until: new.until,
        released_on: None,
        party: text("/party", new.party)?,
        registration: text("/registration", new.registration)?,
        consent: cited(tx, actor, new.consent, "/consent").await?,
        source: cited(tx, actor, new.source, "/source").await?,
        organisation,
    };
    check_days(&encumbrance)?;
    if encumbrance.organisation.is_some() && encumbrance.kind.excludes_others() {
        refuse_beside_open(tx, &encumbrance).await?;
    }
    let record = encumbrances::insert(tx, encumbrance).await?;
    announce(tx, None, &record);
    watch::recheck(tx, services, std::slice::from_ref(&record.value.number)).await?;
    Ok(record)
}

/// Adds what has become known: an end, a release, a registration, the pledgee's consent.
pub async fn update(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    patch: EncumbrancePatch,
) -> Result<Stored<Encumbrance>> {
    access::check_role(actor, Operation::UpdateEncumbrance)?;
    let mut tx = services.write(actor).await?;
    let found = encumbrances::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("encumbrance"))?;
    let current = visible(actor, found)?;
    access::check(
        actor,
        Operation::UpdateEncumbrance,
        current.value.organisation.as_ref(),
    )?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let record = update_in(services, &mut tx, actor, current, patch).await?;
    tx.commit().await?;
    Ok(record)
}

/// Adds to an encumbrance that this caller may change, in the transaction of whatever brings it.
pub(super) async fn update_in(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    current: Stored<Encumbrance>,
    patch: EncumbrancePatch,
) -> Result<Stored<Encumbrance>> {
    let mut next = current.value.clone();
    let party = text("/party", patch.party)?;
    if party.is_some() && party != next.party {
        // Another pledgee has agreed to nothing yet.
        next.consent = None;
        next.party = party;
    }
    next.until = patch.until.or(next.until);
    next.released_on = patch.released_on.or(next.released_on);
    next.registration = text("/registration", patch.registration)?.or(next.registration);
    next.consent = cited(tx, actor, patch.consent, "/consent")
        .await?
        .or(next.consent);
    next.source = cited(tx, actor, patch.source, "/source")
        .await?
        .or(next.source);
    check_days(&next)?;
    if next == current.value {
        return Ok(current);
    }
    let record = encumbrances::update(tx, next, current.version).await?;
    announce(tx, Some(&current.value), &record);
    watch::recheck(tx, services, std::slice::from_ref(&record.value.number)).await?;
    Ok(record)
}

/// One encumbrance, if the caller may see it.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Stored<Encumbrance>> {
    access::check(actor, Operation::GetEncumbrance, None)?;
    let mut tx = services.read().await?;
    let found = encumbrances::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("encumbrance"))?;
    visible(actor, found)
}

/// A page in id order of what the caller may see, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    filter: &EncumbranceFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Stored<Encumbrance>>, i64)> {
    access::check(actor, Operation::ListEncumbrances, None)?;
    let sight = actor.sight();
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok((
        encumbrances::page(&mut tx, &sight, filter, after, limit).await?,
        encumbrances::count(&mut tx, &sight, filter).await?,
    ))
}

/// A holder records what lies on its own patents.
pub(super) async fn held(tx: &mut Tx, organisation: &Id, number: &AppNo) -> Result<()> {
    let held = holdings::list_by_numbers(tx, std::slice::from_ref(number)).await?;
    if held
        .iter()
        .any(|holding| holding.value.organisation == *organisation)
    {
        Ok(())
    } else {
        Err(access::Denied::NotYours.into())
    }
}

async fn refuse_beside_open(tx: &mut Tx, encumbrance: &Encumbrance) -> Result<()> {
    let known =
        declarations::list_by_numbers(tx, std::slice::from_ref(&encumbrance.number)).await?;
    if known
        .iter()
        .any(|declaration| declaration.value.state.is_live())
    {
        let refusal = Refusal::new(
            "exclusiveBesideOpen",
            "该专利正在实行开放许可，不得就其给予独占或者排他许可。",
            "The patent is under open licence; no exclusive or sole licence may be granted beside it.",
        )
        .by("专利法第五十一条第三款")
        .cure("先撤回开放许可声明。", "Withdraw the declaration first.");
        return Err(Refused::from(refusal).into());
    }
    Ok(())
}

fn check_days(encumbrance: &Encumbrance) -> Result<()> {
    let ends = [
        ("/until", encumbrance.until),
        ("/releasedOn", encumbrance.released_on),
    ];
    for (pointer, day) in ends {
        if day.is_some_and(|day| day < encumbrance.from) {
            return Err(Error::fault(
                pointer,
                "endBeforeBegin",
                "结束日不能早于开始日。",
                "The end is before the beginning.",
            ));
        }
    }
    Ok(())
}

fn text(pointer: &str, text: Option<String>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let trimmed = text.trim();
    if !(1..=200).contains(&trimmed.chars().count()) || trimmed.chars().any(char::is_control) {
        return Err(Error::fault(
            pointer,
            "textLength",
            "应为 1 至 200 字。",
            "1 to 200 characters.",
        ));
    }
    Ok(Some(trimmed.to_owned()))
}

async fn cited(
    tx: &mut Tx,
    actor: &Actor,
    file: Option<Id>,
    pointer: &str,
) -> Result<Option<crate::domain::file::FileRef>> {
    match file {
        Some(file) => Ok(Some(files::cite(tx, actor, &file, pointer).await?)),
        None => Ok(None),
    }
}

pub(super) fn visible(actor: &Actor, found: Stored<Encumbrance>) -> Result<Stored<Encumbrance>> {
    if actor.sight().sees(&found.value.audience()) {
        Ok(found)
    } else {
        Err(Error::NotFound("encumbrance"))
    }
}
