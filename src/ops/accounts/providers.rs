//! Signing in with a provider outside. What a browser leaves with is one secret of its own: state, nonce and PKCE's
//! verifier are made of it, and only its hash is kept here, so nobody else can come back in its place, and it itself
//! only once. A provider's word opens an account to which it was linked by somebody signed in or with an invitation; an
//! e-mail address alone links only where the operator says that the provider verifies it. Every sign-in asks again whether
//! the operator lets such accounts in; second factors are asked for as after a password.

use super::{actor_name, current, invitations, note, shown_password, subject, write};
use crate::{
    domain::{
        account::{Account, AccountState, Outcome},
        event::sha256_hex,
        id::Id,
        provider::{self, Person, Purpose},
    },
    ops::{
        Error, Result, Services,
        keys::Secret,
        sessions::{self as signing, Browser, Entered, SignedIn},
    },
    remote::oidc::{self, Attempt, OidcError},
    store::{
        self, Tx, accounts,
        identities::{self, Departure},
        invitations as invited,
    },
};

pub use crate::store::identities::Identity;

/// A provider as the operator has set it up.
#[derive(Clone, Debug)]
pub struct Provider {
    pub about: provider::Provider,
    pub remote: oidc::Provider,
}

/// How long a provider may take with somebody.
const AWAY_SECONDS: i64 = 900;

/// Where a browser goes, and what it keeps until it is back.
#[derive(Debug)]
pub struct Leaving {
    pub address: String,
    /// The provider, as people read it.
    pub label: String,
    pub secret: Secret,
}

/// What a browser comes back with.
#[derive(Clone, Copy, Debug)]
pub struct Return<'a> {
    /// What it kept.
    pub secret: &'a str,
    pub state: &'a str,
    /// Empty: the provider did not let them through.
    pub code: &'a str,
}

/// What has come of it.
#[derive(Debug)]
pub enum Arrived {
    /// Signed in, or half; and the page to read.
    Entered(Box<Entered>, String),
    Linked,
}

/// Somebody whom a provider has vouched for.
pub(super) struct Outside {
    provider: String,
    /// SHA-256 of issuer and subject.
    mark: String,
}

impl Outside {
    fn of(provider: &Provider, person: &Person) -> Self {
        Self {
            provider: provider.about.name.clone(),
            mark: sha256_hex(format!("{}\n{}", person.issuer, person.subject).as_bytes()),
        }
    }
}

fn of<'a>(services: &'a Services, name: &str) -> Result<&'a Provider> {
    let found = services.providers.iter().find(|p| p.about.name == name);
    found.ok_or(Error::NotFound("provider"))
}

/// One part of what binds a sign-in to a browser.
fn part(what: &str, secret: &str) -> String {
    sha256_hex(format!("kaixu oidc {what}\n{secret}").as_bytes())
}

/// Leaves to sign in; `next` is the page to read afterwards.
pub async fn leave(services: &Services, name: &str, next: &str) -> Result<Leaving> {
    depart(services, name, Purpose::SignIn, "", next).await
}

/// Leaves to link, for whoever shows the password: a browser that was found open links nobody else's identity.
pub async fn leave_to_link(
    services: &Services,
    id: &Id,
    name: &str,
    password: &str,
) -> Result<Leaving> {
    let account = shown_password(services, id, password).await?;
    admitted(of(services, name)?, &account)?;
    let mut tx = services.db.begin_plain().await?;
    accounts::forget_attempts(&mut tx, &signing::login_hash(&account.login)).await?;
    tx.commit().await?;
    depart(services, name, Purpose::Link, &id.to_string(), "").await
}

/// Leaves to accept an invitation.
pub async fn leave_with_invitation(
    services: &Services,
    name: &str,
    token: &str,
) -> Result<Leaving> {
    let opened = invitations::open(services, token).await?;
    if !of(services, name)?.about.admits(opened.invitation.role) {
        return Err(not_for_you());
    }
    let hash = sha256_hex(token.as_bytes());
    depart(services, name, Purpose::Invitation, &hash, "").await
}

async fn depart(
    services: &Services,
    name: &str,
    purpose: Purpose,
    subject: &str,
    next: &str,
) -> Result<Leaving> {
    let provider = of(services, name)?;
    let secret = hex::encode(services.ids.secret());
    let (state, nonce, verifier) = (
        part("state", &secret),
        part("nonce", &secret),
        part("verifier", &secret),
    );
    let attempt = Attempt {
        state: &state,
        nonce: &nonce,
        verifier: &verifier,
    };
    let address = provider
        .remote
        .address(&attempt)
        .await
        .map_err(|why| away(&why))?;
    let departure = Departure {
        provider: name.to_owned(),
        purpose,
        subject: subject.to_owned(),
        next: next.to_owned(),
        expires_at: services.now().plus_seconds(AWAY_SECONDS),
    };
    let mut tx = services.db.begin_plain().await?;
    identities::depart(&mut tx, &departure, &sha256_hex(secret.as_bytes())).await?;
    tx.commit().await?;
    Ok(Leaving {
        address,
        label: provider.about.label.clone(),
        secret: Secret::new(secret),
    })
}

/// Takes whoever comes back, once.
pub async fn arrive(
    services: &Services,
    name: &str,
    back: Return<'_>,
    who: Option<&SignedIn>,
    browser: Browser<'_>,
) -> Result<Arrived> {
    let provider = of(services, name)?;
    let mut tx = services.db.begin_plain().await?;
    let hash = sha256_hex(back.secret.as_bytes());
    let departure = identities::arrive(&mut tx, &hash, services.now()).await?;
    tx.commit().await?;
    let state = part("state", back.secret);
    let departure = departure
        .filter(|departure| departure.provider == name && state == back.state)
        .ok_or_else(too_late)?;
    let person = match person(services, provider, back).await {
        Ok(person) => person,
        Err((reason, error)) => {
            failed(services, name, None, reason).await?;
            return Err(error);
        }
    };
    let outside = Outside::of(provider, &person);
    match departure.purpose {
        Purpose::SignIn => {
            let entered = sign_in(services, provider, &person, &outside, browser).await?;
            Ok(Arrived::Entered(Box::new(entered), departure.next))
        }
        Purpose::Link => {
            let who = who.filter(|who| who.account.id.to_string() == departure.subject);
            let account = &who.ok_or_else(too_late)?.account;
            bind(services, provider, account, &outside).await?;
            Ok(Arrived::Linked)
        }
        Purpose::Invitation => {
            let token_hash = &departure.subject;
            let entered = accept(services, provider, token_hash, &outside, browser).await?;
            Ok(Arrived::Entered(Box::new(entered), "/account".to_owned()))
        }
    }
}

/// Who it is, if the provider says so and says what the operator wants said; else why not.
async fn person(
    services: &Services,
    provider: &Provider,
    back: Return<'_>,
) -> std::result::Result<Person, (&'static str, Error)> {
    if back.code.is_empty() {
        return Err(("providerRefused", refused()));
    }
    let (state, nonce, verifier) = (
        part("state", back.secret),
        part("nonce", back.secret),
        part("verifier", back.secret),
    );
    let attempt = Attempt {
        state: &state,
        nonce: &nonce,
        verifier: &verifier,
    };
    let identified = provider
        .remote
        .identify(back.code, &attempt, services.now())
        .await;
    let person = identified.map_err(|why| {
        let reason = match why {
            OidcError::Unfit(_) => "tokenRefused",
            OidcError::Away(_) | OidcError::Settings(_) => "providerAway",
        };
        (reason, away(&why))
    })?;
    if !provider.about.vouches_for(&person) {
        return Err(("claimMissing", not_for_you()));
    }
    Ok(person)
}

async fn sign_in(
    services: &Services,
    provider: &Provider,
    person: &Person,
    outside: &Outside,
    browser: Browser<'_>,
) -> Result<Entered> {
    let name = &provider.about.name;
    let mut tx = services.read().await?;
    let known = identities::find(&mut tx, &outside.mark).await?;
    let account = match (&known, provider.about.proven_login(person)) {
        (Some(identity), _) => accounts::find(&mut tx, &identity.account).await?,
        (None, Some(login)) => accounts::find_by_login(&mut tx, &login).await?,
        (None, None) => None,
    };
    let account = account.filter(|account| account.state != AccountState::Disabled);
    let Some(account) = account else {
        drop(tx);
        failed(services, name, None, "identityUnknown").await?;
        return Err(unknown());
    };
    if !provider.about.admits(account.role) {
        drop(tx);
        failed(services, name, Some(&account.id), "providerNotForRole").await?;
        return Err(not_for_you());
    }
    let hash = accounts::find_password_hash(&mut tx, &account.id).await?;
    drop(tx);
    let hash = hash.ok_or_else(unknown)?;
    let mut tx = services.db.begin_plain().await?;
    if !accounts::hold(&mut tx, &account.id, &hash).await? {
        return Err(unknown());
    }
    match &known {
        Some(identity) => {
            // Unlinked meanwhile?
            let still = identities::find(&mut tx, &outside.mark).await?;
            if still.as_ref().map(|i| &i.account) != Some(&account.id) {
                return Err(unknown());
            }
            identities::touch(&mut tx, &identity.id, services.now()).await?;
        }
        None => link(services, &mut tx, &account.id, outside, Some("email")).await?,
    }
    let entered = signing::admit(services, &mut tx, account, &hash, browser, Some(name)).await?;
    tx.commit().await?;
    Ok(entered)
}

/// Links whom the provider names to the account that is signed in.
async fn bind(
    services: &Services,
    provider: &Provider,
    account: &Account,
    outside: &Outside,
) -> Result<()> {
    let mut tx = services.db.begin_plain().await?;
    let account = current(&mut tx, &account.id).await?;
    admitted(provider, &account)?;
    if let Some(known) = identities::find(&mut tx, &outside.mark).await? {
        return if known.account == account.id {
            Ok(())
        } else {
            Err(taken())
        };
    }
    link(services, &mut tx, &account.id, outside, None).await?;
    tx.commit().await?;
    Ok(())
}

async fn accept(
    services: &Services,
    provider: &Provider,
    token_hash: &str,
    outside: &Outside,
    browser: Browser<'_>,
) -> Result<Entered> {
    let mut tx = services.read().await?;
    let invitation = invited::find_open(&mut tx, token_hash, services.now()).await?;
    drop(tx);
    let invitation = invitation.ok_or(Error::NotFound("invitation"))?;
    if !provider.about.admits(invitation.role) {
        return Err(not_for_you());
    }
    let account = invitations::take(services, token_hash, "", Some(outside)).await?;
    let mut tx = services.db.begin_plain().await?;
    let with = Some(outside.provider.as_str());
    let entered = signing::admit(services, &mut tx, account, "", browser, with).await?;
    tx.commit().await?;
    Ok(entered)
}

/// Writes the link, in the transaction that decides on it.
pub(super) async fn link(
    services: &Services,
    tx: &mut Tx,
    account: &Id,
    outside: &Outside,
    by: Option<&str>,
) -> Result<()> {
    let now = services.now();
    let identity = Identity {
        id: services.ids.next(now),
        account: account.clone(),
        provider: outside.provider.clone(),
        linked_at: now,
        used_at: None,
    };
    match identities::insert(tx, &identity, &outside.mark).await {
        Err(store::Error::Duplicate) => return Err(taken()),
        other => other?,
    }
    let actor = actor_name(account);
    let how = (Outcome::Done, by);
    write(
        tx,
        services,
        &actor,
        "identityLinked",
        &subject(account),
        how,
    )
    .await
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

/// Writes down that somebody came back and was not let in.
async fn failed(
    services: &Services,
    provider: &str,
    account: Option<&Id>,
    reason: &str,
) -> Result<()> {
    let (actor, about) = match account {
        Some(id) => (actor_name(id), subject(id)),
        None => ("anonymous".to_owned(), format!("providers/{provider}")),
    };
    let why = (Outcome::Failed, Some(reason));
    let mut tx = services.db.begin_plain().await?;
    write(&mut tx, services, &actor, "signInFailed", &about, why).await?;
    tx.commit().await?;
    Ok(())
}

fn admitted(provider: &Provider, account: &Account) -> Result<()> {
    let may = provider.about.admits(account.role);
    may.then_some(()).ok_or_else(not_for_you)
}

fn away(why: &OidcError) -> Error {
    tracing::warn!(%why, "signing in with a provider");
    match why {
        OidcError::Unfit(_) => Error::fault(
            "",
            "tokenRefused",
            "身份提供方的回答未通过校验，请重新登录；如仍不行，请与管理员联系。",
            "What the provider answered did not pass the checks; sign in again, or ask the operator.",
        ),
        OidcError::Away(_) | OidcError::Settings(_) => Error::fault(
            "",
            "providerAway",
            "暂时无法连接身份提供方，请稍后再试，或用密码登录。",
            "The provider cannot be reached; try again later, or sign in with the password.",
        ),
    }
}

fn refused() -> Error {
    Error::fault(
        "",
        "providerRefused",
        "身份提供方没有确认您的身份。",
        "The provider did not say who you are.",
    )
}

fn too_late() -> Error {
    Error::fault(
        "",
        "signInExpired",
        "这次登录已过时，请重新开始。",
        "This sign-in has expired; begin again.",
    )
}

fn unknown() -> Error {
    Error::fault(
        "",
        "identityUnknown",
        "这个身份还没有与账户关联。请先用密码登录，在“登录安全”中关联；没有账户的，请用收到的邀请或先注册。",
        "No account is linked to it. Sign in with the password and link it under “Signing in”; without an account, use \
         your invitation or register first.",
    )
}

fn not_for_you() -> Error {
    Error::fault(
        "",
        "providerNotForYou",
        "管理员没有对您的账户开放这种登录方式。",
        "The operator has not opened this way of signing in to your account.",
    )
}

fn taken() -> Error {
    Error::fault(
        "",
        "identityTaken",
        "这个身份已与另一个账户关联。",
        "It is linked to another account.",
    )
}
