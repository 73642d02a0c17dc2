//! What one row becomes: every wording of the sources, every reason to refuse, and the merging of records.

use jiff::civil::date;
use kaixu::domain::{
    holding::Conversion,
    intake::{
        Cell, Column, Intake, Reject, RejectCode, WarningCode, conversion_of, legal_status_of,
        read_row,
    },
    merge::Sources,
    patent::{CheckSource, LegalStatus, Patent, PatentKind, Stage},
    text::Lang,
};
use proptest::prelude::*;

use crate::support::table::{row, row_of};

const INVENTION: &str = "CN201910699568.X";
const MODEL: &str = "ZL201820557176.0";
const DESIGN: &str = "ZL201930071397.7";

/// A row with number and title, and what else is given.
fn read(number: &str, more: &[(&str, &str)]) -> Result<Intake, Reject> {
    let mut cells = vec![("申请号", number), ("专利名称", "一种切片机")];
    cells.extend_from_slice(more);
    read_row(&row(&cells))
}

fn good(number: &str, more: &[(&str, &str)]) -> Intake {
    read(number, more).unwrap_or_else(|reject| panic!("{more:?}: {reject:?}"))
}

fn refused(number: &str, more: &[(&str, &str)]) -> (RejectCode, String) {
    let reject = read(number, more).expect_err("a refused row");
    assert_eq!(reject.row, 2);
    (reject.code, reject.column)
}

#[test]
fn numbers_that_are_none_are_refused_with_their_own_reason() {
    for (text, code) in [
        ("", RejectCode::MissingNumber),
        ("-", RejectCode::MissingNumber),
        ("2.01E+12", RejectCode::ScientificNumber),
        ("CN105552081A", RejectCode::PublicationNumber),
        ("CN85102475A", RejectCode::PublicationNumber),
        ("CN2560177", RejectCode::PublicationNumber),
        ("CN105552081", RejectCode::PublicationNumber),
        ("海底捞控股有限公司", RejectCode::NotANumber),
        ("20191069956", RejectCode::NumberLength),
        ("180210123456", RejectCode::NumberYear),
        ("201950699568", RejectCode::NumberKind),
        ("202310123456.7", RejectCode::NumberCheck),
    ] {
        assert_eq!(refused(text, &[]), (code, "申请号".into()), "{text}");
    }
}

#[test]
fn guards_widths_and_numeric_cells_of_spreadsheets_are_read_away() {
    for text in [
        "=\"CN201910699568.X\"",
        "'201910699568X",
        "ＣＮ201910699568．Ｘ",
        "=HYPERLINK(\"http://x/?a=1\",\"CN201910699568.X\")",
    ] {
        assert_eq!(good(text, &[]).patent.number.cn(), INVENTION, "{text}");
    }
    let number = |value| {
        let cells = [
            ("申请号", Cell::Number(value)),
            ("名称", Cell::Text("切片机".into())),
        ];
        read_row(&row_of(cells))
            .map(|intake| (intake.patent.number.zl(), intake.patent.check_source))
    };
    assert_eq!(
        number(2_021_230_211_632.0),
        Ok(("ZL202123021163.2".into(), CheckSource::Printed))
    );
    assert_eq!(
        number(201_710_345_450.8),
        Ok(("ZL201710345450.8".into(), CheckSource::Printed))
    );
    assert_eq!(
        number(201_820_557_176.0),
        Ok((MODEL.into(), CheckSource::Computed)),
        "the trailing .0 is lost"
    );
}

#[test]
fn two_number_columns_must_agree_and_the_printed_one_vouches() {
    let cells = |second| {
        [
            ("专利名称", "切片机"),
            ("申请号", "201910699568"),
            ("专利号", second),
        ]
    };
    let both = read_row(&row(&cells("ZL201910699568.X"))).expect("agreeing numbers");
    assert_eq!(both.patent.check_source, CheckSource::Printed);
    let refused = read_row(&row(&cells("ZL201910985915.5"))).expect_err("disagreeing numbers");
    assert_eq!(
        (refused.code, refused.column.as_str()),
        (RejectCode::NumbersDisagree, "专利号")
    );
    let warned = read_row(&row(&cells("2.01E+12"))).expect("one readable number");
    assert!(
        warned
            .warnings
            .iter()
            .any(|w| w.code == WarningCode::SecondNumberUnreadable)
    );
}

#[test]
fn the_type_digit_rules_and_a_contradiction_refuses() {
    for text in [
        "发明专利",
        "发明",
        "发明授权",
        "发明申请",
        "发明公开",
        "B",
        "invention",
        "PCT发明",
    ] {
        assert_eq!(
            good(INVENTION, &[("专利类型", text)]).patent.kind,
            PatentKind::Invention,
            "{text}"
        );
        assert_eq!(
            refused(MODEL, &[("专利类型", text)]).0,
            RejectCode::KindConflict,
            "{text}"
        );
    }
    assert_eq!(
        good(MODEL, &[("专利类型", "实用新型专利")]).patent.kind,
        PatentKind::UtilityModel
    );
    assert_eq!(
        good(DESIGN, &[("专利类型", "外观设计专利")]).patent.kind,
        PatentKind::Design
    );
    assert_eq!(
        refused(INVENTION, &[("公开(公告)号", "CN304769264S")]).0,
        RejectCode::KindLetterConflict
    );
    assert_eq!(
        refused(MODEL, &[("公开（公告）号", "CN105552081A")]).0,
        RejectCode::KindLetterConflict
    );
    let unknown = good(INVENTION, &[("专利类型", "其他")]);
    assert_eq!(unknown.warnings[0].code, WarningCode::KindUnknown);
}

#[test]
fn every_notation_of_a_day_is_read() {
    for text in [
        "2019.05.21",
        "20190521",
        "2019-05-21",
        "2019/5/21",
        "2019年5月21日",
        "2019-05-21 00:00:00",
        "43606",
        "２０１９－０５－２１",
    ] {
        assert_eq!(
            good(INVENTION, &[("申请日", text)]).patent.filing_date,
            Some(date(2019, 5, 21)),
            "{text}"
        );
    }
    for number in [43_606.0, 43_606.75, 20_190_521.0] {
        let cells = [
            ("申请号", Cell::Text(INVENTION.into())),
            ("名称", Cell::Text("机".into())),
            ("申请日", Cell::Number(number)),
        ];
        let patent = read_row(&row_of(cells)).expect("a good row").patent;
        assert_eq!(patent.filing_date, Some(date(2019, 5, 21)), "{number}");
    }
    for text in ["", "-", "--", "/", "无"] {
        assert_eq!(
            good(INVENTION, &[("申请日", text)]).patent.filing_date,
            None
        );
    }
}

#[test]
fn days_that_cannot_be_are_refused() {
    for (text, code) in [
        ("2019-02-30", RejectCode::ImpossibleDate),
        ("20191301", RejectCode::ImpossibleDate),
        ("2019-05", RejectCode::NotADate),
        ("21/05/2019", RejectCode::NotADate),
        ("2019", RejectCode::NotADate),
        ("1984-12-31", RejectCode::InconsistentDates),
        ("海底捞控股有限公司", RejectCode::ShiftedColumns),
        ("CN105552081A", RejectCode::ShiftedColumns),
        ("张三", RejectCode::ShiftedColumns),
    ] {
        assert_eq!(
            refused(INVENTION, &[("申请日", text)]),
            (code, "申请日".into()),
            "{text}"
        );
    }
    let order = refused(
        INVENTION,
        &[("申请日", "2019-05-21"), ("授权公告日", "2018-01-02")],
    );
    assert_eq!(order, (RejectCode::InconsistentDates, "授权公告日".into()));
    let divisional = good(INVENTION, &[("申请日", "2011-10-04")]);
    assert_eq!(divisional.warnings[0].code, WarningCode::YearDiffers);
}

#[test]
fn a_date_belongs_to_the_document_whose_number_stands_beside_it() {
    let a = good(
        INVENTION,
        &[
            ("公开(公告)号", "CN110000001A"),
            ("公开(公告)日", "2019-12-03"),
        ],
    )
    .patent;
    assert_eq!(
        (a.publication_date, a.grant_date, a.stage),
        (Some(date(2019, 12, 3)), None, Stage::Published)
    );
    let b = good(
        INVENTION,
        &[
            ("公开(公告)号", "CN110000001B"),
            ("公开(公告)日", "2021-12-03"),
        ],
    )
    .patent;
    assert_eq!(
        (b.publication_date, b.grant_date, b.stage),
        (None, Some(date(2021, 12, 3)), Stage::Granted)
    );
    let both = good(
        INVENTION,
        &[
            ("公开公告号", "CN110000001A"),
            ("公开公告日", "2019-12-03"),
            ("授权公告号", "CN110000001B"),
            ("授权公告日", "2021-12-03"),
        ],
    );
    assert_eq!(
        both.patent.publication_number.map(String::from),
        Some("CN110000001A".into())
    );
    assert_eq!(
        both.patent.grant_number.map(String::from),
        Some("CN110000001B".into())
    );
    assert_eq!(
        (both.patent.publication_date, both.patent.grant_date),
        (Some(date(2019, 12, 3)), Some(date(2021, 12, 3)))
    );
    let unknown = good(INVENTION, &[("公开(公告)日", "2019-12-03")]);
    assert_eq!(
        (unknown.patent.publication_date, unknown.patent.stage),
        (None, Stage::Listed)
    );
    assert_eq!(unknown.warnings[0].code, WarningCode::DateUnassigned);
    assert_eq!(
        good(INVENTION, &[("文献类型", "发明授权")]).patent.stage,
        Stage::Granted
    );
    assert_eq!(
        good(INVENTION, &[("公开类型", "发明公开")]).patent.stage,
        Stage::Published
    );
}

#[test]
fn values_in_the_wrong_column_refuse_the_row_and_name_the_column() {
    for (header, text) in [
        ("申请人", "2019-05-21"),
        ("当前权利人", "CN105552081A"),
        ("发明人", "B26D1/09"),
        ("发明人", "12"),
        ("主分类号", "海底捞控股有限公司"),
        ("法律状态", "2019-05-21"),
        ("摘要", "2019.05.21"),
        ("公开(公告)号", "张三"),
        ("公开(公告)号", "CN201910699568.X"),
        ("专利类型", "海底捞控股有限公司"),
    ] {
        assert_eq!(
            refused(INVENTION, &[(header, text)]),
            (RejectCode::ShiftedColumns, header.into()),
            "{text}"
        );
    }
    let title = |text: &str| {
        read_row(&row(&[("申请号", INVENTION), ("名称", text)]))
            .expect_err("no title")
            .code
    };
    assert_eq!(
        title("CN201810833186.7 -  一种立式切片机"),
        RejectCode::ShiftedColumns
    );
    assert_eq!(title("G01R31/327"), RejectCode::ShiftedColumns);
    assert_eq!(title(""), RejectCode::MissingTitle);
    assert_eq!(title(&"长".repeat(2001)), RejectCode::TooLong);
    assert_eq!(title("一种\u{fffd}装置"), RejectCode::WrongEncoding);
}

#[test]
fn texts_beyond_their_length_are_refused_and_control_characters_removed() {
    assert_eq!(
        refused(INVENTION, &[("摘要", &"字".repeat(20_001))]).0,
        RejectCode::TooLong
    );
    assert_eq!(
        refused(INVENTION, &[("主权项", &"字".repeat(50_001))]).0,
        RejectCode::TooLong
    );
    let patent = good(INVENTION, &[("摘要", "第一行\r\n第\0二\u{7}行\u{200b}")]).patent;
    assert_eq!(patent.abstract_text.as_deref(), Some("第一行\n第二行"));
    let reject = read("\u{1}x\n", &[]).expect_err("not a number");
    assert!(!reject.value.contains(char::is_control));
}

#[test]
fn lists_are_split_in_order_and_damaged_names_are_never_mended() {
    for (text, names) in [
        ("甲公司;乙公司", vec!["甲公司", "乙公司"]),
        ("甲公司；乙公司；", vec!["甲公司", "乙公司"]),
        ("甲公司 | 乙公司", vec!["甲公司", "乙公司"]),
        ("甲公司、乙公司", vec!["甲公司", "乙公司"]),
        ("甲公司  ,\u{a0}乙公司", vec!["甲公司", "乙公司"]),
        ("['甲公司', '乙公司']", vec!["甲公司", "乙公司"]),
        ("[甲公司, 乙公司]", vec!["甲公司", "乙公司"]),
        (
            "甲公司(undefined)乙公司(undefined)",
            vec!["甲公司", "乙公司"],
        ),
        ("甲公司;??乙公司;", vec!["甲公司", "乙公司"]),
        ("Foo Co., Ltd., 乙公司", vec!["Foo Co., Ltd.", "乙公司"]),
        (
            "丙(广东,深圳)公司,丁公司",
            vec!["丙(广东,深圳)公司", "丁公司"],
        ),
        ("甲公司;?公司", vec!["甲公司"]),
        ("?公司;乙公司", vec![]),
        ("-", vec![]),
    ] {
        assert_eq!(
            good(INVENTION, &[("申请人", text)]).patent.applicants,
            names,
            "{text}"
        );
    }
    assert_eq!(
        good(INVENTION, &[("发明人", "A.?马;??S.彭")])
            .patent
            .inventors,
        ["S.彭"]
    );
}

#[test]
fn class_symbols_that_do_not_parse_are_dropped_with_a_warning() {
    let intake = good(
        INVENTION,
        &[
            ("IPC主分类号", "H01M50/533(2021.01)I"),
            ("IPC分类号", "H01M50/533; H01M50/528|XX1/2"),
        ],
    );
    let symbols: Vec<String> = intake.patent.ipc.into_iter().map(String::from).collect();
    assert_eq!(symbols, ["H01M50/533", "H01M50/528"]);
    assert_eq!(
        (intake.warnings.len(), intake.warnings[0].code),
        (1, WarningCode::ClassDropped)
    );
    let design = good(DESIGN, &[("洛迦诺分类号", "LOC（14）Cl.06－04；23－06")]).patent;
    assert_eq!(
        design
            .locarno
            .into_iter()
            .map(String::from)
            .collect::<Vec<_>>(),
        ["06-04", "23-06"]
    );
    let industry = good(INVENTION, &[("国民经济分类", "C3511; C35[专用设备]; 3511")]);
    assert_eq!(industry.patent.industries, ["C3511", "C35"]);
    let region = |text| {
        good(INVENTION, &[("国省代码", text)])
            .patent
            .region
            .map(|r| r.code)
    };
    assert_eq!(region("37[中国|山东]"), Some("370000".into()));
    assert_eq!(
        region("美国; 山东"),
        None,
        "Shandong is the second applicant's"
    );
}

#[test]
fn legal_status_wording_of_every_source_is_understood() {
    use LegalStatus::*;
    for (text, status) in [
        ("专利权维持", InForce),
        ("等年费滞纳金", FeeGrace),
        ("等年登印费", Pending),
        ("等待颁证公告", Pending),
        ("待发授权办登通知书", Pending),
        ("公告封卷", Pending),
        ("未缴年费专利权终止,等恢复", LapsedRestorable),
        ("未缴年费专利权终止，等恢复", LapsedRestorable),
        ("届满终止,待失效", LapsedRestorable),
        ("逾期视撤,等恢复", LapsedRestorable),
        ("未缴年费终止失效", TerminatedFee),
        ("届满终止失效", Expired),
        ("无效宣告失效", Invalidated),
        ("放弃专利权（重复授权）", Abandoned),
        ("视为放弃失效", Abandoned),
        ("驳回失效", RejectedOrWithdrawn),
        ("逾期视撤失效", RejectedOrWithdrawn),
        ("国优视撤", RejectedOrWithdrawn),
        ("分案结案", RejectedOrWithdrawn),
        ("一通出案待答复", Pending),
        ("进入实审", Pending),
        ("驳回等复审请求", Pending),
        ("避免重复授权放弃专利权", Abandoned),
        ("避免重复授予专利权", Abandoned),
        ("8", Abandoned),
        ("专利权的终止（未缴年费专利权终止）", TerminatedFee),
        ("专利权有效期届满", Expired),
        ("专利权全部无效", Invalidated),
        ("专利权部分无效", InForce),
        ("发明专利申请公布后的驳回", RejectedOrWithdrawn),
        ("发明专利申请公布后的视为撤回", RejectedOrWithdrawn),
        ("授权", InForce),
        ("有权-授权", InForce),
        ("无权-避重放弃", Abandoned),
        ("质押合同登记生效", InForce),
        ("开放许可声明", InForce),
        ("开放许可声明撤回", InForce),
        ("专利权保全解除", InForce),
        ("许可合同备案生效", InForce),
        ("授权|权利转移|许可", InForce),
        ("未缴年费|质押", TerminatedFee),
        ("CF01", TerminatedFee),
        ("3", InForce),
        ("14", Invalidated),
        ("16", TerminatedFee),
        ("实质审查", Pending),
        ("公开", Pending),
        ("公布", Pending),
        ("授权未交费", Unknown),
        ("未授权", Unknown),
        ("权利终止", Unknown),
        ("失效", Unknown),
        ("奇怪的状态", Unknown),
    ] {
        assert_eq!(legal_status_of(text), status, "{text}");
    }
}

#[test]
fn status_and_validity_are_read_together_and_a_contradiction_is_unknown() {
    let read = |text: &str, validity: &str| {
        let intake = good(
            INVENTION,
            &[("当前法律状态", text), ("专利有效性", validity)],
        );
        (intake.patent.legal_status, intake.patent.status_text)
    };
    assert_eq!(
        read("授权", "有效"),
        (LegalStatus::InForce, Some("授权".into()))
    );
    assert_eq!(
        read("未缴年费", "失效"),
        (LegalStatus::TerminatedFee, Some("未缴年费".into()))
    );
    assert_eq!(
        read("", "审中"),
        (LegalStatus::Pending, Some("审中".into()))
    );
    assert_eq!(
        read("授权", "失效"),
        (LegalStatus::Unknown, Some("授权 / 失效".into()))
    );
    assert_eq!(read("权利恢复", "有效").0, LegalStatus::InForce);
    assert_eq!(read("-", "1").0, LegalStatus::InForce);
    let unknown = good(INVENTION, &[("法律状态", "奇怪的状态")]);
    assert_eq!(unknown.patent.status_text.as_deref(), Some("奇怪的状态"));
    assert_eq!(unknown.warnings[0].code, WarningCode::StatusUnknown);
}

#[test]
fn conversion_wording_is_understood() {
    for (text, conversion) in [
        ("否", Conversion::Unused),
        ("未转化", Conversion::Unused),
        ("未实施", Conversion::Unused),
        ("自行实施", Conversion::OwnUse),
        ("已产业化", Conversion::Industrialised),
        ("普通许可", Conversion::Licensed),
        ("已转让", Conversion::Transferred),
        ("已作价入股", Conversion::Contributed),
        ("是", Conversion::Unknown),
        ("转让、许可", Conversion::Unknown),
        ("unused", Conversion::Unused),
    ] {
        assert_eq!(conversion_of(text), conversion, "{text}");
    }
    let intake = good(INVENTION, &[("是否转化", "否"), ("所属学院", "机电学院")]);
    assert_eq!(
        (intake.conversion, intake.unit.as_deref()),
        (Some(Conversion::Unused), Some("机电学院"))
    );
    assert_eq!(good(INVENTION, &[("是否转化", "")]).conversion, None);
}

#[test]
fn headers_of_every_source_are_known() {
    for (column, headers) in [
        (
            Column::AppNumber,
            "申请号 专利申请号 专利号 申请(专利)号 申请号/专利号 专利（申请）号 filing_id applicationNumber app_no",
        ),
        (
            Column::PubNumber,
            "公开(公告)号 公开（公告）号 公开公告号 公开号 公告号 公布号 documentNumber pub_no",
        ),
        (
            Column::GrantNumber,
            "授权公告号 授权号 专利授权号 authorization_notice_id grantNumber",
        ),
        (
            Column::Title,
            "标题 标题(中文) 标题(译)(简体中文) 专利名称 发明名称 名称 发明创造名称 专利标题 Patsnap专利标题",
        ),
        (Column::Kind, "专利类型 文献类型 公开类型 类型"),
        (
            Column::FilingDate,
            "申请日 申请日期 applicationDate filing_date app_date",
        ),
        (
            Column::PublicationDate,
            "公开(公告)日 公开(公告)日期 公开公告日 公开日 documentDate pub_date",
        ),
        (
            Column::GrantDate,
            "授权公告日 授权日 授权日期 颁证日 authorized_announcement_date",
        ),
        (
            Column::Owner,
            "当前权利人 当前专利权人 专利权人 [标]当前申请(专利权)人 标当前申请专利权人 当前申请(专利权)人 patentee",
        ),
        (
            Column::Applicant,
            "申请人 申请（专利权）人 applicant applicants 第一申请人",
        ),
        (
            Column::Inventors,
            "发明人 发明(设计)人 发明（设计）人 设计人 第一发明人 designer",
        ),
        (Column::IpcMain, "IPC主分类 IPC主分类号 主分类号 mainIpc"),
        (Column::Ipc, "IPC IPC分类号 分类号 国际专利分类号 Int.Cl."),
        (Column::Locarno, "洛迦诺分类号 LOC分类号 外观分类号 loc"),
        (
            Column::StatusText,
            "当前法律状态 法律状态 法律状态/事件 最新法律状态 案件状态 专利状态 currentStatus",
        ),
        (
            Column::Validity,
            "专利有效性 有效性 简单法律状态 专利权状态 legalStatus",
        ),
        (
            Column::Abstract,
            "摘要 摘要(中文) 摘要文本 摘要(译)(简体中文) 专利摘要 summary",
        ),
        (Column::MainClaim, "主权项 首项权利要求 主权项内容 claims"),
        (Column::Uscc, "统一社会信用代码 工商统一社会信用代码"),
        (
            Column::Industry,
            "国民经济分类 GBC分类号 国民经济行业分类号",
        ),
        (Column::Conversion, "是否转化 实施状态 转化状态 许可类型"),
        (Column::Unit, "所属学院 二级单位"),
        (
            Column::Region,
            "国省代码 省份 申请人省市代码 申请人地区 申请人(省市)",
        ),
    ] {
        for header in headers.split_whitespace() {
            assert_eq!(
                Column::of_header(header).map(|place| place.column),
                Some(column),
                "{header}"
            );
        }
    }
    for header in [
        "分案原申请号",
        "专利权状态代码",
        "预估到期日",
        "代理机构",
        "标题(英文)",
        "序号",
        "地址",
        "引证次数",
        "number",
    ] {
        assert_eq!(Column::of_header(header), None, "{header}");
    }
    assert_eq!(
        Column::of_header(" 申 请 号* ").map(|p| p.column),
        Some(Column::AppNumber)
    );
    assert_eq!(
        Column::of_header("摘要 (中文)").map(|p| p.column),
        Some(Column::Abstract)
    );
}

#[test]
fn codes_are_stable_distinct_and_worded_in_both_languages() {
    for code in RejectCode::ALL {
        assert_eq!(RejectCode::parse(code.as_str()), Some(*code));
        assert_eq!(serde_json::to_value(code).expect("a string"), code.as_str());
        assert!(!code.reason(Lang::Zh).is_ascii() && code.reason(Lang::En).is_ascii());
        assert!(!code.remedy(Lang::Zh).is_ascii() && !code.remedy(Lang::En).is_empty());
    }
    assert!(
        WarningCode::ALL
            .iter()
            .all(|code| WarningCode::parse(code.as_str()) == Some(*code))
    );
}

fn patent(more: &[(&str, &str)]) -> Patent {
    good(INVENTION, more).patent
}

/// Two records of one party on one day of which nobody has said anything.
fn merge(existing: &Patent, incoming: &Patent, repeated: bool) -> Patent {
    let source = crate::merging::rules::source(None);
    let before = Sources::of_one(source.clone());
    kaixu::domain::merge::merge(existing, &before, incoming, &source, repeated).patent
}

#[test]
fn a_grant_wins_over_a_publication_in_either_order() {
    let a = patent(&[
        ("公开(公告)号", "CN110000001A"),
        ("公开(公告)日", "2019-12-03"),
        ("摘要", "公开文本"),
        ("发明人", "张三"),
    ]);
    let b = patent(&[
        ("公开(公告)号", "CN110000001B"),
        ("公开(公告)日", "2021-12-03"),
        ("摘要", "授权文本"),
    ]);
    for merged in [
        merge(&a, &b, true),
        merge(&b, &a, true),
        merge(&a, &b, false),
        merge(&b, &a, false),
    ] {
        assert_eq!(
            (merged.stage, merged.abstract_text.as_deref()),
            (Stage::Granted, Some("授权文本"))
        );
        assert_eq!(merged.inventors, ["张三"]);
        assert_eq!(
            (merged.publication_date, merged.grant_date),
            (Some(date(2019, 12, 3)), Some(date(2021, 12, 3)))
        );
    }
}

#[test]
fn an_empty_value_erases_nothing_and_a_duplicate_in_the_file_only_fills() {
    let first = patent(&[("摘要", "一")]);
    assert_eq!(merge(&first, &patent(&[]), false), first);
    assert_eq!(
        merge(&first, &patent(&[("摘要", "二")]), false)
            .abstract_text
            .as_deref(),
        Some("二")
    );
    let filled = merge(&first, &patent(&[("摘要", "二"), ("发明人", "张三")]), true);
    assert_eq!(
        (filled.abstract_text.as_deref(), filled.inventors.len()),
        (Some("一"), 1)
    );
}

#[test]
fn status_moves_as_one_and_never_back_in_time() {
    let status = |text, day| patent(&[("法律状态", text), ("法律状态公告日", day)]);
    let (old, new) = (
        status("授权", "2019-01-01"),
        status("未缴年费", "2021-01-01"),
    );
    assert_eq!(
        merge(&old, &new, false).legal_status,
        LegalStatus::TerminatedFee
    );
    assert_eq!(merge(&new, &old, false), new);
    assert_eq!(
        merge(&new, &status("授权", ""), false),
        new,
        "undated never replaces dated"
    );
    assert_eq!(
        merge(&new, &status("奇怪", "2022-01-01"), false),
        new,
        "unknown never replaces known"
    );
    let unknown = status("奇怪", "");
    assert_eq!(
        merge(&unknown, &old, true).legal_status,
        LegalStatus::InForce
    );
}

fn any_patent() -> impl Strategy<Value = Patent> {
    let text = || prop::option::of(prop::sample::select(vec!["一", "二", "三"]));
    let day = || {
        prop::option::of(prop::sample::select(vec![
            "2019-12-03",
            "2020-12-03",
            "2021-12-03",
        ]))
    };
    let status = prop::option::of(prop::sample::select(vec![
        "授权",
        "未缴年费",
        "公开",
        "奇怪",
        "失效",
    ]));
    let number = prop::option::of(prop::sample::select(vec![
        "CN110000001A",
        "CN110000002A",
        "CN110000001B",
        "CN110000002B",
    ]));
    let check = prop::sample::select(vec!["201910699568.X", "201910699568"]);
    (
        text(),
        text(),
        status,
        day(),
        number,
        day(),
        check,
        any::<bool>(),
    )
        .prop_map(
            |(abstract_text, owner, status, as_of, number, published, check, fictional)| {
                let cells = [
                    ("摘要", abstract_text),
                    ("当前权利人", owner),
                    ("法律状态", status),
                    ("法律状态日期", as_of),
                    ("公开(公告)号", number),
                    ("公开(公告)日", published),
                    ("fictional", fictional.then_some("true")),
                ];
                let more: Vec<(&str, &str)> = cells
                    .iter()
                    .filter_map(|(h, v)| v.map(|v| (*h, v)))
                    .collect();
                good(check, &more).patent
            },
        )
}

/// A record with its sources.
type Known = Option<(Patent, Sources)>;

/// Imports a file of one patent's records over what is there.
fn import(before: Known, rows: &[Patent]) -> Known {
    rows.iter()
        .enumerate()
        .fold(before, |known, (at, row)| Some(after(known, row, at > 0)))
}

fn after(known: Known, row: &Patent, repeated: bool) -> (Patent, Sources) {
    let source = crate::merging::rules::source(Some("2026-03-01"));
    match known {
        None => (row.clone(), Sources::of_one(source)),
        Some((patent, sources)) => {
            let merged = kaixu::domain::merge::merge(&patent, &sources, row, &source, repeated);
            (merged.patent, merged.sources)
        }
    }
}

proptest! {
    #[test]
    fn importing_a_file_again_changes_nothing(
        before in prop::option::of(any_patent()),
        rows in prop::collection::vec(any_patent(), 1..7),
    ) {
        let older = crate::merging::rules::source(Some("2025-03-01"));
        let once = import(before.map(|patent| (patent, Sources::of_one(older))), &rows);
        let mut again = once.clone();
        for (at, row) in rows.iter().enumerate() {
            again = Some(after(again, row, at > 0));
            let (patent, known) = (again.as_ref().map(|a| &a.0), once.as_ref().map(|o| &o.0));
            prop_assert_eq!(patent, known, "row {}", at);
        }
    }

    #[test]
    fn any_row_of_any_text_is_read_or_refused_without_panic(cells in prop::collection::vec((0..24_usize, "\\PC{0,30}"), 0..12)) {
        let headers = ["申请号", "标题", "专利类型", "申请日", "公开(公告)号", "公开(公告)日", "授权公告号", "授权日", "申请人", "专利权人",
            "发明人", "IPC", "主分类号", "LOC分类号", "法律状态", "有效性", "状态日期", "摘要", "主权项", "国民经济分类", "是否转化",
            "国省代码", "统一社会信用代码", "stage"];
        let mut all = vec![("申请号", INVENTION), ("标题", "机")];
        all.extend(cells.iter().map(|(at, text)| (headers[*at], text.as_str())));
        if let Err(reject) = read_row(&row(&all)) {
            prop_assert!(reject.value.chars().count() <= 200);
        }
    }
}
