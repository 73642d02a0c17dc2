//! What is due against what is registered: of lists and of stated counts, told apart by the stated rules, drillable by
//! the holder and the office, in figures alone for everybody else.

use std::fmt::Write as _;

use axum::http::Method;
use kaixu::{
    domain::{access::Role, party::Organisation},
    ops::installation,
};
use serde_json::{Value, json};

use crate::{
    on_both,
    smoke::finished,
    support::{World, browser::Browser, http::Answer, market::number, sql},
};

/// Serial 1 to 3 are registered and unused, 4 is registered as licensed, 5 has lapsed, 6 is another's, 7 is claimed only.
async fn university(world: &World) -> (Organisation, String) {
    let university = world.organisation("蓝湾大学").await;
    let key = world.key(Role::Holder, Some(&university)).await;
    let mut file = String::from("专利号,专利名称,专利权人,申请日,法律状态,转化状态\n");
    for (serial, owner, status, use_so_far) in [
        (1, "蓝湾大学", "专利权维持", "未实施"),
        (2, "蓝湾大学;别家公司", "专利权维持", ""),
        (3, "蓝湾大学", "", "未实施"),
        (4, "蓝湾大学", "专利权维持", "已许可"),
        (5, "蓝湾大学", "未缴年费专利权终止", "未实施"),
        (6, "别家公司;蓝湾大学", "专利权维持", "未实施"),
        (7, "别家公司", "专利权维持", "未实施"),
    ] {
        let zl = number(2020, 1, serial).zl();
        writeln!(
            file,
            "{zl},渔网清洗装置{serial},{owner},2020-03-01,{status},{use_so_far}"
        )
        .expect("writes");
    }
    let sent = world
        .ask(Method::POST, "/v1/imports")
        .key(&key)
        .body(file)
        .send()
        .await;
    let done = finished(world, &key, sent.header("location")).await;
    assert_eq!(done["counts"]["rejected"], 0, "{done}");
    (university, key)
}

/// A list of these serials, with what it says of them.
fn list(rows: &[(u32, &str, &str)]) -> String {
    let mut file = String::from("序号,申请号,当前法律状态,是否转化\n");
    for (serial, status, converted) in rows {
        writeln!(
            file,
            "1,{},{status},{converted}",
            number(2020, 1, *serial).zl()
        )
        .expect("writes");
    }
    file
}

async fn put(world: &World, key: &str, holder: &Organisation, body: String) -> Answer {
    let path = format!("/v1/due-lists/{}?asOf=2026-01-31", holder.id);
    world
        .ask(Method::PUT, &path)
        .key(key)
        .body(body)
        .send()
        .await
}

async fn numbers(world: &World, key: &str, holder: &Organisation, class: &str) -> Vec<String> {
    let path = format!(
        "/v1/due-lists/{}/numbers?class={class}&limit=200",
        holder.id
    );
    let page = world.ask(Method::GET, &path).key(key).send().await.json();
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    assert_eq!(page["total"], items.len(), "{page}");
    items
        .iter()
        .map(|item| item["number"].as_str().expect("a number").to_owned())
        .collect()
}

fn of(serials: &[u32]) -> Vec<String> {
    serials
        .iter()
        .map(|serial| number(2020, 1, *serial).to_string())
        .collect()
}

const CLASSES: [&str; 7] = [
    "registered",
    "missing",
    "claimed",
    "otherPatentee",
    "notInForce",
    "converted",
    "beyond",
];

on_both! {
    async fn a_list_is_told_apart_by_its_own_word_and_else_by_what_is_registered(world) {
        let (university, key) = university(&world).await;
        // 1 is not on it; 8 and 9 are in nobody's stock, 10 and 11 the list itself says are over or sold.
        let body = list(&[(2, "", ""), (3, "有权", "否"), (4, "", ""), (5, "", ""), (6, "", ""), (7, "", ""),
            (8, "有权", ""), (9, "", ""), (10, "未缴年费终止失效", ""), (11, "", "已转让"), (9, "", "")]);
        let answer = put(&world, &key, &university, body + "1,2.01E+12,,\n").await;
        let out = answer.json();
        assert_eq!(answer.status, 200, "{out}");
        let expected = [of(&[2, 3]), of(&[8, 9]), of(&[7]), of(&[6]), of(&[5, 10]), of(&[4, 11]), of(&[1])];
        for (class, serials) in CLASSES.iter().zip(expected) {
            assert_eq!(out["counts"][class], serials.len(), "{class}: {out}");
            assert_eq!(numbers(&world, &key, &university, class).await, serials, "{class}");
        }
        assert_eq!((&out["due"], &out["shareBp"], &out["count"]), (&json!(5), &json!(4000), &json!(10)));
        assert_eq!((&out["rows"], &out["rejected"], &out["version"]), (&json!(12), &json!(1), &json!(1)));
        assert_eq!(out["problems"][0]["row"], 13, "{out}");
    }

    async fn a_new_list_takes_the_place_of_the_one_before_and_the_same_one_changes_nothing(world) {
        let (university, key) = university(&world).await;
        let first = put(&world, &key, &university, list(&[(1, "", ""), (8, "", "")])).await.json();
        let again = put(&world, &key, &university, list(&[(1, "", ""), (8, "", "")])).await.json();
        assert_eq!((&first["version"], &again["version"], &again["list"]), (&json!(1), &json!(1), &first["list"]));
        let second = put(&world, &key, &university, list(&[(9, "", "")])).await.json();
        assert_eq!((&second["version"], &second["counts"]["missing"]), (&json!(2), &json!(1)));
        assert_eq!(sql::number(&world.services.db, "select count(*) from due_numbers").await, 1, "the old numbers are gone");
        // A file that is none, half a file, a day to come: what stood stands.
        let bad = put(&world, &key, &university, "名称,备注\n甲,乙\n".into()).await;
        bad.problem(422, "invalid");
        put(&world, &key, &university, "专利号\n无\n".into()).await.problem(422, "invalid");
        let path = format!("/v1/due-lists/{}?asOf=2999-01-01", university.id);
        world.ask(Method::PUT, &path).key(&key).body(list(&[(1, "", "")])).send().await.problem(422, "invalid");
        let path = format!("/v1/due-lists/{}", university.id);
        world.ask(Method::PUT, &path).key(&key).body(list(&[(1, "", "")])).send().await.problem(400, "parameterInvalid");
        let stands = world.ask(Method::GET, &path).key(&key).send().await.json();
        assert_eq!(stands, second);
        assert_eq!(sql::number(&world.services.db, "select count(*) from due_numbers").await, 1);
        installation::sweep(&world.services).await.expect("sweeps");
        assert_eq!(sql::number(&world.services.db, "select count(*) from due_numbers").await, 1, "what stands is not swept");
    }

    async fn a_stated_count_is_measured_against_the_whole_stock(world) {
        let (university, key) = university(&world).await;
        let office = world.key(Role::Office, None).await;
        let path = format!("/v1/due-lists/{}/count", university.uscc);
        let body = json!({ "count": 6, "asOf": "2026-01-31", "source": "区盘活台账" });
        let out = world.ask(Method::PUT, &path).key(&office).json(&body).send().await.json();
        assert_eq!((&out["counts"]["registered"], &out["counts"]["missing"], &out["due"]), (&json!(3), &json!(3), &json!(6)));
        assert_eq!(numbers(&world, &key, &university, "registered").await, of(&[1, 2, 3]));
        assert!(numbers(&world, &key, &university, "missing").await.is_empty(), "a count has no numbers");
        let public = world.get("/v1/coverage?district=371002").await.json();
        assert_eq!((&public["items"][0]["byOffice"], &public["items"][0]["source"]), (&json!(true), &json!("区盘活台账")));
        for (count, source) in [(0, "台账"), (6, ""), (20_000_000, "台账")] {
            let body = json!({ "count": count, "asOf": "2026-01-31", "source": source });
            world.ask(Method::PUT, &path).key(&office).json(&body).send().await.problem(422, "invalid");
        }
        // A count that was too small says so and lifts nobody else's share.
        let body = json!({ "count": 2, "asOf": "2026-01-31", "source": "区盘活台账" });
        world.ask(Method::PUT, &path).key(&office).json(&body).send().await;
        let public = world.get("/v1/coverage").await.json();
        assert_eq!((&public["items"][0]["shareBp"], &public["shareBp"]), (&json!(15_000), &json!(10_000)));
    }

    async fn the_public_sees_figures_and_nobody_else_a_number(world) {
        let (university, key) = university(&world).await;
        let other = world.organisation("红崖学院").await;
        let (foreign, office) = (world.key(Role::Holder, Some(&other)).await, world.key(Role::Office, None).await);
        kaixu::ops::targets::ensure(&world.services).await.expect("has a target");
        let out = put(&world, &key, &university, list(&[(1, "", ""), (2, "", ""), (8, "", "")])).await.json();
        let missing = number(2020, 1, 8);
        let public = world.get("/v1/coverage").await.json();
        let item = &public["items"][0];
        assert_eq!((&item["registered"], &item["due"], &item["shareBp"]), (&json!(2), &json!(3), &json!(6666)));
        let mut fields: Vec<_> = item.as_object().expect("figures").keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["asOf", "basis", "byOffice", "district", "districtName", "due", "fictional", "name", "organisation",
            "registered", "shareBp", "source"]);
        world.indexed().await;
        let path = format!("/v1/due-lists/{}", university.id);
        for (reader, sees) in [(None, false), (Some(&foreign), false), (Some(&key), true), (Some(&office), true)] {
            for place in ["/v1/changes", "/v1/snapshots/latest", &path, &format!("{path}/numbers")] {
                let asking = world.ask(Method::GET, place);
                let asking = match reader {
                    Some(key) => asking.key(key),
                    None => asking,
                };
                let text = asking.send().await.text();
                let told = text.contains(out["list"].as_str().expect("an id")) || text.contains(missing.as_str());
                assert_eq!(told, sees, "{place}: {text}");
            }
        }
        let page = world.get("/progress?lang=zh").await.text();
        assert!(page.contains("66.6 %") && !page.contains(missing.as_str()), "{page}");
        // The figures follow the stock at once.
        let file = format!("专利号,专利名称,专利权人\n{},渔网,蓝湾大学\n", missing.zl());
        let sent = world.ask(Method::POST, "/v1/imports").key(&key).body(file).send().await;
        finished(&world, &key, sent.header("location")).await;
        assert_eq!(world.get("/v1/coverage").await.json()["shareBp"], 10_000);
    }

    async fn the_holder_uploads_on_its_desk_and_gets_the_missing_ones_as_a_sheet_that_the_import_reads(world) {
        let (university, key) = university(&world).await;
        let browser = crate::desk::member(&world, "li@blue.example.com", Role::Holder, Some(university.uscc.as_str())).await;
        kaixu::ops::targets::ensure(&world.services).await.expect("has a target");
        assert!(browser.get("/desk/due").await.text().contains("还没有应盘点清单"));
        let body = list(&[(1, "", ""), (8, "", ""), (9, "", "")]).into_bytes();
        let files = [("list", "台账.csv", "text/csv", body)];
        let sent = browser.upload("/desk/due", "/desk/due", &[("asOf", "2026-01-31"), ("source", "科研处台账")], &files).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let page = browser.get("/desk/due").await.text();
        assert!(page.contains("33.3 %") && page.contains(&number(2020, 1, 8).zl()) && page.contains("科研处台账"), "{page}");
        assert!(browser.get("/desk").await.text().contains("件应盘点未登记"));
        let sheet = browser.get("/desk/due/missing.csv").await.text();
        assert_eq!(sheet.lines().count(), 3, "{sheet}");
        // Filled in, it is imported as it is.
        let filled: Vec<String> = sheet.lines().enumerate().map(|(at, line)| match at {
            0 => line.to_owned(),
            _ => line.replacen(",,", ",渔网清洗,", 1).replacen(",,,", ",2020-03-01,,蓝湾大学", 1),
        }).collect();
        let sent = world.ask(Method::POST, "/v1/imports").key(&key).body(filled.join("\n")).send().await;
        let done = finished(&world, &key, sent.header("location")).await;
        assert_eq!((&done["counts"]["added"], &done["counts"]["rejected"]), (&json!(2), &json!(0)), "{done}\n{filled:?}");
        assert!(browser.get("/desk/due").await.text().contains("100.0 %"));
        let wrong = browser.upload("/desk/due", "/desk/due", &[("asOf", "morgen")], &[("list", "a.csv", "text/csv", b"x".to_vec())]).await;
        assert_eq!(wrong.status, 422);
        // An officer sees every holder, and states a count for one that has no list.
        let officer = crate::desk::member(&world, "wang@office.example.com", Role::Office, None).await;
        let table = officer.get("/office/coverage").await.text();
        assert!(table.contains("蓝湾大学") && table.contains("100.0 %"), "{table}");
        assert!(officer.get("/office").await.text().contains("/office/coverage"));
        let other = world.organisation("红崖学院").await;
        let page = format!("/desk/due?holder={}", other.uscc);
        let stated = [("holder", other.uscc.as_str()), ("count", "40"), ("asOf", "2026-01-31"), ("source", "区台账")];
        let sent = officer.send(&page, "/desk/due/count", &stated).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        assert!(officer.get("/office/coverage").await.text().contains("红崖学院"));
        // A holder's desk is its own, whatever the address says.
        let page = browser.get(&page).await.text();
        assert!(page.contains("蓝湾大学") && !page.contains("红崖学院"));
        let anonymous = Browser::new(&world).get("/desk/due").await;
        assert!(!anonymous.status.is_success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_taken_whole_piece_by_piece() {
    let world = World::sqlite().await;
    let university = world.organisation("蓝湾大学").await;
    let key = world.key(Role::Holder, Some(&university)).await;
    let mut file = String::from("专利号\n");
    for serial in 0..30_001 {
        file += number(2020, 1, serial).as_str();
        file.push('\n');
    }
    let out: Value = put(&world, &key, &university, file).await.json();
    assert_eq!(out["counts"]["missing"], 30_001, "{out}");
    let public = world.get("/v1/coverage").await.json();
    assert_eq!(public["due"], 30_001);
}
