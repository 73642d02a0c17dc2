//! Amounts and rates of clerks, read exactly.

use kaixu::domain::{
    money::Fen,
    record::{AmountError, RateError, rate_bp, whole, yuan},
};

#[test]
fn yuan_become_whole_fen_exactly() {
    for (text, fen) in [
        ("20000", 2_000_000),
        ("20,000.00", 2_000_000),
        ("2万", 2_000_000),
        ("2.5万元", 2_500_000),
        ("0.0001万", 100),
        ("0.000001万", 1),
        ("1.2亿", 12_000_000_000),
        ("￥１２．３元", 1_230),
        ("人民币 100 元整", 10_000),
        ("0", 0),
        ("0.29", 29),
        ("8.10", 810),
        ("92233720368547758.07", i64::MAX),
    ] {
        assert_eq!(yuan(text), Ok(Fen(fen)), "{text}");
    }
    for (text, why) in [
        ("1.005", AmountError::TooFine),
        ("0.0000001万", AmountError::TooFine),
        ("92233720368547758.08", AmountError::TooLarge),
        ("", AmountError::NotAnAmount),
        ("-5", AmountError::NotAnAmount),
        ("1.2.3", AmountError::NotAnAmount),
        ("2,00", AmountError::NotAnAmount),
        ("1.", AmountError::NotAnAmount),
        (".5", AmountError::NotAnAmount),
        ("1e5", AmountError::NotAnAmount),
        ("两万", AmountError::NotAnAmount),
        ("2万5千", AmountError::NotAnAmount),
        (&"9".repeat(400), AmountError::NotAnAmount),
    ] {
        assert_eq!(yuan(text), Err(why), "{text}");
    }
}

#[test]
fn percentages_become_basis_points_exactly_and_a_doubtful_one_is_refused() {
    for (text, bp) in [
        ("3%", 300),
        ("3", 300),
        ("0.5%", 50),
        ("０.０１％", 1),
        ("12.25", 1_225),
        ("100 %", 10_000),
        ("0", 0),
    ] {
        assert_eq!(rate_bp(text), Ok(bp), "{text}");
    }
    for (text, why) in [
        ("0.03", RateError::Ambiguous),
        ("0.5", RateError::Ambiguous),
        ("0.005%", RateError::TooFine),
        ("3‰", RateError::NotARate),
        ("三", RateError::NotARate),
        ("-3%", RateError::NotARate),
        ("99999999999", RateError::NotARate),
    ] {
        assert_eq!(rate_bp(text), Err(why), "{text}");
    }
    assert_eq!(
        (
            whole("6个月"),
            whole("30天"),
            whole("12.0"),
            whole("1.5"),
            whole("一")
        ),
        (Some(6), Some(30), Some(12), None, None)
    );
}
