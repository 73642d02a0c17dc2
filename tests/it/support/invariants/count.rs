//! I3 as it is shown: every figure of every target is the number of its units, and the sum of each
//! of its splits, today and by what was known before.

use kaixu::domain::indicator::{Metric, Part};
use serde_json::Value;

use crate::support::World;

/// `counted`: what the audit has counted for each target today.
pub async fn figures_are_their_units(world: &World, counted: &[Value]) {
    for target in counted {
        let (id, day) = (&target["target"], &target["asOf"]);
        let (id, day) = (id.as_str().expect("an id"), day.as_str().expect("a day"));
        let shown = world
            .get(&format!("/v1/progress?target={id}&asOf={day}"))
            .await;
        assert_eq!(
            shown.json()["figures"],
            target["figures"],
            "I3: shown and audited"
        );
    }
    let targets = world.get("/v1/targets").await.json();
    let head = kaixu::ops::health::check(&world.services)
        .await
        .expect("health")
        .head;
    let today = world.services.clock.today();
    let mut questions = vec![String::new(), format!("&asOf={today}")];
    for months in [1, 12, 60] {
        let day = today.saturating_sub(jiff::Span::new().months(months));
        questions.push(format!("&asOf={day}"));
    }
    for part in 1..4 {
        questions.push(format!("&knownAt={}", head * part / 4));
    }
    for target in targets["items"].as_array().expect("targets") {
        let id = target["id"].as_str().expect("an id");
        for question in &questions {
            let asked = format!("target={id}{question}");
            let progress = world.get(&format!("/v1/progress?{asked}")).await;
            assert_eq!(progress.status, 200, "{}", progress.text());
            let progress = progress.json();
            for metric in Metric::ALL {
                check(world, &progress, metric, &asked).await;
            }
        }
    }
}

async fn check(world: &World, progress: &Value, metric: Metric, asked: &str) {
    let place = format!("I3: {} of {asked}", metric.as_str());
    let figure = &progress["figures"][metric.as_str()];
    for part in ["total", "free", "disputed"] {
        let wanted = figure[part].as_i64().expect("a number");
        for split in Part::ALL.map(Part::as_str) {
            let parts = progress["parts"][split].as_array().expect("parts");
            let sum: i64 = parts
                .iter()
                .map(|p| p["figures"][metric.as_str()][part].as_i64().expect("one"))
                .sum();
            assert_eq!(sum, wanted, "{place}: {part} by {split}");
        }
    }
    let total = figure["total"].as_i64().expect("a number");
    let mut units = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!(
            "/v1/progress/items?metric={}&{asked}&limit=200{after}",
            metric.as_str()
        );
        let page = world.get(&path).await.json();
        assert_eq!(page["total"], total, "{place}: {page}");
        units.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let count = |which: &str| units.iter().filter(|unit| unit[which] == true).count();
    let shown = (units.len(), count("free"), count("disputed"));
    let number = |part: &str| usize::try_from(figure[part].as_i64().expect("one")).expect("small");
    assert_eq!(
        shown,
        (number("total"), number("free"), number("disputed")),
        "{place}"
    );
}
