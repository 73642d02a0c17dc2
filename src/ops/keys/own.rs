//! What a key's owner does with it: an organisation's members with its keys, officers with any. A secret is given out
//! once, when it is made; a repeated request names the key and gives none. Whoever acts for a principal makes no keys
//! of the principal's: they would outlive the delegation.

use super::{Key, Secret, default_scopes, secret_of, subject};
use crate::{
    domain::{
        access::{self, Actor, Denied, Network, Operation, Role, Scope},
        id::Id,
        time::Instant,
    },
    ops::{Error, Fault, Result, Services, accounts::note, idempotency, organisations},
    store::{Tx, keys},
};

/// What a key is to be.
#[derive(Clone, Debug)]
pub struct Asked {
    pub name: String,
    /// The maker's own where absent.
    pub role: Option<Role>,
    /// By id or USCC; the maker's own where absent.
    pub organisation: Option<String>,
    /// Empty: all that the role can use and the maker has.
    pub scopes: Vec<Scope>,
    pub networks: Vec<String>,
    pub expires_at: Option<Instant>,
}

/// What is to change of a key; absent: it stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub name: Option<String>,
    pub scopes: Option<Vec<Scope>>,
    pub networks: Option<Vec<String>>,
    /// `Some(None)`: it does not expire.
    pub expires_at: Option<Option<Instant>>,
}

/// Networks of one key.
const MAX_NETWORKS: usize = 50;
/// How long the secret before a rotation may still work.
const OVERLAP_SECONDS: i64 = 30 * 86_400;

/// Makes a key. `None` instead of the secret: this very request was made before.
pub async fn create(
    services: &Services,
    actor: &Actor,
    repeat: Option<&idempotency::Key>,
    asked: Asked,
) -> Result<(Key, Option<Secret>)> {
    access::check_role(actor, Operation::CreateKey)?;
    refuse_delegate(actor)?;
    let role = role_of(actor, asked.role)?;
    let owner = owner_of(services, actor, role, asked.organisation.as_deref()).await?;
    access::check(actor, Operation::CreateKey, owner.as_ref())?;
    let now = services.now();
    let scopes = if asked.scopes.is_empty() {
        let usable = default_scopes(role).into_iter();
        usable.filter(|s| actor.scopes.contains(s)).collect()
    } else {
        asked.scopes
    };
    let mut faults = Vec::new();
    let name = name_in(&asked.name, &mut faults);
    let networks = networks_in(&asked.networks, &mut faults);
    faults.extend(scopes_fault(actor, role, &scopes));
    faults.extend(expiry_fault(asked.expires_at, now));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let id = services.ids.next(now);
    let (secret, secret_hash) = secret_of(services, &id);
    let mut tx = services.write(actor).await?;
    if let Some(repeat) = repeat
        && let Some(id) = repeat.created(&mut tx).await?
    {
        return Ok((load(&mut tx, &id).await?, None));
    }
    let key = Key {
        id,
        version: 1,
        name,
        secret_hash,
        role,
        organisation: owner,
        account: account_of(&mut tx, actor).await?,
        scopes,
        networks,
        created_at: now,
        expires_at: asked.expires_at,
        revoked_at: None,
        last_used_at: None,
        last_used_from: None,
        previous: None,
    };
    keys::insert(&mut tx, &key).await?;
    if let Some(repeat) = repeat {
        repeat.keep(&mut tx, &key.id).await?;
    }
    let about = subject(&key.id);
    note(&mut tx, services, &actor.name, "keyMade", &about).await?;
    tx.commit().await?;
    Ok((key, Some(secret)))
}

fn refuse_delegate(actor: &Actor) -> Result<()> {
    if actor.is_delegate() {
        return Err(Denied::NotYours.into());
    }
    Ok(())
}

/// A member makes keys of its own role; an officer of any role, an administrator's only as one.
fn role_of(actor: &Actor, wanted: Option<Role>) -> Result<Role> {
    let role = wanted.unwrap_or(actor.role);
    let may = match actor.role {
        Role::Administrator => role != Role::Anonymous,
        Role::Office => !matches!(role, Role::Anonymous | Role::Administrator),
        own => role == own,
    };
    if may {
        return Ok(role);
    }
    Err(Error::fault(
        "/role",
        "roleInvalid",
        "不能为这个角色创建密钥。",
        "You cannot make a key of this role.",
    ))
}

/// Whose key it will be: its role says whether it has an organisation.
async fn owner_of(
    services: &Services,
    actor: &Actor,
    role: Role,
    named: Option<&str>,
) -> Result<Option<Id>> {
    if !role.is_member() {
        return Ok(None);
    }
    let owner = match (named, &actor.organisation) {
        (Some(reference), _) => organisations::named(services, reference, "/organisation").await?,
        (None, Some(own)) if actor.role.is_member() => own.clone(),
        _ => {
            return Err(Error::fault(
                "/organisation",
                "organisationRequired",
                "持有人和企业的密钥必须属于一个已登记的单位。",
                "A holder's or enterprise's key belongs to a registered organisation.",
            ));
        }
    };
    // Individuals use the pages: they are no organisation that a key could act for.
    let mut tx = services.read().await?;
    if crate::store::organisations::find(&mut tx, &owner)
        .await?
        .is_none()
    {
        return Err(Error::fault(
            "/organisation",
            "organisationsOnly",
            "密钥由单位使用；个人请使用网页。",
            "Keys are for organisations; individuals use the pages.",
        ));
    }
    Ok(Some(owner))
}

fn name_in(text: &str, faults: &mut Vec<Fault>) -> String {
    let name = text.trim();
    if !(1..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        faults.push(Fault::new(
            "/name",
            "textLength",
            "请填写 1 至 100 个字。",
            "Give 1 to 100 characters.",
        ));
    }
    name.to_owned()
}

fn networks_in(texts: &[String], faults: &mut Vec<Fault>) -> Vec<Network> {
    if texts.len() > MAX_NETWORKS {
        faults.push(Fault::new(
            "/networks",
            "tooMany",
            format!("最多 {MAX_NETWORKS} 个地址段。"),
            format!("At most {MAX_NETWORKS} networks."),
        ));
    }
    let mut networks = Vec::new();
    for (n, text) in texts.iter().enumerate().take(MAX_NETWORKS) {
        match Network::parse(text) {
            Some(network) => networks.push(network),
            None => faults.push(Fault::new(
                format!("/networks/{n}"),
                "networkInvalid",
                "应为 IPv4 或 IPv6 地址或地址段，例如 203.0.113.0/24、2001:db8::/32。",
                "Must be an IPv4 or IPv6 address or network such as 203.0.113.0/24 or 2001:db8::/32.",
            )),
        }
    }
    networks
}

/// Nobody gives more than they have, and a role has what it can use.
fn scopes_fault(actor: &Actor, role: Role, scopes: &[Scope]) -> Option<Fault> {
    let usable = default_scopes(role);
    let fits = scopes
        .iter()
        .all(|scope| usable.contains(scope) && actor.scopes.contains(scope));
    (!fits || scopes.is_empty()).then(|| {
        Fault::new(
            "/scopes",
            "scopesInvalid",
            "请在此角色可用、且您自己拥有的权限范围中选择至少一项。",
            "Choose at least one scope that the role can use and that you have yourself.",
        )
    })
}

fn expiry_fault(expires_at: Option<Instant>, now: Instant) -> Option<Fault> {
    expires_at.filter(|at| *at <= now).map(|_| {
        Fault::new(
            "/expiresAt",
            "inThePast",
            "有效期应晚于现在。",
            "It must expire later than now.",
        )
    })
}

/// Whose the key is: the account that acts, or the owner of the key that acts.
async fn account_of(tx: &mut Tx, actor: &Actor) -> Result<Option<Id>> {
    if let Some(id) = actor.account() {
        return Ok(Some(id));
    }
    let Some(id) = actor.name.strip_prefix("key:").and_then(Id::parse) else {
        return Ok(None);
    };
    Ok(keys::find(tx, &id).await?.and_then(|key| key.account))
}

async fn load(tx: &mut Tx, id: &Id) -> Result<Key> {
    keys::find(tx, id).await?.ok_or(Error::NotFound("key"))
}

/// A key that this actor may do that to; another organisation's is not there.
async fn load_for(tx: &mut Tx, actor: &Actor, operation: Operation, id: &Id) -> Result<Key> {
    access::check_role(actor, operation)?;
    refuse_delegate(actor)?;
    let key = load(tx, id).await?;
    match access::check(actor, operation, key.organisation.as_ref()) {
        Err(Denied::NotYours) => return Err(Error::NotFound("key")),
        other => other?,
    }
    let changes = !matches!(operation, Operation::GetKey);
    if changes && key.role == Role::Administrator && actor.role != Role::Administrator {
        return Err(Denied::Role.into());
    }
    Ok(key)
}

/// Every key, for the operator.
pub async fn list(services: &Services) -> Result<Vec<Key>> {
    let mut tx = services.read().await?;
    Ok(keys::list(&mut tx).await?)
}

/// A page of the keys that this actor may see, and how many there are.
pub async fn page(
    services: &Services,
    actor: &Actor,
    after: &str,
    limit: i64,
) -> Result<(Vec<Key>, i64)> {
    let row = access::check_role(actor, Operation::ListKeys)?;
    refuse_delegate(actor)?;
    let of = if row.any.contains(&actor.role) {
        None
    } else {
        // Whoever waits for an officer, or is nobody's, has none.
        Some(actor.organisation.as_ref().ok_or(Denied::NotYours)?)
    };
    let mut tx = services.read().await?;
    let total = keys::count(&mut tx, of).await?;
    Ok((keys::page(&mut tx, of, after, limit).await?, total))
}

/// One key.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Key> {
    load_for(&mut services.read().await?, actor, Operation::GetKey, id).await
}

fn at_version(key: &Key, expected: i64) -> Result<()> {
    if key.version != expected {
        return Err(Error::Stale {
            current: key.version,
        });
    }
    if key.revoked_at.is_some() {
        let refusal = crate::domain::refusal::Refusal::new(
            "keyRevoked",
            "密钥已吊销，不能再修改；请创建新的密钥。",
            "The key has been revoked; make a new one.",
        );
        return Err(crate::domain::refusal::Refused::from(refusal).into());
    }
    Ok(())
}

/// Changes name, scopes, networks or expiry, at version `expected`.
pub async fn update(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    changes: Changes,
) -> Result<Key> {
    access::check_role(actor, Operation::UpdateKey)?;
    let mut tx = services.write(actor).await?;
    let mut key = load_for(&mut tx, actor, Operation::UpdateKey, id).await?;
    at_version(&key, expected)?;
    let mut faults = Vec::new();
    if let Some(name) = &changes.name {
        key.name = name_in(name, &mut faults);
    }
    if let Some(networks) = &changes.networks {
        key.networks = networks_in(networks, &mut faults);
    }
    if let Some(scopes) = changes.scopes {
        faults.extend(scopes_fault(actor, key.role, &scopes));
        key.scopes = scopes;
    }
    if let Some(expires_at) = changes.expires_at {
        faults.extend(expiry_fault(expires_at, tx.now()));
        key.expires_at = expires_at;
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    write(services, tx, actor, &key, "keyChanged").await
}

/// Gives a new secret, at version `expected`; the old one works until `old_until`, at most 30 days, or ends at once.
pub async fn rotate(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    old_until: Option<Instant>,
) -> Result<(Key, Secret)> {
    access::check_role(actor, Operation::RotateKey)?;
    let mut tx = services.write(actor).await?;
    let mut key = load_for(&mut tx, actor, Operation::RotateKey, id).await?;
    at_version(&key, expected)?;
    let now = tx.now();
    if old_until.is_some_and(|until| until <= now || now.plus_seconds(OVERLAP_SECONDS) < until) {
        return Err(Error::fault(
            "/oldUntil",
            "outOfRange",
            "旧密钥最多还可使用 30 天，且应晚于现在。",
            "The old secret may work for at most 30 days, and until later than now.",
        ));
    }
    let (secret, hash) = secret_of(services, &key.id);
    let old = std::mem::replace(&mut key.secret_hash, hash);
    key.previous = old_until.map(|until| (old, until));
    let key = write(services, tx, actor, &key, "keyRotated").await?;
    Ok((key, secret))
}

/// Ends a key at once, whatever has changed since it was read, and with it its tokens. A key that has ended stays so.
pub async fn revoke(services: &Services, actor: &Actor, id: &Id) -> Result<Key> {
    access::check_role(actor, Operation::DeleteKey)?;
    let mut tx = services.write(actor).await?;
    let mut key = load_for(&mut tx, actor, Operation::DeleteKey, id).await?;
    if key.revoked_at.is_some() {
        return Ok(key);
    }
    key.revoked_at = Some(tx.now());
    key.previous = None;
    write(services, tx, actor, &key, "keyRevoked").await
}

async fn write(
    services: &Services,
    mut tx: Tx,
    actor: &Actor,
    key: &Key,
    what: &str,
) -> Result<Key> {
    let written = keys::update(&mut tx, key).await?;
    note(&mut tx, services, &actor.name, what, &subject(&key.id)).await?;
    tx.commit().await?;
    Ok(written)
}

/// What becomes of a leaver's keys: somebody else's from now on, or ended.
pub(in crate::ops) async fn leave(
    services: &Services,
    tx: &mut Tx,
    by: &str,
    account: &Id,
    to: Option<&Id>,
) -> Result<()> {
    for mut key in keys::list_by_account(tx, account).await? {
        let what = match to {
            Some(to) => {
                key.account = Some(to.clone());
                "keyHandedOver"
            }
            None => {
                key.revoked_at = Some(services.now());
                key.previous = None;
                "keyRevoked"
            }
        };
        keys::update(tx, &key).await?;
        note(tx, services, by, what, &subject(&key.id)).await?;
    }
    Ok(())
}
