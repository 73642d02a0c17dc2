//! The comparison: the product's records, however they were come by, against the law's reading of the same history.

use std::collections::BTreeSet;

use kaixu::domain::{declaration::Declaration, licence::Licence, time::Day};
use proptest::{prelude::*, test_runner::TestCaseResult};

use super::law::Law;
use crate::law::fixtures::days;

/// Every record in the order in which it came about; `origin` is the date of day 0.
pub fn agree(
    law: &Law,
    origin: Day,
    declarations: &[&Declaration],
    licences: &[&Licence],
) -> TestCaseResult {
    let date = |offset| days(origin, offset);
    prop_assert_eq!(declarations.len(), law.statements.len());
    for (declaration, statement) in declarations.iter().zip(&law.statements) {
        prop_assert_eq!(declaration.state, statement.state);
        prop_assert_eq!(declaration.until, date(statement.until));
        let must = declaration.must_withdraw.as_ref();
        let must = must.map(|task| (task.since, BTreeSet::from_iter(task.blocks.clone())));
        let by_law = statement
            .must
            .clone()
            .map(|(since, bars)| (date(since), bars));
        prop_assert_eq!(must, by_law, "must withdraw");
        let end = statement.end.unwrap_or(law.today);
        for edge in [statement.effect, end, statement.until, law.today] {
            for on in edge - 1..=edge + 1 {
                let open = statement.open().contains(&on);
                prop_assert_eq!(declaration.is_offered_on(date(on)), open, "on {}", on);
            }
        }
    }
    prop_assert_eq!(licences.len(), law.takings.len());
    for (licence, taking) in licences.iter().zip(&law.takings) {
        let declaration = declarations[taking.statement];
        prop_assert_eq!(licence.state, law.standing(taking));
        // I4: the announced terms and no others, whatever happened since.
        prop_assert_eq!(&licence.declaration, &declaration.id);
        prop_assert!(licence.terms == declaration.terms && licence.until == declaration.until);
        if !taking.struck {
            let effect = law.effect(taking);
            prop_assert_eq!(licence.effective_on, effect.map(date));
            let due = effect.map(|day| three_months_after(date(day)));
            prop_assert_eq!(licence.filing_due_on, due);
            // I6: none takes effect on or after the day on which the end was announced.
            let end = declaration.ended_on;
            prop_assert!(
                licence
                    .effective_on
                    .is_none_or(|on| end.is_none_or(|end| on < end))
            );
        }
    }
    Ok(())
}

/// The same day of the third month on, or that month's last day.
fn three_months_after(day: Day) -> Day {
    let months = i32::from(day.month()) + 2;
    let (years, month) = (months / 12, months % 12 + 1);
    let year = day.year() + i16::try_from(years).unwrap();
    let first = jiff::civil::date(year, i8::try_from(month).unwrap(), 1);
    let last = first.days_in_month();
    first.with().day(day.day().min(last)).build().unwrap()
}
