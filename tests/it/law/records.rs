//! Declarations recorded from announcements made elsewhere, the days on which a declaration is open, and the daily
//! watch over it.

use kaixu::domain::{
    declaration::{Announced, Content, Declaration, DeclarationState as State, MustWithdraw, Step},
    eligibility::{Block, Finding},
    event::Audience,
    patent::Patent,
    refusal::Refused,
    rules::Rules,
    time::Day,
};

use super::fixtures::{
    TODAY, announced, announcement, code, content, day, days, draft, id, invention, lump_sum,
    university, withdrawn,
};

fn record(patent: &Patent, content: Content, announced: Announced) -> Result<Declaration, Refused> {
    let rules = Rules::default();
    Declaration::recorded(
        id(0xd),
        &university(),
        patent,
        content,
        announced,
        TODAY,
        &rules,
    )
}

fn record_from(effective_on: &str) -> Result<Declaration, Refused> {
    let content = content(lump_sum(100), day("2028-12-31"));
    record(&invention(), content, announcement(day(effective_on), None))
}

#[test]
fn a_recorded_declaration_stands_in_the_state_in_which_it_was_announced() {
    let ended = day("2026-05-20");
    for (end, state, ended_on) in [
        (None, State::Announced, None),
        (
            Some((State::Withdrawn, ended)),
            State::Withdrawn,
            Some(ended),
        ),
        (
            Some((State::Terminated, ended)),
            State::Terminated,
            Some(ended),
        ),
        (Some((State::Revoked, ended)), State::Revoked, Some(ended)),
    ] {
        let content = content(lump_sum(100), day("2028-12-31"));
        let recorded = record(&invention(), content, announcement(day("2026-05-01"), end)).unwrap();
        assert_eq!((recorded.state, recorded.ended_on), (state, ended_on));
        assert_eq!(recorded.effective_on, Some(day("2026-05-01")));
        assert!(recorded.recorded_late && !recorded.sources.is_empty());
        assert_eq!(recorded.audience(), Audience::Public);
    }
}

#[test]
fn a_recorded_end_is_one_that_the_office_announces() {
    for state in State::ALL {
        let content = content(lump_sum(100), day("2028-12-31"));
        let end = Some((state, day("2026-05-20")));
        let outcome = record(&invention(), content, announcement(day("2026-05-01"), end));
        if [State::Withdrawn, State::Terminated, State::Revoked].contains(&state) {
            assert_eq!(outcome.unwrap().state, state);
        } else {
            assert_eq!(code(outcome), "endInvalid", "{state:?}");
        }
    }
}

#[test]
fn a_period_that_is_over_is_recorded_and_expires_with_the_next_watch() {
    let content = content(lump_sum(100), day("2026-05-20"));
    let recorded = record(&invention(), content, announcement(day("2026-05-01"), None)).unwrap();
    assert!(recorded.is_offered_on(day("2026-05-20")));
    assert!(!recorded.is_offered_on(day("2026-05-21")));
    let expired = recorded.watched(&[], TODAY).unwrap();
    assert_eq!(
        (expired.state, expired.ended_on),
        (State::Expired, Some(day("2026-05-21")))
    );
}

#[test]
fn an_end_is_recorded_within_the_days_of_the_declaration() {
    for (ended_on, expected) in [
        ("2026-04-30", Some("beforeEffect")),
        ("2026-05-01", None),
        ("2026-05-10", None),
        ("2026-05-11", Some("alreadyExpired")),
        ("2026-06-02", Some("dayInFuture")),
    ] {
        for state in [State::Withdrawn, State::Terminated, State::Revoked] {
            let content = content(lump_sum(100), day("2026-05-10"));
            let end = Some((state, day(ended_on)));
            let outcome = record(&invention(), content, announcement(day("2026-05-01"), end));
            assert_eq!(
                outcome.err().map(|refused| refused.code),
                expected,
                "{ended_on}"
            );
        }
    }
}

#[test]
fn pilot_listings_are_not_open_licences() {
    assert_eq!(code(record_from("2024-01-19")), "pilotListing");
    assert_eq!(record_from("2024-01-20").unwrap().state, State::Announced);
}

#[test]
fn an_announcement_lies_between_grant_and_end_of_term_and_not_ahead() {
    let mut late_grant = invention();
    late_grant.grant_date = Some(day("2026-05-10"));
    // The term's last day is 2026-05-20.
    let mut old = invention();
    old.filing_date = Some(day("2006-05-21"));
    for (patent, effective_on, until, expected) in [
        (&late_grant, "2026-05-09", "2028-12-31", Some("beforeGrant")),
        (&late_grant, "2026-05-10", "2028-12-31", None),
        (&old, "2026-05-10", "2026-05-20", None),
        (&old, "2026-05-20", "2026-05-20", None),
        (&old, "2026-05-10", "2026-05-21", Some("beyondTerm")),
        (&old, "2026-05-21", "2026-05-21", Some("beyondTerm")),
        (&invention(), "2026-06-01", "2026-06-01", None),
        (
            &invention(),
            "2026-06-01",
            "2026-05-31",
            Some("periodEmpty"),
        ),
        (
            &invention(),
            "2026-06-02",
            "2028-12-31",
            Some("dayInFuture"),
        ),
    ] {
        let content = content(lump_sum(100), day(until));
        let outcome = record(patent, content, announcement(day(effective_on), None));
        assert_eq!(
            outcome.err().map(|refused| refused.code),
            expected,
            "{effective_on} {until}"
        );
    }
}

#[test]
fn a_declaration_is_open_from_its_effect_until_the_day_before_its_end() {
    let open = announced("2026-05-01", "2026-05-31", lump_sum(100));
    let early = withdrawn(&open, "2026-05-20");
    let at_once = withdrawn(&open, "2026-05-01");
    let on_the_last_day = withdrawn(&open, "2026-05-31");
    let expired = open.watched(&[], TODAY).unwrap();
    let requested = open
        .step(
            Step::RequestWithdrawal {
                on: day("2026-05-10"),
                reason: "转让".into(),
            },
            &[],
            TODAY,
            &Rules::default(),
        )
        .unwrap();
    for (declaration, first, last) in [
        (&open, 1, 31),
        (&requested, 1, 31),
        (&early, 1, 19),
        (&at_once, 1, 0),
        (&on_the_last_day, 1, 30),
        (&expired, 1, 31),
    ] {
        for offset in 0..=33 {
            let on = days(day("2026-04-30"), offset);
            let expected = (first..=last).contains(&offset);
            assert_eq!(
                declaration.is_offered_on(on),
                expected,
                "{:?} {on}",
                declaration.state
            );
        }
        assert_eq!(declaration.last_day(), days(day("2026-04-30"), last));
    }
    let rules = Rules::default();
    let annul = Step::Annul {
        reason: "误录".into(),
    };
    let void = open.step(annul, &[], TODAY, &rules).unwrap();
    for never in [&void, &draft()] {
        assert!(!never.is_offered_on(day("2026-05-10")));
    }
}

fn found(block: Block) -> Finding {
    Finding {
        block,
        detail: String::new(),
    }
}

fn watch(declaration: &Declaration, blocks: &[Block], today: Day) -> Option<Declaration> {
    let findings: Vec<Finding> = blocks.iter().copied().map(found).collect();
    declaration.watched(&findings, today)
}

#[test]
fn a_duty_to_withdraw_is_noticed_kept_from_its_first_day_and_lifted() {
    let open = announced("2026-05-01", "2028-12-31", lump_sum(100));
    assert_eq!(watch(&open, &[], TODAY), None);
    let noticed = watch(&open, &[Block::Suspended, Block::FeeUnpaid], TODAY).unwrap();
    let task = |blocks: &[Block]| MustWithdraw {
        since: TODAY,
        blocks: blocks.to_vec(),
    };
    assert_eq!(
        noticed.must_withdraw,
        Some(task(&[Block::Suspended, Block::FeeUnpaid]))
    );
    // The same again, in another order and twice, is nothing new.
    let same = [Block::FeeUnpaid, Block::Suspended, Block::FeeUnpaid];
    assert_eq!(watch(&noticed, &same, days(TODAY, 1)), None);
    let fewer = watch(&noticed, &[Block::FeeUnpaid], days(TODAY, 2)).unwrap();
    assert_eq!(fewer.must_withdraw, Some(task(&[Block::FeeUnpaid])));
    let other = watch(&fewer, &[Block::Terminated], days(TODAY, 3)).unwrap();
    assert_eq!(other.must_withdraw, Some(task(&[Block::Terminated])));
    let lifted = watch(&other, &[], days(TODAY, 4)).unwrap();
    assert_eq!(lifted, open);
    let again = watch(&lifted, &[Block::Other], days(TODAY, 9)).unwrap();
    assert_eq!(
        again.must_withdraw.map(|task| task.since),
        Some(days(TODAY, 9))
    );
}

#[test]
fn what_concerns_only_papers_is_no_duty_to_withdraw() {
    let open = announced("2026-05-01", "2028-12-31", lump_sum(100));
    for block in Block::ALL {
        let watched = watch(&open, &[block], TODAY);
        assert_eq!(watched.is_some(), block.lasts(), "{block:?}");
    }
}

#[test]
fn the_duty_ends_with_the_declaration_and_is_not_raised_after_it() {
    let open = announced("2026-05-01", "2026-06-10", lump_sum(100));
    let noticed = watch(&open, &[Block::Suspended], TODAY).unwrap();
    assert_eq!(
        watch(&noticed, &[Block::Suspended], day("2026-06-10")),
        None
    );
    let expired = watch(&noticed, &[Block::Suspended], day("2026-06-11")).unwrap();
    assert_eq!(expired.state, State::Expired);
    assert_eq!(expired.ended_on, Some(day("2026-06-11")));
    assert_eq!(expired.must_withdraw, None);
    let gone = withdrawn(&noticed, "2026-06-05");
    assert_eq!(gone.must_withdraw, None);
    for ended in [&expired, &gone, &draft()] {
        assert_eq!(watch(ended, &[Block::Suspended], day("2026-06-20")), None);
    }
}
