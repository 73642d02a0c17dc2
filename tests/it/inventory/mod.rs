//! Stock records and their dictionaries: over the API, on the desk, many at once; and nobody else gets to see them.

mod api;
mod desk;
mod dictionaries;
mod questionnaire;
mod review;
mod sub_units;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{http::Answer, market::Market};

/// The id of the university's holding of a patent.
pub async fn holding(market: &Market<'_>, number: &str) -> String {
    let listed = market
        .read("/v1/holdings?limit=200", &market.holder_key)
        .await;
    let all = listed["items"].as_array().expect("holdings");
    let found = all.iter().find(|h| h["number"] == number);
    found.expect("is held")["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// All five items of a record.
pub fn full() -> Value {
    json!({
        "funding": { "level": "provincial", "project": "2024SFGC0101" }, "ways": ["openLicence", "assignment"],
        "maturity": "pilot", "grade": "4", "scenario": "深水网箱不起网清洗。",
    })
}

/// Edits a record as the university at the version that it has now.
pub async fn edit(market: &Market<'_>, id: &str, body: &Value) -> Answer {
    let path = format!("/v1/inventory/{id}");
    market
        .change(Method::PATCH, &path, &path, &market.holder_key, body)
        .await
}
