//! What is sent about declarations: a draft's content, a record of an announced one, a step.

use serde::Deserialize;

use crate::{
    domain::{
        declaration::{Conclusion, DeclarationState},
        id::Id,
        party::Contact,
        terms::Terms,
        time::Day,
    },
    ops::declarations::{Asked, Steps, Written},
};

/// 专利权评价报告
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvaluation {
    /// Of an uploaded file.
    pub file: Id,
    pub conclusion: Conclusion,
}

/// A co-owner's written consent.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsent {
    /// The co-owner, as the patent names it.
    pub name: String,
    /// Of an uploaded file.
    pub file: Id,
}

/// 公示: 成果名称和拟交易价格 were shown inside the unit.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPublicity {
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    /// Its last day.
    #[schema(value_type = String, format = "date")]
    pub until: Day,
    /// Of an uploaded file.
    pub file: Id,
}

/// 内部审批
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApproval {
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    /// Of an uploaded file.
    pub file: Id,
}

/// 内部程序 before a declaration, where the holder has them.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInternal {
    pub publicity: Option<NewPublicity>,
    pub approval: Option<NewApproval>,
}

impl From<NewInternal> for Steps {
    fn from(new: NewInternal) -> Self {
        Self {
            publicity: new.publicity.map(|p| (p.from, p.until, p.file)),
            approval: new.approval.map(|a| (a.on, a.file)),
        }
    }
}

/// A body that holds a declaration's content and more.
macro_rules! with_content {
    ($(#[$about:meta])* pub struct $name:ident { $($(#[$meta:meta])* pub $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $($(#[$meta])* pub $field: $kind,)*
            /// 支付方式、标准
            pub terms: Terms,
            /// 许可期限: its last day.
            #[schema(value_type = String, format = "date")]
            pub until: Day,
            /// 许可使用费计算依据和方式的简要说明, at most 2,000 characters. Left empty, a draft's
            /// is written from its terms.
            #[serde(default)]
            pub explanation: String,
            /// 其他需要明确的事项
            pub other: Option<String>,
            /// Why a fee exceeds the usual limits.
            pub cap_override: Option<String>,
            pub evaluation: Option<NewEvaluation>,
            #[serde(default)]
            pub consents: Vec<NewConsent>,
            /// 公示与内部审批, where the holder has them.
            #[serde(default)]
            pub internal: NewInternal,
            pub contact: Option<Contact>,
        }

        impl $name {
            pub(super) fn written(&mut self) -> Written {
                Written {
                    terms: self.terms.clone(),
                    until: self.until,
                    explanation: std::mem::take(&mut self.explanation),
                    other: self.other.take(),
                    cap_override: self.cap_override.take(),
                    evaluation: self.evaluation.take().map(|e| (e.file, e.conclusion)),
                    consents: self.consents.drain(..).map(|c| (c.name, c.file)).collect(),
                    internal: std::mem::take(&mut self.internal).into(),
                    contact: self.contact.take(),
                }
            }
        }
    };
}

with_content! {
    /// A declaration to be drafted.
    pub struct NewDeclaration {
        /// Id or USCC of the declaring patentee; your own organisation when absent.
        pub organisation: Option<String>,
        /// 专利号 in any notation.
        #[schema(example = "ZL201910699568.X")]
        pub number: String,
    }
}

with_content! {
    /// A draft's content, whole.
    pub struct DeclarationContent {}
}

with_content! {
    /// A declaration that was announced elsewhere.
    pub struct DeclarationRecord {
        /// Id or USCC of the declaring patentee; your own organisation when absent.
        pub organisation: Option<String>,
        /// 专利号 in any notation.
        #[schema(example = "ZL201910699568.X")]
        pub number: String,
        /// 开放许可声明编号
        pub declaration_number: String,
        /// 声明生效日
        #[schema(value_type = String, format = "date")]
        pub effective_on: Day,
        /// The announcement, an uploaded file.
        pub source: Id,
        /// Whether and when its end was announced since.
        pub ended: Option<Ended>,
    }
}

/// The announced end of a declaration.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ended {
    pub how: EndedHow,
    #[schema(value_type = String, format = "date")]
    pub announced_on: Day,
}

/// How a declaration ended.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum EndedHow {
    Withdrawn,
    Terminated,
    Revoked,
}

impl From<EndedHow> for DeclarationState {
    fn from(how: EndedHow) -> Self {
        match how {
            EndedHow::Withdrawn => Self::Withdrawn,
            EndedHow::Terminated => Self::Terminated,
            EndedHow::Revoked => Self::Revoked,
        }
    }
}

/// One step of a declaration's course.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(
    tag = "step",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum NewStep {
    /// Commit to it; the gate must be clear.
    Ready,
    /// Back to the draft.
    Reopen,
    /// Handed to the patent office.
    Submit {
        #[schema(value_type = String, format = "date")]
        on: Day,
    },
    /// The patent office has announced it.
    Announce {
        declaration_number: String,
        #[schema(value_type = String, format = "date")]
        effective_on: Day,
        source: Id,
    },
    /// The patent office has refused it.
    Refuse {
        #[schema(value_type = String, format = "date")]
        on: Day,
        reason: String,
        source: Option<Id>,
    },
    RequestWithdrawal {
        #[schema(value_type = String, format = "date")]
        on: Day,
        reason: String,
    },
    /// The withdrawal was announced; from that day on no licence can be taken.
    Withdraw {
        #[schema(value_type = String, format = "date")]
        announced_on: Day,
        source: Id,
    },
    /// The patent office has terminated it.
    Terminate {
        #[schema(value_type = String, format = "date")]
        announced_on: Day,
        source: Id,
    },
    /// The patent office has revoked it.
    Revoke {
        #[schema(value_type = String, format = "date")]
        announced_on: Day,
        source: Id,
    },
    /// It was entered by mistake (officers).
    Annul { reason: String },
}

impl From<NewStep> for Asked {
    fn from(step: NewStep) -> Self {
        match step {
            NewStep::Ready => Self::Ready,
            NewStep::Reopen => Self::Reopen,
            NewStep::Submit { on } => Self::Submit { on },
            NewStep::Announce {
                declaration_number,
                effective_on,
                source,
            } => Self::Announce {
                declaration_number,
                effective_on,
                source,
            },
            NewStep::Refuse { on, reason, source } => Self::Refuse { on, reason, source },
            NewStep::RequestWithdrawal { on, reason } => Self::RequestWithdrawal { on, reason },
            NewStep::Withdraw {
                announced_on,
                source,
            } => Self::Withdraw {
                announced_on,
                source,
            },
            NewStep::Terminate {
                announced_on,
                source,
            } => Self::Terminate {
                announced_on,
                source,
            },
            NewStep::Revoke {
                announced_on,
                source,
            } => Self::Revoke {
                announced_on,
                source,
            },
            NewStep::Annul { reason } => Self::Annul { reason },
        }
    }
}
