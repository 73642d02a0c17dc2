//! The people of an organisation: who keeps them, what becomes of a leaver's sessions and keys; one's own data, and
//! erasing it.

use kaixu::{
    domain::access::{Actor, Role},
    ops::{accounts, verify},
};
use serde_json::Value;

use super::own_keys::secret_in;
use crate::{
    accounts::entering::{member, uscc},
    on_both_at,
    support::{
        World,
        browser::{Browser, PASSWORD},
        sql,
    },
};

const HERE: &str = "/account/colleagues";

async fn id_of(world: &World, login: &str) -> String {
    let found = accounts::find(&world.services, &Actor::operator("test"), login).await;
    found.expect("is there").id.to_string()
}

async fn decide(browser: &Browser<'_>, what: &str, account: &str) -> u16 {
    let action = format!("{HERE}/decide");
    browser
        .send(HERE, &action, &[("what", what), ("account", account)])
        .await
        .status
        .as_u16()
}

/// Invites a colleague on the page and lets them in.
async fn joined<'a>(world: &'a World, keeper: &Browser<'_>, login: &str) -> Browser<'a> {
    let made = keeper
        .send(HERE, HERE, &[("login", login), ("name", "赵同事")])
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let page = made.text();
    let at = page.find("/invitation/").expect("a link");
    let link = page[at..].split('<').next().expect("its end").to_owned();
    let browser = Browser::new(world);
    let entered = browser
        .send(&link, &link, &[("password", PASSWORD), ("again", PASSWORD)])
        .await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    browser
}

async fn key_of(browser: &Browser<'_>) -> String {
    let made = browser
        .send(
            "/account/keys",
            "/account/keys",
            &[("name", "同步"), ("scope-read", "yes")],
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    secret_in(&made.text())
}

async fn works(world: &World, key: &str) -> bool {
    world
        .ask(axum::http::Method::GET, "/v1/organisations")
        .key(key)
        .send()
        .await
        .status
        == 200
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn whoever_manages_invites_hands_over_and_deactivates(world) {
        let own = world.organisation("蓝湾大学").await;
        let keeper = member(&world, "li@example.com", Role::Holder, Some(own.uscc.as_str())).await;
        let (one, two) = (joined(&world, &keeper, "zhao@example.com").await, joined(&world, &keeper, "qian@example.com").await);
        assert_eq!(one.get(HERE).await.status, 403, "a colleague keeps nobody");
        assert!(one.get("/desk/stock").await.status == 200, "and works for the same organisation");
        let (first, second) = (key_of(&one).await, key_of(&two).await);
        let (li, zhao, qian) = (id_of(&world, "li@example.com").await, id_of(&world, "zhao@example.com").await, id_of(&world, "qian@example.com").await);
        assert_eq!(decide(&keeper, "unmanage", &li).await, 422, "one is left who manages");
        assert_eq!(decide(&keeper, "deactivate", &li).await, 422, "nobody ends their own");
        assert_eq!(decide(&keeper, "deactivate", &zhao).await, 303);
        assert!(!one.is_in().await && !works(&world, &first).await);
        assert_eq!(one.sign_in("zhao@example.com", PASSWORD).await.status, 401);
        assert_eq!(decide(&keeper, "takeOver", &qian).await, 303);
        assert!(!two.is_in().await && works(&world, &second).await, "the key is somebody else's now");
        let owner = sql::text(&world.services.db, &format!("select account from api_keys where account = '{li}'")).await;
        assert_eq!(owner, li);
        let third = joined(&world, &keeper, "sun@example.com").await;
        let sun = id_of(&world, "sun@example.com").await;
        assert_eq!(decide(&keeper, "manage", &sun).await, 303);
        assert_eq!(decide(&keeper, "unmanage", &li).await, 303);
        assert!(keeper.get(HERE).await.status == 403 && third.get(HERE).await.status == 200);
        let done = sql::texts(&world.services.db, "select what from audit order by id").await;
        for what in ["invited", "accountDisabled", "keyRevoked", "keyHandedOver", "managesNow", "managesNoMore"] {
            assert!(done.iter().any(|line| line == what), "{what}: {done:?}");
        }
    }

    async fn nobody_reaches_the_people_of_another_organisation(world) {
        let (own, other) = (world.organisation("蓝湾大学").await, world.organisation("红崖学院").await);
        let keeper = member(&world, "li@example.com", Role::Holder, Some(own.uscc.as_str())).await;
        let stranger = member(&world, "zhao@example.com", Role::Holder, Some(other.uscc.as_str())).await;
        let li = id_of(&world, "li@example.com").await;
        for what in ["deactivate", "manage", "unmanage", "takeOver"] {
            assert_eq!(decide(&stranger, what, &li).await, 404, "{what}");
        }
        assert!(!stranger.get(HERE).await.text().contains("li@example.com"));
        assert!(keeper.is_in().await);
        let officer = member(&world, "office@example.com", Role::Office, None).await;
        assert_eq!(officer.get(HERE).await.status, 403);
        let person = Browser::new(&world);
        let fields = [("as", "individual"), ("name", "王某某"), ("login", "13800000000"), ("password", PASSWORD), ("again", PASSWORD)];
        assert_eq!(person.send("/register?as=individual", "/register", &fields).await.status, 303);
        assert_eq!(person.get(HERE).await.status, 403, "an individual has no colleagues");
    }

    async fn an_officer_who_disables_an_account_ends_its_keys(world) {
        let own = world.organisation("蓝湾大学").await;
        let holder = member(&world, "li@example.com", Role::Holder, Some(own.uscc.as_str())).await;
        let key = key_of(&holder).await;
        let id = id_of(&world, "li@example.com").await;
        let officer = member(&world, "office@example.com", Role::Office, None).await;
        let sent = officer.send("/office/accounts", "/office/accounts/decide", &[("what", "disable"), ("account", &id)]).await;
        assert_eq!(sent.status, 303);
        assert!(!holder.is_in().await && !works(&world, &key).await);
    }

    async fn ones_own_data_are_given_and_erased_and_the_chain_stays_whole(world) {
        let browser = Browser::new(&world);
        assert_eq!(browser.register(&uscc(1), "海角渔具有限公司", "wang@example.com").await.status, 303);
        let key = key_of(&browser).await;
        let data = browser.get("/account/data").await;
        assert_eq!((data.header("content-type"), data.header("cache-control")), ("application/json", "no-store"));
        let json: Value = data.json();
        assert_eq!((&json["account"]["login"], &json["account"]["name"]), (&"wang@example.com".into(), &"王联系".into()));
        assert_eq!((json["keys"].as_array().map(Vec::len), json["sessions"].as_array().map(Vec::len)), (Some(1), Some(1)));
        let all = data.text();
        assert!(json["audit"].as_array().is_some_and(|lines| lines.len() >= 3), "{all}");
        for secret in [PASSWORD, "argon2", key.rsplit('_').next().expect("a part"), browser.cookie("kaixu").expect("in").as_str()] {
            assert!(!all.contains(secret));
        }
        let wrong = browser.send("/account/erase", "/account/erase", &[("password", "not the password")]).await;
        assert_eq!(wrong.status, 422);
        let id = id_of(&world, "wang@example.com").await;
        let erased = browser.send("/account/erase", "/account/erase", &[("password", PASSWORD)]).await;
        assert_eq!(erased.status, 303, "{}", erased.text());
        assert!(!browser.is_in().await && !works(&world, &key).await);
        assert_eq!(browser.sign_in("wang@example.com", PASSWORD).await.status, 401);
        let left = sql::dump(&world.services.db, &["accounts", "sessions", "invitations", "attempts", "audit", "api_keys", "second_factors"]).await;
        assert!(!left.contains("wang@example.com") && !left.contains("王联系"), "{left}");
        assert!(left.contains(&format!("account:{id}")), "the audit still names the actor by its id");
        let report = verify::verify(&world.services).await.expect("the audit runs");
        assert!(report.is_ok(), "{report:?}");
        // The login is free again, and the one who comes is somebody else.
        let again = Browser::new(&world);
        assert_eq!(again.register(&uscc(2), "天涯网具有限公司", "wang@example.com").await.status, 303);
        assert_ne!(id_of(&world, "wang@example.com").await, id);
    }

    async fn a_colleagues_part_is_one_thing_and_a_leavers_work_goes_to_a_successor(world) {
        let own = world.organisation("蓝湾大学").await;
        let keeper = member(&world, "li@example.com", Role::Holder, Some(own.uscc.as_str())).await;
        let leaver = joined(&world, &keeper, "zhao@example.com").await;
        let heir = joined(&world, &keeper, "sun@example.com").await;
        let key = key_of(&leaver).await;
        let (leaver_id, heir_id) = (id_of(&world, "zhao@example.com").await, id_of(&world, "sun@example.com").await);
        // Something that is assigned to the leaver.
        crate::imports::import(&world, Some(&own), crate::support::process::lines(0..1)).await;
        let holder = world.key(Role::Holder, Some(&own)).await;
        let listed = world.ask(axum::http::Method::GET, "/v1/holdings").key(&holder).send().await.json();
        let holding = listed["items"][0]["id"].as_str().expect("a holding").to_owned();
        let record = format!("/v1/inventory/{holding}");
        let read = world.ask(axum::http::Method::GET, &record).key(&holder).send().await;
        let edit = world.ask(axum::http::Method::PATCH, &record).key(&holder).header("if-match", read.header("etag"));
        let edited = edit.json(&serde_json::json!({ "assignee": leaver_id })).send().await;
        assert_eq!(edited.status, 200, "{}", edited.text());
        let change = async |who: &str, fields: &[(&str, &str)]| {
            let mut all = vec![("account", who)];
            all.extend(fields);
            keeper.send(HERE, &format!("{HERE}/decide"), &all).await.status.as_u16()
        };
        let duty = async |id: &str| sql::text(&world.services.db, &format!("select cast(duty as text) from accounts where id = '{id}'")).await;
        assert_eq!(change(&heir_id, &[("what", "part"), ("part", "unitReviewer"), ("units", "海洋学院")]).await, 303);
        assert!(duty(&heir_id).await.contains("海洋学院"));
        assert!(keeper.get(HERE).await.text().contains("学院审核人：海洋学院"));
        assert_eq!(change(&heir_id, &[("what", "part"), ("part", "unitReviewer"), ("units", "")]).await, 422, "of which units?");
        assert_eq!(change(&heir_id, &[("what", "part"), ("part", "manager")]).await, 303, "whoever manages is an officer again");
        assert!(duty(&heir_id).await.contains("officer"));
        assert_eq!(change(&heir_id, &[("what", "part"), ("part", "officer")]).await, 303);
        let keeper_id = id_of(&world, "li@example.com").await;
        assert_eq!(change(&keeper_id, &[("what", "part"), ("part", "inventor")]).await, 422, "somebody manages");
        for nobody in ["wang@example.com", "zhao@example.com", "x"] {
            assert_eq!(change(&leaver_id, &[("what", "deactivate"), ("successor", nobody)]).await, 422, "{nobody}");
        }
        assert_eq!(change(&leaver_id, &[("what", "deactivate"), ("successor", "sun@example.com")]).await, 303);
        assert!(!leaver.is_in().await && works(&world, &key).await, "the key goes on, as the successor's");
        assert!(heir.get("/account/keys").await.text().contains("同步"));
        let read = world.ask(axum::http::Method::GET, &record).key(&holder).send().await.json();
        assert_eq!(read["assignee"], heir_id, "{read}");
        let report = verify::verify(&world.services).await.expect("the audit runs");
        assert!(report.is_ok(), "{report:?}");
    }

    async fn whoever_alone_manages_hands_over_before_leaving(world) {
        let own = world.organisation("蓝湾大学").await;
        let keeper = member(&world, "li@example.com", Role::Holder, Some(own.uscc.as_str())).await;
        let colleague = joined(&world, &keeper, "zhao@example.com").await;
        assert_eq!(keeper.send("/account/erase", "/account/erase", &[("password", PASSWORD)]).await.status, 422);
        assert_eq!(decide(&keeper, "manage", &id_of(&world, "zhao@example.com").await).await, 303);
        assert_eq!(keeper.send("/account/erase", "/account/erase", &[("password", PASSWORD)]).await.status, 303);
        let page = colleague.get(HERE).await.text();
        assert!(!page.contains("li@example.com") && page.contains("zhao@example.com"));
    }
}
