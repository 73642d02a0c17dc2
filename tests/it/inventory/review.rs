//! The review from the inventor over the unit to the holder: steps, returns, terms, duties; what waits for whom.

use axum::http::Method;
use kaixu::{
    domain::{
        access::{Actor, Denied, Role, Scope},
        id::Id,
        review::{Duty, Reach, RecordStep},
    },
    ops::{
        Error,
        accounts::{self, NewInvitation},
        reviews::{self, NewStep},
    },
};
use serde_json::{Value, json};

use super::{edit, full, holding};
use crate::{
    on_both_at,
    support::{
        browser::{Browser, PASSWORD},
        http::Answer,
        market::Market,
        sql,
    },
};

/// A member of the university with a duty, signed in, and the account's id.
async fn member<'a>(market: &Market<'a>, name: &str, duty: Duty) -> (Browser<'a>, String) {
    let login = format!("{name}@blue.example.com");
    let new = NewInvitation {
        login: login.clone(),
        name: format!("{name}老师"),
        role: Role::Holder,
        organisation: Some(market.university.id.to_string()),
        duty,
    };
    let made = accounts::invite(&market.world.services, &Actor::operator("test"), new).await;
    let link = format!("/invitation/{}", made.expect("invites").token.reveal());
    let browser = Browser::new(market.world);
    let fields = [("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(browser.send(&link, &link, &fields).await.status, 303);
    let query = format!("select id from accounts where login = '{login}'");
    let id = sql::texts(&market.world.services.db, &query)
        .await
        .remove(0);
    (browser, id)
}

fn reviewer(unit: &str) -> Duty {
    Duty::UnitReviewer {
        units: vec![unit.into()],
    }
}

/// Sets the university's rules.
async fn rules(market: &Market<'_>, body: &Value) {
    let path = format!("/v1/reviews/{}", market.university.id);
    let set = market
        .change(Method::PUT, &path, &path, &market.holder_key, body)
        .await;
    assert_eq!(set.status, 200, "{}", set.text());
}

/// A second passes: steps stand in the order of time.
fn later(market: &Market<'_>) {
    let clock = &market.world.services.clock;
    clock.set(clock.now().plus_seconds(1));
}

/// Takes a step as the holder's key.
async fn step(market: &Market<'_>, id: &str, body: &Value) -> Answer {
    let record = format!("/v1/inventory/{id}");
    let path = format!("{record}/steps");
    later(market);
    market
        .change(Method::POST, &path, &record, &market.holder_key, body)
        .await
}

/// Takes a step on the page.
async fn press(
    browser: &Browser<'_>,
    market: &Market<'_>,
    id: &str,
    step: &str,
    note: &str,
) -> u16 {
    let read = market
        .read(&format!("/v1/inventory/{id}"), &market.holder_key)
        .await;
    let version = read["version"].to_string();
    later(market);
    let page = format!("/desk/inventory/{id}");
    let fields = [
        ("version", version.as_str()),
        ("step", step),
        ("note", note),
    ];
    browser
        .send(&page, &format!("{page}/steps"), &fields)
        .await
        .status
        .as_u16()
}

/// What a step is refused with to whoever's hand reaches so far.
async fn tried(market: &Market<'_>, reach: Reach, id: &str, step: RecordStep) -> Error {
    let actor = Actor {
        role: Role::Holder,
        name: "key:test".into(),
        organisation: Some(market.university.id.clone()),
        scopes: Scope::ALL.into(),
        reach,
    };
    let new = NewStep { step, note: None };
    let id = Id::parse(id).expect("an id");
    let done = reviews::step(&market.world.services, &actor, &id, 2, new).await;
    done.expect_err("is refused")
}

async fn state(market: &Market<'_>, id: &str) -> String {
    let read = market
        .read(&format!("/v1/inventory/{id}"), &market.office_key)
        .await;
    read["state"].as_str().expect("a state").to_owned()
}

/// A patent of a unit with the six items answered; returns its holding.
async fn filled(market: &Market<'_>, unit: &str) -> String {
    let held = holding(market, market.patent().await.as_str()).await;
    let path = format!("/v1/holdings/{held}");
    let body = json!({ "unit": unit, "conversion": "unused" });
    assert_eq!(
        market
            .change(Method::PATCH, &path, &path, &market.holder_key, &body)
            .await
            .status,
        200
    );
    assert_eq!(edit(market, &held, &full()).await.status, 200);
    held
}

on_both_at! { "2026-03-02T01:00:00Z";
    async fn a_record_goes_from_the_inventor_over_the_unit_to_the_holder_with_its_course_and_terms(world) {
        let market = Market::new(&world).await;
        rules(&market, &json!({ "steps": 3, "fillDays": 30, "unitDays": 10, "holderDays": 5, "publishAfterReview": false })).await;
        let held = filled(&market, "海洋学院").await;
        let (inventor, account) = member(&market, "zhang", Duty::Inventor).await;
        let (college, _) = member(&market, "hai", reviewer("海洋学院")).await;
        let (stranger, _) = member(&market, "ji", reviewer("机械学院")).await;
        // Nothing is the inventor's before it is assigned.
        let page = format!("/desk/inventory/{held}");
        assert_eq!(inventor.get(&page).await.status, 404);
        assert_eq!(stranger.get(&page).await.status, 404);
        let given = edit(&market, &held, &json!({ "assignee": account })).await.json();
        assert_eq!((&given["assignee"], &given["dueOn"]), (&json!(account), &json!("2026-04-01")));
        assert!(inventor.get("/desk/review").await.text().contains(&held));
        assert!(!stranger.get("/desk/review?state=all").await.text().contains(&held));
        assert_eq!(press(&inventor, &market, &held, "approve", "").await, 403);
        assert_eq!(press(&inventor, &market, &held, "submit", "请审核").await, 303);
        let closed = tried(&market, Reach::Assigned(Id::parse(&account).expect("an id")), &held, RecordStep::Submit).await;
        assert!(matches!(closed, Error::Denied(Denied::Duty)), "it is out of the inventor's hands: {closed}");
        let unseen = tried(&market, Reach::Units(vec!["机械学院".into()]), &held, RecordStep::Approve).await;
        assert!(matches!(unseen, Error::NotFound("inventory")), "{unseen}");
        assert_eq!(press(&college, &market, &held, "register", "").await, 403);
        assert_eq!(press(&college, &market, &held, "return", "").await, 422, "without a reason");
        assert_eq!(press(&college, &market, &held, "return", "场景写得太笼统").await, 303);
        let returned = inventor.get(&page).await.text();
        assert!(returned.contains("场景写得太笼统") && returned.contains("hai老师") && returned.contains("已退回"), "{returned}");
        assert_eq!(press(&inventor, &market, &held, "submit", "").await, 303);
        assert!(college.get("/desk/review").await.text().contains(&held));
        step(&market, &held, &json!({ "step": "register" })).await.problem(409, "recordState");
        assert_eq!(press(&college, &market, &held, "approve", "").await, 303);
        let tasks = market.read("/v1/tasks?kind=recordReview", &market.holder_key).await;
        assert_eq!((&tasks["total"], &tasks["items"][0]["dueOn"], &tasks["items"][0]["overdue"]), (&json!(1), &json!("2026-03-07"), &json!(false)));
        market.on("2026-03-08");
        let late = market.read("/v1/tasks?kind=recordReview", &market.holder_key).await;
        assert_eq!(late["items"][0]["overdue"], true);
        assert_eq!(market.read("/v1/inventory?overdue=true", &market.holder_key).await["total"], 1);
        assert_eq!(step(&market, &held, &json!({ "step": "register" })).await.status, 200);
        assert_eq!(state(&market, &held).await, "registered");
        assert_eq!(market.read("/v1/tasks", &market.holder_key).await["total"], 0);
        let course = market.read(&format!("/v1/inventory/{held}/steps"), &market.office_key).await;
        let steps: Vec<_> = course["items"].as_array().expect("steps").iter().map(|s| s["step"].clone()).collect();
        assert_eq!(steps, ["submit", "return", "submit", "approve", "register"]);
        assert_eq!(course["items"][0]["name"], "zhang老师");
    }

    async fn an_incomplete_record_goes_nowhere_and_one_step_is_enough_where_the_holder_says_so(world) {
        let market = Market::new(&world).await;
        let held = holding(&market, market.patent().await.as_str()).await;
        step(&market, &held, &json!({ "step": "register" })).await.problem(409, "recordIncomplete");
        step(&market, &held, &json!({ "step": "submit" })).await.problem(409, "recordState");
        let done = filled(&market, "海洋学院").await;
        assert_eq!(step(&market, &done, &json!({ "step": "register" })).await.status, 200);
        assert_eq!(market.read("/v1/inventory?state=registered", &market.holder_key).await["total"], 1);
        let path = format!("/v1/reviews/{}", market.university.id);
        let wrong = json!({ "steps": 4, "publishAfterReview": false });
        market.change(Method::PUT, &path, &path, &market.holder_key, &wrong).await.problem(422, "invalid");
    }

    async fn a_narrower_duty_opens_nothing_else_of_the_organisations_own(world) {
        let market = Market::new(&world).await;
        let held = filled(&market, "海洋学院").await;
        let other = filled(&market, "机械学院").await;
        let (inventor, account) = member(&market, "zhang", Duty::Inventor).await;
        let (college, _) = member(&market, "hai", reviewer("海洋学院")).await;
        edit(&market, &held, &json!({ "assignee": account })).await;
        for browser in [&inventor, &college] {
            for closed in ["/desk/stock", "/desk/imports", "/desk/tasks", "/desk/review/settings"] {
                let answer = browser.get(closed).await;
                assert_eq!(answer.status, 403, "{closed}: {}", answer.text());
            }
            assert_eq!(browser.get("/desk").await.status, 303);
            let list = browser.get("/desk/review?state=all").await.text();
            assert!(list.contains(&held) && !list.contains(&other), "{list}");
            assert_eq!(browser.get(&format!("/desk/inventory/{held}")).await.status, 200);
            assert_eq!(browser.get(&format!("/desk/inventory/{other}")).await.status, 404);
        }
        // The unit may say who fills it in, the inventor may not.
        let page = format!("/desk/inventory/{held}");
        let version = market.read(&format!("/v1/inventory/{held}"), &market.holder_key).await["version"].to_string();
        let fields = [("version", version.as_str()), ("conversion", "ownUse"), ("assigns", "yes"), ("assignee", "")];
        assert_eq!(inventor.send(&page, &page, &fields).await.status, 403);
        let kept = market.read(&format!("/v1/inventory/{held}"), &market.holder_key).await;
        assert_eq!((&kept["assignee"], &kept["conversion"]), (&json!(account), &json!("unused")), "all or nothing");
        // Somebody of another organisation fills nothing in.
        let problem = edit(&market, &other, &json!({ "assignee": market.university.id })).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], "unknownMember");
    }

    async fn with_publication_after_review_a_confirmed_patent_is_public_once_registered(world) {
        let market = Market::new(&world).await;
        let before = filled(&market, "海洋学院").await;
        rules(&market, &json!({ "steps": 1, "publishAfterReview": true })).await;
        let held = filled(&market, "海洋学院").await;
        let public = async |id: &str| world.get(&format!("/v1/holdings/{id}")).await.status == 200;
        assert!(public(&before).await, "what was public stays so");
        assert!(!public(&held).await);
        let path = format!("/v1/holdings/{held}");
        let early = market.change(Method::PATCH, &path, &path, &market.holder_key, &json!({ "published": true })).await;
        assert_eq!(early.problem(422, "invalid")["errors"][0]["code"], "reviewFirst");
        assert_eq!(step(&market, &held, &json!({ "step": "register" })).await.status, 200);
        assert!(public(&held).await);
    }

    async fn the_holders_officer_sets_the_rules_and_invites_members_on_a_page(world) {
        let market = Market::new(&world).await;
        let (officer, _) = member(&market, "li", Duty::Officer).await;
        let page = "/desk/review/settings";
        let fields = [("form", "rules"), ("version", "1"), ("steps", "3"), ("fillDays", "30"), ("publishAfterReview", "yes")];
        assert_eq!(officer.send(page, page, &fields).await.status, 303);
        let kept = market.read(&format!("/v1/reviews/{}", market.university.id), &market.holder_key).await;
        assert_eq!((&kept["steps"], &kept["fillDays"], &kept["publishAfterReview"]), (&json!(3), &json!(30), &json!(true)));
        let invite = [("form", "invite"), ("login", "wang@blue.example.com"), ("name", "王老师"), ("duty", "unitReviewer"), ("units", "海洋学院\n化学学院")];
        let made = officer.send(page, page, &invite).await.text();
        let link = made.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a link");
        let joined = Browser::new(&world);
        let fields = [("password", PASSWORD), ("again", PASSWORD)];
        assert_eq!(joined.send(link, link, &fields).await.status, 303);
        assert!(joined.get("/desk/review").await.text().contains("学院审核人：海洋学院、化学学院"));
        assert!(officer.get(page).await.text().contains("王老师"));
        let nothing = [("form", "invite"), ("login", "x@blue.example.com"), ("name", "某老师"), ("duty", "unitReviewer"), ("units", " ")];
        assert_eq!(officer.send(page, page, &nothing).await.status, 422);
        assert_eq!(joined.get(page).await.status, 403);
    }
}
