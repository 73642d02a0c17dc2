//! Industries derived from classes where the source names none: marked, searchable, and anew when the table changes.

use std::time::Duration;

use kaixu::domain::access::Role;
use rust_xlsxwriter::{Format, Workbook};
use serde_json::{Value, json};

use super::{load, stock};
use crate::{on_both, support::World};

/// The numbers that a search finds.
async fn found(world: &World, query: &str) -> Vec<String> {
    let found = world
        .get(&format!("/v1/patents?sort=number&{query}"))
        .await
        .json();
    let items = found["items"]
        .as_array()
        .unwrap_or_else(|| panic!("{found}"));
    items
        .iter()
        .map(|hit| hit["number"].as_str().expect("a number").to_owned())
        .collect()
}

async fn facet(world: &World) -> Value {
    let found = world.get("/v1/patents?facet=industry&limit=1").await.json();
    let buckets = found["facets"][0]["buckets"].as_array().expect("buckets");
    buckets
        .iter()
        .map(|b| json!([b["value"], b["label"], b["count"]]))
        .collect()
}

/// The relation as its authority lays it out, merged cells included.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    let plain = Format::new();
    page.merge_range(0, 0, 0, 1, "国民经济行业", &plain)
        .expect("merges");
    page.write_string(0, 2, "国际专利分类").expect("writes");
    for (at, title) in (0..).zip(["行业代码", "行业名称", "IPC"]) {
        page.write_string(1, at, title).expect("writes");
    }
    for (row, (code, name, ipc)) in (2..).zip([
        ("A", "农、林、牧、渔业", ""),
        ("0412", "内陆养殖", "A01K61*"),
        ("", "", "A01K63"),
        ("C", "制造业", ""),
        ("3841", "锂离子电池制造", "H01M10;H01M50"),
    ]) {
        for (at, text) in (0..).zip([code, name, ipc]) {
            page.write_string(row, at, text).expect("writes");
        }
    }
    book.save_to_buffer().expect("saves")
}

on_both! {
    async fn industries_are_derived_where_the_source_names_none_and_anew_when_the_table_changes(world) {
        stock(&world, &[
            ("202480012345.0", "网箱", "A01K61/60", ""),
            ("201990001234.4", "电池", "H01M50/533", ""),
            ("202430000007.8", "瓶子", "", ""),
            ("201910699568.X", "泵", "A01K61/60", "C3441"),
        ]).await;
        let (net, battery, pump) = ("2024800123450", "2019900012344", "201910699568X");
        assert_eq!(found(&world, "industry=A04").await, [net], "the source's own industry is not added to");
        assert_eq!(found(&world, "industry=c").await, [pump, battery]);
        assert_eq!(found(&world, "industry=C38,C34").await, [pump, battery]);
        assert_eq!(found(&world, "industry=344").await, [pump]);
        world.get("/v1/patents?industry=99").await.problem(400, "parameterInvalid");
        assert_eq!(facet(&world).await, json!([["A04", "渔业", 1], ["C34", "通用设备制造业", 1], ["C38", "电气机械和器材制造业", 1]]));
        let one = world.get(&format!("/v1/patents/{net}")).await.json();
        assert_eq!(one["derivedIndustries"], json!([{ "code": "A04", "zh": "渔业", "en": "Fishing and aquaculture" }]), "{one}");
        assert_eq!(one["industriesDerivedBy"], "kaixu-1");
        assert!(one["industries"].is_null() || one["industries"] == json!([]), "the record itself says what the source says");
        let page = world.get(&format!("/patents/{net}")).await.text();
        assert!(page.contains("A04 渔业") && page.contains("按 IPC 推定"), "{page}");
        let page = world.get(&format!("/patents/{pump}")).await.text();
        assert!(page.contains("C3441 通用设备制造业") && !page.contains("按 IPC 推定"), "{page}");
        let office = world.key(Role::Office, None).await;
        let loaded = load(&world, &office, "ipcIndustries", "version=2018&source=%E4%B8%93%E5%88%A9%E5%B1%80", workbook()).await;
        assert_eq!((loaded.status.as_u16(), &loaded.json()["lines"]), (200, &json!(4)), "{}", loaded.text());
        let one = world.get(&format!("/v1/patents/{net}")).await.json();
        assert_eq!((&one["derivedIndustries"][0]["code"], &one["industriesDerivedBy"]), (&json!("A0412"), &json!("2018")), "{one}");
        // The index derives anew beside the one that answers.
        for _ in 0..300 {
            if !found(&world, "industry=A0412").await.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(found(&world, "industry=A0412").await, [net]);
        assert_eq!(found(&world, "industry=C3841").await, [battery]);
        let hits = world.get("/v1/patents?industry=A0412").await.json();
        let hit = &hits["items"][0];
        assert_eq!((&hit["industries"], &hit["industriesDerivedBy"], &hit["industryNames"]), (&json!(["A0412"]), &json!("2018"), &json!(["渔业"])), "{hit}");
        // A new patent is derived by the table that stands now.
        assert_eq!(facet(&world).await, json!([["A04", "渔业", 1], ["C34", "通用设备制造业", 1], ["C38", "电气机械和器材制造业", 1]]));
    }
}
