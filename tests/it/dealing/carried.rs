//! Royalty reports, dues and payments, follow-ups, the relation of the sides; who sees them and who is reminded.

use axum::http::Method;
use serde_json::json;

use super::{declared, messages, reminded, share, taken, taken_paid, tasks};
use crate::{
    on_both_at,
    support::market::{Market, lump},
};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_royalty_is_reported_and_its_due_follows_from_the_terms(world) {
        let market = Market::new(&world).await;
        let licence = taken(&market, &share()).await;
        let path = format!("{licence}/royalty-reports");
        let body = json!({ "from": "2026-03-02", "to": "2027-03-01", "figureFen": 100_000_000 });
        market.post(&path, &market.maker_key, &body).await.problem(422, "dayInFuture");
        assert!(tasks(&market, "royaltyReportDue", &market.maker_key).await.is_empty());
        market.on("2027-03-02");
        let waiting = tasks(&market, "royaltyReportDue", &market.maker_key).await;
        assert_eq!((waiting.len(), &waiting[0]["dueOn"], &waiting[0]["overdue"]), (1, &json!("2027-03-31"), &json!(false)), "{waiting:?}");
        // Late, it is the holder's to know of and everybody is told once.
        market.on("2027-04-01");
        let late = tasks(&market, "royaltyReportDue", &market.holder_key).await;
        assert_eq!((late.len(), &late[0]["overdue"]), (1, &json!(true)), "{late:?}");
        assert!(reminded(&world).await > 0);
        assert_eq!(reminded(&world).await, 0, "a reminder is given once");
        assert!(messages(&market, "overdue", &market.maker_key).await > 0);
        assert!(messages(&market, "overdue", &market.holder_key).await > 0);
        let odd = json!({ "from": "2026-03-02", "to": "2026-12-31", "figureFen": 1 });
        market.post(&path, &market.maker_key, &odd).await.problem(422, "periodUnknown");
        let below = json!({ "from": "2026-03-02", "to": "2027-03-01", "figureFen": -1 });
        market.post(&path, &market.maker_key, &below).await.problem(422, "outOfRange");
        // The figure is the licensee's to tell; nobody else learns that there is anything.
        market.post(&path, &market.holder_key, &body).await.problem(403, "notYours");
        market.post(&path, &market.trader_key, &body).await.problem(404, "notFound");
        let told = market.post(&path, &market.maker_key, &body).await;
        assert_eq!(told.status, 201, "{}", told.text());
        let told = told.json();
        assert_eq!((&told["account"][0]["amountFen"], &told["account"][0]["overdue"]), (&json!(3_000_000), &json!(true)), "{told}");
        assert_eq!(told["performance"]["reports"][0]["dueFen"], 3_000_000, "{told}");
        assert!(tasks(&market, "royaltyReportDue", &market.maker_key).await.is_empty());
        let owed = tasks(&market, "paymentDue", &market.maker_key).await;
        assert_eq!((owed.len(), &owed[0]["overdue"]), (1, &json!(true)), "{owed:?}");
        let paid = market.pay(&licence, &market.maker_key, 30_000).await;
        assert_eq!(paid.status, 201, "{}", paid.text());
        assert!(tasks(&market, "paymentDue", &market.maker_key).await.is_empty());
        let seen = market.read(&format!("{licence}/performance"), &market.holder_key).await;
        assert_eq!((&seen["account"][0]["paid"], &seen["paidFen"]), (&json!(true), &json!(3_000_000)), "{seen}");
        // A correction takes the place of what was told, and the same again changes nothing.
        let more = json!({ "from": "2026-03-02", "to": "2027-03-01", "figureFen": 200_000_000 });
        let corrected = market.post(&path, &market.maker_key, &more).await.json();
        assert_eq!((&corrected["version"], &corrected["account"][0]["paid"]), (&json!(2), &json!(false)), "{corrected}");
        assert_eq!(market.post(&path, &market.maker_key, &more).await.json()["version"], 2);
        for (key, status) in [(&market.trader_key, 404), (&market.office_key, 200)] {
            let read = world.ask(Method::GET, &format!("{licence}/performance")).key(key).send().await;
            assert_eq!(read.status, status);
        }
        assert_eq!(world.ask(Method::GET, &format!("{licence}/performance")).send().await.status, 401);
    }

    async fn what_became_of_a_licence_is_asked_three_times_and_counted_as_a_concern(world) {
        let market = Market::new(&world).await;
        let licence = taken(&market, &json!({ "mode": "free" })).await;
        let path = format!("{licence}/follow-ups");
        let no = json!({ "months": 3, "worked": false, "sales": "none", "note": "样机还没有做出来" });
        market.post(&path, &market.maker_key, &no).await.problem(422, "tooEarly");
        market.on("2026-06-02");
        let asked = tasks(&market, "followUpDue", &market.maker_key).await;
        assert_eq!((asked.len(), &asked[0]["since"], &asked[0]["dueOn"]), (1, &json!("2026-06-02"), &json!("2026-07-02")), "{asked:?}");
        market.post(&path, &market.maker_key, &json!({ "months": 4, "worked": true, "sales": "none" })).await.problem(422, "monthsInvalid");
        market.post(&path, &market.holder_key, &no).await.problem(403, "notYours");
        assert_eq!(market.post(&path, &market.maker_key, &no).await.status, 201);
        assert!(tasks(&market, "followUpDue", &market.maker_key).await.is_empty());
        let concerns = |name: &'static str| {
            let quality = world.get("/v1/progress/quality");
            async move {
                let quality = quality.await.json();
                let all = quality["concerns"].as_array().expect("concerns").clone();
                let found = all.into_iter().find(|one| one["concern"] == name);
                found.unwrap_or_else(|| panic!("{quality}"))["total"].clone()
            }
        };
        assert_eq!(concerns("neverWorked").await, 1);
        assert_eq!(concerns("related").await, 0);
        // Which one it is was told in confidence.
        let which = "/v1/progress/items?concern=neverWorked";
        world.get(which).await.problem(401, "unauthenticated");
        world.ask(Method::GET, which).key(&market.trader_key).send().await.problem(403, "roleNotAllowed");
        assert_eq!(market.read(which, &market.office_key).await["total"], 1);
        let related = json!({ "related": true, "note": "同一实际控制人" });
        assert_eq!(market.post(&format!("{licence}/relation"), &market.holder_key, &related).await.status, 201);
        assert_eq!(concerns("related").await, 1);
        assert_eq!(market.counted().await, 1, "a concern takes nothing away");
        market.on("2026-09-02");
        let yes = json!({ "months": 6, "worked": true, "product": true, "sales": "below1m" });
        let told = market.post(&path, &market.maker_key, &yes).await.json();
        assert_eq!(told["performance"]["followUps"].as_array().map(Vec::len), Some(2), "{told}");
        assert_eq!(concerns("neverWorked").await, 0);
        // By what was known then, nobody had worked it.
        let then = world.get("/v1/progress/quality?asOf=2026-06-30").await.json();
        let never = then["concerns"].as_array().expect("concerns").iter().find(|one| one["concern"] == "neverWorked").cloned();
        assert_eq!(never.expect("it")["total"], 1, "{then}");
        for reader in [None, Some(&market.trader_key)] {
            let asking = world.ask(Method::GET, "/v1/changes?limit=1000");
            let feed = match reader {
                Some(key) => asking.key(key).send().await,
                None => asking.send().await,
            };
            assert!(!feed.text().contains("同一实际控制人") && !feed.text().contains("样机还没有"), "{}", feed.text());
        }
    }

    async fn a_free_licence_is_filed_with_the_statement_that_nothing_is_due(world) {
        let market = Market::new(&world).await;
        let licence = taken(&market, &json!({ "mode": "free" })).await;
        let filing = json!({ "number": "X2026980000001", "on": "2026-03-02" });
        let path = format!("{licence}/filing");
        let filed = market.change(Method::PUT, &path, &licence, &market.maker_key, &filing).await;
        assert_eq!(filed.status, 200, "{}", filed.text());
        let filed = filed.json();
        let kinds: Vec<_> = filed["evidence"].as_array().expect("evidence").iter().map(|e| e["kind"].clone()).collect();
        assert_eq!(kinds, [json!("notice"), json!("freeStatement")], "{filed}");
        let file = filed["evidence"][1]["file"]["id"].as_str().expect("an id");
        for key in [&market.holder_key, &market.maker_key, &market.office_key] {
            let text = world.ask(Method::GET, &format!("/v1/files/{file}/content")).key(key).send().await.text();
            assert!(text.contains("使用费为零，支付方式无偿"), "{text}");
        }
        // Filed again, it is stated once.
        let filing = json!({ "number": "X2026980000002", "on": "2026-03-02" });
        let again = market.change(Method::PUT, &path, &licence, &market.maker_key, &filing).await.json();
        assert_eq!(again["evidence"].as_array().map(Vec::len), Some(2), "{again}");
    }

    async fn a_licensee_from_beyond_the_mainland_is_flagged_by_its_seat(world) {
        let market = Market::new(&world).await;
        let uscc = kaixu::domain::codes::Uscc::complete("9181000020000001").expect("completes");
        let new = json!({ "uscc": uscc, "name": "香江渔具有限公司", "kind": "enterprise", "district": "810000" });
        let made = market.post("/v1/organisations", &market.office_key, &new).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let body = json!({ "declaration": declared(&declaration), "licensee": { "organisation": uscc }, "related": true });
        let taken = market.post("/v1/licences", &market.office_key, &body).await;
        assert_eq!(taken.json()["crossBorder"], true, "{}", taken.text());
        let seen = market.read(&format!("{}/performance", taken.header("location")), &market.holder_key).await;
        assert_eq!((&seen["performance"]["relations"][0]["related"], &seen["performance"]["relations"][0]["by"]), (&json!(true), &json!("office")), "{seen}");
        let items = world.get("/v1/progress/items?concern=crossBorder").await.json();
        assert_eq!((&items["total"], &items["items"][0]["crossBorder"]), (&json!(1), &json!(true)), "{items}");
        assert!(!items.to_string().contains("related"), "{items}");
    }

    async fn dues_of_later_periods_are_reminded_of_before_their_day(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let yearly = json!({ "mode": "perPeriod", "amountFen": 100_000, "everyMonths": 12 });
        let declaration = market.announced(&number, &yearly).await;
        let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
        market.pay(&licence, &market.maker_key, 1_000).await;
        market.on("2027-01-30");
        assert!(tasks(&market, "paymentDue", &market.maker_key).await.is_empty(), "not yet in sight");
        market.on("2027-02-25");
        let soon = tasks(&market, "paymentDue", &market.maker_key).await;
        assert_eq!((soon.len(), &soon[0]["dueOn"], &soon[0]["overdue"]), (1, &json!("2027-03-02"), &json!(false)), "{soon:?}");
        reminded(&world).await;
        assert_eq!(messages(&market, "dueSoon", &market.maker_key).await, 1);
        market.pay(&licence, &market.maker_key, 1_000).await;
        assert!(tasks(&market, "paymentDue", &market.maker_key).await.is_empty());
        let lump = taken_paid(&market, &lump(500)).await;
        let seen = market.read(&format!("{lump}/performance"), &market.maker_key).await;
        assert_eq!((&seen["account"][0]["paid"], seen.get("nextPayment")), (&json!(true), None), "{seen}");
    }
}
