//! From the gate to the announcement in a browser, as one who knows no API does it; stale pages and other people.

use kaixu::domain::{access::Role, codes::AppNo};

use super::{member, pdf, values};
use crate::{
    on_both_at,
    support::{
        World,
        browser::Browser,
        market::{Market, lump},
    },
};

async fn holder<'a>(world: &'a World, market: &Market<'_>) -> Browser<'a> {
    member(
        world,
        "li@blue.example.com",
        Role::Holder,
        Some(market.university.uscc.as_str()),
    )
    .await
}

/// A way of paying: its mode, the fields that say it, the terms that they mean.
type Way<'a> = (&'a str, &'a [(&'a str, &'a str)], serde_json::Value);

/// What is written into the form: a lump sum.
fn content<'a>(number: &'a str, amount: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("number", number),
        ("feeMode", "lumpSum"),
        ("amountYuan", amount),
        ("until", "2028-12-31"),
        ("explanation", "按同类许可的平均水平确定。"),
        ("contactName", "科技处"),
        ("contactTelephone", "0631-0000000"),
        ("conclusion", "positive"),
    ]
}

/// Saves a draft and returns its page.
async fn drafted(browser: &Browser<'_>, number: &AppNo) -> String {
    let number = number.to_string();
    let begin = format!("/desk/declarations/new?number={number}");
    let answer = browser
        .upload(&begin, "/desk/declarations", &content(&number, "2万"), &[])
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").to_owned()
}

/// Takes a step from the declaration's page.
async fn step(
    browser: &Browser<'_>,
    page: &str,
    step: &str,
    fields: &[(&str, &str)],
    files: &[&str],
) -> crate::support::http::Answer {
    let shown = browser.get(page).await.text();
    let version = values(&shown, "version")
        .first()
        .copied()
        .unwrap_or("1")
        .to_owned();
    let mut all = vec![("version", version.as_str())];
    all.extend(fields);
    let action = format!("{page}/{step}");
    if files.is_empty() {
        return browser.send(page, &action, &all).await;
    }
    let files: Vec<_> = files.iter().map(|field| pdf(field)).collect();
    browser.upload(page, &action, &all, &files).await
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_patent_goes_from_the_gate_to_the_announcement_and_a_licence_can_then_be_taken(world) {
        let market = Market::new(&world).await;
        let number = market.patent_of("2", "蓝湾大学;海角渔具有限公司").await;
        market.on("2027-06-01");
        let browser = holder(&world, &market).await;
        let begin = format!("/desk/declarations/new?number={number}");
        let gate = browser.get(&begin).await.text();
        assert!(gate.contains("法律状态未及时核实") && gate.contains("重新查询法律状态"), "{gate}");
        // The status is cured on the spot, with its document.
        let status = format!("/desk/patents/{number}/status");
        let text = number.to_string();
        let fields = [("number", text.as_str()), ("declaration", ""), ("legalStatus", "inForce"), ("asOf", "2027-06-01"), ("statusText", "专利权维持")];
        let no_file = browser.upload(&begin, &status, &fields, &[]).await;
        assert_eq!(no_file.status, 422);
        assert!(no_file.text().contains("请选择文件"), "{}", no_file.text());
        let answer = browser.upload(&begin, &status, &fields, &[pdf("source")]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, begin.as_str()), "{}", answer.text());
        assert!(browser.get(&begin).await.text().contains("没有发现不得声明的情形"));
        // What is wrong is said at its field, and what was typed stays.
        let wrong = browser.upload(&begin, "/desk/declarations", &content(&text, "两万左右"), &[]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("两万左右") && wrong.text().contains("aria-invalid"), "{}", wrong.text());
        let page = drafted(&browser, &number).await;
        let shown = browser.get(&page).await.text();
        for said in ["20,000.00", "贰万元整", "缺少共有人书面同意", "未提交专利权评价报告", "算一个例子"] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        assert!(!shown.contains("/ready\""), "no step while the gate is shut: {shown}");
        let edit = format!("{page}/edit");
        let mut fields = content(&text, "20000");
        let version = values(&shown, "version").first().copied().unwrap_or("1").to_owned();
        fields.extend([("version", version.as_str()), ("consentName0", "海角渔具有限公司")]);
        let answer = browser.upload(&edit, &edit, &fields, &[pdf("evaluation"), pdf("consent0")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let shown = browser.get(&page).await.text();
        assert!(shown.contains("没有发现不得声明的情形") && shown.contains("承诺书"), "{shown}");
        // Another edit keeps the papers that are there.
        let again = browser.get(&edit).await.text();
        let version = values(&again, "version")[0].to_owned();
        let mut fields = content(&text, "30000");
        fields.push(("version", &version));
        assert_eq!(browser.upload(&edit, &edit, &fields, &[]).await.status, 303);
        assert_eq!(step(&browser, &page, "ready", &[], &[]).await.status, 303);
        let early = step(&browser, &page, "submit", &[("on", "2027-06-02")], &[]).await;
        assert_eq!(early.status, 422, "{}", early.text());
        assert!(early.text().contains("之后，只能登记已经发生的事"), "{}", early.text());
        assert_eq!(step(&browser, &page, "submit", &[("on", "2027-06-01")], &[]).await.status, 303);
        let announced = [("declarationNumber", "KX-1"), ("effectiveOn", "2027-06-01")];
        let without = step(&browser, &page, "announce", &announced, &["other"]).await;
        assert_eq!(without.status, 422, "the announcement itself is wanted");
        assert_eq!(step(&browser, &page, "announce", &announced, &["source"]).await.status, 303);
        let shown = browser.get(&page).await.text();
        assert!(shown.contains("已公告") && shown.contains("KX-1"), "{shown}");
        let sheet = browser.get(&format!("{page}/papers/declaration")).await.text();
        assert!(sheet.contains("叁万元整") && sheet.contains(&number.zl()) && sheet.contains("海角渔具有限公司"), "{sheet}");
        let declaration = page.replace("/desk/", "/v1/");
        assert_eq!(market.notice(&declaration, &market.trader_key).await.status, 201);
        let patent = browser.get(&format!("/patents/{number}")).await.text();
        assert!(patent.contains("可取得开放许可"), "{patent}");
        // And to its end.
        assert_eq!(step(&browser, &page, "request-withdrawal", &[("on", "2027-06-01"), ("reason", "自行产业化")], &[]).await.status, 303);
        let ended = step(&browser, &page, "end", &[("how", "withdrawn"), ("announcedOn", "2027-06-01")], &["source"]).await;
        assert_eq!(ended.status, 303, "{}", ended.text());
        let shown = browser.get(&page).await.text();
        assert!(shown.contains("已撤回") && !shown.contains("<form class=\"entry\""), "{shown}");
        assert!(browser.get("/desk/declarations?state=withdrawn").await.text().contains(&page));
        assert!(!browser.get("/desk/declarations?state=announced").await.text().contains(&page));
    }

    async fn every_way_of_paying_is_written_in_the_form_and_comes_back_into_it_as_it_was(world) {
        let market = Market::new(&world).await;
        let browser = holder(&world, &market).await;
        let royalty = [("royaltyBase", "netSales"), ("royaltyRate", "3.25%"), ("everyMonths", "12"), ("payWithinDays", "30"), ("floorYuan", "500"), ("capYuan", "90000.5")];
        let stages = r#"{"mode":"stages","stages":[{"months":12,"terms":{"mode":"free"}},{"terms":{"mode":"lumpSum","amountFen":100}}]}"#;
        let ways: [Way<'_>; 6] = [
            ("free", &[], serde_json::json!({ "mode": "free" })),
            ("instalments", &[("amountYuan", "10000@0;5000.5@180")], serde_json::json!({ "mode": "instalments", "parts": [{ "amountFen": 1_000_000, "afterDays": 0 }, { "amountFen": 500_050, "afterDays": 180 }] })),
            ("perPeriod", &[("amountYuan", "3000"), ("everyMonths", "12")], serde_json::json!({ "mode": "perPeriod", "amountFen": 300_000, "everyMonths": 12 })),
            ("royalty", &royalty, serde_json::json!({ "mode": "royalty", "base": "netSales", "rateBp": 325, "everyMonths": 12, "payWithinDays": 30, "floorFen": 50_000, "capFen": 9_000_050 })),
            ("entryAndRoyalty", &[("amountYuan", "1000"), ("royaltyBase", "profit"), ("royaltyRate", "10"), ("everyMonths", "6"), ("payWithinDays", "0")], serde_json::json!({ "mode": "entryAndRoyalty", "entryFen": 100_000, "royalty": { "base": "profit", "rateBp": 1000, "everyMonths": 6, "payWithinDays": 0 } })),
            ("stages", &[("terms", stages)], serde_json::from_str(stages).expect("JSON")),
        ];
        let number = market.patent().await;
        let page = drafted(&browser, &number).await;
        let (text, edit) = (number.to_string(), format!("{page}/edit"));
        let record = page.replace("/desk/", "/v1/");
        for (mode, fields, wanted) in ways {
            let version = values(&browser.get(&edit).await.text(), "version")[0].to_owned();
            let mut all: Vec<_> = content(&text, "").into_iter().filter(|(name, _)| !matches!(*name, "feeMode" | "amountYuan")).collect();
            all.extend([("feeMode", mode), ("version", version.as_str())]);
            all.extend(fields);
            let answer = browser.upload(&edit, &edit, &all, &[]).await;
            assert_eq!(answer.status, 303, "{mode}: {}", answer.text());
            assert_eq!(market.read(&record, &market.holder_key).await["terms"], wanted);
            // What the page then holds, sent as it is, means the same.
            let form = browser.get(&edit).await.text();
            let version = values(&form, "version")[0].to_owned();
            let typed = typed(&form);
            let mut all: Vec<_> = typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            all.push(("version", &version));
            let answer = browser.upload(&edit, &edit, &all, &[]).await;
            assert_eq!(answer.status, 303, "{mode}: {}", answer.text());
            assert_eq!(market.read(&record, &market.holder_key).await["terms"], wanted, "{mode} came back otherwise");
        }
    }

    async fn a_page_that_is_out_of_date_says_so_and_changes_nothing(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let browser = holder(&world, &market).await;
        let page = drafted(&browser, &number).await;
        let old = values(&browser.get(&page).await.text(), "version")[0].to_owned();
        let text = number.to_string();
        let edit = format!("{page}/edit");
        let mut fields = content(&text, "50000");
        fields.push(("version", &old));
        assert_eq!(browser.upload(&edit, &edit, &fields, &[]).await.status, 303);
        let token = browser.token(&page, &format!("{page}/ready")).await;
        let stale = browser.post(&format!("{page}/ready"), &[("version", &old), ("csrf", &token)], &[("origin", "http://kaixu.test")]).await;
        assert_eq!(stale.status, 412);
        assert!(stale.text().contains("记录已被修改"), "{}", stale.text());
        let mut fields = content(&text, "1");
        fields.push(("version", &old));
        assert_eq!(browser.upload(&edit, &edit, &fields, &[]).await.status, 412);
        let record = market.read(&page.replace("/desk/", "/v1/"), &market.holder_key).await;
        assert_eq!((record["state"].as_str(), record["terms"]["amountFen"].as_i64()), (Some("draft"), Some(5_000_000)));
    }

    async fn a_pledge_is_cured_by_the_pledgees_consent_where_the_gate_shows_it(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let body = serde_json::json!({ "number": number, "kind": "pledge", "from": "2025-01-01", "party": "蓝湾银行" });
        assert_eq!(market.post("/v1/encumbrances", &market.holder_key, &body).await.status, 201);
        let browser = holder(&world, &market).await;
        let page = drafted(&browser, &number).await;
        let shown = browser.get(&page).await.text();
        assert!(shown.contains("未经质权人同意") && shown.contains("蓝湾银行"), "{shown}");
        let action = shown.split("action=\"").filter_map(|rest| rest.split('"').next()).find(|a| a.starts_with("/desk/encumbrances/"));
        let action = action.expect("a form").to_owned();
        let id = page.rsplit('/').next().expect("an id");
        let fields = [("version", "1"), ("declaration", id), ("releasedOn", "")];
        let answer = browser.upload(&page, &action, &fields, &[pdf("consent")]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, page.as_str()), "{}", answer.text());
        assert!(browser.get(&page).await.text().contains("没有发现不得声明的情形"));
    }

    async fn neither_an_enterprise_nor_another_holder_opens_or_moves_a_declaration(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let browser = holder(&world, &market).await;
        let draft = drafted(&browser, &number).await;
        let live = market.announced(&market.patent().await, &lump(100)).await.replace("/v1/", "/desk/");
        let other = world.organisation("东港学院").await;
        let stranger = member(&world, "dong@example.com", Role::Holder, Some(other.uscc.as_str())).await;
        let maker = member(&world, "maker@example.com", Role::Enterprise, Some(market.maker.uscc.as_str())).await;
        let begin = format!("/desk/declarations/new?number={number}");
        for page in [&draft, &live] {
            for path in [page.clone(), format!("{page}/edit"), format!("{page}/papers/declaration")] {
                assert!([403, 404].contains(&stranger.get(&path).await.status.as_u16()), "{path}");
                assert_eq!(maker.get(&path).await.status, 403, "{path}");
            }
        }
        assert_eq!(maker.get(&begin).await.status, 403);
        assert_eq!(maker.get("/desk/declarations").await.status, 403);
        let list = stranger.get("/desk/declarations").await.text();
        assert!(!list.contains(&draft) && !list.contains(&live), "{list}");
        // With a token of their own for that very action, the operation itself refuses.
        let action = format!("{live}/request-withdrawal");
        let token = token_for(&stranger, &action);
        let fields = [("csrf", token.as_str()), ("version", "4"), ("on", "2026-03-02"), ("reason", "x")];
        let answer = stranger.post(&action, &fields, &[("origin", "http://kaixu.test")]).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        let record = market.read(&live.replace("/desk/", "/v1/"), &market.holder_key).await;
        assert_eq!(record["state"], "announced");
    }
}

/// The token that this session's forms for an action carry.
fn token_for(browser: &Browser<'_>, action: &str) -> String {
    let secret = browser.cookie("kaixu").expect("signed in");
    let text = format!("kaixu form\n{action}\n{secret}");
    kaixu::domain::event::sha256_hex(text.as_bytes())
}

/// What the fields of the page's form of several lines hold, as a browser would send it.
fn typed(page: &str) -> Vec<(String, String)> {
    let form = page.split("<form class=\"entry\"").nth(1).expect("a form");
    let form = form.split("</form>").next().expect("its end");
    let plain = |text: &str| {
        text.replace("&#34;", "\"")
            .replace("&quot;", "\"")
            .replace("&#38;", "&")
            .replace("&#39;", "'")
    };
    let attribute = |tag: &str, name: &str| {
        let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
        Some(plain(rest.split('"').next()?))
    };
    let mut found = Vec::new();
    for tag in form
        .split("<input")
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
    {
        let kind = attribute(tag, "type").unwrap_or_default();
        let name = attribute(tag, "name").unwrap_or_default();
        if kind != "file" && kind != "hidden" {
            found.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    for part in form.split("<textarea").skip(1) {
        let (tag, rest) = part.split_once('>').expect("a tag");
        let text = rest.split("</textarea>").next().unwrap_or_default();
        found.push((
            attribute(tag, "name").unwrap_or_default(),
            plain(text.trim_start_matches('\n')),
        ));
    }
    for part in form.split("<select").skip(1) {
        let (tag, rest) = part.split_once('>').expect("a tag");
        let options = rest.split("</select>").next().unwrap_or_default();
        let chosen = options
            .split("<option")
            .find(|option| option.contains(" selected"));
        let first = options.split("<option").nth(1).unwrap_or_default();
        let value = attribute(chosen.unwrap_or(first), "value").unwrap_or_default();
        found.push((attribute(tag, "name").unwrap_or_default(), value));
    }
    found
}
