//! The demonstration's script: which declarations are made, in which month, how far they get, and which licences are
//! taken under them.

use crate::domain::{
    money::Fen,
    terms::{Part, Royalty, RoyaltyBase, Stage, Terms},
};

/// How far a declaration of the demonstration gets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Draft,
    Ready,
    Submitted,
    Refused,
    Announced,
    Requested,
    Withdrawn,
    Terminated,
}

/// How a licence of the demonstration goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Course {
    Filed,
    Unfiled,
    Disputed,
    Unpaid,
}

/// A declaration of the script: its month, how far it gets, and the licences under it, each with its month.
pub type Scripted = (i32, End, &'static [(i32, Course)]);

/// The declarations: months after January 2024, how far they get, and the licences under them, each with its month.
pub const DECLARATIONS: &[Scripted] = &[
    (1, End::Announced, &[(3, Course::Filed), (9, Course::Filed)]),
    (2, End::Announced, &[(4, Course::Filed)]),
    (3, End::Withdrawn, &[(5, Course::Filed)]),
    (3, End::Announced, &[]),
    (5, End::Announced, &[(7, Course::Filed)]),
    (
        6,
        End::Announced,
        &[(8, Course::Filed), (14, Course::Filed)],
    ),
    (7, End::Announced, &[]),
    (8, End::Terminated, &[(10, Course::Filed)]),
    (9, End::Announced, &[(12, Course::Filed)]),
    (10, End::Announced, &[]),
    (11, End::Announced, &[(13, Course::Filed)]),
    (12, End::Withdrawn, &[]),
    (
        13,
        End::Announced,
        &[(15, Course::Filed), (22, Course::Filed)],
    ),
    (14, End::Announced, &[]),
    (15, End::Announced, &[(17, Course::Filed)]),
    (16, End::Announced, &[(18, Course::Filed)]),
    (17, End::Announced, &[]),
    (18, End::Announced, &[(20, Course::Unfiled)]),
    (19, End::Announced, &[]),
    (20, End::Announced, &[(23, Course::Filed)]),
    (21, End::Announced, &[(24, Course::Disputed)]),
    (22, End::Requested, &[(25, Course::Filed)]),
    (23, End::Announced, &[]),
    (24, End::Announced, &[(26, Course::Filed)]),
    (25, End::Announced, &[(28, Course::Unfiled)]),
    (26, End::Announced, &[]),
    (
        27,
        End::Announced,
        &[(29, Course::Unfiled), (31, Course::Unpaid)],
    ),
    (28, End::Announced, &[]),
    (29, End::Announced, &[(31, Course::Unfiled)]),
    (30, End::Announced, &[]),
    (30, End::Refused, &[]),
    (31, End::Announced, &[]),
    (31, End::Requested, &[]),
    (31, End::Submitted, &[]),
    (32, End::Submitted, &[]),
    (32, End::Ready, &[]),
    (32, End::Ready, &[]),
    (32, End::Draft, &[]),
    (32, End::Draft, &[]),
    (32, End::Draft, &[]),
];

/// The months from January 2024 to the last of the script.
pub const MONTHS: i32 = 32;

/// Every way of paying, in turn.
pub fn terms(place: usize) -> Terms {
    let royalty = |base, rate_bp| Royalty {
        base,
        rate_bp,
        every_months: 12,
        pay_within_days: 60,
        floor_fen: None,
        cap_fen: Some(Fen::yuan(200_000)),
    };
    let part = |yuan, after_days| Part {
        amount_fen: Fen::yuan(yuan),
        after_days,
    };
    match place % 8 {
        0 | 4 => Terms::Free,
        1 => Terms::LumpSum {
            amount_fen: Fen::yuan(20_000),
        },
        2 => Terms::PerPeriod {
            amount_fen: Fen::yuan(6_000),
            every_months: 12,
        },
        3 => Terms::EntryAndRoyalty {
            entry_fen: Fen::yuan(10_000),
            royalty: royalty(RoyaltyBase::NetSales, 200),
        },
        5 => Terms::LumpSum {
            amount_fen: Fen::yuan(50_000),
        },
        6 => Terms::Instalments {
            parts: vec![part(10_000, 0), part(10_000, 365), part(10_000, 730)],
        },
        _ => Terms::Stages {
            stages: vec![
                Stage {
                    months: Some(12),
                    terms: Terms::Free,
                },
                Stage {
                    months: None,
                    terms: Terms::Royalty(royalty(RoyaltyBase::Profit, 1_000)),
                },
            ],
        },
    }
}
