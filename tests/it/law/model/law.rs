//! The law as it reads (专利法第五十、五十一条, 实施细则第八十五、八十六条, 审查指南第五部分第十一章), in plain days and sets.
//! It knows nothing of the product's rules but the names of states and blocks.

use std::{collections::BTreeSet, ops::Range};

use kaixu::domain::{
    declaration::{Conclusion, DeclarationState as State},
    eligibility::Block,
    licence::LicenceState,
    patent::LegalStatus as Status,
};

use super::{Command, DECLARATIONS, START};

/// Yuan due at the start of each way of paying.
pub const DUE: [i64; 6] = [0, 100, 0, 60, 60, 0];
/// 2024-01-20, since when there are statutory open licences.
pub const STATUTE: i32 = 19;
/// A status carries a declaration so many days.
pub const FRESH: i32 = 20;

pub struct Right {
    pub granted: i32,
    /// The first day after the term.
    pub over: i32,
    pub needs_report: bool,
    pub status: Status,
    pub known: i32,
    pub owned: bool,
    pub liens: Vec<Lien>,
}

pub struct Lien {
    pub bar: Option<Block>,
    pub days: Range<i32>,
}

pub struct Statement {
    pub right: usize,
    pub way: usize,
    pub until: i32,
    pub report: Option<Conclusion>,
    pub state: State,
    pub submitted: i32,
    pub effect: i32,
    pub end: Option<i32>,
    pub must: Option<(i32, BTreeSet<Block>)>,
}

pub struct Taking {
    pub statement: usize,
    pub who: u64,
    pub letter: bool,
    pub given: i32,
    pub notice: Option<i32>,
    pub payments: Vec<(i32, i64)>,
    pub struck: bool,
}

pub struct Law {
    pub today: i32,
    /// The first day of the statute; before it there were pilot listings.
    pub statute: i32,
    pub rights: [Right; 2],
    pub statements: Vec<Statement>,
    pub takings: Vec<Taking>,
}

impl Statement {
    /// The days on which a licence may be taken: from the announcement to the day before its end is announced.
    pub fn open(&self) -> Range<i32> {
        match self.state {
            State::Draft | State::Ready | State::Submitted | State::Refused | State::Void => 0..0,
            _ => self.effect..self.end.unwrap_or(i32::MAX).min(self.until + 1),
        }
    }

    fn under_way(&self) -> bool {
        let states = [
            State::Ready,
            State::Submitted,
            State::Announced,
            State::WithdrawalRequested,
        ];
        states.contains(&self.state)
    }

    pub fn live(&self) -> bool {
        [State::Announced, State::WithdrawalRequested].contains(&self.state)
    }
}

impl Law {
    pub fn new(statute: i32) -> Self {
        let right = |granted, over, needs_report| Right {
            granted,
            over,
            needs_report,
            status: Status::InForce,
            known: START,
            owned: true,
            liens: Vec::new(),
        };
        Self {
            today: START,
            statute,
            rights: [right(22, 70, false), right(-900, 9_000, true)],
            statements: Vec::new(),
            takings: Vec::new(),
        }
    }

    /// Day by day over the open days: notice has come, and what is due has been paid.
    pub fn effect(&self, taking: &Taking) -> Option<i32> {
        let statement = &self.statements[taking.statement];
        let (mut noticed, mut sum) = (false, 0);
        statement.open().find(|day| {
            noticed |= taking.notice == Some(*day);
            let today = taking.payments.iter().filter(|(paid, _)| paid == day);
            sum += today.map(|(_, yuan)| yuan).sum::<i64>();
            !taking.struck && noticed && sum >= DUE[statement.way]
        })
    }

    /// How the taking of a licence stands.
    pub fn standing(&self, taking: &Taking) -> LicenceState {
        let open = self.statements[taking.statement].open();
        match self.effect(taking) {
            _ if taking.struck => LicenceState::Void,
            Some(_) => LicenceState::Effective,
            None if taking.notice.is_some_and(|day| !open.contains(&day)) => {
                LicenceState::Ineffective
            }
            None => LicenceState::Pending,
        }
    }

    /// Pairs of right and licensee with a licence that has taken effect: the headline.
    pub fn pairs(&self) -> BTreeSet<(usize, u64)> {
        let effective = self.takings.iter().filter(|taking| {
            self.effect(taking)
                .is_some_and(|effect| effect <= self.today)
        });
        effective
            .map(|taking| (self.statements[taking.statement].right, taking.who))
            .collect()
    }

    /// What stands against the right itself today.
    fn bars(&self, right: usize) -> BTreeSet<Block> {
        let right = &self.rights[right];
        let mut bars: BTreeSet<Block> = right
            .liens
            .iter()
            .filter(|lien| lien.days.contains(&self.today))
            .filter_map(|lien| lien.bar)
            .collect();
        bars.extend(match right.status {
            Status::Pending | Status::RejectedOrWithdrawn => Some(Block::NotGranted),
            Status::FeeGrace => Some(Block::FeeUnpaid),
            Status::Invalidated => Some(Block::Invalidated),
            Status::InForce | Status::Unknown => None,
            _ => Some(Block::Terminated),
        });
        bars.extend((self.today >= right.over).then_some(Block::Terminated));
        bars.extend((!right.owned).then_some(Block::NotOwner));
        bars
    }

    /// And what is not known well enough of it.
    pub fn risks(&self, right: usize) -> BTreeSet<Block> {
        let mut risks = self.bars(right);
        let known = &self.rights[right];
        if known.status == Status::Unknown {
            risks.insert(Block::StatusUnknown);
        } else if self.today - known.known > FRESH {
            risks.insert(Block::StatusStale);
        }
        risks
    }

    /// Everything that stands against putting it under open licence.
    pub fn gate(&self, which: usize) -> BTreeSet<Block> {
        let statement = &self.statements[which];
        let right = &self.rights[statement.right];
        let mut gate = self.risks(statement.right);
        if right.needs_report {
            gate.extend(match statement.report {
                None => Some(Block::NoEvalReport),
                Some(Conclusion::Negative) => Some(Block::EvalNegative),
                Some(_) => None,
            });
        }
        gate.extend((statement.until >= right.over).then_some(Block::TermExceeded));
        gate.extend((statement.until < self.today).then_some(Block::PeriodOver));
        let rival = self.statements.iter().enumerate().any(|(other, rival)| {
            other != which && rival.right == statement.right && rival.under_way()
        });
        gate.extend(rival.then_some(Block::AlreadyOffered));
        gate
    }

    /// 应当及时撤回: every day, of every announced declaration.
    fn watch(&mut self) {
        for which in 0..self.statements.len() {
            let bars = self.bars(self.statements[which].right);
            let (today, statement) = (self.today, &mut self.statements[which]);
            if !statement.live() {
                continue;
            }
            if today > statement.until {
                statement.state = State::Expired;
                statement.end = Some(statement.until + 1);
                statement.must = None;
            } else {
                let since = statement.must.as_ref().map_or(today, |(since, _)| *since);
                statement.must = (!bars.is_empty()).then_some((since, bars));
            }
        }
    }

    /// Whether the command is allowed, after it has been carried out; `None`: there is nothing to act upon.
    pub fn apply(&mut self, command: &Command) -> Option<bool> {
        let outcome = match command {
            Command::Days { count } => {
                for _ in 0..*count {
                    self.today += 1;
                    self.watch();
                }
                Some(true)
            }
            Command::Encumber { .. }
            | Command::Release { .. }
            | Command::Status { .. }
            | Command::Own { .. } => self.happen(command),
            Command::Notice { .. } | Command::RecordTaken { .. } => self.take(command),
            Command::Deliver { which, .. }
            | Command::Pay { which, .. }
            | Command::Answer { which, .. }
            | Command::File { which, .. }
            | Command::Strike { which } => {
                let count = self.takings.len();
                (count > 0).then(|| self.proceed(which % count, command))
            }
            Command::Draft { .. } | Command::Record { .. } => {
                (self.statements.len() < DECLARATIONS).then(|| self.state(command))
            }
            Command::Ready { which }
            | Command::Reopen { which }
            | Command::Submit { which, .. }
            | Command::Announce { which, .. }
            | Command::Refuse { which, .. }
            | Command::Ask { which, .. }
            | Command::End { which, .. }
            | Command::Annul { which } => {
                let count = self.statements.len();
                (count > 0).then(|| self.step(which % count, command))
            }
        };
        self.watch();
        outcome
    }
}
