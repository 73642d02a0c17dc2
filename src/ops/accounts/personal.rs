//! Personal data (个人信息保护法第四十四条以下): limited to a business contact; all of it on request, and erased on
//! request. Erasing takes name and login from the account and leaves its id: the audit and the chain name actors by ids,
//! never by names, and so stay whole. An individual's name goes with its account unless a
//! licence names it: what a licence needs of its parties stays with the licence.

use serde_json::{Value, json};

use super::{Account, actor_name, colleagues, current, note, shown_password, subject};
use crate::{
    domain::{
        account::{AccountState, Login},
        event::Sight,
        id::Id,
        time::Instant,
    },
    ops::{Error, Result, Services, keys::leave, sessions as signing},
    store::{
        Tx, accounts, audit, contacts, identities, invitations, keys, licences,
        second_factors as factors, sessions,
    },
};

/// The most lines of the audit in one's own data; the office gives the rest.
const MOST_LINES: i64 = 10_000;

/// Everything that is kept of a person, for that person. No secret is in it.
pub async fn export(services: &Services, id: &Id) -> Result<Value> {
    let mut tx = services.read().await?;
    let account = current(&mut tx, id).await?;
    let held = sessions::list_by_account(&mut tx, id).await?;
    let own = keys::list_by_account(&mut tx, id).await?;
    let lines = audit::list_about(&mut tx, &actor_name(id), &subject(id), MOST_LINES).await?;
    let outside = identities::list_by_account(&mut tx, id).await?;
    let enrolled = super::second_factor::is_enrolled(&mut tx, id).await?;
    Ok(json!({
        "exportedAt": services.now().rfc3339(),
        "account": {
            "id": account.id, "login": account.login.as_str(), "name": account.name, "role": account.role,
            "party": account.party, "state": account.state, "manages": account.manages,
            "createdAt": account.created_at.rfc3339(), "secondFactor": enrolled,
        },
        "sessions": held.iter().map(|s| json!({
            "device": s.device, "begunAt": s.begun_at.rfc3339(), "lastUsedAt": s.seen_at.rfc3339(),
        })).collect::<Vec<_>>(),
        "identities": outside.iter().map(|outside| json!({
            "provider": outside.provider, "linkedAt": outside.linked_at.rfc3339(),
            "lastUsedAt": outside.used_at.map(Instant::rfc3339),
        })).collect::<Vec<_>>(),
        "keys": own.iter().map(|key| json!({
            "id": key.id, "name": key.name, "createdAt": key.created_at.rfc3339(),
            "lastUsedAt": key.last_used_at.map(Instant::rfc3339), "lastUsedFrom": key.last_used_from,
        })).collect::<Vec<_>>(),
        "audit": lines.iter().map(|line| json!({
            "at": line.at.rfc3339(), "what": line.what, "subject": line.subject, "address": line.address,
            "result": line.outcome, "reason": line.reason,
        })).collect::<Vec<_>>(),
    }))
}

/// Erases a person, who shows the password: the account ends, and nothing says any more whose it was.
pub async fn erase(services: &Services, id: &Id, password: &str) -> Result<()> {
    shown_password(services, id, password).await?;
    let actor = actor_name(id);
    let mut tx = services.db.begin_write(services.now(), &actor).await?;
    let account: Account = current(&mut tx, id).await?;
    colleagues::may_leave(&mut tx, &account).await?;
    sessions::end_all(&mut tx, id).await?;
    leave(services, &mut tx, &actor, id, None).await?;
    factors::remove(&mut tx, id).await?;
    factors::forget_halves(&mut tx, id).await?;
    identities::remove_all(&mut tx, id).await?;
    accounts::forget_attempts(&mut tx, &signing::login_hash(&account.login)).await?;
    invitations::forget(&mut tx, account.login.as_str()).await?;
    if let Some(party) = &account.party {
        forget_individual(&mut tx, party, id).await?;
    }
    accounts::erase(&mut tx, id, &nobody(id)?).await?;
    note(&mut tx, services, &actor, "personErased", &subject(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Where the account was the individual's own, the individual goes with it, unless a licence names it: whoever is a party
/// to a contract that was counted and may have to be proved or filed (实施细则第十五条第二款) cannot be taken from it, and the
/// law has it kept for that (个人信息保护法第四十七条第二款).
async fn forget_individual(tx: &mut Tx, party: &Id, account: &Id) -> Result<()> {
    if contacts::find_individual(tx, party).await?.is_none() {
        return Ok(());
    }
    let others = accounts::list_by_party(tx, party).await?;
    let in_use = |other: &Account| other.id != *account && other.state != AccountState::Disabled;
    let named = licences::Filter {
        side: Some(party.clone()),
        ..licences::Filter::default()
    };
    if others.iter().any(in_use) || licences::count(tx, &Sight::Office, &named).await? > 0 {
        return Ok(());
    }
    Ok(contacts::erase_individual(tx, party).await?)
}

/// A login that is nobody's and that no mail reaches (RFC 6761).
fn nobody(id: &Id) -> Result<Login> {
    Login::parse(&format!("{id}@erased.invalid"))
        .map_err(|_| Error::Internal("an erased login".into()))
}
