//! The officer's desk: who may open it, and each thing that an officer does there, done and refused.

use axum::http::Method;
use kaixu::domain::access::Role;

use crate::{
    accounts::entering::{member, uscc},
    imports::{head, import},
    on_both,
    records::{District, declarations},
    support::{
        World,
        browser::{Browser, Chosen},
        process::lines,
    },
};

const PAGES: [&str; 10] = [
    "/office",
    "/office/accounts",
    "/office/holdings",
    "/office/tasks",
    "/office/records",
    "/office/listings",
    "/office/reference",
    "/office/dictionaries",
    "/office/targets",
    "/office/trail",
];

async fn officer(world: &World) -> Browser<'_> {
    member(world, "officer@example.com", Role::Office, None).await
}

on_both! {
    async fn nobody_but_an_officer_opens_any_page_of_the_office(world) {
        let holder = world.organisation("蓝湾大学").await;
        let id = holder.id.to_string();
        let holder = member(&world, "ip@example.com", Role::Holder, Some(&id)).await;
        let firm = Browser::new(&world);
        firm.register(&uscc(1), "海角渔具有限公司", "wang@example.com").await;
        let stranger = Browser::new(&world);
        let officer = officer(&world).await;
        for page in PAGES {
            assert_eq!(officer.get(page).await.status, 200, "{page}");
            assert_eq!(holder.get(page).await.status, 403, "{page}");
            assert_eq!(firm.get(page).await.status, 403, "{page}");
            let answer = stranger.get(page).await;
            assert!(answer.header("location").starts_with("/signin?next="), "{page}");
        }
        for form in ["/office/holdings", "/office/targets", "/office/records/commit"] {
            let token = holder.token("/", "/signout").await;
            let answer = holder.post(form, &[("csrf", &token)], &[("origin", "http://kaixu.test")]).await;
            assert_eq!(answer.status, 403, "{form}");
        }
        assert_eq!(holder.get("/office/trail.csv?subject=patents%2F1").await.status, 403);
    }

    async fn a_claimed_holding_waits_until_an_officer_has_seen_a_document(world) {
        let other = world.organisation("海角研究院").await;
        import(&world, Some(&other), lines(0..1)).await;
        let officer = officer(&world).await;
        assert!(officer.get("/office").await.text().contains("<b>1</b> 待确认的权属"));
        let page = officer.get("/office/holdings").await.text();
        assert!(page.contains("海角研究院") && page.contains("蓝湾大学"), "{page}");
        let version = page.split_once("name=\"version\" value=\"").expect("a form").1;
        let version = version.split_once('"').expect("a value").0;
        let holding = page.split_once("name=\"holding\" value=\"").expect("a form").1;
        let holding = holding.split_once('"').expect("a value").0;
        let fields = [("holding", holding), ("version", version)];
        assert_eq!(officer.send("/office/holdings", "/office/holdings", &fields).await.status, 303);
        let page = officer.get("/office/holdings").await.text();
        assert!(page.contains("没有待确认的权属"), "{page}");
        let public = world.get(&format!("/v1/holdings?organisation={}", other.id)).await.json();
        assert_eq!(public["items"][0]["state"], "confirmedByDocument", "{public}");
    }

    async fn a_list_is_rehearsed_without_effect_and_then_recorded(world) {
        let district = District::new(&world).await;
        let officer = officer(&world).await;
        let before = head(&world).await;
        let mut sheet = declarations();
        let mut wrong = sheet.rows[0].clone();
        for cell in &mut wrong {
            "不是".clone_into(cell);
        }
        sheet.rows.push(wrong);
        let list: Chosen<'_> = ("list", "声明.csv", "text/csv", sheet.csv().into_bytes());
        let here = "/office/records";
        let answer = officer.upload(here, here, &[("kind", "declarations")], &[list]).await;
        let page = answer.text();
        assert_eq!(answer.status, 200, "{page}");
        assert!(page.contains("<b>12</b> 登记") && page.contains("<b>1</b> 不能登记"), "{page}");
        assert_eq!(head(&world).await, before, "nothing is written");
        let file = page.split_once("name=\"list\" value=\"").expect("a file").1;
        let file = file.split_once('"').expect("a value").0;
        let token = crate::support::browser::token_of(&page, "/office/records/commit").expect("a form");
        let fields = [("kind", "declarations"), ("list", file), ("csrf", &token)];
        let done = officer.post("/office/records/commit", &fields, &[("origin", "http://kaixu.test")]).await;
        assert!(done.text().contains("<b>12</b> 登记"), "{}", done.text());
        assert_eq!(world.get("/v1/declarations").await.json()["total"], 12);
        let nothing = officer.upload(here, here, &[("kind", "declarations")], &[]).await;
        assert_eq!(nothing.status, 422);
        assert!(nothing.text().contains("请选择文件"));
        let wrong: Chosen<'_> = ("list", "x.csv", "text/csv", "甲,乙\n1,2\n".into());
        let refused = officer.upload(here, here, &[("kind", "licences")], &[wrong]).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        drop(district);
    }

    async fn a_target_is_changed_and_a_wrong_one_is_told_at_its_field(world) {
        kaixu::ops::targets::ensure(&world.services).await.expect("makes");
        let officer = officer(&world).await;
        let here = "/office/targets";
        let listed = world.get("/v1/targets").await.json();
        let target = &listed["items"][0];
        let (id, version) = (target["id"].as_str().expect("an id"), target["version"].to_string());
        let fields = |value: &'static str| [
            ("target", id.to_owned()), ("version", version.clone()), ("name", "开放许可五十项".to_owned()), ("metric", "m3".to_owned()),
            ("value", value.to_owned()), ("from", "2024-01-01".to_owned()), ("to", "2026-12-31".to_owned()),
            ("district", "371002".to_owned()), ("side", "patentee".to_owned()),
        ];
        let send = async |value| {
            let fields = fields(value);
            let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            officer.send(here, here, &fields).await
        };
        for wrong in ["0", "很多"] {
            let answer = send(wrong).await;
            assert_eq!(answer.status, 422, "{wrong}");
            let page = answer.text();
            assert_eq!(page.matches("class=\"wrong\"").count(), 1, "{page}");
        }
        assert_eq!(send("60").await.status, 303);
        let now = world.get(&format!("/v1/targets/{id}")).await.json();
        assert_eq!((&now["value"], &now["name"]), (&60.into(), &"开放许可五十项".into()));
        let page = send("很多").await.text();
        assert!(page.contains(&format!("name=\"version\" value=\"{version}\"")), "against what was read: {page}");
        let stale = send("70").await;
        assert_eq!(stale.status, 412, "{}", stale.text());
        let trail = officer.get(&format!("/office/trail?subject={id}")).await.text();
        assert_eq!(trail.matches("target.set").count(), 2, "{trail}");
        assert!(trail.contains("李主任"), "who it was: {trail}");
    }

    async fn the_trail_of_a_patent_leads_to_all_that_hangs_on_it(world) {
        let district = District::new(&world).await;
        let asking = world.ask(Method::POST, "/v1/records?kind=declarations").key(&district.key);
        assert_eq!(asking.body(declarations().csv()).send().await.status, 200);
        let declared = world.get("/v1/declarations?limit=1").await.json();
        let declaration = &declared["items"][0];
        let officer = officer(&world).await;
        let zl = declaration["zl"].as_str().expect("a number");
        let page = officer.get(&format!("/office/trail?subject={zl}")).await.text();
        let id = declaration["id"].as_str().expect("an id");
        for subject in [format!("patents/{}", declaration["number"].as_str().expect("a number")), format!("declarations/{id}")] {
            assert!(page.contains(&format!(">{subject}</a>")), "{subject}: {page}");
        }
        assert!(page.contains(">holdings/"), "{page}");
        let rows = crate::support::sql::number(&world.services.db, &format!("select count(*) from changes where subject = 'declarations/{id}'")).await;
        let one = officer.get(&format!("/office/trail?subject={id}")).await.text();
        assert_eq!(i64::try_from(one.matches("declaration.set").count()).expect("fits"), rows, "{one}");
        let csv = officer.get(&format!("/office/trail.csv?subject=declarations/{id}")).await;
        assert_eq!(i64::try_from(csv.text().lines().count()).expect("fits"), rows + 1, "{}", csv.text());
        let name = officer.get("/office/trail?subject=%E8%93%9D%E6%B9%BE").await.text();
        assert!(name.contains(&format!("organisations/{}", district.holder.id)), "by a part of its name: {name}");
        assert!(officer.get("/office/trail?subject=%25").await.text().contains("没有找到"), "no wildcard");
        assert_eq!(officer.get("/office/trail?subject=patents/nothing").await.status, 404);
    }
}
