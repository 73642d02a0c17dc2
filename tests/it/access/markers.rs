//! I11 asked of everything that can be read: words planted in what is one organisation's own turn up in no answer, facet,
//! feed, snapshot or page of anybody else.

use std::collections::BTreeSet;

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::{Value, json};

use super::{CALLERS, scene::Scene};
use crate::{accounts::entering::member, on_both, openapi::operations, support::World};

/// Planted in a draft need, an unpublished holding's unit, a file's name and content, a key's name, a draft
/// declaration, a card of a patent kept back, a payment of an annual fee.
const MARKERS: [&str; 8] = [
    "机密甲需求",
    "机密乙部门",
    "机密丙文件",
    "机密丁内容",
    "机密戊密钥",
    "机密己说明",
    "机密庚卡片",
    "机密辛年费",
];

async fn planted(scene: &Scene<'_>) {
    let own = &scene.keys["the holder itself"];
    let send = async |method: Method, path: &str, body: Value| {
        let read = scene.world.ask(Method::GET, path).key(own).send().await;
        let asking = scene.world.ask(method, path).key(own);
        let asking = asking.header("if-match", read.header("etag"));
        let answer = asking.json(&body).send().await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
    };
    send(
        Method::POST,
        "/v1/needs",
        json!({ "title": MARKERS[0], "text": "机密甲需求的全部内容，不公开。" }),
    )
    .await;
    let holding = format!("/v1/holdings/{}", scene.records["hidden holding"]);
    send(Method::PATCH, &holding, json!({ "unit": MARKERS[1] })).await;
    let name =
        percent_encoding::utf8_percent_encode(MARKERS[2], percent_encoding::NON_ALPHANUMERIC);
    let path = format!("/v1/files?name={name}.txt");
    let asking = scene.world.ask(Method::POST, &path).key(own);
    let asking = asking.header("content-type", "text/plain");
    assert!(asking.body(MARKERS[3]).send().await.status.is_success());
    send(Method::POST, "/v1/keys", json!({ "name": MARKERS[4] })).await;
    let draft = format!("/v1/declarations/{}", scene.records["declaration"]);
    let read = scene.world.ask(Method::GET, &draft).key(own).send().await;
    let mut body = scene.body("updateDeclaration", 900);
    body["explanation"] = json!(MARKERS[5]);
    let asking = scene.world.ask(Method::PUT, &draft).key(own);
    let asking = asking.header("if-match", read.header("etag"));
    let answer = asking.json(&body).send().await;
    assert!(answer.status.is_success(), "{}", answer.text());
    // A card of a patent that is kept back, and what was paid for one that is public.
    let put = async |path: &str, body: Value| {
        let read = scene.world.ask(Method::GET, path).key(own).send().await;
        let asking = scene.world.ask(Method::PUT, path).key(own);
        let asking = asking.header("if-match", read.header("etag"));
        let answer = asking.json(&body).send().await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
    };
    let mut card = json!(crate::support::cards::content());
    card["problem"] = json!(format!(
        "{}：网箱几周就长满海藻和贝壳，水流不进去。",
        MARKERS[6]
    ));
    put("/v1/patents/201990001234.4/card", card).await;
    let paid = json!({ "payments": [{ "year": 2, "on": "2025-02-01", "note": MARKERS[7] }] });
    put("/v1/patents/202480012345.0/annual-fees", paid).await;
    scene.world.indexed().await;
}

/// Everything that is read: every GET of the API with the ids of every record, searches for the words themselves with
/// their facets, and the pages.
fn addresses(scene: &Scene<'_>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (_, operation) in operations().into_iter().filter(|(_, o)| o.method == "GET") {
        let parameters = operation.parameters("path");
        if parameters.is_empty() {
            all.insert(operation.path.clone());
        }
        for id in scene.records.values() {
            let mut path = operation.path.clone();
            for name in &parameters {
                path = path.replace(&format!("{{{name}}}"), id);
            }
            all.insert(path);
        }
    }
    for marker in MARKERS {
        let q = percent_encoding::utf8_percent_encode(marker, percent_encoding::NON_ALPHANUMERIC);
        for path in [
            "/v1/patents",
            "/v1/needs",
            "/v1/patents/export",
            "/patents",
            "/needs",
        ] {
            all.insert(format!("{path}?q={q}"));
        }
    }
    all.insert("/v1/patents?facet=holder&facet=applicant&facet=conversion".into());
    all.insert("/v1/changes?limit=200".into());
    all.insert("/v1/patents/201990001234.4/card".into());
    for id in scene.records.values() {
        all.extend([
            format!("/patents/{id}"),
            format!("/needs/{id}"),
            format!("/files/{id}"),
            format!("/desk/needs/{id}"),
            format!("/desk/declarations/{id}"),
            format!("/desk/licences/{id}"),
            format!("/account/keys/{id}"),
        ]);
    }
    for page in [
        "/",
        "/desk",
        "/desk/stock",
        "/desk/stock/sheet?layout=stock&format=csv",
        "/desk/cards",
        "/desk/fees",
        "/desk/appraisals",
        "/desk/needs",
        "/desk/declarations",
        "/desk/tasks",
        "/account",
        "/account/keys",
        "/inbox",
        "/progress",
    ] {
        all.insert(page.into());
    }
    all
}

/// The words of the query itself come back in an answer's echo, as typed; found is what stands elsewhere.
fn leaks(text: &str, asked: &str) -> Option<&'static str> {
    let asked = percent_encoding::percent_decode_str(asked)
        .decode_utf8_lossy()
        .into_owned();
    MARKERS
        .into_iter()
        .find(|marker| text.contains(marker) && !asked.contains(marker))
}

on_both! {
    async fn words_of_one_organisation_turn_up_nowhere_for_others(world) {
        let scene = Scene::new(&world).await;
        planted(&scene).await;
        let addresses = addresses(&scene);
        let mut wrong = Vec::new();
        let mut seen = BTreeSet::new();
        for (caller, role, owns) in CALLERS {
            let may_see = owns || matches!(role, Role::Office | Role::Administrator);
            for path in &addresses {
                let asking = world.ask(Method::GET, path);
                let asking = match scene.keys.get(caller) {
                    Some(key) => asking.key(key),
                    None => asking,
                };
                let text = asking.send().await.text();
                match (leaks(&text, path), may_see) {
                    (Some(marker), false) => wrong.push(format!("{marker} in {path} for {caller}")),
                    (Some(marker), true) => {
                        seen.insert(marker);
                    }
                    (None, _) => {}
                }
            }
        }
        // The walk does look where the words are: its owner finds every one of them but the file's name.
        for marker in [0, 1, 4, 5, 6, 7].map(|at| MARKERS[at]) {
            assert!(seen.contains(marker), "{marker} was not planted");
        }
        pages(&world, &scene, &addresses, &mut wrong).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// The same as somebody of another organisation who is signed in.
async fn pages(
    world: &World,
    scene: &Scene<'_>,
    addresses: &BTreeSet<String>,
    wrong: &mut Vec<String>,
) {
    let other = world.organisation("崂山学院").await;
    assert_ne!(other.id, scene.owner.id);
    let stranger = member(
        world,
        "zhao@example.com",
        Role::Holder,
        Some(other.uscc.as_str()),
    )
    .await;
    for path in addresses {
        let text = stranger.get(path).await.text();
        if let Some(marker) = leaks(&text, path) {
            wrong.push(format!("{marker} in {path} for a stranger's pages"));
        }
    }
}
