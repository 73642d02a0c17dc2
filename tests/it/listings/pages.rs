//! The officer's pages of announced lists: uploaded, seen, decided, entered.

use kaixu::domain::access::Role;

use super::{HEADER, submitted};
use crate::{
    accounts::entering::member,
    on_both_at,
    support::{
        browser::Chosen,
        market::{Market, lump},
    },
};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn an_officer_reads_a_list_decides_and_enters_on_pages_alone(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        submitted(&market, &number, &lump(20_000)).await;
        let officer = member(&world, "officer@example.com", Role::Office, None).await;
        let here = "/office/listings";
        let csv = format!("{HEADER}{},蓝湾大学,KX1,2026-03-01,一次总付3万元,2030-12-31,\n坏号码,,KX2,2026-03-01,免费,,\n", number.zl());
        let list: Chosen<'_> = ("list", "公布清单.csv", "text/csv", csv.clone().into_bytes());
        let page = officer.upload(here, here, &[], &[list]).await;
        let text = page.text();
        assert_eq!(page.status, 200, "{text}");
        assert!(text.contains("退回的行（文件）") && text.contains("不是申请号") && text.contains("有差异待处理"), "{text}");
        assert!(officer.get("/office").await.text().contains("<b>1</b> 公布清单待处理"));
        let href = text.split_once("href=\"/office/listings/").expect("a line").1;
        let one = format!("{here}/{}", href.split_once('"').expect("an address").0);
        let page = officer.get(&one).await.text();
        assert!(page.contains("一次总付3万元") && page.contains("人民币20,000.00元") && !page.contains("登记公告"), "{page}");
        let version = page.split_once("name=\"version\" value=\"").expect("a form").1;
        let version = version.split_once('"').expect("a value").0;
        let decide = format!("{one}/decide");
        let fields = [("item", "terms"), ("version", version), ("choice", "theirs"), ("reason", "")];
        let refused = officer.send(&one, &decide, &fields).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("理由"), "{}", refused.text());
        let fields = [("item", "terms"), ("version", version), ("choice", "theirs"), ("reason", "与公告一致")];
        assert_eq!(officer.send(&one, &decide, &fields).await.status, 303);
        let page = officer.get(&one).await.text();
        assert!(page.contains("采用清单内容 · 与公告一致") && page.contains("登记公告"), "{page}");
        let version = page.split_once("name=\"version\" value=\"").expect("a form").1;
        let version = version.split_once('"').expect("a value").0;
        assert_eq!(officer.send(&one, &format!("{one}/enter"), &[("version", version)]).await.status, 303);
        assert!(officer.get(&one).await.text().contains("已登记"));
        assert!(officer.get("/office/listings?state=entered").await.text().contains(&number.zl()));
        let nothing = officer.upload(here, here, &[], &[]).await;
        assert_eq!(nothing.status, 422);
        let wrong: Chosen<'_> = ("list", "x.csv", "text/csv", "甲,乙\n1,2\n".into());
        let refused = officer.upload(here, here, &[], &[wrong]).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
    }
}
