//! Accounts: who may sign in, and for whom they act. Enterprises and individuals register themselves, holders and
//! officers are invited; whoever names an organisation that is registered already waits for an officer.

pub mod colleagues;
mod invitations;
mod office;
pub(super) mod passwords;
pub mod personal;
pub mod providers;
mod register;
pub mod second_factor;

pub use invitations::{Invited, NewInvitation, Opened, accept, invite, open};
pub(super) use office::verdict;
pub use office::{Waiting, approve, disable, enable, find, list, verify_individual, waiting};
pub use register::{Registered, Registrant, Registration, register};

pub use crate::{domain::account::Account, store::invitations::Invitation};

use super::{
    Error, Fault, Result, Services, origin,
    sessions::{self as signing, SignedIn},
};
use crate::{
    domain::{
        access::{Actor, Denied},
        account::{AccountState, Login, Outcome},
        id::Id,
    },
    store::{Tx, accounts, audit, sessions},
};

/// Writes who did what, in the transaction that does it.
pub(super) async fn note(
    tx: &mut Tx,
    services: &Services,
    actor: &str,
    what: &str,
    subject: &str,
) -> Result<()> {
    write(tx, services, actor, what, subject, (Outcome::Done, None)).await
}

/// As `note`, with how it ended and why.
pub(super) async fn write(
    tx: &mut Tx,
    services: &Services,
    actor: &str,
    what: &str,
    subject: &str,
    (outcome, reason): (Outcome, Option<&str>),
) -> Result<()> {
    let at = services.now();
    let line = audit::Line {
        at,
        actor: actor.to_owned(),
        what: what.to_owned(),
        subject: subject.to_owned(),
        address: origin::address(),
        outcome,
        reason: reason.map(str::to_owned),
    };
    Ok(audit::add(tx, &services.ids.next(at), &line).await?)
}

/// The text of an account in the audit, and of the actor that it is.
pub(super) fn actor_name(id: &Id) -> String {
    format!("account:{id}")
}

pub(super) fn subject(id: &Id) -> String {
    format!("accounts/{id}")
}

/// An account that may sign in.
pub(super) async fn current(tx: &mut Tx, id: &Id) -> Result<Account> {
    accounts::find(tx, id)
        .await?
        .filter(|account| account.state != AccountState::Disabled)
        .ok_or_else(|| Denied::Unauthenticated.into())
}

/// An account whose owner shows the password once more, under the lock-out of sign-ins: whoever finds a browser open must
/// not do what cannot be undone.
async fn shown_password(services: &Services, id: &Id, password: &str) -> Result<Account> {
    let mut tx = services.read().await?;
    let account = current(&mut tx, id).await?;
    let hash = accounts::find_password_hash(&mut tx, id).await?;
    drop(tx);
    signing::attempt(services, &signing::login_hash(&account.login)).await?;
    if !passwords::fits(password, hash).await? {
        return Err(Error::fault(
            "/password",
            "passwordWrong",
            "密码不正确。",
            "This is not the password.",
        ));
    }
    Ok(account)
}

/// Sets another password and ends every session, this one too: whoever had the old one is out.
pub async fn change_password(
    services: &Services,
    id: &Id,
    old: &str,
    new: &str,
) -> Result<Account> {
    let mut tx = services.read().await?;
    let account = current(&mut tx, id).await?;
    let hash = accounts::find_password_hash(&mut tx, id).await?;
    drop(tx);
    if !passwords::fits(old, hash.clone()).await? {
        return Err(Error::fault(
            "/old",
            "passwordWrong",
            "现在的密码不正确。",
            "This is not the present password.",
        ));
    }
    if let Some(fault) = passwords::fault(&account.login, new) {
        return Err(Error::Invalid(vec![fault]));
    }
    let next = passwords::hash(services, new).await?;
    let actor = actor_name(id);
    let mut tx = services.db.begin_write(services.now(), &actor).await?;
    // Somebody else with the old password may have been quicker.
    if accounts::find_password_hash(&mut tx, id).await? != hash {
        return Err(Denied::Unauthenticated.into());
    }
    accounts::set_password(&mut tx, id, &next).await?;
    sessions::end_all(&mut tx, id).await?;
    note(&mut tx, services, &actor, "passwordChanged", &subject(id)).await?;
    tx.commit().await?;
    Ok(account)
}

/// Does a password open this account? One that came by a provider has none until it is set.
pub async fn has_password(services: &Services, id: &Id) -> Result<bool> {
    let mut tx = services.read().await?;
    let hash = accounts::find_password_hash(&mut tx, id).await?;
    Ok(hash.is_some_and(|hash| !hash.is_empty()))
}

/// How young a session must be to stand for a password.
const FRESH_SECONDS: i64 = 600;

/// Sets the first password of an account that has none; the provider must have said just now who it is.
pub async fn set_first_password(services: &Services, who: &SignedIn, new: &str) -> Result<()> {
    if who.session.begun_at.plus_seconds(FRESH_SECONDS) <= services.now() {
        return Err(Error::fault(
            "",
            "signInAgain",
            "请先退出并重新登录，再在十分钟内设置密码。",
            "Sign out, sign in again, and set the password within ten minutes.",
        ));
    }
    let id = &who.account.id;
    if let Some(fault) = passwords::fault(&who.account.login, new) {
        return Err(Error::Invalid(vec![fault]));
    }
    let next = passwords::hash(services, new).await?;
    let actor = actor_name(id);
    let mut tx = services.db.begin_write(services.now(), &actor).await?;
    current(&mut tx, id).await?;
    if accounts::find_password_hash(&mut tx, id).await?.as_deref() != Some("") {
        return Err(Denied::Unauthenticated.into());
    }
    accounts::set_password(&mut tx, id, &next).await?;
    note(&mut tx, services, &actor, "passwordChanged", &subject(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Corrects the business contact's name.
pub async fn rename(services: &Services, id: &Id, name: &str) -> Result<()> {
    let name = contact_name(name).map_err(|fault| Error::Invalid(vec![fault]))?;
    let actor = actor_name(id);
    let mut tx = services.db.begin_write(services.now(), &actor).await?;
    current(&mut tx, id).await?;
    accounts::set_name(&mut tx, id, &name).await?;
    note(&mut tx, services, &actor, "contactChanged", &subject(id)).await?;
    tx.commit().await?;
    Ok(())
}

fn contact_name(text: &str) -> std::result::Result<String, Fault> {
    line("/name", text, 2)
}

/// One line of at least `least` and at most 100 characters.
fn line(pointer: &str, text: &str, least: usize) -> std::result::Result<String, Fault> {
    let text = text.trim();
    if (least..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Fault::new(
        pointer,
        "textLength",
        format!("请填写 {least} 至 100 个字。"),
        format!("Give {least} to 100 characters."),
    ))
}

fn login(text: &str) -> std::result::Result<Login, Fault> {
    Login::parse(text).map_err(|_| {
        Fault::new(
            "/login",
            "loginInvalid",
            "请填写电子邮箱或电话号码（6 至 15 位数字）。",
            "Give an e-mail address or a telephone number of 6 to 15 digits.",
        )
    })
}

fn login_taken() -> Error {
    Error::fault(
        "/login",
        "loginTaken",
        "这个登录名已经注册，请直接登录，或换一个。",
        "There is an account with this login; sign in, or use another.",
    )
}

/// The officer's part of accounts.
fn officer(actor: &Actor) -> Result<()> {
    if super::inbox::is_office(actor) {
        Ok(())
    } else {
        Err(Denied::Role.into())
    }
}
