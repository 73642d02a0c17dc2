//! Money: yuan with two decimals, capital numerals as banks write them, rounding half up, nothing that overflows.

use std::collections::BTreeMap;

use kaixu::domain::money::Fen;
use proptest::prelude::*;

#[test]
fn capital_numerals_are_those_of_a_bank() {
    for (fen, capitals) in [
        (0, "零元整"),
        (1, "壹分"),
        (9, "玖分"),
        (10, "壹角整"),
        (11, "壹角壹分"),
        (50, "伍角整"),
        (99, "玖角玖分"),
        (100, "壹元整"),
        (101, "壹元零壹分"),
        (110, "壹元壹角整"),
        (123, "壹元贰角叁分"),
        (1_000, "壹拾元整"),
        (1_005, "壹拾元零伍分"),
        (1_050, "壹拾元伍角整"),
        (1_100, "壹拾壹元整"),
        (10_000, "壹佰元整"),
        (10_100, "壹佰零壹元整"),
        (10_530, "壹佰零伍元叁角整"),
        (11_000, "壹佰壹拾元整"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (100_000, "壹仟元整"),
        (100_100, "壹仟零壹元整"),
        (101_000, "壹仟零壹拾元整"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (600_714, "陆仟零柒元壹角肆分"),
        (999_999, "玖仟玖佰玖拾玖元玖角玖分"),
        (1_000_000, "壹万元整"),
        (1_000_100, "壹万零壹元整"),
        (1_010_000, "壹万零壹佰元整"),
        (1_100_000, "壹万壹仟元整"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (2_000_000, "贰万元整"),
        (10_000_000, "壹拾万元整"),
        (10_050_000, "壹拾万零伍佰元整"),
        (10_500_000, "壹拾万伍仟元整"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (100_000_000, "壹佰万元整"),
        (100_100_000, "壹佰万壹仟元整"),
        (101_000_000, "壹佰零壹万元整"),
        (2_000_000_000, "贰仟万元整"),
        (2_000_000_001, "贰仟万元零壹分"),
        (9_999_999_999, "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        (10_000_000_000, "壹亿元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (10_000_500_000, "壹亿零伍仟元整"),
        (10_010_000_000, "壹亿零壹拾万元整"),
        (10_500_000_000, "壹亿零伍佰万元整"),
        (11_000_000_000, "壹亿壹仟万元整"),
        (100_000_000_000, "壹拾亿元整"),
        (1_000_000_000_000, "壹佰亿元整"),
        (100_000_000_000_000, "壹万亿元整"),
        (120_000_000_000_000, "壹万贰仟亿元整"),
        (100_000_000_000_100, "壹万亿零壹元整"),
        (-10_530, "负壹佰零伍元叁角整"),
        (
            i64::MAX,
            "玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零柒分",
        ),
        (
            i64::MIN,
            "负玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零捌分",
        ),
    ] {
        assert_eq!(Fen(fen).capitals(), capitals, "{fen}");
    }
}

/// Reads capital numerals by place values, not by the way that they were written.
fn read(capitals: &str) -> Option<i128> {
    let (mut total, mut section, mut digit) = (0_i128, 0_i128, 0_i128);
    let mut fen = 0_i128;
    for c in capitals.chars() {
        if let Some(value) = "零壹贰叁肆伍陆柒捌玖".chars().position(|d| d == c) {
            digit = i128::try_from(value).ok()?;
            continue;
        }
        match c {
            '拾' => section += digit * 10,
            '佰' => section += digit * 100,
            '仟' => section += digit * 1_000,
            '万' => section = (section + digit) * 10_000,
            '亿' => {
                total = (total + section + digit) * 100_000_000;
                section = 0;
            }
            '元' => {
                fen += (total + section + digit) * 100;
                (total, section) = (0, 0);
            }
            '角' => fen += digit * 10,
            '分' => fen += digit,
            '整' => {}
            _ => return None,
        }
        digit = 0;
    }
    Some(fen)
}

#[test]
fn every_small_amount_reads_back_from_its_capitals_and_no_two_are_alike() {
    let mut seen = BTreeMap::new();
    for fen in (0..200_000).chain((0..2_000).map(|n| n * 50_001 + 7)) {
        let capitals = Fen(fen).capitals();
        assert_eq!(read(&capitals), Some(i128::from(fen)), "{capitals}");
        assert!(
            !capitals.contains("零零") && !capitals.contains("零元") || fen < 100,
            "{capitals}"
        );
        let before = seen.insert(capitals, fen);
        assert!(
            before.is_none_or(|other| other == fen),
            "{fen} and {before:?}"
        );
    }
}

#[test]
fn yuan_are_written_with_two_decimals_and_thousands_apart() {
    for (fen, yuan) in [
        (0, "0.00"),
        (5, "0.05"),
        (100, "1.00"),
        (99_999, "999.99"),
        (100_000, "1,000.00"),
        (2_000_000, "20,000.00"),
        (123_456_789, "1,234,567.89"),
        (-5, "-0.05"),
        (-100_000, "-1,000.00"),
        (i64::MIN, "-92,233,720,368,547,758.08"),
    ] {
        assert_eq!(Fen(fen).to_string(), yuan);
    }
    assert_eq!(
        format!("{:>10}", Fen(100)),
        "      1.00",
        "it pads like any text"
    );
}

#[test]
fn a_share_rounds_half_up_to_a_fen() {
    for (fen, numerator, denominator, expected) in [
        (1, 1, 2, 1),
        (1, 49, 100, 0),
        (3, 1, 2, 2),
        (-1, 1, 2, 0),
        (-3, 1, 2, -1),
        (10_000, 300, 10_000, 300),
        (49, 1, 100, 0),
        (50, 1, 100, 1),
        (i64::MAX, 1, 1, i64::MAX),
        (i64::MAX, i64::MAX, 1, i64::MAX),
        (i64::MIN, i64::MAX, 1, i64::MIN),
        (i64::MAX, i64::MAX, i64::MAX, i64::MAX),
        (7, 3, 0, 21),
    ] {
        assert_eq!(
            Fen(fen).scaled(numerator, denominator),
            Fen(expected),
            "{fen} × {numerator} / {denominator}"
        );
    }
}

#[test]
fn sums_stay_within_their_bounds() {
    assert_eq!(Fen(i64::MAX).checked_add(Fen(1)), None);
    assert_eq!(Fen(1).checked_add(Fen(2)), Some(Fen(3)));
    assert_eq!([Fen(i64::MAX), Fen(5)].iter().sum::<Fen>(), Fen(i64::MAX));
    assert_eq!([Fen(1), Fen(2)].into_iter().sum::<Fen>(), Fen(3));
    assert_eq!(Fen::yuan(i64::MAX), Fen(i64::MAX));
}

#[test]
fn in_json_it_is_a_whole_number_of_fen() {
    assert_eq!(
        serde_json::to_string(&Fen(2_000_000)).expect("writes"),
        "2000000"
    );
    assert_eq!(serde_json::from_str::<Fen>("-5").expect("reads"), Fen(-5));
    for wrong in [
        "1.0",
        "1e3",
        "\"5\"",
        "null",
        "9223372036854775808",
        "{}",
        "[1]",
    ] {
        assert!(serde_json::from_str::<Fen>(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn any_amount_reads_back_from_its_capitals(fen in 0_i64..10_000_000_000_000_000) {
        prop_assert_eq!(read(&Fen(fen).capitals()), Some(i128::from(fen)));
    }

    #[test]
    fn any_amount_reads_back_from_its_yuan(fen in any::<i64>()) {
        let plain = Fen(fen).to_string().replace([',', '.'], "");
        prop_assert_eq!(plain.parse::<i64>().ok(), Some(fen));
    }
}
