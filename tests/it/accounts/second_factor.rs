//! The second factor: codes by time, each once, counted by the lock-out; recovery codes; who must have one, who resets it.

use kaixu::{
    domain::{
        access::{Actor, Role},
        second_factor::{base32, code, matching_step, otpauth, recovery_code, step_at},
        time::Instant,
    },
    ops::{self, Services, accounts},
};

use super::entering::{member, uscc};
use crate::{
    on_both_at,
    support::{
        World,
        browser::{Browser, PASSWORD},
        http::Answer,
        sql,
    },
};

const LOGIN: &str = "wang@example.com";
const HERE: &str = "/account/security";

pub(super) fn pass(world: &World, seconds: i64) {
    let clock = &world.services.clock;
    clock.set(clock.now().plus_seconds(seconds));
}

/// RFC 4648, as an authenticator app reads it.
fn unbase32(text: &str) -> Vec<u8> {
    let (mut held, mut bits, mut out) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            _ => letter - b'2' + 26,
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 255).expect("a byte"));
        }
    }
    out
}

#[test]
fn codes_are_those_of_rfc_6238() {
    // RFC 6238 appendix B, SHA1, the last six of eight digits.
    let secret = b"12345678901234567890";
    for (second, expected) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        let at = Instant::from_micros(0).plus_seconds(second);
        assert_eq!(code(secret, step_at(at)), expected, "{second}");
        assert_eq!(matching_step(secret, expected, at, 0), Some(step_at(at)));
        assert_eq!(
            matching_step(secret, expected, at.plus_seconds(30), 0),
            Some(step_at(at))
        );
        assert_eq!(
            matching_step(secret, expected, at.plus_seconds(-30), 0),
            Some(step_at(at))
        );
        assert_eq!(
            matching_step(secret, expected, at.plus_seconds(60), 0),
            None
        );
        assert_eq!(
            matching_step(secret, expected, at, step_at(at)),
            None,
            "once"
        );
    }
    // RFC 4648 §10.
    for (plain, coded) in [
        ("", ""),
        ("f", "MY"),
        ("fo", "MZXQ"),
        ("foo", "MZXW6"),
        ("foob", "MZXW6YQ"),
        ("foobar", "MZXW6YTBOI"),
    ] {
        assert_eq!(base32(plain.as_bytes()), coded);
        assert_eq!(unbase32(coded), plain.as_bytes());
    }
    let uri = otpauth("a b@例.cn", secret);
    assert!(uri.starts_with("otpauth://totp/Kaixu:a%20b%40%E4%BE%8B%2Ecn?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Kaixu"), "{uri}");
    assert_eq!(recovery_code(&[0xff; 32]), "7777-7777-7777-7777");
}

/// A registered enterprise with a second factor: its browser, secret and recovery codes.
async fn enrolled(world: &World) -> (Browser<'_>, Vec<u8>, Vec<String>) {
    let browser = Browser::new(world);
    assert_eq!(
        browser
            .register(&uscc(1), "海角渔具有限公司", LOGIN)
            .await
            .status,
        303
    );
    let (secret, codes) = enrol(world, &browser).await;
    (browser, secret, codes)
}

pub(super) async fn enrol(world: &World, browser: &Browser<'_>) -> (Vec<u8>, Vec<String>) {
    let begun = browser
        .send(HERE, &format!("{HERE}/begin"), &[("password", PASSWORD)])
        .await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    assert!(
        begun.text().contains("<svg class=\"qr\"") && begun.header("cache-control") == "no-store"
    );
    let page = begun.text();
    let text = page
        .split("class=\"secret\">")
        .nth(1)
        .expect("a secret")
        .split('<')
        .next()
        .expect("its end");
    let secret = unbase32(text);
    let wrong = answer(browser, &begun, "confirm", "000000").await;
    assert!(
        wrong.status == 422 && wrong.text().contains(text),
        "shown until it is confirmed"
    );
    let confirmed = answer(browser, &begun, "confirm", &now_code(world, &secret)).await;
    assert_eq!(confirmed.status, 201, "{}", confirmed.text());
    let page = confirmed.text();
    assert!(!page.contains(text));
    let codes: Vec<String> = page
        .split("<li><code>")
        .skip(1)
        .map(|part| part[..19].to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    assert!(
        !browser.get(HERE).await.text().contains(text),
        "never again"
    );
    (secret, codes)
}

/// Sends the form of a page that came as an answer.
async fn answer(browser: &Browser<'_>, page: &Answer, action: &str, code: &str) -> Answer {
    let action = format!("{HERE}/{action}");
    let token = crate::support::browser::token_of(&page.text(), &action).expect("a form");
    let ours = [("origin", "http://kaixu.test")];
    browser
        .post(&action, &[("csrf", &token), ("code", code)], &ours)
        .await
}

pub(super) fn now_code(world: &World, secret: &[u8]) -> String {
    code(secret, step_at(world.services.now()))
}

/// The second page of a sign-in, sent with a code.
pub(super) async fn second(browser: &Browser<'_>, page: &Answer, code: &str) -> Answer {
    let text = page.text();
    let half = text
        .split("name=\"half\" value=\"")
        .nth(1)
        .expect("a token")
        .split('"')
        .next()
        .expect("its end")
        .to_owned();
    let token = crate::support::browser::token_of(&text, "/signin/code").expect("a form");
    let ours = [("origin", "http://kaixu.test")];
    let fields = [
        ("csrf", token.as_str()),
        ("half", &half),
        ("code", code),
        ("next", "/inbox"),
    ];
    browser.post("/signin/code", &fields, &ours).await
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn signing_in_takes_the_password_and_a_code_that_was_not_used(world) {
        let (_, secret, _) = enrolled(&world).await;
        let browser = Browser::new(&world);
        let half = browser.sign_in(LOGIN, PASSWORD).await;
        assert!(half.status == 200 && !browser.is_in().await, "the password alone opens nothing");
        assert_eq!(second(&browser, &half, &now_code(&world, &secret)).await.status, 422, "its enrolment used this code");
        pass(&world, 30);
        let used = now_code(&world, &secret);
        let opened = second(&browser, &half, &used).await;
        assert_eq!((opened.status.as_u16(), opened.header("location")), (303, "/inbox"), "{}", opened.text());
        assert!(browser.is_in().await);
        let thief = Browser::new(&world);
        let again = thief.sign_in(LOGIN, PASSWORD).await;
        assert_eq!(second(&thief, &again, &used).await.status, 422, "a code opens once");
        pass(&world, 30);
        let first = half.text().split("name=\"half\" value=\"").nth(1).expect("a token")[..64].to_owned();
        let code_now = now_code(&world, &secret);
        let replayed = ops::sessions::finish_sign_in(&world.services, &first, &code_now, ops::sessions::Browser::default()).await;
        assert!(replayed.is_err(), "so does the first step");
        // One step early or late is taken, two are not.
        let step = step_at(world.services.now());
        assert_eq!(second(&thief, &again, &code(&secret, step + 2)).await.status, 422);
        assert_eq!(second(&thief, &again, &code(&secret, step + 1)).await.status, 303);
    }

    async fn codes_are_guessed_at_under_the_same_lock_out(world) {
        let (_, secret, _) = enrolled(&world).await;
        pass(&world, 60);
        let browser = Browser::new(&world);
        let half = browser.sign_in(LOGIN, PASSWORD).await;
        for n in 1..=5 {
            assert_eq!(second(&browser, &half, "000000").await.status, 422, "{n}");
        }
        assert_eq!(second(&browser, &half, &now_code(&world, &secret)).await.status, 429, "not even the right one is looked at");
        assert_eq!(browser.sign_in(LOGIN, PASSWORD).await.status, 429, "nor the password");
        pass(&world, 60);
        assert_eq!(second(&browser, &half, "000000").await.status, 422);
        pass(&world, 119);
        assert_eq!(second(&browser, &half, "000000").await.status, 429, "it waits longer");
        pass(&world, 300);
        assert_eq!(second(&browser, &half, &now_code(&world, &secret)).await.status, 422, "the first step is over after five minutes");
        // A right password forgives no failure, and costs none: whoever has both gets in.
        let half = browser.sign_in(LOGIN, PASSWORD).await;
        assert_eq!(half.status, 200);
        assert_eq!(second(&browser, &half, "000000").await.status, 422);
        pass(&world, 239);
        assert_eq!(second(&browser, &half, &now_code(&world, &secret)).await.status, 429);
        pass(&world, 1);
        assert_eq!(second(&browser, &half, &now_code(&world, &secret)).await.status, 303);
    }

    async fn a_recovery_code_opens_once_and_new_ones_end_the_old(world) {
        let (browser, secret, codes) = enrolled(&world).await;
        let lost = Browser::new(&world);
        let typed = codes[3].to_lowercase().replace('-', " ");
        let half = lost.sign_in(LOGIN, PASSWORD).await;
        assert_eq!(second(&lost, &half, &typed).await.status, 303);
        let half = Browser::new(&world);
        let page = half.sign_in(LOGIN, PASSWORD).await;
        assert_eq!(second(&half, &page, &codes[3]).await.status, 422);
        pass(&world, 60);
        let page = browser.get(HERE).await;
        assert!(page.text().contains("：9"), "{}", page.text());
        let renewed = answer(&browser, &page, "codes", &now_code(&world, &secret)).await;
        assert_eq!(renewed.status, 201, "{}", renewed.text());
        let page = half.sign_in(LOGIN, PASSWORD).await;
        assert_eq!(second(&half, &page, &codes[4]).await.status, 422);
        pass(&world, 60);
        let page = browser.get(HERE).await;
        assert_eq!(answer(&browser, &page, "remove", "123456").await.status, 422);
        pass(&world, 60);
        assert_eq!(answer(&browser, &page, "remove", &now_code(&world, &secret)).await.status, 303);
        assert_eq!(Browser::new(&world).sign_in(LOGIN, PASSWORD).await.status, 303);
        let all = sql::dump(&world.services.db, &["recovery_codes", "audit", "half_sign_ins"]).await;
        assert!(codes.iter().all(|code| !all.contains(code.as_str()) && !all.contains(&code.replace('-', ""))));
        for what in ["secondFactorSet", "recoveryCodeUsed", "recoveryCodesRenewed", "secondFactorRemoved"] {
            assert!(all.contains(what), "{what}");
        }
    }

    async fn enrolling_takes_the_password_and_another_password_ends_a_half_sign_in(world) {
        let (browser, secret, _) = enrolled(&world).await;
        let page = browser.get(HERE).await.text();
        assert!(!page.contains("/begin"), "one that is confirmed stays");
        let account = accounts::list(&world.services, &Actor::operator("test"), "", 1).await.expect("lists")[0].clone();
        let again = accounts::second_factor::begin(&world.services, &account.id, PASSWORD).await;
        assert!(again.is_err());
        pass(&world, 60);
        let other = Browser::new(&world);
        let half = other.sign_in(LOGIN, PASSWORD).await;
        accounts::change_password(&world.services, &account.id, PASSWORD, "another long one").await.expect("changes");
        assert_eq!(second(&other, &half, &now_code(&world, &secret)).await.status, 422);
        assert!(!other.is_in().await);
        let fresh = Browser::new(&world);
        assert_eq!(fresh.register(&uscc(2), "天涯网具有限公司", "li@example.com").await.status, 303);
        assert_eq!(fresh.send(HERE, &format!("{HERE}/begin"), &[("password", "not the password")]).await.status, 422);
    }

    async fn the_office_works_only_with_a_second_factor_where_the_operator_says_so(world) {
        let access = ops::Access { office_second_factor: true, ..ops::Access::default() };
        let strict = World::beside(Services { access, ..world.services.clone() });
        let officer = member(&strict, "office@example.com", Role::Office, None).await;
        let led = officer.get("/office/accounts").await;
        assert_eq!((led.status.as_u16(), led.header("location")), (303, HERE));
        assert_eq!(officer.get("/desk/stock").await.status, 403);
        assert!(officer.get("/account").await.text().contains(HERE));
        let (secret, _) = enrol(&strict, &officer).await;
        assert_eq!(officer.get("/office/accounts").await.status, 200);
        let page = officer.get(HERE).await;
        assert!(!page.text().contains("/remove"), "it cannot be taken away");
        pass(&strict, 60);
        let listed = accounts::list(&strict.services, &Actor::operator("test"), "", 9).await.expect("lists");
        let id = listed[0].id.clone();
        assert!(accounts::second_factor::remove(&strict.services, &id, &now_code(&strict, &secret)).await.is_err());
        // Others need none.
        let enterprise = Browser::new(&strict);
        assert_eq!(enterprise.register(&uscc(1), "海角渔具有限公司", LOGIN).await.status, 303);
        assert_eq!(enterprise.get("/account/keys").await.status, 200);
    }

    async fn an_officer_resets_another_persons_second_factor_and_nobody_their_own(world) {
        let (browser, ..) = enrolled(&world).await;
        let officer = member(&world, "office@example.com", Role::Office, None).await;
        let people = accounts::list(&world.services, &Actor::operator("test"), "", 9).await.expect("lists");
        let of = |login: &str| people.iter().find(|a| a.login.as_str() == login).expect("is there").id.to_string();
        let reset = async |login: &str| {
            let fields = [("what", "resetSecondFactor"), ("account", &of(login))].map(|(n, v)| (n, v.to_owned()));
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            officer.send("/office/accounts", "/office/accounts/decide", &fields).await
        };
        assert_eq!(reset(LOGIN).await.status, 303);
        assert!(!browser.is_in().await, "whoever has the phone is out");
        assert_eq!(Browser::new(&world).sign_in(LOGIN, PASSWORD).await.status, 303);
        assert_eq!(reset("office@example.com").await.status, 422);
        let told = sql::texts(&world.services.db, "select actor from audit where what = 'secondFactorReset'").await;
        assert_eq!(told, [format!("account:{}", of("office@example.com"))]);
        let enterprise = people.iter().find(|a| a.login.as_str() == LOGIN).expect("is there");
        let actor = Actor { role: Role::Enterprise, ..Actor::operator("account:x") };
        assert!(accounts::second_factor::reset(&world.services, &actor, &enterprise.id).await.is_err());
    }
}
