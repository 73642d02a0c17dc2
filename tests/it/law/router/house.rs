//! What a register wants beyond the law, in plain days: one licence of one licensee under a declaration, a status that
//! is not older than the known one, ends that are not before their beginnings.

use kaixu::domain::{encumbrance::EncumbranceKind as Kind, patent::LegalStatus};

use crate::law::model::{
    Command, LICENCES,
    law::{DUE, Law, Statement},
};

/// What becomes of a command before the law is asked.
pub enum Said {
    /// There is nothing to say.
    Nothing,
    /// The register refuses it, whatever the law says.
    Refused,
    /// As the law shall hear it.
    Passed(Command),
}

/// The right whose owner has an account; it acts for itself, the office for the other.
pub const WITH_ACCOUNT: usize = 0;

/// Who records an encumbrance: an owner with an account or the office.
pub fn by_owner(right: usize, span: Option<i32>) -> bool {
    right == WITH_ACCOUNT && span.is_none()
}

/// `released`: the days on which the liens of a right were released, as far as they are known.
pub fn said(law: &Law, command: &Command, released: impl Fn(usize, usize) -> Option<i32>) -> Said {
    let (today, mut passed) = (law.today, command.clone());
    let refused = match &mut passed {
        Command::Announce { which, ago } => {
            let count = law.statements.len();
            count > 0 && {
                let right = &law.rights[law.statements[*which % count].right];
                !(right.granted..right.over).contains(&(today - *ago))
            }
        }
        Command::Encumber {
            right, kind, span, ..
        } => {
            let exclusive = matches!(kind, Kind::ExclusiveLicence | Kind::SoleLicence);
            let mut declared = law.statements.iter().filter(|s| s.right == *right);
            by_owner(*right, *span) && exclusive && declared.any(Statement::live)
        }
        Command::Release { right, which, ago } => {
            let day = today - *ago;
            if released(*right, *which).is_some_and(|known| known <= day) {
                return Said::Nothing;
            }
            let lien = law.rights[*right].liens.get(*which);
            lien.is_some_and(|lien| day < lien.days.start)
        }
        Command::Status { right, status, ago } => {
            // Whoever gives up a right of its own withdraws its declaration first.
            let own = *right == WITH_ACCOUNT && *status == LegalStatus::Abandoned;
            let mut declared = law.statements.iter().filter(|s| s.right == *right);
            today - *ago < law.rights[*right].known || (own && declared.any(Statement::live))
        }
        Command::Notice {
            which, who, inbox, ..
        } => match statement(law, *which) {
            Some(place) => {
                // A notice reaches an owner with an account at once, others by letter.
                *inbox = law.statements[place].right == WITH_ACCOUNT;
                has_one(law, place, *who)
            }
            None => false,
        },
        Command::RecordTaken {
            which,
            who,
            payments,
            ..
        } => match statement(law, *which) {
            Some(place) => {
                // Nothing paid where nothing is due is no payment.
                let due = DUE[law.statements[place].way];
                payments.retain(|(yuan, _)| due > 0 || *yuan > 0);
                has_one(law, place, *who)
            }
            None => false,
        },
        _ => false,
    };
    if refused {
        Said::Refused
    } else {
        Said::Passed(passed)
    }
}

/// The statement under which there may be one more licence.
fn statement(law: &Law, which: usize) -> Option<usize> {
    let count = law.statements.len();
    (count > 0 && law.takings.len() < LICENCES).then(|| which % count)
}

/// A licence that has taken effect or may still do so.
fn has_one(law: &Law, place: usize, who: u64) -> bool {
    use kaixu::domain::licence::LicenceState::{Effective, Pending};
    law.takings.iter().any(|taking| {
        taking.statement == place
            && taking.who == who
            && matches!(law.standing(taking), Effective | Pending)
    })
}
