//! Importing: what becomes of each row, of holdings, of duplicates, and of files that cannot be read.

use axum::http::Method;
use bytes::Bytes;
use futures_util::stream;
use kaixu::{
    domain::{
        access::{Actor, Role},
        codes::AppNo,
        holding::{Conversion, Holding, HoldingState},
        party::Organisation,
        patent::{Patent, Stage},
    },
    ops::{self, imports::NewImport, organisations},
    store::{holdings, jobs, patents},
};
use serde_json::{Value, json};

use crate::{
    on_both,
    smoke::finished,
    support::{World, sql},
};

const A: &str = "ZL201910699568.X";
const B: &str = "ZL202480012345.0";

/// Imports for this holder (an officer does it) and waits for the end.
pub async fn import(
    world: &World,
    holder: Option<&Organisation>,
    body: impl Into<Vec<u8>>,
) -> Value {
    let key = world.key(Role::Office, None).await;
    let holder = holder.map_or_else(String::new, |o| format!("?holder={}", o.uscc));
    let path = format!("/v1/imports{holder}");
    let answer = world
        .ask(Method::POST, &path)
        .key(&key)
        .body(body.into())
        .send()
        .await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    finished(world, &key, answer.header("location")).await
}

/// rows, added, merged, unchanged, rejected
pub fn counts(import: &Value) -> [i64; 5] {
    ["rows", "added", "merged", "unchanged", "rejected"]
        .map(|name| import["counts"][name].as_i64().expect("a count"))
}

pub async fn head(world: &World) -> i64 {
    ops::health::check(&world.services)
        .await
        .expect("health")
        .head
}

async fn patent(world: &World, number: &str) -> Patent {
    let mut tx = world.services.db.read().await.expect("reads");
    let number = AppNo::parse(number).expect("a number").0;
    patents::find(&mut tx, &number)
        .await
        .expect("reads")
        .expect("is there")
        .value
}

/// Every holding of the patent, by organisation.
async fn held(world: &World, number: &str, by: &Organisation) -> Holding {
    let mut tx = world.services.db.read().await.expect("reads");
    let number = AppNo::parse(number).expect("a number").0;
    let all = holdings::list_by_numbers(&mut tx, &[number])
        .await
        .expect("reads");
    all.into_iter()
        .map(|h| h.value)
        .find(|h| h.organisation == by.id)
        .expect("held")
}

on_both! {
    async fn counts_add_up_and_the_same_file_again_says_unchanged_for_every_row(world) {
        let holder = world.organisation("蓝湾大学").await;
        let csv = format!("专利号,专利名称,专利权人,申请日,转化状态,所属学院\n\
            {A},一种渔网清洗装置,蓝湾大学,2019-03-01,未实施,海洋学院\n\
            {B},一种鱼竿,蓝湾大学,2024-03-01,,\n\
            2.01E+12,坏行,蓝湾大学,2019-05-01,,\n\
            {A},一种渔网清洗装置,蓝湾大学,2019-03-01,未实施,海洋学院\n\
            ZL201990001234.4,,蓝湾大学,2019-05-01,,\n\
            ZL201990001234.4,缠绕方法,蓝湾大学,2019-05-01,,\n");
        let first = import(&world, Some(&holder), csv.clone()).await;
        assert_eq!((counts(&first), &first["state"]), ([6, 3, 0, 1, 2], &json!("done")), "{first}");
        let before = head(&world).await;
        let again = import(&world, Some(&holder), csv).await;
        assert_eq!(counts(&again), [6, 0, 0, 4, 2]);
        assert_eq!((&again["counts"]["held"], head(&world).await), (&json!(0), before), "no change row");
    }

    async fn publication_and_grant_in_one_file_become_one_patent_in_either_order(world) {
        let a = "201910699568.X,旧名称,CN110000001A,2019-12-01,实质审查\n";
        let b = "201910699568.X,新名称,CN110000001B,2021-12-01,授权\n";
        let header = "申请号,专利名称,公开（公告）号,公开（公告）日,当前法律状态\n";
        let first = import(&world, None, format!("{header}{a}{b}")).await;
        assert_eq!(counts(&first), [2, 1, 1, 0, 0]);
        let one = patent(&world, A).await;
        assert_eq!((one.title.as_str(), one.stage), ("新名称", Stage::Granted));
        let number = |n: &Option<kaixu::domain::codes::PubNo>| n.clone().map(String::from);
        assert_eq!(number(&one.publication_number).as_deref(), Some("CN110000001A"));
        assert_eq!(number(&one.grant_number).as_deref(), Some("CN110000001B"));
        // The same two rows of another patent, the grant first.
        let turned = format!("{header}{b}{a}").replace("201910699568.X", "202480012345.0");
        let second = import(&world, None, turned).await;
        assert_eq!(second["counts"]["added"], 1, "{second}");
        let other = patent(&world, B).await;
        assert_eq!(Patent { number: one.number.clone(), ..other }, one);
        let before = head(&world).await;
        let again = import(&world, None, format!("{header}{a}{b}")).await;
        assert_eq!((counts(&again), head(&world).await), ([2, 0, 0, 2, 0], before));
    }

    async fn the_same_upload_twice_is_stored_once(world) {
        let csv = format!("申请号,专利名称\n{A},一种渔网清洗装置\n");
        let first = import(&world, None, csv.clone()).await;
        let second = import(&world, None, csv).await;
        assert_ne!(first["id"], second["id"]);
        assert_eq!(first["sha256"], second["sha256"]);
        assert_eq!(sql::number(&world.services.db, "select count(*) from blobs").await, 1);
        assert_eq!(sql::number(&world.services.db, "select count(distinct blob) from imports").await, 1);
    }

    async fn a_holding_is_confirmed_only_by_name_or_alias_and_a_claimed_one_is_never_public(world) {
        let holder = world.organisation("蓝湾大学").await;
        let patch = organisations::OrganisationPatch { aliases: Some(vec!["蓝湾水产学院".into()]), ..Default::default() };
        let holder = organisations::update(&world.services, &Actor::operator("test"), &holder.id, 1, patch)
            .await.expect("updates").value;
        let numbers: Vec<String> = (1..=6).map(crate::support::process::number).collect();
        let rows = [
            ("蓝湾大学", "", true), ("蓝湾水产学院", "", true), ("", "蓝湾大学", true),
            ("别的大学", "蓝湾大学", false), ("蓝湾大学校办厂", "", false), ("", "", false),
        ];
        let mut csv = vec!["申请号,专利名称,专利权人,申请人".to_owned()];
        csv.extend(rows.iter().zip(&numbers).map(|((owner, applicant, _), n)| format!("{n},一种装置,{owner},{applicant}")));
        let done = import(&world, Some(&holder), csv.join("\n")).await;
        assert_eq!((&done["counts"]["held"], &done["counts"]["claimed"]), (&json!(6), &json!(3)), "{done}");
        for ((owner, applicant, confirmed), number) in rows.iter().zip(&numbers) {
            let holding = held(&world, number, &holder).await;
            let wanted = if *confirmed { HoldingState::ConfirmedByName } else { HoldingState::Claimed };
            assert_eq!((holding.state, holding.published), (wanted, *confirmed), "{owner}/{applicant}");
        }
        let public = world.get("/v1/holdings").await.json();
        assert_eq!(public["total"], 3);
        let feed = world.get("/v1/changes?limit=200").await.json();
        let kinds = feed["items"].as_array().expect("a list").iter().filter(|e| e["type"] == "cn.kaixu.holding.set");
        assert_eq!(kinds.count(), 3, "{feed}");
        world.indexed().await;
        assert_eq!(world.get(&format!("/v1/patents?holder={}", holder.id)).await.json()["total"], 3);
        // Not even its own holder can publish a claim.
        let own = world.key(Role::Holder, Some(&holder)).await;
        let claimed = held(&world, &numbers[4], &holder).await.id;
        let answer = world.ask(Method::PATCH, &format!("/v1/holdings/{claimed}")).key(&own)
            .header("if-match", "\"1\"").json(&json!({"published": true})).send().await;
        assert_eq!(answer.problem(422, "invalid")["errors"][0]["code"], "notConfirmed");
    }

    async fn a_second_importer_adds_its_holding_and_takes_nothing_away(world) {
        let first = world.organisation("蓝湾大学").await;
        let second = world.organisation("环翠研究院").await;
        let header = "专利号,专利名称,专利权人,转化状态,导出日期\n";
        import(&world, Some(&first), format!("{header}{A},一种渔网清洗装置,蓝湾大学,未实施,2020-01-01\n")).await;
        let known = (patent(&world, A).await, held(&world, A, &first).await);
        let done = import(&world, Some(&second), format!("{header}{A},一种渔网清洗装置,环翠研究院,已转让,2020-01-02\n")).await;
        assert_eq!((counts(&done), &done["counts"]["claimed"]), ([1, 0, 1, 0, 0], &json!(1)), "{done}");
        assert_eq!((patent(&world, A).await, held(&world, A, &first).await), known);
        let added = held(&world, A, &second).await;
        assert_eq!((added.state, added.published, added.conversion), (HoldingState::Claimed, false, Conversion::Transferred));
        // Named as second owner it is confirmed beside the first, by a newer file.
        import(&world, Some(&second), format!("{header}{A},一种渔网清洗装置,蓝湾大学;环翠研究院,,\n")).await;
        let (a, b) = (held(&world, A, &first).await, held(&world, A, &second).await);
        assert!(a.state.is_confirmed() && b.state.is_confirmed());
        assert!(a.first_patentee && !b.first_patentee);
    }

    async fn a_new_owner_in_an_officers_file_unconfirms_the_holding_and_the_public_gets_a_tombstone(world) {
        let holder = world.organisation("蓝湾大学").await;
        let header = "专利号,专利名称,专利权人\n";
        import(&world, Some(&holder), format!("{header}{A},一种渔网清洗装置,蓝湾大学\n")).await;
        let next = world.get("/v1/changes").await.json()["next"].as_str().expect("a cursor").to_owned();
        let done = import(&world, None, format!("{header}{A},一种渔网清洗装置,海穹股份有限公司\n")).await;
        assert_eq!(counts(&done), [1, 0, 1, 0, 0]);
        let holding = held(&world, A, &holder).await;
        assert_eq!((holding.state, holding.published), (HoldingState::Claimed, false));
        let feed = world.get(&format!("/v1/changes?after={next}")).await.json();
        let told: Vec<_> = feed["items"].as_array().expect("a list").iter()
            .map(|e| (e["type"].as_str().expect("text"), e["subject"].as_str().expect("text").to_owned())).collect();
        let subject = format!("holdings/{}", holding.id);
        assert_eq!(told, [("cn.kaixu.patent.set", "patents/201910699568X".to_owned()), ("cn.kaixu.holding.gone", subject)]);
        world.indexed().await;
        assert_eq!(world.get(&format!("/v1/patents?holder={}", holder.id)).await.json()["total"], 0);
    }

    async fn conversion_and_unit_land_on_the_holding_and_a_file_without_them_leaves_them(world) {
        let holder = world.organisation("蓝湾大学").await;
        import(&world, Some(&holder), format!("专利号,专利名称,专利权人,实施状态,所属学院\n{A},一种装置,蓝湾大学,自行实施,海洋学院\n")).await;
        for _ in 0..2 {
            let holding = held(&world, A, &holder).await;
            assert_eq!((holding.conversion, holding.unit.as_deref()), (Conversion::OwnUse, Some("海洋学院")));
            import(&world, Some(&holder), format!("专利号,专利名称,专利权人\n{A},一种装置,蓝湾大学\n")).await;
        }
        world.indexed().await;
        assert_eq!(world.get("/v1/patents?conversion=ownUse").await.json()["total"], 1);
    }

    async fn rejects_are_a_csv_for_excel_in_both_languages_with_the_rows_as_people_see_them(world) {
        let csv = format!("海洋学院专利清单,,\n专利号,专利名称,申请日\n{A},一种装置,2019-03-01\n=1+1,坏行,2019-03-01\n\n2.01E+12,坏行,2019-03-01\n");
        let done = import(&world, None, csv).await;
        assert_eq!(counts(&done), [3, 1, 0, 0, 2], "{done}");
        let key = world.key(Role::Office, None).await;
        let path = done["rejects"].as_str().expect("an address");
        let zh = world.ask(Method::GET, path).key(&key).send().await;
        assert!(zh.bytes.starts_with(b"\xef\xbb\xbf") && zh.header("content-type").starts_with("text/csv"));
        assert!(zh.header("content-disposition").starts_with("attachment"));
        let text = zh.text();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "行号,列,原因代码,原因,处理办法,原值");
        assert!(lines[1].starts_with("4,专利号,notANumber,") && lines[1].ends_with(",'=1+1"), "{text}");
        assert!(lines[2].starts_with("6,专利号,scientificNumber,") && lines[2].ends_with(",2.01E+12"), "{text}");
        let en = world.ask(Method::GET, path).key(&key).header("accept-language", "en").send().await.text();
        assert!(en.contains("Row,Column,Code,Reason,What to do,Value") && en.contains("export again with this column as text"));
    }

    async fn a_refused_row_with_control_characters_is_kept_without_them(world) {
        let rows = json!({ "app_no": "12", "title": "坏\u{0}行\u{7}", "所属\u{0}学院": "甲\u{0}" }).to_string();
        let done = import(&world, None, format!("{rows}\n")).await;
        assert_eq!(counts(&done), [1, 0, 0, 0, 1], "{done}");
        let key = world.key(Role::Office, None).await;
        let path = done["rejects"].as_str().expect("an address");
        let text = world.ask(Method::GET, path).key(&key).send().await.text();
        assert!(!text.contains('\u{0}'), "{text:?}");
    }

    async fn an_unknown_holder_someone_elses_stock_and_an_empty_file_are_refused(world) {
        let (own, other) = (world.organisation("蓝湾大学").await, world.organisation("环翠研究院").await);
        let office = world.key(Role::Office, None).await;
        let holder = world.key(Role::Holder, Some(&own)).await;
        let post = |path: String, key: String, body: &'static str| {
            let world = &world;
            async move { world.ask(Method::POST, &path).key(&key).body(body).send().await }
        };
        let answer = post("/v1/imports?holder=12100000400000624D".into(), office.clone(), "x").await;
        assert_eq!(answer.problem(400, "parameterInvalid")["errors"][0]["code"], "unknownOrganisation");
        post(format!("/v1/imports?holder={}", other.uscc), holder.clone(), "x").await.problem(403, "notYours");
        let answer = post("/v1/imports".into(), office.clone(), "").await;
        assert_eq!(answer.problem(422, "invalid")["errors"][0]["code"], "fileEmpty");
        let answer = world.ask(Method::POST, "/v1/imports").body("x").send().await;
        answer.problem(401, "unauthenticated");
        // A holder's import is its own, and somebody else's does not exist for it.
        let mine = post("/v1/imports".into(), holder.clone(), "申请号,名称\n201910699568.X,一种装置\n").await;
        assert_eq!(mine.json()["organisation"], own.id.to_string());
        let location = mine.header("location").to_owned();
        let stranger = world.key(Role::Holder, Some(&other)).await;
        world.ask(Method::GET, &location).key(&stranger).send().await.problem(404, "notFound");
        finished(&world, &holder, &location).await;
        assert_eq!(sql::number(&world.services.db, "select count(*) from blobs").await, 1, "nothing of what was refused");
    }

    async fn an_upload_that_is_too_large_or_breaks_off_leaves_nothing_behind(world) {
        let mut services = world.services.clone();
        services.limits.upload_bytes = 3 << 20;
        let piece = || Ok(Bytes::from(vec![b'x'; 1 << 19]));
        let office = Actor::operator("test");
        let whole = ops::imports::create(&services, &office, NewImport::default(), stream::iter((0..7).map(|_| piece()))).await;
        assert!(matches!(whole, Err(ops::Error::TooLarge { limit: 3_145_728 })), "{whole:?}");
        let broken = stream::iter((0..5).map(|_| piece()).chain([Err(ops::Error::UploadBroken)]));
        let outcome = ops::imports::create(&services, &office, NewImport::default(), broken).await;
        assert!(matches!(outcome, Err(ops::Error::UploadBroken)), "{outcome:?}");
        for table in ["blobs", "blob_parts", "imports", "jobs"] {
            assert_eq!(sql::number(&services.db, &format!("select count(*) from {table}")).await, 0, "{table}");
        }
    }

    async fn a_file_that_cannot_be_read_on_ends_failed_with_a_clear_text_and_keeps_what_was_read(world) {
        let lines: String = crate::support::process::lines(0..4_000);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, lines.as_bytes()).expect("packs");
        let mut packed = packed.finish().expect("packs");
        packed.truncate(packed.len() * 3 / 4);
        let cut = import(&world, None, packed).await;
        assert_eq!((&cut["state"], &cut["failure"]["code"]), (&json!("failed"), &json!("fileTruncated")), "{cut}");
        assert_eq!(cut["failure"]["detail"], "文件不完整，末尾被截断");
        let [rows, added, ..] = counts(&cut);
        assert!(rows > 500 && rows < 4_000 && added == rows, "{cut}");
        assert_eq!(sql::number(&world.services.db, "select count(*) from patents").await, added);
        let bare = import(&world, None, "名称,备注\n一种装置,无\n").await;
        assert_eq!((&bare["state"], &bare["failure"]["code"]), (&json!("failed"), &json!("headerMissing")), "{bare}");
        assert!(bare["failure"]["detail"].as_str().expect("text").contains("名称、备注"), "{bare}");
        let pdf = import(&world, None, "%PDF-1.7 …").await;
        assert_eq!((counts(&pdf), &pdf["failure"]["code"]), ([0; 5], &json!("formatUnsupported")));
        let verified = ops::verify::verify(&world.services).await.expect("runs");
        assert_eq!(verified.expect("holds").imports, 3);
    }

    async fn an_import_whose_job_fails_again_and_again_says_so_instead_of_waiting(world) {
        let done = import(&world, None, crate::support::process::lines(0..3)).await;
        let id = done["id"].as_str().expect("an id");
        let services = &world.services;
        // Its file is lost, so that no attempt can succeed, and seven have failed.
        sql::execute(&services.db, &format!("update imports set state = 'queued', blob = null where id = '{id}'")).await;
        let (job, payload, later) = (services.ids.next(services.now()), json!({ "import": id }), services.now().plus_seconds(86_400));
        let mut tx = services.db.begin_plain().await.expect("writes");
        jobs::enqueue(&mut tx, &job, ops::imports::KIND, &payload, later).await.expect("enqueues");
        tx.commit().await.expect("commits");
        sql::execute(&services.db, &format!("update jobs set attempts = 7, run_at = 0 where id = '{job}'")).await;
        let key = world.key(Role::Office, None).await;
        let over = finished(&world, &key, &format!("/v1/imports/{id}")).await;
        assert_eq!((&over["state"], &over["failure"]["code"]), (&json!("failed"), &json!("internal")), "{over}");
        assert!(over["failure"]["detail"].as_str().expect("text").contains("系统管理员"), "{over}");
        assert_eq!(counts(&over), [3, 3, 0, 0, 0], "what was written stays");
        assert_eq!(sql::number(&services.db, &format!("select count(*) from jobs where id = '{job}' and state = 'done'")).await, 1);
    }
}
