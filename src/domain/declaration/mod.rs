//! An open-licence declaration (专利开放许可声明, 专利法第五十条): drafted and submitted here, but announced,
//! withdrawn, terminated and revoked by the patent office alone. Its terms never change once submitted: another
//! price is a withdrawal and a new declaration. What was announced elsewhere enters in its real state.

mod content;
mod course;
mod know_how;
mod recorded;

pub use content::Content;
pub use course::{Step, not_future};
pub use know_how::{KnowHow, KnowHowKind};
pub use recorded::Announced;

use serde::{Deserialize, Serialize};

use super::{
    access::Role,
    codes::AppNo,
    consent::content_mark,
    eligibility::Block,
    event::{Audience, canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    party::name_key,
    refusal::{Refusal, Refused},
    terms::Terms,
    time::Day,
    words::words,
};

words! {
    /// Where a declaration stands.
    pub enum DeclarationState {
        /// 草稿
        Draft = "draft", "草稿", "Draft";
        /// 就绪: passed the gate, committed to
        Ready = "ready", "就绪", "Ready";
        /// 已提交国务院专利行政部门
        Submitted = "submitted", "已提交", "Submitted";
        /// 已公告: licences may be taken
        Announced = "announced", "已公告", "Announced";
        /// 不予公告
        Refused = "refused", "不予公告", "Refused";
        /// 已请求撤回: still announced, licences may be taken
        WithdrawalRequested = "withdrawalRequested", "已请求撤回", "Withdrawal requested";
        /// 已公告撤回
        Withdrawn = "withdrawn", "已撤回", "Withdrawn";
        /// 被终止
        Terminated = "terminated", "已终止", "Terminated by the patent office";
        /// 被撤销
        Revoked = "revoked", "已撤销", "Revoked by the patent office";
        /// 许可期限届满
        Expired = "expired", "已届满", "Expired";
        /// Entered by mistake; never happened
        Void = "void", "作废（误录）", "Void (entered by mistake)";
    }
}

impl DeclarationState {
    /// Announced, and nothing announced against it yet.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Announced | Self::WithdrawalRequested)
    }

    /// The patent office has announced it at some time: it is public, and counted.
    pub const fn was_announced(self) -> bool {
        matches!(
            self,
            Self::Announced
                | Self::WithdrawalRequested
                | Self::Withdrawn
                | Self::Terminated
                | Self::Revoked
                | Self::Expired
        )
    }

    /// Its holder is still about it: no second declaration of the same patent beside it.
    pub const fn is_under_way(self) -> bool {
        matches!(
            self,
            Self::Ready | Self::Submitted | Self::Announced | Self::WithdrawalRequested
        )
    }
}

words! {
    /// What a 专利权评价报告 finds.
    pub enum Conclusion {
        /// 未发现不符合授予专利权条件的缺陷
        Positive = "positive", "未发现缺陷", "No defect found";
        /// Some claims are affected; a person has judged it sufficient
        Partial = "partial", "部分权利要求存在缺陷", "Defects in some claims";
        /// 不符合授予专利权条件
        Negative = "negative", "不符合授权条件", "Negative";
    }
}

/// 专利权评价报告 (实用新型、外观设计).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evaluation {
    pub file: FileRef,
    pub conclusion: Conclusion,
}

/// A co-owner's written consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Consent {
    /// The co-owner, as the patent names it.
    pub name: String,
    pub file: FileRef,
    /// It was given by the co-owner's own account: to what, as a mark of terms and period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
}

impl Consent {
    pub fn is_of(&self, name: &str) -> bool {
        name_key(&self.name) == name_key(name)
    }
}

/// 内部程序: what some holders do before they declare; optional, and never a matter of patent law.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Internal {
    /// 公示 (促进科技成果转化法第十八条)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publicity: Option<Publicity>,
    /// 内部审批
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
}

impl Internal {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// 公示: 成果名称和拟交易价格 were shown inside the unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Publicity {
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    /// Its last day.
    #[schema(value_type = String, format = "date")]
    pub until: Day,
    pub file: FileRef,
}

/// 内部审批
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = InternalApproval)]
pub struct Approval {
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    pub file: FileRef,
}

/// Blocks under an announced declaration: its patentee must withdraw it and tell the licensees
/// (审查指南第五部分第十一章 2.(2)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MustWithdraw {
    /// The day on which it was noticed here.
    #[schema(value_type = String, format = "date")]
    pub since: Day,
    pub blocks: Vec<Block>,
}

/// A declaration's record; public once announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Declaration {
    pub id: Id,
    /// The declaring patentee.
    pub organisation: Id,
    pub number: AppNo,
    pub state: DeclarationState,
    /// 发明名称, 专利权人, 主分类号 as of the declaration.
    pub title: String,
    pub patentees: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_class: Option<String>,
    /// 国民经济行业 (GB/T 4754) by which it is counted, where a source gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    /// 支付方式、标准
    pub terms: Terms,
    /// 许可期限: its last day.
    #[schema(value_type = String, format = "date")]
    pub until: Day,
    /// 许可使用费计算依据和方式的简要说明, at most 2,000 characters.
    pub explanation: String,
    /// 其他需要明确的事项
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// Why a fee exceeds the usual limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_override: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<Consent>,
    /// 公示与内部审批, where the holder has them.
    #[serde(default, skip_serializing_if = "Internal::is_empty")]
    pub internal: Internal,
    /// 符合开放许可声明条件的承诺, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<FileRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub submitted_on: Option<Day>,
    /// 开放许可声明编号
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration_number: Option<String>,
    /// 声明生效日 = the day of its announcement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub effective_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub withdrawal_requested_on: Option<Day>,
    /// The first day without it: withdrawal, termination or revocation announced, or the period over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub ended_on: Option<Day>,
    /// Why it was refused, is to be withdrawn, or is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The announcements and decisions it was recorded from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<FileRef>,
    /// It was announced elsewhere and recorded here afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recorded_late: bool,
    /// Who recorded it, where it was recorded afterwards; the change row names the account or key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorder: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_withdraw: Option<MustWithdraw>,
    /// What help comes with a licence; beside the statutory declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub know_how: Option<KnowHow>,
    /// Written for a demonstration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fictional: bool,
}

impl Declaration {
    /// Has this co-owner consented: by a document, or by its account to these very terms and period?
    pub fn has_consent_of(&self, name: &str) -> bool {
        let mark = content_mark(&self.terms, self.until);
        self.consents.iter().any(|consent| {
            consent.is_of(name) && consent.signed.as_ref().is_none_or(|signed| *signed == mark)
        })
    }

    /// May a licence be taken on this day? From the day of announcement, before the day on which its end is
    /// announced, within its period.
    pub fn is_offered_on(&self, day: Day) -> bool {
        self.state.was_announced()
            && self.effective_on.is_some_and(|effective| effective <= day)
            && self.ended_on.is_none_or(|ended| day < ended)
            && day <= self.until
    }

    /// The last day on which a licence may be taken, by what is known.
    pub fn last_day(&self) -> Day {
        let before_end = self.ended_on.and_then(|ended| ended.yesterday().ok());
        before_end.map_or(self.until, |day| day.min(self.until))
    }

    /// With another annex, as long as licences may come of it.
    pub fn annexed(&self, know_how: KnowHow) -> Result<Self, Refused> {
        let open = self.state == DeclarationState::Draft || self.state.is_under_way();
        if !open {
            return Err(Refusal::new(
                "declarationEnded",
                "声明已经结束，不能再改技术指导附件。",
                "The declaration is over; its annex cannot change.",
            )
            .into());
        }
        know_how.check()?;
        Ok(Self {
            know_how: Some(know_how),
            ..self.clone()
        })
    }

    pub fn audience(&self) -> Audience {
        if self.state.was_announced() {
            Audience::Public
        } else {
            Audience::Organisation(self.organisation.clone())
        }
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}
