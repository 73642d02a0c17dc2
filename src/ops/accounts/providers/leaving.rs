//! Leaving for a provider: to sign in, to link, to accept an invitation.

use super::{
    admitted, of, part,
    refusals::{away, not_for_you},
};
use crate::{
    domain::{event::sha256_hex, id::Id, provider::Purpose},
    ops::{
        Result, Services,
        accounts::{invitations, shown_password},
        keys::Secret,
        sessions::login_hash,
    },
    remote::oidc::Attempt,
    store::{
        accounts,
        identities::{self, Departure},
    },
};

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
    accounts::forget_attempts(&mut tx, &login_hash(&account.login)).await?;
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
