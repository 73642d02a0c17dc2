//! Licences recorded afterwards, filing with the patent office, what proves a licence, and striking it out.

use kaixu::domain::{
    declaration::Declaration,
    licence::{
        Evidence, EvidenceKind as Kind, Filing, Licence, LicenceState as State, Licensee, Payment,
        Taken, Verdict,
    },
    money::Fen,
    refusal::Refused,
    rules::Rules,
    terms::Terms,
};

use super::{
    fixtures::{
        announced, code, day, days, file, first_year_free, id, instalments, lump_sum, share,
        withdrawn,
    },
    taking::{deliver, notice, pay, state},
};

fn evidence(kinds: &[Kind]) -> Vec<Evidence> {
    let of = |kind: &Kind| Evidence {
        kind: *kind,
        file: file(0x30),
    };
    kinds.iter().map(of).collect()
}

fn filing(on: &str) -> Filing {
    Filing {
        number: "X2026980012345".into(),
        on: day(on),
    }
}

/// Taken elsewhere by notice and payments of so many yuan, recorded on 1 June 2027.
fn record(
    declaration: &Declaration,
    notice_on: &str,
    payments: &[(i64, &str)],
    filing: Option<Filing>,
) -> Result<Licence, Refused> {
    let payment = |(yuan, on): &(i64, &str)| Payment {
        amount_fen: Fen::yuan(*yuan),
        paid_on: day(on),
    };
    let taken = Taken {
        id: id(0x12),
        licensee: Licensee::Organisation(id(0x0a02)),
        notice_on: day(notice_on),
        payments: payments.iter().map(payment).collect(),
        filing,
        evidence: evidence(&[Kind::Notice, Kind::Receipt]),
        cross_border: false,
    };
    Licence::recorded(taken, declaration, day("2027-06-01"), &Rules::default())
}

fn may() -> Declaration {
    announced("2026-05-01", "2026-05-31", lump_sum(100))
}

#[test]
fn a_licence_is_recorded_by_the_rules_of_its_own_days() {
    let open = may();
    let ended = withdrawn(&open, "2026-05-20");
    for (declaration, notice_on, paid_on, expected) in [
        (&open, "2026-05-01", "2026-05-31", Ok("2026-05-31")),
        (&open, "2026-05-31", "2026-05-01", Ok("2026-05-31")),
        (&ended, "2026-05-19", "2026-05-19", Ok("2026-05-19")),
        (&ended, "2026-05-20", "2026-05-19", Err("declarationEnded")),
        (&ended, "2026-05-19", "2026-05-20", Err("declarationEnded")),
        (
            &open,
            "2026-04-30",
            "2026-05-01",
            Err("declarationNotYetEffective"),
        ),
        (
            &open,
            "2026-05-01",
            "2026-04-30",
            Err("declarationNotYetEffective"),
        ),
        (&open, "2026-06-01", "2026-05-01", Err("periodOver")),
        (&open, "2026-05-01", "2026-06-01", Err("periodOver")),
        (&open, "2027-06-02", "2026-05-01", Err("dayInFuture")),
        (&open, "2026-05-01", "2027-06-02", Err("dayInFuture")),
    ] {
        let outcome = record(declaration, notice_on, &[(100, paid_on)], None);
        match expected {
            Ok(on) => {
                let licence = outcome.unwrap();
                assert_eq!(state(&licence), (State::Effective, Some(day(on))));
                assert!(licence.recorded_late);
                assert_eq!(licence.terms, declaration.terms);
            }
            Err(refused) => assert_eq!(code(outcome), refused, "{notice_on} {paid_on}"),
        }
    }
}

#[test]
fn another_price_is_no_open_licence() {
    for payments in [
        &[][..],
        &[(99, "2026-05-02")],
        &[(60, "2026-05-02"), (39, "2026-05-03")],
    ] {
        let refused = record(&may(), "2026-05-02", payments, None);
        assert_eq!(code(refused), "paymentIncomplete");
    }
    let free = announced("2026-05-01", "2026-05-31", Terms::Free);
    assert_eq!(
        record(&free, "2026-05-02", &[], None).unwrap().state,
        State::Effective
    );
}

#[test]
fn what_was_due_later_may_have_been_paid_after_the_declaration_ended() {
    let parts = announced(
        "2026-05-01",
        "2026-05-31",
        instalments(&[(60, 0), (40, 90)]),
    );
    for order in [
        [(60, "2026-05-02"), (40, "2026-08-01")],
        [(40, "2026-08-01"), (60, "2026-05-02")],
    ] {
        let licence = record(&parts, "2026-05-02", &order, None).unwrap();
        assert_eq!(state(&licence), (State::Effective, Some(day("2026-05-02"))));
        assert_eq!(licence.payments.len(), 2);
    }
    let royalty = announced("2026-05-01", "2026-05-31", Terms::Royalty(share(300)));
    let licence = record(&royalty, "2026-05-02", &[(7, "2027-05-20")], None).unwrap();
    assert_eq!(state(&licence), (State::Effective, Some(day("2026-05-02"))));
}

#[test]
fn a_recorded_filing_obeys_the_rules_of_filing() {
    let with = |on: &str| {
        record(
            &may(),
            "2026-05-02",
            &[(100, "2026-05-05")],
            Some(filing(on)),
        )
    };
    assert_eq!(
        with("2026-05-05").unwrap().filing,
        Some(filing("2026-05-05"))
    );
    assert_eq!(code(with("2026-05-04")), "filedBeforeEffect");
    assert_eq!(code(with("2027-06-02")), "dayInFuture");
}

#[test]
fn filing_follows_the_effect_has_a_number_and_may_be_corrected() {
    let open = may();
    let pending = notice(&open, "2026-05-02", true).unwrap();
    let today = day("2026-06-01");
    assert_eq!(
        code(pending.filed(&filing("2026-05-02"), None, today)),
        "notEffective"
    );
    let effective = pay(&pending, &open, 100, "2026-05-05").unwrap();
    assert_eq!(
        code(effective.filed(&filing("2026-05-04"), None, today)),
        "filedBeforeEffect"
    );
    assert_eq!(
        code(effective.filed(&filing("2026-06-02"), None, today)),
        "dayInFuture"
    );
    for number in ["", " ", "X\n1", &"9".repeat(101)] {
        let wrong = Filing {
            number: number.to_owned(),
            on: today,
        };
        assert_eq!(
            code(effective.filed(&wrong, None, today)),
            "filingNumberInvalid"
        );
    }
    let filed = effective
        .filed(&filing("2026-05-05"), Some(file(1)), today)
        .unwrap();
    assert_eq!(state(&filed), state(&effective));
    let corrected = filed.filed(&filing("2026-05-20"), None, today).unwrap();
    assert_eq!(corrected.filing, Some(filing("2026-05-20")));
}

#[test]
fn filing_is_due_within_three_months_and_a_short_month_ends_sooner() {
    for (effective_on, due_on) in [
        ("2026-05-05", "2026-08-05"),
        ("2026-01-31", "2026-04-30"),
        ("2026-11-30", "2027-02-28"),
        ("2027-11-30", "2028-02-29"),
        ("2026-12-31", "2027-03-31"),
        ("2026-08-31", "2026-11-30"),
    ] {
        let open = announced("2026-01-01", "2028-12-31", Terms::Free);
        let licence = notice(&open, effective_on, true).unwrap();
        let due = day(due_on);
        assert_eq!(licence.filing_due_on, Some(due));
        assert!(!licence.filing_overdue_on(due));
        assert!(licence.filing_overdue_on(days(due, 1)));
        let filed = licence.filed(&filing(due_on), None, days(due, 9)).unwrap();
        assert!(!filed.filing_overdue_on(days(due, 1)));
    }
}

#[test]
fn every_combination_of_papers_lacks_what_the_law_wants_of_it() {
    let kinds = [
        Kind::Notice,
        Kind::Voucher,
        Kind::Receipt,
        Kind::Filing,
        Kind::Other,
    ];
    let priced = pay(
        &notice(&may(), "2026-05-02", true).unwrap(),
        &may(),
        100,
        "2026-05-02",
    );
    let no_start = [Terms::Free, Terms::Royalty(share(1)), first_year_free(100)];
    let nothing_due = no_start.map(|terms| {
        let open = announced("2026-05-01", "2028-05-31", terms);
        notice(&open, "2026-05-02", true).unwrap()
    });
    for base in nothing_due.iter().chain([&priced.unwrap()]) {
        let due = base.terms == lump_sum(100);
        for chosen in 0..32_u32 {
            let has = |kind: Kind| {
                kinds
                    .iter()
                    .position(|k| *k == kind)
                    .is_some_and(|n| chosen & 1 << n != 0)
            };
            for is_filed in [false, true] {
                let mut licence = base.clone();
                let papers: Vec<Kind> = kinds.into_iter().filter(|kind| has(*kind)).collect();
                licence.evidence = evidence(&papers);
                licence.filing = is_filed.then(|| filing("2026-05-09"));
                let mut missing = Vec::new();
                if !(is_filed && has(Kind::Filing)) {
                    if !has(Kind::Notice) {
                        missing.push(Kind::Notice);
                    }
                    if due && !has(Kind::Voucher) && !has(Kind::Receipt) {
                        missing.push(Kind::Voucher);
                    }
                }
                assert_eq!(
                    licence.missing_evidence(),
                    missing,
                    "{papers:?} {is_filed} {due}"
                );
            }
        }
    }
}

#[test]
fn a_void_licence_never_changes_again() {
    let open = may();
    let letter = notice(&open, "2026-05-02", false).unwrap();
    let void = letter.annulled("误录").unwrap();
    assert_eq!(
        (void.state, void.reason.as_deref()),
        (State::Void, Some("误录"))
    );
    let today = day("2026-06-01");
    assert_eq!(code(deliver(&void, &open, "2026-05-03")), "licenceVoid");
    assert_eq!(code(pay(&void, &open, 100, "2026-05-03")), "licenceVoid");
    assert_eq!(
        code(void.answered(Verdict::Confirmed, None, today)),
        "licenceVoid"
    );
    assert_eq!(
        code(void.filed(&filing("2026-05-09"), None, today)),
        "licenceVoid"
    );
    assert_eq!(code(void.annulled("再次")), "licenceVoid");
    let mut settled = void.clone();
    settled.settle(&open, &Rules::default());
    assert_eq!(settled, void);
}
