//! Stock records: read, listed, counted and edited by the holder and the office, one by one; many at once in `stock`.
//! A record comes into being with the first thing said, so a patent without one is there at version 0 and says nothing.

use super::{Error, Fault, Result, Services, announce::announce, holdings, organisations};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        account::AccountState,
        dictionary::Dictionaries,
        event::Sight,
        holding::{Conversion, Holding},
        id::Id,
        inventory::{Inventory, InventoryPatch, Item, UnitCompleteness},
        need::Flaw,
        patent::Patent,
        review::{RecordState, Standing, Want},
        stock::{StockFilter, StockOrder, StockPlace},
    },
    store::{self, Stored, Tx, dictionaries, inventory, patents, stock},
};

/// Units of one organisation that are counted apart.
const UNITS: i64 = 200;

/// A record with what it is of.
#[derive(Clone, Debug)]
pub struct Shown {
    /// At version 0 where nothing was ever said.
    pub record: Stored<Inventory>,
    pub holding: Holding,
    pub patent: Patent,
}

impl Shown {
    /// What decides who may do what with it.
    pub fn standing(&self) -> Standing<'_> {
        self.record.value.standing(self.holding.unit.as_deref())
    }

    pub fn missing(&self) -> Vec<Item> {
        self.record.value.missing(self.holding.conversion)
    }
}

/// How complete an organisation's records are.
#[derive(Clone, Debug)]
pub struct Completeness {
    pub organisation: Id,
    pub organisation_name: String,
    /// Patents in stock.
    pub total: i64,
    pub complete: i64,
    /// Of how many each item says nothing.
    pub missing: Vec<(Item, i64)>,
    /// Absent where several organisations are listed.
    pub units: Option<Vec<UnitCompleteness>>,
}

/// What is to be changed: items of the record, and the use so far, which is the holding's.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    pub conversion: Option<Conversion>,
    pub items: InventoryPatch,
}

/// The organisation that a question about records is about: named, or the actor's own.
async fn organisation(
    services: &Services,
    actor: &Actor,
    operation: Operation,
    reference: Option<&str>,
) -> Result<Id> {
    access::check_role(actor, operation)?;
    let id = match (reference, &actor.organisation) {
        (Some(reference), _) => organisations::named(services, reference, "?organisation").await?,
        (None, Some(own)) => own.clone(),
        (None, None) => {
            return Err(Error::fault(
                "?organisation",
                "organisationRequired",
                "请指明单位（编号或统一社会信用代码）。",
                "Name the organisation by its id or USCC.",
            ));
        }
    };
    access::check(actor, operation, Some(&id))?;
    Ok(id)
}

/// A page of an organisation's records in number order, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    reference: Option<&str>,
    filter: &StockFilter,
    after: Option<&StockPlace>,
    limit: usize,
) -> Result<(Vec<Shown>, i64)> {
    let own = organisation(services, actor, Operation::ListInventory, reference).await?;
    let filter = &StockFilter {
        reach: actor.reach.clone(),
        ..filter.clone()
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    let page = stock::page(&mut tx, &own, filter, StockOrder::Number, after, limit).await?;
    let total = stock::count(&mut tx, &own, filter).await?;
    let shown = page.into_iter().map(|entry| {
        let holding = entry.holding.value;
        Shown {
            record: entry.record.unwrap_or_else(|| nothing_said(&holding)),
            holding,
            patent: entry.patent,
        }
    });
    Ok((shown.collect(), total))
}

/// The record of a patent of which nothing was said; its id is the holding's until there is one.
fn nothing_said(holding: &Holding) -> Stored<Inventory> {
    let value = Inventory::blank(
        holding.id.clone(),
        holding.id.clone(),
        holding.organisation.clone(),
    );
    Stored {
        version: 0,
        hash: value.document_hash(),
        value,
    }
}

/// The record that an id names, its own or its holding's, and the holding; for those alone who may see the record.
pub(super) async fn load(
    tx: &mut Tx,
    actor: &Actor,
    operation: Operation,
    want: Want,
    id: &Id,
) -> Result<(Stored<Inventory>, Stored<Holding>)> {
    let missing = || Error::NotFound("inventory");
    let named = inventory::find(tx, id).await?;
    let holding = named.as_ref().map_or(id, |record| &record.value.holding);
    let holding = store::holdings::find(tx, holding)
        .await?
        .ok_or_else(missing)?;
    let record = match named {
        Some(record) => record,
        None => inventory::find_of_holding(tx, id)
            .await?
            .unwrap_or_else(|| nothing_said(&holding.value)),
    };
    // The one place that asks the table of duties: what a duty does not open does not exist for it.
    let standing = record.value.standing(holding.value.unit.as_deref());
    if !actor.sight_within().sees(&record.value.audience()) || !actor.reaches(Want::See, standing) {
        return Err(missing());
    }
    access::check(actor, operation, Some(&record.value.organisation))?;
    if !actor.reaches(want, standing) {
        return Err(Denied::Duty.into());
    }
    Ok((record, holding))
}

pub(super) async fn shown(
    tx: &mut Tx,
    record: Stored<Inventory>,
    holding: Holding,
) -> Result<Shown> {
    let patent = patents::find(tx, &holding.number)
        .await?
        .ok_or_else(|| Error::Internal("a holding without a patent".into()))?;
    Ok(Shown {
        record,
        holding,
        patent: patent.value,
    })
}

/// One record, by its id or its holding's.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Shown> {
    access::check_role(actor, Operation::GetInventory)?;
    let mut tx = services.read().await?;
    let (record, holding) = load(&mut tx, actor, Operation::GetInventory, Want::See, id).await?;
    shown(&mut tx, record, holding.value).await
}

/// Edits a record at version `expected`; the first edit makes it.
pub async fn update(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    edit: Edit,
) -> Result<Shown> {
    access::check_role(actor, Operation::UpdateInventory)?;
    let mut tx = services.write(actor).await?;
    let operation = Operation::UpdateInventory;
    let (current, holding) = load(&mut tx, actor, operation, Want::Edit, id).await?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let all = dictionaries::load_all(&mut tx).await?;
    let mut next = edited(&current.value, edit.items, &all)?;
    if next.assignee != current.value.assignee {
        let standing = current.value.standing(holding.value.unit.as_deref());
        if !actor.reaches(Want::Assign, standing) {
            return Err(Denied::Duty.into());
        }
        assigned(&mut tx, &mut next).await?;
    }
    let patch = holdings::HoldingPatch {
        conversion: edit.conversion,
        ..holdings::HoldingPatch::default()
    };
    let next_holding = holdings::edited(&holding.value, patch)?;
    let holding_changed = next_holding != holding.value;
    if next == current.value && !holding_changed {
        return shown(&mut tx, current, holding.value).await;
    }
    if holding_changed {
        let stored = store::holdings::update(&mut tx, &next_holding, holding.version).await?;
        announce(&mut tx, Some(&holding.value), &stored);
    }
    // Its version counts every edit made through it, the use so far included: whoever edited against an older one
    // is told so.
    let record = successor(services, &tx, &current, next);
    inventory::put(&mut tx, std::slice::from_ref(&record)).await?;
    announce(&mut tx, before(&current), &record);
    let answer = shown(&mut tx, record, next_holding).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Records handed over at once.
const HANDED: i64 = 200;

/// Hands the records that are assigned to a leaver to a successor, or leaves them to whoever assigns them; each keeps the
/// day on which it is due.
pub(super) async fn hand_over(
    services: &Services,
    tx: &mut Tx,
    from: &Id,
    to: Option<&Id>,
) -> Result<()> {
    let mut after = String::new();
    loop {
        let page = inventory::page_by_assignee(tx, from, &after, HANDED).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.value.id.to_string();
        let handed: Vec<_> = page
            .iter()
            .map(|current| {
                let next = Inventory {
                    assignee: to.cloned(),
                    ..current.value.clone()
                };
                successor(services, tx, current, next)
            })
            .collect();
        inventory::put(tx, &handed).await?;
        for (current, record) in page.iter().zip(&handed) {
            announce(tx, Some(&current.value), record);
        }
    }
}

/// Whoever fills it in is a member of the same holder; the term for it begins now.
async fn assigned(tx: &mut Tx, next: &mut Inventory) -> Result<()> {
    if let Some(account) = &next.assignee {
        let found = store::accounts::find(tx, account).await?;
        let fits = found.is_some_and(|account| {
            account.party.as_ref() == Some(&next.organisation)
                && account.state == AccountState::Active
        });
        if !fits {
            return Err(Error::fault(
                "/assignee",
                "unknownMember",
                "填报人应为本单位的有效账户。",
                "Whoever fills it in has an active account of this organisation.",
            ));
        }
    }
    if matches!(next.state, RecordState::Draft | RecordState::Returned) {
        let rules = store::reviews::load_rules(tx, &next.organisation).await?;
        let due = rules.value.due_on(next.state, tx.now().day());
        next.due_on = due.filter(|_| next.assignee.is_some());
    }
    Ok(())
}

/// The record with these items changed, or all that is wrong with that.
pub(super) fn edited(
    current: &Inventory,
    items: InventoryPatch,
    dictionaries: &Dictionaries,
) -> Result<Inventory> {
    let next = current.edited(items);
    let flaws = next.flaws(current, dictionaries);
    if flaws.is_empty() {
        return Ok(next);
    }
    let fault = |flaw: Flaw| Fault::new(flaw.pointer, flaw.code, flaw.text.zh, flaw.text.en);
    Err(Error::Invalid(flaws.into_iter().map(fault).collect()))
}

/// What stood before, where a record was there.
pub(super) fn before(current: &Stored<Inventory>) -> Option<&Inventory> {
    (current.version > 0).then_some(&current.value)
}

/// The next version; a first one gets an id of its own.
pub(super) fn successor(
    services: &Services,
    tx: &Tx,
    current: &Stored<Inventory>,
    mut next: Inventory,
) -> Stored<Inventory> {
    if current.version == 0 {
        next.id = services.ids.next(tx.now());
    }
    Stored {
        version: current.version + 1,
        hash: next.document_hash(),
        value: next,
    }
}

/// The record of a holding; at version 0 where nothing was said.
pub(super) async fn record_of(tx: &mut Tx, holding: &Holding) -> Result<Stored<Inventory>> {
    let found = inventory::find_of_holding(tx, &holding.id).await?;
    Ok(found.unwrap_or_else(|| nothing_said(holding)))
}

/// The records of these holdings, in their order; at version 0 where nothing was said.
pub(super) async fn of_holdings(
    tx: &mut Tx,
    held: &[Stored<Holding>],
) -> Result<Vec<Stored<Inventory>>> {
    let ids: Vec<Id> = held
        .iter()
        .map(|holding| holding.value.id.clone())
        .collect();
    let found = inventory::list_of_holdings(tx, &ids).await?;
    let mut found: std::collections::HashMap<Id, Stored<Inventory>> = found
        .into_iter()
        .map(|record| (record.value.holding.clone(), record))
        .collect();
    let of = |holding: &Stored<Holding>| {
        found
            .remove(&holding.value.id)
            .unwrap_or_else(|| nothing_said(&holding.value))
    };
    Ok(held.iter().map(of).collect())
}

/// How complete the records are: of one organisation with its units, or, for an officer who names none, of every
/// organisation that has stock, in id order.
pub async fn completeness(
    services: &Services,
    actor: &Actor,
    reference: Option<&str>,
    after: &str,
    limit: usize,
) -> Result<(Vec<Completeness>, i64)> {
    let operation = Operation::GetInventoryCompleteness;
    access::check_role(actor, operation)?;
    let everyone = reference.is_none() && actor.sight() == Sight::Office;
    let one = if everyone {
        None
    } else {
        Some(organisation(services, actor, operation, reference).await?)
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    let counted = inventory::by_organisation(&mut tx, one.as_ref(), after, limit).await?;
    let ids: Vec<Id> = counted.iter().map(|(id, _)| id.clone()).collect();
    let parties = store::organisations::list_by_ids(&mut tx, &ids).await?;
    let mut all = Vec::with_capacity(counted.len());
    for (id, (total, complete, missing)) in counted {
        let party = parties.iter().find(|party| party.value.id == id);
        all.push(Completeness {
            organisation_name: party.map(|p| p.value.name.clone()).unwrap_or_default(),
            total,
            complete,
            missing: Item::ALL.into_iter().zip(missing).collect(),
            units: match &one {
                Some(_) => Some(inventory::by_unit(&mut tx, &id, UNITS).await?),
                None => None,
            },
            organisation: id,
        });
    }
    let total = match one {
        Some(_) => i64::try_from(all.len()).unwrap_or(i64::MAX),
        None => inventory::count_organisations(&mut tx).await?,
    };
    Ok((all, total))
}
