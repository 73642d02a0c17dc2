//! The words of the declaration, letter by letter.

use kaixu::domain::{
    money::Fen,
    terms::{FeeMode, Royalty, Terms},
};

use super::{instalments, lump, per_period, royalty, stages};

#[test]
fn the_declaration_says_it_exactly() {
    for (terms, zh) in [
        (Terms::Free, "无偿许可，不收取许可使用费。"),
        (
            lump(2_000_000),
            "一次总付：许可使用费总额人民币20,000.00元（大写：贰万元整），在许可生效前付清。",
        ),
        (
            instalments(&[(1_000_000, 0), (1_000_050, 365)]),
            "分期支付：许可使用费总额人民币20,000.50元（大写：贰万元伍角整），分2期支付：第1期人民币10,000.00元（大写：壹万元整），在许可生效前付清；\
             第2期人民币10,000.50元（大写：壹万元伍角整），最迟于许可生效日后第365日付清；许可期限先行届满的，未到期的各期仍应支付。",
        ),
        (
            per_period(500_000, 12),
            "按期定额：自许可生效日起每12个月为一期，每期许可使用费人民币5,000.00元（大写：伍仟元整），在每期首日以前付清，其中首期在许可生效前付清；\
             最后一期不足12个月的，仍按一期全额支付。按月计算的各期（段）首日为许可生效日在当月的对应日，当月没有对应日的，为当月最后一日。",
        ),
        (
            Terms::Royalty(Royalty {
                rate_bp: 325,
                floor_fen: Some(Fen::yuan(100)),
                cap_fen: Some(Fen::yuan(9_000)),
                ..royalty(1)
            }),
            "提成支付：按被许可人实施本专利所得净销售额的3.25%支付提成费，自许可生效日起每12个月为一个结算期，在每个结算期届满后30日内付清；\
             一个结算期的提成费低于人民币100.00元（大写：壹佰元整）的，按该数额支付；一个结算期的提成费高于人民币9,000.00元（大写：玖仟元整）的，按该数额支付；\
             最后一个结算期不足12个月的，按该期间实际发生的净销售额结算，上述数额不按比例减少；提成费四舍五入到分。\
             按月计算的各期（段）首日为许可生效日在当月的对应日，当月没有对应日的，为当月最后一日。",
        ),
        (
            stages(vec![(Some(12), Terms::Free), (None, lump(1_000_000))]),
            "分段支付，共2段。第1段自许可生效日起12个月：无偿许可，不收取许可使用费。第2段自第1段届满次日起至许可期限届满：\
             一次总付：许可使用费总额人民币10,000.00元（大写：壹万元整），在本段首日付清。\
             按月计算的各期（段）首日为许可生效日在当月的对应日，当月没有对应日的，为当月最后一日。",
        ),
    ] {
        assert_eq!(terms.sentence(), zh);
    }
    let entry = Terms::EntryAndRoyalty {
        entry_fen: Fen::yuan(10_000),
        royalty: Royalty {
            pay_within_days: 0,
            ..royalty(300)
        },
    };
    assert_eq!(
        entry.sentence_en(),
        "An entry fee of CNY 10,000.00, paid before the licence takes effect, and a royalty: 3% of the net sales that the \
         licensee makes with the patent, settled every 12 months from the day the licence takes effect, paid on the last day \
         of each settlement period; a last period shorter than 12 months counts what was made in it; rounded half up to a fen. \
         Every period or stage counted in months begins on the day of the month on which the licence took effect, or on the \
         last day of a month that has no such day."
    );
}

#[test]
fn every_mode_has_its_words() {
    for mode in FeeMode::ALL {
        assert!(!mode.zh().is_ascii() && mode.en().is_ascii());
        assert_eq!(FeeMode::parse(mode.as_str()), Some(mode));
        assert_eq!(serde_json::to_value(mode).expect("writes"), mode.as_str());
    }
}
