//! A weighted bag of terms as one tantivy query: BM25F over several fields, with a minimum of the counted
//! terms. Terms are added up one after the other, so that a score depends on the document and the question
//! alone, never on other filters or on the page.

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError, Term,
    fieldnorm::FieldNormReader,
    postings::Postings as _,
    query::{EnableScoring, Explanation, Query, Scorer, Weight},
    schema::IndexRecordOption,
};

const K1: f32 = 0.8;

/// A term in one field.
#[derive(Clone, Debug)]
pub struct Place {
    pub term: Term,
    pub boost: f32,
    /// How much a long field counts against a document, 0 to 1.
    pub length_penalty: f32,
    /// The field's mean length in tokens.
    pub mean_length: f32,
    pub frequencies: bool,
}

/// One thing asked for, wherever it may stand.
#[derive(Clone, Debug)]
pub struct Unit {
    pub places: Vec<Place>,
    /// Its weight in the score: rarity times importance.
    pub weight: f32,
    /// Does it count towards the minimum?
    pub counts: bool,
}

/// The bag: documents with at least `minimum` of the counted units, or any unit where none is counted.
#[derive(Clone, Debug)]
pub struct Bag {
    pub units: std::sync::Arc<Vec<Unit>>,
    pub minimum: u16,
}

impl Query for Bag {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(BagWeight {
            bag: self.clone(),
            scoring: scoring.is_scoring_enabled(),
        }))
    }
}

struct BagWeight {
    bag: Bag,
    scoring: bool,
}

impl Weight for BagWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut sums = Sums::new(reader.max_doc());
        let counted = self.bag.units.iter().any(|unit| unit.counts);
        for unit in self.bag.units.iter() {
            if self.scoring || unit.counts || !counted {
                sums.add(unit, reader, unit.counts || !counted)?;
            }
        }
        Ok(Box::new(sums.finish(self.bag.minimum.max(1), boost)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.seek(doc) == doc {
            Ok(Explanation::new("bag of terms", scorer.score()))
        } else {
            Err(TantivyError::InvalidArgument(format!(
                "document {doc} does not match"
            )))
        }
    }
}

/// Per document of a segment: the score so far, the counted units so far, and the unit being added.
struct Sums {
    score: Vec<f32>,
    counted: Vec<u16>,
    frequency: Vec<f32>,
    touched: Vec<DocId>,
}

impl Sums {
    fn new(max_doc: DocId) -> Self {
        let size = max_doc as usize;
        Self {
            score: vec![0.0; size],
            counted: vec![0; size],
            frequency: vec![0.0; size],
            touched: Vec::new(),
        }
    }

    fn add(&mut self, unit: &Unit, reader: &SegmentReader, counts: bool) -> tantivy::Result<()> {
        for place in &unit.places {
            self.gather(place, reader)?;
        }
        for doc in self.touched.drain(..) {
            let i = doc as usize;
            let frequency = std::mem::take(&mut self.frequency[i]);
            self.score[i] += unit.weight * frequency * (K1 + 1.0) / (frequency + K1);
            self.counted[i] += u16::from(counts);
        }
        Ok(())
    }

    fn gather(&mut self, place: &Place, reader: &SegmentReader) -> tantivy::Result<()> {
        let field = place.term.field();
        let record = if place.frequencies {
            IndexRecordOption::WithFreqs
        } else {
            IndexRecordOption::Basic
        };
        let Some(mut postings) = reader
            .inverted_index(field)?
            .read_postings(&place.term, record)?
        else {
            return Ok(());
        };
        let norms = if place.frequencies {
            Some(reader.get_fieldnorms_reader(field)?)
        } else {
            None
        };
        let penalties = penalties(place);
        while postings.doc() != TERMINATED {
            let doc = postings.doc();
            let share = norms.as_ref().map_or(place.boost, |norms| {
                let penalty = penalties[usize::from(norms.fieldnorm_id(doc))];
                place.boost * term_count(postings.term_freq()) / penalty
            });
            let sum = &mut self.frequency[doc as usize];
            if *sum == 0.0 {
                self.touched.push(doc);
            }
            *sum += share;
            postings.advance();
        }
        Ok(())
    }

    fn finish(self, minimum: u16, boost: f32) -> Matches {
        let enough = self
            .counted
            .iter()
            .enumerate()
            .filter(|(_, counted)| **counted >= minimum);
        let docs: Vec<DocId> = enough
            .filter_map(|(doc, _)| DocId::try_from(doc).ok())
            .collect();
        let scores = docs
            .iter()
            .map(|doc| self.score[*doc as usize] * boost)
            .collect();
        Matches {
            docs,
            scores,
            at: 0,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a term frequency is small")]
fn term_count(frequency: u32) -> f32 {
    frequency as f32
}

/// The divisor for every possible length of the field.
fn penalties(place: &Place) -> Vec<f32> {
    let b = place.length_penalty;
    let lengths = (0..=u8::MAX).map(FieldNormReader::id_to_fieldnorm);
    lengths
        .map(|length| 1.0 - b + b * term_count(length) / place.mean_length.max(1.0))
        .collect()
}

/// The matching documents of a segment, in order.
struct Matches {
    docs: Vec<DocId>,
    scores: Vec<f32>,
    at: usize,
}

impl DocSet for Matches {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let rest = self.docs.get(self.at..).unwrap_or_default();
        self.at += rest.partition_point(|doc| *doc < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.docs.len()).unwrap_or(u32::MAX)
    }
}

impl Scorer for Matches {
    fn score(&mut self) -> Score {
        self.scores.get(self.at).copied().unwrap_or(0.0)
    }
}
