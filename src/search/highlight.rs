//! Where the question's words stand in a hit. The shown text is analysed again, so the marks fall on the
//! characters as the source writes them, whatever their width or script.

use std::collections::HashSet;

use super::{
    analyzer::{self, Class},
    document::Stored,
    typed::{Clause, Typed},
};
use crate::domain::{
    card::CardContent,
    search::{Highlight, Span, TextField},
};

/// The length of a fragment of abstract or claim, in characters.
const FRAGMENT_CHARS: usize = 160;
/// Characters shown before the first mark of a fragment.
const LEAD_CHARS: usize = 20;

/// The terms to mark.
pub struct Marker {
    grams: HashSet<String>,
    characters: HashSet<char>,
}

impl Marker {
    /// Collects what the question asked for, not what it excluded.
    pub fn new(typed: &Typed) -> Self {
        let mut marker = Self {
            grams: HashSet::new(),
            characters: HashSet::new(),
        };
        match typed {
            Typed::Nothing | Typed::Numbers(_) => {}
            Typed::Prose(text) => marker.add(text, true),
            Typed::Expression { groups, .. } => {
                for clause in groups.iter().flatten() {
                    match clause {
                        Clause::Term(text) => marker.add(text, false),
                        Clause::Phrase(text) => marker.add_all(text),
                    }
                }
            }
        }
        marker
    }

    /// Marks these words wherever they stand.
    pub fn of_words(words: &[String]) -> Self {
        let mut marker = Self {
            grams: HashSet::new(),
            characters: HashSet::new(),
        };
        for word in words {
            marker.add_all(word);
        }
        marker
    }

    fn add(&mut self, text: &str, prose: bool) {
        let grams = analyzer::grams(text, true);
        let alone = grams
            .iter()
            .all(|gram| gram.stop || gram.class == Class::Across);
        let mut marked = Vec::new();
        for gram in grams {
            match gram.class {
                Class::Lone if !prose => self.characters.extend(gram.text.chars()),
                Class::Inner | Class::Alnum if alone || !gram.stop => marked.push(gram.text),
                // What is typed together is marked together: `导热膜`, not only `导热`.
                Class::Across if !prose && !gram.stop => marked.push(gram.text),
                _ => {}
            }
        }
        marked.retain(|text| !prose || text.chars().count() > 1);
        self.grams.extend(marked);
    }

    fn add_all(&mut self, text: &str) {
        for gram in analyzer::grams(text, false) {
            if gram.class == Class::Lone {
                self.characters.extend(gram.text.chars());
            } else {
                self.grams.insert(gram.text);
            }
        }
    }

    /// The marked fields of a record.
    pub fn mark(&self, stored: &Stored) -> Vec<Highlight> {
        if self.grams.is_empty() && self.characters.is_empty() {
            return Vec::new();
        }
        let card = stored.card.as_ref().map(CardContent::words);
        let texts = [
            (TextField::Title, Some(stored.title.as_str()), false),
            (TextField::Abstract, stored.abstract_text.as_deref(), true),
            (TextField::Claim, stored.claim.as_deref(), true),
            (TextField::Card, card.as_deref(), true),
        ];
        let holders = stored.holders.iter().map(|holder| &holder.name);
        let names: std::collections::BTreeSet<&String> = stored
            .applicants
            .iter()
            .chain(&stored.owners)
            .chain(&stored.inventors)
            .chain(holders)
            .collect();
        let texts = texts
            .into_iter()
            .filter_map(|(field, text, cut)| Some((field, text?, cut)));
        let names = names
            .into_iter()
            .map(|name| (TextField::Names, name.as_str(), false));
        texts
            .chain(names)
            .filter_map(|(field, text, cut)| self.field(field, text, cut))
            .collect()
    }

    pub fn field(&self, field: TextField, text: &str, cut: bool) -> Option<Highlight> {
        let spans = self.spans(text);
        let first = spans.first()?;
        let length = text.chars().count();
        if !cut || length <= FRAGMENT_CHARS {
            return Some(Highlight {
                field,
                text: text.to_owned(),
                spans,
            });
        }
        let from = best_window(&spans)
            .unwrap_or(first.start)
            .saturating_sub(LEAD_CHARS);
        let from = from.min(length - FRAGMENT_CHARS);
        let to = from + FRAGMENT_CHARS;
        let inside = spans
            .into_iter()
            .filter(|span| span.start < to && span.end > from);
        let shift = |span: Span| Span {
            start: span.start.max(from) - from,
            end: span.end.min(to) - from,
        };
        let fragment = text.chars().skip(from).take(FRAGMENT_CHARS).collect();
        Some(Highlight {
            field,
            text: fragment,
            spans: inside.map(shift).collect(),
        })
    }

    /// All marks of a text, joined where they touch.
    fn spans(&self, text: &str) -> Vec<Span> {
        let mut marked: Vec<Span> = Vec::new();
        if !self.characters.is_empty() {
            for (at, c) in text.chars().enumerate() {
                let folded = analyzer::fold(c.encode_utf8(&mut [0; 4]));
                if folded
                    .iter()
                    .any(|folded| self.characters.contains(&folded.ch))
                {
                    marked.push(Span {
                        start: at,
                        end: at + 1,
                    });
                }
            }
        }
        for gram in analyzer::grams(text, false) {
            if self.grams.contains(&gram.text) {
                marked.push(Span {
                    start: gram.start,
                    end: gram.end,
                });
            }
        }
        marked.sort_unstable_by_key(|span| (span.start, span.end));
        let mut joined: Vec<Span> = Vec::with_capacity(marked.len());
        for span in marked {
            match joined.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => joined.push(span),
            }
        }
        joined
    }
}

/// The start of the stretch with the most marked characters.
fn best_window(spans: &[Span]) -> Option<usize> {
    let reach = FRAGMENT_CHARS - LEAD_CHARS;
    let marked = |start: usize| {
        let inside = spans
            .iter()
            .filter(|span| span.start >= start && span.end <= start + reach);
        inside.map(|span| span.end - span.start).sum::<usize>()
    };
    spans
        .iter()
        .take(200)
        .map(|span| span.start)
        .max_by_key(|start| (marked(*start), std::cmp::Reverse(*start)))
}
