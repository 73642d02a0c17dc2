//! Every export gets in, whatever program wrote it: XLS, ODS, ZIP of tables, patent XML, any delimiter; tables as
//! people make them, with several sheets and merged cells. The content decides, not the name.

use jiff::civil::date;
use kaixu::{
    domain::{intake::RejectCode, patent::CheckSource, text::Lang},
    sheet::{Format, Limits, SheetError, SkipReason, Unsafe},
};
use zip::write::SimpleFileOptions;

use crate::support::{
    formats::{X, XlsSheet, compound, ods, ods_row, xls, xls_stream, zipped},
    table::{Outcome, file, read_bytes, read_within, workbook},
};

const TABLE: &str = "申请号,专利名称,专利权人\nCN201910699568.X,一种切片机,甲大学\nZL201820557176.0,节能炉具,乙大学\n";

fn titles(outcome: &Outcome) -> Vec<&str> {
    assert_eq!(outcome.fatal, None);
    let good = outcome.good.iter();
    good.map(|(_, intake)| intake.patent.title.as_str())
        .collect()
}

fn refusals(outcome: &Outcome) -> Vec<(u64, &str, RejectCode)> {
    let rejects = outcome.rejects.iter();
    rejects
        .map(|one| (one.row, one.column.as_str(), one.code))
        .collect()
}

fn format_of(bytes: &[u8]) -> Format {
    let file = file(bytes);
    kaixu::sheet::open(file.path(), Some("name.csv"), &Limits::default())
        .expect("a table")
        .format()
}

/// A list as people make it: a title above the header, a date as a number, a number without its check character.
fn list() -> XlsSheet {
    XlsSheet {
        name: "清单",
        rows: vec![
            vec![X::L("某大学存量专利清单")],
            vec![],
            vec![
                X::S("专利号"),
                X::S("专利名称"),
                X::S("申请日"),
                X::S("专利权人"),
            ],
            vec![
                X::S("CN201910699568.X"),
                X::S("一种切片机"),
                X::Rk(43_606),
                X::S("甲大学"),
            ],
            vec![
                X::N(201_820_557_176.0),
                X::F("节能炉具"),
                X::S("2018.04.18"),
                X::S("甲大学"),
            ],
            vec![
                X::N(2_021_230_211_632.0),
                X::L("座椅"),
                X::N(44_000.5),
                X::Skip,
            ],
            vec![X::S("2.01E+12"), X::S("坏行")],
        ],
        merges: vec![(4, 5, 3)],
    }
}

#[test]
fn an_xls_gives_every_kind_of_cell_and_its_merged_names() {
    for bytes in [
        xls(&[list()]),
        xls_stream(&[list()], 8224),
        compound("Workbook", &xls_stream(&[list()], 40)),
        compound("Workbook", &xls_stream(&[list()], 41)),
    ] {
        assert_eq!(format_of(&bytes), Format::Xls);
        let outcome = read_bytes(&bytes);
        assert_eq!(titles(&outcome), ["一种切片机", "节能炉具", "座椅"]);
        let rows: Vec<u64> = outcome.good.iter().map(|(row, _)| *row).collect();
        assert_eq!(rows, [4, 5, 6]);
        let [first, second, third] = [4, 5, 6].map(|row| &outcome.row(row).patent);
        assert_eq!(first.filing_date, Some(date(2019, 5, 21)));
        assert_eq!(second.number.as_str(), "2018205571760");
        assert_eq!(
            second.check_source,
            CheckSource::Computed,
            "marked as computed"
        );
        assert_eq!(third.owners, ["甲大学"], "merged with the row above");
        assert_eq!(
            refusals(&outcome),
            [(7, "专利号", RejectCode::ScientificNumber)]
        );
    }
}

#[test]
fn an_xls_that_is_none_or_locked_or_cut_or_large_is_refused_clearly() {
    let good = xls(&[list()]);
    let word = compound("WordDocument", &xls_stream(&[list()], 8224));
    assert!(
        matches!(read_bytes(word).fatal, Some(SheetError::Unsupported(what)) if what.contains("OLE"))
    );
    let locked = compound("EncryptedPackage", &[1; 5000]);
    assert_eq!(read_bytes(locked).fatal, Some(SheetError::Protected));
    let mut stream = xls_stream(&[list()], 8224);
    stream.splice(20..20, [0x2f, 0, 2, 0, 1, 0]);
    assert_eq!(
        read_bytes(compound("Workbook", &stream)).fatal,
        Some(SheetError::Protected)
    );
    assert_eq!(
        read_bytes(&good[..good.len() / 2]).fatal,
        Some(SheetError::Truncated)
    );
    let small = Limits {
        xls_bytes: 1000,
        ..Limits::default()
    };
    let problem = read_within(file(&good).path(), &small)
        .fatal
        .expect("too large");
    assert_eq!(problem.as_str(), "formatTooBig");
    assert!(problem.text(Lang::Zh).contains("XLS 文件超过 1000 字节"));
    assert!(problem.text(Lang::En).contains("save it as XLSX or CSV"));
}

#[test]
fn every_sheet_with_a_header_is_read_and_the_others_are_named() {
    let other = XlsSheet {
        name: "二院",
        rows: vec![
            vec![X::S("申请号"), X::S("名称")],
            vec![X::S("CN201910985915.5"), X::S("第三件")],
            vec![X::S("不是号码"), X::S("第四件")],
        ],
        merges: Vec::new(),
    };
    let notes = XlsSheet {
        name: "说明",
        rows: vec![vec![X::S("本表由科研院汇总")]],
        merges: Vec::new(),
    };
    let empty = XlsSheet {
        name: "Sheet3",
        ..XlsSheet::default()
    };
    let bytes = xls(&[notes, list(), other, empty]);
    let outcome = read_bytes(&bytes);
    assert_eq!(
        titles(&outcome),
        ["一种切片机", "节能炉具", "座椅", "第三件"]
    );
    assert_eq!(
        refusals(&outcome),
        [
            (7, "清单!专利号", RejectCode::ScientificNumber),
            (3, "二院!申请号", RejectCode::NotANumber)
        ],
        "a row is named with its sheet"
    );
    let file = file(&bytes);
    let rows = kaixu::sheet::open(file.path(), None, &Limits::default()).expect("a workbook");
    assert_eq!(rows.tables(), ["清单", "二院"]);
    let skipped: Vec<_> = rows
        .skipped()
        .iter()
        .map(|one| (one.name.as_str(), one.reason))
        .collect();
    assert_eq!(
        skipped,
        [
            ("说明", SkipReason::NoHeader),
            ("Sheet3", SkipReason::Empty)
        ]
    );
}

fn document() -> Vec<u8> {
    let header = ods_row(&["专利号", "专利名称", "申请日", "专利权人"]);
    ods(&format!(
        "<table:tracked-changes><table:deletion><table:table-cell><text:p>旧</text:p></table:table-cell></table:deletion></table:tracked-changes>\
         <table:table table:name=\"封面\"><table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>\n\
         <table:table table:name=\"清单\">{title}<table:table-row table:number-rows-repeated=\"2\"><table:table-cell/></table:table-row>{header}\
         <table:table-row><table:table-cell office:value-type=\"string\"><office:annotation><text:p>批注</text:p></office:annotation><text:p><text:a xlink:href=\"http://x\">CN201910699568.X</text:a></text:p></table:table-cell>\
         <table:table-cell office:value-type=\"string\"><text:p>一种<text:s text:c=\"2\"/>切片&amp;机</text:p></table:table-cell>\
         <table:table-cell office:value-type=\"date\" office:date-value=\"2019-05-21\"><text:p>19年5月</text:p></table:table-cell>\
         <table:table-cell office:value-type=\"string\" table:number-rows-spanned=\"2\"><text:p>甲大学</text:p></table:table-cell></table:table-row>\
         <table:table-row><table:table-cell office:value-type=\"float\" office:value=\"201820557176\"><text:p>2.02E+11</text:p></table:table-cell>\
         <table:table-cell table:formula=\"of:=A1\" office:value-type=\"string\"><text:p>节能炉具</text:p></table:table-cell><table:table-cell/><table:covered-table-cell/></table:table-row>\
         <table:table-row><table:table-cell office:value-type=\"string\"><text:p>2.01E+12</text:p></table:table-cell><table:table-cell office:value-type=\"string\"><text:p>坏行</text:p></table:table-cell></table:table-row>\
         <table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>",
        title = ods_row(&["某大学清单"]),
    ))
}

#[test]
fn an_ods_gives_typed_values_repeated_rows_and_merged_names() {
    let bytes = document();
    assert_eq!(format_of(&bytes), Format::Ods);
    let outcome = read_bytes(&bytes);
    assert_eq!(titles(&outcome), ["一种  切片&机", "节能炉具"]);
    assert_eq!(outcome.good[0].0, 5);
    let first = &outcome.row(5).patent;
    assert_eq!(first.filing_date, Some(date(2019, 5, 21)));
    let second = &outcome.row(6).patent;
    assert_eq!(second.check_source, CheckSource::Computed);
    assert_eq!(second.owners, ["甲大学"]);
    assert_eq!(
        refusals(&outcome),
        [(7, "专利号", RejectCode::ScientificNumber)]
    );
    let small = Limits {
        ods_bytes: 500,
        ..Limits::default()
    };
    let problem = read_within(file(&bytes).path(), &small)
        .fatal
        .expect("too large");
    assert_eq!(problem.as_str(), "formatTooBig");
    let locked = zipped(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        (
            "META-INF/manifest.xml",
            b"<manifest:manifest><manifest:encryption-data/></manifest:manifest>",
        ),
        ("content.xml", b"\x01\x02"),
    ]);
    assert_eq!(read_bytes(locked).fatal, Some(SheetError::Protected));
}

#[test]
fn any_delimiter_is_found_and_characters_stay_whole() {
    // 亅 and 俓 end in GBK in the bytes of `|` and `^`.
    let text = "申请号,专利名称,专利权人\nCN201910699568.X,一种亅俓机,甲大学\n";
    for delimiter in ["\t", ";", "|", "^", "~", "#", "\u{1}"] {
        let text = text.replace(',', delimiter);
        let gbk = encoding_rs::GB18030.encode(&text).0.into_owned();
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [text.into_bytes(), gbk, wide, big] {
            let outcome = read_bytes(&bytes);
            assert_eq!(titles(&outcome), ["一种亅俓机"], "{delimiter:?}");
            assert_eq!(outcome.good[0].1.patent.owners, ["甲大学"]);
        }
    }
}

#[test]
fn a_zip_gives_its_members_in_turn_and_names_them() {
    let gbk = encoding_rs::GB18030.encode(TABLE).0.into_owned();
    let broken = TABLE.replace("CN201910699568.X", "2.01E+12");
    let inner = zipped(&[("a.csv", TABLE.as_bytes())]);
    let bytes = zipped(&[
        ("__MACOSX/._a.csv", b"x"),
        ("说明.pdf", b"%PDF-1.7"),
        ("一院/清单.csv", &gbk),
        ("二院.csv", broken.as_bytes()),
        ("三院.xls", &xls(&[list()])),
        ("四院.ods", &document()),
        ("内包.zip", &inner),
    ]);
    assert_eq!(format_of(&bytes), Format::Zip);
    let outcome = read_bytes(&bytes);
    assert_eq!(titles(&outcome).len(), 2 + 1 + 3 + 2);
    assert_eq!(
        refusals(&outcome),
        [
            (0, "[说明.pdf]", RejectCode::MemberUnreadable),
            (2, "[二院.csv]申请号", RejectCode::ScientificNumber),
            (7, "[三院.xls]专利号", RejectCode::ScientificNumber),
            (7, "[四院.ods]专利号", RejectCode::ScientificNumber),
            (0, "[内包.zip]", RejectCode::MemberUnreadable),
        ]
    );
    assert_eq!(outcome.rejects[4].value, "formatUnsupported");
}

#[test]
fn a_dangerous_archive_is_refused_as_a_whole() {
    let table = TABLE.as_bytes();
    for name in [
        "../a.csv",
        "/etc/a.csv",
        "a/../../b.csv",
        "..\\a.csv",
        "C:\\a.csv",
    ] {
        let problem = read_bytes(zipped(&[("good.csv", table), (name, table)])).fatal;
        assert!(
            matches!(
                &problem,
                Some(SheetError::UnsafeMember {
                    why: Unsafe::Path,
                    ..
                })
            ),
            "{name}: {problem:?}"
        );
        assert_eq!(problem.expect("refused").as_str(), "archiveUnsafe");
    }
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.add_symlink("a.csv", "/etc/passwd", SimpleFileOptions::default())
        .expect("a link");
    let link = zip.finish().expect("an archive").into_inner();
    let why = Unsafe::Link;
    let member = "a.csv".to_owned();
    assert_eq!(
        read_bytes(link).fatal,
        Some(SheetError::UnsafeMember { member, why })
    );
    let mut locked = zipped(&[("a.csv", table)]);
    // The flag of encryption, in the member's head and in the directory.
    let directory = locked
        .windows(4)
        .position(|w| w == b"PK\x01\x02")
        .expect("a directory");
    locked[6] |= 1;
    locked[directory + 8] |= 1;
    let why = Unsafe::Encrypted;
    let member = "a.csv".to_owned();
    let problem = SheetError::UnsafeMember { member, why };
    assert!(problem.text(Lang::Zh).contains("去掉密码"));
    assert_eq!(read_bytes(locked).fatal, Some(problem));
    let bomb = zipped(&[("a.csv", table), ("b.csv", &vec![b'\n'; 1 << 20])]);
    let limit_bytes = 1 << 18;
    let limits = Limits {
        inflated_bytes: limit_bytes,
        ..Limits::default()
    };
    let outcome = read_within(file(bomb).path(), &limits);
    assert_eq!(outcome.good.len(), 2);
    assert_eq!(outcome.fatal, Some(SheetError::TooBig { limit_bytes }));
    let nothing = read_bytes(zipped(&[("a.txt", b"x")]))
        .fatal
        .expect("no table");
    assert_eq!(nothing.as_str(), "headerMissing");
    assert!(nothing.text(Lang::Zh).starts_with("a.txt："));
}

const ST96: &str = include_str!("../corpus/st96.xml");

const ST36: &str = include_str!("../corpus/st36.xml");

#[test]
fn patent_xml_of_both_standards_is_read_by_local_names() {
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let both = format!("{declaration}<PatentRecords>{ST96}{ST36}</PatentRecords>");
    let gbk = both.replace("UTF-8", "GB2312");
    let gbk = encoding_rs::GB18030.encode(&gbk).0.into_owned();
    let wide: Vec<u8> = both.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [both.clone().into_bytes(), gbk, wide] {
        assert_eq!(format_of(&bytes), Format::Xml);
        let outcome = read_bytes(&bytes);
        assert_eq!(titles(&outcome), ["一种CO2切片机", "节能炉具"]);
        assert_eq!(outcome.rejects, []);
        let (new, old) = (&outcome.row(1).patent, &outcome.row(2).patent);
        assert_eq!(new.number.as_str(), "201910699568X");
        assert_eq!(new.filing_date, Some(date(2019, 7, 31)));
        assert_eq!(new.grant_date, Some(date(2021, 12, 3)));
        assert_eq!(
            new.grant_number
                .as_ref()
                .map(kaixu::domain::codes::PubNo::as_str),
            Some("CN110000001B")
        );
        assert_eq!(
            new.applicants,
            ["甲大学", "乙、丙公司"],
            "a name is never split"
        );
        assert_eq!(
            (new.owners.as_slice(), new.inventors.as_slice()),
            (&["甲大学".to_owned()][..], &["张三".to_owned()][..])
        );
        assert_eq!(new.ipc.len(), 2);
        assert_eq!(new.abstract_text.as_deref(), Some("本发明公开<一种>机。"));
        assert_eq!(new.main_claim.as_deref(), Some("1.一种切片机。"));
        assert_eq!(
            new.region.as_ref().map(|region| region.code.as_str()),
            Some("370000")
        );
        assert_eq!(old.number.as_str(), "2018205571760");
        assert_eq!(old.inventors, ["李四"]);
        assert_eq!(old.abstract_text.as_deref(), Some("一种炉具，省柴。"));
        assert_eq!(old.grant_date, Some(date(2019, 3, 22)));
    }
}

#[test]
fn patent_xml_expands_nothing_and_fetches_nothing() {
    let external = format!("<!DOCTYPE cn-patent-document SYSTEM \"/DTDS/cn.dtd\">{ST36}");
    assert_eq!(
        titles(&read_bytes(external)),
        ["节能炉具"],
        "a name of a DTD is passed over"
    );
    for bomb in [
        format!("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>{ST36}"),
        format!(
            "<?xml version=\"1.0\"?><!DOCTYPE x SYSTEM 'a>b' [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>{ST36}"
        ),
    ] {
        let problem = read_bytes(bomb).fatal.expect("refused");
        assert_eq!(problem, SheetError::DocumentType);
        assert!(problem.text(Lang::Zh).contains("DTD"));
    }
    let unknown = ST36.replace("一种炉具，", "&alpha;炉具，");
    let outcome = read_bytes(unknown);
    assert_eq!(
        outcome.row(1).patent.abstract_text.as_deref(),
        Some("&alpha;炉具，省柴。")
    );
    let foreign = ST36.replace(
        "<country>CN</country><doc-number>201820557176.0",
        "<country>US</country><doc-number>85000010",
    );
    assert_eq!(
        read_bytes(foreign).rejects.len(),
        1,
        "a foreign number does not pass for an old one of ours"
    );
    assert!(matches!(
        read_bytes("<?xml version=\"1.0\"?><a><b/></a>").fatal,
        Some(SheetError::Unsupported(_))
    ));
    let cut = &ST36[..ST36.len() / 2];
    assert_eq!(read_bytes(cut).fatal, Some(SheetError::Truncated));
    let deep = "<patent-document>".repeat(5000);
    assert!(matches!(
        read_bytes(deep).fatal,
        Some(SheetError::Corrupt(_))
    ));
    let long = ST36.replace("节能炉具", &"炉".repeat(400_000));
    let outcome = read_bytes(format!("<all>{long}{ST96}</all>"));
    assert_eq!(
        (titles(&outcome).len(), outcome.rejects[0].code),
        (1, RejectCode::LineTooLong)
    );
}

#[test]
fn a_workbook_fills_merged_names_and_shows_links_and_quoted_numbers() {
    let text =
        |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let sheet = format!(
        "<worksheet><sheetData><row r=\"2\">{}{}{}</row>\
         <row r=\"3\">{}{}{}</row><row r=\"4\"><c r=\"A4\"><f>HYPERLINK(\"http://x\",\"ZL201820557176.0\")</f></c>{}<c r=\"C4\"/></row>\
         <row r=\"5\"><c r=\"A5\"><f>\"201910985915.5\"</f><v></v></c>{}</row></sheetData>\
         <mergeCells count=\"2\"><mergeCell ref=\"A1:C1\"/><mergeCell ref=\"C3:C4\"/></mergeCells></worksheet>",
        text("A2", "申请号"),
        text("B2", "名称"),
        text("C2", "专利权人"),
        text("A3", "=&quot;CN201910699568.X&quot;"),
        text("B3", "机"),
        text("C3", "甲大学"),
        text("B4", "炉"),
        text("B5", "椅"),
    );
    let second = sheet.replace("inlineStr\"><is><t>申请号", "inlineStr\"><is><t>编号");
    let bytes = workbook(&[
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"总表\"/><sheet name=\"其他\"/></sheets></workbook>",
        ),
        ("xl/worksheets/sheet1.xml", &sheet),
        ("xl/worksheets/sheet2.xml", &second.replace("201", "x")),
    ]);
    let outcome = read_bytes(&bytes);
    assert_eq!(titles(&outcome), ["机", "炉", "椅"]);
    assert_eq!(outcome.row(4).patent.number.as_str(), "2018205571760");
    assert_eq!(outcome.row(4).patent.owners, ["甲大学"]);
    assert!(
        outcome.row(5).patent.owners.is_empty(),
        "the merged range has ended"
    );
    let file = file(&bytes);
    let rows = kaixu::sheet::open(file.path(), None, &Limits::default()).expect("a workbook");
    assert_eq!(rows.skipped()[0].name, "其他");
}

#[test]
fn a_sheet_of_excel_is_read_to_its_last_row_and_not_beyond_the_limit() {
    const ROWS: usize = 1_048_576;
    let sheet = format!(
        "<worksheet><sheetData><row><c t=\"str\"><v>申请号</v></c></row>{}</sheetData></worksheet>",
        "<row><c><v>1</v></c></row>".repeat(ROWS - 1)
    );
    let book = "<workbook><sheets><sheet name=\"A\"/></sheets></workbook>";
    let file = file(workbook(&[
        ("xl/workbook.xml", book),
        ("xl/worksheets/sheet1.xml", &sheet),
    ]));
    drop(sheet);
    let rows = |rows: u64| {
        let limits = Limits {
            rows,
            ..Limits::default()
        };
        kaixu::sheet::open(file.path(), None, &limits).expect("a workbook")
    };
    let last = rows(ROWS as u64).last().expect("rows").expect("a row");
    assert_eq!(last.number, ROWS as u64);
    let last = rows(1_000).last().expect("rows");
    let problem = SheetError::TooManyRows { limit: 1_000 };
    assert_eq!(last, Err(problem.into()));
}

#[test]
fn far_cells_of_an_xls_take_no_memory_and_cells_in_any_order_make_their_rows() {
    let record = |id: u16, body: &[u8]| -> Vec<u8> {
        let length = u16::try_from(body.len()).expect("short");
        [&id.to_le_bytes()[..], &length.to_le_bytes(), body].concat()
    };
    let cell = |row: u16, column: u16, text: &str| {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut body: Vec<u8> = [row, column, 0, u16::try_from(units.len()).expect("short")]
            .into_iter()
            .flat_map(u16::to_le_bytes)
            .collect();
        body.push(1);
        body.extend(units.into_iter().flat_map(u16::to_le_bytes));
        record(0x0204, &body)
    };
    let bof = |kind: u8| record(0x0809, &[0, 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    // Column by column, as some programs write; the last row and column of the format are used.
    let stream = [
        bof(0x10),
        cell(0, 0, "申请号"),
        cell(65_535, 0, "CN201910699568.X"),
        cell(1, 0, "ZL201820557176.0"),
        cell(0, 255, "名称"),
        cell(1, 255, "炉"),
        cell(65_535, 255, "机"),
        record(0x0a, &[]),
    ];
    let outcome = read_bytes(stream.concat());
    assert_eq!(titles(&outcome), ["炉", "机"]);
    assert_eq!(outcome.good[1].0, 65_536);
}
