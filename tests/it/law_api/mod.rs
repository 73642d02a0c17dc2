//! The law over HTTP: from the draft to the counted licence, by the people who do it.

mod closing;
mod counting;
mod gate;
mod letters;
mod recorded;

use axum::http::Method;
use serde_json::json;

use crate::{
    on_both_at,
    support::market::{Market, id_of, lump},
};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_licence_is_taken_by_notice_and_payment_and_counts_without_the_holders_help(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(20_000)).await;
        assert_eq!(market.counted().await, 0);
        market.on("2026-03-05");
        let notice = market.notice(&declaration, &market.maker_key).await;
        assert_eq!(notice.status, 201, "{}", notice.text());
        let licence = notice.header("location").to_owned();
        let given = notice.json();
        assert_eq!((&given["state"], &given["noticeOn"]), (&json!("pending"), &json!("2026-03-05")), "{given}");
        assert_eq!(given["dueAtStartFen"], 2_000_000);
        let text = &given["evidence"][0]["file"];
        let path = format!("/v1/files/{}/content", text["id"].as_str().expect("an id"));
        for key in [&market.maker_key, &market.holder_key, &market.office_key] {
            let letter = world.ask(Method::GET, &path).key(key).send().await;
            assert!(letter.text().contains("贰万元整") && letter.text().contains("海角渔具有限公司"), "{}", letter.text());
            assert_eq!(kaixu::domain::event::sha256_hex(&letter.bytes), text["sha256"].as_str().expect("a hash"));
        }
        world.ask(Method::GET, &path).key(&market.trader_key).send().await.problem(404, "notFound");
        // Nobody else sees what is not in effect.
        world.get(&licence).await.problem(404, "notFound");
        world.ask(Method::GET, &licence).key(&market.trader_key).send().await.problem(404, "notFound");
        assert_eq!(market.counted().await, 0);
        market.on("2026-03-09");
        let part = market.pay(&licence, &market.maker_key, 19_999).await;
        assert_eq!((part.status.as_u16(), &part.json()["state"]), (201, &json!("pending")), "{}", part.text());
        market.on("2026-03-10");
        let paid = market.pay(&licence, &market.maker_key, 1).await.json();
        assert_eq!((&paid["state"], &paid["effectiveOn"]), (&json!("effective"), &json!("2026-03-10")), "{paid}");
        assert_eq!((&paid["paidOn"], &paid["filingDueOn"]), (&json!("2026-03-10"), &json!("2026-06-10")), "{paid}");
        assert_eq!(market.counted().await, 1);
        let public = world.get(&licence).await.json();
        assert_eq!(public["licensee"]["organisation"], json!(market.maker.id), "{public}");
        let items = world.get("/v1/progress/items").await.json();
        assert_eq!(items["total"], 1, "{items}");
        let unit = &items["items"][0];
        assert_eq!((&unit["holderName"], &unit["licenseeName"]), (&json!("蓝湾大学"), &json!("海角渔具有限公司")), "{unit}");
        assert_eq!(unit["evidence"].as_array().map(Vec::len), Some(3), "{unit}");
    }

    async fn a_free_licence_takes_effect_with_the_notice(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let taken = market.notice(&declaration, &market.maker_key).await.json();
        assert_eq!((&taken["state"], &taken["effectiveOn"]), (&json!("effective"), &json!("2026-03-02")), "{taken}");
        market.notice(&declaration, &market.maker_key).await.problem(409, "licenceExists");
        let progress = world.get("/v1/progress").await.json();
        assert_eq!(progress["figures"]["m3"], json!({ "total": 1, "free": 1, "disputed": 0 }), "{progress}");
        assert_eq!(progress["headline"]["missing"], 49, "{progress}");
        assert_eq!(progress["parts"]["month"][0]["key"], "2026-03");
    }

    async fn a_withdrawal_stops_new_licences_and_keeps_the_earlier_ones(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        market.on("2026-03-10");
        let early = market.notice(&declaration, &market.maker_key).await;
        market.on("2026-03-20");
        // Given on the day of the announcement, which is recorded only afterwards.
        let late = market.notice(&declaration, &market.trader_key).await;
        assert_eq!(late.json()["state"], "effective", "{}", late.text());
        assert_eq!(market.counted().await, 2);
        assert_eq!(market.withdraw(&declaration).await.status, 200);
        assert_eq!(market.counted().await, 1);
        let early = world.get(early.header("location")).await.json();
        assert_eq!((&early["state"], &early["version"]), (&json!("effective"), &json!(1)), "{early}");
        let late = market.read(late.header("location"), &market.trader_key).await;
        assert_eq!(late["state"], "ineffective", "{late}");
        market.notice(&declaration, &market.trader_key).await.problem(409, "declarationEnded");
        let yesterday = world.get("/v1/progress?asOf=2026-03-19").await.json();
        assert_eq!(yesterday["figures"]["m2"]["total"], 1, "{yesterday}");
        let today = world.get("/v1/progress").await.json();
        assert_eq!((&today["figures"]["m1"]["total"], &today["figures"]["m2"]["total"]), (&json!(1), &json!(0)), "{today}");
    }

    async fn a_dispute_flags_the_licence_and_undoes_nothing(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(100)).await;
        let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
        market.pay(&licence, &market.maker_key, 100).await;
        let path = format!("{licence}/answer");
        let dispute = json!({ "verdict": "disputed" });
        let silent = market.change(Method::PUT, &path, &licence, &market.holder_key, &dispute).await;
        silent.problem(422, "invalid");
        let dispute = json!({ "verdict": "disputed", "statement": "凭证上的户名有误。" });
        for key in [&market.maker_key, &market.trader_key] {
            let foreign = market.change(Method::PUT, &path, &licence, key, &dispute).await;
            foreign.problem(403, "roleNotAllowed");
        }
        let disputed = market.change(Method::PUT, &path, &licence, &market.holder_key, &dispute).await.json();
        assert_eq!((&disputed["state"], &disputed["disputed"]), (&json!("effective"), &json!(true)), "{disputed}");
        let progress = world.get("/v1/progress").await.json();
        assert_eq!(progress["figures"]["m3"], json!({ "total": 1, "free": 0, "disputed": 1 }), "{progress}");
        let tasks = market.read("/v1/tasks?kind=disputed", &market.holder_key).await;
        assert_eq!(tasks["total"], 1, "{tasks}");
        let confirm = json!({ "verdict": "confirmed" });
        market.change(Method::PUT, &path, &licence, &market.holder_key, &confirm).await;
        assert_eq!(market.read("/v1/tasks?kind=disputed", &market.holder_key).await["total"], 0);
    }

    async fn a_block_under_an_announced_declaration_is_a_task_and_a_risk_to_be_acknowledged(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        market.on("2026-03-10");
        market.status(&number, "feeGrace").await;
        let flagged = world.get(&declaration).await.json();
        assert_eq!(flagged["mustWithdraw"], json!({ "since": "2026-03-10", "blocks": ["FEE_UNPAID"] }), "{flagged}");
        let tasks = market.read("/v1/tasks", &market.holder_key).await;
        assert_eq!((&tasks["total"], &tasks["items"][0]["kind"]), (&json!(1), &json!("mustWithdraw")), "{tasks}");
        let refused = market.notice(&declaration, &market.maker_key).await.problem(409, "acknowledgementRequired");
        assert_eq!(refused["errors"][0]["code"], "FEE_UNPAID", "{refused}");
        assert!(refused["errors"][0]["article"].as_str().is_some_and(|a| a.contains("第八十六条")), "{refused}");
        let body = json!({ "declaration": id_of(&declaration), "acknowledged": ["FEE_UNPAID"] });
        let taken = market.post("/v1/licences", &market.maker_key, &body).await.json();
        assert_eq!(taken["acknowledged"], json!(["FEE_UNPAID"]), "{taken}");
        market.status(&number, "inForce").await;
        assert!(world.get(&declaration).await.json().get("mustWithdraw").is_none());
        market.on("2026-03-11");
        market.status(&number, "terminatedFee").await;
        let dead = json!({ "declaration": id_of(&declaration), "acknowledged": ["TERMINATED"] });
        market.post("/v1/licences", &market.trader_key, &dead).await.problem(409, "patentDead");
        assert_eq!(market.counted().await, 1, "an earlier licence stands");
    }
}
