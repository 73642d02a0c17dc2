//! The list of one's own stock against a plain list, changes of many entries, the file; never anybody else's.

use std::{collections::BTreeSet, fmt::Write as _};

use kaixu::domain::{access::Role, party::Organisation};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{member, values};
use crate::{
    on_both_at,
    support::{
        World,
        browser::Browser,
        market::{Market, lump, number},
        sql,
    },
};

const HEADER: &str =
    "专利号,专利名称,专利权人,发明人,申请日,授权公告日,法律状态,所属学院,转化状态\n";

/// Patents of the university, every property in another rhythm; every fifth is owned by somebody else.
fn table(count: u32) -> String {
    let mut csv = HEADER.to_owned();
    for n in 1..=count {
        let kind = 1 + n % 3;
        let title = ["一种海藻肥", "渔网Cleaner装置", "=碳纤维鱼竿"][n as usize % 3];
        let owner = if n % 5 == 0 {
            "别家公司"
        } else {
            "蓝湾大学"
        };
        let status = ["专利权维持", "等年费滞纳金"][n as usize % 2];
        let unit = ["海洋学院", "", "机械学院", "海洋学院"][n as usize % 4];
        let used = ["未实施", "已许可", "自行实施", "未实施"][n as usize % 4];
        let zl = number(2015 + n % 7, kind, n).zl();
        let _ = writeln!(
            csv,
            "{zl},{title}{n},{owner},张{n}三,{}-0{}-01,2023-01-01,{status},{unit},{used}",
            2015 + n % 7,
            1 + n % 9,
        );
    }
    csv
}

async fn holder<'a>(world: &'a World, organisation: &Organisation) -> Browser<'a> {
    member(
        world,
        "li@blue.example.com",
        Role::Holder,
        Some(organisation.uscc.as_str()),
    )
    .await
}

/// The ids on every page of a list, in order, and how many pages there are.
async fn walk(browser: &Browser<'_>, path: &str) -> (Vec<String>, usize) {
    let (mut all, mut pages, mut path) = (Vec::new(), 0, path.to_owned());
    loop {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.text();
        all.extend(values(&page, "holding").into_iter().map(str::to_owned));
        pages += 1;
        let Some(next) = page.split("<p class=\"next\"><a href=\"").nth(1) else {
            return (all, pages);
        };
        path = next
            .split('"')
            .next()
            .expect("an address")
            .replace("&#38;", "&")
            .replace("&amp;", "&");
    }
}

/// The holdings of a plain SQL condition.
async fn wanted(world: &World, condition: &str) -> BTreeSet<String> {
    let sql = format!(
        "select h.id from holdings h join organisations o on o.id = h.organisation where o.name = '蓝湾大学' and {condition}"
    );
    sql::texts(&world.services.db, &sql)
        .await
        .into_iter()
        .collect()
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn every_order_walks_through_the_whole_stock_once_and_every_filter_finds_what_a_plain_list_finds(world) {
        let market = Market::new(&world).await;
        market.import(&table(120)).await;
        let offered = market.patent().await;
        market.announced(&offered, &lump(100)).await;
        let drafted = market.patent().await;
        market.drafted(&drafted, &lump(100)).await;
        let browser = holder(&world, &market.university).await;
        let everything = wanted(&world, "true").await;
        for order in ["number", "filed", "term"] {
            let (walked, pages) = walk(&browser, &format!("/desk/stock?order={order}")).await;
            assert_eq!(walked.len(), 122, "{order}");
            assert_eq!(pages, 3);
            assert_eq!(walked.into_iter().collect::<BTreeSet<_>>(), everything, "{order}");
        }
        let declared = "exists (select 1 from declarations d where d.number = h.number and d.state";
        let patent = "exists (select 1 from patents p where p.number = h.number and";
        let filters = [
            ("conversion=unused".to_owned(), "h.conversion = 'unused'".to_owned()),
            ("confirmed=no".to_owned(), "h.state = 'claimed'".to_owned()),
            ("published=yes&confirmed=yes".to_owned(), "h.published".to_owned()),
            ("kind=design".to_owned(), "substr(h.number, 5, 1) = '3'".to_owned()),
            ("status=feeGrace".to_owned(), format!("{patent} cast(p.doc as text) like '%feeGrace%')")),
            (format!("unit={}", encoded("海洋学院")), "cast(h.doc as text) like '%海洋学院%'".to_owned()),
            ("unit=-".to_owned(), "cast(h.doc as text) not like '%学院%'".to_owned()),
            ("offer=offered".to_owned(), format!("{declared} = 'announced')")),
            ("offer=preparing".to_owned(), format!("{declared} = 'draft')")),
            ("offer=not".to_owned(), format!("not {declared} in ('draft', 'announced'))")),
            (format!("q={}", encoded("网ｃｌｅａｎｅｒ")), format!("{patent} cast(p.doc as text) like '%Cleaner%')")),
            (format!("q={}", encoded("张7三")), format!("{patent} cast(p.doc as text) like '%张7三%')")),
            (format!("q={}", encoded(&offered.zl())), format!("h.number = '{offered}'")),
            ("q=%25".to_owned(), "1 = 0".to_owned()),
            (format!("q={}&conversion=unused&kind=invention", encoded("海藻")), format!("h.conversion = 'unused' and substr(h.number, 5, 1) = '1' and {patent} cast(p.doc as text) like '%海藻%')")),
        ];
        for (asked, condition) in filters {
            let (walked, _) = walk(&browser, &format!("/desk/stock?{asked}")).await;
            let wanted = wanted(&world, &condition).await;
            assert_eq!(walked.iter().cloned().collect::<BTreeSet<_>>(), wanted, "{asked}");
            assert_eq!(walked.len(), wanted.len(), "{asked}");
            assert!(asked == "q=%25" || !wanted.is_empty(), "{asked} tests nothing");
        }
        assert_eq!(browser.get("/desk/stock?kind=nonsense").await.status, 400);
    }

    async fn ticked_entries_are_changed_and_nobody_elses_even_when_their_ids_are_sent(world) {
        let market = Market::new(&world).await;
        market.import(&table(10)).await;
        let other = world.organisation("东港学院").await;
        crate::imports::import(&world, Some(&other), table(10)).await;
        let browser = holder(&world, &market.university).await;
        let page = browser.get("/desk/stock").await.text();
        let mine: Vec<String> = values(&page, "holding").into_iter().map(str::to_owned).collect();
        assert_eq!(mine.len(), 10);
        let theirs = sql::text(&world.services.db, &format!("select min(id) from holdings where organisation = '{}'", other.id)).await;
        let before = sql::text(&world.services.db, &format!("select hash from holdings where id = '{theirs}'")).await;
        let fields = [
            ("scope", "ticked"), ("holding", mine[0].as_str()), ("holding", mine[1].as_str()), ("holding", theirs.as_str()),
            ("toConversion", "industrialised"), ("toUnit", "材料学院"), ("toPublished", ""),
        ];
        let answer = browser.send("/desk/stock", "/desk/stock/edit", &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains("<b>2</b> 已修改"), "{}", answer.text());
        assert_eq!(wanted(&world, "h.conversion = 'industrialised' and h.unit = '材料学院'").await, [mine[0].clone(), mine[1].clone()].into());
        let after = sql::text(&world.services.db, &format!("select hash from holdings where id = '{theirs}'")).await;
        assert_eq!(before, after);
        // The same again changes nothing and writes no row of the chain.
        let head = sql::text(&world.services.db, "select cast(seq as text) from head").await;
        let answer = browser.send("/desk/stock", "/desk/stock/edit", &fields).await;
        assert!(answer.text().contains("<b>2</b> 原已如此"), "{}", answer.text());
        assert_eq!(sql::text(&world.services.db, "select cast(seq as text) from head").await, head);
        let nothing = browser.send("/desk/stock", "/desk/stock/edit", &[("scope", "ticked"), ("toUnit", "x")]).await;
        assert_eq!(nothing.status, 422);
        let nothing = browser.send("/desk/stock", "/desk/stock/edit", &[("scope", "ticked"), ("holding", &mine[0])]).await;
        assert_eq!(nothing.status, 422);
    }

    async fn all_that_meet_a_filter_are_changed_after_the_number_was_shown_and_what_may_not_be_is_told(world) {
        let market = Market::new(&world).await;
        market.import(&table(600)).await;
        let browser = holder(&world, &market.university).await;
        let fields = [("scope", "all"), ("conversion", "unused"), ("toConversion", "ownUse"), ("toPublished", "yes"), ("toUnit", "-")];
        let unused = wanted(&world, "h.conversion = 'unused'").await;
        let claimed = wanted(&world, "h.conversion = 'unused' and h.state = 'claimed'").await;
        let page = browser.send("/desk/stock?conversion=unused", "/desk/stock/edit", &fields).await.text();
        assert!(page.contains(&format!("确认修改这 {} 件", unused.len())), "{page}");
        assert_eq!(wanted(&world, "h.conversion = 'unused'").await, unused, "nothing is changed yet");
        // Meanwhile another one meets the filter: the number is shown once more.
        let spare = wanted(&world, "h.conversion = 'licensed'").await.into_iter().next().expect("one");
        browser.send("/desk/stock", "/desk/stock/edit", &[("scope", "ticked"), ("holding", &spare), ("toConversion", "unused")]).await;
        let agreed = unused.len().to_string();
        let mut again = fields.to_vec();
        again.push(("agreed", &agreed));
        let page = browser.send("/desk/stock", "/desk/stock/edit", &again).await.text();
        assert!(page.contains(&format!("确认修改这 {} 件", unused.len() + 1)), "{page}");
        let agreed = (unused.len() + 1).to_string();
        let mut again = fields.to_vec();
        again.push(("agreed", &agreed));
        let page = browser.send("/desk/stock", "/desk/stock/edit", &again).await.text();
        let spare_claimed = wanted(&world, &format!("h.id = '{spare}' and h.state = 'claimed'")).await.len();
        let refused = claimed.len() + spare_claimed;
        assert!(page.contains(&format!("<b>{}</b> 已修改", unused.len() + 1 - refused)), "{page}");
        assert!(page.contains(&format!("<b>{refused}</b> 未能修改")) && page.contains("权属尚未确认"), "{page}");
        assert_eq!(wanted(&world, "h.conversion = 'unused'").await.len(), refused);
        assert!(wanted(&world, "h.conversion = 'ownUse' and h.unit = ''").await.is_superset(&unused.difference(&claimed).cloned().collect()));
    }

    async fn the_file_has_every_line_of_the_list_and_no_formula(world) {
        let market = Market::new(&world).await;
        market.import(&table(520)).await;
        let browser = holder(&world, &market.university).await;
        let answer = browser.get("/desk/stock/sheet?layout=stock&format=csv").await;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        let text = answer.text();
        assert_eq!(text.lines().count(), 521);
        assert!(text.starts_with('\u{feff}'));
        assert!(text.contains(",'=碳纤维鱼竿") && !text.contains(",=碳纤维"), "{text}");
        let narrowed = browser.get("/desk/stock/sheet?layout=stock&format=csv&confirmed=no").await.text();
        assert_eq!(narrowed.lines().count(), 1 + 520 / 5);
    }

    async fn an_enterprise_and_an_officer_have_no_stock_and_a_stranger_signs_in_first(world) {
        let market = Market::new(&world).await;
        market.import(&table(3)).await;
        let maker = member(&world, "maker@example.com", Role::Enterprise, Some(market.maker.uscc.as_str())).await;
        let office = member(&world, "office@example.com", Role::Office, None).await;
        for path in ["/desk/stock", "/desk/stock/sheet?layout=stock&format=csv"] {
            assert_eq!(maker.get(path).await.status, 403, "{path}");
            assert_eq!(office.get(path).await.status, 403, "{path}");
            let stranger = world.get(path).await;
            assert_eq!((stranger.status.as_u16(), stranger.header("location").starts_with("/signin")), (303, true));
        }
        // The navigation shows each of them what is theirs.
        let tasks = maker.get("/desk/tasks").await.text();
        assert!(tasks.contains("href=\"/desk/needs\"") && !tasks.contains("href=\"/desk/stock\""), "{tasks}");
        let university = holder(&world, &market.university).await;
        let page = university.get("/desk/stock").await.text();
        assert!(page.contains("href=\"/desk/imports\"") && !page.contains("href=\"/desk/needs\""));
    }
}
