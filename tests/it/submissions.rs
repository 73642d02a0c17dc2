//! Stock handed to platforms: what goes out is noted, answers are matched, what fits nothing is told, and only what is new,
//! changed or rejected goes out next. A holder's own and the office's.

use std::fmt::Write as _;

use axum::http::Method;
use kaixu::domain::{access::Role, party::Organisation};
use serde_json::{Value, json};

use crate::{
    desk::member,
    on_both,
    smoke::finished,
    support::{World, http::Answer, market::number},
};

/// A university with so many patents in stock, and its key.
async fn university(world: &World, patents: u32) -> (Organisation, String) {
    let university = world.organisation("蓝湾大学").await;
    let key = world.key(Role::Holder, Some(&university)).await;
    let mut file = String::from("专利号,专利名称,专利权人,申请日\n");
    for serial in 1..=patents {
        let zl = number(2020, 1, serial).zl();
        writeln!(file, "{zl},渔网清洗装置{serial},蓝湾大学,2020-03-01").expect("writes");
    }
    let sent = world.ask(Method::POST, "/v1/imports").key(&key).body(file);
    let done = finished(world, &key, sent.send().await.header("location")).await;
    assert_eq!(done["counts"]["rejected"], 0, "{done}");
    (university, key)
}

async fn export(world: &World, key: &str, query: &str) -> Answer {
    let path = format!("/v1/submissions?platform=shandong&format=ndjson&{query}");
    world.ask(Method::POST, &path).key(key).send().await
}

async fn answer(world: &World, key: &str, sheet: &str) -> Value {
    let path = "/v1/submissions/answers?platform=shandong&fileName=a.csv";
    let answer = world
        .ask(Method::POST, path)
        .key(key)
        .body(sheet.to_owned())
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn listed(world: &World, key: &str, query: &str) -> Vec<Value> {
    let path = format!("/v1/submissions?limit=200&{query}");
    let page = world.ask(Method::GET, &path).key(key).send().await.json();
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    assert_eq!(page["total"], items.len(), "{page}");
    items.clone()
}

on_both! {
    async fn what_goes_out_is_noted_and_what_is_answered_is_matched(world) {
        let (university, key) = university(&world, 4).await;
        let office = world.key(Role::Office, None).await;
        let file = export(&world, &key, "only=all").await;
        assert_eq!((file.status.as_u16(), file.header("x-total-count"), file.text().lines().count()), (200, "4", 4));
        let all = listed(&world, &key, "platform=shandong").await;
        assert_eq!(all.len(), 4);
        for one in &all {
            assert_eq!((&one["state"], &one["changed"]), (&json!("exported"), &json!(false)), "{one}");
            assert_eq!(one["exportedOn"], world.services.clock.today().to_string());
            let sha256 = kaixu::domain::event::sha256_hex(&file.bytes);
            assert_eq!(one["fileSha256"], sha256, "the file itself is named");
            assert!(one["exportedBy"].as_str().is_some_and(|who| who.starts_with("key:")));
        }
        let zl = |serial| number(2020, 1, serial).zl();
        let sheet = format!("申请号,审核结果,退回原因\n{},审核通过,\n{},退回,名称不符\n{},待定,\n{},通过,\n乱写,通过,\n{},退回,\n",
            zl(1), zl(2), zl(3), zl(9), zl(1));
        let read = answer(&world, &key, &sheet).await;
        let counts = ["rows", "accepted", "rejected", "unmatched"].map(|name| read[name].as_i64().expect("a count"));
        assert_eq!((counts, &read["repeated"]), ([6, 1, 1, 4], &json!(false)), "{read}");
        let rejects = world.ask(Method::GET, read["rejects"].as_str().expect("a place")).key(&key).send().await.text();
        for code in ["resultUnknown", "notExported", "numberInvalid", "numberTwice"] {
            assert!(rejects.contains(code), "{code}: {rejects}");
        }
        assert_eq!(rejects.lines().count(), 5, "{rejects}");
        let rejected = listed(&world, &key, "state=rejected").await;
        assert_eq!((rejected.len(), &rejected[0]["reason"], &rejected[0]["zl"]), (1, &json!("名称不符"), &json!(zl(2))));
        assert_eq!(listed(&world, &key, "state=accepted").await.len(), 1);
        assert_eq!(listed(&world, &office, &format!("organisation={}", university.id)).await.len(), 4, "the office reads it");
        // The same sheet again changes nothing.
        let again = answer(&world, &key, &sheet).await;
        assert_eq!((&again["id"], &again["repeated"]), (&read["id"], &json!(true)));
    }

    async fn only_what_is_new_changed_or_rejected_goes_out_next(world) {
        let (university, key) = university(&world, 4).await;
        export(&world, &key, "only=all").await;
        let nothing = export(&world, &key, "only=pending").await;
        assert_eq!(nothing.header("x-total-count"), "0");
        let zl = |serial| number(2020, 1, serial).zl();
        answer(&world, &key, &format!("申请号,审核结果\n{},受理\n{},退回\n", zl(1), zl(2))).await;
        // One changes, one is new.
        let path = format!("/v1/holdings?organisation={}&limit=200", university.id);
        let holdings = world.ask(Method::GET, &path).key(&key).send().await.json();
        let of = |serial| {
            let wanted = json!(number(2020, 1, serial).to_string());
            let items = holdings["items"].as_array().expect("items").iter();
            items.clone().find(|h| h["number"] == wanted).expect("there")["id"].as_str().expect("an id").to_owned()
        };
        let holding = format!("/v1/holdings/{}", of(3));
        let tag = world.ask(Method::GET, &holding).key(&key).send().await.header("etag").to_owned();
        let body = json!({ "unit": "海洋学院" });
        let changed = world.ask(Method::PATCH, &holding).key(&key).header("if-match", &tag).json(&body).send().await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        assert_eq!(listed(&world, &key, "changed=true").await.len(), 1);
        let file = format!("专利号,专利名称,专利权人,申请日\n{},渔网装置5,蓝湾大学,2020-03-01\n", zl(5));
        let sent = world.ask(Method::POST, "/v1/imports").key(&key).body(file).send().await;
        finished(&world, &key, sent.header("location")).await;
        let next = export(&world, &key, "only=pending").await;
        let numbers: Vec<String> = next.text().lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["申请号"].as_str().expect("a number").to_owned())
            .collect();
        let bare = |serial| zl(serial).trim_start_matches("ZL").to_owned();
        assert_eq!(numbers, [bare(2), bare(3), bare(5)], "rejected, changed, new");
        assert_eq!(export(&world, &key, "only=pending").await.header("x-total-count"), "0");
        let states = listed(&world, &key, "state=exported").await;
        assert_eq!(states.len(), 4, "what was rejected is out again");
        crate::support::invariants::hold(&world).await;
    }

    async fn nobody_sees_or_answers_anothers_submissions(world) {
        let (university, key) = university(&world, 2).await;
        export(&world, &key, "only=all").await;
        let zl = number(2020, 1, 1).zl();
        let read = answer(&world, &key, &format!("申请号,审核结果\n{zl},通过\n")).await;
        let other = world.organisation("红崖学院").await;
        let other_key = world.key(Role::Holder, Some(&other)).await;
        assert!(listed(&world, &other_key, "").await.is_empty());
        let path = format!("/v1/submissions?organisation={}", university.id);
        assert_eq!(world.ask(Method::GET, &path).key(&other_key).send().await.status, 403);
        let rejects = read["rejects"].as_str().expect("a place");
        assert_eq!(world.ask(Method::GET, rejects).key(&other_key).send().await.status, 404);
        assert_eq!(world.get(rejects).await.status, 401);
        let theirs = answer(&world, &other_key, &format!("申请号,审核结果\n{zl},退回\n")).await;
        assert_eq!((&theirs["rejected"], &theirs["unmatched"]), (&json!(0), &json!(1)));
        assert_eq!(listed(&world, &key, "state=accepted").await.len(), 1, "another's sheet changes nothing here");
        let unknown = "/v1/submissions?platform=stock";
        world.ask(Method::POST, unknown).key(&key).send().await.problem(404, "notFound");
        let bad = world.ask(Method::POST, "/v1/submissions/answers?platform=shandong").key(&key).body("名称,备注\n甲,乙\n").send().await;
        assert_eq!(bad.status, 422, "{}", bad.text());
    }

    async fn a_holder_hands_in_and_reads_answers_on_its_desk(world) {
        let (university, _) = university(&world, 3).await;
        let uscc = university.uscc.to_string();
        let browser = member(&world, "li@blue.example.com", Role::Holder, Some(&uscc)).await;
        let page = browser.get("/desk/platforms").await.text();
        assert!(page.contains("<b>3</b> 从未导出") && page.contains("<b>3</b> 待报送"), "{page}");
        let fields = [("platform", "shandong"), ("only", "pending"), ("format", "csv")];
        let file = browser.send("/desk/platforms", "/desk/platforms/export", &fields).await;
        assert_eq!((file.status.as_u16(), file.header("x-total-count")), (200, "3"), "{}", file.text());
        assert!(file.text().starts_with('\u{feff}') && file.text().lines().count() == 4);
        let sheet = format!("申请号,审核结果,原因\n{},退回,=缺少附件\n坏号,通过,\n", number(2020, 1, 2).zl());
        let chosen = ("sheet", "答复.csv", "text/csv", sheet.into_bytes());
        let sent = browser.upload("/desk/platforms", "/desk/platforms/answers", &[("platform", "shandong")], &[chosen]).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let read = browser.get(sent.header("location")).await.text();
        assert!(read.contains("<b>1</b> 被退回") && read.contains("<b>1</b> 未能对应"), "{read}");
        let csv = browser.get(&format!("{}/rejects.csv", sent.header("location"))).await;
        assert!(csv.text().contains("numberInvalid"), "{}", csv.text());
        let rejected = browser.get("/desk/stock?submission=shandong:rejected").await.text();
        assert!(rejected.contains("渔网清洗装置2") && rejected.contains("缺少附件") && !rejected.contains("渔网清洗装置1<"), "{rejected}");
        let none = browser.upload("/desk/platforms", "/desk/platforms/answers", &[("platform", "shandong")], &[("sheet", "", "text/csv", Vec::new())]).await;
        assert_eq!(none.status, 422);
    }
}
