//! What is paid: amounts, bounds and shares.

use super::{
    Draft,
    words::{FILLERS, MONEY, ONCE, PAID, UNITS},
};
use crate::domain::terms::{RoyaltyBase, reading::cursor::Cursor};

/// `每件5元`, `5元/件`: a royalty by the piece is no kind of terms here.
pub(super) fn per_unit<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    if at.eat(&["每"]) {
        at.eat(UNITS).then_some(())?;
        at.eat(&["专利产品", "产品"]);
        at.skip(MONEY);
        at.amount()?.ok();
    } else {
        at.amount()?.ok();
        at.eat(&["/", "每"]).then_some(())?;
        at.eat(UNITS).then_some(())?;
    }
    at.eat(&["专利产品", "产品"]);
    draft.facts.doubt(
        "perUnit",
        at.taken(draft.before),
        "按产品数量计费，目前的条款数据没有这种方式",
        "A fee by the piece, which terms cannot hold as data",
    );
    Some(())
}

/// `入门费5万元`
pub(super) fn entry<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    at.eat(&["入门费"]).then_some(())?;
    // As the name of the way of paying it says no amount.
    if at.eat(&["附加提成", "加提成", "+提成"]) {
        at.eat(&["支付", "方式"]);
        draft.facts.share = true;
        return Some(());
    }
    at.skip(MONEY);
    let amount = at.amount()?;
    let amount = draft.facts.amount(amount, at.taken(draft.before));
    at.attempt(|at| {
        at.eat(&[","]);
        at.eat(&["许可生效前", "合同生效前"]).then_some(())?;
        at.eat(PAID).then_some(())
    });
    draft.pay(at, |facts| &mut facts.entry, amount);
    Some(())
}

/// `每期最低1万元`, `每个结算期最高10万元`
pub(super) fn bound<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    at.eat(&["每个结算期", "每一结算期", "每期"])
        .then_some(())?;
    at.eat(&["提成费", "提成"]);
    let least = at.eat(&["最低", "不低于", "不少于", "保底"]);
    (least || at.eat(&["最高", "不超过", "不高于", "封顶"])).then_some(())?;
    at.skip(MONEY);
    let amount = at.amount()?;
    let amount = draft.facts.amount(amount, at.taken(draft.before));
    if least {
        draft.set(at, |facts| &mut facts.floor, amount);
    } else {
        draft.set(at, |facts| &mut facts.cap, amount);
    }
    Some(())
}

/// `每年1万元`, `1万元/年`; `每年按净销售额3%提成` says how often it is settled.
pub(super) fn periodic<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    if at.eat(&["按期定额"]) {
        return Some(());
    }
    let leading = at.attempt(|at| {
        at.eat(&["每", "按"]).then_some(())?;
        at.months()
    });
    let Some(months) = leading else {
        at.skip(MONEY);
        let amount = at.amount()?;
        at.eat(&["/", "每", "一"]).then_some(())?;
        let months = at.months()?;
        let amount = draft.facts.amount(amount, at.taken(draft.before));
        draft.pay(at, |facts| &mut facts.periodic, (amount, months));
        return Some(());
    };
    at.skip(MONEY);
    let Some(amount) = at.amount() else {
        let mut ahead = *at;
        ahead.skip(FILLERS);
        base(&mut ahead)
            .map(|_| ())
            .or_else(|| ahead.eat(&["提成"]).then_some(()))?;
        draft.set(at, |facts| &mut facts.settle_months, months);
        return Some(());
    };
    let amount = draft.facts.amount(amount, at.taken(draft.before));
    draft.pay(at, |facts| &mut facts.periodic, (amount, months));
    Some(())
}

/// `一次总付5万元`, `5万元`
pub(super) fn lump<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    if at.eat(ONCE) {
        draft.facts.once = true;
        return Some(());
    }
    let amount = at.amount()?;
    let amount = draft.facts.amount(amount, at.taken(draft.before));
    draft.pay(at, |facts| &mut facts.bare, amount);
    Some(())
}

pub(super) fn base(at: &mut Cursor<'_>) -> Option<RoyaltyBase> {
    at.attempt(|at| {
        at.eat(&["以"]);
        base_alone(at)
    })
}

fn base_alone(at: &mut Cursor<'_>) -> Option<RoyaltyBase> {
    if at.eat(&["净销售额", "销售净额"]) {
        Some(RoyaltyBase::NetSales)
    } else if at.eat(&["利润额", "利润"]) {
        Some(RoyaltyBase::Profit)
    } else {
        None
    }
}

/// `净销售额`, `3%`, `提成`: what makes a royalty, each told by itself.
pub(super) fn share<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    if let Some(base) = base(at) {
        draft.set(at, |facts| &mut facts.base, base);
    } else if let Some(rate) = at.rate() {
        draft.set(at, |facts| &mut facts.rate_bp, rate);
    } else {
        at.eat(&["提成支付", "提成费", "提成率", "提成"])
            .then_some(())?;
        draft.facts.share = true;
    }
    Some(())
}
