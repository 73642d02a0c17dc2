//! What the gate looks at, in one place: sound until a test touches it.

use kaixu::domain::{
    declaration::Declaration,
    eligibility::{Block, CardStanding, Case, Finding, Papers},
    encumbrance::{Encumbrance, EncumbranceKind},
    holding::Holding,
    party::Organisation,
    patent::{LegalStatus, Patent},
    rules::Rules,
    time::Day,
};

use super::fixtures::{TODAY, days, draft, encumbrance, holding, invention, university};

/// Everything the gate looks at; sound until a test touches it.
pub struct Scene {
    pub patent: Patent,
    pub encumbrances: Vec<Encumbrance>,
    pub organisation: Organisation,
    pub holding: Option<Holding>,
    pub draft: Declaration,
    pub papers: Papers,
    pub day: Day,
}

impl Scene {
    pub fn new() -> Self {
        Self::of(invention())
    }

    pub fn of(patent: Patent) -> Self {
        Self {
            encumbrances: Vec::new(),
            organisation: university(),
            holding: Some(holding(&university(), &patent)),
            draft: draft(),
            papers: Papers {
                has_contact: true,
                has_rival: false,
                card: CardStanding::Passed,
                wants: kaixu::domain::eligibility::OwnSteps::default(),
            },
            day: TODAY,
            patent,
        }
    }

    pub fn findings(&self) -> Vec<Finding> {
        let case = Case {
            patent: &self.patent,
            encumbrances: &self.encumbrances,
            organisation: &self.organisation,
            holding: self.holding.as_ref(),
        };
        case.declaring(&self.draft, self.papers, self.day, &Rules::default())
    }

    pub fn blocks(&self) -> Vec<Block> {
        self.findings().iter().map(|found| found.block).collect()
    }

    pub fn lie(&mut self, kind: EncumbranceKind) {
        self.encumbrances = vec![encumbrance(kind, days(TODAY, -10))];
    }

    pub fn release(&mut self) {
        self.encumbrances[0].released_on = Some(TODAY);
    }

    pub fn status(&mut self, status: LegalStatus) {
        self.patent.legal_status = status;
    }
}
