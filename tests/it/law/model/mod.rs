//! Random histories of declarations and licences under a moving clock, played twice: by the product and by a small
//! reading of the law in plain days. After every command both must agree on what was accepted, on every licence's
//! effect and its day, and on every duty to withdraw.

pub mod agree;
mod declaring;
pub mod law;
mod steps;
mod taking;
mod world;

use std::{
    cell::RefCell,
    collections::HashMap,
    mem::{Discriminant, discriminant},
    ops::Range,
};

use kaixu::domain::{
    declaration::{Conclusion, DeclarationState},
    encumbrance::EncumbranceKind,
    patent::LegalStatus,
};
use proptest::{
    prelude::*,
    test_runner::{TestCaseResult, TestRunner},
};

use law::{Law, STATUTE};
use world::World;
pub use world::terms;

/// Day 0 is 2024-01-01; the clock starts on day 25, some days after the statute's first.
pub const START: i32 = 25;
/// At most so many declarations and licences in a history.
pub const DECLARATIONS: usize = 3;
pub const LICENCES: usize = 8;
/// The ways of paying: see `World` for the terms, `Law` for what is due of them at the start.
pub const WAYS: usize = 6;

/// Days are told as so many days ago; below zero they lie ahead. Numbers of declarations and licences wrap around.
#[derive(Clone, Debug)]
pub enum Command {
    Draft {
        right: usize,
        way: usize,
        ahead: i32,
        report: Option<Conclusion>,
    },
    Ready {
        which: usize,
    },
    Reopen {
        which: usize,
    },
    Submit {
        which: usize,
        ago: i32,
    },
    Announce {
        which: usize,
        ago: i32,
    },
    Refuse {
        which: usize,
        ago: i32,
    },
    Ask {
        which: usize,
        ago: i32,
    },
    End {
        which: usize,
        kind: DeclarationState,
        ago: i32,
    },
    Annul {
        which: usize,
    },
    Record {
        right: usize,
        way: usize,
        ago: i32,
        span: i32,
        end: Option<(DeclarationState, i32)>,
    },
    Days {
        count: i32,
    },
    Encumber {
        right: usize,
        kind: EncumbranceKind,
        ago: i32,
        span: Option<i32>,
        consent: bool,
    },
    Release {
        right: usize,
        which: usize,
        ago: i32,
    },
    Status {
        right: usize,
        status: LegalStatus,
        ago: i32,
    },
    Own {
        right: usize,
        confirmed: bool,
    },
    Notice {
        which: usize,
        who: u64,
        inbox: bool,
        read: bool,
    },
    Deliver {
        which: usize,
        ago: i32,
    },
    Pay {
        which: usize,
        yuan: i64,
        ago: i32,
    },
    Answer {
        which: usize,
        disputed: bool,
    },
    File {
        which: usize,
        ago: i32,
    },
    Strike {
        which: usize,
    },
    RecordTaken {
        which: usize,
        who: u64,
        ago: i32,
        payments: Vec<(i64, i32)>,
        filed: Option<i32>,
    },
}

fn command() -> impl Strategy<Value = Command> {
    use Command as C;
    let which = 0..DECLARATIONS;
    let taken = 0..LICENCES;
    let right = 0..2_usize;
    let way = 0..WAYS;
    let who = 0..3_u64;
    let ago = -1..9_i32;
    let kind = prop::sample::select(world::ENDS.to_vec());
    let lien = prop::sample::select(EncumbranceKind::ALL.to_vec());
    let status = prop_oneof![
        3 => Just(LegalStatus::InForce),
        1 => prop::sample::select(LegalStatus::ALL.to_vec()),
    ];
    let yuan = prop::sample::select(vec![0, 30, 40, 60, 100, 100]);
    let report = prop_oneof![
        3 => Just(Some(Conclusion::Positive)),
        1 => Just(None),
        1 => prop::sample::select(Conclusion::ALL.to_vec()).prop_map(Some),
    ];
    let declare = prop_oneof![
        3 => (right.clone(), way.clone(), -2..40_i32, report)
            .prop_map(|(right, way, ahead, report)| C::Draft { right, way, ahead, report }),
        5 => which.clone().prop_map(|which| C::Ready { which }),
        3 => which.clone().prop_map(|which| C::Reopen { which }),
        5 => (which.clone(), ago.clone()).prop_map(|(which, ago)| C::Submit { which, ago }),
        5 => (which.clone(), ago.clone()).prop_map(|(which, ago)| C::Announce { which, ago }),
        1 => (which.clone(), ago.clone()).prop_map(|(which, ago)| C::Refuse { which, ago }),
        2 => (which.clone(), ago.clone()).prop_map(|(which, ago)| C::Ask { which, ago }),
        4 => (which.clone(), kind.clone(), ago.clone())
            .prop_map(|(which, kind, ago)| C::End { which, kind, ago }),
        1 => which.clone().prop_map(|which| C::Annul { which }),
        6 => (right.clone(), way, -1..12_i32, -1..40_i32, prop::option::weighted(0.2, (kind, ago.clone())))
            .prop_map(|(right, way, ago, span, end)| C::Record { right, way, ago, span, end }),
    ];
    let time_and_state = prop_oneof![
        5 => (1..8_i32).prop_map(|count| C::Days { count }),
        2 => (right.clone(), lien, -4..6_i32, prop::option::of(0..12_i32), any::<bool>())
            .prop_map(|(right, kind, ago, span, consent)| C::Encumber { right, kind, ago, span, consent }),
        4 => (right.clone(), 0..3_usize, ago.clone())
            .prop_map(|(right, which, ago)| C::Release { right, which, ago }),
        3 => (right.clone(), status, 0..25_i32)
            .prop_map(|(right, status, ago)| C::Status { right, status, ago }),
        1 => (right, prop::bool::weighted(0.7)).prop_map(|(right, confirmed)| C::Own { right, confirmed }),
    ];
    let payments = prop::collection::vec((yuan.clone(), ago.clone()), 0..3);
    let take = prop_oneof![
        6 => (which.clone(), who.clone(), any::<bool>(), prop::bool::weighted(0.8))
            .prop_map(|(which, who, inbox, read)| C::Notice { which, who, inbox, read }),
        6 => (taken.clone(), ago.clone()).prop_map(|(which, ago)| C::Deliver { which, ago }),
        8 => (taken.clone(), yuan, ago.clone()).prop_map(|(which, yuan, ago)| C::Pay { which, yuan, ago }),
        1 => (taken.clone(), any::<bool>()).prop_map(|(which, disputed)| C::Answer { which, disputed }),
        3 => (taken.clone(), ago.clone()).prop_map(|(which, ago)| C::File { which, ago }),
        1 => taken.prop_map(|which| C::Strike { which }),
        5 => (which, who, ago.clone(), payments, prop::option::weighted(0.3, ago))
            .prop_map(|(which, who, ago, payments, filed)| C::RecordTaken { which, who, ago, payments, filed }),
    ];
    prop_oneof![4 => declare, 2 => time_and_state, 7 => take]
}

/// A draft on its way through the office.
fn way_in() -> impl Strategy<Value = Vec<Command>> {
    (0..2_usize, 0..WAYS, 10..40_i32, 0..3_i32, 0..3_i32).prop_map(
        |(right, way, ahead, submitted, announced)| {
            let report = Some(Conclusion::Positive);
            vec![
                Command::Draft {
                    right,
                    way,
                    ahead,
                    report,
                },
                Command::Ready { which: 0 },
                Command::Submit {
                    which: 0,
                    ago: submitted,
                },
                Command::Announce {
                    which: 0,
                    ago: announced,
                },
            ]
        },
    )
}

/// The first licence under it, paid in full on the day.
fn taken() -> impl Strategy<Value = Vec<Command>> {
    (0..3_u64, any::<bool>()).prop_map(|(who, inbox)| {
        vec![
            Command::Notice {
                which: 0,
                who,
                inbox,
                read: true,
            },
            Command::Deliver { which: 0, ago: 0 },
            Command::Pay {
                which: 0,
                yuan: 100,
                ago: 0,
            },
        ]
    })
}

/// A history with so many random commands; every other one begins with a declaration on its way through the office,
/// and of these every other one with a licence under it.
pub fn history(commands: Range<usize>) -> impl Strategy<Value = Vec<Command>> {
    let opening = prop::option::of((way_in(), prop::option::of(taken())));
    let rest = prop::collection::vec(command(), commands);
    (opening, rest).prop_map(|(opening, rest)| {
        let (way_in, taken) = opening.unwrap_or_default();
        [way_in, taken.unwrap_or_default(), rest].concat()
    })
}

/// Plays a history; tells of each command whether it was accepted, where there was anything to act upon.
fn play(history: &[Command], mut told: impl FnMut(&Command, bool)) -> TestCaseResult {
    let (mut world, mut law) = (World::new(), Law::new(STATUTE));
    for command in history {
        let by_law = law.apply(command);
        let by_world = world.apply(command)?;
        prop_assert_eq!(&by_world, &by_law, "{:?}: product, law", command);
        if let Some(accepted) = by_world {
            told(command, accepted);
        }
        world.agrees_with(&law)?;
    }
    world.counts_as(&law)
}

/// Of each kind of command: one of them, how many were refused, how many accepted.
pub type Tally = HashMap<Discriminant<Command>, (Command, [u32; 2])>;

#[test]
fn ten_thousand_histories_run_as_the_law_says() {
    let config = ProptestConfig {
        cases: 10_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let tally: RefCell<Tally> = RefCell::default();
    let outcome = TestRunner::new(config).run(&history(1..50), |history| {
        play(&history, |command, accepted| {
            let mut tally = tally.borrow_mut();
            let entry = tally.entry(discriminant(command));
            entry.or_insert_with(|| (command.clone(), [0, 0])).1[usize::from(accepted)] += 1;
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // Every command was met often, and every one that can be refused was refused, so that agreement means something.
    let tally = tally.into_inner();
    assert_eq!(tally.len(), 22);
    for (command, [refused, accepted]) in tally.values() {
        let always = matches!(
            command,
            Command::Draft { .. }
                | Command::Days { .. }
                | Command::Encumber { .. }
                | Command::Release { .. }
                | Command::Status { .. }
                | Command::Own { .. }
        );
        assert!(*accepted > 30, "{command:?}: {accepted} accepted");
        assert!(always || *refused > 30, "{command:?}: {refused} refused");
    }
}
