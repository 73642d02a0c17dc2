//! What comes before a licence and after it: enquiries with their clock, royalty reports with the dues that follow, follow-ups,
//! related sides, the know-how annex, disputes, and what an end of a declaration or of a right does to earlier licences.

mod before;
mod carried;
mod ends;
mod pages;

use serde_json::{Value, json};

use crate::support::{
    World,
    market::{Market, id_of},
};

/// 3 % of net sales, settled yearly, payable within 30 days.
fn share() -> Value {
    json!({ "mode": "royalty", "base": "netSales", "rateBp": 300, "everyMonths": 12, "payWithinDays": 30 })
}

/// A licence of the maker's in effect under these terms, by notice alone; its address.
async fn taken(market: &Market<'_>, terms: &Value) -> String {
    let number = market.patent().await;
    let declaration = market.announced(&number, terms).await;
    let notice = market.notice(&declaration, &market.maker_key).await;
    assert_eq!(notice.json()["state"], "effective", "{}", notice.text());
    notice.header("location").to_owned()
}

/// The tasks of one kind that this key sees.
async fn tasks(market: &Market<'_>, kind: &str, key: &str) -> Vec<Value> {
    let found = market.read(&format!("/v1/tasks?kind={kind}"), key).await;
    found["items"].as_array().expect("tasks").clone()
}

/// Runs the clock's daily work; how many reminders it gave.
async fn reminded(world: &World) -> usize {
    kaixu::ops::reminders::run(&world.services)
        .await
        .expect("reminds")
}

/// How many messages of this kind a key's party has.
async fn messages(market: &Market<'_>, kind: &str, key: &str) -> usize {
    let found = market.read("/v1/messages?limit=200", key).await;
    let items = found["items"].as_array().expect("messages");
    items
        .iter()
        .filter(|message| message["kind"] == kind)
        .count()
}

/// The id of a declaration's address.
fn declared(address: &str) -> Value {
    json!(id_of(address))
}

/// A licence of the maker's, paid for at once; its address.
async fn taken_paid(market: &Market<'_>, terms: &Value) -> String {
    let number = market.patent().await;
    let declaration = market.announced(&number, terms).await;
    let notice = market.notice(&declaration, &market.maker_key).await;
    let licence = notice.header("location").to_owned();
    let due = notice.json()["dueAtStartFen"].as_i64().expect("an amount") / 100;
    let paid = market.pay(&licence, &market.maker_key, due).await;
    assert_eq!(paid.json()["state"], "effective", "{}", paid.text());
    licence
}
