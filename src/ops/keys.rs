//! API keys: made at the command line, shown once, kept as a hash. A key acts in one role, for one
//! organisation where the role has one, within its scopes.

use super::{Error, Result, Services, organisations};
use crate::{
    domain::{
        access::{Actor, Role, Scope},
        event::sha256_hex,
        id::Id,
        time::Instant,
    },
    store::{self, keys, keys::Key},
};

/// What the operator asks for.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub name: String,
    pub role: Role,
    /// Id or USCC; required for holders.
    pub organisation: Option<String>,
    /// Empty: all that the role can use.
    pub scopes: Vec<Scope>,
    pub expires_at: Option<Instant>,
}

/// The secret itself, given out this once. Its `Debug` shows nothing.
pub struct Secret(String);

impl Secret {
    pub(super) const fn new(text: String) -> Self {
        Self(text)
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

const PREFIX: &str = "kx_";
/// A key's last use is noted at most this often.
const TOUCH_SECONDS: i64 = 60;

/// Makes a key and returns it with its secret text.
pub async fn add(services: &Services, new: NewKey) -> Result<(Key, Secret)> {
    let now = services.now();
    if new.role == Role::Anonymous {
        return Err(Error::fault(
            "/role",
            "roleInvalid",
            "匿名角色不需要密钥。",
            "The anonymous role needs no key.",
        ));
    }
    let organisation = match &new.organisation {
        Some(reference) => {
            let mut tx = services.read().await?;
            Some(
                organisations::find(&mut tx, reference)
                    .await?
                    .ok_or(Error::NotFound("organisation"))?
                    .value
                    .id,
            )
        }
        None if new.role.is_member() => {
            return Err(Error::fault(
                "/organisation",
                "organisationRequired",
                "持有人和企业的密钥必须属于一个已登记的单位。",
                "A holder's or enterprise's key belongs to a registered organisation.",
            ));
        }
        None => None,
    };
    let secret = hex::encode(services.ids.secret());
    let id = services.ids.next(now);
    let scopes = if new.scopes.is_empty() {
        default_scopes(new.role)
    } else {
        new.scopes
    };
    let key = Key {
        id: id.clone(),
        name: new.name,
        secret_hash: sha256_hex(secret.as_bytes()),
        role: new.role,
        organisation,
        scopes,
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    let mut tx = services.db.begin_plain().await?;
    keys::insert(&mut tx, &key).await?;
    tx.commit().await?;
    Ok((
        key,
        Secret(format!(
            "{PREFIX}{}_{secret}",
            id.to_string().replace('-', "")
        )),
    ))
}

pub(super) fn default_scopes(role: Role) -> Vec<Scope> {
    match role {
        Role::Anonymous | Role::Platform => vec![Scope::Read],
        Role::Holder => vec![Scope::Read, Scope::Register, Scope::Trade],
        Role::Enterprise => vec![Scope::Read, Scope::Trade],
        Role::Office | Role::Administrator => Scope::ALL.to_vec(),
    }
}

pub async fn list(services: &Services) -> Result<Vec<Key>> {
    let mut tx = services.read().await?;
    Ok(keys::list(&mut tx).await?)
}

/// Ends a key at once.
pub async fn revoke(services: &Services, id: &Id) -> Result<()> {
    let mut tx = services.db.begin_plain().await?;
    let revoked = keys::revoke(&mut tx, id, services.now()).await?;
    tx.commit().await?;
    if revoked {
        Ok(())
    } else {
        Err(Error::NotFound("key"))
    }
}

/// Who presents this text? Refuses what is unknown, altered, expired or revoked, all alike.
pub async fn authenticate(services: &Services, presented: &str) -> Result<Actor> {
    let (id, secret) = presented
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split_once('_'))
        .and_then(|(id, secret)| Some((Id::parse(id)?, secret)))
        .ok_or(Error::Credentials)?;
    let mut tx = services.read().await?;
    let key = keys::find(&mut tx, &id).await?.ok_or(Error::Credentials)?;
    drop(tx);
    let now = services.now();
    // Hashes are compared, so the time taken tells nothing about the secret.
    let usable = key.secret_hash == sha256_hex(secret.as_bytes())
        && key.revoked_at.is_none()
        && key.expires_at.is_none_or(|end| now < end);
    if !usable {
        return Err(Error::Credentials);
    }
    if key
        .last_used_at
        .is_none_or(|last| last.plus_seconds(TOUCH_SECONDS) < now)
    {
        // A mark for the operator; a busy database must not fail the request over it.
        let _ = touch(services, &id).await;
    }
    Ok(Actor {
        role: key.role,
        name: format!("key:{id}"),
        organisation: key.organisation,
        scopes: key.scopes.into_iter().collect(),
        reach: crate::domain::review::Reach::All,
    })
}

async fn touch(services: &Services, id: &Id) -> store::Result<i64> {
    let mut tx = services.db.begin_plain().await?;
    keys::touch(&mut tx, id, services.now()).await?;
    tx.commit().await
}
