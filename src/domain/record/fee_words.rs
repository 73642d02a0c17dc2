//! The words of clerks for ways of paying and bases of royalties, and what is said of those that are not known.

use super::{Column, Flaw, RateError, columns::fold};
use crate::domain::terms::{Doubt, FeeMode, RoyaltyBase};

/// What people call the ways of paying.
pub(super) fn mode_of(text: &str) -> Option<FeeMode> {
    Some(match fold(text).as_str() {
        "无偿" | "免费" | "零元" | "free" => FeeMode::Free,
        "一次总付" | "一次性总付" | "一次性付费" | "一次性支付" | "一次付清" | "一次性付清"
        | "lumpsum" => FeeMode::LumpSum,
        "分期" | "分期支付" | "分期付款" | "instalments" => FeeMode::Instalments,
        "按年" | "按年支付" | "每年" | "按期" | "按期支付" | "按期定额" | "perperiod" => {
            FeeMode::PerPeriod
        }
        "提成" | "提成支付" | "royalty" => FeeMode::Royalty,
        "入门费加提成" | "入门费提成" | "entryandroyalty" => FeeMode::EntryAndRoyalty,
        "分段" | "stages" => FeeMode::Stages,
        _ => return None,
    })
}

pub(super) fn base_of(text: &str) -> Option<RoyaltyBase> {
    Some(match fold(text).as_str() {
        "净销售额" | "销售净额" | "netsales" => RoyaltyBase::NetSales,
        "利润" | "利润额" | "profit" => RoyaltyBase::Profit,
        _ => return None,
    })
}

pub(super) fn unknown_mode(said: &str) -> Flaw {
    Flaw::new(
        Column::Mode,
        said,
        "feeModeUnknown",
        "支付方式无法识别。",
        "This way of paying is not known.",
    )
    .cure(
        "请填写 无偿、一次总付、分期、按年、按期、提成 或 入门费加提成；其他方式请在条款列填写 JSON。",
        "Write free, lumpSum, instalments, perPeriod, royalty or entryAndRoyalty; anything else as JSON in the terms column.",
    )
}

pub(super) fn not_of_mode(column: Column, text: &str, mode: FeeMode) -> Flaw {
    Flaw::new(
        column,
        text,
        "feesDisagree",
        format!("“{}”与支付方式“{}”不符。", column.title(), mode.zh()),
        format!("{} does not go with {}.", column.key(), mode.as_str()),
    )
    .cure(
        "请核对公告，改正支付方式或清空该格。",
        "Check the announcement; mend the way of paying or empty the cell.",
    )
}

pub(super) fn rate_flaw(text: &str, why: RateError) -> Flaw {
    let (code, zh, en) = match why {
        RateError::NotARate => ("rateInvalid", "不是百分比。", "This is not a percentage."),
        RateError::TooFine => (
            "rateTooFine",
            "提成比例最多到万分之一（两位小数的百分数）。",
            "A rate has at most two decimals of a percent.",
        ),
        RateError::Ambiguous => (
            "rateAmbiguous",
            "小于 1 又没有百分号，无法判断是百分数还是小数。",
            "Below one without a percent sign: a percentage or a fraction?",
        ),
    };
    Flaw::new(Column::Rate, text, code, zh, en).cure(
        "请把该列设为文本，带百分号填写，例如 3% 或 0.5%。",
        "Make the column text and write the percent sign, e.g. 3% or 0.5%.",
    )
}

/// Terms in words of which something is in doubt.
pub(super) fn words_unclear(said: &str, doubts: &[Doubt]) -> Flaw {
    let zh: Vec<&str> = doubts.iter().map(|doubt| doubt.text.zh.as_str()).collect();
    let en: Vec<&str> = doubts.iter().map(|doubt| doubt.text.en.as_str()).collect();
    Flaw::new(
        Column::Terms,
        said,
        "termsUnclear",
        format!("条款文字不能完全确定：{}", zh.concat()),
        format!("The words of the terms are not certain: {}", en.join(" ")),
    )
    .cure(
        "请对照公告原文，用支付方式、金额等各列或 JSON 填写。",
        "Read the announcement and write them in the columns of the fee, or as JSON.",
    )
}
