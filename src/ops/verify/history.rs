//! What is counted, as it was row by row: the bodies in the chain, each parsed, held against the one before it, and
//! kept as of a few earlier moments, by which is counted too.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    citations::Citations,
    law::{self, Held, hold},
    recount,
    subjects::Subjects,
};
use crate::domain::{
    audit_head::AuditHead,
    codes::AppNo,
    declaration::{Declaration, DeclarationState as S},
    event::{Audience, ChainHash, ChangeRow, Noun, canonical_json},
    id::Id,
    indicator::{self, Closing, Figure, Known, Metric, Seat, Target},
    licence::Licence,
    party::Organisation,
    performance::Performance,
    time::Day,
};

/// Everything that bears on the count, at one moment.
#[derive(Clone, Default)]
pub struct Books {
    pub organisations: BTreeMap<Id, Arc<Organisation>>,
    pub declarations: BTreeMap<Id, Arc<Declaration>>,
    pub licences: BTreeMap<Id, Arc<Licence>>,
    pub targets: BTreeMap<Id, Arc<Target>>,
}

impl Books {
    /// As the product's count takes it.
    pub fn known(&self) -> Known {
        let parties = self.organisations.values();
        Known {
            declarations: self.declarations.values().map(|d| (**d).clone()).collect(),
            licences: self.licences.values().map(|l| (**l).clone()).collect(),
            seats: parties.map(|o| (o.id.clone(), Seat::from(&**o))).collect(),
            // Neither bears on a figure.
            ..Known::default()
        }
    }
}

/// When a declaration last passed the gate here.
#[derive(Clone, Copy)]
pub struct Readied {
    pub seq: i64,
    pub on: Day,
}

/// Reads the bodies.
#[derive(Default)]
pub struct History {
    /// By what the chain is hashed.
    algorithm: ChainHash,
    pub now: Books,
    /// The change, and what was known by then.
    pub earlier: Vec<(i64, Books)>,
    /// After these changes the books are kept.
    marks: BTreeSet<i64>,
    pub readied: BTreeMap<Id, Readied>,
    pub cited: Citations,
    /// The months that were closed, of each target.
    closed: BTreeSet<(Id, String)>,
    declared: HashMap<AppNo, BTreeSet<Id>>,
    /// From which change on a declaration of the patent was live, or not.
    live: HashMap<AppNo, Vec<(i64, Id, bool)>>,
    /// The first row of each encumbrance.
    encumbered: HashMap<Id, i64>,
}

impl History {
    /// Up to three moments spread over a chain of this length are kept.
    pub fn of(head: i64, algorithm: ChainHash) -> Self {
        let marks = (1..4).map(|part| head.max(0) / 4 * part + head.max(0) % 4 * part / 4);
        Self {
            algorithm,
            marks: marks.filter(|seq| *seq > 0 && *seq < head).collect(),
            ..Self::default()
        }
    }

    /// Takes a `set` row, before it is noted in `subjects`.
    pub fn take(&mut self, row: &ChangeRow, noun: Noun, subjects: &Subjects) -> Held {
        let on = row.at.day();
        match noun {
            Noun::Organisation => {
                let party: Organisation = body(row, &[Audience::Public], None)?;
                same(row, &party.id)?;
                self.now
                    .organisations
                    .insert(party.id.clone(), Arc::new(party));
            }
            Noun::Target => {
                let target: Target = body(row, &[Audience::Public], None)?;
                same(row, &target.id)?;
                self.now.targets.insert(target.id.clone(), Arc::new(target));
            }
            Noun::Closing => self.closing(row, on)?,
            Noun::AuditHead => {
                let head: AuditHead = body(row, &[Audience::Public], None)?;
                let stands = head.follows(row, self.algorithm) && row.subject_version == 1;
                hold(stands, "is not the head of the chain as it was")?;
            }
            Noun::Declaration => self.declaration(row, on, subjects)?,
            Noun::Licence => {
                let licence: Licence = parsed(row)?;
                same(row, &licence.id)?;
                told(row, &licence.audiences(), licence.effective_on)?;
                let before = self.now.licences.get(&licence.id);
                // The row for the other side of the same version.
                if before.is_none_or(|before| **before != licence) {
                    law::licence::follows(before.map(|l| &**l), &licence, on)?;
                    self.cited.licence(&licence);
                }
                self.now
                    .licences
                    .insert(licence.id.clone(), Arc::new(licence));
            }
            Noun::Performance => {
                let carried: Performance = parsed(row)?;
                same(row, &carried.id)?;
                told(row, &carried.audiences(), None)?;
                let licence = self.now.licences.get(&carried.id);
                hold(
                    licence.is_some_and(|l| {
                        (&l.holder, l.licensee.id(), &l.number)
                            == (&carried.holder, &carried.licensee, &carried.number)
                    }),
                    "is of another licence than its key says",
                )?;
                self.cited.add(
                    &row.subject,
                    carried
                        .reports
                        .iter()
                        .filter_map(|report| report.file.as_ref()),
                );
            }
            Noun::Encumbrance => {
                if let Some(id) = Id::parse(row.key()) {
                    self.encumbered.entry(id).or_insert(row.seq);
                }
                hold(row.body.is_none(), "keeps a body that is not counted")?;
            }
            Noun::Patent
            | Noun::Holding
            | Noun::Reported
            | Noun::Need
            | Noun::Inventory
            | Noun::DueList
            | Noun::Card
            | Noun::FeeLedger
            | Noun::Conflict
            | Noun::Listing
            | Noun::Consent
            | Noun::Enquiry
            | Noun::Dispute
            | Noun::Reference => {
                hold(row.body.is_none(), "keeps a body that is not counted")?;
                let plain = row.effective_on.is_none();
                hold(plain, "has a day of effect")?;
            }
        }
        Ok(())
    }

    /// A row has been taken.
    pub fn mark(&mut self, seq: i64) {
        if self.marks.remove(&seq) {
            self.earlier.push((seq, self.now.clone()));
        }
    }

    /// A month was closed: once, when it was over, by all that was known right before, at the figures that the slow
    /// count finds as well.
    fn closing(&mut self, row: &ChangeRow, on: Day) -> Held {
        let closing: Closing = body(row, &[Audience::Public], None)?;
        same(row, &closing.id)?;
        let target = self.now.targets.get(&closing.target.id);
        hold(
            target.is_some_and(|target| **target == closing.target),
            "is of a target as it was not",
        )?;
        let month = (closing.target.id.clone(), closing.month.clone());
        hold(self.closed.insert(month), "closes a month twice")?;
        let last_day = indicator::last_day(&closing.target, &closing.month);
        hold(
            last_day == Ok(closing.as_of),
            "is not of its month's last day",
        )?;
        hold(closing.as_of < on, "closes a month that was not over")?;
        hold(
            closing.known_at == row.seq - 1,
            "was not counted by what was known",
        )?;
        for metric in Metric::ALL {
            let units = recount::units(&self.now, &closing.target, closing.as_of, metric);
            let Figure {
                total,
                free,
                disputed,
            } = closing.figures.of(metric);
            let counted = recount::sums(&units).remove("all").unwrap_or_default();
            hold(
                counted == (total, free, disputed),
                "its figures are not those counted",
            )?;
        }
        Ok(())
    }

    fn declaration(&mut self, row: &ChangeRow, on: Day, subjects: &Subjects) -> Held {
        let next: Declaration = parsed(row)?;
        same(row, &next.id)?;
        told(row, &[next.audience()], next.effective_on)?;
        let before = self.now.declarations.get(&next.id).cloned();
        law::declaration::follows(before.as_deref(), &next, on)?;
        law::declaration::stands(&next)?;
        self.cited.declaration(&next);
        let patent = subjects.last(Noun::Patent, next.number.as_str());
        hold(patent.is_some(), "is of a patent that nobody recorded")?;
        let siblings = self.declared.entry(next.number.clone()).or_default();
        siblings.insert(next.id.clone());
        let came = before.as_ref().map(|before| before.state) != Some(next.state);
        if came && matches!(next.state, S::Ready | S::Submitted) {
            let under_way = |d: &Declaration| {
                matches!(
                    d.state,
                    S::Ready | S::Submitted | S::Announced | S::WithdrawalRequested
                )
            };
            let mut others = siblings.iter().filter(|id| **id != next.id);
            let rival =
                others.any(|id| self.now.declarations.get(id).is_some_and(|d| under_way(d)));
            hold(!rival, "was readied beside another of the same patent")?;
            let party = self.now.organisations.get(&next.organisation);
            let party = party.ok_or("is of an organisation that nobody registered")?;
            law::declaration::papers(&next, party, on)?;
            let readied = Readied { seq: row.seq, on };
            self.readied.insert(next.id.clone(), readied);
        }
        let live = matches!(next.state, S::Announced | S::WithdrawalRequested);
        let times = self.live.entry(next.number.clone()).or_default();
        times.push((row.seq, next.id.clone(), live));
        self.now
            .declarations
            .insert(next.id.clone(), Arc::new(next));
        Ok(())
    }

    /// Has anybody ever declared this patent here?
    pub fn is_declared(&self, number: &AppNo) -> bool {
        self.declared.contains_key(number)
    }

    /// A declaration of the patent was live when the encumbrance was recorded.
    pub fn beside_open(&self, encumbrance: &Id, number: &AppNo) -> bool {
        let Some(recorded) = self.encumbered.get(encumbrance) else {
            return false;
        };
        let mut last: HashMap<&Id, bool> = HashMap::new();
        for (seq, id, live) in self.live.get(number).into_iter().flatten() {
            if seq < recorded {
                last.insert(id, *live);
            }
        }
        last.into_values().any(|live| live)
    }
}

fn body<T: DeserializeOwned>(
    row: &ChangeRow,
    audiences: &[Audience],
    effective_on: Option<Day>,
) -> Result<T, String> {
    let value = parsed(row)?;
    told(row, audiences, effective_on)?;
    Ok(value)
}

/// The body in the domain's terms; canonical, and without a fraction anywhere (I10).
fn parsed<T: DeserializeOwned>(row: &ChangeRow) -> Result<T, String> {
    let text = row.body.as_ref().ok_or("has lost its body")?;
    let value: Value = serde_json::from_str(text).map_err(|_| "its body is not JSON")?;
    hold(whole(&value), "its body has a number that is not whole")?;
    hold(
        canonical_json(&value) == *text,
        "its body is not canonical JSON",
    )?;
    serde_json::from_value(value).map_err(|why| format!("its body cannot be read: {why}"))
}

fn whole(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_i64(),
        Value::Array(items) => items.iter().all(whole),
        Value::Object(fields) => fields.values().all(whole),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

fn same(row: &ChangeRow, id: &Id) -> Held {
    hold(row.key() == id.to_string(), "its body is another's")
}

fn told(row: &ChangeRow, audiences: &[Audience], effective_on: Option<Day>) -> Held {
    let texts = audiences.iter().map(Audience::as_text);
    hold(
        texts.into_iter().any(|text| text == row.audience),
        "is told to others than may see it",
    )?;
    hold(
        row.effective_on == effective_on,
        "has another day of effect than its body",
    )
}
