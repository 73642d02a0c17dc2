//! One pass over the matching documents: the exact total, the best few in any order, and the facets. A
//! filter whose own facet is wanted is checked here instead of in the query, so that the facet can count
//! what the filter hides.

use std::{collections::BinaryHeap, sync::Arc};

use tantivy::{
    DocAddress, DocId, Score, Searcher, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::{Column, ColumnValues},
    query::{AllQuery, BooleanQuery, ConstScoreQuery, EnableScoring, Occur, Query, Scorer, Weight},
};

use super::{
    Error,
    facets::{Counter, Counts},
    filters::{Condition, Filter},
    offers::Offers,
    schema,
};
use crate::domain::{
    event::Noun,
    search::{FacetField, Sort},
    time::Day,
};

/// A document's place in an order: smaller comes first. Number keys are unique, so no two are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    pub primary: u64,
    pub number: u64,
}

/// What is wanted of one pass.
pub struct Gather {
    /// Whose columns order the documents.
    pub noun: Noun,
    pub sort: Sort,
    /// The day by which offers are judged.
    pub today: Day,
    /// Only documents behind this place are shown; all are counted.
    pub after: Option<Rank>,
    pub limit: usize,
    pub facets: Vec<FacetField>,
}

/// What one pass has found.
pub struct Gathered {
    pub total: u64,
    /// The first `limit` places, in order.
    pub places: Vec<(Rank, DocAddress)>,
    pub counts: Vec<Counts>,
}

impl Gather {
    /// Runs the pass: `text` scores, `filters` only restrict.
    pub fn run(
        self,
        searcher: &Searcher,
        text: Option<Box<dyn Query>>,
        filters: Vec<Condition>,
    ) -> Result<Gathered, Error> {
        let own = |filter: Filter| self.facets.iter().any(|facet| filter.is_own_of(*facet));
        let (checked, pushed): (Vec<_>, Vec<_>) =
            filters.into_iter().partition(|(filter, _)| own(*filter));
        let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        parts.extend(text.map(|query| (Occur::Must, query)));
        parts.extend(pushed.into_iter().map(|(_, query)| (Occur::Must, query)));
        let query: Box<dyn Query> = if parts.is_empty() {
            Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0))
        } else {
            Box::new(BooleanQuery::new(parts))
        };
        let mut checks = Vec::new();
        for (filter, query) in checked {
            checks.push((
                filter,
                query.weight(EnableScoring::disabled_from_searcher(searcher))?,
            ));
        }
        let collector = Pass {
            gather: Arc::new(self),
            checks,
        };
        Ok(searcher.search(&query, &collector)?)
    }
}

struct Pass {
    gather: Arc<Gather>,
    checks: Vec<(Filter, Box<dyn Weight>)>,
}

impl Collector for Pass {
    type Fruit = Gathered;
    type Child = SegmentPass;

    fn for_segment(
        &self,
        ordinal: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentPass> {
        let mut checks = Vec::new();
        for (_, weight) in &self.checks {
            checks.push(weight.scorer(segment, 1.0)?);
        }
        let offers = Offers::open(segment, self.gather.today)?;
        let mut counters = Vec::new();
        for facet in &self.gather.facets {
            let own = self
                .checks
                .iter()
                .enumerate()
                .filter(|(_, (filter, _))| filter.is_own_of(*facet));
            counters.push((
                own.fold(0, |mask, (i, _)| mask | 1 << i),
                Counter::open(*facet, segment, &offers)?,
            ));
        }
        let columns = segment.fast_fields();
        let need = self.gather.noun == Noun::Need;
        let number = if need {
            schema::NEED_TAIL
        } else {
            schema::NUMBER_KEY
        };
        let day = match self.gather.sort {
            Sort::Newest if need => Some(columns.i64(schema::NEED_POSTED)?),
            Sort::Newest => Some(columns.i64(schema::FILED)?),
            Sort::TermLeft => Some(columns.i64(schema::EXPIRES)?),
            Sort::Relevance | Sort::Number | Sort::Fee => None,
        };
        Ok(SegmentPass {
            gather: self.gather.clone(),
            ordinal,
            checks,
            counters,
            numbers: columns.column_first_or_default::<u64>(number)?,
            day,
            offers,
            total: 0,
            best: BinaryHeap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.gather.sort == Sort::Relevance
    }

    fn merge_fruits(&self, fruits: Vec<Gathered>) -> tantivy::Result<Gathered> {
        let mut merged = Gathered {
            total: 0,
            places: Vec::new(),
            counts: Vec::new(),
        };
        merged.counts = self
            .gather
            .facets
            .iter()
            .map(|facet| Counts::new(*facet))
            .collect();
        for fruit in fruits {
            merged.total += fruit.total;
            merged.places.extend(fruit.places);
            for (sum, part) in merged.counts.iter_mut().zip(fruit.counts) {
                sum.merge(part);
            }
        }
        merged.places.sort_unstable();
        merged.places.truncate(self.gather.limit);
        Ok(merged)
    }
}

struct SegmentPass {
    gather: Arc<Gather>,
    ordinal: SegmentOrdinal,
    checks: Vec<Box<dyn Scorer>>,
    /// For each facet, which checks are its own.
    counters: Vec<(u32, Counter)>,
    numbers: Arc<dyn ColumnValues<u64>>,
    day: Option<Column<i64>>,
    offers: Offers,
    total: u64,
    best: BinaryHeap<(Rank, DocAddress)>,
}

impl SegmentPass {
    fn primary(&self, doc: DocId, score: Score) -> u64 {
        match (&self.day, self.gather.sort) {
            (Some(day), _) => day
                .first(doc)
                .map_or(u64::MAX, |day| i64::MAX.abs_diff(day)),
            (None, Sort::Relevance) => u64::from(u32::MAX - sane(score).to_bits()),
            (None, Sort::Fee) => self.offers.rank(doc),
            (None, _) => 0,
        }
    }

    fn consider(&mut self, doc: DocId, score: Score) {
        let primary = self.primary(doc, score);
        let full = self.best.len() >= self.gather.limit;
        if full
            && self
                .best
                .peek()
                .is_none_or(|(worst, _)| primary > worst.primary)
        {
            return;
        }
        let rank = Rank {
            primary,
            number: self.numbers.get_val(doc),
        };
        if self.gather.after.is_some_and(|after| rank <= after) {
            return;
        }
        self.best.push((rank, DocAddress::new(self.ordinal, doc)));
        if full {
            self.best.pop();
        }
    }
}

/// Scores order by their bits only when they are neither negative nor NaN.
fn sane(score: f32) -> f32 {
    if score > 0.0 { score } else { 0.0 }
}

/// The score that a relevance rank was made of.
pub fn score_of(rank: Rank) -> f32 {
    f32::from_bits(u32::MAX - u32::try_from(rank.primary).unwrap_or(u32::MAX))
}

impl SegmentCollector for SegmentPass {
    type Fruit = Gathered;

    fn collect(&mut self, doc: DocId, score: Score) {
        let mut failed = 0_u32;
        for (i, check) in self.checks.iter_mut().enumerate() {
            let at = if check.doc() < doc {
                check.seek(doc)
            } else {
                check.doc()
            };
            failed |= u32::from(at != doc) << i;
        }
        if failed == 0 {
            self.total += 1;
            self.consider(doc, score);
        }
        for (own, counter) in &mut self.counters {
            if failed & !*own == 0 {
                counter.count(doc);
            }
        }
    }

    fn harvest(self) -> Gathered {
        let mut counts = Vec::new();
        for (_, counter) in self.counters {
            counts.push(counter.finish());
        }
        Gathered {
            total: self.total,
            places: self.best.into_vec(),
            counts,
        }
    }
}
