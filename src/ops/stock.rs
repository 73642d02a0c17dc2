//! A holder's own stock: the list its officer works on, the change of many entries at once, and the list as a file.
//! Nobody else's entries are ever read or touched here.

pub use crate::store::stock::Entry;

use super::{
    Error, Fault, Result, Services,
    announce::announce,
    cards,
    holdings::{HoldingPatch, edited},
    inventory as records, provenance,
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        codes::AppNo,
        declaration::{Declaration, DeclarationState},
        dictionary::Dictionaries,
        holding::{Conversion, Holding},
        id::Id,
        inventory::{Inventory, InventoryPatch},
        party::Organisation,
        review::RecordState,
        stock::{StockChoice, StockCounts, StockFilter, StockOrder, StockPlace},
        sub_unit::SubUnits,
    },
    store::{
        Stored, Tx, declarations, dictionaries, holdings, inventory, organisations, reviews, stock,
        sub_units,
    },
};

/// Holdings changed in one transaction.
const BATCH: i64 = 500;
/// Refused entries that are named one by one.
const NAMED: usize = 100;
/// Units offered to choose from.
const UNITS: i64 = 200;

/// A page of the list.
#[derive(Clone, Debug)]
pub struct StockPage {
    pub entries: Vec<StockEntry>,
    /// What meets the filter.
    pub total: i64,
    pub counts: StockCounts,
    /// Units and how many patents each has; the empty one has none named.
    pub units: Vec<(String, i64)>,
}

/// One line of the list.
#[derive(Clone, Debug)]
pub struct StockEntry {
    pub entry: Entry,
    /// The latest declaration of this patent by this organisation that is not void.
    pub declaration: Option<Declaration>,
}

/// What is changed in many entries in the same way: of the holding, and of its stock record.
#[derive(Clone, Debug, Default)]
pub struct StockPatch {
    pub holding: HoldingPatch,
    pub items: InventoryPatch,
    /// Defaults: where an entry says something already, that stays.
    pub only_empty: bool,
    /// Each entry takes what it leaves open from the defaults of its unit.
    pub unit_defaults: bool,
}

impl StockPatch {
    pub fn is_empty(&self) -> bool {
        let HoldingPatch {
            conversion,
            unit,
            published,
        } = &self.holding;
        let says = conversion.is_some() || unit.is_some() || published.is_some();
        !says && self.items.is_empty() && !self.unit_defaults
    }

    /// What it is for one entry.
    fn of(&self, holding: &Holding, record: &Inventory) -> (HoldingPatch, InventoryPatch) {
        if !self.only_empty {
            return (self.holding.clone(), self.items.clone());
        }
        let is_unknown = holding.conversion == Conversion::Unknown;
        let patch = HoldingPatch {
            conversion: self.holding.conversion.filter(|_| is_unknown),
            unit: self.holding.unit.clone().filter(|_| holding.unit.is_none()),
            // Whether it is published is always said.
            published: None,
        };
        (patch, self.items.where_empty(record))
    }
}

/// What has become of a change of many entries.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    pub changed: usize,
    /// They were so already.
    pub unchanged: usize,
    pub refused: usize,
    /// The first refused ones, with the reason.
    pub reasons: Vec<(AppNo, Fault)>,
}

/// The organisation whose stock this actor keeps.
fn own(actor: &Actor) -> Result<Id> {
    access::check_role(actor, Operation::UpdateHolding)?;
    let own = actor.organisation.clone().ok_or(Denied::Role)?;
    access::check(actor, Operation::UpdateHolding, Some(&own))?;
    Ok(own)
}

/// A page of one's own stock, its total and the figures above it.
pub async fn list(
    services: &Services,
    actor: &Actor,
    filter: &StockFilter,
    order: StockOrder,
    after: Option<&StockPlace>,
    limit: usize,
) -> Result<StockPage> {
    let own = own(actor)?;
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let page = stock::page(&mut tx, &own, filter, order, after, limit).await?;
    Ok(StockPage {
        entries: with_declarations(&mut tx, &own, page).await?,
        total: stock::count(&mut tx, &own, filter).await?,
        counts: stock::counts(&mut tx, &own).await?,
        units: stock::units(&mut tx, &own, UNITS).await?,
    })
}

/// The figures of one's own stock.
pub async fn counts(services: &Services, actor: &Actor) -> Result<StockCounts> {
    let own = own(actor)?;
    Ok(stock::counts(&mut services.read().await?, &own).await?)
}

/// How many entries a filter meets.
pub async fn count(services: &Services, actor: &Actor, filter: &StockFilter) -> Result<i64> {
    let own = own(actor)?;
    Ok(stock::count(&mut services.read().await?, &own, filter).await?)
}

async fn with_declarations(tx: &mut Tx, own: &Id, page: Vec<Entry>) -> Result<Vec<StockEntry>> {
    let numbers: Vec<AppNo> = page
        .iter()
        .map(|entry| entry.patent.number.clone())
        .collect();
    let mut declared = declarations::list_by_numbers(tx, &numbers).await?;
    declared.retain(|d| d.value.organisation == *own && d.value.state != DeclarationState::Void);
    let latest = |number: &AppNo| {
        let of_number = declared.iter().filter(|d| d.value.number == *number);
        of_number
            .max_by(|a, b| a.value.id.cmp(&b.value.id))
            .map(|d| d.value.clone())
    };
    let lines = page.into_iter().map(|entry| StockEntry {
        declaration: latest(&entry.patent.number),
        entry,
    });
    Ok(lines.collect())
}

/// Changes many entries in the same way. What an entry does not allow is refused for that entry alone; each batch
/// is one transaction.
pub async fn change(
    services: &Services,
    actor: &Actor,
    choice: &StockChoice,
    patch: &StockPatch,
) -> Result<Changed> {
    let own = own(actor)?;
    if patch.is_empty() {
        return Err(Error::fault(
            "",
            "nothingToChange",
            "请至少选择一项要修改的内容。",
            "Choose at least one thing to change.",
        ));
    }
    let mut outcome = Changed::default();
    match choice {
        StockChoice::Ticked(ids) => {
            for chunk in ids.chunks(usize::try_from(BATCH).unwrap_or(1)) {
                let mut tx = services.write(actor).await?;
                let mut found = holdings::list_by_ids(&mut tx, chunk).await?;
                found.retain(|holding| holding.value.organisation == own);
                change_batch(services, &actor.name, tx, found, patch, &mut outcome).await?;
            }
        }
        StockChoice::All(filter) => {
            let mut after = String::new();
            loop {
                let mut tx = services.write(actor).await?;
                let found = stock::page_by_id(&mut tx, &own, filter, &after, BATCH).await?;
                let Some(last) = found.last() else { break };
                after = last.value.id.to_string();
                change_batch(services, &actor.name, tx, found, patch, &mut outcome).await?;
            }
        }
    }
    Ok(outcome)
}

async fn change_batch(
    services: &Services,
    actor: &str,
    mut tx: Tx,
    found: Vec<Stored<Holding>>,
    patch: &StockPatch,
    outcome: &mut Changed,
) -> Result<()> {
    let all = dictionaries::load_all(&mut tx).await?;
    let known = records::of_holdings(&mut tx, &found).await?;
    let Some(organisation) = found.first().map(|one| one.value.organisation.clone()) else {
        return Ok(());
    };
    let rules = reviews::load_rules(&mut tx, &organisation).await?;
    let units = sub_units::load(&mut tx, &organisation).await?.value;
    let terms = Terms {
        dictionaries: &all,
        units: &units,
        holds_back: rules.value.publish_after_review,
    };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let (mut said, mut says) = (Vec::new(), Vec::new());
    for (holding, record) in found.into_iter().zip(known) {
        match changed_entry(&holding.value, &record.value, patch, &terms) {
            Ok((next, items)) => {
                let same = (next == holding.value, items == record.value);
                if same == (true, true) {
                    outcome.unchanged += 1;
                    continue;
                }
                outcome.changed += 1;
                if !same.0 {
                    after.push(Stored {
                        version: holding.version + 1,
                        hash: next.document_hash(),
                        value: next,
                    });
                    before.push(holding.value);
                }
                if !same.1 {
                    says.push(records::successor(services, &tx, &record, items));
                    said.push(record);
                }
            }
            Err(Error::Invalid(faults)) => {
                outcome.refused += 1;
                if let (Some(fault), true) =
                    (faults.into_iter().next(), outcome.reasons.len() < NAMED)
                {
                    outcome.reasons.push((holding.value.number, fault));
                }
            }
            Err(other) => return Err(other),
        }
    }
    holdings::put(&mut tx, &after).await?;
    let pairs = before
        .iter()
        .cloned()
        .zip(after.iter().map(|h| h.value.clone()));
    let pairs: Vec<(Holding, Holding)> = pairs.collect();
    provenance::corrected(&mut tx, actor, &pairs).await?;
    for (before, after) in before.iter().zip(&after) {
        announce(&mut tx, Some(before), after);
    }
    inventory::put(&mut tx, &says).await?;
    for (said, says) in said.iter().zip(&says) {
        announce(&mut tx, records::before(said), says);
    }
    let numbers: Vec<AppNo> = after.into_iter().map(|h| h.value.number).collect();
    cards::follow(&mut tx, &numbers).await?;
    tx.commit().await?;
    Ok(())
}

/// What a holder's entries are held to.
struct Terms<'a> {
    dictionaries: &'a Dictionaries,
    units: &'a SubUnits,
    /// Nothing is published before its record is registered.
    holds_back: bool,
}

/// What the patch makes of one entry.
fn changed_entry(
    holding: &Holding,
    record: &Inventory,
    patch: &StockPatch,
    terms: &Terms<'_>,
) -> Result<(Holding, Inventory)> {
    let (of_holding, items) = patch.of(holding, record);
    let next = edited(holding, of_holding.settled(holding, terms.units)?)?;
    let shows = next.published && !holding.published;
    if shows && terms.holds_back && record.state != RecordState::Registered {
        return Err(super::reviews::not_reviewed());
    }
    let mut record = records::edited(record, items, terms.dictionaries)?;
    if patch.unit_defaults
        && let Some(defaults) = terms.units.defaults_of(next.unit.as_deref())
    {
        record = records::edited(&record, defaults.patch(&record), terms.dictionaries)?;
    }
    Ok((next, record))
}

/// One's own stock read to its end from one snapshot, in number order.
pub struct Reading {
    tx: Tx,
    pub holder: Organisation,
    filter: StockFilter,
    after: Option<StockPlace>,
}

impl Reading {
    pub async fn begin(services: &Services, actor: &Actor, filter: StockFilter) -> Result<Self> {
        let own = own(actor)?;
        let mut tx = services.read().await?;
        let holder = organisations::find(&mut tx, &own).await?;
        Ok(Self {
            holder: holder.ok_or(Error::NotFound("organisation"))?.value,
            tx,
            filter,
            after: None,
        })
    }

    /// The next entries; none at the end.
    pub async fn next(&mut self) -> Result<Vec<StockEntry>> {
        let (own, after) = (&self.holder.id, self.after.as_ref());
        let order = StockOrder::Number;
        let page = stock::page(&mut self.tx, own, &self.filter, order, after, BATCH).await?;
        if let Some(last) = page.last() {
            self.after = Some(StockPlace {
                key: String::new(),
                number: last.patent.number.clone(),
            });
        }
        with_declarations(&mut self.tx, &self.holder.id, page).await
    }
}
