//! The real exports: what each gives was determined with Python and openpyxl, apart from this program, and
//! by looking at the rows.

use std::collections::BTreeMap;

use jiff::civil::date;
use kaixu::domain::{
    codes::{Ipc, Locarno},
    intake::{Intake, WarningCode},
    patent::{CheckSource, LegalStatus, PatentKind, Stage},
};

use crate::support::{
    data,
    table::{Outcome, read},
};

fn outcome(name: &str) -> Option<Outcome> {
    let outcome = read(&data::folder()?.join(name));
    assert_eq!(outcome.fatal, None, "{name}");
    Some(outcome)
}

fn warnings(outcome: &Outcome) -> BTreeMap<WarningCode, usize> {
    let mut counts = BTreeMap::new();
    for warning in outcome.good.iter().flat_map(|(_, intake)| &intake.warnings) {
        *counts.entry(warning.code).or_default() += 1;
    }
    counts
}

/// The sum of a count over all good rows.
fn total(outcome: &Outcome, count: impl Fn(&Intake) -> usize) -> usize {
    outcome.good.iter().map(|(_, intake)| count(intake)).sum()
}

#[test]
fn the_cnipr_export_gives_all_199_utility_models() {
    let Some(outcome) = outcome("exports/cnipr_25_columns.xlsx") else {
        return;
    };
    // Rows 2 to 200; every number ends in a fitting check character, every publication number in U.
    assert_eq!((outcome.good.len(), outcome.rejects.len()), (199, 0));
    assert!(warnings(&outcome).is_empty());
    assert_eq!(total(&outcome, |i| i.patent.inventors.len()), 672);
    assert_eq!(total(&outcome, |i| i.patent.ipc.len()), 282);
    assert_eq!(
        total(&outcome, |i| usize::from(i.patent.applicants.len() > 1)),
        20
    );
    assert_eq!(
        total(&outcome, |i| i
            .patent
            .abstract_text
            .as_ref()
            .map_or(0, |t| t.chars().count())),
        45_486
    );
    assert_eq!(
        total(&outcome, |i| usize::from(i.patent.main_claim.is_some())),
        199
    );
    assert!(
        outcome
            .good
            .iter()
            .all(|(_, i)| i.patent.grant_date == Some(date(2013, 1, 2)))
    );

    let patent = &outcome.row(38).patent;
    assert_eq!(patent.number.zl(), "ZL201220166383.6");
    assert_eq!(patent.title, "钢筋混凝土地坪压实摊平工具");
    assert_eq!(
        patent.applicants,
        ["中冶天工上海十三冶建设有限公司", "中冶天工集团有限公司"]
    );
    assert_eq!(patent.inventors, ["张凤勇", "王龙"]);
    assert_eq!(
        patent.ipc.iter().map(Ipc::as_str).collect::<Vec<_>>(),
        ["E01C19/23", "E04G21/06"]
    );
    assert_eq!(patent.filing_date, Some(date(2012, 4, 19)));
    assert_eq!(
        patent.grant_number.clone().map(String::from),
        Some("CN202644348U".into())
    );
    assert_eq!(
        (&patent.publication_number, patent.publication_date),
        (&None, None)
    );
    assert_eq!(
        (patent.stage, patent.legal_status),
        (Stage::Granted, LegalStatus::Unknown)
    );
    let last = &outcome.row(200).patent;
    assert_eq!(
        (last.number.as_str(), last.inventors.as_slice()),
        ("2012202148461", &["胡亚峰".to_owned()][..])
    );
    assert!(
        outcome
            .row(2)
            .patent
            .main_claim
            .as_deref()
            .is_some_and(|c| c.ends_with("所述轨枕本体内部还设有钢筋架。"))
    );
}

#[test]
fn the_shandong_list_gives_7384_patents_nine_of_them_with_a_computed_check_character() {
    let Some(outcome) = outcome("exports/shandong_list_7384.xlsx") else {
        return;
    };
    assert_eq!((outcome.good.len(), outcome.rejects.len()), (7384, 0));
    // Nine numbers of 1985 to 1988 have eight digits; twelve filing dates lie in another year than the number.
    let expected = BTreeMap::from([
        (WarningCode::CheckComputed, 9),
        (WarningCode::YearDiffers, 12),
    ]);
    assert_eq!(warnings(&outcome), expected);
    let of = |kind| total(&outcome, |i| usize::from(i.patent.kind == kind));
    assert_eq!(
        [
            PatentKind::Invention,
            PatentKind::UtilityModel,
            PatentKind::Design
        ]
        .map(of),
        [1909, 5335, 140]
    );
    // Every design has a Locarno class (19 of them with the number of the article), every other an IPC symbol.
    assert_eq!(total(&outcome, |i| i.patent.locarno.len()), 140);
    assert_eq!(total(&outcome, |i| i.patent.ipc.len()), 7244);
    assert_eq!(
        total(&outcome, |i| usize::from(
            i.patent.filing_date.is_some_and(|d| d.year() == 2010)
        )),
        778
    );

    let first = &outcome.row(2).patent;
    assert_eq!(
        (first.number.as_str(), first.check_source),
        ("851024750", CheckSource::Computed)
    );
    assert_eq!(
        (first.title.as_str(), first.filing_date),
        ("新型绕线式异步电动机", Some(date(1985, 4, 1)))
    );
    assert_eq!(first.applicants, ["山东省矿业学院"]);
    assert_eq!(first.stage, Stage::Listed);
    let chess = &outcome.row(13).patent;
    assert_eq!(
        (chess.number.as_str(), chess.title.as_str()),
        ("883007835", "十二生肖棋")
    );
    assert_eq!(
        chess
            .locarno
            .iter()
            .map(Locarno::as_str)
            .collect::<Vec<_>>(),
        ["21-01"]
    );
    let last = &outcome.row(7385).patent;
    assert_eq!(
        last.applicants,
        ["尤洛卡(山东)深部地压防治安全技术有限公司"]
    );
    assert_eq!(
        last.ipc.iter().map(Ipc::as_str).collect::<Vec<_>>(),
        ["E21D20/02"]
    );
}

#[test]
fn the_patenthub_dump_gives_450_patents_of_which_69_are_in_force() {
    let Some(outcome) = outcome("exports/patenthub.csv") else {
        return;
    };
    assert_eq!((outcome.good.len(), outcome.rejects.len()), (450, 0));
    assert_eq!(
        warnings(&outcome),
        BTreeMap::from([(WarningCode::YearDiffers, 4)])
    );
    // currentStatus: 授权 69 (48 designs, 21 utility models), 公开 334, 实质审查 47.
    let status = |status| total(&outcome, |i| usize::from(i.patent.legal_status == status));
    assert_eq!(
        (status(LegalStatus::InForce), status(LegalStatus::Pending)),
        (69, 381)
    );
    let stage = |stage| total(&outcome, |i| usize::from(i.patent.stage == stage));
    assert_eq!((stage(Stage::Granted), stage(Stage::Published)), (69, 381));
    assert_eq!(
        total(&outcome, |i| usize::from(i.patent.abstract_text.is_some())),
        446
    );
    assert_eq!(total(&outcome, |i| i.patent.inventors.len()), 1687);
    assert_eq!(total(&outcome, |i| i.patent.applicants.len()), 512);
    assert_eq!(total(&outcome, |i| i.patent.ipc.len()), 1187);

    let lamp = &outcome.row(2).patent;
    assert_eq!(
        (lamp.number.zl(), lamp.kind),
        ("ZL202130342503.8".into(), PatentKind::Design)
    );
    assert_eq!(
        (lamp.grant_date, lamp.publication_date),
        (Some(date(2021, 6, 29)), None)
    );
    assert_eq!(
        lamp.locarno.iter().map(Locarno::as_str).collect::<Vec<_>>(),
        ["26-05"]
    );
    let relay = &outcome.row(5).patent;
    assert_eq!(
        (relay.number.as_str(), relay.title.as_str()),
        ("2021105979456", "用于确定继电器剩余切断寿命的方法及装置")
    );
    assert_eq!(relay.inventors, ["李鸣", "张巧然"]);
    assert_eq!(
        relay.publication_number.clone().map(String::from),
        Some("CN113030719A".into())
    );
    assert_eq!(
        (relay.publication_date, relay.grant_date),
        (Some(date(2021, 6, 25)), None)
    );
    assert_eq!(
        (relay.legal_status, relay.status_text.as_deref()),
        (LegalStatus::Pending, Some("公开"))
    );
    let last = &outcome.row(451).patent;
    assert_eq!(
        last.ipc.iter().map(Ipc::as_str).collect::<Vec<_>>(),
        ["H01H3/02", "G10L15/22"]
    );
}

#[test]
fn every_row_of_the_shifted_export_is_refused_because_the_title_column_begins_with_the_number() {
    let Some(outcome) = outcome("exports/patentstar_shifted_columns.csv") else {
        return;
    };
    // 108 rows under a header without application number; all their titles read `CN… -  title`.
    assert_eq!(outcome.good.len(), 0);
    assert_eq!(outcome.by_code(), BTreeMap::from([("shiftedColumns", 108)]));
    assert!(outcome.rejects.iter().all(|reject| reject.column == "标题"));
    assert_eq!((outcome.rejects[0].row, outcome.rejects[107].row), (2, 109));
    assert_eq!(
        outcome.rejects[0].value,
        "CN201810833186.7 -  一种立式切片机"
    );
}

#[test]
fn the_patsnap_row_keeps_names_apart_and_drops_those_run_into_addresses() {
    let Some(outcome) = outcome("exports/patsnap_header.xlsx") else {
        return;
    };
    assert_eq!((outcome.good.len(), outcome.rejects.len()), (1, 0));
    let patent = &outcome.row(2).patent;
    assert_eq!(
        (patent.number.zl(), patent.kind),
        ("ZL201830084523.8".into(), PatentKind::Design)
    );
    assert_eq!(patent.title, "无线快充台灯（HL-S20）");
    assert_eq!(
        patent.inventors,
        ["朱晓敏", "李强", "徐勤伟", "余庆深", "张汉桥"]
    );
    assert_eq!(patent.owners, ["深圳市哈里通实业有限公司"]);
    assert_eq!(patent.applicants, ["深圳市哈里通实业有限公司"]);
    assert_eq!(
        patent
            .locarno
            .iter()
            .map(Locarno::as_str)
            .collect::<Vec<_>>(),
        ["26-05", "13-02"]
    );
    assert_eq!(
        (patent.filing_date, patent.grant_date),
        (Some(date(2018, 3, 7)), Some(date(2018, 8, 10)))
    );
    assert_eq!(
        (patent.legal_status, patent.stage),
        (LegalStatus::InForce, Stage::Granted)
    );
    // 当前申请专利权人 and 原始申请专利权人 hold name, postcode and address in one.
    assert_eq!(
        warnings(&outcome),
        BTreeMap::from([(WarningCode::NameDropped, 2)])
    );
}

#[test]
fn of_the_gazette_only_the_135_numbers_that_excel_could_not_ruin_are_taken() {
    let Some(outcome) = outcome("exports/cnipa_gazette_gbk_ruined_numbers.csv") else {
        return;
    };
    // 1,365 numbers read 2.01E+12; the others end in X, which kept Excel from taking them for numbers.
    assert_eq!(outcome.good.len(), 135);
    assert_eq!(
        outcome.by_code(),
        BTreeMap::from([("scientificNumber", 1365)])
    );
    assert!(
        outcome
            .rejects
            .iter()
            .all(|r| r.column == "filing_id" && r.value.ends_with("E+12"))
    );
    assert_eq!(
        warnings(&outcome),
        BTreeMap::from([(WarningCode::YearDiffers, 1)])
    );
    let mut numbers: Vec<&str> = outcome
        .good
        .iter()
        .map(|(_, i)| i.patent.number.as_str())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 131, "four numbers come twice");
    assert_eq!(total(&outcome, |i| i.patent.inventors.len()), 201);
    assert_eq!(total(&outcome, |i| i.patent.owners.len()), 139);
    assert_eq!(total(&outcome, |i| i.patent.ipc.len()), 174);
    assert!(
        outcome
            .good
            .iter()
            .all(|(_, i)| !i.patent.inventors.iter().any(|name| name.contains('?')))
    );

    let map = &outcome.row(6).patent;
    assert_eq!(
        (map.number.as_str(), map.title.as_str()),
        ("201210003670X", "一种服务数据接入处理方法与装置")
    );
    assert_eq!(
        (map.filing_date, map.grant_date),
        (Some(date(2012, 1, 6)), Some(date(2019, 7, 9)))
    );
    assert_eq!(
        map.grant_number.clone().map(String::from),
        Some("CN103198070B".into())
    );
    assert_eq!(
        outcome.row(126).patent.inventors,
        ["徐正军", "周美凤", "许骏"]
    );
    let glass = &outcome.row(764).patent;
    assert_eq!(glass.owners, ["东旭科技集团有限公司", "东旭集团有限公司"]);
    assert_eq!(
        glass.ipc.iter().map(Ipc::as_str).collect::<Vec<_>>(),
        ["C03B17/06", "G05B19/418"]
    );
}

#[test]
fn the_sample_of_3431_records_is_taken_whole_and_inferred_regions_are_not() {
    let Some(outcome) = outcome("patents_3k.jsonl.gz") else {
        return;
    };
    assert_eq!((outcome.good.len(), outcome.rejects.len()), (3431, 0));
    // 583 records say app_no_printed = false; 37 status days read 2021-07; 35 publication numbers have no letter.
    let expected = BTreeMap::from([
        (WarningCode::CheckComputed, 583),
        (WarningCode::MonthOnly, 37),
        (WarningCode::PublicationUnreadable, 35),
        (WarningCode::YearDiffers, 1),
    ]);
    assert_eq!(warnings(&outcome), expected);
    assert_eq!(
        total(&outcome, |i| usize::from(i.patent.region.is_some())),
        25,
        "2,000 less 1,975 from names"
    );
    assert_eq!(total(&outcome, |i| i.patent.inventors.len()), 3005);
    assert_eq!(total(&outcome, |i| i.patent.applicants.len()), 3461);
    assert_eq!(total(&outcome, |i| i.patent.ipc.len()), 3500);
    assert_eq!(
        total(&outcome, |i| usize::from(i.patent.main_claim.is_some())),
        16
    );
    // 公开 34, 实质审查 2, 公布 1; 授权 8.
    let status = |status| total(&outcome, |i| usize::from(i.patent.legal_status == status));
    assert_eq!(
        (status(LegalStatus::Pending), status(LegalStatus::InForce)),
        (37, 8)
    );
    // A 1359, B 7, U 1366, and 35 utility models with a date beside a number without letter.
    let stage = |stage| total(&outcome, |i| usize::from(i.patent.stage == stage));
    assert_eq!(
        (stage(Stage::Published), stage(Stage::Granted)),
        (1359, 7 + 1366 + 35)
    );

    assert_eq!(outcome.row(1).patent.region, None, "from: applicant_name");
    let claim = &outcome.row(267).patent;
    assert_eq!(
        (claim.number.zl(), claim.title.as_str()),
        ("ZL201220063320.8".into(), "钢筋砼桥梁植筋加固构造")
    );
    assert_eq!(
        claim.region.as_ref().map(|r| r.code.as_str()),
        Some("440000"),
        "440113 is Guangdong's"
    );
    assert!(
        claim
            .main_claim
            .as_deref()
            .is_some_and(|c| c.starts_with("一种钢筋砼桥梁植筋加固构造"))
    );
    let granted = &outcome.row(361).patent;
    assert_eq!(
        (granted.legal_status, granted.status_as_of),
        (LegalStatus::InForce, Some(date(2019, 7, 9)))
    );
    assert_eq!(
        (granted.grant_date, granted.publication_date),
        (Some(date(2019, 7, 9)), None)
    );
    let old = &outcome.row(32).patent;
    assert_eq!(
        (old.number.as_str(), &old.grant_number),
        ("022633197", &None)
    );
    assert_eq!(
        old.grant_date,
        Some(date(2003, 7, 9)),
        "a utility model is published only with its grant"
    );
}

/// The stock of a holder with these titles, and its browser.
async fn stocked<'a>(
    world: &'a crate::support::World,
    titles: &[String],
) -> crate::support::browser::Browser<'a> {
    use kaixu::domain::access::Role;
    let university = world.organisation("蓝湾大学").await;
    let key = world.key(Role::Holder, Some(&university)).await;
    let mut file = String::from("专利号,专利名称,专利权人,申请日,法律状态\n");
    for (serial, title) in (1..).zip(titles) {
        let zl = crate::support::market::number(2020, 1, serial).zl();
        let line = format!("{zl},{title},蓝湾大学;别家公司,2020-03-01,专利权维持\n");
        file.push_str(&line);
    }
    let sent = world
        .ask(axum::http::Method::POST, "/v1/imports")
        .key(&key)
        .body(file)
        .send()
        .await;
    crate::smoke::finished(world, &key, sent.header("location")).await;
    let uscc = university.uscc.to_string();
    crate::desk::member(world, "li@blue.example.com", Role::Holder, Some(&uscc)).await
}

crate::on_both! {
    async fn stock_goes_out_in_every_layout_and_format_with_as_many_rows_as_the_count_says(world) {
        let titles: Vec<String> = (0..1203).map(|n| format!("渔网清洗装置{n}")).collect();
        let browser = stocked(&world, &titles).await;
        for layout in ["stock", "inventory", "shandong"] {
            for format in ["xlsx", "csv", "ndjson"] {
                let answer = if layout == "stock" {
                    browser.get(&format!("/desk/stock/sheet?layout={layout}&format={format}")).await
                } else {
                    let fields = [("platform", layout), ("only", "all"), ("format", format)];
                    browser.send("/desk/platforms", "/desk/platforms/export", &fields).await
                };
                assert_eq!((answer.status.as_u16(), answer.header("x-total-count")), (200, "1203"), "{layout} {format}");
                assert_eq!(answer.header("content-length"), answer.bytes.len().to_string());
                match format {
                    "xlsx" => assert!(answer.bytes.starts_with(b"PK")),
                    "csv" => assert_eq!(answer.text().lines().count(), 1204),
                    _ => assert_eq!(answer.text().lines().count(), 1203),
                }
            }
        }
        let narrowed = browser.get("/desk/stock/sheet?layout=stock&format=ndjson&q=%E8%A3%85%E7%BD%AE7").await;
        assert_eq!(narrowed.header("x-total-count"), narrowed.text().lines().count().to_string());
        let line: serde_json::Value = serde_json::from_str(narrowed.text().lines().next().expect("a line")).expect("JSON");
        assert_eq!((&line["专利权人"], &line["申请日"], &line["持有单位"]),
            (&"蓝湾大学；别家公司".into(), &"2020-03-01".into(), &"蓝湾大学".into()), "{line}");
        for bad in ["layout=none&format=csv", "layout=stock&format=pdf", "layout=shandong&format=csv"] {
            assert_eq!(browser.get(&format!("/desk/stock/sheet?{bad}")).await.status, 404, "{bad}");
        }
        let page = browser.get("/desk/platforms").await.text();
        assert!(page.contains("全国盘活批量建档（中性格式）"), "{page}");
        assert!(!crate::support::browser::Browser::new(&world).get("/desk/stock/sheet?layout=stock&format=csv").await.status.is_success());
    }

    async fn a_workbook_of_the_stock_is_read_again_and_calculates_nothing(world) {
        let titles = ["=1+1渔网装置", "@SUM渔网装置", "渔网清洗装置"].map(str::to_owned);
        let browser = stocked(&world, &titles).await;
        let csv = browser.get("/desk/stock/sheet?layout=stock&format=csv").await.text();
        assert!(csv.contains("'=1+1渔网装置") && csv.contains("'@SUM渔网装置"), "{csv}");
        let book = browser.get("/desk/stock/sheet?layout=stock&format=xlsx").await.bytes;
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(book.to_vec())).expect("a workbook");
        let mut sheet = String::new();
        std::io::Read::read_to_string(&mut zip.by_name("xl/worksheets/sheet1.xml").expect("a sheet"), &mut sheet).expect("reads");
        assert!(sheet.contains("=1+1渔网装置") && !sheet.contains("<f>"), "a string, not a formula: {sheet}");
        // What went out comes in again.
        let (holder, key) = {
            use kaixu::domain::access::Role;
            let other = world.organisation("红崖学院").await;
            let key = world.key(Role::Holder, Some(&other)).await;
            (other, key)
        };
        let sent = world.ask(axum::http::Method::POST, "/v1/imports").key(&key).body(book).send().await;
        let done = crate::smoke::finished(&world, &key, sent.header("location")).await;
        assert_eq!((&done["counts"]["claimed"], &done["counts"]["rejected"]), (&3.into(), &0.into()), "{} {done}", holder.name);
    }

    async fn search_results_go_out_as_a_workbook_too(world) {
        let titles: Vec<String> = (0..40).map(|n| format!("渔网清洗装置{n}")).collect();
        stocked(&world, &titles).await;
        world.indexed().await;
        let answer = world.get("/v1/patents/export?format=xlsx").await;
        assert_eq!((answer.status.as_u16(), answer.header("x-total-count")), (200, "40"));
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), &answer.bytes).expect("writes");
        let rows = kaixu::sheet::open(file.path(), None, &kaixu::sheet::Limits::default()).expect("opens");
        assert_eq!(rows.filter(Result::is_ok).count(), 40);
    }
}

#[test]
fn an_operators_layout_takes_the_place_of_a_built_in_one_and_a_wrong_one_is_refused() {
    use kaixu::sheet::Layouts;
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(
        Layouts::load(&folder.path().join("none"))
            .expect("none")
            .iter()
            .count(),
        3
    );
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("writes");
    let head = "title = \"甲\"\ntitle_en = \"A\"\nsheet = \"甲\"\n";
    write(
        "inventory.toml",
        &format!("{head}[[column]]\ntitle = \"号\"\nfield = \"number\"\nformat = \"plain\"\n"),
    );
    write("readme.txt", "not a layout");
    let layouts = Layouts::load(folder.path()).expect("loads");
    let inventory = layouts.find("inventory").expect("there");
    assert_eq!((inventory.columns.len(), inventory.neutral), (1, false));
    for wrong in [
        "",
        head,
        &format!("{head}[[column]]\ntitle = \"号\"\nfield = \"nummer\"\n"),
        &format!(
            "{head}[[column]]\ntitle = \"号\"\nfield = \"number\"\n[[column]]\ntitle = \"号\"\nfield = \"title\"\n"
        ),
    ] {
        write("inventory.toml", wrong);
        assert!(
            Layouts::load(folder.path()).is_err_and(|why| why.contains("inventory.toml")),
            "{wrong}"
        );
    }
}
