//! A licence under an announced declaration (专利法第五十一条): written notice to the patentee and payment as
//! announced, nothing else. The patentee cannot accept, refuse or reprice it; it takes effect on the later of the
//! two days, proved by the payer's voucher or the holder's receipt, and its terms are those announced.

mod course;
mod next;

pub use course::{Notice, Taken};
pub use next::Next;

use serde::{Deserialize, Serialize};

use super::{
    access::Role,
    codes::AppNo,
    declaration::KnowHow,
    eligibility::Block,
    event::{Audience, canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    money::Fen,
    terms::Terms,
    time::Day,
    words::words,
};

words! {
    /// Where a licence stands.
    pub enum LicenceState {
        /// Noticed; the notice has not reached the patentee, or what is due at the start is not proved yet.
        Pending = "pending", "待生效", "Pending";
        /// 已生效
        Effective = "effective", "已生效", "Effective";
        /// The notice lies outside the days on which a licence could be taken.
        Ineffective = "ineffective", "未能生效", "Of no effect";
        /// Entered by mistake; never happened
        Void = "void", "作废（误录）", "Void (entered by mistake)";
    }
}

words! {
    /// How the notice reaches the patentee.
    pub enum Delivery {
        /// Into the patentee's inbox here; it has arrived when it was given.
        Platform = "platform", "平台送达", "On the platform";
        /// A generated letter; it has arrived on the recorded day of delivery.
        Letter = "letter", "书面送达", "By letter";
        /// Given outside and recorded here.
        Elsewhere = "elsewhere", "平台外送达", "Given elsewhere";
    }
}

words! {
    /// What a document of a licence proves.
    pub enum EvidenceKind {
        /// 书面通知
        Notice = "notice", "书面通知", "Notice";
        /// 送达凭证
        Delivery = "delivery", "送达凭证", "Proof of delivery";
        /// 支付凭证
        Voucher = "voucher", "支付凭证", "Payment voucher";
        /// 专利权人收款凭证
        Receipt = "receipt", "收款凭证", "Holder's receipt";
        /// 备案证明
        Filing = "filing", "备案证明", "Filing certificate";
        /// 使用费为零、支付方式无偿的声明, with the filing of a free licence
        FreeStatement = "freeStatement", "使用费为零声明", "Statement that nothing is due";
        /// 异议材料
        Dispute = "dispute", "异议材料", "Statement of a dispute";
        /// 其他
        Other = "other", "其他", "Other";
    }
}

words! {
    /// What the patentee says to a notice; silence changes nothing.
    pub enum Verdict {
        Confirmed = "confirmed", "确认", "Confirmed";
        /// Flags the licence; does not undo its effect.
        Disputed = "disputed", "有异议", "Disputed";
    }
}

/// 被许可人: any organisation or individual. An individual's name is kept apart from this record.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Licensee {
    Organisation(Id),
    Individual(Id),
}

impl Licensee {
    pub const fn id(&self) -> &Id {
        match self {
            Self::Organisation(id) | Self::Individual(id) => id,
        }
    }

    pub const fn organisation(&self) -> Option<&Id> {
        match self {
            Self::Organisation(id) => Some(id),
            Self::Individual(_) => None,
        }
    }
}

/// A document that proves something of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    pub kind: EvidenceKind,
    pub file: FileRef,
}

/// Money that went from the licensee to the patentee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Payment {
    pub amount_fen: Fen,
    #[schema(value_type = String, format = "date")]
    pub paid_on: Day,
}

/// The patentee's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    pub verdict: Verdict,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
}

/// 备案: either side files (实施细则第八十七条).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Filing {
    /// 备案号, opaque
    pub number: String,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
}

/// A licence's record; public once it has taken effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Licence {
    pub id: Id,
    pub declaration: Id,
    pub number: AppNo,
    /// The patentee's organisation.
    pub holder: Id,
    pub licensee: Licensee,
    pub state: LicenceState,
    /// The announced terms in force when the notice was given (I4).
    pub terms: Terms,
    /// The licence's last day.
    #[schema(value_type = String, format = "date")]
    pub until: Day,
    pub delivery: Delivery,
    /// The moment at which the notice was given here, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_at: Option<String>,
    /// The day on which the notice reached the patentee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub notice_on: Option<Day>,
    /// In the order of their days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// The day on which what is due at the start was paid in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub paid_on: Option<Day>,
    /// 合同生效之日
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub effective_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Response>,
    /// The last day for 备案.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub filing_due_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<Filing>,
    /// Risks that the licensee has acknowledged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acknowledged: Vec<Block>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// A foreign, Hong Kong, Macao or Taiwan licensee: 技术进出口管理条例 applies.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cross_border: bool,
    /// It was taken elsewhere and recorded here afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recorded_late: bool,
    /// Who recorded it, where it was recorded afterwards; the change row names the account or key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorder: Option<Role>,
    /// The first day without it, where it ended before its last day: the patent office ended the declaration or the
    /// right, and the operator's rules let that end licences too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub ended_on: Option<Day>,
    /// The help that was offered with it when the notice was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub know_how: Option<KnowHow>,
    /// Why it is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Written for a demonstration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fictional: bool,
}

impl Licence {
    /// What is missing before it may be counted: the notice, and the voucher or receipt where money was due; a
    /// filing certificate stands for both, since the patent office has seen them (审查指南第五部分第十一章 7).
    pub fn missing_evidence(&self) -> Vec<EvidenceKind> {
        let has = |kind: EvidenceKind| self.evidence.iter().any(|e| e.kind == kind);
        if self.filing.is_some() && has(EvidenceKind::Filing) {
            return Vec::new();
        }
        let mut missing = Vec::new();
        if !has(EvidenceKind::Notice) {
            missing.push(EvidenceKind::Notice);
        }
        let paid = has(EvidenceKind::Voucher) || has(EvidenceKind::Receipt);
        if self.terms.due_at_start() > Fen::ZERO && !paid {
            missing.push(EvidenceKind::Voucher);
        }
        missing
    }

    pub fn is_disputed(&self) -> bool {
        self.response
            .as_ref()
            .is_some_and(|r| r.verdict == Verdict::Disputed)
    }

    /// 备案 is due and was not made.
    pub fn filing_overdue_on(&self, day: Day) -> bool {
        self.state == LicenceState::Effective
            && self.filing.is_none()
            && self.filing_due_on.is_some_and(|due| due < day)
    }

    /// Everyone once it has taken effect; until then its two sides, each by its own row.
    pub fn audiences(&self) -> Vec<Audience> {
        if self.state == LicenceState::Effective {
            return vec![Audience::Public];
        }
        let mut sides = vec![Audience::Organisation(self.holder.clone())];
        let other = Some(self.licensee.id()).filter(|id| **id != self.holder);
        sides.extend(other.map(|id| Audience::Organisation(id.clone())));
        sides
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}
