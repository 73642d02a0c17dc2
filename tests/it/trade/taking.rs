//! The whole way of one licence, and the ways on which it is stopped.

use serde_json::json;

use super::{give, given, hidden, holder, maker, officer, pdf, record, send};
use crate::{
    accounts::entering::uscc,
    on_both_at,
    support::{
        browser::Browser,
        market::{Market, lump},
        sql,
    },
};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_licence_is_taken_without_an_act_of_the_holder_and_proved_to_the_officer(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        market.announced(&number, &lump(20_000)).await;
        let before = market.counted().await;
        let notice = format!("/patents/{number}/notice");
        let stranger = world.get(&format!("/patents/{number}")).await.text();
        assert!(stranger.contains(&notice), "the button stands there for whoever is not signed in");
        let led = world.get(&notice).await;
        assert!(led.header("location").starts_with("/signin?next=%2Fpatents%2F"), "{}", led.header("location"));
        let maker = maker(&market).await;
        assert!(maker.get(&format!("/patents/{number}")).await.text().contains(&notice));
        let page = maker.get(&notice).await.text();
        assert!(page.contains("20,000") && page.contains("海角渔具有限公司") && page.contains("不需要专利权人同意"), "{page}");
        let at = given(&maker, number.as_str()).await;
        let page = maker.get(&at).await.text();
        assert!(page.contains("支付 20,000.00 元"), "{page}");
        let payment = [("amount", "2万"), ("paidOn", "2026-03-02")];
        let answer = send(&maker, &at, "payments", &payment, &[pdf("voucher")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let page = maker.get(&at).await.text();
        assert!(page.contains("已生效") && page.contains("2026-06-02 前备案"), "{page}");
        assert_eq!(market.counted().await, before + 1);
        let holder = holder(&market).await;
        let inbox = holder.get("/inbox").await.text();
        assert!(inbox.contains("收到许可通知") && inbox.contains(&at), "{inbox}");
        let officer = officer(&world).await;
        let units = officer.get("/progress/m3").await.text();
        let file = units.split("href=\"/files/").nth(1).and_then(|rest| rest.split('"').next()).expect("a file");
        let answer = officer.get(&format!("/files/{file}")).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-disposition").starts_with("attachment"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(!world.get("/progress/m3").await.text().contains("/files/"), "visitors see hashes alone");
    }

    async fn either_side_files_and_the_office_strikes(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        market.announced(&number, &json!({ "mode": "free" })).await;
        let (maker, holder, officer) = (maker(&market).await, holder(&market).await, officer(&world).await);
        let at = given(&maker, number.as_str()).await;
        assert!(!maker.get(&at).await.text().contains(&format!("{at}/payments")), "nothing is due");
        let answer = send(&maker, &at, "filing", &[("number", ""), ("on", "2026-03-02")], &[]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("aria-invalid=\"true\""), "{}", answer.text());
        let answer = send(&holder, &at, "filing", &[("number", "X2026-1"), ("on", "2026-03-02")], &[pdf("filed")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert!(maker.get(&at).await.text().contains("X2026-1"));
        for (browser, may) in [(&maker, false), (&holder, false), (&officer, true)] {
            let page = browser.get(&at).await.text();
            assert_eq!(page.contains(&format!("{at}/annulment")), may);
        }
        let page = officer.get(&at).await.text();
        let version = hidden(&page, &format!("{at}/annulment"), "version");
        let fields = [("version", version.as_str()), ("reason", "误录")];
        assert_eq!(officer.send(&at, &format!("{at}/annulment"), &fields).await.status, 303);
        assert_eq!(record(&market, &at).await["state"], "void");
        assert!(!maker.get(&at).await.text().contains(&format!("{at}/filing")), "nothing more to do");
    }

    async fn a_holder_answers_and_cannot_refuse(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        market.announced(&number, &lump(100)).await;
        let (maker, holder) = (maker(&market).await, holder(&market).await);
        let at = given(&maker, number.as_str()).await;
        let page = holder.get(&at).await.text();
        assert!(!page.contains("接受") && page.contains("许可不以您的同意为前提"), "{page}");
        assert!(!maker.get(&at).await.text().contains(&format!("{at}/answer")));
        let answer = format!("{at}/answer");
        let version = hidden(&page, &answer, "version");
        let confirmed = [("version", version.as_str()), ("verdict", "confirmed")];
        assert_eq!(holder.send(&at, &answer, &confirmed).await.status, 303);
        let stale = holder.send(&at, &answer, &[("version", version.as_str()), ("verdict", "disputed"), ("statement", "无")]).await;
        assert_eq!(stale.status, 412, "{}", stale.text());
        let receipt = [("amount", "100"), ("paidOn", "2026-03-02")];
        assert_eq!(send(&holder, &at, "payments", &receipt, &[]).await.status, 303);
        let taken = record(&market, &at).await;
        assert_eq!((&taken["state"], &taken["response"]["verdict"]), (&json!("effective"), &json!("confirmed")));
        let receipt = maker.get(&format!("{at}/papers/receipt")).await.text();
        assert!(receipt.contains("收款凭证") && receipt.contains("壹佰元整"), "{receipt}");
    }

    async fn a_payment_that_is_sent_twice_counts_once(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        market.announced(&number, &lump(100)).await;
        let maker = maker(&market).await;
        let at = given(&maker, number.as_str()).await;
        let action = format!("{at}/payments");
        let once = hidden(&maker.get(&at).await.text(), &action, "once");
        let fields = [("once", once.as_str()), ("amount", "60"), ("paidOn", "2026-03-02")];
        for _ in 0..2 {
            assert_eq!(maker.upload(&at, &action, &fields, &[pdf("v")]).await.status, 303);
        }
        let taken = record(&market, &at).await;
        assert_eq!(taken["payments"].as_array().map(Vec::len), Some(1), "{taken}");
        assert!(maker.get(&at).await.text().contains("支付 40.00 元"));
        let late = send(&maker, &at, "payments", &[("amount", "40"), ("paidOn", "2026-03-03")], &[pdf("w")]).await;
        assert_eq!(late.status, 422, "not paid yet: {}", late.text());
        assert!(send(&maker, &at, "payments", &[("amount", "x"), ("paidOn", "2026-03-02")], &[pdf("w")]).await.text().contains("请填写金额"));
        let bare = send(&maker, &at, "payments", &[("amount", "40"), ("paidOn", "2026-03-02")], &[]).await;
        assert!(bare.status == 422 && bare.text().contains("请选择文件"), "{}", bare.text());
    }

    async fn a_notice_needs_the_terms_the_version_and_the_risks_as_they_are(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        market.announced(&number, &lump(100)).await;
        let maker = maker(&market).await;
        let unread = give(&maker, number.as_str(), &[]).await;
        assert!(unread.status == 422 && unread.text().contains("已阅读公告的条件"), "{}", unread.text());
        let path = format!("/patents/{number}/notice");
        let page = maker.get(&path).await.text();
        let declaration = hidden(&page, &path, "declaration");
        let fields = [("declaration", declaration.as_str()), ("version", "1"), ("agree", "yes")];
        assert_eq!(maker.send(&path, &path, &fields).await.status, 412);
        assert_eq!(sql::number(&world.services.db, "select count(*) from licences").await, 0);
        market.status(&number, "feeGrace").await;
        let page = maker.get(&path).await.text();
        assert!(page.contains("name=\"FEE_UNPAID\""), "{page}");
        let unread = give(&maker, number.as_str(), &[("agree", "yes")]).await;
        assert_ne!(unread.status, 303);
        let at = give(&maker, number.as_str(), &[("agree", "yes"), ("FEE_UNPAID", "yes"), ("crossBorder", "yes")]).await;
        assert_eq!(at.status, 303, "{}", at.text());
        let taken = record(&market, at.header("location")).await;
        assert_eq!((&taken["acknowledged"], &taken["crossBorder"]), (&json!(["FEE_UNPAID"]), &json!(true)));
        let again = maker.get(&path).await.text();
        assert!(again.contains("已经有一项许可") && !again.contains("name=\"agree\""), "{again}");
    }

    async fn an_enterprise_that_is_not_verified_is_told_before_it_fills_anything_in(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        market.announced(&number, &lump(100)).await;
        let browser = Browser::new(&world);
        browser.register(&uscc(1), "远帆渔具有限公司", "wang@example.com").await;
        let page = browser.get(&format!("/patents/{number}/notice")).await.text();
        assert!(page.contains("尚未核验") && page.contains("href=\"/account\""), "{page}");
        assert!(!page.contains("name=\"agree\""));
        assert!(browser.get("/desk").await.text().contains("上传营业执照"));
    }

    async fn an_agency_says_for_whom_it_takes_the_licence(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        market.announced(&number, &lump(100)).await;
        let maker = maker(&market).await;
        let agency = Browser::new(&world);
        agency.register(&uscc(1), "恒信专利代理有限公司", "agent@example.com").await;
        let code = uscc(1);
        let days = [("agency", code.as_str()), ("from", "2026-03-02"), ("until", "2026-03-10")];
        let answer = maker.upload("/account", "/account/delegations", &days, &[pdf("委托书")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let principal = market.maker.id.to_string();
        assert_eq!(agency.send("/account", "/account/act", &[("principal", &principal)]).await.status, 303);
        let page = agency.get(&format!("/patents/{number}/notice")).await.text();
        assert!(page.contains("海角渔具有限公司") && page.contains("恒信专利代理有限公司"), "{page}");
        let at = given(&agency, number.as_str()).await;
        let taken = record(&market, &at).await;
        assert_eq!(taken["licensee"]["organisation"], json!(principal));
        assert_eq!(maker.get(&at).await.status, 200);
        let own = agency.send("/account", "/account/act", &[("principal", "")]).await;
        assert_eq!(own.status, 303);
        assert_eq!(agency.get(&at).await.status, 404, "its own desk has nothing of this");
    }
}
