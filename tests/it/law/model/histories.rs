//! Random histories: which commands come how often, and the openings that lead somewhere.

use std::ops::Range;

use kaixu::domain::{declaration::Conclusion, encumbrance::EncumbranceKind, patent::LegalStatus};
use proptest::prelude::*;

use super::{Command, DECLARATIONS, LICENCES, WAYS, world};

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
