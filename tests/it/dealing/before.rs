//! Before a licence: the know-how annex that an offer is searched by, and questions with their clock.

use axum::http::Method;
use serde_json::json;

use super::{declared, messages, reminded, tasks};
use crate::{
    on_both_at,
    support::market::{Market, id_of},
};

on_both_at! {
    // A Monday.
    "2026-03-02T02:00:00Z";

    async fn the_annex_is_shown_searched_by_and_kept_by_the_licence(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let path = format!("{declaration}/know-how");
        let hours = json!({ "kind": "hours", "hours": 16, "text": "含现场调试两次" });
        let bad = json!({ "kind": "paid", "hours": 3 });
        let refused = market.change(Method::PUT, &path, &declaration, &market.holder_key, &bad).await;
        refused.problem(422, "hoursInvalid");
        let said = market.change(Method::PUT, &path, &declaration, &market.holder_key, &hours).await;
        assert_eq!(said.json()["knowHow"], hours, "{}", said.text());
        market.change(Method::PUT, &path, &declaration, &market.maker_key, &hours).await.problem(403, "roleNotAllowed");
        let taken = market.notice(&declaration, &market.maker_key).await.json();
        assert_eq!(taken["knowHow"], hours, "{taken}");
        world.indexed().await;
        let total = |asked: &'static str| {
            let found = world.get(asked);
            async move { found.await.json()["total"].clone() }
        };
        assert_eq!(total("/v1/patents?knowHow=hours").await, 1);
        assert_eq!(total("/v1/patents?knowHow=paid,none").await, 0);
        let page = world.get(&format!("/patents/{number}")).await.text();
        assert!(page.contains("16 学时") && page.contains("含现场调试两次"), "{page}");
        let results = world.get("/patents?knowHow=hours").await.text();
        assert!(results.contains(number.zl().as_str()) && results.contains("含技术指导学时"), "{results}");
        // What was promised stays with the licence when the annex changes.
        let paid = json!({ "kind": "paid" });
        assert_eq!(market.change(Method::PUT, &path, &declaration, &market.holder_key, &paid).await.status, 200);
        let licence = market.read(&format!("/v1/licences/{}", taken["id"].as_str().expect("an id")), &market.maker_key).await;
        assert_eq!(licence["knowHow"], hours, "{licence}");
        world.indexed().await;
        assert_eq!(total("/v1/patents?knowHow=hours").await, 0);
        market.withdraw(&declaration).await;
        market.change(Method::PUT, &path, &declaration, &market.holder_key, &paid).await.problem(409, "declarationEnded");
    }

    async fn a_question_is_answered_by_a_working_day_and_no_notice_waits_for_it(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let body = json!({ "declaration": declared(&declaration), "question": "网箱直径十米以上能不能用？" });
        let asked = market.post("/v1/enquiries", &market.maker_key, &body).await;
        assert_eq!(asked.status, 201, "{}", asked.text());
        let enquiry = asked.header("location").to_owned();
        let shown = asked.json();
        assert_eq!((&shown["dueOn"], &shown["open"], &shown["holderName"]), (&json!("2026-03-09"), &json!(true), &json!("蓝湾大学")), "{shown}");
        assert_eq!(messages(&market, "enquiryAsked", &market.holder_key).await, 1);
        // Its two sides and the office see it.
        world.ask(Method::GET, &enquiry).key(&market.trader_key).send().await.problem(404, "notFound");
        assert_eq!(market.read("/v1/enquiries", &market.trader_key).await["total"], 0);
        assert_eq!(market.read("/v1/enquiries?open=true", &market.office_key).await["total"], 1);
        assert_eq!(tasks(&market, "enquiryOpen", &market.holder_key).await.len(), 1);
        // A notice is given without an answer.
        let notice = market.notice(&declaration, &market.maker_key).await;
        assert_eq!(notice.json()["state"], "effective", "{}", notice.text());
        market.on("2026-03-10");
        let late = market.read("/v1/enquiries?overdue=true", &market.office_key).await;
        assert_eq!((&late["total"], &late["items"][0]["overdue"]), (&json!(1), &json!(true)), "{late}");
        reminded(&world).await;
        assert!(messages(&market, "overdue", &market.office_key).await >= 1);
        let answer = json!({ "answer": "可以，直径三十米以内都适用。" });
        let path = format!("{enquiry}/answer");
        market.change(Method::PUT, &path, &enquiry, &market.maker_key, &answer).await.problem(403, "roleNotAllowed");
        let said = market.change(Method::PUT, &path, &enquiry, &market.holder_key, &answer).await.json();
        assert_eq!((&said["answeredOn"], &said["open"]), (&json!("2026-03-10"), &json!(false)), "{said}");
        assert_eq!(messages(&market, "enquiryAnswered", &market.maker_key).await, 1);
        assert!(tasks(&market, "enquiryOpen", &market.holder_key).await.is_empty());
        world.ask(Method::PUT, &path).key(&market.holder_key).json(&answer).send().await.problem(428, "ifMatchRequired");
        let short = json!({ "declaration": id_of(&declaration), "question": "？" });
        market.post("/v1/enquiries", &market.maker_key, &short).await.problem(422, "textLength");
        let own = json!({ "declaration": id_of(&declaration), "question": "自己问自己" });
        market.post("/v1/enquiries", &market.holder_key, &own).await.problem(422, "askerIsPatentee");
        market.withdraw(&declaration).await;
        let problem = market.post("/v1/enquiries", &market.maker_key, &body).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], "notOffered", "{problem}");
    }

    async fn a_question_sent_twice_with_one_key_is_asked_once_and_nobody_floods_a_patentee(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let body = json!({ "declaration": declared(&declaration), "question": "能否远程调试？" });
        for _ in 0..2 {
            let asking = world.ask(Method::POST, "/v1/enquiries").key(&market.maker_key);
            let asked = asking.header("idempotency-key", "q-1").json(&body).send().await;
            assert_eq!(asked.status, 201, "{}", asked.text());
        }
        assert_eq!(market.read("/v1/enquiries", &market.maker_key).await["total"], 1);
        for _ in 1..5 {
            assert_eq!(market.post("/v1/enquiries", &market.maker_key, &body).await.status, 201);
        }
        market.post("/v1/enquiries", &market.maker_key, &body).await.problem(409, "tooManyOpen");
        assert_eq!(market.post("/v1/enquiries", &market.trader_key, &body).await.status, 201);
    }
}
