//! Keys that their owners keep: made, narrowed, rotated, revoked; from where they may be used; tokens for them.

use axum::http::Method;
use kaixu::domain::access::{Network, Role, Scope, address};
use serde_json::{Value, json};

use crate::{
    accounts::entering::{member, uscc},
    on_both, on_both_at,
    support::{World, browser::Browser, http::Answer},
};

async fn make(world: &World, key: &str, body: &Value) -> Value {
    let made = world
        .ask(Method::POST, "/v1/keys")
        .key(key)
        .json(body)
        .send()
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("cache-control"), "no-store");
    made.json()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} in {value}"))
}

async fn works(world: &World, key: &str) -> Answer {
    world
        .ask(Method::GET, "/v1/organisations")
        .key(key)
        .send()
        .await
}

fn later(world: &World, seconds: i64) -> String {
    world.services.now().plus_seconds(seconds).rfc3339()
}

fn pass(world: &World, seconds: i64) {
    let clock = &world.services.clock;
    clock.set(clock.now().plus_seconds(seconds));
}

async fn rotate(world: &World, key: &str, id: &str, tag: &str, body: &Value) -> Answer {
    let asking = world
        .ask(Method::POST, &format!("/v1/keys/{id}/rotation"))
        .key(key);
    asking.header("if-match", tag).json(body).send().await
}

async fn token(world: &World, basic: Option<&str>, form: &str) -> Answer {
    let asking = world.ask(Method::POST, "/v1/token");
    let asking = asking.header("content-type", "application/x-www-form-urlencoded");
    let asking = match basic {
        Some(pair) => {
            use base64::{Engine as _, engine::general_purpose::STANDARD};
            asking.header("authorization", &format!("Basic {}", STANDARD.encode(pair)))
        }
        None => asking,
    };
    asking.body(form.to_owned()).send().await
}

#[test]
fn networks_are_read_in_either_family_and_contain_what_they_say() {
    for (text, inside, outside) in [
        ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
        ("203.0.113.77/24", "203.0.113.1", "203.0.112.255"),
        ("10.0.0.1", "10.0.0.1", "10.0.0.2"),
        ("0.0.0.0/0", "255.1.2.3", "2001:db8::1"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
        ("::/0", "2001:db8::1", "10.0.0.1"),
        ("10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3"),
    ] {
        let network = Network::parse(text).expect("a network");
        let at = |text: &str| text.parse().expect("an address");
        assert!(network.contains(at(inside)), "{text} {inside}");
        assert!(!network.contains(at(outside)), "{text} {outside}");
        assert_eq!(Network::parse(&network.to_string()), Some(network));
    }
    for wrong in [
        "",
        "10.0.0.0/33",
        "::/129",
        "10.0.0/8",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "example.cn",
        "10.0.0.0/8/8",
    ] {
        assert_eq!(Network::parse(wrong), None, "{wrong}");
    }
    assert_eq!(address("[2001:db8::1]:443"), address("2001:db8::1"));
    assert_eq!(address("203.0.113.1:80"), address(" 203.0.113.1 "));
    assert_eq!(address("unknown"), None);
}

on_both! {
    async fn an_owner_makes_lists_changes_and_revokes_keys_of_its_organisation_alone(world) {
        let (own, other) = (world.organisation("蓝湾大学").await, world.organisation("红崖学院").await);
        let (key, stranger) = (world.key(Role::Holder, Some(&own)).await, world.key(Role::Holder, Some(&other)).await);
        let made = make(&world, &key, &json!({ "name": "每日同步", "scopes": ["read"], "networks": ["2001:db8::7/64"] })).await;
        let (id, secret) = (text(&made, "id"), text(&made, "secret"));
        assert_eq!((text(&made, "role"), text(&made, "organisation")), ("holder", own.id.to_string().as_str()));
        assert_eq!(made["networks"], json!(["2001:db8::/64"]), "as what it is");
        let listed = world.ask(Method::GET, "/v1/keys?limit=1").key(&key).send().await;
        assert_eq!((listed.json()["total"].as_u64(), listed.json()["items"].as_array().map(Vec::len)), (Some(2), Some(1)));
        let next = listed.header("link").split(['<', '>']).nth(1).expect("a next page").to_owned();
        let second = world.ask(Method::GET, &next).key(&key).send().await.json();
        assert_eq!(text(&second["items"][0], "id"), id);
        assert!(!second.to_string().contains(secret.rsplit('_').next().expect("a part")), "a secret is shown once");
        let path = format!("/v1/keys/{id}");
        for ask in [Method::GET, Method::DELETE] {
            world.ask(ask, &path).key(&stranger).send().await.problem(404, "notFound");
        }
        assert!(!world.ask(Method::GET, "/v1/keys").key(&stranger).send().await.text().contains(id));
        let new_words = json!({ "name": "同步", "networks": [], "expiresAt": later(&world, 3600) });
        let change = |tag: &'static str| world.ask(Method::PATCH, &path).key(&key).header("if-match", tag).json(&new_words).send();
        let changed = change("\"1\"").await;
        assert_eq!((changed.status.as_u16(), changed.json()["version"].as_i64()), (200, Some(2)), "{}", changed.text());
        change("\"1\"").await.problem(412, "versionStale");
        assert_eq!(works(&world, secret).await.status, 200);
        world.ask(Method::POST, "/v1/imports").key(secret).body("x").send().await.problem(403, "scopeMissing");
        world.ask(Method::GET, "/v1/keys").key(secret).send().await.problem(403, "scopeMissing");
        let ended = world.ask(Method::DELETE, &path).key(&key).send().await;
        assert!(ended.status == 200 && ended.json()["revokedAt"].is_string(), "{}", ended.text());
        works(&world, secret).await.problem(401, "credentialsRejected");
        let again = world.ask(Method::DELETE, &path).key(&key).send().await.json();
        assert_eq!(again["revokedAt"], ended.json()["revokedAt"]);
        world.ask(Method::PATCH, &path).key(&key).header("if-match", "\"3\"").json(&new_words).send().await.problem(409, "keyRevoked");
    }

    async fn nobody_makes_a_key_that_can_do_more_than_they_can(world) {
        let own = world.organisation("蓝湾大学").await;
        let other = world.organisation("红崖学院").await;
        let key = world.key(Role::Holder, Some(&own)).await;
        let office = world.key(Role::Office, None).await;
        let refused = async |key: &str, body: Value, status: u16, pointer: &str| {
            let answer = world.ask(Method::POST, "/v1/keys").key(key).json(&body).send().await;
            assert_eq!(answer.status.as_u16(), status, "{body} {}", answer.text());
            if !pointer.is_empty() {
                assert_eq!(text(&answer.json()["errors"][0], "pointer"), pointer, "{body}");
            }
        };
        refused(&key, json!({ "name": "甲", "role": "office" }), 422, "/role").await;
        refused(&key, json!({ "name": "甲", "scopes": ["office"] }), 422, "/scopes").await;
        refused(&key, json!({ "name": "甲", "organisation": other.uscc }), 403, "").await;
        refused(&key, json!({ "name": " " }), 422, "/name").await;
        refused(&key, json!({ "name": "甲", "networks": ["10.0.0.0/8", "10.0.0.0/99"] }), 422, "/networks/1").await;
        refused(&key, json!({ "name": "甲", "expiresAt": "2020-01-01T00:00:00Z" }), 422, "/expiresAt").await;
        refused(&key, json!({ "name": "甲", "expiresAt": "tomorrow" }), 422, "/expiresAt").await;
        refused(&office, json!({ "name": "甲", "role": "administrator" }), 422, "/role").await;
        refused(&office, json!({ "name": "甲", "role": "holder" }), 422, "/organisation").await;
        let narrow = make(&world, &key, &json!({ "name": "甲", "scopes": ["read", "keys"] })).await;
        refused(text(&narrow, "secret"), json!({ "name": "乙", "scopes": ["trade"] }), 422, "/scopes").await;
        let child = make(&world, text(&narrow, "secret"), &json!({ "name": "乙" })).await;
        assert_eq!(child["scopes"], json!(["read", "keys"]));
        let own_id = own.id.to_string();
        let for_them = make(&world, &office, &json!({ "name": "丙", "role": "holder", "organisation": own.uscc })).await;
        assert_eq!(text(&for_them, "organisation"), own_id);
        make(&world, &office, &json!({ "name": "省平台", "role": "platform" })).await;
    }

    async fn a_repeated_request_makes_one_key_and_shows_its_secret_once(world) {
        let own = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&own)).await;
        let ask = |name: &str| world.ask(Method::POST, "/v1/keys").key(&key).header("idempotency-key", "k1").json(&json!({ "name": name })).send();
        let (first, second) = (ask("甲").await, ask("甲").await);
        assert_eq!((first.status, second.status), (201.try_into().unwrap(), 201.try_into().unwrap()));
        assert_eq!(first.json()["id"], second.json()["id"]);
        assert!(first.json()["secret"].is_string() && second.json().get("secret").is_none());
        ask("乙").await.problem(422, "idempotencyKeyReused");
    }

    async fn a_key_works_only_from_its_networks(world) {
        let own = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&own)).await;
        let made = make(&world, &key, &json!({ "name": "甲", "scopes": ["read"], "networks": ["203.0.113.0/24", "2001:db8::/32"] })).await;
        let secret = text(&made, "secret");
        // Without a proxy of ours nobody believes what a caller writes of itself.
        let forged = world.ask(Method::GET, "/v1/organisations").key(secret).header("x-forwarded-for", "203.0.113.5");
        forged.send().await.problem(403, "addressNotAllowed");
        let world = world.behind_proxy();
        let from = |secret: &str, address: &str| world.ask(Method::GET, "/v1/organisations").key(secret).header("x-forwarded-for", address).send();
        for inside in ["203.0.113.5", "10.9.9.9, 203.0.113.5", "2001:db8::9", "::ffff:203.0.113.9"] {
            assert_eq!(from(secret, inside).await.status, 200, "{inside}");
        }
        for outside in ["203.0.112.5", "203.0.113.5, 10.9.9.9", "2001:db9::1", "garbage", ""] {
            from(secret, outside).await.problem(403, "addressNotAllowed");
        }
        let wrong = format!("{}0", &secret[..secret.len() - 1]);
        let wrong = if wrong == secret { format!("{}1", &secret[..secret.len() - 1]) } else { wrong };
        from(&wrong, "10.9.9.9").await.problem(401, "credentialsRejected");
        let path = format!("/v1/keys/{}", text(&made, "id"));
        let read = world.ask(Method::GET, &path).key(&key).send().await.json();
        assert_eq!(text(&read, "lastUsedFrom"), "203.0.113.5");
        assert!(read["lastUsedAt"].is_string());
        // A token is bound to the same networks, when it is given and when it is used.
        let form = format!("grant_type=client_credentials&client_id={}&client_secret={secret}", text(&made, "id"));
        assert_eq!(token(&world, None, &form).await.json()["error"], "invalid_client");
        let asking = world.ask(Method::POST, "/v1/token").header("x-forwarded-for", "203.0.113.5");
        let given = asking.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.json();
        let bearer = text(&given, "access_token");
        assert_eq!(from(bearer, "203.0.113.6").await.status, 200);
        from(bearer, "203.0.112.6").await.problem(403, "addressNotAllowed");
    }

    async fn secrets_of_keys_and_tokens_are_nowhere_in_the_database(world) {
        let own = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&own)).await;
        let made = make(&world, &key, &json!({ "name": "甲" })).await;
        let (id, first) = (text(&made, "id"), text(&made, "secret"));
        let rotated = rotate(&world, &key, id, "\"1\"", &json!({ "oldUntil": later(&world, 60) })).await.json();
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={first}");
        let given = token(&world, None, &form).await.json();
        let all = crate::support::sql::dump(&world.services.db, &["api_keys", "access_tokens", "audit", "idempotency"]).await;
        for secret in [first, text(&rotated, "secret"), text(&given, "access_token")] {
            let bare = secret.rsplit('_').next().expect("a part");
            assert!(!all.contains(bare));
        }
        assert!(all.contains("keyRotated") && all.contains(&format!("keys/{id}")));
    }
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn the_old_secret_works_until_the_stated_moment(world) {
        let own = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&own)).await;
        let made = make(&world, &key, &json!({ "name": "甲", "scopes": ["read"] })).await;
        let (id, first) = (text(&made, "id"), text(&made, "secret"));
        for wrong in [later(&world, 30 * 86_400 + 1), later(&world, 0), "2026-03-02".to_owned()] {
            let answer = rotate(&world, &key, id, "\"1\"", &json!({ "oldUntil": wrong })).await;
            assert_eq!(answer.status, 422, "{wrong}");
        }
        let second = rotate(&world, &key, id, "\"1\"", &json!({ "oldUntil": later(&world, 3600) })).await;
        assert_eq!(second.status, 200, "{}", second.text());
        rotate(&world, &key, id, "\"1\"", &json!({})).await.problem(412, "versionStale");
        let second = second.json();
        pass(&world, 3599);
        for secret in [first, text(&second, "secret")] {
            assert_eq!(works(&world, secret).await.status, 200);
        }
        pass(&world, 1);
        works(&world, first).await.problem(401, "credentialsRejected");
        assert_eq!(works(&world, text(&second, "secret")).await.status, 200);
        let third = rotate(&world, &key, id, "\"2\"", &json!({})).await.json();
        works(&world, text(&second, "secret")).await.problem(401, "credentialsRejected");
        assert_eq!(works(&world, text(&third, "secret")).await.status, 200);
        world.ask(Method::POST, &format!("/v1/keys/{id}/rotation")).key(&key).json(&json!({})).send().await.problem(428, "ifMatchRequired");
    }

    async fn a_token_is_given_for_a_key_and_ends_with_it(world) {
        let own = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&own)).await;
        let made = make(&world, &key, &json!({ "name": "甲", "scopes": ["read", "register"] })).await;
        let (id, secret) = (text(&made, "id"), text(&made, "secret"));
        let given = token(&world, Some(&format!("{id}:{secret}")), "grant_type=client_credentials&scope=read").await;
        assert_eq!(given.status, 200, "{}", given.text());
        assert_eq!((given.header("cache-control"), given.header("pragma")), ("no-store", "no-cache"));
        let given = given.json();
        assert_eq!((&given["token_type"], &given["expires_in"], &given["scope"]), (&json!("Bearer"), &json!(900), &json!("read")));
        let bearer = text(&given, "access_token");
        assert_eq!(works(&world, bearer).await.status, 200);
        world.ask(Method::GET, "/v1/imports").key(bearer).send().await.problem(403, "scopeMissing");
        let bare = secret.rsplit('_').next().expect("a part");
        let whole = token(&world, None, &format!("grant_type=client_credentials&client_id={id}&client_secret={bare}")).await.json();
        assert_eq!(whole["scope"], "read register");
        pass(&world, 899);
        assert_eq!(works(&world, bearer).await.status, 200);
        pass(&world, 1);
        works(&world, bearer).await.problem(401, "credentialsRejected");
        let fresh = token(&world, Some(&format!("{id}:{secret}")), "grant_type=client_credentials").await.json();
        // What is taken from the key is taken from its tokens.
        let narrowed = world.ask(Method::PATCH, &format!("/v1/keys/{id}")).key(&key).header("if-match", "\"1\"").json(&json!({ "scopes": ["register"] })).send().await;
        assert_eq!(narrowed.status, 200, "{}", narrowed.text());
        works(&world, text(&fresh, "access_token")).await.problem(403, "scopeMissing");
        world.ask(Method::DELETE, &format!("/v1/keys/{id}")).key(&key).send().await;
        works(&world, text(&fresh, "access_token")).await.problem(401, "credentialsRejected");
        // One is not made from another.
        let from_token = format!("grant_type=client_credentials&client_id={id}&client_secret={}", text(&fresh, "access_token"));
        assert_eq!(token(&world, None, &from_token).await.json()["error"], "invalid_client");
        kaixu::ops::installation::sweep(&world.services).await.expect("sweeps");
        pass(&world, 900);
        kaixu::ops::installation::sweep(&world.services).await.expect("sweeps");
        assert_eq!(crate::support::sql::number(&world.services.db, "select count(*) from access_tokens").await, 0);
    }

    async fn the_token_endpoint_refuses_in_the_words_of_rfc_6749(world) {
        let own = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&own)).await;
        let made = make(&world, &key, &json!({ "name": "甲", "scopes": ["read"] })).await;
        let (id, secret) = (text(&made, "id"), text(&made, "secret"));
        let pair = format!("{id}:{secret}");
        let other = format!("client_id={}&client_secret={secret}", world.services.ids.next(world.services.now()));
        for (basic, form, status, error) in [
            (Some(pair.as_str()), String::new(), 400, "invalid_request"),
            (Some(&pair), "grant_type=password".into(), 400, "unsupported_grant_type"),
            (Some(&pair), "grant_type=client_credentials&grant_type=client_credentials".into(), 400, "invalid_request"),
            (Some(&pair), "grant_type=client_credentials&scope=trade".into(), 400, "invalid_scope"),
            (Some(&pair), "grant_type=client_credentials&scope=everything".into(), 400, "invalid_scope"),
            (Some(&pair), format!("grant_type=client_credentials&client_id={id}&client_secret={secret}"), 400, "invalid_request"),
            (Some("a:b"), "grant_type=client_credentials".into(), 401, "invalid_client"),
            (Some("no colon"), "grant_type=client_credentials".into(), 401, "invalid_client"),
            (None, "grant_type=client_credentials".into(), 401, "invalid_client"),
            (None, format!("grant_type=client_credentials&{other}"), 401, "invalid_client"),
            (None, format!("grant_type=client_credentials&client_id={id}&client_secret=x"), 401, "invalid_client"),
        ] {
            let answer = token(&world, basic, &form).await;
            assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (status, Some(error)), "{basic:?} {form}");
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("www-authenticate").starts_with("Basic"), status == 401, "{form}");
            assert!(!answer.text().contains(secret));
        }
        let json = world.ask(Method::POST, "/v1/token").json(&json!({ "grant_type": "client_credentials" })).send().await;
        assert_eq!(json.json()["error"], "invalid_request");
    }

    async fn a_holder_keeps_its_keys_on_pages_without_script(world) {
        let own = world.organisation("蓝湾大学").await;
        let browser = member(&world, "li@example.com", Role::Holder, Some(own.uscc.as_str())).await;
        let here = "/account/keys";
        let none = browser.send(here, here, &[("name", "同步")]).await;
        assert_eq!(none.status, 422, "no scope is ticked");
        let wrong = browser.send(here, here, &[("name", "同步"), ("scope-read", "yes"), ("networks", "10.0.0.0/99")]).await;
        assert!(wrong.status == 422 && wrong.text().contains("10.0.0.0/99"), "{}", wrong.text());
        let made = browser.send(here, here, &[("name", "同步"), ("scope-read", "yes"), ("until", "2026-12-31")]).await;
        assert_eq!((made.status.as_u16(), made.header("cache-control")), (201, "no-store"));
        let first = secret_in(&made.text());
        assert_eq!(works(&world, &first).await.status, 200);
        let list = browser.get(here).await.text();
        assert!(list.contains("同步") && !list.contains(first.rsplit('_').next().expect("a part")));
        let page = list.split(&format!("href=\"{here}/")).nth(1).expect("a link").split('"').next().expect("an id");
        let page = format!("{here}/{page}");
        let rotated = browser.send(&page, &format!("{page}/rotate"), &[("overlap", "7"), ("version", "1")]).await;
        assert_eq!(rotated.status, 201, "{}", rotated.text());
        let second = secret_in(&rotated.text());
        assert!(works(&world, &first).await.status == 200 && works(&world, &second).await.status == 200);
        let changed = browser.send(&page, &format!("{page}/change"), &[("name", "改名"), ("scope-read", "yes"), ("networks", "203.0.113.0/24\n"), ("version", "2")]).await;
        assert_eq!(changed.status, 303, "{}", changed.text());
        works(&world, &second).await.problem(403, "addressNotAllowed");
        let stale = browser.send(&page, &format!("{page}/change"), &[("name", "旧"), ("scope-read", "yes"), ("version", "2")]).await;
        assert_eq!(stale.status, 412);
        assert_eq!(browser.send(&page, &format!("{page}/revoke"), &[]).await.status, 303);
        works(&world, &second).await.problem(401, "credentialsRejected");
        assert!(!browser.get(&page).await.text().contains("/revoke"));
        let other = world.organisation("红崖学院").await;
        let stranger = member(&world, "zhao@example.com", Role::Holder, Some(other.uscc.as_str())).await;
        assert_eq!(stranger.get(&page).await.status, 404);
        // Whoever waits for an officer, or stands for themselves, has none.
        let waiting = Browser::new(&world);
        assert_eq!(waiting.register(&uscc(7), "海角渔具有限公司", "wang@example.com").await.status, 303);
        assert_eq!(waiting.get(here).await.status, 200, "its own organisation's");
    }
}

pub(super) fn secret_in(page: &str) -> String {
    let found = page
        .split("class=\"secret\">")
        .find(|part| part.starts_with("kx_"));
    found
        .and_then(|part| part.split('<').next())
        .expect("a secret")
        .to_owned()
}

#[test]
fn every_role_has_scopes_and_reads() {
    for role in Role::ALL {
        assert!(role.scopes().contains(&Scope::Read), "{role:?}");
    }
}
