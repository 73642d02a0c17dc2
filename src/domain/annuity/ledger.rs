//! What a holder says of one patent's annual fees: which years were paid, and when.

use serde::{Deserialize, Serialize};

use super::ReductionClass;
use crate::domain::{
    codes::AppNo,
    event::{Audience, canonical_json, sha256_hex},
    holding::Holding,
    id::Id,
    money::Fen,
    need::Flaw,
    patent::Patent,
    text::Text,
    time::Day,
};

/// Payments of one ledger, at most.
pub const MOST_PAYMENTS: usize = 40;
/// Characters of a note, at most.
const NOTE_CHARS: usize = 200;

/// A payment that was made: of which year, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeePayment {
    /// 缴费年度
    #[schema(minimum = 1, maximum = 20)]
    pub year: u8,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    /// What was paid, the late fee included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub amount_fen: Option<Fen>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a holder says of one patent's annual fees. Its key is its holding's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeeLedger {
    /// Its holding's.
    pub id: Id,
    pub organisation: Id,
    #[schema(value_type = String)]
    pub number: AppNo,
    /// The class confirmed for this patent, where it is not the holder's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduction: Option<ReductionClass>,
    /// In the order of their years.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<FeePayment>,
}

impl FeeLedger {
    /// A ledger in which nothing stands.
    pub fn blank(holding: &Holding) -> Self {
        Self {
            id: holding.id.clone(),
            organisation: holding.organisation.clone(),
            number: holding.number.clone(),
            reduction: None,
            payments: Vec::new(),
        }
    }

    /// The ledger with these contents, one payment a year and in their order.
    #[must_use]
    pub fn written(&self, reduction: Option<ReductionClass>, payments: Vec<FeePayment>) -> Self {
        let mut next = Self {
            reduction,
            payments,
            ..self.clone()
        };
        next.payments.sort_by_key(|payment| payment.year);
        next
    }

    /// The ledger with one payment more, in the place of one of the same year.
    #[must_use]
    pub fn paid(&self, payment: &FeePayment) -> Self {
        let others = self
            .payments
            .iter()
            .filter(|other| other.year != payment.year);
        let payments = others.cloned().chain([payment.clone()]).collect();
        self.written(self.reduction, payments)
    }

    /// The last year that is recorded as paid.
    pub fn paid_through(&self) -> Option<u8> {
        self.payments.iter().map(|payment| payment.year).max()
    }

    /// Everything that is wrong with it.
    pub fn flaws(&self, patent: &Patent, today: Day) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut hold = |good: bool, code, zh: String, en: String| {
            if !good {
                let text = Text::new(zh, en);
                let pointer = "/payments";
                flaws.push(Flaw {
                    pointer,
                    code,
                    text,
                });
            }
        };
        let last = patent.filing_date.map_or(20, |filed| {
            u8::try_from(patent.kind.term_years(filed)).unwrap_or(20)
        });
        let years = self.payments.iter().map(|payment| payment.year);
        hold(
            self.payments.len() <= MOST_PAYMENTS,
            "tooMany",
            format!("最多 {MOST_PAYMENTS} 笔。"),
            format!("At most {MOST_PAYMENTS} payments."),
        );
        hold(
            years.clone().all(|year| (1..=last).contains(&year)),
            "yearInvalid",
            format!("年度为 1 至 {last}。"),
            format!("A year is 1 to {last}."),
        );
        let twice = self
            .payments
            .windows(2)
            .any(|pair| pair[0].year == pair[1].year);
        hold(
            !twice,
            "yearTwice",
            "同一年度只能有一笔缴费。".into(),
            "A year is paid once.".into(),
        );
        hold(
            self.payments.iter().all(|payment| payment.on <= today),
            "dayInFuture",
            "缴费日在今天之后，请核对。".into(),
            "A payment is after today.".into(),
        );
        let amount = |payment: &FeePayment| {
            payment
                .amount_fen
                .is_none_or(|fen| (0..=100_000_000).contains(&fen.0))
        };
        hold(
            self.payments.iter().all(amount),
            "outOfRange",
            "金额不能为负，也不能过大。".into(),
            "An amount is negative or too large.".into(),
        );
        let note = |payment: &FeePayment| {
            payment.note.as_ref().is_none_or(|note| {
                note.chars().count() <= NOTE_CHARS && !note.chars().any(char::is_control)
            })
        };
        hold(
            self.payments.iter().all(note),
            "textLength",
            format!("备注最多 {NOTE_CHARS} 字，一行。"),
            format!("A note has at most {NOTE_CHARS} characters in one line."),
        );
        flaws
    }

    /// Its holder's and the office's, whatever the holding is.
    pub fn audience(&self) -> Audience {
        Audience::Organisation(self.organisation.clone())
    }

    /// Could nobody have entered it?
    pub fn is_flawed(&self) -> bool {
        let rising = self
            .payments
            .windows(2)
            .all(|pair| pair[0].year < pair[1].year);
        !rising || self.payments.len() > MOST_PAYMENTS
    }

    /// SHA-256 of the canonical document.
    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}
