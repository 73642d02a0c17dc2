//! The cards in plain words: written and checked, wanted at the gate, public with the patent and no sooner, found by their
//! words, many of them from a sheet.

mod pages;
mod sheet;
mod shown;

use axum::http::Method;
use kaixu::domain::{
    access::Role,
    card::{CardContent, examine},
    codes::AppNo,
    rules::Rules,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    on_both, on_both_at,
    support::{
        World, cards,
        http::Answer,
        market::{Market, lump},
    },
};

/// A granted invention of the market's university without a card.
pub async fn bare(market: &Market<'_>, serial: u32) -> AppNo {
    let number = crate::support::market::number(2018, 1, serial);
    let csv = format!(
        "专利号,专利名称,专利权人,申请日,授权公告日,法律状态,摘要\n{},一种渔网清洗装置,蓝湾大学,2018-05-01,2021-06-01,专利权维持,{ABSTRACT}\n",
        number.zl()
    );
    market.import(&csv).await;
    market.status(&number, "inForce").await;
    number
}

/// What the patents of these tests say of themselves.
pub const ABSTRACT: &str = "公开一种渔网清洗装置，包括架体和旋转刷盘，旋转刷盘由液压马达驱动，贴着网衣往复移动并冲走附着物。";

/// Writes a card at the version that it has now.
pub async fn put(world: &World, number: &AppNo, key: &str, card: &Value) -> Answer {
    let path = format!("/v1/patents/{number}/card");
    let read = world.ask(Method::GET, &path).key(key).send().await;
    let asking = world.ask(Method::PUT, &path).key(key);
    let asking = asking.header("if-match", read.header("etag"));
    asking.json(card).send().await
}

fn checks(card: &Value) -> Vec<(&str, &str)> {
    let all = card["findings"].as_array().expect("findings").iter();
    all.map(|finding| {
        assert!(finding["detail"].is_string() && finding["cure"].is_string());
        let item = finding["item"].as_str().expect("an item");
        (item, finding["check"].as_str().expect("a check"))
    })
    .collect()
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_card_is_written_checked_and_wanted_at_the_gate(world) {
        let market = Market::new(&world).await;
        let number = bare(&market, 1).await;
        let path = format!("/v1/patents/{number}/card");
        let blank = market.read(&path, &market.holder_key).await;
        assert_eq!((&blank["version"], &blank["state"]), (&json!(0), &json!("missing")));
        assert_eq!(checks(&blank).len(), 5, "{blank}");
        world.get(&path).await.problem(404, "notFound");
        // Without a card there is no way through the gate, and the gate says what to do.
        let gate = format!("/v1/patents/{number}/eligibility");
        let before = market.read(&gate, &market.holder_key).await;
        assert_eq!(before["blocks"][0]["code"], "CARD_MISSING", "{before}");
        let declaration = market.drafted(&number, &lump(100)).await;
        let ready = json!({ "step": "ready" });
        let refused = market.step(&declaration, &ready).await.problem(409, "blocked");
        assert_eq!(refused["errors"][0]["code"], "CARD_MISSING", "{refused}");
        // A card with errors is kept, told of, and seen by nobody else.
        let mut card = json!(cards::content());
        card["novelty"] = json!(ABSTRACT);
        card["products"] = json!(["设备", "网箱清洗机"]);
        let kept = put(&world, &number, &market.holder_key, &card).await;
        assert_eq!((kept.status.as_u16(), kept.header("etag")), (200, "\"1\""), "{}", kept.text());
        let kept = kept.json();
        assert_eq!(checks(&kept), [("novelty", "copied"), ("products", "vagueProduct")], "{kept}");
        assert_eq!((&kept["state"], &kept["published"]), (&json!("failing"), &json!(false)));
        world.get(&path).await.problem(404, "notFound");
        let refused = market.step(&declaration, &ready).await.problem(409, "blocked");
        assert_eq!(refused["errors"][0]["code"], "CARD_FAILING", "{refused}");
        assert!(refused["errors"][0]["detail"].as_str().is_some_and(|d| d.contains("2 处")), "{refused}");
        // Mended, it is public with its published holding, and the gate is open.
        let mended = put(&world, &number, &market.holder_key, &json!(cards::content())).await.json();
        assert_eq!((&mended["state"], &mended["published"], &mended["version"]), (&json!("passed"), &json!(true), &json!(2)));
        assert_eq!(mended.get("findings"), None, "{mended}");
        assert_eq!(world.get(&path).await.json()["problem"], json!(cards::content())["problem"]);
        let patent = world.get(&format!("/v1/patents/{number}")).await.json();
        assert_eq!(patent["card"]["products"][0], "网箱清洗机", "{patent}");
        assert_eq!(market.read(&gate, &market.holder_key).await["clear"], true);
        assert_eq!(market.step(&declaration, &ready).await.status, 200);
        // While it is needed it goes on passing.
        card["novelty"] = json!("其特征在于所述机器会自己走，人站在船上看着就可以，不用下水。");
        card["products"] = json!(["网箱清洗机"]);
        let needed = put(&world, &number, &market.holder_key, &card).await.problem(409, "cardNeeded");
        assert_eq!(needed["errors"][1]["pointer"], "/novelty", "{needed}");
        card["novelty"] = json!("机器会自己贴着网走，人站在船上看着就可以，不用再下水。");
        assert_eq!(put(&world, &number, &market.holder_key, &card).await.status, 200);
    }

    async fn what_cannot_be_kept_is_refused_and_an_old_version_is_told(world) {
        let market = Market::new(&world).await;
        let number = bare(&market, 2).await;
        let path = format!("/v1/patents/{number}/card");
        let mut card = json!(cards::content());
        card["problem"] = json!("长".repeat(2_001));
        card["maturity"] = json!("perfect");
        let wrong = put(&world, &number, &market.holder_key, &card).await.problem(422, "invalid");
        let pointers: Vec<&Value> = wrong["errors"].as_array().expect("errors").iter().map(|e| &e["pointer"]).collect();
        assert_eq!(pointers, ["/problem", "/maturity"], "{wrong}");
        let asking = || world.ask(Method::PUT, &path).key(&market.holder_key).json(&json!(cards::content()));
        asking().send().await.problem(428, "ifMatchRequired");
        asking().header("if-match", "\"4\"").send().await.problem(412, "versionStale");
        assert_eq!(asking().header("if-match", "\"0\"").send().await.status, 200);
        // The same again is no new version.
        let again = asking().header("if-match", "\"1\"").send().await;
        assert_eq!((again.status.as_u16(), again.header("etag")), (200, "\"1\""));
        // Nobody writes another's card; an officer names the holder.
        let red = world.organisation("红崖学院").await;
        let other = world.key(Role::Holder, Some(&red)).await;
        let theirs = format!("{path}?organisation={}", market.university.uscc);
        let asking = |key: &str| world.ask(Method::PUT, &theirs).key(key).header("if-match", "\"1\"");
        asking(&other).json(&json!(cards::content())).send().await.problem(403, "notYours");
        put(&world, &number, &other, &json!(cards::content())).await.problem(404, "notFound");
        let mut card = json!(cards::content());
        card["products"] = json!(["网箱清洗机"]);
        assert_eq!(asking(&market.office_key).json(&card).send().await.status, 200);
    }
}

on_both! {
    async fn an_operator_may_want_no_cards(world) {
        let world = world.ruled(Rules { card_required: false, ..Rules::default() });
        let market = Market::new(&world).await;
        let number = bare(&market, 3).await;
        let declaration = market.drafted(&number, &lump(100)).await;
        assert_eq!(market.step(&declaration, &json!({ "step": "ready" })).await.status, 200);
    }
}

proptest! {
    /// Whatever is typed is judged, and what is judged twice is judged alike.
    #[test]
    fn any_text_is_judged(problem in "\\PC{0,400}", product in "\\PC{0,40}") {
        let patent = crate::law::fixtures::invention();
        let content = CardContent { problem, products: vec![product], ..cards::content() }.tidy();
        let words = Rules::default().promotional_words;
        let once = examine(&content, &patent, &words);
        prop_assert_eq!(&once, &examine(&content, &patent, &words));
        prop_assert_eq!(content.clone().tidy(), content);
    }
}
