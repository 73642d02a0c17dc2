//! The change rows of each noun: who hears of a new state, who is told that it is gone, and which documents stay in
//! the chain word for word because they are counted.

use crate::{
    domain::{
        annuity::FeeLedger,
        audit_head::AuditHead,
        card::Card,
        consent::ConsentRequest,
        declaration::Declaration,
        dispute::Dispute,
        due::DueList,
        encumbrance::Encumbrance,
        enquiry::Enquiry,
        event::{Audience, Change, Noun, Verb, canonical_json, sha256_hex},
        holding::Holding,
        indicator::{Closing, Target},
        inventory::Inventory,
        licence::Licence,
        listing::Listing,
        merge::Conflict,
        need::Need,
        party::Organisation,
        patent::Patent,
        performance::Performance,
        reference::ReferenceTable,
        reported::Reported,
        time::Day,
    },
    store::{Stored, Tx},
};

/// A record that is announced.
pub(super) trait Subject {
    const NOUN: Noun;

    fn key(&self) -> String;

    fn audiences(&self) -> Vec<Audience>;

    /// The day of legal effect, for what is counted.
    fn effective_on(&self) -> Option<Day> {
        None
    }

    /// The document itself, for what is counted.
    fn body(&self) -> Option<String> {
        None
    }
}

/// Records the rows for a record's new state; whoever loses sight of it gets a tombstone first.
pub(super) fn announce<T: Subject>(tx: &mut Tx, before: Option<&T>, after: &Stored<T>) {
    for change in changes(before, after) {
        tx.record(change);
    }
}

fn changes<T: Subject>(before: Option<&T>, after: &Stored<T>) -> Vec<Change> {
    let now = after.value.audiences();
    let row = |verb: Verb, audience: Audience| Change {
        noun: T::NOUN,
        verb,
        key: after.value.key(),
        version: after.version,
        audience,
        effective_on: after.value.effective_on().filter(|_| verb == Verb::Set),
        body: after.value.body().filter(|_| verb == Verb::Set),
        body_hash: if verb == Verb::Set {
            after.hash.clone()
        } else {
            sha256_hex(b"")
        },
    };
    // Who sees what is public sees it still after it has become so.
    let lost = |audience: &Audience| !now.contains(audience) && !now.contains(&Audience::Public);
    let gone = before.map(Subject::audiences).unwrap_or_default();
    gone.into_iter()
        .filter(lost)
        .map(|audience| row(Verb::Gone, audience))
        .chain(now.iter().map(|audience| row(Verb::Set, audience.clone())))
        .collect()
}

impl Subject for Patent {
    const NOUN: Noun = Noun::Patent;

    fn key(&self) -> String {
        self.number.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![Audience::Public]
    }
}

impl Subject for Organisation {
    const NOUN: Noun = Noun::Organisation;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![Audience::Public]
    }

    /// Its district decides what is counted.
    fn body(&self) -> Option<String> {
        Some(canonical_json(self))
    }
}

impl Subject for Holding {
    const NOUN: Noun = Noun::Holding;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![self.audience()]
    }
}

impl Subject for Declaration {
    const NOUN: Noun = Noun::Declaration;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![self.audience()]
    }

    fn effective_on(&self) -> Option<Day> {
        self.effective_on
    }

    fn body(&self) -> Option<String> {
        Some(canonical_json(self))
    }
}

impl Subject for Licence {
    const NOUN: Noun = Noun::Licence;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        self.audiences()
    }

    fn effective_on(&self) -> Option<Day> {
        self.effective_on
    }

    fn body(&self) -> Option<String> {
        Some(canonical_json(self))
    }
}

impl Subject for Encumbrance {
    const NOUN: Noun = Noun::Encumbrance;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![self.audience()]
    }

    fn effective_on(&self) -> Option<Day> {
        Some(self.from)
    }
}

impl Subject for Target {
    const NOUN: Noun = Noun::Target;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![Audience::Public]
    }

    fn body(&self) -> Option<String> {
        Some(canonical_json(self))
    }
}

impl Subject for Closing {
    const NOUN: Noun = Noun::Closing;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![Audience::Public]
    }

    fn body(&self) -> Option<String> {
        Some(canonical_json(self))
    }
}

impl Subject for Reported {
    const NOUN: Noun = Noun::Reported;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![Audience::Public]
    }
}

impl Subject for Need {
    const NOUN: Noun = Noun::Need;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![self.audience()]
    }
}

impl Subject for Inventory {
    const NOUN: Noun = Noun::Inventory;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![self.audience()]
    }
}

impl Subject for Card {
    const NOUN: Noun = Noun::Card;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![self.audience()]
    }
}

impl Subject for FeeLedger {
    const NOUN: Noun = Noun::FeeLedger;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![self.audience()]
    }
}

impl Subject for DueList {
    const NOUN: Noun = Noun::DueList;

    fn key(&self) -> String {
        self.organisation.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![self.audience()]
    }
}

impl Subject for ReferenceTable {
    const NOUN: Noun = Noun::Reference;

    fn key(&self) -> String {
        self.kind.as_str().to_owned()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![Audience::Public]
    }
}

impl Subject for Conflict {
    const NOUN: Noun = Noun::Conflict;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![self.audience()]
    }
}

impl Subject for Listing {
    const NOUN: Noun = Noun::Listing;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![self.audience()]
    }
}

impl Subject for ConsentRequest {
    const NOUN: Noun = Noun::Consent;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        self.audiences()
    }
}

impl Subject for Performance {
    const NOUN: Noun = Noun::Performance;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        self.audiences()
    }

    /// What it says is asked of a counted licence.
    fn body(&self) -> Option<String> {
        Some(canonical_json(self))
    }
}

impl Subject for AuditHead {
    const NOUN: Noun = Noun::AuditHead;

    fn key(&self) -> String {
        self.day.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        vec![Audience::Public]
    }

    /// Held against the change right before it by whoever has the chain.
    fn body(&self) -> Option<String> {
        Some(canonical_json(self))
    }
}

impl Subject for Enquiry {
    const NOUN: Noun = Noun::Enquiry;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        self.audiences()
    }
}

impl Subject for Dispute {
    const NOUN: Noun = Noun::Dispute;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn audiences(&self) -> Vec<Audience> {
        self.audiences()
    }
}
