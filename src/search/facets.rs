//! Counting values over a segment's columns, and naming them.

use std::collections::HashMap;

use tantivy::{DocId, SegmentReader, columnar::StrColumn};

use super::{document::LABEL, offers::Offers, schema};
use crate::domain::{
    holding::Conversion,
    patent::{LegalStatus, PatentKind},
    search::{Bucket, Facet, FacetField, OfferStanding},
    terms::FeeMode,
};

/// Counts one facet in one segment, by the segment's own ordinals or, for `offer`, by the places of
/// [`OfferStanding`].
pub struct Counter {
    facet: FacetField,
    column: Option<StrColumn>,
    /// Where what counts depends on the day.
    offers: Option<Offers>,
    by_ordinal: Vec<u32>,
}

impl Counter {
    pub fn open(
        facet: FacetField,
        segment: &SegmentReader,
        offers: &Offers,
    ) -> tantivy::Result<Self> {
        let column = match schema::facet_column(facet) {
            Some(name) => segment.fast_fields().str(name)?,
            None => None,
        };
        let terms = column.as_ref().map_or(0, |column| column.num_terms());
        let (by_day, values) = match facet {
            FacetField::Offer => (true, OfferStanding::ALL.len()),
            FacetField::FeeMode => (true, terms),
            _ => (false, terms),
        };
        Ok(Self {
            facet,
            column,
            offers: by_day.then(|| offers.clone()),
            by_ordinal: vec![0; values],
        })
    }

    pub fn count(&mut self, doc: DocId) {
        let stands = self.offers.as_ref().is_none_or(|offers| offers.stands(doc));
        if self.facet == FacetField::Offer {
            self.by_ordinal[usize::from(!stands)] += 1;
            return;
        }
        if !stands {
            return;
        }
        if let Some(column) = &self.column {
            for ordinal in column.ords().values_for_doc(doc) {
                if let Some(count) = usize::try_from(ordinal)
                    .ok()
                    .and_then(|i| self.by_ordinal.get_mut(i))
                {
                    *count += 1;
                }
            }
        }
    }

    /// Turns ordinals into values; a segment whose dictionary cannot be read counts nothing.
    pub fn finish(self) -> Counts {
        let mut counts = Counts::new(self.facet);
        if self.facet == FacetField::Offer {
            for (standing, count) in OfferStanding::ALL.into_iter().zip(self.by_ordinal) {
                if count > 0 {
                    counts.add(standing.as_str(), "", u64::from(count));
                }
            }
            return counts;
        }
        let Some(column) = self.column else {
            return counts;
        };
        let mut text = String::new();
        for (ordinal, count) in self
            .by_ordinal
            .into_iter()
            .enumerate()
            .filter(|(_, count)| *count > 0)
        {
            text.clear();
            if column
                .ord_to_str(ordinal as u64, &mut text)
                .unwrap_or(false)
            {
                let (value, label) = text.split_once(LABEL).unwrap_or((&text, ""));
                counts.add(value, label, u64::from(count));
            }
        }
        counts
    }
}

/// The counts of one facet by value, with the label of the most frequent writing.
pub struct Counts {
    facet: FacetField,
    by_value: HashMap<String, (u64, u64, String)>,
}

impl Counts {
    pub fn new(facet: FacetField) -> Self {
        Self {
            facet,
            by_value: HashMap::new(),
        }
    }

    fn add(&mut self, value: &str, label: &str, count: u64) {
        let known = self.by_value.entry(value.to_owned()).or_default();
        known.0 += count;
        if (count, label) > (known.1, known.2.as_str()) {
            (known.1, known.2) = (count, label.to_owned());
        }
    }

    pub fn merge(&mut self, other: Self) {
        for (value, (count, _, label)) in other.by_value {
            self.add(&value, &label, count);
        }
    }

    /// The largest buckets, with labels.
    pub fn into_facet(self, size: usize) -> Facet {
        let facet = self.facet;
        let named = self.by_value.into_iter().map(|(value, (count, _, label))| {
            let label = label_of(facet, &value).unwrap_or(if label.is_empty() {
                value.clone()
            } else {
                label
            });
            Bucket {
                value,
                label,
                count,
            }
        });
        let mut buckets: Vec<Bucket> = named.collect();
        buckets.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        buckets.truncate(size);
        Facet {
            field: facet,
            buckets,
        }
    }
}

fn label_of(facet: FacetField, value: &str) -> Option<String> {
    let label = match facet {
        FacetField::Kind => PatentKind::parse(value)?.zh(),
        FacetField::LegalStatus => LegalStatus::parse(value)?.zh(),
        FacetField::Conversion => Conversion::parse(value)?.zh(),
        FacetField::Offer => OfferStanding::parse(value)?.zh(),
        FacetField::FeeMode => FeeMode::parse(value)?.zh(),
        _ => return None,
    };
    Some(label.to_owned())
}
