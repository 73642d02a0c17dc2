//! Values of the register in plain words, in both languages: kinds, statuses, terms, classes, regions, numbers.

use jiff::Unit;

use super::visitor::Visitor;
use crate::domain::{
    codes::AppNo,
    declaration::KnowHow,
    dictionary::Dictionary,
    holding::Conversion,
    money::Fen,
    patent::{LegalStatus, PatentKind},
    search::{OfferHit, OfferStanding},
    terms::FeeMode,
    text::{Lang, Text},
    time::Day,
};

pub const fn pick<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

pub const fn kind(kind: PatentKind, lang: Lang) -> &'static str {
    pick(lang, kind.zh(), kind.en())
}

pub const fn status(status: LegalStatus, lang: Lang) -> &'static str {
    pick(lang, status.zh(), status.en())
}

pub const fn conversion(conversion: Conversion, lang: Lang) -> &'static str {
    pick(lang, conversion.zh(), conversion.en())
}

pub const fn fee_mode(mode: FeeMode, lang: Lang) -> &'static str {
    pick(lang, mode.zh(), mode.en())
}

/// Can a licence be taken today?
pub const fn standing(on_offer: bool, lang: Lang) -> &'static str {
    let standing = if on_offer {
        OfferStanding::Offered
    } else {
        OfferStanding::NotOffered
    };
    pick(lang, standing.zh(), standing.en())
}

/// An open licence in one line: that it can be taken, what it costs to begin with, until when.
pub fn offer(offer: &OfferHit) -> Text {
    let fixed = yuan(offer.first_year_fixed_fen);
    let (zh, en) = match (offer.first_year_fixed_fen > Fen::ZERO, offer.royalty) {
        _ if offer.free => ("免费".to_owned(), "free of charge".to_owned()),
        (true, true) => (
            format!("首年 {}，另计提成", fixed.zh),
            format!("{} in the first year, plus a royalty", fixed.en),
        ),
        (true, false) => (
            format!("首年 {}", fixed.zh),
            format!("{} in the first year", fixed.en),
        ),
        (false, true) => ("按提成支付".to_owned(), "royalty only".to_owned()),
        (false, false) => (
            "首年无需付费".to_owned(),
            "nothing due in the first year".to_owned(),
        ),
    };
    let standing = OfferStanding::Offered;
    Text::new(
        format!("{} · {zh} · 至 {}", standing.zh(), offer.until),
        format!("{} · {en} · until {}", standing.en(), offer.until),
    )
}

/// An amount as people say it: whole yuan without decimals.
pub fn yuan(amount: Fen) -> Text {
    let text = amount.to_string();
    let text = text.strip_suffix(".00").unwrap_or(&text);
    Text::new(format!("{text} 元"), format!("CNY {text}"))
}

pub fn years(years: u16) -> Text {
    Text::new(format!("{years} 年"), counted(i32::from(years), "year"))
}

/// `1234567` as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What the number is called and how it is written: `ZL` belongs to granted patents alone.
pub fn number(status: LegalStatus, number: &AppNo) -> (Text, String) {
    match status {
        LegalStatus::Pending | LegalStatus::RejectedOrWithdrawn => {
            (Text::new("申请号", "Appl. no."), number.cn())
        }
        _ => (Text::new("专利号", "Number"), number.zl()),
    }
}

/// How long the term still runs, as a factory owner would say it.
pub fn term(status: LegalStatus, expires: Option<Day>, today: Day) -> Text {
    let ended = Text::new("权利已终止", "Right has ended");
    match (status, expires) {
        (LegalStatus::Pending, _) => Text::new("尚未授权", "Not granted yet"),
        (LegalStatus::RejectedOrWithdrawn, _) => Text::new("未取得专利权", "No right granted"),
        (LegalStatus::Invalidated, _) => Text::new("已宣告无效", "Invalidated"),
        (LegalStatus::TerminatedFee | LegalStatus::Abandoned, _) => ended,
        (LegalStatus::Expired, _) => Text::new("已届满", "Expired"),
        (_, None) => Text::new("申请日未知", "Filing date unknown"),
        (_, Some(day)) if day <= today => Text::new("已届满", "Expired"),
        (_, Some(day)) => left(today, day),
    }
}

fn left(today: Day, expires: Day) -> Text {
    let Ok(span) = today.until((Unit::Year, expires)) else {
        return Text::new("未知", "Unknown");
    };
    let (years, months, days) = (span.get_years(), span.get_months(), span.get_days());
    match (years, months) {
        (0, 0) => Text::new(format!("还有 {days} 天"), counted(days, "day") + " left"),
        (0, _) => Text::new(
            format!("还有 {months} 个月"),
            counted(months, "month") + " left",
        ),
        (_, 0) => Text::new(
            format!("还有 {years} 年"),
            counted(i32::from(years), "year") + " left",
        ),
        _ => Text::new(
            format!("还有 {years} 年 {months} 个月"),
            format!(
                "{} {} left",
                counted(i32::from(years), "year"),
                counted(months, "month")
            ),
        ),
    }
}

fn counted(number: i32, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// What the term depends on, or why an older status does not fit a term that is over.
pub fn term_note(status: LegalStatus, over: bool) -> Option<Text> {
    let note = match status {
        LegalStatus::InForce | LegalStatus::FeeGrace if over => Text::new(
            "法律状态是来源当时的记载，早于届满。",
            "The legal status is what the source said before that day.",
        ),
        _ if over => return None,
        LegalStatus::Pending => Text::new("以获得授权为前提。", "Provided it is granted."),
        LegalStatus::LapsedRestorable => Text::new(
            "如获恢复；目前已终止。",
            "If restored; at present it has lapsed.",
        ),
        LegalStatus::Unknown => Text::new(
            "以专利权仍维持为前提；来源未说明是否维持。",
            "Provided the right is still in force; the source does not say.",
        ),
        LegalStatus::InForce | LegalStatus::FeeGrace => Text::new(
            "以按期缴纳年费为前提。",
            "Provided the annual fees are paid.",
        ),
        _ => return None,
    };
    Some(note)
}

/// The know-how annex of an offer.
pub fn know_how(v: &Visitor, annex: &KnowHow) -> String {
    let mut said = v.t(annex.kind.zh(), annex.kind.en()).to_owned();
    if let Some(hours) = annex.hours {
        said.push_str(v.t("：", ": "));
        said.push_str(v.t(&format!("{hours} 学时"), &format!("{hours} hours")));
    }
    if let Some(text) = &annex.text {
        said.push_str(v.t("；", "; "));
        said.push_str(text);
    }
    said
}

/// What a dictionary offers today, in the reader's language.
pub fn entries(v: &Visitor, dictionary: &Dictionary) -> Vec<String> {
    let offered = dictionary.entries.iter().filter(|entry| !entry.retired);
    offered
        .map(|entry| v.t(&entry.zh, &entry.en).to_owned())
        .collect()
}
