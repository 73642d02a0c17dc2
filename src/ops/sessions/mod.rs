//! Signing in and out. A session is a random token in the browser and its hash here; it is new at every sign-in, gets a
//! new token every day, and ends when it is idle for a day, is two weeks old, is revoked, or its account is.

mod entrance;
mod standing;

pub use entrance::{Browser, Entered, begin_for, finish_sign_in, sign_in};
pub(super) use entrance::{admit, attempt, login_hash};
pub use standing::Party;
use standing::{actor_of, party_of, principal_of, reader};

use super::{
    Error, Result, Services,
    accounts::{self, note, second_factor},
    inbox,
    keys::Secret,
};
use crate::{
    domain::{
        access::{Actor, Denied, Role},
        account::{Account, AccountState},
        event::sha256_hex,
        id::Id,
        party::Organisation,
    },
    store::{self, accounts as rows, sessions},
};

pub use crate::store::sessions::Session;

/// A caller's address, as the outermost layer tells callers apart.
#[derive(Clone, Debug)]
pub struct Caller(pub String);

/// Who a request turned out to come from, for the outermost layer.
#[derive(Clone, Debug, Default)]
pub struct Asker(pub std::sync::Arc<std::sync::OnceLock<String>>);

const DAY_SECONDS: i64 = 86_400;
/// A session's absolute life.
pub const LIFE_SECONDS: i64 = 14 * DAY_SECONDS;
const IDLE_SECONDS: i64 = DAY_SECONDS;
const ROTATE_SECONDS: i64 = DAY_SECONDS;
/// The token before a rotation still opens the session for whoever asked at the same time.
const GRACE_SECONDS: i64 = 60;
/// `seen` is written at most this often.
const TOUCH_SECONDS: i64 = 60;

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub session: Session,
    pub account: Account,
    /// With what they may do now; the principal's, when they act for one.
    pub actor: Actor,
    /// The name of the party of their own.
    pub party: Option<Party>,
    /// The principal for whom they act.
    pub principal: Option<Organisation>,
    pub unread: i64,
    /// The operator wants a second factor, and until there is one the account reads what everybody may read.
    pub must_enrol: bool,
}

impl SignedIn {
    pub fn is_officer(&self) -> bool {
        inbox::is_office(&self.actor)
    }
}

/// Who holds this token, and a new token where the old one has had its day. `None`: it opens nothing (any more).
pub async fn find(
    services: &Services,
    token: &str,
    may_rotate: bool,
) -> Result<Option<(SignedIn, Option<Secret>)>> {
    let now = services.now();
    let hash = sha256_hex(token.as_bytes());
    let mut tx = services.read().await?;
    let since = now.plus_seconds(-GRACE_SECONDS);
    let Some(session) = sessions::find_by_token(&mut tx, &hash, since).await? else {
        return Ok(None);
    };
    let over = session.begun_at.plus_seconds(LIFE_SECONDS) <= now
        || session.seen_at.plus_seconds(IDLE_SECONDS) <= now;
    let Some(account) = rows::find(&mut tx, &session.account)
        .await?
        .filter(|account| account.state != AccountState::Disabled && !over)
    else {
        return Ok(None);
    };
    let party = party_of(&mut tx, &account).await?;
    let principal = principal_of(&mut tx, &account, &session, now).await?;
    let must_enrol = second_factor::is_required(services, account.role)
        && !second_factor::is_enrolled(&mut tx, &account.id).await?;
    let actor = if must_enrol {
        reader(&account, Role::Platform)
    } else {
        actor_of(&account, principal.as_ref())
    };
    let unread = inbox::unread(&mut tx, &actor).await?;
    drop(tx);
    let mut fresh = None;
    if may_rotate && session.rotated_at.plus_seconds(ROTATE_SECONDS) <= now {
        fresh = rotate(services, &hash).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a session was not rotated");
            None
        });
    } else if session.seen_at.plus_seconds(TOUCH_SECONDS) <= now {
        // A mark; a busy database must not fail the request over it.
        let _ = touch(services, &session.id).await;
    }
    let signed_in = SignedIn {
        session,
        account,
        actor,
        party,
        principal,
        unread,
        must_enrol,
    };
    Ok(Some((signed_in, fresh)))
}

async fn rotate(services: &Services, hash: &str) -> Result<Option<Secret>> {
    let token = hex::encode(services.ids.secret());
    let mut tx = services.db.begin_plain().await?;
    let next = sha256_hex(token.as_bytes());
    let ours = sessions::rotate(&mut tx, hash, &next, services.now()).await?;
    tx.commit().await?;
    Ok(ours.then(|| Secret::new(token)))
}

async fn touch(services: &Services, id: &Id) -> store::Result<i64> {
    let mut tx = services.db.begin_plain().await?;
    sessions::touch(&mut tx, id, services.now()).await?;
    tx.commit().await
}

/// Ends the session of this token.
pub async fn sign_out(services: &Services, token: &str) -> Result<()> {
    let mut tx = services.db.begin_plain().await?;
    sessions::end_by_token(&mut tx, &sha256_hex(token.as_bytes())).await?;
    tx.commit().await?;
    Ok(())
}

/// The sessions of an account, the one used last first.
pub async fn list(services: &Services, account: &Id) -> Result<Vec<Session>> {
    let mut tx = services.read().await?;
    Ok(sessions::list_by_account(&mut tx, account).await?)
}

/// Ends one session of an account, or with `None` all of them.
pub async fn revoke(services: &Services, account: &Id, session: Option<&Id>) -> Result<()> {
    let mut tx = services.db.begin_plain().await?;
    match session {
        Some(id) => {
            if !sessions::end(&mut tx, account, id).await? {
                return Err(Error::NotFound("session"));
            }
        }
        None => sessions::end_all(&mut tx, account).await?,
    }
    let actor = accounts::actor_name(account);
    note(
        &mut tx,
        services,
        &actor,
        "signedOut",
        &accounts::subject(account),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Acts for a principal from now on, or with `None` for oneself again.
pub async fn act_for(services: &Services, who: &SignedIn, principal: Option<&Id>) -> Result<()> {
    let mut tx = services.db.begin_plain().await?;
    let mut session = who.session.clone();
    session.acting_for = principal.cloned();
    if principal.is_some()
        && principal_of(&mut tx, &who.account, &session, services.now())
            .await?
            .is_none()
    {
        return Err(Denied::NotYours.into());
    }
    sessions::act_for(&mut tx, &session.id, principal).await?;
    let actor = accounts::actor_name(&who.account.id);
    let about = principal.map_or_else(
        || accounts::subject(&who.account.id),
        |id| format!("organisations/{id}"),
    );
    note(&mut tx, services, &actor, "actsFor", &about).await?;
    tx.commit().await?;
    Ok(())
}
