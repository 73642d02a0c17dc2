//! Licences: on the announced terms and no others, in effect by notice and payment alone, and by their days within
//! the offer (专利法第五十条第二款、第五十一条第一款).

use super::{Held, hold, plain};
use crate::domain::{
    declaration::Declaration,
    licence::{Delivery, EvidenceKind, Licence, LicenceState},
    time::{Day, Instant},
};

/// Is the licence what its declaration and its own days make of it?
pub fn stands(l: &Licence, d: &Declaration) -> Held {
    hold(
        l.number == d.number && l.holder == d.organisation,
        "is of another patent or holder than its declaration",
    )?;
    hold(
        l.licensee.organisation() != Some(&l.holder),
        "was taken by the patentee itself",
    )?;
    hold(
        l.terms == d.terms && l.until == d.until,
        "its terms are not those announced",
    )?;
    hold(
        l.payments.iter().all(|p| p.amount_fen.0 > 0),
        "a payment of nothing",
    )?;
    hold(
        l.payments.is_sorted_by_key(|p| p.paid_on),
        "its payments are not in the order of their days",
    )?;
    reached(l)?;
    if l.state == LicenceState::Void {
        return hold(l.reason.is_some(), "is void for no reason");
    }
    let (state, paid_on, effective_on) = plain::settled(l, d);
    if l.state != state {
        return Err(format!(
            "is {}, by its days it is {}",
            l.state.as_str(),
            state.as_str()
        ));
    }
    let written = |day: Option<Day>| day.map_or_else(|| "no day".into(), |day| day.to_string());
    if l.effective_on != effective_on {
        return Err(format!(
            "took effect on {}, by its days on {}",
            written(l.effective_on),
            written(effective_on)
        ));
    }
    if l.paid_on != paid_on {
        return Err(format!(
            "was paid on {}, by its payments on {}",
            written(l.paid_on),
            written(paid_on)
        ));
    }
    in_effect(l, d)
}

/// I6, and the last day for 备案.
fn in_effect(l: &Licence, d: &Declaration) -> Held {
    let Some(effective) = l.effective_on else {
        return hold(
            l.filing_due_on.is_none(),
            "is not in effect and due for filing",
        );
    };
    hold(
        d.ended_on.is_none_or(|end| effective < end) && effective <= d.until,
        "took effect after the declaration's end",
    )?;
    let days = [l.notice_on, l.paid_on];
    hold(
        days.into_iter()
            .flatten()
            .all(|day| plain::offered(d, day) && day <= effective),
        "its notice or payment lies outside the offer",
    )?;
    // How many months is the operator's setting, and of the time when it took effect.
    let months = (1..=255).any(|n| {
        effective.checked_add(jiff::Span::new().months(n)).ok() == l.filing_due_on
            && l.filing_due_on.is_some()
    });
    hold(
        months,
        "its filing is not due a number of months after its effect",
    )?;
    hold(
        l.filing
            .as_ref()
            .is_none_or(|filing| effective <= filing.on),
        "was filed before it took effect",
    )
}

/// How the notice came to the patentee, and what proves it.
fn reached(l: &Licence) -> Held {
    let has = |kind: EvidenceKind| l.evidence.iter().any(|e| e.kind == kind);
    let given = match &l.given_at {
        None => None,
        Some(at) => {
            let at: jiff::Timestamp = at.parse().map_err(|_| "was given at no instant")?;
            Some(Instant::from_micros(at.as_microsecond()).day())
        }
    };
    match l.delivery {
        Delivery::Elsewhere => hold(
            l.recorded_late && given.is_none() && l.notice_on.is_some(),
            "was given elsewhere and not recorded so",
        ),
        Delivery::Platform => hold(
            !l.recorded_late
                && given.is_some()
                && l.notice_on == given
                && has(EvidenceKind::Notice),
            "its notice did not arrive as it was given",
        ),
        Delivery::Letter => {
            hold(
                !l.recorded_late && given.is_some() && has(EvidenceKind::Notice),
                "its letter was not given",
            )?;
            hold(
                l.notice_on.is_none() || (l.notice_on >= given && has(EvidenceKind::Delivery)),
                "its letter arrived before it was given, or without proof",
            )
        }
    }
}

/// May this version follow that one, on this day?
pub fn follows(before: Option<&Licence>, after: &Licence, on: Day) -> Held {
    let mut days = vec![after.notice_on, after.effective_on];
    days.extend(after.payments.iter().map(|p| Some(p.paid_on)));
    days.push(after.response.as_ref().map(|response| response.on));
    days.push(after.filing.as_ref().map(|filing| filing.on));
    hold(
        days.into_iter().flatten().all(|day| day <= on),
        "something of it lies in the future",
    )?;
    let Some(before) = before else {
        return hold(after.state != LicenceState::Void, "began void");
    };
    hold(
        before.state != LicenceState::Void,
        "changed after it was void",
    )?;
    hold(
        (
            &before.declaration,
            &before.number,
            &before.holder,
            &before.licensee,
        ) == (
            &after.declaration,
            &after.number,
            &after.holder,
            &after.licensee,
        ),
        "became another's",
    )?;
    hold(
        before.terms == after.terms && before.until == after.until,
        "its terms changed",
    )?;
    hold(
        before.delivery == after.delivery
            && before.given_at == after.given_at
            && (before.notice_on.is_none() || before.notice_on == after.notice_on),
        "its notice changed",
    )?;
    hold(
        before.payments.iter().all(|p| after.payments.contains(p)),
        "lost a payment",
    )?;
    hold(
        after.evidence.starts_with(&before.evidence),
        "lost a document that proves it",
    )
}
