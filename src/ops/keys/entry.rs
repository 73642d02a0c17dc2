//! Who presents a key, or a token that was given for one (RFC 6749, client credentials). What is unknown, altered,
//! expired or revoked is refused alike; that an address is not on the key's list is told only to whoever has the key.

use super::{Key, PREFIX, Secret, subject};
use crate::{
    domain::{
        access::{self, Actor, Denied, Scope},
        event::sha256_hex,
        id::Id,
        time::Instant,
    },
    ops::{Error, Result, Services, audit},
    store::{self, keys},
};

/// A key's last use is noted at most this often.
const TOUCH_SECONDS: i64 = 60;
const TOKEN_PREFIX: &str = "kt_";
/// How long a token works.
const TOKEN_SECONDS: i64 = 900;
/// Tokens of one key at a time; the oldest give way.
const MAX_TOKENS: i64 = 100;

/// A token and what it is worth.
#[derive(Debug)]
pub struct Issued {
    pub token: Secret,
    pub scopes: Vec<Scope>,
    pub seconds: i64,
}

/// Who presents this text, from this address?
pub async fn authenticate(services: &Services, presented: &str, from: &str) -> Result<Actor> {
    let now = services.now();
    let (key, scopes) = match presented.strip_prefix(TOKEN_PREFIX) {
        Some(_) => by_token(services, presented, now).await?,
        None => {
            let key = by_secret(services, presented, now).await?;
            let scopes = key.scopes.clone();
            (key, scopes)
        }
    };
    check_address(services, &key, from).await?;
    used(services, &key, now, from).await;
    Ok(Actor {
        role: key.role,
        name: format!("key:{}", key.id),
        organisation: key.organisation,
        scopes: scopes.into_iter().collect(),
        reach: crate::domain::review::Reach::All,
    })
}

fn parts(presented: &str) -> Option<(Id, &str)> {
    let (id, secret) = presented.strip_prefix(PREFIX)?.split_once('_')?;
    Some((Id::parse(id)?, secret))
}

async fn by_secret(services: &Services, presented: &str, now: Instant) -> Result<Key> {
    let (id, secret) = parts(presented).ok_or(Error::Credentials)?;
    let key = find(services, &id).await?;
    check(services, &key, secret, now).await?;
    Ok(key)
}

/// The right secret of a key that works; what is refused is written down, why included.
async fn check(services: &Services, key: &Key, secret: &str, now: Instant) -> Result<()> {
    if opens(key, secret, now) && is_alive(key, now) {
        return Ok(());
    }
    let reason = match (opens(key, secret, now), key.revoked_at) {
        (false, _) => "secretWrong",
        (true, Some(_)) => "revoked",
        (true, None) => "expired",
    };
    refused(services, key, reason).await;
    Err(Error::Credentials)
}

async fn refused(services: &Services, key: &Key, reason: &str) {
    let (actor, about) = (format!("key:{}", key.id), subject(&key.id));
    audit::refused(services, &actor, "keyRefused", &about, reason).await;
}

async fn find(services: &Services, id: &Id) -> Result<Key> {
    let mut tx = services.read().await?;
    keys::find(&mut tx, id).await?.ok_or(Error::Credentials)
}

/// Is it the key's secret, or the one before while it still works? Hashes are compared, so the time taken tells nothing.
fn opens(key: &Key, secret: &str, now: Instant) -> bool {
    let hash = sha256_hex(secret.as_bytes());
    let previous = key.previous.as_ref();
    key.secret_hash == hash || previous.is_some_and(|(old, until)| *old == hash && now < *until)
}

fn is_alive(key: &Key, now: Instant) -> bool {
    key.revoked_at.is_none() && key.expires_at.is_none_or(|end| now < end)
}

async fn check_address(services: &Services, key: &Key, from: &str) -> Result<()> {
    if key.networks.is_empty() {
        return Ok(());
    }
    let within = access::address(from)
        .is_some_and(|address| key.networks.iter().any(|n| n.contains(address)));
    if within {
        return Ok(());
    }
    refused(services, key, "addressNotAllowed").await;
    Err(Denied::Address.into())
}

async fn by_token(services: &Services, presented: &str, now: Instant) -> Result<(Key, Vec<Scope>)> {
    let mut tx = services.read().await?;
    let token = keys::find_token(&mut tx, &sha256_hex(presented.as_bytes()))
        .await?
        .filter(|token| now < token.expires_at)
        .ok_or(Error::Credentials)?;
    let key = keys::find(&mut tx, &token.api_key)
        .await?
        .filter(|key| is_alive(key, now))
        .ok_or(Error::Credentials)?;
    // What was taken from the key meanwhile is taken from its tokens.
    let scopes = token.scopes.into_iter();
    let scopes = scopes.filter(|s| key.scopes.contains(s)).collect();
    Ok((key, scopes))
}

async fn used(services: &Services, key: &Key, now: Instant, from: &str) {
    let due = key
        .last_used_at
        .is_none_or(|last| last.plus_seconds(TOUCH_SECONDS) < now);
    if due {
        // A mark for the owner; a busy database must not fail the request over it.
        let _ = touch(services, &key.id, now, from).await;
    }
}

async fn touch(services: &Services, id: &Id, now: Instant, from: &str) -> store::Result<i64> {
    let mut tx = services.db.begin_plain().await?;
    keys::touch(&mut tx, id, now, from).await?;
    tx.commit().await
}

/// A token for the key with this id and secret; `scopes` narrow it. The secret is the key's whole text or its last part.
pub async fn issue(
    services: &Services,
    id: &str,
    secret: &str,
    scopes: Option<Vec<Scope>>,
    from: &str,
) -> Result<Issued> {
    let now = services.now();
    let id = Id::parse(id).ok_or(Error::Credentials)?;
    let secret = match parts(secret) {
        Some((named, secret)) if named == id => secret,
        Some(_) => return Err(Error::Credentials),
        None => secret,
    };
    let key = find(services, &id).await?;
    check(services, &key, secret, now).await?;
    check_address(services, &key, from).await?;
    let scopes = scopes.unwrap_or_else(|| key.scopes.clone());
    if scopes.is_empty() || !scopes.iter().all(|scope| key.scopes.contains(scope)) {
        return Err(Denied::Scope.into());
    }
    let token = format!("{TOKEN_PREFIX}{}", hex::encode(services.ids.secret()));
    let end = now.plus_seconds(TOKEN_SECONDS);
    let old_end = key.previous.as_ref().filter(|(old, _)| {
        // A token of the old secret does not outlive it.
        *old == sha256_hex(secret.as_bytes())
    });
    let ends = [key.expires_at, old_end.map(|(_, until)| *until)];
    let expires_at = ends.into_iter().flatten().fold(end, Instant::min);
    let row = keys::Token {
        api_key: id.clone(),
        scopes: scopes.clone(),
        expires_at,
    };
    let mut tx = services.db.begin_plain().await?;
    keys::sweep_tokens(&mut tx, Some(&id), now).await?;
    keys::insert_token(&mut tx, &row, &sha256_hex(token.as_bytes())).await?;
    keys::keep_tokens(&mut tx, &id, MAX_TOKENS).await?;
    tx.commit().await?;
    used(services, &key, now, from).await;
    Ok(Issued {
        token: Secret::new(token),
        scopes,
        seconds: (expires_at.micros() - now.micros()) / 1_000_000,
    })
}
