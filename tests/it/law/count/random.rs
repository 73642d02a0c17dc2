//! Random declarations, licences, districts and targets, close enough together that everything meets.

use kaixu::domain::{
    codes::AppNo,
    declaration::{Declaration, DeclarationState as State},
    id::Id,
    indicator::{Known, Metric, RULE, Seat, Side, Target},
    licence::{
        Delivery, Evidence, EvidenceKind as Kind, Filing, Licence, LicenceState, Licensee,
        Response, Verdict,
    },
    patent::PatentKind,
    terms::Terms,
    time::Day,
};
use proptest::prelude::*;

use crate::law::fixtures::{day, days, draft, file, first_year_free, id, lump_sum, patent};

/// Day 0 of all random days.
pub fn date(offset: i32) -> Day {
    days(day("2025-11-20"), offset)
}

pub fn number(place: usize) -> AppNo {
    patent(PatentKind::Invention, u32::try_from(place).unwrap()).number
}

/// Four organisations, of which a declaration's or licence's side is one.
fn party(place: usize) -> Id {
    id(0x0a00 + place as u64)
}

fn ways(way: usize) -> Terms {
    match way {
        0 => Terms::Free,
        1 => lump_sum(100),
        _ => first_year_free(100),
    }
}

fn declaration() -> impl Strategy<Value = Declaration> {
    let state = prop_oneof![
        2 => Just(State::Announced),
        1 => prop::sample::select(State::ALL.to_vec()),
    ];
    let days = (
        prop::option::weighted(0.9, 0..90_i32),
        prop::option::of(0..90_i32),
        0..90_i32,
    );
    let what = (0..4_usize, 0..4_usize, 0..3_usize, 0..4_usize);
    (state, days, what, prop::bool::weighted(0.9), any::<bool>()).prop_map(
        |(state, (effect, end, until), (number_at, owner, way, industry), sourced, late)| {
            Declaration {
                state,
                number: number(number_at),
                organisation: party(owner),
                terms: ways(way),
                effective_on: effect.map(date),
                ended_on: end.map(date),
                until: date(until),
                industry: [None, Some("C3511"), Some("C352"), Some("I65")][industry]
                    .map(String::from),
                sources: Vec::from_iter(sourced.then(|| file(1))),
                recorded_late: late,
                ..draft()
            }
        },
    )
}

/// A licence and the place of its declaration.
fn licence() -> impl Strategy<Value = (usize, Licence)> {
    let state = prop_oneof![
        4 => Just(LicenceState::Effective),
        1 => prop::sample::select(LicenceState::ALL.to_vec()),
    ];
    let kinds = vec![Kind::Notice, Kind::Voucher, Kind::Receipt, Kind::Filing];
    let evidence = prop_oneof![
        2 => Just(vec![Kind::Notice, Kind::Voucher]),
        1 => prop::sample::subsequence(kinds, 0..=4),
    ];
    let days = (
        prop::option::weighted(0.9, 0..90_i32),
        prop::option::of(0..90_i32),
    );
    let verdict = prop::option::of(prop::sample::select(Verdict::ALL.to_vec()));
    let who = (0..5_usize, 0..3_usize);
    (0..7_usize, state, days, evidence, verdict, who).prop_map(
        |(declaration, state, (effect, filed), evidence, verdict, (licensee, way))| {
            let licence = Licence {
                id: id(0),
                declaration: id(0),
                number: number(0),
                holder: party(0),
                licensee: match licensee {
                    4 => Licensee::Individual(id(0x99)),
                    place => Licensee::Organisation(party(place)),
                },
                state,
                terms: ways(way),
                until: date(90),
                delivery: Delivery::Platform,
                given_at: None,
                notice_on: None,
                payments: Vec::new(),
                paid_on: None,
                effective_on: effect.map(date),
                response: verdict.map(|verdict| Response {
                    verdict,
                    on: date(0),
                }),
                filing_due_on: None,
                filing: filed.map(|on| Filing {
                    number: format!("X{on}"),
                    on: date(on),
                }),
                ended_on: None,
                know_how: None,
                acknowledged: Vec::new(),
                evidence: evidence
                    .into_iter()
                    .map(|kind| Evidence {
                        kind,
                        file: file(2),
                    })
                    .collect(),
                cross_border: false,
                recorded_late: false,
                recorder: None,
                reason: None,
                fictional: false,
            };
            (declaration, licence)
        },
    )
}

pub fn known() -> impl Strategy<Value = Known> {
    let districts = prop::collection::vec(prop::sample::select(vec!["371002", "371082"]), 4);
    (
        prop::collection::vec(declaration(), 0..6),
        prop::collection::vec(licence(), 0..9),
        districts,
    )
        .prop_map(|(mut declarations, licences, districts)| {
            for (place, declaration) in declarations.iter_mut().enumerate() {
                declaration.id = id(0xd00 + place as u64);
            }
            let place_in = |(place, (at, licence)): (usize, (usize, Licence))| Licence {
                id: id(0x1100 + place as u64),
                // A place beyond them all: a declaration that is not known.
                declaration: id(0xd00 + at as u64),
                number: declarations
                    .get(at)
                    .map_or(number(0), |found| found.number.clone()),
                holder: declarations
                    .get(at)
                    .map_or(party(0), |found| found.organisation.clone()),
                ..licence
            };
            let licences = licences.into_iter().enumerate().map(place_in).collect();
            // The fourth organisation's district is not known.
            let districts = districts.iter().take(3).enumerate();
            Known {
                licences,
                declarations,
                seats: districts
                    .map(|(place, code)| (party(place), seat(place, code)))
                    .collect(),
                ..Known::default()
            }
        })
}

/// Two of three organisations have a town.
fn seat(place: usize, district: &str) -> Seat {
    Seat {
        district: district.to_owned(),
        town: (place > 0).then(|| format!("{district}00{place}")),
    }
}

pub fn target() -> impl Strategy<Value = Target> {
    let side = prop::sample::select(Side::ALL.to_vec());
    (side, 0..60_i32, 0..60_i32).prop_map(|(side, from, span)| Target {
        id: id(1),
        name: "目标".into(),
        metric: Metric::M3,
        value: 50,
        from: date(from),
        to: date(from + span),
        district: "371002".into(),
        side,
        responsible: Vec::new(),
        rule: RULE.into(),
    })
}
