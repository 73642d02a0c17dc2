//! The product's side of declaring: drafts, steps, and what was announced elsewhere.

use kaixu::domain::{
    declaration::{Declaration, DeclarationState as State, Evaluation, Step},
    refusal::Refused,
};
use proptest::{prelude::*, test_runner::TestCaseError};

use super::{
    Command,
    world::{World, terms},
};
use crate::law::fixtures::{announcement, content, days, evaluation, file, id};

impl World {
    pub(super) fn state(&mut self, command: &Command) -> Result<(), Refused> {
        let number = id(0xd00 + self.declarations.len() as u64);
        let declared = |world: &Self, right: usize, way, until, evaluation: Option<Evaluation>| {
            let mut content = content(terms(way), until);
            content.evaluation = evaluation;
            (content, world.patents[right].clone())
        };
        let (right, declaration) = match *command {
            Command::Draft {
                right,
                way,
                ahead,
                report,
            } => {
                let until = self.ago(-ahead);
                let (content, patent) = declared(self, right, way, until, report.map(evaluation));
                (
                    right,
                    Declaration::draft(number, &self.organisation, &patent, content)?,
                )
            }
            Command::Record {
                right,
                way,
                ago,
                span,
                end,
            } => {
                let until = days(self.ago(ago), span);
                let (content, patent) = declared(self, right, way, until, None);
                let end = end.map(|(kind, ago)| (kind, self.ago(ago)));
                let announced = announcement(self.ago(ago), end);
                let (owner, today) = (&self.organisation, self.today());
                let rules = &self.rules;
                (
                    right,
                    Declaration::recorded(
                        number, owner, &patent, content, announced, today, rules,
                    )?,
                )
            }
            _ => unreachable!("only what declares comes here"),
        };
        let fixed = (declaration.state != State::Draft)
            .then(|| (declaration.terms.clone(), declaration.until));
        self.declarations.push((right, declaration, fixed));
        Ok(())
    }

    pub(super) fn step(&mut self, which: usize, command: &Command) -> Result<bool, TestCaseError> {
        let step = self.step_of(command);
        let findings = self.gate(which);
        let readied = matches!(step, Step::Ready { .. });
        let gated = readied || matches!(step, Step::Submit { .. });
        let today = self.today();
        let Ok(next) = self.declarations[which]
            .1
            .step(step, &findings, today, &self.rules)
        else {
            return Ok(false);
        };
        prop_assert!(!gated || findings.is_empty(), "I5: through a closed gate");
        if readied {
            self.declarations[which].2 = Some((next.terms.clone(), next.until));
        }
        self.replace(which, next)?;
        Ok(true)
    }

    fn step_of(&self, command: &Command) -> Step {
        let reason = || "原因".to_owned();
        match *command {
            Command::Ready { .. } => Step::Ready {
                commitment: file(1),
            },
            Command::Reopen { .. } => Step::Reopen,
            Command::Submit { ago, .. } => Step::Submit { on: self.ago(ago) },
            Command::Announce { ago, .. } => Step::Announce {
                declaration_number: "KX1".into(),
                effective_on: self.ago(ago),
                source: file(2),
            },
            Command::Refuse { ago, .. } => Step::Refuse {
                on: self.ago(ago),
                reason: reason(),
                source: None,
            },
            Command::Ask { ago, .. } => Step::RequestWithdrawal {
                on: self.ago(ago),
                reason: reason(),
            },
            Command::End { kind, ago, .. } => {
                let (announced_on, source) = (self.ago(ago), file(3));
                match kind {
                    State::Terminated => Step::Terminate {
                        announced_on,
                        source,
                    },
                    State::Revoked => Step::Revoke {
                        announced_on,
                        source,
                    },
                    _ => Step::Withdraw {
                        announced_on,
                        source,
                    },
                }
            }
            _ => Step::Annul { reason: reason() },
        }
    }
}
