//! The conditions of a search in plain words: what each parameter is called and what its values mean.

use super::{visitor::Visitor, words};
use crate::domain::{
    codes::industry,
    declaration::KnowHowKind,
    holding::Conversion,
    money::Fen,
    patent::{LegalStatus, PatentKind},
    terms::FeeMode,
    text::Text,
};

/// What a parameter is called on a page.
pub fn condition(name: &str) -> Text {
    match name {
        "kind" => Text::new("专利类型", "Kind"),
        "legalStatus" => Text::new("法律状态", "Legal status"),
        "conversion" => Text::new("实施状态", "Use so far"),
        "holder" => Text::new("登记单位", "Registered by"),
        "ipc" => Text::new("IPC 分类", "IPC class"),
        "region" => Text::new("地区", "Region"),
        "industry" => Text::new("行业", "Industry"),
        "applicant" => Text::new("申请人 / 权利人", "Applicant / owner"),
        "filedFrom" => Text::new("申请日自", "Filed from"),
        "filedTo" => Text::new("申请日至", "Filed to"),
        "grantedFrom" => Text::new("授权日自", "Granted from"),
        "grantedTo" => Text::new("授权日至", "Granted to"),
        "inTerm" => Text::new("保护期", "Term"),
        "termLeftAtLeast" => Text::new("剩余保护期不少于", "Term left at least"),
        "onOffer" => Text::new("开放许可", "Open licence"),
        "free" => Text::new("许可费", "Fee"),
        "feeAtMost" => Text::new("首年固定费用不超过", "First-year fixed fee at most"),
        "feeMode" => Text::new("支付方式", "Way of paying"),
        "knowHow" => Text::new("技术指导", "Guidance"),
        "sort" => Text::new("排序", "Order"),
        "q" => Text::new("检索词", "Search text"),
        "after" => Text::new("页码位置", "Place in the list"),
        "limit" => Text::new("每页条数", "Results a page"),
        other => Text::new(other, other),
    }
}

/// A parameter's value in the reader's language, where it is one of our words.
pub fn word(visitor: &Visitor, name: &str, value: &str) -> Option<String> {
    let lang = visitor.lang;
    let known = match name {
        "onOffer" => words::standing(value.parse().ok()?, lang),
        "free" if value == "true" => visitor.t("免费", "free of charge"),
        "free" if value == "false" => visitor.t("收费", "with a fee"),
        "feeMode" => words::fee_mode(FeeMode::parse(value)?, lang),
        "knowHow" => {
            let kind = KnowHowKind::parse(value)?;
            visitor.t(kind.zh(), kind.en())
        }
        "feeAtMost" => {
            return Some(
                words::yuan(Fen::yuan(value.parse().ok()?))
                    .in_lang(lang)
                    .to_owned(),
            );
        }
        "termLeftAtLeast" => {
            return Some(words::years(value.parse().ok()?).in_lang(lang).to_owned());
        }
        "kind" => words::kind(PatentKind::parse(value)?, lang),
        "legalStatus" => words::status(LegalStatus::parse(value)?, lang),
        "conversion" => words::conversion(Conversion::parse(value)?, lang),
        "ipc" => visitor.class(&value.to_ascii_uppercase())?,
        "region" => visitor.region(value)?,
        "industry" => visitor.industry(&industry::parse(value)?)?,
        "inTerm" if value == "true" => visitor.t("期限内", "still running"),
        "inTerm" if value == "false" => visitor.t("已届满", "over"),
        _ => return None,
    };
    Some(known.to_owned())
}
