//! The units of an organisation: names that become one, closing, defaults; over the API and on the desk.

use axum::http::Method;
use kaixu::domain::{
    access::{Actor, Role},
    review::Duty,
};
use kaixu::ops::accounts::{self, NewInvitation};
use serde_json::{Value, json};

use super::{edit, holding};
use crate::{
    merging::{decide, open},
    on_both_at,
    support::{browser::Browser, http::Answer, market::Market, sql},
};

async fn put(market: &Market<'_>, units: &Value) -> Answer {
    let path = format!("/v1/units/{}", market.university.id);
    market
        .change(
            Method::PUT,
            &path,
            &path,
            &market.holder_key,
            &json!({ "units": units }),
        )
        .await
}

async fn unit_of(market: &Market<'_>, held: &str) -> Value {
    let path = format!("/v1/holdings/{held}");
    market.read(&path, &market.holder_key).await["unit"].clone()
}

async fn set_unit(market: &Market<'_>, held: &str, unit: &str) -> Answer {
    let path = format!("/v1/holdings/{held}");
    let body = json!({ "unit": unit });
    market
        .change(Method::PATCH, &path, &path, &market.holder_key, &body)
        .await
}

/// Two patents in a file that calls one college by three names.
async fn stock(market: &Market<'_>) -> Vec<String> {
    let mut held = Vec::new();
    for unit in ["海洋工程学院", "012", "艺术学院"] {
        let number = market.patent().await;
        held.push(holding(market, number.as_str()).await);
        let csv = format!(
            "专利号,专利名称,专利权人,所属学院\n{},一种渔网清洗装置{number},蓝湾大学,{unit}\n",
            number.zl(),
        );
        let done = market.import(&csv).await;
        assert_eq!(done["counts"]["rejected"], 0, "{done}");
    }
    held
}

on_both_at! { "2026-03-02T01:00:00Z";
    async fn holdings_and_reviewers_follow_the_names_of_the_units(world) {
        let market = Market::new(&world).await;
        let held = stock(&market).await;
        assert_eq!(unit_of(&market, &held[0]).await, "海洋工程学院");
        let duty = Duty::UnitReviewer { units: vec!["海洋工程学院".into(), "艺术学院".into()] };
        let new = NewInvitation {
            login: "wang@blue.example.com".into(), name: "王老师".into(), role: Role::Holder,
            organisation: Some(market.university.id.to_string()), duty,
        };
        let made = accounts::invite(&world.services, &Actor::operator("test"), new).await.expect("invites");
        let link = format!("/invitation/{}", made.token.reveal());
        let fields = [("password", crate::support::browser::PASSWORD), ("again", crate::support::browser::PASSWORD)];
        assert_eq!(Browser::new(&world).send(&link, &link, &fields).await.status, 303);

        let listed = market.read(&format!("/v1/units/{}", market.university.id), &market.holder_key).await;
        assert_eq!((&listed["version"], &listed["units"]), (&json!(0), &json!([])));
        let ocean = json!({ "code": "012", "name": "海洋学院", "aliases": ["海洋工程学院"] });
        let put_once = put(&market, &json!([ocean])).await;
        assert_eq!(put_once.status, 200, "{}", put_once.text());
        for (at, name) in ["海洋学院", "海洋学院", "艺术学院"].into_iter().enumerate() {
            assert_eq!(unit_of(&market, &held[at]).await, name);
        }
        let written = put_once.json()["written"].clone();
        assert_eq!(written[0]["unit"], "海洋学院");
        assert_eq!(written[0]["total"], 2);
        let duty = sql::text(&world.services.db, "select cast(duty as text) from accounts where login = 'wang@blue.example.com'").await;
        assert!(duty.contains("海洋学院") && duty.contains("艺术学院") && !duty.contains("海洋工程学院"), "{duty}");

        // Renamed: the former name stays, and yesterday's file changes nothing.
        let renamed = json!({ "code": "012", "name": "海洋与渔业学院" });
        let answer = put(&market, &json!([renamed])).await;
        assert_eq!(answer.json()["units"][0]["aliases"], json!(["海洋学院"]), "{}", answer.text());
        assert_eq!(unit_of(&market, &held[1]).await, "海洋与渔业学院");
        assert_eq!(set_unit(&market, &held[2], "海洋学院").await.json()["unit"], "海洋与渔业学院");
    }

    async fn a_file_that_uses_another_name_of_the_unit_says_nothing_new(world) {
        let market = Market::new(&world).await;
        let held = stock(&market).await;
        assert_eq!(put(&market, &json!([{ "code": "012", "name": "海洋学院", "aliases": ["海洋工程学院"] }])).await.status, 200);
        let path = format!("/v1/holdings/{}", held[0]);
        let before = market.read(&path, &market.holder_key).await;
        let number = before["number"].as_str().expect("a number").to_owned();
        let again = |unit: &str| format!("专利号,专利名称,所属学院\n{number},一种渔网清洗装置{number},{unit}\n");
        let done = market.import(&again("海洋工程学院")).await;
        assert_eq!((&done["counts"]["unchanged"], &done["counts"]["conflicts"]), (&json!(1), &Value::Null), "{done}");
        assert_eq!(market.read(&path, &market.holder_key).await, before);
    }

    async fn a_unit_in_conflict_is_written_by_its_name_of_the_day_on_which_it_is_decided(world) {
        let market = Market::new(&world).await;
        let held = stock(&market).await;
        let path = format!("/v1/holdings/{}", held[2]);
        let number = market.read(&path, &market.holder_key).await["number"].as_str().expect("a number").to_owned();
        assert_eq!(set_unit(&market, &held[2], "船舶学院").await.status, 200);
        let other = format!("专利号,专利名称,所属学院\n{number},一种渔网清洗装置{number},海洋工程学院\n");
        let done = market.import(&other).await;
        assert_eq!(done["counts"]["conflicts"], 1, "{done}");
        assert_eq!(put(&market, &json!([{ "code": "012", "name": "海洋学院", "aliases": ["海洋工程学院"] }])).await.status, 200);
        let found = open(&world, &market.holder_key).await;
        let decided = decide(&world, &market.holder_key, &found[0], "theirs").await;
        assert_eq!(decided.status, 200, "{}", decided.text());
        assert_eq!(unit_of(&market, &held[2]).await, "海洋学院");
    }

    async fn a_closed_unit_keeps_its_patents_and_gets_none_by_hand(world) {
        let market = Market::new(&world).await;
        let held = stock(&market).await;
        let closed = json!([{ "code": "012", "name": "海洋学院", "aliases": ["海洋工程学院"], "closed": true }]);
        assert_eq!(put(&market, &closed).await.status, 200);
        assert_eq!(unit_of(&market, &held[0]).await, "海洋学院");
        let refused = set_unit(&market, &held[2], "海洋工程学院").await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.json()["errors"][0]["code"], "unitClosed", "{}", refused.text());
        assert_eq!(set_unit(&market, &held[0], "012").await.status, 200);
        let removed = put(&market, &json!([])).await;
        assert_eq!(removed.json()["errors"][0]["code"], "unitRemoved", "{}", removed.text());
        let twice = put(&market, &json!([closed[0], { "code": "013", "name": "海洋工程学院" }])).await;
        assert_eq!(twice.json()["errors"][0]["pointer"], "/units/1/name", "{}", twice.text());
        let stale = market.send(Method::PUT, &format!("/v1/units/{}", market.university.id), &market.holder_key, &json!({ "units": [] })).await;
        assert_eq!(stale.status, 428);
    }

    async fn the_defaults_of_a_unit_begin_its_records_and_fill_only_what_is_empty(world) {
        let market = Market::new(&world).await;
        let held = stock(&market).await;
        let units = json!([
            { "code": "012", "name": "海洋学院", "aliases": ["海洋工程学院"], "defaults": { "maturity": "pilot", "ways": ["openLicence"], "contact": { "name": "海洋学院科研办" } } },
            { "code": "020", "name": "艺术学院" },
        ]);
        assert_eq!(put(&market, &units).await.status, 200);
        let wrong = json!([units[0], { "code": "020", "name": "艺术学院", "defaults": { "grade": "9" } }]);
        assert_eq!(put(&market, &wrong).await.json()["errors"][0]["pointer"], "/units/1/defaults/grade");
        assert_eq!(edit(&market, &held[1], &json!({ "maturity": "laboratory" })).await.status, 200);

        let uscc = market.university.uscc.as_str();
        let browser = crate::desk::member(&world, "li@blue.example.com", Role::Holder, Some(uscc)).await;
        let page = browser.get(&format!("/desk/inventory/{}", held[0])).await.text();
        assert!(page.contains("默认值预填") && page.contains("<option value=\"pilot\" selected") && page.contains("海洋学院科研办"), "{page}");
        let page = browser.get(&format!("/desk/inventory/{}", held[2])).await.text();
        assert!(!page.contains("默认值预填"));

        let path = format!("/v1/units/{}/defaults", market.university.id);
        let unknown = market.post(&path, &market.holder_key, &json!({ "unit": "法学院" })).await;
        assert_eq!(unknown.json()["errors"][0]["code"], "unknownUnit", "{}", unknown.text());
        let filled = market.post(&path, &market.holder_key, &json!({ "unit": "海洋工程学院" })).await;
        assert_eq!(filled.json(), json!({ "changed": 2, "unchanged": 0, "refused": 0, "reasons": [] }));
        let record = async |at: usize| market.read(&format!("/v1/inventory/{}", held[at]), &market.holder_key).await;
        let (first, second, third) = (record(0).await, record(1).await, record(2).await);
        assert_eq!((&first["maturity"], &first["ways"], &first["contact"]["name"]), (&json!("pilot"), &json!(["openLicence"]), &json!("海洋学院科研办")));
        assert_eq!((&second["maturity"], &second["ways"]), (&json!("laboratory"), &json!(["openLicence"])));
        assert_eq!(third["version"], 0);
        let again = market.post(&path, &market.holder_key, &json!({})).await;
        assert_eq!(again.json()["changed"], 0, "{}", again.text());
    }

    async fn an_officer_keeps_the_units_on_the_desk(world) {
        let market = Market::new(&world).await;
        let held = stock(&market).await;
        let uscc = market.university.uscc.as_str();
        let browser = crate::desk::member(&world, "li@blue.example.com", Role::Holder, Some(uscc)).await;
        let page = browser.get("/desk/units").await.text();
        assert!(page.contains("海洋工程学院") && page.contains("/desk/units/new?name="), "{page}");
        let new = "/desk/units/new";
        let fields = [("version", "0"), ("code", "0 12"), ("name", "海洋学院"), ("aliases", "海洋工程学院\n"), ("maturity", "bench")];
        let wrong = browser.send(new, new, &fields).await;
        assert!(wrong.status == 422 && wrong.text().contains("字母、数字或连字符") && wrong.text().contains("value=\"海洋学院\""), "{}", wrong.text());
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, if *name == "code" { "012" } else { value })).collect();
        assert_eq!(browser.send(new, new, &fields).await.status, 303);
        assert_eq!(unit_of(&market, &held[0]).await, "海洋学院");
        let one = "/desk/units/012";
        let page = browser.get(one).await.text();
        assert!(page.contains("<option value=\"bench\" selected") && page.contains("2 件专利属于这个单位"), "{page}");
        let filled = browser.send(one, "/desk/units/defaults", &[("unit", "012")]).await;
        assert!(filled.text().contains("已补填 2 件"), "{}", filled.text());
        let stale = browser.send(one, one, &[("version", "0"), ("name", "海洋学院")]).await;
        assert_eq!(stale.status, 412);
        let closed = browser.send(one, one, &[("version", "1"), ("name", "海洋学院"), ("closed", "yes")]).await;
        assert_eq!(closed.status, 303, "{}", closed.text());
        assert!(browser.get("/desk/units").await.text().contains("已停用"));
        assert_eq!(browser.get("/desk/units/999").await.status, 404);
    }
}
