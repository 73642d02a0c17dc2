//! The product's side of a history: its rules are asked exactly as an operation asks them, and every licence of a
//! declaration is settled again after each of its steps.

use kaixu::domain::{
    declaration::{Declaration, DeclarationState as State},
    eligibility::{CardStanding, Case, Finding, Papers},
    encumbrance::Encumbrance,
    holding::{Holding, HoldingState},
    licence::Licence,
    money::Fen,
    party::Organisation,
    patent::{Patent, PatentKind},
    rules::Rules,
    terms::Terms,
    time::Day,
};
use proptest::{prelude::*, test_runner::TestCaseError};

use super::{Command, DECLARATIONS, LICENCES, START, law::FRESH};
use crate::law::fixtures::{
    day, days, encumbrance, file, first_year_free, holding, instalments, lump_sum, patent, share,
    university,
};

/// How the office ends a declaration.
pub const ENDS: [State; 3] = [State::Withdrawn, State::Terminated, State::Revoked];

/// A day of the history as a date.
pub fn date(offset: i32) -> Day {
    days(day("2024-01-01"), offset)
}

pub fn terms(way: usize) -> Terms {
    match way {
        0 => Terms::Free,
        1 => lump_sum(100),
        2 => Terms::Royalty(share(300)),
        3 => Terms::EntryAndRoyalty {
            entry_fen: Fen::yuan(60),
            royalty: share(300),
        },
        4 => instalments(&[(60, 0), (40, 10)]),
        _ => first_year_free(100),
    }
}

/// What a readied declaration may never change: its terms and its last day.
pub type Committed = (Terms, Day);

pub struct World {
    pub(super) today: i32,
    pub(super) rules: Rules,
    pub(super) organisation: Organisation,
    pub(super) patents: [Patent; 2],
    pub(super) holdings: [Holding; 2],
    pub(super) encumbrances: [Vec<Encumbrance>; 2],
    /// Each with its patent's place and, once readied, what was committed to.
    pub(super) declarations: Vec<(usize, Declaration, Option<Committed>)>,
    pub(super) licences: Vec<Licence>,
}

impl World {
    pub fn new() -> Self {
        let mut invention = patent(PatentKind::Invention, 1);
        invention.filing_date = Some(day("2004-03-11"));
        invention.grant_date = Some(date(22));
        let mut model = patent(PatentKind::UtilityModel, 2);
        model.grant_date = Some(date(-900));
        let mut patents = [invention, model];
        for patent in &mut patents {
            patent.status_as_of = Some(date(START));
        }
        let organisation = university();
        Self {
            today: START,
            rules: Rules {
                status_max_age_days: FRESH,
                ..Rules::default()
            },
            holdings: [0, 1].map(|place| holding(&organisation, &patents[place])),
            organisation,
            patents,
            encumbrances: [Vec::new(), Vec::new()],
            declarations: Vec::new(),
            licences: Vec::new(),
        }
    }

    pub(super) fn ago(&self, ago: i32) -> Day {
        date(self.today - ago)
    }

    pub(super) fn today(&self) -> Day {
        date(self.today)
    }

    pub(super) fn case(&self, right: usize) -> Case<'_> {
        Case {
            patent: &self.patents[right],
            encumbrances: &self.encumbrances[right],
            organisation: &self.organisation,
            holding: Some(&self.holdings[right]),
        }
    }

    pub(super) fn gate(&self, which: usize) -> Vec<Finding> {
        let (right, draft, _) = &self.declarations[which];
        let rival = self
            .declarations
            .iter()
            .enumerate()
            .any(|(other, (place, rival, _))| {
                other != which && place == right && rival.state.is_under_way()
            });
        let papers = Papers {
            has_contact: true,
            has_rival: rival,
            card: CardStanding::NotWanted,
            wants: kaixu::domain::eligibility::OwnSteps::default(),
        };
        self.case(*right)
            .declaring(draft, papers, self.today(), &self.rules)
    }

    /// The daily watch, and what follows from it for the licences.
    fn watch(&mut self) -> Result<(), TestCaseError> {
        for which in 0..self.declarations.len() {
            let (right, declaration, _) = &self.declarations[which];
            let findings = self.case(*right).standing(self.today());
            if let Some(next) = declaration.watched(&findings, self.today()) {
                self.replace(which, next)?;
            }
        }
        Ok(())
    }

    /// A declaration's next state; its licences are settled by it. Those taken before its end stand as they are (I6).
    pub(super) fn replace(&mut self, which: usize, next: Declaration) -> Result<(), TestCaseError> {
        for licence in self
            .licences
            .iter_mut()
            .filter(|licence| licence.declaration == next.id)
        {
            let before = licence.clone();
            licence.settle(&next, &self.rules);
            let earlier = next.state.was_announced()
                && before
                    .effective_on
                    .is_some_and(|on| next.ended_on.is_none_or(|end| on < end));
            prop_assert!(
                !earlier || *licence == before,
                "an earlier licence was touched"
            );
        }
        self.declarations[which].1 = next;
        Ok(())
    }

    /// Whether the product accepted it; `None`: there was nothing to act upon.
    pub fn apply(&mut self, command: &Command) -> Result<Option<bool>, TestCaseError> {
        let (declared, taken) = (self.declarations.len(), self.licences.len());
        let outcome = match command {
            Command::Days { count } => {
                for _ in 0..*count {
                    self.today += 1;
                    self.watch()?;
                }
                Some(true)
            }
            Command::Encumber { .. }
            | Command::Release { .. }
            | Command::Status { .. }
            | Command::Own { .. } => self.happen(command),
            Command::Draft { .. } | Command::Record { .. } => {
                (declared < DECLARATIONS).then(|| self.state(command).is_ok())
            }
            Command::Notice { .. } | Command::RecordTaken { .. } => {
                (declared > 0 && taken < LICENCES).then(|| self.take(command).is_ok())
            }
            Command::Deliver { which, .. }
            | Command::Pay { which, .. }
            | Command::Answer { which, .. }
            | Command::File { which, .. }
            | Command::Strike { which } => {
                (taken > 0).then(|| self.proceed(which % taken, command).is_ok())
            }
            Command::Ready { which }
            | Command::Reopen { which }
            | Command::Submit { which, .. }
            | Command::Announce { which, .. }
            | Command::Refuse { which, .. }
            | Command::Ask { which, .. }
            | Command::End { which, .. }
            | Command::Annul { which } => match declared {
                0 => None,
                _ => Some(self.step(which % declared, command)?),
            },
        };
        self.watch()?;
        Ok(outcome)
    }

    fn happen(&mut self, command: &Command) -> Option<bool> {
        match *command {
            Command::Encumber {
                right,
                kind,
                ago,
                span,
                consent,
            } => {
                let mut lying = encumbrance(kind, self.ago(ago));
                lying.until = span.map(|span| days(lying.from, span));
                lying.consent = consent.then(|| file(7));
                self.encumbrances[right].push(lying);
            }
            Command::Release { right, which, ago } => {
                let released_on = self.ago(ago);
                let lying = self.encumbrances[right].get_mut(which)?;
                let earlier = lying
                    .released_on
                    .map_or(released_on, |day| day.min(released_on));
                lying.released_on = Some(earlier);
            }
            Command::Status { right, status, ago } => {
                self.patents[right].status_as_of = Some(self.ago(ago));
                self.patents[right].legal_status = status;
            }
            Command::Own { right, confirmed } => {
                self.holdings[right].state = if confirmed {
                    HoldingState::ConfirmedByName
                } else {
                    HoldingState::Claimed
                };
            }
            _ => return None,
        }
        Some(true)
    }
}
