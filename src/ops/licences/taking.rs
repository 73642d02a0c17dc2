//! Taking a licence: by notice on an announced declaration, or recorded with its days and evidence as it was taken
//! before or elsewhere.

use super::{
    licensee::{Taker, individual, is_abroad, licensee, unknown},
    share,
};
use crate::ops::{
    Error, Result, Services,
    announce::announce,
    files,
    idempotency::Key,
    inbox, letter,
    organisations::{self, Created},
    performances,
    watch::Dossiers,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        declaration::Declaration,
        eligibility::{Block, Finding},
        id::Id,
        licence::{
            Evidence, EvidenceKind, Filing, Licence, LicenceState, Licensee, Notice, Payment, Taken,
        },
        money::Fen,
        time::Day,
    },
    store::{Stored, Tx, declarations, keys, licences},
};

/// A notice to be given.
#[derive(Clone, Debug)]
pub struct NewNotice {
    pub declaration: Id,
    /// `None`: the caller's own organisation.
    pub licensee: Option<Taker>,
    pub acknowledged: Vec<Block>,
    pub cross_border: bool,
    /// Whether the licensee belongs together with the patentee, where it says so.
    pub related: Option<bool>,
    /// The version of the declaration that was read, where the caller says so: another one is refused as stale.
    pub seen: Option<i64>,
}

/// A licence taken elsewhere; evidence by file ids.
#[derive(Clone, Debug)]
pub struct NewRecord {
    pub declaration: Id,
    pub licensee: Taker,
    pub notice_on: Day,
    /// Amount and day; without an amount, what is announced as due at the start.
    pub payments: Vec<(Option<Fen>, Day)>,
    pub filing: Option<Filing>,
    pub evidence: Vec<(EvidenceKind, Id)>,
    pub cross_border: bool,
}

/// Gives notice on an announced declaration: the text is written, stamped, hashed and kept.
pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    new: NewNotice,
) -> Result<Created<Stored<Licence>>> {
    access::check_role(actor, Operation::CreateLicence)?;
    let mut tx = services.write(actor).await?;
    if let Some(repeated) = repeated(&mut tx, key).await? {
        return Ok(repeated);
    }
    let (licensee, name) = licensee(
        services,
        &mut tx,
        actor,
        Operation::CreateLicence,
        new.licensee,
    )
    .await?;
    let declaration = offered(&mut tx, actor, &new.declaration).await?;
    if let Some(current) =
        Some(declaration.version).filter(|now| new.seen.is_some_and(|seen| seen != *now))
    {
        return Err(Error::Stale { current });
    }
    let declaration = declaration.value;
    refuse_second(&mut tx, &declaration, &licensee).await?;
    let today = tx.now().day();
    let findings = risks(services, &mut tx, &declaration, today).await?;
    let given_at = tx.now().rfc3339();
    let text = letter::notice(
        &declaration,
        &name.party(),
        &tx.now().in_beijing(),
        &new.acknowledged,
    );
    let file_name = format!("许可通知-{}.txt", declaration.number);
    // A file belongs to an organisation; the office keeps an individual's, who reads it all the same.
    let readers = [declaration.organisation.clone(), licensee.id().clone()];
    let owner = licensee.organisation();
    let text =
        files::write_text(&mut tx, services, &file_name, &text, owner, &readers, actor).await?;
    let now = tx.now();
    let reaches_holder = keys::has_member(&mut tx, &declaration.organisation, now).await?;
    let notice = Notice {
        id: services.ids.next(now),
        licensee,
        given_at,
        reaches_holder,
        acknowledged: new.acknowledged,
        cross_border: new.cross_border || name.is_abroad(),
        text,
    };
    let licence = Licence::noticed(notice, &declaration, &findings, today, &services.rules)?;
    let record = insert(services, &mut tx, actor, licence).await?;
    if let Some(related) = new.related {
        performances::state_in(services, &mut tx, actor, &record.value, related).await?;
    }
    kept(tx, key, record).await
}

/// The standing blocks and the doubts of a declaration's patent on a day, which a licensee must acknowledge.
pub(in crate::ops) async fn risks(
    services: &Services,
    tx: &mut Tx,
    declaration: &Declaration,
    today: Day,
) -> Result<Vec<Finding>> {
    let wanted = [(declaration.organisation.clone(), declaration.number.clone())];
    let dossiers = Dossiers::load(tx, &wanted).await?;
    let case = dossiers
        .case(&declaration.organisation, &declaration.number)
        .ok_or(Error::NotFound("declaration"))?;
    let mut findings = case.standing(today);
    findings.extend(case.doubts(today, &services.rules));
    Ok(findings)
}

/// Enters a licence that was taken elsewhere.
pub async fn record(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    new: NewRecord,
) -> Result<Created<Stored<Licence>>> {
    access::check_role(actor, Operation::RecordLicence)?;
    let mut tx = services.write(actor).await?;
    if let Some(repeated) = repeated(&mut tx, key).await? {
        return Ok(repeated);
    }
    let operation = Operation::RecordLicence;
    let licence = record_in(services, &mut tx, actor, operation, new).await?;
    created(services, tx, actor, key, licence).await
}

/// The same inside a transaction, for lists, as the operation that is performed; not stored yet.
pub(in crate::ops) async fn record_in(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    operation: Operation,
    new: NewRecord,
) -> Result<Licence> {
    let declaration = offered(tx, actor, &new.declaration).await?.value;
    access::check(actor, operation, Some(&declaration.organisation))?;
    let mut cross_border = new.cross_border;
    let licensee = match new.licensee {
        Taker::Organisation(reference) => {
            let found = organisations::find(tx, &reference).await?;
            let found = found
                .ok_or_else(|| unknown("/licensee/organisation"))?
                .value;
            cross_border |= is_abroad(&found);
            Licensee::Organisation(found.id)
        }
        Taker::Individual { name, contact } => individual(services, tx, &name, &contact).await?.0,
    };
    refuse_second(tx, &declaration, &licensee).await?;
    let due = declaration.terms.due_at_start();
    let mut evidence = Vec::with_capacity(new.evidence.len());
    for (place, (kind, file)) in new.evidence.into_iter().enumerate() {
        let pointer = format!("/evidence/{place}/file");
        let file = files::cite(tx, actor, &file, &pointer).await?;
        evidence.push(Evidence { kind, file });
    }
    let payments = new.payments.into_iter().map(|(amount, paid_on)| Payment {
        amount_fen: amount.unwrap_or(due),
        paid_on,
    });
    let taken = Taken {
        id: services.ids.next(tx.now()),
        licensee,
        notice_on: new.notice_on,
        payments: payments
            .filter(|payment| due > Fen::ZERO || payment.amount_fen > Fen::ZERO)
            .collect(),
        filing: new.filing,
        evidence,
        cross_border,
    };
    let today = tx.now().day();
    let mut licence = Licence::recorded(taken, &declaration, today, &services.rules)?;
    licence.recorder = Some(actor.role);
    Ok(licence)
}

/// Stores a licence in its transaction, and lets both sides read its evidence.
pub(in crate::ops) async fn insert(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    licence: Licence,
) -> Result<Stored<Licence>> {
    let record = licences::insert(tx, licence).await?;
    for evidence in &record.value.evidence {
        share(tx, &record.value, &evidence.file).await?;
    }
    announce(tx, None, &record);
    inbox::licence(tx, services, inbox::acting(actor), None, &record.value).await?;
    performances::follow(tx, services, &record.value).await?;
    Ok(record)
}

/// Adds to a recorded licence the evidence and the filing that it lacks; `None` where it lacks nothing.
pub(in crate::ops) async fn complete_in(
    services: &Services,
    tx: &mut Tx,
    current: &Stored<Licence>,
    filing: Option<&Filing>,
    evidence: Vec<Evidence>,
) -> Result<Option<Stored<Licence>>> {
    let next = current.value.completed(filing, evidence, tx.now().day())?;
    if next == current.value {
        return Ok(None);
    }
    for evidence in next.evidence.iter().skip(current.value.evidence.len()) {
        share(tx, &next, &evidence.file).await?;
    }
    let record = licences::update(tx, next, current.version).await?;
    announce(tx, Some(&current.value), &record);
    performances::follow(tx, services, &record.value).await?;
    Ok(Some(record))
}

/// The declaration under which a licence is taken; whoever may not see it learns nothing of it.
async fn offered(tx: &mut Tx, actor: &Actor, id: &Id) -> Result<Stored<Declaration>> {
    let found = declarations::find(tx, id).await?;
    found
        .filter(|declaration| actor.sight().sees(&declaration.value.audience()))
        .ok_or_else(|| {
            Error::fault(
                "/declaration",
                "declarationUnknown",
                "没有这份声明，请核对编号。",
                "There is no such declaration; check the id.",
            )
        })
}

/// One licensee, one licence under a declaration.
async fn refuse_second(tx: &mut Tx, declaration: &Declaration, licensee: &Licensee) -> Result<()> {
    let known = licences::list_by_declaration(tx, &declaration.id).await?;
    let stands = |licence: &Licence| {
        licence.licensee == *licensee
            && matches!(
                licence.state,
                LicenceState::Pending | LicenceState::Effective
            )
    };
    if known.iter().any(|licence| stands(&licence.value)) {
        return Err(Error::Exists("licence"));
    }
    Ok(())
}

pub(super) async fn repeated(
    tx: &mut Tx,
    key: Option<&Key>,
) -> Result<Option<Created<Stored<Licence>>>> {
    let Some(key) = key else { return Ok(None) };
    let Some(id) = key.created(tx).await? else {
        return Ok(None);
    };
    let record = licences::find(tx, &id)
        .await?
        .ok_or(Error::NotFound("licence"))?;
    Ok(Some(Created {
        record,
        repeated: true,
    }))
}

async fn created(
    services: &Services,
    mut tx: Tx,
    actor: &Actor,
    key: Option<&Key>,
    licence: Licence,
) -> Result<Created<Stored<Licence>>> {
    let record = insert(services, &mut tx, actor, licence).await?;
    kept(tx, key, record).await
}

async fn kept(
    tx: Tx,
    key: Option<&Key>,
    record: Stored<Licence>,
) -> Result<Created<Stored<Licence>>> {
    let id = record.value.id.clone();
    Created::kept(tx, key, &id, record).await
}
