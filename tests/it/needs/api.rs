//! Posting, changing, opening and closing; who sees what.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::json;

use super::{body, drafted, opened, stepped};
use crate::{on_both_at, support::market::Market};

on_both_at! { "2026-03-02T01:00:00Z";
    async fn a_draft_is_its_organisations_and_the_offices_and_public_once_opened(world) {
        let market = Market::new(&world).await;
        let id = drafted(&market, &body("网箱清洗", "急需不起网的网箱清洗办法")).await;
        world.indexed().await;
        let path = format!("/v1/needs/{id}");
        for (key, sees) in [(None, false), (Some(&market.trader_key), false), (Some(&market.holder_key), false),
            (Some(&market.maker_key), true), (Some(&market.office_key), true)] {
            let ask = |path: &str| {
                let asking = world.ask(Method::GET, path);
                match key {
                    Some(key) => asking.key(key),
                    None => asking,
                }
            };
            assert_eq!(ask(&path).send().await.status.as_u16(), if sees { 200 } else { 404 });
            for list in ["/v1/needs", "/v1/needs?q=%E7%BD%91%E7%AE%B1", "/v1/changes", "/v1/snapshots/latest"] {
                let text = ask(list).send().await.text();
                assert_eq!(text.contains(&id), sees, "{list}: {text}");
            }
        }
        assert!(!world.get("/needs").await.text().contains("网箱清洗"));
        assert_eq!(world.get(&format!("/needs/{id}")).await.status, 404);
        stepped(&market, &id, "open").await;
        world.indexed().await;
        let read = world.get(&path).await.json();
        assert_eq!((read["state"].as_str(), read["organisationName"].as_str()), (Some("open"), Some("海角渔具有限公司")));
        assert_eq!(read["region"], "371002", "the organisation's district");
        for list in ["/v1/needs", "/v1/changes", "/v1/snapshots/latest", "/needs"] {
            assert!(world.get(list).await.text().contains(&id), "{list}");
        }
    }

    async fn a_need_is_open_through_its_last_day(world) {
        let market = Market::new(&world).await;
        let mut new = body("网箱清洗", "急需不起网的网箱清洗办法");
        new["until"] = json!("2026-03-10");
        let id = opened(&market, &new).await;
        world.indexed().await;
        for (day, open) in [("2026-03-10", 1), ("2026-03-11", 0)] {
            market.on(day);
            let listed = world.get("/v1/needs?open=true").await.json();
            assert_eq!(listed["total"], open, "{day}");
            assert_eq!(world.get(&format!("/v1/needs/{id}")).await.json()["openToday"], open == 1);
        }
        stepped(&market, &id, "close").await;
        let (record, again) = (format!("/v1/needs/{id}"), json!({ "step": "open" }));
        let path = format!("{record}/steps");
        let late = market.change(Method::POST, &path, &record, &market.maker_key, &again).await;
        assert_eq!(late.json()["errors"][0]["code"], "untilPast", "{}", late.text());
    }

    async fn every_fault_of_a_need_is_told_at_its_place(world) {
        let market = Market::new(&world).await;
        let bad = json!({ "title": "x", "text": "短", "industry": "35", "region": "37", "budgetFen": -5 });
        let problem = market.post("/v1/needs", &market.maker_key, &bad).await.problem(422, "invalid");
        let pointers: Vec<_> = problem["errors"].as_array().expect("errors").iter().map(|e| e["pointer"].clone()).collect();
        assert_eq!(pointers, ["/title", "/text", "/industry", "/budgetFen", "/region"]);
        let closed = opened(&market, &body("网箱清洗", "不起网的清洗办法")).await;
        stepped(&market, &closed, "close").await;
        let path = format!("/v1/needs/{closed}");
        let late = market.change(Method::PATCH, &path, &path, &market.maker_key, &body("新标题", "不起网的清洗办法")).await;
        late.problem(409, "needState");
    }

    async fn a_need_has_a_version_and_a_key_posts_it_once(world) {
        let market = Market::new(&world).await;
        let ask = || world.ask(Method::POST, "/v1/needs").key(&market.maker_key).header("idempotency-key", "n1");
        let new = body("网箱清洗", "不起网的清洗办法");
        let (first, second) = (ask().json(&new).send().await.json(), ask().json(&new).send().await.json());
        assert_eq!(first["id"], second["id"]);
        let path = format!("/v1/needs/{}", first["id"].as_str().expect("an id"));
        let rewrite = |tag: &str| world.ask(Method::PATCH, &path).key(&market.maker_key).header("if-match", tag);
        let changed = rewrite("\"1\"").json(&body("网衣清洗", "不起网的清洗办法")).send().await;
        assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""));
        assert_eq!(rewrite("\"1\"").json(&new).send().await.status, 412);
        let foreign = world.ask(Method::PATCH, &path).key(&market.trader_key).header("if-match", "\"2\"");
        assert_eq!(foreign.json(&new).send().await.status, 404, "a draft of somebody else's does not exist");
    }

    async fn feedback_is_kept_with_its_rank_and_seen_by_its_own_and_the_office(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let id = opened(&market, &body("渔网清洗", "渔网清洗装置")).await;
        let path = format!("/v1/needs/{id}/feedback");
        let said = json!({ "number": number.zl(), "rank": 3, "verdict": "notUseful", "tier": "stock", "score": 12.5, "note": "太贵" });
        let made = market.post(&path, &market.maker_key, &said).await;
        assert_eq!(made.status, 201, "{}", made.text());
        for key in [&market.maker_key, &market.office_key] {
            let listed = market.read(&path, key).await;
            let kept = &listed["items"][0];
            assert_eq!((&kept["rank"], &kept["verdict"], &kept["score"]), (&json!(3), &json!("notUseful"), &json!(12.5)));
            assert_eq!(kept["number"], number.as_str());
        }
        for key in [&market.trader_key, &market.holder_key] {
            assert_eq!(world.ask(Method::GET, &path).key(key).send().await.status, 403);
            assert_eq!(market.post(&path, key, &said).await.status, 403);
        }
        assert!(!world.get("/v1/changes").await.text().contains("太贵"));
        let absent = json!({ "number": "202410000001X", "rank": 1, "verdict": "useful", "tier": "stock", "score": 1.0 });
        market.post(&path, &market.maker_key, &absent).await.problem(404, "notFound");
    }

    async fn an_enterprise_that_is_not_verified_yet_may_post(world) {
        let market = Market::new(&world).await;
        let browser = crate::support::browser::Browser::new(&world);
        let uscc = kaixu::domain::codes::Uscc::complete("9137100299990001").expect("completes").to_string();
        let done = browser.register(&uscc, "新来的有限公司", "new@firm.example").await;
        assert!(done.status.is_redirection() || done.status.is_success(), "{}", done.text());
        let key = {
            let found = market.read(&format!("/v1/organisations/{uscc}"), &market.office_key).await;
            assert_eq!(found["unverified"], true, "{found}");
            let party = kaixu::ops::organisations::get(&world.services, &kaixu::domain::access::Actor::operator("test"), &uscc).await;
            world.key(Role::Enterprise, Some(&party.expect("registered").value)).await
        };
        assert_eq!(market.post("/v1/needs", &key, &body("网箱清洗", "不起网的清洗办法")).await.status, 201);
    }
}
