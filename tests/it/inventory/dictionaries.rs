//! The office keeps the dictionaries; records stay readable whatever is retired.

use axum::http::Method;
use serde_json::{Value, json};

use super::{edit, full, holding};
use crate::{on_both_at, support::market::Market};

const PATH: &str = "/v1/dictionaries/maturity";

on_both_at! { "2026-03-02T01:00:00Z";
    async fn an_entry_is_added_and_retired_by_the_office_and_what_a_record_says_stays(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let held = holding(&market, number.as_str()).await;
        assert_eq!(edit(&market, &held, &full()).await.status, 200);
        let read = world.get(PATH).await;
        assert_eq!(read.header("etag"), "\"1\"");
        let mut entries = read.json()["entries"].clone();
        let pilot = entries.as_array_mut().expect("entries").iter_mut().find(|e| e["code"] == "pilot").expect("pilot");
        pilot["retired"] = json!(true);
        entries.as_array_mut().expect("entries").push(json!({ "code": "trl9", "zh": "TRL 9", "en": "TRL 9" }));
        let write = |key: &str, tag: &str, entries: &Value| {
            world.ask(Method::PUT, PATH).key(key).header("if-match", tag).json(&json!({ "entries": entries })).send()
        };
        assert_eq!(write(&market.holder_key, "\"1\"", &entries).await.status, 403);
        let written = write(&market.office_key, "\"1\"", &entries).await;
        assert_eq!((written.status.as_u16(), written.header("etag")), (200, "\"2\""), "{}", written.text());
        assert_eq!(write(&market.office_key, "\"1\"", &entries).await.status, 412);
        let fewer = json!([entries[0]]);
        let problem = write(&market.office_key, "\"2\"", &fewer).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], "entryRemoved");
        // Chosen before, it stays; newly chosen it is not, the new one is.
        let other = market.patent().await;
        let second = holding(&market, other.as_str()).await;
        assert_eq!(edit(&market, &held, &json!({ "grade": "3" })).await.json()["maturity"], "pilot");
        edit(&market, &second, &full()).await.problem(422, "invalid");
        assert_eq!(edit(&market, &second, &json!({ "maturity": "trl9" })).await.status, 200);
        let all = world.get("/v1/dictionaries").await.json();
        assert_eq!(all["items"].as_array().map(Vec::len), Some(5));
    }
}
