//! Whoever comes back from a provider: let in, linked, or refused with a reason in the audit.

use super::{
    Identity, Provider, admitted, of, part,
    refusals::{away, not_for_you, refused, taken, too_late, unknown},
};
use crate::{
    domain::{
        account::{Account, AccountState, Outcome},
        event::sha256_hex,
        id::Id,
        provider::{Person, Purpose},
    },
    ops::{
        Error, Result, Services,
        accounts::{actor_name, current, invitations, subject, write},
        sessions::{self as signing, Browser, Entered, SignedIn},
    },
    remote::oidc::{Attempt, OidcError},
    store::{self, Tx, accounts, identities, invitations as invited},
};

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
pub(in crate::ops::accounts) struct Outside {
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
pub(in crate::ops::accounts) async fn link(
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
