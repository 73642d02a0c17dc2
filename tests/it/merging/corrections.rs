//! By hand against the files: it stands, it is taken back, nobody else learns who did it.

use axum::http::Method;
use kaixu::{
    domain::{access::Role, codes::AppNo},
    ops::verify,
    store,
};
use serde_json::{Value, json};

use super::{A, decide, import, open, patent};
use crate::{
    on_both,
    support::{World, http::Answer, sql},
};

/// What a correction refers to, as an officer reads it.
async fn version_tag(world: &World) -> String {
    let office = world.key(Role::Office, None).await;
    let path = format!("/v1/patents/{A}/sources");
    let read = world.ask(Method::GET, &path).key(&office).send().await;
    read.header("etag").to_owned()
}

async fn correct(world: &World, key: &str, unit: &str, value: Value) -> Answer {
    let path = format!("/v1/patents/{A}/corrections/{unit}");
    let tag = version_tag(world).await;
    let asking = world
        .ask(Method::PUT, &path)
        .key(key)
        .header("if-match", &tag);
    asking
        .json(&json!({ "value": value, "reason": "证书上是这样写的" }))
        .send()
        .await
}

on_both! {
    async fn the_audit_names_sources_that_no_operation_has_written(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        import(&world, Some(&holder), "2025-01-01", &[("专利权人", "蓝湾大学"), ("专利名称", "甲")]).await;
        assert_eq!(correct(&world, &key, "title", json!({ "title": "更正" })).await.status, 200);
        let report = verify::verify(&world.services).await.expect("runs").expect("holds");
        assert_eq!(report.sources, 1, "the patent's");
        let db = &world.services.db;
        let number = AppNo::parse(A).expect("a number").0;
        let doc = sql::text(db, &format!("select cast(doc as text) from sources where subject = '{number}'")).await;
        let doc: Value = serde_json::from_str(&doc).expect("JSON");
        let with = |change: &dyn Fn(&mut Value)| {
            let mut changed = doc.clone();
            change(&mut changed);
            changed.to_string()
        };
        let cases = [
            (with(&|doc| doc["u"]["title"]["y"] = Value::Null), "without a reason"),
            (with(&|doc| doc["u"]["title"]["u"] = Value::Null), "by nobody, or over nothing"),
            (with(&|doc| doc["u"]["title"]["b"] = json!("import")), "by nobody, or over nothing"),
            (with(&|doc| doc["a"]["i"] = json!("01890a5d-ac96-774b-bcce-b302099a8057")), "an import that is not there"),
            (with(&|doc| doc["u"]["conversion"] = doc["a"].clone()), "not its own"),
            (with(&|doc| doc["u"]["title"]["d"] = json!("someday")), "cannot be read"),
        ];
        let put = async |doc: &str| {
            let doc = doc.replace('\'', "''");
            let cast = if matches!(db, store::Db::Sqlite { .. }) { "" } else { "::jsonb" };
            assert_eq!(sql::execute(db, &format!("update sources set doc = '{doc}'{cast} where subject = '{number}'")).await, 1);
        };
        for (changed, wanted) in cases {
            put(&changed).await;
            let found = verify::verify(&world.services).await.expect("runs").expect_err(wanted);
            assert_eq!(found.place, format!("sources of {number}"));
            assert!(found.what.contains(wanted), "{found}");
        }
        put(&doc.to_string()).await;
        assert!(verify::verify(&world.services).await.expect("runs").is_ok());
    }

    async fn a_correction_stands_against_newer_imports_until_it_is_taken_back(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let own = ("专利权人", "蓝湾大学");
        import(&world, Some(&holder), "2025-01-01", &[own, ("专利名称", "甲")]).await;
        let done = correct(&world, &key, "title", json!({ "title": "更正" })).await;
        assert_eq!(done.status, 200, "{}", done.text());
        import(&world, Some(&holder), "2025-06-01", &[own, ("专利名称", "乙")]).await;
        import(&world, None, "2025-05-01", &[own, ("专利名称", "丙")]).await;
        assert_eq!(patent(&world).await["title"], "更正");
        let found = open(&world, &key).await;
        assert_eq!(found.len(), 1, "one is open a unit: {found:?}");
        assert_eq!(found[0]["because"], "corrected");
        let path = format!("/v1/patents/{A}/sources");
        let sources = world.ask(Method::GET, &path).key(&key).send().await.json();
        let title = sources["units"].as_array().expect("a list").iter().find(|one| one["unit"] == "title").expect("there").clone();
        assert_eq!((&title["by"], &title["reason"]), (&json!("correction"), &json!("证书上是这样写的")));
        assert!(title["correctedBy"].as_str().expect("who").starts_with("key:"), "{title}");
        let public = world.get(&format!("/v1/patents/{A}")).await.text();
        assert!(!public.contains("key:") && !public.contains("证书"), "{public}");
        let tag = version_tag(&world).await;
        let asking = world.ask(Method::DELETE, &format!("/v1/patents/{A}/corrections/title")).key(&key);
        let back = asking.header("if-match", &tag).send().await;
        assert_eq!((back.status.as_u16(), &back.json()["title"]), (200, &json!("乙")), "{}", back.text());
        assert!(open(&world, &key).await.is_empty());
        let tag = version_tag(&world).await;
        let asking = world.ask(Method::DELETE, &format!("/v1/patents/{A}/corrections/title")).key(&key);
        asking.header("if-match", &tag).send().await.problem(409, "notCorrected");
    }

    async fn only_a_confirmed_holder_or_an_officer_corrects_and_only_what_a_file_could_say(world) {
        let holder = world.organisation("蓝湾大学").await;
        let other = world.organisation("红崖学院").await;
        let (key, stranger) = (world.key(Role::Holder, Some(&holder)).await, world.key(Role::Holder, Some(&other)).await);
        let office = world.key(Role::Office, None).await;
        import(&world, Some(&holder), "2025-01-01", &[("专利权人", "蓝湾大学")]).await;
        correct(&world, &stranger, "title", json!({ "title": "夺" })).await.problem(403, "notYours");
        import(&world, Some(&other), "2025-01-02", &[("专利权人", "红崖学院")]).await;
        correct(&world, &stranger, "title", json!({ "title": "夺" })).await.problem(403, "notYours");
        for (unit, value) in [("title", json!({ "title": "" })), ("title", json!({ "owners": ["甲"] })), ("filing", json!({ "filingDate": "1920-01-01" })),
            ("grant", json!({ "grantNumber": "12" })), ("inventors", json!(["张三"]))] {
            let answer = correct(&world, &key, unit, value).await;
            assert_eq!(answer.problem(422, "invalid")["errors"][0]["pointer"], "/value");
        }
        let status = correct(&world, &key, "status", json!({ "legalStatus": "inForce" })).await;
        assert_eq!(status.problem(422, "invalid")["errors"][0]["code"], "statusByDocument");
        assert_eq!(correct(&world, &key, "price", json!({})).await.status, 404);
        let done = correct(&world, &office, "owners", json!({ "owners": ["蓝湾大学", "红崖学院"] })).await;
        assert_eq!(done.status, 200, "{}", done.text());
        // Both are confirmed now: neither writes the other away.
        correct(&world, &key, "owners", json!({ "owners": ["蓝湾大学"] })).await.problem(409, "patenteesOfOthers");
    }

    async fn a_holder_corrects_on_the_page_and_takes_it_back(world) {
        let holder = world.organisation("蓝湾大学").await;
        import(&world, Some(&holder), "2025-01-01", &[("专利权人", "蓝湾大学"), ("发明人", "张三;李四")]).await;
        let uscc = Some(holder.uscc.as_str());
        let browser = crate::desk::member(&world, "li@blue.example.com", Role::Holder, uscc).await;
        let number = patent(&world).await["number"].as_str().expect("a number").to_owned();
        let form = format!("/patents/{number}/corrections/inventors");
        let shown = browser.get(&format!("/patents/{number}")).await.text();
        assert!(shown.contains(&form) && !shown.contains("/corrections/status"), "{shown}");
        let page = browser.get(&form).await.text();
        assert!(page.contains("张三\n李四"), "{page}");
        let version = page.split("name=\"version\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version").to_owned();
        let fields = |reason: &'static str| vec![("version".to_owned(), version.clone()), ("inventors".to_owned(), "张三\r\n\r\n王五".to_owned()), ("reason".to_owned(), reason.to_owned())];
        let send = async |fields: Vec<(String, String)>| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            browser.send(&form, &form, &fields).await
        };
        let without = send(fields(" ")).await;
        assert_eq!(without.status, 422);
        assert!(without.text().contains("请写明理由") && without.text().contains("王五"), "{}", without.text());
        assert_eq!(send(fields("与证书核对")).await.status, 303);
        assert_eq!(patent(&world).await["inventors"], json!(["张三", "王五"]));
        assert_eq!(send(fields("与证书核对")).await.status, 412);
        let page = browser.get(&form).await.text();
        assert!(page.contains("与证书核对"), "{page}");
        let version = page.split("name=\"version\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version");
        let back = browser.send(&form, &format!("{form}/take-back"), &[("version", version)]).await;
        assert_eq!(back.status, 303, "{}", back.text());
        assert_eq!(patent(&world).await["inventors"], json!(["张三", "李四"]));
        assert_eq!(browser.get(&format!("/patents/{number}/corrections/status")).await.status, 404);
        let other = world.organisation("红崖学院").await;
        let stranger = crate::desk::member(&world, "wu@red.example.com", Role::Holder, Some(other.uscc.as_str())).await;
        assert_eq!(stranger.get(&form).await.status, 403);
    }

    async fn what_a_holder_keeps_by_hand_in_its_stock_is_not_overwritten(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let own = ("专利权人", "蓝湾大学");
        import(&world, Some(&holder), "2025-01-01", &[own, ("转化状态", "未实施")]).await;
        let list = world.ask(Method::GET, "/v1/holdings").key(&key).send().await.json();
        let path = format!("/v1/holdings/{}", list["items"][0]["id"].as_str().expect("an id"));
        let edited = world.ask(Method::PATCH, &path).key(&key).header("if-match", "\"1\"").json(&json!({ "conversion": "ownUse" })).send().await;
        assert_eq!(edited.status, 200, "{}", edited.text());
        import(&world, Some(&holder), "2025-06-01", &[own, ("转化状态", "已转让")]).await;
        let holding = world.ask(Method::GET, &path).key(&key).send().await.json();
        assert_eq!(holding["conversion"], "ownUse");
        let found = open(&world, &key).await;
        assert_eq!((found.len(), &found[0]["unit"], &found[0]["because"]), (1, &json!("conversion"), &json!("corrected")));
        assert_eq!(decide(&world, &key, &found[0], "theirs").await.status, 200);
        let holding = world.ask(Method::GET, &path).key(&key).send().await.json();
        assert_eq!(holding["conversion"], "transferred");
        // What was decided comes from the file again, and follows the next one.
        import(&world, Some(&holder), "2025-07-01", &[own, ("转化状态", "已许可")]).await;
        let holding = world.ask(Method::GET, &path).key(&key).send().await.json();
        assert_eq!(holding["conversion"], "licensed");
    }
}
