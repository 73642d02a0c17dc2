//! Annual fees of a holder's stock: reckoned from the records, moved by what was paid, summed over the whole stock, and
//! nobody else's to see.

use axum::http::Method;
use kaixu::domain::{
    access::Role,
    annuity::{FeeSchedule, Life, ReductionClass},
    patent::PatentKind,
    time::Day,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    desk::member,
    on_both_at,
    support::{
        World,
        http::Answer,
        market::{Market, lump},
    },
};

async fn change(world: &World, key: &str, path: &str, body: &Value) -> Answer {
    let read = world.ask(Method::GET, path).key(key).send().await;
    let asking = world.ask(Method::PUT, path).key(key);
    let asking = asking.header("if-match", read.header("etag"));
    asking.json(body).send().await
}

/// Number, state, year, due, to pay of each line.
fn lines(page: &Value) -> Vec<(String, String, u64, String, i64)> {
    let all = page["items"].as_array().expect("items").iter();
    all.map(|line| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (
            text(&line["number"]),
            text(&line["state"]),
            line["next"]["year"].as_u64().unwrap_or_default(),
            text(&line["next"]["due"]),
            line["toPayFen"].as_i64().expect("an amount"),
        )
    })
    .collect()
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn the_fees_of_a_stock_are_reckoned_and_move_with_what_is_paid(world) {
        let market = Market::new(&world).await;
        // Filed 2019-05-01, granted 2021-06-01, in force by a register extract of today: year 7 is paid.
        let number = market.patent().await;
        let text = number.to_string();
        let due = |page: &Value| lines(page)[0].clone();
        let first = market.read("/v1/annual-fees", &market.holder_key).await;
        assert_eq!(due(&first), (text.clone(), "soon".into(), 8, "2026-05-01".into(), 200_000));
        // A university's class: 85 % less.
        let class = json!({ "reduction": "single", "withCoOwners": "joint" });
        let set = change(&world, &market.holder_key, "/v1/annual-fees/reduction", &class).await;
        assert_eq!(set.status, 200, "{}", set.text());
        assert_eq!(due(&market.read("/v1/annual-fees", &market.holder_key).await).4, 30_000);
        let path = format!("/v1/patents/{number}/annual-fees");
        let book = market.read(&path, &market.holder_key).await;
        assert_eq!((&book["version"], &book["paidThrough"], &book["basis"]), (&json!(0), &json!(7), &json!("status")));
        let years = book["years"].as_array().expect("years");
        assert_eq!((years.len(), &years[0]["year"], &years[17]["year"]), (18, &json!(3), &json!(20)), "{book}");
        // Ten years from the grant in year 3: the thirteenth is full again.
        let fee = |year: usize| years[year - 3]["feeFen"].clone();
        assert_eq!((fee(12), fee(13)), (json!(60_000), json!(600_000)));
        // Late in June: five per cent of the full fee for the second month.
        market.on("2026-06-15");
        market.status(&number, "feeGrace").await;
        let late = due(&market.read("/v1/annual-fees?state=grace", &market.holder_key).await);
        assert_eq!(late, (text.clone(), "grace".into(), 8, "2026-05-01".into(), 30_000 + 10_000));
        let paid = json!({ "payments": [{ "year": 8, "on": "2026-06-14", "amountFen": 40_000 }] });
        let paid = change(&world, &market.holder_key, &path, &paid).await;
        assert_eq!(paid.status, 200, "{}", paid.text());
        assert_eq!((&paid.json()["paidThrough"], &paid.json()["next"]["due"]), (&json!(8), &json!("2027-05-01")));
        let wrong = json!({ "payments": [{ "year": 9, "on": "2026-07-01" }] });
        let wrong = change(&world, &market.holder_key, &path, &wrong).await.problem(422, "invalid");
        assert_eq!(wrong["errors"][0]["code"], "dayInFuture", "{wrong}");
    }

    async fn an_open_licence_spares_fifteen_per_cent_where_nothing_else_does(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let path = format!("/v1/patents/{number}/annual-fees");
        let declaration = market.announced(&number, &lump(100)).await;
        let notice = market.notice(&declaration, &market.maker_key).await;
        let licence = notice.header("location").to_owned();
        assert_eq!(market.pay(&licence, &market.maker_key, 100).await.status, 201);
        let before = market.read(&path, &market.holder_key).await;
        assert_eq!((&before["next"]["reductionBp"], &before["filedLicences"]), (&json!(0), &json!(0)), "not filed yet");
        let filing = json!({ "number": "BA1", "on": "2026-03-02" });
        let filed = market.change(Method::PUT, &format!("{licence}/filing"), &licence, &market.holder_key, &filing).await;
        assert_eq!(filed.status, 200, "{}", filed.text());
        let after = market.read(&path, &market.holder_key).await;
        assert_eq!((&after["next"]["reductionBp"], &after["next"]["savedFen"]), (&json!(1_500), &json!(30_000)), "{after}");
        let sums = market.read("/v1/annual-fees/overview", &market.holder_key).await;
        assert_eq!((&sums["yearlyFen"], &sums["savedFen"]), (&json!(170_000), &json!(30_000)), "{sums}");
        let months = sums["months"].as_array().expect("months");
        assert_eq!((months.len(), &months[0]["month"]), (12, &json!("2026-03")));
        let may = months.iter().find(|month| month["month"] == "2026-05").expect("May");
        assert_eq!((&may["count"], &may["feeFen"]), (&json!(1), &json!(170_000)));
        // The higher one of two, never both.
        let own = json!({ "reduction": "joint", "payments": [] });
        let own = change(&world, &market.holder_key, &path, &own).await.json();
        assert_eq!((&own["next"]["reductionBp"], &own["next"]["savedFen"]), (&json!(7_000), &json!(0)), "{own}");
    }

    async fn payments_come_in_by_a_sheet_and_the_list_goes_out_for_paying(world) {
        let market = Market::new(&world).await;
        let (one, two) = (market.patent().await, market.patent().await);
        let sheet = format!(
            "申请号,年度,缴费日期,金额\n{},第8年,2026-03-01,2000元\n{},八,2026-03-01,\nZL202480012345.0,8,2026-03-01,\n{},9,2027-01-01,\n",
            one.zl(), two.zl(), two.zl()
        );
        let send = |query: &'static str| {
            let path = format!("/v1/annual-fees/imports{query}");
            world.ask(Method::POST, &path).key(&market.holder_key).body(sheet.clone()).send()
        };
        let tried = send("?dryRun=true").await.json();
        assert_eq!((&tried["rows"], &tried["recorded"]), (&json!(4), &json!(1)), "{tried}");
        let done = send("").await.json();
        let codes: Vec<&Value> = done["rejected"].as_array().expect("rows").iter().map(|row| &row["code"]).collect();
        assert_eq!(codes, ["yearInvalid", "notInStock", "dayInFuture"], "{done}");
        assert_eq!(send("").await.json()["unchanged"], 1);
        let listed = market.read("/v1/annual-fees?dueBy=2026-12-31", &market.holder_key).await;
        assert_eq!(lines(&listed).iter().map(|line| line.0.clone()).collect::<Vec<_>>(), [two.to_string()]);
        let paged = market.read("/v1/annual-fees?limit=1", &market.holder_key).await;
        let next = paged["next"].as_str().expect("a next page");
        let rest = market.read(&format!("/v1/annual-fees?limit=1&after={next}"), &market.holder_key).await;
        assert_eq!((lines(&paged)[0].0.clone(), lines(&rest)[0].0.clone()), (two.to_string(), one.to_string()));
        let asking = world.ask(Method::GET, "/v1/annual-fees/sheet?format=csv").key(&market.holder_key);
        let csv = asking.send().await;
        assert_eq!(csv.header("x-total-count"), "2");
        let csv = csv.text();
        assert!(csv.contains("应缴年费（元）") && csv.contains("2026-05-01,2026-11-01,2000.00,0,2000.00,0.00,2000.00"), "{csv}");
    }

    async fn nobody_else_hears_of_a_holders_fees(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let path = format!("/v1/patents/{number}/annual-fees");
        let paid = json!({ "payments": [{ "year": 8, "on": "2026-03-01", "note": "机密年费备注" }] });
        assert_eq!(change(&world, &market.holder_key, &path, &paid).await.status, 200);
        let red = world.organisation("红崖学院").await;
        let other = world.key(Role::Holder, Some(&red)).await;
        for key in [None, Some(&other), Some(&market.maker_key)] {
            for path in [path.as_str(), "/v1/changes?limit=200", "/v1/snapshots/latest", "/v1/annual-fees"] {
                let asking = world.ask(Method::GET, path);
                let asking = match key {
                    Some(key) => asking.key(key),
                    None => asking,
                };
                let text = asking.send().await.text();
                assert!(!text.contains("机密年费备注") && !text.contains("feeLedger"), "{path}: {text}");
            }
        }
        let own = market.read("/v1/changes?limit=200", &market.holder_key).await;
        assert!(own.to_string().contains("机密年费备注"), "its holder follows it: {own}");
    }

    async fn the_desk_shows_the_calendar_and_records_a_payment(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let uscc = market.university.uscc.as_str();
        let browser = member(&world, "li@blue.example.com", Role::Holder, Some(uscc)).await;
        let page = browser.get("/desk/fees").await.text();
        for said in ["今后十二个月", "2026-05", "2,000", "九十天内到期"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let one = format!("/desk/fees/{number}");
        let fields = [("year", "8"), ("on", "2026-03-01"), ("amount", "2000"), ("version", "0")];
        let done = browser.send(&one, &one, &fields).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let shown = browser.get(&one).await.text();
        assert!(shown.contains("缴费记录") && shown.contains("2027-05-01"), "{shown}");
        let wrong = [("year", "八"), ("on", "2026-03-01"), ("version", "1")];
        assert_eq!(browser.send(&one, &one, &wrong).await.status, 422);
        let class = "/desk/fees/reduction";
        let fields = [("reduction", "single"), ("withCoOwners", "joint"), ("version", "0")];
        assert_eq!(browser.send("/desk/fees", class, &fields).await.status, 303);
        assert!(browser.get("/desk/fees").await.text().contains("费减 85%"));
        let sheet = ("sheet", "年费.csv", "text/csv", format!("专利号,年度,缴费日\n{},9,2026-03-02\n", number.zl()).into_bytes());
        let sent = browser.upload("/desk/fees", "/desk/fees", &[], &[sheet]).await;
        assert!(sent.text().contains("表格的结果"), "{}", sent.text());
    }
}

fn days() -> impl Strategy<Value = Day> {
    (1990_i16..2040, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| jiff::civil::date(y, m, d))
}

proptest! {
    /// Years tile the term: each day lies in one, and each is due on the day with which it begins.
    #[test]
    fn every_day_of_a_term_lies_in_one_year(filed in days(), after in 0_i32..7_000, day in 0_i32..7_000) {
        let granted = filed.saturating_add(jiff::Span::new().days(after));
        let life = Life { kind: PatentKind::Invention, filed, granted };
        let day = filed.saturating_add(jiff::Span::new().days(day));
        let year = life.year_of(day).expect("after the filing");
        prop_assert!(life.due(year).expect("a day") <= day);
        prop_assert!(life.due(year + 1).expect("a day") > day);
        prop_assert!(life.grant_year().expect("a year") >= 1);
    }

    /// A reduced fee is never more than the full one nor negative, and an open licence never costs anything.
    #[test]
    fn a_reduction_takes_away_and_never_adds(filed in days(), after in 0_i32..3_000, year in 1_u8..=20, class in 0_usize..3) {
        let granted = filed.saturating_add(jiff::Span::new().days(after));
        let class = ReductionClass::ALL[class];
        for kind in PatentKind::ALL {
            let life = Life { kind, filed, granted };
            let schedule = FeeSchedule::default();
            if let Some(fee) = schedule.year(&life, year, class, &[]) {
                prop_assert!(fee.fee_fen.0 > 0 && fee.fee_fen <= fee.full_fen);
                prop_assert_eq!(fee.saved_fen.0, 0);
                prop_assert!(fee.due < fee.grace_until);
                let late = schedule.late_bp(fee.due, fee.grace_until).expect("in time");
                prop_assert_eq!(late, 2_500);
            }
        }
    }
}
