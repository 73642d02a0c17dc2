//! A batch of rows meets the database: existing patents and holdings are read once, the rows are merged in
//! file order, what changed is written and announced. Nothing is written for a row that says nothing new.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::{
        codes::AppNo,
        holding::{Conversion, Holding},
        id::Id,
        intake::{self, Intake},
        party::Organisation,
        patent::Patent,
        register::Counts,
        review::RecordState,
    },
    ops::{Services, announce::announce, cards, watch},
    store::{self, Stored, Tx, holdings, inventory, organisations, patents, reviews},
};

/// Application numbers that earlier rows of the same file brought: eight bytes each, so that even two million
/// rows stay within some forty megabytes.
#[derive(Default)]
pub struct Seen(HashSet<u64>);

impl Seen {
    pub fn contains(&self, number: &AppNo) -> bool {
        self.0.contains(&Self::key(number))
    }

    pub fn insert(&mut self, number: &AppNo) {
        self.0.insert(Self::key(number));
    }

    /// The digits without the check character, which follows from them.
    fn key(number: &AppNo) -> u64 {
        number.body().parse().unwrap_or(u64::MAX)
    }
}

/// A record as it was read and as the rows have made it.
struct Entry<T> {
    /// Version in the database, 0 for a new record.
    version: i64,
    before: Option<T>,
    now: T,
}

impl<T: Clone + PartialEq> Entry<T> {
    fn known(stored: Stored<T>) -> Self {
        Self {
            version: stored.version,
            before: Some(stored.value.clone()),
            now: stored.value,
        }
    }

    fn changed(&self) -> bool {
        self.before.as_ref() != Some(&self.now)
    }

    fn next(&self, hash: String) -> Stored<T> {
        Stored {
            version: self.version + 1,
            hash,
            value: self.now.clone(),
        }
    }
}

struct Batch<'a> {
    organisation: Option<&'a Organisation>,
    parties: HashMap<Id, Organisation>,
    patents: HashMap<AppNo, Entry<Patent>>,
    holdings: HashMap<(Id, AppNo), Entry<Holding>>,
    /// Who held each patent before this batch.
    holders: HashMap<AppNo, Vec<Id>>,
    /// Holders that publish after review, and holdings whose record is registered.
    reviewing: HashSet<Id>,
    registered: HashSet<Id>,
    /// In the order in which the rows touched them, so that the change rows follow the file.
    touched: Vec<AppNo>,
}

/// Applies good rows in file order inside a writing transaction; returns what became of them.
pub async fn apply(
    tx: &mut Tx,
    services: &Services,
    organisation: Option<&Organisation>,
    rows: &[Intake],
    seen: &Seen,
) -> store::Result<Counts> {
    let mut batch = load(tx, organisation, rows).await?;
    let mut counts = Counts::default();
    let mut here: HashSet<&AppNo> = HashSet::new();
    let now = tx.now();
    for row in rows {
        let number = &row.patent.number;
        let repeated = seen.contains(number) || here.contains(number);
        let outcome = batch.take(row, repeated, || services.ids.next(now), &mut counts);
        here.insert(number);
        match outcome {
            Outcome::Added => counts.added += 1,
            Outcome::Merged => counts.merged += 1,
            Outcome::Unchanged => counts.unchanged += 1,
        }
    }
    batch.write(tx, services).await?;
    Ok(counts)
}

async fn load<'a>(
    tx: &mut Tx,
    organisation: Option<&'a Organisation>,
    rows: &[Intake],
) -> store::Result<Batch<'a>> {
    let mut numbers: Vec<AppNo> = rows.iter().map(|row| row.patent.number.clone()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let known = patents::list_by_numbers(tx, &numbers).await?;
    let held = holdings::list_by_numbers(tx, &numbers).await?;
    let mut owners: Vec<Id> = held.iter().map(|h| h.value.organisation.clone()).collect();
    owners.sort_unstable();
    owners.dedup();
    let parties = organisations::list_by_ids(tx, &owners).await?;
    let mut holding = owners.clone();
    holding.extend(organisation.map(|o| o.id.clone()));
    let rules = reviews::list_rules(tx, &holding).await?;
    let rules = rules.into_iter();
    let reviewing: HashSet<Id> = rules
        .filter(|(_, rules)| rules.value.publish_after_review)
        .map(|(id, _)| id)
        .collect();
    let mut registered = HashSet::new();
    if !reviewing.is_empty() {
        let ids: Vec<Id> = held.iter().map(|h| h.value.id.clone()).collect();
        let records = inventory::list_of_holdings(tx, &ids).await?;
        let done = records.into_iter().map(|record| record.value);
        let done = done.filter(|record| record.state == RecordState::Registered);
        registered.extend(done.map(|record| record.holding));
    }
    let mut holders: HashMap<AppNo, Vec<Id>> = HashMap::new();
    for holding in &held {
        holders
            .entry(holding.value.number.clone())
            .or_default()
            .push(holding.value.organisation.clone());
    }
    Ok(Batch {
        organisation,
        reviewing,
        registered,
        holders,
        parties: parties
            .into_iter()
            .map(|p| (p.value.id.clone(), p.value))
            .collect(),
        patents: known
            .into_iter()
            .map(|p| (p.value.number.clone(), Entry::known(p)))
            .collect(),
        holdings: held
            .into_iter()
            .map(|h| {
                (
                    (h.value.organisation.clone(), h.value.number.clone()),
                    Entry::known(h),
                )
            })
            .collect(),
        touched: Vec::new(),
    })
}

enum Outcome {
    Added,
    Merged,
    Unchanged,
}

impl Batch<'_> {
    fn take(
        &mut self,
        row: &Intake,
        repeated: bool,
        new_id: impl FnOnce() -> Id,
        counts: &mut Counts,
    ) -> Outcome {
        let number = &row.patent.number;
        let (added, patent_changed) = match self.patents.get(number) {
            None => {
                let entry = Entry {
                    version: 0,
                    before: None,
                    now: row.patent.clone(),
                };
                self.patents.insert(number.clone(), entry);
                (true, true)
            }
            Some(entry) => {
                let mut next = intake::merge(&entry.now, &row.patent, repeated);
                self.keep_patentees(&entry.now, &mut next);
                let changed = next != entry.now;
                if changed && let Some(entry) = self.patents.get_mut(number) {
                    entry.now = next;
                }
                (false, changed)
            }
        };
        let holding_changed = self.hold(row, repeated, new_id, counts);
        if patent_changed {
            self.recheck_others(number);
        }
        if patent_changed || holding_changed {
            self.touched.push(number.clone());
        }
        match (added, patent_changed || holding_changed) {
            (true, _) => Outcome::Added,
            (false, true) => Outcome::Merged,
            (false, false) => Outcome::Unchanged,
        }
    }

    /// The importing organisation's holding of the row's patent; `true` when it is new or changed.
    fn hold(
        &mut self,
        row: &Intake,
        repeated: bool,
        new_id: impl FnOnce() -> Id,
        counts: &mut Counts,
    ) -> bool {
        let Some(organisation) = self.organisation else {
            return false;
        };
        let patent = &self.patents[&row.patent.number].now;
        let key = (organisation.id.clone(), patent.number.clone());
        let mut is_new = false;
        let entry = self.holdings.entry(key).or_insert_with(|| {
            is_new = true;
            let holding = Holding::of(new_id(), organisation, patent);
            counts.held += 1;
            counts.claimed += i64::from(!holding.state.is_confirmed());
            Entry {
                version: 0,
                before: None,
                now: holding,
            }
        });
        let before = (!is_new).then(|| entry.now.clone());
        entry.now.recheck(organisation, patent);
        // A repeated number in one file only fills what is still open, as for the patent itself. "Converted, but
        // it does not say how" contradicts nothing except "unused".
        let known = entry.now.conversion;
        match row.conversion {
            Some(Conversion::Unknown) if known == Conversion::Unused && !repeated => {
                entry.now.conversion = Conversion::Unknown;
            }
            Some(said)
                if said != Conversion::Unknown && (!repeated || known == Conversion::Unknown) =>
            {
                entry.now.conversion = said;
            }
            _ => {}
        }
        if row.unit.is_some() && (!repeated || entry.now.unit.is_none()) {
            entry.now.unit.clone_from(&row.unit);
        }
        before.as_ref() != Some(&entry.now)
    }

    /// An organisation's own import takes no patent away from another: where a confirmed holder would no longer be
    /// named, owners and applicants stay as they were and an officer decides from documents (the importer's
    /// holding is then claimed only). A file imported for nobody, by an officer, may record a transfer.
    fn keep_patentees(&self, known: &Patent, next: &mut Patent) {
        let Some(importer) = self.organisation else {
            return;
        };
        let unnamed = |patent: &Patent, party: &Organisation| {
            !patent.patentees().iter().any(|name| party.is_named(name))
        };
        let robbed = self
            .holders
            .get(&known.number)
            .into_iter()
            .flatten()
            .any(|owner| {
                *owner != importer.id
                    && self.holdings[&(owner.clone(), known.number.clone())]
                        .now
                        .state
                        .is_confirmed()
                    && self
                        .parties
                        .get(owner)
                        .is_some_and(|party| unnamed(next, party) && !unnamed(known, party))
            });
        if robbed {
            next.owners.clone_from(&known.owners);
            next.applicants.clone_from(&known.applicants);
        }
    }

    /// New owners may confirm or unconfirm the holdings of other organisations.
    fn recheck_others(&mut self, number: &AppNo) {
        let patent = &self.patents[number].now;
        for owner in self.holders.get(number).into_iter().flatten() {
            if let (Some(party), Some(entry)) = (
                self.parties.get(owner),
                self.holdings.get_mut(&(owner.clone(), number.clone())),
            ) {
                entry.now.recheck(party, patent);
            }
        }
    }

    /// What has just been confirmed stays unpublished where its holder publishes after review.
    fn hold_back(&mut self) {
        for entry in self.holdings.values_mut() {
            let was_shown = entry.before.as_ref().is_some_and(|h| h.published);
            if !was_shown
                && self.reviewing.contains(&entry.now.organisation)
                && !self.registered.contains(&entry.now.id)
            {
                entry.now.published = false;
            }
        }
    }

    async fn write(mut self, tx: &mut Tx, services: &Services) -> store::Result<()> {
        self.hold_back();
        let mut order: HashMap<&AppNo, usize> = HashMap::new();
        for (place, number) in self.touched.iter().enumerate() {
            order.entry(number).or_insert(place);
        }
        let mut changed: Vec<Stored<Patent>> = self
            .patents
            .values()
            .filter(|entry| entry.changed())
            .map(|entry| entry.next(entry.now.document_hash()))
            .collect();
        changed.sort_by_key(|p| order.get(&p.value.number).copied());
        patents::put(tx, &changed).await?;
        for patent in &changed {
            let before = &self.patents[&patent.value.number].before;
            announce(tx, before.as_ref(), patent);
        }
        let mut held: Vec<&Entry<Holding>> = self
            .holdings
            .values()
            .filter(|entry| entry.changed())
            .collect();
        held.sort_by_key(|e| {
            (
                order.get(&e.now.number).copied(),
                e.now.organisation.clone(),
            )
        });
        let next: Vec<Stored<Holding>> = held
            .iter()
            .map(|entry| entry.next(entry.now.document_hash()))
            .collect();
        holdings::put(tx, &next).await?;
        for (entry, holding) in held.iter().zip(&next) {
            announce(tx, entry.before.as_ref(), holding);
        }
        // What is newly known of a patent may oblige its holder to withdraw an announced declaration.
        let mut numbers: Vec<AppNo> = changed.into_iter().map(|p| p.value.number).collect();
        numbers.extend(next.into_iter().map(|h| h.value.number));
        watch::recheck(tx, services, &numbers).await?;
        cards::follow(tx, &numbers).await?;
        Ok(())
    }
}
