//! Files of every format, encoding and damage: what is read, what is refused alone, what ends the reading.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use jiff::civil::date;
use kaixu::{
    domain::{
        holding::Conversion,
        intake::{Reject, RejectCode},
        patent::{LegalStatus, Stage},
        text::Lang,
    },
    sheet::{Format, Limits, SheetError, rejects_header, rejects_lines},
};
use proptest::prelude::*;

use crate::support::table::{Outcome, file, read, read_bytes, read_within, workbook, workbook_of};

const TABLE: &str = "申请号,专利名称,专利权人\nCN201910699568.X,一种切片机,甲大学\nZL201820557176.0,节能炉具,乙大学\n";

fn titles(outcome: &Outcome) -> Vec<&str> {
    assert_eq!(outcome.fatal, None);
    outcome
        .good
        .iter()
        .map(|(_, intake)| intake.patent.title.as_str())
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).expect("compressed");
    out.finish().expect("finished")
}

#[test]
fn a_table_reads_the_same_in_every_encoding_and_with_every_delimiter() {
    let utf16 = |le: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff_u16).chain(TABLE.encode_utf16());
        units
            .flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() })
            .collect()
    };
    for bytes in [
        TABLE.as_bytes().to_vec(),
        format!("\u{feff}{TABLE}").into_bytes(),
        encoding_rs::GB18030.encode(TABLE).0.into_owned(),
        utf16(true),
        utf16(false),
        TABLE.replace(',', ";").into_bytes(),
        TABLE.replace(',', "\t").into_bytes(),
        TABLE.replace('\n', "\r\n").into_bytes(),
        TABLE.trim_end().as_bytes().to_vec(),
        gzip(TABLE.as_bytes()),
    ] {
        let outcome = read_bytes(&bytes);
        assert_eq!(titles(&outcome), ["一种切片机", "节能炉具"]);
        assert_eq!(outcome.good[1].0, 3, "rows are counted with the header");
        assert_eq!(outcome.good[0].1.patent.owners, ["甲大学"]);
    }
}

#[test]
fn title_rows_above_the_header_are_skipped_and_blank_rows_counted() {
    let text = format!(
        "某大学专利清单,,\n导出时间：2024年,,\n{TABLE}\n\nCN201910985915.5,第三件,丙大学\n"
    );
    let outcome = read_bytes(text);
    assert_eq!(titles(&outcome), ["一种切片机", "节能炉具", "第三件"]);
    assert_eq!(
        outcome.good.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
        [4, 5, 8]
    );
}

#[test]
fn a_file_without_number_column_is_an_error_that_names_its_headers() {
    let outcome = read_bytes("序号,专利名称,备注\n1,一种切片机,\n");
    let Some(SheetError::NoHeader { seen }) = &outcome.fatal else {
        panic!("{outcome:?}")
    };
    assert_eq!(seen, &["序号", "专利名称", "备注"]);
    assert!(
        outcome
            .fatal
            .expect("fatal")
            .text(Lang::Zh)
            .contains("专利名称")
    );
}

#[test]
fn quoted_fields_may_hold_delimiters_quotes_and_line_breaks() {
    let outcome = read_bytes(
        "申请号,名称,摘要\n201910699568X,\"切\"\"片\"\",机\",\"一\n二\"\nZL201820557176.0,炉,三\n",
    );
    assert_eq!(titles(&outcome), ["切\"片\",机", "炉"]);
    assert_eq!(
        outcome.good[0].1.patent.abstract_text.as_deref(),
        Some("一\n二")
    );
    assert_eq!(
        outcome.good[1].0, 3,
        "a record with a line break is one row, as a spreadsheet shows it"
    );
}

#[test]
fn damage_in_one_row_costs_that_row_alone() {
    let mut bytes = TABLE.as_bytes().to_vec();
    bytes.extend(b"CN201910985915.5,\xff\xfe\xfd,x\n");
    bytes.extend("CN202320855804.4,只有两列\n".as_bytes());
    bytes.extend("CN202320855804.4,\"没有关闭,甲\n".as_bytes());
    bytes.extend("CN202120102449.4,四列,甲,乙\nCN202011438186.0,好的,甲\n".as_bytes());
    let outcome = read_bytes(bytes);
    assert_eq!(titles(&outcome), ["一种切片机", "节能炉具", "好的"]);
    let rejects: Vec<(u64, RejectCode)> = outcome.rejects.iter().map(|r| (r.row, r.code)).collect();
    assert_eq!(
        rejects,
        [
            (4, RejectCode::WrongEncoding),
            (5, RejectCode::WrongColumnCount),
            (6, RejectCode::LineTooLong),
            (7, RejectCode::WrongColumnCount),
        ]
    );
    assert_eq!(outcome.rejects[0].column, "专利名称");
}

#[test]
fn an_endless_line_is_refused_alone_in_csv_and_json() {
    let limits = Limits {
        line_bytes: 1000,
        ..Limits::default()
    };
    let long = "长".repeat(2000);
    let csv = read_within(
        file(format!(
            "{TABLE}CN201910985915.5,{long},甲\nCN202011438186.0,好的,甲\n"
        ))
        .path(),
        &limits,
    );
    assert_eq!(
        (titles(&csv).len(), csv.rejects[0].row, csv.rejects[0].code),
        (3, 4, RejectCode::LineTooLong)
    );
    let json = format!(
        "{{\"app_no\":\"CN201910699568.X\",\"title\":\"{long}\"}}\n{{\"app_no\":\"CN201910699568.X\",\"title\":\"机\"}}\n"
    );
    let json = read_within(file(json).path(), &limits);
    assert_eq!((titles(&json), json.rejects[0].row), (vec!["机"], 1));
}

#[test]
fn json_lines_are_read_in_the_sample_form_and_in_our_own() {
    let sample = r#"{"app_no":"CN201910699568.X","title":"机","claims":["一项","二项"],"ipc":["H01M50/533"],"applicants":["甲;乙公司"],
"#;
    let text = [
        r#"{"app_no":"CN201910699568.X","title":"机","claims":["一项","二项"],"ipc":["H01M50/533"],"applicants":["甲, 乙公司"],"region":{"province":"山东省","code":"370000","from":"applicant_name"},"app_no_printed":false}"#,
        "",
        r#"{"number":"2018205571760","checkSource":"computed","kind":"utilityModel","title":"炉","abstract":"文","mainClaim":"项","applicants":["丙"],"filingDate":"2018-04-18","grantNumber":"CN208625622U","grantDate":"2019-03-22","stage":"granted","legalStatus":"terminatedFee","statusText":"怪话","statusAsOf":"2024-01-01","region":{"code":"371002","name":"环翠区"},"fictional":true,"conversion":"unused","unit":"机电学院"}"#,
        sample.trim_end(),
        r#"["app_no"]"#,
        r#"{"title":"无号"}"#,
    ]
    .join("\n");
    let outcome = read_bytes(&text);
    assert_eq!(titles(&outcome), ["机", "炉"]);
    let first = &outcome.good[0].1.patent;
    assert_eq!(
        (first.main_claim.as_deref(), &first.region),
        (Some("一项"), &None)
    );
    assert_eq!(
        first.applicants,
        ["甲, 乙公司"],
        "items of an array are never split"
    );
    let (line, own) = &outcome.good[1];
    assert_eq!(
        (*line, own.patent.legal_status, own.patent.stage),
        (3, LegalStatus::TerminatedFee, Stage::Granted)
    );
    assert_eq!(
        (own.patent.status_text.as_deref(), own.patent.status_as_of),
        (Some("怪话"), Some(date(2024, 1, 1)))
    );
    assert_eq!(
        own.patent.region.as_ref().map(|r| r.name.as_str()),
        Some("环翠区")
    );
    assert!(own.patent.fictional);
    assert_eq!(
        (own.conversion, own.unit.as_deref()),
        (Some(Conversion::Unused), Some("机电学院"))
    );
    let rejects: Vec<_> = outcome.rejects.iter().map(|r| (r.row, r.code)).collect();
    assert_eq!(
        rejects,
        [
            (4, RejectCode::BadJson),
            (5, RejectCode::BadJson),
            (6, RejectCode::MissingNumber)
        ]
    );
}

#[test]
fn our_own_records_come_back_unchanged() {
    let outcome = read_bytes(TABLE.replace("专利权人", "申请人"));
    let lines: Vec<String> = outcome
        .good
        .iter()
        .map(|(_, i)| serde_json::to_string(&i.patent).expect("a document"))
        .collect();
    let again = read_bytes(lines.join("\n"));
    let patents = |o: &Outcome| {
        o.good
            .iter()
            .map(|(_, i)| i.patent.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (patents(&again), again.rejects.len()),
        (patents(&outcome), 0)
    );
}

#[test]
fn limits_end_the_reading_with_their_own_error() {
    let table = file(TABLE);
    let rows = Limits {
        rows: 1,
        ..Limits::default()
    };
    let outcome = read_within(table.path(), &rows);
    assert_eq!(
        (outcome.good.len(), outcome.fatal),
        (1, Some(SheetError::TooManyRows { limit: 1 }))
    );
    let bomb = gzip(format!("{TABLE}{}", "\n".repeat(1 << 20)).as_bytes());
    let inflated = Limits {
        inflated_bytes: 1 << 18,
        ..Limits::default()
    };
    let outcome = read_within(file(bomb).path(), &inflated);
    assert_eq!(
        outcome.fatal,
        Some(SheetError::TooBig {
            limit_bytes: 1 << 18
        })
    );
    let line = "{\"app_no\":\"CN201910699568.X\",\"title\":\"机\"}\n".repeat(5000);
    let mut cut = gzip(line.as_bytes());
    cut.truncate(cut.len() - 20);
    assert_eq!(read_bytes(cut).fatal, Some(SheetError::Truncated));
}

#[test]
fn what_is_no_table_is_refused_as_a_whole() {
    assert_eq!(read_bytes("").fatal, Some(SheetError::Empty));
    assert_eq!(read_bytes(" \n\n").fatal, Some(SheetError::Empty));
    for bytes in [
        &b"%PDF-1.7"[..],
        b"<html><table>",
        b"[{\"a\":1}]",
        b"a\0b\0c",
    ] {
        let outcome = read_bytes(bytes);
        assert!(
            matches!(outcome.fatal, Some(SheetError::Unsupported(_))),
            "{outcome:?}"
        );
    }
    let latin: Vec<u8> = b"num\xe9ro,\xff\xfe\n\xff,\xff\n\xfe\xff,\x80\xff\n".to_vec();
    assert_eq!(read_bytes(latin).fatal, Some(SheetError::Encoding));
    assert_eq!(
        read_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").fatal,
        Some(SheetError::Truncated)
    );
    assert!(matches!(
        read_bytes(workbook(&[("word/document.xml", "x")])).fatal,
        Some(SheetError::Unsupported(_))
    ));
    assert_eq!(
        read_bytes(b"PK\x03\x04 nothing").fatal,
        Some(SheetError::Truncated)
    );
}

const STRINGS: &str = "<si><t>申请号</t></si><si><t>专利名称</t></si><si><t>申请日</t></si>\
    <si><r><t>一种</t></r><r><t xml:space=\"preserve\"> 切&amp;片&#26426;</t></r><rPh><t>pinyin</t></rPh></si>";
const HEADER: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>清单</t></is></c></row><row r="3"><c r="B3" t="s"><v>0</v></c><c r="C3" t="s"><v>1</v></c><c r="D3" t="s"><v>2</v></c></row>"#;

#[test]
fn a_workbook_gives_the_first_sheet_with_a_header_and_every_kind_of_cell() {
    let rows = format!(
        r#"{HEADER}<row r="4"><c r="B4"><v>2.0212302116320001E12</v></c><c r="C4" t="s"><v>3</v></c><c r="D4"><v>43606</v></c></row>
        <row r="5"/><row r="7"><c r="B7" t="str"><f>X()</f><v>CN201910699568.X</v></c><c r="C7" t="inlineStr"><is><t>炉_x000D_具</t></is></c><c r="D7" t="d"><v>2019-05-21T00:00:00</v></c><c r="E7"><v>1</v></c></row>
        <row r="8"><c r="B8" t="e"><v>#REF!</v></c><c r="C8" t="s"><v>999</v></c></row>
        <row r="9"><c t="b"><v>1</v></c><c><v>201820557176</v></c><c t="s"><v>1</v></c></row>"#
    );
    let outcome = read_bytes(workbook_of(STRINGS, &rows));
    assert_eq!(titles(&outcome), ["一种 切&片机", "炉具", "专利名称"]);
    assert_eq!(
        outcome.good.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
        [4, 7, 9]
    );
    assert_eq!(outcome.good[0].1.patent.number.as_str(), "2021230211632");
    assert!(
        outcome.good[..2]
            .iter()
            .all(|(_, i)| i.patent.filing_date == Some(date(2019, 5, 21)))
    );
    assert_eq!(outcome.good[2].1.patent.number.as_str(), "2018205571760");
    assert_eq!(
        outcome.rejects.len(),
        0,
        "row 8 holds only errors and an unknown string: it is empty"
    );
}

#[test]
fn days_of_the_1904_system_are_shifted() {
    let sheet = format!(
        "<worksheet><sheetData>{HEADER}<row r=\"4\"><c r=\"B4\" t=\"inlineStr\"><is><t>CN201910699568.X</t></is></c><c r=\"C4\" t=\"s\"><v>1</v></c><c r=\"D4\"><v>42144</v></c></row></sheetData></worksheet>"
    );
    let strings = format!("<sst>{STRINGS}</sst>");
    let bytes = workbook(&[
        (
            "xl/workbook.xml",
            "<workbook><workbookPr date1904=\"1\"/><sheets><sheet name=\"A\"/></sheets></workbook>",
        ),
        ("xl/sharedStrings.xml", &strings),
        ("xl/worksheets/sheet1.xml", &sheet),
    ]);
    assert_eq!(
        read_bytes(bytes).good[0].1.patent.filing_date,
        Some(date(2019, 5, 21))
    );
}

#[test]
fn hostile_workbooks_are_refused_in_little_memory() {
    let entity = workbook(&[
        (
            "xl/workbook.xml",
            "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><workbook><sheets><sheet/></sheets></workbook>",
        ),
        ("xl/worksheets/sheet1.xml", "<worksheet/>"),
    ]);
    assert_eq!(read_bytes(entity).fatal, Some(SheetError::DocumentType));
    let small = Limits {
        shared_strings_bytes: 10_000,
        ..Limits::default()
    };
    let many = format!("{STRINGS}{}", "<si/>".repeat(1000));
    let outcome = read_within(file(workbook_of(&many, HEADER)).path(), &small);
    assert_eq!(
        outcome.fatal,
        Some(SheetError::TooManyStrings {
            limit_bytes: 10_000
        })
    );
    let endless = format!(
        "{HEADER}<row r=\"4\"><c r=\"B4\" t=\"inlineStr\"><is><t>{}</t></is></c></row>",
        "a".repeat(5 << 20)
    );
    assert!(matches!(
        read_bytes(workbook_of(STRINGS, &endless)).fatal,
        Some(SheetError::Corrupt(_))
    ));
    let bomb = format!("{HEADER}{}", "<row></row>".repeat(200_000));
    let inflated = Limits {
        inflated_bytes: 1 << 20,
        ..Limits::default()
    };
    let outcome = read_within(file(workbook_of(STRINGS, &bomb)).path(), &inflated);
    assert_eq!(
        outcome.fatal,
        Some(SheetError::TooBig {
            limit_bytes: 1 << 20
        })
    );
    let wide = format!(
        "{HEADER}<row r=\"4\">{}</row>",
        "<c r=\"C4\" t=\"s\"><v>1</v></c>".repeat(100_000)
    );
    let outcome = read_bytes(workbook_of(STRINGS, &wide));
    assert_eq!(
        (outcome.rejects[0].row, outcome.rejects[0].code),
        (4, RejectCode::LineTooLong)
    );
    let path = workbook(&[
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"r\"><sheets><sheet r:id=\"a\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"a\" Target=\"../../../../etc/passwd\"/></Relationships>",
        ),
    ]);
    assert!(matches!(
        read_bytes(path).fatal,
        Some(SheetError::NoHeader { .. })
    ));
}

#[test]
fn a_truncated_workbook_is_an_error() {
    let mut bytes = workbook_of(STRINGS, HEADER);
    bytes.truncate(bytes.len() / 2);
    assert_eq!(read_bytes(bytes).fatal, Some(SheetError::Truncated));
    let cut = workbook(&[
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet/></sheets></workbook>",
        ),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><sheetData><row r=\"1\"><c t=\"inlineStr\"><is><t>申请号",
        ),
    ]);
    assert_eq!(read_bytes(cut).fatal, Some(SheetError::Truncated));
}

fn sendable<T: Send>(_: &T) {}

#[test]
fn the_format_and_the_columns_understood_are_told() {
    let table = file("申请号,专利名称,备注\nCN201910699568.X,机,\n");
    let rows =
        kaixu::sheet::open(table.path(), Some("清单.csv"), &Limits::default()).expect("a table");
    assert_eq!(rows.format(), Format::Csv);
    assert_eq!(
        rows.columns()
            .iter()
            .filter(|(_, column)| column.is_some())
            .count(),
        2
    );
    assert_eq!(rows.columns()[2], ("备注".to_owned(), None));
    sendable(&rows);
}

#[test]
fn sheets_of_other_sources_are_read() {
    let incopat = "标题 (中文),摘要 (中文),申请号,申请日,公开（公告）号,公开（公告）日,专利类型,公开类型,申请人,当前权利人,发明人,IPC主分类,IPC,专利有效性,当前法律状态,授权公告日,国民经济分类,许可类型\n\
        一种机,文,CN201910699568.X,2019-07-31,CN110000001B,2021-12-03,发明授权,发明授权,甲大学; 乙公司,甲大学,张三; 李四,H01M50/533,H01M50/533; H01M50/528,有效,授权,2021-12-03,C3511,普通许可\n";
    let outcome = read_bytes(incopat);
    let intake = outcome.row(2);
    assert_eq!(
        (intake.patent.legal_status, intake.conversion),
        (LegalStatus::InForce, Some(Conversion::Licensed))
    );
    assert_eq!(
        (
            intake.patent.owners.len(),
            intake.patent.applicants.len(),
            intake.patent.industries.len()
        ),
        (1, 2, 1)
    );
    let patsnap = "公开(公告)号,标题,申请号,申请日,公开(公告)日,[标]当前申请(专利权)人,当前申请(专利权)人,发明人,IPC分类号,简单法律状态,法律状态/事件\n\
        CN110000001A,一种机,CN201910699568.X,2019-07-31,2019-12-03,甲大学,甲大学|乙公司,张三 | 李四,H01M50/533 | H01M50/528,审中,实质审查\n";
    let patent = read_bytes(patsnap).row(2).patent.clone();
    assert_eq!(
        (
            patent.owners.len(),
            patent.inventors.len(),
            patent.ipc.len()
        ),
        (2, 2, 2)
    );
    assert_eq!(
        (patent.legal_status, patent.stage),
        (LegalStatus::Pending, Stage::Published)
    );
    let university = "某大学存量专利清单,,,,,,,,\n序号,专利号,专利名称,专利类型,申请日期,授权日,专利权人,第一发明人,所属学院,法律状态,是否转化\n\
        1,ZL201820557176.0,炉具,实用新型,20180418,2018.12.04,甲大学,张三,机电学院,有效,否\n";
    let intake = read_bytes(university).row(3).clone();
    assert_eq!(
        (intake.conversion, intake.unit.as_deref()),
        (Some(Conversion::Unused), Some("机电学院"))
    );
    assert_eq!(intake.patent.grant_date, Some(date(2018, 12, 4)));
    let sold = "\u{feff}专利名称,专利类型,申请人,申请人地区,申请号,申请日,公开公告号,公开公告日,授权公告号,授权公告日,IPC分类号,IPC主分类号,发明人,摘要文本,主权项内容,当前权利人,统一社会信用代码\n\
        炉具,实用新型,甲大学,山东,CN202120102449.4,2021/1/14,CN213072711U,2021/10/22,CN213072711U,2021/10/22,H01M50/533; H01M50/528,H01M50/533,张三; 李四,文,项,甲大学,=\"12100000400000624D\"\n";
    let intake = read_bytes(sold).row(2).clone();
    assert_eq!(intake.patent.region.map(|r| r.code), Some("370000".into()));
    assert!(intake.warnings.is_empty(), "{:?}", intake.warnings);
}

#[test]
fn rejects_are_written_for_excel_and_guarded_against_formulas() {
    let rejects = || {
        [("申请号", "=1+1"), ("申请号", "@x"), ("专利名称", "平常")]
            .into_iter()
            .map(|(column, value)| Reject::new(7, column, RejectCode::NotANumber, value))
    };
    let mut out = Vec::new();
    out.extend(rejects_header(Lang::Zh));
    out.extend(rejects_lines(rejects(), Lang::Zh));
    let text = String::from_utf8(out).expect("UTF-8");
    assert!(text.starts_with(
        "\u{feff}行号,列,原因代码,原因,处理办法,原值\r\n7,申请号,notANumber,不是申请号,"
    ));
    assert!(
        text.contains(",'=1+1\r\n") && text.contains(",'@x\r\n") && text.ends_with(",平常\r\n")
    );
    let mut out = Vec::new();
    out.extend(rejects_header(Lang::En));
    out.extend(rejects_lines(rejects(), Lang::En));
    assert!(
        String::from_utf8(out)
            .expect("UTF-8")
            .starts_with("\u{feff}Row,Column,Code,Reason,What to do,Value\r\n")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), head in 0..4_usize) {
        let heads: [&[u8]; 4] = [b"", "申请号,名称\n".as_bytes(), b"{\"app_no\":", b"PK\x03\x04"];
        let _ = read_bytes([heads[head], &bytes].concat());
    }

    #[test]
    fn any_table_of_text_survives_quoting(fields in prop::collection::vec("[ -~甲乙丙\n]{1,20}", 1..8)) {
        let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let rows: Vec<String> = fields.iter().map(|f| format!("CN201910699568.X,机,{}\n", quote(&format!("甲{f}乙")))).collect();
        let rows = rows.concat();
        let outcome = read_bytes(format!("申请号,名称,摘要\n{rows}"));
        prop_assert_eq!(outcome.good.len(), fields.len());
        for ((_, intake), field) in outcome.good.iter().zip(&fields) {
            let text = format!("甲{field}乙");
            prop_assert_eq!(intake.patent.abstract_text.as_deref(), Some(text.as_str()));
        }
    }
}

#[test]
fn a_missing_file_is_an_error_of_reading() {
    assert!(matches!(
        read(std::path::Path::new("/nowhere/at/all.csv")).fatal,
        Some(SheetError::Io(_))
    ));
}
