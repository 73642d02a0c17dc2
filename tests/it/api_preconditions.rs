//! Two editors, repeated requests: ETag and If-Match, If-None-Match, Idempotency-Key.

use axum::http::Method;
use kaixu::domain::{access::Role, codes::Uscc, party::Organisation};
use serde_json::{Value, json};

use crate::{
    on_both,
    smoke::finished,
    support::{World, http::Answer},
};

fn new_organisation(n: u32, name: &str) -> Value {
    let uscc = Uscc::complete(&format!("12371002{n:08}")).expect("completes");
    json!({ "uscc": uscc, "name": name, "kind": "institute", "district": "371002" })
}

async fn create(world: &World, key: &str, idempotency_key: &str, body: &Value) -> Answer {
    let asking = world.ask(Method::POST, "/v1/organisations").key(key);
    asking
        .header("idempotency-key", idempotency_key)
        .json(body)
        .send()
        .await
}

async fn rename(world: &World, key: &str, of: &Organisation, tag: &str, name: &str) -> Answer {
    let asking = world
        .ask(Method::PATCH, &format!("/v1/organisations/{}", of.id))
        .key(key);
    asking
        .header("if-match", tag)
        .json(&json!({ "name": name }))
        .send()
        .await
}

async fn head(world: &World) -> i64 {
    kaixu::ops::health::check(&world.services)
        .await
        .expect("health")
        .head
}

on_both! {
    async fn an_unchanged_record_is_not_sent_again(world) {
        let office = world.key(Role::Office, None).await;
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let csv = "专利号,专利名称,专利权人\nZL202480012345.0,一种渔网清洗装置,蓝湾大学\n";
        let import = world.ask(Method::POST, "/v1/imports").key(&key).body(csv).send().await;
        let import = finished(&world, &key, import.header("location")).await;
        let file = world.ask(Method::POST, "/v1/files?name=a.txt").key(&key).header("content-type", "text/plain").body("凭证").send().await;
        let file = file.header("location").to_owned();
        let holding = world.get("/v1/holdings").await.json()["items"][0]["id"].as_str().expect("an id").to_owned();
        for path in [
            format!("/v1/organisations/{}", holder.id),
            format!("/v1/holdings/{holding}"),
            "/v1/patents/202480012345".to_owned(),
            format!("/v1/imports/{}", import["id"].as_str().expect("an id")),
            file.clone(),
            format!("{file}/content"),
        ] {
            let ask = |known: &str| world.ask(Method::GET, &path).key(&office).header("if-none-match", known).send();
            let tag = world.ask(Method::GET, &path).key(&office).send().await.header("etag").to_owned();
            assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{path} {tag}");
            for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
                let answer = ask(&known).await;
                assert_eq!((answer.status.as_u16(), answer.bytes.len()), (304, 0), "{path} {known}");
                assert_eq!(answer.header("etag"), tag);
            }
            for known in ["\"x\"", "", "\"", tag.trim_matches('"')] {
                assert_eq!(ask(known).await.status, 200, "{path} {known}");
            }
        }
        let before = world.get(&format!("/v1/holdings/{holding}")).await.header("etag").to_owned();
        let edited = world.ask(Method::PATCH, &format!("/v1/holdings/{holding}")).key(&key).header("if-match", &before)
            .json(&json!({ "conversion": "licensed" })).send().await;
        assert_eq!(edited.status, 200, "{}", edited.text());
        let now = world.ask(Method::GET, &format!("/v1/holdings/{holding}")).header("if-none-match", &before).send().await;
        assert_eq!((now.status.as_u16(), now.header("etag")), (200, edited.header("etag")));
    }

    async fn a_change_names_the_version_that_it_was_made_against(world) {
        let office = world.key(Role::Office, None).await;
        let holder = world.organisation("蓝湾大学").await;
        let path = format!("/v1/organisations/{}", holder.id);
        let bare = world.ask(Method::PATCH, &path).key(&office).json(&json!({ "name": "新名大学" })).send().await;
        bare.problem(428, "ifMatchRequired");
        for tag in ["1", "W/\"1\"", "\"a\"", "\"1", "*", "\"1\", \"2\"", "\"\"", "\"99999999999999999999\""] {
            rename(&world, &office, &holder, tag, "新名大学").await.problem(400, "ifMatchInvalid");
        }
        for tag in ["\"2\"", "\"0\"", "\"-1\""] {
            let problem = rename(&world, &office, &holder, tag, "新名大学").await.problem(412, "versionStale");
            assert!(problem["detail"].as_str().is_some_and(|d| d.contains('1')), "{problem}");
        }
        let done = rename(&world, &office, &holder, "\"1\"", "新名大学").await;
        assert_eq!((done.status.as_u16(), done.header("etag")), (200, "\"2\""), "{}", done.text());
        rename(&world, &office, &holder, "\"1\"", "迟到大学").await.problem(412, "versionStale");
        assert_eq!(world.get(&path).await.json()["name"], "新名大学");
    }

    async fn a_change_that_changes_nothing_leaves_version_and_feed_alone(world) {
        let office = world.key(Role::Office, None).await;
        let holder = world.organisation("蓝湾大学").await;
        let before = head(&world).await;
        let same = rename(&world, &office, &holder, "\"1\"", "  蓝湾大学 ").await;
        assert_eq!((same.status.as_u16(), same.header("etag")), (200, "\"1\""), "{}", same.text());
        assert_eq!(head(&world).await, before);
    }

    async fn of_two_editors_at_once_exactly_one_wins(world) {
        let office = world.key(Role::Office, None).await;
        let holder = world.organisation("蓝湾大学").await;
        for round in 1..=10 {
            let tag = format!("\"{round}\"");
            let (a, b) = (format!("甲大学{round}"), format!("乙大学{round}"));
            let (one, other) = tokio::join!(
                rename(&world, &office, &holder, &tag, &a),
                rename(&world, &office, &holder, &tag, &b),
            );
            let (winner, name, loser) = if one.status == 200 { (one, a, other) } else { (other, b, one) };
            assert_eq!(winner.status, 200, "{}", winner.text());
            loser.problem(412, "versionStale");
            let now = world.get(&format!("/v1/organisations/{}", holder.id)).await.json();
            assert_eq!((&now["name"], &now["version"]), (&json!(name), &json!(round + 1)));
        }
        let feed = world.get("/v1/changes?limit=200").await.json();
        assert_eq!(feed["items"].as_array().map(Vec::len), Some(11), "one row a version");
    }

    async fn a_repeated_request_has_one_effect_and_one_answer(world) {
        let office = world.key(Role::Office, None).await;
        let body = new_organisation(7, "一次学院");
        let first = create(&world, &office, "k-1", &body).await;
        assert_eq!(first.status, 201, "{}", first.text());
        let before = head(&world).await;
        let again = create(&world, &office, "k-1", &body).await;
        assert_eq!((again.status.as_u16(), again.json()), (201, first.json()));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(head(&world).await, before, "no second effect");
        create(&world, &office, "k-1", &new_organisation(8, "另一学院")).await.problem(422, "idempotencyKeyReused");
        // Somebody else's key of the same name is another key.
        let other = world.key(Role::Office, None).await;
        let theirs = create(&world, &other, "k-1", &new_organisation(8, "另一学院")).await;
        assert_eq!(theirs.status, 201, "{}", theirs.text());
        create(&world, &office, "k-2", &body).await.problem(409, "usccTaken");
        let late = create(&world, &office, "k-2", &new_organisation(9, "又一学院")).await;
        assert_eq!(late.status, 201, "a refused request uses no key: {}", late.text());
        for bad in ["", " ", "a b", &"k".repeat(201)] {
            create(&world, &office, bad, &body).await.problem(400, "idempotencyKeyInvalid");
        }
        let upload = world.ask(Method::POST, "/v1/imports").key(&office).header("idempotency-key", "k-1").body("x").send().await;
        upload.problem(422, "idempotencyKeyReused");
    }

    async fn the_same_request_many_times_at_once_has_one_effect(world) {
        let office = world.key(Role::Office, None).await;
        let body = new_organisation(7, "一次学院");
        let answers = futures_util::future::join_all((0..6).map(|_| create(&world, &office, "once", &body))).await;
        for answer in &answers {
            assert_eq!((answer.status.as_u16(), answer.json()), (201, answers[0].json()), "{}", answer.text());
        }
        assert_eq!(head(&world).await, 1);
        let csv = "专利号,专利名称,专利权人\nZL202480012345.0,一种渔网清洗装置,蓝湾大学\n";
        let upload = || world.ask(Method::POST, "/v1/imports?fileName=a.csv").key(&office)
            .header("idempotency-key", "upload").body(csv).send();
        let answers = futures_util::future::join_all((0..6).map(|_| upload())).await;
        for answer in &answers {
            assert_eq!((answer.status.as_u16(), &answer.json()["id"]), (202, &answers[0].json()["id"]), "{}", answer.text());
        }
        let import = finished(&world, &office, answers[0].header("location")).await;
        assert_eq!(import["counts"]["added"], 1, "{import}");
        let listed = world.ask(Method::GET, "/v1/imports").key(&office).send().await.json();
        assert_eq!(listed["total"], 1, "{listed}");
        let other = world.ask(Method::POST, "/v1/imports?fileName=b.csv").key(&office)
            .header("idempotency-key", "upload").body(csv).send().await;
        other.problem(422, "idempotencyKeyReused");
    }
}
