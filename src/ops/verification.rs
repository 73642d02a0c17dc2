//! Checking who a self-registered organisation is: an officer's word, or its uploaded business licence, which counts at
//! once and of which the office hears. After an officer has said no, only an officer says yes.

use super::{
    Error, Result, Services,
    accounts::verdict,
    announce::announce,
    files,
    inbox::{self, Told},
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        event::{Audience, Noun},
        id::Id,
        message::{self, MessageKind},
        party::Organisation,
        text::Text,
    },
    store::{Stored, Tx, organisations},
};

/// An officer has checked the organisation at version `expected`, or takes that back.
pub async fn verify(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    verified: bool,
) -> Result<Stored<Organisation>> {
    access::check(actor, Operation::VerifyOrganisation, Some(id))?;
    let mut tx = services.write(actor).await?;
    let current = organisations::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("organisation"))?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let mut next = current.value.clone();
    next.unverified = !verified;
    if next == current.value {
        return Ok(current);
    }
    let record = put(&mut tx, &current, &next).await?;
    let (kind, _, text) = verdict(verified);
    let told = Told {
        kind,
        subject: message::subject(Noun::Organisation, id),
        number: None,
        text,
    };
    inbox::tell(&mut tx, services, &Audience::Organisation(id.clone()), told).await?;
    tx.commit().await?;
    Ok(record)
}

/// The organisation names a file of its own as its business licence.
pub async fn name_licence(
    services: &Services,
    actor: &Actor,
    file: &Id,
) -> Result<Stored<Organisation>> {
    access::check_role(actor, Operation::CreateFile)?;
    let own = inbox::acting(actor).ok_or(Denied::NotYours)?;
    let mut tx = services.write(actor).await?;
    let licence = files::cite(&mut tx, actor, file, "/file").await?;
    let current = organisations::find(&mut tx, own)
        .await?
        .ok_or(Error::NotFound("organisation"))?;
    let next = current.value.licensed(licence);
    if next == current.value {
        return Ok(current);
    }
    let record = put(&mut tx, &current, &next).await?;
    let name = &record.value.name;
    let told = Told {
        kind: MessageKind::LicenceUploaded,
        subject: message::subject(Noun::Organisation, own),
        number: None,
        text: Text::new(
            format!("“{name}”已上传营业执照，请核对。"),
            format!("{name} has uploaded its business licence; have a look."),
        ),
    };
    inbox::tell(&mut tx, services, &Audience::Office, told).await?;
    tx.commit().await?;
    Ok(record)
}

async fn put(
    tx: &mut Tx,
    current: &Stored<Organisation>,
    next: &Organisation,
) -> Result<Stored<Organisation>> {
    let record = organisations::update(tx, next, current.version).await?;
    announce(tx, Some(&current.value), &record);
    Ok(record)
}
