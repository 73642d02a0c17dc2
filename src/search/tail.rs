//! Following the change log into one index: which patents a change touches, and when to commit. The
//! documents are read as they are now; a change that is applied twice does no harm.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Error, Options, live::Applied, source::Source, writer::Writer};
use crate::domain::{
    codes::AppNo,
    event::{ChangeRow, Noun},
    id::Id,
    reference::Kind,
};

/// Changes, or numbers, taken at once.
const BATCH: usize = 500;
/// Documents taken at once; one may be some 200 kB.
const DOCUMENTS: usize = 200;
/// Commits of a trickle of changes are at least this far apart.
const COMMIT_GAP: Duration = Duration::from_millis(250);

/// One index, following the log.
pub struct Tail {
    pub writer: Writer,
    /// Everything up to here is written; after a commit also visible.
    pub applied: Applied,
    commit_every: Duration,
    committed: Instant,
    dirty: bool,
}

/// What there is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// More changes are waiting.
    Behind,
    /// All changes are written, not all are committed.
    Uncommitted,
    Idle,
}

impl Tail {
    pub fn new(writer: Writer, applied: Applied, options: &Options) -> Self {
        Self {
            writer,
            applied,
            commit_every: options.commit_every,
            committed: Instant::now(),
            dirty: false,
        }
    }

    /// Applies the next changes and commits where it is time; says whether a commit became visible.
    pub async fn step(&mut self, source: &impl Source) -> Result<(Step, bool), Error> {
        let rows = source.changes_after(self.applied.seq, BATCH).await?;
        if let Some(last) = rows.last() {
            let applied = Applied {
                seq: last.seq,
                hash: last.hash.clone(),
                relation: self.applied.relation.clone(),
            };
            self.apply(source, &rows).await?;
            self.applied = applied;
            self.dirty = true;
        }
        let waited = self.committed.elapsed();
        let full = rows.len() == BATCH;
        self.writer.hurry(full);
        let due = waited >= if full { self.commit_every } else { COMMIT_GAP };
        let commit = self.dirty && due;
        if commit {
            self.commit().await?;
        }
        let step = match (full, self.dirty) {
            (true, _) => Step::Behind,
            (false, true) => Step::Uncommitted,
            (false, false) => Step::Idle,
        };
        Ok((step, commit))
    }

    /// Are there documents whose industries were derived by another table than the one that stands?
    pub fn is_outdated(&self) -> bool {
        self.applied.relation != self.writer.relation.mark()
    }

    pub async fn commit(&mut self) -> Result<(), Error> {
        self.writer.commit(self.applied.clone()).await?;
        self.committed = Instant::now();
        self.dirty = false;
        Ok(())
    }

    async fn apply(&mut self, source: &impl Source, rows: &[ChangeRow]) -> Result<(), Error> {
        let mut numbers = BTreeSet::new();
        let mut organisations: BTreeMap<Id, bool> = BTreeMap::new();
        let mut holdings = BTreeSet::new();
        let mut declarations = BTreeSet::new();
        let mut needs = BTreeSet::new();
        let mut relation_changed = false;
        for row in rows {
            let key = row.key();
            match row.noun() {
                Some(Noun::Patent) => {
                    numbers.extend(AppNo::parse(key).ok().map(|(number, _)| number));
                }
                Some(Noun::Organisation) => note(&mut organisations, key, row.is_gone()),
                // A card has its holding's key.
                Some(Noun::Holding | Noun::Card) => holdings.extend(Id::parse(key)),
                Some(Noun::Declaration) => match number_in(row) {
                    Some(number) => drop(numbers.insert(number)),
                    None => declarations.extend(Id::parse(key)),
                },
                Some(Noun::Need) => needs.extend(Id::parse(key)),
                // Names are looked up when they are shown; only what is derived stands in the documents.
                Some(Noun::Reference) => {
                    relation_changed |= Kind::parse(key) == Some(Kind::IpcIndustries);
                }
                // What else there is changes nothing that a patent is found by.
                Some(
                    Noun::Licence
                    | Noun::Encumbrance
                    | Noun::Target
                    | Noun::Closing
                    | Noun::Reported
                    | Noun::Inventory
                    | Noun::DueList
                    | Noun::FeeLedger
                    | Noun::Conflict
                    | Noun::Performance
                    | Noun::Enquiry
                    | Noun::Dispute
                    | Noun::AuditHead
                    | Noun::Listing
                    | Noun::Consent,
                )
                | None => {}
            }
        }
        if relation_changed {
            self.writer.relation = Arc::new(source.relation().await?);
        }
        if !declarations.is_empty() {
            let declarations: Vec<Id> = declarations.into_iter().collect();
            let known = source.numbers_of_declarations(&declarations).await?;
            numbers.extend(known.into_values());
        }
        let holdings: Vec<Id> = holdings.into_iter().collect();
        let known = source.numbers_of_holdings(&holdings).await?;
        for holding in &holdings {
            match known.get(holding) {
                Some(number) => {
                    numbers.insert(number.clone());
                }
                None => {
                    let field = self.writer.live.fields.holding;
                    numbers.extend(self.shown_with(field, holding.to_string()).await?);
                }
            }
        }
        self.refresh(source, numbers.into_iter().collect()).await?;
        self.refresh_needs(source, needs.into_iter().collect())
            .await?;
        for (organisation, gone) in organisations {
            self.follow(source, &organisation, gone).await?;
        }
        Ok(())
    }

    /// Writes the present documents of these needs.
    async fn refresh_needs(&mut self, source: &impl Source, ids: Vec<Id>) -> Result<(), Error> {
        for part in ids.chunks(DOCUMENTS) {
            let entries = source.needs(part).await?;
            self.writer.replace_needs(part.to_vec(), entries).await?;
            self.dirty = true;
        }
        Ok(())
    }

    /// Renews the needs of an organisation, page by page: they are shown with its name.
    async fn follow_needs(&mut self, source: &impl Source, organisation: &Id) -> Result<(), Error> {
        let mut after: Option<Id> = None;
        loop {
            let page = source
                .scan_needs(Some(organisation), after.as_ref(), DOCUMENTS)
                .await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.need.id.clone());
            let ids = page.iter().map(|entry| entry.need.id.clone()).collect();
            self.writer.replace_needs(ids, page).await?;
            self.dirty = true;
        }
    }

    /// Renews every patent of an organisation, page by page.
    async fn follow(
        &mut self,
        source: &impl Source,
        organisation: &Id,
        gone: bool,
    ) -> Result<(), Error> {
        if gone {
            let field = self.writer.live.fields.holder;
            let shown = self.shown_with(field, organisation.to_string()).await?;
            self.refresh(source, shown).await?;
        }
        self.follow_needs(source, organisation).await?;
        let mut after: Option<AppNo> = None;
        loop {
            let page = source
                .numbers_of(organisation, after.as_ref(), BATCH)
                .await?;
            let full = page.len() == BATCH;
            after = page.last().cloned();
            self.refresh(source, page).await?;
            if !full {
                return Ok(());
            }
            // A large organisation must not hold back what others have changed; the position stays behind.
            if self.committed.elapsed() >= self.commit_every {
                self.commit().await?;
            }
        }
    }

    /// What the index shows with a term, changes not yet committed included.
    async fn shown_with(
        &mut self,
        field: tantivy::schema::Field,
        text: String,
    ) -> Result<Vec<AppNo>, Error> {
        if self.dirty {
            self.commit().await?;
        }
        self.writer.numbers_with(field, text).await
    }

    /// Writes the present documents of these numbers; those without one leave the index.
    async fn refresh(&mut self, source: &impl Source, numbers: Vec<AppNo>) -> Result<(), Error> {
        for part in numbers.chunks(DOCUMENTS) {
            let entries = source.documents(part).await?;
            self.writer.replace(part.to_vec(), entries).await?;
            self.dirty = true;
        }
        Ok(())
    }
}

/// The patent of a declaration's row, where the row brings the record along: the database need not be asked.
fn number_in(row: &ChangeRow) -> Option<AppNo> {
    #[derive(serde::Deserialize)]
    struct Declared {
        number: AppNo,
    }
    let body = row.body.as_deref()?;
    let declared: Declared = serde_json::from_str(body).ok()?;
    Some(declared.number)
}

fn note(keys: &mut BTreeMap<Id, bool>, key: &str, gone: bool) {
    if let Some(id) = Id::parse(key) {
        *keys.entry(id).or_default() |= gone;
    }
}

/// Fills an empty index from a full scan and brings it up to date. The head is read before the scan, so
/// whatever changes meanwhile comes again from the log.
pub async fn fill(
    mut writer: Writer,
    source: &impl Source,
    options: &Options,
) -> Result<Tail, Error> {
    let head = source.head().await?;
    // After the head: whatever changes it later comes again from the log.
    writer.relation = Arc::new(source.relation().await?);
    let from = Applied {
        seq: head,
        hash: hash_of(source, head).await?.unwrap_or_default(),
        relation: writer.relation.mark().to_owned(),
    };
    writer.hurry(true);
    let mut after: Option<AppNo> = None;
    loop {
        let page = source.scan(after.as_ref(), DOCUMENTS).await?;
        let full = page.len() == DOCUMENTS;
        after = page.last().map(|entry| entry.patent.number.clone());
        writer.add(page).await?;
        if !full {
            break;
        }
    }
    fill_needs(&writer, source).await?;
    let mut tail = Tail::new(writer, from, options);
    while tail.step(source).await?.0 == Step::Behind {}
    tail.commit().await?;
    Ok(tail)
}

async fn fill_needs(writer: &Writer, source: &impl Source) -> Result<(), Error> {
    let mut after: Option<Id> = None;
    loop {
        let page = source.scan_needs(None, after.as_ref(), DOCUMENTS).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.need.id.clone());
        writer.replace_needs(Vec::new(), page).await?;
    }
}

/// The hash of change `seq`; `None` where the log has no such change.
pub async fn hash_of(source: &impl Source, seq: i64) -> Result<Option<String>, Error> {
    let rows = source.changes_after(seq - 1, 1).await?;
    Ok(rows
        .into_iter()
        .find(|row| row.seq == seq)
        .map(|row| row.hash))
}
