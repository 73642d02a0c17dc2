//! Registering and correcting organisations. A new name or alias is compared with every holding at once, so
//! that a holding confirmed by name follows the names.

use std::collections::HashMap;

use super::{
    Error, Fault, Result, Services,
    announce::announce,
    cards,
    idempotency::{Answer, Key},
    watch,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::Uscc,
        id::Id,
        party::{Organisation, OrganisationError, OrganisationKind},
    },
    store::{self, Stored, Tx, holdings, organisations, patents},
};

/// What an officer registers.
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    pub uscc: Uscc,
    pub name: String,
    pub aliases: Vec<String>,
    pub kind: OrganisationKind,
    pub district: String,
    pub town: Option<String>,
    pub fictional: bool,
}

/// What an officer corrects; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct OrganisationPatch {
    pub name: Option<String>,
    pub aliases: Option<Vec<String>>,
    pub kind: Option<OrganisationKind>,
    pub district: Option<String>,
    /// Empty: none.
    pub town: Option<String>,
}

/// A created record, or the record that the same request created before.
pub struct Created<T> {
    pub record: T,
    pub repeated: bool,
}

impl<T> Created<T> {
    /// What was created just now: its id is kept with the caller's key, and the transaction ends.
    pub(super) async fn kept(mut tx: Tx, key: Option<&Key>, id: &Id, record: T) -> Result<Self> {
        if let Some(key) = key {
            key.keep(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(Self {
            record,
            repeated: false,
        })
    }
}

/// Registers an organisation; with an idempotency key, once.
pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    new: NewOrganisation,
) -> Result<Created<Stored<Organisation>>> {
    access::check(actor, Operation::CreateOrganisation, None)?;
    let organisation = Organisation {
        id: services.ids.next(services.now()),
        uscc: new.uscc,
        name: trimmed(&new.name),
        aliases: new.aliases.iter().map(|a| trimmed(a)).collect(),
        kind: new.kind,
        district: new.district,
        town: new.town.filter(|town| !town.is_empty()),
        unverified: false,
        business_licence: None,
        fictional: new.fictional,
    };
    checked(&organisation)?;
    let mut tx = services.write(actor).await?;
    if let Some(key) = key
        && let Some(answer) = key.find(&mut tx).await?
    {
        let id = Id::parse(&answer.body).ok_or_else(|| Error::Internal("stored answer".into()))?;
        let record = organisations::find(&mut tx, &id)
            .await?
            .ok_or(Error::NotFound("organisation"))?;
        return Ok(Created {
            record,
            repeated: true,
        });
    }
    if organisations::find_by_uscc(&mut tx, &organisation.uscc)
        .await?
        .is_some()
    {
        return Err(Error::UsccTaken);
    }
    let record = organisations::insert(&mut tx, &organisation).await?;
    announce(&mut tx, None, &record);
    if let Some(key) = key {
        key.store(
            &mut tx,
            &Answer {
                status: 201,
                body: record.value.id.to_string(),
            },
        )
        .await?;
    }
    tx.commit().await?;
    Ok(Created {
        record,
        repeated: false,
    })
}

/// Corrects an organisation at version `expected`.
pub async fn update(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    patch: OrganisationPatch,
) -> Result<Stored<Organisation>> {
    access::check(actor, Operation::UpdateOrganisation, Some(id))?;
    let mut tx = services.write(actor).await?;
    let current = organisations::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("organisation"))?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let mut next = current.value.clone();
    next.name = patch.name.map_or(next.name, |name| trimmed(&name));
    if let Some(aliases) = patch.aliases {
        next.aliases = aliases.iter().map(|a| trimmed(a)).collect();
    }
    next.kind = patch.kind.unwrap_or(next.kind);
    next.district = patch.district.unwrap_or(next.district);
    if let Some(town) = patch.town {
        next.town = Some(town).filter(|town| !town.is_empty());
    }
    checked(&next)?;
    if next == current.value {
        return Ok(current);
    }
    let record = organisations::update(&mut tx, &next, expected).await?;
    announce(&mut tx, Some(&current.value), &record);
    if next.name != current.value.name || next.aliases != current.value.aliases {
        recheck_holdings(&mut tx, services, &next).await?;
    }
    tx.commit().await?;
    Ok(record)
}

/// Compares every holding of the organisation with its present names, a page at a time.
async fn recheck_holdings(
    tx: &mut Tx,
    services: &Services,
    organisation: &Organisation,
) -> Result<()> {
    let mut after = None;
    loop {
        let page = holdings::of_organisation(tx, &organisation.id, after.as_ref(), 500).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.value.number.clone());
        let numbers: Vec<_> = page.iter().map(|h| h.value.number.clone()).collect();
        let found: HashMap<_, _> = patents::list_by_numbers(tx, &numbers)
            .await?
            .into_iter()
            .map(|p| (p.value.number.clone(), p.value))
            .collect();
        let mut changed = Vec::new();
        for holding in page {
            let Some(patent) = found.get(&holding.value.number) else {
                continue;
            };
            let mut next = holding.value.clone();
            next.recheck(organisation, patent);
            if next != holding.value {
                let hash = next.document_hash();
                let after = Stored {
                    version: holding.version + 1,
                    hash,
                    value: next,
                };
                announce(tx, Some(&holding.value), &after);
                changed.push(after);
            }
        }
        holdings::put(tx, &changed).await?;
        let numbers: Vec<_> = changed.into_iter().map(|h| h.value.number).collect();
        watch::recheck(tx, services, &numbers).await?;
        cards::follow(tx, &numbers).await?;
    }
}

/// The organisation for which an operation is done: the one that is named, or the actor's own.
pub(super) async fn acted_for(
    services: &Services,
    actor: &Actor,
    operation: Operation,
    reference: Option<&str>,
) -> Result<Id> {
    access::check_role(actor, operation)?;
    let id = match (reference, &actor.organisation) {
        (Some(reference), _) => get(services, actor, reference).await?.value.id,
        (None, Some(own)) => own.clone(),
        (None, None) => return Err(Error::NotFound("organisation")),
    };
    access::check(actor, operation, Some(&id))?;
    Ok(id)
}

/// Finds by id or by USCC, whichever `reference` is.
pub async fn get(
    services: &Services,
    actor: &Actor,
    reference: &str,
) -> Result<Stored<Organisation>> {
    access::check(actor, Operation::GetOrganisation, None)?;
    let mut tx = services.read().await?;
    find(&mut tx, reference)
        .await?
        .ok_or(Error::NotFound("organisation"))
}

/// By id or by USCC.
pub(super) async fn find(
    tx: &mut Tx,
    reference: &str,
) -> store::Result<Option<Stored<Organisation>>> {
    if let Some(id) = Id::parse(reference) {
        organisations::find(tx, &id).await
    } else if let Ok(uscc) = Uscc::parse(reference) {
        organisations::find_by_uscc(tx, &uscc).await
    } else {
        Ok(None)
    }
}

/// The id of the organisation that a parameter names by id or USCC; `pointer` is the parameter (`?holder`).
pub(super) async fn named(services: &Services, reference: &str, pointer: &str) -> Result<Id> {
    let mut tx = services.read().await?;
    let found = find(&mut tx, reference).await?.ok_or_else(|| {
        Fault::new(
            pointer,
            "unknownOrganisation",
            "没有登记这个单位，请先登记或核对统一社会信用代码。",
            "No such organisation is registered; register it or check the code.",
        )
    })?;
    Ok(found.value.id)
}

/// A page in USCC order and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    district: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Stored<Organisation>>, i64)> {
    access::check(actor, Operation::ListOrganisations, None)?;
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok((
        organisations::page(&mut tx, district, after, limit).await?,
        organisations::count(&mut tx, district).await?,
    ))
}

/// Blanks at the ends come with copying, not with the name.
fn trimmed(name: &str) -> String {
    name.trim().to_owned()
}

fn checked(organisation: &Organisation) -> Result<()> {
    organisation.check().map_err(|why| match why {
        OrganisationError::Name => Error::fault(
            "/name",
            "nameInvalid",
            "名称（含曾用名）应为 2 至 200 个字，不含控制字符。",
            "A name or alias has 2 to 200 characters and no control characters.",
        ),
        OrganisationError::District => Error::fault(
            "/district",
            "districtInvalid",
            "所属区划应为六位行政区划代码，例如 371002（环翠区）。",
            "The district is a six-digit GB/T 2260 code, e.g. 371002.",
        ),
        OrganisationError::Town => Error::fault(
            "/town",
            "townInvalid",
            "镇街应为九位代码，前六位即所属区划，例如 371002001（环翠楼街道）；没有则留空。",
            "A town is a nine-digit code that begins with the district's six, e.g. 371002001; empty for none.",
        ),
        OrganisationError::TooManyAliases => Error::fault(
            "/aliases",
            "tooMany",
            "曾用名最多 20 个。",
            "At most 20 aliases.",
        ),
    })
}

/// The names of organisations, by id; public as they are.
pub async fn names(services: &Services, mut ids: Vec<Id>) -> Result<HashMap<Id, String>> {
    ids.sort_unstable();
    ids.dedup();
    let mut tx = services.read().await?;
    names_in(&mut tx, &ids).await
}

pub(super) async fn names_in(tx: &mut Tx, ids: &[Id]) -> Result<HashMap<Id, String>> {
    let mut names = HashMap::new();
    for chunk in ids.chunks(500) {
        for party in organisations::list_by_ids(tx, chunk).await? {
            names.insert(party.value.id, party.value.name);
        }
    }
    Ok(names)
}
