//! The small queries that every question is put together from.

use tantivy::{
    Term,
    query::{BooleanQuery, ConstScoreQuery, PhraseQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::analyzer::{Class, Gram};

/// The grams side by side in one field. A lone character next to something else is left out: the document
/// may write it inside a longer run.
pub fn phrase_in(field: Field, grams: &[Gram]) -> Option<Box<dyn Query>> {
    let term = |gram: &Gram| (gram.position, Term::from_field_text(field, &gram.text));
    let telling: Vec<(usize, Term)> = grams
        .iter()
        .filter(|gram| gram.class != Class::Lone)
        .take(64)
        .map(term)
        .collect();
    match telling.as_slice() {
        [] => grams.first().map(|gram| constant(term(gram).1, 1.0)),
        [(_, only)] => Some(Box::new(TermQuery::new(
            only.clone(),
            IndexRecordOption::WithFreqs,
        ))),
        _ => Some(Box::new(PhraseQuery::new_with_offset(telling))),
    }
}

pub fn union(mut ways: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    if ways.len() == 1 {
        ways.remove(0)
    } else {
        Box::new(BooleanQuery::union(ways))
    }
}

/// All documents with a term, at one and the same score.
pub fn constant(term: Term, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(
        Box::new(TermQuery::new(term, IndexRecordOption::Basic)),
        score,
    ))
}
