//! 工作日: Monday to Friday, but for the public holidays of the year and the weekends worked in their stead (调休), which the
//! State Council announces each year and the operator enters.

use std::collections::BTreeSet;

use super::time::Day;

/// What differs from Monday to Friday.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// 放假
    pub off: BTreeSet<Day>,
    /// 调休上班: weekends on which is worked.
    pub worked: BTreeSet<Day>,
}

impl Calendar {
    pub fn is_worked(&self, day: Day) -> bool {
        let weekday = day.weekday().to_monday_zero_offset() < 5;
        self.worked.contains(&day) || weekday && !self.off.contains(&day)
    }

    /// The day so many working days after a day.
    pub fn after(&self, day: Day, days: u16) -> Day {
        let (mut day, mut left) = (day, days);
        while left > 0 {
            let Ok(next) = day.tomorrow() else { return day };
            day = next;
            left -= u16::from(self.is_worked(day));
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_and_holidays_are_left_out_and_worked_weekends_count() {
        let day = |month, day| jiff::civil::date(2026, month, day);
        let plain = Calendar::default();
        let friday = day(11, 27);
        assert_eq!(plain.after(friday, 0), friday);
        assert_eq!(plain.after(friday, 1), day(11, 30));
        assert_eq!(plain.after(day(11, 28), 1), day(11, 30), "from a Saturday");
        assert_eq!(plain.after(friday, 5), day(12, 4));
        let autumn = Calendar {
            off: (1..=7).map(|d| day(10, d)).collect(),
            worked: [day(10, 10)].into(),
        };
        let before = day(9, 30);
        assert_eq!(autumn.after(before, 1), day(10, 8), "a Thursday");
        assert_eq!(
            autumn.after(before, 3),
            day(10, 10),
            "a Saturday that is worked"
        );
        assert_eq!(autumn.after(before, 4), day(10, 12));
    }
}
