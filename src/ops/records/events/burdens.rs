//! An encumbrance that begins, changes or ends, found among those that are recorded.

use super::joined;
use crate::{
    domain::{
        access::{self, Actor, Operation},
        encumbrance::{Encumbrance, EncumbranceKind},
        file::FileRef,
        party::name_key,
        record::{Column, EventLine, Flaw},
    },
    ops::{
        encumbrances::{self as recorded, EncumbrancePatch, NewEncumbrance},
        records::attempt::{Desk, Done, Stop},
    },
    store::{Stored, Tx, encumbrances},
};

/// What lies on a patent, as far as this caller sees it.
async fn known(
    desk: &Desk<'_>,
    tx: &mut Tx,
    kinds: &[EncumbranceKind],
    said: &EventLine,
) -> Result<Vec<Stored<Encumbrance>>, Stop> {
    let found = encumbrances::list_by_numbers(tx, std::slice::from_ref(&said.number)).await?;
    let seen = found.into_iter().filter(|found| {
        kinds.contains(&found.value.kind) && desk.actor.sight().sees(&found.value.audience())
    });
    Ok(seen.collect())
}

/// May this caller change the entry?
fn may_change(actor: &Actor, entry: &Encumbrance) -> bool {
    access::check(
        actor,
        Operation::UpdateEncumbrance,
        entry.organisation.as_ref(),
    )
    .is_ok()
}

pub(super) async fn begins(
    desk: &Desk<'_>,
    tx: &mut Tx,
    kind: EncumbranceKind,
    said: &EventLine,
    source: Option<FileRef>,
) -> Result<Done<()>, Stop> {
    let party = joined(&said.parties);
    let all = known(desk, tx, &[kind], said).await?;
    let same =
        all.into_iter().find(
            |known| match (&known.value.registration, &said.registration) {
                (Some(one), Some(other)) => one == other.trim(),
                _ => known.value.from == said.on,
            },
        );
    let Some(entry) = same else {
        let new = NewEncumbrance {
            number: said.number.clone(),
            kind,
            from: said.on,
            until: said.until,
            party,
            registration: said.registration.clone(),
            consent: None,
            source: source.map(|file| file.id),
        };
        recorded::record_in(desk.services, tx, desk.actor, new).await?;
        return Ok(Done::Recorded(()));
    };
    if entry.value.from != said.on {
        return Err(differs(
            Column::EventOn,
            &said.on.to_string(),
            &entry.value.from.to_string(),
        ));
    }
    // Another party or another end is told by a change of the entry; here only what it lacks is added.
    let lacks = EncumbrancePatch {
        party: party.filter(|_| entry.value.party.is_none()),
        until: said.until.filter(|_| entry.value.until.is_none()),
        registration: said
            .registration
            .clone()
            .filter(|_| entry.value.registration.is_none()),
        source: source
            .filter(|_| entry.value.source.is_none())
            .map(|file| file.id),
        ..EncumbrancePatch::default()
    };
    add(desk, tx, entry, lacks).await
}

/// Adds to an entry; `Repeated` where there is nothing to add, or the entry is not the caller's.
async fn add(
    desk: &Desk<'_>,
    tx: &mut Tx,
    entry: Stored<Encumbrance>,
    patch: EncumbrancePatch,
) -> Result<Done<()>, Stop> {
    if !may_change(desk.actor, &entry.value) {
        return Ok(Done::Repeated(()));
    }
    let version = entry.version;
    let after = recorded::update_in(desk.services, tx, desk.actor, entry, patch).await?;
    Ok(if after.version == version {
        Done::Repeated(())
    } else {
        Done::Completed(())
    })
}

pub(super) async fn changes(
    desk: &Desk<'_>,
    tx: &mut Tx,
    kinds: &[EncumbranceKind],
    said: &EventLine,
    source: Option<FileRef>,
) -> Result<Done<()>, Stop> {
    let all = known(desk, tx, kinds, said).await?;
    let open = by_registration(all, said)
        .into_iter()
        .filter(|known| known.value.released_on.is_none());
    let entry = one(open.collect(), said)?;
    if !may_change(desk.actor, &entry.value) {
        return Err(of_the_office(said));
    }
    let patch = EncumbrancePatch {
        party: joined(&said.parties),
        until: said.until,
        registration: said.registration.clone(),
        source: source
            .filter(|_| entry.value.source.is_none())
            .map(|file| file.id),
        ..EncumbrancePatch::default()
    };
    add(desk, tx, entry, patch).await
}

pub(super) async fn ends(
    desk: &Desk<'_>,
    tx: &mut Tx,
    kinds: &[EncumbranceKind],
    said: &EventLine,
    source: Option<FileRef>,
) -> Result<Done<()>, Stop> {
    let all = known(desk, tx, kinds, said).await?;
    let begun = all.into_iter().filter(|known| known.value.from <= said.on);
    let mut found = by_registration(begun.collect(), said);
    let key = joined(&said.parties).map(|name| name_key(&name));
    let is_named = |known: &Stored<Encumbrance>| known.value.party.as_deref().map(name_key) == key;
    if key.is_some() && found.iter().any(is_named) {
        found.retain(is_named);
    }
    if found
        .iter()
        .any(|known| known.value.released_on == Some(said.on))
    {
        return Ok(Done::Repeated(()));
    }
    let (open, over): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|known| known.value.released_on.is_none());
    if let (true, Some(day)) = (
        open.is_empty(),
        over.iter().find_map(|k| k.value.released_on),
    ) {
        return Err(differs(
            Column::EventOn,
            &said.on.to_string(),
            &day.to_string(),
        ));
    }
    let entry = one(open, said)?;
    if !may_change(desk.actor, &entry.value) {
        return Err(of_the_office(said));
    }
    let patch = EncumbrancePatch {
        released_on: Some(said.on),
        source: source
            .filter(|_| entry.value.source.is_none())
            .map(|file| file.id),
        ..EncumbrancePatch::default()
    };
    recorded::update_in(desk.services, tx, desk.actor, entry, patch).await?;
    Ok(Done::Recorded(()))
}

/// Those of the registration number that the line gives; where none has it, those without a number.
fn by_registration(all: Vec<Stored<Encumbrance>>, said: &EventLine) -> Vec<Stored<Encumbrance>> {
    let Some(wanted) = said.registration.as_deref().map(str::trim) else {
        return all;
    };
    let (same, other): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|known| known.value.registration.as_deref() == Some(wanted));
    if same.is_empty() {
        let unnumbered = other.into_iter();
        return unnumbered
            .filter(|known| known.value.registration.is_none())
            .collect();
    }
    same
}

/// The one entry that is meant.
fn one(mut open: Vec<Stored<Encumbrance>>, said: &EventLine) -> Result<Stored<Encumbrance>, Stop> {
    let count = open.len();
    match (open.pop(), count) {
        (Some(entry), 1) => Ok(entry),
        (None, _) => Err(Stop::flaw(
            Flaw::new(
                Column::Event,
                &said.words,
                "nothingToEnd",
                "没有登记与此对应的质押、保全、中止或许可。",
                "No pledge, preservation, suspension or licence is recorded that this could mean.",
            )
            .cure(
                "请先登记它的开始（生效登记日），再登记变更或解除。",
                "Record its beginning first, then its change or end.",
            ),
        )),
        (Some(_), _) => Err(Stop::flaw(
            Flaw::new(
                Column::Registration,
                said.registration.as_deref().unwrap_or_default(),
                "severalMeant",
                format!("有 {count} 条记录都可能是它。"),
                format!("{count} entries could be meant."),
            )
            .cure(
                "请填写登记号（备案号）或相对人。",
                "Give the registration number or the other party.",
            ),
        )),
    }
}

fn differs(column: Column, said: &str, known: &str) -> Stop {
    Stop::flaw(
        Flaw::new(
            column,
            said,
            "recordedDifferently",
            format!("已登记为 {known}，与此不同。"),
            format!("It is recorded as {known}."),
        )
        .cure(
            "请核对公报；记录有误的，在原记录上更正。",
            "Check the gazette; correct a wrong record itself.",
        ),
    )
}

fn of_the_office(said: &EventLine) -> Stop {
    Stop::flaw(
        Flaw::new(
            Column::Event,
            &said.words,
            "notYourEntry",
            "这条记录由主管部门登记，本单位不能更改。",
            "The office has recorded this; your organisation cannot change it.",
        )
        .cure(
            "请把文件交给主管部门登记。",
            "Give the document to the office.",
        ),
    )
}
