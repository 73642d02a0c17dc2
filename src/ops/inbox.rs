//! Inboxes: what a party is told of legal events. `tell` is called inside the transaction of the event, so that the
//! event and its message are one commit.

use super::{Error, Result, Services, mail};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        codes::AppNo,
        declaration::Declaration,
        event::{Audience, Noun, Sight},
        holding::Holding,
        id::Id,
        licence::{Licence, LicenceState},
        message::{self, Message, MessageKind},
        text::Text,
    },
    store::{self, Tx, licences, messages},
};

/// What a message says.
pub(super) struct Told {
    pub kind: MessageKind,
    /// `licences/ID`
    pub subject: String,
    /// The patent that it is about.
    pub number: Option<AppNo>,
    pub text: Text,
}

/// Puts a message into an inbox, within the writing transaction of what it tells of.
pub(super) async fn tell(
    tx: &mut Tx,
    services: &Services,
    to: &Audience,
    told: Told,
) -> store::Result<()> {
    let at = tx.now();
    let message = Message {
        id: services.ids.next(at),
        place: messages::next_place(tx).await?,
        to: to.clone(),
        kind: told.kind,
        subject: told.subject,
        number: told.number,
        text: told.text,
        at,
        read_at: None,
    };
    messages::insert(tx, &message).await?;
    mail::enqueue(tx, services, &message).await
}

/// The party for which somebody acts, who need not be told what they have just done; nobody for an officer.
pub(super) fn acting(actor: &Actor) -> Option<&Id> {
    // Whoever has a narrower duty does not speak for the party.
    let member = actor.role.is_member() && !actor.is_narrow();
    actor.organisation.as_ref().filter(|_| member)
}

/// Tells a licence's sides of its new state: each but the one that has acted.
pub(super) async fn licence(
    tx: &mut Tx,
    services: &Services,
    acting: Option<&Id>,
    before: Option<&Licence>,
    after: &Licence,
) -> store::Result<()> {
    let mut sides = vec![&after.holder];
    sides.extend(Some(after.licensee.id()).filter(|id| **id != after.holder));
    for kind in message::of_licence(before, after) {
        for side in sides.iter().filter(|side| Some(**side) != acting) {
            let told = Told {
                kind,
                subject: message::subject(Noun::Licence, &after.id),
                number: Some(after.number.clone()),
                text: about(kind, &after.number, ""),
            };
            tell(tx, services, &Audience::Organisation((*side).clone()), told).await?;
        }
    }
    Ok(())
}

/// Tells a declaration's holder, and those who have taken licences under it, of its new state.
pub(super) async fn declaration(
    tx: &mut Tx,
    services: &Services,
    acting: Option<&Id>,
    before: Option<&Declaration>,
    after: &Declaration,
) -> store::Result<()> {
    let kinds = message::of_declaration(before, after);
    if kinds.is_empty() {
        return Ok(());
    }
    let mut parties = vec![after.organisation.clone()];
    for licence in licences::list_by_declaration(tx, &after.id).await? {
        let state = licence.value.state;
        if matches!(state, LicenceState::Pending | LicenceState::Effective) {
            parties.push(licence.value.licensee.id().clone());
        }
    }
    parties.dedup();
    for kind in kinds {
        for party in parties.iter().filter(|party| Some(*party) != acting) {
            let told = Told {
                kind,
                subject: message::subject(Noun::Declaration, &after.id),
                number: Some(after.number.clone()),
                text: about(kind, &after.number, &after.title),
            };
            tell(tx, services, &Audience::Organisation(party.clone()), told).await?;
        }
    }
    Ok(())
}

/// Tells a holder that an officer has confirmed a holding, or no longer does.
pub(super) async fn holding(
    tx: &mut Tx,
    services: &Services,
    before: &Holding,
    after: &Holding,
) -> store::Result<()> {
    let kind = match (before.state.is_confirmed(), after.state.is_confirmed()) {
        (false, true) => MessageKind::HoldingConfirmed,
        (true, false) => MessageKind::HoldingUnconfirmed,
        _ => return Ok(()),
    };
    let told = Told {
        kind,
        subject: message::subject(Noun::Holding, &after.id),
        number: Some(after.number.clone()),
        text: about(kind, &after.number, ""),
    };
    let to = Audience::Organisation(after.organisation.clone());
    tell(tx, services, &to, told).await
}

fn about(kind: MessageKind, number: &AppNo, title: &str) -> Text {
    let (zl, title) = (number.zl(), title.trim());
    let (zh, en) = if title.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("（{title}）"), format!(" ({title})"))
    };
    Text::new(
        format!("专利 {zl}{zh}：{}。", kind.zh()),
        format!("Patent {zl}{en}: {}.", kind.en()),
    )
}

/// Tells these parties of a record about a patent: each but the one that has acted.
pub(super) async fn parties(
    tx: &mut Tx,
    services: &Services,
    acting: Option<&Id>,
    parties: &[&Id],
    (kind, subject, number): (MessageKind, String, &AppNo),
) -> store::Result<()> {
    for party in parties.iter().filter(|party| Some(**party) != acting) {
        let told = Told {
            kind,
            subject: subject.clone(),
            number: Some(number.clone()),
            text: about(kind, number, ""),
        };
        tell(
            tx,
            services,
            &Audience::Organisation((*party).clone()),
            told,
        )
        .await?;
    }
    Ok(())
}

/// Does it act for the office?
pub(super) fn is_office(actor: &Actor) -> bool {
    actor.sight() == Sight::Office
}

/// Whose messages this actor reads.
fn own(actor: &Actor) -> Result<Audience> {
    access::check_role(actor, Operation::ListMessages)?;
    match actor.sight() {
        Sight::Office => Ok(Audience::Office),
        Sight::Own(id) => Ok(Audience::Organisation(id)),
        Sight::Public => Err(Denied::Role.into()),
    }
}

/// A page of the caller's inbox, the newest first, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    unread: bool,
    after: Option<i64>,
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
