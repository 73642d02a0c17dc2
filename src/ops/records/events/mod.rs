//! A line of what happened to a patent: it becomes the record that exists for it. An encumbrance begins, changes or ends; a
//! status replaces an older one, never a newer; a transfer names new owners. Each holds the announced declarations of
//! the patent against the gate, as when it is recorded by itself. Said again, it changes nothing.

mod burdens;
mod right;

use std::collections::HashMap;

use super::{
    attempt::{Desk, Done, Refused, Stop},
    evidence,
    report::ToWithdraw,
};
use crate::{
    domain::{
        codes::AppNo,
        encumbrance::Encumbrance,
        event::Sight,
        file::FileRef,
        id::Id,
        patent::Patent,
        record::{Column, EventLine, Flaw, Line, Said, read_event},
        time::Day,
    },
    ops::{Error, encumbrances as recorded},
    store::{self, Stored, Tx, declarations, encumbrances, patents},
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
        Said::Begins(kind) => burdens::begins(desk, &mut tx, kind, &said, source).await?,
        Said::Changes(kinds) => burdens::changes(desk, &mut tx, kinds, &said, source).await?,
        Said::Ends(kinds) => burdens::ends(desk, &mut tx, kinds, &said, source).await?,
        Said::Status(status) => right::state(desk, &mut tx, patent, status, &said, source).await?,
        Said::Transfer => right::transfer(desk, &mut tx, patent, &said).await?,
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
    match recorded::held(tx, &own, &said.number).await {
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

fn joined(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join("；"))
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
