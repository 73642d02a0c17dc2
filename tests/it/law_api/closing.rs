//! Closed months and the bulletins made of them: what was closed stays, what is found later is told later.

use std::{collections::BTreeMap, io::Read as _};

use axum::http::Method;
use kaixu::domain::codes::AppNo;
use serde_json::{Value, json};

use crate::{
    on_both_at,
    support::{World, market::Market},
};

/// The parts of a workbook, as text.
fn unzipped(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut parts = BTreeMap::new();
    for n in 0..archive.len() {
        let mut part = archive.by_index(n).expect("a part");
        let name = part.name().expect("UTF-8").into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).expect("reads");
        parts.insert(name, text);
    }
    parts
}

async fn bulletin(world: &World, month: &str) -> Value {
    world.get(&format!("/v1/bulletins/{month}")).await.json()
}

/// Before, new, corrected and now of a figure.
fn moved(bulletin: &Value, metric: &str) -> [i64; 4] {
    let figures = bulletin["figures"].as_array().expect("a list");
    let figure = figures
        .iter()
        .find(|f| f["metric"] == metric)
        .expect("is there");
    ["before", "new", "corrected", "now"].map(|name| figure[name].as_i64().expect("a number"))
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_closed_month_stays_and_what_is_found_later_is_told_in_a_later_one(world) {
        let market = Market::new(&world).await;
        let march = json!({ "month": "2026-03" });
        let declaration = market.announced(&market.patent().await, &json!({ "mode": "free" })).await;
        market.notice(&declaration, &market.maker_key).await;
        let licence = market.notice(&declaration, &market.trader_key).await.header("location").to_owned();
        // Not before it is over, and by an officer.
        market.post("/v1/closings", &market.office_key, &march).await.problem(422, "monthNotOver");
        market.on("2026-04-01");
        market.post("/v1/closings", &market.holder_key, &march).await.problem(403, "roleNotAllowed");
        for (month, code) in [("2026-13", "monthInvalid"), ("2023-12", "outsidePeriod"), ("2026-04", "monthNotOver")] {
            market.post("/v1/closings", &market.office_key, &json!({ "month": month })).await.problem(422, code);
        }
        let open = bulletin(&world, "2026-03").await;
        assert_eq!((moved(&open, "m3"), open["closing"].is_null()), ([0, 2, 0, 2], true), "{open}");
        let made = market.post("/v1/closings", &market.office_key, &march).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let closing = made.json();
        assert_eq!((&closing["figures"]["m3"]["total"], &closing["asOf"]), (&json!(2), &json!("2026-03-31")), "{closing}");
        market.post("/v1/closings", &market.office_key, &march).await.problem(422, "monthClosed");
        market.post("/v1/closings", &market.office_key, &json!({ "month": "2026-02" })).await.problem(422, "monthClosed");
        assert_eq!(world.get(made.header("location")).await.json(), closing);
        assert_eq!(world.get("/v1/closings").await.json()["total"], 1);

        // One was recorded twice; a patent is declared in April.
        let reason = json!({ "reason": "重复登记" });
        market.change(Method::PUT, &format!("{licence}/annulment"), &licence, &market.office_key, &reason).await;
        let declaration = market.announced(&market.patent().await, &json!({ "mode": "free" })).await;
        market.notice(&declaration, &market.maker_key).await;
        let closed = bulletin(&world, "2026-03").await;
        assert_eq!((moved(&closed, "m3"), &closed["closing"]), ([0, 2, 0, 2], &closing["id"]), "{closed}");
        let april = bulletin(&world, "2026-04").await;
        assert_eq!(moved(&april, "m3"), [2, 1, -1, 2], "{april}");
        let corrections = april["corrections"].as_array().expect("a list");
        assert_eq!((corrections.len(), &corrections[0]["added"]), (1, &json!(false)), "{april}");
        assert_eq!(corrections[0]["unit"]["licence"], licence.rsplit('/').next().expect("an id"));
        for metric in ["m1", "m3", "m4", "m5", "m6"] {
            let [before, new, corrected, now] = moved(&april, metric);
            assert_eq!(before + new + corrected, now, "{metric}");
        }
        // Every number of the bulletin is that of its list, by the same pair.
        let (as_of, known_at) = (closed["pair"]["asOf"].as_str().expect("a day"), &closed["pair"]["knownAt"]);
        for line in closed["holders"].as_array().expect("a list") {
            let path = format!("/v1/progress/items?asOf={as_of}&knownAt={known_at}&holder={}", line["key"].as_str().expect("a key"));
            assert_eq!(world.get(&path).await.json()["total"], line["now"], "{path}");
        }
        // The feed tells of it with all that is in it.
        let told = world.get("/v1/changes?limit=200").await.text();
        assert!(told.contains("closings/"), "{told}");
    }

    async fn a_bulletin_is_a_page_whose_numbers_lead_to_their_units(world) {
        let market = Market::new(&world).await;
        let declaration = market.announced(&market.patent().await, &json!({ "mode": "free" })).await;
        market.notice(&declaration, &market.maker_key).await;
        market.on("2026-04-02");
        let page = world.get("/bulletins/2026-03").await.text();
        for expected in ["未封账", "区科技局、区市场监管局", "蓝湾大学", "/progress/m3?target=", "month=2026-03"] {
            assert!(page.contains(expected), "{expected}");
        }
        assert!(!page.contains("/office/closings"), "nobody but an officer closes");
        let list = world.get("/bulletins").await.text();
        assert!(list.contains("/bulletins/2026-03?target=") && !list.contains("2026-05"), "{list}");
        for wrong in ["/bulletins/2026-3", "/bulletins/x", "/bulletins/2030-01"] {
            assert_eq!(world.get(wrong).await.status, 422, "{wrong}");
        }
        market.post("/v1/closings", &market.office_key, &json!({ "month": "2026-03" })).await;
        assert!(world.get("/bulletins/2026-03").await.text().contains("已封账"));
    }

    async fn a_bulletin_is_a_workbook_whose_numbers_lead_to_their_units(world) {
        let market = Market::new(&world).await;
        let evil = "ZL202480012345.0,=1+1渔网清洗装置,蓝湾大学,2024-03-01,2025-01-01,专利权维持";
        market.import(&format!("专利号,专利名称,专利权人,申请日,授权公告日,法律状态\n{evil}\n")).await;
        let number = AppNo::parse("202480012345.0").expect("a number").0;
        crate::support::cards::write(&world.services, &market.university.id, &number).await;
        market.status(&number, "inForce").await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        market.notice(&declaration, &market.maker_key).await;
        market.on("2026-04-02");
        let answer = world.get("/v1/bulletins/2026-03/export").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.header("content-disposition").contains("bulletin-2026-03.xlsx"));
        assert_eq!(answer.header("content-length"), answer.bytes.len().to_string());
        let told = bulletin(&world, "2026-03").await;
        let parts = unzipped(&answer.bytes);
        let book = &parts["xl/workbook.xml"];
        for name in ["概况", "指标", "按权利人", "按镇街", "更正", "统计质量", "上报指标", "明细"] {
            assert!(book.contains(&format!("name=\"{name}\"")), "{name}: {book}");
        }
        let sheets: Vec<&String> = parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet")).map(|(_, text)| text).collect();
        assert_eq!(sheets.len(), 10);
        assert!(sheets.iter().all(|sheet| !sheet.contains("<f>")), "nothing calculates");
        let rows: usize = sheets.iter().map(|sheet| sheet.matches("<row ").count() - 1).sum();
        assert_eq!(answer.header("x-total-count"), rows.to_string());
        let all = sheets.iter().map(|sheet| sheet.as_str()).chain(parts.get("xl/sharedStrings.xml").map(String::as_str)).collect::<Vec<_>>().concat();
        assert!(all.contains("=1+1渔网清洗装置") && all.contains("海角渔具有限公司"), "{all}");
        // Each address leads to as many units as the number beside it says.
        let links: Vec<String> = parts.iter().filter(|(name, _)| name.ends_with(".rels")).flat_map(|(_, text)| {
            text.split("Target=\"https://kaixu.test").skip(1).map(|rest| rest.split('"').next().expect("its end").replace("&amp;", "&")).collect::<Vec<_>>()
        }).collect();
        assert!(links.len() > 20, "{links:?}");
        for link in &links {
            // Which units were told in confidence is the office's to see.
            let told_in_confidence = ["related", "neverWorked"].iter().any(|concern| link.contains(&format!("concern={concern}")));
            assert_eq!(world.get(link).await.status.as_u16(), if told_in_confidence { 401 } else { 200 }, "{link}");
        }
        let holder = market.university.id.to_string();
        let own = links.iter().find(|link| link.contains(&format!("holder={holder}")) && !link.contains("month=")).expect("the holder's units");
        let items = world.get(&own.replace("/progress/m3?", "/v1/progress/items?metric=m3&")).await.json();
        assert_eq!(items["total"], told["holders"][0]["now"], "{items}");
        let english = unzipped(&world.ask(Method::GET, "/v1/bulletins/2026-03/export").header("accept-language", "en").send().await.bytes);
        assert!(english["xl/workbook.xml"].contains("name=\"Summary\""));
        world.get("/v1/bulletins/2026-3/export").await.problem(422, "monthInvalid");
        assert_eq!(world.get("/v1/bulletins/2026-03/export?x=1").await.status, 400);
        let page = world.get("/bulletins/2026-03").await.text();
        let link = page.split("href=\"").find(|rest| rest.starts_with("/bulletins/2026-03/export?target=")).expect("a link");
        let link = link.split('"').next().expect("its end").replace("&amp;", "&");
        assert!(world.get(&link).await.bytes.starts_with(b"PK"));
        assert_eq!(world.get("/bulletins/x/export").await.status, 422);
    }

    async fn a_reported_figure_has_a_source_and_a_document_and_is_counted_nowhere(world) {
        let market = Market::new(&world).await;
        let before = world.get("/v1/progress").await.json()["figures"].clone();
        let file = market.file(&market.office_key).await;
        let mut new = json!({ "indicator": "highValuePatents", "district": "371002", "on": "2026-02-28", "valueHundredths": 1234,
            "goalHundredths": 1200, "responsible": "区市场监管局", "source": "区统计公报", "file": file });
        market.post("/v1/reported", &market.holder_key, &new).await.problem(403, "roleNotAllowed");
        let made = market.post("/v1/reported", &market.office_key, &new).await;
        assert_eq!(made.status, 201, "{}", made.text());
        market.post("/v1/reported", &market.office_key, &new).await.problem(409, "exists");
        for (field, value, pointer) in [
            ("valueHundredths", json!(-1), "/valueHundredths"), ("on", json!("2026-03-03"), "/on"), ("district", json!("12"), "/district"),
            ("source", json!(" "), "/source"), ("responsible", json!(""), "/responsible"), ("file", json!(market.university.id), "/file"),
        ] {
            let mut wrong = new.clone();
            wrong[field] = value;
            let answer = market.post("/v1/reported", &market.office_key, &wrong).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["pointer"]), (422, &json!(pointer)), "{}", answer.text());
        }
        let place = made.header("location").to_owned();
        new["valueHundredths"] = json!(1250);
        let changed = market.change(Method::PUT, &place, &place, &market.office_key, &new).await;
        assert_eq!((changed.status.as_u16(), &changed.json()["version"]), (200, &json!(2)), "{}", changed.text());
        let listed = world.get("/v1/reported?indicator=highValuePatents").await.json();
        assert_eq!((&listed["total"], &listed["items"][0]["valueHundredths"]), (&json!(1), &json!(1250)), "{listed}");
        assert_eq!(world.get("/v1/reported?indicator=trademarks").await.json()["total"], 0);
        assert_eq!(world.get("/v1/progress").await.json()["figures"], before);
        let told = bulletin(&world, "2026-03").await;
        assert_eq!(told["reported"][0]["valueHundredths"], 1250, "{told}");
        assert_eq!(bulletin(&world, "2026-01").await["reported"], json!([]), "of a day after the month");
        let page = world.get("/bulletins/2026-03").await.text();
        assert!(page.contains("12.5") && page.contains("由责任单位上报"), "{page}");
        // The document itself is the office's.
        let path = format!("/v1/files/{}/content", new["file"].as_str().expect("an id"));
        world.ask(Method::GET, &path).key(&market.holder_key).send().await.problem(404, "notFound");
    }
}
