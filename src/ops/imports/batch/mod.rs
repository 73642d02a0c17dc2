//! A batch of rows meets the database: existing patents and holdings are read once, the rows are merged in
//! file order, what changed is written and announced. Nothing is written for a row that says nothing new.

mod clashes;
mod held;
mod merging;
mod read;
mod write;

use std::collections::{HashMap, HashSet};

use crate::{
    domain::{
        codes::AppNo,
        holding::Holding,
        id::Id,
        intake::Intake,
        merge::{By, Conflict, Source, Sources},
        party::Organisation,
        patent::Patent,
        register::Counts,
        sub_unit::SubUnits,
        time::Day,
    },
    ops::Services,
    store::{self, Stored, Tx},
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
    let mut batch = read::batch(tx, organisation, rows).await?;
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

    fn note(&mut self, subject: &str, now: Sources) {
        match self.sources.get_mut(subject) {
            Some((_, known)) => *known = now,
            None => {
                self.sources.insert(subject.to_owned(), (None, now));
            }
        }
    }
}
