//! Lists of legal events and statuses: what each word means, what record it becomes, that the same list changes nothing the
//! second time, who must withdraw for it, and whose lines are whose.

use axum::http::Method;
use kaixu::domain::{
    access::Role,
    encumbrance::EncumbranceKind::{
        ExclusiveLicence, OrdinaryLicence, Pledge, Preservation, SoleLicence, Suspension,
    },
    intake::Cell,
    patent::LegalStatus::{
        self, Abandoned, Expired, FeeGrace, InForce, Invalidated, LapsedRestorable, TerminatedFee,
    },
    record::{Column, Line, RecordKind, Said, read_event},
};
use serde_json::{Value, json};

use super::counts;
use crate::{
    on_both_at,
    support::{
        World,
        http::Answer,
        market::{Market, lump, number},
        sql,
    },
};

const HEADER: &str = "专利号,法律事件,事件日,相对人,变更前权利人,登记号,截止日,许可类型\n";

fn line(cells: &[(&str, &str)]) -> Line {
    let cells = cells.iter().map(|(header, text)| {
        let column = Column::of_header(RecordKind::Events, header).expect("a column");
        (column, (*header).to_owned(), Cell::Text((*text).to_owned()))
    });
    Line {
        number: 2,
        cells: cells.collect(),
    }
}

fn said(words: &str, more: &[(&str, &str)]) -> Result<Said, &'static str> {
    let mut cells = vec![
        ("专利号", "ZL201990001234.4"),
        ("法律事件", words),
        ("事件日", "2025-03-01"),
    ];
    cells.extend(more);
    read_event(&line(&cells))
        .map(|line| line.said)
        .map_err(|flaws| flaws[0].code)
}

#[test]
fn words_and_codes_of_gazette_and_register_are_understood() {
    for words in [
        "PE01",
        "pe01",
        "PE01 质押登记生效",
        "专利权质押合同登记的生效",
        "质押合同登记生效",
        "pledge",
    ] {
        assert_eq!(said(words, &[]), Ok(Said::Begins(Pledge)), "{words}");
    }
    for words in [
        "PC01",
        "专利权质押合同登记的注销",
        "质押登记注销",
        "质押期限届满",
    ] {
        assert!(
            matches!(said(words, &[]), Ok(Said::Ends([Pledge]))),
            "{words}"
        );
    }
    for words in ["PM01", "专利权质押合同登记的变更"] {
        assert!(
            matches!(said(words, &[]), Ok(Said::Changes([Pledge]))),
            "{words}"
        );
    }
    for words in ["PP01", "专利权的保全", "专利权保全"] {
        assert_eq!(said(words, &[]), Ok(Said::Begins(Preservation)), "{words}");
    }
    for words in ["PD01", "专利权保全的解除", "保全期届满"] {
        assert!(
            matches!(said(words, &[]), Ok(Said::Ends([Preservation]))),
            "{words}"
        );
    }
    assert_eq!(said("专利权中止", &[]), Ok(Said::Begins(Suspension)));
    assert!(matches!(
        said("中止程序结束", &[]),
        Ok(Said::Ends([Suspension]))
    ));
    for (kind, begins) in [
        ("独占许可", ExclusiveLicence),
        ("排他", SoleLicence),
        ("普通许可", OrdinaryLicence),
    ] {
        assert_eq!(
            said("EE01", &[("许可类型", kind)]),
            Ok(Said::Begins(begins)),
            "{kind}"
        );
        assert_eq!(
            said("专利实施许可合同备案的生效", &[("许可类型", kind)]),
            Ok(Said::Begins(begins)),
            "{kind}"
        );
    }
    assert_eq!(said("EE01", &[]), Err("licenceTypeRequired"));
    assert!(matches!(said("许可合同备案注销", &[]), Ok(Said::Ends(_))));
    let statuses: [(&str, LegalStatus); 14] = [
        ("CF01", TerminatedFee),
        ("未缴年费专利权终止", TerminatedFee),
        ("未缴年费专利权终止，等恢复", LapsedRestorable),
        ("CX01", Expired),
        ("专利权有效期届满", Expired),
        ("AV01", Abandoned),
        ("IW01", Invalidated),
        ("专利权全部无效", Invalidated),
        ("IP01", InForce),
        ("专利权部分无效", InForce),
        ("RR01", InForce),
        ("权利的恢复", InForce),
        ("等年费滞纳金", FeeGrace),
        ("专利权维持", InForce),
    ];
    for (words, status) in statuses {
        assert_eq!(said(words, &[]), Ok(Said::Status(status)), "{words}");
    }
    assert_eq!(said("TR01", &[("相对人", "某公司")]), Ok(Said::Transfer));
    assert_eq!(said("专利权的转移", &[]), Err("cellEmpty"), "to whom?");
    for (words, code) in [
        ("开放许可声明", "recordElsewhere"),
        ("OL01", "recordElsewhere"),
        ("无效宣告请求受理", "eventNotKept"),
        ("CP01", "eventNotKept"),
        ("专利申请权的转移", "eventNotKept"),
        ("天气晴", "eventUnknown"),
    ] {
        assert_eq!(said(words, &[]), Err(code), "{words}");
    }
}

async fn send(world: &World, key: &str, query: &str, rows: &str) -> Answer {
    let asking = world
        .ask(Method::POST, &format!("/v1/events{query}"))
        .key(key);
    asking.body(format!("{HEADER}{rows}")).send().await
}

/// Sends a list that is taken; returns what became of it.
async fn taken(world: &World, key: &str, rows: &str) -> Value {
    let answer = send(world, key, "", rows).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn head(world: &World) -> i64 {
    sql::number(&world.services.db, "select seq from head").await
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn events_become_records_and_the_same_list_changes_nothing(world) {
        let market = Market::new(&world).await;
        let mut zl = Vec::new();
        for _ in 0..4 {
            zl.push(market.patent().await);
        }
        let declaration = market.announced(&zl[0], &lump(100)).await;
        // The newest first, as gazettes have it; the days put them in order.
        let rows = format!(
            "{0},PC01,2026-03-01,,,Y1,,\n{0},PE01,2026-02-01,虚构银行,,Y2,2029-01-31,\n{0},质押登记生效,2026-01-01,甲银行,,Y1,,\n\
             {1},PP01,2026-02-01,威海法院,,,,\n{1},EE01,2025-02-01,乙公司,,E1,,普通\n\
             {2},TR01,2026-02-01,丙公司;丁公司,蓝湾大学,,,\n{3},CF01,2026-03-02,,,,,\n",
            zl[0], zl[1], zl[2], zl[3],
        );
        let before = head(&world).await;
        let dry = send(&world, &market.office_key, "?dryRun=true", &rows).await.json();
        assert_eq!(counts(&dry), [7, 7, 0, 0, 0], "{dry}");
        assert_eq!(head(&world).await, before, "a dry run writes nothing");
        assert_eq!(dry["mustWithdraw"][0]["number"], zl[0].as_str(), "{dry}");
        let real = taken(&world, &market.office_key, &rows).await;
        assert_eq!(real, dry, "the dry run says what then happens");
        let after = head(&world).await;
        let pledges = market.read(&format!("/v1/encumbrances?number={}&kind=pledge", zl[0]), &market.office_key).await;
        let one = |registration: &str| {
            let all = pledges["items"].as_array().expect("a list");
            all.iter().find(|p| p["registration"] == registration).expect("recorded").clone()
        };
        assert_eq!((&one("Y1")["from"], &one("Y1")["releasedOn"], &one("Y1")["party"]), (&json!("2026-01-01"), &json!("2026-03-01"), &json!("甲银行")));
        assert_eq!((&one("Y2")["until"], one("Y2").get("releasedOn")), (&json!("2029-01-31"), None));
        let owned = market.read(&format!("/v1/patents/{}", zl[2]), &market.office_key).await;
        assert_eq!(owned["owners"], json!(["丙公司", "丁公司"]), "{owned}");
        let dead = market.read(&format!("/v1/patents/{}", zl[3]), &market.office_key).await;
        assert_eq!((&dead["legalStatus"], &dead["statusAsOf"]), (&json!("terminatedFee"), &json!("2026-03-02")));
        // The duty to withdraw is there, as for an event recorded by itself.
        let announced = market.read(&declaration, &market.office_key).await;
        assert_eq!(announced["mustWithdraw"]["blocks"], json!(["PLEDGE_NO_CONSENT"]), "{announced}");
        let again = taken(&world, &market.office_key, &rows).await;
        assert_eq!(counts(&again), [7, 0, 0, 7, 0], "{again}");
        assert_eq!(head(&world).await, after, "nothing was written");
        assert_eq!(again["mustWithdraw"], real["mustWithdraw"], "the duty lasts");
        // Its end closes the duty.
        let over = taken(&world, &market.office_key, &format!("{},PC01,2026-03-02,虚构银行,,,,\n", zl[0])).await;
        assert_eq!((counts(&over), over["mustWithdraw"].as_array().map(Vec::len)), ([1, 1, 0, 0, 0], Some(0)), "{over}");
        let announced = market.read(&declaration, &market.office_key).await;
        assert!(announced.get("mustWithdraw").is_none(), "{announced}");
    }

    async fn a_status_replaces_an_older_one_only_and_of_one_day_the_graver_stands(world) {
        let market = Market::new(&world).await;
        let zl = market.patent().await;
        let status = async || {
            let patent = market.read(&format!("/v1/patents/{zl}"), &market.office_key).await;
            (patent["legalStatus"].clone(), patent["statusAsOf"].clone(), patent["statusText"].clone())
        };
        let older = taken(&world, &market.office_key, &format!("{zl},未缴年费专利权终止,2026-03-01,,,,,\n")).await;
        assert_eq!(counts(&older), [1, 0, 0, 1, 0], "known of a newer day: {older}");
        assert_eq!(status().await.0, "inForce");
        let graver = taken(&world, &market.office_key, &format!("{zl},等年费滞纳金,2026-03-02,,,,,\n")).await;
        assert_eq!(counts(&graver), [1, 1, 0, 0, 0], "{graver}");
        let lighter = taken(&world, &market.office_key, &format!("{zl},专利权维持,2026-03-02,,,,,\n")).await;
        assert_eq!((counts(&lighter), &lighter["rejected"][0]["code"]), ([1, 0, 0, 0, 1], &json!("sameDayDiffers")));
        market.on("2026-04-01");
        let restored = taken(&world, &market.office_key, &format!("{zl},专利权维持,2026-04-01,,,,,\n")).await;
        assert_eq!(counts(&restored), [1, 1, 0, 0, 0], "{restored}");
        assert_eq!(status().await, (json!("inForce"), json!("2026-04-01"), json!("专利权维持")));
        // A document that vouches for the whole list.
        let file = market.file(&market.office_key).await;
        let query = format!("?source={}", file.as_str().expect("an id"));
        let sourced = send(&world, &market.office_key, &query, &format!("{zl},专利权维持,2026-04-01,,,,,\n")).await.json();
        assert_eq!(counts(&sourced), [1, 0, 1, 0, 0], "{sourced}");
        let patent = market.read(&format!("/v1/patents/{zl}"), &market.office_key).await;
        assert_eq!(patent["statusSource"]["id"], file, "{patent}");
    }

    async fn wrong_lines_are_told_and_take_no_right_one_along(world) {
        let market = Market::new(&world).await;
        let (zl, other) = (market.patent().await, market.patent().await);
        let unknown = number(2019, 1, 999_999);
        let rows = format!(
            "{zl},PE01,2026-01-01,甲银行,,Y1,,\n{zl},PE01,2026-01-05,乙银行,,Y2,,\n{zl},PC01,2026-02-01,,,,,\n{zl},PC01,2026-02-01,,,Y9,,\n\
             {zl},PE01,2026-02-02,,,Y1,,\n{other},PD01,2026-02-01,,,,,\n{unknown},CF01,2026-02-01,,,,,\n{zl},CF01,2026-03-03,,,,,\n\
             {other},TR01,2026-02-01,丙公司,不是它,,,\n{other},天气晴,2026-02-01,,,,,\n{other},CF01,二月,,,,,\n",
        );
        let report = taken(&world, &market.office_key, &rows).await;
        assert_eq!(counts(&report), [11, 2, 0, 0, 9], "{report}");
        let rejected = report["rejected"].as_array().expect("a list");
        let told: Vec<(u64, &str)> = rejected.iter()
            .map(|r| (r["row"].as_u64().expect("a row"), r["code"].as_str().expect("a code"))).collect();
        assert_eq!(told, [
            (4, "severalMeant"), (5, "nothingToEnd"), (6, "recordedDifferently"), (7, "nothingToEnd"), (8, "patentUnknown"),
            (9, "dayInFuture"), (10, "ownersDiffer"), (11, "eventUnknown"), (12, "notADate"),
        ]);
        assert!(rejected.iter().all(|r| r["cure"].is_string()), "{report}");
    }

    async fn a_holder_tells_of_its_own_patents_and_of_nothing_else(world) {
        let market = Market::new(&world).await;
        let own = market.patent().await;
        let foreign = number(2018, 1, 7);
        let csv = format!("专利号,专利名称,专利权人,申请日,法律状态\n{},一种,别家公司,2018-05-01,专利权维持\n", foreign.zl());
        let asking = world.ask(Method::POST, "/v1/imports").key(&market.office_key);
        let answer = asking.body(csv).send().await;
        crate::smoke::finished(&world, &market.office_key, answer.header("location")).await;
        let office = taken(&world, &market.office_key, &format!("{own},PE01,2026-01-01,甲银行,,Y1,,\n")).await;
        assert_eq!(counts(&office), [1, 1, 0, 0, 0]);
        let rows = format!(
            "{own},PP01,2026-02-01,威海法院,,,,\n{foreign},CF01,2026-02-01,,,,,\n{own},PC01,2026-02-01,,,Y1,,\n{own},TR01,2026-02-01,丙公司,蓝湾大学,,,\n",
        );
        let report = taken(&world, &market.holder_key, &rows).await;
        assert_eq!(counts(&report), [4, 1, 0, 0, 3], "{report}");
        let codes: Vec<&str> = report["rejected"].as_array().expect("a list").iter().map(|r| r["code"].as_str().expect("a code")).collect();
        assert_eq!(codes, ["notYours", "notYourEntry", "officeOnly"]);
        // Nobody else sees what the gazette has not published, and no enterprise sends such a list.
        let seen = market.read(&format!("/v1/encumbrances?number={own}"), &market.maker_key).await;
        assert_eq!(seen["items"].as_array().map(Vec::len), Some(1), "{seen}");
        assert_eq!(send(&world, &market.maker_key, "", &rows).await.status, 403);
        assert_eq!(world.ask(Method::POST, "/v1/events").body(HEADER).send().await.status, 401);
        let template = world.get("/v1/records/template?kind=events").await;
        assert!(template.text().contains("法律事件或状态,事件日或查询日"), "{}", template.text());
        let sent_back = world.ask(Method::POST, "/v1/events").key(&market.office_key).body(template.text()).send().await.json();
        assert_eq!(sent_back["rejected"][0]["code"], "exampleRow", "{sent_back}");
    }

    async fn a_holder_uploads_the_list_on_its_page_and_sees_what_it_must_withdraw(world) {
        let market = Market::new(&world).await;
        let zl = market.patent().await;
        market.announced(&zl, &lump(100)).await;
        let uscc = market.university.uscc.to_string();
        let browser = crate::desk::member(&world, "li@example.com", Role::Holder, Some(&uscc)).await;
        let list = format!("{HEADER}{zl},PE01,2026-03-01,甲银行,,Y1,,\n").into_bytes();
        let files = [("list", "事件.csv", "text/csv", list)];
        let here = "/desk/events";
        let answer = browser.upload(here, here, &[("kind", "events")], &files).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.text();
        assert!(page.contains("尚未写入") && page.contains("登记后应当撤回的声明") && page.contains("未经质权人同意"), "{page}");
        let list = page.split("name=\"list\" value=\"").nth(1).expect("the file").split('"').next().expect("its end").to_owned();
        let token = crate::support::browser::token_of(&page, "/desk/events/commit").expect("a form");
        let fields = [("csrf", token.as_str()), ("kind", "events"), ("list", list.as_str())];
        let done = browser.post("/desk/events/commit", &fields, &[("origin", "http://kaixu.test")]).await;
        assert!(done.status == 200 && done.text().contains("应当撤回的声明"), "{}", done.text());
        let pledges = market.read(&format!("/v1/encumbrances?number={zl}"), &market.holder_key).await;
        assert_eq!(pledges["items"][0]["source"]["id"], list, "the list itself vouches for it: {pledges}");
        let other = crate::desk::member(&world, "wang@example.com", Role::Enterprise, Some(market.maker.uscc.as_str())).await;
        assert_eq!(other.get(here).await.status, 403);
        // The office has the same among its lists.
        let officer = crate::desk::member(&world, "office@example.com", Role::Office, None).await;
        assert!(officer.get("/office/records").await.text().contains("value=\"events\""));
    }
}
