//! The product's side of taking licences, and the comparison of both sides.

use std::collections::{BTreeSet, HashMap};

use kaixu::domain::{
    eligibility::{Block, Case},
    indicator::{Known, Target, count},
    licence::{
        Evidence, EvidenceKind, Filing, Licence, LicenceState, Licensee, Notice, Payment, Taken,
        Verdict,
    },
    money::Fen,
    refusal::Refused,
    time::{Day, Instant},
};
use proptest::{prelude::*, test_runner::TestCaseResult};

use super::{
    Command,
    law::Law,
    world::{World, date},
};
use crate::law::fixtures::{file, id};

fn evidence(kind: EvidenceKind) -> Evidence {
    Evidence {
        kind,
        file: file(4),
    }
}

fn licensee(who: u64) -> Licensee {
    Licensee::Organisation(id(0x0b00 + who))
}

impl World {
    pub(super) fn take(&mut self, command: &Command) -> Result<(), Refused> {
        let number = id(0x1100 + self.licences.len() as u64);
        let today = self.today();
        let payment = |(yuan, ago): &(i64, i32)| Payment {
            amount_fen: Fen::yuan(*yuan),
            paid_on: self.ago(*ago),
        };
        let licence = match command {
            Command::Notice {
                which,
                who,
                inbox,
                read,
            } => {
                let (right, declaration, _) = &self.declarations[which % self.declarations.len()];
                let case: Case<'_> = self.case(*right);
                let mut findings = case.standing(today);
                findings.extend(case.doubts(today, &self.rules));
                let notice = Notice {
                    id: number,
                    licensee: licensee(*who),
                    // Half past midnight in Shanghai, the day before in UTC.
                    given_at: Instant::start_of(today).plus_seconds(1_800).rfc3339(),
                    reaches_holder: *inbox,
                    acknowledged: if *read {
                        Block::ALL.to_vec()
                    } else {
                        Vec::new()
                    },
                    cross_border: false,
                    text: file(5),
                };
                Licence::noticed(notice, declaration, &findings, today, &self.rules)?
            }
            Command::RecordTaken {
                which,
                who,
                ago,
                payments,
                filed,
            } => {
                let (_, declaration, _) = &self.declarations[which % self.declarations.len()];
                let taken = Taken {
                    id: number,
                    licensee: licensee(*who),
                    notice_on: self.ago(*ago),
                    payments: payments.iter().map(payment).collect(),
                    filing: filed.map(|ago| self.filing(ago)),
                    evidence: vec![
                        evidence(EvidenceKind::Notice),
                        evidence(EvidenceKind::Receipt),
                    ],
                    cross_border: false,
                };
                Licence::recorded(taken, declaration, today, &self.rules)?
            }
            _ => unreachable!("only what takes comes here"),
        };
        self.licences.push(licence);
        Ok(())
    }

    fn filing(&self, ago: i32) -> Filing {
        Filing {
            number: "X1".into(),
            on: self.ago(ago),
        }
    }

    pub(super) fn proceed(&mut self, which: usize, command: &Command) -> Result<(), Refused> {
        let licence = &self.licences[which];
        let (today, rules) = (self.today(), &self.rules);
        let mut declarations = self
            .declarations
            .iter()
            .map(|(_, declaration, _)| declaration);
        let declaration = declarations
            .find(|declaration| declaration.id == licence.declaration)
            .expect("a licence has its declaration");
        let next = match command {
            Command::Deliver { ago, .. } => {
                licence.delivered(self.ago(*ago), file(6), declaration, today, rules)
            }
            Command::Pay { yuan, ago, .. } => {
                let payment = Payment {
                    amount_fen: Fen::yuan(*yuan),
                    paid_on: self.ago(*ago),
                };
                licence.paid(
                    payment,
                    evidence(EvidenceKind::Voucher),
                    declaration,
                    today,
                    rules,
                )
            }
            Command::Answer { disputed: true, .. } => {
                licence.answered(Verdict::Disputed, Some(file(8)), today)
            }
            Command::Answer { .. } => licence.answered(Verdict::Confirmed, None, today),
            Command::File { ago, .. } => licence.filed(&self.filing(*ago), None, today),
            _ => licence.annulled("误录"),
        }?;
        self.licences[which] = next;
        Ok(())
    }

    /// Both sides see the same after a command, and the invariants hold.
    pub(super) fn agrees_with(&self, law: &Law) -> TestCaseResult {
        prop_assert_eq!(self.declarations.len(), law.statements.len());
        for ((_, declaration, fixed), statement) in self.declarations.iter().zip(&law.statements) {
            prop_assert_eq!(declaration.state, statement.state);
            prop_assert_eq!(declaration.until, date(statement.until));
            let must = declaration.must_withdraw.as_ref();
            let must = must.map(|task| (task.since, BTreeSet::from_iter(task.blocks.clone())));
            let by_law = statement
                .must
                .clone()
                .map(|(since, bars)| (date(since), bars));
            prop_assert_eq!(must, by_law, "must withdraw");
            let end = statement.end.unwrap_or(self.today);
            for edge in [statement.effect, end, statement.until, self.today] {
                for on in edge - 1..=edge + 1 {
                    let open = statement.open().contains(&on);
                    prop_assert_eq!(declaration.is_offered_on(date(on)), open, "on {}", on);
                }
            }
            if let Some((terms, until)) = fixed {
                prop_assert!(
                    declaration.terms == *terms && declaration.until == *until,
                    "fixed"
                );
            }
        }
        prop_assert_eq!(self.licences.len(), law.takings.len());
        for (licence, taking) in self.licences.iter().zip(&law.takings) {
            let statement = &law.statements[taking.statement];
            let declaration = &self.declarations[taking.statement].1;
            let effect = law.effect(taking);
            let late = taking
                .notice
                .is_some_and(|day| !statement.open().contains(&day));
            let state = match effect {
                _ if taking.struck => LicenceState::Void,
                Some(_) => LicenceState::Effective,
                None if late => LicenceState::Ineffective,
                None => LicenceState::Pending,
            };
            prop_assert_eq!(licence.state, state);
            // I4: the announced terms and no others, whatever happened since.
            prop_assert_eq!(&licence.declaration, &declaration.id);
            prop_assert!(licence.terms == declaration.terms && licence.until == declaration.until);
            if !taking.struck {
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

    /// The headline is the number of pairs of right and licensee with a licence.
    pub(super) fn counts_as(&self, law: &Law) -> TestCaseResult {
        let pairs: BTreeSet<(usize, u64)> = law
            .takings
            .iter()
            .filter(|taking| {
                law.effect(taking)
                    .is_some_and(|effect| effect <= self.today)
            })
            .map(|taking| (law.statements[taking.statement].right, taking.who))
            .collect();
        let declarations = self
            .declarations
            .iter()
            .map(|(_, declaration, _)| declaration.clone());
        let known = Known {
            declarations: declarations.collect(),
            licences: self.licences.clone(),
            districts: HashMap::from([(self.organisation.id.clone(), "371002".to_owned())]),
        };
        let count = count(&known, &Target::huancui(id(1)), self.today());
        prop_assert_eq!(usize::try_from(count.all.m3.total), Ok(pairs.len()), "M3");
        Ok(())
    }
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
