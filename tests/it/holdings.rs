//! A holding's life: confirmed by name or by document, shown or kept back, and nobody undoes the holder's choice.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::{Value, json};

use crate::{on_both, smoke::finished, support::World};

struct Desk<'a> {
    world: &'a World,
    holder: String,
    office: String,
}

impl<'a> Desk<'a> {
    /// A holder with one patent that names it and one that does not; their holdings' addresses.
    async fn new(world: &'a World) -> (Self, String, String) {
        let party = world.organisation("蓝湾大学").await;
        let desk = Self {
            world,
            holder: world.key(Role::Holder, Some(&party)).await,
            office: world.key(Role::Office, None).await,
        };
        let csv = "专利号,专利名称,专利权人\nZL202480012345.0,渔网清洗装置,蓝湾大学\nZL201990001234.4,碳纤维鱼竿,别家公司\n";
        let sent = world
            .ask(Method::POST, "/v1/imports")
            .key(&desk.holder)
            .body(csv)
            .send()
            .await;
        finished(world, &desk.holder, sent.header("location")).await;
        let listed = world
            .ask(Method::GET, "/v1/holdings")
            .key(&desk.office)
            .send()
            .await
            .json();
        let path = |state: &str| {
            let all = listed["items"].as_array().expect("holdings");
            let found = all
                .iter()
                .find(|h| h["state"] == state)
                .expect("both kinds");
            format!("/v1/holdings/{}", found["id"].as_str().expect("an id"))
        };
        let (named, claimed) = (path("confirmedByName"), path("claimed"));
        (desk, named, claimed)
    }

    async fn send(&self, method: Method, key: &str, path: &str, body: Value) -> (u16, Value) {
        let record = path.trim_end_matches("/confirmation");
        let read = self
            .world
            .ask(Method::GET, record)
            .key(&self.office)
            .send()
            .await;
        let asking = self
            .world
            .ask(method, path)
            .key(key)
            .header("if-match", read.header("etag"));
        let answer = asking.json(&body).send().await;
        (answer.status.as_u16(), answer.json())
    }

    async fn edit(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::PATCH, &self.holder, path, body).await
    }

    async fn confirm(&self, path: &str, confirmed: bool) -> Value {
        let path = format!("{path}/confirmation");
        let (status, holding) = self
            .send(
                Method::PUT,
                &self.office,
                &path,
                json!({ "confirmed": confirmed }),
            )
            .await;
        assert_eq!(status, 200, "{holding}");
        holding
    }
}

#[track_caller]
fn assert_is(holding: &Value, state: &str, published: bool) {
    assert_eq!(
        (&holding["state"], &holding["published"]),
        (&json!(state), &json!(published)),
        "{holding}"
    );
}

on_both! {
    async fn what_was_only_claimed_becomes_public_by_a_document_and_ceases_to_be_without_it(world) {
        let (desk, _, claimed) = Desk::new(&world).await;
        let (status, refused) = desk.edit(&claimed, json!({ "published": true })).await;
        assert_eq!((status, &refused["errors"][0]["code"]), (422, &json!("notConfirmed")), "{refused}");
        assert_is(&desk.confirm(&claimed, true).await, "confirmedByDocument", true);
        assert_eq!(world.get(&claimed).await.status, 200);
        assert_is(&desk.confirm(&claimed, false).await, "claimed", false);
        assert_eq!(world.get(&claimed).await.status, 404);
    }

    async fn a_confirmation_shows_nothing_that_the_holder_keeps_back(world) {
        let (desk, named, _) = Desk::new(&world).await;
        let (status, hidden) = desk.edit(&named, json!({ "published": false })).await;
        assert_eq!(status, 200, "{hidden}");
        assert_is(&desk.confirm(&named, true).await, "confirmedByDocument", false);
        assert_is(&desk.confirm(&named, false).await, "confirmedByName", false);
        let (_, shown) = desk.edit(&named, json!({ "published": true })).await;
        assert_is(&shown, "confirmedByName", true);
        assert_is(&desk.confirm(&named, true).await, "confirmedByDocument", true);
        assert_is(&desk.confirm(&named, false).await, "confirmedByName", true);
    }

    async fn a_holder_edits_status_and_unit_and_empties_the_unit_again(world) {
        let (desk, named, _) = Desk::new(&world).await;
        let (_, edited) = desk.edit(&named, json!({ "conversion": "licensed", "unit": "  材料学院 " })).await;
        assert_eq!((&edited["conversion"], &edited["unit"], &edited["version"]), (&json!("licensed"), &json!("材料学院"), &json!(2)));
        let (_, kept) = desk.edit(&named, json!({ "conversion": "unused" })).await;
        assert_eq!(kept["unit"], "材料学院", "an absent field stays");
        let (_, emptied) = desk.edit(&named, json!({ "unit": null })).await;
        assert!(emptied.get("unit").is_none() && emptied["conversion"] == "unused", "{emptied}");
        for unit in ["长".repeat(101), "a\u{0}".into(), "a\nb".into()] {
            let (status, refused) = desk.edit(&named, json!({ "unit": unit })).await;
            assert_eq!((status, &refused["errors"][0]["pointer"]), (422, &json!("/unit")), "{refused}");
        }
    }
}
