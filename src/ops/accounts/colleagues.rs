//! The people of one organisation, kept by those of them who manage it: they invite, hand the managing over, and
//! deactivate. Open work (tasks, drafts, imports) is the organisation's and never a person's, so nothing of it is lost;
//! a leaver's keys are handed to whoever deactivates, or end. An organisation keeps one who manages.

use super::{Account, Invited, contact_name, current, invitations, login, note, subject};
use crate::{
    domain::{access::Denied, account::AccountState, id::Id, review::Duty},
    ops::{
        Error, Result, Services,
        keys::leave,
        sessions::{Party, SignedIn},
    },
    store::{Tx, accounts, sessions},
};

/// What becomes of a leaver's API keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    Revoked,
    HandedOver,
}

/// The accounts of one's organisation, for whoever manages it.
pub async fn list(services: &Services, who: &SignedIn) -> Result<Vec<Account>> {
    let mut tx = services.read().await?;
    let party = managed(&mut tx, who).await?;
    Ok(accounts::list_by_party(&mut tx, &party).await?)
}

/// The organisation that this person manages, as the database has it now.
async fn managed(tx: &mut Tx, who: &SignedIn) -> Result<Id> {
    let account = current(tx, &who.account.id).await?;
    let organisation = matches!(who.party, Some(Party::Organisation(_)));
    match account.party {
        Some(party)
            if organisation
                && account.manages
                && account.state == AccountState::Active
                && who.principal.is_none() =>
        {
            Ok(party)
        }
        _ => Err(Denied::Role.into()),
    }
}

/// Invites a colleague, in the same role and for the same organisation.
pub async fn invite(
    services: &Services,
    who: &SignedIn,
    login_text: &str,
    name: &str,
) -> Result<Invited> {
    let mut faults = Vec::new();
    let name = contact_name(name).map_err(|fault| faults.push(fault));
    let login = login(login_text).map_err(|fault| faults.push(fault));
    let (Ok(name), Ok(login)) = (name, login) else {
        return Err(Error::Invalid(faults));
    };
    let mut tx = services.write(&who.actor).await?;
    let party = managed(&mut tx, who).await?;
    let whom = invitations::Whom {
        login,
        name,
        role: who.account.role,
        party: Some(party),
        duty: Duty::Officer,
    };
    invitations::store(services, tx, &who.actor.name, whom).await
}

/// A colleague of whoever manages.
async fn colleague(tx: &mut Tx, who: &SignedIn, id: &Id) -> Result<Account> {
    let party = managed(tx, who).await?;
    accounts::find(tx, id)
        .await?
        .filter(|account| account.party.as_ref() == Some(&party))
        .ok_or(Error::NotFound("account"))
}

fn last_one() -> Error {
    Error::fault(
        "",
        "lastManager",
        "单位至少要有一位管理人，请先把管理交给同事。",
        "An organisation keeps one who manages it; hand that over first.",
    )
}

async fn others_manage(tx: &mut Tx, account: &Account) -> Result<bool> {
    let Some(party) = &account.party else {
        return Ok(true);
    };
    let all = accounts::list_by_party(tx, party).await?;
    Ok(all
        .iter()
        .any(|a| a.id != account.id && a.manages && a.state == AccountState::Active))
}

/// Lets a colleague manage too, or no longer; oneself as well, while another does.
pub async fn set_manages(
    services: &Services,
    who: &SignedIn,
    id: &Id,
    manages: bool,
) -> Result<()> {
    let mut tx = services.write(&who.actor).await?;
    let account = colleague(&mut tx, who, id).await?;
    if account.state != AccountState::Active {
        return Err(Error::NotFound("account"));
    }
    if !manages && !others_manage(&mut tx, &account).await? {
        return Err(last_one());
    }
    // Whoever invites officers is one.
    if manages && account.duty != Duty::Officer {
        return Err(Denied::Duty.into());
    }
    accounts::set_manages(&mut tx, id, manages).await?;
    let what = if manages {
        "managesNow"
    } else {
        "managesNoMore"
    };
    note(&mut tx, services, &who.actor.name, what, &subject(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a colleague's account at once, with its sessions.
pub async fn deactivate(services: &Services, who: &SignedIn, id: &Id, keys: Keys) -> Result<()> {
    let mut tx = services.write(&who.actor).await?;
    let account = colleague(&mut tx, who, id).await?;
    if account.id == who.account.id {
        return Err(Error::fault(
            "",
            "ownAccount",
            "不能停用自己的账户。",
            "Nobody disables the account they are signed in with.",
        ));
    }
    let to = (keys == Keys::HandedOver).then_some(&who.account.id);
    end(services, &mut tx, &who.actor.name, &account, to).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends an account: its sessions, its managing, its keys unless somebody takes them.
pub(super) async fn end(
    services: &Services,
    tx: &mut Tx,
    by: &str,
    account: &Account,
    keys_to: Option<&Id>,
) -> Result<()> {
    accounts::set_state(tx, &account.id, AccountState::Disabled).await?;
    accounts::set_manages(tx, &account.id, false).await?;
    sessions::end_all(tx, &account.id).await?;
    leave(services, tx, by, &account.id, keys_to).await?;
    note(tx, services, by, "accountDisabled", &subject(&account.id)).await
}

/// May this person erase themselves? Not while others are left without anybody who manages.
pub(super) async fn may_leave(tx: &mut Tx, account: &Account) -> Result<()> {
    if !account.manages || others_manage(tx, account).await? {
        return Ok(());
    }
    let Some(party) = &account.party else {
        return Ok(());
    };
    let all = accounts::list_by_party(tx, party).await?;
    let left = all
        .iter()
        .any(|a| a.id != account.id && a.state == AccountState::Active);
    if left { Err(last_one()) } else { Ok(()) }
}
