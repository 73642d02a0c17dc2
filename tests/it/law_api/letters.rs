//! A patentee without an account gets a letter; individuals take licences too; either side files.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::json;

use crate::{
    on_both_at,
    support::market::{Market, id_of, lump},
};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_letter_takes_effect_when_its_delivery_is_recorded(world) {
        let market = Market::new(&world).await;
        let quiet = world.organisation("东礁学院").await;
        let number = market.patent_of("1", "东礁学院").await;
        let source = market.file(&market.office_key).await;
        let record = json!({ "organisation": quiet.uscc, "number": number, "terms": { "mode": "free" }, "until": "2030-12-31",
            "declarationNumber": "KX1", "effectiveOn": "2026-01-05", "source": source });
        let declared = market.post("/v1/declarations/records", &market.office_key, &record).await;
        assert_eq!(declared.status, 201, "{}", declared.text());
        let body = json!({ "declaration": id_of(declared.header("location")), "acknowledged": ["NOT_OWNER"] });
        let taken = market.post("/v1/licences", &market.maker_key, &body).await;
        let licence = taken.header("location").to_owned();
        let given = taken.json();
        assert_eq!((&given["delivery"], &given["state"]), (&json!("letter"), &json!("pending")), "{given}");
        market.on("2026-03-06");
        let path = format!("{licence}/delivery");
        let proof = market.file(&market.maker_key).await;
        let early = json!({ "on": "2026-03-01", "file": proof });
        market.change(Method::PUT, &path, &licence, &market.maker_key, &early).await.problem(422, "beforeNotice");
        let late = json!({ "on": "2026-03-07", "file": proof });
        market.change(Method::PUT, &path, &licence, &market.maker_key, &late).await.problem(422, "dayInFuture");
        let body = json!({ "on": "2026-03-05", "file": proof });
        let delivered = market.change(Method::PUT, &path, &licence, &market.maker_key, &body).await.json();
        assert_eq!((&delivered["state"], &delivered["effectiveOn"]), (&json!("effective"), &json!("2026-03-05")), "{delivered}");
        market.change(Method::PUT, &path, &licence, &market.maker_key, &body).await.problem(409, "alreadyDelivered");
    }

    async fn an_individual_takes_a_licence_and_is_named_to_nobody_in_public(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let body = json!({ "declaration": id_of(&declaration), "licensee": { "individual": { "name": "王小渔", "contact": "13000000000" } } });
        market.post("/v1/licences", &market.maker_key, &body).await.problem(403, "notYours");
        let taken = market.post("/v1/licences", &market.office_key, &body).await;
        assert_eq!(taken.status, 201, "{}", taken.text());
        assert_eq!(market.counted().await, 1);
        market.post("/v1/licences", &market.office_key, &body).await.problem(409, "licenceExists");
        for path in [taken.header("location"), "/v1/licences", "/v1/progress/items", "/v1/changes", "/v1/snapshots/latest"] {
            let public = world.get(path).await.text();
            assert!(!public.contains("王小渔") && !public.contains("13000000000"), "{path}: {public}");
        }
        let letter = taken.json()["evidence"][0]["file"]["id"].clone();
        let path = format!("/v1/files/{}/content", letter.as_str().expect("an id"));
        assert!(world.ask(Method::GET, &path).key(&market.holder_key).send().await.text().contains("王小渔"));
    }

    async fn the_holders_receipt_proves_a_payment_as_well_and_nobody_gives_the_others_proof(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(5_000)).await;
        let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
        let path = format!("{licence}/payments");
        let pay = |proof: &str| json!({ "amountFen": 500_000, "paidOn": "2026-03-02", "proof": proof });
        market.post(&path, &market.maker_key, &pay("receipt")).await.problem(422, "invalid");
        market.post(&path, &market.holder_key, &pay("voucher")).await.problem(422, "invalid");
        market.post(&path, &market.maker_key, &pay("voucher")).await.problem(422, "invalid");
        let foreign = market.post(&path, &market.trader_key, &pay("voucher")).await;
        foreign.problem(404, "notFound");
        let asking = world.ask(Method::POST, &path).key(&market.holder_key).header("idempotency-key", "k1");
        let paid = asking.json(&pay("receipt")).send().await.json();
        assert_eq!(paid["state"], "effective", "{paid}");
        let asking = world.ask(Method::POST, &path).key(&market.holder_key).header("idempotency-key", "k1");
        let again = asking.json(&pay("receipt")).send().await.json();
        assert_eq!((&again["version"], again["payments"].as_array().map(Vec::len)), (&json!(2), Some(1)), "{again}");
        let receipt = &paid["evidence"][1]["file"]["id"];
        let path = format!("/v1/files/{}/content", receipt.as_str().expect("an id"));
        let text = world.ask(Method::GET, &path).key(&market.maker_key).send().await.text();
        assert!(text.contains("伍仟元整") && text.contains("海角渔具有限公司"), "{text}");
    }

    async fn either_side_files_within_three_months_and_overdue_is_shown(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
        let tasks = market.read("/v1/tasks?kind=filingDue", &market.maker_key).await;
        assert_eq!((&tasks["items"][0]["dueOn"], &tasks["items"][0]["overdue"]), (&json!("2026-06-02"), &json!(false)), "{tasks}");
        market.on("2026-06-03");
        let tasks = market.read("/v1/tasks?kind=filingDue", &market.office_key).await;
        assert_eq!(tasks["items"][0]["overdue"], true, "{tasks}");
        assert_eq!(world.get(&licence).await.json()["filingOverdue"], true);
        let path = format!("{licence}/filing");
        let wrong = json!({ "number": "BA1", "on": "2026-03-01" });
        market.change(Method::PUT, &path, &licence, &market.maker_key, &wrong).await.problem(422, "filedBeforeEffect");
        let body = json!({ "number": "X2026980000002", "on": "2026-06-03", "file": market.file(&market.maker_key).await });
        let filed = market.change(Method::PUT, &path, &licence, &market.maker_key, &body).await;
        assert_eq!(filed.status, 200, "{}", filed.text());
        assert_eq!(market.read("/v1/tasks?kind=filingDue", &market.office_key).await["total"], 0);
        let progress = world.get("/v1/progress").await.json();
        assert_eq!(progress["figures"]["m5"]["total"], 1, "{progress}");
    }

    async fn an_enterprise_of_the_district_counts_on_the_other_side(world) {
        let market = Market::new(&world).await;
        let away = kaixu::domain::codes::Uscc::complete("9133010000000001").expect("completes");
        let new = json!({ "uscc": away, "name": "外地大学", "kind": "university", "district": "330106" });
        let holder = market.post("/v1/organisations", &market.office_key, &new).await.json();
        let number = market.patent_of("1", "外地大学").await;
        let source = market.file(&market.office_key).await;
        let record = json!({ "organisation": holder["id"], "number": number, "terms": { "mode": "free" }, "until": "2030-12-31",
            "declarationNumber": "KX2", "effectiveOn": "2026-01-05", "source": source });
        let declared = market.post("/v1/declarations/records", &market.office_key, &record).await;
        let evidence = json!([{ "kind": "notice", "file": market.file(&market.office_key).await }]);
        let taken = json!({ "declaration": id_of(declared.header("location")), "licensee": { "organisation": market.maker.uscc },
            "noticeOn": "2026-02-01", "evidence": evidence });
        assert_eq!(market.post("/v1/licences/records", &market.office_key, &taken).await.status, 201);
        let figures = world.get("/v1/progress").await.json()["figures"].clone();
        assert_eq!((&figures["m3"]["total"], &figures["m6"]["total"]), (&json!(0), &json!(1)), "{figures}");
        let office = world.key(Role::Office, None).await;
        let path = format!("/v1/organisations/{}", holder["id"].as_str().expect("an id"));
        // Corrected: it belongs to the district, and what it licensed counts from now on.
        let moved = market.change(Method::PATCH, &path, &path, &office, &json!({ "district": "371002" })).await;
        assert_eq!(moved.status, 200, "{}", moved.text());
        assert_eq!(market.counted().await, 1);
    }
}
