//! Offers in the index: the days and terms of a patent's latest offer, and the one judgement whether it stands on
//! a day. Only days are kept, compared at query time: no change row marks the midnight on which an offer begins
//! or ends.

use std::ops::Bound;

use tantivy::{
    DocId, SegmentReader, TantivyDocument, Term,
    columnar::Column,
    query::{BooleanQuery, Query, RangeQuery, TermQuery},
    schema::{FAST, Field, INDEXED, IndexRecordOption, STRING, SchemaBuilder},
};

use super::{
    document::day_number,
    filters::{Condition, Filter, any_of, silent},
};
use crate::domain::{
    search::{OfferHit, Query as Question},
    time::Day,
};

const FROM: &str = "offerFrom";
const UNTIL: &str = "offerUntil";
const FEE: &str = "offerFee";
const ROYALTY: &str = "offerRoyalty";

/// Stands in place of the way of paying where nothing was ever offered.
const NEVER: &str = "never";

/// Handles of the fields of an offer.
#[derive(Clone, Debug)]
pub struct OfferFields {
    /// Days since 1970-01-01, both included.
    from: Field,
    until: Field,
    /// Fixed fees of the first year, in fen.
    fee: Field,
    /// 1 where a royalty is due, else 0; it only orders.
    royalty: Field,
    free: Field,
    /// The way of paying, or [`NEVER`].
    mode: Field,
    /// What help comes with it, where it says so.
    know_how: Field,
}

impl OfferFields {
    pub fn build(builder: &mut SchemaBuilder) -> Self {
        Self {
            from: builder.add_i64_field(FROM, FAST),
            until: builder.add_i64_field(UNTIL, FAST),
            fee: builder.add_i64_field(FEE, FAST),
            royalty: builder.add_u64_field(ROYALTY, FAST),
            free: builder.add_bool_field("offerFree", INDEXED),
            mode: builder.add_text_field("offerMode", STRING),
            know_how: builder.add_text_field("offerKnowHow", STRING),
        }
    }

    pub fn add(&self, document: &mut TantivyDocument, offer: Option<&OfferHit>) {
        let Some(offer) = offer else {
            document.add_text(self.mode, NEVER);
            return;
        };
        document.add_i64(self.from, day_number(offer.from));
        document.add_i64(self.until, day_number(offer.until));
        document.add_i64(self.fee, offer.first_year_fixed_fen.0);
        document.add_u64(self.royalty, u64::from(offer.royalty));
        document.add_bool(self.free, offer.free);
        document.add_text(self.mode, offer.mode.as_str());
        if let Some(know_how) = offer.know_how {
            document.add_text(self.know_how, know_how.as_str());
        }
    }

    /// The conditions of a question that speak of offers. An offer that must stand is two conditions beside the
    /// others and what is not on offer is a union: inside an exclusion, the library's range over a column panics
    /// (debug builds) when it is asked again after its last document.
    pub fn conditions(&self, question: &Question) -> Vec<Condition> {
        let (filters, today) = (&question.filters, question.today);
        let mut found: Vec<Condition> = Vec::new();
        match filters.on_offer {
            Some(true) => found.extend(self.stands(Filter::Offer, today)),
            Some(false) => found.push((Filter::Offer, silent(self.rest(today)))),
            None => {}
        }
        if filters.free.is_some() || filters.fee_at_most_fen.is_some() {
            found.extend(self.stands(Filter::Always, today));
        }
        if let Some(free) = filters.free {
            let term = Term::from_field_bool(self.free, free);
            let free = TermQuery::new(term, IndexRecordOption::Basic);
            found.push((Filter::Always, silent(Box::new(free))));
        }
        if let Some(most) = filters.fee_at_most_fen {
            let most = Bound::Included(Term::from_field_i64(self.fee, most));
            let cheap = RangeQuery::new(Bound::Unbounded, most);
            found.push((Filter::Always, silent(Box::new(cheap))));
        }
        if !filters.fee_modes.is_empty() {
            let modes = filters.fee_modes.iter();
            let modes: Vec<String> = modes.map(|mode| mode.as_str().to_owned()).collect();
            found.extend(self.stands(Filter::FeeMode, today));
            found.push((Filter::FeeMode, any_of(self.mode, &modes)));
        }
        if !filters.know_how.is_empty() {
            let kinds = filters.know_how.iter();
            let kinds: Vec<String> = kinds.map(|kind| kind.as_str().to_owned()).collect();
            found.extend(self.stands(Filter::Always, today));
            found.push((Filter::Always, any_of(self.know_how, &kinds)));
        }
        found
    }

    /// Begun by this day, and not over.
    fn stands(&self, filter: Filter, day: Day) -> [Condition; 2] {
        let at = |field| Bound::Included(Term::from_field_i64(field, day_number(day)));
        let begun = RangeQuery::new(Bound::Unbounded, at(self.from));
        let lasting = RangeQuery::new(at(self.until), Bound::Unbounded);
        [begun, lasting].map(|range| (filter, silent(Box::new(range))))
    }

    /// Not begun by this day, over, or never offered.
    fn rest(&self, day: Day) -> Box<dyn Query> {
        let at = |field| Bound::Excluded(Term::from_field_i64(field, day_number(day)));
        let ahead = RangeQuery::new(at(self.from), Bound::Unbounded);
        let over = RangeQuery::new(Bound::Unbounded, at(self.until));
        Box::new(BooleanQuery::union(vec![
            Box::new(ahead),
            Box::new(over),
            any_of(self.mode, &[NEVER.to_owned()]),
        ]))
    }
}

/// The offers of one segment, judged by one day.
#[derive(Clone)]
pub struct Offers {
    today: i64,
    from: Column<i64>,
    until: Column<i64>,
    fee: Column<i64>,
    royalty: Column<u64>,
}

impl Offers {
    pub fn open(segment: &SegmentReader, today: Day) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        Ok(Self {
            today: day_number(today),
            from: columns.i64(FROM)?,
            until: columns.i64(UNTIL)?,
            fee: columns.i64(FEE)?,
            royalty: columns.u64(ROYALTY)?,
        })
    }

    /// Can a licence be taken that day?
    pub fn stands(&self, doc: DocId) -> bool {
        self.from.first(doc).is_some_and(|from| from <= self.today)
            && self
                .until
                .first(doc)
                .is_some_and(|until| self.today <= until)
    }

    /// The place in the order by fee, smaller first: what stands, by fee and then by royalty; then the rest.
    pub fn rank(&self, doc: DocId) -> u64 {
        if !self.stands(doc) {
            return u64::MAX;
        }
        // One below the greatest, so that no fee reaches the place of those not on offer.
        let fee = self
            .fee
            .first(doc)
            .map_or(0, |fee| fee.clamp(0, i64::MAX - 1));
        fee.unsigned_abs() << 1 | u64::from(self.royalty.first(doc) == Some(1))
    }
}
