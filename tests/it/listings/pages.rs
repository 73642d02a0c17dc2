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

    async fn a_holder_sees_its_own_lines_and_makes_a_draft_of_a_pilot_listing(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let officer = member(&world, "officer@example.com", Role::Office, None).await;
        let csv = format!("{HEADER}{},蓝湾大学,SD9,2022-05-01,免费,2028-12-31,\n", number.zl());
        let list: Chosen<'_> = ("list", "试点.csv", "text/csv", csv.into_bytes());
        assert_eq!(officer.upload("/office/listings", "/office/listings", &[], &[list]).await.status, 200);
        let holder = member(&world, "li@example.com", Role::Holder, Some(market.university.uscc.as_str())).await;
        let text = holder.get("/desk/listings").await.text();
        assert!(text.contains(&number.zl()) && !text.contains("name=\"list\""), "{text}");
        let href = text.split_once("href=\"/desk/listings/").expect("a line").1;
        let one = format!("/desk/listings/{}", href.split_once('"').expect("an address").0);
        let page = holder.get(&one).await.text();
        assert!(page.contains("转为声明草稿") && !page.contains("清单文件") && !page.contains("/decide"), "{page}");
        let version = page.split_once("name=\"version\" value=\"").expect("a form").1;
        let version = version.split_once('"').expect("a value").0;
        let stranger = world.organisation("别处大学").await;
        let stranger = member(&world, "chen@example.com", Role::Holder, Some(stranger.uscc.as_str())).await;
        assert_eq!(stranger.get(&one).await.status, 404);
        let made = holder.send(&one, &format!("{one}/draft"), &[("version", version)]).await;
        assert_eq!(made.status, 303, "{}", made.text());
        assert!(made.header("location").starts_with("/desk/declarations/"), "{}", made.header("location"));
        let draft = holder.get(made.header("location")).await.text();
        assert!(draft.contains("无偿") && draft.contains("草稿"), "{draft}");
        // The office's own pages stay the office's.
        assert_eq!(holder.get("/office/listings").await.status, 403);
        // An officer finds the trade of all under the office's navigation.
        for path in ["/desk/enquiries", "/desk/disputes", "/desk/licences", "/desk/declarations"] {
            let page = officer.get(path).await.text();
            assert!(page.contains(&format!("href=\"{path}\" aria-current=\"page\"")) && page.contains("href=\"/office/audit\""), "{path}: {page}");
        }
    }

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
