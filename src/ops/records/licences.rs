//! A line of licences taken: under which declaration, by whom, recorded before or not, and into the register.

use super::{
    attempt::{Desk, Done, Refused, Stop},
    evidence,
};
use crate::{
    domain::{
        access::Operation,
        declaration::Declaration,
        id::Id,
        licence::{Evidence, Licence, LicenceState, Licensee},
        money::Fen,
        record::{Column, Flaw, LicenceLine, Line, TakerLine, read_licence},
    },
    ops::licences::{NewRecord, Taker, complete_in, insert, record_in},
    store::{Stored, Tx, contacts, declarations, licences},
};

pub(super) async fn take(desk: &mut Desk<'_>, line: &Line) -> Result<Done, Refused> {
    let said = read_licence(line).map_err(Refused::Flaws)?;
    let mut tx = desk.services.write(desk.actor).await?;
    let declaration = declaration(&mut tx, &said).await?;
    let taker = taker(desk, &said)?;
    let mut parties = vec![declaration.organisation.clone()];
    if let Taker::Organisation(id) = &taker {
        parties.extend(Id::parse(id));
    }
    let mut proofs = Vec::with_capacity(said.evidence.len());
    for (kind, column, name) in &said.evidence {
        let file = evidence::find(desk, &mut tx, &parties, *column, name).await?;
        proofs.push(Evidence { kind: *kind, file });
    }
    let rehearsed = (declaration.id.clone(), format!("{taker:?}"));
    if let Some(known) = known(desk, &mut tx, &rehearsed, &taker).await? {
        return again(desk, tx, line, &said, rehearsed, known, proofs).await;
    }
    let new = NewRecord {
        declaration: declaration.id,
        licensee: taker,
        notice_on: said.notice_on,
        payments: said
            .paid_on
            .map(|day| (said.paid_fen, day))
            .into_iter()
            .collect(),
        filing: said.filing,
        evidence: proofs.into_iter().map(|e| (e.kind, e.file.id)).collect(),
        cross_border: said.cross_border.unwrap_or(false),
    };
    let (services, actor) = (desk.services, desk.actor);
    let operation = Operation::ImportRecords;
    let licence = record_in(services, &mut tx, actor, operation, new).await?;
    let record = insert(services, &mut tx, actor, licence).await?;
    let done = Done::Recorded(record.value.id.clone());
    match &mut desk.rehearsal {
        Some(rehearsal) => {
            rehearsal.licences.insert(rehearsed, record.value);
        }
        None => {
            tx.commit().await?;
        }
    }
    Ok(done)
}

/// A line whose licence is recorded already: nothing new, something to be added, or a contradiction.
async fn again(
    desk: &mut Desk<'_>,
    mut tx: Tx,
    line: &Line,
    said: &LicenceLine,
    rehearsed: (Id, String),
    known: Stored<Licence>,
    proofs: Vec<Evidence>,
) -> Result<Done, Refused> {
    if let Some(column) = difference(said, &known.value) {
        return Err(differs(line, column).into());
    }
    let id = known.value.id.clone();
    if let Some(rehearsal) = &mut desk.rehearsal {
        let today = tx.now().day();
        let next = known.value.completed(said.filing.as_ref(), proofs, today);
        let next = next.map_err(crate::ops::Error::from)?;
        let changed = next != known.value;
        rehearsal.licences.insert(rehearsed, next);
        return Ok(if changed {
            Done::Completed(id)
        } else {
            Done::Repeated(id)
        });
    }
    let completed =
        complete_in(desk.services, &mut tx, &known, said.filing.as_ref(), proofs).await?;
    if completed.is_none() {
        return Ok(Done::Repeated(id));
    }
    tx.commit().await?;
    Ok(Done::Completed(id))
}

/// The licence of this licensee under this declaration.
async fn known(
    desk: &Desk<'_>,
    tx: &mut Tx,
    rehearsed: &(Id, String),
    taker: &Taker,
) -> Result<Option<Stored<Licence>>, Stop> {
    let before = desk.rehearsal.as_ref();
    if let Some(licence) = before.and_then(|r| r.licences.get(rehearsed)) {
        return Ok(Some(Stored {
            version: 1,
            hash: licence.document_hash(),
            value: licence.clone(),
        }));
    }
    let licensee = match taker {
        Taker::Organisation(id) => Id::parse(id).map(Licensee::Organisation),
        Taker::Individual { name, contact } => {
            let person = contacts::find_same_individual(tx, name, contact).await?;
            person.map(Licensee::Individual)
        }
    };
    let Some(licensee) = licensee else {
        return Ok(None);
    };
    let all = licences::list_by_declaration(tx, &rehearsed.0).await?;
    Ok(all.into_iter().find(|licence| {
        let stands = matches!(
            licence.value.state,
            LicenceState::Pending | LicenceState::Effective
        );
        stands && licence.value.licensee == licensee
    }))
}

/// The first column in which a line contradicts the record. What the line leaves open contradicts nothing.
fn difference(said: &LicenceLine, known: &Licence) -> Option<Column> {
    if known.notice_on != Some(said.notice_on) {
        return Some(Column::NoticeOn);
    }
    // Where nothing was due at the start, a day alone says nothing of a payment.
    let due = known.terms.due_at_start();
    let paid = said
        .paid_on
        .filter(|_| due > Fen::ZERO || said.paid_fen.is_some_and(|paid| paid > Fen::ZERO));
    if let Some(day) = paid {
        let amount = said.paid_fen.unwrap_or(due);
        let that_day = || known.payments.iter().filter(|p| p.paid_on == day);
        if that_day().next().is_none() {
            return Some(Column::PaidOn);
        }
        if !that_day().any(|payment| payment.amount_fen == amount) {
            return Some(Column::PaidAmount);
        }
    }
    if let (Some(said), Some(known)) = (&said.filing, &known.filing) {
        if said.number.trim() != known.number {
            return Some(Column::FilingNumber);
        }
        if said.on != known.on {
            return Some(Column::FilingOn);
        }
    }
    let crosses = said.cross_border.unwrap_or(known.cross_border);
    (crosses != known.cross_border).then_some(Column::CrossBorder)
}

fn differs(line: &Line, column: Column) -> Stop {
    let (code, zh, en) = match column {
        // Another notice would be a second licence.
        Column::NoticeOn => (
            "licenceExists",
            "该被许可人在此声明下已有许可记录，通知日不同；一份声明下每个被许可人只有一项许可。".to_owned(),
            "This licensee has a licence under this declaration with another notice day; one is enough.".to_owned(),
        ),
        column => (
            "recordedDifferently",
            format!("这项许可已登记，“{}”与记录不同。", column.title()),
            format!("This licence is recorded with another {}.", column.key()),
        ),
    };
    Stop::flaw(Flaw::new(column, &line.said(column), code, zh, en).cure(
        "请核对原件。记录有误的，先作废再重新登记；之后的支付请在原记录上补录（POST /v1/licences/{id}/payments）。",
        "Check the documents. Annul a wrong record and record it anew; later payments are added to the record \
         (POST /v1/licences/{id}/payments).",
    ))
}

fn taker(desk: &Desk<'_>, said: &LicenceLine) -> Result<Taker, Stop> {
    Ok(match &said.licensee {
        TakerLine::Organisation(name) => {
            let id = desk.directory.find(Column::Licensee, name)?;
            Taker::Organisation(id.to_string())
        }
        TakerLine::Individual { name, contact } => Taker::Individual {
            name: name.clone(),
            contact: contact.clone(),
        },
    })
}

/// The declaration of this number; else the patent's only one, on that day if there were several.
async fn declaration(tx: &mut Tx, said: &LicenceLine) -> Result<Declaration, Stop> {
    if let Some(number) = &said.declaration_number {
        let found = declarations::find_by_number(tx, number.trim()).await?;
        let found = found
            .map(|record| record.value)
            .filter(|declaration| declaration.state.was_announced());
        let Some(declaration) = found else {
            return Err(unknown(Column::DeclarationNumber, number));
        };
        let other = said.number.as_ref();
        if let Some(other) = other.filter(|other| **other != declaration.number) {
            let text = other.to_string();
            return Err(Stop::flaw(
                Flaw::new(
                    Column::Number,
                    &text,
                    "numbersDisagree",
                    format!("该声明编号对应的专利是 {}。", declaration.number.zl()),
                    format!("This declaration is of {}.", declaration.number.zl()),
                )
                .cure(
                    "请核对声明编号与专利号。",
                    "Check the declaration number against the patent number.",
                ),
            ));
        }
        return Ok(declaration);
    }
    let Some(number) = &said.number else {
        return Err(unknown(Column::DeclarationNumber, ""));
    };
    let all = declarations::list_by_numbers(tx, std::slice::from_ref(number)).await?;
    let mut announced: Vec<Declaration> = all
        .into_iter()
        .map(|record| record.value)
        .filter(|declaration| declaration.state.was_announced())
        .collect();
    if announced.len() > 1 {
        announced.retain(|declaration| declaration.is_offered_on(said.notice_on));
    }
    let zl = number.zl();
    match (announced.pop(), announced.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(Stop::flaw(
            Flaw::new(
                Column::Number,
                &zl,
                "declarationAmbiguous",
                "这件专利在通知日有几份公告的声明。",
                "Several declarations of this patent were announced on the day of the notice.",
            )
            .cure("请填写开放许可声明编号。", "Give the declaration number."),
        )),
        (None, _) => Err(unknown(Column::Number, &zl)),
    }
}

fn unknown(column: Column, said: &str) -> Stop {
    Stop::flaw(
        Flaw::new(
            column,
            said,
            "declarationUnknown",
            "没有登记过已公告的这份声明。",
            "No announced declaration of it is recorded.",
        )
        .cure(
            "请核对编号，或先登记已公告的声明（kind=declarations）。",
            "Check the number, or record the announced declaration first (kind=declarations).",
        ),
    )
}
