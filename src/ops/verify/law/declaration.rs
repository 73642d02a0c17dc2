//! Declarations: a state and its days belong together, a step follows an allowed one, and what was submitted stays
//! word for word.

use jiff::civil::date;

use super::{Held, hold, plain};
use crate::domain::{
    declaration::{Conclusion, Declaration, DeclarationState as S},
    party::{Organisation, name_key},
    patent::PatentKind,
    time::Day,
};

/// Before this day there were pilot listings only (专利法实施细则 2023 施行).
const STATUTORY_SINCE: Day = date(2024, 1, 20);

/// Does the record, by itself, make sense?
pub fn stands(d: &Declaration) -> Held {
    if d.state == S::Void {
        hold(d.reason.is_some(), "is void for no reason")?;
        return hold(d.must_withdraw.is_none(), "is void and must be withdrawn");
    }
    let here = !d.recorded_late;
    let was_submitted = !matches!(d.state, S::Draft | S::Ready);
    hold(
        d.submitted_on.is_some() == (here && was_submitted),
        "its state and its submission disagree",
    )?;
    hold(
        d.commitment.is_some() == (here && d.state != S::Draft),
        "its state and its commitment disagree",
    )?;
    if plain::announced(d) {
        stands_announced(d)?;
    } else {
        hold(
            d.effective_on.is_none() && d.declaration_number.is_none(),
            "was not announced and has an announcement's day or number",
        )?;
        hold(
            !d.recorded_late,
            "was recorded late without an announcement",
        )?;
        hold(
            d.must_withdraw.is_none(),
            "was not announced and must be withdrawn",
        )?;
        hold(
            d.ended_on.is_some() == (d.state == S::Refused),
            "its state and its end disagree",
        )?;
    }
    if d.state == S::Refused {
        hold(
            d.reason.is_some() && d.submitted_on <= d.ended_on,
            "was refused for no reason or before it was submitted",
        )?;
    }
    Ok(())
}

fn stands_announced(d: &Declaration) -> Held {
    let effective = d
        .effective_on
        .ok_or("is announced without a day of effect")?;
    hold(
        d.declaration_number
            .as_ref()
            .is_some_and(|n| !n.trim().is_empty()),
        "is announced without a number",
    )?;
    hold(
        !d.sources.is_empty(),
        "is announced without an announcement",
    )?;
    hold(
        effective >= STATUTORY_SINCE,
        "was announced before there were open licences",
    )?;
    hold(effective <= d.until, "took effect after its period")?;
    hold(
        d.submitted_on.is_none_or(|day| day <= effective),
        "was announced before it was submitted",
    )?;
    hold(
        d.withdrawal_requested_on.is_none_or(|day| effective <= day),
        "its withdrawal was requested before it took effect",
    )?;
    let live = matches!(d.state, S::Announced | S::WithdrawalRequested);
    hold(
        live || d.must_withdraw.is_none(),
        "has ended and must be withdrawn",
    )?;
    match (d.state, d.ended_on) {
        (S::Announced, None) => Ok(()),
        (S::WithdrawalRequested, None) => hold(
            d.withdrawal_requested_on.is_some() && d.reason.is_some(),
            "its withdrawal was requested on no day or for no reason",
        ),
        (S::Withdrawn | S::Terminated | S::Revoked, Some(end)) => {
            hold(
                effective <= end && end <= d.until,
                "its end was announced outside its days",
            )?;
            hold(d.sources.len() >= 2, "has ended without an announcement")
        }
        (S::Expired, Some(end)) => hold(
            d.until.tomorrow().ok() == Some(end),
            "expired on another day than after its period",
        ),
        _ => Err("its state and its end disagree".into()),
    }
}

/// May this version follow that one, on this day?
pub fn follows(before: Option<&Declaration>, after: &Declaration, on: Day) -> Held {
    let days = [
        after.submitted_on,
        after.effective_on,
        after.withdrawal_requested_on,
        after.ended_on,
        after.must_withdraw.as_ref().map(|task| task.since),
    ];
    hold(
        days.into_iter().flatten().all(|day| day <= on),
        "something of it lies in the future",
    )?;
    let Some(before) = before else {
        let recorded = after.recorded_late && plain::announced(after);
        return hold(
            recorded || (after.state == S::Draft && !after.recorded_late),
            "began neither as a draft nor as an announcement",
        );
    };
    let allowed: &[S] = match before.state {
        S::Draft => &[S::Draft, S::Ready],
        S::Ready => &[S::Draft, S::Submitted],
        // Recorded after its period: announced and over in one step.
        S::Submitted => &[S::Announced, S::Expired, S::Refused, S::Void],
        S::Announced => &[
            S::Announced,
            S::WithdrawalRequested,
            S::Withdrawn,
            S::Terminated,
            S::Revoked,
            S::Expired,
            S::Void,
        ],
        S::WithdrawalRequested => &[
            S::WithdrawalRequested,
            S::Withdrawn,
            S::Terminated,
            S::Revoked,
            S::Expired,
            S::Void,
        ],
        S::Expired => &[S::Withdrawn, S::Terminated, S::Revoked, S::Void],
        S::Refused | S::Withdrawn | S::Terminated | S::Revoked => &[S::Void],
        S::Void => &[],
    };
    hold(
        allowed.contains(&after.state),
        "no step leads from its last state to this one",
    )?;
    hold(
        (&before.organisation, &before.number, before.recorded_late)
            == (&after.organisation, &after.number, after.recorded_late),
        "became another's or of another patent",
    )?;
    let fixed = before.state == S::Draft
        || (before.terms == after.terms
            && before.until == after.until
            && before.explanation == after.explanation
            && before.other == after.other
            && before.cap_override == after.cap_override
            && before.evaluation == after.evaluation
            && before.consents == after.consents
            && before.internal == after.internal);
    hold(fixed, "its content changed after the draft")?;
    let described = matches!(before.state, S::Draft | S::Ready)
        || (
            &before.title,
            &before.patentees,
            &before.main_class,
            &before.industry,
        ) == (
            &after.title,
            &after.patentees,
            &after.main_class,
            &after.industry,
        );
    hold(described, "its patent's facts changed after the submission")?;
    let announced = plain::announced(before);
    hold(
        !announced
            || (&before.effective_on, &before.declaration_number)
                == (&after.effective_on, &after.declaration_number),
        "its announcement changed",
    )?;
    hold(
        after.sources.starts_with(&before.sources),
        "lost a document that it was recorded from",
    )
}

/// What is readied or submitted here has its papers (专利法第五十条第一款，审查指南第五部分第十一章 3.2); it names the
/// patentees of that moment.
pub fn papers(d: &Declaration, party: &Organisation, on: Day) -> Held {
    hold(d.commitment.is_some(), "was readied without a commitment")?;
    hold(on <= d.until, "was readied after its period")?;
    if d.number.kind() != PatentKind::Invention {
        let report = d
            .evaluation
            .as_ref()
            .ok_or("was readied without an evaluation report")?;
        hold(
            report.conclusion != Conclusion::Negative,
            "was readied with a negative evaluation report",
        )?;
    }
    let own: Vec<String> = std::iter::once(&party.name)
        .chain(&party.aliases)
        .map(|name| name_key(name))
        .collect();
    let wanting = d
        .patentees
        .iter()
        .find(|name| !own.contains(&name_key(name)) && !d.has_consent_of(name));
    match wanting {
        None => Ok(()),
        Some(name) => Err(format!("was readied without the consent of {name}")),
    }
}
