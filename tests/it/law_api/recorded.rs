//! What happened elsewhere enters in its real state, by the rules of its own days, and counts only with evidence.

use serde_json::{Value, json};

use crate::{
    on_both_at,
    support::market::{Market, id_of, lump},
};

impl Market<'_> {
    async fn record(
        &self,
        number: &kaixu::domain::codes::AppNo,
        terms: &Value,
        changes: Value,
    ) -> crate::support::http::Answer {
        let mut body = json!({ "organisation": self.university.uscc, "number": number, "terms": terms, "until": "2030-12-31",
            "declarationNumber": format!("KX{number}"), "effectiveOn": "2024-06-03", "source": self.file(&self.office_key).await });
        for (field, value) in changes.as_object().expect("an object") {
            body[field] = value.clone();
        }
        self.post("/v1/declarations/records", &self.office_key, &body)
            .await
    }
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_declaration_enters_announced_or_ended_and_never_as_a_draft(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let made = market.record(&number, &lump(100), json!({})).await;
        let record = made.json();
        assert_eq!((&record["state"], &record["recordedLate"], &record["version"]), (&json!("announced"), &json!(true), &json!(1)), "{record}");
        assert!(record["sources"].as_array().is_some_and(|s| s.len() == 1) && record["offeredToday"] == true, "{record}");
        assert_eq!(record["recorder"], "office", "{record}");
        market.record(&number, &lump(100), json!({})).await.problem(409, "declarationExists");
        for (how, state) in [("withdrawn", "withdrawn"), ("terminated", "terminated"), ("revoked", "revoked")] {
            let number = market.patent().await;
            let ended = market.record(&number, &lump(100), json!({ "ended": { "how": how, "announcedOn": "2025-02-03" } })).await.json();
            assert_eq!((&ended["state"], &ended["endedOn"]), (&json!(state), &json!("2025-02-03")), "{ended}");
        }
        let number = market.patent().await;
        let over = market.record(&number, &lump(100), json!({ "until": "2025-06-30" })).await.json();
        assert_eq!((&over["state"], &over["endedOn"]), (&json!("expired"), &json!("2025-07-01")), "{over}");
    }

    async fn the_rules_of_its_days_hold(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let refused = [
            (json!({ "effectiveOn": "2024-01-19" }), "pilotListing", "/effectiveOn"),
            (json!({ "effectiveOn": "2026-03-03" }), "dayInFuture", "/effectiveOn"),
            (json!({ "until": "2039-05-01" }), "beyondTerm", "/until"),
            (json!({ "until": "2024-06-02" }), "periodEmpty", "/until"),
            (json!({ "declarationNumber": " " }), "declarationNumberInvalid", "/declarationNumber"),
            (json!({ "ended": { "how": "withdrawn", "announcedOn": "2024-06-02" } }), "beforeEffect", "/announcedOn"),
        ];
        for (changes, code, pointer) in refused {
            let problem = market.record(&number, &lump(100), changes).await.problem(422, code);
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        }
        let foreign = json!({ "source": "01900000-0000-7000-8000-000000000000" });
        let problem = market.record(&number, &lump(100), foreign).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], "fileUnknown", "{problem}");
        assert_eq!(world.get("/v1/declarations").await.json()["total"], 0);
    }

    async fn a_licence_counts_when_its_evidence_is_complete_and_from_its_own_day(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let made = market.record(&number, &lump(100), json!({ "ended": { "how": "withdrawn", "announcedOn": "2025-02-03" } })).await;
        let declaration = id_of(made.header("location")).to_owned();
        let body = |notice: &str, paid: &str, amount: i64| json!({ "declaration": declaration, "licensee": { "organisation": market.maker.uscc },
            "noticeOn": notice, "payments": [{ "paidOn": paid, "amountFen": amount }] });
        let refused = [
            (body("2024-06-02", "2024-07-01", 10_000), "declarationNotYetEffective"),
            (body("2025-02-03", "2024-07-01", 10_000), "declarationEnded"),
            (body("2024-07-01", "2025-02-03", 10_000), "declarationEnded"),
            (body("2024-07-01", "2024-07-02", 9_999), "paymentIncomplete"),
        ];
        for (body, code) in refused {
            market.post("/v1/licences/records", &market.office_key, &body).await.problem(422, code);
        }
        let mut whole = body("2024-07-01", "2025-02-02", 10_000);
        let bare = market.post("/v1/licences/records", &market.office_key, &whole).await;
        let licence = bare.header("location").to_owned();
        let bare = bare.json();
        assert_eq!((&bare["state"], &bare["effectiveOn"]), (&json!("effective"), &json!("2025-02-02")), "{bare}");
        assert_eq!(bare["missingEvidence"], json!(["notice", "voucher"]), "{bare}");
        assert_eq!(market.counted().await, 0, "it counts only with evidence");
        let reason = json!({ "reason": "漏附证据，重新登记" });
        let annulled = market.change(axum::http::Method::PUT, &format!("{licence}/annulment"), &licence, &market.office_key, &reason).await;
        assert_eq!(annulled.json()["state"], "void", "{}", annulled.text());
        whole["evidence"] = json!([
            { "kind": "notice", "file": market.file(&market.office_key).await },
            { "kind": "voucher", "file": market.file(&market.office_key).await },
        ]);
        whole["filing"] = json!({ "number": "X2025980000009", "on": "2025-03-01" });
        let made = market.post("/v1/licences/records", &market.office_key, &whole).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let progress = world.get("/v1/progress").await.json();
        assert_eq!(progress["headline"]["value"], 1, "{progress}");
        assert_eq!(progress["parts"]["month"].as_array().map(|m| m.iter().map(|m| m["key"].clone()).collect::<Vec<_>>()),
            Some(vec![json!("2024-06"), json!("2025-02"), json!("2025-03")]), "{progress}");
        let items = world.get("/v1/progress/items").await.json();
        assert_eq!((&items["items"][0]["recordedLate"], &items["items"][0]["filingNumber"]), (&json!(true), &json!("X2025980000009")), "{items}");
        // The struck record is gone for the public and stays for the office.
        world.get(&licence).await.problem(404, "notFound");
        assert_eq!(market.read(&licence, &market.office_key).await["reason"], "漏附证据，重新登记");
    }

    async fn the_terms_of_a_record_are_the_announced_ones_whatever_is_sent(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let made = market.record(&number, &lump(100), json!({})).await;
        let mut body = json!({ "declaration": id_of(made.header("location")), "licensee": { "organisation": market.maker.uscc },
            "noticeOn": "2024-07-01", "payments": [{ "paidOn": "2024-07-01" }] });
        body["terms"] = json!({ "mode": "free" });
        market.post("/v1/licences/records", &market.office_key, &body).await.problem(422, "invalid");
        body.as_object_mut().expect("an object").remove("terms");
        let made = market.post("/v1/licences/records", &market.office_key, &body).await.json();
        assert_eq!((&made["terms"]["amountFen"], &made["payments"][0]["amountFen"]), (&json!(10_000), &json!(10_000)), "{made}");
    }
}
