//! Signing in with a provider outside. What a browser leaves with is one secret of its own: state, nonce and PKCE's
//! verifier are made of it, and only its hash is kept here, so nobody else can come back in its place, and it itself
//! only once. A provider's word opens an account to which it was linked by somebody signed in or with an invitation; an
//! e-mail address alone links only where the operator says that the provider verifies it. Every sign-in asks again whether
//! the operator lets such accounts in; second factors are asked for as after a password.

mod arrival;
mod leaving;
mod refusals;

pub use arrival::{Arrived, Return, arrive};
pub(super) use arrival::{Outside, link};
pub use leaving::{Leaving, leave, leave_to_link, leave_with_invitation};
use refusals::not_for_you;

use super::{actor_name, current, note, subject};
use crate::{
    domain::{account::Account, event::sha256_hex, id::Id, provider},
    ops::{Error, Result, Services},
    remote::oidc,
    store::{accounts, identities},
};

pub use crate::store::identities::Identity;

/// A provider as the operator has set it up.
#[derive(Clone, Debug)]
pub struct Provider {
    pub about: provider::Provider,
    pub remote: oidc::Provider,
}

fn of<'a>(services: &'a Services, name: &str) -> Result<&'a Provider> {
    let found = services.providers.iter().find(|p| p.about.name == name);
    found.ok_or(Error::NotFound("provider"))
}

/// One part of what binds a sign-in to a browser.
fn part(what: &str, secret: &str) -> String {
    sha256_hex(format!("kaixu oidc {what}\n{secret}").as_bytes())
}

fn admitted(provider: &Provider, account: &Account) -> Result<()> {
    let may = provider.about.admits(account.role);
    may.then_some(()).ok_or_else(not_for_you)
}

/// Who an account is outside.
pub async fn list(services: &Services, account: &Id) -> Result<Vec<Identity>> {
    let mut tx = services.read().await?;
    Ok(identities::list_by_account(&mut tx, account).await?)
}

/// Takes a link away; not the last one of an account that no password opens.
pub async fn unlink(services: &Services, account: &Id, id: &Id) -> Result<()> {
    let actor = actor_name(account);
    let mut tx = services.db.begin_write(services.now(), &actor).await?;
    current(&mut tx, account).await?;
    let hash = accounts::find_password_hash(&mut tx, account).await?;
    let held = identities::list_by_account(&mut tx, account).await?;
    if hash.as_deref() == Some("") && held.len() == 1 {
        return Err(Error::fault(
            "",
            "lastWayIn",
            "这是登录此账户的唯一方式，请先设置密码。",
            "It is the only way into the account; set a password first.",
        ));
    }
    if !identities::remove(&mut tx, account, id).await? {
        return Err(Error::NotFound("identity"));
    }
    note(
        &mut tx,
        services,
        &actor,
        "identityUnlinked",
        &subject(account),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}
