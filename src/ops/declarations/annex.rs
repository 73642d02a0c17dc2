//! The know-how annex of an offer: written by the holder at any time until the declaration is over.

use super::{Shown, current, put, subject};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        declaration::KnowHow,
        id::Id,
    },
    ops::{Result, Services},
    store::contacts,
};

/// Writes what help comes with a licence, at version `expected`.
pub async fn annex(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    know_how: KnowHow,
) -> Result<Shown> {
    access::check_role(actor, Operation::PutKnowHow)?;
    let mut tx = services.write(actor).await?;
    let current = current(&mut tx, actor, Operation::PutKnowHow, id, expected).await?;
    let text = know_how
        .text
        .map(|text| text.replace("\r\n", "\n").trim().to_owned());
    let know_how = KnowHow {
        text: text.filter(|text| !text.is_empty()),
        ..know_how
    };
    let next = current.value.annexed(know_how)?;
    let record = put(services, &mut tx, actor, &current, next).await?;
    let contact = contacts::find(&mut tx, &subject(id)).await?;
    tx.commit().await?;
    Ok(Shown { record, contact })
}
