//! Consents of co-owners and pledgees: asked for, given by their own accounts to the terms that they saw, and by document as
//! before; and the holder's own steps before a declaration. Nothing is readied without what the gate wants.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::{Value, json};

use crate::{
    accounts::entering::member,
    on_both_at,
    support::{
        http::Answer,
        invariants,
        market::{Market, id_of, lump},
    },
};

async fn ask(market: &Market<'_>, draft: &str, party: &Value) -> Answer {
    let body = json!({ "declaration": id_of(draft), "party": party });
    market.post("/v1/consents", &market.holder_key, &body).await
}

/// Answers as the organisation of this key.
async fn answer(market: &Market<'_>, request: &Value, key: &str, given: bool) -> Answer {
    let record = format!("/v1/consents/{}", request["id"].as_str().expect("an id"));
    let path = format!("{record}/answer");
    let body = json!({ "given": given, "note": "经研究答复" });
    market
        .change(Method::POST, &path, &record, key, &body)
        .await
}

/// The codes of what stands in the way.
fn blocks(refused: &Answer) -> Vec<String> {
    let problem = refused.problem(409, "blocked");
    let errors = problem["errors"].as_array().expect("errors").iter();
    errors
        .map(|e| e["code"].as_str().expect("a code").to_owned())
        .collect()
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_co_owner_consents_by_its_account_to_the_terms_it_saw(world) {
        let market = Market::new(&world).await;
        let number = market.patent_of("1", "蓝湾大学；海角渔具有限公司").await;
        let draft = market.drafted(&number, &lump(20_000)).await;
        assert_eq!(blocks(&market.step(&draft, &json!({ "step": "ready" })).await), ["CO_OWNER_CONSENT"]);
        ask(&market, &draft, &json!("不是单位")).await.problem(422, "invalid");
        let asked = ask(&market, &draft, &json!(market.maker.uscc)).await;
        assert_eq!(asked.status, 201, "{}", asked.text());
        let request = asked.json();
        assert_eq!((&request["role"], &request["state"], &request["partyName"]), (&json!("coOwner"), &json!("asked"), &json!("海角渔具有限公司")), "{request}");
        assert_eq!(ask(&market, &draft, &json!(market.maker.id)).await.json()["id"], request["id"], "asked already");
        let told = |key: &str, kind: &str| {
            let (path, kind) = ("/v1/messages", kind.to_owned());
            let asking = world.ask(Method::GET, path).key(key).send();
            async move { asking.await.json()["items"].as_array().expect("messages").iter().any(|m| m["kind"] == kind.as_str()) }
        };
        assert!(told(&market.maker_key, "consentAsked").await);
        assert!(!told(&market.holder_key, "consentAsked").await, "it asked itself");
        // Both sides see it; nobody else does, and only the one that is asked answers.
        let path = format!("/v1/consents/{}", request["id"].as_str().expect("an id"));
        assert_eq!(market.read("/v1/consents", &market.maker_key).await["total"], 1);
        assert_eq!(market.read("/v1/consents", &market.trader_key).await["total"], 0);
        world.ask(Method::GET, &path).key(&market.trader_key).send().await.problem(404, "notFound");
        answer(&market, &request, &market.trader_key, true).await.problem(404, "notFound");
        assert_eq!(answer(&market, &request, &market.holder_key, true).await.status, 403);
        assert_eq!(answer(&market, &request, &market.office_key, true).await.status, 403);
        let given = answer(&market, &request, &market.maker_key, true).await;
        assert_eq!((given.status.as_u16(), &given.json()["state"]), (200, &json!("given")), "{}", given.text());
        assert!(told(&market.holder_key, "consentGiven").await);
        answer(&market, &request, &market.maker_key, true).await.problem(409, "consentAnswered");
        let letter = format!("/v1/files/{}/content", given.json()["letter"]["id"].as_str().expect("an id"));
        for key in [&market.maker_key, &market.holder_key] {
            let text = world.ask(Method::GET, &letter).key(key).send().await.text();
            assert!(text.contains("海角渔具有限公司") && text.contains("人民币20,000.00元"), "{text}");
        }
        let record = market.read(&draft, &market.holder_key).await;
        assert!(record["consents"][0]["signed"].is_string(), "{record}");
        // To another fee it has not consented, even where its letter is cited again.
        let mut other = Market::draft(&number, &lump(30_000));
        other.as_object_mut().expect("an object").remove("number");
        other["consents"] = json!([{ "name": "海角渔具有限公司", "file": record["consents"][0]["file"]["id"] }]);
        let edited = market.change(Method::PUT, &draft, &draft, &market.holder_key, &other).await;
        assert_eq!(edited.status, 200, "{}", edited.text());
        assert_eq!(blocks(&market.step(&draft, &json!({ "step": "ready" })).await), ["CO_OWNER_CONSENT"]);
        let again = ask(&market, &draft, &json!(market.maker.id)).await.json();
        assert_eq!(answer(&market, &again, &market.maker_key, false).await.json()["state"], "refused");
        assert_eq!(blocks(&market.step(&draft, &json!({ "step": "ready" })).await), ["CO_OWNER_CONSENT"]);
        let again = ask(&market, &draft, &json!(market.maker.id)).await.json();
        assert_eq!(answer(&market, &again, &market.maker_key, true).await.status, 200);
        let ready = market.step(&draft, &json!({ "step": "ready" })).await;
        assert_eq!(ready.status, 200, "{}", ready.text());
        ask(&market, &draft, &json!(market.maker.id)).await.problem(409, "declarationFixed");
        invariants::hold(&world).await;
    }

    async fn a_consent_to_a_draft_that_has_changed_since_is_not_given(world) {
        let market = Market::new(&world).await;
        let number = market.patent_of("1", "蓝湾大学；海角渔具有限公司").await;
        let draft = market.drafted(&number, &lump(20_000)).await;
        let request = ask(&market, &draft, &json!(market.maker.id)).await.json();
        let mut other = Market::draft(&number, &lump(30_000));
        other.as_object_mut().expect("an object").remove("number");
        assert_eq!(market.change(Method::PUT, &draft, &draft, &market.holder_key, &other).await.status, 200);
        answer(&market, &request, &market.maker_key, true).await.problem(409, "consentOutdated");
        assert_eq!(answer(&market, &request, &market.maker_key, false).await.status, 200);
        let alone = market.patent().await;
        let draft = market.drafted(&alone, &lump(20_000)).await;
        let refused = ask(&market, &draft, &json!(market.maker.id)).await.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["code"], "consentNotNeeded", "{refused}");
        invariants::hold(&world).await;
    }

    async fn a_pledgee_consents_by_its_account_on_a_page(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let draft = market.drafted(&number, &lump(20_000)).await;
        let pledge = json!({ "number": number, "kind": "pledge", "from": "2026-01-01", "party": "海角渔具有限公司", "registration": "Y2026" });
        assert_eq!(market.post("/v1/encumbrances", &market.office_key, &pledge).await.status, 201);
        assert_eq!(blocks(&market.step(&draft, &json!({ "step": "ready" })).await), ["PLEDGE_NO_CONSENT"]);
        let holder = member(&world, "ip@example.com", Role::Holder, Some(&market.university.id.to_string())).await;
        let here = format!("/desk/declarations/{}", id_of(&draft));
        let page = holder.get(&here).await.text();
        assert!(page.contains("请共有人、质权人在线同意"), "{page}");
        let ask = format!("{here}/ask-consent");
        let wrong = holder.send(&here, &ask, &[("party", "不是单位")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        let asked = holder.send(&here, &ask, &[("party", market.maker.uscc.as_str())]).await;
        assert_eq!((asked.status.as_u16(), asked.header("location")), (303, "/desk/consents"));
        assert!(holder.get("/desk/consents").await.text().contains("待答复"));
        let pledgee = member(&world, "bank@example.com", Role::Enterprise, Some(&market.maker.id.to_string())).await;
        let page = pledgee.get("/desk/consents").await.text();
        assert!(page.contains("质权人") && page.contains("人民币20,000.00元") && page.contains("name=\"given\""), "{page}");
        let request = market.read("/v1/consents", &market.maker_key).await["items"][0].clone();
        let action = format!("/desk/consents/{}", request["id"].as_str().expect("an id"));
        let fields = [("given", "yes"), ("version", "1"), ("note", "")];
        assert_eq!(pledgee.send("/desk/consents", &action, &fields).await.status, 303);
        assert!(pledgee.get("/desk/consents").await.text().contains("同意书"));
        let ready = market.step(&draft, &json!({ "step": "ready" })).await;
        assert_eq!(ready.status, 200, "{}", ready.text());
        invariants::hold(&world).await;
    }

    async fn publicity_and_approval_are_steps_of_holders_that_wish_them(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let draft = market.drafted(&number, &lump(20_000)).await;
        let rules = format!("/v1/reviews/{}", market.university.id);
        let wish = json!({ "steps": 1, "pricePublicity": true, "priceApproval": true });
        let set = market.change(Method::PUT, &rules, &rules, &market.holder_key, &wish).await;
        assert_eq!(set.status, 200, "{}", set.text());
        assert_eq!(blocks(&market.step(&draft, &json!({ "step": "ready" })).await), ["PUBLICITY_MISSING", "APPROVAL_MISSING"]);
        let file = market.file(&market.holder_key).await;
        let mut content = Market::draft(&number, &lump(20_000));
        content.as_object_mut().expect("an object").remove("number");
        content["internal"] = json!({ "publicity": { "from": "2026-02-20", "until": "2026-03-06", "file": file }, "approval": { "on": "2026-02-18", "file": file } });
        assert_eq!(market.change(Method::PUT, &draft, &draft, &market.holder_key, &content).await.status, 200);
        assert_eq!(blocks(&market.step(&draft, &json!({ "step": "ready" })).await), ["PUBLICITY_MISSING"], "it is not over");
        market.on("2026-03-07");
        let ready = market.step(&draft, &json!({ "step": "ready" })).await;
        assert_eq!(ready.status, 200, "{}", ready.text());
        let record = market.read(&draft, &market.holder_key).await;
        assert_eq!((&record["internal"]["publicity"]["until"], &record["internal"]["approval"]["on"]), (&json!("2026-03-06"), &json!("2026-02-18")), "{record}");
        // Whoever does not wish them declares without.
        let plain = json!({ "steps": 1 });
        assert_eq!(market.change(Method::PUT, &rules, &rules, &market.holder_key, &plain).await.status, 200);
        let other = market.patent().await;
        let draft = market.drafted(&other, &lump(20_000)).await;
        assert_eq!(market.step(&draft, &json!({ "step": "ready" })).await.status, 200);
        let mut wrong = content.clone();
        wrong["internal"]["publicity"]["until"] = json!("2026-02-01");
        let third = market.drafted(&market.patent().await, &lump(20_000)).await;
        let refused = market.change(Method::PUT, &third, &third, &market.holder_key, &wrong).await;
        assert!(refused.text().contains("endBeforeBegin"), "{}", refused.text());
        invariants::hold(&world).await;
    }
}
