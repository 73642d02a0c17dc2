//! Application numbers, credit codes, publication numbers and class symbols: the real ones of the trade
//! pass, made-up ones fail, and any notation of a number reads to the same.

use kaixu::domain::{
    codes::{AppNo, Ipc, Locarno, PubNo, Uscc, number::NumberError, region, uscc::UsccError},
    patent::{CheckSource, PatentKind, Stage},
};
use proptest::prelude::*;

#[test]
fn real_numbers_with_a_printed_check_character_are_read() {
    for (text, kind) in [
        ("ZL201820557176.0", '2'),
        ("ZL201930071397.7", '3'),
        ("ZL201710345450.8", '1'),
        ("ZL201922156545.2", '2'),
        ("ZL201510621320.3", '1'),
        ("ZL201910398073.3", '1'),
        ("ZL201910699568.X", '1'),
        ("ZL201910190004.3", '1'),
        ("ZL202222939332.9", '2'),
        ("ZL202320901205.1", '2'),
        ("ZL201910985915.5", '1'),
        ("ZL202320855804.4", '2'),
        ("CN202120102449.4", '2'),
        ("CN202011438186.0", '1'),
        ("200820185283.1", '2'),
        ("200710308494.X", '1'),
        ("201310699744.2", '1'),
        ("201610158350.X", '1'),
        ("ZL95115608.X", '1'),
        ("97101765.4", '1'),
        ("2021230211632", '2'),
        ("2020224325275", '2'),
        ("2020226489481", '2'),
        ("2022219221561", '2'),
        ("2019218980500", '2'),
        ("202480012345.0", '8'),
        ("201990001234.4", '9'),
        ("202430000007.8", '3'),
    ] {
        let (number, source) = AppNo::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let expected = match kind {
            '2' | '9' => PatentKind::UtilityModel,
            '3' => PatentKind::Design,
            _ => PatentKind::Invention,
        };
        assert_eq!(
            (number.kind(), source),
            (expected, CheckSource::Printed),
            "{text}"
        );
    }
}

#[test]
fn placeholder_numbers_fail_and_the_right_check_character_is_named() {
    for (text, right) in [
        ("202310123456.7", '6'),
        ("202410000001.2", 'X'),
        ("202130123456.7", '8'),
        ("201910699568.4", 'X'),
    ] {
        let Err(NumberError::Check { expected, .. }) = AppNo::parse(text) else {
            panic!("{text} was taken")
        };
        assert_eq!(expected, right, "{text}");
    }
}

#[test]
fn a_missing_check_character_is_computed_and_marked() {
    for (text, whole) in [
        ("201910123456", "201910123456X"),
        ("201810123456", "2018101234565"),
        ("CN201910123456A", "201910123456X"),
        ("201820557176", "2018205571760"),
        ("CN85102475", "851024750"),
    ] {
        let (number, source) = AppNo::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((number.as_str(), source), (whole, CheckSource::Computed));
    }
}

#[test]
fn every_notation_reads_to_the_same_number() {
    for text in [
        "ZL201910699568.X",
        "ZL 2019 1 0699568.x",
        "CN201910699568X",
        "专利号：ZL201910699568.X",
        "申请号:201910699568．X",
        "ＣＮ２０１９１０６９９５６８．Ｘ",
        " 201910699568-X ",
        "ZL201910699568。X",
    ] {
        assert_eq!(
            AppNo::parse(text).map(|(n, _)| n.to_string()),
            Ok("201910699568X".into()),
            "{text}"
        );
    }
}

#[test]
fn what_is_not_an_application_number_is_named_for_what_it_is() {
    assert_eq!(AppNo::parse("2.01E+12"), Err(NumberError::Scientific));
    assert_eq!(
        AppNo::parse("2.01910123456E+12"),
        Err(NumberError::Scientific)
    );
    assert_eq!(AppNo::parse("CN105552081A"), Err(NumberError::Publication));
    assert_eq!(AppNo::parse("CN1340998A"), Err(NumberError::Publication));
    assert_eq!(AppNo::parse(" "), Err(NumberError::Empty));
    assert_eq!(
        AppNo::parse("PCT/CN2019/012345"),
        Err(NumberError::Characters)
    );
    assert_eq!(AppNo::parse("2019106995"), Err(NumberError::Length(10)));
    assert_eq!(AppNo::parse("180210123456"), Err(NumberError::Year));
    assert_eq!(AppNo::parse("201950699568"), Err(NumberError::Kind));
}

#[test]
fn real_credit_codes_pass_and_a_made_up_one_fails() {
    for code in [
        "12100000400000624D",
        "12100000400011227Y",
        "121000004000119994",
        "1210000040000983X8",
        "914403001922038216",
        "9144030071526726XG",
        "91110000802100433B",
        "911100006000650192",
        "91110108MA02M0XT64",
    ] {
        assert!(Uscc::parse(code).is_ok(), "{code}");
    }
    assert!(Uscc::parse("911103020751000000").is_err());
    assert_eq!(
        Uscc::parse("91110108ma02m0xt64").map(String::from),
        Ok("91110108MA02M0XT64".into())
    );
    assert_eq!(Uscc::parse("9111"), Err(UsccError::Length(4)));
    assert_eq!(
        Uscc::parse("91110108IA02M0XT64"),
        Err(UsccError::Character('I'))
    );
}

#[test]
fn publication_numbers_tell_applications_from_grants() {
    for (text, stage) in [
        ("CN112576945A", Stage::Published),
        ("CN1340998A", Stage::Published),
        ("CN213072711U", Stage::Granted),
        ("cn 304769264 s", Stage::Granted),
        ("CN101234567B2", Stage::Granted),
        ("CN1120000C", Stage::Granted),
        ("CN2512345Y", Stage::Granted),
    ] {
        assert_eq!(PubNo::parse(text).map(|n| n.stage()), Ok(stage), "{text}");
    }
    for text in ["CN2560177", "US1234567A", "CN12A", "201910699568.X", ""] {
        assert!(PubNo::parse(text).is_err(), "{text}");
    }
}

#[test]
fn class_symbols_are_normalised() {
    for (text, symbol) in [
        ("H01M50/533", "H01M50/533"),
        ("h01m 50/533 (2021.01) I", "H01M50/533"),
        ("A01B0007000000", "A01B7/00"),
        ("H02K17/02（2006.01）I", "H02K17/02"),
        ("H01M", "H01M"),
    ] {
        assert_eq!(
            Ipc::parse(text).map(String::from),
            Ok(symbol.into()),
            "{text}"
        );
    }
    for text in ["", "海底捞控股有限公司", "Z01B1/00", "06-04", "H01M50"] {
        assert!(Ipc::parse(text).is_err(), "{text}");
    }
    for text in ["06-04", "06－04", "LOC（14）Cl.06－04", "06-04(13)"] {
        assert_eq!(
            Locarno::parse(text).map(String::from),
            Ok("06-04".into()),
            "{text}"
        );
    }
    assert!(Locarno::parse("33-01").is_err() && Locarno::parse("1-1").is_err());
}

#[test]
fn regions_are_read_from_codes_and_whole_names_alone() {
    for text in ["370000", "山东", "山东省", "37[中国|山东]", "山东;37"] {
        assert_eq!(
            region::parse(text).map(|r| r.code),
            Some("370000".into()),
            "{text}"
        );
    }
    assert_eq!(region::parse("山东省威海市环翠区文化西路2号"), None);
}

fn body() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec!['1', '2', '3', '8', '9']);
    prop_oneof![
        (2003..2100_u16, kind.clone(), 0..10_000_000_u32)
            .prop_map(|(y, k, n)| format!("{y}{k}{n:07}")),
        (85..104_u16, kind, 0..100_000_u32)
            .prop_map(|(y, k, n)| format!("{:02}{k}{n:05}", y % 100)),
    ]
}

proptest! {
    #[test]
    fn any_notation_of_a_valid_number_reads_to_it(body in body()) {
        let (number, source) = AppNo::parse(&body).expect("a body completes");
        prop_assert_eq!(source, CheckSource::Computed);
        let (zl, cn) = (number.zl(), number.cn());
        let wide: String = cn.chars().map(|c| char::from_u32(c as u32 + 0xfee0).expect("full width")).collect();
        let spaced = format!("CN {} {}", &number.body()[..4], &number.as_str()[4..]);
        for text in [zl.clone(), cn, wide, spaced, zl.to_lowercase(), format!("专利号：{zl}"), number.to_string()] {
            prop_assert_eq!(AppNo::parse(&text), Ok((number.clone(), CheckSource::Printed)), "{}", text);
        }
    }

    #[test]
    fn a_wrong_check_character_never_passes(body in body(), other in "[0-9X]") {
        let (number, _) = AppNo::parse(&body).expect("a body completes");
        let text = format!("{body}{other}");
        prop_assert_eq!(AppNo::parse(&text).is_ok(), text == number.as_str());
    }

    #[test]
    fn random_text_never_panics(text in "\\PC{0,40}") {
        let _ = (AppNo::parse(&text), PubNo::parse(&text), Ipc::parse(&text), Ipc::prefix(&text));
        let _ = (Locarno::parse(&text), Uscc::parse(&text), region::parse(&text));
    }

    #[test]
    fn random_text_of_the_codes_own_letters_never_panics(text in "[A-HCNZL0-9X.+E/ \\-(年X]{0,24}") {
        let _ = (AppNo::parse(&text), PubNo::parse(&text), Ipc::parse(&text), Ipc::prefix(&text), Locarno::parse(&text));
    }

    #[test]
    fn a_completed_credit_code_passes_and_any_changed_digit_fails(tail in "[0-9A-HJ-NP-RTUWXY]{8}", at in 8..16_usize) {
        let code = Uscc::complete(&format!("91371002{tail}")).expect("completes");
        let mut bytes = code.as_str().as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
        prop_assert!(Uscc::parse(std::str::from_utf8(&bytes).expect("ASCII")).is_err());
    }
}
