//! A patent comes in, is found, and the world can follow.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::json;

use crate::{
    on_both,
    support::{World, process::PATIENCE},
};

pub async fn finished(world: &World, key: &str, location: &str) -> serde_json::Value {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let import = world
            .ask(Method::GET, location)
            .key(key)
            .send()
            .await
            .json();
        let state = import["state"].as_str().unwrap_or_default();
        if matches!(state, "done" | "failed" | "rehearsed") {
            return import;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "it does not end: {import}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

on_both! {
    async fn a_file_becomes_findable_patents_and_feed_rows(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let csv = "专利号,专利名称,专利权人,申请日,法律状态,是否转化\n\
            ZL202480012345.0,一种渔网清洗装置,蓝湾大学,2024-03-01,专利权维持,否\n\
            ZL201990001234.4,碳纤维鱼竿的缠绕方法,蓝湾大学,2019-05-01,专利权维持,是\n\
            2.01E+12,坏行,蓝湾大学,2019-05-01,,\n";
        let answer = world.ask(Method::POST, "/v1/imports?fileName=a.csv").key(&key).body(csv).send().await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        let import = finished(&world, &key, answer.header("location")).await;
        assert_eq!(import["counts"], json!({"rows":3,"added":2,"merged":0,"unchanged":0,"rejected":1,"held":2,"claimed":0}), "{import}");
        world.indexed().await;
        let found = world.get("/v1/patents?q=%E6%B8%94%E7%BD%91%E6%B8%85%E6%B4%97&facet=kind,holder").await.json();
        assert_eq!(found["total"], 1, "{found}");
        let feed = world.get("/v1/changes").await.json();
        assert_eq!(feed["items"].as_array().unwrap().len(), 5, "{feed}");
    }
}
