//! Every way in which a line or a file is refused: its code, its column, what to do; and what stands beside it is
//! recorded all the same.

use serde_json::{Value, json};

use super::{
    DECLARATIONS, District, LICENCES, Sheet, counts, declarations, licences, number, post, taken,
    upload,
};
use crate::{
    imports::{head, import},
    on_both,
    support::World,
};

/// Code and column of each refused line, in file order; each has words in the language asked for.
fn refusals(report: &Value) -> Vec<(String, String)> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let all = report["rejected"].as_array().expect("a list");
    for one in all {
        assert!(text(one, "detail").ends_with('。'), "{one}");
    }
    all.iter()
        .map(|one| (text(one, "code"), text(one, "column")))
        .collect()
}

/// A declaration's line with these cells changed.
fn declared(changes: &[(&str, &str)]) -> Vec<String> {
    let mut row = declarations().rows.swap_remove(1);
    row[2] = "NEW-1".into();
    changed(&DECLARATIONS, &mut row, changes);
    row
}

fn changed(header: &[&str], row: &mut [String], changes: &[(&str, &str)]) {
    for (column, text) in changes {
        let at = header
            .iter()
            .position(|name| name == column)
            .expect("a column");
        (*text).clone_into(&mut row[at]);
    }
}

async fn refused(
    world: &World,
    district: &District,
    kind: &str,
    header: &[&'static str],
    cases: &[(Vec<String>, &str, &str)],
) {
    let sheet = Sheet {
        header: header.to_vec(),
        rows: cases.iter().map(|(row, ..)| row.clone()).collect(),
    };
    let before = head(world).await;
    let report = taken(&post(world, &district.key, &format!("kind={kind}"), sheet.csv()).await);
    let wanted: Vec<_> = cases
        .iter()
        .map(|(_, code, column)| ((*code).to_owned(), (*column).to_owned()))
        .collect();
    assert_eq!(refusals(&report), wanted, "{report:#}");
    assert_eq!(head(world).await, before, "nothing is written");
}

on_both! {
    async fn a_wrong_line_of_declarations_is_refused_by_its_cell(world) {
        let district = District::new(&world).await;
        world.organisation("同名公司").await;
        world.organisation("同名公司").await;
        upload(&world, &district.key, "两份.txt", "甲").await;
        upload(&world, &district.key, "两份.txt", "乙").await;
        taken(&post(&world, &district.key, "kind=declarations", declarations().csv()).await);
        let (held, free) = (number(13), number(40));
        let nobody = format!("专利号,专利名称,专利权人,申请日\n{free},一种渔网清洗装置,别家公司,2020-03-01\n");
        import(&world, None, nobody).await;
        let long = "长".repeat(2_001);
        let header: Vec<&str> = DECLARATIONS.iter().copied().chain(["撤回公告日", "终止公告日", "说明"]).collect();
        let with = |changes: &[(&str, &str)]| {
            let mut row = declared(&[]);
            row.resize(header.len(), String::new());
            changed(&header, &mut row, &[("专利号", held.as_str())]);
            changed(&header, &mut row, changes);
            row
        };
        let cases = [
            (with(&[("专利号", "")]), "missingNumber", "专利号"),
            (with(&[("专利号", "ZL202010000001.9")]), "numberCheck", "专利号"),
            (with(&[("专利号", "2.02E+12")]), "scientificNumber", "专利号"),
            (with(&[("专利号", "ZL202480012345.0")]), "patentUnknown", "专利号"),
            (with(&[("专利号", &free), ("专利权人", "")]), "patenteeRequired", "专利权人"),
            (with(&[("专利权人", "没有这家")]), "organisationUnknown", "专利权人"),
            (with(&[("专利权人", "同名公司")]), "organisationAmbiguous", "专利权人"),
            (with(&[("开放许可声明编号", "")]), "cellEmpty", "开放许可声明编号"),
            (with(&[("开放许可声明编号", "示例1")]), "exampleRow", "开放许可声明编号"),
            (with(&[("开放许可声明编号", &long)]), "declarationNumberInvalid", "开放许可声明编号"),
            (with(&[("开放许可声明编号", "KF2024-0003")]), "recordedDifferently", "专利号"),
            (with(&[("声明生效日", "去年")]), "notADate", "声明生效日"),
            (with(&[("声明生效日", "2024年3月")]), "notADate", "声明生效日"),
            (with(&[("声明生效日", "2024-02-30")]), "impossibleDate", "声明生效日"),
            (with(&[("声明生效日", "2028-01-01")]), "dayInFuture", "声明生效日"),
            (with(&[("声明生效日", "2022-05-01")]), "pilotListing", "声明生效日"),
            (with(&[("许可期限", "三年")]), "notADate", "许可期限"),
            (with(&[("许可期限", "2023-01-01")]), "periodEmpty", "许可期限"),
            (with(&[("许可期限", "2050-01-01")]), "beyondTerm", "许可期限"),
            (with(&[("支付方式", "面议")]), "feeModeUnknown", "支付方式"),
            (with(&[("支付方式", "")]), "cellEmpty", "支付方式"),
            (with(&[("支付方式", "分段")]), "cellEmpty", "条款"),
            (with(&[("支付方式", "无偿")]), "feesDisagree", "金额（元）"),
            (with(&[("提成比例（%）", "3%")]), "feesDisagree", "提成比例（%）"),
            (with(&[("支付方式", "按年"), ("周期（月）", "6")]), "feesDisagree", "周期（月）"),
            (with(&[("金额（元）", "")]), "cellEmpty", "金额（元）"),
            (with(&[("金额（元）", "若干")]), "amountInvalid", "金额（元）"),
            (with(&[("金额（元）", "1.234")]), "amountTooFine", "金额（元）"),
            (with(&[("金额（元）", "0")]), "amountOutOfRange", "金额（元）"),
            (with(&[("支付方式", "分期"), ("金额（元）", "10000;5000")]), "instalmentsInvalid", "金额（元）"),
            (with(&[("支付方式", "分期"), ("金额（元）", "1@5;1@5")]), "partsNotAscending", "金额（元）"),
            (with(&[("支付方式", "按期"), ("周期（月）", "半年")]), "notAWholeNumber", "周期（月）"),
            (with(&[("支付方式", "按期"), ("周期（月）", "999")]), "monthsOutOfRange", "周期（月）"),
            (with(&[("支付方式", "提成"), ("金额（元）", ""), ("提成基数", "营收")]), "baseUnknown", "提成基数"),
            (with(&[("支付方式", "提成"), ("金额（元）", ""), ("提成基数", "利润"), ("提成比例（%）", "0.03")]), "rateAmbiguous", "提成比例（%）"),
            (with(&[("支付方式", "提成"), ("金额（元）", ""), ("提成基数", "利润"), ("提成比例（%）", "三成")]), "rateInvalid", "提成比例（%）"),
            (with(&[("支付方式", "提成"), ("金额（元）", ""), ("提成基数", "利润"), ("提成比例（%）", "1.005%")]), "rateTooFine", "提成比例（%）"),
            (with(&[("支付方式", ""), ("金额（元）", ""), ("条款", "{\"mode\":\"lumpSum\"}")]), "termsInvalid", "条款"),
            (with(&[("支付方式", "无偿"), ("金额（元）", ""), ("条款", "{\"mode\":\"lumpSum\",\"amountFen\":5}")]), "feesDisagree", "支付方式"),
            (with(&[("条款", "{\"mode\":\"lumpSum\",\"amountFen\":5}")]), "feesDisagree", "金额（元）"),
            (with(&[("支付方式", ""), ("金额（元）", ""), ("条款", "{\"mode\":\"lumpSum\",\"amountFen\":0}")]), "amountOutOfRange", "条款"),
            (with(&[("公告文件", "")]), "cellEmpty", "公告文件"),
            (with(&[("公告文件", "没有.pdf")]), "fileUnknown", "公告文件"),
            (with(&[("公告文件", "两份.txt")]), "fileAmbiguous", "公告文件"),
            (with(&[("公告文件", &"0".repeat(64))]), "fileUnknown", "公告文件"),
            (with(&[("撤回公告日", "2025-01-01"), ("终止公告日", "2025-01-02")]), "endsDisagree", "终止公告日"),
            (with(&[("撤回公告日", "2024-01-25")]), "beforeEffect", "撤回公告日"),
            (with(&[("终止公告日", "2199-01-25")]), "dayInFuture", "终止公告日"),
            (with(&[("说明", &long)]), "explanationTooLong", "说明"),
            (with(&[("说明", "坏\u{fffd}字")]), "wrongEncoding", "说明"),
        ];
        refused(&world, &district, "declarations", &header, &cases).await;
    }

    async fn a_wrong_line_of_licences_is_refused_by_its_cell(world) {
        let district = District::new(&world).await;
        taken(&post(&world, &district.key, "kind=declarations", declarations().csv()).await);
        let second = Sheet { header: DECLARATIONS.to_vec(), rows: vec![declared(&[("开放许可声明编号", "SECOND"), ("专利号", &number(3))])] };
        assert_eq!(counts(&taken(&post(&world, &district.key, "kind=declarations", second.csv()).await))[1], 1);
        let (all, _) = licences(&district);
        let first = Sheet { header: all.header.clone(), rows: all.rows[5..6].to_vec() };
        assert_eq!(counts(&taken(&post(&world, &district.key, "kind=licences", first.csv()).await))[1], 1);
        let header: Vec<&str> = LICENCES.iter().copied().chain(["被许可人类型", "被许可人联系方式"]).collect();
        // Under declaration 1 (a lump sum of 20,000 yuan).
        let with = |changes: &[(&str, &str)]| {
            let mut row = all.rows[6].clone();
            row.resize(header.len(), String::new());
            changed(&header, &mut row, &[("开放许可声明编号", "KF2024-0001"), ("专利号", "")]);
            changed(&header, &mut row, changes);
            row
        };
        let mut known = all.rows[5].clone();
        known.resize(header.len(), String::new());
        let again = |changes: &[(&str, &str)]| {
            let mut row = known.clone();
            changed(&header, &mut row, changes);
            row
        };
        let cases = [
            (with(&[("开放许可声明编号", "")]), "declarationMissing", "开放许可声明编号"),
            (with(&[("开放许可声明编号", "没有")]), "declarationUnknown", "开放许可声明编号"),
            (with(&[("开放许可声明编号", ""), ("专利号", &number(13))]), "declarationUnknown", "专利号"),
            (with(&[("开放许可声明编号", ""), ("专利号", &number(3))]), "declarationAmbiguous", "专利号"),
            (with(&[("专利号", &number(5))]), "numbersDisagree", "专利号"),
            (with(&[("被许可人", "")]), "cellEmpty", "被许可人"),
            (with(&[("被许可人", "没有这家")]), "organisationUnknown", "被许可人"),
            (with(&[("被许可人类型", "外星人")]), "licenseeKindUnknown", "被许可人类型"),
            (with(&[("被许可人", "王某"), ("被许可人类型", "个人")]), "cellEmpty", "被许可人联系方式"),
            (with(&[("书面通知日", "")]), "cellEmpty", "书面通知日"),
            (with(&[("书面通知日", "2024-01-25")]), "declarationNotYetEffective", "书面通知日"),
            (with(&[("书面通知日", "2199-01-25")]), "dayInFuture", "书面通知日"),
            (with(&[("支付日", "")]), "paymentIncomplete", "支付日"),
            (with(&[("支付金额（元）", "1万元")]), "paymentIncomplete", "支付金额（元）"),
            (with(&[("支付金额（元）", "一万")]), "amountInvalid", "支付金额（元）"),
            (with(&[("支付日", ""), ("支付金额（元）", "20000")]), "cellEmpty", "支付日"),
            (with(&[("支付日", "2024-02-01")]), "declarationNotYetEffective", "支付日"),
            (with(&[("备案号", "1"), ("备案日", "")]), "cellEmpty", "备案日"),
            (with(&[("备案号", ""), ("备案日", "2026-01-01")]), "cellEmpty", "备案号"),
            (with(&[("备案号", "1"), ("备案日", "2024-05-01")]), "filedBeforeEffect", "备案日"),
            (with(&[("备案号", &"1".repeat(101)), ("备案日", "2026-05-01")]), "filingNumberInvalid", "备案号"),
            (with(&[("通知文件", "通知.txt;没有.pdf")]), "fileUnknown", "通知文件"),
            (with(&[("跨境", "也许")]), "yesOrNo", "跨境"),
            (again(&[("书面通知日", "2025-02-27")]), "licenceExists", "书面通知日"),
            (again(&[("支付日", "2025-02-27")]), "recordedDifferently", "支付日"),
            (again(&[("支付金额（元）", "30000")]), "recordedDifferently", "支付金额（元）"),
            (again(&[("跨境", "是")]), "recordedDifferently", "跨境"),
        ];
        refused(&world, &district, "licences", &header, &cases).await;
        // Right lines beside wrong ones are recorded; English for those who ask for it.
        let mut all = all.clone();
        for (n, row) in all.rows.iter_mut().enumerate() {
            row[0] = format!("KF2024-{:04}", n / 5);
        }
        let mut mixed = all.clone();
        for row in mixed.rows.iter_mut().step_by(2) {
            row[2] = "没有这家".into();
        }
        let asking = world.ask(axum::http::Method::POST, "/v1/records?kind=licences").key(&district.key);
        let report = taken(&asking.header("accept-language", "en").body(mixed.csv()).send().await);
        assert_eq!(counts(&report), [60, 29, 0, 1, 30], "{report}");
        assert_eq!(report["rejected"][1], json!({
            "row": 4, "column": "被许可人", "code": "organisationUnknown", "value": "没有这家",
            "detail": "No such organisation is registered.",
            "cure": "Check the name, or register it first (POST /v1/organisations or kaixu organisation add); a natural person needs licenseeKind individual.",
        }));
        assert_eq!(counts(&taken(&post(&world, &district.key, "kind=licences", all.csv()).await)), [60, 30, 0, 30, 0]);
    }

    async fn a_file_that_is_not_understood_to_the_last_column_is_refused_whole(world) {
        let district = District::new(&world).await;
        let before = head(&world).await;
        let good = declarations();
        let with_header = |at: usize, name: &'static str| {
            let mut sheet = good.clone();
            sheet.header[at] = name;
            sheet.csv().into_bytes()
        };
        let many = format!("专利号,被许可人,通知日\n{}", "a,b,c\n".repeat(5_001));
        let cases: [(&str, Vec<u8>, &str); 10] = [
            ("declarations", with_header(1, "备注"), "headersUnknown"),
            ("declarations", with_header(1, "申请号"), "headerRepeated"),
            ("declarations", with_header(12, ""), "headersMissing"),
            ("licences", good.csv().into_bytes(), "headersUnknown"),
            ("declarations", "一,二,三\n1,2,3\n".into(), "headerMissing"),
            ("declarations", Vec::new(), "fileEmpty"),
            ("declarations", b"%PDF-1.7".to_vec(), "formatUnsupported"),
            ("declarations", b"PK\x03\x04broken".to_vec(), "fileTruncated"),
            ("licences", "{\"专利号\":\"1\",\"被许可人\":\"甲\",\"通知日\":\"2025-01-01\"}\n{\"别的\":1}\n".into(), "headersUnknown"),
            ("licences", many.into(), "tooManyRows"),
        ];
        for (kind, body, code) in cases {
            let answer = post(&world, &district.key, &format!("kind={kind}"), body).await;
            let problem = answer.json();
            assert_eq!((answer.status.as_u16(), &problem["errors"][0]["code"]), (422, &json!(code)), "{problem}");
        }
        let unknown = post(&world, &district.key, "kind=declarations", with_header(1, "备注")).await.json();
        let detail = unknown["detail"].as_str().expect("text");
        assert!(detail.contains("备注") && detail.contains("提成比例（%）"), "{detail}");
        for query in ["", "kind=patents", "kind=licences&dryRun=perhaps", "kind=licences&x=1"] {
            post(&world, &district.key, query, "x").await.problem(400, "parameterInvalid");
        }
        assert_eq!(head(&world).await, before);
        // A title above the header, other separators, a row that is no row.
        let mut sheet = good.clone();
        sheet.rows.truncate(2);
        let tabs = sheet.csv().replace(',', "\t").replace("25\t000", "25,000");
        let text = format!("环翠区已公告声明一览\t\t\n{tabs}{}\t一格太少\n", number(9));
        let report = taken(&post(&world, &district.key, "kind=declarations", text).await);
        assert_eq!(counts(&report), [3, 2, 0, 0, 1], "{report}");
        assert_eq!(refusals(&report), [("wrongColumnCount".to_owned(), String::new())]);
        let lines = format!("{}{{\n", sheet.jsonl());
        let report = taken(&post(&world, &district.key, "kind=declarations", lines).await);
        assert_eq!((counts(&report), &report["rejected"][0]["code"]), ([3, 0, 0, 2, 1], &json!("badJson")), "{report}");
        let mut lost = good.clone();
        lost.rows.truncate(1);
        lost.rows[0][2] = "12345678901234567890".into();
        let report = taken(&post(&world, &district.key, "kind=declarations", lost.xlsx()).await);
        assert_eq!(refusals(&report), [("digitsLost".to_owned(), "开放许可声明编号".to_owned())]);
    }
}
