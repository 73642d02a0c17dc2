//! Random histories of declarations and licences under a moving clock, played twice: by the product and by a small
//! reading of the law in plain days. After every command both must agree on what was accepted, on every licence's
//! effect and its day, and on every duty to withdraw.

pub mod agree;
mod declaring;
mod histories;
pub mod law;
mod steps;
mod taking;
mod world;

use std::{
    cell::RefCell,
    collections::HashMap,
    mem::{Discriminant, discriminant},
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

pub use histories::history;
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
