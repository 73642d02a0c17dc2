//! Imports that agree and disagree; conflicts listed, decided, remembered; what hangs on a value follows.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::json;

use super::{A, decide, import, open, patent};
use crate::{on_both, support::sql};

on_both! {
    async fn newer_wins_older_is_left_and_equal_days_make_a_conflict_that_is_decided_once(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let office = world.key(Role::Office, None).await;
        let own = ("专利权人", "蓝湾大学");
        import(&world, Some(&holder), "2025-01-01", &[own, ("专利名称", "甲")]).await;
        import(&world, Some(&holder), "2025-03-01", &[own, ("专利名称", "乙")]).await;
        assert_eq!(patent(&world).await["title"], "乙", "newer");
        import(&world, Some(&holder), "2025-02-01", &[own, ("专利名称", "丙")]).await;
        assert_eq!(patent(&world).await["title"], "乙", "older");
        assert!(open(&world, &key).await.is_empty());
        let done = import(&world, None, "2025-03-01", &[own, ("专利名称", "丁")]).await;
        assert_eq!((&done["counts"]["unchanged"], &done["counts"]["conflicts"]), (&json!(1), &json!(1)), "{done}");
        assert_eq!(patent(&world).await["title"], "乙", "kept");
        let found = open(&world, &key).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let conflict = &found[0];
        assert_eq!((&conflict["unit"], &conflict["because"]), (&json!("title"), &json!("sameDay")));
        assert_eq!((&conflict["ours"]["value"]["title"], &conflict["theirs"]["value"]["title"]), (&json!("乙"), &json!("丁")));
        // The same file again says nothing new.
        let again = import(&world, None, "2025-03-01", &[own, ("专利名称", "丁")]).await;
        assert_eq!(again["counts"]["conflicts"], json!(null), "{again}");
        // Nobody else sees it.
        let other = world.organisation("红崖学院").await;
        let stranger = world.key(Role::Holder, Some(&other)).await;
        assert!(open(&world, &stranger).await.is_empty());
        decide(&world, &stranger, conflict, "ours").await.problem(404, "notFound");
        let anonymous = world.get("/v1/conflicts").await;
        anonymous.problem(401, "unauthenticated");
        let stale = world.ask(Method::POST, &format!("/v1/conflicts/{}/resolution", conflict["id"].as_str().expect("an id"))).key(&key);
        stale.json(&json!({ "choice": "ours" })).send().await.problem(428, "ifMatchRequired");
        let taken = decide(&world, &key, conflict, "theirs").await;
        assert_eq!((taken.status.as_u16(), &taken.json()["state"]), (200, &json!("taken")), "{}", taken.text());
        assert_eq!(patent(&world).await["title"], "丁");
        decide(&world, &office, conflict, "ours").await.problem(412, "versionStale");
        // Neither of the two files brings it back; a newer one decides anew.
        import(&world, Some(&holder), "2025-03-01", &[own, ("专利名称", "乙")]).await;
        assert!(open(&world, &key).await.is_empty());
        import(&world, Some(&holder), "2025-04-01", &[own, ("专利名称", "戊")]).await;
        assert_eq!(patent(&world).await["title"], "戊");
        let feed = world.ask(Method::GET, "/v1/changes?limit=200").key(&key).send().await.json();
        let told = feed["items"].as_array().expect("a list").iter().filter(|e| e["type"] == "cn.kaixu.conflict.set").count();
        assert_eq!(told, 2, "raised and decided: {feed}");
        let public = world.get("/v1/changes?limit=200").await.text();
        assert!(!public.contains("conflict"), "{public}");
    }

    async fn a_newer_file_settles_what_was_open(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        let own = ("专利权人", "蓝湾大学");
        import(&world, Some(&holder), "2025-01-01", &[own, ("专利名称", "甲")]).await;
        import(&world, None, "2025-01-01", &[own, ("专利名称", "乙")]).await;
        assert_eq!(open(&world, &key).await.len(), 1);
        import(&world, None, "2025-02-01", &[own, ("专利名称", "丙")]).await;
        assert!(open(&world, &key).await.is_empty());
        let all = world.ask(Method::GET, "/v1/conflicts").key(&key).send().await.json();
        assert_eq!(all["items"][0]["state"], "superseded", "{all}");
    }

    async fn a_column_of_the_file_dates_each_row(world) {
        import(&world, None, "2025-06-01", &[("专利名称", "甲")]).await;
        import(&world, None, "2025-07-01", &[("专利名称", "乙"), ("导出日期", "2025-05-01")]).await;
        assert_eq!(patent(&world).await["title"], "甲", "the row itself is older");
    }

    async fn what_would_write_a_confirmed_holder_away_waits_for_it_and_the_office(world) {
        let first = world.organisation("蓝湾大学").await;
        let second = world.organisation("环翠研究院").await;
        let key = world.key(Role::Holder, Some(&first)).await;
        import(&world, Some(&first), "2025-01-01", &[("专利权人", "蓝湾大学")]).await;
        import(&world, Some(&second), "2025-02-01", &[("专利权人", "环翠研究院")]).await;
        assert_eq!(patent(&world).await["owners"], json!(["蓝湾大学"]));
        let found = open(&world, &key).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["because"], "patentees");
        assert_eq!(found[0]["theirs"].get("party"), None, "whose file it was is that organisation's own");
        let office = world.key(Role::Office, None).await;
        assert_eq!(decide(&world, &office, &found[0], "theirs").await.status, 200);
        assert_eq!(patent(&world).await["owners"], json!(["环翠研究院"]));
        let held = sql::number(&world.services.db, "select count(*) from holdings where state = 'claimed'").await;
        assert_eq!(held, 1, "the first is no longer named, the second is");
    }

    async fn sources_of_values_are_for_those_who_hold_the_patent(world) {
        let holder = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&holder)).await;
        import(&world, Some(&holder), "2025-01-01", &[("专利权人", "蓝湾大学"), ("IPC分类号", "B26D1/09;怪类"), ("转化状态", "未实施")]).await;
        let path = format!("/v1/patents/{A}/sources");
        let found = world.ask(Method::GET, &path).key(&key).send().await.json();
        let units = found["units"].as_array().expect("a list");
        let of = |unit: &str| units.iter().find(|one| one["unit"] == unit).unwrap_or_else(|| panic!("{unit}: {found}"));
        assert_eq!((&of("title")["day"], &of("title")["by"]), (&json!("2025-01-01"), &json!("import")));
        assert_eq!(of("classes")["raw"][0]["text"], "B26D1/09;怪类");
        assert_eq!(of("conversion")["stated"], true);
        let other = world.organisation("红崖学院").await;
        let stranger = world.key(Role::Holder, Some(&other)).await;
        world.ask(Method::GET, &path).key(&stranger).send().await.problem(403, "notYours");
        world.get(&path).await.problem(401, "unauthenticated");
    }
}
