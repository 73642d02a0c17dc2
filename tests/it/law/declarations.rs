//! The course of a declaration: which step may follow which state, on which days, and what no step may touch.

use kaixu::domain::{
    declaration::{Declaration, DeclarationState as State, Step},
    refusal::Refused,
    rules::Rules,
    time::Day,
};

use super::fixtures::{TODAY, code, content, day, days, draft, file, lump_sum};

fn step(declaration: &Declaration, step: Step) -> Result<Declaration, Refused> {
    step_on(declaration, step, TODAY)
}

fn step_on(declaration: &Declaration, step: Step, today: Day) -> Result<Declaration, Refused> {
    declaration.step(step, &[], today, &Rules::default())
}

fn ready() -> Step {
    Step::Ready {
        commitment: file(1),
    }
}

fn submit(on: Day) -> Step {
    Step::Submit { on }
}

fn announce(effective_on: Day) -> Step {
    Step::Announce {
        declaration_number: "KX1".into(),
        effective_on,
        source: file(2),
    }
}

fn refuse(on: Day) -> Step {
    Step::Refuse {
        on,
        reason: "缺少材料".into(),
        source: Some(file(3)),
    }
}

fn request(on: Day) -> Step {
    Step::RequestWithdrawal {
        on,
        reason: "拟转让".into(),
    }
}

/// Withdrawal, termination or revocation.
fn end(state: State, announced_on: Day) -> Step {
    let source = file(4);
    match state {
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

const ENDS: [State; 3] = [State::Withdrawn, State::Terminated, State::Revoked];

fn annul() -> Step {
    Step::Annul {
        reason: "误录".into(),
    }
}

/// Drafted here and led to this state; announced on 2026-05-01, ended on 2026-05-20.
fn in_state(state: State) -> Declaration {
    let steps = match state {
        State::Draft => vec![],
        State::Ready => vec![ready()],
        State::Submitted => vec![ready(), submit(day("2026-04-01"))],
        State::Refused => vec![
            ready(),
            submit(day("2026-04-01")),
            refuse(day("2026-05-01")),
        ],
        _ => vec![
            ready(),
            submit(day("2026-04-01")),
            announce(day("2026-05-01")),
        ],
    };
    let mut declaration = draft();
    for taken in steps {
        declaration = step(&declaration, taken).unwrap();
    }
    match state {
        State::WithdrawalRequested => step(&declaration, request(day("2026-05-10"))).unwrap(),
        State::Void => step(&declaration, annul()).unwrap(),
        State::Expired => declaration.watched(&[], day("2029-01-01")).unwrap(),
        state if ENDS.contains(&state) => {
            step(&declaration, end(state, day("2026-05-20"))).unwrap()
        }
        _ => declaration,
    }
}

#[test]
fn every_state_allows_its_own_steps_and_refuses_the_others() {
    let on = day("2026-05-20");
    let steps = [
        ready(),
        Step::Reopen,
        submit(on),
        announce(on),
        refuse(on),
        request(on),
        end(State::Withdrawn, on),
        end(State::Terminated, on),
        end(State::Revoked, on),
        annul(),
    ];
    for (state, row) in [
        (State::Draft, "x........."),
        (State::Ready, ".xx......."),
        (State::Submitted, "...xx....x"),
        (State::Announced, ".....xxxxx"),
        (State::Refused, ".........x"),
        (State::WithdrawalRequested, "......xxxx"),
        (State::Withdrawn, ".........x"),
        (State::Terminated, ".........x"),
        (State::Revoked, ".........x"),
        (State::Expired, "......xxxx"),
        (State::Void, ".........."),
    ] {
        let declaration = in_state(state);
        assert_eq!(declaration.state, state);
        for (taken, allowed) in steps.iter().zip(row.chars()) {
            let outcome = step(&declaration, taken.clone());
            if allowed == 'x' {
                assert!(outcome.is_ok(), "{state:?} {taken:?}: {outcome:?}");
            } else {
                assert_eq!(code(outcome), "stepOutOfTurn", "{state:?} {taken:?}");
            }
        }
    }
}

#[test]
fn after_readying_no_step_touches_what_was_committed_to() {
    for state in State::ALL {
        let declaration = in_state(state);
        let committed = |d: &Declaration| {
            (
                (d.id.clone(), d.organisation.clone(), d.number.clone()),
                (d.title.clone(), d.patentees.clone(), d.terms.clone()),
                (d.until, d.explanation.clone(), d.other.clone()),
                (
                    d.evaluation.clone(),
                    d.consents.clone(),
                    d.cap_override.clone(),
                ),
            )
        };
        assert_eq!(committed(&declaration), committed(&draft()), "{state:?}");
        let edited = declaration.edited(content(lump_sum(1), day("2027-01-01")));
        if state == State::Draft {
            assert_eq!(edited.unwrap().terms, lump_sum(1));
        } else {
            assert_eq!(code(edited), "declarationFixed", "{state:?}");
        }
    }
}

#[test]
fn a_reopened_declaration_may_be_edited_and_must_be_committed_to_anew() {
    let reopened = step(&in_state(State::Ready), Step::Reopen).unwrap();
    assert_eq!(reopened, draft());
    assert!(
        reopened
            .edited(content(lump_sum(1), day("2027-01-01")))
            .is_ok()
    );
    assert_eq!(code(step(&reopened, submit(TODAY))), "stepOutOfTurn");
}

#[test]
fn what_has_not_happened_yet_is_not_recorded() {
    let tomorrow = days(TODAY, 1);
    let mut cases = vec![
        (State::Ready, submit as fn(Day) -> Step),
        (State::Submitted, announce),
        (State::Submitted, refuse),
        (State::Announced, request),
    ];
    for from in [State::Announced, State::WithdrawalRequested] {
        cases.push((from, |on| end(State::Withdrawn, on)));
        cases.push((from, |on| end(State::Terminated, on)));
        cases.push((from, |on| end(State::Revoked, on)));
    }
    for (state, taken) in cases {
        let declaration = in_state(state);
        assert!(step(&declaration, taken(TODAY)).is_ok(), "{state:?}");
        assert_eq!(code(step(&declaration, taken(tomorrow))), "dayInFuture");
        assert!(step_on(&declaration, taken(tomorrow), tomorrow).is_ok());
    }
}

#[test]
fn the_office_decides_on_the_day_of_submission_or_later() {
    let submitted = in_state(State::Submitted);
    for decide in [announce, refuse] {
        assert!(step(&submitted, decide(day("2026-04-01"))).is_ok());
        let early = step(&submitted, decide(day("2026-03-31")));
        assert_eq!(code(early), "beforeSubmission");
    }
}

#[test]
fn nothing_ends_before_it_took_effect_or_after_its_period() {
    for state in [State::Announced, State::WithdrawalRequested, State::Expired] {
        let declaration = in_state(state);
        let later = day("2029-06-01");
        for kind in ENDS {
            let on = |text: &str| step_on(&declaration, end(kind, day(text)), later);
            assert_eq!(code(on("2026-04-30")), "beforeEffect");
            assert_eq!(on("2026-05-01").unwrap().ended_on, Some(day("2026-05-01")));
            assert_eq!(on("2028-12-31").unwrap().state, kind);
            assert_eq!(code(on("2029-01-01")), "alreadyExpired");
        }
    }
    let early = step(&in_state(State::Announced), request(day("2026-04-30")));
    assert_eq!(code(early), "beforeEffect");
}

#[test]
fn a_declaration_takes_effect_within_its_own_period() {
    let announced_on = |text: &str| {
        step_on(
            &in_state(State::Submitted),
            announce(day(text)),
            day("2029-06-01"),
        )
    };
    let last = announced_on("2028-12-31").unwrap();
    assert!(last.is_offered_on(day("2028-12-31")));
    assert_eq!(code(announced_on("2029-01-01")), "periodEmpty");
}

#[test]
fn the_announcement_has_a_number_on_one_line() {
    for (number, sound) in [
        ("X", true),
        (" KX 1 ", true),
        (&*"9".repeat(100), true),
        (&*"9".repeat(101), false),
        (" ", false),
        ("", false),
        ("KX\n1", false),
    ] {
        let taken = Step::Announce {
            declaration_number: number.into(),
            effective_on: TODAY,
            source: file(2),
        };
        let outcome = step(&in_state(State::Submitted), taken);
        assert_eq!(outcome.is_ok(), sound, "{number}");
        if let Ok(declaration) = outcome {
            assert_eq!(
                declaration.declaration_number.as_deref(),
                Some(number.trim())
            );
        }
    }
}
