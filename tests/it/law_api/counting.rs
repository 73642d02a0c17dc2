//! The count over HTTP: for any day and any knowledge, unit by unit, and by targets that are data.

use axum::http::Method;
use kaixu::domain::indicator::{Metric, Part};
use serde_json::{Value, json};

use crate::{
    on_both_at,
    support::market::{Market, id_of, lump},
};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn the_figures_of_an_earlier_knowledge_stay_what_they_were(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        market.on("2026-03-10");
        market.notice(&declaration, &market.maker_key).await;
        let then = world.get("/v1/progress").await.json();
        market.on("2026-03-20");
        let late = market.notice(&declaration, &market.trader_key).await.header("location").to_owned();
        let reason = json!({ "reason": "重复登记" });
        assert_eq!(market.counted().await, 2);
        market.change(Method::PUT, &format!("{late}/annulment"), &late, &market.office_key, &reason).await;
        assert_eq!(market.counted().await, 1);
        let known_at = then["knownAt"].as_i64().expect("a number");
        let again = world.get(&format!("/v1/progress?knownAt={known_at}&asOf=2026-03-10")).await.json();
        assert_eq!(again, then);
        let by_day = world.get("/v1/progress?knownAt=2026-03-10").await.json();
        assert_eq!(by_day["figures"], then["figures"]);
        assert_eq!(world.get("/v1/progress?knownAt=2026-03-09").await.json()["figures"]["m3"]["total"], 0);
        assert_eq!(world.get("/v1/progress?knownAt=0").await.json()["figures"]["m1"]["total"], 0);
        world.get("/v1/progress?knownAt=999999").await.problem(400, "parameterInvalid");
        world.get("/v1/progress?knownAt=gestern").await.problem(400, "parameterInvalid");
        assert_eq!(world.get("/v1/progress?asOf=2026-03-09").await.json()["figures"]["m3"]["total"], 0);
    }

    async fn every_figure_is_the_number_of_its_units_page_by_page(world) {
        let market = Market::new(&world).await;
        for terms in [json!({ "mode": "free" }), lump(10), json!({ "mode": "free" })] {
            let number = market.patent().await;
            let declaration = market.announced(&number, &terms).await;
            for key in [&market.maker_key, &market.trader_key] {
                let licence = market.notice(&declaration, key).await.header("location").to_owned();
                if terms["mode"] != "free" {
                    market.pay(&licence, key, 10).await;
                }
            }
        }
        let progress = world.get("/v1/progress").await.json();
        let expected = [("m1", 3), ("m2", 3), ("m3", 6), ("m4", 3), ("m5", 0), ("m6", 6)];
        for (metric, total) in expected {
            assert_eq!(progress["figures"][metric]["total"], total, "{metric}");
            let mut path = format!("/v1/progress/items?metric={metric}&limit=2");
            let mut units: Vec<Value> = Vec::new();
            loop {
                let page = world.get(&path).await.json();
                assert_eq!(page["total"], total);
                units.extend(page["items"].as_array().expect("items").clone());
                let Some(next) = page["next"].as_str() else { break };
                path = format!("/v1/progress/items?metric={metric}&limit=2&after={next}");
            }
            assert_eq!(units.len(), total, "{metric}");
            let free = units.iter().filter(|unit| unit["free"] == true).count();
            assert_eq!(progress["figures"][metric]["free"], free, "{metric}");
            for part in Part::ALL.map(Part::as_str) {
                let sum: i64 = progress["parts"][part].as_array().expect("a list").iter()
                    .map(|row| row["figures"][metric]["total"].as_i64().expect("a number")).sum();
                assert_eq!(sum, i64::try_from(total).expect("small"), "{metric} by {part}");
            }
        }
        // A walk goes on by the knowledge with which it began.
        let first = world.get("/v1/progress/items?limit=4").await.json();
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        market.notice(&declaration, &market.maker_key).await;
        let next = first["next"].as_str().expect("a cursor");
        let second = world.get(&format!("/v1/progress/items?limit=4&after={next}")).await.json();
        assert_eq!((second["items"].as_array().map(Vec::len), &second["total"]), (Some(2), &json!(6)), "{second}");
        world.get(&format!("/v1/progress/items?metric=m1&after={next}")).await.problem(400, "cursorMismatch");
    }

    async fn every_number_of_every_part_leads_to_its_units(world) {
        let market = Market::new(&world).await;
        for (party, town) in [(&market.university, "371002001"), (&market.maker, "371002101")] {
            let path = format!("/v1/organisations/{}", party.id);
            let town = json!({ "town": town });
            let answer = market.change(Method::PATCH, &path, &path, &market.office_key, &town).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        let path = format!("/v1/organisations/{}", market.maker.id);
        let elsewhere = json!({ "town": "371082001" });
        let answer = market.change(Method::PATCH, &path, &path, &market.office_key, &elsewhere).await;
        assert_eq!(answer.json()["errors"][0]["pointer"], "/town", "{}", answer.text());
        for terms in [json!({ "mode": "free" }), lump(10)] {
            let declaration = market.announced(&market.patent().await, &terms).await;
            let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
            if terms["mode"] != "free" {
                market.pay(&licence, &market.maker_key, 10).await;
            }
        }
        let progress = world.get("/v1/progress").await.json();
        assert_eq!(progress["parts"]["town"][0]["key"], "371002001", "{progress}");
        for part in Part::ALL.map(Part::as_str) {
            for row in progress["parts"][part].as_array().expect("a list") {
                let key = row["key"].as_str().expect("a key");
                for metric in Metric::ALL.map(Metric::as_str) {
                    let path = format!("/v1/progress/items?metric={metric}&{part}={key}");
                    assert_eq!(world.get(&path).await.json()["total"], row["figures"][metric]["total"], "{path}");
                    let page = world.get(&format!("/progress/{metric}?{part}={key}")).await;
                    assert_eq!(page.status, 200, "{part} {key}");
                }
            }
        }
        let names: Vec<&Value> = progress["parts"]["charge"].as_array().expect("a list").iter().map(|row| &row["name"]).collect();
        assert_eq!(names, ["无偿", "有偿"]);
        for wrong in ["month=2026-13", "holder=x", "type=patent", "charge=yes", "town=12", "industry=C3511"] {
            let answer = world.get(&format!("/v1/progress/items?{wrong}")).await;
            answer.problem(400, "parameterInvalid");
        }
        // Nobody lives in the other town.
        assert_eq!(world.get("/v1/progress/items?town=371002002").await.json()["total"], 0);
    }

    async fn what_there_is_to_ask_is_counted_and_listed_by_one_rule(world) {
        let market = Market::new(&world).await;
        for _ in 0..5 {
            let declaration = market.announced(&market.patent().await, &json!({ "mode": "free" })).await;
            market.notice(&declaration, &market.maker_key).await;
        }
        let quality = world.get("/v1/progress/quality").await.json();
        let of = |name: &str| quality["concerns"].as_array().expect("a list").iter()
            .find(|row| row["concern"] == name).expect("is there")["total"].clone();
        assert_eq!((of("free"), of("sameDay"), of("unfiled")), (json!(5), json!(5), json!(0)), "{quality}");
        let later = world.get("/v1/progress/quality?asOf=2026-06-03").await.json();
        assert_eq!(later["concerns"][2]["total"], 5, "{later}");
        for row in later["concerns"].as_array().expect("a list") {
            let path = format!("/v1/progress/items?asOf=2026-06-03&concern={}", row["concern"].as_str().expect("a word"));
            // Some are told in confidence: how many everybody knows, which the office.
            assert_eq!(market.read(&path, &market.office_key).await["total"], row["total"], "{path}");
        }
        let forecast = world.get("/v1/progress/forecast").await.json();
        assert_eq!((&forecast["value"], &forecast["offers"], &forecast["target"]), (&json!(5), &json!(5), &json!(50)), "{forecast}");
        assert_eq!((&forecast["conversionBp"], &forecast["baseRateBp"]), (&json!(10_000), &json!(2_300)), "{forecast}");
        let page = world.get("/progress").await.text();
        for expected in ["到期预测", "统计质量", "concern=sameDay"] {
            assert!(page.contains(expected), "{expected}");
        }
    }

    async fn a_target_is_data_that_the_office_sets(world) {
        let market = Market::new(&world).await;
        let first = world.get("/v1/targets").await.json();
        assert_eq!((&first["items"][0]["value"], &first["items"][0]["to"]), (&json!(50), &json!("2026-12-31")), "{first}");
        let mut new = json!({ "name": "专利件数", "metric": "m4", "value": 3, "from": "2026-01-01", "to": "2026-06-30",
            "district": "371002", "side": "patentee" });
        market.post("/v1/targets", &market.holder_key, &new).await.problem(403, "roleNotAllowed");
        let made = market.post("/v1/targets", &market.office_key, &new).await;
        let target = made.header("location").to_owned();
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        for key in [&market.maker_key, &market.trader_key] {
            market.notice(&declaration, key).await;
        }
        let path = format!("/v1/progress?target={}", id_of(&target));
        let headline = world.get(&path).await.json()["headline"].clone();
        assert_eq!((&headline["value"], &headline["missing"]), (&json!(1), &json!(2)), "{headline}");
        new["to"] = json!("2026-03-01");
        let changed = market.change(Method::PUT, &target, &target, &market.office_key, &new).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        assert_eq!(world.get(&path).await.json()["headline"]["value"], 0);
        for (field, value, pointer) in [("value", json!(0), "/value"), ("from", json!("2027-01-01"), "/from"), ("district", json!("12"), "/district"), ("name", json!("x"), "/name")] {
            let mut wrong = new.clone();
            wrong[field] = value;
            let answer = market.post("/v1/targets", &market.office_key, &wrong).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["pointer"]), (422, &json!(pointer)), "{}", answer.text());
        }
    }
}
