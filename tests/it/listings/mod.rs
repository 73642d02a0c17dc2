//! Announced lists from outside: held against our declarations line by line, nothing taken silently, entered by an officer,
//! pilot listings apart. By the API and on the officer's pages.

mod pages;

use axum::http::Method;
use kaixu::domain::{access::Role, codes::AppNo};
use serde_json::{Value, json};

use crate::{
    imports::head,
    on_both_at,
    support::{
        World, invariants,
        market::{Market, id_of, lump, number},
    },
};

pub const HEADER: &str =
    "专利号,专利权人,开放许可声明编号,声明公告日,许可使用费支付方式和标准,许可期限,联系方式\n";

/// Leads a new declaration of the university to its submission today; returns its address.
pub async fn submitted(market: &Market<'_>, number: &AppNo, terms: &Value) -> String {
    let declaration = market.drafted(number, terms).await;
    let today = market.world.services.clock.today();
    for step in [
        json!({ "step": "ready" }),
        json!({ "step": "submit", "on": today }),
    ] {
        let answer = market.step(&declaration, &step).await;
        assert_eq!(answer.status, 200, "{step}: {}", answer.text());
    }
    declaration
}

/// Uploads a list and has it read; returns the report.
async fn read(world: &World, key: &str, list: &str, dry_run: bool) -> Value {
    let asking = world.ask(Method::POST, "/v1/files?name=list.csv").key(key);
    let file = asking
        .header("content-type", "text/csv")
        .body(list.to_owned())
        .send()
        .await;
    assert_eq!(file.status, 201, "{}", file.text());
    let body = json!({ "source": file.json()["id"], "dryRun": dry_run });
    let asking = world.ask(Method::POST, "/v1/listings/imports").key(key);
    let answer = asking.json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// rows, added, revised, repeated, outside, rejected
fn counts(report: &Value) -> [u64; 6] {
    let count = |name: &str| report[name].as_u64().expect("a count");
    let rejected = report["rejected"].as_array().expect("a list").len() as u64;
    [
        count("rows"),
        count("added"),
        count("revised"),
        count("repeated"),
        count("outside"),
        rejected,
    ]
}

/// The line of a patent, as the office sees it.
async fn line(market: &Market<'_>, number: &AppNo) -> Value {
    let path = format!("/v1/listings?number={number}");
    let list = market.read(&path, &market.office_key).await;
    list["items"][0].clone()
}

/// Does something with a line as the officer, at the version that it has now.
async fn act(
    market: &Market<'_>,
    listing: &Value,
    what: &str,
    body: &Value,
) -> crate::support::http::Answer {
    let record = format!("/v1/listings/{}", listing["id"].as_str().expect("an id"));
    let path = format!("{record}/{what}");
    let key = &market.office_key;
    market.change(Method::POST, &path, &record, key, body).await
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_list_is_held_against_declarations_and_nothing_is_taken_silently(world) {
        let market = Market::new(&world).await;
        let (other, same, undeclared) = (market.patent().await, market.patent().await, market.patent().await);
        let ours = submitted(&market, &other, &lump(20_000)).await;
        let agreed = submitted(&market, &same, &lump(20_000)).await;
        let (pilot, stranger) = (market.patent().await, number(2018, 1, 77));
        let list = format!("{HEADER}{},蓝湾大学,KX1,2026-03-02,一次总付3万元,2030-12-31,科技处 0631-0000000\n\
            {},蓝湾大学,KX2,2026-03-02,一次总付2万元,2030-12-31,科技处 0631－0000000\n\
            {},蓝湾大学,KX3,2026-03-01,免费,至2029年12月31日止,\n\
            {},蓝湾大学,SD9,2022-05-01,免费,2028-12-31,\n\
            {},别处大学,KX5,2026-03-01,免费,2028-12-31,\n\
            不是号码,蓝湾大学,KX6,2026-03-01,免费,2028-12-31,\n", other.zl(), same.zl(), undeclared.zl(), pilot.zl(), stranger.zl());
        let before = head(&world).await;
        assert_eq!(counts(&read(&world, &market.office_key, &list, true).await), [6, 4, 0, 0, 1, 1]);
        assert_eq!(head(&world).await, before, "a dry run writes nothing");
        let report = read(&world, &market.office_key, &list, false).await;
        assert_eq!(counts(&report), [6, 4, 0, 0, 1, 1], "{report}");
        assert_eq!((&report["rejected"][0]["row"], &report["rejected"][0]["code"]), (&json!(7), &json!("numberInvalid")));
        let rejects = format!("/v1/files/{}/content", report["rejectsFile"].as_str().expect("a file"));
        let rejects = world.ask(Method::GET, &rejects).key(&market.office_key).send().await.text();
        assert!(rejects.starts_with('\u{feff}') && rejects.contains("numberInvalid"), "{rejects}");
        let states = report["states"].as_array().expect("states");
        for state in ["differing", "ready", "unknown", "pilot"] {
            assert!(states.contains(&json!({ "state": state, "count": 1 })), "{states:?}");
        }
        let seq = head(&world).await;
        assert_eq!(counts(&read(&world, &market.office_key, &list, false).await), [6, 0, 0, 4, 1, 1]);
        assert_eq!(head(&world).await, seq, "the same list changes nothing");
        for (declaration, state) in [(&ours, "submitted"), (&agreed, "submitted")] {
            assert_eq!(market.read(declaration, &market.holder_key).await["state"], state);
        }
        // The other fee is decided, with a reason, before anything is entered.
        let differing = line(&market, &other).await;
        assert_eq!((&differing["state"], &differing["differences"][0]["item"]), (&json!("differing"), &json!("terms")), "{differing}");
        assert_eq!(differing["differences"].as_array().map(Vec::len), Some(1), "{differing}");
        assert_eq!(differing["differences"][0]["theirs"], "一次总付3万元");
        act(&market, &differing, "entry", &json!({})).await.problem(409, "listingNotReady");
        act(&market, &differing, "decisions", &json!({ "item": "terms", "choice": "theirs", "reason": " " })).await.problem(422, "invalid");
        let decided = act(&market, &differing, "decisions", &json!({ "item": "terms", "choice": "theirs", "reason": "与公告原文一致" })).await;
        assert_eq!(decided.status, 200, "{}", decided.text());
        assert_eq!((&decided.json()["state"], &decided.json()["differences"][0]["decision"]["reason"]), (&json!("ready"), &json!("与公告原文一致")));
        assert_eq!(market.read(&ours, &market.holder_key).await["state"], "submitted", "deciding changes nothing of ours");
        let entered = act(&market, &differing, "entry", &json!({})).await;
        assert_eq!((entered.status.as_u16(), &entered.json()["state"]), (200, &json!("entered")), "{}", entered.text());
        assert_eq!(market.read(&ours, &market.holder_key).await["state"], "void");
        let announced = market.read(&format!("/v1/declarations/{}", entered.json()["declaration"].as_str().expect("an id")), &market.holder_key).await;
        assert_eq!((&announced["state"], &announced["terms"]["amountFen"], &announced["declarationNumber"]), (&json!("announced"), &json!(3_000_000), &json!("KX1")), "{announced}");
        assert_eq!(announced["sources"][0]["id"], entered.json()["source"]["id"]);
        assert_eq!(announced["contact"]["telephone"], "0631-0000000", "what was not decided stays ours");
        // What agrees is announced as it was submitted.
        let ready = line(&market, &same).await;
        assert_eq!((&ready["state"], ready.get("differences")), (&json!("ready"), None), "{ready}");
        assert_eq!(act(&market, &ready, "entry", &json!({})).await.status, 200);
        let record = market.read(&agreed, &market.holder_key).await;
        assert_eq!((&record["state"], &record["declarationNumber"], &record["effectiveOn"]), (&json!("announced"), &json!("KX2"), &json!("2026-03-02")), "{record}");
        // What is not declared here is entered from the list.
        let unknown = line(&market, &undeclared).await;
        assert_eq!((&unknown["state"], &unknown["until"]), (&json!("unknown"), &json!("2029-12-31")), "{unknown}");
        let entered = act(&market, &unknown, "entry", &json!({})).await.json();
        let record = market.read(&format!("/v1/declarations/{}", entered["declaration"].as_str().expect("an id")), &market.office_key).await;
        assert_eq!((&record["recordedLate"], &record["terms"]["mode"], &record["until"]), (&json!(true), &json!("free"), &json!("2029-12-31")), "{record}");
        assert_eq!(counts(&read(&world, &market.office_key, &list, false).await), [6, 0, 0, 4, 1, 1], "entered lines stay entered");
        // The list says something else of it now: it is to be decided anew.
        let changed = list.replace("一次总付3万元", "一次总付4万元");
        assert_eq!(counts(&read(&world, &market.office_key, &changed, false).await), [6, 0, 1, 3, 1, 1]);
        assert_eq!(line(&market, &other).await["state"], "differing");
        invariants::hold(&world).await;
    }

    async fn a_pilot_listing_is_never_counted_and_becomes_a_draft(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let figures = world.get("/v1/progress").await.json()["figures"].clone();
        let list = format!("{HEADER}{},蓝湾大学,SD9,2022-05-01,每年1万元,2028-12-31,\n", number.zl());
        read(&world, &market.office_key, &list, false).await;
        let pilot = line(&market, &number).await;
        assert_eq!((&pilot["state"], &pilot["pilot"]), (&json!("pilot"), &json!(true)), "{pilot}");
        assert_eq!(world.get("/v1/progress").await.json()["figures"], figures, "no figure moves");
        assert_eq!(world.get("/v1/declarations").await.json()["total"], 0);
        act(&market, &pilot, "entry", &json!({})).await.problem(409, "listingNotReady");
        let path = format!("/v1/listings/{}", pilot["id"].as_str().expect("an id"));
        // Its holder sees it, and nobody else but the office.
        assert_eq!(market.read("/v1/listings?pilot=true", &market.holder_key).await["total"], 1);
        let other = world.organisation("海角研究院").await;
        let stranger = world.key(Role::Holder, Some(&other)).await;
        world.ask(Method::GET, &path).key(&stranger).send().await.problem(404, "notFound");
        assert_eq!(market.read("/v1/listings", &stranger).await["total"], 0);
        world.ask(Method::GET, &path).key(&market.maker_key).send().await.problem(403, "roleNotAllowed");
        let draft = market.change(Method::POST, &format!("{path}/draft"), &path, &stranger, &json!({})).await;
        draft.problem(404, "notFound");
        let draft = market.change(Method::POST, &format!("{path}/draft"), &path, &market.holder_key, &json!({ "until": "2030-06-30" })).await;
        assert_eq!((draft.status.as_u16(), &draft.json()["state"]), (200, &json!("converted")), "{}", draft.text());
        let declaration = format!("/v1/declarations/{}", draft.json()["declaration"].as_str().expect("an id"));
        let record = market.read(&declaration, &market.holder_key).await;
        assert_eq!((&record["state"], &record["terms"]["mode"], &record["until"]), (&json!("draft"), &json!("perPeriod"), &json!("2030-06-30")), "{record}");
        assert_eq!(world.get("/v1/progress").await.json()["figures"], figures, "a draft counts as little");
        act(&market, &pilot, "draft", &json!({})).await.problem(409, "notPilot");
        assert_eq!(counts(&read(&world, &market.office_key, &list, false).await), [1, 0, 0, 1, 0, 0]);
        invariants::hold(&world).await;
    }

    async fn what_is_uncertain_is_not_taken_and_licences_keep_their_declaration(world) {
        let market = Market::new(&world).await;
        let (doubtful, taken) = (market.patent().await, market.patent().await);
        submitted(&market, &doubtful, &lump(20_000)).await;
        let declaration = market.announced(&taken, &json!({ "mode": "free" })).await;
        assert_eq!(market.notice(&declaration, &market.maker_key).await.status, 201);
        let list = format!("{HEADER}{},蓝湾大学,KX1,2026-03-02,面议,3年,张三 010-66668888\n{},蓝湾大学,KX{taken},2026-03-02,一次总付1万元,2030-12-31,\n", doubtful.zl(), taken.zl());
        read(&world, &market.office_key, &list, false).await;
        let line_of = line(&market, &doubtful).await;
        assert_eq!((&line_of["doubts"][0]["code"], &line_of["doubts"][0]["said"]), (&json!("leftover"), &json!("面议")), "{line_of}");
        for item in ["terms", "until"] {
            let decision = json!({ "item": item, "choice": "theirs", "reason": "照清单" });
            act(&market, &line_of, "decisions", &decision).await.problem(409, "listingUncertain");
            let decision = json!({ "item": item, "choice": "ours", "reason": "公告原文与提交一致" });
            assert_eq!(act(&market, &line_of, "decisions", &decision).await.status, 200);
        }
        let decision = json!({ "item": "contact", "choice": "theirs", "reason": "联系人已变更" });
        assert_eq!(act(&market, &line_of, "decisions", &decision).await.status, 200);
        let entered = act(&market, &line_of, "entry", &json!({})).await.json();
        let record = market.read(&format!("/v1/declarations/{}", entered["declaration"].as_str().expect("an id")), &market.office_key).await;
        assert_eq!((&record["contact"]["name"], &record["terms"]["amountFen"]), (&json!("张三"), &json!(2_000_000)), "{record}");
        let line_of = line(&market, &taken).await;
        let decision = json!({ "item": "terms", "choice": "theirs", "reason": "照清单" });
        assert_eq!(act(&market, &line_of, "decisions", &decision).await.status, 200);
        act(&market, &line_of, "entry", &json!({})).await.problem(409, "licencesStand");
        assert_eq!(market.read(&declaration, &market.office_key).await["state"], "announced");
        let unknown = market.patent().await;
        let list = format!("{HEADER}{},蓝湾大学,,2026-03-01,面议,,\n", unknown.zl());
        read(&world, &market.office_key, &list, false).await;
        let line_of = line(&market, &unknown).await;
        let problem = act(&market, &line_of, "entry", &json!({})).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/terms", "{problem}");
        let entry = json!({ "terms": { "mode": "free" }, "until": "2029-01-01", "declarationNumber": "KX77" });
        assert_eq!(act(&market, &line_of, "entry", &entry).await.status, 200);
        let nothing = format!("{HEADER}{},蓝湾大学,,,免费,,\n", unknown.zl());
        let report = read(&world, &market.office_key, &nothing, false).await;
        assert_eq!(report["rejected"][0]["code"], "announcementMissing", "{report}");
        let _ = id_of(&declaration);
        invariants::hold(&world).await;
    }
}
