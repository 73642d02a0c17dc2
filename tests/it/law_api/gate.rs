//! The gate over HTTP: what stands in the way, with article and cure, before, while and after one drafts.

use axum::http::Method;
use kaixu::domain::codes::AppNo;
use serde_json::{Value, json};

use crate::{
    on_both_at,
    support::{
        cards,
        market::{Market, lump},
    },
};

fn codes(list: &Value) -> Vec<&str> {
    let all = list.as_array().expect("a list").iter();
    all.map(|block| block["code"].as_str().expect("a code"))
        .collect()
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_clear_gate_lets_through_and_each_block_names_its_article_and_cure(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let path = format!("/v1/patents/{number}/eligibility");
        assert_eq!(market.read(&path, &market.holder_key).await["clear"], true);
        let blocks = [
            ("status", json!("feeGrace"), "FEE_UNPAID", "第八十六条第（三）项"),
            ("status", json!("lapsedRestorable"), "TERMINATED", "3.1"),
            ("status", json!("invalidated"), "INVALIDATED", "3.1"),
            ("status", json!("pending"), "NOT_GRANTED", "第八十五条"),
            ("kind", json!("exclusiveLicence"), "EXCLUSIVE_LICENCE", "第八十六条第（一）项"),
            ("kind", json!("suspension"), "SUSPENDED", "第八十六条第（二）项"),
            ("kind", json!("preservation"), "SUSPENDED", "第八十六条第（二）项"),
            ("kind", json!("pledge"), "PLEDGE_NO_CONSENT", "第八十六条第（四）项"),
            ("kind", json!("other"), "OTHER", "第八十六条第（五）项"),
        ];
        for (what, value, code, article) in blocks {
            let number = market.patent().await;
            if what == "status" {
                market.status(&number, value.as_str().expect("a word")).await;
            } else {
                let body = json!({ "number": number, "kind": value, "from": "2026-01-01" });
                let made = market.post("/v1/encumbrances", &market.holder_key, &body).await;
                assert_eq!(made.status, 201, "{}", made.text());
            }
            let declaration = market.drafted(&number, &lump(100)).await;
            let refused = market.step(&declaration, &json!({ "step": "ready" })).await.problem(409, "blocked");
            assert_eq!(codes(&refused["errors"]), [code], "{refused}");
            assert!(refused["errors"][0]["article"].as_str().is_some_and(|a| a.contains(article)), "{refused}");
            assert!(refused["errors"][0]["cure"].as_str().is_some_and(|cure| !cure.is_empty()), "{refused}");
            let asking = world.ask(Method::GET, &format!("/v1/patents/{number}/eligibility"));
            let english = asking.key(&market.holder_key).header("accept-language", "en").send().await.json();
            assert_eq!(codes(&english["blocks"]), [code]);
            let cure = english["blocks"][0]["cure"].as_str().expect("a cure");
            assert!(cure.is_ascii(), "{cure}");
        }
    }

    async fn a_block_goes_when_its_cause_is_cured(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let pledge = json!({ "number": number, "kind": "pledge", "from": "2026-01-01", "party": "北岸银行" });
        let pledge = market.post("/v1/encumbrances", &market.holder_key, &pledge).await.header("location").to_owned();
        let declaration = market.drafted(&number, &lump(100)).await;
        let ready = json!({ "step": "ready" });
        market.step(&declaration, &ready).await.problem(409, "blocked");
        let consent = json!({ "consent": market.file(&market.holder_key).await });
        let cured = market.change(Method::PATCH, &pledge, &pledge, &market.holder_key, &consent).await;
        assert_eq!(cured.status, 200, "{}", cured.text());
        assert_eq!(market.step(&declaration, &ready).await.status, 200);
        // Nothing written in it can change any more, and neither can its price.
        let cheaper = json!({ "terms": { "mode": "free" }, "until": "2030-12-31" });
        let edit = market.change(Method::PUT, &declaration, &declaration, &market.holder_key, &cheaper).await;
        edit.problem(409, "declarationFixed");
    }

    async fn a_utility_model_needs_its_evaluation_report_and_a_co_owner_its_consent(world) {
        let market = Market::new(&world).await;
        let number = market.patent_of("2", "蓝湾大学;东礁学院").await;
        let mut draft = Market::draft(&number, &lump(100));
        draft["until"] = json!("2028-12-31");
        let made = market.post("/v1/declarations", &market.holder_key, &draft).await;
        let declaration = made.header("location").to_owned();
        let ready = json!({ "step": "ready" });
        let refused = market.step(&declaration, &ready).await.problem(409, "blocked");
        assert_eq!(codes(&refused["errors"]), ["NO_EVAL_REPORT", "CO_OWNER_CONSENT"], "{refused}");
        assert!(refused["errors"][1]["detail"].as_str().is_some_and(|d| d.contains("东礁学院")), "{refused}");
        let mut content = draft.clone();
        content.as_object_mut().expect("an object").remove("number");
        content["consents"] = json!([{ "name": "东礁学院", "file": market.file(&market.holder_key).await }]);
        for (conclusion, expected) in [("negative", Some("EVAL_NEGATIVE")), ("positive", None)] {
            content["evaluation"] = json!({ "file": market.file(&market.holder_key).await, "conclusion": conclusion });
            let edit = market.change(Method::PUT, &declaration, &declaration, &market.holder_key, &content).await;
            assert_eq!(edit.status, 200, "{}", edit.text());
            let answer = market.step(&declaration, &ready).await;
            match expected {
                Some(code) => assert_eq!(codes(&answer.problem(409, "blocked")["errors"]), [code]),
                None => assert_eq!(answer.status, 200, "{}", answer.text()),
            }
        }
    }

    async fn an_explanation_that_nobody_writes_is_written_from_the_terms_and_says_no_other_terms(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let mut draft = Market::draft(&number, &lump(20_000));
        draft["explanation"] = json!(" ");
        let made = market.post("/v1/declarations", &market.holder_key, &draft).await;
        let declaration = made.header("location").to_owned();
        let said = made.json()["explanation"].as_str().expect("text").to_owned();
        assert!(said.starts_with("计算方式：一次总付：许可使用费总额人民币20,000.00元") && said.contains("所有被许可人适用同一标准"), "{said}");
        let parsed = market.post("/v1/terms/parse", &market.holder_key, &json!({ "text": said })).await.json();
        assert_eq!((&parsed["certain"], &parsed["terms"]), (&json!(true), &lump(20_000)), "{parsed}");
        // With other terms it is written anew, and what was added stays.
        let mut content = draft.clone();
        content.as_object_mut().expect("an object").remove("number");
        content["terms"] = lump(30_000);
        content["explanation"] = json!(format!("{said}\n计算依据：参照同类许可。"));
        let edit = market.change(Method::PUT, &declaration, &declaration, &market.holder_key, &content).await;
        let now = edit.json()["explanation"].as_str().expect("text").to_owned();
        assert!(now.contains("总额人民币30,000.00元") && !now.contains("20,000.00") && now.ends_with("\n计算依据：参照同类许可。"), "{now}");
        for other in [&said, "一次总付2万元，许可生效前付清"] {
            content["explanation"] = json!(other);
            let refused = market.change(Method::PUT, &declaration, &declaration, &market.holder_key, &content).await;
            let refused = refused.problem(422, "explanationContradicts");
            assert_eq!(refused["errors"][0]["pointer"], "/explanation", "{refused}");
        }
    }

    async fn a_status_without_a_day_or_an_old_one_carries_no_declaration_until_it_is_dated(world) {
        let market = Market::new(&world).await;
        let row = |status: &str| format!("专利号,专利名称,专利权人,申请日,法律状态\nZL202480012345.0,一种渔网,蓝湾大学,2024-03-01,{status}\n");
        market.import(&row("专利权维持")).await;
        let number = AppNo::parse("ZL202480012345.0").expect("a number").0;
        cards::write(&world.services, &market.university.id, &number).await;
        let path = "/v1/patents/202480012345.0/eligibility";
        let stale = market.read(path, &market.holder_key).await;
        assert_eq!(codes(&stale["blocks"]), ["STATUS_STALE"], "{stale}");
        let import = |day: &str| world.ask(Method::POST, &format!("/v1/imports?statusAsOf={day}")).key(&market.holder_key);
        import("2026-03-03").body(row("专利权维持")).send().await.problem(400, "parameterInvalid");
        let taken = import("2026-02-20").body(row("专利权维持")).send().await;
        crate::smoke::finished(&world, &market.holder_key, taken.header("location")).await;
        assert_eq!(market.read(path, &market.holder_key).await["clear"], true);
        market.on("2026-05-21");
        assert_eq!(market.read(path, &market.holder_key).await["clear"], true, "ninety days");
        market.on("2026-05-22");
        let stale = market.read(path, &market.holder_key).await;
        assert_eq!(codes(&stale["blocks"]), ["STATUS_STALE"], "{stale}");
    }

    async fn what_is_written_is_checked_too(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let mut draft = Market::draft(&number, &json!({ "mode": "royalty", "base": "netSales", "rateBp": 2_500, "everyMonths": 12, "payWithinDays": 30 }));
        draft["explanation"] = json!("国内领先技术，第一年优惠。");
        draft["until"] = json!("2045-01-01");
        draft.as_object_mut().expect("an object").remove("contact");
        let made = market.post("/v1/declarations", &market.holder_key, &draft).await;
        let refused = market.step(made.header("location"), &json!({ "step": "ready" })).await.problem(409, "blocked");
        assert_eq!(
            codes(&refused["errors"]),
            ["TERM_EXCEEDED", "PROMOTIONAL_WORDING", "FEE_CAP", "CONTACT_MISSING"],
            "{refused}"
        );
        draft["explanation"] = json!("长".repeat(2_001));
        let long = market.post("/v1/declarations", &market.holder_key, &draft).await.problem(422, "explanationTooLong");
        assert_eq!(long["errors"][0]["pointer"], "/explanation", "{long}");
        draft["terms"] = json!({ "mode": "lumpSum", "amountFen": -1 });
        let wrong = market.post("/v1/declarations", &market.holder_key, &draft).await.problem(422, "invalid");
        assert_eq!(wrong["errors"][0]["pointer"], "/terms/amountFen", "{wrong}");
    }

    async fn a_holder_grants_no_exclusive_licence_beside_an_open_one_and_one_from_outside_is_a_task(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(100)).await;
        let body = json!({ "number": number, "kind": "soleLicence", "from": "2026-03-01" });
        market.post("/v1/encumbrances", &market.holder_key, &body).await.problem(409, "exclusiveBesideOpen");
        let mut outside = body.clone();
        outside["registration"] = json!("X2026980000001");
        assert_eq!(market.post("/v1/encumbrances", &market.office_key, &outside).await.status, 201);
        let flagged = world.get(&declaration).await.json();
        assert_eq!(flagged["mustWithdraw"]["blocks"], json!(["EXCLUSIVE_LICENCE"]), "{flagged}");
    }
}
