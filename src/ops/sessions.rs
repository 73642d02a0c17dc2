//! Signing in and out. A session is a random token in the browser and its hash here; it is new at every sign-in, gets a
//! new token every day, and ends when it is idle for a day, is two weeks old, is revoked, or its account is.

use std::collections::BTreeSet;

use super::{
    Error, Result, Services,
    accounts::{self, note, passwords, second_factor},
    audit, inbox, keys,
    keys::Secret,
};
use crate::{
    domain::{
        access::{Actor, Denied, Role, Scope},
        account::{Account, AccountState, Login, Outcome, wait_minutes},
        event::sha256_hex,
        id::Id,
        party::{Organisation, OrganisationKind},
        review::{Duty, Reach},
        time::Instant,
    },
    store::{
        self, Tx, accounts as rows, contacts, delegations, organisations,
        second_factors as factors, sessions,
    },
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
/// How long a code may be waited for once the password was right.
const HALF_SECONDS: i64 = 300;
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

/// The browser that signs in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Browser<'a> {
    /// As it names itself.
    pub device: &'a str,
    /// The session that it brought along.
    pub brought: Option<&'a str>,
}

/// How far a right password leads.
#[derive(Debug)]
pub enum Entered {
    In(Account, Secret),
    /// A code of the second factor is asked for; this token stands for the password.
    Half(Secret),
}

impl SignedIn {
    pub fn is_officer(&self) -> bool {
        inbox::is_office(&self.actor)
    }
}

/// Whom an account stands for.
#[derive(Clone, Debug)]
pub enum Party {
    Organisation(store::Stored<Organisation>),
    Individual { name: String, verified: bool },
}

impl Party {
    pub fn name(&self) -> &str {
        match self {
            Self::Organisation(party) => &party.value.name,
            Self::Individual { name, .. } => name,
        }
    }

    pub fn is_verified(&self) -> bool {
        match self {
            Self::Organisation(party) => !party.value.unverified,
            Self::Individual { verified, .. } => *verified,
        }
    }
}

/// What failures of a login are counted under.
pub(super) fn login_hash(login: &Login) -> String {
    sha256_hex(login.as_str().as_bytes())
}

/// Signs in; whatever session the browser brought along ends, so that nobody can have prepared it.
pub async fn sign_in(
    services: &Services,
    login: &str,
    password: &str,
    browser: Browser<'_>,
) -> Result<Entered> {
    let parsed = Login::parse(login).ok();
    let login_hash = parsed.as_ref().map_or_else(
        || sha256_hex(login.trim().to_lowercase().as_bytes()),
        login_hash,
    );
    let wait = attempt(services, &login_hash).await?;
    let mut tx = services.read().await?;
    let account = match &parsed {
        Some(login) => rows::find_by_login(&mut tx, login).await?,
        None => None,
    };
    let hash = match &account {
        Some(account) => rows::find_password_hash(&mut tx, &account.id).await?,
        None => None,
    };
    drop(tx);
    // Unknown, wrong and disabled take the same time and get the same answer.
    let fits = passwords::fits(password, hash.clone()).await?;
    let known = account.as_ref().map(|account| account.id.clone());
    let (Some(account), Some(hash), true) = (account, hash, fits) else {
        failed(services, known.as_ref(), &login_hash, "passwordWrong").await?;
        return Err(Error::SignIn);
    };
    let mut tx = services.db.begin_plain().await?;
    // Disabled, or given another password, while it was verified: the row is taken before the session is made.
    if !rows::hold(&mut tx, &account.id, &hash).await? {
        drop(tx);
        failed(services, known.as_ref(), &login_hash, "accountDisabled").await?;
        return Err(Error::SignIn);
    }
    let entered = admit(services, &mut tx, account, &hash, browser, None).await?;
    match &entered {
        // The failures before stay counted: the code is guessed at under the same lock-out.
        Entered::Half(_) => rows::forgive_attempt(&mut tx, &login_hash, wait).await?,
        Entered::In(..) => rows::forget_attempts(&mut tx, &login_hash).await?,
    }
    tx.commit().await?;
    Ok(entered)
}

/// Lets in whoever has shown who they are, and half of the way where the account has a second factor.
pub(super) async fn admit(
    services: &Services,
    tx: &mut Tx,
    account: Account,
    password_hash: &str,
    browser: Browser<'_>,
    with: Option<&str>,
) -> Result<Entered> {
    if !second_factor::is_enrolled(tx, &account.id).await? {
        let token = enter(services, tx, &account.id, browser, with).await?;
        return Ok(Entered::In(account, token));
    }
    let half = factors::Half {
        account: account.id,
        password_mark: sha256_hex(password_hash.as_bytes()),
        login_hash: login_hash(&account.login),
        expires_at: services.now().plus_seconds(HALF_SECONDS),
    };
    let token = hex::encode(services.ids.secret());
    factors::insert_half(tx, &half, &sha256_hex(token.as_bytes())).await?;
    Ok(Entered::Half(Secret::new(token)))
}

/// The second step of a sign-in: a code of the app, or one for recovery.
pub async fn finish_sign_in(
    services: &Services,
    half: &str,
    code: &str,
    browser: Browser<'_>,
) -> Result<(Account, Secret)> {
    let half_hash = sha256_hex(half.as_bytes());
    let mut tx = services.read().await?;
    let half = factors::find_half(&mut tx, &half_hash, services.now())
        .await?
        .ok_or_else(too_late)?;
    drop(tx);
    attempt(services, &half.login_hash).await?;
    let mut tx = services.db.begin_plain().await?;
    let account = accounts::current(&mut tx, &half.account).await?;
    let hash = rows::find_password_hash(&mut tx, &account.id).await?;
    let hash = hash.filter(|hash| sha256_hex(hash.as_bytes()) == half.password_mark);
    let hash = hash.ok_or_else(too_late)?;
    if let Err(error) = second_factor::take(services, &mut tx, &account.id, code).await {
        drop(tx);
        failed(services, Some(&account.id), &half.login_hash, "codeWrong").await?;
        return Err(error);
    }
    if !factors::take_half(&mut tx, &half_hash).await?
        || !rows::hold(&mut tx, &account.id, &hash).await?
    {
        return Err(too_late());
    }
    let token = enter(services, &mut tx, &account.id, browser, None).await?;
    rows::forget_attempts(&mut tx, &half.login_hash).await?;
    tx.commit().await?;
    Ok((account, token))
}

/// Writes down that a sign-in failed; of a login that nobody has only a piece of its hash, that repeats can be seen.
async fn failed(
    services: &Services,
    account: Option<&Id>,
    login_hash: &str,
    reason: &str,
) -> Result<()> {
    let (actor, about) = match account {
        Some(id) => (accounts::actor_name(id), accounts::subject(id)),
        None => (
            "anonymous".to_owned(),
            format!("logins/{}", &login_hash[..16]),
        ),
    };
    let reason = match account {
        Some(_) => reason,
        None => "loginUnknown",
    };
    let why = (Outcome::Failed, Some(reason));
    let mut tx = services.db.begin_plain().await?;
    accounts::write(&mut tx, services, &actor, "signInFailed", &about, why).await?;
    tx.commit().await?;
    Ok(())
}

fn too_late() -> Error {
    Error::fault(
        "",
        "signInExpired",
        "这次登录已过时，请重新输入密码。",
        "This sign-in has expired; begin again with the password.",
    )
}

async fn enter(
    services: &Services,
    tx: &mut Tx,
    account: &Id,
    browser: Browser<'_>,
    with: Option<&str>,
) -> Result<Secret> {
    if let Some(token) = browser.brought {
        sessions::end_by_token(tx, &sha256_hex(token.as_bytes())).await?;
    }
    begin(services, tx, account, browser.device, with).await
}

/// A session of an account that has just been made or has just changed its password.
pub async fn begin_for(
    services: &Services,
    account: &Account,
    browser: Browser<'_>,
) -> Result<Secret> {
    let mut tx = services.db.begin_plain().await?;
    accounts::current(&mut tx, &account.id).await?;
    let token = enter(services, &mut tx, &account.id, browser, None).await?;
    tx.commit().await?;
    Ok(token)
}

/// `with` is the provider that said who it is, for the audit; without one it was the password.
async fn begin(
    services: &Services,
    tx: &mut Tx,
    account: &Id,
    device: &str,
    with: Option<&str>,
) -> Result<Secret> {
    let now = services.now();
    let token = hex::encode(services.ids.secret());
    let session = Session {
        id: services.ids.next(now),
        account: account.clone(),
        acting_for: None,
        device: device
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect(),
        begun_at: now,
        rotated_at: now,
        seen_at: now,
    };
    sessions::insert(tx, &session, &sha256_hex(token.as_bytes())).await?;
    let (actor, about) = (accounts::actor_name(account), accounts::subject(account));
    let how = (Outcome::Done, with);
    accounts::write(tx, services, &actor, "signedIn", &about, how).await?;
    Ok(Secret::new(token))
}

/// Counts the attempt before anything is compared, so that a thousand at once are no more than one after another.
/// Returns until when the login waits after it.
pub(super) async fn attempt(services: &Services, login_hash: &str) -> Result<Option<Instant>> {
    let now = services.now();
    let mut tx = services.db.begin_plain().await?;
    let counted = rows::count_attempt(&mut tx, login_hash, now).await?;
    let until = Instant::from_micros(counted.locked_until);
    if until > now {
        drop(tx);
        let about = format!("logins/{}", &login_hash[..16]);
        audit::refused(services, "anonymous", "signInFailed", &about, "locked").await;
        let seconds = (until.micros() - now.micros()) / 1_000_000 + 1;
        return Err(Error::Wait { seconds });
    }
    let minutes = wait_minutes(counted.failures);
    let wait = (minutes > 0).then(|| now.plus_seconds(minutes * 60));
    if let Some(until) = wait {
        rows::lock(&mut tx, login_hash, until).await?;
    }
    tx.commit().await?;
    Ok(wait)
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

async fn party_of(tx: &mut Tx, account: &Account) -> Result<Option<Party>> {
    let Some(id) = &account.party else {
        return Ok(None);
    };
    if let Some(found) = organisations::find(tx, id).await? {
        return Ok(Some(Party::Organisation(found)));
    }
    let person = contacts::find_individual(tx, id).await?;
    Ok(person.map(|person| Party::Individual {
        name: person.name,
        verified: person.verified,
    }))
}

/// The principal for whom the session acts, while a delegation holds today.
async fn principal_of(
    tx: &mut Tx,
    account: &Account,
    session: &Session,
    now: Instant,
) -> Result<Option<Organisation>> {
    let (Some(agency), Some(wanted)) = (&account.party, &session.acting_for) else {
        return Ok(None);
    };
    // Whoever has a narrower duty at the agency does not act for its principals.
    if account.state != AccountState::Active || account.duty != Duty::Officer {
        return Ok(None);
    }
    let held = delegations::list_by_agency(tx, agency).await?;
    let holds = held
        .iter()
        .any(|d| d.value.principal == *wanted && d.value.holds_on(now.day()));
    if !holds {
        return Ok(None);
    }
    Ok(organisations::find(tx, wanted).await?.map(|p| p.value))
}

/// Signed in, and no more than anybody else.
fn reader(account: &Account, role: Role) -> Actor {
    Actor {
        role,
        name: accounts::actor_name(&account.id),
        organisation: None,
        scopes: BTreeSet::from([Scope::Read]),
        reach: Reach::All,
    }
}

fn actor_of(account: &Account, principal: Option<&Organisation>) -> Actor {
    let name = accounts::actor_name(&account.id);
    if account.state == AccountState::Waiting {
        // Until an officer has looked.
        return reader(account, account.role);
    }
    let (role, name, organisation) = match principal {
        Some(principal) => (
            role_in(principal.kind),
            format!("{name} for {}", principal.id),
            Some(principal.id.clone()),
        ),
        None => (account.role, name, account.party.clone()),
    };
    Actor {
        role,
        name,
        organisation,
        scopes: keys::default_scopes(role).into_iter().collect(),
        reach: match &account.duty {
            Duty::Officer => Reach::All,
            Duty::UnitReviewer { units } => Reach::Units(units.clone()),
            Duty::Inventor => Reach::Assigned(account.id.clone()),
        },
    }
}

/// As what a delegate acts for such an organisation.
fn role_in(kind: OrganisationKind) -> Role {
    match kind {
        OrganisationKind::University
        | OrganisationKind::Institute
        | OrganisationKind::StateOwnedEnterprise => Role::Holder,
        OrganisationKind::Enterprise
        | OrganisationKind::ServiceBody
        | OrganisationKind::Government => Role::Enterprise,
    }
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
