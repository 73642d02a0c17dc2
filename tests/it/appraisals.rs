//! What could be done with each patent of a stock: the reasons follow from the inputs that are shown, the sums from the
//! whole stock; nobody else sees any of it, and nothing happens by it.

use axum::http::Method;
use kaixu::domain::{access::Role, codes::AppNo};
use serde_json::{Value, json};

use crate::{
    desk::member,
    on_both_at,
    support::{
        World,
        market::{Market, lump},
    },
};

async fn grade(market: &Market<'_>, number: &AppNo, body: &Value) {
    let listed = market
        .read(&format!("/v1/inventory?q={number}"), &market.holder_key)
        .await;
    let path = format!(
        "/v1/inventory/{}",
        listed["items"][0]["holding"].as_str().expect("an id")
    );
    let done = market
        .change(Method::PATCH, &path, &path, &market.holder_key, body)
        .await;
    assert_eq!(done.status, 200, "{}", done.text());
}

async fn profile(market: &Market<'_>, number: &AppNo) -> Value {
    market
        .read(
            &format!("/v1/patents/{number}/appraisal"),
            &market.holder_key,
        )
        .await
}

fn grounds(profile: &Value) -> Vec<&str> {
    let all = profile["grounds"].as_array().expect("grounds").iter();
    all.map(|ground| {
        assert!(ground["text"].as_str().is_some_and(|text| !text.is_empty()));
        ground["ground"].as_str().expect("a ground")
    })
    .collect()
}

async fn need(world: &World, market: &Market<'_>) {
    let need = json!({ "title": "渔网清洗装置", "text": "想找渔网清洗装置，养殖网箱用，不用起网就能清洗。" });
    let made = market.post("/v1/needs", &market.maker_key, &need).await;
    let address = made.header("location").to_owned();
    let path = format!("{address}/steps");
    let opened = market
        .change(
            Method::POST,
            &path,
            &address,
            &market.maker_key,
            &json!({ "step": "open" }),
        )
        .await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    world.indexed().await;
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_suggestion_follows_from_its_inputs_and_the_sums_from_the_stock(world) {
        let market = Market::new(&world).await;
        let (poor, plain, offered) = (market.patent().await, market.patent().await, market.patent().await);
        grade(&market, &poor, &json!({ "grade": "2" })).await;
        market.announced(&offered, &lump(100)).await;
        world.indexed().await;
        let one = profile(&market, &poor).await;
        assert_eq!((&one["suggestion"], &one["yearlyFen"]), (&json!("abandon"), &json!(200_000)), "{one}");
        assert_eq!(grounds(&one), ["noDemand", "gradeLow", "termLong", "costly"]);
        assert_eq!((&one["inputs"]["grade"], &one["inputs"]["needs"], &one["similarOwn"]), (&json!(2), &json!(0), &json!(2)), "{one}");
        assert_eq!(grounds(&profile(&market, &offered).await), ["onOffer"]);
        let listed = market.read("/v1/appraisals", &market.holder_key).await;
        let sum = |suggestion: &str| {
            let all = listed["sums"].as_array().expect("sums").iter();
            let of = all.clone().find(|sum| sum["suggestion"] == suggestion).expect("a sum");
            (of["count"].clone(), of["yearlyFen"].clone())
        };
        assert_eq!(sum("abandon"), (json!(1), json!(200_000)), "{listed}");
        assert_eq!((sum("maintain").0, &listed["total"]), (json!(2), &json!(3)));
        let narrowed = market.read("/v1/appraisals?suggestion=maintain&limit=1", &market.holder_key).await;
        assert_eq!((&narrowed["total"], &narrowed["items"][0]["number"]), (&json!(2), &json!(plain)), "{narrowed}");
        let next = narrowed["next"].as_str().expect("a next page");
        let rest = market.read(&format!("/v1/appraisals?suggestion=maintain&limit=1&after={next}"), &market.holder_key).await;
        assert_eq!((&rest["items"][0]["number"], rest.get("next")), (&json!(offered), None), "{rest}");
        // English for those who ask for it.
        let path = format!("/v1/patents/{poor}/appraisal");
        let english = world.ask(Method::GET, &path).key(&market.holder_key).header("accept-language", "en").send().await.json();
        assert!(english["grounds"][0]["text"].as_str().is_some_and(str::is_ascii), "{english}");
    }

    async fn open_needs_turn_a_poor_grade_into_an_offer_and_a_wish_to_sell_into_a_sale(world) {
        let market = Market::new(&world).await;
        let (poor, sale) = (market.patent().await, market.patent().await);
        grade(&market, &poor, &json!({ "grade": "1" })).await;
        grade(&market, &sale, &json!({ "grade": "3", "ways": ["assignment"] })).await;
        need(&world, &market).await;
        let one = profile(&market, &poor).await;
        assert_eq!((&one["suggestion"], &one["inputs"]["needs"]), (&json!("openLicence"), &json!(1)), "{one}");
        let two = profile(&market, &sale).await;
        assert_eq!(two["suggestion"], "sell", "{two}");
        assert!(grounds(&two).contains(&"saleWanted"));
    }

    async fn nobody_else_sees_a_suggestion_and_nothing_happens_by_it(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        world.indexed().await;
        let before = market.read("/v1/changes?limit=200", &market.office_key).await["items"].as_array().map(Vec::len);
        let path = format!("/v1/patents/{number}/appraisal");
        profile(&market, &number).await;
        let red = world.organisation("红崖学院").await;
        let other = world.key(Role::Holder, Some(&red)).await;
        let named = format!("{path}?organisation={}", market.university.uscc);
        for (key, path, status) in [
            (None, &path, 401),
            (Some(&other), &path, 404),
            (Some(&other), &named, 403),
            (Some(&market.maker_key), &named, 403),
            (Some(&market.office_key), &named, 200),
        ] {
            let asking = world.ask(Method::GET, path);
            let asking = match key {
                Some(key) => asking.key(key),
                None => asking,
            };
            assert_eq!(asking.send().await.status.as_u16(), status, "{path}");
        }
        let after = market.read("/v1/changes?limit=200", &market.office_key).await["items"].as_array().map(Vec::len);
        assert_eq!(after, before.map(|count| count + 1), "the other organisation alone");
    }

    async fn the_desk_lists_suggestions_and_the_record_shows_the_profile(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        grade(&market, &number, &json!({ "grade": "5" })).await;
        world.indexed().await;
        let uscc = market.university.uscc.as_str();
        let browser = member(&world, "li@blue.example.com", Role::Holder, Some(uscc)).await;
        let list = browser.get("/desk/appraisals?suggestion=openLicence").await.text();
        assert!(list.contains("自评转化前景好或较好") && list.contains(&number.zl()), "{list}");
        let holdings = market.read("/v1/holdings?limit=10", &market.holder_key).await;
        let id = holdings["items"][0]["id"].as_str().expect("an id").to_owned();
        let record = browser.get(&format!("/desk/inventory/{id}")).await.text();
        for said in ["自评与画像", "五级：转化前景好", "剩余保护期", "一年维持成本约", "不会自动执行"] {
            assert!(record.contains(said), "{said}: {record}");
        }
        let public = world.get(&format!("/patents/{number}")).await.text();
        assert!(!public.contains("自评") && !public.contains("维持成本"), "{public}");
    }
}
