//! Who sees a card, and how it is found.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::{Value, json};

use super::{bare, put};
use crate::{
    on_both_at,
    support::{
        World, cards,
        market::{Market, lump},
    },
};

async fn cards_in(world: &World, path: &str, key: Option<&str>) -> usize {
    let asking = world.ask(Method::GET, path);
    let asking = match key {
        Some(key) => asking.key(key),
        None => asking,
    };
    let text = asking.send().await.text();
    text.matches("\"card").count()
}

async fn hide(world: &World, market: &Market<'_>, number: &str, published: bool) {
    let listed = market
        .read("/v1/holdings?limit=200", &market.holder_key)
        .await;
    let all = listed["items"].as_array().expect("holdings").iter();
    let holding = all
        .clone()
        .find(|h| h["number"] == number)
        .expect("is held");
    let path = format!("/v1/holdings/{}", holding["id"].as_str().expect("an id"));
    let body = json!({ "published": published });
    let done = market
        .change(Method::PATCH, &path, &path, &market.holder_key, &body)
        .await;
    assert_eq!(done.status, 200, "{}", done.text());
    world.indexed().await;
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_card_follows_its_holding_and_its_offer(world) {
        let market = Market::new(&world).await;
        let number = bare(&market, 11).await;
        let text = number.to_string();
        let path = format!("/v1/patents/{number}/card");
        hide(&world, &market, &text, false).await;
        let written = put(&world, &number, &market.holder_key, &json!(cards::content())).await.json();
        assert_eq!((&written["passed"], &written["published"]), (&json!(true), &json!(false)));
        // Kept back with its holding: nobody else sees it, in no answer, feed or index.
        let red = world.organisation("红崖学院").await;
        let other = world.key(Role::Holder, Some(&red)).await;
        for key in [None, Some(other.as_str()), Some(market.maker_key.as_str())] {
            assert_eq!(cards_in(&world, &path, key).await, 0);
            assert_eq!(cards_in(&world, "/v1/changes?limit=200", key).await, 0);
            assert_eq!(cards_in(&world, &format!("/v1/patents/{number}"), key).await, 0);
        }
        world.indexed().await;
        let find = "/v1/patents?q=%E8%B4%B4%E7%9D%80%E7%BD%91%E8%B5%B0";
        assert_eq!(world.get(find).await.json()["total"], 0);
        hide(&world, &market, &text, true).await;
        assert_eq!(world.get(&path).await.json()["published"], true);
        let found = world.get(find).await.json();
        assert_eq!(found["items"][0]["number"], text.as_str(), "{found}");
        assert_eq!(found["items"][0]["card"]["products"][0], "网箱清洗机", "{found}");
        let marked = found["items"][0]["highlights"].as_array().expect("marks").iter();
        assert!(marked.clone().any(|mark| mark["field"] == "card"), "{found}");
        hide(&world, &market, &text, false).await;
        world.get(&path).await.problem(404, "notFound");
        assert_eq!(world.get(find).await.json()["total"], 0, "gone from the index");
        // An announced licence makes it public, whatever the holding is.
        market.announced(&number, &lump(100)).await;
        assert_eq!(world.get(&path).await.json()["published"], true);
    }

    async fn plain_words_find_a_patent_and_a_need_is_matched_by_them(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        // What only its card says: no word of it stands in the patent.
        let need = json!({ "title": "海藻贝壳清除", "text": "养殖户的网箱几周就长满海藻和贝壳，想找不用下水的机器。" });
        let made = market.post("/v1/needs", &market.maker_key, &need).await;
        let address = made.header("location").to_owned();
        let step = json!({ "step": "open" });
        let path = format!("{address}/steps");
        let opened = market.change(Method::POST, &path, &address, &market.maker_key, &step).await;
        assert_eq!(opened.status, 200, "{}", opened.text());
        world.indexed().await;
        let found = world.get("/v1/patents?q=%E6%B5%B7%E8%97%BB%20%E8%B4%9D%E5%A3%B3").await.json();
        assert_eq!(found["items"][0]["number"], json!(number), "{found}");
        let matched: Value = market.read(&format!("{address}/matches"), &market.maker_key).await;
        assert_eq!(matched["items"][0]["patent"]["number"], json!(number), "{matched}");
    }
}
