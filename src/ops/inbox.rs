//! Inboxes: what a party is told of legal events. `tell` is called inside the transaction of the event, so that the
//! event and its message are one commit.

use super::{Error, Result, Services};
use crate::{
    domain::{
        access::{Actor, Denied},
        event::{Audience, Sight},
        id::Id,
        message::{Message, MessageKind},
        text::Text,
    },
    store::{self, Tx, messages},
};

/// Puts a message into an inbox, within the writing transaction of what it tells of.
pub(super) async fn tell(
    tx: &mut Tx,
    services: &Services,
    to: &Audience,
    kind: MessageKind,
    subject: &str,
    text: Text,
) -> store::Result<()> {
    let at = tx.now();
    let message = Message {
        id: services.ids.next(at),
        to: to.clone(),
        kind,
        subject: subject.to_owned(),
        text,
        at,
        read_at: None,
    };
    messages::insert(tx, &message).await
}

/// Does it act for the office?
pub(super) fn is_office(actor: &Actor) -> bool {
    actor.sight() == Sight::Office
}

/// Whose messages this actor reads.
fn own(actor: &Actor) -> Result<Audience> {
    match actor.sight() {
        Sight::Office => Ok(Audience::Office),
        Sight::Own(id) => Ok(Audience::Organisation(id)),
        Sight::Public if actor.role == crate::domain::access::Role::Anonymous => {
            Err(Denied::Unauthenticated.into())
        }
        Sight::Public => Err(Denied::Role.into()),
    }
}

/// A page of the caller's inbox, the newest first, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    unread: bool,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Message>, i64)> {
    let to = own(actor)?;
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok((
        messages::page(&mut tx, &to, unread, after, limit).await?,
        messages::count(&mut tx, &to, unread).await?,
    ))
}

/// Marks one message, or with `None` all of them, as read.
pub async fn mark_read(services: &Services, actor: &Actor, id: Option<&Id>) -> Result<()> {
    let to = own(actor)?;
    let mut tx = services.db.begin_plain().await?;
    if let Some(id) = id
        && messages::find(&mut tx, id)
            .await?
            .is_none_or(|message| message.to != to)
    {
        return Err(Error::NotFound("message"));
    }
    messages::mark_read(&mut tx, &to, id, services.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// How many messages nobody has read.
pub(super) async fn unread(tx: &mut Tx, actor: &Actor) -> Result<i64> {
    match own(actor) {
        Ok(to) => Ok(messages::count(tx, &to, true).await?),
        Err(_) => Ok(0),
    }
}
