//! A batch of rows meets the database: existing patents and holdings are read once, the rows are merged in
//! file order, what changed is written and announced. Nothing is written for a row that says nothing new.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::{
        codes::AppNo,
        holding::{Conversion, Holding},
        id::Id,
        intake::Intake,
        merge::{self, Because, By, Conflict, ConflictState, Said, Source, Sources, Unit, Verdict},
        party::Organisation,
        patent::Patent,
        register::Counts,
        review::RecordState,
        sub_unit::SubUnits,
        time::Day,
    },
    ops::{
        Services,
        announce::announce,
        cards,
        provenance::{side, side_of},
        watch,
    },
    store::{
        self, Stored, Tx, conflicts, holdings, inventory, organisations, patents, reviews, sources,
        sub_units,
    },
};

/// Where the rows of an import come from.
pub struct Origin {
    pub import: Id,
    /// Somebody named the day of the file; else it is the day on which it came in.
    pub stated: Option<Day>,
    pub came_on: Day,
}

impl Origin {
    /// The source of one row, which may name a day of its own.
    fn source(&self, party: Option<&Organisation>, row: &Intake) -> Source {
        // A day that has not come is nobody's.
        let own = row.source_day.filter(|day| *day <= self.came_on);
        let named = own.or(self.stated);
        Source {
            day: named.unwrap_or(self.came_on),
            by: By::Import,
            import: Some(self.import.clone()),
            party: party.map(|party| party.id.clone()),
            stated: named.is_some(),
            actor: None,
            reason: None,
            under: None,
        }
    }
}

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
    /// As the importer writes its units.
    units: SubUnits,
    /// What the rows call their units, and how each is written: few names in many rows.
    written: HashMap<String, String>,
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
    /// Where the values come from, by number or id of a holding, as it was and as it is.
    sources: HashMap<String, (Option<Sources>, Sources)>,
    /// What was in conflict before, and what is now, with the version in the database.
    conflicts: HashMap<AppNo, Vec<Weighed>>,
    today: Day,
}

/// A conflict as it was read and as the rows have made it.
struct Weighed {
    version: i64,
    before: Option<Conflict>,
    now: Conflict,
}

/// Applies good rows in file order inside a writing transaction; returns what became of them.
pub async fn apply(
    tx: &mut Tx,
    services: &Services,
    organisation: Option<&Organisation>,
    origin: &Origin,
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
        let source = origin.source(organisation, row);
        let new_id = || services.ids.next(now);
        let outcome = batch.take(row, &source, repeated, &new_id, &mut counts);
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
    let own = held.iter().filter(|holding| {
        organisation.is_some_and(|importer| importer.id == holding.value.organisation)
    });
    let mut subjects: Vec<String> = numbers.iter().map(|n| n.as_str().to_owned()).collect();
    subjects.extend(own.map(|holding| holding.value.id.to_string()));
    let known_sources = sources::list(tx, &subjects).await?;
    let mut in_conflict: HashMap<AppNo, Vec<Weighed>> = HashMap::new();
    for conflict in conflicts::list_by_numbers(tx, &numbers).await? {
        let weighed = Weighed {
            version: conflict.version,
            before: Some(conflict.value.clone()),
            now: conflict.value,
        };
        in_conflict
            .entry(weighed.now.number.clone())
            .or_default()
            .push(weighed);
    }
    let mut holders: HashMap<AppNo, Vec<Id>> = HashMap::new();
    for holding in &held {
        holders
            .entry(holding.value.number.clone())
            .or_default()
            .push(holding.value.organisation.clone());
    }
    let units = match organisation {
        Some(importer) => sub_units::load(tx, &importer.id).await?.value,
        None => SubUnits::default(),
    };
    Ok(Batch {
        organisation,
        units,
        written: HashMap::new(),
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
        sources: known_sources
            .into_iter()
            .map(|(subject, known)| (subject, (Some(known.clone()), known)))
            .collect(),
        conflicts: in_conflict,
        today: tx.now().day(),
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
        source: &Source,
        repeated: bool,
        new_id: &impl Fn() -> Id,
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
                let mut first = Sources::of_one(source.clone());
                first.keep_all_raw(&row.raw);
                self.sources
                    .insert(number.as_str().to_owned(), (None, first));
                (true, true)
            }
            Some(_) => (false, self.merge(row, source, repeated, new_id, counts)),
        };
        let holding_changed = self.hold(row, source, repeated, new_id, counts);
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

    /// A known patent after a row of it; `true` when its record has changed.
    fn merge(
        &mut self,
        row: &Intake,
        source: &Source,
        repeated: bool,
        new_id: &impl Fn() -> Id,
        counts: &mut Counts,
    ) -> bool {
        let number = &row.patent.number;
        let known = self.patents[number].now.clone();
        let before = self
            .sources
            .get(number.as_str())
            .map(|(_, now)| now.clone());
        let before = before.unwrap_or_default();
        let mut merged = merge::merge(&known, &before, &row.patent, source, repeated);
        if let Some(robbed) = self.keep_patentees(&known, &mut merged.patent) {
            for unit in [Unit::Owners, Unit::Applicants] {
                merged.taken.retain(|taken| *taken != unit);
                match before.of(unit) {
                    Some(kept) => merged.sources.set(unit, kept.clone()),
                    None => merged.sources.forget(unit),
                }
            }
            let unit = if row.patent.owners.is_empty() {
                Unit::Applicants
            } else {
                Unit::Owners
            };
            let ours = side(unit, &known, before.of(unit));
            let theirs = side_of(unit.value(&row.patent), Some(source));
            let clash = (unit, Because::Patentees);
            self.raise(
                number,
                Some(robbed),
                None,
                clash,
                (ours, theirs),
                new_id,
                counts,
            );
        }
        for clash in merged.clashes {
            let ours = side(clash.unit, &known, before.of(clash.unit));
            let theirs = side_of(clash.unit.value(&row.patent), Some(source));
            let owner = self.owner_of(number);
            let clash = (clash.unit, clash.because);
            self.raise(number, owner, None, clash, (ours, theirs), new_id, counts);
        }
        for unit in &merged.taken {
            merged.sources.keep_raw(*unit, &row.raw);
            self.supersede(number, None, *unit);
        }
        let said = Unit::OF_PATENT.into_iter();
        let said: Vec<Unit> = said.filter(|unit| !unit.is_empty(&merged.patent)).collect();
        merged.sources.tidy(&said);
        self.note(number.as_str(), merged.sources);
        let changed = merged.patent != known;
        if changed && let Some(entry) = self.patents.get_mut(number) {
            entry.now = merged.patent;
        }
        changed
    }

    fn note(&mut self, subject: &str, now: Sources) {
        match self.sources.get_mut(subject) {
            Some((_, known)) => *known = now,
            None => {
                self.sources.insert(subject.to_owned(), (None, now));
            }
        }
    }

    /// Who decides over a patent's values: its first confirmed holder, the first patentee before others.
    fn owner_of(&self, number: &AppNo) -> Option<Id> {
        let held = self.holders.get(number).into_iter().flatten();
        let held = held.filter_map(|owner| self.holdings.get(&(owner.clone(), number.clone())));
        let confirmed = held.filter(|entry| entry.now.state.is_confirmed());
        confirmed
            .min_by_key(|entry| (!entry.now.first_patentee, entry.now.id.clone()))
            .map(|entry| entry.now.organisation.clone())
    }

    /// Makes a conflict, unless the same was weighed before; one a unit is open.
    #[expect(clippy::too_many_arguments, reason = "what a conflict is made of")]
    fn raise(
        &mut self,
        number: &AppNo,
        organisation: Option<Id>,
        holding: Option<Id>,
        (unit, because): (Unit, Because),
        (ours, theirs): (merge::Side, merge::Side),
        new_id: &impl Fn() -> Id,
        counts: &mut Counts,
    ) {
        let known = self.conflicts.entry(number.clone()).or_default();
        let holder = holding.as_ref();
        let weighed = known.iter().any(|known| {
            let value = &theirs.value;
            known.now.covers(unit, holder, value, theirs.day)
        });
        if weighed || ours.value == theirs.value {
            return;
        }
        self.supersede(number, holder, unit);
        let today = self.today;
        let known = self.conflicts.entry(number.clone()).or_default();
        known.push(Weighed {
            version: 0,
            before: None,
            now: Conflict {
                id: new_id(),
                number: number.clone(),
                organisation,
                holding,
                unit,
                because,
                ours,
                theirs,
                state: ConflictState::Open,
                raised_on: today,
                settled_on: None,
                note: None,
            },
        });
        counts.conflicts += 1;
    }

    /// What was open is settled by what the newer row says.
    fn supersede(&mut self, number: &AppNo, holding: Option<&Id>, unit: Unit) {
        let today = self.today;
        for known in self.conflicts.get_mut(number).into_iter().flatten() {
            let open = known.now.state == ConflictState::Open;
            if open && known.now.unit == unit && known.now.holding.as_ref() == holding {
                known.now = known.now.settled(ConflictState::Superseded, today, None);
            }
        }
    }

    /// The importing organisation's holding of the row's patent; `true` when it is new or changed.
    fn hold(
        &mut self,
        row: &Intake,
        source: &Source,
        repeated: bool,
        new_id: &impl Fn() -> Id,
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
        let (kept, subject) = (entry.now.clone(), entry.now.id.to_string());
        self.use_of(row, source, repeated, &kept, &subject, new_id, counts);
        let now = &self.holdings[&(organisation.id.clone(), row.patent.number.clone())].now;
        before.as_ref() != Some(now)
    }

    /// How the importer writes this unit.
    fn written(&mut self, unit: &str) -> String {
        if let Some(known) = self.written.get(unit) {
            return known.clone();
        }
        let written = self.units.written(unit);
        self.written.insert(unit.to_owned(), written.clone());
        written
    }

    /// What the row says of the holder's own use and department, against what is known of the holding.
    #[expect(clippy::too_many_arguments, reason = "one row against one holding")]
    fn use_of(
        &mut self,
        row: &Intake,
        source: &Source,
        repeated: bool,
        kept: &Holding,
        subject: &str,
        new_id: &impl Fn() -> Id,
        counts: &mut Counts,
    ) {
        let unit = row.unit.as_ref().map(|unit| self.written(unit));
        let said = said_of_use(row.conversion, unit.as_ref(), kept);
        if said.iter().all(|(_, said, _)| *said == Said::Nothing) {
            return;
        }
        let mut of = self
            .sources
            .get(subject)
            .map(|(_, now)| now.clone())
            .unwrap_or_default();
        let mut next = kept.clone();
        for (unit, said, says) in said {
            let have = of.of(unit);
            match merge::verdict(said, have, source, repeated, None) {
                Verdict::Keep => {}
                Verdict::Confirm if said == Said::Same => {
                    if have.is_none_or(|have| have.day < source.day && have.by != By::Correction) {
                        of.set(unit, source.clone());
                    }
                }
                Verdict::Confirm | Verdict::Take => {
                    let value = unit.value_of_holding(&says);
                    next = unit.put_holding(&next, &value).unwrap_or(next);
                    of.set(unit, source.clone());
                    of.keep_raw(unit, &row.raw);
                    self.supersede(&kept.number, Some(&kept.id), unit);
                }
                Verdict::Conflict(because) => {
                    let ours = side_of(unit.value_of_holding(kept), have);
                    let theirs = side_of(unit.value_of_holding(&says), Some(source));
                    if because == Because::Corrected {
                        of.lay_under(unit, theirs.value.clone(), source);
                    }
                    let owner = Some(kept.organisation.clone());
                    let (clash, sides) = ((unit, because), (ours, theirs));
                    let holding = Some(kept.id.clone());
                    self.raise(&kept.number, owner, holding, clash, sides, new_id, counts);
                }
            }
        }
        self.note(subject, of);
        let key = (kept.organisation.clone(), kept.number.clone());
        if let Some(entry) = self.holdings.get_mut(&key) {
            entry.now = next;
        }
    }

    /// An organisation's own import takes no patent away from another: where a confirmed holder would no longer be
    /// named, owners and applicants stay as they were and an officer decides from documents (the importer's
    /// holding is then claimed only). A file imported for nobody, by an officer, may record a transfer.
    ///
    /// Returns the holder that would have been written away.
    fn keep_patentees(&self, known: &Patent, next: &mut Patent) -> Option<Id> {
        let importer = self.organisation?;
        let unnamed = |patent: &Patent, party: &Organisation| {
            !patent.patentees().iter().any(|name| party.is_named(name))
        };
        let robbed = self
            .holders
            .get(&known.number)
            .into_iter()
            .flatten()
            .find(|owner| {
                **owner != importer.id
                    && self.holdings[&((*owner).clone(), known.number.clone())]
                        .now
                        .state
                        .is_confirmed()
                    && self
                        .parties
                        .get(*owner)
                        .is_some_and(|party| unnamed(next, party) && !unnamed(known, party))
            });
        let robbed = robbed?.clone();
        next.owners.clone_from(&known.owners);
        next.applicants.clone_from(&known.applicants);
        Some(robbed)
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
        self.write_sources(tx).await?;
        self.write_conflicts(tx).await?;
        // What is newly known of a patent may oblige its holder to withdraw an announced declaration.
        let mut numbers: Vec<AppNo> = changed.into_iter().map(|p| p.value.number).collect();
        numbers.extend(next.into_iter().map(|h| h.value.number));
        watch::recheck(tx, services, &numbers).await?;
        cards::follow(tx, &numbers).await?;
        Ok(())
    }

    async fn write_sources(&self, tx: &mut Tx) -> store::Result<()> {
        let changed = self
            .sources
            .iter()
            .filter(|(_, (before, now))| before.as_ref() != Some(now));
        let mut changed: Vec<(String, Sources)> = changed
            .map(|(subject, (_, now))| (subject.clone(), now.clone()))
            .collect();
        changed.sort_by(|(one, _), (two, _)| one.cmp(two));
        sources::put(tx, &changed).await
    }

    async fn write_conflicts(&self, tx: &mut Tx) -> store::Result<()> {
        let all = self.conflicts.values().flatten();
        let mut changed: Vec<&Weighed> = all
            .filter(|known| known.before.as_ref() != Some(&known.now))
            // What was raised and settled by rows of the same batch was never open for anybody.
            .filter(|known| known.version > 0 || known.now.state == ConflictState::Open)
            .collect();
        changed.sort_by(|one, two| one.now.id.cmp(&two.now.id));
        let next: Vec<Stored<Conflict>> = changed
            .iter()
            .map(|known| Stored {
                version: known.version + 1,
                hash: known.now.document_hash(),
                value: known.now.clone(),
            })
            .collect();
        conflicts::put(tx, &next).await?;
        for (known, after) in changed.iter().zip(&next) {
            announce(tx, known.before.as_ref(), after);
        }
        Ok(())
    }
}

/// What a row says of the use and the department of a holding, and the holding as the row has it.
fn said_of_use(
    conversion: Option<Conversion>,
    department: Option<&String>,
    kept: &Holding,
) -> [(Unit, Said, Holding); 2] {
    let used = match (conversion, kept.conversion) {
        (Some(said), known) if said == known => Said::Same,
        // "Converted, but it does not say how" contradicts nothing except "unused".
        (Some(Conversion::Unknown), Conversion::Unused) => Said::Other,
        (None | Some(Conversion::Unknown), _) => Said::Nothing,
        (Some(_), Conversion::Unknown) => Said::More,
        _ => Said::Other,
    };
    let unit = match (department, &kept.unit) {
        (None, _) => Said::Nothing,
        (Some(_), None) => Said::More,
        (Some(said), Some(known)) if said == known => Said::Same,
        _ => Said::Other,
    };
    let says = |change: &dyn Fn(&mut Holding)| {
        let mut says = kept.clone();
        change(&mut says);
        says
    };
    [
        (
            Unit::Conversion,
            used,
            says(&|h| h.conversion = conversion.unwrap_or(h.conversion)),
        ),
        (
            Unit::Department,
            unit,
            says(&|h| h.unit = department.cloned()),
        ),
    ]
}
