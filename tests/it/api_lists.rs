//! Lists: exact totals, cursors that neither skip nor repeat, and cursors that do not belong.

use std::collections::BTreeSet;

use axum::http::Method;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kaixu::domain::access::Role;

use crate::{on_both, support::World};

/// The address in `Link: <…>; rel="next"`.
fn next_of(link: &str) -> Option<String> {
    let (address, relation) = link.split_once(">; ")?;
    assert_eq!(relation, "rel=\"next\"");
    Some(address.strip_prefix('<')?.to_owned())
}

/// Follows `Link` to the end; the values of `field` of all items, in order.
async fn walk(
    world: &World,
    key: Option<&str>,
    start: &str,
    field: &str,
    total: usize,
) -> Vec<String> {
    let (mut address, mut seen, mut pages) = (Some(start.to_owned()), Vec::new(), 0);
    while let Some(path) = address {
        let asking = world.ask(Method::GET, &path);
        let answer = match key {
            Some(key) => asking.key(key).send().await,
            None => asking.send().await,
        };
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let page = answer.json();
        assert_eq!(page["total"], total, "{path}");
        let items = page["items"].as_array().expect("items");
        assert!(
            !items.is_empty() || seen.is_empty(),
            "an empty page behind a cursor"
        );
        seen.extend(
            items
                .iter()
                .map(|item| item[field].as_str().expect("a text").to_owned()),
        );
        address = next_of(answer.header("link"));
        assert_eq!(
            address.is_some(),
            page["next"].is_string(),
            "body and Link agree"
        );
        if let (Some(address), Some(next)) = (&address, page["next"].as_str()) {
            assert!(address.ends_with(&format!("after={next}")), "{address}");
        }
        pages += 1;
        assert!(pages <= total + 1, "the walk does not end");
    }
    seen
}

on_both! {
    async fn a_walk_over_many_organisations_skips_and_repeats_none(world) {
        let mut expected = BTreeSet::new();
        for n in 0..120 {
            expected.insert(world.organisation(&format!("第 {n} 学院")).await.uscc.to_string());
        }
        let expected: Vec<String> = expected.into_iter().collect();
        for (limit, filter) in [(7, ""), (60, "&district=371002"), (120, ""), (200, "")] {
            let start = format!("/v1/organisations?limit={limit}{filter}");
            assert_eq!(walk(&world, None, &start, "uscc", 120).await, expected, "{start}");
        }
        let page = world.get("/v1/organisations").await.json();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(50), "by default");
        assert_eq!(walk(&world, None, "/v1/organisations?district=371003", "uscc", 0).await, Vec::<String>::new());
    }

    async fn a_walk_stands_still_while_others_write(world) {
        for n in 0..20 {
            world.organisation(&format!("第 {n} 学院")).await;
        }
        let first = world.get("/v1/organisations?limit=10").await;
        let after = next_of(first.header("link")).expect("a next page");
        for n in 20..25 {
            world.organisation(&format!("第 {n} 学院")).await;
        }
        let second = world.get(&after).await.json();
        let last = first.json()["items"][9]["uscc"].as_str().expect("a code").to_owned();
        let codes: Vec<&str> = second["items"].as_array().expect("items").iter().filter_map(|o| o["uscc"].as_str()).collect();
        assert_eq!(codes.len(), 10);
        assert!(codes.iter().all(|code| **code > *last), "{last} {codes:?}");
    }

    async fn holdings_and_imports_are_walked_by_whoever_may_see_them(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let rows: Vec<String> = (0..12).map(|n| {
            let number = kaixu::domain::codes::AppNo::parse(&format!("2024100{n:05}")).expect("a number").0;
            format!("{number},装置 {n},{}", if n < 8 { "蓝湾大学" } else { "别家公司" })
        }).collect();
        for part in ["", "\n"] {
            let file = format!("专利号,专利名称,专利权人\n{}\n{part}", rows.join("\n"));
            let sent = world.ask(Method::POST, "/v1/imports").key(&key).body(file).send().await;
            crate::smoke::finished(&world, &key, sent.header("location")).await;
        }
        assert_eq!(walk(&world, None, "/v1/holdings?limit=3", "id", 8).await.iter().collect::<BTreeSet<_>>().len(), 8);
        assert_eq!(walk(&world, Some(&key), "/v1/holdings?limit=5", "id", 12).await.iter().collect::<BTreeSet<_>>().len(), 12);
        assert_eq!(walk(&world, Some(&key), "/v1/holdings?limit=1&state=claimed", "id", 4).await.len(), 4);
        let imports = walk(&world, Some(&key), "/v1/imports?limit=1", "id", 2).await;
        assert!(imports[0] > imports[1], "newest first: {imports:?}");
    }

    async fn a_cursor_belongs_to_its_list_its_filters_and_its_reader(world) {
        let holder = world.organisation("蓝湾大学").await;
        let other = world.organisation("红崖学院").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let office = world.key(Role::Office, Some(&other)).await;
        let csv = "专利号,专利名称,专利权人\nZL202480012345.0,渔网清洗装置,蓝湾大学\nZL201990001234.4,碳纤维鱼竿,蓝湾大学\n";
        for _ in 0..2 {
            let sent = world.ask(Method::POST, "/v1/imports").key(&key).body(csv).send().await;
            crate::smoke::finished(&world, &key, sent.header("location")).await;
        }
        let next = async |path: &str, key: &str| {
            let page = world.ask(Method::GET, path).key(key).send().await.json();
            page["next"].as_str().unwrap_or_else(|| panic!("{path}: {page}")).to_owned()
        };
        let organisations = next("/v1/organisations?limit=1", &key).await;
        let holdings = next("/v1/holdings?limit=1", &key).await;
        let imports = next("/v1/imports?limit=1", &key).await;
        for (path, key, cursor) in [
            ("/v1/organisations?district=371002", &key, &organisations),
            ("/v1/holdings", &key, &organisations),
            ("/v1/imports", &key, &holdings),
            ("/v1/organisations", &key, &imports),
            ("/v1/holdings?state=claimed", &key, &holdings),
            ("/v1/holdings?conversion=unused", &key, &holdings),
            ("/v1/holdings", &office, &holdings),
            ("/v1/imports", &office, &imports),
        ] {
            let joint = if path.contains('?') { '&' } else { '?' };
            let answer = world.ask(Method::GET, &format!("{path}{joint}after={cursor}")).key(key).send().await;
            answer.problem(400, "cursorMismatch");
        }
        for path in ["/v1/changes", "/v1/patents"] {
            let answer = world.ask(Method::GET, &format!("{path}?after={holdings}")).key(&key).send().await;
            answer.problem(400, "cursorInvalid");
        }
    }

    async fn a_cursor_of_somebodys_own_making_is_refused(world) {
        world.organisation("蓝湾大学").await;
        world.organisation("红崖学院").await;
        let page = world.get("/v1/organisations?limit=1").await.json();
        let good = page["next"].as_str().expect("a cursor");
        let inner = String::from_utf8(URL_SAFE_NO_PAD.decode(good).expect("base64")).expect("text");
        let list = inner.rsplit_once('.').expect("parts").0;
        let made = ["\0", "a\0b", "\n", &"9".repeat(5_000), "中文", "a b"].map(|key| URL_SAFE_NO_PAD.encode(format!("{list}.{key}")));
        let fixed = ["x", "%00", "AAAA", "k1", &good[1..], &format!("{good}A"), "-", "null", "%F0%9F%98%80"].map(str::to_owned);
        for cursor in made.iter().chain(&fixed) {
            for path in ["/v1/organisations", "/v1/holdings", "/v1/changes", "/v1/patents"] {
                let answer = world.get(&format!("{path}?after={cursor}")).await;
                assert_eq!(answer.status, 400, "{path} {cursor}: {}", answer.text());
                let code = answer.json()["code"].clone();
                assert!(["cursorInvalid", "cursorMismatch", "parameterInvalid"].contains(&code.as_str().unwrap_or_default()), "{cursor}: {code}");
            }
        }
        // One that merely points between two records is harmless.
        let between = URL_SAFE_NO_PAD.encode(format!("{list}.0000"));
        let page = world.get(&format!("/v1/organisations?after={between}")).await.json();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(2), "{page}");
    }
}
