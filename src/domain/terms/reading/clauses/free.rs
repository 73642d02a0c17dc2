//! Nothing is paid: for a while, until a day, or at all.

use super::{Draft, words::FREE};
use crate::domain::terms::reading::cursor::Cursor;

/// `首年免费`, `前6个月免费，第2年起`
pub(super) fn free_first<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    let months = if at.eat(&["首年", "第一年", "第1年"]) {
        12
    } else {
        at.eat(&["前", "首"]).then_some(())?;
        at.months()?
    };
    at.eat(&["内"]);
    at.eat(FREE).then_some(())?;
    // From when on the rest is due must be the day after.
    let next = at.attempt(|at| {
        at.skip(&[",", ";", "。"]);
        at.eat(&["自", "从"]);
        at.eat(&["第"]).then_some(())?;
        let year = at.whole()?;
        at.eat(&["年"]).then_some(())?;
        at.eat(&["起", "开始"]).then_some(year)
    });
    match next {
        Some(year) if year.saturating_sub(1).saturating_mul(12) != months => {
            draft.facts.clash(at.taken(draft.before));
        }
        Some(_) => {}
        None => {
            at.attempt(|at| {
                at.skip(&[",", ";", "。"]);
                at.eat(&["期满后", "届满后", "之后", "此后", "其后", "以后", "后"])
                    .then_some(())
            });
        }
    }
    draft.set(at, |facts| &mut facts.free_months, months);
    Some(())
}

/// `2027年12月31日前免费`, `免费至2027年12月31日`: a day of the calendar is no part of terms, which count from each
/// licence's own day.
pub(super) fn free_until<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    if at.eat(FREE) {
        at.eat(&["期"]);
        at.eat(&["截止到", "截至", "至", "到"]).then_some(())?;
        at.day()?;
        at.eat(&["止", "为止"]);
    } else {
        at.eat(&["在", "于", "截至", "至"]);
        at.day()?;
        at.eat(&["之前", "以前", "前", "止"]).then_some(())?;
        at.eat(FREE).then_some(())?;
    }
    let said = at.taken(draft.before);
    draft.facts.doubt(
        "freeUntilDay",
        said,
        "免费到某一日历日：条款按每项许可自己的生效日计算，不能直接换算",
        "Free until a day of the calendar: terms count from the day of each licence and cannot say that",
    );
    Some(())
}

pub(super) fn free<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    if !at.eat(FREE) {
        let amount = at.amount()?;
        (amount == Ok(crate::domain::money::Fen::ZERO)).then_some(())?;
    }
    draft.facts.free = true;
    Some(())
}
