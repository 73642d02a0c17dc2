//! API keys: made at the command line or by their owners, shown once, kept as a hash. A key acts in one role, for one
//! organisation where the role has one, within its scopes, from the addresses that its owner names.

mod entry;
mod own;

use super::{Error, Result, Services, accounts::note, organisations};
use crate::{
    domain::{
        access::{Role, Scope},
        event::sha256_hex,
        id::Id,
        time::Instant,
    },
    store::keys,
};
pub use entry::{Issued, authenticate, issue};
pub(super) use own::leave;
pub use own::{Asked, Changes, create, get, list, page, revoke, rotate, update};

pub use crate::store::keys::Key;

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

/// A new secret of a key: what its owner keeps, and the hash that stays here.
fn secret_of(services: &Services, id: &Id) -> (Secret, String) {
    let secret = hex::encode(services.ids.secret());
    let hash = sha256_hex(secret.as_bytes());
    let id = id.to_string().replace('-', "");
    (Secret(format!("{PREFIX}{id}_{secret}")), hash)
}

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
    let id = services.ids.next(now);
    let (secret, secret_hash) = secret_of(services, &id);
    let scopes = if new.scopes.is_empty() {
        default_scopes(new.role)
    } else {
        new.scopes
    };
    let key = Key {
        id,
        version: 1,
        name: new.name,
        secret_hash,
        role: new.role,
        organisation,
        account: None,
        scopes,
        networks: Vec::new(),
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
        last_used_at: None,
        last_used_from: None,
        previous: None,
    };
    let mut tx = services.db.begin_plain().await?;
    keys::insert(&mut tx, &key).await?;
    note(&mut tx, services, "cli", "keyMade", &subject(&key.id)).await?;
    tx.commit().await?;
    Ok((key, secret))
}

/// The text of a key in the audit.
fn subject(id: &Id) -> String {
    format!("keys/{id}")
}

pub(super) fn default_scopes(role: Role) -> Vec<Scope> {
    role.scopes().to_vec()
}
