//! From a question to a query of the index. Each typed term asks for a share of its bigrams, the words only
//! add to the score; prose asks for what is rarest in it. Everything is bounded: terms, clauses, characters.

use std::{collections::BTreeMap, sync::Arc};

use tantivy::{
    Searcher, Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, Query, TermSetQuery,
    },
    schema::Field,
};

use super::{
    Error,
    analyzer::{self, Class},
    bag::{Bag, Place, Unit},
    pieces::{constant, phrase_in, union},
    schema::{Fields, Text},
    typed::{Clause, Number, Typed},
};
use crate::domain::{codes::Ipc, event::Noun, search::TextField};

/// Bigrams and words taken of one prose text, the rarest first.
const PROSE_GRAMS: usize = 96;
const PROSE_WORDS: usize = 32;

/// What each kind of evidence is worth, as `examples/evaluate.rs` measures it.
pub struct Weights {
    pub inner: f32,
    pub across: f32,
    pub stop: f32,
    pub word: f32,
}

pub const WEIGHTS: Weights = Weights {
    inner: 1.0,
    across: 1.0,
    stop: 0.4,
    word: 0.2,
};

/// Boost and length penalty of each text field.
const fn field_shape(field: TextField) -> (f32, f32) {
    match field {
        TextField::Title => (2.2, 0.5),
        TextField::Abstract => (1.0, 0.7),
        TextField::Claim => (0.5, 0.75),
        // Of one length whatever the patent, and few have one: its mean says nothing, so length does not count.
        TextField::Card => (1.2, 0.0),
        TextField::Names => (1.0, 0.3),
    }
}

/// A text field that is searched, its boost and length penalty.
#[derive(Clone, Copy)]
struct Looked {
    text: Text,
    shape: (f32, f32),
}

/// Builds queries against one snapshot of the index.
pub struct Compiler<'a> {
    pub searcher: &'a Searcher,
    pub fields: &'a Fields,
    /// The text fields of a patent looked at, names not included.
    pub texts: Vec<TextField>,
    pub names: bool,
    looked: Vec<Looked>,
    characters: Field,
    documents: f32,
    mean_lengths: BTreeMap<Field, f32>,
}

impl<'a> Compiler<'a> {
    /// Prepares the statistics of the fields that will be searched.
    pub fn new(
        searcher: &'a Searcher,
        fields: &'a Fields,
        only: Option<&[TextField]>,
    ) -> Result<Self, Error> {
        let wanted = |field: &TextField| only.is_none_or(|only| only.contains(field));
        let all = [
            TextField::Title,
            TextField::Abstract,
            TextField::Claim,
            TextField::Card,
        ];
        let texts: Vec<TextField> = all.into_iter().filter(wanted).collect();
        let looked = texts.iter().map(|field| Looked {
            text: fields.text(*field),
            shape: field_shape(*field),
        });
        let looked = looked.collect();
        let names = wanted(&TextField::Names);
        let characters = fields.characters;
        Self::over(searcher, fields, Noun::Patent, looked, characters).map(|compiler| Self {
            texts,
            names,
            ..compiler
        })
    }

    /// The same for needs: their titles and texts.
    pub fn of_needs(searcher: &'a Searcher, fields: &'a Fields) -> Result<Self, Error> {
        let looked = vec![
            Looked {
                text: fields.need.title,
                shape: field_shape(TextField::Title),
            },
            Looked {
                text: fields.need.text,
                shape: field_shape(TextField::Abstract),
            },
        ];
        Self::over(searcher, fields, Noun::Need, looked, fields.need.characters)
    }

    fn over(
        searcher: &'a Searcher,
        fields: &'a Fields,
        noun: Noun,
        looked: Vec<Looked>,
        characters: Field,
    ) -> Result<Self, Error> {
        let documents = searcher.doc_freq(&Term::from_field_text(fields.noun, noun.as_str()))?;
        let mut mean_lengths = BTreeMap::new();
        for field in &looked {
            for part in std::iter::once(field.text.bigrams).chain(field.text.words) {
                let mut tokens = 0;
                for segment in searcher.segment_readers() {
                    tokens += segment.inverted_index(part)?.total_num_tokens();
                }
                mean_lengths.insert(part, ratio(tokens, documents));
            }
        }
        Ok(Self {
            searcher,
            fields,
            texts: Vec::new(),
            names: false,
            looked,
            characters,
            documents: ratio(documents, 1),
            mean_lengths,
        })
    }

    /// The query of a whole question; `None` where it asks for everything.
    pub fn compile(&self, typed: &Typed) -> Result<Option<Box<dyn Query>>, Error> {
        match typed {
            Typed::Nothing => Ok(None),
            Typed::Numbers(numbers) => Ok(Some(self.numbers(numbers))),
            Typed::Prose(text) => Ok(Some(self.prose(text)?)),
            Typed::Expression { groups, without } => self.expression(groups, without),
        }
    }

    fn expression(
        &self,
        groups: &[Vec<Clause>],
        without: &[Clause],
    ) -> Result<Option<Box<dyn Query>>, Error> {
        let mut parts = Vec::new();
        for group in groups {
            let mut any = Vec::new();
            for clause in group {
                any.extend(self.clause(clause)?);
            }
            if !any.is_empty() {
                parts.push(union(any));
            }
        }
        let mut unwanted: Vec<Box<dyn Query>> = Vec::new();
        for clause in without {
            let (Clause::Term(text) | Clause::Phrase(text)) = clause;
            unwanted.extend(self.phrase(text));
        }
        if parts.is_empty() && unwanted.is_empty() {
            // Something was typed, but nothing that can be looked for.
            return Ok(Some(Box::new(EmptyQuery)));
        }
        let wanted: Box<dyn Query> = match parts.len() {
            0 => Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0)),
            1 => parts.remove(0),
            // Many terms are a description; one in four may be missing.
            n => {
                let needed = if n <= 3 { n } else { (n * 3).div_ceil(4) };
                Box::new(BooleanQuery::union_with_minimum_required_clauses(
                    parts, needed,
                ))
            }
        };
        let excluded = unwanted.into_iter().map(|query| (Occur::MustNot, query));
        Ok(Some(Box::new(BooleanQuery::new(
            std::iter::once((Occur::Must, wanted))
                .chain(excluded)
                .collect(),
        ))))
    }

    /// The ways in which one clause can be met; none where the text has nothing to look for.
    fn clause(&self, clause: &Clause) -> Result<Vec<Box<dyn Query>>, Error> {
        let text = match clause {
            Clause::Phrase(text) => return Ok(self.phrase(text).into_iter().collect()),
            Clause::Term(text) => text,
        };
        let mut ways: Vec<Box<dyn Query>> = Vec::new();
        let numbers = Number::read(text);
        if !numbers.is_empty() {
            ways.push(self.numbers(&numbers));
        }
        if (3..=11).contains(&text.chars().count())
            && let Ok(level) = Ipc::prefix(text)
        {
            ways.push(constant(
                Term::from_field_text(self.fields.ipc, &level),
                3.0,
            ));
        }
        let grams = analyzer::grams(text, false);
        let units = self.units(text, None)?;
        if !units.is_empty() {
            let counted = units.iter().filter(|unit| unit.counts).count();
            ways.push(Box::new(Bag {
                minimum: needed(counted, false),
                units: Arc::new(units),
            }));
        }
        if self.names
            && let Some(phrase) = phrase_in(self.fields.names.bigrams, &grams)
        {
            ways.push(Box::new(BoostQuery::new(phrase, 1.5)));
        }
        Ok(ways)
    }

    /// A bag of the rarest terms of a long text.
    fn prose(&self, text: &str) -> Result<Box<dyn Query>, Error> {
        let units = self.units(text, Some(PROSE_GRAMS))?;
        if units.is_empty() {
            return Ok(Box::new(EmptyQuery));
        }
        let counted = units.iter().filter(|unit| unit.counts).count();
        Ok(Box::new(Bag {
            minimum: needed(counted, true),
            units: Arc::new(units),
        }))
    }

    /// One unit per distinct term, weighted by rarity and by how often the text says it. With `most`, the
    /// text is prose: only so many of its bigrams, the rarest, and no reference signs.
    pub fn units(&self, text: &str, most: Option<usize>) -> Result<Vec<Unit>, Error> {
        let grams = analyzer::grams(text, true);
        let mut asked: BTreeMap<&str, (Class, bool, f32)> = BTreeMap::new();
        for gram in &grams {
            let known = asked
                .entry(&gram.text)
                .or_insert((gram.class, gram.stop, 0.0));
            known.2 += 1.0;
            if gram.class == Class::Inner {
                known.0 = Class::Inner;
                known.1 &= gram.stop;
            }
        }
        let only_stops = asked
            .values()
            .all(|(class, stop, _)| *stop || *class == Class::Across);
        let mut units = Vec::new();
        for (text, (class, stop, times)) in &asked {
            if most.is_some() && (is_reference_sign(text) || *class == Class::Lone) {
                continue;
            }
            let (worth, counts) = match class {
                Class::Across => (WEIGHTS.across, false),
                _ if *stop && !only_stops => (WEIGHTS.stop, false),
                Class::Lone | Class::Inner | Class::Alnum => (WEIGHTS.inner, true),
            };
            let places = if *class == Class::Lone {
                self.lone(text)
            } else {
                self.places(text, false)
            };
            units.push(self.unit(places, worth * repetition(*times), counts)?);
        }
        if let Some(most) = most {
            rarest(&mut units, most);
        }
        units.extend(self.words(text)?);
        Ok(units)
    }

    /// How rare a word is among the documents, where any has it.
    pub fn rarity(&self, word: &str) -> Result<Option<f32>, Error> {
        let mut frequency = 0;
        for place in self.places(word, true) {
            frequency = frequency.max(self.searcher.doc_freq(&place.term)?);
        }
        Ok((frequency > 0).then(|| (1.0 + self.documents / ratio(frequency, 1)).ln()))
    }

    /// Whole words: they add to the score and decide nothing.
    fn words(&self, text: &str) -> Result<Vec<Unit>, Error> {
        let words = analyzer::words(text);
        let mut said: BTreeMap<&str, f32> = BTreeMap::new();
        for word in words.iter().filter(|word| word.class != Class::Alnum) {
            *said.entry(&word.text).or_default() += 1.0;
        }
        let mut units = Vec::new();
        for (text, times) in said {
            units.push(self.unit(
                self.places(text, true),
                WEIGHTS.word * repetition(times),
                false,
            )?);
        }
        rarest(&mut units, PROSE_WORDS);
        Ok(units)
    }

    fn unit(&self, places: Vec<Place>, worth: f32, counts: bool) -> Result<Unit, Error> {
        let mut frequency = 0;
        for place in &places {
            frequency = frequency.max(self.searcher.doc_freq(&place.term)?);
        }
        let found = ratio(frequency, 1);
        let rarity = (1.0 + (self.documents - found + 0.5).max(0.0) / (found + 0.5)).ln();
        Ok(Unit {
            places,
            weight: worth * rarity,
            counts,
        })
    }

    fn places(&self, text: &str, as_word: bool) -> Vec<Place> {
        let place = |field: &Looked| {
            let text_field = field.text;
            let part = if as_word {
                text_field.words?
            } else {
                text_field.bigrams
            };
            let (boost, length_penalty) = field.shape;
            Some(Place {
                term: Term::from_field_text(part, text),
                boost,
                length_penalty,
                mean_length: self.mean_lengths.get(&part).copied().unwrap_or(1.0),
                frequencies: true,
            })
        };
        self.looked.iter().filter_map(place).collect()
    }

    /// A character on its own is looked for among the single characters, inside words too.
    fn lone(&self, text: &str) -> Vec<Place> {
        let term = Term::from_field_text(self.characters, text);
        vec![Place {
            term,
            boost: 1.0,
            length_penalty: 0.0,
            mean_length: 1.0,
            frequencies: false,
        }]
    }

    fn numbers(&self, numbers: &[Number]) -> Box<dyn Query> {
        let terms = numbers.iter().map(|number| match number {
            Number::Application(number) => {
                Term::from_field_text(self.fields.number, number.as_str())
            }
            Number::Publication(text) => Term::from_field_text(self.fields.other_numbers, text),
        });
        Box::new(ConstScoreQuery::new(
            Box::new(TermSetQuery::new(terms)),
            20.0,
        ))
    }

    /// The text as it stands, in any of the fields searched.
    fn phrase(&self, text: &str) -> Option<Box<dyn Query>> {
        let grams = analyzer::grams(text, false);
        if let [only] = grams.as_slice()
            && only.class == Class::Lone
        {
            return Some(constant(
                Term::from_field_text(self.characters, &only.text),
                1.0,
            ));
        }
        let texts = self.looked.iter().map(|field| field.text.bigrams);
        let fields = texts.chain(self.names.then_some(self.fields.names.bigrams));
        let ways: Vec<Box<dyn Query>> = fields
            .filter_map(|field| phrase_in(field, &grams))
            .collect();
        (!ways.is_empty()).then(|| union(ways))
    }
}

/// How many of the counted terms a document must have: all of three, then three of four, then half. Prose is
/// not a condition; two of its terms are enough to be compared.
fn needed(counted: usize, prose: bool) -> u16 {
    let share = match counted {
        _ if prose => counted.div_ceil(5).min(2),
        0..=3 => counted,
        4..=6 => (counted * 3).div_ceil(4),
        _ => counted.div_ceil(2),
    };
    u16::try_from(share.max(1)).unwrap_or(u16::MAX)
}

/// Drawings are full of them: `1`, `12`, `12a`.
fn is_reference_sign(text: &str) -> bool {
    text.len() <= 3 && text.starts_with(|c: char| c.is_ascii_digit())
}

fn repetition(times: f32) -> f32 {
    1.0 + 0.5 * times.ln()
}

fn rarest(units: &mut Vec<Unit>, limit: usize) {
    units.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    units.truncate(limit);
}

#[expect(
    clippy::cast_precision_loss,
    reason = "statistics need no more than 24 bits"
)]
fn ratio(numerator: u64, denominator: u64) -> f32 {
    numerator as f32 / denominator.max(1) as f32
}
