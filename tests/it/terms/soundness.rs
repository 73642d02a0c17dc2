//! What is refused and where, and that unchecked terms do no harm.

use kaixu::domain::{
    money::Fen,
    terms::{MAX_FEN, Part, Royalty, Terms, Turnover},
};
use serde_json::{Value, json};

use super::{day, instalments, lump, per_period, royalty, stages};

#[track_caller]
fn assert_fault(terms: &Value, pointer: &str, code: &str) {
    let read: Terms = serde_json::from_value(terms.clone()).expect("reads");
    let faults = read.check().expect_err("faulty");
    assert_eq!(
        (faults[0].pointer.as_str(), faults[0].code),
        (pointer, code),
        "{terms}"
    );
    assert!(
        faults
            .iter()
            .all(|f| !f.text.zh.is_ascii() && f.text.en.is_ascii()),
        "{faults:?}"
    );
    assert!(
        terms.pointer(pointer).is_some() || code == "stageMonthsMissing",
        "{pointer} leads nowhere in {terms}"
    );
}

#[test]
fn every_structural_fault_has_its_place_and_its_code() {
    let sound =
        |base: &str| json!({ "base": base, "rateBp": 300, "everyMonths": 12, "payWithinDays": 30 });
    let flat = |field: &str, value: Value| {
        let mut terms = sound("netSales");
        terms["mode"] = json!("royalty");
        terms[field] = value;
        terms
    };
    for (terms, pointer, code) in [
        (
            json!({ "mode": "lumpSum", "amountFen": 0 }),
            "/amountFen",
            "amountOutOfRange",
        ),
        (
            json!({ "mode": "lumpSum", "amountFen": -1 }),
            "/amountFen",
            "amountOutOfRange",
        ),
        (
            json!({ "mode": "lumpSum", "amountFen": MAX_FEN.0 + 1 }),
            "/amountFen",
            "amountOutOfRange",
        ),
        (
            json!({ "mode": "lumpSum", "amountFen": i64::MAX }),
            "/amountFen",
            "amountOutOfRange",
        ),
        (
            json!({ "mode": "instalments", "parts": [] }),
            "/parts",
            "countOutOfRange",
        ),
        (
            json!({ "mode": "instalments", "parts": vec![json!({ "amountFen": i64::MAX, "afterDays": 0 }); 41] }),
            "/parts",
            "countOutOfRange",
        ),
        (
            json!({ "mode": "instalments", "parts": [{ "amountFen": 1, "afterDays": 5 }, { "amountFen": 1, "afterDays": 5 }] }),
            "/parts/1/afterDays",
            "partsNotAscending",
        ),
        (
            json!({ "mode": "instalments", "parts": [{ "amountFen": 1, "afterDays": 0 }, { "amountFen": 1, "afterDays": 7301 }] }),
            "/parts/1/afterDays",
            "daysOutOfRange",
        ),
        (
            json!({ "mode": "perPeriod", "amountFen": 1, "everyMonths": 0 }),
            "/everyMonths",
            "monthsOutOfRange",
        ),
        (
            json!({ "mode": "perPeriod", "amountFen": 1, "everyMonths": 241 }),
            "/everyMonths",
            "monthsOutOfRange",
        ),
        (flat("rateBp", json!(0)), "/rateBp", "rateOutOfRange"),
        (flat("rateBp", json!(10_001)), "/rateBp", "rateOutOfRange"),
        (
            flat("payWithinDays", json!(u32::MAX)),
            "/payWithinDays",
            "daysOutOfRange",
        ),
        (flat("floorFen", json!(0)), "/floorFen", "amountOutOfRange"),
        (flat("capFen", json!(-3)), "/capFen", "amountOutOfRange"),
        (
            json!({ "mode": "royalty", "base": "profit", "rateBp": 1, "everyMonths": 1, "payWithinDays": 0, "floorFen": 3, "capFen": 2 }),
            "/floorFen",
            "floorOverCap",
        ),
        (
            json!({ "mode": "entryAndRoyalty", "entryFen": 0, "royalty": sound("profit") }),
            "/entryFen",
            "amountOutOfRange",
        ),
    ] {
        assert_fault(&terms, pointer, code);
    }
    let all_wrong = Terms::Instalments {
        parts: vec![
            Part {
                amount_fen: Fen(0),
                after_days: 9_999
            };
            40
        ],
    };
    assert_eq!(
        all_wrong.check().expect_err("faulty").len(),
        50,
        "what is told at once"
    );
}

#[test]
fn every_fault_of_stages_has_its_place_and_its_code() {
    let staged = |first: Value, last: Value| json!({ "mode": "stages", "stages": [first, last] });
    let free = json!({ "mode": "free" });
    for (terms, pointer, code) in [
        (
            json!({ "mode": "stages", "stages": [{ "terms": free }] }),
            "/stages",
            "countOutOfRange",
        ),
        (
            staged(json!({ "terms": free }), json!({ "terms": free })),
            "/stages/0/months",
            "stageMonthsMissing",
        ),
        (
            staged(
                json!({ "months": 1, "terms": free }),
                json!({ "months": 1, "terms": free }),
            ),
            "/stages/1/months",
            "lastStageHasMonths",
        ),
        (
            staged(
                json!({ "months": 0, "terms": free }),
                json!({ "terms": free }),
            ),
            "/stages/0/months",
            "monthsOutOfRange",
        ),
        (
            staged(
                json!({ "months": 1, "terms": free }),
                json!({ "terms": { "mode": "lumpSum", "amountFen": 0 } }),
            ),
            "/stages/1/terms/amountFen",
            "amountOutOfRange",
        ),
        (
            staged(
                json!({ "months": 1, "terms": { "mode": "stages", "stages": [] } }),
                json!({ "terms": free }),
            ),
            "/stages/0/terms",
            "stagesNested",
        ),
        (
            json!({ "mode": "stages", "stages": [{ "months": 240, "terms": free }, { "months": 1, "terms": free }, { "terms": free }] }),
            "/stages",
            "stagesTooLong",
        ),
    ] {
        assert_fault(&terms, pointer, code);
    }
}

#[test]
fn json_that_is_not_terms_is_refused() {
    for wrong in [
        "{}",
        "null",
        "[]",
        "\"free\"",
        r#"{"mode":"gratis"}"#,
        r#"{"mode":"free","amountFen":1}"#,
        r#"{"mode":"free","note":"x"}"#,
        r#"{"mode":"lumpSum"}"#,
        r#"{"mode":"lumpSum","amountFen":1,"everyMonths":12}"#,
        r#"{"mode":"lumpSum","amountFen":1,"amount":1}"#,
        r#"{"mode":"lumpSum","amountFen":1.5}"#,
        r#"{"mode":"lumpSum","amountFen":"1"}"#,
        r#"{"mode":"lumpSum","amountFen":9223372036854775808}"#,
        r#"{"mode":"lumpSum","amountFen":1,"amountFen":2}"#,
        r#"{"mode":"lumpSum","mode":"free","amountFen":1}"#,
        r#"{"mode":"instalments","parts":[{"amountFen":1,"afterDays":-1}]}"#,
        r#"{"mode":"instalments","parts":[{"amountFen":1,"afterDays":0,"x":0}]}"#,
        r#"{"mode":"royalty","base":"turnover","rateBp":1,"everyMonths":1,"payWithinDays":0}"#,
        r#"{"mode":"royalty","base":"profit","rateBp":4294967297,"everyMonths":1,"payWithinDays":0}"#,
        r#"{"mode":"entryAndRoyalty","entryFen":1,"royalty":{"mode":"royalty","base":"profit","rateBp":1,"everyMonths":1,"payWithinDays":0}}"#,
        r#"{"mode":"stages","stages":[{"months":1}]}"#,
        r#"{"mode":"stages","stages":[{"months":1,"terms":{"mode":"free"},"x":1}]}"#,
    ] {
        assert!(serde_json::from_str::<Terms>(wrong).is_err(), "{wrong}");
    }
}

/// What was not checked first still lays out within its bounds.
#[test]
fn terms_that_were_never_checked_neither_hang_nor_overflow() {
    let wild = [
        per_period(i64::MAX, 0),
        per_period(i64::MAX, u32::MAX),
        instalments(&[(i64::MAX, u32::MAX), (i64::MAX, 0), (i64::MIN, 5)]),
        Terms::Royalty(Royalty {
            rate_bp: u32::MAX,
            every_months: 0,
            pay_within_days: u32::MAX,
            ..royalty(1)
        }),
        stages(vec![
            (Some(0), lump(i64::MAX)),
            (Some(u32::MAX), Terms::Free),
            (Some(u32::MAX), lump(1)),
            (None, lump(1)),
        ]),
        stages(vec![(None, stages(vec![(None, stages(vec![]))]))]),
        Terms::Instalments { parts: vec![] },
    ];
    let turnover = Turnover {
        net_sales_fen_per_year: Fen(i64::MAX),
        profit_fen_per_year: Fen(i64::MIN),
    };
    for terms in wild {
        for (from, until) in [
            ("2026-01-31", "2046-01-30"),
            ("9990-01-01", "9999-12-31"),
            ("-009999-01-01", "-009998-01-01"),
        ] {
            let quote = terms.quote(day(from), day(until), &turnover);
            assert_eq!(
                quote.total_fen,
                quote.fixed_fen.saturating_add(quote.royalty_fen)
            );
        }
        let _ = (
            terms.sentence(),
            terms.sentence_en(),
            terms.due_at_start(),
            terms.first_year_fixed(),
        );
        assert!(terms.check().is_err());
    }
}
