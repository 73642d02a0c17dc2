//! The questionnaire from a sheet, and the dictionaries on the office's page.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::{Value, json};

use crate::{
    desk::member,
    on_both,
    smoke::finished,
    support::{World, market::number},
};

/// A university with three patents in stock, and its key.
async fn university(world: &World) -> (String, String) {
    let university = world.organisation("蓝湾大学").await;
    let key = world.key(Role::Holder, Some(&university)).await;
    let rows: Vec<String> = (1..=3)
        .map(|serial| {
            format!(
                "{},渔网装置{serial},蓝湾大学,2020-03-01",
                number(2020, 1, serial).zl()
            )
        })
        .collect();
    let file = format!("专利号,专利名称,专利权人,申请日\n{}\n", rows.join("\n"));
    let sent = world.ask(Method::POST, "/v1/imports").key(&key).body(file);
    finished(world, &key, sent.send().await.header("location")).await;
    (university.uscc.to_string(), key)
}

fn zl(serial: u32) -> String {
    number(2020, 1, serial).zl()
}

async fn sent(world: &World, key: &str, query: &str, sheet: String) -> Value {
    let path = format!("/v1/inventory/questionnaire?fileName=a.csv{query}");
    let answer = world
        .ask(Method::POST, &path)
        .key(key)
        .body(sheet)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn record(world: &World, key: &str, serial: u32) -> Value {
    let page = world
        .ask(Method::GET, "/v1/inventory?limit=200")
        .key(key)
        .send()
        .await
        .json();
    let wanted = json!(number(2020, 1, serial).to_string());
    let items = page["items"].as_array().expect("items").iter();
    items
        .clone()
        .find(|item| item["number"] == wanted)
        .expect("there")
        .clone()
}

on_both! {
    async fn each_row_fills_in_one_record_and_an_unknown_value_says_what_is_allowed(world) {
        let (_, key) = university(&world).await;
        let head = "专利号,是否财政资助,项目编号,实施状态,转化意愿,技术成熟度,专利自评,应用场景,联系人";
        let sheet = format!("{head}\n{},省级,ZR2020,未实施,开放许可；转让,中试,4,深水网箱,王老师\n{},,,,,差不多,,,\n{},,,,,,,近海,\n坏号,,,,,,,,\n{},,,,,,,,\n",
            zl(1), zl(2), zl(3), zl(9));
        let rehearsed = sent(&world, &key, "&dryRun=true", sheet.clone()).await;
        assert_eq!(record(&world, &key, 1).await["version"], 0, "a rehearsal writes nothing");
        let done = sent(&world, &key, "", sheet.clone()).await;
        assert_eq!(done, rehearsed);
        assert_eq!((&done["rows"], &done["changed"], &done["unchanged"]), (&json!(5), &json!(2), &json!(0)), "{done}");
        let refused = done["refused"].as_array().expect("rows");
        let codes: Vec<&str> = refused.iter().map(|one| one["code"].as_str().expect("a code")).collect();
        assert_eq!(codes, ["notInDictionary", "numberInvalid", "notInStock"], "{done}");
        assert_eq!((&refused[0]["row"], &refused[0]["column"]), (&json!(3), &json!("技术成熟度")));
        assert!(refused[0]["text"].as_str().is_some_and(|text| text.contains("中试")), "{done}");
        let one = record(&world, &key, 1).await;
        assert_eq!((&one["missing"], &one["conversion"], &one["ways"]), (&json!([]), &json!("unused"), &json!(["openLicence", "assignment"])), "{one}");
        assert_eq!((&one["funding"]["level"], &one["funding"]["project"], &one["grade"]), (&json!("provincial"), &json!("ZR2020"), &json!("4")));
        assert_eq!(record(&world, &key, 2).await["version"], 0);
        let again = sent(&world, &key, "", sheet).await;
        assert_eq!((&again["changed"], &again["unchanged"]), (&json!(0), &json!(2)), "{again}");
        // What went in goes out in the platform's sheet, in words.
        let path = "/v1/submissions?platform=inventory&format=ndjson";
        let out = world.ask(Method::POST, path).key(&key).send().await.text();
        assert!(out.contains("开放许可；转让") && out.contains("ZR2020") && out.contains("中试") && out.contains("王老师"), "{out}");
        crate::support::invariants::hold(&world).await;
    }

    async fn a_holder_reads_the_sheet_in_on_its_desk(world) {
        let (uscc, _) = university(&world).await;
        let browser = member(&world, "li@blue.example.com", Role::Holder, Some(&uscc)).await;
        let sheet = format!("专利号,技术成熟度\n{},小试\n{},没听过\n", zl(1), zl(2));
        let here = "/desk/questionnaire";
        let page = browser.upload(here, here, &[], &[("sheet", "盘点.csv", "text/csv", sheet.into_bytes())]).await;
        let text = page.text();
        assert!(page.status == 200 && text.contains("<b>1</b> 已写入") && text.contains("没听过") && text.contains("小试"), "{text}");
        let bad = browser.upload(here, here, &[], &[("sheet", "a.csv", "text/csv", "名称,备注\n甲,乙\n".into())]).await;
        assert_eq!(bad.status, 422, "{}", bad.text());
        let maker = world.organisation("渔网公司").await;
        let maker = member(&world, "maker@example.com", Role::Enterprise, Some(maker.uscc.as_str())).await;
        assert_eq!(maker.get(here).await.status, 403);
    }

    async fn an_officer_keeps_the_dictionaries_on_a_page(world) {
        let office = member(&world, "office@example.com", Role::Office, None).await;
        let here = "/office/dictionaries";
        let page = office.get(here).await.text();
        assert!(page.contains("pilot | 中试 | Pilot scale"), "{page}");
        let kept = "laboratory | 概念/实验室 | Concept or laboratory\nbench | 小试 | Bench scale\npilot | 中间试验 | Pilot scale\nproduction | 批量生产（产业化） | Production | 停用";
        let save = async |entries: &str| {
            let fields = [("topic", "maturity"), ("version", "1"), ("entries", entries)];
            office.send(here, here, &fields).await
        };
        let bad = save("pilot 中试").await;
        assert!(bad.status == 422 && bad.text().contains("第 1 行"), "{}", bad.text());
        let lost = save("pilot | 中试 | Pilot scale").await;
        assert!(lost.status == 422 && lost.text().contains("停用"), "{}", lost.text());
        assert_eq!(save(kept).await.status, 303);
        let read = world.get("/v1/dictionaries/maturity").await.json();
        assert_eq!((&read["version"], &read["entries"][2]["zh"], &read["entries"][3]["retired"]), (&json!(2), &json!("中间试验"), &json!(true)), "{read}");
        let stale = save(kept).await;
        assert!(!stale.status.is_success() && stale.status != 303, "{}", stale.status);
    }
}
