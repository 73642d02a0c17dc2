//! Patents like a given one: its rarest terms and its classes.

use std::sync::Arc;

use tantivy::{
    Term,
    query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery},
    schema::IndexRecordOption,
};

use super::{
    Error,
    bag::{Bag, Unit},
    document::Stored,
    pieces::constant,
    query::Compiler,
};
use crate::domain::search::TextField;

/// Bigrams taken of a patent, the rarest first.
const GRAMS: usize = 72;

/// What two patents gain by sharing a class, by level from the subclass down.
const CLASS_WORTH: [(usize, f32); 3] = [(2, 2.0), (3, 2.0), (4, 2.0)];

/// The query for patents like `stored`, itself excluded.
pub fn compile(compiler: &Compiler<'_>, stored: &Stored) -> Result<Box<dyn Query>, Error> {
    let fields = compiler.fields;
    let mut text = String::new();
    for field in &compiler.texts {
        let part = match field {
            TextField::Title => Some(stored.title.as_str()),
            TextField::Abstract => stored.abstract_text.as_deref(),
            // Where there is an abstract, it says the same in fewer words.
            TextField::Claim if stored.abstract_text.is_none() => stored.claim.as_deref(),
            // A card is its holder's praise, not what the patent is about.
            TextField::Claim | TextField::Card | TextField::Names => None,
        };
        text.extend(part.into_iter().flat_map(|part| [part, "\n"]));
    }
    let text: String = text.chars().take(1_500).collect();
    let units: Vec<Unit> = compiler.units(&text, Some(GRAMS))?;
    let counted = units.iter().filter(|unit| unit.counts).count();
    let minimum = u16::try_from(counted / 8).unwrap_or(u16::MAX);
    let mut parts: Vec<(Occur, Box<dyn Query>)> = vec![(
        Occur::Must,
        Box::new(Bag {
            units: Arc::new(units),
            minimum,
        }),
    )];
    let mut levels = std::collections::BTreeMap::new();
    for symbol in &stored.ipc {
        let of_symbol = symbol.levels();
        for (depth, worth) in CLASS_WORTH {
            if let Some(level) = of_symbol.get(depth) {
                levels.insert((*level).to_owned(), worth);
            }
        }
    }
    for (level, worth) in levels {
        parts.push((
            Occur::Should,
            constant(Term::from_field_text(fields.ipc, &level), worth),
        ));
    }
    let itself = Term::from_field_text(fields.number, stored.number.as_str());
    parts.push((
        Occur::MustNot,
        Box::new(TermQuery::new(itself, IndexRecordOption::Basic)),
    ));
    Ok(Box::new(BoostQuery::new(
        Box::new(BooleanQuery::new(parts)),
        1.0,
    )))
}
