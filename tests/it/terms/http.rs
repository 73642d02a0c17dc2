//! `POST /v1/terms/quote`: anyone may ask; the answer adds up; every fault is named by its JSON pointer.

use axum::http::Method;
use kaixu::{
    domain::{
        access::Role,
        time::{Clock, Instant},
    },
    ops,
};
use serde_json::{Value, json};

use super::{day, per_period};
use crate::{
    on_both,
    support::{World, http::Answer},
};

const PATH: &str = "/v1/terms/quote";

async fn ask(world: &World, body: &Value) -> Answer {
    world.ask(Method::POST, PATH).json(body).send().await
}

/// The faults of a refusal as pointer and code.
async fn faults(world: &World, body: &Value) -> Vec<(String, String)> {
    let problem = ask(world, body).await.problem(422, "invalid");
    let errors = problem["errors"].as_array().expect("errors");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    errors
        .iter()
        .map(|e| (text(&e["pointer"]), text(&e["code"])))
        .collect()
}

fn royalty() -> Value {
    json!({ "mode": "royalty", "base": "netSales", "rateBp": 300, "everyMonths": 12, "payWithinDays": 30 })
}

on_both! {
    async fn a_quote_adds_up_and_speaks_the_language_asked_for(world) {
        let body = json!({ "terms": { "mode": "entryAndRoyalty", "entryFen": 1_000_000, "royalty": {
            "base": "netSales", "rateBp": 2_500, "everyMonths": 12, "payWithinDays": 30 } },
            "months": 30, "from": "2026-01-31", "netSalesFenPerYear": 300_000_000 });
        let answer = ask(&world, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-language"), "zh-CN");
        let quote = answer.json();
        assert_eq!((&quote["mode"], &quote["from"], &quote["until"]), (&json!("entryAndRoyalty"), &json!("2026-01-31"), &json!("2028-07-30")));
        assert_eq!(quote["dueAtStartFen"], 1_000_000);
        let dues = quote["dues"].as_array().expect("dues");
        assert_eq!(dues[0], json!({ "number": 1, "dueOn": "2026-01-31", "kind": "fixed", "amountFen": 1_000_000 }));
        assert_eq!(dues[1], json!({ "number": 2, "dueOn": "2027-03-01", "period": { "from": "2026-01-31", "until": "2027-01-30" },
            "kind": "royalty", "amountFen": 75_000_000, "base": "netSales", "rateBp": 2_500, "turnoverFen": 300_000_000 }));
        // 182 days of a year: 300,000,000 × 182 / 365 = 149,589,041.1
        assert_eq!(dues[3]["turnoverFen"], 149_589_041);
        assert_eq!(dues[3]["amountFen"], 37_397_260);
        let sum: i64 = dues.iter().filter_map(|due| due["amountFen"].as_i64()).sum();
        assert_eq!(quote["totalFen"], sum);
        assert_eq!((&quote["fixedFen"], &quote["royaltyFen"]), (&json!(1_000_000), &json!(sum - 1_000_000)));
        assert!(quote["sentence"]["zh"].as_str().is_some_and(|s| s.starts_with("入门费加提成：")));
        assert!(quote["sentence"]["en"].as_str().is_some_and(str::is_ascii));
        assert_eq!((&quote["overCaps"][0]["pointer"], &quote["overCaps"][0]["code"]), (&json!("/terms/royalty/rateBp"), &json!("netSalesRateOverCap")));
        assert!(quote["overCaps"][0]["text"].as_str().is_some_and(|t| t.contains("20%") && !t.is_ascii()));
        assert!(quote["rounding"].as_str().is_some_and(|t| t.contains("四舍五入")));
        let english = world.ask(Method::POST, PATH).header("accept-language", "en").json(&body).send().await;
        assert_eq!(english.header("content-language"), "en");
        assert!(english.header("vary").contains("accept-language"), "{}", english.header("vary"));
        let english = english.json();
        assert!(english["rounding"].as_str().is_some_and(|t| t.contains("half up")), "{english}");
        assert!(english["overCaps"][0]["text"].as_str().is_some_and(str::is_ascii), "{english}");
        assert_eq!(english["sentence"], quote["sentence"], "both languages of the wording are always given");
    }

    async fn a_share_needs_the_figure_it_is_a_share_of(world) {
        let mut body = json!({ "terms": royalty(), "months": 12 });
        assert_eq!(faults(&world, &body).await, [("/netSalesFenPerYear".into(), "turnoverMissing".into())]);
        body["profitFenPerYear"] = json!(5);
        assert_eq!(faults(&world, &body).await, [("/netSalesFenPerYear".into(), "turnoverMissing".into())]);
        let detail = ask(&world, &body).await.json()["errors"][0]["detail"].clone();
        assert!(detail.as_str().is_some_and(|d| d.contains("净销售额") && d.contains('分')), "{detail}");
        body["netSalesFenPerYear"] = json!(0);
        let quote = ask(&world, &body).await.json();
        assert_eq!(quote["totalFen"], 0, "{quote}");
        body["netSalesFenPerYear"] = json!(-1);
        assert_eq!(faults(&world, &body).await, [("/netSalesFenPerYear".into(), "amountOutOfRange".into())]);
        let both = json!({ "terms": { "mode": "stages", "stages": [{ "months": 1, "terms": royalty() },
            { "terms": { "mode": "royalty", "base": "profit", "rateBp": 1, "everyMonths": 1, "payWithinDays": 1 } }] }, "months": 1 });
        let missing = ["/netSalesFenPerYear", "/profitFenPerYear"].map(|p| (p.to_owned(), "turnoverMissing".to_owned()));
        assert_eq!(faults(&world, &both).await, missing);
    }

    async fn every_fault_is_named_by_its_pointer_into_the_body(world) {
        let plan = json!([{ "amountFen": 0, "afterDays": 10 }, { "amountFen": 5, "afterDays": 10 }]);
        let body = json!({ "terms": { "mode": "instalments", "parts": plan }, "months": 0, "from": "1900-01-01" });
        let expected = [("/terms/parts/0/amountFen", "amountOutOfRange"), ("/terms/parts/1/afterDays", "partsNotAscending"),
            ("/from", "dayOutOfRange"), ("/months", "monthsOutOfRange")];
        assert_eq!(faults(&world, &body).await, expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
        let with = |terms: Value| json!({ "terms": terms, "months": 12 });
        for (body, pointer) in [
            (with(json!({ "mode": "lumpSum", "amountFen": "5" })), "/terms/amountFen"),
            (with(json!({ "mode": "lumpSum", "amountFen": 1.5 })), "/terms/amountFen"),
            (with(json!({ "mode": "lumpSum" })), "/terms"),
            (with(json!({ "mode": "lumpSum", "amountFen": 5, "everyMonths": 1 })), "/terms"),
            (with(json!({ "mode": "free", "note": 1 })), "/terms/note"),
            (with(json!({ "mode": "instalments", "parts": [{ "amountFen": 1, "afterDays": 0 }, { "amountFen": 1, "afterDays": -1 }] })), "/terms/parts/1/afterDays"),
            (with(json!({ "mode": "stages", "stages": [{ "terms": { "mode": "lumpSum", "amountFen": null, "x": 1 } }] })), "/terms/stages/0/terms/x"),
            (json!({ "terms": { "mode": "free" }, "months": 12, "from": "2026-02-30" }), "/from"),
            (json!({ "terms": { "mode": "free" }, "months": 12, "note": "x" }), "/note"),
            (json!({ "terms": { "mode": "free" } }), ""),
            (json!({ "months": 12 }), ""),
        ] {
            assert_eq!(faults(&world, &body).await, [(pointer.to_owned(), "valueInvalid".to_owned())], "{body}");
        }
        world.ask(Method::POST, &format!("{PATH}?x=1")).json(&with(json!({ "mode": "free" }))).send().await.problem(400, "parameterInvalid");
    }

    async fn a_text_of_terms_is_read_or_its_doubts_are_told(world) {
        let parse = async |body: Value| world.ask(Method::POST, "/v1/terms/parse").json(&body).send().await;
        let read = parse(json!({ "text": "首年免费，第2年起每年1万元。许可期限至2029年12月31日" })).await;
        assert_eq!(read.status, 200, "{}", read.text());
        let read = read.json();
        assert_eq!((&read["certain"], &read["until"], &read["untilPatentTerm"]), (&json!(true), &json!("2029-12-31"), &json!(false)));
        assert_eq!(read["terms"], json!({ "mode": "stages", "stages": [{ "months": 12, "terms": { "mode": "free" } },
            { "terms": { "mode": "perPeriod", "amountFen": 1_000_000, "everyMonths": 12 } }] }));
        let again = parse(json!({ "text": read["sentence"]["zh"] })).await.json();
        assert_eq!(again["terms"], read["terms"], "our own words say the same");
        let doubtful = parse(json!({ "text": "每年1万元，逐年递增5%" })).await.json();
        assert_eq!((&doubtful["certain"], doubtful.get("terms")), (&json!(false), None));
        let said = doubtful["doubts"][0]["said"].as_str().expect("text");
        assert!(said.contains("逐年递增"), "{doubtful}");
        let english = world.ask(Method::POST, "/v1/terms/parse").header("accept-language", "en").json(&json!({ "text": "面议" })).send().await;
        assert!(english.json()["doubts"][0]["text"].as_str().is_some_and(|t| t.contains("needs a person")));
        parse(json!({ "text": "免费", "more": 1 })).await.problem(422, "invalid");
        world.ask(Method::POST, "/v1/terms/parse?x=1").json(&json!({ "text": "免费" })).send().await.problem(400, "parameterInvalid");
    }

    async fn overflow_is_refused_and_the_greatest_sound_terms_still_add_up(world) {
        for amount in [json!(i64::MAX), json!(1_000_000_000_001_i64)] {
            let body = json!({ "terms": { "mode": "perPeriod", "amountFen": amount, "everyMonths": 1 }, "months": 240 });
            assert_eq!(faults(&world, &body).await, [("/terms/amountFen".into(), "amountOutOfRange".into())]);
        }
        let body = json!({ "terms": royalty(), "months": 12, "netSalesFenPerYear": i64::MAX });
        assert_eq!(faults(&world, &body).await, [("/netSalesFenPerYear".into(), "amountOutOfRange".into())]);
        let most = json!({ "terms": { "mode": "perPeriod", "amountFen": 1_000_000_000_000_i64, "everyMonths": 1 }, "months": 240, "from": "2100-12-31" });
        assert_eq!(ask(&world, &most).await.json()["totalFen"], 240_000_000_000_000_i64);
        let most = json!({ "terms": { "mode": "royalty", "base": "profit", "rateBp": 10_000, "everyMonths": 240, "payWithinDays": 7_300 },
            "months": 240, "profitFenPerYear": 1_000_000_000_000_000_i64 });
        assert_eq!(ask(&world, &most).await.json()["totalFen"], 20_000_000_000_000_000_i64);
    }

    async fn without_a_day_the_licence_begins_today_and_the_operators_limits_hold(world) {
        let mut services = world.services.clone();
        services.clock = Clock::fixed("2026-08-31T16:30:00Z");
        services.rules = std::sync::Arc::new(kaixu::domain::rules::Rules {
            caps: kaixu::domain::terms::Caps { fixed_fen: kaixu::domain::money::Fen(99), ..Default::default() },
            ..Default::default()
        });
        assert_eq!(services.clock.now(), Instant::from_micros(1_788_193_800_000_000));
        let query = ops::terms::QuoteQuery {
            terms: per_period(50, 1),
            months: 2,
            from: None,
            net_sales_fen_per_year: None,
            profit_fen_per_year: None,
        };
        let nobody = kaixu::domain::access::Actor::anonymous();
        let quoted = ops::terms::quote(&services, &nobody, query).expect("quotes");
        assert_eq!((quoted.from, quoted.until), (day("2026-09-01"), day("2026-10-31")));
        assert_eq!(quoted.over_caps[0].code, "fixedOverCap");
        let key = world.key(Role::Platform, None).await;
        let free = json!({ "terms": { "mode": "free" }, "months": 1 });
        let quote = world.ask(Method::POST, PATH).key(&key).json(&free).send().await.json();
        assert_eq!((&quote["totalFen"], &quote["dues"], &quote["overCaps"]), (&json!(0), &json!([]), &json!([])));
    }
}
