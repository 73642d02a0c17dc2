//! Patents that belong together: the same invention as 发明 and 实用新型 (同样的发明创造, 专利法第九条; 实施细则第四十七条),
//! and a division of an earlier application (分案, 实施细则第四十八条), which keeps its filing day. Told by the records
//! alone: parties, days, kinds and words; nothing is recorded, so nothing can be out of date.

use std::collections::HashMap;

use super::{
    party::name_key,
    patent::{Patent, PatentKind},
    words::words,
};

words! {
    /// How another patent is related to this one.
    pub enum Relation {
        /// The same applicant filed the same invention as invention and as utility model on the same day
        Twin = "twin", "同样的发明创造（发明与实用新型）", "Same invention, filed as invention and utility model";
        /// 分案: divided from this application, or from a common parent
        Division = "division", "分案", "Divisional application";
    }
}

/// A relation, and whether the records prove it as far as records can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinship {
    pub relation: Relation,
    /// Both filing days are known and equal; otherwise only title, parties and year agree.
    pub certain: bool,
}

/// How alike two texts must be to tell of the same invention, in per cent of their pairs of characters.
const ALIKE: usize = 60;

/// What `other` is to `patent`; `None` where nothing speaks for a relation.
pub fn kinship(patent: &Patent, other: &Patent) -> Option<Kinship> {
    if patent.number == other.number || !share_a_party(patent, other) {
        return None;
    }
    let certain = match (patent.filing_date, other.filing_date) {
        (Some(one), Some(two)) if one != two => return None,
        (Some(_), Some(_)) => true,
        _ => false,
    };
    let years = [patent.number.year(), other.number.year()];
    let relation = match (patent.kind, other.kind) {
        (PatentKind::Invention, PatentKind::UtilityModel)
        | (PatentKind::UtilityModel, PatentKind::Invention)
            if years[0] == years[1] =>
        {
            Relation::Twin
        }
        // A division is numbered in the year in which it is divided, and keeps the day of its parent.
        (one, two) if one == two && certain && years.iter().any(|year| divided(patent, *year)) => {
            Relation::Division
        }
        _ => return None,
    };
    let same_title = name_key(&patent.title) == name_key(&other.title);
    let told = if certain {
        same_title || tell_the_same(patent, other)
    } else {
        same_title
    };
    told.then_some(Kinship { relation, certain })
}

fn divided(patent: &Patent, year: i16) -> bool {
    patent.filing_date.is_some_and(|filed| year > filed.year())
}

fn share_a_party(patent: &Patent, other: &Patent) -> bool {
    let names = |of: &Patent| -> Vec<String> {
        let all = of.applicants.iter().chain(&of.owners);
        all.map(|name| name_key(name)).collect()
    };
    let theirs = names(other);
    names(patent).iter().any(|name| theirs.contains(name))
}

/// Do abstracts, or where one is wanting titles, share most of their pairs of characters?
fn tell_the_same(patent: &Patent, other: &Patent) -> bool {
    match (&patent.abstract_text, &other.abstract_text) {
        (Some(one), Some(two)) => alike(one, two) >= ALIKE,
        _ => alike(&patent.title, &other.title) >= ALIKE,
    }
}

/// The share of common pairs of neighbouring characters among all of both (Dice's coefficient), in per cent.
fn alike(one: &str, two: &str) -> usize {
    let (one, two) = (pairs(one), pairs(two));
    let all: usize = one.values().chain(two.values()).sum();
    let common: usize = one
        .iter()
        .map(|(pair, count)| two.get(pair).map_or(0, |other| *count.min(other)))
        .sum();
    (200 * common).checked_div(all).unwrap_or(0)
}

fn pairs(text: &str) -> HashMap<(char, char), usize> {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut pairs = HashMap::new();
    for pair in letters.windows(2) {
        *pairs.entry((pair[0], pair[1])).or_default() += 1;
    }
    pairs
}
