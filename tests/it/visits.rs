//! The public pages over HTTP: what a visitor gets, in which language, under which headers.

use kaixu::domain::access::Role;

use crate::{on_both, smoke::finished, support::World};

/// One holder with three patents, indexed.
async fn stocked(world: &World) {
    let holder = world.organisation("蓝湾大学").await;
    let key = world.key(Role::Holder, Some(&holder)).await;
    let csv = "专利号,专利名称,专利权人,申请日,授权公告日,法律状态,摘要\n\
        ZL202480012345.0,一种<u>网箱</u>清洗装置,蓝湾大学,2024-03-01,2025-03-01,专利权维持,网箱清洗时不需起网\n\
        ZL201990001234.4,网箱浮架,蓝湾大学,2019-05-01,2020-05-01,专利权维持,浮架\n\
        ZL202430000007.8,钓竿,蓝湾大学,2024-05-01,2024-11-01,专利权维持,外观\n";
    let answer = world
        .ask(axum::http::Method::POST, "/v1/imports")
        .key(&key)
        .body(csv)
        .send()
        .await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let import = finished(world, &key, answer.header("location")).await;
    assert_eq!(import["counts"]["added"], 3, "{import}");
    world.indexed().await;
}

on_both! {
    async fn the_home_page_works_with_an_empty_register(world) {
        world.indexed().await;
        let page = world.get("/").await;
        assert_eq!(page.status, 200);
        assert!(page.header("content-type").starts_with("text/html"));
        assert!(page.text().contains("lang=\"zh"), "{}", page.text());
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
    }

    async fn a_search_page_marks_what_was_found_and_escapes_what_is_stored(world) {
        stocked(&world).await;
        let page = world.get("/patents?q=%E7%BD%91%E7%AE%B1%E6%B8%85%E6%B4%97").await;
        let text = page.text();
        assert_eq!(page.status, 200);
        assert!(text.contains("<mark>") && text.contains("/patents/2024800123450"), "{text}");
        assert!(!text.contains("<u>") && text.contains("&#60;u&#62;"), "{text}");
        assert!(!text.contains("/patents/2024300000078"), "the fishing rod was not asked for");
    }

    async fn a_filter_in_the_address_narrows_the_page(world) {
        stocked(&world).await;
        let text = world.get("/patents?kind=design").await.text();
        assert!(text.contains("/patents/2024300000078") && !text.contains("/patents/2024800123450"));
        let refused = world.get("/patents?kind=nonsense").await;
        assert_eq!(refused.status, 400);
        assert!(refused.header("content-type").starts_with("text/html"));
    }

    async fn any_notation_leads_to_the_one_page_of_a_patent(world) {
        stocked(&world).await;
        let moved = world.get("/patents/ZL202480012345.0").await;
        assert_eq!((moved.status.as_u16(), moved.header("location")), (308, "/patents/2024800123450"));
        let page = world.get("/patents/2024800123450").await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("蓝湾大学") && page.text().contains("ZL202480012345.0"));
        assert_eq!(world.get("/patents/ZL202480012345.1").await.status, 400);
        assert_eq!(world.get("/patents/202410000001X").await.status, 404);
    }

    async fn english_is_given_to_those_who_ask_for_it(world) {
        stocked(&world).await;
        let page = world.ask(axum::http::Method::GET, "/patents").header("accept-language", "en").send().await;
        assert!(page.text().contains("lang=\"en\""), "{}", page.text());
        let page = world.get("/patents?lang=en").await;
        assert!(page.text().contains("lang=\"en\"") && page.header("set-cookie").starts_with("lang=en"));
    }
}
