//! Lists as files: as many rows as the list's count, the same audience, in every format, from the API and from the page.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::{Value, json};

use crate::{
    desk::member,
    on_both,
    support::{World, market::Market},
};

/// The rows of a file, and what its head says.
async fn rows(world: &World, key: &str, path: &str, format: &str) -> usize {
    let asked = format!(
        "{path}{}format={format}",
        if path.contains('?') { '&' } else { '?' }
    );
    let asking = world.ask(Method::GET, &asked);
    let asking = if key.is_empty() {
        asking
    } else {
        asking.key(key)
    };
    let answer = asking.send().await;
    assert_eq!(answer.status, 200, "{asked}: {}", answer.text());
    let said: usize = answer.header("x-total-count").parse().expect("a count");
    match format {
        "csv" => {
            assert!(answer.text().starts_with('\u{feff}'), "{asked}");
            let table = csv::ReaderBuilder::new()
                .from_reader(answer.bytes.as_slice())
                .into_records()
                .count();
            assert_eq!(table, said, "{asked}");
        }
        "xlsx" => assert!(answer.bytes.starts_with(b"PK"), "{asked}"),
        _ => {
            let lines: Vec<Value> = answer
                .text()
                .lines()
                .map(|line| serde_json::from_str(line).expect("JSON"))
                .collect();
            assert_eq!(lines.len(), said, "{asked}");
        }
    }
    said
}

async fn total(world: &World, key: &str, path: &str) -> usize {
    let asking = world.ask(Method::GET, path);
    let asking = if key.is_empty() {
        asking
    } else {
        asking.key(key)
    };
    let page = asking.send().await.json();
    let total = page["total"]
        .as_u64()
        .unwrap_or_else(|| panic!("{path}: {page}"));
    usize::try_from(total).expect("small")
}

on_both! {
    async fn a_file_has_as_many_rows_as_its_list_for_whoever_asks(world) {
        kaixu::ops::targets::ensure(&world.services).await.expect("a target");
        let market = Market::new(&world).await;
        for (title, open) in [("=网箱清洗", true), ("渔网修补", false)] {
            let body = json!({ "title": title, "text": "急需办法，越快越好。", "industry": "A04" });
            let made = market.post("/v1/needs", &market.maker_key, &body).await.json();
            if open {
                let record = format!("/v1/needs/{}", made["id"].as_str().expect("an id"));
                let path = format!("{record}/steps");
                market.change(Method::POST, &path, &record, &market.maker_key, &json!({ "step": "open" })).await;
            }
        }
        world.indexed().await;
        let office = world.key(Role::Office, None).await;
        let lists = ["needs", "declarations", "licences", "organisations", "holdings", "progress/items"];
        for list in lists {
            for key in ["", market.maker_key.as_str(), office.as_str()] {
                let expected = total(&world, key, &format!("/v1/{list}?limit=1")).await;
                for format in ["ndjson", "csv", "xlsx"] {
                    let found = rows(&world, key, &format!("/v1/{list}/export"), format).await;
                    assert_eq!(found, expected, "{list} {format}");
                }
            }
        }
        assert_eq!(rows(&world, "", "/v1/needs/export", "csv").await, 1, "a draft is nobody else's");
        assert_eq!(rows(&world, &market.maker_key, "/v1/needs/export", "csv").await, 2);
        let tasks = total(&world, &office, "/v1/tasks").await;
        assert_eq!(rows(&world, &office, "/v1/tasks/export", "xlsx").await, tasks);
        let text = world.get("/v1/needs/export?format=csv").await.text();
        assert!(text.contains("'=网箱清洗") && text.contains("渔业"), "no formula, and names beside codes: {text}");
        for (path, status) in [("/v1/tasks/export", 401), ("/v1/audit/export", 401), ("/v1/needs/export?format=pdf", 400),
            ("/v1/declarations/export?limit=1", 400), ("/v1/organisations/export?district=37", 400)] {
            assert_eq!(world.get(path).await.status.as_u16(), status, "{path}");
        }
    }

    async fn the_page_links_to_the_same_files_for_the_same_eyes(world) {
        let market = Market::new(&world).await;
        let officer = member(&world, "officer@example.com", Role::Office, None).await;
        let audit = officer.get("/office/audit?what=organisation.set").await.text();
        for format in ["xlsx", "csv", "ndjson"] {
            assert!(audit.contains(&format!("/export/audit?what=organisation.set&amp;format={format}"))
                || audit.contains(&format!("/export/audit?what=organisation.set&#38;format={format}")), "{audit}");
        }
        let file = officer.get("/export/audit?what=organisation.set&format=csv").await;
        assert!(file.status == 200 && file.text().contains("做了什么"), "{}", file.text());
        let uscc = market.university.uscc.to_string();
        let holder = member(&world, "li@blue.example.com", Role::Holder, Some(&uscc)).await;
        assert_eq!(holder.get("/export/audit?format=csv").await.status, 403);
        assert_eq!(holder.get("/export/tasks?format=csv").await.status, 200);
        assert_eq!(holder.get("/export/nothing").await.status, 404);
        let stranger = world.get("/export/tasks?format=csv").await;
        assert!(!stranger.status.is_success(), "{}", stranger.text());
        assert_eq!(world.get("/export/organisations?format=csv").await.status, 200);
    }
}
