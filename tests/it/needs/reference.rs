//! Random needs and every filter, in the index and in a plain list: the same needs, the same order, page by page.

use kaixu::domain::{
    codes::industry,
    need::{Need, NeedState},
};
use serde_json::{Value, json};

use super::{drafted, stepped};
use crate::{on_both_at, support::market::Market};

/// Small numbers from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("fits") % sides
    }

    fn of<'a>(&mut self, values: &[&'a str]) -> &'a str {
        values[self.roll(values.len())]
    }
}

const INDUSTRIES: [&str; 6] = ["", "A04", "C", "C35", "C3511", "C26"];
const REGIONS: [&str; 4] = ["371002", "371082", "370000", "110000"];
const UNTIL: [&str; 4] = ["", "2026-03-02", "2026-03-05", "2026-12-31"];

async fn random(market: &Market<'_>, dice: &mut Dice) -> Need {
    let mut body = json!({ "title": format!("需求 {}", dice.roll(1_000)), "text": "寻找合适的技术方案。", "region": dice.of(&REGIONS) });
    for (name, value) in [
        ("industry", dice.of(&INDUSTRIES)),
        ("until", dice.of(&UNTIL)),
    ] {
        if !value.is_empty() {
            body[name] = json!(value);
        }
    }
    let id = drafted(market, &body).await;
    for step in ["open", "close"].into_iter().take(dice.roll(3)) {
        stepped(market, &id, step).await;
    }
    let read = market
        .read(&format!("/v1/needs/{id}"), &market.office_key)
        .await;
    serde_json::from_value(read).expect("a need")
}

async fn listed(market: &Market<'_>, key: Option<&str>, query: &str) -> (Vec<Value>, Value) {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/needs?limit=7&{query}{after}");
        let asking = market.world.ask(axum::http::Method::GET, &path);
        let page = match key {
            Some(key) => asking.key(key),
            None => asking,
        };
        let page = page.send().await.json();
        found.extend(
            page["items"]
                .as_array()
                .unwrap_or_else(|| panic!("{page}"))
                .iter()
                .map(|hit| hit["need"]["id"].clone()),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return (found, page["total"].clone()),
        }
    }
}

on_both_at! { "2026-03-02T01:00:00Z";
    async fn every_filter_gives_what_a_plain_list_gives(world) {
        let market = Market::new(&world).await;
        let mut dice = Dice(20_260_302);
        let mut needs = Vec::new();
        for _ in 0..60 {
            needs.push(random(&market, &mut dice).await);
        }
        world.indexed().await;
        for day in ["2026-03-02", "2026-03-03", "2026-03-06"] {
            market.on(day);
            let today = world.services.clock.today();
            for _ in 0..12 {
                let (industry, region) = (dice.of(&["", "C", "C35", "C3511", "A04"]), dice.of(&["", "37", "3710", "371002"]));
                let (state, open) = (dice.of(&["", "draft", "open", "closed"]), dice.roll(2) == 0);
                let query = format!("industry={industry}&region={region}&state={state}&open={open}");
                let fits = |need: &&Need| {
                    let levels = need.industry.as_deref().map_or(Vec::new(), industry::levels);
                    (industry.is_empty() || levels.contains(&industry))
                        && need.region.trim_end_matches("00").starts_with(region)
                        && (state.is_empty() || need.state.as_str() == state)
                        && (!open || need.is_open_on(today))
                };
                for (key, all) in [(Some(market.office_key.as_str()), true), (Some(market.maker_key.as_str()), true), (None, false)] {
                    let mut expected: Vec<&Need> = needs.iter().filter(fits).collect();
                    expected.retain(|need| all || need.state != NeedState::Draft);
                    expected.sort_by(|a, b| b.id.cmp(&a.id));
                    let expected: Vec<Value> = expected.iter().map(|need| json!(need.id)).collect();
                    let (found, total) = listed(&market, key, &query).await;
                    assert_eq!(found.len(), expected.len(), "{day} {query}");
                    assert_eq!(total, expected.len(), "{day} {query}");
                    let sorted = |mut ids: Vec<Value>| { ids.sort_by_key(Value::to_string); ids };
                    assert_eq!(sorted(found), sorted(expected), "{day} {query}");
                }
            }
        }
    }
}
