//! A line of what happened to a patent: it becomes the record that exists for it. An encumbrance begins, changes or ends; a
//! status replaces an older one, never a newer; a transfer names new owners. Each holds the announced declarations of
//! the patent against the gate, as when it is recorded by itself. Said again, it changes nothing.

use std::collections::HashMap;

use super::{
    attempt::{Desk, Done, Refused, Stop},
    evidence,
    report::ToWithdraw,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        encumbrance::{Encumbrance, EncumbranceKind},
        event::Sight,
        file::FileRef,
        holding::Holding,
        id::Id,
        merge::Unit,
        party::name_key,
        patent::{LegalStatus, Patent},
        record::{Column, EventLine, Flaw, Line, Said, read_event},
        time::Day,
    },
    ops::{
        Error,
        announce::announce,
        encumbrances::{self as burdens, EncumbrancePatch, NewEncumbrance},
        patents as statuses,
    },
    store::{
        self, Stored, Tx, declarations, encumbrances, holdings, organisations, patents, reviews,
    },
};

/// What a rehearsal's lines have made of patents, so that later lines meet it.
#[derive(Default)]
pub(super) struct Overlay {
    patents: HashMap<AppNo, Patent>,
    encumbrances: HashMap<AppNo, Vec<Encumbrance>>,
}

impl Overlay {
    /// Makes a patent in this transaction, which is rolled back, what earlier lines have made of it.
    async fn replay(&self, tx: &mut Tx, number: &AppNo) -> store::Result<()> {
        if let (Some(next), Some(known)) =
            (self.patents.get(number), patents::find(tx, number).await?)
        {
            let after = Stored {
                version: known.version + 1,
                hash: next.document_hash(),
                value: next.clone(),
            };
            patents::put(tx, std::slice::from_ref(&after)).await?;
        }
        for next in self.encumbrances.get(number).into_iter().flatten() {
            match encumbrances::find(tx, &next.id).await? {
                None => encumbrances::insert(tx, next.clone()).await?,
                Some(known) => encumbrances::update(tx, next.clone(), known.version).await?,
            };
        }
        Ok(())
    }

    /// Keeps what this line has made of it.
    async fn keep(&mut self, tx: &mut Tx, number: &AppNo) -> store::Result<()> {
        if let Some(patent) = patents::find(tx, number).await? {
            self.patents.insert(number.clone(), patent.value);
        }
        let all = encumbrances::list_by_numbers(tx, std::slice::from_ref(number)).await?;
        let all = all.into_iter().map(|found| found.value).collect();
        self.encumbrances.insert(number.clone(), all);
        Ok(())
    }
}

pub(super) async fn take(desk: &mut Desk<'_>, line: &Line) -> Result<Done<()>, Refused> {
    let said = read_event(line).map_err(Refused::Flaws)?;
    let mut tx = desk.services.write(desk.actor).await?;
    if let Some(rehearsal) = &desk.rehearsal {
        rehearsal.events.replay(&mut tx, &said.number).await?;
    }
    let patent = patents::find(&mut tx, &said.number)
        .await?
        .ok_or(Error::NotFound("patent"))?;
    own(desk, &mut tx, &said).await?;
    let today = tx.now().day();
    if said.on > today {
        return Err(not_yet(&said, today).into());
    }
    let source = source(desk, &mut tx, &said).await?;
    let done = match said.said {
        Said::Begins(kind) => begins(desk, &mut tx, kind, &said, source).await?,
        Said::Changes(kinds) => changes(desk, &mut tx, kinds, &said, source).await?,
        Said::Ends(kinds) => ends(desk, &mut tx, kinds, &said, source).await?,
        Said::Status(status) => state(desk, &mut tx, patent, status, &said, source).await?,
        Said::Transfer => transfer(desk, &mut tx, patent, &said).await?,
    };
    // What a rehearsal has made earlier of the patent has been told by then.
    if desk.rehearsal.is_none() || done != Done::Repeated(()) {
        to_withdraw(desk, &mut tx, &said.number).await?;
    }
    match &mut desk.rehearsal {
        Some(rehearsal) => rehearsal.events.keep(&mut tx, &said.number).await?,
        None if done == Done::Repeated(()) => {}
        None => {
            tx.commit().await?;
        }
    }
    Ok(done)
}

fn not_yet(said: &EventLine, today: Day) -> Stop {
    let day = said.on;
    Stop::flaw(
        Flaw::new(
            Column::EventOn,
            &day.to_string(),
            "dayInFuture",
            format!("{day} 在今天（{today}）之后。"),
            format!("{day} is after today ({today})."),
        )
        .cure(
            "只登记已经发生的事，请核对日期。",
            "Only what has happened is recorded; check the day.",
        ),
    )
}

/// A holder tells of its own patents.
async fn own(desk: &Desk<'_>, tx: &mut Tx, said: &EventLine) -> Result<(), Stop> {
    let Sight::Own(own) = desk.actor.sight() else {
        return Ok(());
    };
    match burdens::held(tx, &own, &said.number).await {
        Err(Error::Denied(_)) => Err(Stop::flaw(
            Flaw::new(
                Column::Number,
                said.number.as_str(),
                "notYours",
                "本单位没有登记持有这件专利。",
                "Your organisation does not hold this patent.",
            )
            .cure(
                "请先导入本单位的存量，或由主管部门登记。",
                "Import your stock first, or let the office record it.",
            ),
        )),
        other => Ok(other?),
    }
}

/// The document that a line names, else the list itself.
async fn source(desk: &Desk<'_>, tx: &mut Tx, said: &EventLine) -> Result<Option<FileRef>, Stop> {
    let Some(name) = &said.source else {
        return Ok(desk.document.clone());
    };
    let parties: Vec<Id> = desk.actor.organisation.clone().into_iter().collect();
    let found = evidence::find(desk, tx, &parties, Column::Source, name).await?;
    Ok(Some(found))
}

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

fn joined(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join("；"))
}

async fn begins(
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
        burdens::record_in(desk.services, tx, desk.actor, new).await?;
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
    let after = burdens::update_in(desk.services, tx, desk.actor, entry, patch).await?;
    Ok(if after.version == version {
        Done::Repeated(())
    } else {
        Done::Completed(())
    })
}

async fn changes(
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

async fn ends(
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
    burdens::update_in(desk.services, tx, desk.actor, entry, patch).await?;
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

async fn state(
    desk: &Desk<'_>,
    tx: &mut Tx,
    patent: Stored<Patent>,
    status: LegalStatus,
    said: &EventLine,
    source: Option<FileRef>,
) -> Result<Done<()>, Stop> {
    let known = &patent.value;
    let same = known.legal_status == status;
    match known.status_as_of {
        // A newer day is known: history, nothing new.
        Some(day) if said.on < day => return Ok(Done::Repeated(())),
        // The document is all that it may still lack.
        Some(day)
            if said.on == day && same && (source.is_none() || known.status_source.is_some()) =>
        {
            return Ok(Done::Repeated(()));
        }
        Some(day)
            if said.on == day && Said::gravity(status) < Said::gravity(known.legal_status) =>
        {
            return Err(Stop::flaw(
                Flaw::new(
                    Column::Event,
                    &said.words,
                    "sameDayDiffers",
                    format!("同一天已登记为“{}”。", known.legal_status.zh()),
                    format!("{} is recorded for the same day.", known.legal_status.en()),
                )
                .cure(
                    "请核对登记簿；以后一天的查询结果为准。",
                    "Check the register; a query of a later day decides.",
                ),
            ));
        }
        _ => {}
    }
    let completed = known.status_as_of == Some(said.on) && same;
    let finding = statuses::Said {
        legal_status: status,
        text: Some(said.words.clone()),
        as_of: said.on,
        source,
    };
    statuses::state_in(desk.services, tx, desk.actor, patent, finding).await?;
    Ok(if completed {
        Done::Completed(())
    } else {
        Done::Recorded(())
    })
}

async fn transfer(
    desk: &Desk<'_>,
    tx: &mut Tx,
    patent: Stored<Patent>,
    said: &EventLine,
) -> Result<Done<()>, Stop> {
    if !matches!(desk.actor.sight(), Sight::Office) {
        return Err(Stop::flaw(
            Flaw::new(
                Column::Event,
                &said.words,
                "officeOnly",
                "专利权转移由主管部门登记。",
                "Transfers are recorded by the office.",
            )
            .cure(
                "请把登记手续合格通知书交给主管部门。",
                "Give the office the notice of transfer.",
            ),
        ));
    }
    let keys = |names: &[String]| -> Vec<String> { names.iter().map(|n| name_key(n)).collect() };
    let now = keys(patent.value.patentees());
    let later = desk
        .transfers
        .get(&said.number)
        .is_some_and(|day| said.on < *day);
    if later || now == keys(&said.parties) {
        return Ok(Done::Repeated(()));
    }
    if !now.is_empty() && now != keys(&said.before) {
        return Err(Stop::flaw(
            Flaw::new(
                Column::PartyBefore,
                &joined(&said.before).unwrap_or_default(),
                "ownersDiffer",
                format!("库中的专利权人是：{}。", patent.value.patentees().join("；")),
                format!("The owners known are {}.", patent.value.patentees().join("; ")),
            )
            .cure(
                "请填写变更前的全部权利人，与库中一致；转移较早的，已无须登记。",
                "Give all owners before the transfer as they are known; an older transfer needs no record.",
            ),
        ));
    }
    let mut next = patent.value.clone();
    next.owners.clone_from(&said.parties);
    rehold(tx, &next).await?;
    let unit = (Unit::Owners, said.on);
    statuses::replace(desk.services, tx, desk.actor, patent, next, unit).await?;
    Ok(Done::Recorded(()))
}

/// New owners may confirm or unconfirm holdings.
async fn rehold(tx: &mut Tx, patent: &Patent) -> store::Result<()> {
    let held = holdings::list_by_numbers(tx, std::slice::from_ref(&patent.number)).await?;
    let owners: Vec<Id> = held.iter().map(|h| h.value.organisation.clone()).collect();
    let parties = organisations::list_by_ids(tx, &owners).await?;
    for holding in held {
        let party = parties
            .iter()
            .find(|p| p.value.id == holding.value.organisation);
        let mut next: Holding = holding.value.clone();
        if let Some(party) = party {
            next.transferred(&party.value, patent);
            let rules = reviews::load_rules(tx, &party.value.id).await?.value;
            // Whoever publishes after review publishes nothing by being named.
            next.published &= holding.value.published || !rules.publish_after_review;
        }
        if next != holding.value {
            let after = holdings::update(tx, &next, holding.version).await?;
            announce(tx, Some(&holding.value), &after);
        }
    }
    Ok(())
}

/// The announced declarations of a patent that must be withdrawn, as they stand after its latest line.
async fn to_withdraw(desk: &mut Desk<'_>, tx: &mut Tx, number: &AppNo) -> store::Result<()> {
    desk.must_withdraw.retain(|one| one.number != *number);
    let sight = desk.actor.sight();
    for found in declarations::list_by_numbers(tx, std::slice::from_ref(number)).await? {
        let declaration = found.value;
        let Some(task) = &declaration.must_withdraw else {
            continue;
        };
        if declaration.state.is_live() && sight.sees(&declaration.audience()) {
            desk.must_withdraw.push(ToWithdraw {
                declaration: declaration.id.clone(),
                number: number.clone(),
                declaration_number: declaration.declaration_number.clone(),
                blocks: task.blocks.clone(),
            });
        }
    }
    Ok(())
}
