//! The figures as they are shown, against the naive counter over everything that was read back; and shown once more,
//! later, by the knowledge of that moment.

use std::collections::HashMap;

use axum::http::Method;
use kaixu::domain::{
    codes::AppNo,
    id::Id,
    indicator::{Known, Metric, Part, Seat, Target},
    time::Day,
};
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestCaseResult},
};
use serde_json::Value;

use super::stage::Stage;
use crate::law::count::naive::{Sheet, chosen, sheet};

/// Figures that were shown, with the knowledge and the day they were shown by.
pub struct Shown {
    known_at: i64,
    as_of: Day,
    tables: [Value; 2],
}

/// Everything in the answer that is counted.
fn tables(progress: &Value) -> [Value; 2] {
    ["figures", "parts"].map(|name| progress[name].clone())
}

async fn asked(stage: &Stage, path: &str) -> Result<Value, TestCaseError> {
    let answer = stage.world.ask(Method::GET, path).send().await;
    prop_assert_eq!(answer.status.as_u16(), 200, "{}: {}", path, answer.text());
    Ok(answer.json())
}

/// Keeps what is shown now.
pub async fn keep(stage: &mut Stage) -> Result<Value, TestCaseError> {
    let progress = asked(stage, "/v1/progress").await?;
    stage.shown.push(Shown {
        known_at: progress["knownAt"].as_i64().expect("a number"),
        as_of: progress["asOf"].as_str().expect("a day").parse().unwrap(),
        tables: tables(&progress),
    });
    Ok(progress)
}

/// Some of what was shown before is shown again in the same words.
pub async fn again(stage: &Stage) -> TestCaseResult {
    let count = stage.shown.len();
    for place in [stage.histories * 7 % count, stage.histories * 31 % count] {
        let Shown {
            known_at,
            as_of,
            tables: then,
        } = &stage.shown[place];
        let path = format!("/v1/progress?knownAt={known_at}&asOf={as_of}");
        let now = tables(&asked(stage, &path).await?);
        prop_assert_eq!(&now, then, "{}", path);
    }
    Ok(())
}

/// The answer's tables as one sheet, without empty figures.
fn laid_out(progress: &Value) -> Sheet {
    let mut sheet = Sheet::new();
    let mut lay = |table, line: &str, figures: &Value| {
        for metric in Metric::ALL {
            let figure = &figures[metric.as_str()];
            let parts = ["total", "free", "disputed"].map(|part| figure[part].as_i64().unwrap());
            if parts != [0, 0, 0] {
                sheet.insert((table, line.to_owned(), metric), parts);
            }
        }
    };
    lay("all", "", &progress["figures"]);
    for part in Part::ALL {
        let table = part.as_str();
        for row in progress["parts"][table].as_array().unwrap() {
            lay(table, row["key"].as_str().unwrap(), &row["figures"]);
        }
    }
    sheet
}

/// What is shown is what the naive counter counts, and one figure's units are its units (I3).
pub async fn are_the_naive_counters(stage: &mut Stage) -> TestCaseResult {
    let progress = keep(stage).await?;
    let target: Target = serde_json::from_value(progress["target"].clone()).unwrap();
    let parties = stage.owners.iter().chain(&stage.takers);
    let known = Known {
        declarations: stage.declarations.clone(),
        licences: stage.licences.clone(),
        seats: parties
            .map(|party| (party.id.clone(), Seat::from(party)))
            .collect::<HashMap<Id, Seat>>(),
        ..Known::default()
    };
    let today = stage.today();
    prop_assert_eq!(laid_out(&progress), sheet(&known, &target, today));
    prop_assert_eq!(&progress["figures"]["m3"]["total"], stage.pairs, "by law");
    let metric = Metric::ALL[stage.histories % Metric::ALL.len()];
    let wanted: Vec<_> = chosen(&known, &target, today, metric)
        .into_iter()
        .map(|(on, number, licensee, declaration, licence, _)| {
            (on, number, licensee, declaration, licence)
        })
        .collect();
    prop_assert_eq!(units(stage, metric).await?, wanted, "{:?}", metric);
    Ok(())
}

type Place = (Day, AppNo, Option<Id>, Id, Option<Id>);

/// All pages of a figure's units.
async fn units(stage: &Stage, metric: Metric) -> Result<Vec<Place>, TestCaseError> {
    let first = format!("/v1/progress/items?metric={}&limit=150", metric.as_str());
    let mut path = first.clone();
    let mut units = Vec::new();
    loop {
        let page = asked(stage, &path).await?;
        for unit in page["items"].as_array().unwrap() {
            let id = |name: &str| unit[name].as_str().and_then(Id::parse);
            units.push((
                unit["on"].as_str().unwrap().parse().unwrap(),
                serde_json::from_value(unit["number"].clone()).unwrap(),
                id("licensee"),
                id("declaration").unwrap(),
                id("licence"),
            ));
        }
        let Some(next) = page["next"].as_str() else {
            prop_assert_eq!(&page["total"], units.len());
            return Ok(units);
        };
        path = format!("{first}&after={next}");
    }
}
