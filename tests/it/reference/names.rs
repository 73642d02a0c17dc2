//! Names beside codes: in facets, hits, on the patent's page, in needs, organisations and progress.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::json;

use super::{load, stock};
use crate::on_both;

on_both! {
    async fn a_fresh_installation_shows_names_beside_codes(world) {
        let university = stock(&world, &[("202480012345.0", "网箱清洗装置", "A01K61/60;H01M50/533", "C3511")]).await;
        let found = world.get("/v1/patents?q=%E7%BD%91%E7%AE%B1&facet=ipcSubclass,industry,region").await.json();
        let hit = &found["items"][0];
        assert_eq!(hit["ipcTitles"], json!(["农林牧渔", "电气元件"]), "{hit}");
        assert_eq!((&hit["industries"], &hit["industryNames"]), (&json!(["C3511"]), &json!(["专用设备制造业"])));
        assert!(hit["industriesDerivedBy"].is_null(), "{hit}");
        let label = |facet: usize| found["facets"][facet]["buckets"][0]["label"].clone();
        assert_eq!([label(0), label(1), label(2)], [json!("农林牧渔"), json!("专用设备制造业"), json!("山东省")], "{found}");
        let patent = world.get("/v1/patents/2024800123450").await.json();
        assert_eq!(patent["ipcTitles"], hit["ipcTitles"], "{patent}");
        assert_eq!(patent["industryNames"], hit["industryNames"]);
        assert!(patent["derivedIndustries"].is_null());
        let organisation = world.get(&format!("/v1/organisations/{}", university.id)).await.json();
        assert_eq!(organisation["districtName"], "环翠区", "{organisation}");
        kaixu::ops::targets::ensure(&world.services).await.expect("a target");
        let progress = world.get("/v1/progress").await.json();
        assert_eq!(progress["districtName"], "环翠区", "{progress}");
        let page = world.get("/patents?industry=35").await.text();
        assert!(page.contains("网箱清洗装置") && page.contains("35 专用设备制造业"), "{page}");
        assert!(page.contains("农林牧渔") && page.contains("电气元件"), "facets of classes have names");
        let page = world.get("/patents/2024800123450?lang=en").await.text();
        assert!(page.contains("C3511 Special machinery") && page.contains("Electric elements"), "{page}");
        let export = world.get("/v1/patents/export?format=csv").await.text();
        assert!(export.contains("国民经济行业") && export.contains("C3511 专用设备制造业"), "{export}");
    }

    async fn a_need_says_what_its_codes_are_called(world) {
        let enterprise = world.organisation("渔网公司").await;
        let key = world.key(Role::Holder, Some(&enterprise)).await;
        let body = json!({ "title": "网箱清洗", "text": "不起网清洗网箱。", "industry": "A04", "ipc": ["A01K61/60"] });
        let made = world.ask(Method::POST, "/v1/needs").key(&key).json(&body).send().await.json();
        let names = |need: &serde_json::Value| (need["industryName"].clone(), need["regionName"].clone(), need["ipcTitles"].clone());
        let expected = (json!("渔业"), json!("环翠区"), json!(["农林牧渔"]));
        assert_eq!(names(&made), expected, "{made}");
        let id = made["id"].as_str().expect("an id");
        let path = format!("/v1/needs/{id}/steps");
        let opened = world.ask(Method::POST, &path).key(&key).header("if-match", "\"1\"").json(&json!({ "step": "open" })).send().await;
        assert_eq!(opened.status, 200, "{}", opened.text());
        world.indexed().await;
        let listed = world.get("/v1/needs").await.json();
        assert_eq!(names(&listed["items"][0]), expected, "{listed}");
        let page = world.get(&format!("/needs/{id}")).await.text();
        assert!(page.contains("渔业 A04") && page.contains("环翠区"), "{page}");
        let list = world.get("/needs").await.text();
        assert!(list.contains("<option value=\"H62\">H62 餐饮业</option>"), "every division can be chosen");
    }

    async fn a_loaded_table_names_codes_at_once_and_on_every_replica(world) {
        stock(&world, &[("202480012345.0", "网箱清洗装置", "A01K61/60", "C3511")]).await;
        let replica = crate::support::World::beside(crate::support::services_over(
            world.services.db.clone(), world.services.search.clone(), world.folder.path()));
        let title = async |world: &crate::support::World| {
            world.get("/v1/patents/2024800123450").await.json()["ipcTitles"][0].clone()
        };
        assert_eq!((title(&world).await, title(&replica).await), (json!("农林牧渔"), json!("农林牧渔")));
        let office = world.key(Role::Office, None).await;
        let file = "code,level,title,title_short\nA01K61/00,main_group,\"鱼类、贝类的养殖（附注）\",水产养殖\nA01K61/60,subgroup,\"漂浮式（网箱）\",漂浮养殖设备\n";
        let query = "version=2026.01&source=%E4%B8%93%E5%88%A9%E5%B1%80";
        let loaded = load(&world, &office, "ipc", query, file).await;
        assert_eq!(loaded.status, 200, "{}", loaded.text());
        assert_eq!(title(&world).await, "漂浮养殖设备");
        let lines = world.get("/v1/reference-tables/ipc/lines?prefix=A01K61").await.json();
        assert_eq!(lines["items"][0], json!({ "code": "A01K61", "zh": "水产养殖", "en": "" }), "{lines}");
        assert_eq!(lines["total"], 2);
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        assert_eq!(title(&replica).await, "漂浮养殖设备", "within about a second");
        let page = replica.get("/patents").await.text();
        assert!(page.contains("漂浮养殖设备"), "{page}");
    }
}
