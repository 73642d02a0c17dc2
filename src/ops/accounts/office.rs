//! What officers do with accounts: look at those that wait, approve, disable, let in again; and check individuals.

use super::{Account, actor_name, colleagues, note, officer, subject};
use crate::{
    domain::{
        access::{Actor, Denied, Role},
        account::{AccountState, Login},
        event::{Audience, Noun},
        id::Id,
        message::{self, MessageKind},
        party::{Individual, Organisation},
        text::Text,
    },
    ops::{
        Error, Result, Services,
        inbox::{self, Told},
    },
    store::{
        Tx, accounts, audit, contacts,
        invitations::{self, Invitation},
        organisations,
    },
};

/// What waits for an officer.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Accounts that ask to act for an organisation, and that organisation.
    pub accounts: Vec<(Account, Option<Organisation>)>,
    pub organisations: Vec<crate::ops::Stored<Organisation>>,
    pub individuals: Vec<Individual>,
    pub invitations: Vec<Invitation>,
}

/// The most of each that one page shows; whatever is left comes when these are done.
const SHOWN: i64 = 100;

/// What waits for an officer, oldest first.
pub async fn waiting(services: &Services, actor: &Actor) -> Result<Waiting> {
    officer(actor)?;
    let mut tx = services.read().await?;
    let mut asking = Vec::new();
    for account in accounts::page(&mut tx, Some(AccountState::Waiting), "", SHOWN).await? {
        let party = match &account.party {
            Some(id) => organisations::find(&mut tx, id).await?.map(|p| p.value),
            None => None,
        };
        asking.push((account, party));
    }
    Ok(Waiting {
        accounts: asking,
        organisations: organisations::list_unverified(&mut tx, SHOWN).await?,
        individuals: contacts::list_unverified(&mut tx, SHOWN).await?,
        invitations: invitations::list_open(&mut tx, services.now(), SHOWN).await?,
    })
}

/// A page of all accounts in the order in which they were made.
pub async fn list(
    services: &Services,
    actor: &Actor,
    after: &str,
    limit: i64,
) -> Result<Vec<Account>> {
    officer(actor)?;
    let mut tx = services.read().await?;
    Ok(accounts::page(&mut tx, None, after, limit).await?)
}

/// The account with this login.
pub async fn find(services: &Services, actor: &Actor, login: &str) -> Result<Account> {
    officer(actor)?;
    let login = Login::parse(login).map_err(|_| Error::NotFound("account"))?;
    let mut tx = services.read().await?;
    accounts::find_by_login(&mut tx, &login)
        .await?
        .ok_or(Error::NotFound("account"))
}

/// Lets a waiting account act for its organisation.
pub async fn approve(services: &Services, actor: &Actor, id: &Id) -> Result<()> {
    set(
        services,
        actor,
        id,
        AccountState::Waiting,
        AccountState::Active,
        "accountApproved",
    )
    .await
}

/// The account that an officer changes, in the transaction that does it: never their own (`own` says why), an
/// administrator's only for administrators.
pub(super) async fn of_another(
    services: &Services,
    actor: &Actor,
    id: &Id,
    own: Text,
) -> Result<(Tx, Account)> {
    officer(actor)?;
    if actor.name == actor_name(id) {
        return Err(Error::fault("", "ownAccount", own.zh, own.en));
    }
    let mut tx = services.write(actor).await?;
    let account = accounts::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("account"))?;
    if account.role == Role::Administrator && actor.role != Role::Administrator {
        return Err(Denied::Role.into());
    }
    Ok((tx, account))
}

/// Ends an account and its sessions at once.
pub async fn disable(services: &Services, actor: &Actor, id: &Id) -> Result<()> {
    let own = Text::new(
        "不能停用自己的账户。",
        "Nobody disables the account they are signed in with.",
    );
    let (mut tx, account) = of_another(services, actor, id, own).await?;
    colleagues::end(services, &mut tx, &actor.name, &account, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Lets a disabled account sign in again; one that nobody has ever let in waits for its approval as before.
pub async fn enable(services: &Services, actor: &Actor, id: &Id) -> Result<()> {
    officer(actor)?;
    let done = audit::list_by_subject(&mut services.read().await?, &subject(id)).await?;
    let let_in = |line: &audit::Line| {
        matches!(
            line.what.as_str(),
            "accountApproved" | "invitationAccepted" | "registered"
        )
    };
    let to = if done.iter().any(let_in) {
        AccountState::Active
    } else {
        AccountState::Waiting
    };
    let from = AccountState::Disabled;
    set(services, actor, id, from, to, "accountEnabled").await
}

async fn set(
    services: &Services,
    actor: &Actor,
    id: &Id,
    from: AccountState,
    to: AccountState,
    what: &str,
) -> Result<()> {
    officer(actor)?;
    let mut tx = services.write(actor).await?;
    let account = accounts::find(&mut tx, id)
        .await?
        .filter(|account| account.state == from)
        .ok_or(Error::NotFound("account"))?;
    accounts::set_state(&mut tx, id, to).await?;
    if to == AccountState::Active
        && let Some(party) = &account.party
        && !accounts::is_managed(&mut tx, party).await?
    {
        accounts::set_manages(&mut tx, id, true).await?;
    }
    note(&mut tx, services, &actor.name, what, &subject(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// An officer has checked who an individual is, or takes that back.
pub async fn verify_individual(
    services: &Services,
    actor: &Actor,
    id: &Id,
    verified: bool,
) -> Result<()> {
    officer(actor)?;
    let mut tx = services.write(actor).await?;
    let person = contacts::find_individual(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("individual"))?;
    if person.verified != verified {
        contacts::set_verified(&mut tx, id, verified).await?;
        let (kind, what, text) = verdict(verified);
        let told = Told {
            kind,
            subject: message::subject(Noun::Organisation, id),
            number: None,
            text,
        };
        let to = Audience::Organisation(id.clone());
        inbox::tell(&mut tx, services, &to, told).await?;
        note(
            &mut tx,
            services,
            &actor.name,
            what,
            &format!("individuals/{id}"),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What a party is told of its check.
pub(in crate::ops) fn verdict(verified: bool) -> (MessageKind, &'static str, Text) {
    if verified {
        let text = Text::new(
            "您的主体身份已核验，可以发出许可通知。",
            "You have been verified and may give notices.",
        );
        (MessageKind::PartyVerified, "partyVerified", text)
    } else {
        let text = Text::new(
            "您的主体身份未通过核验，暂不能发出许可通知，请与主管部门联系。",
            "You have not been verified and may give no notice; ask the office.",
        );
        (MessageKind::PartyUnverified, "partyUnverified", text)
    }
}
