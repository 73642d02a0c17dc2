//! Signing in: equal answers, waiting, sessions that change, end and are shared, forms that nobody else can send.

use kaixu::{
    domain::access::{Actor, Role},
    ops::{
        accounts,
        sessions::{Browser as Browsing, Entered},
    },
};

use super::entering::{member, uscc};
use crate::support::browser::{Browser, PASSWORD, token_of};
use crate::{on_both_at, support::World};

const LOGIN: &str = "wang@example.com";

/// Moves the clock on.
fn pass(world: &World, seconds: i64) {
    let clock = &world.services.clock;
    clock.set(clock.now().plus_seconds(seconds));
}

async fn registered(world: &World) -> Browser<'_> {
    let browser = Browser::new(world);
    let answer = browser.register(&uscc(1), "海角渔具有限公司", LOGIN).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser
}

/// What a page says, without what differs by chance.
fn said(page: &str, action: &str) -> String {
    let token = token_of(page, action).expect("a form");
    page.replace(&token, "")
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn an_unknown_login_and_a_wrong_password_are_answered_alike(world) {
        registered(&world).await;
        let browser = Browser::new(&world);
        let wrong = browser.sign_in(LOGIN, "not the password").await;
        let unknown = browser.sign_in("who@example.com", "not the password").await;
        let garbled = browser.sign_in("who", "not the password").await;
        assert_eq!((wrong.status, unknown.status, garbled.status), (401.try_into().unwrap(), 401.try_into().unwrap(), 401.try_into().unwrap()));
        let plain = |answer: &crate::support::http::Answer, login: &str| said(&answer.text(), "/signin").replace(login, "");
        assert_eq!(plain(&wrong, LOGIN), plain(&unknown, "who@example.com"));
        assert!(!browser.is_in().await);
        assert_eq!(browser.sign_in("WANG@example.com ", PASSWORD).await.status, 303);
        assert!(browser.is_in().await);
    }

    async fn a_login_waits_longer_with_every_failure_and_unknown_ones_too(world) {
        registered(&world).await;
        for login in [LOGIN, "who@example.com"] {
            let browser = Browser::new(&world);
            for n in 1..=5 {
                assert_eq!(browser.sign_in(login, "not the password").await.status, 401, "{n}");
            }
            for minutes in [1, 2, 4] {
                // Not even the right password is looked at.
                assert_eq!(browser.sign_in(login, PASSWORD).await.status, 429);
                pass(&world, minutes * 60 - 1);
                assert_eq!(browser.sign_in(login, PASSWORD).await.status, 429, "{minutes} min are not over");
                pass(&world, 1);
                assert_eq!(browser.sign_in(login, "not the password").await.status, 401, "{minutes} min");
            }
        }
        pass(&world, 16 * 60);
        let browser = Browser::new(&world);
        assert_eq!(browser.sign_in(LOGIN, PASSWORD).await.status, 303);
        // Success forgets the failures.
        assert_eq!(browser.send("/", "/signout", &[]).await.status, 303);
        for _ in 0..4 {
            assert_eq!(browser.sign_in(LOGIN, "not the password").await.status, 401);
        }
        assert_eq!(browser.sign_in(LOGIN, PASSWORD).await.status, 303);
    }

    async fn many_guesses_at_once_are_counted_one_by_one(world) {
        registered(&world).await;
        let services = &world.services;
        let guesses = (0..12).map(|_| kaixu::ops::sessions::sign_in(services, LOGIN, "not the password", Browsing::default()));
        let outcomes = futures_util::future::join_all(guesses).await;
        let compared = outcomes.iter().filter(|o| matches!(o, Err(kaixu::ops::Error::SignIn))).count();
        assert_eq!(compared, 5, "{outcomes:?}");
    }

    async fn a_session_is_new_at_every_sign_in_and_nobody_can_prepare_one(world) {
        registered(&world).await;
        let browser = Browser::new(&world);
        let prepared = "ab".repeat(32);
        browser.set_cookie("kaixu", &prepared);
        assert_eq!(browser.sign_in(LOGIN, PASSWORD).await.status, 303);
        let first = browser.cookie("kaixu").expect("signed in");
        assert_ne!(first, prepared);
        let thief = Browser::new(&world);
        thief.set_cookie("kaixu", &prepared);
        assert!(!thief.is_in().await);
        assert_eq!(thief.cookie("kaixu"), None, "what opens nothing is taken away");
        // Signing in again in the same browser ends the session before.
        let services = &world.services;
        let browsing = Browsing { device: "", brought: Some(&first) };
        let again = kaixu::ops::sessions::sign_in(services, LOGIN, PASSWORD, browsing).await.expect("signs in");
        let Entered::In(_, again) = again else { panic!("no second factor") };
        assert_ne!(again.reveal(), first);
        assert!(!browser.is_in().await);
    }

    async fn the_cookie_has_every_flag(world) {
        let browser = registered(&world).await;
        let sent = browser.sent.lock().expect("sent").clone();
        let session = sent.iter().find(|text| text.starts_with("kaixu=")).expect("a session");
        for flag in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=1209600"] {
            assert!(session.contains(flag), "{flag}");
        }
        assert_eq!(session.split(';').next().map(str::len), Some("kaixu=".len() + 64));
        let page = browser.get("/").await;
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(page.header("content-security-policy").contains("form-action 'self'"));
        assert_eq!(Browser::new(&world).get("/signin").await.header("cache-control"), "no-store");
        assert_eq!(Browser::new(&world).get("/").await.header("cache-control"), "private, no-cache");
    }

    async fn the_token_changes_every_day_and_the_old_one_ends(world) {
        let browser = registered(&world).await;
        let first = browser.cookie("kaixu").expect("signed in");
        let old = Browser::new(&world);
        old.set_cookie("kaixu", &first);
        for _ in 0..2 {
            pass(&world, 12 * 3_600 - 1);
            assert!(browser.is_in().await);
            assert_eq!(browser.cookie("kaixu").as_deref(), Some(first.as_str()));
        }
        pass(&world, 2);
        assert!(browser.is_in().await);
        let second = browser.cookie("kaixu").expect("signed in");
        assert_ne!(second, first);
        assert!(old.is_in().await, "a page asked for at the same time");
        pass(&world, 60);
        assert!(!old.is_in().await);
        assert!(browser.is_in().await);
    }

    async fn a_session_ends_when_idle_for_a_day_and_after_two_weeks(world) {
        let browser = registered(&world).await;
        pass(&world, 86_400);
        assert!(!browser.is_in().await, "idle");
        assert_eq!(browser.sign_in(LOGIN, PASSWORD).await.status, 303);
        for half_day in 1..28 {
            pass(&world, 43_200);
            assert!(browser.is_in().await, "{half_day}");
        }
        pass(&world, 43_199);
        assert!(browser.is_in().await);
        pass(&world, 1);
        assert!(!browser.is_in().await, "two weeks");
        kaixu::ops::installation::sweep(&world.services).await.expect("sweeps");
        let left = crate::support::sql::number(&world.services.db, "select count(*) from sessions").await;
        assert_eq!(left, 0);
    }

    async fn signing_out_disabling_and_a_new_password_end_sessions(world) {
        let browser = registered(&world).await;
        let other = Browser::new(&world);
        other.sign_in(LOGIN, PASSWORD).await;
        let token = browser.cookie("kaixu").expect("signed in");
        assert_eq!(browser.send("/", "/signout", &[]).await.status, 303);
        assert!(!browser.is_in().await && other.is_in().await);
        browser.set_cookie("kaixu", &token);
        assert!(!browser.is_in().await, "ended here, not only forgotten there");
        browser.sign_in(LOGIN, PASSWORD).await;
        let officer = Actor::operator("test");
        let account = accounts::list(&world.services, &officer, "", 10).await.expect("lists")[0].clone();
        let changed = accounts::change_password(&world.services, &account.id, PASSWORD, "another long one").await;
        assert!(changed.is_ok(), "{changed:?}");
        assert!(!browser.is_in().await && !other.is_in().await);
        assert_eq!(browser.sign_in(LOGIN, PASSWORD).await.status, 401);
        assert_eq!(browser.sign_in(LOGIN, "another long one").await.status, 303);
        accounts::disable(&world.services, &officer, &account.id).await.expect("disables");
        assert!(!browser.is_in().await);
        assert_eq!(browser.sign_in(LOGIN, "another long one").await.status, 401);
        accounts::enable(&world.services, &officer, &account.id).await.expect("enables");
        assert_eq!(browser.sign_in(LOGIN, "another long one").await.status, 303);
    }

    async fn a_form_that_is_not_ours_is_refused(world) {
        let browser = registered(&world).await;
        let good = browser.token("/", "/signout").await;
        let mine = [("origin", "http://kaixu.test"), ("sec-fetch-site", "same-origin")];
        let other = registered_as(&world, "li@example.com").await.token("/", "/signout").await;
        let anonymous = Browser::new(&world).token("/signin", "/signin").await;
        for token in ["", "x", other.as_str(), anonymous.as_str(), &good[1..]] {
            assert_eq!(browser.post("/signout", &[("csrf", token)], &mine).await.status, 403, "{token}");
        }
        assert_eq!(browser.post("/signout", &[], &mine).await.status, 403);
        // Of another form of the same session.
        let stranger = Browser::new(&world);
        let register = stranger.token("/register", "/register").await;
        let fields = [("login", LOGIN), ("password", PASSWORD), ("csrf", register.as_str())];
        assert_eq!(stranger.post("/signin", &fields, &mine).await.status, 403);
        for foreign in [
            [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")],
            [("origin", "http://kaixu.test"), ("sec-fetch-site", "same-site")],
            [("origin", "null"), ("sec-fetch-site", "same-origin")],
            [("origin", "http://kaixu.test:81"), ("sec-fetch-site", "none")],
        ] {
            assert_eq!(browser.post("/signout", &[("csrf", &good)], &foreign).await.status, 403, "{foreign:?}");
        }
        let bare = Browser::new(&world);
        assert_eq!(bare.post("/signin", &[("csrf", &anonymous)], &mine).await.status, 403, "no cookie");
        assert!(browser.is_in().await);
        assert_eq!(browser.post("/signout", &[("csrf", &good)], &mine).await.status, 303);
    }

    async fn nobody_is_led_elsewhere_after_signing_in(world) {
        registered(&world).await;
        for (next, to) in [
            ("/inbox", "/inbox"), ("https://evil.test", "/desk"), ("//evil.test", "/desk"),
            ("/\\evil.test", "/desk"), ("", "/desk"),
        ] {
            let browser = Browser::new(&world);
            let fields = [("login", LOGIN), ("password", PASSWORD), ("next", next)];
            assert_eq!(browser.send("/signin", "/signin", &fields).await.header("location"), to, "{next}");
        }
    }
}

async fn registered_as<'a>(world: &'a World, login: &str) -> Browser<'a> {
    let holder = world.organisation("蓝湾大学").await;
    member(world, login, Role::Holder, Some(holder.uscc.as_str())).await
}
