//! What each side of a licence may say and see, what the licensee must have read, and what nobody can change.

use kaixu::domain::{
    declaration::Declaration,
    eligibility::Block,
    event::Audience,
    licence::{Licence, LicenceState as State, Verdict},
    rules::Rules,
};

use super::{
    fixtures::{announced, code, day, file, id, instalments, lump_sum, withdrawn},
    taking::{deliver, notice, noticed, pay, state},
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
fn silence_confirmation_and_dispute_change_no_effect() {
    let open = may();
    let pending = notice(&open, "2026-05-02", true).unwrap();
    let effective = pay(&pending, &open, 100, "2026-05-03").unwrap();
    for licence in [pending, effective] {
        assert!(!licence.is_disputed());
        for (verdict, disputed) in [(Verdict::Confirmed, false), (Verdict::Disputed, true)] {
            let answered = licence
                .answered(verdict, Some(file(9)), day("2026-05-04"))
                .unwrap();
            assert_eq!(state(&answered), state(&licence));
            assert_eq!(answered.is_disputed(), disputed);
            assert_eq!(state(&settled(&answered, &open)), state(&licence));
            // The last word stands.
            let again = answered
                .answered(Verdict::Confirmed, None, day("2026-05-05"))
                .unwrap();
            assert!(!again.is_disputed());
        }
    }
}

#[test]
fn a_risk_must_be_acknowledged_by_name_and_death_never_can_be() {
    let open = may();
    for block in Block::ALL {
        let other = if block == Block::Other {
            Block::Suspended
        } else {
            Block::Other
        };
        for (acknowledged, expected) in [
            (vec![], "acknowledgementRequired"),
            (vec![other], "acknowledgementRequired"),
            (vec![block], ""),
            (Block::ALL.to_vec(), ""),
        ] {
            let outcome = noticed(&open, "2026-05-02", true, &[block], acknowledged);
            if block.is_death() {
                assert_eq!(code(outcome), "patentDead");
            } else if expected.is_empty() {
                // Only what was there to be read is kept.
                assert_eq!(outcome.unwrap().acknowledged, [block]);
            } else {
                assert_eq!(code(outcome), expected, "{block:?}");
            }
        }
    }
    let risks = [Block::Suspended, Block::FeeUnpaid, Block::StatusStale];
    let half = noticed(&open, "2026-05-02", true, &risks, vec![Block::FeeUnpaid]).unwrap_err();
    let named: Vec<&str> = half.refusals.iter().map(|refusal| refusal.code).collect();
    assert_eq!(named, ["SUSPENDED", "STATUS_STALE"]);
}

#[test]
fn nobody_can_change_the_price() {
    let terms = instalments(&[(60, 0), (40, 30)]);
    let open = announced("2026-05-01", "2026-05-31", terms.clone());
    let letter = notice(&open, "2026-05-02", false).unwrap();
    let arrived = deliver(&letter, &open, "2026-05-03").unwrap();
    let less = pay(&arrived, &open, 1, "2026-05-03").unwrap();
    assert_eq!(less.state, State::Pending);
    let disputed = less
        .answered(Verdict::Disputed, None, day("2026-05-03"))
        .unwrap();
    let effective = pay(&disputed, &open, 59, "2026-05-04").unwrap();
    assert_eq!(effective.state, State::Effective);
    let undone = settled(&effective, &withdrawn(&open, "2026-05-02"));
    let void = effective.annulled("误录").unwrap();
    for licence in [letter, arrived, less, disputed, effective, undone, void] {
        assert_eq!((&licence.terms, licence.until), (&terms, day("2026-05-31")));
    }
}

#[test]
fn a_licence_is_its_two_sides_until_it_takes_effect() {
    let open = may();
    let pending = notice(&open, "2026-05-02", true).unwrap();
    let sides = [pending.holder.clone(), id(0x0a02)].map(Audience::Organisation);
    assert_eq!(pending.audiences(), sides);
    let effective = pay(&pending, &open, 100, "2026-05-02").unwrap();
    assert_eq!(effective.audiences(), [Audience::Public]);
    assert_eq!(effective.annulled("误录").unwrap().audiences(), sides);
}
