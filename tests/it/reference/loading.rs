//! Tables loaded and removed: as a whole, with who, when and from where; refused whole; idempotent; in the audit, in the
//! feed and in the chain.

use axum::http::Method;
use kaixu::{domain::access::Role, ops::installation};
use serde_json::{Value, json};

use super::load;
use crate::{
    desk::member,
    installed_on_both, on_both,
    support::{
        World,
        browser::{Browser, Chosen},
        http::Answer,
        sql,
    },
};

const QUERY: &str = "version=2017&source=GB%2FT%204754";
const FILE: &str = "代码,类别名称,名称,英文名称\nC,门类,制造业,Manufacturing\n35,大类,专用设备,\n3511,小类,矿山机械制造,Mining machinery\n";

async fn lines(world: &World) -> i64 {
    sql::number(&world.services.db, "select count(*) from reference_lines").await
}

/// The officer's form with its file.
async fn sent(office: &Browser<'_>, texts: &[(&str, &str)], files: &[Chosen<'_>]) -> Answer {
    let page = "/office/reference";
    office.upload(page, page, texts, files).await
}

async fn head(world: &World) -> i64 {
    sql::number(&world.services.db, "select seq from head").await
}

on_both! {
    async fn a_table_takes_the_place_of_the_one_before_and_says_from_where(world) {
        let office = world.key(Role::Office, None).await;
        let before = world.get("/v1/reference-tables/industries").await.json();
        assert_eq!((&before["builtIn"], &before["revision"], &before["lines"]), (&json!(true), &json!(0), &json!(117)));
        let loaded = load(&world, &office, "industries", &format!("{QUERY}&fileName=gb.csv"), FILE).await;
        let loaded = loaded.json();
        assert_eq!((&loaded["builtIn"], &loaded["revision"], &loaded["lines"]), (&json!(false), &json!(1), &json!(3)), "{loaded}");
        assert_eq!((&loaded["version"], &loaded["source"], &loaded["fileName"]), (&json!("2017"), &json!("GB/T 4754"), &json!("gb.csv")));
        assert_eq!(loaded["loadedOn"], world.services.clock.today().to_string());
        assert_eq!(loaded["sha256"].as_str().map(str::len), Some(64));
        assert!(loaded["loadedBy"].as_str().is_some_and(|who| who.starts_with("key:")), "{loaded}");
        let public = world.get("/v1/reference-tables/industries").await.json();
        assert!(public["loadedBy"].is_null(), "who loaded it is the office's to know: {public}");
        let found = world.get("/v1/reference-tables/industries/lines?prefix=C35&limit=1").await.json();
        assert_eq!((&found["items"][0]["code"], &found["total"]), (&json!("C35"), &json!(2)), "{found}");
        let next = format!("/v1/reference-tables/industries/lines?prefix=C35&limit=1&after={}", found["next"].as_str().expect("more"));
        let last = world.get(&next).await.json();
        assert_eq!((&last["items"][0]["en"], &last["next"]), (&json!("Mining machinery"), &Value::Null), "{last}");
        // The same again writes nothing; another version of the same file is another table.
        let at = head(&world).await;
        let again = load(&world, &office, "industries", &format!("{QUERY}&fileName=b.csv"), FILE).await.json();
        assert_eq!((&again["revision"], head(&world).await), (&json!(1), at), "{again}");
        let second = load(&world, &office, "industries", "version=2018&source=GB", FILE).await.json();
        assert_eq!((&second["revision"], head(&world).await, lines(&world).await), (&json!(2), at + 1, 3), "{second}");
        let feed = world.get("/v1/changes").await.json();
        let last = feed["events"].as_array().or(feed["items"].as_array()).and_then(|all| all.last().cloned());
        assert!(last.as_ref().is_some_and(|event| event.to_string().contains("reference-tables/industries")), "{feed}");
        let audit = world.ask(Method::GET, "/v1/audit").key(&office).send().await.text();
        assert!(audit.contains("referenceLoaded") && audit.contains("reference-tables/industries"), "{audit}");
        let removed = world.ask(Method::DELETE, "/v1/reference-tables/industries").key(&office).send().await.json();
        assert_eq!((&removed["builtIn"], &removed["revision"], lines(&world).await), (&json!(true), &json!(3), 0), "{removed}");
        let removed = world.ask(Method::DELETE, "/v1/reference-tables/industries").key(&office).send().await.json();
        assert_eq!(removed["revision"], 3, "nothing is left to remove");
        installation::sweep(&world.services).await.expect("sweeps");
        crate::support::invariants::hold(&world).await;
    }

    async fn one_bad_row_refuses_the_file_with_row_and_reason(world) {
        let office = world.key(Role::Office, None).await;
        load(&world, &office, "industries", QUERY, FILE).await;
        let at = head(&world).await;
        let refused = async |kind: &str, file: &str| {
            let problem = load(&world, &office, kind, "version=x&source=y", file).await.problem(422, "invalid");
            let first = &problem["errors"][0];
            (first["pointer"].as_str().unwrap_or_default().to_owned(), first["code"].as_str().expect("a code").to_owned())
        };
        let told = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(refused("industries", "代码,名称\nC,制造业\nC99,没有\n").await, told("/rows/3", "codeInvalid"));
        assert_eq!(refused("industries", "代码,名称\nC35,甲\n35,乙\n").await, told("/rows/3", "codeTwice"));
        assert_eq!(refused("ipc", "code,title\nA01B,\n").await, told("/rows/2", "nameLength"));
        assert_eq!(refused("regions", "代码,名称\n37,山东\n").await, told("/rows/2", "codeInvalid"));
        assert_eq!(refused("regions", "代码,说明,名称\n").await, told("", "noLines"));
        assert_eq!(refused("strategic", "年份,代码\n1,2\n").await, told("", "headerMissing"));
        assert_eq!(refused("industryFees", "年份,代码,合同数\n2023,C35,20\n").await, told("", "headerMissing"));
        assert_eq!(refused("ipcIndustries", "a,b,c\n代码,名称,IPC\n0111,稻谷,不是分类\n").await, told("/rows/3", "ipcInvalid"));
        assert_eq!(refused("ipcIndustries", "a,b,c\n代码,名称,IPC\n9911,没有,A01C\n").await, told("/rows/3", "industryInvalid"));
        load(&world, &office, "industries", "version=&source=y", FILE).await.problem(400, "parameterInvalid");
        load(&world, &office, "nothing", QUERY, FILE).await.problem(404, "notFound");
        assert_eq!((head(&world).await, lines(&world).await), (at, 3), "what stood stands, and nothing half is left");
    }

    async fn fees_of_industries_are_kept_in_fen_and_basis_points(world) {
        let office = world.key(Role::Office, None).await;
        let empty = world.get("/v1/reference-tables/industryFees/lines").await.json();
        assert_eq!((&empty["total"], &empty["items"]), (&json!(0), &json!([])), "no official figure is made up");
        let file = "year,industry_code,contracts,avg_amount,avg_rate,source\n2023,C35,25,1660000.5,3.5%,年度统计\n2022,C35,21,,4%,\n";
        let loaded = load(&world, &office, "industryFees", QUERY, file).await;
        assert_eq!(loaded.status, 200, "{}", loaded.text());
        let found = world.get("/v1/reference-tables/industryFees/lines?prefix=C35").await.json();
        assert_eq!(found["items"][1], json!({ "year": 2023, "industryCode": "C35", "contracts": 25,
            "avgAmountFen": 166_000_050, "avgRateBp": 350, "source": "年度统计" }), "{found}");
        assert_eq!(found["items"][0]["avgAmountFen"], Value::Null);
    }

    async fn real_tables_are_read_whole(world) {
        let Some(data) = crate::support::data::folder() else { return };
        let office = world.key(Role::Office, None).await;
        for (kind, name, least) in [("ipc", "ipc_zh.csv.gz", 70_000), ("industries", "gbt4754.csv", 1_900), ("regions", "gbt2260.csv", 3_400)] {
            let file = std::fs::read(data.join("reference").join(name)).expect("reads");
            let loaded = load(&world, &office, kind, "version=real&source=public", file).await;
            assert_eq!(loaded.status, 200, "{kind}: {}", loaded.text());
            let loaded = loaded.json();
            assert!(loaded["lines"].as_i64().is_some_and(|lines| lines >= least), "{loaded}");
        }
        let names = kaixu::ops::reference::names(&world.services).await;
        let symbol = kaixu::domain::codes::Ipc::parse("A01B1/02").expect("a symbol");
        assert_eq!(names.ipc(&symbol).map(|entry| entry.zh.as_str()), Some("锹；铲"));
        assert!(names.region("370102").is_some() && names.industry("C3511").is_some());
        // Asked ten thousand times as often as a page asks, it is still no work.
        let began = std::time::Instant::now();
        for _ in 0..100_000 {
            assert!(names.ipc(&symbol).is_some());
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?}", began.elapsed());
    }

    async fn an_officer_loads_and_removes_on_a_page(world) {
        let office = member(&world, "officer@example.com", Role::Office, None).await;
        let page = office.get("/office/reference").await;
        assert_eq!(page.status, 200);
        let texts = [("kind", "industries"), ("version", "2017"), ("source", "GB/T 4754")];
        let bad = sent(&office, &texts, &[("table", "a.csv", "text/csv", "代码,名称\nZ,错\n".into())]).await;
        assert!(bad.status == 422 && bad.text().contains("第 2 行"), "{}", bad.text());
        let none = sent(&office, &texts, &[("table", "", "application/octet-stream", Vec::new())]).await;
        assert!(none.status == 422 && none.text().contains("请选择文件"), "{}", none.text());
        let done = sent(&office, &texts, &[("table", "a.csv", "text/csv", FILE.into())]).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let page = office.get("/office/reference").await.text();
        assert!(page.contains("GB/T 4754") && page.contains("account:"), "{page}");
        let removed = office.send("/office/reference", "/office/reference/remove", &[("kind", "industries")]).await;
        assert_eq!(removed.status, 303);
        assert_eq!(lines(&world).await, 0);
    }
}

installed_on_both! {
    async fn an_operator_loads_lists_shows_and_removes(place) {
        let file = place.file("gb.csv", FILE);
        let file = file.to_str().expect("UTF-8");
        let loaded = place.done(&["reference", "load", "industries", file, "--version", "2017", "--source", "GB/T 4754"]).await;
        assert!(loaded.starts_with("industries: version 2017, 3 lines, loaded on "), "{loaded}");
        let again = place.done(&["reference", "load", "industries", file, "--version", "2017", "--source", "GB/T 4754"]).await;
        assert_eq!(again, loaded);
        assert_eq!(place.done(&["reference", "show", "industries", "C351"]).await, "C3511\t矿山机械制造\tMining machinery\n");
        let listed = place.done(&["reference", "list"]).await;
        assert!(listed.lines().count() == 6 && listed.contains(&loaded) && listed.contains("非官方"), "{listed}");
        let wrong = place.file("bad.csv", "代码,名称\nZZ,甲\n");
        let wrong = place.run(&["reference", "load", "industries", wrong.to_str().expect("UTF-8"), "--version", "1", "--source", "x"]).await;
        assert!(wrong.code == Some(1) && wrong.stderr.contains("Row 2"), "{wrong:?}");
        assert_eq!(place.run(&["reference", "load", "codes", file, "--version", "1", "--source", "x"]).await.code, Some(2));
        let removed = place.done(&["reference", "remove", "industries"]).await;
        assert!(removed.contains("built in"), "{removed}");
        place.done(&["verify"]).await;
    }
}
