//! Terms read from text: the usual forms as data, and everything that is not certain left to a person with the words
//! that are in doubt.

use kaixu::domain::{
    money::Fen,
    terms::{Period, Royalty, RoyaltyBase, Terms},
};

use super::{day, instalments, lump, per_period, royalty, stages};

fn yuan(yuan: i64) -> i64 {
    Fen::yuan(yuan).0
}

#[track_caller]
fn reads(text: &str, terms: &Terms) {
    let reading = Terms::read(text);
    assert_eq!(
        reading.terms.as_ref(),
        Some(terms),
        "{text}: {:?}",
        reading.doubts
    );
    assert!(reading.doubts.is_empty());
}

#[track_caller]
fn doubts(text: &str, code: &str, said: &str) {
    let reading = Terms::read(text);
    assert_eq!(reading.terms, None, "{text}");
    let found = reading.doubts.iter().find(|doubt| doubt.code == code);
    let found = found.unwrap_or_else(|| panic!("{text}: {:?}", reading.doubts));
    assert!(found.said.contains(said), "{text}: {found:?}");
}

#[test]
fn the_usual_ways_of_paying_are_read() {
    for text in [
        "免费",
        "无偿许可",
        "许可使用费：免费。",
        "支付方式：无偿",
        "0元",
        "许可使用费 0 元",
        "不收取任何费用",
    ] {
        reads(text, &Terms::Free);
    }
    for text in [
        "一次总付2万元",
        "一次性支付许可使用费人民币20,000元。",
        "许可使用费20000.00元，一次性付清",
        "支付方式：一次总付；标准：２万元",
        "一次总付：人民币贰万元整",
        "一次总付人民币20000元（大写：贰万元整），许可生效前付清",
        "合同生效前一次性支付两万元",
    ] {
        reads(text, &lump(yuan(20_000)));
    }
    for text in [
        "每年1万元",
        "每年支付许可使用费10000元",
        "许可使用费：1万元/年",
        "按年支付10,000元",
    ] {
        reads(text, &per_period(yuan(10_000), 12));
    }
    reads("每半年支付5000元", &per_period(yuan(5_000), 6));
    reads("5000元/季度", &per_period(yuan(5_000), 3));
    for text in [
        "5万元，合同生效后30日内一次性付清",
        "一次总付5万元，自许可生效之日起三十日内付清",
    ] {
        reads(text, &instalments(&[(yuan(50_000), 30)]));
    }
}

#[test]
fn royalties_are_read_where_base_rate_period_and_days_are_said() {
    let share = Terms::Royalty(royalty(300));
    for text in [
        "按净销售额的3%提成，每年结算一次，每年结束后30日内付清",
        "提成支付：净销售额3％，结算周期为12个月，每个结算期届满后30天内支付",
        "每年按净销售额百分之三支付提成费，结算期满后30日内支付",
    ] {
        let text = text.replace("结算期满后", "结算期届满后");
        reads(&text, &share);
    }
    let profit = Royalty {
        base: RoyaltyBase::Profit,
        every_months: 6,
        pay_within_days: 15,
        floor_fen: Some(Fen::yuan(1_000)),
        ..royalty(1_050)
    };
    reads(
        "入门费5万元，另按利润的10.5%提成，每半年结算一次，每期届满后15日内付清，每期最低1000元",
        &Terms::EntryAndRoyalty {
            entry_fen: Fen::yuan(50_000),
            royalty: profit,
        },
    );
    reads(
        "入门费附加提成：入门费1万元+净销售额3%，每年结算一次，每年结束后30日内付清",
        &Terms::EntryAndRoyalty {
            entry_fen: Fen::yuan(10_000),
            royalty: royalty(300),
        },
    );
    doubts("按净销售额的3%提成", "settlementMissing", "");
    doubts("按净销售额的3%提成，每年结算一次", "payDaysMissing", "");
    doubts(
        "提成3%，每年结算一次，每年结束后30日内付清",
        "baseMissing",
        "",
    );
    doubts("入门费5万元", "rateMissing", "");
}

#[test]
fn a_first_stretch_free_and_the_period_are_read() {
    let then_yearly = stages(vec![
        (Some(12), Terms::Free),
        (None, per_period(yuan(10_000), 12)),
    ]);
    for text in [
        "首年免费，第2年起每年1万元",
        "第一年免费，此后每年1万元",
        "前12个月免费；之后1万元/年",
    ] {
        reads(text, &then_yearly);
    }
    doubts("首年免费，第3年起每年1万元", "contradiction", "第3年起");
    doubts("首年免费", "feeMissing", "");
    let reading = Terms::read("免费。许可期限至2028年12月31日。");
    assert_eq!(reading.terms, Some(Terms::Free));
    assert_eq!(reading.period, Some(Period::Until(day("2028-12-31"))));
    let reading = Terms::read("无偿；许可期限：自公告之日至专利权期限届满之日止");
    assert_eq!(
        (reading.terms, reading.period),
        (Some(Terms::Free), Some(Period::PatentTerm))
    );
}

#[test]
fn whatever_is_not_certain_is_left_to_a_person_with_its_words() {
    for (text, code, said) in [
        ("免费，仅限本市中小企业", "leftover", "仅限本市中小企业"),
        ("面议", "leftover", "面议"),
        ("一次总付约5万元", "leftover", "约5万元"),
        ("一次总付5万元以上", "leftover", "以上"),
        ("一次总付5-8万元", "leftover", "5-8万元"),
        ("每年1万元，逐年递增5%", "leftover", "逐年递增"),
        ("不按净销售额的3%提成", "leftover", "不按"),
        (
            "按销售额的3%提成，每年结算一次，每年结束后30日内付清",
            "leftover",
            "销售额",
        ),
        (
            "按利润总额3%提成，每年结算一次，每年结束后30日内付清",
            "leftover",
            "总额",
        ),
        ("每件5元", "perUnit", "每件5元"),
        ("5元/台", "perUnit", "5元/台"),
        (
            "2027年12月31日前免费，此后每年1万元",
            "freeUntilDay",
            "2027年12月31日前免费",
        ),
        ("免费至2027-12-31", "freeUntilDay", "2027-12-31"),
        ("一次总付5万元，30日内付清", "daysUnclear", "30日内付清"),
        ("5万元", "modeMissing", ""),
        ("一次总付5万元（大写：肆万元整）", "capitalsDiffer", "5万元"),
        ("免费，一次总付5万元", "severalModes", ""),
        ("一次总付5万元，5万元", "contradiction", "5万元"),
        ("5万元，每年支付一次", "contradiction", ""),
        ("一次总付一万五元", "leftover", "一万五元"),
        ("一次总付0.001元", "leftover", "0.001元"),
        (
            "按净销售额的150%提成，每年结算一次，每年结束后30日内付清",
            "unsound",
            "",
        ),
        ("", "feeMissing", ""),
        ("一次总付", "feeMissing", ""),
    ] {
        doubts(text, code, said);
    }
    doubts(&"免".repeat(8_001), "textTooLong", "");
}

#[test]
fn our_own_sentence_with_a_word_changed_is_not_ours() {
    let sentence = lump(yuan(20_000)).sentence();
    reads(&sentence, &lump(yuan(20_000)));
    reads(
        &format!("  {}\n", sentence.replace('，', ",")),
        &lump(yuan(20_000)),
    );
    doubts(
        &sentence.replace("贰万", "叁万"),
        "capitalsDiffer",
        "20,000",
    );
    doubts(
        &format!("{sentence}另收保证金一万元。"),
        "leftover",
        "保证金",
    );
}
