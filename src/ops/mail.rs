//! Mail of messages: a job for each recipient, enqueued in the message's own transaction where mail is set up, sent by
//! the worker until it succeeds. The mail says what kind of thing happened and where to read of it, and no more.

use serde::{Deserialize, Serialize};

use super::{Error, Result, Services};
use crate::{
    domain::{account::AccountState, event::Audience, id::Id, message::Message},
    store::{self, Tx, accounts, jobs, jobs::Leased, messages},
};

pub const KIND: &str = "mail";

/// Whom a job mails of what; addresses are looked up when it is sent.
#[derive(Serialize, Deserialize)]
struct Payload {
    message: Id,
    account: Id,
}

/// Enqueues the mails of a message, in its transaction.
pub(super) async fn enqueue(
    tx: &mut Tx,
    services: &Services,
    message: &Message,
) -> store::Result<()> {
    if services.mail.is_none() {
        return Ok(());
    }
    let readers = match &message.to {
        Audience::Organisation(party) => accounts::list_by_party(tx, party).await?,
        Audience::Office => accounts::list_of_office(tx).await?,
        Audience::Public => Vec::new(),
    };
    let now = tx.now();
    for account in readers {
        if account.state != AccountState::Active || !account.login.is_mail() {
            continue;
        }
        let payload = serde_json::json!(Payload {
            message: message.id.clone(),
            account: account.id,
        });
        jobs::enqueue(tx, &services.ids.next(now), KIND, &payload, now).await?;
    }
    Ok(())
}

/// Sends one mail. Whoever is disabled by now gets none.
pub async fn run_job(services: &Services, job: &Leased) -> Result<()> {
    let unfit = |why: String| Error::Internal(format!("job {}: {why}", job.id));
    let mailer = services
        .mail
        .as_ref()
        .ok_or_else(|| unfit("mail is not set up".into()))?;
    let payload: Payload =
        serde_json::from_value(job.payload.clone()).map_err(|e| unfit(e.to_string()))?;
    let mut tx = services.read().await?;
    let message = messages::find(&mut tx, &payload.message).await?;
    let account = accounts::find(&mut tx, &payload.account)
        .await?
        .filter(|account| account.state == AccountState::Active && account.login.is_mail());
    drop(tx);
    if let (Some(message), Some(account)) = (message, account) {
        let (zh, en) = (message.kind.zh(), message.kind.en());
        let subject = format!("【开许】{zh} / {en}");
        let site = mailer.site();
        let text = format!(
            "您有一条新消息：{zh}。请登录查看：\n{site}/inbox\n\nYou have a new message: {en}. Sign in to read it:\n{site}/inbox\n"
        );
        let sent = mailer.send(account.login.as_str(), &subject, &text).await;
        sent.map_err(|why| Error::Internal(why.to_string()))?;
    }
    let mut tx = services.db.begin_plain().await?;
    jobs::finish(&mut tx, job).await?;
    tx.commit().await?;
    Ok(())
}
