//! What an operator may set of the law's application: limits that the sources call usual, ages, word lists.

use jiff::civil::date;

use super::{annuity::FeeSchedule, terms::Caps, time::Day};

/// The operator's settings for declarations and licences.
#[derive(Clone, Debug)]
pub struct Rules {
    /// A legal status vouched for longer ago than this does not carry a new declaration, days.
    pub status_max_age_days: i32,
    /// 备案 is due so many months after a licence takes effect (实施细则第十五条第二款).
    pub filing_months: i16,
    /// A declaration that must be withdrawn is to be withdrawn within so many days (审查指南第五部分第十一章 2.(2) says
    /// 及时, without a figure).
    pub withdraw_days: i32,
    /// Usual upper limits of fees (审查指南第五部分第十一章 3.3).
    pub caps: Caps,
    /// 商业性宣传用语 that a declaration may not contain (实施细则第八十五条).
    pub promotional_words: Vec<String>,
    /// Annual fees and their reductions.
    pub annual_fees: FeeSchedule,
    /// A declaration is readied and submitted here only with a card that has passed its check.
    pub card_required: bool,
    /// Every holder here shows its prices inside the unit before it declares (公示).
    pub publicity_required: bool,
    /// Every holder here has its declarations approved inside the unit before it declares.
    pub approval_required: bool,
    /// Declarations announced before this day were pilot listings (试点, 只收不审), not open licences.
    pub statutory_since: Day,
}

impl Default for Rules {
    fn default() -> Self {
        const WORDS: &[&str] = &[
            "最佳",
            "最好",
            "最先进",
            "最优",
            "最高级",
            "最低价",
            "第一",
            "唯一",
            "国家级",
            "世界级",
            "顶级",
            "顶尖",
            "极品",
            "领先",
            "首选",
            "独一无二",
            "无与伦比",
            "史无前例",
            "包赚",
            "稳赚",
            "保证盈利",
            "暴利",
            "限时优惠",
            "限时",
            "优惠价",
            "打折",
            "促销",
            "抢购",
            "免费赠送",
            "买一送一",
            "欢迎选购",
            "错过不再",
        ];
        Self {
            status_max_age_days: 90,
            filing_months: 3,
            withdraw_days: 15,
            caps: Caps::default(),
            promotional_words: WORDS.iter().map(ToString::to_string).collect(),
            annual_fees: FeeSchedule::default(),
            card_required: true,
            publicity_required: false,
            approval_required: false,
            statutory_since: date(2024, 1, 20),
        }
    }
}

/// What may follow 第一 when it merely counts.
const COUNTED: &str = "年期次个步批季部条款项笔月天日种类方层章节专权人届阶段";

/// The promotional words found in a text, each once; an ordinal such as 第一年 is none.
pub fn promotional(text: &str, words: &[String]) -> Vec<String> {
    let found = words.iter().filter(|word| {
        text.match_indices(word.as_str()).any(|(at, _)| {
            let next = text[at + word.len()..].chars().next();
            word.as_str() != "第一" || !next.is_some_and(|c| COUNTED.contains(c))
        })
    });
    found.cloned().collect()
}
