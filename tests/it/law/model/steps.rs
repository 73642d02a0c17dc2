//! What the law allows of each command, in plain days.

use std::collections::BTreeSet;

use kaixu::domain::{
    declaration::DeclarationState as State, eligibility::Block,
    encumbrance::EncumbranceKind as Kind,
};

use super::{
    Command, LICENCES,
    law::{Law, Lien, Statement, Taking},
};

impl Law {
    /// What befalls a right is recorded as it is.
    pub(super) fn happen(&mut self, command: &Command) -> Option<bool> {
        let today = self.today;
        match *command {
            Command::Encumber {
                right,
                kind,
                ago,
                span,
                consent,
            } => {
                let from = today - ago;
                let bar = match kind {
                    Kind::ExclusiveLicence | Kind::SoleLicence => Some(Block::ExclusiveLicence),
                    Kind::Preservation | Kind::Suspension => Some(Block::Suspended),
                    Kind::Pledge => (!consent).then_some(Block::PledgeNoConsent),
                    Kind::Other => Some(Block::Other),
                    Kind::OrdinaryLicence => None,
                };
                let days = from..span.map_or(i32::MAX, |span| from + span + 1);
                self.rights[right].liens.push(Lien { bar, days });
            }
            Command::Release { right, which, ago } => {
                let lien = self.rights[right].liens.get_mut(which)?;
                lien.days.end = lien.days.end.min(today - ago);
            }
            Command::Status { right, status, ago } => {
                self.rights[right].status = status;
                self.rights[right].known = today - ago;
            }
            Command::Own { right, confirmed } => self.rights[right].owned = confirmed,
            _ => return None,
        }
        Some(true)
    }

    /// A draft, or a declaration announced elsewhere.
    pub(super) fn state(&mut self, command: &Command) -> bool {
        let (right, way, until, report) = match *command {
            Command::Draft {
                right,
                way,
                ahead,
                report,
            } => (right, way, self.today + ahead, report),
            Command::Record {
                right,
                way,
                ago,
                span,
                ..
            } => (right, way, self.today - ago + span, None),
            _ => return false,
        };
        let mut statement = Statement {
            right,
            way,
            until,
            report,
            state: State::Draft,
            submitted: i32::MIN,
            effect: 0,
            end: None,
            must: None,
        };
        if let Command::Record { ago, end, .. } = command {
            let right = &self.rights[right];
            statement.effect = self.today - ago;
            let sound = (right.granted..right.over).contains(&statement.effect)
                && (self.statute..=self.today).contains(&statement.effect)
                && (statement.effect..right.over).contains(&until);
            statement.state = State::Announced;
            if !sound || end.is_some_and(|(kind, ago)| !self.ends(&mut statement, kind, ago)) {
                return false;
            }
        }
        self.statements.push(statement);
        true
    }

    fn ends(&self, statement: &mut Statement, kind: State, ago: i32) -> bool {
        let day = self.today - ago;
        let allowed = ago >= 0 && (statement.effect..=statement.until).contains(&day);
        if allowed {
            statement.state = kind;
            statement.end = Some(day);
            statement.must = None;
        }
        allowed
    }

    pub(super) fn step(&mut self, which: usize, command: &Command) -> bool {
        let clear = self.gate(which).is_empty();
        let today = self.today;
        let mut statement = self.statements.swap_remove(which);
        let state = statement.state;
        let allowed = match *command {
            Command::Ready { .. } => state == State::Draft && clear,
            Command::Reopen { .. } => state == State::Ready,
            Command::Submit { ago, .. } => state == State::Ready && clear && ago >= 0,
            Command::Announce { ago, .. } => {
                let day = today - ago;
                let span = statement.submitted.max(self.statute)..=today.min(statement.until);
                state == State::Submitted && span.contains(&day)
            }
            Command::Refuse { ago, .. } => {
                let span = statement.submitted..=today;
                state == State::Submitted && span.contains(&(today - ago))
            }
            Command::Ask { ago, .. } => {
                state == State::Announced && (statement.effect..=today).contains(&(today - ago))
            }
            Command::End { kind, ago, .. } => {
                (statement.live() || state == State::Expired)
                    && self.ends(&mut statement, kind, ago)
            }
            Command::Annul { .. } => ![State::Draft, State::Ready, State::Void].contains(&state),
            _ => false,
        };
        if allowed {
            match *command {
                Command::Ready { .. } => statement.state = State::Ready,
                Command::Reopen { .. } => statement.state = State::Draft,
                Command::Submit { ago, .. } => {
                    statement.state = State::Submitted;
                    statement.submitted = today - ago;
                }
                Command::Announce { ago, .. } => {
                    statement.state = State::Announced;
                    statement.effect = today - ago;
                }
                Command::Refuse { .. } => statement.state = State::Refused,
                Command::Ask { .. } => statement.state = State::WithdrawalRequested,
                Command::Annul { .. } => {
                    statement.state = State::Void;
                    statement.must = None;
                }
                _ => {}
            }
        }
        // Back to its place.
        self.statements.push(statement);
        let last = self.statements.len() - 1;
        self.statements.swap(which, last);
        allowed
    }

    /// Notice given here today, or a licence taken elsewhere.
    pub(super) fn take(&mut self, command: &Command) -> Option<bool> {
        if self.statements.is_empty() || self.takings.len() >= LICENCES {
            return None;
        }
        let today = self.today;
        let mut taking = Taking {
            statement: 0,
            who: 0,
            letter: false,
            given: today,
            notice: None,
            payments: Vec::new(),
            struck: false,
        };
        let allowed = match command {
            Command::Notice {
                which,
                who,
                inbox,
                read,
            } => {
                taking.statement = which % self.statements.len();
                taking.who = *who;
                taking.letter = !inbox;
                taking.notice = inbox.then_some(today);
                let statement = &self.statements[taking.statement];
                let risks = self.risks(statement.right);
                let death = [Block::NotGranted, Block::Terminated, Block::Invalidated];
                statement.open().contains(&today)
                    && risks.is_disjoint(&BTreeSet::from(death))
                    && (*read || risks.is_empty())
            }
            Command::RecordTaken {
                which,
                who,
                ago,
                payments,
                filed,
            } => {
                taking.statement = which % self.statements.len();
                taking.who = *who;
                taking.notice = Some(today - ago);
                let open = self.statements[taking.statement].open();
                let mut paid: Vec<(i32, i64)> = payments
                    .iter()
                    .map(|(yuan, ago)| (today - ago, *yuan))
                    .collect();
                paid.sort_by_key(|(day, _)| *day);
                *ago >= 0
                    && open.contains(&(today - ago))
                    && paid
                        .into_iter()
                        .all(|(day, yuan)| self.pays(&mut taking, day, yuan))
                    && self.effect(&taking).is_some_and(|effect| {
                        filed.is_none_or(|ago| (effect..=today).contains(&(today - ago)))
                    })
            }
            _ => return None,
        };
        if allowed {
            self.takings.push(taking);
        }
        Some(allowed)
    }

    /// What brings a licence about is paid on open days; what is due later is paid whenever.
    fn pays(&self, taking: &mut Taking, day: i32, yuan: i64) -> bool {
        let open = self.statements[taking.statement].open();
        let allowed =
            yuan > 0 && day <= self.today && (open.contains(&day) || self.effect(taking).is_some());
        if allowed {
            taking.payments.push((day, yuan));
        }
        allowed
    }

    pub(super) fn proceed(&mut self, which: usize, command: &Command) -> bool {
        let today = self.today;
        let mut taking = self.takings.swap_remove(which);
        let statement = &self.statements[taking.statement];
        let allowed = !taking.struck
            && match *command {
                Command::Deliver { ago, .. } => {
                    let day = today - ago;
                    let allowed = taking.letter
                        && taking.notice.is_none()
                        && (taking.given..=today).contains(&day)
                        && statement.open().contains(&day);
                    if allowed {
                        taking.notice = Some(day);
                    }
                    allowed
                }
                Command::Pay { yuan, ago, .. } => self.pays(&mut taking, today - ago, yuan),
                Command::Answer { .. } => true,
                Command::File { ago, .. } => self
                    .effect(&taking)
                    .is_some_and(|effect| (effect..=today).contains(&(today - ago))),
                Command::Strike { .. } => {
                    taking.struck = true;
                    true
                }
                _ => false,
            };
        self.takings.push(taking);
        let last = self.takings.len() - 1;
        self.takings.swap(which, last);
        allowed
    }
}
