//! Who may do what before and after a check; delegation within its days; officers' work.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::json;

use super::entering::{member, uscc};
use crate::support::browser::{Browser, PASSWORD, token_of};
use crate::{
    on_both_at,
    support::{
        World,
        market::{Market, id_of, lump},
        sql,
    },
};

/// Sends a form with a small file.
async fn upload(
    browser: &Browser<'_>,
    page: &str,
    action: &str,
    fields: &[(&str, &str)],
) -> crate::support::http::Answer {
    let file = (
        "file",
        "执照.pdf",
        "application/pdf",
        b"%PDF-1.7 x".to_vec(),
    );
    browser.upload(page, action, fields, &[file]).await
}

/// Gives notice through the operation, as whoever is signed in.
async fn notice(
    browser: &Browser<'_>,
    declaration: &str,
) -> kaixu::ops::Result<kaixu::domain::licence::Licence> {
    let services = &browser.world.services;
    let token = browser.cookie("kaixu").expect("signed in");
    let (who, _) = kaixu::ops::sessions::find(services, &token, false)
        .await
        .expect("reads")
        .expect("signed in");
    let new = kaixu::ops::licences::NewNotice {
        declaration: kaixu::domain::id::Id::parse(id_of(declaration)).expect("an id"),
        licensee: None,
        acknowledged: Vec::new(),
        cross_border: false,
        related: None,
        seen: None,
    };
    let made = kaixu::ops::licences::create(services, &who.actor, None, new).await?;
    Ok(made.record.value)
}

async fn officer(world: &World) -> Browser<'_> {
    member(world, "office@example.com", Role::Office, None).await
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn an_enterprise_gives_notice_once_its_licence_is_uploaded(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(100)).await;
        let browser = Browser::new(&world);
        browser.register(&uscc(1), "远帆渔具有限公司", "wang@example.com").await;
        assert_eq!(browser.get("/patents").await.status, 200);
        let refused = notice(&browser, &declaration).await.expect_err("not verified");
        assert_eq!(refused.code(), "partyUnverified");
        assert!(refused.text().zh.contains("营业执照"), "{refused:?}");
        assert!(browser.get("/account").await.text().contains("尚未核验"));
        let answer = upload(&browser, "/account", "/account/licence", &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let public = world.get(&format!("/v1/organisations/{}", uscc(1))).await.json();
        assert!(public.get("unverified").is_none() && public["businessLicence"]["id"].is_string(), "{public}");
        let licence = notice(&browser, &declaration).await.expect("gives notice");
        assert_eq!(licence.licensee.organisation().map(ToString::to_string).as_deref(), public["id"].as_str());
        let file = format!("/v1/files/{}", public["businessLicence"]["id"].as_str().expect("an id"));
        world.ask(Method::GET, &file).key(&market.holder_key).send().await.problem(404, "notFound");
        assert_eq!(world.ask(Method::GET, &file).key(&market.office_key).send().await.status, 200);
        // An officer takes it back; another upload does not undo that.
        let path = format!("/v1/organisations/{}", public["id"].as_str().expect("an id"));
        let to = format!("{path}/verification");
        market.change(Method::PUT, &to, &path, &market.holder_key, &json!({ "verified": false })).await.problem(403, "roleNotAllowed");
        assert_eq!(market.change(Method::PUT, &to, &path, &market.office_key, &json!({ "verified": false })).await.status, 200);
        assert_eq!(upload(&browser, "/account", "/account/licence", &[]).await.status, 303);
        assert_eq!(world.get(&path).await.json()["unverified"], true);
        let key = market.world.services.clone();
        assert!(kaixu::ops::verify::verify(&key).await.expect("runs").is_ok());
    }

    async fn the_api_refuses_an_unverified_party_and_says_how_to_cure_it(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(100)).await;
        let path = format!("/v1/organisations/{}", market.maker.id);
        let to = format!("{path}/verification");
        market.change(Method::PUT, &to, &path, &market.office_key, &json!({ "verified": false })).await;
        let problem = market.notice(&declaration, &market.maker_key).await.problem(403, "partyUnverified");
        assert!(problem["errors"][0]["cure"].as_str().is_some_and(|cure| cure.contains("主管部门")), "{problem}");
        market.change(Method::PUT, &to, &path, &market.office_key, &json!({ "verified": true })).await;
        assert_eq!(market.notice(&declaration, &market.maker_key).await.status, 201);
        let messages = market.read("/v1/messages", &market.maker_key).await;
        let kinds: Vec<_> = messages["items"].as_array().expect("items").iter().map(|m| m["kind"].clone()).collect();
        assert_eq!(kinds, ["partyVerified", "partyUnverified"]);
    }

    async fn an_individual_gives_notice_for_itself_and_is_named_to_nobody_in_public(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let browser = Browser::new(&world);
        let fields = [("as", "individual"), ("name", "王小渔"), ("login", "13000000000"), ("password", PASSWORD), ("again", PASSWORD)];
        assert_eq!(browser.send("/register", "/register", &fields).await.status, 303);
        assert_eq!(notice(&browser, &declaration).await.expect_err("not checked").code(), "partyUnverified");
        let office = officer(&world).await;
        let page = office.get("/office/accounts").await.text();
        assert!(page.contains("王小渔"), "{page}");
        let id = page.split("name=\"individual\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id").to_owned();
        let fields = [("individual", id.as_str()), ("verified", "true")];
        assert_eq!(browser.send("/account", "/account/contact", &[("name", "王小渔")]).await.status, 303);
        assert_eq!(office.send("/office/accounts", "/office/individuals", &fields).await.status, 303);
        let licence = notice(&browser, &declaration).await.expect("gives notice");
        assert_eq!(licence.licensee.id().to_string(), id);
        assert_eq!(market.counted().await, 1);
        let path = format!("/v1/licences/{}", licence.id);
        for path in [path.as_str(), "/v1/licences", "/v1/progress/items", "/v1/changes", "/v1/snapshots/latest", "/v1/organisations"] {
            let public = world.get(path).await.text();
            assert!(!public.contains("王小渔") && !public.contains("13000000000"), "{path}: {public}");
        }
        let again = notice(&browser, &declaration).await.expect_err("one is enough");
        assert_eq!(again.code(), "licenceExists");
        // Whoever leaves takes the name along, but not out of a licence.
        let erase = async |browser: &Browser<'_>| {
            browser.send("/account/erase", "/account/erase", &[("password", PASSWORD)]).await.status
        };
        assert_eq!(erase(&browser).await, 303);
        let other = Browser::new(&world);
        let fields = [("as", "individual"), ("name", "李小网"), ("login", "13000000001"), ("password", PASSWORD), ("again", PASSWORD)];
        assert_eq!(other.send("/register", "/register", &fields).await.status, 303);
        assert_eq!(erase(&other).await, 303);
        let left = sql::texts(&world.services.db, "select name from individuals order by name").await;
        assert_eq!(left, ["—", "王小渔"]);
        assert!(!office.get("/office/accounts").await.text().contains("李小网"));
    }

    async fn an_officer_lets_a_waiting_account_act_for_its_organisation(world) {
        let known = world.organisation("海角渔具有限公司").await;
        let browser = Browser::new(&world);
        browser.register(known.uscc.as_str(), "随便什么", "wang@example.com").await;
        assert!(browser.get("/account").await.text().contains("待核验"));
        assert_eq!(browser.get("/inbox").await.status, 403);
        let office = officer(&world).await;
        let page = office.get("/office/accounts").await.text();
        assert!(page.contains("申请代表：海角渔具有限公司"), "{page}");
        let id = sql::text(&world.services.db, "select id from accounts where state = 'waiting'").await;
        // Refused and let in again, it waits as before.
        for what in ["disable", "enable"] {
            let fields = [("what", what), ("account", id.as_str())];
            assert_eq!(office.send("/office/accounts", "/office/accounts/decide", &fields).await.status, 303);
        }
        browser.sign_in_if_out("wang@example.com").await;
        assert_eq!(browser.get("/inbox").await.status, 403);
        let fields = [("what", "approve"), ("account", id.as_str())];
        let forged = browser.post("/office/accounts/decide", &fields, &[]).await;
        assert_eq!(forged.status, 403);
        assert_eq!(office.send("/office/accounts", "/office/accounts/decide", &fields).await.status, 303);
        assert_eq!(browser.get("/inbox").await.status, 200);
        let told = office.get("/inbox").await.text();
        assert!(told.contains("海角渔具有限公司"), "{told}");
        assert_eq!(browser.get("/office/accounts").await.status, 403);
        let own = sql::text(&world.services.db, "select id from accounts where role = 'office'").await;
        let fields = [("what", "disable"), ("account", own.as_str())];
        assert_eq!(office.send("/office/accounts", "/office/accounts/decide", &fields).await.status, 422, "not oneself");
    }

    async fn a_principal_gives_the_authority_online_and_nobody_gives_it_for_another(world) {
        let principal = world.organisation("蓝湾大学").await;
        let holder = member(&world, "li@example.com", Role::Holder, Some(principal.uscc.as_str())).await;
        let agency = Browser::new(&world);
        agency.register(&uscc(1), "恒信专利代理有限公司", "agent@example.com").await;
        let days = [("agency", uscc(1)), ("from", "2026-03-02".into()), ("until", "2026-03-10".into())];
        let mut fields: Vec<(&str, &str)> = days.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let given = holder.upload("/account", "/account/delegations", &fields, &[]).await;
        assert_eq!(given.status, 303, "{}", given.text());
        let file = sql::text(&world.services.db, "select id from files where name like '委托书%'").await;
        for browser in [&holder, &agency] {
            let letter = browser.get(&format!("/files/{file}")).await.text();
            assert!(letter.contains("委托人：蓝湾大学") && letter.contains("受托人：恒信专利代理有限公司") && letter.contains("自 2026-03-02 至 2026-03-10"), "{letter}");
        }
        assert!(agency.get("/inbox").await.text().contains("代理关系已登记"));
        assert_eq!(agency.send("/account", "/account/act", &[("principal", &principal.id.to_string())]).await.status, 303);
        // An officer records what a document says, and gives nothing for others.
        let office = member(&world, "office@example.com", Role::Office, None).await;
        fields.push(("principal", principal.uscc.as_str()));
        let refused = office.upload("/office/accounts", "/account/delegations", &fields, &[]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("请上传委托书"), "{}", refused.text());
    }

    async fn an_agency_acts_for_its_principal_within_the_days_and_until_revoked(world) {
        let principal = world.organisation("蓝湾大学").await;
        let holder = member(&world, "li@example.com", Role::Holder, Some(principal.uscc.as_str())).await;
        let agency = Browser::new(&world);
        agency.register(&uscc(1), "恒信专利代理有限公司", "agent@example.com").await;
        let days = [("agency", uscc(1)), ("from", "2026-03-05".into()), ("until", "2026-03-10".into())];
        let fields: Vec<(&str, &str)> = days.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let answer = upload(&holder, "/account", "/account/delegations", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert!(agency.get("/inbox").await.text().contains("代理关系已登记"));
        let id = principal.id.to_string();
        let act = |who: String| {
            let agency = &agency;
            async move {
                let token = {
                    let page = agency.get("/account").await.text();
                    token_of(&page, "/account/act")
                };
                match token {
                    Some(token) => agency.post("/account/act", &[("principal", &who), ("csrf", &token)], &[]).await.status.as_u16(),
                    None => 0,
                }
            }
        };
        assert_eq!(act(id.clone()).await, 0, "not yet");
        let clock = &world.services.clock;
        let on = |day: &str| clock.set(kaixu::domain::time::Instant::start_of(day.parse().expect("a day")));
        on("2026-03-05");
        agency.sign_in_if_out("agent@example.com").await;
        let own_form = agency.token("/account", "/account/contact").await;
        assert_eq!(act(id.clone()).await, 303);
        let fields = [("name", "另一人"), ("csrf", own_form.as_str())];
        let late = agency.post("/account/contact", &fields, &[("origin", "http://kaixu.test")]).await;
        assert_eq!(late.status, 403, "a form opened for oneself does nothing for another");
        let page = agency.get("/account").await.text();
        assert!(page.contains("正在代表：") && page.contains("蓝湾大学"), "{page}");
        assert_eq!(actor(&agency).await.organisation, Some(principal.id.clone()));
        assert_eq!(actor(&agency).await.role, Role::Holder);
        // Whoever acts for another hands nothing on.
        assert!(token_of(&page, "/account/delegations").is_none());
        for day in 6..=10 {
            let midnight = kaixu::domain::time::Instant::start_of(format!("2026-03-{day:02}").parse().expect("a day"));
            clock.set(midnight.plus_seconds(-7_200));
            assert!(agency.is_in().await);
            clock.set(midnight);
            assert_eq!(actor(&agency).await.organisation, Some(principal.id.clone()), "{day}");
        }
        let end = kaixu::domain::time::Instant::start_of("2026-03-11".parse().expect("a day"));
        clock.set(end.plus_seconds(-1));
        assert!(agency.is_in().await);
        clock.set(end);
        let own = actor(&agency).await;
        assert_eq!(own.role, Role::Enterprise);
        assert_ne!(own.organisation, Some(principal.id.clone()), "over");
        let rows = sql::dump(&world.services.db, &["audit"]).await;
        assert!(rows.contains("delegationRecorded") && rows.contains("actsFor"), "{rows}");
    }
}

async fn actor(browser: &Browser<'_>) -> kaixu::domain::access::Actor {
    let token = browser.cookie("kaixu").expect("signed in");
    let found = kaixu::ops::sessions::find(&browser.world.services, &token, false).await;
    found.expect("reads").expect("signed in").0.actor
}
