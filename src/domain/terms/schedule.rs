//! What is due when. Day 0 is the licence's effective day. Periods are calendar months from that day: the 31st
//! becomes the last day of a shorter month, always computed from the effective day and never accumulated.

use serde::{Deserialize, Serialize};

use super::{Royalty, RoyaltyBase, Stage, Terms};
use crate::domain::{money::Fen, time::Day};

/// Something to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// From 1, in the order of the days.
    pub number: u32,
    /// The last day on which payment is in time.
    #[schema(value_type = String, format = "date")]
    pub due_on: Day,
    /// First and last day of the period that it pays for; none for a lump sum, an entry fee or an instalment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub period: Option<(Day, Day)>,
    pub what: DueKind,
}

/// How much is due: an amount, or a share of what the licensee makes in the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum DueKind {
    #[serde(rename_all = "camelCase")]
    Fixed { amount_fen: Fen },
    #[serde(rename_all = "camelCase")]
    Royalty {
        base: RoyaltyBase,
        /// Basis points: 300 = 3 %.
        rate_bp: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        floor_fen: Option<Fen>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap_fen: Option<Fen>,
    },
}

impl DueKind {
    /// The amount, given what the licensee made in the period (net sales or profit, by the base; a loss counts
    /// as nothing): the share rounded half up to a fen, then the floor and the cap, both in full.
    pub fn amount_fen(&self, turnover_fen: Fen) -> Fen {
        match self {
            Self::Fixed { amount_fen } => *amount_fen,
            Self::Royalty {
                rate_bp,
                floor_fen,
                cap_fen,
                ..
            } => {
                let share = turnover_fen
                    .max(Fen::ZERO)
                    .scaled(i64::from(*rate_bp), 10_000);
                let floored = floor_fen.map_or(share, |floor| share.max(floor));
                cap_fen.map_or(floored, |cap| floored.min(cap))
            }
        }
    }
}

impl Due {
    /// The amount where it is certain from the start; none for a royalty.
    pub fn fixed_fen(&self) -> Option<Fen> {
        match self.what {
            DueKind::Fixed { amount_fen } => Some(amount_fen),
            DueKind::Royalty { .. } => None,
        }
    }
}

/// A due with the length of its settlement period.
pub(super) struct Planned {
    pub due: Due,
    /// Months of a whole settlement period; 0 for fixed money.
    pub every_months: u32,
    /// Whether the period is whole, not cut short by the end of the licence or of the stage.
    pub whole: bool,
}

/// The stretch that terms govern: the licence, or a stage of it.
#[derive(Clone, Copy)]
struct Stretch {
    /// The licence's effective day.
    effective_on: Day,
    /// Months from there to the stretch's first day.
    offset: u32,
    last: Day,
}

impl Stretch {
    /// The day so many months after the stretch began; none beyond the calendar.
    fn after_months(self, months: u32) -> Option<Day> {
        let months = i64::from(self.offset) + i64::from(months);
        let span = jiff::Span::new().try_months(months).ok()?;
        self.effective_on.checked_add(span).ok()
    }

    /// The periods of so many months: first day, last day, whether it is whole.
    fn periods(self, every_months: u32) -> impl Iterator<Item = (Day, Day, bool)> {
        let step = every_months.max(1);
        (0u32..).map_while(move |n| {
            let first = self.after_months(n.checked_mul(step)?)?;
            if first > self.last {
                return None;
            }
            let next = self.after_months((n + 1).checked_mul(step)?);
            let end = next.and_then(|day| day.yesterday().ok());
            Some(match end {
                Some(end) if end <= self.last => (first, end, true),
                _ => (first, self.last, false),
            })
        })
    }
}

impl Terms {
    /// Everything due for a licence from `effective_on` to its last day `until`, in the order of the days.
    ///
    /// A royalty is due `payWithinDays` after its period; instalments are a debt and stay due after `until`; no
    /// period and no stage begins after `until`. A licence that ends before it begins owes nothing.
    pub fn dues(&self, effective_on: Day, until: Day) -> Vec<Due> {
        let planned = self.plan(effective_on, until).into_iter();
        planned.map(|planned| planned.due).collect()
    }

    pub(super) fn plan(&self, effective_on: Day, until: Day) -> Vec<Planned> {
        let mut planned = Vec::new();
        let licence = Stretch {
            effective_on,
            offset: 0,
            last: until,
        };
        self.lay(licence, &mut planned);
        planned.sort_by_key(|planned| planned.due.due_on);
        for (number, planned) in (1..).zip(&mut planned) {
            planned.due.number = number;
        }
        planned
    }

    fn lay(&self, stretch: Stretch, planned: &mut Vec<Planned>) {
        let Some(first) = stretch.after_months(0).filter(|day| *day <= stretch.last) else {
            return;
        };
        match self {
            Self::Free => {}
            Self::LumpSum { amount_fen } => planned.push(fixed(first, None, *amount_fen)),
            Self::Instalments { parts } => {
                let dues = parts
                    .iter()
                    .map(|part| fixed(after_days(first, part.after_days), None, part.amount_fen));
                planned.extend(dues);
            }
            Self::PerPeriod {
                amount_fen,
                every_months,
            } => {
                let periods = stretch.periods(*every_months);
                planned.extend(
                    periods.map(|(from, to, _)| fixed(from, Some((from, to)), *amount_fen)),
                );
            }
            Self::Royalty(royalty) => lay_royalty(royalty, stretch, planned),
            Self::EntryAndRoyalty { entry_fen, royalty } => {
                planned.push(fixed(first, None, *entry_fen));
                lay_royalty(royalty, stretch, planned);
            }
            Self::Stages { stages } => lay_stages(stages, stretch, planned),
        }
    }
}

fn lay_royalty(royalty: &Royalty, stretch: Stretch, planned: &mut Vec<Planned>) {
    let dues = stretch
        .periods(royalty.every_months)
        .map(|(from, to, whole)| Planned {
            due: Due {
                number: 0,
                due_on: after_days(to, royalty.pay_within_days),
                period: Some((from, to)),
                what: DueKind::Royalty {
                    base: royalty.base,
                    rate_bp: royalty.rate_bp,
                    floor_fen: royalty.floor_fen,
                    cap_fen: royalty.cap_fen,
                },
            },
            every_months: royalty.every_months,
            whole,
        });
    planned.extend(dues);
}

/// A stage covers its months, the last one all that is left of the licence.
fn lay_stages(stages: &[Stage], whole: Stretch, planned: &mut Vec<Planned>) {
    let mut offset = whole.offset;
    for stage in stages {
        let stretch = Stretch { offset, ..whole };
        let next = stage.months.and_then(|months| stretch.after_months(months));
        let end = next.and_then(|day| day.yesterday().ok());
        let last = end.map_or(whole.last, |end| end.min(whole.last));
        stage.terms.lay(Stretch { last, ..stretch }, planned);
        let Some(months) = stage.months else { return };
        offset = offset.saturating_add(months);
    }
}

fn fixed(due_on: Day, period: Option<(Day, Day)>, amount_fen: Fen) -> Planned {
    Planned {
        due: Due {
            number: 0,
            due_on,
            period,
            what: DueKind::Fixed { amount_fen },
        },
        every_months: 0,
        whole: true,
    }
}

/// So many days later, at most the calendar's last day.
fn after_days(day: Day, days: u32) -> Day {
    let span = jiff::Span::new().try_days(days);
    span.map_or(Day::MAX, |span| day.saturating_add(span))
}
