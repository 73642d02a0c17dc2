//! The rules by which a record follows its sources: the pure rules, imports, corrections by hand, conflicts, the page.

mod conflicts;
mod corrections;
pub mod rules;

use axum::http::Method;
use kaixu::domain::{access::Role, party::Organisation};
use serde_json::{Value, json};

use crate::{smoke::finished, support::World};

pub const A: &str = "201910699568.X";

/// A file of one patent for this holder (or nobody), as of a day (`""`: nobody says).
pub async fn import(
    world: &World,
    holder: Option<&Organisation>,
    day: &str,
    cells: &[(&str, &str)],
) -> Value {
    let key = world.key(Role::Office, None).await;
    let mut query = Vec::new();
    query.extend(holder.map(|holder| format!("holder={}", holder.uscc)));
    query.extend((!day.is_empty()).then(|| format!("statusAsOf={day}")));
    let path = format!("/v1/imports?{}", query.join("&"));
    let mut all = vec![("申请号", A), ("专利名称", "一种渔网清洗装置")];
    all.retain(|(name, _)| cells.iter().all(|(own, _)| own != name));
    all.extend_from_slice(cells);
    let line =
        |part: fn(&(&str, &str)) -> String| all.iter().map(part).collect::<Vec<_>>().join(",");
    let body = format!(
        "{}\n{}\n",
        line(|c| c.0.to_owned()),
        line(|c| c.1.to_owned())
    );
    let answer = world
        .ask(Method::POST, &path)
        .key(&key)
        .body(body)
        .send()
        .await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let done = finished(world, &key, answer.header("location")).await;
    assert_eq!(done["counts"]["rejected"], 0, "{done}");
    done
}

pub async fn patent(world: &World) -> Value {
    world.get(&format!("/v1/patents/{A}")).await.json()
}

/// The open conflicts that this key sees.
pub async fn open(world: &World, key: &str) -> Vec<Value> {
    let asking = world.ask(Method::GET, "/v1/conflicts?state=open").key(key);
    let list = asking.send().await.json();
    let items = list["items"].as_array().expect("a list").clone();
    assert_eq!(list["total"], json!(items.len()), "{list}");
    items
}

/// Decides a conflict at the version that was read.
pub async fn decide(
    world: &World,
    key: &str,
    conflict: &Value,
    choice: &str,
) -> crate::support::http::Answer {
    let path = format!(
        "/v1/conflicts/{}/resolution",
        conflict["id"].as_str().expect("an id")
    );
    let tag = format!("\"{}\"", conflict["version"]);
    let asking = world
        .ask(Method::POST, &path)
        .key(key)
        .header("if-match", &tag);
    asking.json(&json!({ "choice": choice })).send().await
}
