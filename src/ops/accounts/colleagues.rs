//! The people of one organisation, kept by those of them who manage it: they invite, hand the managing over, and
//! deactivate. Open work (tasks, drafts, imports) is the organisation's and never a person's, so nothing of it is lost;
//! a leaver's keys and the records assigned to them go to a successor, or end and wait. An organisation keeps one who
//! manages.

use super::{Account, Invited, contact_name, current, invitations, login, note, subject};
use crate::{
    domain::{access::Denied, account::AccountState, id::Id, review::Duty},
    ops::{
        Error, Result, Services, inventory,
        keys::leave,
        sessions::{Party, SignedIn},
    },
    store::{Tx, accounts, sessions, sub_units},
};

/// What a colleague is in the organisation: one thing at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// An officer who also keeps the colleagues.
    Manager,
    Member(Duty),
}

/// Who takes over from a leaver: API keys and the records assigned to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Successor {
    /// The keys end, the records wait for whoever assigns them.
    Nobody,
    Oneself,
    /// A colleague's login.
    Login(String),
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
    duty: Duty,
) -> Result<Invited> {
    let duty = invitations::duty(duty, who.account.role)?;
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
        duty,
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

/// Gives a colleague another part. Whoever no longer answers for everything hands their keys to the one who decides so.
pub async fn set_part(services: &Services, who: &SignedIn, id: &Id, part: Part) -> Result<()> {
    let duty = match part {
        Part::Manager => return manager(services, who, id).await,
        Part::Member(duty) => invitations::duty(duty, who.account.role)?,
    };
    let mut tx = services.write(&who.actor).await?;
    let account = colleague(&mut tx, who, id).await?;
    if account.state != AccountState::Active {
        return Err(Error::NotFound("account"));
    }
    if account.manages && !others_manage(&mut tx, &account).await? {
        return Err(last_one());
    }
    let duty = match &account.party {
        Some(party) => sub_units::load(&mut tx, party).await?.value.duty(duty),
        None => duty,
    };
    if duty == account.duty && !account.manages {
        return Ok(());
    }
    if duty != Duty::Officer && account.duty == Duty::Officer {
        let to = (account.id != who.account.id).then_some(&who.account.id);
        leave(services, &mut tx, &who.actor.name, id, to).await?;
    }
    accounts::set_manages(&mut tx, id, false).await?;
    accounts::set_duty(&mut tx, id, &duty).await?;
    note(
        &mut tx,
        services,
        &who.actor.name,
        "partChanged",
        &subject(id),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

async fn manager(services: &Services, who: &SignedIn, id: &Id) -> Result<()> {
    let mut tx = services.write(&who.actor).await?;
    let account = colleague(&mut tx, who, id).await?;
    if account.state != AccountState::Active {
        return Err(Error::NotFound("account"));
    }
    accounts::set_duty(&mut tx, id, &Duty::Officer).await?;
    accounts::set_manages(&mut tx, id, true).await?;
    note(
        &mut tx,
        services,
        &who.actor.name,
        "managesNow",
        &subject(id),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a colleague's account at once, with its sessions, and hands its open work over.
pub async fn deactivate(
    services: &Services,
    who: &SignedIn,
    id: &Id,
    successor: Successor,
) -> Result<()> {
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
    let to = match successor {
        Successor::Nobody => None,
        Successor::Oneself => Some(who.account.clone()),
        Successor::Login(text) => Some(named(&mut tx, &account, &text).await?),
    };
    let to_id = to.as_ref().map(|to| &to.id);
    inventory::hand_over(services, &mut tx, &account.id, to_id).await?;
    // The keys are those of somebody who answers for everything.
    let keys_to = to.as_ref().filter(|to| to.duty == Duty::Officer);
    if let Some(to) = keys_to.filter(|to| account.manages && !to.manages) {
        accounts::set_manages(&mut tx, &to.id, true).await?;
        note(
            &mut tx,
            services,
            &who.actor.name,
            "managesNow",
            &subject(&to.id),
        )
        .await?;
    }
    let keys_to = keys_to.map(|to| &to.id);
    end(services, &mut tx, &who.actor.name, &account, keys_to).await?;
    tx.commit().await?;
    Ok(())
}

/// The active colleague with this login.
async fn named(tx: &mut Tx, leaver: &Account, text: &str) -> Result<Account> {
    let unknown = || {
        Error::fault(
            "/successor",
            "unknownMember",
            "没有这位同事，请填写本单位有效账户的登录名。",
            "No such colleague; give the login of an active account of your organisation.",
        )
    };
    let login = login(text).map_err(|_| unknown())?;
    let found = accounts::find_by_login(tx, &login).await?;
    found
        .filter(|to| {
            to.party == leaver.party && to.id != leaver.id && to.state == AccountState::Active
        })
        .ok_or_else(unknown)
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
