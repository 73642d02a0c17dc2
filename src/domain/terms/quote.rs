//! What a licence would cost an enterprise: its expected yearly figures laid over the dues. A quote is an
//! estimate for whoever considers a licence; what is owed follows from the figures really made.

use super::{Due, DueKind, RoyaltyBase, Terms, schedule::Planned};
use crate::domain::{money::Fen, text::Text, time::Day};

/// What the licensee expects to make with the patent in a year, in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turnover {
    /// 净销售额
    pub net_sales_fen_per_year: Fen,
    /// 利润额; a loss counts as nothing.
    pub profit_fen_per_year: Fen,
}

impl Turnover {
    pub const fn of(&self, base: RoyaltyBase) -> Fen {
        match base {
            RoyaltyBase::NetSales => self.net_sales_fen_per_year,
            RoyaltyBase::Profit => self.profit_fen_per_year,
        }
    }
}

/// A due with its amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotedDue {
    pub due: Due,
    /// What the royalty is reckoned from; none for fixed money.
    pub turnover_fen: Option<Fen>,
    pub amount_fen: Fen,
}

/// What a licence costs: every due, and their sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub dues: Vec<QuotedDue>,
    pub fixed_fen: Fen,
    pub royalty_fen: Fen,
    /// `fixed_fen + royalty_fen`
    pub total_fen: Fen,
}

impl Quote {
    /// How the figures were rounded, for whoever reads a quote.
    pub fn rounding() -> Text {
        Text::new(
            "完整结算期的金额按“年度数额×月数÷12”计算，不足一期的按“年度数额×天数÷365”计算（不超过完整一期）；各步均四舍五入到分，\
             再适用每期最低额和最高额（不按比例减少）。",
            "A whole settlement period counts the yearly figure × months ÷ 12, one cut short × days ÷ 365 (never more than a \
             whole one); each step rounds half up to a fen, then the floor and the cap of the period apply in full.",
        )
    }
}

impl Terms {
    /// What a licence from `effective_on` to its last day `until` costs at this turnover.
    ///
    /// A whole settlement period counts `yearly × months / 12`; one cut short by the licence's or the stage's end
    /// counts `yearly × days / 365`, never more than a whole one. Both round half up to a fen, then the share
    /// does, then floor and cap apply in full.
    pub fn quote(&self, effective_on: Day, until: Day, turnover: &Turnover) -> Quote {
        let planned = self.plan(effective_on, until).into_iter();
        let dues: Vec<_> = planned.map(|planned| price(planned, turnover)).collect();
        let sum = |royalty: bool| -> Fen {
            let chosen = dues
                .iter()
                .filter(|due| due.turnover_fen.is_some() == royalty);
            chosen.map(|due| due.amount_fen).sum()
        };
        let (fixed_fen, royalty_fen) = (sum(false), sum(true));
        Quote {
            fixed_fen,
            royalty_fen,
            total_fen: fixed_fen.saturating_add(royalty_fen),
            dues,
        }
    }
}

fn price(planned: Planned, turnover: &Turnover) -> QuotedDue {
    let Planned {
        due,
        every_months,
        whole,
    } = planned;
    let turnover_fen = match (&due.what, due.period) {
        (DueKind::Royalty { base, .. }, Some((from, to))) => {
            let yearly = turnover.of(*base).max(Fen::ZERO);
            let full = yearly.scaled(i64::from(every_months), 12);
            Some(if whole {
                full
            } else {
                yearly.scaled(days(from, to), 365).min(full)
            })
        }
        _ => None,
    };
    QuotedDue {
        amount_fen: due.what.amount_fen(turnover_fen.unwrap_or_default()),
        turnover_fen,
        due,
    }
}

/// The days from `from` to `to`, both included.
fn days(from: Day, to: Day) -> i64 {
    to.duration_since(from).as_hours() / 24 + 1
}
