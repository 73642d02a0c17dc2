//! The gate at its boundaries: evaluation reports, co-owners' names, days of encumbrances, the age of a status,
//! the end of the term, the usual limits of fees, the lengths of texts.

use kaixu::domain::{
    declaration::{Conclusion, Content, Declaration},
    eligibility::Block,
    encumbrance::EncumbranceKind as Kind,
    holding::HoldingState,
    money::Fen,
    patent::{LegalStatus, PatentKind},
    terms::{MAX_EXPLANATION_CHARS, RoyaltyBase, Terms},
};

use super::{
    fixtures::{
        TODAY, code, consent, content, day, days, encumbrance, evaluation, file, id, invention,
        lump_sum, patent, share, university,
    },
    scene::Scene,
};

#[test]
fn utility_models_and_designs_need_a_report_that_is_not_negative_inventions_need_none() {
    for (conclusion, expected) in [
        (None, Some(Block::NoEvalReport)),
        (Some(Conclusion::Negative), Some(Block::EvalNegative)),
        (Some(Conclusion::Partial), None),
        (Some(Conclusion::Positive), None),
    ] {
        for kind in [PatentKind::UtilityModel, PatentKind::Design] {
            let mut scene = Scene::of(patent(kind, 7));
            scene.draft.evaluation = conclusion.map(evaluation);
            assert_eq!(
                scene.blocks(),
                Vec::from_iter(expected),
                "{kind:?} {conclusion:?}"
            );
        }
        let mut scene = Scene::of(patent(PatentKind::Invention, 7));
        scene.draft.evaluation = conclusion.map(evaluation);
        assert_eq!(scene.blocks(), [], "an invention, {conclusion:?}");
    }
}

#[test]
fn every_missing_co_owner_is_named_and_no_other() {
    let mut scene = Scene::new();
    let owners = [
        "威海理工大学",
        "张三",
        "Blue Sea (Weihai) Ltd",
        "山东甲公司",
    ];
    scene.patent.owners = owners.map(String::from).to_vec();
    let missing = |scene: &Scene| {
        let findings = scene.findings();
        let found = findings
            .first()
            .map(|found| (found.block, found.detail.clone()));
        assert!(findings.len() <= 1);
        found
    };
    let named = |names: &str| Some((Block::CoOwnerConsent, names.to_owned()));
    assert_eq!(
        missing(&scene),
        named("张三、Blue Sea (Weihai) Ltd、山东甲公司")
    );
    scene.draft.consents = vec![consent("山东甲公司")];
    assert_eq!(missing(&scene), named("张三、Blue Sea (Weihai) Ltd"));
    // Width, case, brackets and spaces are no difference; a near name is another name.
    scene
        .draft
        .consents
        .push(consent("ＢＬＵＥ ＳＥＡ（weihai）ltd"));
    scene.draft.consents.push(consent("张三丰"));
    assert_eq!(missing(&scene), named("张三"));
    scene.draft.consents.push(consent(" 张 三 "));
    assert_eq!(missing(&scene), None);
}

#[test]
fn the_organisation_need_not_consent_to_itself_by_any_of_its_names() {
    let mut scene = Scene::new();
    scene.patent.owners = vec!["威海工学院（筹）".into(), "威海 理工大学".into()];
    assert_eq!(scene.findings()[0].detail, "威海工学院（筹）");
    scene.organisation.aliases = vec!["威海工学院(筹)".into()];
    assert_eq!(scene.blocks(), []);
}

#[test]
fn the_owners_of_today_consent_not_the_applicants_of_old() {
    let mut scene = Scene::new();
    scene.patent.applicants.push("离开的单位".into());
    scene.patent.owners = vec!["威海理工大学".into()];
    assert_eq!(scene.blocks(), []);
    scene.patent.owners = vec!["新权利人".into()];
    // Confirmed by document, so that the names in the patent are all others.
    scene.holding.as_mut().unwrap().state = HoldingState::ConfirmedByDocument;
    assert_eq!(scene.findings()[0].detail, "新权利人");
    scene.holding.as_mut().unwrap().state = HoldingState::Claimed;
    assert_eq!(scene.blocks(), [Block::NotOwner, Block::CoOwnerConsent]);
}

#[test]
fn an_encumbrance_lies_from_its_first_day_through_its_last_and_not_on_the_day_of_release() {
    let kinds = [
        (Kind::ExclusiveLicence, Some(Block::ExclusiveLicence)),
        (Kind::SoleLicence, Some(Block::ExclusiveLicence)),
        (Kind::OrdinaryLicence, None),
        (Kind::Pledge, Some(Block::PledgeNoConsent)),
        (Kind::Preservation, Some(Block::Suspended)),
        (Kind::Suspension, Some(Block::Suspended)),
        (Kind::Other, Some(Block::Other)),
    ];
    assert_eq!(kinds.map(|(kind, _)| kind), Kind::ALL);
    // From, until, released, all relative to the day that is asked about.
    for (from, until, released, lies) in [
        (1, None, None, false),
        (0, None, None, true),
        (-5, Some(0), None, true),
        (-5, Some(-1), None, false),
        (-5, None, Some(1), true),
        (-5, None, Some(0), false),
        (-5, Some(9), Some(0), false),
        (-5, Some(-1), Some(9), false),
        (0, Some(0), None, true),
    ] {
        for (kind, block) in kinds {
            let mut scene = Scene::new();
            let mut lying = encumbrance(kind, days(TODAY, from));
            lying.until = until.map(|count| days(TODAY, count));
            lying.released_on = released.map(|count| days(TODAY, count));
            scene.encumbrances = vec![lying];
            let expected = Vec::from_iter(block.filter(|_| lies));
            assert_eq!(
                scene.blocks(),
                expected,
                "{kind:?} {from} {until:?} {released:?}"
            );
        }
    }
}

#[test]
fn each_pledgee_must_consent() {
    let mut scene = Scene::new();
    let pledge = |party: &str| {
        let mut pledge = encumbrance(Kind::Pledge, day("2026-01-01"));
        pledge.party = Some(party.into());
        pledge
    };
    scene.encumbrances = vec![pledge("甲银行"), pledge("乙银行")];
    scene.encumbrances[0].consent = Some(file(1));
    let findings = scene.findings();
    assert_eq!(scene.blocks(), [Block::PledgeNoConsent]);
    assert_eq!(findings[0].detail, "2026-01-01 乙银行");
    scene.encumbrances[1].consent = Some(file(2));
    assert_eq!(scene.blocks(), []);
}

#[test]
fn a_status_carries_a_declaration_for_ninety_days_and_no_longer() {
    for (age, stale) in [
        (0, false),
        (89, false),
        (90, false),
        (91, true),
        (4_000, true),
    ] {
        let mut scene = Scene::new();
        scene.patent.status_as_of = Some(days(TODAY, -age));
        assert_eq!(
            scene.blocks().contains(&Block::StatusStale),
            stale,
            "{age} days"
        );
    }
    let mut scene = Scene::new();
    scene.patent.status_as_of = None;
    assert_eq!(scene.blocks(), [Block::StatusStale]);
    // What is unknown is not also too old.
    scene.patent.legal_status = LegalStatus::Unknown;
    assert_eq!(scene.blocks(), [Block::StatusUnknown]);
}

#[test]
fn the_licence_period_ends_with_the_last_day_of_the_term_at_the_latest() {
    // Filed on 2020-03-15; a design before the law of 2021-06-01 has ten years, later ones fifteen.
    for (kind, filed, last) in [
        (PatentKind::Invention, "2020-03-15", "2040-03-14"),
        (PatentKind::UtilityModel, "2020-03-15", "2030-03-14"),
        (PatentKind::Design, "2021-05-31", "2031-05-30"),
        (PatentKind::Design, "2021-06-01", "2036-05-31"),
        (PatentKind::Invention, "2020-02-29", "2040-02-28"),
    ] {
        let mut scene = Scene::of(patent(kind, 4));
        scene.draft.evaluation = Some(evaluation(Conclusion::Positive));
        scene.patent.filing_date = Some(day(filed));
        scene.draft.until = day(last);
        assert_eq!(scene.blocks(), [], "{kind:?} {filed}");
        scene.draft.until = days(day(last), 1);
        assert_eq!(scene.blocks(), [Block::TermExceeded], "{kind:?} {filed}");
    }
}

#[test]
fn on_the_first_day_after_its_term_the_patent_is_terminated_and_not_a_day_earlier() {
    let mut scene = Scene::of(patent(PatentKind::UtilityModel, 4));
    scene.draft.evaluation = Some(evaluation(Conclusion::Positive));
    scene.draft.until = day("2030-03-14");
    for (today, expected) in [
        ("2030-03-14", vec![]),
        ("2030-03-15", vec![Block::Terminated, Block::PeriodOver]),
    ] {
        scene.day = day(today);
        scene.patent.status_as_of = Some(day(today));
        assert_eq!(scene.blocks(), expected, "{today}");
    }
    // A status that says the same is not said twice.
    scene.patent.legal_status = LegalStatus::Expired;
    assert_eq!(scene.blocks(), [Block::Terminated, Block::PeriodOver]);
}

#[test]
fn fees_up_to_the_usual_limits_pass_and_beyond_them_a_reason_is_wanted() {
    let profit = |rate_bp| {
        let mut royalty = share(rate_bp);
        royalty.base = RoyaltyBase::Profit;
        Terms::Royalty(royalty)
    };
    let entry = |yuan, rate_bp| Terms::EntryAndRoyalty {
        entry_fen: Fen::yuan(yuan),
        royalty: share(rate_bp),
    };
    for (terms, over) in [
        (lump_sum(20_000_000), false),
        (
            Terms::LumpSum {
                amount_fen: Fen(2_000_000_001),
            },
            true,
        ),
        (Terms::Royalty(share(2_000)), false),
        (Terms::Royalty(share(2_001)), true),
        (profit(4_000), false),
        (profit(4_001), true),
        (entry(20_000_000, 2_000), false),
        (entry(20_000_001, 1), true),
        (entry(1, 2_001), true),
    ] {
        let mut scene = Scene::new();
        scene.draft.terms = terms.clone();
        assert_eq!(
            scene.blocks(),
            Vec::from_iter(over.then_some(Block::FeeCap)),
            "{terms:?}"
        );
        scene.draft.cap_override = Some("理由".into());
        assert_eq!(scene.blocks(), [], "{terms:?}");
    }
}

#[test]
fn texts_have_their_lengths() {
    let with = |touch: fn(&mut Content)| {
        let mut content = content(Terms::Free, day("2028-12-31"));
        touch(&mut content);
        Declaration::draft(id(1), &university(), &invention(), content)
    };
    assert!(with(|c| c.explanation = "说".repeat(MAX_EXPLANATION_CHARS)).is_ok());
    let long = with(|c| c.explanation = "说".repeat(MAX_EXPLANATION_CHARS + 1));
    assert_eq!(code(long), "explanationTooLong");
    assert_eq!(code(with(|c| c.other = Some(" ".into()))), "textLength");
    assert_eq!(
        code(with(|c| c.other = Some("说".repeat(2_001)))),
        "textLength"
    );
    assert_eq!(
        code(with(|c| c.cap_override = Some("　".into()))),
        "textLength"
    );
    assert!(with(|c| c.cap_override = Some("说".repeat(500))).is_ok());
    assert_eq!(
        code(with(|c| c.cap_override = Some("说".repeat(501)))),
        "textLength"
    );
}
