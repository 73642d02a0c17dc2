//! Whoever is no side of a licence finds none of its pages and files, even when it is public.

use kaixu::domain::access::Role;
use serde_json::json;

use super::{given, holder, maker, officer, record};
use crate::{accounts::entering::member, on_both_at, support::market::Market};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn other_organisations_find_no_page_and_no_file_of_a_licence(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        market.announced(&number, &json!({ "mode": "free" })).await;
        let (maker, holder, officer) = (maker(&market).await, holder(&market).await, officer(&world).await);
        let at = given(&maker, number.as_str()).await;
        let taken = record(&market, &at).await;
        let file = format!("/files/{}", taken["evidence"][0]["file"]["id"].as_str().expect("a file"));
        let other = world.organisation("南湾水产有限公司").await;
        let code = other.uscc.to_string();
        let other = member(&world, "other@example.com", Role::Enterprise, Some(&code)).await;
        let elsewhere = world.organisation("东礁学院").await;
        let rival = member(&world, "rival@example.com", Role::Holder, Some(elsewhere.uscc.as_str())).await;
        let notice = format!("{at}/papers/notice");
        for browser in [&other, &rival] {
            for path in [&at, &notice, &file] {
                assert_eq!(browser.get(path).await.status, 404, "{path}");
            }
            let listed = browser.get("/desk/licences").await.text();
            assert!(!listed.contains(&at), "{listed}");
            assert!(!browser.get("/desk").await.text().contains(&at));
            for last in ["answer", "annulment"] {
                let path = format!("{at}/{last}");
                assert_eq!(browser.post(&path, &[("version", "1")], &[]).await.status, 403, "no form of ours");
            }
        }
        for browser in [&maker, &holder, &officer] {
            for path in [&at, &notice, &file] {
                assert_eq!(browser.get(path).await.status, 200, "{path}");
            }
            assert!(browser.get("/desk/licences").await.text().contains(&at));
        }
        for path in [&at, &notice, &file, &"/desk/licences".to_owned(), &"/desk".to_owned()] {
            let answer = world.get(path).await;
            assert!(answer.header("location").starts_with("/signin"), "{path}");
        }
        assert_eq!(maker.get("/files/nothing").await.status, 404);
        assert_eq!(officer.get(&format!("/patents/{number}/notice")).await.status, 403);
    }
}
