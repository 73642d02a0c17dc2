//! When something is paid, when is settled, and how long licences last.

use super::{
    Draft,
    words::{EFFECT, PAID, PERIOD_NAMES},
};
use crate::domain::terms::reading::{Period, cursor::Cursor};

/// `每个结算期届满后30日内付清`
pub(super) fn settle_days<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    at.eat(&["在", "于", "应在"]);
    let named = at.attempt(|at| {
        at.eat(PERIOD_NAMES).then_some(())?;
        at.eat(&["结束", "届满", "期满", "终了"]).then_some(())
    });
    if named.is_none() {
        match at.attempt(effect) {
            Some(When::Before) => {
                once_or_paid(at, draft);
                draft.set(at, |facts| &mut facts.after_days, 0);
                return Some(());
            }
            Some(When::From) => {}
            None => return days_alone(at, draft),
        }
    }
    at.eat(&["之日起", "之日后", "之后", "后", "起"])
        .then_some(())?;
    at.eat(&["的"]);
    let days = at.whole()?;
    at.eat(&["个自然日", "自然日", "日", "天"]).then_some(())?;
    at.eat(&["之内", "以内", "内"]).then_some(())?;
    once_or_paid(at, draft);
    if named.is_some() {
        draft.set(at, |facts| &mut facts.pay_within_days, days);
    } else {
        draft.set(at, |facts| &mut facts.after_days, days);
    }
    Some(())
}

/// How a payment lies to the day on which the licence takes effect.
enum When {
    Before,
    From,
}

/// `自许可生效之日`, `许可生效前`
fn effect(at: &mut Cursor<'_>) -> Option<When> {
    at.eat(&["自", "从"]);
    at.eat(EFFECT).then_some(())?;
    if at.eat(&["日前", "之日前", "之前", "以前", "前"]) {
        return Some(When::Before);
    }
    at.eat(&["之日", "日"]);
    Some(When::From)
}

/// `30日内付清`: after what?
fn days_alone<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    at.whole()?;
    at.eat(&["个工作日", "个自然日", "工作日", "日", "天"])
        .then_some(())?;
    at.eat(&["之内", "以内", "内"]).then_some(())?;
    once_or_paid(at, draft);
    draft.facts.doubt(
        "daysUnclear",
        at.taken(draft.before),
        "没有说付款天数从哪一日起算",
        "From which day the days are counted is not said",
    );
    Some(())
}

fn once_or_paid<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) {
    let before = *at;
    if at.eat(PAID) && at.taken(before).starts_with("一次") {
        draft.facts.once = true;
    }
}

/// `每年结算一次`, `以每6个月为一个结算期`
pub(super) fn settle<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    let months = at
        .attempt(|at| {
            at.eat(&["结算周期", "结算期", "支付周期"]).then_some(())?;
            at.skip(&["为", ":", "是", "每"]);
            at.months()
        })
        .or_else(|| {
            at.attempt(|at| {
                at.eat(&["以每", "每", "按"]).then_some(())?;
                let months = at.months()?;
                at.eat(&[
                    "结算一次",
                    "结算支付",
                    "结算",
                    "支付一次",
                    "为一个结算期",
                    "为一结算期",
                    "为一个结算周期",
                    "为结算期",
                ])
                .then_some(months)
            })
        })?;
    draft.set(at, |facts| &mut facts.settle_months, months);
    Some(())
}

/// `许可期限至2029年12月31日`
pub(super) fn period<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    at.eat(&[
        "专利许可期限",
        "开放许可期限",
        "许可期限",
        "许可期",
        "许可有效期",
    ])
    .then_some(())?;
    at.skip(&[":", "为", "自", "声明", "公告", "生效", "之日", "日", "起"]);
    at.eat(&["截止到", "截至", "至", "到"]).then_some(())?;
    let period = if let Some(day) = at.day() {
        at.eat(&["止", "届满", "为止"]);
        Period::Until(day)
    } else {
        at.eat(&["本", "该"]);
        at.eat(&[
            "专利权有效期届满",
            "专利权期限届满",
            "专利有效期届满",
            "专利权届满",
            "专利权终止",
            "专利期限届满",
        ])
        .then_some(())?;
        at.eat(&["之日", "日"]);
        at.eat(&["止", "为止"]);
        Period::PatentTerm
    };
    draft.facts.until(period, at.taken(draft.before));
    Some(())
}
