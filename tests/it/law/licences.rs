//! How a licence comes about: notice and payment on open days, the later of the two; what
//! becomes known late is judged by its own day.

use kaixu::domain::{
    declaration::Declaration,
    licence::{Licence, LicenceState as State},
    money::Fen,
    rules::Rules,
    terms::Terms,
    time::Day,
};

use super::{
    fixtures::{
        announced, code, day, days, first_year_free, instalments, lump_sum, share, withdrawn,
    },
    taking::{deliver, notice, paid, pay, state},
};

/// Open through May 2026 for 100 yuan.
fn may() -> Declaration {
    announced("2026-05-01", "2026-05-31", lump_sum(100))
}

fn settled(licence: &Licence, declaration: &Declaration) -> Licence {
    let mut next = licence.clone();
    next.settle(declaration, &Rules::default());
    next
}

#[test]
fn a_licence_takes_effect_on_the_later_day_of_notice_and_payment() {
    let open = may();
    for (delivered_on, paid_on, effective_on) in [
        ("2026-05-03", "2026-05-03", "2026-05-03"),
        ("2026-05-03", "2026-05-08", "2026-05-08"),
        ("2026-05-08", "2026-05-03", "2026-05-08"),
        ("2026-05-02", "2026-05-01", "2026-05-02"),
        ("2026-05-31", "2026-05-31", "2026-05-31"),
    ] {
        let letter = notice(&open, "2026-05-02", false).unwrap();
        assert_eq!(state(&letter), (State::Pending, None));
        let by_letter = deliver(&letter, &open, delivered_on).unwrap();
        assert_eq!(state(&by_letter), (State::Pending, None));
        let licence = pay(&by_letter, &open, 100, paid_on).unwrap();
        assert_eq!(state(&licence), (State::Effective, Some(day(effective_on))));
        // In whatever order the two become known.
        let other = deliver(
            &pay(&letter, &open, 100, paid_on).unwrap(),
            &open,
            delivered_on,
        );
        assert_eq!(state(&other.unwrap()), state(&licence));
        assert_eq!(licence.paid_on, Some(day(paid_on)));
    }
}

#[test]
fn where_nothing_is_due_at_the_start_the_notice_alone_suffices() {
    let entry_later = instalments(&[(100, 30)]);
    for terms in [
        Terms::Free,
        Terms::Royalty(share(300)),
        entry_later,
        first_year_free(100),
    ] {
        let open = announced("2026-05-01", "2028-05-31", terms.clone());
        let licence = notice(&open, "2026-05-09", true).unwrap();
        assert_eq!(
            state(&licence),
            (State::Effective, Some(day("2026-05-09"))),
            "{terms:?}"
        );
        assert_eq!(licence.paid_on, None);
        let letter = notice(&open, "2026-05-09", false).unwrap();
        assert_eq!(letter.state, State::Pending);
        let arrived = deliver(&letter, &open, "2026-05-12").unwrap();
        assert_eq!(state(&arrived), (State::Effective, Some(day("2026-05-12"))));
    }
}

#[test]
fn of_several_amounts_only_those_of_the_first_day_are_due_before_effect() {
    let entry = Terms::EntryAndRoyalty {
        entry_fen: Fen::yuan(60),
        royalty: share(300),
    };
    let yearly = Terms::PerPeriod {
        amount_fen: Fen::yuan(60),
        every_months: 12,
    };
    for terms in [instalments(&[(60, 0), (40, 30)]), entry, yearly] {
        let open = announced("2026-05-01", "2028-05-31", terms.clone());
        let licence = notice(&open, "2026-05-02", true).unwrap();
        let almost = paid(&licence, &open, Fen(5_999), "2026-05-03").unwrap();
        assert_eq!(almost.state, State::Pending, "{terms:?}");
        let full = paid(&almost, &open, Fen(1), "2026-05-05").unwrap();
        assert_eq!(state(&full), (State::Effective, Some(day("2026-05-05"))));
        // The rest may come whenever it comes, also after the end of the declaration.
        let ended = withdrawn(&open, "2026-05-10");
        let rest = pay(&full, &ended, 40, "2026-06-05").unwrap();
        assert_eq!(state(&rest), state(&full));
    }
}

#[test]
fn payment_in_two_parts_counts_from_the_day_on_which_it_is_whole() {
    let open = may();
    let licence = notice(&open, "2026-05-02", true).unwrap();
    let second = pay(&licence, &open, 50, "2026-05-20").unwrap();
    assert_eq!(second.state, State::Pending);
    // The earlier part becomes known later; more than is due changes nothing.
    let both = pay(&second, &open, 50, "2026-05-04").unwrap();
    assert_eq!(state(&both), (State::Effective, Some(day("2026-05-20"))));
    let more = pay(&both, &open, 70, "2026-05-25").unwrap();
    assert_eq!(state(&more), state(&both));
    // That it was whole earlier may become known, too.
    let earlier = pay(&both, &open, 50, "2026-05-10").unwrap();
    assert_eq!(state(&earlier), (State::Effective, Some(day("2026-05-10"))));
}

#[test]
fn payment_counts_on_the_day_before_the_withdrawal_however_late_it_is_recorded_and_not_on_its_day()
{
    let open = may();
    let licence = notice(&open, "2026-05-02", true).unwrap();
    let ended = withdrawn(&open, "2026-05-20");
    assert_eq!(
        code(pay(&licence, &ended, 100, "2026-05-20")),
        "declarationEnded"
    );
    let licence = pay(&licence, &ended, 100, "2026-05-19").unwrap();
    assert_eq!(state(&licence), (State::Effective, Some(day("2026-05-19"))));
    for (paid_on, refused) in [
        ("2026-04-30", "declarationNotYetEffective"),
        ("2026-06-01", "periodOver"),
    ] {
        let licence = notice(&open, "2026-05-02", true).unwrap();
        assert_eq!(code(pay(&licence, &open, 100, paid_on)), refused);
    }
}

#[test]
fn notice_on_the_day_of_withdrawal_is_too_late() {
    let open = may();
    let ended = withdrawn(&open, "2026-05-20");
    assert_eq!(code(notice(&ended, "2026-05-20", true)), "declarationEnded");
    assert!(notice(&ended, "2026-05-19", true).is_ok());
    assert_eq!(
        code(notice(&open, "2026-04-30", true)),
        "declarationNotYetEffective"
    );
    assert!(notice(&open, "2026-05-31", true).is_ok());
    assert_eq!(code(notice(&open, "2026-06-01", true)), "periodOver");
    let expired = open.watched(&[], day("2026-06-01")).unwrap();
    assert_eq!(code(notice(&expired, "2026-06-01", true)), "periodOver");
    let letter = notice(&open, "2026-05-10", false).unwrap();
    assert_eq!(
        code(deliver(&letter, &ended, "2026-05-20")),
        "declarationEnded"
    );
    assert!(deliver(&letter, &ended, "2026-05-19").is_ok());
}

#[test]
fn a_letter_arrives_once_and_not_before_it_was_given() {
    let open = may();
    let letter = notice(&open, "2026-05-10", false).unwrap();
    assert_eq!(code(deliver(&letter, &open, "2026-05-09")), "beforeNotice");
    let arrived = deliver(&letter, &open, "2026-05-10").unwrap();
    assert_eq!(
        code(deliver(&arrived, &open, "2026-05-11")),
        "alreadyDelivered"
    );
    let inbox = notice(&open, "2026-05-10", true).unwrap();
    assert_eq!(
        code(deliver(&inbox, &open, "2026-05-11")),
        "alreadyDelivered"
    );
}

#[test]
fn the_day_of_a_notice_is_shanghais_also_in_the_first_hours() {
    let open = may();
    let mut letter = notice(&open, "2026-05-10", false).unwrap();
    // 00:30 on 10 May in Shanghai.
    letter.given_at = Some("2026-05-09T16:30:00Z".into());
    assert_eq!(code(deliver(&letter, &open, "2026-05-09")), "beforeNotice");
    assert!(deliver(&letter, &open, "2026-05-10").is_ok());
}

#[test]
fn a_withdrawal_that_becomes_known_late_undoes_what_came_on_or_after_its_day_and_nothing_else() {
    let open = may();
    for (notice_on, paid_on, expected) in [
        ("2026-05-02", "2026-05-03", State::Effective),
        ("2026-05-19", "2026-05-19", State::Effective),
        // Noticed in time; it still lacks a payment in time.
        ("2026-05-19", "2026-05-20", State::Pending),
        ("2026-05-20", "2026-05-20", State::Ineffective),
        ("2026-05-20", "2026-05-19", State::Ineffective),
        ("2026-05-25", "2026-05-26", State::Ineffective),
    ] {
        let before = pay(
            &notice(&open, notice_on, true).unwrap(),
            &open,
            100,
            paid_on,
        )
        .unwrap();
        assert_eq!(before.state, State::Effective);
        let after = settled(&before, &withdrawn(&open, "2026-05-20"));
        assert_eq!(after.state, expected, "{notice_on} {paid_on}");
        if expected == State::Effective {
            assert_eq!(after, before);
        } else {
            assert_eq!((after.effective_on, after.filing_due_on), (None, None));
            assert!(!after.filing_overdue_on(day("2030-01-01")));
        }
        // Terms, days and evidence stay on record.
        assert_eq!(
            (
                &after.terms,
                after.notice_on,
                &after.payments,
                &after.evidence
            ),
            (
                &before.terms,
                before.notice_on,
                &before.payments,
                &before.evidence
            )
        );
    }
}

#[test]
fn the_end_of_the_period_leaves_every_licence_as_it_is() {
    let open = may();
    let expired = open.watched(&[], day("2026-06-01")).unwrap();
    for taken_on in ["2026-05-01", "2026-05-31"] {
        let licence = pay(
            &notice(&open, taken_on, true).unwrap(),
            &open,
            100,
            taken_on,
        )
        .unwrap();
        assert_eq!(settled(&licence, &expired), licence);
    }
}

#[test]
fn what_is_not_money_or_lies_ahead_is_no_payment() {
    let open = may();
    let licence = notice(&open, "2026-05-02", true).unwrap();
    for fen in [0, -1, i64::MIN] {
        assert_eq!(
            code(paid(&licence, &open, Fen(fen), "2026-05-02")),
            "amountInvalid"
        );
    }
    let today: Day = days(day("2026-05-02"), 3_001);
    assert_eq!(
        code(pay(&licence, &open, 100, &today.to_string())),
        "dayInFuture"
    );
    // Absurd amounts do not overflow.
    let once = paid(&licence, &open, Fen(i64::MAX), "2026-05-02").unwrap();
    let twice = paid(&once, &open, Fen(i64::MAX), "2026-05-02").unwrap();
    assert_eq!(state(&twice), (State::Effective, Some(day("2026-05-02"))));
}
