//! Licences: notice, delivery, payment, the patentee's word, filing; and what was taken before or elsewhere,
//! recorded with its days and evidence. Nothing here lets a patentee accept, refuse or reprice.

mod licensee;
mod paying;
mod taking;

use self::paying::free_statement;
pub(super) use self::taking::{complete_in, insert, record_in, risks};
pub use self::{
    licensee::Taker,
    paying::{NewPayment, Proof, pay},
    taking::{NewNotice, NewRecord, create, record},
};
pub use crate::store::licences::Filter as LicenceFilter;

use crate::ops::{
    Error, Result, Services,
    announce::announce,
    asked::Sides,
    declarations::sentence,
    files, inbox,
    organisations::{self},
    performances,
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        declaration::Declaration,
        file::FileRef,
        id::Id,
        licence::{Evidence, EvidenceKind, Filing, Licence, Verdict},
        time::Day,
    },
    store::{Stored, Tx, declarations, licences},
};

/// Records that the letter has reached the patentee.
pub async fn deliver(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    on: Day,
    proof: &Id,
) -> Result<Stored<Licence>> {
    let (mut tx, current, declaration) = open(
        services,
        actor,
        Operation::DeliverNotice,
        id,
        Some(expected),
    )
    .await?;
    let proof = files::cite(&mut tx, actor, proof, "/file").await?;
    let today = tx.now().day();
    let next = current
        .value
        .delivered(on, proof, &declaration, today, &services.rules)?;
    put(services, tx, actor, current, next).await
}

/// The patentee confirms or disputes. A dispute is stated; neither changes the effect.
pub async fn answer(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    verdict: Verdict,
    statement: Option<&str>,
) -> Result<Stored<Licence>> {
    let (mut tx, current, _) = open(
        services,
        actor,
        Operation::AnswerLicence,
        id,
        Some(expected),
    )
    .await?;
    let statement = match (verdict, statement) {
        (Verdict::Disputed, text) => {
            let text = sentence("/statement", text.unwrap_or_default())?;
            let name = format!("异议-{}.txt", current.value.number);
            let owner = Some(&current.value.holder);
            Some(files::write_text(&mut tx, services, &name, &text, owner, &[], actor).await?)
        }
        (Verdict::Confirmed, _) => None,
    };
    let today = tx.now().day();
    let next = current.value.answered(verdict, statement, today)?;
    put(services, tx, actor, current, next).await
}

/// Records the filing (备案); either side may.
pub async fn file(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    filing: &Filing,
    certificate: Option<&Id>,
) -> Result<Stored<Licence>> {
    let (mut tx, current, _) =
        open(services, actor, Operation::FileLicence, id, Some(expected)).await?;
    let certificate = match certificate {
        Some(file) => Some(files::cite(&mut tx, actor, file, "/file").await?),
        None => None,
    };
    let today = tx.now().day();
    let mut next = current.value.filed(filing, certificate, today)?;
    let stated = |e: &Evidence| e.kind == EvidenceKind::FreeStatement;
    // Where nothing is due there is no voucher to file; the statement stands in its place.
    if next.terms.is_free() && !next.evidence.iter().any(stated) {
        let file = free_statement(services, &mut tx, actor, &next).await?;
        next.evidence.push(Evidence {
            kind: EvidenceKind::FreeStatement,
            file,
        });
    }
    put(services, tx, actor, current, next).await
}

/// Strikes a record that was entered by mistake.
pub async fn annul(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    reason: &str,
) -> Result<Stored<Licence>> {
    let (tx, current, _) =
        open(services, actor, Operation::AnnulLicence, id, Some(expected)).await?;
    let next = current.value.annulled(&sentence("/reason", reason)?)?;
    put(services, tx, actor, current, next).await
}

/// One licence, if the caller may see it.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Stored<Licence>> {
    access::check(actor, Operation::GetLicence, None)?;
    let mut tx = services.read().await?;
    let found = licences::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("licence"))?;
    visible(actor, found)
}

/// A page in id order of what the caller may see, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    sides: &Sides,
    filter: LicenceFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Stored<Licence>>, i64)> {
    access::check(actor, Operation::ListLicences, None)?;
    let filter = sided(services, sides, filter).await?;
    let sight = actor.sight();
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok((
        licences::page(&mut tx, &sight, &filter, after, limit).await?,
        licences::count(&mut tx, &sight, &filter).await?,
    ))
}

/// The filter with the sides that are named.
pub(in crate::ops) async fn sided(
    services: &Services,
    sides: &Sides,
    mut filter: LicenceFilter,
) -> Result<LicenceFilter> {
    for (reference, pointer, side) in [
        (&sides.holder, "?holder", &mut filter.holder),
        (&sides.licensee, "?licensee", &mut filter.licensee),
        (&sides.party, "?party", &mut filter.side),
    ] {
        if let Some(reference) = reference {
            *side = Some(organisations::named(services, reference, pointer).await?);
        }
    }
    Ok(filter)
}

/// Opens the writing transaction on a licence that this caller, as one of its sides or as an officer, may change.
pub(super) async fn open(
    services: &Services,
    actor: &Actor,
    operation: Operation,
    id: &Id,
    expected: Option<i64>,
) -> Result<(Tx, Stored<Licence>, Declaration)> {
    access::check_role(actor, operation)?;
    let mut tx = services.write(actor).await?;
    let found = licences::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("licence"))?;
    let current = visible(actor, found)?;
    may_change(actor, operation, &current.value)?;
    if expected.is_some_and(|expected| expected != current.version) {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let declaration = declarations::find(&mut tx, &current.value.declaration)
        .await?
        .ok_or_else(|| Error::Internal(format!("licence {id} without declaration")))?;
    Ok((tx, current, declaration.value))
}

/// Either side, where the operation is open to both; the patentee's word is the patentee's alone.
pub(super) fn may_change(actor: &Actor, operation: Operation, licence: &Licence) -> Result<()> {
    let as_holder = access::check(actor, operation, Some(&licence.holder));
    let other = Some(licence.licensee.id()).filter(|_| operation != Operation::AnswerLicence);
    let as_licensee = other.map_or(Err(Denied::NotYours), |id| {
        access::check(actor, operation, Some(id))
    });
    Ok(as_holder.or(as_licensee)?)
}

pub(super) async fn put(
    services: &Services,
    mut tx: Tx,
    actor: &Actor,
    current: Stored<Licence>,
    next: Licence,
) -> Result<Stored<Licence>> {
    if next == current.value {
        return Ok(current);
    }
    for evidence in next.evidence.iter().skip(current.value.evidence.len()) {
        share(&mut tx, &next, &evidence.file).await?;
    }
    let record = licences::update(&mut tx, next, current.version).await?;
    announce(&mut tx, Some(&current.value), &record);
    let acting = inbox::acting(actor);
    inbox::licence(
        &mut tx,
        services,
        acting,
        Some(&current.value),
        &record.value,
    )
    .await?;
    performances::follow(&mut tx, services, &record.value).await?;
    tx.commit().await?;
    Ok(record)
}

/// Both sides may read what proves their licence.
pub(super) async fn share(tx: &mut Tx, licence: &Licence, file: &FileRef) -> Result<()> {
    let mut sides = vec![licence.holder.clone()];
    sides.push(licence.licensee.id().clone());
    files::share(tx, &file.id, &sides).await
}

/// A record that the reader may not see does not exist for it.
pub(super) fn visible(actor: &Actor, found: Stored<Licence>) -> Result<Stored<Licence>> {
    let sight = actor.sight();
    if found
        .value
        .audiences()
        .iter()
        .any(|audience| sight.sees(audience))
    {
        Ok(found)
    } else {
        Err(Error::NotFound("licence"))
    }
}
