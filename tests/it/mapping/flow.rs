//! The flow at the API: upload, preview, mapping, dry run, commit, progress, rejects mended and sent again; and the next
//! file.

use axum::http::Method;
use kaixu::domain::access::Role;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{OWN_WORDS, headless, rehearsed};
use crate::{
    on_both,
    smoke::finished,
    support::{World, http::Answer, sql},
};

async fn upload(world: &World, key: &str, query: &str, body: impl Into<Vec<u8>>) -> String {
    let path = format!("/v1/imports{query}");
    let asking = world.ask(Method::POST, &path).key(key).body(body.into());
    let answer = asking.send().await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.header("location").to_owned()
}

async fn put(world: &World, key: &str, path: &str, version: &Value, columns: Value) -> Answer {
    let asking = world.ask(Method::PUT, &format!("{path}/mapping")).key(key);
    let asking = asking.header("if-match", &format!("\"{version}\""));
    asking.json(&json!({ "columns": columns })).send().await
}

async fn commit(world: &World, key: &str, path: &str, version: &Value) -> Value {
    let asking = world.ask(Method::POST, &format!("{path}/commit")).key(key);
    let asking = asking.header("if-match", &format!("\"{version}\""));
    let answer = asking.send().await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    finished(world, key, path).await
}

/// The field and the basis of a column.
fn column<'a>(preview: &'a Value, header: &str) -> &'a Value {
    let columns = preview["columns"].as_array().expect("columns");
    let found = columns.iter().find(|column| column["header"] == header);
    found.unwrap_or_else(|| panic!("no column {header}: {preview}"))
}

fn counts(of: &Value) -> [i64; 5] {
    crate::imports::counts(of)
}

on_both! {
    async fn unknown_headers_are_guessed_confirmed_imported_and_kept_for_the_next_file(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let path = upload(&world, &key, "?preview=true&statusAsOf=2026-01-01&fileName=a.csv", OWN_WORDS).await;
        let preview = rehearsed(&world, &key, &path).await;
        assert_eq!((counts(&preview), &preview["state"]), ([4, 3, 0, 0, 1], &json!("rehearsed")), "{preview}");
        assert_eq!(sql::number(&world.services.db, "select count(*) from patents").await, 0, "a dry run records nothing");
        assert_eq!(column(&preview, "受理编号")["field"], "applicationNumber");
        assert_eq!(column(&preview, "成果叫法")["basis"], "likely");
        assert_eq!(column(&preview, "受理编号")["samples"][0], "2024800123450");
        assert_eq!(preview["rows"].as_array().expect("rows").len(), 3);
        assert_eq!(preview["problems"][0]["row"], 6, "{preview}");
        // Nobody knows what the telephone is for; the status is not to be taken.
        let changed = put(&world, &key, &path, &preview["version"], json!([{ "column": "目前情况", "field": null }])).await;
        assert_eq!(changed.status, 202, "{}", changed.text());
        let preview = rehearsed(&world, &key, &path).await;
        let status = column(&preview, "目前情况");
        assert_eq!((&status["field"], &status["basis"]), (&Value::Null, &json!("chosen")), "{preview}");
        assert!(preview["rows"].as_array().expect("rows").iter().all(|row| row["legalStatus"] == "unknown"));
        let done = commit(&world, &key, &path, &preview["version"]).await;
        assert_eq!((counts(&done), &done["state"]), ([4, 3, 0, 0, 1], &json!("done")), "{done}");
        let doc = sql::text(&world.services.db, "select cast(doc as text) from patents where number = '2024800123450'").await;
        assert!(doc.contains("一种渔网清洗装置") && doc.contains("2024-03-01") && !doc.contains("专利权维持"), "{doc}");

        // The next file with these headers, in another order, without anybody looking.
        let turned: String = OWN_WORDS.lines().skip(1).map(|row| {
            let mut cells: Vec<&str> = row.split(',').collect();
            cells.reverse();
            cells.join(",") + "\n"
        }).collect();
        let path = upload(&world, &key, "", turned).await;
        let again = finished(&world, &key, &path).await;
        assert_eq!(counts(&again), [4, 0, 0, 3, 1], "{again}");
        let preview = rehearsed(&world, &key, &path).await;
        assert_eq!(column(&preview, "成果叫法")["basis"], "saved", "{preview}");
        // Another holder has said nothing.
        let other = world.organisation("红崖学院").await;
        let stranger = world.key(Role::Holder, Some(&other)).await;
        let list = |key: String| { let world = &world; async move {
            world.ask(Method::GET, "/v1/import-mappings").key(&key).send().await.json()
        } };
        assert_eq!(list(stranger.clone()).await["total"], 0);
        let saved = list(key.clone()).await;
        assert_eq!(saved["total"], 1, "{saved}");
        let place = format!("/v1/import-mappings/{}", saved["items"][0]["id"].as_str().expect("an id"));
        world.ask(Method::DELETE, &place).key(&stranger).send().await.problem(404, "notFound");
        assert_eq!(world.ask(Method::DELETE, &place).key(&key).send().await.status, 204);
        assert_eq!(list(key.clone()).await["total"], 0);
    }

    async fn a_table_without_a_header_comes_in_by_its_letters(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let path = upload(&world, &key, "?preview=true", headless()).await;
        let preview = rehearsed(&world, &key, &path).await;
        assert_eq!(column(&preview, "B")["field"], "applicationNumber", "{preview}");
        assert_eq!(column(&preview, "C")["field"], "title");
        let said = json!([{ "column": "D", "field": "grantDate" }, { "column": "F", "field": "owner" }]);
        assert_eq!(put(&world, &key, &path, &preview["version"], said).await.status, 202);
        let preview = rehearsed(&world, &key, &path).await;
        assert_eq!(counts(&preview), [4, 3, 0, 0, 1], "{preview}");
        let done = commit(&world, &key, &path, &preview["version"]).await;
        assert_eq!((counts(&done), &done["counts"]["claimed"]), ([4, 3, 0, 0, 1], &json!(0)), "{done}");
        // Without a preview only what is proven is taken: titles are not, so that every row says what is missing.
        let other = world.organisation("红崖学院").await;
        let key = world.key(Role::Holder, Some(&other)).await;
        let path = upload(&world, &key, "", headless()).await;
        let done = finished(&world, &key, &path).await;
        assert_eq!(counts(&done), [4, 0, 0, 0, 4], "{done}");
        // Said in the address, everything is.
        let map = |text: &str| format!("map={}", utf8_percent_encode(text, NON_ALPHANUMERIC));
        let query = format!("?{}&{}", map("B=applicationNumber"), map("c=title"));
        let path = upload(&world, &key, &query, headless()).await;
        let done = finished(&world, &key, &path).await;
        assert_eq!(counts(&done)[4], 1, "{done}");
        let path = upload(&world, &key, "?guesses=true", headless().replace("蓝湾", "红崖")).await;
        let done = finished(&world, &key, &path).await;
        assert_eq!(counts(&done)[4], 1, "{done}");
    }

    async fn a_mapping_that_names_a_field_twice_or_a_column_that_is_not_there_is_refused_with_a_pointer(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let path = upload(&world, &key, "?preview=true", OWN_WORDS).await;
        let preview = rehearsed(&world, &key, &path).await;
        let version = &preview["version"];
        let twice = json!([{ "column": "序", "field": "kind" }, { "column": "归谁所有", "field": "title" }]);
        let answer = put(&world, &key, &path, version, twice).await;
        let error = &answer.problem(422, "invalid")["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!("/columns/1/field"), &json!("fieldTwice")), "{error}");
        let nowhere = json!([{ "column": "序", "field": null }, { "column": "没有这列", "field": "title" }]);
        let error = &put(&world, &key, &path, version, nowhere).await.problem(422, "invalid")["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!("/columns/1/column"), &json!("columnUnknown")));
        let unknown = put(&world, &key, &path, version, json!([{ "column": "序", "field": "price" }])).await;
        assert_eq!(unknown.status, 422, "{}", unknown.text());
        assert!(unknown.json()["errors"][0]["pointer"].as_str().expect("a pointer").starts_with("/columns/0/field"), "{}", unknown.text());
        let asking = world.ask(Method::PUT, &format!("{path}/mapping")).key(&key);
        asking.json(&json!({ "columns": [] })).send().await.problem(428, "ifMatchRequired");
        put(&world, &key, &path, &json!(1), json!([])).await.problem(412, "versionStale");
        // In the address: what cannot be read is a 400, what the file has not ends the import.
        let asking = world.ask(Method::POST, "/v1/imports?map=%E5%BA%8F%3Dprice").key(&key).body(OWN_WORDS);
        assert_eq!(asking.send().await.problem(400, "parameterInvalid")["errors"][0]["code"], "mappingInvalid");
        let path = upload(&world, &key, "?map=nowhere%3Dtitle", OWN_WORDS).await;
        let done = finished(&world, &key, &path).await;
        assert_eq!((&done["state"], &done["failure"]["code"]), (&json!("failed"), &json!("columnUnknown")), "{done}");
    }

    async fn refused_rows_come_back_as_a_table_that_is_mended_and_sent_again(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let path = upload(&world, &key, "?guesses=true", OWN_WORDS).await;
        let done = finished(&world, &key, &path).await;
        assert_eq!(counts(&done), [4, 3, 0, 0, 1], "{done}");
        let rejects = format!("{}?layout=table", done["rejects"].as_str().expect("an address"));
        let table = world.ask(Method::GET, &rejects).key(&key).send().await.text();
        let lines: Vec<&str> = table.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "受理编号,成果叫法,获权时间,递交日,归谁所有,完成人员,目前情况,原文件行号,拒绝原因,处理办法");
        assert!(lines[1].starts_with("坏号码,海参育苗池的排污结构,"), "{table}");
        let mended = table.replace("坏号码", "201990001234.4").replace("2018-04-19", "2019-04-19");
        let path = upload(&world, &key, "?guesses=true", mended).await;
        let done = finished(&world, &key, &path).await;
        assert_eq!(counts(&done), [1, 1, 0, 0, 0], "{done}");
        world.ask(Method::GET, &format!("{rejects}s")).key(&key).send().await.problem(400, "parameterInvalid");
    }

    async fn what_waits_can_be_given_up_and_what_is_done_cannot(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let path = upload(&world, &key, "?preview=true", OWN_WORDS).await;
        rehearsed(&world, &key, &path).await;
        assert_eq!(world.ask(Method::DELETE, &path).key(&key).send().await.status, 204);
        world.ask(Method::GET, &path).key(&key).send().await.problem(404, "notFound");
        let path = upload(&world, &key, "", "申请号,名称\n201910699568.X,一种装置\n").await;
        finished(&world, &key, &path).await;
        world.ask(Method::DELETE, &path).key(&key).send().await.problem(409, "importSettled");
    }

    async fn json_keys_of_another_kind_are_mapped_as_headers_are(world) {
        let lines = "{\"sqh\":\"201910699568.X\",\"mc\":\"一种切片机\",\"rq\":\"2019-07-31\"}\n\
            {\"sqh\":\"201820557176.0\",\"mc\":\"节能型炉具\",\"rq\":\"2018-04-19\"}\n";
        let key = world.key(Role::Office, None).await;
        let path = upload(&world, &key, "?map=mc%3Dtitle&map=rq%3DfilingDate", lines).await;
        let done = finished(&world, &key, &path).await;
        assert_eq!(counts(&done), [2, 2, 0, 0, 0], "{done}");
    }

    async fn skipped_sheets_are_told_by_the_answer_and_the_preview_alike(world) {
        use crate::support::formats::{X, XlsSheet, xls};
        let key = world.key(Role::Office, None).await;
        let list = XlsSheet {
            name: "一院",
            rows: vec![vec![X::S("专利号"), X::S("专利名称")], vec![X::S("202480012345.0"), X::S("渔网清洗装置")]],
            ..XlsSheet::default()
        };
        let notes = XlsSheet { name: "填表说明", rows: vec![vec![X::S("由科研院汇总")]], ..XlsSheet::default() };
        let path = upload(&world, &key, "", xls(&[notes, list])).await;
        let done = finished(&world, &key, &path).await;
        let preview = rehearsed(&world, &key, &path).await;
        for told in [&done, &preview] {
            assert_eq!(told["skipped"][0]["name"], "填表说明", "{told}");
            assert!(told["skipped"][0]["reason"].as_str().expect("a text").contains("没有含申请号"));
            assert_eq!(told["tables"], json!(["一院"]));
        }
    }
}
