//! Reference tables: what a fresh installation calls its codes, tables that are loaded and removed, industries derived
//! from classes, and what is refused.

mod derived;
mod loading;
mod names;

use std::fmt::Write as _;

use axum::http::Method;
use kaixu::domain::{access::Role, party::Organisation};

use crate::{
    smoke::finished,
    support::{World, http::Answer},
};

/// A university with these lines of stock: number, title, classes, industries.
async fn stock(world: &World, lines: &[(&str, &str, &str, &str)]) -> Organisation {
    let university = world.organisation("蓝湾大学").await;
    let key = world.key(Role::Holder, Some(&university)).await;
    let mut file = String::from("专利号,专利名称,专利权人,IPC分类号,国民经济分类,法律状态\n");
    for (number, title, ipc, industry) in lines {
        writeln!(
            file,
            "{number},{title},蓝湾大学,{ipc},{industry},专利权维持"
        )
        .expect("writes");
    }
    let sent = world.ask(Method::POST, "/v1/imports").key(&key).body(file);
    let done = finished(world, &key, sent.send().await.header("location")).await;
    assert_eq!(done["counts"]["rejected"], 0, "{done}");
    world.indexed().await;
    university
}

/// Loads a table; version and source are in the query.
async fn load(
    world: &World,
    key: &str,
    kind: &str,
    query: &str,
    file: impl Into<Vec<u8>>,
) -> Answer {
    let path = format!("/v1/reference-tables/{kind}?{query}");
    let asking = world.ask(Method::PUT, &path).key(key);
    asking.body(file.into()).send().await
}
