//! The desk's pages of cards, and a card on the pages that everybody reads.

use kaixu::domain::access::Role;
use serde_json::json;

use super::{bare, put};
use crate::{
    desk::member,
    on_both_at,
    support::{World, browser::Browser, cards, market::Market},
};

async fn holder<'a>(world: &'a World, market: &Market<'_>) -> Browser<'a> {
    let uscc = market.university.uscc.as_str();
    member(world, "li@blue.example.com", Role::Holder, Some(uscc)).await
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_card_is_written_on_a_calm_page_and_stands_on_the_patents_page(world) {
        let market = Market::new(&world).await;
        let number = bare(&market, 41).await;
        let browser = holder(&world, &market).await;
        let list = browser.get("/desk/cards").await.text();
        assert!(list.contains("未填写") && list.contains("批量填写"), "{list}");
        let page = format!("/desk/cards/{number}");
        let blank = browser.get(&page).await.text();
        for said in ["解决什么问题？", "新在哪里？", "比什么好？", "能做成什么产品？", "成熟到哪一步？", "20–300"] {
            assert!(blank.contains(said), "{said}");
        }
        assert!(!blank.contains("须改"), "an empty form is not wrong yet: {blank}");
        let card = cards::content();
        let products = card.products.join("、");
        let maturity = card.maturity.clone().unwrap_or_default();
        let fields = |novelty: &'static str| {
            [
                ("version", if novelty.is_empty() { "1" } else { "0" }.to_owned()),
                ("problem", card.problem.clone()),
                ("novelty", if novelty.is_empty() { card.novelty.clone() } else { novelty.to_owned() }),
                ("advantage", card.advantage.clone()),
                ("products", products.clone()),
                ("maturity", maturity.clone()),
            ]
        };
        let wrong = fields("其特征在于所述机器会自己走，人站在船上看着就可以，不用下水。");
        let wrong: Vec<(&str, &str)> = wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let sent = browser.send(&page, &page, &wrong).await;
        assert_eq!((sent.status.as_u16(), sent.header("location")), (303, page.as_str()), "{}", sent.text());
        let told = browser.get(&page).await.text();
        assert!(told.contains("须改：") && told.contains("用了权利要求的写法：其特征在于、所述"), "{told}");
        assert!(!world.get(&format!("/patents/{number}")).await.text().contains("用大白话说"));
        let right = fields("");
        let right: Vec<(&str, &str)> = right.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(browser.send(&page, &page, &right).await.status, 303);
        assert!(browser.get(&page).await.text().contains("已通过质量检查"));
        let shown = world.get(&format!("/patents/{number}")).await.text();
        for said in ["用大白话说", card.advantage.as_str(), "网箱清洗机", "批量生产"] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        assert!(shown.find("用大白话说") < shown.find("<h2 id=\"abstract\">"), "above the patent's own words");
        world.indexed().await;
        let hits = world.get("/patents?q=%E7%BD%91%E7%AE%B1%E6%B8%85%E6%B4%97%E6%9C%BA").await.text();
        assert!(hits.contains("可做成："), "{hits}");
    }

    async fn a_sheet_is_sent_from_the_desk(world) {
        let market = Market::new(&world).await;
        let (one, two) = (bare(&market, 51).await, bare(&market, 52).await);
        put(&world, &one, &market.holder_key, &json!(cards::content())).await;
        let browser = holder(&world, &market).await;
        let sheet = format!("专利号,比什么好\n{},比人工好。\n没有号码,比人工好。\n", two.zl());
        let file = ("sheet", "卡片.csv", "text/csv", sheet.into_bytes());
        let done = browser.upload("/desk/cards", "/desk/cards", &[], &[file]).await;
        assert_eq!(done.status, 200, "{}", done.text());
        let text = done.text();
        assert!(text.contains("表格的结果") && text.contains("不是申请号") && text.contains("太短"), "{text}");
        let none = browser.upload("/desk/cards", "/desk/cards", &[], &[]).await;
        assert!(none.text().contains("请选择文件"), "{}", none.text());
    }
}
