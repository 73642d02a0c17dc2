//! Needs: over the API, in the index against a plain list, matched both ways, on the pages; and drafts that nobody
//! else gets to see.

mod api;
mod matching;
mod pages;
mod reference;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::market::Market;

/// A need as the API takes it.
pub fn body(title: &str, text: &str) -> Value {
    json!({ "title": title, "text": text })
}

/// A draft of the maker's; returns its id.
pub async fn drafted(market: &Market<'_>, body: &Value) -> String {
    let made = market.post("/v1/needs", &market.maker_key, body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["id"].as_str().expect("an id").to_owned()
}

/// Opens or closes a need.
pub async fn stepped(market: &Market<'_>, id: &str, step: &str) {
    let record = format!("/v1/needs/{id}");
    let path = format!("{record}/steps");
    let body = json!({ "step": step });
    let done = market
        .change(Method::POST, &path, &record, &market.maker_key, &body)
        .await;
    assert_eq!(done.status, 200, "{}", done.text());
}

/// An open need of the maker's.
pub async fn opened(market: &Market<'_>, body: &Value) -> String {
    let id = drafted(market, body).await;
    stepped(market, &id, "open").await;
    id
}
