//! The one checker: takes the lines of a database or of a dump in their order and stops at the first thing that
//! does not hold. It keeps what the chain said of each record in fixed bytes, and whole only what is counted.

use std::collections::BTreeMap;

use super::{
    Break, Report, broken,
    count::{self, Counts, Shelf},
    history::History,
    line::{Change, End, FORMAT, File, Head, Indicators, Line, Record},
    records::Records,
    subjects::Subjects,
};
use crate::domain::{
    audit_head::AuditHead,
    event::{Audience, ChainHash, GENESIS, Noun, canonical_json, sha256_hex},
};

type Held = Result<(), Break>;

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Head,
    Changes,
    Records,
    Files,
    Indicators,
    End,
}

/// Checks lines.
pub struct Checker {
    phase: Phase,
    head: Head,
    seq: i64,
    prev: String,
    subjects: Subjects,
    history: History,
    records: Records,
    /// The last record or file, for their order.
    last: (Option<Noun>, String),
    counts: Counts,
    shown: usize,
    /// Heads that somebody has kept, by the change that each names.
    kept: BTreeMap<i64, Vec<AuditHead>>,
    pub report: Report,
}

impl Default for Checker {
    fn default() -> Self {
        Self {
            phase: Phase::Head,
            head: Head {
                format: FORMAT,
                installation: String::new(),
                created_at: String::new(),
                as_of: jiff::civil::Date::ZERO,
                seq: 0,
                hash: GENESIS.to_owned(),
                chain_hash: ChainHash::default(),
            },
            seq: 0,
            prev: GENESIS.to_owned(),
            subjects: Subjects::default(),
            history: History::default(),
            records: Records::default(),
            last: (None, String::new()),
            counts: Counts::new(),
            shown: 0,
            kept: BTreeMap::new(),
            report: Report::default(),
        }
    }
}

impl Checker {
    /// Holds these heads against the chain as well.
    pub fn against(heads: &[AuditHead]) -> Self {
        let mut checker = Self::default();
        for head in heads {
            let named = checker.kept.entry(head.seq).or_default();
            named.push(head.clone());
        }
        checker
    }

    /// The heads that name this change.
    fn named(&mut self, seq: i64, hash: &str) -> Held {
        for head in self.kept.remove(&seq).into_iter().flatten() {
            if head.hash != hash || head.algorithm != self.head.chain_hash {
                let what = format!("change {seq} is not the one that it names");
                return Err(broken(format!("the kept head of {}", head.day), what));
            }
            self.report.heads += 1;
        }
        Ok(())
    }

    pub fn take(&mut self, line: Line) -> Held {
        match line {
            Line::Dump(head) => self.begin(head),
            Line::Change(change) => {
                self.reach(Phase::Changes)?;
                self.change(*change)
            }
            Line::Record(record) => {
                self.reach(Phase::Records)?;
                self.record(*record)
            }
            Line::File(file) => {
                self.reach(Phase::Files)?;
                self.file(*file)
            }
            Line::Indicators(indicators) => {
                self.reach(Phase::Indicators)?;
                self.indicators(&indicators)
            }
            Line::End(end) => {
                self.reach(Phase::End)?;
                self.end(&end)
            }
        }
    }

    /// Nothing more comes.
    pub fn finish(&mut self) -> Held {
        self.reach(Phase::End)
    }

    fn begin(&mut self, head: Head) -> Held {
        if self.phase != Phase::Head {
            return Err(broken("the dump", "begins twice"));
        }
        if head.format != FORMAT {
            let what = format!("is of format {}; this program reads {FORMAT}", head.format);
            return Err(broken("the dump", what));
        }
        self.history = History::of(head.seq, head.chain_hash);
        self.head = head;
        self.phase = Phase::Changes;
        Ok(())
    }

    /// Ends every phase before this one.
    fn reach(&mut self, phase: Phase) -> Held {
        if self.phase == Phase::Head {
            return Err(broken("the dump", "does not begin with its first line"));
        }
        if phase < self.phase || self.phase == Phase::End {
            return Err(broken("the dump", "its lines are out of order"));
        }
        while self.phase < phase {
            let ended = self.phase;
            self.phase = match ended {
                Phase::Head | Phase::Changes => Phase::Records,
                Phase::Records => Phase::Files,
                Phase::Files => Phase::Indicators,
                Phase::Indicators | Phase::End => Phase::End,
            };
            self.last = (None, String::new());
            match ended {
                Phase::Changes => self.chain_ended()?,
                Phase::Records => self.records_ended()?,
                Phase::Files => self.history.cited.all_met()?,
                Phase::Indicators => self.indicators_ended()?,
                Phase::Head | Phase::End => {}
            }
        }
        Ok(())
    }

    fn change(&mut self, change: Change) -> Held {
        let place = format!("change {}", change.seq);
        let fails = |what: &str| Err(broken(place.clone(), what));
        if change.seq != self.seq + 1 {
            return fails(&format!("change {} is missing", self.seq + 1));
        }
        if change.prev != self.prev {
            return fails("does not follow the row before");
        }
        let body = change.body.as_ref();
        if body.is_some_and(|body| sha256_hex(body.as_bytes()) != change.body_hash) {
            return fails("the body is not the one that was recorded");
        }
        let Some(row) = change.row() else {
            return fails("its day of effect is no day");
        };
        if row.expected_hash(self.head.chain_hash) != row.hash {
            return fails("the row is not the one that was recorded");
        }
        self.spoken(&row).map_err(|what| broken(place, what))?;
        self.named(row.seq, &row.hash)?;
        (self.seq, self.prev) = (row.seq, row.hash);
        self.history.mark(self.seq);
        self.report.changes += 1;
        Ok(())
    }

    /// What a row says makes sense beside the rows before.
    fn spoken(&mut self, row: &crate::domain::event::ChangeRow) -> Result<(), String> {
        let noun = row.noun().ok_or("speaks of no noun of ours")?;
        if Audience::parse(&row.audience).is_none() {
            return Err("is for no audience".into());
        }
        let verb = row.kind.strip_prefix(noun.as_str());
        match verb {
            Some(".set") => {
                self.history.take(row, noun, &self.subjects)?;
                let place = (row.seq, row.subject_version, row.at.day());
                Ok(self.subjects.set(noun, row.key(), place, &row.body_hash)?)
            }
            Some(".gone") => {
                let silent = row.body.is_none() && row.effective_on.is_none();
                if !silent || row.body_hash != sha256_hex(b"") {
                    return Err("tells of a record that is gone".into());
                }
                let last = self.subjects.last(noun, row.key());
                let version = last.ok_or("is gone before it came")?.version;
                if row.subject_version != version && row.subject_version != version + 1 {
                    return Err("its version does not follow the one before".into());
                }
                Ok(())
            }
            _ => Err("its kind is not that of its subject".into()),
        }
    }

    fn chain_ended(&mut self) -> Held {
        if self.head.seq != self.seq || self.head.hash != self.prev {
            let what = format!("says {}, the last change is {}", self.head.seq, self.seq);
            return Err(broken("head", what));
        }
        if let Some((seq, heads)) = self.kept.pop_first() {
            let day = heads.first().map(|head| head.day.to_string());
            let place = format!("the kept head of {}", day.unwrap_or_default());
            return Err(broken(
                place,
                format!("change {seq}, which it names, is missing"),
            ));
        }
        Ok(())
    }

    fn record(&mut self, record: Record) -> Held {
        let subject = record.subject();
        let place = (Some(record.noun), record.key.clone());
        if place <= self.last {
            return Err(broken(subject, "is out of order or there twice"));
        }
        let Some(last) = self.subjects.meet(record.noun, &record.key) else {
            return Err(broken(subject, "no change row speaks of it"));
        };
        let actual = sha256_hex(canonical_json(&record.document).as_bytes());
        if actual != record.hash || !last.vouches(record.version, &record.hash) {
            let what = format!("is not what change version {} recorded", last.version);
            return Err(broken(subject, what));
        }
        self.records
            .take(record, &mut self.history)
            .map_err(|what| broken(subject, what))?;
        self.last = place;
        self.report.records += 1;
        Ok(())
    }

    fn records_ended(&mut self) -> Held {
        if let Some(subject) = self.subjects.missing() {
            let what = format!(
                "is missing: {} records are stored, {} were recorded",
                self.report.records,
                self.subjects.len()
            );
            return Err(broken(subject, what));
        }
        self.records
            .stand(&self.history, &self.subjects, self.head.as_of)?;
        self.report.declarations = self.records.books.declarations.len() as u64;
        self.report.licences = self.records.books.licences.len() as u64;
        let kept = Shelf {
            bodies: &self.history.now,
            tables: &self.records.books,
            earlier: &self.history.earlier,
        };
        let (counts, compared) = count::agree(&kept, self.head.seq, self.head.as_of)?;
        self.report.counts = compared;
        self.counts = counts;
        Ok(())
    }

    fn file(&mut self, file: File) -> Held {
        let place = format!("files/{}", file.id);
        if file.id <= self.last.1 {
            return Err(broken(place, "is out of order or there twice"));
        }
        if file.expected_hash().as_ref() != Some(&file.hash) {
            return Err(broken(place, "is not as it was stored"));
        }
        self.history.cited.meet(&file)?;
        self.last.1 = file.id;
        self.report.files += 1;
        Ok(())
    }

    fn indicators(&mut self, line: &Indicators) -> Held {
        let place = line.target.to_string();
        let of_this = line.as_of == self.head.as_of && line.known_at == self.head.seq;
        if place <= self.last.1 || !of_this {
            let what = "its figures are there twice or of another day";
            return Err(broken(format!("targets/{place}"), what));
        }
        count::shown(&self.counts, line)?;
        self.last.1 = place;
        self.shown += 1;
        Ok(())
    }

    fn indicators_ended(&mut self) -> Held {
        if self.shown != self.counts.len() {
            return Err(broken("targets", "the figures of some are missing"));
        }
        self.report.targets = self.shown as u64;
        Ok(())
    }

    fn end(&mut self, end: &End) -> Held {
        let counted = (end.changes, end.records, end.files, end.indicators);
        let report = &self.report;
        if counted == (report.changes, report.records, report.files, report.targets) {
            return Ok(());
        }
        Err(broken("the dump", "its last line counts other lines"))
    }
}
