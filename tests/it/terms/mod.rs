//! Fee terms: money and its words, what is due when, what a licence costs, the wording of the declaration, and
//! the quote of the API. Known examples first, then properties over terms of every kind.

mod caps;
mod http;
mod money;
mod properties;
mod quotes;
mod reading;
mod schedule;
mod schema;
mod soundness;
mod wording;

use kaixu::domain::{
    money::Fen,
    terms::{Part, Royalty, RoyaltyBase, Stage, Terms},
    time::Day,
};

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn lump(fen: i64) -> Terms {
    Terms::LumpSum {
        amount_fen: Fen(fen),
    }
}

fn per_period(fen: i64, every_months: u32) -> Terms {
    Terms::PerPeriod {
        amount_fen: Fen(fen),
        every_months,
    }
}

fn instalments(parts: &[(i64, u32)]) -> Terms {
    let part = |(fen, after_days): &(i64, u32)| Part {
        amount_fen: Fen(*fen),
        after_days: *after_days,
    };
    Terms::Instalments {
        parts: parts.iter().map(part).collect(),
    }
}

/// A share of net sales, settled yearly, paid within thirty days, without floor and cap.
fn royalty(rate_bp: u32) -> Royalty {
    Royalty {
        base: RoyaltyBase::NetSales,
        rate_bp,
        every_months: 12,
        pay_within_days: 30,
        floor_fen: None,
        cap_fen: None,
    }
}

fn stages(stages: Vec<(Option<u32>, Terms)>) -> Terms {
    let stage = |(months, terms)| Stage { months, terms };
    Terms::Stages {
        stages: stages.into_iter().map(stage).collect(),
    }
}
