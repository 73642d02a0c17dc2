//! Counting values over a segment's columns, and naming them.

use std::collections::HashMap;

use tantivy::{DocId, SegmentReader, columnar::StrColumn};

use super::{document::LABEL, schema};
use crate::domain::{
    codes::region,
    holding::Conversion,
    patent::{LegalStatus, PatentKind},
    search::{Bucket, Facet, FacetField},
};

/// Counts one facet in one segment, by the segment's own ordinals.
pub struct Counter {
    facet: FacetField,
    column: Option<StrColumn>,
    by_ordinal: Vec<u32>,
}

impl Counter {
    pub fn open(facet: FacetField, segment: &SegmentReader) -> tantivy::Result<Self> {
        let column = segment.fast_fields().str(schema::facet_column(facet))?;
        let terms = column.as_ref().map_or(0, |column| column.num_terms());
        Ok(Self {
            facet,
            column,
            by_ordinal: vec![0; terms],
        })
    }

    pub fn count(&mut self, doc: DocId) {
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
        FacetField::Region => region::name_of(value)?,
        _ => return None,
    };
    Some(label.to_owned())
}
