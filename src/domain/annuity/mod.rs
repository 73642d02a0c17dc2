//! Annual fees (年费): the patent years and their due days, what a year costs, what a late payment adds, and which
//! reduction applies (专利法实施细则第一百一十四、一百一十五条, 审查指南第五部分第九章). Nothing is paid here: the figures tell a holder
//! what to pay and by when. A due day is not moved behind a holiday: whoever pays by it is never late.

mod ledger;
mod standing;

use serde::{Deserialize, Serialize};

pub use ledger::{FeeLedger, FeePayment, MOST_PAYMENTS};
pub use standing::{Basis, Facts, FeeStanding, FeeState, HolderFees, OpenPeriod, YearFee};

use super::{
    money::Fen,
    patent::{Patent, PatentKind},
    time::Day,
    words::words,
};

words! {
    /// 费减: the class that the patent office has confirmed for the patentees (专利收费减缴办法).
    #[derive(Default)]
    pub enum ReductionClass {
        /// No reduction
        #[default]
        None = "none", "不减缴", "No reduction";
        /// One applicant: 85 %
        Single = "single", "单独申请，减缴85%", "One applicant, 85 % less";
        /// Two or more co-owners who all qualify: 70 %
        Joint = "joint", "共同申请，减缴70%", "Co-owners, 70 % less";
    }
}

/// The years from one to another, both included, and the fee of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    pub from: u8,
    pub to: u8,
    pub fee_fen: Fen,
}

const fn band(from: u8, to: u8, yuan: i64) -> Band {
    Band {
        from,
        to,
        fee_fen: Fen::yuan(yuan),
    }
}

/// Basis points of a whole.
const WHOLE: i64 = 10_000;
/// Late-fee steps: months after the due day, one step a month.
const GRACE_MONTHS: i8 = 6;

/// The fees and reductions that apply. The defaults are those of the patent office's table of fees (国家知识产权局公告
/// 第二七二号附表), of 专利收费减缴办法 and of 财税〔2024〕23号; an operator may set others when they change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeSchedule {
    pub invention: Vec<Band>,
    pub utility_model: Vec<Band>,
    pub design: Vec<Band>,
    /// What each month after the first adds, basis points of the full fee.
    pub late_step_bp: i64,
    /// 单独, 共同
    pub single_bp: i64,
    pub joint_bp: i64,
    /// 费减 covers so many years, the year of grant counted.
    pub reduced_years: u8,
    /// 开放许可实施期间
    pub open_licence_bp: i64,
}

impl Default for FeeSchedule {
    fn default() -> Self {
        Self {
            invention: vec![
                band(1, 3, 900),
                band(4, 6, 1_200),
                band(7, 9, 2_000),
                band(10, 12, 4_000),
                band(13, 15, 6_000),
                band(16, 20, 8_000),
            ],
            utility_model: vec![
                band(1, 3, 600),
                band(4, 5, 900),
                band(6, 8, 1_200),
                band(9, 10, 2_000),
            ],
            design: vec![
                band(1, 3, 600),
                band(4, 5, 900),
                band(6, 8, 1_200),
                band(9, 10, 2_000),
                band(11, 15, 3_000),
            ],
            late_step_bp: 500,
            single_bp: 8_500,
            joint_bp: 7_000,
            reduced_years: 10,
            open_licence_bp: 1_500,
        }
    }
}

impl FeeSchedule {
    /// The full fee of a year; `None` outside the table.
    pub fn full(&self, kind: PatentKind, year: u8) -> Option<Fen> {
        let bands = match kind {
            PatentKind::Invention => &self.invention,
            PatentKind::UtilityModel => &self.utility_model,
            PatentKind::Design => &self.design,
        };
        let found = bands.iter().find(|b| (b.from..=b.to).contains(&year))?;
        Some(found.fee_fen)
    }

    const fn class_bp(&self, class: ReductionClass) -> i64 {
        match class {
            ReductionClass::None => 0,
            ReductionClass::Single => self.single_bp,
            ReductionClass::Joint => self.joint_bp,
        }
    }

    /// What a late payment adds, basis points of the full fee: nothing in the first month, then a step a month
    /// (滞纳金). `None` when the six months are over and the right has ended.
    pub fn late_bp(&self, due: Day, paid: Day) -> Option<i64> {
        let within = |months: i8| paid <= plus_months(due, months);
        if paid <= due {
            return Some(0);
        }
        let month = (1..=GRACE_MONTHS).find(|month| within(*month))?;
        Some(i64::from(month - 1) * self.late_step_bp)
    }

    /// The fee of a year with its reduction: of two reductions the higher one, never both.
    pub fn year(
        &self,
        life: &Life,
        year: u8,
        class: ReductionClass,
        open: &[OpenPeriod],
    ) -> Option<YearFee> {
        let full = self.full(life.kind, year)?;
        let due = life.due(year)?;
        let window = life.grant_year()?.saturating_add(self.reduced_years);
        let by_class = if year < window {
            self.class_bp(class)
        } else {
            0
        };
        let is_open = open.iter().any(|period| period.covers(life, year, due));
        let by_licence = if is_open { self.open_licence_bp } else { 0 };
        let rate = by_class.max(by_licence);
        let reduced = |bp: i64| full.scaled(WHOLE - bp, WHOLE);
        Some(YearFee {
            year,
            due,
            grace_until: plus_months(due, GRACE_MONTHS),
            full_fen: full,
            reduction_bp: rate,
            by_licence: by_licence > by_class,
            fee_fen: reduced(rate),
            // What the open licence spares beside what would be spared anyway.
            saved_fen: Fen(reduced(by_class).0 - reduced(rate).0),
        })
    }
}

/// The same day so many months on, the last of a month where that is shorter.
fn plus_months(day: Day, months: i8) -> Day {
    day.saturating_add(jiff::Span::new().months(months))
}

/// The days that decide a patent's years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    pub kind: PatentKind,
    pub filed: Day,
    pub granted: Day,
}

impl Life {
    /// `None` while its filing or grant day is unknown: nothing can be reckoned.
    pub fn of(patent: &Patent) -> Option<Self> {
        Some(Self {
            kind: patent.kind,
            filed: patent.filing_date?,
            granted: patent.grant_date?,
        })
        .filter(|life| life.filed <= life.granted)
    }

    /// The patent year that a day lies in, from 1: year n runs from anniversary n − 1 to the day before anniversary n.
    pub fn year_of(&self, day: Day) -> Option<u8> {
        if day < self.filed {
            return None;
        }
        (1..=u8::MAX).find(|year| self.anniversary(*year).is_none_or(|end| day < end))
    }

    fn anniversary(&self, years: u8) -> Option<Day> {
        let span = jiff::Span::new().years(i16::from(years));
        self.filed.checked_add(span).ok()
    }

    /// The last day on which the fee of a year is in time: the anniversary with which that year begins.
    pub fn due(&self, year: u8) -> Option<Day> {
        self.anniversary(year.checked_sub(1)?)
    }

    /// The year of the grant, whose fee is paid with the grant.
    pub fn grant_year(&self) -> Option<u8> {
        self.year_of(self.granted)
    }

    /// The last year of the term.
    pub fn last_year(&self) -> u8 {
        u8::try_from(self.kind.term_years(self.filed)).unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn life(kind: PatentKind, filed: Day, granted: Day) -> Life {
        Life {
            kind,
            filed,
            granted,
        }
    }

    /// The example of the examination guidelines.
    #[test]
    fn the_fee_of_the_sixth_year_is_due_on_the_fifth_anniversary() {
        let life = life(PatentKind::Invention, date(1997, 6, 3), date(2001, 8, 1));
        assert_eq!(life.due(6), Some(date(2002, 6, 3)));
        assert_eq!(life.year_of(date(2002, 6, 2)), Some(5));
        assert_eq!(life.year_of(date(2002, 6, 3)), Some(6));
        assert_eq!(life.grant_year(), Some(5));
        assert_eq!(life.last_year(), 20);
    }

    #[test]
    fn every_year_of_a_term_has_its_fee_and_none_lies_outside() {
        let schedule = FeeSchedule::default();
        for (kind, years, first, last) in [
            (PatentKind::Invention, 20, 900, 8_000),
            (PatentKind::UtilityModel, 10, 600, 2_000),
            (PatentKind::Design, 15, 600, 3_000),
        ] {
            let fee = |year| schedule.full(kind, year);
            assert_eq!(
                (fee(1), fee(years)),
                (Some(Fen::yuan(first)), Some(Fen::yuan(last)))
            );
            assert!((1..=years).all(|year| fee(year).is_some()));
            assert_eq!((fee(0), fee(years + 1)), (None, None));
        }
    }

    #[test]
    fn a_late_fee_grows_by_the_month_and_ends_with_the_sixth() {
        let schedule = FeeSchedule::default();
        let late = |paid| schedule.late_bp(date(2026, 6, 3), paid);
        assert_eq!(late(date(2026, 6, 3)), Some(0));
        assert_eq!(late(date(2026, 7, 3)), Some(0));
        assert_eq!(late(date(2026, 7, 4)), Some(500));
        assert_eq!(late(date(2026, 9, 3)), Some(1_000));
        assert_eq!(late(date(2026, 12, 3)), Some(2_500));
        assert_eq!(late(date(2026, 12, 4)), None);
    }

    fn open(filed_on: Day, withdrawn_on: Option<Day>) -> OpenPeriod {
        OpenPeriod {
            effective_on: date(2026, 1, 10),
            until: date(2030, 12, 31),
            filed_on,
            withdrawn_on,
        }
    }

    /// Domain facts §4.7: for a university in its first ten years the open licence spares nothing; from the eleventh
    /// it does, and for whoever has no reduction at once.
    #[test]
    fn of_two_reductions_the_higher_one_applies_and_the_other_spares_nothing() {
        let schedule = FeeSchedule::default();
        let young = life(PatentKind::Invention, date(2020, 3, 1), date(2023, 5, 1));
        let licensed = [open(date(2026, 2, 1), None)];
        let fee =
            |class, open: &[OpenPeriod]| schedule.year(&young, 7, class, open).expect("a year");
        let university = fee(ReductionClass::Single, &licensed);
        assert_eq!(
            (
                university.fee_fen,
                university.saved_fen,
                university.by_licence
            ),
            (Fen::yuan(300), Fen::ZERO, false)
        );
        let firm = fee(ReductionClass::None, &licensed);
        assert_eq!(
            (firm.fee_fen, firm.saved_fen, firm.by_licence),
            (Fen::yuan(1_700), Fen::yuan(300), true)
        );
        assert_eq!(fee(ReductionClass::Joint, &[]).fee_fen, Fen::yuan(600));
        let old = life(PatentKind::Invention, date(2012, 3, 1), date(2015, 5, 1));
        // Granted in year 4: years 4 to 13 are reduced, the fourteenth is not.
        let last = schedule
            .year(&old, 13, ReductionClass::Single, &[])
            .expect("a year");
        assert_eq!(last.fee_fen, Fen::yuan(900));
        let after = schedule
            .year(&old, 15, ReductionClass::Single, &licensed)
            .expect("a year");
        assert_eq!(
            (after.fee_fen, after.saved_fen),
            (Fen::yuan(5_100), Fen::yuan(900))
        );
    }

    #[test]
    fn an_open_licence_counts_from_its_filing_and_until_the_year_of_its_withdrawal() {
        let schedule = FeeSchedule::default();
        let life = life(PatentKind::Invention, date(2020, 3, 1), date(2023, 5, 1));
        let rate = |year, period| {
            let fee = schedule.year(&life, year, ReductionClass::None, &[period]);
            fee.expect("a year").reduction_bp
        };
        // Year 7 is due on 2026-03-01: it was over when the licence was filed in April.
        assert_eq!(rate(7, open(date(2026, 4, 1), None)), 0);
        assert_eq!(rate(7, open(date(2026, 3, 1), None)), 1_500);
        assert_eq!(rate(8, open(date(2026, 4, 1), None)), 1_500);
        // Withdrawn in year 8: from year 9 on no more.
        let withdrawn = open(date(2026, 4, 1), Some(date(2027, 9, 1)));
        assert_eq!((rate(8, withdrawn), rate(9, withdrawn)), (1_500, 0));
        // Due on 2031-03-01, after the licence has ended.
        assert_eq!(rate(12, open(date(2026, 4, 1), None)), 0);
    }
}
