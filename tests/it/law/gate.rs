//! The gate, block by block: each has a smallest case that raises it alone, a cure, its words and its article.

use std::collections::BTreeSet;

use kaixu::domain::{
    declaration::{Approval, Conclusion, Publicity},
    eligibility::{Block, CardStanding, blocked},
    encumbrance::EncumbranceKind as Kind,
    patent::{LegalStatus, PatentKind, Stage},
    rules::{Rules, promotional},
};

use super::{
    fixtures::{TODAY, consent, day, days, evaluation, file, holding, lump_sum, patent},
    scene::Scene,
};

type Touch = fn(&mut Scene);

/// Each block with the least that raises it and the least that cures it.
const CASES: [(Block, Touch, Touch); 25] = [
    (
        Block::NotGranted,
        |s| s.status(LegalStatus::Pending),
        |s| s.status(LegalStatus::InForce),
    ),
    (
        Block::ExclusiveLicence,
        |s| s.lie(Kind::ExclusiveLicence),
        Scene::release,
    ),
    (
        Block::Suspended,
        |s| s.lie(Kind::Suspension),
        Scene::release,
    ),
    (
        Block::FeeUnpaid,
        |s| s.status(LegalStatus::FeeGrace),
        |s| s.status(LegalStatus::InForce),
    ),
    (
        Block::PledgeNoConsent,
        |s| s.lie(Kind::Pledge),
        |s| s.encumbrances[0].consent = Some(file(1)),
    ),
    (
        Block::Terminated,
        |s| s.status(LegalStatus::TerminatedFee),
        |s| s.status(LegalStatus::InForce),
    ),
    (
        Block::Invalidated,
        |s| s.status(LegalStatus::Invalidated),
        |s| s.status(LegalStatus::InForce),
    ),
    (
        Block::NoEvalReport,
        |s| *s = Scene::of(patent(PatentKind::UtilityModel, 2)),
        |s| s.draft.evaluation = Some(evaluation(Conclusion::Positive)),
    ),
    (
        Block::EvalNegative,
        |s| {
            *s = Scene::of(patent(PatentKind::Design, 3));
            s.draft.evaluation = Some(evaluation(Conclusion::Negative));
        },
        |s| s.draft.evaluation = Some(evaluation(Conclusion::Partial)),
    ),
    (Block::Other, |s| s.lie(Kind::Other), Scene::release),
    (
        Block::NotOwner,
        |s| s.holding = None,
        |s| s.holding = Some(holding(&s.organisation, &s.patent)),
    ),
    (
        Block::TermUnknown,
        |s| s.patent.filing_date = None,
        |s| s.patent.filing_date = Some(day("2020-03-15")),
    ),
    (
        Block::TermExceeded,
        |s| s.draft.until = day("2040-03-15"),
        |s| s.draft.until = day("2040-03-14"),
    ),
    (
        Block::PeriodOver,
        |s| s.draft.until = days(TODAY, -1),
        |s| s.draft.until = TODAY,
    ),
    (
        Block::StatusUnknown,
        |s| s.status(LegalStatus::Unknown),
        |s| s.status(LegalStatus::InForce),
    ),
    (
        Block::StatusStale,
        |s| s.patent.status_as_of = Some(days(TODAY, -91)),
        |s| s.patent.status_as_of = Some(days(TODAY, -90)),
    ),
    (
        Block::CoOwnerConsent,
        |s| s.patent.applicants.push("张三".into()),
        |s| s.draft.consents = vec![consent("张三")],
    ),
    (
        Block::PromotionalWording,
        |s| s.draft.explanation = "国内领先。".into(),
        |s| s.draft.explanation = "国内常用。".into(),
    ),
    (
        Block::FeeCap,
        |s| s.draft.terms = lump_sum(20_000_001),
        |s| s.draft.cap_override = Some("含全套中试设备".into()),
    ),
    (
        Block::ContactMissing,
        |s| s.papers.has_contact = false,
        |s| s.papers.has_contact = true,
    ),
    (
        Block::AlreadyOffered,
        |s| s.papers.has_rival = true,
        |s| s.papers.has_rival = false,
    ),
    (
        Block::CardMissing,
        |s| s.papers.card = CardStanding::Missing,
        |s| s.papers.card = CardStanding::Passed,
    ),
    (
        Block::CardFailing,
        |s| s.papers.card = CardStanding::Failing(2),
        |s| s.papers.card = CardStanding::NotWanted,
    ),
    (
        Block::PublicityMissing,
        |s| {
            s.papers.wants.publicity = true;
            s.draft.internal.publicity = Some(publicity(0));
        },
        |s| s.draft.internal.publicity = Some(publicity(-1)),
    ),
    (
        Block::ApprovalMissing,
        |s| s.papers.wants.approval = true,
        |s| {
            s.draft.internal.approval = Some(Approval {
                on: TODAY,
                file: file(0xa),
            });
        },
    ),
];

/// 公示 of two weeks that ends so many days from today.
fn publicity(end: i32) -> Publicity {
    Publicity {
        from: days(TODAY, end - 14),
        until: days(TODAY, end),
        file: file(0xb),
    }
}

#[test]
fn every_block_has_a_smallest_case_that_raises_it_alone_and_a_cure() {
    let covered: BTreeSet<Block> = CASES.iter().map(|(block, ..)| *block).collect();
    assert_eq!(covered, BTreeSet::from(Block::ALL));
    assert_eq!(Scene::new().blocks(), []);
    for (block, raise, cure) in CASES {
        let mut scene = Scene::new();
        raise(&mut scene);
        assert_eq!(scene.blocks(), [block], "raised");
        cure(&mut scene);
        assert_eq!(scene.blocks(), [], "{block:?} cured");
    }
}

#[test]
fn every_block_speaks_both_languages_names_its_cure_and_quotes_the_law() {
    for (block, raise, _) in CASES {
        let mut scene = Scene::new();
        raise(&mut scene);
        let refused = blocked(&scene.findings());
        assert_eq!(refused.code, "blocked");
        let refusal = &refused.refusals[0];
        assert_eq!(refusal.code, block.as_str());
        let cure = refusal.cure.as_ref().unwrap();
        let han = |text: &str| text.chars().any(|c| ('一'..='龥').contains(&c));
        for text in [&refusal.text, cure] {
            assert!(han(&text.zh), "{block:?}: {}", text.zh);
            assert!(
                text.en.starts_with(|c: char| c.is_ascii_alphabetic()),
                "{}",
                text.en
            );
        }
        // What is ours alone, and not the law's, quotes nothing.
        let ours = matches!(
            block,
            Block::NotOwner
                | Block::TermUnknown
                | Block::PeriodOver
                | Block::StatusUnknown
                | Block::StatusStale
                | Block::AlreadyOffered
                | Block::CardMissing
                | Block::CardFailing
                | Block::ApprovalMissing
        );
        assert_eq!(refusal.article.is_none(), ours, "{block:?}");
    }
}

#[test]
fn the_five_cases_of_rule_86_are_quoted_by_their_items() {
    for (block, item) in [
        (Block::ExclusiveLicence, "（一）"),
        (Block::Suspended, "（二）"),
        (Block::FeeUnpaid, "（三）"),
        (Block::PledgeNoConsent, "（四）"),
        (Block::Other, "（五）"),
    ] {
        let article = format!("专利法实施细则第八十六条第{item}项");
        assert_eq!(block.article(), Some(article.as_str()));
    }
}

#[test]
fn only_a_right_that_is_gone_is_death_and_only_the_state_of_the_right_lasts() {
    let chosen = |rule: fn(Block) -> bool| -> Vec<Block> {
        Block::ALL
            .into_iter()
            .filter(|block| rule(*block))
            .collect()
    };
    assert_eq!(
        chosen(Block::is_death),
        [Block::NotGranted, Block::Terminated, Block::Invalidated]
    );
    assert_eq!(
        chosen(Block::lasts),
        [
            Block::NotGranted,
            Block::ExclusiveLicence,
            Block::Suspended,
            Block::FeeUnpaid,
            Block::PledgeNoConsent,
            Block::Terminated,
            Block::Invalidated,
            Block::Other,
            Block::NotOwner,
        ]
    );
}

#[test]
fn each_legal_status_raises_what_it_means() {
    for (status, expected) in [
        (LegalStatus::Pending, vec![Block::NotGranted]),
        (LegalStatus::RejectedOrWithdrawn, vec![Block::NotGranted]),
        (LegalStatus::InForce, vec![]),
        (LegalStatus::FeeGrace, vec![Block::FeeUnpaid]),
        (LegalStatus::LapsedRestorable, vec![Block::Terminated]),
        (LegalStatus::TerminatedFee, vec![Block::Terminated]),
        (LegalStatus::Expired, vec![Block::Terminated]),
        (LegalStatus::Abandoned, vec![Block::Terminated]),
        (LegalStatus::Invalidated, vec![Block::Invalidated]),
        (LegalStatus::Unknown, vec![Block::StatusUnknown]),
    ] {
        let mut scene = Scene::new();
        scene.status(status);
        assert_eq!(scene.blocks(), expected, "{status:?}");
    }
    let mut scene = Scene::new();
    scene.status(LegalStatus::Unknown);
    scene.patent.grant_date = None;
    scene.patent.stage = Stage::Published;
    assert_eq!(
        scene.blocks(),
        [Block::StatusUnknown],
        "not known is a doubt, not a death"
    );
}

#[test]
fn first_is_an_ordinal_or_a_boast() {
    let words = Rules::default().promotional_words;
    for sober in [
        "第一年免费",
        "第一次支付",
        "第一专利权人",
        "第一期与第二期",
        "第一阶段",
    ] {
        assert!(promotional(sober, &words).is_empty(), "{sober}");
    }
    for boast in [
        "全国第一",
        "第一品牌",
        "第一，",
        "第一年免费，质量第一",
        "第一 年",
    ] {
        assert_eq!(promotional(boast, &words), ["第一"], "{boast}");
    }
}

#[test]
fn every_word_of_the_list_is_found_wherever_it_stands() {
    let rules = Rules::default();
    for word in [
        "最佳",
        "最先进",
        "第一",
        "唯一",
        "国家级",
        "顶级",
        "领先",
        "包赚",
        "限时优惠",
        "免费赠送",
    ] {
        assert!(rules.promotional_words.iter().any(|w| w == word), "{word}");
    }
    for word in &rules.promotional_words {
        for in_other in [false, true] {
            let mut scene = Scene::new();
            let text = format!("本专利{word}。");
            if in_other {
                scene.draft.other = Some(text);
            } else {
                scene.draft.explanation = text;
            }
            let findings = scene.findings();
            assert_eq!(scene.blocks(), [Block::PromotionalWording], "{word}");
            assert!(
                findings[0].detail.split('、').any(|found| found == word),
                "{word}"
            );
        }
    }
}
