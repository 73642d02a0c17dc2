//! The product's side of taking licences, and the comparison of the pure rules with the law.

use std::collections::HashMap;

use kaixu::domain::{
    eligibility::{Block, Case},
    indicator::{Known, Seat, Target, count},
    licence::{Evidence, EvidenceKind, Filing, Licence, Licensee, Notice, Payment, Taken, Verdict},
    money::Fen,
    refusal::Refused,
    time::Instant,
};
use proptest::{prelude::*, test_runner::TestCaseResult};

use super::{
    Command,
    agree::agree,
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

    /// Both sides see the same after a command, and what was committed to is as it was.
    pub(super) fn agrees_with(&self, law: &Law) -> TestCaseResult {
        for (_, declaration, fixed) in &self.declarations {
            if let Some((terms, until)) = fixed {
                prop_assert!(
                    declaration.terms == *terms && declaration.until == *until,
                    "fixed"
                );
            }
        }
        let declarations: Vec<_> = self.declarations.iter().map(|(_, d, _)| d).collect();
        let licences: Vec<_> = self.licences.iter().collect();
        agree(law, date(0), &declarations, &licences)
    }

    /// The headline is the number of pairs of right and licensee with a licence.
    pub(super) fn counts_as(&self, law: &Law) -> TestCaseResult {
        let pairs = law.pairs();
        let declarations = self
            .declarations
            .iter()
            .map(|(_, declaration, _)| declaration.clone());
        let known = Known {
            declarations: declarations.collect(),
            licences: self.licences.clone(),
            seats: HashMap::from([(self.organisation.id.clone(), Seat::from(&self.organisation))]),
            ..Known::default()
        };
        let count = count(&known, &Target::huancui(id(1)), self.today());
        prop_assert_eq!(usize::try_from(count.all.m3.total), Ok(pairs.len()), "M3");
        Ok(())
    }
}
