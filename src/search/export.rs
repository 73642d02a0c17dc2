//! A whole result, in order of number, from one snapshot and in bounded memory: the places are gathered a
//! window at a time, the records read one by one.

use std::collections::VecDeque;

use super::{
    Error,
    answer::gather,
    document::Stored,
    gather::Rank,
    live::Snapshot,
    typed::{self, Typed},
};
use crate::domain::search::{Hit, Query, Sort};

/// Places held at once; 24 bytes each.
const WINDOW: usize = 50_000;

/// All hits of one question.
pub struct Export {
    snapshot: Snapshot,
    question: Query,
    typed: Typed,
    total: u64,
    window: VecDeque<(Rank, tantivy::DocAddress)>,
    last: Option<Rank>,
    done: bool,
}

impl Export {
    pub(super) fn new(snapshot: Snapshot, mut question: Query) -> Result<Self, Error> {
        question.facets.clear();
        let typed = typed::read(&question.text);
        let first = gather(&snapshot, &question, &typed, Sort::Number, None, WINDOW)?;
        let done = first.places.len() < WINDOW;
        Ok(Self {
            snapshot,
            question,
            typed,
            total: first.total,
            window: first.places.into(),
            last: None,
            done,
        })
    }

    /// How many hits the export has, from the first to the last.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The change up to which it holds everything.
    pub fn applied_seq(&self) -> i64 {
        self.snapshot.applied_seq
    }

    fn refill(&mut self) -> Result<(), Error> {
        if self.window.is_empty() && !self.done {
            let more = gather(
                &self.snapshot,
                &self.question,
                &self.typed,
                Sort::Number,
                self.last,
                WINDOW,
            )?;
            self.done = more.places.len() < WINDOW;
            self.window = more.places.into();
        }
        Ok(())
    }
}

impl Iterator for Export {
    type Item = Result<Hit, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Err(error) = self.refill() {
            self.done = true;
            return Some(Err(error));
        }
        let (rank, address) = self.window.pop_front()?;
        self.last = Some(rank);
        let stored = Stored::read(&self.snapshot.searcher, &self.snapshot.live.fields, address);
        Some(stored.map(|stored| stored.into_hit(0.0, self.question.today)))
    }
}
