//! What a batch has changed, written and announced in the order of the file, and looked at by whoever follows.

use std::collections::HashMap;

use super::{Batch, Entry, Weighed};
use crate::{
    domain::{
        codes::AppNo,
        holding::Holding,
        merge::{Conflict, ConflictState, Sources},
        patent::Patent,
    },
    ops::{Services, announce::announce, cards, watch},
    store::{self, Stored, Tx, conflicts, holdings, patents, sources},
};

impl Batch<'_> {
    pub(super) async fn write(mut self, tx: &mut Tx, services: &Services) -> store::Result<()> {
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
