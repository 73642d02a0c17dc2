//! The count of every target, three times: by the product from the bodies in the chain, by the product from the
//! tables, and slowly from the definitions; today, on other days, and by what was known before. They agree, and
//! what is shown is what is counted.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Break, broken,
    history::Books,
    line::{Indicators, Units, unit_key},
    recount::{self, Sums},
};
use crate::domain::{
    id::Id,
    indicator::{self, Count, Figures, Known, Metric, Target},
    time::Day,
};

/// What each target comes to on the day of the lines.
pub type Counts = BTreeMap<Id, (Figures, Vec<Units>)>;

/// The books by which is counted, each with its name.
pub struct Shelf<'a> {
    pub bodies: &'a Books,
    pub tables: &'a Books,
    pub earlier: &'a [(i64, Books)],
}

/// Counts everything everywhere; returns the counts of today and how many counts were compared.
pub fn agree(shelf: &Shelf, head: i64, as_of: Day) -> Result<(Counts, u64), Break> {
    let mut days = BTreeSet::from([as_of]);
    days.extend(spread(shelf.bodies));
    let mut books = vec![
        (format!("the chain up to change {head}"), shelf.bodies),
        ("the tables".to_owned(), shelf.tables),
    ];
    for (seq, books_then) in shelf.earlier {
        books.push((format!("the chain up to change {seq}"), books_then));
    }
    let (mut counts, mut compared) = (Counts::new(), 0);
    for (n, (name, books)) in books.iter().enumerate() {
        let known = books.known();
        for target in shelf.tables.targets.values() {
            for day in &days {
                let found = one(books, &known, target, *day, name)?;
                compared += 1;
                match n {
                    _ if *day != as_of => {}
                    0 => {
                        counts.insert(target.id.clone(), found);
                    }
                    1 if counts.get(&target.id) != Some(&found) => {
                        let what = "the chain and the tables give different counts";
                        return Err(broken(place(target), what));
                    }
                    _ => {}
                }
            }
        }
    }
    Ok((counts, compared))
}

/// The line of a target says what was counted.
pub fn shown(counts: &Counts, line: &Indicators) -> Result<(), Break> {
    let here = format!("targets/{}", line.target);
    let Some((figures, units)) = counts.get(&line.target) else {
        return Err(broken(here, "figures of a target that there is not"));
    };
    if line.figures != Indicators::figures_of(figures) {
        return Err(broken(here, "its figures are not those counted"));
    }
    for (shown, counted) in line.units.iter().zip(units) {
        if shown != counted {
            let differing = first_difference(&shown.keys, &counted.keys);
            return Err(broken(
                here,
                format!(
                    "{}: shown and counted differ in {differing}",
                    counted.metric
                ),
            ));
        }
    }
    if line.units.len() != units.len() {
        return Err(broken(here, "units of other metrics than are counted"));
    }
    Ok(())
}

/// Three days among those on which something took effect.
fn spread(books: &Books) -> BTreeSet<Day> {
    let declared = books.declarations.values().filter_map(|d| d.effective_on);
    let taken = books.licences.values().filter_map(|l| l.effective_on);
    let days: BTreeSet<Day> = declared.chain(taken).collect();
    let days: Vec<Day> = days.into_iter().collect();
    (1..4)
        .filter_map(|part| days.get(days.len() * part / 4).copied())
        .collect()
}

fn place(target: &Target) -> String {
    format!("targets/{}", target.id)
}

fn one(
    books: &Books,
    known: &Known,
    target: &Target,
    day: Day,
    name: &str,
) -> Result<(Figures, Vec<Units>), Break> {
    let count = indicator::count(known, target, day);
    let mut all = Vec::new();
    for metric in Metric::ALL {
        let of = |what: String| {
            let metric = metric.as_str();
            broken(
                place(target),
                format!("{metric} on {day} by {name}: {what}"),
            )
        };
        let quick = indicator::units(known, target, day, metric);
        let quick: Vec<String> = quick.iter().map(unit_key).collect();
        let slow = recount::units(books, target, day, metric);
        let slow_keys: Vec<String> = slow.iter().map(recount::Counted::key).collect();
        if quick != slow_keys {
            let differing = first_difference(&quick, &slow_keys);
            return Err(of(format!("count and recount differ in {differing}")));
        }
        if sums(&count, metric) != recount::sums(&slow) {
            return Err(of("the figures are not those of the units".into()));
        }
        all.push(Units {
            metric: metric.as_str().to_owned(),
            keys: quick,
        });
    }
    Ok((count.all, all))
}

/// The first unit that only one of them has.
fn first_difference(one: &[String], other: &[String]) -> String {
    let longest = one.len().max(other.len());
    let at = (0..longest).find(|n| one.get(*n) != other.get(*n));
    let pair = at.map(|n| (one.get(n), other.get(n)));
    match pair {
        Some((Some(left), Some(right))) => left.min(right).clone(),
        Some((Some(only), None) | (None, Some(only))) => only.clone(),
        _ => "nothing".into(),
    }
}

/// The product's figures of a metric, named as the recount names its own; empty ones are left out.
fn sums(count: &Count, metric: Metric) -> BTreeMap<String, Sums> {
    let all = std::iter::once(("all".to_owned(), &count.all));
    let parts = count.parts.iter().flat_map(|(part, split)| {
        let name = part.as_str();
        split
            .iter()
            .map(move |(key, f)| (format!("{name} {key}"), f))
    });
    all.chain(parts)
        .map(|(split, figures)| {
            let figure = figures.of(metric);
            (split, (figure.total, figure.free, figure.disputed))
        })
        .filter(|(_, sum)| sum.0 > 0)
        .collect()
}
