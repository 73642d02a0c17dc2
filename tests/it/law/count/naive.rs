//! The slow and naive counter: for every figure a loop over everything that could be counted, by the definitions.

use std::collections::{BTreeMap, BTreeSet};

use kaixu::domain::{
    codes::AppNo,
    declaration::DeclarationState as State,
    id::Id,
    indicator::{Known, Metric, Side, Target},
    licence::{EvidenceKind as Kind, LicenceState, Licensee, Verdict},
    terms::Terms,
    time::Day,
};

use crate::law::fixtures::lump_sum;

/// What a unit is counted by, in the order in which the first of its kind is chosen: the day, the patent, the
/// licensee, the declaration, the licence; then what is shown of it.
pub type Row = (
    Day,
    AppNo,
    Option<Id>,
    Id,
    Option<Id>,
    (bool, bool, Id, String, String),
);

/// Everything that one figure could count, by the definitions alone.
fn rows(known: &Known, target: &Target, as_of: Day, metric: Metric) -> BTreeSet<Row> {
    let local = |id: &Id| {
        known
            .seats
            .get(id)
            .is_some_and(|seat| seat.district == target.district)
    };
    let town = |id: Option<&Id>| {
        let seat = id.and_then(|id| known.seats.get(id));
        seat.and_then(|seat| seat.town.clone()).unwrap_or_default()
    };
    let within = |on: Day| target.from <= on && on <= target.to && on <= as_of;
    let mut rows = BTreeSet::new();
    for declaration in &known.declarations {
        let never = [
            State::Draft,
            State::Ready,
            State::Submitted,
            State::Refused,
            State::Void,
        ];
        let division: String = declaration
            .industry
            .iter()
            .flat_map(|code| code.chars())
            .take(3)
            .collect();
        if matches!(metric, Metric::M1 | Metric::M2) {
            let Some(on) = declaration.effective_on else {
                continue;
            };
            let offered = on <= as_of
                && as_of <= declaration.until
                && declaration.ended_on.is_none_or(|end| as_of < end);
            if never.contains(&declaration.state)
                || declaration.sources.is_empty()
                || !local(&declaration.organisation)
                || !within(on)
                || (metric == Metric::M2 && !offered)
            {
                continue;
            }
            let free = declaration.terms == Terms::Free;
            let holder = declaration.organisation.clone();
            let where_it_sits = town(Some(&holder));
            let shown = (free, false, holder, division, where_it_sits);
            rows.insert((
                on,
                declaration.number.clone(),
                None,
                declaration.id.clone(),
                None,
                shown,
            ));
            continue;
        }
        for licence in known
            .licences
            .iter()
            .filter(|licence| licence.declaration == declaration.id)
        {
            let has = |kind: Kind| licence.evidence.iter().any(|paper| paper.kind == kind);
            let paid = licence.terms != lump_sum(100) || has(Kind::Voucher) || has(Kind::Receipt);
            let proved =
                (licence.filing.is_some() && has(Kind::Filing)) || (has(Kind::Notice) && paid);
            let taker = match &licence.licensee {
                Licensee::Organisation(id) => local(id),
                Licensee::Individual(_) => false,
            };
            let by_taker = metric == Metric::M6 || target.side == Side::Licensee;
            let ours = if by_taker {
                taker
            } else {
                local(&licence.holder)
            };
            let (Some(effect), LicenceState::Effective) = (licence.effective_on, licence.state)
            else {
                continue;
            };
            let on = match (metric, &licence.filing) {
                (Metric::M5, Some(filing)) => filing.on,
                (Metric::M5, None) => continue,
                _ => effect,
            };
            if proved && ours && within(on) && !declaration.sources.is_empty() {
                let who = licence.licensee.id().clone();
                let disputed = licence
                    .response
                    .as_ref()
                    .is_some_and(|r| r.verdict == Verdict::Disputed);
                let free = licence.terms == Terms::Free;
                let shown = (
                    free,
                    disputed,
                    declaration.organisation.clone(),
                    division.clone(),
                    if by_taker {
                        town(licence.licensee.organisation())
                    } else {
                        town(Some(&licence.holder))
                    },
                );
                let (of, by) = (declaration.id.clone(), Some(licence.id.clone()));
                rows.insert((on, declaration.number.clone(), Some(who), of, by, shown));
            }
        }
    }
    rows
}

/// The first of each kind: per patent, per patent and licensee, or (filings) every one.
pub fn chosen(known: &Known, target: &Target, as_of: Day, metric: Metric) -> Vec<Row> {
    let mut seen = BTreeSet::new();
    let key = |row: &Row| match metric {
        Metric::M1 | Metric::M2 | Metric::M4 => (row.1.clone(), None, None),
        Metric::M3 | Metric::M6 => (row.1.clone(), row.2.clone(), None),
        Metric::M5 => (row.1.clone(), row.2.clone(), row.4.clone()),
    };
    let rows = rows(known, target, as_of, metric).into_iter();
    rows.filter(|row| seen.insert(key(row))).collect()
}

/// Total, free and disputed by table, line and figure.
pub type Sheet = BTreeMap<(&'static str, String, Metric), [i64; 3]>;

pub fn sheet(known: &Known, target: &Target, as_of: Day) -> Sheet {
    let mut sheet = Sheet::new();
    for metric in Metric::ALL {
        for (on, number, .., (free, disputed, holder, division, town)) in
            chosen(known, target, as_of, metric)
        {
            for (table, line) in [
                ("all", String::new()),
                ("month", on.to_string()[..7].to_owned()),
                ("holder", holder.to_string()),
                ("industry", division),
                ("town", town),
                ("type", number.kind().as_str().to_owned()),
                ("charge", if free { "free" } else { "paid" }.to_owned()),
            ] {
                let figure = sheet.entry((table, line, metric)).or_default();
                figure[0] += 1;
                figure[1] += i64::from(free);
                figure[2] += i64::from(disputed);
            }
        }
    }
    sheet
}
