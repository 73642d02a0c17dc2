//! Reading, listing, counting, editing; who sees what.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::json;

use super::{edit, full, holding};
use crate::{on_both_at, support::market::Market};

on_both_at! { "2026-03-02T01:00:00Z";
    async fn a_record_is_made_by_the_first_edit_and_complete_with_six_items(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let held = holding(&market, number.as_str()).await;
        let path = format!("/v1/inventory/{held}");
        let blank = market.read(&path, &market.holder_key).await;
        assert_eq!((&blank["version"], &blank["holding"]), (&json!(0), &json!(held)));
        assert_eq!(blank["missing"].as_array().expect("items").len(), 6);
        let made = edit(&market, &held, &full()).await;
        assert_eq!(made.status, 200, "{}", made.text());
        let made = made.json();
        assert_eq!((&made["version"], &made["missing"]), (&json!(1), &json!(["conversion"])));
        let id = made["id"].as_str().expect("an id").to_owned();
        assert_ne!(id, held);
        // The use so far is the holding's: edited here, it stands there.
        let done = edit(&market, &id, &json!({ "conversion": "unused", "priceFen": 5_000_000 })).await.json();
        assert_eq!((&done["version"], &done["missing"]), (&json!(2), &json!([])));
        let kept = market.read(&format!("/v1/holdings/{held}"), &market.holder_key).await;
        assert_eq!(kept["conversion"], "unused");
        assert_eq!(market.read(&format!("/v1/inventory/{id}"), &market.office_key).await, market.read(&path, &market.holder_key).await);
        // Null empties, absent stays.
        let less = edit(&market, &id, &json!({ "grade": null, "ways": [] })).await.json();
        assert_eq!(less["missing"], json!(["ways", "grade"]));
        assert_eq!(less["scenario"], "深水网箱不起网清洗。");
    }

    async fn a_stale_edit_is_refused_and_every_fault_is_told_at_its_place(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let held = holding(&market, number.as_str()).await;
        let path = format!("/v1/inventory/{held}");
        let send = |tag: &str, body: serde_json::Value| {
            world.ask(Method::PATCH, &path).key(&market.holder_key).header("if-match", tag).json(&body).send()
        };
        assert_eq!(send("\"0\"", full()).await.status, 200);
        assert_eq!(send("\"0\"", full()).await.status, 412);
        let use_alone = send("\"1\"", json!({ "conversion": "ownUse" })).await;
        assert_eq!(use_alone.header("etag"), "\"2\"", "an edit of the use is an edit of the record");
        let bad = json!({ "funding": { "level": "lottery" }, "ways": ["barter"], "priceFen": -1, "maturity": "ripe",
            "grade": "9", "scenario": "长".repeat(2_001) });
        let problem = send("\"2\"", bad).await.problem(422, "invalid");
        let pointers: Vec<_> = problem["errors"].as_array().expect("errors").iter().map(|e| e["pointer"].clone()).collect();
        assert_eq!(pointers, ["/priceFen", "/scenario", "/funding/level", "/ways", "/maturity", "/grade"]);
        assert_eq!(send("\"2\"", json!({ "price": 1 })).await.status, 422);
    }

    async fn a_record_is_its_holders_and_the_offices_alone_while_the_holding_is_public(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let held = holding(&market, number.as_str()).await;
        let id = edit(&market, &held, &full()).await.json()["id"].as_str().expect("an id").to_owned();
        let other = world.organisation("红崖学院").await;
        let rival = world.key(Role::Holder, Some(&other)).await;
        world.indexed().await;
        for (key, status) in [(None, 401), (Some(&market.maker_key), 403), (Some(&rival), 404), (Some(&market.holder_key), 200), (Some(&market.office_key), 200)] {
            let ask = |path: &str| {
                let asking = world.ask(Method::GET, path);
                match key {
                    Some(key) => asking.key(key),
                    None => asking,
                }
            };
            for named in [&id, &held] {
                assert_eq!(ask(&format!("/v1/inventory/{named}")).send().await.status.as_u16(), status);
            }
            for list in ["/v1/changes", "/v1/snapshots/latest"] {
                let text = ask(list).send().await.text();
                assert_eq!(text.contains(&id), status == 200, "{list}: {text}");
            }
            for list in ["/v1/patents?facets=conversion", &format!("/v1/patents/{number}"), &format!("/v1/holdings/{held}")] {
                let text = ask(list).send().await.text();
                assert!(!text.contains("2024SFGC0101") && !text.contains("不起网清洗"), "{list}: {text}");
            }
        }
        let foreign = format!("/v1/inventory?organisation={}", market.university.uscc);
        assert_eq!(world.ask(Method::GET, &foreign).key(&rival).send().await.status, 403);
        assert_eq!(market.read(&foreign, &market.office_key).await["total"], 1);
        assert_eq!(market.read("/v1/inventory", &rival).await["total"], 0);
    }

    async fn lists_are_narrowed_and_counted_by_what_the_records_say(world) {
        let market = Market::new(&world).await;
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(holding(&market, market.patent().await.as_str()).await);
        }
        for (place, unit) in [(0, "海洋学院"), (1, "海洋学院"), (2, "机械学院")] {
            let path = format!("/v1/holdings/{}", held[place]);
            let body = json!({ "unit": unit, "conversion": "unused" });
            let done = market.change(Method::PATCH, &path, &path, &market.holder_key, &body).await;
            assert_eq!(done.status, 200);
        }
        for place in [0, 2, 3] {
            assert_eq!(edit(&market, &held[place], &full()).await.status, 200);
        }
        let total = async |query: &str| market.read(&format!("/v1/inventory?{query}"), &market.holder_key).await["total"].as_i64();
        for (query, wanted) in [
            ("", 5), ("complete=true", 2), ("complete=false", 3), ("maturity=pilot", 3), ("maturity=bench", 0),
            ("way=assignment", 3), ("way=assign", 0), ("grade=4&complete=true", 2), ("unit=%E6%B5%B7%E6%B4%8B%E5%AD%A6%E9%99%A2&complete=true", 1),
        ] {
            assert_eq!(total(query).await, Some(wanted), "{query}");
        }
        let (mut seen, mut path) = (0, "/v1/inventory?limit=2".to_owned());
        loop {
            let page = market.read(&path, &market.holder_key).await;
            seen += page["items"].as_array().expect("items").len();
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/v1/inventory?limit=2&after={next}");
        }
        assert_eq!(seen, 5);
        let own = market.read("/v1/inventory/completeness", &market.holder_key).await["items"][0].clone();
        assert_eq!((&own["total"], &own["complete"]), (&json!(5), &json!(2)));
        assert_eq!(own["missing"][1], json!({ "item": "conversion", "count": 2 }));
        assert_eq!(own["missing"][5], json!({ "item": "scenario", "count": 2 }));
        assert!(own["units"].as_array().expect("units").contains(&json!({ "unit": "海洋学院", "total": 2, "complete": 1 })));
        let all = market.read("/v1/inventory/completeness", &market.office_key).await;
        assert_eq!((&all["total"], &all["items"][0]["complete"]), (&json!(1), &json!(2)));
        assert_eq!(all["items"][0]["organisationName"], "蓝湾大学");
    }
}
