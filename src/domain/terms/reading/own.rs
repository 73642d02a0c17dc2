//! Our own sentence, or our own explanation, back into the terms it was made of. Reading is loose, its proof is strict: the terms that were
//! read must be sound and say, word for word, the text that was given.

use super::super::{
    Part, Royalty, RoyaltyBase, Stage, Terms,
    explanation::{HEAD, TAIL},
    sentence::MONTHS_ZH,
};
use crate::domain::{
    amounts::{folded, rate_bp, yuan},
    money::Fen,
};

/// The terms whose sentence or explanation this folded text is.
pub(super) fn read(text: &str) -> Option<Terms> {
    if let Some(terms) = told(text) {
        let said = terms.explanation()?;
        return (folded(&said) == text).then_some(terms);
    }
    let terms = sound(text)?;
    (folded(&terms.sentence()) == text).then_some(terms)
}

/// The terms that our part of a folded explanation says, whatever stands around it.
pub(super) fn told(text: &str) -> Option<Terms> {
    let (head, tail) = (folded(HEAD), folded(TAIL));
    let (_, text) = text.split_once(head.as_str())?;
    let (sentence, _) = text.split_once(tail.as_str())?;
    let terms = sound(sentence)?;
    (folded(&terms.short_sentence()) == sentence).then_some(terms)
}

fn sound(sentence: &str) -> Option<Terms> {
    let months = folded(MONTHS_ZH);
    let terms = whole(sentence.strip_suffix(months.as_str()).unwrap_or(sentence))?;
    terms.check().is_ok().then_some(terms)
}

fn whole(body: &str) -> Option<Terms> {
    match body.strip_prefix("分段支付,共") {
        Some(rest) => stages(rest),
        None => plain(body),
    }
}

fn plain(text: &str) -> Option<Terms> {
    if text.starts_with("无偿许可,") {
        return Some(Terms::Free);
    }
    let (mode, rest) = text.split_once(':')?;
    Some(match mode {
        "一次总付" => Terms::LumpSum {
            amount_fen: amount(rest, "总额人民币")?,
        },
        "分期支付" => Terms::Instalments {
            parts: parts(rest)?,
        },
        "按期定额" => Terms::PerPeriod {
            amount_fen: amount(rest, "每期许可使用费人民币")?,
            every_months: between(rest, "起每", "个月为一期")?.parse().ok()?,
        },
        "提成支付" => Terms::Royalty(royalty(rest)?),
        "入门费加提成" => Terms::EntryAndRoyalty {
            entry_fen: amount(rest, "入门费人民币")?,
            royalty: royalty(rest)?,
        },
        _ => return None,
    })
}

fn parts(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(&format!("第{}期人民币", parts.len() + 1)) {
        let from = &rest[at..];
        let end = from.find(&format!(";第{}期人民币", parts.len() + 2));
        let one = &from[..end.unwrap_or(from.len())];
        let after_days = match between(one, "后第", "日付清") {
            Some(days) => days.parse().ok()?,
            None => 0,
        };
        parts.push(Part {
            amount_fen: amount(one, "期人民币")?,
            after_days,
        });
        rest = &from[one.len()..];
    }
    Some(parts)
}

fn royalty(text: &str) -> Option<Royalty> {
    let base = between(text, "实施本专利所得", "的")?;
    Some(Royalty {
        base: RoyaltyBase::ALL.into_iter().find(|b| b.zh() == base)?,
        rate_bp: rate_bp(between(text, &format!("{base}的"), "支付提成费")?).ok()?,
        every_months: between(text, "起每", "个月为一个结算期")?.parse().ok()?,
        pay_within_days: match between(text, "结算期届满后", "日内付清") {
            Some(days) => days.parse().ok()?,
            None => 0,
        },
        floor_fen: amount(text, "低于人民币"),
        cap_fen: amount(text, "高于人民币"),
    })
}

fn stages(text: &str) -> Option<Terms> {
    let mut stages = Vec::new();
    let mut rest = &text[text.find("第1段自")?..];
    loop {
        let next = format!(
            "第{}段自第{}段届满次日起",
            stages.len() + 2,
            stages.len() + 1
        );
        let end = rest.find(&next);
        let one = &rest[..end.unwrap_or(rest.len())];
        let (head, body) = one.split_once(':')?;
        let months = match head.strip_suffix("个月") {
            Some(head) => Some(head[head.rfind('起')? + '起'.len_utf8()..].parse().ok()?),
            None => None,
        };
        stages.push(Stage {
            months,
            terms: plain(body)?,
        });
        match end {
            Some(end) => rest = &rest[end..],
            None => return Some(Terms::Stages { stages }),
        }
    }
}

/// What stands between the first `before` and the next `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let from = &text[text.find(before)? + before.len()..];
    Some(&from[..from.find(after)?])
}

fn amount(text: &str, before: &str) -> Option<Fen> {
    yuan(between(text, before, "元")?).ok()
}
