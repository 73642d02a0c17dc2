//! What an operator may set of the law's application.

use jiff::civil::Date;
use serde::Deserialize;

/// What an operator may set of the law's application; the sources call these figures usual, not fixed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// A legal status vouched for longer ago than this does not carry a new declaration, days.
    pub status_max_age_days: u16,
    /// 备案 is due so many months after a licence takes effect.
    pub filing_months: u8,
    /// A declaration that must be withdrawn is to be withdrawn within so many days.
    pub withdraw_days: u16,
    /// A licensee's answer 3, 6 and 12 months after the effective day is due within so many days.
    pub follow_up_days: u16,
    /// A patentee's answer to an enquiry is due within so many working days.
    pub enquiry_working_days: u16,
    /// 放假: public holidays on weekdays, and 调休上班: weekends that are worked, as announced for the year.
    pub days_off: Vec<Date>,
    pub days_worked: Vec<Date>,
    /// Whoever must do something is reminded so many days before it is due.
    pub remind_days: u16,
    /// What the patent office's termination of a declaration does to earlier licences: `stand` or `end`.
    pub licences_after_termination: EndEffect,
    /// … its revocation.
    pub licences_after_revocation: EndEffect,
    /// … the end of the patent right (专利法第四十二条、第四十四条).
    pub licences_after_right_ended: EndEffect,
    /// … the invalidation of the patent as a whole (专利法第四十七条).
    pub licences_after_invalidation: EndEffect,
    /// 审查指南第五部分第十一章 3.3, usual limits of an open licence's fee: fixed money, fen.
    pub fee_fixed_fen: i64,
    /// … share of net sales, basis points.
    pub fee_net_sales_bp: u32,
    /// … share of profit, basis points.
    pub fee_profit_bp: u32,
    /// Words that a declaration may not contain, instead of the built-in list.
    pub promotional_words: Option<Vec<String>>,
    /// A declaration is readied and submitted here only with a card in plain words that has passed its check.
    pub card_required: bool,
    /// Every holder here shows its prices inside the unit before it declares (公示); a holder may wish it for itself.
    pub publicity_required: bool,
    /// Every holder here has its declarations approved inside the unit; a holder may wish it for itself.
    pub approval_required: bool,
}

/// What an end does to the licences taken before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndEffect {
    Stand,
    End,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            status_max_age_days: 90,
            filing_months: 3,
            withdraw_days: 15,
            follow_up_days: 30,
            enquiry_working_days: 5,
            days_off: Vec::new(),
            days_worked: Vec::new(),
            remind_days: 7,
            licences_after_termination: EndEffect::Stand,
            licences_after_revocation: EndEffect::Stand,
            licences_after_right_ended: EndEffect::Stand,
            licences_after_invalidation: EndEffect::Stand,
            fee_fixed_fen: 2_000_000_000,
            fee_net_sales_bp: 2_000,
            fee_profit_bp: 4_000,
            promotional_words: None,
            card_required: true,
            publicity_required: false,
            approval_required: false,
        }
    }
}
