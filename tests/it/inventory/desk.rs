//! The page of one record; many records changed at once; defaults of a unit.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::json;

use super::{edit, full, holding};
use crate::{
    on_both_at,
    support::{browser::Browser, market::Market},
};

async fn signed_in<'a>(market: &Market<'a>) -> Browser<'a> {
    let uscc = market.university.uscc.as_str();
    crate::desk::member(
        market.world,
        "li@blue.example.com",
        Role::Holder,
        Some(uscc),
    )
    .await
}

on_both_at! { "2026-03-02T01:00:00Z";
    async fn the_page_of_a_record_shows_what_is_missing_and_keeps_what_did_not_pass(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let held = holding(&market, number.as_str()).await;
        let browser = signed_in(&market).await;
        let path = format!("/desk/inventory/{held}");
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("尚未填写：财政资助、实施状态"), "{}", page.text());
        let fields = [("version", "0"), ("funding", "none"), ("conversion", "unused"), ("way", "openLicence"), ("way", "assignment"),
            ("maturity", "pilot"), ("grade", "4"), ("scenario", "深水网箱"), ("price", "很多"), ("contact", "科技处")];
        let wrong = browser.send(&path, &path, &fields).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("整数元") && wrong.text().contains("value=\"很多\"") && wrong.text().contains("value=\"assignment\" checked"));
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, if *name == "price" { "20,000" } else { value })).collect();
        let done = browser.send(&path, &path, &fields).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let page = browser.get(&path).await.text();
        assert!(page.contains("六项均已填写") && page.contains("value=\"20000\"") && page.contains("科技处"), "{page}");
        let stale = browser.send(&path, &path, &fields).await;
        assert_eq!(stale.status, 412);
        let stock = browser.get("/desk/stock?complete=yes&maturity=pilot&way=assignment&grade=4").await.text();
        assert!(stock.contains(&held) && stock.contains(">6/6<"), "{stock}");
        assert!(!browser.get("/desk/stock?complete=no").await.text().contains(&held));
        assert_eq!(browser.get("/desk/stock?maturity=%25").await.status, 400);
    }

    async fn a_units_defaults_fill_what_is_empty_and_change_nothing_else(world) {
        let market = Market::new(&world).await;
        let mut held = Vec::new();
        for place in 0..4 {
            held.push(holding(&market, market.patent().await.as_str()).await);
            let path = format!("/v1/holdings/{}", held[place]);
            let body = json!({ "unit": if place < 3 { "海洋学院" } else { "机械学院" } });
            assert_eq!(market.change(Method::PATCH, &path, &path, &market.holder_key, &body).await.status, 200);
        }
        assert_eq!(edit(&market, &held[0], &full()).await.status, 200);
        let browser = signed_in(&market).await;
        let unit = "unit=%E6%B5%B7%E6%B4%8B%E5%AD%A6%E9%99%A2";
        let from = format!("/desk/stock?{unit}");
        let fields = |agreed: &'static str| vec![("unit", "海洋学院"), ("toMaturity", "bench"), ("toWay", "openLicence"),
            ("toConversion", "unused"), ("onlyEmpty", "yes"), ("scope", "all"), ("agreed", agreed)];
        let asked = browser.send(&from, "/desk/stock/edit", &fields("")).await;
        assert!(asked.text().contains("技术成熟度 → 小试") && asked.text().contains("只填尚未填写的"), "{}", asked.text());
        let done = browser.send(&from, "/desk/stock/edit", &fields("3")).await;
        assert_eq!(done.status, 200, "{}", done.text());
        let read = async |place: usize| market.read(&format!("/v1/inventory/{}", held[place]), &market.holder_key).await;
        let (first, second, last) = (read(0).await, read(1).await, read(3).await);
        assert_eq!((&first["maturity"], &first["conversion"], &first["ways"]), (&json!("pilot"), &json!("unused"), &json!(["openLicence", "assignment"])));
        assert_eq!((&second["maturity"], &second["conversion"], &second["ways"]), (&json!("bench"), &json!("unused"), &json!(["openLicence"])));
        assert_eq!((&last["version"], &last["conversion"]), (&json!(0), &json!("unknown")));
        // Without it the answers are overwritten; one that nobody offers is refused for each.
        let plain = [("holding", held[0].as_str()), ("toMaturity", "bench"), ("scope", "ticked")];
        browser.send(&from, "/desk/stock/edit", &plain).await;
        assert_eq!(read(0).await["maturity"], "bench");
        let odd = [("holding", held[0].as_str()), ("toMaturity", "ripe"), ("scope", "ticked")];
        let refused = browser.send(&from, "/desk/stock/edit", &odd).await.text();
        assert!(refused.contains("不在“技术成熟度”字典"), "{refused}");
    }
}
