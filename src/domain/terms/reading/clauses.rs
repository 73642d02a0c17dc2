//! The clauses in which announcements say a fee. At each place one whole clause is taken or none; what no clause
//! takes is left over up to the next sign, and told.

use super::{Period, cursor::Cursor, facts::Facts};
use crate::domain::terms::RoyaltyBase;

const SIGNS: [char; 9] = [',', '。', ';', ':', '、', '.', '(', ')', '!'];
/// Words that say nothing of a fee beside the clauses around them.
const FILLERS: &[&str] = &[
    "专利开放许可使用费",
    "开放许可使用费",
    "许可使用费总额",
    "使用费总额",
    "许可使用费",
    "专利使用费",
    "使用费",
    "许可费",
    "费用",
    "支付方式和标准",
    "支付方式及标准",
    "支付方式与标准",
    "支付方式",
    "支付标准",
    "收费方式",
    "收费标准",
    "标准",
    "人民币",
    "另",
    "并",
    "再",
    "加上",
    "加",
    "+",
    "和",
    "及",
    "按照",
    "按",
    "为",
    "的",
    "支付",
    "收取",
    "缴纳",
    "交纳",
    "付费",
    "计算",
    "被许可人",
    "被许可方",
    "实施本专利所得",
    "实施该专利所得",
    "实施本专利产品",
    "实施该专利产品",
    "本专利产品",
    "该专利产品",
    "专利产品",
    "产品",
    "比例",
    "基数",
    "作为",
    "是",
];
const FREE: &[&str] = &[
    "无偿许可使用",
    "免费许可使用",
    "无偿许可",
    "免费许可",
    "无偿开放许可",
    "免费开放许可",
    "无偿使用",
    "免费使用",
    "无偿实施",
    "免费实施",
    "无偿",
    "免费",
    "不收取许可使用费",
    "不收取任何费用",
    "不收取使用费",
    "不收取费用",
    "免收许可使用费",
    "免收使用费",
    "零元",
];
const ONCE: &[&str] = &[
    "一次性总付",
    "一次总付",
    "一次性付清",
    "一次付清",
    "一次性支付",
    "一次支付",
    "一次性付费",
    "一次性缴纳",
    "一次性收取",
];
const PAID: &[&str] = &[
    "一次性付清",
    "一次性支付",
    "一次付清",
    "一次性缴纳",
    "付清",
    "支付完毕",
    "支付",
    "缴纳",
    "缴清",
    "付款",
    "结清",
];
const EFFECT: &[&str] = &[
    "许可合同生效",
    "合同生效",
    "许可协议生效",
    "协议生效",
    "许可生效",
];
const MONEY: &[&str] = &[
    "许可使用费",
    "专利使用费",
    "使用费",
    "许可费",
    "费用",
    "总额",
    "支付",
    "收取",
    "缴纳",
    "交纳",
    "共计",
    "共",
    "为",
    ":",
];
const UNITS: &[&str] = &[
    "单位产品",
    "件",
    "台",
    "套",
    "吨",
    "公斤",
    "千克",
    "个",
    "只",
    "平方米",
    "立方米",
    "米",
    "辆",
    "片",
    "瓶",
    "盒",
    "亩",
];
const PERIOD_NAMES: &[&str] = &[
    "每个结算期",
    "每一结算期",
    "结算期",
    "结算周期",
    "每个周期",
    "每期",
    "每年度",
    "每年",
    "每半年",
    "每季度",
    "每个季度",
    "每月",
    "年度",
    "季度",
];

/// Everything that a folded text says.
pub(super) fn facts(text: &str) -> Facts {
    let mut facts = Facts::default();
    let mut at = Cursor { rest: text };
    loop {
        at.rest = at.rest.trim_start_matches(SIGNS);
        if at.rest.is_empty() {
            return facts;
        }
        let read = CLAUSES.iter().any(|clause| {
            let before = at;
            let said = at.attempt(|at| {
                clause(
                    at,
                    &mut Draft {
                        facts: &mut facts,
                        before,
                    },
                )
            });
            said.is_some()
        });
        if !read && !at.eat(FILLERS) {
            let end = end_of_clause(at.rest);
            facts.leftover(&at.rest[..end]);
            at.rest = &at.rest[end..];
        }
    }
}

/// Up to the next sign that does not stand within a number.
fn end_of_clause(text: &str) -> usize {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let ends = text.match_indices(SIGNS).find(|(at, sign)| {
        let (before, after) = (&text[..*at], &text[at + sign.len()..]);
        !(digit(before.chars().next_back()) && digit(after.chars().next()))
    });
    ends.map_or(text.len(), |(at, _)| at)
}

/// The facts, and where the clause began.
struct Draft<'f, 'a> {
    facts: &'f mut Facts,
    before: Cursor<'a>,
}

type Clause = for<'a> fn(&mut Cursor<'a>, &mut Draft<'_, 'a>) -> Option<()>;

/// In the order in which they are tried: what is more particular first.
const CLAUSES: [Clause; 12] = [
    free_first,
    free_until,
    free,
    settle_days,
    settle,
    period,
    per_unit,
    entry,
    bound,
    periodic,
    lump,
    share,
];

impl<'a> Draft<'_, 'a> {
    fn set<T: PartialEq + Copy>(
        &mut self,
        at: &Cursor<'a>,
        field: fn(&mut Facts) -> &mut Option<T>,
        value: T,
    ) {
        let known = *field(self.facts);
        if known.is_some_and(|known| known != value) {
            self.facts.clash(at.taken(self.before));
        }
        *field(self.facts) = Some(value);
    }

    /// An amount: even the same one a second time may be another payment.
    fn pay<T: PartialEq + Copy>(
        &mut self,
        at: &Cursor<'a>,
        field: fn(&mut Facts) -> &mut Option<T>,
        value: T,
    ) {
        if field(self.facts).is_some() {
            self.facts.clash(at.taken(self.before));
        }
        *field(self.facts) = Some(value);
    }
}

/// `首年免费`, `前6个月免费，第2年起`
fn free_first<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
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
fn free_until<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
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

fn free<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    if !at.eat(FREE) {
        let amount = at.amount()?;
        (amount == Ok(crate::domain::money::Fen::ZERO)).then_some(())?;
    }
    draft.facts.free = true;
    Some(())
}

/// `每个结算期届满后30日内付清`
fn settle_days<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
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
fn settle<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
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

/// The period of a text that says nothing else.
pub(super) fn period_alone(text: &str) -> Option<Period> {
    let facts = facts(text);
    facts.period().filter(|_| facts.has_no_doubt())
}

/// `许可期限至2029年12月31日`
fn period<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
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

/// `每件5元`, `5元/件`: a royalty by the piece is no kind of terms here.
fn per_unit<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
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
fn entry<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
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
fn bound<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
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
fn periodic<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
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
fn lump<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
    if at.eat(ONCE) {
        draft.facts.once = true;
        return Some(());
    }
    let amount = at.amount()?;
    let amount = draft.facts.amount(amount, at.taken(draft.before));
    draft.pay(at, |facts| &mut facts.bare, amount);
    Some(())
}

fn base(at: &mut Cursor<'_>) -> Option<RoyaltyBase> {
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
fn share<'a>(at: &mut Cursor<'a>, draft: &mut Draft<'_, 'a>) -> Option<()> {
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
