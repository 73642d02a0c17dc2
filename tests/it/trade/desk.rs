//! The front of a desk and the list of licences: what waits for whom, and what to do first where nothing is there.

use serde_json::json;

use super::{given, holder, maker, officer, pdf, send};
use crate::{
    accounts::entering::uscc,
    on_both_at,
    support::{
        browser::{Browser, PASSWORD},
        market::{Market, lump},
    },
};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_desk_shows_what_waits_and_leads_there(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        market.announced(&number, &lump(100)).await;
        let (maker, holder) = (maker(&market).await, holder(&market).await);
        let empty = maker.get("/desk").await.text();
        assert!(empty.contains("还没有许可") && empty.contains(&format!("/patents/{number}")), "{empty}");
        assert!(empty.contains("href=\"/desk\""));
        let first = holder.get("/desk").await.text();
        assert!(first.contains("还没有许可") && first.contains("/desk/imports") && first.contains("件存量专利"), "{first}");
        let at = given(&maker, number.as_str()).await;
        let waiting = maker.get("/desk").await.text();
        assert!(waiting.contains("待送达或待支付") && waiting.contains("支付 100.00 元") && waiting.contains(&at), "{waiting}");
        let told = holder.get("/desk").await.text();
        assert!(told.contains("收到许可通知") && told.contains(&at), "{told}");
        assert_eq!(send(&maker, &at, "payments", &[("amount", "100"), ("paidOn", "2026-03-02")], &[pdf("v")]).await.status, 303);
        let page = holder.get("/desk").await.text();
        assert!(page.contains("<b>1</b> 项今年计入全区") && page.contains("2026-06-02 前备案"), "{page}");
        market.on("2026-07-01");
        for (browser, login) in [(&maker, "maker@example.com"), (&holder, "holder@example.com")] {
            browser.sign_in_if_out(login).await;
            assert!(browser.get("/desk").await.text().contains("逾期"));
        }
        let english = holder.get("/desk?lang=en").await.text();
        assert!(english.contains("To do, soonest first") && english.contains("overdue"), "{english}");
    }

    async fn licences_are_listed_for_each_side_the_latest_first(world) {
        let market = Market::new(&world).await;
        let (one, two) = (market.patent().await, market.patent().await);
        market.announced(&one, &lump(100)).await;
        market.announced(&two, &json!({ "mode": "free" })).await;
        let (maker, holder) = (maker(&market).await, holder(&market).await);
        let first = given(&maker, one.as_str()).await;
        let clock = &world.services.clock;
        clock.set(clock.now().plus_seconds(1));
        let second = given(&maker, two.as_str()).await;
        for browser in [&maker, &holder] {
            let page = browser.get("/desk/licences").await.text();
            let places = (page.find(&first).expect("listed"), page.find(&second).expect("listed"));
            assert!(places.1 < places.0, "the latest first");
            let pending = browser.get("/desk/licences?state=pending").await.text();
            assert!(pending.contains(&first) && !pending.contains(&second));
        }
        assert!(maker.get("/desk/licences?side=holder").await.text().contains("没有符合条件的许可"));
        assert!(holder.get("/desk/licences?side=holder").await.text().contains(&second));
        let officer = officer(&world).await;
        assert!(officer.get("/desk/licences").await.text().contains(&second));
        assert_eq!(officer.get("/desk").await.header("location"), "/office");
    }

    async fn whoever_signs_in_lands_on_the_desk_or_back_at_the_notice(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        market.announced(&number, &lump(100)).await;
        Browser::new(&world).register(&uscc(1), "远帆渔具有限公司", "wang@example.com").await;
        let browser = Browser::new(&world);
        assert_eq!(browser.sign_in("wang@example.com", PASSWORD).await.header("location"), "/desk");
        let other = Browser::new(&world);
        let to = other.get(&format!("/patents/{number}/notice")).await.header("location").to_owned();
        let fields = [("login", "wang@example.com"), ("password", PASSWORD), ("next", &*format!("/patents/{number}/notice"))];
        let answer = other.send(&to, "/signin", &fields).await;
        assert_eq!(answer.header("location"), format!("/patents/{number}/notice"));
    }
}
