//! The records as they stand: each can be read, what is counted is kept, and together they are what the law makes of
//! them. Of patents and holdings only those that somebody declared are kept.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::de::DeserializeOwned;

use super::{
    Break, broken,
    history::{Books, History},
    law::{self, Held, duty::Around, hold},
    line::Record,
    subjects::Subjects,
};
use crate::domain::{
    annuity::FeeLedger,
    audit_head::AuditHead,
    card::Card,
    codes::AppNo,
    consent::ConsentRequest,
    declaration::{Declaration, DeclarationState as S},
    dispute::Dispute,
    due::DueList,
    encumbrance::Encumbrance,
    enquiry::Enquiry,
    event::Noun,
    holding::Holding,
    id::Id,
    indicator::{Closing, Target},
    inventory::Inventory,
    licence::{Licence, LicenceState},
    listing::Listing,
    merge::Conflict,
    need::Need,
    party::Organisation,
    patent::Patent,
    performance::Performance,
    reference::ReferenceTable,
    reported::Reported,
    time::Day,
};

/// What was kept of the records.
#[derive(Default)]
pub struct Records {
    pub books: Books,
    patents: HashMap<AppNo, Patent>,
    holdings: HashMap<(Id, AppNo), Holding>,
    encumbrances: HashMap<AppNo, Vec<Encumbrance>>,
}

impl Records {
    /// A record whose hash is known to be right.
    #[expect(clippy::too_many_lines, reason = "one arm a noun")]
    pub fn take(&mut self, record: Record, history: &mut History) -> Held {
        let subject = record.subject();
        let key = record.key.clone();
        match record.noun {
            Noun::Organisation => {
                let party: Organisation = read(record)?;
                hold(party.id.to_string() == key, "its key is another's")?;
                self.books
                    .organisations
                    .insert(party.id.clone(), Arc::new(party));
            }
            Noun::Target => {
                let target: Target = read(record)?;
                hold(target.id.to_string() == key, "its key is another's")?;
                self.books
                    .targets
                    .insert(target.id.clone(), Arc::new(target));
            }
            Noun::Patent => {
                let patent: Patent = read(record)?;
                hold(patent.number.as_str() == key, "its key is another's")?;
                history.cited.add(&subject, patent.status_source.iter());
                if history.is_declared(&patent.number) {
                    self.patents.insert(patent.number.clone(), patent);
                }
            }
            Noun::Holding => {
                let holding: Holding = read(record)?;
                hold(holding.id.to_string() == key, "its key is another's")?;
                let shown = !holding.published || holding.state.is_confirmed();
                hold(shown, "is published and only claimed")?;
                if history.is_declared(&holding.number) {
                    let place = (holding.organisation.clone(), holding.number.clone());
                    let twice = self.holdings.insert(place, holding);
                    hold(twice.is_none(), "is the second of one patent")?;
                }
            }
            Noun::Declaration => {
                let d: Declaration = read(record)?;
                hold(d.id.to_string() == key, "its key is another's")?;
                self.books.declarations.insert(d.id.clone(), Arc::new(d));
            }
            Noun::Licence => {
                let l: Licence = read(record)?;
                hold(l.id.to_string() == key, "its key is another's")?;
                self.books.licences.insert(l.id.clone(), Arc::new(l));
            }
            Noun::Closing => {
                let closing: Closing = read(record)?;
                hold(closing.id.to_string() == key, "its key is another's")?;
            }
            Noun::AuditHead => {
                let head: AuditHead = read(record)?;
                hold(head.day.to_string() == key, "its key is another's")?;
            }
            Noun::Reported => {
                let reported: Reported = read(record)?;
                hold(reported.id.to_string() == key, "its key is another's")?;
                hold(
                    reported.check(reported.on).is_ok(),
                    "has a value that nobody could enter",
                )?;
                history.cited.add(&subject, [&reported.file].into_iter());
            }
            Noun::Need => {
                let need: Need = read(record)?;
                hold(need.id.to_string() == key, "its key is another's")?;
                hold(
                    need.flaws().is_empty(),
                    "has a value that nobody could enter",
                )?;
            }
            Noun::Inventory => {
                let record: Inventory = read(record)?;
                hold(record.id.to_string() == key, "its key is another's")?;
                hold(
                    record.plain_flaws().is_empty(),
                    "has a value that nobody could enter",
                )?;
            }
            Noun::DueList => {
                entered(
                    record,
                    |due: &DueList| due.organisation.to_string(),
                    DueList::is_flawed,
                )?;
            }
            Noun::Card => entered(record, |card: &Card| card.id.to_string(), Card::is_flawed)?,
            Noun::FeeLedger => {
                entered(
                    record,
                    |ledger: &FeeLedger| ledger.id.to_string(),
                    FeeLedger::is_flawed,
                )?;
            }
            Noun::Reference => {
                let key = |table: &ReferenceTable| table.kind.as_str().to_owned();
                entered(record, key, ReferenceTable::is_flawed)?;
            }
            Noun::Conflict => {
                let conflict: Conflict = read(record)?;
                hold(conflict.id.to_string() == key, "its key is another's")?;
                conflict
                    .flaw()
                    .map_or(Ok(()), |flaw| Err(flaw.to_owned()))?;
            }
            Noun::Listing => {
                let listing: Listing = read(record)?;
                hold(listing.id.to_string() == key, "its key is another's")?;
                hold(!listing.is_flawed(), "has a value that nobody could enter")?;
                history.cited.add(&subject, [&listing.source].into_iter());
            }
            Noun::Consent => {
                let request: ConsentRequest = read(record)?;
                hold(request.id.to_string() == key, "its key is another's")?;
                hold(!request.is_flawed(), "has a value that nobody could enter")?;
                history.cited.add(&subject, request.letter.iter());
            }
            Noun::Performance => entered(
                record,
                |carried: &Performance| carried.id.to_string(),
                Performance::is_flawed,
            )?,
            Noun::Enquiry => {
                entered(
                    record,
                    |asked: &Enquiry| asked.id.to_string(),
                    Enquiry::is_flawed,
                )?;
            }
            Noun::Dispute => {
                let dispute: Dispute = read(record)?;
                hold(dispute.id.to_string() == key, "its key is another's")?;
                hold(!dispute.is_flawed(), "has a value that nobody could enter")?;
                let files = dispute.entries.iter();
                history
                    .cited
                    .add(&subject, files.filter_map(|entry| entry.file.as_ref()));
            }
            Noun::Encumbrance => {
                let e: Encumbrance = read(record)?;
                hold(e.id.to_string() == key, "its key is another's")?;
                let end = [e.until, e.released_on].into_iter().flatten().min();
                hold(end.is_none_or(|end| e.from <= end), "ends before it begins")?;
                let own = e.organisation.is_some() && e.kind.excludes_others();
                hold(
                    !own || !history.beside_open(&e.id, &e.number),
                    "is an exclusive or sole licence that its holder recorded beside an open one",
                )?;
                history
                    .cited
                    .add(&subject, e.consent.iter().chain(&e.source));
                self.encumbrances
                    .entry(e.number.clone())
                    .or_default()
                    .push(e);
            }
        }
        Ok(())
    }

    /// The law, over all records.
    pub fn stand(&self, history: &History, subjects: &Subjects, today: Day) -> Result<(), Break> {
        let mut numbers = BTreeMap::new();
        for d in self.books.declarations.values() {
            let place = || format!("declarations/{}", d.id);
            let number = d.declaration_number.as_ref().filter(|_| d.state != S::Void);
            if let Some(number) = number
                && let Some(other) = numbers.insert(number, &d.id)
            {
                let what = format!("has the number of declarations/{other}");
                return Err(broken(place(), what));
            }
            self.declaration(d, history, subjects, today)
                .map_err(|what| broken(place(), what))?;
        }
        let mut standing = BTreeMap::new();
        for l in self.books.licences.values() {
            let place = || format!("licences/{}", l.id);
            let Some(d) = self.books.declarations.get(&l.declaration) else {
                return Err(broken(place(), "is under no declaration"));
            };
            law::licence::stands(l, d).map_err(|what| broken(place(), what))?;
            let stands = matches!(l.state, LicenceState::Pending | LicenceState::Effective);
            if stands && let Some(other) = standing.insert((&l.declaration, l.licensee.id()), &l.id)
            {
                let what = format!("is a second one beside licences/{other}");
                return Err(broken(place(), what));
            }
            let known = |id: &Id| self.books.organisations.contains_key(id);
            if !known(&l.holder) || !l.licensee.organisation().is_none_or(known) {
                return Err(broken(place(), "one of its sides is nobody"));
            }
        }
        Ok(())
    }

    fn declaration(
        &self,
        d: &Declaration,
        history: &History,
        subjects: &Subjects,
        today: Day,
    ) -> Held {
        law::declaration::stands(d)?;
        let patent = self.patents.get(&d.number).ok_or("is of no patent")?;
        hold(
            self.books.organisations.contains_key(&d.organisation),
            "is of no organisation",
        )?;
        let none = Vec::new();
        let place = (d.organisation.clone(), d.number.clone());
        let holding = self.holdings.get(&place);
        let around = Around {
            patent,
            encumbrances: self.encumbrances.get(&d.number).unwrap_or(&none),
            confirmed: holding.is_some_and(|holding| holding.state.is_confirmed()),
        };
        let last = |noun: Noun, key: &str| subjects.last(noun, key);
        let own = last(Noun::Declaration, &d.id.to_string());
        let patent_row = last(Noun::Patent, d.number.as_str());
        let burdens = around.encumbrances.iter();
        let burdens = burdens.filter_map(|e| last(Noun::Encumbrance, &e.id.to_string()));
        // Each of these rows was followed by a look at the declaration, on its day.
        let looks: Vec<_> = own.into_iter().chain(patent_row).chain(burdens).collect();
        if matches!(d.state, S::Announced | S::WithdrawalRequested) {
            let looked = looks.iter().map(|row| row.on).max().unwrap_or(today);
            law::duty::answered(d, around, looked, today)?;
        }
        let Some(readied) = history.readied.get(&d.id) else {
            return Ok(());
        };
        // Where nothing around it has changed since, the gate saw what is there now.
        let held = holding.and_then(|h| last(Noun::Holding, &h.id.to_string()));
        let mut since = looks.into_iter().chain(held);
        let unchanged = since.all(|row| row.seq <= readied.seq);
        if unchanged && matches!(d.state, S::Ready | S::Submitted) {
            let blocks = law::duty::blocks(around, readied.on);
            if let Some(block) = blocks.first() {
                return Err(format!("was readied in spite of {}", block.as_str()));
            }
            hold(
                law::duty::term_end(patent).is_some_and(|end| d.until < end),
                "was readied beyond the patent's term",
            )?;
        }
        Ok(())
    }
}

/// A record that somebody entered: under its own key, with values that could be entered.
fn entered<T: DeserializeOwned>(
    record: Record,
    own: impl Fn(&T) -> String,
    is_flawed: impl Fn(&T) -> bool,
) -> Held {
    let key = record.key.clone();
    let value: T = read(record)?;
    hold(own(&value) == key, "its key is another's")?;
    hold(!is_flawed(&value), "has a value that nobody could enter")
}

fn read<T: DeserializeOwned>(record: Record) -> Result<T, String> {
    serde_json::from_value(record.document).map_err(|why| format!("cannot be read: {why}"))
}
