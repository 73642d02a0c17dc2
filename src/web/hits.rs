//! A hit as a list shows it: the words that were asked for marked, the facts in plain words, every name a link.

use super::{address::search_for, visitor::Visitor, words};
use crate::domain::{
    codes::Ipc,
    search::{Highlight, Hit, Span, TextField},
    text::Text,
    time::Day,
};

/// IPC symbols and names shown in a list, at most.
const SHOWN: usize = 4;

/// A stretch of text, marked or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub marked: bool,
}

/// A name or symbol that leads to a search.
#[derive(Clone, Debug)]
pub struct Named {
    pub pieces: Vec<Piece>,
    pub href: String,
}

/// One line of a list.
pub struct HitView {
    pub href: String,
    pub title: Vec<Piece>,
    pub kind: &'static str,
    pub fictional: bool,
    pub number_name: Text,
    pub number: String,
    pub status: &'static str,
    pub filed: Option<String>,
    pub term: Text,
    /// The open licence that can be taken today.
    pub offer: Option<Text>,
    /// Of its card: what it solves, or the passage with the words, and its products.
    pub card: Option<(Vec<Piece>, String)>,
    /// The abstract's or the claim's passage.
    pub passage: Vec<Piece>,
    /// The passage is from the claim.
    pub is_claim: bool,
    /// Owners, or applicants where no owner is known.
    pub names: Vec<Named>,
    pub more_names: usize,
    pub owned: bool,
    /// Other names in which words were found.
    pub also: Vec<Vec<Piece>>,
    pub holders: Vec<Named>,
    pub ipc: Vec<Named>,
    /// What the main class is called.
    pub class: Option<String>,
    pub more_ipc: usize,
}

impl HitView {
    pub fn of(hit: &Hit, visitor: &Visitor, today: Day) -> Self {
        let marks = &hit.highlights;
        let owned = !hit.owners.is_empty();
        let people = if owned { &hit.owners } else { &hit.applicants };
        let names = people.iter().take(SHOWN);
        let holders = hit.holders.iter().map(|holder| Named {
            pieces: name(&holder.name, marks),
            href: search_for("holder", &holder.id.to_string()),
        });
        let (passage, is_claim) = passage(hit);
        let (number_name, number) = words::number(hit.legal_status, &hit.number);
        Self {
            href: format!("/patents/{}", hit.number),
            title: find(marks, TextField::Title).map_or_else(|| plain(&hit.title), pieces),
            kind: words::kind(hit.kind, visitor.lang),
            fictional: hit.fictional,
            number_name,
            number,
            status: words::status(hit.legal_status, visitor.lang),
            filed: hit.filing_date.map(|day| day.to_string()),
            term: words::term(hit.legal_status, hit.expires_on, today),
            offer: hit.offer.as_ref().map(words::offer),
            card: hit.card.as_ref().map(|card| {
                let said = find(marks, TextField::Card);
                let said = said.map_or_else(|| plain(&card.problem), pieces);
                (said, card.products.join("、"))
            }),
            passage,
            is_claim,
            names: names.map(|text| applicant(text, marks)).collect(),
            more_names: people.len().saturating_sub(SHOWN),
            owned,
            also: also(hit),
            holders: holders.collect(),
            ipc: hit.ipc.iter().take(SHOWN).map(symbol).collect(),
            class: hit
                .ipc
                .first()
                .and_then(|main| visitor.names.ipc(main))
                .map(|entry| visitor.called(entry).to_owned()),
            more_ipc: hit.ipc.len().saturating_sub(SHOWN),
        }
    }
}

/// The best passage: marked abstract, marked claim, or the abstract's beginning.
fn passage(hit: &Hit) -> (Vec<Piece>, bool) {
    let marks = &hit.highlights;
    if let Some(found) = find(marks, TextField::Abstract) {
        return (pieces(found), false);
    }
    if let Some(found) = find(marks, TextField::Claim) {
        return (pieces(found), true);
    }
    (hit.snippet.as_deref().map_or_else(Vec::new, plain), false)
}

fn find(marks: &[Highlight], field: TextField) -> Option<&Highlight> {
    marks.iter().find(|mark| mark.field == field)
}

fn applicant(text: &str, marks: &[Highlight]) -> Named {
    Named {
        pieces: name(text, marks),
        href: search_for("applicant", text),
    }
}

fn symbol(ipc: &Ipc) -> Named {
    Named {
        pieces: plain(ipc.as_str()),
        href: search_for("ipc", ipc.as_str()),
    }
}

fn name(text: &str, marks: &[Highlight]) -> Vec<Piece> {
    let mut names = marks.iter().filter(|mark| mark.field == TextField::Names);
    names
        .find(|mark| mark.text == text)
        .map_or_else(|| plain(text), pieces)
}

/// Marked names that the line does not show anyway, such as inventors.
fn also(hit: &Hit) -> Vec<Vec<Piece>> {
    let shown = |text: &String| {
        hit.owners.contains(text)
            || hit.applicants.contains(text)
            || hit.holders.iter().any(|holder| holder.name == *text)
    };
    let names = hit
        .highlights
        .iter()
        .filter(|mark| mark.field == TextField::Names && !shown(&mark.text));
    names.take(SHOWN).map(pieces).collect()
}

/// Unmarked text.
pub fn plain(text: &str) -> Vec<Piece> {
    vec![Piece {
        text: text.to_owned(),
        marked: false,
    }]
}

/// Cuts a highlight at its marks. Spans outside the text or out of order mark nothing.
pub fn pieces(highlight: &Highlight) -> Vec<Piece> {
    let characters: Vec<char> = highlight.text.chars().collect();
    let mut cut = Vec::new();
    let mut at = 0;
    let mut push = |from: usize, to: usize, marked: bool| {
        if let Some(part) = characters.get(from..to).filter(|part| !part.is_empty()) {
            let text = part.iter().collect();
            cut.push(Piece { text, marked });
        }
    };
    for Span { start, end } in &highlight.spans {
        if *start >= at && start < end && *end <= characters.len() {
            push(at, *start, false);
            push(*start, *end, true);
            at = *end;
        }
    }
    push(at, characters.len(), false);
    cut
}
