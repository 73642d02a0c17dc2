//! Disputes from consultation to a court; and what an end of a declaration or of a right does to earlier licences, as the
//! operator has set it; a patentee's own transfer or renunciation waits for the withdrawal.

use axum::http::Method;
use kaixu::domain::{
    rules::{EndEffect, Ends, Rules},
    time::Clock,
};
use serde_json::json;

use super::{messages, taken, tasks};
use crate::{
    on_both_at,
    support::{
        World, invariants,
        market::{Market, id_of},
    },
};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_dispute_goes_from_consultation_to_mediation_or_a_court_and_never_back(world) {
        let market = Market::new(&world).await;
        let licence = taken(&market, &json!({ "mode": "free" })).await;
        let body = json!({ "licence": id_of(&licence), "stage": "consultation", "on": "2026-03-02", "text": "对实施范围有争议",
            "file": market.file(&market.maker_key).await });
        market.post("/v1/disputes", &market.trader_key, &body).await.problem(404, "notFound");
        let made = market.post("/v1/disputes", &market.maker_key, &body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let dispute = made.header("location").to_owned();
        assert_eq!((&made.json()["openedBy"], &made.json()["stage"]), (&json!("licensee"), &json!("consultation")));
        assert_eq!(messages(&market, "disputeOpened", &market.holder_key).await, 1);
        assert_eq!(tasks(&market, "disputeOpen", &market.holder_key).await.len(), 1);
        world.ask(Method::GET, &dispute).key(&market.trader_key).send().await.problem(404, "notFound");
        assert_eq!(market.read("/v1/disputes", &market.trader_key).await["total"], 0);
        let file = made.json()["entries"][0]["file"]["id"].as_str().expect("an id").to_owned();
        let read = world.ask(Method::GET, &format!("/v1/files/{file}/content")).key(&market.holder_key).send().await;
        assert_eq!(read.status, 200, "both sides read the documents");
        let step = |key: &str, body: serde_json::Value| {
            let (path, dispute, key) = (format!("{dispute}/steps"), dispute.clone(), key.to_owned());
            let market = &market;
            async move { market.change(Method::POST, &path, &dispute, &key, &body).await }
        };
        let judged = json!({ "stage": "mediation", "on": "2026-03-02", "text": "调解未成", "outcome": "judged" });
        step(&market.office_key, judged).await.problem(422, "outcomeUnfit");
        let mediation = json!({ "stage": "mediation", "on": "2026-03-02", "text": "向主管部门申请调解" });
        assert_eq!(step(&market.holder_key, mediation).await.json()["stage"], "mediation");
        let back = json!({ "stage": "consultation", "on": "2026-03-02", "text": "再谈" });
        step(&market.maker_key, back).await.problem(422, "stageBack");
        let over = json!({ "stage": "mediation", "on": "2026-03-02", "text": "达成调解协议", "outcome": "mediated" });
        let over = step(&market.office_key, over).await.json();
        assert_eq!((&over["open"], &over["end"]["outcome"], over["entries"].as_array().map(Vec::len)), (&json!(false), &json!("mediated"), Some(3)), "{over}");
        let more = json!({ "stage": "court", "on": "2026-03-02", "text": "起诉" });
        step(&market.maker_key, more).await.problem(409, "disputeEnded");
        assert!(tasks(&market, "disputeOpen", &market.holder_key).await.is_empty());
        assert_eq!(market.read(&licence, &market.maker_key).await["state"], "effective", "it changes nothing of the licence");
        // The bodies that mediate are the office's to keep, and anybody's to see.
        let bodies = world.get("/v1/dictionaries/mediation").await.json();
        assert!(bodies["entries"].as_array().is_some_and(|entries| entries.len() >= 3), "{bodies}");
    }

    async fn a_patentee_withdraws_before_it_gives_up_its_patent_and_the_register_is_believed(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        market.on("2026-03-03");
        let source = market.file(&market.holder_key).await;
        let body = json!({ "legalStatus": "abandoned", "asOf": "2026-03-03", "source": source });
        let path = format!("/v1/patents/{number}/status");
        let problem = market.send(Method::PUT, &path, &market.holder_key, &body).await.problem(409, "withdrawFirst");
        assert!(problem.to_string().contains("专利审查指南第五部分第十一章9"), "{problem}");
        assert!(tasks(&market, "mustWithdraw", &market.holder_key).await.is_empty());
        // The same from the register, by the office.
        market.status(&number, "abandoned").await;
        assert_eq!(tasks(&market, "mustWithdraw", &market.holder_key).await.len(), 1);
        market.withdraw(&declaration).await;
        let body = json!({ "legalStatus": "abandoned", "asOf": "2026-03-03", "source": source });
        let again = market.send(Method::PUT, &path, &market.holder_key, &body).await;
        assert_eq!(again.status, 200, "{}", again.text());
    }
}

/// With these rules, on both databases.
async fn ruled(ends: Ends) -> Vec<World> {
    let clock = || Clock::fixed("2026-03-02T02:00:00Z");
    let mut worlds = vec![World::sqlite_by(clock()).await];
    worlds.extend(World::postgres_by(clock()).await);
    let rules = |world: World| {
        world.ruled(Rules {
            ends,
            ..Rules::default()
        })
    };
    worlds.into_iter().map(rules).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn earlier_licences_stand_unless_the_operator_lets_them_end() {
    for (effect, ended) in [
        (EndEffect::Stand, None),
        (EndEffect::End, Some("2026-03-05")),
    ] {
        let ends = Ends {
            termination: effect,
            ..Ends::default()
        };
        for world in ruled(ends).await {
            let market = Market::new(&world).await;
            let number = market.patent().await;
            let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
            let notice = market.notice(&declaration, &market.maker_key).await;
            let licence = notice.header("location").to_owned();
            market.on("2026-03-05");
            let source = market.file(&market.holder_key).await;
            let step =
                json!({ "step": "terminate", "announcedOn": "2026-03-05", "source": source });
            let over = market.step(&declaration, &step).await.json();
            assert_eq!(over["state"], "terminated", "{over}");
            let after = market.read(&licence, &market.maker_key).await;
            let state = (after["endedOn"].as_str(), after["state"].as_str());
            assert_eq!(state, (ended, Some("effective")), "{after}");
            assert_eq!(market.counted().await, 1, "what took effect stays counted");
            invariants::hold(&world).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalidated_right_ends_its_licences_where_the_operator_says_so_and_a_withdrawal_never()
{
    let end = EndEffect::End;
    let ends = Ends {
        termination: end,
        revocation: end,
        right_ended: end,
        invalidation: end,
    };
    for world in ruled(ends).await {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let notice = market.notice(&declaration, &market.maker_key).await;
        let licence = notice.header("location").to_owned();
        market.on("2026-03-04");
        market.withdraw(&declaration).await;
        let after = market.read(&licence, &market.maker_key).await;
        assert_eq!(after.get("endedOn"), None, "a withdrawal leaves them");
        market.on("2026-03-06");
        market.status(&number, "invalidated").await;
        let after = market.read(&licence, &market.maker_key).await;
        assert_eq!(after["endedOn"], "2026-03-06", "{after}");
        assert_eq!(
            messages(&market, "licenceEnded", &market.maker_key).await,
            1
        );
        invariants::hold(&world).await;
    }
}
