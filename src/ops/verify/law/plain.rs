//! Days, money and evidence as the law's words have them.

use crate::domain::{
    declaration::{Declaration, DeclarationState},
    licence::{EvidenceKind, Licence, LicenceState},
    terms::Terms,
    time::Day,
};

/// Has the patent office ever announced it?
pub fn announced(declaration: &Declaration) -> bool {
    use DeclarationState as S;
    match declaration.state {
        S::Announced
        | S::WithdrawalRequested
        | S::Withdrawn
        | S::Terminated
        | S::Revoked
        | S::Expired => true,
        S::Draft | S::Ready | S::Submitted | S::Refused | S::Void => false,
    }
}

/// May a licence be taken on this day: from the announcement on, before an announced end, within the period?
pub fn offered(declaration: &Declaration, day: Day) -> bool {
    let Some(first) = declaration.effective_on.filter(|_| announced(declaration)) else {
        return false;
    };
    let ended = declaration.ended_on.is_some_and(|end| end <= day);
    first <= day && !ended && day <= declaration.until
}

/// The fixed money of the first day, in fen.
pub fn due_first(terms: &Terms) -> i128 {
    match terms {
        Terms::Free | Terms::Royalty(_) => 0,
        Terms::LumpSum { amount_fen } | Terms::PerPeriod { amount_fen, .. } => {
            i128::from(amount_fen.0)
        }
        Terms::EntryAndRoyalty { entry_fen, .. } => i128::from(entry_fen.0),
        Terms::Instalments { parts } => {
            let mut sum = 0;
            for part in parts {
                if part.after_days == 0 {
                    sum += i128::from(part.amount_fen.0);
                }
            }
            sum
        }
        Terms::Stages { stages } => stages.first().map_or(0, |stage| due_first(&stage.terms)),
    }
}

/// 无偿: nothing is ever due.
pub fn free(terms: &Terms) -> bool {
    match terms {
        Terms::Free => true,
        Terms::Stages { stages } => stages.iter().all(|stage| free(&stage.terms)),
        _ => false,
    }
}

/// State, the day of full payment and the day of effect, worked out day by day.
pub fn settled(
    licence: &Licence,
    declaration: &Declaration,
) -> (LicenceState, Option<Day>, Option<Day>) {
    let due = due_first(&licence.terms);
    let mut paid_on = None;
    if due > 0 {
        let mut days: Vec<Day> = licence.payments.iter().map(|p| p.paid_on).collect();
        days.sort_unstable();
        paid_on = days.into_iter().find(|day| {
            let until_then = licence.payments.iter().filter(|p| p.paid_on <= *day);
            let in_time = until_then.filter(|p| offered(declaration, p.paid_on));
            let sum: i128 = in_time.map(|p| i128::from(p.amount_fen.0)).sum();
            offered(declaration, *day) && sum >= due
        });
    }
    match licence.notice_on {
        None => (LicenceState::Pending, paid_on, None),
        Some(notice) if !offered(declaration, notice) => (LicenceState::Ineffective, paid_on, None),
        Some(_) if due > 0 && paid_on.is_none() => (LicenceState::Pending, None, None),
        Some(notice) => {
            let effective = paid_on.filter(|paid| *paid > notice).unwrap_or(notice);
            (LicenceState::Effective, paid_on, Some(effective))
        }
    }
}

/// Notice, and payment where money was due, are proved; or the patent office has filed it and certified so.
pub fn proved(licence: &Licence) -> bool {
    let kinds: Vec<EvidenceKind> = licence.evidence.iter().map(|e| e.kind).collect();
    let filed = licence.filing.is_some() && kinds.contains(&EvidenceKind::Filing);
    let paid = due_first(&licence.terms) == 0
        || kinds.contains(&EvidenceKind::Voucher)
        || kinds.contains(&EvidenceKind::Receipt);
    filed || (kinds.contains(&EvidenceKind::Notice) && paid)
}
