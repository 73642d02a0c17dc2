//! Payments of a licence: the payer's voucher or the patentee's receipt, and the statement that nothing is due.

use super::{open, put, taking::repeated};
use crate::ops::{
    Error, Result, Services, files, idempotency::Key, letter, organisations::Created,
};
use crate::{
    domain::{
        access::{Actor, Operation},
        file::FileRef,
        id::Id,
        licence::{Evidence, EvidenceKind, Licence, Licensee, Payment},
        money::Fen,
        time::Day,
    },
    store::{Stored, Tx, contacts, organisations as parties},
};

/// Who proves a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// 支付凭证, the payer's
    Voucher,
    /// 收款凭证, the patentee's
    Receipt,
}

/// A payment to be recorded.
#[derive(Clone, Debug)]
pub struct NewPayment {
    pub amount_fen: Fen,
    pub paid_on: Day,
    pub proof: Proof,
    /// Required for a voucher; the patentee's receipt is written here when it has none.
    pub file: Option<Id>,
}

/// Records a payment with the payer's voucher or the patentee's receipt.
pub async fn pay(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    id: &Id,
    new: NewPayment,
) -> Result<Created<Stored<Licence>>> {
    let (mut tx, current, declaration) =
        open(services, actor, Operation::AddPayment, id, None).await?;
    if let Some(repeated) = repeated(&mut tx, key).await? {
        return Ok(repeated);
    }
    let value = &current.value;
    let today = tx.now().day();
    let payment = Payment {
        amount_fen: new.amount_fen,
        paid_on: new.paid_on,
    };
    check_proof(actor, value, new.proof)?;
    let file = match (&new.file, new.proof) {
        (Some(file), _) => files::cite(&mut tx, actor, file, "/file").await?,
        (None, Proof::Voucher) => {
            return Err(Error::fault(
                "/file",
                "voucherMissing",
                "请先用 POST /v1/files 上传支付凭证，再填写文件编号。",
                "Upload the voucher with POST /v1/files first and give its id.",
            ));
        }
        (None, Proof::Receipt) => receipt(services, &mut tx, actor, value, &payment).await?,
    };
    let kind = match new.proof {
        Proof::Voucher => EvidenceKind::Voucher,
        Proof::Receipt => EvidenceKind::Receipt,
    };
    let next = value.paid(
        payment,
        Evidence { kind, file },
        &declaration,
        today,
        &services.rules,
    )?;
    if let Some(key) = key {
        key.keep(&mut tx, id).await?;
    }
    Ok(Created {
        record: put(services, tx, actor, current, next).await?,
        repeated: false,
    })
}

/// A voucher is the payer's, a receipt the patentee's; an officer records either.
fn check_proof(actor: &Actor, licence: &Licence, proof: Proof) -> Result<()> {
    let Some(own) = actor
        .organisation
        .as_ref()
        .filter(|_| actor.role.is_member())
    else {
        return Ok(());
    };
    let fits = match proof {
        Proof::Voucher => licence.licensee.id() == own,
        Proof::Receipt => licence.holder == *own,
    };
    if fits {
        return Ok(());
    }
    Err(Error::fault(
        "/proof",
        "proofNotYours",
        "支付凭证由被许可人提交，收款凭证由专利权人提交。",
        "A voucher comes from the licensee, a receipt from the patentee.",
    ))
}

/// 使用费为零，支付方式无偿: what is filed with a free licence.
pub(super) async fn free_statement(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    licence: &Licence,
) -> Result<FileRef> {
    let holder = parties::find(tx, &licence.holder)
        .await?
        .ok_or_else(|| Error::Internal("a licence without holder".into()))?;
    let name = licensee_name(tx, licence).await?;
    let text = letter::free_statement(&holder.value, licence, &name);
    let file_name = format!("使用费为零声明-{}.txt", licence.number);
    let owner = Some(&licence.holder);
    files::write_text(tx, services, &file_name, &text, owner, &[], actor).await
}

async fn licensee_name(tx: &mut Tx, licence: &Licence) -> Result<String> {
    let name = match &licence.licensee {
        Licensee::Organisation(id) => parties::find(tx, id).await?.map(|party| party.value.name),
        Licensee::Individual(id) => contacts::find_individual(tx, id)
            .await?
            .map(|person| person.name),
    };
    Ok(name.unwrap_or_default())
}

async fn receipt(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    licence: &Licence,
    payment: &Payment,
) -> Result<FileRef> {
    let holder = parties::find(tx, &licence.holder)
        .await?
        .ok_or_else(|| Error::Internal("a licence without holder".into()))?;
    let name = licensee_name(tx, licence).await?;
    let text = letter::receipt(&holder.value, &licence.number, &name, payment);
    let file_name = format!("收款确认-{}.txt", licence.number);
    files::write_text(
        tx,
        services,
        &file_name,
        &text,
        Some(&licence.holder),
        &[],
        actor,
    )
    .await
}
