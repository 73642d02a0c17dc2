//! Random histories again, now through the router: real bodies, versions and keys on both databases, against the same
//! reading of the law. One world serves many histories, each with patents of its own, under a clock that only they
//! move.

mod declaring;
mod figures;
mod history;
mod house;
mod records;
mod requests;
mod stage;
mod taking;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    mem::discriminant,
};

use kaixu::domain::access::Role;
use proptest::{prelude::*, test_runner::TestRunner};
use tokio::runtime::{Builder, Runtime};

use super::model::{self, Command, Tally};
use crate::support::World;
use history::History;
use stage::Stage;

/// Histories on each database, and how many of them one world serves.
const HISTORIES: u32 = 300;
const A_WORLD: usize = 100;

/// What a refusal in these histories may be called.
const CODES: &[&str] = &[
    "acknowledgementRequired",
    "alreadyDelivered",
    "alreadyExpired",
    "amountInvalid",
    "beforeEffect",
    "beforeGrant",
    "beforeNotice",
    "beforeSubmission",
    "beyondTerm",
    "blocked",
    "dayInFuture",
    "declarationEnded",
    "declarationNotYetEffective",
    "endBeforeBegin",
    "exclusiveBesideOpen",
    "filedBeforeEffect",
    "invalid",
    "licenceExists",
    "licenceVoid",
    "notAnnounced",
    "notEffective",
    "patentDead",
    "paymentIncomplete",
    "periodEmpty",
    "periodOver",
    "pilotListing",
    "statusOlder",
    "stepOutOfTurn",
    "withdrawFirst",
];

fn runtime() -> Runtime {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime")
}

#[test]
fn three_hundred_histories_through_the_router_on_sqlite() {
    run(async || Some(World::sqlite_by(stage::clock()).await));
}

#[test]
fn three_hundred_histories_through_the_router_on_postgres() {
    run(async || World::postgres_by(stage::clock()).await);
}

fn run(world: impl AsyncFn() -> Option<World>) {
    let runtime = runtime();
    let Some(first) = runtime.block_on(world()) else {
        return;
    };
    let stage = RefCell::new(Some(runtime.block_on(Stage::on(first))));
    let tally: RefCell<Tally> = RefCell::new(HashMap::new());
    let codes: RefCell<BTreeMap<String, u32>> = RefCell::default();
    let played = Cell::new(0);
    let config = ProptestConfig {
        cases: HISTORIES,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&model::history(9..18), |commands| {
        // Whatever fails leaves its world behind, so that shrinking begins in a clean one.
        let known = stage.borrow_mut().take();
        runtime.block_on(async {
            let mut now = match known {
                Some(known) if known.histories < A_WORLD => known,
                full => {
                    if let Some(full) = full {
                        full.verifies().await?;
                    }
                    Stage::on(world().await.expect("was there before")).await
                }
            };
            let mut history = History::new(&mut now).await?;
            for command in &commands {
                let Some(refusal) = history.play(command).await? else {
                    continue;
                };
                let mut tally = tally.borrow_mut();
                let entry = tally.entry(discriminant(command));
                let met = &mut entry.or_insert_with(|| (command.clone(), [0, 0])).1;
                met[usize::from(refusal.is_none())] += 1;
                if let Some(code) = refusal {
                    prop_assert!(CODES.contains(&code.as_str()), "an unknown code: {}", code);
                    *codes.borrow_mut().entry(code).or_default() += 1;
                }
            }
            history.end().await?;
            stage.replace(Some(now));
            played.set(played.get() + 1);
            Ok(())
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert_eq!(played.get(), HISTORIES);
    let last = stage.take().expect("the last world");
    runtime.block_on(last.verifies()).expect("verifies");
    let (tally, codes) = (tally.into_inner(), codes.into_inner());
    println!("{codes:?}");
    // What matters most was met in both outcomes, so that agreement means something.
    for (command, [refused, accepted]) in tally.values() {
        use Command as C;
        let central = matches!(
            command,
            C::Announce { .. }
                | C::Notice { .. }
                | C::Deliver { .. }
                | C::Pay { .. }
                | C::RecordTaken { .. }
                | C::End { .. }
                | C::Record { .. }
        );
        assert!(
            !central || (*accepted > 0 && *refused > 0),
            "{command:?}: {accepted} accepted, {refused} refused"
        );
    }
    assert!(tally.len() >= 20, "{} of 22 commands", tally.len());
    assert!(codes.len() > CODES.len() / 2, "{codes:?}");
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Holder,
    Maker,
    Trader,
    Office,
}

impl By {
    pub const ALL: [Self; 4] = [Self::Holder, Self::Maker, Self::Trader, Self::Office];

    pub const fn role(self) -> Role {
        match self {
            Self::Holder => Role::Holder,
            Self::Maker | Self::Trader => Role::Enterprise,
            Self::Office => Role::Office,
        }
    }
}
