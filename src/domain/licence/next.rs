//! What is to be done next about a licence, and by when: one thing, worked out from the record, so that it is there
//! exactly as long as its reason.

use super::{Delivery, Licence, LicenceState};
use crate::domain::{money::Fen, terms::Due, time::Day};

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The letter has not reached the patentee (专利法第五十一条第一款).
    Deliver,
    /// So much of what is due at the start is not paid yet (专利法第五十一条第一款).
    Pay { missing: Fen },
    /// 备案, by either side (实施细则第八十七条).
    File { due_on: Day, overdue: bool },
    /// A later payment of the announced schedule.
    Later(Due),
    /// Nothing is due any more.
    Nothing,
}

impl Licence {
    /// What is due next on a day.
    pub fn next(&self, today: Day) -> Next {
        match self.state {
            LicenceState::Void | LicenceState::Ineffective => return Next::Nothing,
            LicenceState::Pending
                if self.delivery == Delivery::Letter && self.notice_on.is_none() =>
            {
                return Next::Deliver;
            }
            LicenceState::Pending => {
                return Next::Pay {
                    missing: self.missing_at_start(),
                };
            }
            LicenceState::Effective => {}
        }
        match (self.filing.as_ref(), self.filing_due_on) {
            (None, Some(due_on)) => Next::File {
                due_on,
                overdue: due_on < today,
            },
            _ => self.later_due(today).map_or(Next::Nothing, Next::Later),
        }
    }

    /// What is still missing of what is due at the start.
    pub fn missing_at_start(&self) -> Fen {
        let paid: Fen = self.payments.iter().map(|payment| payment.amount_fen).sum();
        Fen((self.terms.due_at_start().0 - paid.0).max(0))
    }

    /// The first payment of the schedule that falls due on a day or after it, behind the start.
    pub fn later_due(&self, today: Day) -> Option<Due> {
        let effective = self.effective_on?;
        let dues = self.terms.dues(effective, self.until);
        dues.into_iter()
            .find(|due| due.due_on > effective && due.due_on >= today)
    }
}
