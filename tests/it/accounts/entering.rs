//! Registering and being invited: what is there at once, what waits, what a link is worth.

use axum::http::Method;
use kaixu::{
    domain::{
        access::{Actor, Role},
        codes::Uscc,
        review::Duty,
    },
    ops::accounts::{self, NewInvitation},
};

use crate::support::browser::{Browser, PASSWORD};
use crate::{on_both_at, support::World};

pub fn uscc(n: u32) -> String {
    Uscc::complete(&format!("91371002{n:08}"))
        .expect("completes")
        .to_string()
}

/// An invitation's address.
pub async fn invited(world: &World, login: &str, role: Role, organisation: Option<&str>) -> String {
    let new = NewInvitation {
        login: login.into(),
        name: "李主任".into(),
        role,
        organisation: organisation.map(str::to_owned),
        duty: Duty::Officer,
    };
    let made = accounts::invite(&world.services, &Actor::operator("test"), new).await;
    format!("/invitation/{}", made.expect("invites").token.reveal())
}

/// A browser whose owner has accepted an invitation.
pub async fn member<'a>(
    world: &'a World,
    login: &str,
    role: Role,
    organisation: Option<&str>,
) -> Browser<'a> {
    let link = invited(world, login, role, organisation).await;
    let browser = Browser::new(world);
    let fields = [("password", PASSWORD), ("again", PASSWORD)];
    let answer = browser.send(&link, &link, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn an_enterprise_registers_and_is_signed_in_at_once(world) {
        let browser = Browser::new(&world);
        let answer = browser.register(&uscc(1), "海角渔具有限公司", "wang@example.com").await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/account"), "{}", answer.text());
        assert!(browser.is_in().await);
        assert_eq!(browser.get("/patents?q=a").await.status, 200);
        let public = world.get(&format!("/v1/organisations/{}", uscc(1))).await.json();
        assert_eq!(public["unverified"], true, "{public}");
        assert_eq!(public["kind"], "enterprise");
        for path in ["/v1/organisations", "/v1/changes", "/v1/snapshots/latest"] {
            let text = world.get(path).await.text();
            assert!(!text.contains("王联系") && !text.contains("wang@"), "{path}: {text}");
        }
        let verified = kaixu::ops::verify::verify(&world.services).await.expect("runs");
        assert!(verified.is_ok(), "{verified:?}");
    }

    async fn faults_stand_at_their_fields_and_what_was_typed_stays(world) {
        let browser = Browser::new(&world);
        let fields = [
            ("as", "enterprise"), ("uscc", "913710020000000"), ("organisation", "甲"), ("kind", "enterprise"),
            ("district", "37"), ("name", ""), ("login", "nobody"), ("password", "short"), ("again", "short"),
        ];
        let answer = browser.send("/register", "/register", &fields).await;
        assert_eq!(answer.status, 422);
        let page = answer.text();
        assert_eq!(page.matches("class=\"wrong\"").count(), 5, "{page}");
        assert!(page.contains("913710020000000") && !page.contains("short"), "{page}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(!browser.is_in().await);
        let differ = [("as", "individual"), ("name", "王小渔"), ("login", "a@b.cn"), ("password", PASSWORD), ("again", "another one")];
        assert_eq!(browser.send("/register", "/register", &differ).await.status, 422);
        assert_eq!(browser.register(&uscc(1), "甲乙公司", "a@b.cn").await.status, 303);
        let taken = Browser::new(&world).register(&uscc(2), "丙丁公司", "A@B.cn").await;
        assert_eq!(taken.status, 422, "one login, one account");
    }

    async fn a_registered_organisation_is_nobodys_for_the_asking(world) {
        let known = world.organisation("蓝湾大学").await;
        let browser = Browser::new(&world);
        let answer = browser.register(known.uscc.as_str(), "蓝湾大学", "thief@example.com").await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let public = world.get(&format!("/v1/organisations/{}", known.uscc)).await.json();
        assert!(public.get("unverified").is_none(), "{public}");
        assert_eq!(public["version"], 1);
    }

    async fn an_invitation_is_good_once_and_for_a_week(world) {
        let university = world.organisation("蓝湾大学").await;
        let link = invited(&world, "li@example.com", Role::Holder, Some(university.uscc.as_str())).await;
        let browser = Browser::new(&world);
        let page = browser.get(&link).await;
        assert!(page.text().contains("蓝湾大学") && page.text().contains("li@example.com"), "{}", page.text());
        let fields = [("password", PASSWORD), ("again", PASSWORD)];
        let weak = [("password", "1234567890"), ("again", "1234567890")];
        assert_eq!(browser.send(&link, &link, &weak).await.status, 422);
        assert_eq!(browser.send(&link, &link, &fields).await.status, 303);
        assert!(browser.is_in().await);
        assert_eq!(Browser::new(&world).get(&link).await.status, 404);
        let late = invited(&world, "zhao@example.com", Role::Office, None).await;
        let waiting = Browser::new(&world);
        let token = waiting.token(&late, &late).await;
        world.services.clock.set(world.services.now().plus_seconds(7 * 86_400));
        let fields = [("password", PASSWORD), ("again", PASSWORD), ("csrf", token.as_str())];
        assert_eq!(waiting.post(&late, &fields, &[]).await.status, 404);
        assert_eq!(waiting.get("/invitation/0000").await.status, 404);
    }

    async fn nobody_invites_but_officers_and_nobody_becomes_administrator_by_one(world) {
        let holder = world.organisation("蓝湾大学").await;
        let new = |role| NewInvitation { login: "x@example.com".into(), name: "某人".into(), role, organisation: None, duty: Duty::Officer };
        let mut actor = Actor::operator("test");
        actor.role = Role::Holder;
        actor.organisation = Some(holder.id.clone());
        assert!(accounts::invite(&world.services, &actor, new(Role::Office)).await.is_err());
        actor.role = Role::Office;
        assert!(accounts::invite(&world.services, &actor, new(Role::Administrator)).await.is_err());
        assert!(accounts::invite(&world.services, &actor, new(Role::Holder)).await.is_err(), "no organisation");
        assert!(accounts::invite(&world.services, &actor, new(Role::Office)).await.is_ok());
    }

    async fn no_password_and_no_token_is_in_the_database(world) {
        let browser = Browser::new(&world);
        browser.register(&uscc(1), "海角渔具有限公司", "wang@example.com").await;
        let link = invited(&world, "li@example.com", Role::Office, None).await;
        let secrets = [
            PASSWORD.to_owned(),
            browser.cookie("kaixu").expect("signed in"),
            link.rsplit('/').next().expect("a token").to_owned(),
        ];
        let rows = crate::support::sql::dump(&world.services.db, &["accounts", "sessions", "invitations", "attempts", "audit", "messages", "jobs"]).await;
        assert!(rows.contains("$argon2id$v=19$m=19456,t=2,p=1$"), "{rows}");
        assert!(rows.contains("wang@example.com"));
        for secret in &secrets {
            assert!(!rows.contains(secret), "{secret} is in the database");
        }
        for path in ["/", "/register"] {
            let page = browser.get(path).await.text();
            assert!(secrets.iter().all(|secret| !page.contains(secret)), "{path}");
        }
        // The API knows no cookies.
        let header = format!("kaixu={}", secrets[1]);
        let asked = world.ask(Method::GET, "/v1/imports").header("cookie", &header).send().await;
        asked.problem(401, "unauthenticated");
    }
}
