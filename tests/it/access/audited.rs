//! The audit: what is written down of sign-ins, refusals, keys and writes, from where; filtered, exported, and kept.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::{Value, json};

use crate::{
    accounts::entering::{member, uscc},
    on_both_at,
    support::{
        World,
        browser::{Browser, PASSWORD},
    },
};

const LOGIN: &str = "wang@example.com";

fn pass(world: &World, seconds: i64) {
    let clock = &world.services.clock;
    clock.set(clock.now().plus_seconds(seconds));
}

async fn audit(world: &World, key: &str, query: &str) -> Vec<Value> {
    let answer = world
        .ask(Method::GET, &format!("/v1/audit?{query}"))
        .key(key)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{query} {}", answer.text());
    let items = answer.json()["items"].as_array().expect("items").clone();
    if !query.contains("limit") {
        assert_eq!(answer.json()["total"], items.len(), "{query}");
    }
    items
}

fn whats(items: &[Value]) -> Vec<&str> {
    items
        .iter()
        .map(|item| item["what"].as_str().expect("what"))
        .collect()
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn sign_ins_and_their_failures_say_who_and_why(world) {
        let office = world.key(Role::Office, None).await;
        let browser = Browser::new(&world);
        assert_eq!(browser.register(&uscc(1), "海角渔具有限公司", LOGIN).await.status, 303);
        let other = Browser::new(&world);
        for login in [LOGIN, "who@example.com"] {
            assert_eq!(other.sign_in(login, "not the password").await.status, 401);
            pass(&world, 1);
        }
        assert_eq!(Browser::new(&world).sign_in(LOGIN, PASSWORD).await.status, 303);
        let failed = audit(&world, &office, "what=signInFailed").await;
        assert_eq!(failed.len(), 2);
        assert_eq!((&failed[0]["who"], &failed[0]["reason"], &failed[0]["result"]), (&json!("anonymous"), &json!("loginUnknown"), &json!("failed")));
        assert_eq!((&failed[1]["reason"], &failed[1]["address"]), (&json!("passwordWrong"), &json!("unknown")));
        assert!(failed[1]["who"].as_str().expect("who").starts_with("account:"));
        assert!(!format!("{failed:?}").contains("who@"), "of a login that nobody has only a piece of its hash");
        let mine = audit(&world, &office, &format!("who={LOGIN}")).await;
        let mine = whats(&mine);
        assert!(["signedIn", "signInFailed", "registered"].iter().all(|what| mine.contains(what)), "{mine:?}");
        // Waiting is written once a minute, not at every try.
        for _ in 0..20 {
            other.sign_in("who@example.com", "not the password").await;
        }
        let locked = audit(&world, &office, "what=signInFailed&result=refused").await;
        assert_eq!(locked.len(), 1, "{locked:?}");
        assert_eq!(locked[0]["reason"], "locked");
    }

    async fn refusals_of_somebody_known_are_written_once_a_minute(world) {
        let own = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&own)).await;
        let office = world.key(Role::Office, None).await;
        let refuse = async || {
            world.ask(Method::GET, "/v1/audit").key(&key).send().await.problem(403, "roleNotAllowed");
        };
        for _ in 0..5 {
            refuse().await;
        }
        let refused = audit(&world, &office, "what=refused").await;
        assert_eq!(refused.len(), 1);
        assert_eq!((&refused[0]["reason"], &refused[0]["subject"], &refused[0]["result"]), (&json!("roleNotAllowed"), &json!("/v1/audit"), &json!("refused")));
        pass(&world, 60);
        refuse().await;
        let refused = audit(&world, &office, "what=refused").await;
        assert_eq!((refused.len(), &refused[0]["reason"]), (2, &json!("roleNotAllowed (+4)")));
        let officer = member(&world, "li@example.com", Role::Holder, Some(own.uscc.as_str())).await;
        assert_eq!(officer.get("/office/audit").await.status, 403);
        let refused = audit(&world, &office, "what=refused&subject=/office/audit").await;
        assert_eq!(refused.len(), 1, "on a page too");
    }

    async fn a_key_that_is_refused_is_named_with_the_reason(world) {
        let own = world.organisation("蓝湾大学").await;
        let office = world.key(Role::Office, None).await;
        let key = world.key(Role::Holder, Some(&own)).await;
        let made = world.ask(Method::POST, "/v1/keys").key(&key).json(&json!({ "name": "甲", "networks": ["203.0.113.0/24"] })).send().await.json();
        let (id, secret) = (made["id"].as_str().expect("id"), made["secret"].as_str().expect("secret"));
        let try_with = async |text: &str| world.ask(Method::GET, "/v1/organisations").key(text).send().await.status.as_u16();
        assert_eq!(try_with(secret).await, 403);
        pass(&world, 1);
        assert_eq!(try_with(&format!("{}zz", &secret[..secret.len() - 2])).await, 401);
        pass(&world, 1);
        world.ask(Method::DELETE, &format!("/v1/keys/{id}")).key(&key).send().await;
        assert_eq!(try_with(secret).await, 401);
        let refused = audit(&world, &office, &format!("what=keyRefused&who={id}&result=refused")).await;
        let reasons: Vec<_> = refused.iter().map(|r| r["reason"].as_str().expect("why")).collect();
        assert_eq!(reasons, ["revoked", "secretWrong", "addressNotAllowed"]);
        let unknown = world.services.ids.next(world.services.now()).to_string().replace('-', "");
        assert_eq!(try_with(&format!("kx_{unknown}_{}", "0".repeat(64))).await, 401);
        assert_eq!(audit(&world, &office, "what=keyRefused").await.len(), 3, "keys that nobody has fill nothing");
        let done = audit(&world, &office, &format!("subject=keys/{id}&result=done")).await;
        assert_eq!(whats(&done), ["keyRevoked", "keyMade"]);
    }

    async fn every_write_is_there_once_with_from_where_it_came(world) {
        let office = world.key(Role::Office, None).await;
        let beside = World::beside(world.services.clone()).behind_proxy();
        let new = json!({ "uscc": uscc(9), "name": "红崖学院", "kind": "institute", "district": "371002" });
        let made = beside.ask(Method::POST, "/v1/organisations").key(&office).header("x-forwarded-for", "203.0.113.7").json(&new).send().await;
        assert_eq!(made.status, 201, "{}", made.text());
        let id = made.json()["id"].as_str().expect("id").to_owned();
        let by_operator = world.organisation("蓝湾大学").await;
        let written = audit(&world, &office, &format!("subject=organisations/{id}")).await;
        assert_eq!(written.len(), 1);
        assert_eq!((&written[0]["what"], &written[0]["address"]), (&json!("organisation.set"), &json!("203.0.113.7")));
        assert!(written[0]["seq"].is_i64() && written[0]["who"].as_str().expect("who").starts_with("key:"));
        let other = audit(&world, &office, &format!("subject=organisations/{}", by_operator.id)).await;
        assert_eq!(other[0]["address"], Value::Null, "the command line comes from nowhere");
        let stored = crate::support::sql::number(&world.services.db, "select count(*) from audit where what like '%.set'").await;
        assert_eq!(stored, 0, "the chain tells it, and nothing else does");
    }

    async fn pages_and_exports_give_everything_once_in_order(world) {
        let office = world.key(Role::Office, None).await;
        for n in 0..7 {
            world.organisation(&format!("第{n}大学")).await;
            world.key(Role::Platform, None).await;
            pass(&world, 3_600 * 5);
        }
        let mut path = "/v1/audit?limit=4".to_owned();
        let mut seen: Vec<Value> = Vec::new();
        let mut total = 0;
        loop {
            let page = world.ask(Method::GET, &path).key(&office).send().await;
            let json = page.json();
            total = total.max(json["total"].as_u64().expect("total"));
            seen.extend(json["items"].as_array().expect("items").clone());
            match json["next"].as_str() {
                Some(next) => path = format!("/v1/audit?limit=4&after={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len() as u64, total);
        let times: Vec<&str> = seen.iter().map(|e| e["at"].as_str().expect("at")).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "the latest first: {times:?}");
        let whole = world.ask(Method::GET, "/v1/audit/export").key(&office).send().await;
        assert_eq!(whole.header("x-total-count"), total.to_string());
        let lines: Vec<Value> = whole.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines, seen);
        let csv = world.ask(Method::GET, "/v1/audit/export?format=csv&what=keyMade").key(&office).send().await;
        assert!(csv.text().starts_with('\u{feff}') && csv.text().lines().count() == 1 + 8, "{}", csv.text());
        let day = audit(&world, &office, "from=2026-03-03&until=2026-03-03").await;
        assert!(!day.is_empty() && day.len() < seen.len());
        assert!(audit(&world, &office, "from=2027-01-01").await.is_empty());
        world.ask(Method::GET, "/v1/audit?result=maybe").key(&office).send().await.problem(400, "parameterInvalid");
        let officer = member(&world, "office@example.com", Role::Office, None).await;
        let page = officer.get("/office/audit?what=keyMade").await;
        assert!(page.status == 200 && page.text().contains("keyMade") && !page.text().contains("organisation.set"));
        let file = officer.get("/export/audit?format=csv&what=keyMade").await;
        assert_eq!(file.text().lines().count(), 9);
    }

    async fn lines_are_kept_for_at_least_four_hundred_days(world) {
        let browser = Browser::new(&world);
        assert_eq!(browser.register(&uscc(1), "海角渔具有限公司", LOGIN).await.status, 303);
        let mut services = world.services.clone();
        services.access.audit_days = 1;
        let count = async || crate::support::sql::number(&world.services.db, "select count(*) from audit where what = 'signedIn'").await;
        pass(&world, 400 * 86_400);
        kaixu::ops::installation::sweep(&services).await.expect("sweeps");
        assert_eq!(count().await, 1);
        pass(&world, 1);
        kaixu::ops::installation::sweep(&services).await.expect("sweeps");
        assert_eq!(count().await, 0);
        let left = crate::support::sql::texts(&world.services.db, "select what from audit").await;
        assert_eq!(left, ["registered"], "what let an account in stays with it");
        let origins = crate::support::sql::number(&world.services.db, "select count(*) from change_origins").await;
        assert_eq!(origins, 0);
    }
}
