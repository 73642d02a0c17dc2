//! What an operator may set of the law's application: limits that the sources call usual, ages, word lists.

use jiff::civil::date;

use super::{annuity::FeeSchedule, terms::Caps, time::Day, words::words, working_days::Calendar};

words! {
    /// What an end does to the licences taken before it; the law speaks of a withdrawal alone (专利法第五十条第二款: they
    /// stand), so for the other ends the operator chooses.
    pub enum EndEffect {
        /// They stand until their last day, as after a withdrawal.
        Stand = "stand", "在先许可继续有效", "Earlier licences stand";
        /// They end on the day of that end. What took effect before stays counted.
        End = "end", "在先许可同时终止", "Earlier licences end with it";
    }
}

/// What each kind of end does to earlier licences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The patent office terminates the declaration (审查指南第五部分第十一章 4).
    pub termination: EndEffect,
    /// The patent office revokes the declaration (实施细则第八十八条).
    pub revocation: EndEffect,
    /// The right ends: its term, a fee, a renunciation (专利法第四十二条、第四十四条).
    pub right_ended: EndEffect,
    /// The right is declared invalid as a whole (专利法第四十七条).
    pub invalidation: EndEffect,
}

impl Default for Ends {
    fn default() -> Self {
        Self {
            termination: EndEffect::Stand,
            revocation: EndEffect::Stand,
            right_ended: EndEffect::Stand,
            invalidation: EndEffect::Stand,
        }
    }
}

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
    /// The licensee's answers 3, 6 and 12 months after the effective day are due within so many days.
    pub follow_up_days: i32,
    /// A patentee's answer to an enquiry is due within so many working days.
    pub enquiry_working_days: u16,
    /// Which days are worked.
    pub calendar: Calendar,
    /// Whoever must do something is reminded so many days before it is due, and once it is late.
    pub remind_days: i32,
    /// What the patent office's end of a declaration, and the end of the right, does to earlier licences.
    pub ends: Ends,
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
            follow_up_days: 30,
            enquiry_working_days: 5,
            calendar: Calendar::default(),
            remind_days: 7,
            ends: Ends::default(),
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
