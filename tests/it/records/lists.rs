//! Whole lists: recorded in their real state, counted by their evidence, told again from what is new.

use axum::http::Method;
use kaixu::{domain::access::Role, ops::targets};
use serde_json::json;

use super::{DUE, District, Sheet, counts, declarations, licences, number, post, taken, upload};
use crate::{
    imports::head,
    on_both,
    support::{World, sql},
};

async fn figures(world: &World) -> serde_json::Value {
    world.get("/v1/progress").await.json()["figures"].clone()
}

on_both! {
    async fn a_district_records_its_declarations_and_sixty_licences_and_exactly_the_proved_ones_count(world) {
        let district = District::new(&world).await;
        targets::ensure(&world.services).await.expect("a target");
        let declared = declarations();
        let report = taken(&post(&world, &district.key, "kind=declarations", declared.gbk()).await);
        assert_eq!(counts(&report), [12, 12, 0, 0, 0], "{report}");
        let all = world.get("/v1/declarations?limit=200").await.json();
        assert_eq!(all["total"], 12);
        for declaration in all["items"].as_array().expect("a list") {
            let n: usize = declaration["declarationNumber"].as_str().expect("text")[7..].parse().expect("a number");
            assert_eq!(declaration["dueAtStartFen"], DUE[n], "{declaration}");
            assert_eq!((&declaration["state"], &declaration["recordedLate"]), (&json!("announced"), &json!(true)));
            assert_eq!((&declaration["effectiveOn"], &declaration["until"]), (&json!("2024-03-01"), &json!("2029-02-28")));
            assert_eq!(declaration["organisation"], district.holder.id.to_string());
            assert_eq!(declaration["sources"].as_array().map(Vec::len), Some(1));
        }
        let (taken_up, complete) = licences(&district);
        let report = taken(&post(&world, &district.key, "kind=licences&fileName=a.xlsx", taken_up.xlsx()).await);
        assert_eq!(counts(&report), [60, 60, 0, 0, 0], "{report}");
        let progress = world.get("/v1/progress").await.json();
        assert!(complete > 20 && complete < 55, "{complete}");
        assert_eq!(progress["headline"]["value"], complete, "{progress}");
        assert_eq!(progress["figures"]["m1"]["total"], 12);
        let missing = sql::number(&world.services.db, "select count(*) from licences").await;
        assert_eq!(missing, 60);
        // The recorder stands in the chain.
        let actors = sql::number(&world.services.db, "select count(distinct actor) from changes where subject like 'licences/%' and actor like 'key:%'").await;
        assert_eq!(actors, 1);
        // Again, in every form: nothing is added.
        let (before, counted) = (head(&world).await, figures(&world).await);
        for body in [taken_up.csv().into_bytes(), taken_up.gbk(), taken_up.xlsx(), taken_up.jsonl().into_bytes()] {
            let again = taken(&post(&world, &district.key, "kind=licences", body).await);
            assert_eq!(counts(&again), [60, 0, 0, 60, 0], "{again}");
        }
        for body in [declared.csv().into_bytes(), declared.xlsx(), declared.jsonl().into_bytes()] {
            let again = taken(&post(&world, &district.key, "kind=declarations", body).await);
            assert_eq!(counts(&again), [12, 0, 0, 12, 0], "{again}");
        }
        assert_eq!((head(&world).await, figures(&world).await), (before, counted));
        // With the proof that was wanting every one counts.
        let mut proved = taken_up.clone();
        for row in &mut proved.rows {
            row[8] = "通知.txt".into();
            row[9] = "凭证.txt".into();
        }
        let completed = taken(&post(&world, &district.key, "kind=licences", proved.csv()).await);
        let [rows, recorded, added, repeated, rejected] = counts(&completed);
        assert_eq!((rows, recorded, added + repeated, rejected), (60, 0, 60, 0), "{completed}");
        assert_eq!(figures(&world).await["m3"]["total"], 60);
        let again = taken(&post(&world, &district.key, "kind=licences", proved.xlsx()).await);
        assert_eq!(counts(&again), [60, 0, 0, 60, 0], "{again}");
        crate::support::invariants::hold(&world).await;
    }

    async fn a_dry_run_says_what_would_be_and_writes_nothing(world) {
        let district = District::new(&world).await;
        let mut declared = declarations();
        declared.rows.push(declared.rows[3].clone());
        let mut other = declared.rows[4].clone();
        other[4] = "2028-01-01".into();
        declared.rows.push(other);
        let before = (head(&world).await, sql::number(&world.services.db, "select count(*) from idempotency").await);
        let dry = world.ask(Method::POST, "/v1/records?kind=declarations&dryRun=true").key(&district.key)
            .header("idempotency-key", "dry").body(declared.csv()).send().await;
        let dry = taken(&dry);
        assert_eq!(counts(&dry), [14, 12, 0, 1, 1], "{dry}");
        let after = (head(&world).await, sql::number(&world.services.db, "select count(*) from idempotency").await);
        assert_eq!(after, before);
        assert_eq!(world.get("/v1/declarations").await.json()["total"], 0);
        let real = taken(&post(&world, &district.key, "kind=declarations&dryRun=false", declared.csv()).await);
        assert_eq!(real, dry);
        let (mut taken_up, _) = licences(&district);
        let extra: Vec<_> = taken_up.rows[..7].to_vec();
        taken_up.rows.extend(extra);
        taken_up.header.extend(["被许可人类型", "被许可人联系方式"]);
        for row in &mut taken_up.rows {
            row.extend([String::new(), String::new()]);
        }
        // A person, twice; the second time with a certificate.
        let mut person = taken_up.rows[1].clone();
        person[2] = "王某".into();
        (person[12], person[13]) = ("个人".into(), "0631-5555555".into());
        taken_up.rows.push(person.clone());
        (person[6], person[7], person[10]) = ("备案-X".into(), "2026-01-01".into(), "备案.txt".into());
        taken_up.rows.extend([person.clone(), person]);
        let before = head(&world).await;
        let dry = taken(&post(&world, &district.key, "kind=licences&dryRun=true", taken_up.csv()).await);
        assert_eq!(counts(&dry), [70, 61, 1, 8, 0], "{dry}");
        assert_eq!((head(&world).await, sql::number(&world.services.db, "select count(*) from individuals").await), (before, 0));
        let real = taken(&post(&world, &district.key, "kind=licences", taken_up.csv()).await);
        assert_eq!(real, dry);
    }

    async fn one_key_one_effect_and_the_same_answer(world) {
        let district = District::new(&world).await;
        let declared = declarations();
        let ask = |body: String, query: &str| {
            let asking = world.ask(Method::POST, &format!("/v1/records?{query}")).key(&district.key);
            asking.header("idempotency-key", "once").body(body).send()
        };
        let first = ask(declared.csv(), "kind=declarations").await;
        assert_eq!(counts(&taken(&first)), [12, 12, 0, 0, 0]);
        let again = ask(declared.csv(), "kind=declarations").await;
        assert_eq!(again.json(), first.json());
        let mut other = declared.clone();
        other.rows.pop();
        ask(other.csv(), "kind=declarations").await.problem(422, "idempotencyKeyReused");
    }

    async fn an_ended_declaration_takes_the_licences_of_its_days_and_no_later_ones(world) {
        let district = District::new(&world).await;
        let header = vec!["patentNumber", "declarationNumber", "effectiveOn", "until", "feeMode", "withdrawnOn", "terminatedOn", "revokedOn", "source", "explanation"];
        let row = |n: u32, ends: [&str; 3]| {
            let mut row = vec![number(n), format!("E-{n}"), "2024/3/1".into(), "20280301".into(), "free".into()];
            row.extend(ends.map(str::to_owned));
            row.extend(["公告.txt".to_owned(), "依据同类许可".to_owned()]);
            row
        };
        let sheet = Sheet { header, rows: vec![row(0, ["2025-05-01", "", ""]), row(1, ["", "2025-05-01", ""]), row(2, ["", "", "2025-05-01"])] };
        assert_eq!(counts(&taken(&post(&world, &district.key, "kind=declarations", sheet.csv()).await)), [3, 3, 0, 0, 0]);
        let all = world.get("/v1/declarations").await.json();
        let mut states: Vec<_> = all["items"].as_array().expect("a list").iter().map(|d| d["state"].as_str().expect("text").to_owned()).collect();
        states.sort();
        assert_eq!(states, ["revoked", "terminated", "withdrawn"]);
        let licences = |day: &str| format!("专利号,被许可人,通知日,通知文件\n{},{},{day},通知.txt\n", number(0), district.firms[0].uscc);
        let late = taken(&post(&world, &district.key, "kind=licences", licences("2025-05-01")).await);
        assert_eq!((&late["rejected"][0]["code"], &late["rejected"][0]["column"]), (&json!("declarationEnded"), &json!("通知日")), "{late}");
        let early = taken(&post(&world, &district.key, "kind=licences", licences("2025-04-30")).await);
        assert_eq!(counts(&early), [1, 1, 0, 0, 0], "{early}");
    }

    async fn files_are_named_by_id_by_hash_or_by_a_name_that_means_one_content(world) {
        let district = District::new(&world).await;
        taken(&post(&world, &district.key, "kind=declarations", declarations().csv()).await);
        let file = upload(&world, &district.key, "另存.txt", "另一份内容").await;
        // The same bytes under the same name again are no second meaning; other bytes are.
        upload(&world, &district.key, "通知.txt", "通知.txt的内容").await;
        upload(&world, &district.key, "凭证.txt", "另一份凭证").await;
        let row = |n: usize, proof: &str| format!("KF2024-0000,{},2025-01-02,{proof}\n", district.firms[n].uscc);
        let sheet = format!("声明编号,被许可人,通知日期,通知书\n{}{}{}{}{}",
            row(0, file["id"].as_str().expect("an id")), row(1, &file["sha256"].as_str().expect("a hash").to_uppercase()),
            row(2, "通知.txt"), row(3, "凭证.txt"), row(4, &format!("\"通知.txt；{}\"", file["id"].as_str().expect("an id"))));
        let report = taken(&post(&world, &district.key, "kind=licences", sheet).await);
        assert_eq!(counts(&report), [5, 4, 0, 0, 1], "{report}");
        assert_eq!((&report["rejected"][0]["code"], &report["rejected"][0]["row"]), (&json!("fileAmbiguous"), &json!(5)));
        let all = world.get("/v1/licences").await.json();
        let evidence: usize = all["items"].as_array().expect("a list").iter().map(|l| l["evidence"].as_array().map_or(0, Vec::len)).sum();
        assert_eq!(evidence, 5);
    }

    async fn json_lines_say_terms_as_the_api_does_and_headers_may_name_both_words(world) {
        let district = District::new(&world).await;
        let line = json!({
            "patentNumber": number(0), "declarationNumber": 20_240_001, "effectiveOn": 45_352, "until": "2029-03-01",
            "terms": { "mode": "royalty", "base": "netSales", "rateBp": 350, "everyMonths": 6, "payWithinDays": 10, "capFen": 5 },
            "source": "公告.txt", "explanation": null,
        });
        let report = taken(&post(&world, &district.key, "kind=declarations", line.to_string()).await);
        assert_eq!(counts(&report), [1, 1, 0, 0, 0], "{report}");
        let record = world.get("/v1/declarations").await.json()["items"][0].clone();
        assert_eq!((&record["declarationNumber"], &record["effectiveOn"]), (&json!("20240001"), &json!("2024-03-01")));
        assert_eq!((&record["terms"]["rateBp"], &record["terms"]["capFen"]), (&json!(350), &json!(5)));
        let header = "开放许可声明编号/声明编号,被许可人（必填）, 通知日／书面通知日 ,跨境";
        let sheet = format!("{header}\n20240001,{},2025.1.2,是\n", district.firms[0].uscc);
        assert_eq!(counts(&taken(&post(&world, &district.key, "kind=licences", sheet).await)), [1, 1, 0, 0, 0]);
        let licence = world.get("/v1/licences").await.json()["items"][0].clone();
        assert_eq!((&licence["crossBorder"], &licence["noticeOn"]), (&json!(true), &json!("2025-01-02")));
        assert_eq!(licence["missingEvidence"], json!(["notice"]), "it enters, and does not count");
    }

    async fn only_officers_record_lists_and_a_template_comes_back_refused_for_its_example_alone(world) {
        let district = District::new(&world).await;
        let holder = world.key(Role::Holder, Some(&district.holder)).await;
        post(&world, &holder, "kind=licences", declarations().csv()).await.problem(403, "roleNotAllowed");
        let nobody = world.ask(Method::POST, "/v1/records?kind=licences").body("x").send().await;
        nobody.problem(401, "unauthenticated");
        for kind in ["declarations", "licences"] {
            let template = world.get(&format!("/v1/records/template?kind={kind}")).await;
            assert_eq!((template.status.as_u16(), template.header("content-type")), (200, "text/csv; charset=utf-8"));
            assert!(template.text().starts_with('\u{feff}'));
            let report = taken(&post(&world, &district.key, &format!("kind={kind}"), template.bytes.clone()).await);
            assert_eq!(counts(&report), [1, 0, 0, 0, 1], "{report}");
            assert_eq!(report["rejected"][0]["code"], "exampleRow");
            assert_eq!(report["rejected"][0]["column"], "开放许可声明编号");
        }
        world.get("/v1/records/template").await.problem(400, "parameterInvalid");
        // An office's key without the scope for trading records lists all the same.
        let new = kaixu::ops::keys::NewKey {
            name: "补录".into(), role: Role::Office, organisation: None,
            scopes: vec![kaixu::domain::access::Scope::Office], expires_at: None,
        };
        let key = kaixu::ops::keys::add(&world.services, new).await.expect("adds").1.reveal().to_owned();
        assert_eq!(counts(&taken(&post(&world, &key, "kind=declarations", declarations().csv()).await)), [12, 12, 0, 0, 0]);
        assert_eq!(counts(&taken(&post(&world, &key, "kind=licences", licences(&district).0.csv()).await)), [60, 60, 0, 0, 0]);
    }
}
