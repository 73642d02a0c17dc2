//! Where the count will stand on the target's last day, by its own pace and by what is on offer; always with an
//! interval and with everything it was reckoned from. It is arithmetic on the count, never a part of it.
//!
//! Units are taken to arrive at a steady rate per month (Poisson). What the rate may be is a gamma distribution: at
//! first as if three months had brought what the offers promise by the base rate within a year, then sharpened by what
//! the last twelve months brought. What will come is then negative binomial; its tenth and ninetieth percentiles are the
//! interval.

use serde::Serialize;

use crate::domain::time::Day;

/// Licences taken per declaration where nothing of one's own is known, in basis points: 632 licences on 2,700
/// declarations (Shandong, 2023).
pub const BASE_RATE_BP: i64 = 2_300;

/// The months that what the offers promise weighs as much as.
const PRIOR_MONTHS: f64 = 3.0;
/// Months in which an offer is taken up, if at all.
const TAKE_UP_MONTHS: f64 = 12.0;
const WINDOW_MONTHS: i32 = 12;
const DAYS_A_MONTH: f64 = 365.25 / 12.0;

/// What is known on the day.
#[derive(Clone, Debug)]
pub struct Outlook<'a> {
    /// The days on which the counted units begin to count, none later than `as_of`.
    pub days: &'a [Day],
    /// Patents on offer on the day.
    pub offers: i64,
    /// Patents declared until the day.
    pub declared: i64,
    pub from: Day,
    pub to: Day,
    pub target: i64,
    pub as_of: Day,
}

/// What is to be expected, and from what.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    /// The day of which it speaks: the target's last.
    #[schema(value_type = String, format = "date")]
    pub until: Day,
    /// Units counted already.
    pub value: i64,
    pub target: i64,
    /// Of the median, and the interval into which four of five such futures fall.
    pub expected: i64,
    pub low: i64,
    pub high: i64,
    /// The chance that the target is reached, in basis points.
    pub chance_bp: i64,
    /// Months that are left, in tenths.
    pub months_left_tenths: i64,
    /// Units a month that are still needed, in hundredths; absent once nothing is missing or no time is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed_per_month_hundredths: Option<i64>,
    /// Units a month of the window, in hundredths.
    pub pace_per_month_hundredths: i64,
    /// The months looked back on begin here.
    #[schema(value_type = String, format = "date")]
    pub window_from: Day,
    /// Units that began to count in them.
    pub window_units: i64,
    /// Patents on offer.
    pub offers: i64,
    /// Licences per declared patent so far, in basis points; absent where nothing is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion_bp: Option<i64>,
    /// The base rate by which the offers are weighed, in basis points.
    pub base_rate_bp: i64,
}

/// Reckons it.
pub fn forecast(outlook: &Outlook) -> Forecast {
    let Outlook {
        as_of, from, to, ..
    } = *outlook;
    let year_ago = as_of.saturating_sub(jiff::Span::new().months(WINDOW_MONTHS));
    let window_from = year_ago.tomorrow().unwrap_or(year_ago).max(from);
    let window = months_between(window_from, as_of.tomorrow().unwrap_or(as_of));
    let left = months_between(as_of.max(from.yesterday().unwrap_or(from)), to);
    let value = count(outlook.days.len());
    let recent = outlook
        .days
        .iter()
        .filter(|day| **day >= window_from)
        .count();

    let promised = to_f64(outlook.offers) * to_f64(BASE_RATE_BP) / 10_000.0 / TAKE_UP_MONTHS;
    let shape = promised * PRIOR_MONTHS + to_f64(count(recent));
    let coming = Coming {
        shape,
        months: PRIOR_MONTHS + window,
        left,
    };
    let missing = (outlook.target - value).max(0);
    Forecast {
        until: to,
        value,
        target: outlook.target,
        expected: value + coming.quantile(0.5),
        low: value + coming.quantile(0.1),
        high: value + coming.quantile(0.9),
        chance_bp: if missing == 0 {
            10_000
        } else {
            round((1.0 - coming.up_to(missing - 1)) * 10_000.0)
        },
        months_left_tenths: round(left * 10.0),
        needed_per_month_hundredths: (missing > 0 && left > 0.0)
            .then(|| round((to_f64(missing) * 100.0 / left.max(1.0)).ceil())),
        pace_per_month_hundredths: if window > 0.0 {
            round(to_f64(count(recent)) * 100.0 / window)
        } else {
            0
        },
        window_from,
        window_units: count(recent),
        offers: outlook.offers,
        conversion_bp: (outlook.declared > 0).then(|| value * 10_000 / outlook.declared),
        base_rate_bp: BASE_RATE_BP,
    }
}

/// The number that is still to come: negative binomial, of a gamma rate with `shape` events in `months`, over `left`.
struct Coming {
    shape: f64,
    months: f64,
    left: f64,
}

/// Beyond this, `exp` of the negative is nothing in a double; the normal curve is as good there.
const FAR: f64 = 600.0;

impl Coming {
    /// Does nothing come for certain?
    fn is_none(&self) -> bool {
        self.shape <= 0.0 || self.left <= 0.0
    }

    fn log_of_none(&self) -> f64 {
        self.shape * (1.0 + self.left / self.months).ln()
    }

    /// The chance of each number from 0 on.
    fn chances(&self) -> impl Iterator<Item = f64> {
        let (shape, ratio) = (self.shape, self.left / (self.months + self.left));
        let mut chance = (-self.log_of_none()).exp();
        (0_u32..).map(move |n| {
            let here = chance;
            chance *= (shape + f64::from(n)) / f64::from(n + 1) * ratio;
            here
        })
    }

    fn mean_and_deviation(&self) -> (f64, f64) {
        let mean = self.shape * self.left / self.months;
        (mean, (mean * (1.0 + self.left / self.months)).sqrt())
    }

    /// The least number that is not exceeded with this chance.
    fn quantile(&self, chance: f64) -> i64 {
        if self.is_none() {
            return 0;
        }
        if self.log_of_none() > FAR {
            let (mean, deviation) = self.mean_and_deviation();
            let beyond = if chance < 0.5 {
                -1.2816
            } else if chance > 0.5 {
                1.2816
            } else {
                0.0
            };
            return round(mean + beyond * deviation).max(0);
        }
        let mut sum = 0.0;
        let mut chances = self.chances();
        for n in 0..1_000_000 {
            sum += chances.next().unwrap_or_default();
            if sum >= chance {
                return n;
            }
        }
        1_000_000
    }

    /// The chance that no more than `most` come.
    fn up_to(&self, most: i64) -> f64 {
        if self.is_none() {
            return 1.0;
        }
        if self.log_of_none() > FAR {
            let (mean, deviation) = self.mean_and_deviation();
            // The logistic curve stays within one percent of the normal one.
            return 1.0 / (1.0 + (-1.702 * (to_f64(most) + 0.5 - mean) / deviation).exp());
        }
        let most = usize::try_from(most).unwrap_or(0);
        self.chances().take(most + 1).sum::<f64>().min(1.0)
    }
}

fn months_between(from: Day, until: Day) -> f64 {
    let days = (until - from).get_days();
    (f64::from(days) / DAYS_A_MONTH).max(0.0)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
const fn to_f64(n: i64) -> f64 {
    n as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded, and far below 2^63"
)]
fn round(x: f64) -> i64 {
    x.round() as i64
}
