//! Both ways from the index: what is on offer first, reasons and misfits, nothing expired; and no search of patents
//! that knows of a need.

use axum::http::Method;
use serde_json::{Value, json};

use super::{body, drafted, opened};
use crate::{
    on_both_at,
    support::market::{Market, lump, number},
};

fn codes(list: &Value) -> Vec<&str> {
    let items = list.as_array().expect("a list").iter();
    items
        .map(|why| why["code"].as_str().expect("a code"))
        .collect()
}

/// The university's patents: title, abstract, filing day, kind digit.
async fn stock(market: &Market<'_>) -> Vec<String> {
    let patents = [
        (
            "一种深水网箱网衣水下清洗机器人",
            "网箱网衣附着藻类，机器人沿网衣行走，高压水流水下清洗，不起网。",
            "2019-05-01",
            1,
        ),
        (
            "网箱网衣防附着清洗刷",
            "网箱网衣水下清洗用旋转刷盘，清除附着贝类。",
            "2020-05-01",
            2,
        ),
        (
            "一种网箱网衣水下清洗船",
            "网箱网衣清洗作业船，水下清洗。",
            "2014-05-01",
            2,
        ),
        ("一种香肠灌装机", "肉糜香肠灌装与扎口。", "2019-05-01", 1),
    ];
    let mut csv =
        String::from("专利号,专利名称,专利权人,申请日,授权公告日,法律状态,摘要,IPC分类号\n");
    let mut numbers = Vec::new();
    for (serial, (title, text, filed, kind)) in patents.into_iter().enumerate() {
        let number = number(2019, kind, 7_000 + u32::try_from(serial).expect("few"));
        // Of the second the source does not know the status.
        let status = if serial == 1 { "" } else { "专利权维持" };
        let line = format!(
            "{},{title},蓝湾大学,{filed},2021-06-01,{status},{text},A01K61/60\n",
            number.zl()
        );
        csv.push_str(&line);
        numbers.push(number.to_string());
    }
    market.import(&csv).await;
    numbers
}

fn numbers(items: &Value) -> Vec<String> {
    let items = items.as_array().expect("items").iter();
    items
        .map(|m| m["patent"]["number"].as_str().expect("a number").to_owned())
        .collect()
}

on_both_at! { "2026-03-02T01:00:00Z";
    async fn a_need_finds_what_is_on_offer_first_and_then_stock_with_reasons(world) {
        let market = Market::new(&world).await;
        let known = stock(&market).await;
        let mut new = body("网箱网衣水下清洗", "我公司急需解决网箱网衣附着问题，希望水下清洗、不起网，最好能识别赤潮。");
        new["budgetFen"] = json!(1_000_000);
        new["ipc"] = json!(["A01K61/60"]);
        let id = opened(&market, &new).await;
        world.indexed().await;
        let path = format!("/v1/needs/{id}/matches");
        let before = market.read(&path, &market.maker_key).await;
        assert_eq!(numbers(&before["items"]), [known[0].clone(), known[1].clone()], "neither expired nor sausages: {before}");
        let best = &before["items"][0];
        assert_eq!((best["tier"].as_str(), &best["rank"]), (Some("stock"), &json!(1)));
        assert!(codes(&best["misfits"]).contains(&"notOnOffer"), "{best}");
        assert!(!codes(&best["misfits"]).contains(&"statusUncertain"), "{best}");
        assert!(codes(&before["items"][1]["misfits"]).contains(&"statusUncertain"), "shown, with the doubt: {before}");
        let reasons = codes(&best["reasons"]);
        assert!(reasons.contains(&"sharedWords") && reasons.contains(&"sharedClasses"), "{best}");
        let words = best["words"]["matched"].to_string();
        assert!(words.contains("清洗") && !words.contains("急需") && !words.contains("公司"), "{best}");
        let pieces = best["patent"]["highlights"].as_array().expect("highlights");
        assert!(pieces.iter().any(|mark| mark["field"] == "title" && mark["spans"][0]["end"].is_u64()), "{best}");
        // The second best goes on offer, above the budget; it comes first now.
        let second = kaixu::domain::codes::AppNo::parse(&known[1]).expect("a number").0;
        let evaluation = market.file(&market.holder_key).await;
        market.status(&second, "inForce").await;
        let record = json!({ "organisation": market.university.uscc, "number": second, "terms": lump(10_500), "until": "2029-12-31",
            "declarationNumber": "KX1", "effectiveOn": "2026-02-01", "source": evaluation,
            "evaluation": { "file": evaluation, "conclusion": "positive" } });
        let made = market.post("/v1/declarations/records", &market.office_key, &record).await;
        assert_eq!(made.status, 201, "{}", made.text());
        world.indexed().await;
        let after = market.read(&path, &market.maker_key).await;
        assert_eq!(numbers(&after["items"]), [known[1].clone(), known[0].clone()], "{after}");
        let offered = &after["items"][0];
        assert!(codes(&offered["reasons"]).contains(&"onOffer"));
        let over = offered["misfits"].as_array().expect("a list").iter().find(|why| why["code"] == "feeOverBudget");
        assert!(over.expect("over the budget")["text"].as_str().expect("text").contains("500.00"), "{offered}");
    }

    async fn a_patent_finds_the_open_needs_of_everyone_and_no_draft(world) {
        let market = Market::new(&world).await;
        let known = stock(&market).await;
        let open = opened(&market, &body("网箱网衣清洗", "养殖网箱网衣附着严重，需要水下清洗。")).await;
        let draft = drafted(&market, &body("网箱网衣清洗草稿", "网箱网衣水下清洗。")).await;
        let other = opened(&market, &body("香肠扎口", "香肠灌装之后自动扎口。")).await;
        world.indexed().await;
        let path = format!("/v1/patents/{}/needs", known[0]);
        for key in [&market.holder_key, &market.office_key] {
            let found = market.read(&path, key).await;
            let text = found.to_string();
            assert!(text.contains(&open) && !text.contains(&draft) && !text.contains(&other), "{found}");
            let first = &found["items"][0];
            assert!(codes(&first["reasons"]).contains(&"sharedWords"), "{first}");
            assert!(first["need"]["title"]["spans"][0]["end"].is_u64(), "{first}");
        }
        let sausages = market.read(&format!("/v1/patents/{}/needs", known[3]), &market.holder_key).await;
        assert!(sausages.to_string().contains(&other) && !sausages.to_string().contains(&open));
        assert_eq!(world.ask(Method::GET, &path).key(&market.maker_key).send().await.status, 403);
    }

    async fn matches_are_of_its_organisation_and_the_office(world) {
        let market = Market::new(&world).await;
        let id = opened(&market, &body("网箱网衣清洗", "网箱网衣水下清洗。")).await;
        world.indexed().await;
        let path = format!("/v1/needs/{id}/matches");
        for (key, status) in [(&market.maker_key, 200), (&market.office_key, 200), (&market.trader_key, 403)] {
            assert_eq!(world.ask(Method::GET, &path).key(key).send().await.status.as_u16(), status);
        }
        assert_eq!(world.get(&path).await.status, 401);
    }

    async fn no_question_about_patents_knows_of_a_need(world) {
        let market = Market::new(&world).await;
        stock(&market).await;
        world.indexed().await;
        let facets = "facet=kind&facet=region&facet=ipcSection&facet=offer";
        let asked = ["/v1/patents?limit=200".to_owned(), format!("/v1/patents?{facets}"),
            "/v1/patents?q=%E7%BD%91%E7%AE%B1%E6%B8%85%E6%B4%97".into(), "/v1/patents?onOffer=false".into(),
            "/v1/patents/export".into()];
        let mut before = Vec::new();
        for path in &asked {
            before.push(told(&market, path).await);
        }
        let mut new = body("网箱网衣清洗", "网箱网衣水下清洗。");
        new["ipc"] = json!(["A01K61/60"]);
        opened(&market, &new).await;
        drafted(&market, &new).await;
        world.indexed().await;
        for (path, before) in asked.iter().zip(before) {
            assert_eq!(told(&market, path).await, before, "{path}");
        }
    }
}

/// What the office, which sees everything, is told; without the index's place in the log.
async fn told(market: &Market<'_>, path: &str) -> String {
    let answer = market
        .world
        .ask(Method::GET, path)
        .key(&market.office_key)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    if path.ends_with("export") {
        return answer.text();
    }
    let mut json = answer.json();
    json["appliedSeq"] = Value::Null;
    json.to_string()
}
