//! Signing in with a provider that the test runs: whom it opens which account, which of its tokens are believed, what a
//! browser must bring back, and where the guarded client does not go.

use http::Request;
use kaixu::{
    domain::{
        access::{Actor, Role},
        provider::{Circle, ClaimRule},
    },
    ops::{self, Services, accounts},
    remote::http::{Guarded, HttpError, is_public},
};
use serde_json::{Value, json};

use super::{
    entering::{invited, member, uscc},
    second_factor::{enrol, now_code, pass, second},
};
use crate::{
    on_both_at,
    support::{
        World,
        browser::{Browser, PASSWORD},
        http::Answer,
        provider::{Provider, Signed},
        sql,
    },
};

const LOGIN: &str = "wang@example.com";
const OUT: &str = "/signin/with/haida";
const LINK: &str = "/account/security/link/haida";
const ALL: [Circle; 3] = [Circle::Office, Circle::Holders, Circle::Enterprises];

/// The same database beside a provider.
async fn beside(world: &World, circles: &[Circle]) -> (Provider, World) {
    let provider = Provider::start(world.services.now()).await;
    let services = provider.known_to(&world.services, circles);
    (provider, World::beside(services))
}

/// Where the page on the way leads.
fn ahead(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.text());
    let refresh = page.header("refresh");
    refresh.strip_prefix("0;url=").expect("goes on").to_owned()
}

/// Leaves by the button on a page, is let through, and comes back.
async fn through(
    browser: &Browser<'_>,
    provider: &Provider,
    page: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let left = browser.send(page, OUT, fields).await;
    browser.get(&provider.let_through(&ahead(&left))).await
}

async fn sign_in(browser: &Browser<'_>, provider: &Provider) -> Answer {
    through(browser, provider, "/signin", &[("next", "/inbox")]).await
}

async fn link(browser: &Browser<'_>, provider: &Provider) -> Answer {
    let left = browser
        .send("/account/security", LINK, &[("password", PASSWORD)])
        .await;
    browser.get(&provider.let_through(&ahead(&left))).await
}

async fn registered(world: &World) -> Browser<'_> {
    let browser = Browser::new(world);
    let answer = browser.register(&uscc(1), "海角渔具有限公司", LOGIN).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser
}

async fn reasons(world: &World) -> Vec<String> {
    let sql = "select reason from audit where what = 'signInFailed' order by id";
    sql::texts(&world.services.db, sql).await
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn an_account_is_linked_by_whoever_is_signed_in_and_opened_by_the_provider_from_then_on(world) {
        let (provider, world) = beside(&world, &ALL).await;
        let browser = registered(&world).await;
        let stranger = Browser::new(&world);
        assert!(stranger.get("/signin").await.text().contains("使用 海大统一认证 登录"));
        let unknown = sign_in(&stranger, &provider).await;
        assert_eq!(unknown.status, 422);
        assert!(unknown.text().contains("还没有与账户关联"), "{}", unknown.text());
        // The password is asked for before anything is linked.
        let wrong = browser.send("/account/security", LINK, &[("password", "not the password")]).await;
        assert_eq!(wrong.status, 422);
        let linked = link(&browser, &provider).await;
        assert_eq!((linked.status.as_u16(), linked.header("location")), (303, "/account/security"));
        for signed in [Signed::Rs256, Signed::Es256, Signed::Fresh] {
            provider.says(signed, &[]);
            let other = Browser::new(&world);
            let entered = sign_in(&other, &provider).await;
            assert_eq!((entered.status.as_u16(), entered.header("location")), (303, "/inbox"), "{signed:?} {}", entered.text());
            assert!(other.is_in().await);
            assert_eq!(other.cookie("kaixu-away"), None);
        }
        let told = sql::texts(&world.services.db, "select reason from audit where what = 'signedIn' and reason is not null").await;
        assert_eq!(told, ["haida"; 3]);
        assert_eq!(sql::number(&world.services.db, "select count(*) from audit where what = 'identityLinked'").await, 1);
        assert!(browser.get("/account/data").await.json()["identities"][0]["provider"] == "haida");
        // Unlinked, it opens nothing any more.
        let id = sql::text(&world.services.db, "select id from identities").await;
        let unlink = "/account/security/unlink";
        assert_eq!(browser.send("/account/security", unlink, &[("identity", &id)]).await.status, 303);
        assert_eq!(sign_in(&Browser::new(&world), &provider).await.status, 422);
        assert_eq!(sql::number(&world.services.db, "select count(*) from audit where what = 'identityUnlinked'").await, 1);
    }

    async fn a_token_that_fails_one_check_opens_nothing(world) {
        let (provider, world) = beside(&world, &ALL).await;
        let browser = registered(&world).await;
        assert_eq!(link(&browser, &provider).await.status, 303);
        let now = world.services.now().micros() / 1_000_000;
        let cases: Vec<(Signed, &'static str, Value)> = vec![
            (Signed::Rs256, "iss", json!("https://other.test")),
            (Signed::Rs256, "aud", json!("another-client")),
            (Signed::Rs256, "aud", json!(["kaixu-test", "another-client"])),
            (Signed::Rs256, "azp", json!("another-client")),
            (Signed::Rs256, "nonce", json!("another")),
            (Signed::Rs256, "nonce", Value::Null),
            (Signed::Rs256, "exp", json!(now)),
            (Signed::Rs256, "exp", Value::Null),
            (Signed::Rs256, "sub", Value::Null),
            (Signed::Rs256, "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
            (Signed::None, "sub", json!("20260001")),
            (Signed::Hs256, "sub", json!("20260001")),
            (Signed::Stranger, "sub", json!("20260001")),
            (Signed::Forged, "sub", json!("20260001")),
        ];
        let count = cases.len();
        for (signed, claim, value) in cases {
            provider.says(signed, &[(claim, value.clone())]);
            let other = Browser::new(&world);
            let answer = sign_in(&other, &provider).await;
            assert_eq!(answer.status, 422, "{signed:?} {claim} {value}: {}", answer.text());
            assert!(answer.text().contains("未通过校验"), "{signed:?} {claim} {value}: {}", answer.text());
            assert!(!other.is_in().await, "{signed:?} {claim}");
        }
        assert_eq!(reasons(&world).await, vec!["tokenRefused"; count]);
        provider.says(Signed::Rs256, &[("exp", json!(now + 1))]);
        assert_eq!(sign_in(&Browser::new(&world), &provider).await.status, 303);
    }

    async fn a_browser_comes_back_once_in_time_and_only_the_one_that_left(world) {
        let (provider, world) = beside(&world, &ALL).await;
        let owner = registered(&world).await;
        assert_eq!(link(&owner, &provider).await.status, 303);
        let browser = Browser::new(&world);
        let left = browser.send("/signin", OUT, &[]).await;
        let set = browser.sent.lock().expect("sent").iter().any(|text| {
            text.starts_with("kaixu-away=") && ["; HttpOnly", "; SameSite=Lax", "; Secure"].iter().all(|flag| text.contains(flag))
        });
        assert!(set);
        let back = provider.let_through(&ahead(&left));
        // Somebody else's browser, with the same address.
        let thief = Browser::new(&world);
        assert_eq!(thief.get(&back).await.status, 422);
        let kept = browser.cookie("kaixu-away").expect("kept");
        assert_eq!(browser.get(&back).await.status, 303);
        browser.set_cookie("kaixu-away", &kept);
        assert_eq!(browser.get(&back).await.status, 422, "once");
        for (old, new) in [("state=", "state=x"), ("the-code", "another"), ("code=the-code&", ""), ("?", "/../../?")] {
            let browser = Browser::new(&world);
            let left = browser.send("/signin", OUT, &[]).await;
            let address = provider.let_through(&ahead(&left)).replace(old, new);
            assert!(!browser.get(&address).await.status.is_redirection(), "{address}");
            assert!(!browser.is_in().await);
        }
        let late = Browser::new(&world);
        let left = late.send("/signin", OUT, &[]).await;
        pass(&world, 900);
        assert_eq!(late.get(&provider.let_through(&ahead(&left))).await.status, 422, "late");
        ops::installation::sweep(&world.services).await.expect("sweeps");
        assert_eq!(sql::number(&world.services.db, "select count(*) from departures").await, 0);
    }

    async fn nothing_is_linked_to_another_than_the_one_who_asked(world) {
        let (provider, world) = beside(&world, &ALL).await;
        let owner = registered(&world).await;
        let left = owner.send("/account/security", LINK, &[("password", PASSWORD)]).await;
        let back = provider.let_through(&ahead(&left));
        let other = Browser::new(&world);
        other.register(&uscc(2), "天涯网具有限公司", "li@example.com").await;
        other.set_cookie("kaixu-away", &owner.cookie("kaixu-away").expect("kept"));
        assert_eq!(other.get(&back).await.status, 422);
        assert_eq!(sql::number(&world.services.db, "select count(*) from identities").await, 0);
        // And one person at the provider opens one account.
        assert_eq!(link(&owner, &provider).await.status, 303);
        let answer = link(&other, &provider).await;
        assert!(answer.status == 422 && answer.text().contains("另一个账户"), "{}", answer.text());
    }

    async fn an_invitation_may_be_accepted_with_the_provider_and_a_password_set_afterwards(world) {
        let (provider, world) = beside(&world, &ALL).await;
        let university = world.organisation("蓝湾大学").await;
        let invitation = invited(&world, "li@example.com", Role::Holder, Some(university.uscc.as_str())).await;
        let token = invitation.rsplit('/').next().expect("a token").to_owned();
        let browser = Browser::new(&world);
        let entered = through(&browser, &provider, &invitation, &[("invitation", &token)]).await;
        assert_eq!((entered.status.as_u16(), entered.header("location")), (303, "/account"), "{}", entered.text());
        assert!(browser.is_in().await);
        assert_eq!(Browser::new(&world).get(&invitation).await.status, 404, "used up");
        assert_eq!(sign_in(&Browser::new(&world), &provider).await.status, 303);
        // No password opens it, not even an empty one.
        for password in ["", PASSWORD] {
            assert_eq!(Browser::new(&world).sign_in("li@example.com", password).await.status, 401);
        }
        let id = sql::text(&world.services.db, "select id from identities").await;
        let unlinked = browser.send("/account/security", "/account/security/unlink", &[("identity", &id)]).await;
        assert!(unlinked.status == 422 && unlinked.text().contains("唯一方式"), "{}", unlinked.text());
        let fields = [("password", PASSWORD), ("again", PASSWORD)];
        pass(&world, 601);
        assert_eq!(browser.send("/account", "/account/password", &fields).await.status, 422, "not from a browser found open");
        let later = world.services.now().micros() / 1_000_000 + 60;
        provider.says(Signed::Rs256, &[("exp", json!(later))]);
        let fresh = Browser::new(&world);
        assert_eq!(sign_in(&fresh, &provider).await.status, 303);
        assert_eq!(fresh.send("/account", "/account/password", &fields).await.status, 303);
        assert_eq!(Browser::new(&world).sign_in("li@example.com", PASSWORD).await.status, 303);
        let page = fresh.get("/account").await.text();
        assert!(page.contains("name=\"old\""), "from now on the old one is asked for");
        assert_eq!(fresh.send("/account/security", "/account/security/unlink", &[("identity", &id)]).await.status, 303);
    }

    async fn an_address_alone_links_only_where_the_operator_trusts_the_provider(world) {
        let provider = Provider::start(world.services.now()).await;
        let plain = World::beside(provider.known_to(&world.services, &ALL));
        let trusting = World::beside(provider.set_up(&world.services, &ALL, None, true));
        registered(&plain).await;
        let mail = |verified: bool| [("email", json!("Wang@Example.com")), ("email_verified", json!(verified))];
        provider.says(Signed::Rs256, &mail(true));
        assert_eq!(sign_in(&Browser::new(&plain), &provider).await.status, 422);
        provider.says(Signed::Rs256, &mail(false));
        assert_eq!(sign_in(&Browser::new(&trusting), &provider).await.status, 422);
        provider.says(Signed::Rs256, &[("email", json!("nobody@example.com")), ("email_verified", json!(true))]);
        assert_eq!(sign_in(&Browser::new(&trusting), &provider).await.status, 422, "no account is made of it");
        provider.says(Signed::Rs256, &mail(true));
        assert_eq!(sign_in(&Browser::new(&trusting), &provider).await.status, 303);
        let how = sql::texts(&world.services.db, "select reason from audit where what = 'identityLinked'").await;
        assert_eq!(how, ["email"]);
        // Linked once, the address is not looked at again.
        provider.says(Signed::Rs256, &[("email", json!("moved@example.com"))]);
        assert_eq!(sign_in(&Browser::new(&plain), &provider).await.status, 303);
    }

    async fn a_provider_opens_the_circles_and_the_domains_that_the_operator_names(world) {
        let provider = Provider::start(world.services.now()).await;
        let every = World::beside(provider.known_to(&world.services, &ALL));
        let owner = registered(&every).await;
        assert_eq!(link(&owner, &provider).await.status, 303);
        let holders = World::beside(provider.known_to(&world.services, &[Circle::Holders]));
        let refused = sign_in(&Browser::new(&holders), &provider).await;
        assert!(refused.status == 422 && refused.text().contains("没有对您的账户开放"), "{}", refused.text());
        let officer = invited(&holders, "office@example.com", Role::Office, None).await;
        assert!(!Browser::new(&holders).get(&officer).await.text().contains(OUT), "no button for whom it does not open");
        let rule = |claim: &str| ClaimRule { claim: claim.into(), domains: vec!["hitwh.edu.cn".into()] };
        for (claim, said, verified, in_time) in [
            ("email", json!("a@hitwh.edu.cn"), true, true),
            ("email", json!("a@HITWH.edu.cn"), true, true),
            ("email", json!("a@hitwh.edu.cn"), false, false),
            ("email", json!("a@hitwh.edu.cn.evil.test"), true, false),
            ("email", json!("hitwh.edu.cn@evil.test"), true, false),
            ("hd", json!("hitwh.edu.cn"), false, true),
            ("hd", json!(["x", "hitwh.edu.cn"]), false, true),
            ("hd", json!("other.edu.cn"), false, false),
            ("hd", Value::Null, true, false),
        ] {
            let ruled = World::beside(provider.set_up(&world.services, &ALL, Some(rule(claim)), false));
            provider.says(Signed::Rs256, &[(claim, said.clone()), ("email_verified", json!(verified))]);
            let status = sign_in(&Browser::new(&ruled), &provider).await.status.as_u16();
            assert_eq!(status, if in_time { 303 } else { 422 }, "{claim} {said}");
        }
    }

    async fn the_second_factor_is_asked_for_and_a_disabled_account_stays_shut(world) {
        let (provider, world) = beside(&world, &ALL).await;
        let access = ops::Access { office_second_factor: true, ..ops::Access::default() };
        let strict = World::beside(Services { access, ..world.services.clone() });
        let officer = member(&strict, "office@example.com", Role::Office, None).await;
        assert_eq!(link(&officer, &provider).await.status, 303);
        let bare = Browser::new(&strict);
        assert_eq!(sign_in(&bare, &provider).await.status, 303);
        assert_eq!(bare.get("/office/accounts").await.header("location"), "/account/security", "signed in, and no further");
        let (secret, _) = enrol(&strict, &officer).await;
        pass(&strict, 60);
        let browser = Browser::new(&strict);
        let half = sign_in(&browser, &provider).await;
        assert_eq!(half.status, 200);
        assert!(!browser.is_in().await);
        assert_eq!(second(&browser, &half, &now_code(&strict, &secret)).await.status, 303);
        assert_eq!(browser.get("/office/accounts").await.status, 200);
        let people = accounts::list(&strict.services, &Actor::operator("test"), "", 9).await.expect("lists");
        accounts::disable(&strict.services, &Actor::operator("test"), &people[0].id).await.expect("disables");
        assert_eq!(sign_in(&Browser::new(&strict), &provider).await.status, 422);
    }

    async fn a_provider_that_is_away_or_lies_is_told_of_and_erasing_forgets_the_link(world) {
        let (provider, world) = beside(&world, &ALL).await;
        let owner = registered(&world).await;
        assert_eq!(link(&owner, &provider).await.status, 303);
        assert_eq!(owner.send("/account/erase", "/account/erase", &[("password", PASSWORD)]).await.status, 303);
        assert_eq!(sql::number(&world.services.db, "select count(*) from identities").await, 0);
        let (liar, lied_to) = beside(&world, &ALL).await;
        liar.lies();
        let answer = Browser::new(&lied_to).send("/signin", OUT, &[]).await;
        assert!(answer.status == 422 && answer.text().contains("未通过校验"), "{}", answer.text());
        assert_eq!(Browser::new(&world).get("/signin/with/nobody").await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guarded_client_follows_nobody_and_stays_out_of_private_networks() {
    let provider = Provider::start(kaixu::domain::time::Clock::System.now()).await;
    let base = provider.base();
    let get = |address: &str| Request::get(address).body(Vec::new()).expect("a request");
    let named = Guarded::new(&["127.0.0.1".to_owned()]).expect("a client");
    let moved = named
        .send(get(&format!("{base}/moved")), 100)
        .await
        .expect("answers");
    assert_eq!(moved.status(), 302, "a redirect is an answer");
    let long = named.send(get(&format!("{base}/long")), 1 << 20).await;
    assert!(matches!(long, Err(HttpError::TooLarge(_))), "{long:?}");
    let guarded = Guarded::new(&[]).expect("a client");
    let port = base.rsplit(':').next().expect("a port");
    for address in [
        format!("{base}/keys"),
        format!("https://127.0.0.1:{port}/keys"),
        format!("https://[::1]:{port}/keys"),
        format!("https://[::ffff:127.0.0.1]:{port}/keys"),
        format!("https://localhost:{port}/keys"),
        "http://example.com/".to_owned(),
    ] {
        let answer = guarded.send(get(&address), 100).await;
        let said = format!("{answer:?}");
        assert!(
            answer.is_err() && said.contains("llowed") || said.contains("Forbidden"),
            "{address}: {said}"
        );
    }
    for (address, public) in [
        ("8.8.8.8", true),
        ("10.0.0.1", false),
        ("172.16.0.1", false),
        ("172.32.0.1", true),
        ("192.168.1.1", false),
        ("100.64.0.1", false),
        ("100.128.0.1", true),
        ("169.254.169.254", false),
        ("0.0.0.0", false),
        ("198.18.0.1", false),
        ("224.0.0.1", false),
        ("255.255.255.255", false),
        ("2400:3200::1", true),
        ("fc00::1", false),
        ("fe80::1", false),
        ("::1", false),
        ("::", false),
        ("64:ff9b::a00:1", false),
        ("64:ff9b::808:808", true),
        ("2002:a00:1::", false),
        ("::ffff:10.0.0.1", false),
        ("2001:db8::1", false),
    ] {
        assert_eq!(
            is_public(address.parse().expect("an address")),
            public,
            "{address}"
        );
    }
}
