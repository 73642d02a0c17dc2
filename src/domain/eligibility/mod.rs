//! The gate: what stands in the way of putting a patent under open licence (专利法第五十条, 实施细则第八十五、八十六条,
//! 审查指南第五部分第十一章 3). The same list is a continuing duty while the declaration is announced: whatever of it
//! arises then obliges the patentee to withdraw. For a new notice only a dead patent is a stop; the rest are risks
//! that the licensee must have read.

mod case;

pub use case::{CardStanding, Case, OwnSteps, Papers};

use super::{
    refusal::{Refusal, Refused},
    words::words,
};

words! {
    /// A reason why a patent may not be (or not stay) under open licence.
    pub enum Block {
        NotGranted = "NOT_GRANTED", "尚未授权公告或已被驳回、撤回", "Not granted";
        ExclusiveLicence = "EXCLUSIVE_LICENCE", "处于独占或者排他许可有效期内", "Under an exclusive or sole licence";
        Suspended = "SUSPENDED", "因权属纠纷或保全处于中止", "Suspended or preserved";
        FeeUnpaid = "FEE_UNPAID", "没有按照规定缴纳年费", "Annual fee not paid";
        PledgeNoConsent = "PLEDGE_NO_CONSENT", "专利权被质押，未经质权人同意", "Pledged without the pledgee's consent";
        Terminated = "TERMINATED", "专利权已经终止", "Terminated";
        Invalidated = "INVALIDATED", "专利权已被宣告全部无效", "Invalidated as a whole";
        NoEvalReport = "NO_EVAL_REPORT", "实用新型、外观设计未提交专利权评价报告", "No evaluation report";
        EvalNegative = "EVAL_NEGATIVE", "评价报告认为不符合授予专利权条件", "Negative evaluation report";
        Other = "OTHER", "其他妨碍专利权有效实施的情形", "Another hindrance";
        NotOwner = "NOT_OWNER", "声明单位未确认为专利权人", "Not confirmed as patentee";
        TermUnknown = "TERM_UNKNOWN", "申请日不明，无法计算期限", "Filing date unknown";
        TermExceeded = "TERM_EXCEEDED", "许可期限超过专利权期限", "Licence period beyond the term";
        PeriodOver = "PERIOD_OVER", "许可期限已过", "Licence period over";
        StatusUnknown = "STATUS_UNKNOWN", "法律状态不明", "Legal status unknown";
        StatusStale = "STATUS_STALE", "法律状态未及时核实", "Legal status too old";
        CoOwnerConsent = "CO_OWNER_CONSENT", "缺少共有人书面同意", "A co-owner's consent is missing";
        PromotionalWording = "PROMOTIONAL_WORDING", "含商业性宣传用语", "Promotional wording";
        FeeCap = "FEE_CAP", "使用费超过一般上限", "Fee above the usual limit";
        ContactMissing = "CONTACT_MISSING", "缺少专利权人联系方式", "Contact of the patentee missing";
        AlreadyOffered = "ALREADY_OFFERED", "该专利已有进行中的声明", "A declaration is already under way";
        CardMissing = "CARD_MISSING", "没有填写通俗卡片", "No card in plain words";
        CardFailing = "CARD_FAILING", "通俗卡片未通过质量检查", "The card fails its quality check";
        PublicityMissing = "PUBLICITY_MISSING", "内部公示没有完成", "Internal publicity not completed";
        ApprovalMissing = "APPROVAL_MISSING", "没有内部审批记录", "Internal approval missing";
    }
}

impl Block {
    /// A duty that lasts while the declaration is announced (审查指南第五部分第十一章 2.(2)); the others concern only
    /// the papers of a new declaration.
    pub const fn lasts(self) -> bool {
        matches!(
            self,
            Self::NotGranted
                | Self::ExclusiveLicence
                | Self::Suspended
                | Self::FeeUnpaid
                | Self::PledgeNoConsent
                | Self::Terminated
                | Self::Invalidated
                | Self::Other
                | Self::NotOwner
        )
    }

    /// There is no right left that could be licensed.
    pub const fn is_death(self) -> bool {
        matches!(
            self,
            Self::NotGranted | Self::Terminated | Self::Invalidated
        )
    }

    /// Where the rule stands.
    pub const fn article(self) -> Option<&'static str> {
        Some(match self {
            Self::NotGranted => "专利法实施细则第八十五条第一款",
            Self::ExclusiveLicence => "专利法实施细则第八十六条第（一）项",
            Self::Suspended => "专利法实施细则第八十六条第（二）项",
            Self::FeeUnpaid => "专利法实施细则第八十六条第（三）项",
            Self::PledgeNoConsent => "专利法实施细则第八十六条第（四）项",
            Self::Terminated | Self::Invalidated | Self::EvalNegative => {
                "专利审查指南第五部分第十一章3.1"
            }
            Self::NoEvalReport => "专利法第五十条第一款",
            Self::Other => "专利法实施细则第八十六条第（五）项",
            Self::TermExceeded => "专利法第四十二条",
            Self::PublicityMissing => "促进科技成果转化法第十八条",
            Self::CoOwnerConsent => "专利审查指南第五部分第十一章3.2",
            Self::PromotionalWording => "专利法实施细则第八十五条第三款",
            Self::FeeCap | Self::ContactMissing => "专利审查指南第五部分第十一章3.3",
            Self::NotOwner
            | Self::TermUnknown
            | Self::PeriodOver
            | Self::StatusUnknown
            | Self::StatusStale
            | Self::AlreadyOffered
            | Self::CardMissing
            | Self::CardFailing
            | Self::ApprovalMissing => {
                return None;
            }
        })
    }

    fn cure(self) -> (&'static str, &'static str) {
        match self {
            Self::NotGranted => (
                "授权公告后再声明。",
                "Declare after the grant is announced.",
            ),
            Self::ExclusiveLicence => (
                "独占或排他许可到期、解除并登记后再声明。",
                "Wait until that licence has ended or is released, and record it.",
            ),
            Self::Suspended => (
                "中止或保全解除并登记后再声明。",
                "Record the release of the suspension first.",
            ),
            Self::FeeUnpaid => (
                "补缴年费及滞纳金，并更新法律状态。",
                "Pay the fee with its surcharge, then update the status.",
            ),
            Self::PledgeNoConsent => (
                "在质押记录上补充质权人书面同意，或登记质押注销。",
                "Add the pledgee's written consent to the pledge, or record its release.",
            ),
            Self::Terminated => (
                "权利已终止；如已恢复，请凭登记簿副本更新法律状态。",
                "The right has ended; if it was restored, update the status from the register.",
            ),
            Self::Invalidated => (
                "全部无效的专利不能许可。",
                "An invalidated patent cannot be licensed.",
            ),
            Self::NoEvalReport => (
                "上传国务院专利行政部门出具的专利权评价报告并填写结论。",
                "Upload the evaluation report and state its conclusion.",
            ),
            Self::EvalNegative => (
                "评价报告结论为否定，不能声明；如有更正请上传更正后的报告。",
                "The report is negative; upload the corrected one if there is any.",
            ),
            Self::Other => (
                "该情形消除并登记后再声明。",
                "Record the end of the hindrance first.",
            ),
            Self::NotOwner => (
                "请主管部门凭权属文件确认持有关系，或更新专利的当前权利人。",
                "Have the office confirm the holding from a document, or update the owners.",
            ),
            Self::TermUnknown => ("补充申请日。", "Add the filing date."),
            Self::TermExceeded => (
                "将许可期限改到专利权期限最后一日或之前。",
                "End the licence period with the patent's last day or before.",
            ),
            Self::PeriodOver => (
                "将许可期限改到今天以后。",
                "End the licence period after today.",
            ),
            Self::StatusUnknown => (
                "凭专利登记簿副本或查询结果登记法律状态和日期。",
                "Record the legal status and its day from the register or a query.",
            ),
            Self::StatusStale => (
                "重新查询法律状态并登记查询日期。",
                "Query the legal status again and record the day.",
            ),
            Self::CoOwnerConsent => (
                "上传每一共有人的书面同意（有约定的，上传约定）。",
                "Upload the written consent of every co-owner, or the agreement between them.",
            ),
            Self::PromotionalWording => ("删去这些用语。", "Remove these words."),
            Self::FeeCap => (
                "降低标准，或填写超过上限的理由（将随声明保存）。",
                "Lower it, or give a reason, which is kept with the declaration.",
            ),
            Self::ContactMissing => (
                "填写联系人、电话或邮箱。",
                "Give a contact: name, telephone or e-mail.",
            ),
            Self::AlreadyOffered => (
                "先撤回进行中的声明；变更条件须撤回后重新声明。",
                "Withdraw the other declaration first; a change of terms is a withdrawal and a new declaration.",
            ),
            Self::CardMissing => (
                "在工作台“通俗卡片”里用大白话填写五项。",
                "Write its five items in plain words, at the desk under “Cards”.",
            ),
            Self::PublicityMissing => (
                "登记公示的起止日和材料，公示期满后再转为就绪；不需要公示的单位可在审核设置里关闭。",
                "Enter the days and the document of the publicity and wait for its end, or switch the step off in the holder's settings.",
            ),
            Self::ApprovalMissing => (
                "登记内部审批的日期和材料；不需要审批的单位可在审核设置里关闭。",
                "Enter the day and the document of the approval, or switch the step off in the holder's settings.",
            ),
            Self::CardFailing => (
                "按通俗卡片页上的检查意见改好。",
                "Mend what the check has found, as the card's page says.",
            ),
        }
    }
}

/// A block that holds, with what it was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub block: Block,
    /// Names, days, words: what exactly; empty where the block says it all.
    pub detail: String,
}

impl Finding {
    fn of(block: Block) -> Self {
        Self {
            block,
            detail: String::new(),
        }
    }

    fn with(block: Block, detail: impl Into<String>) -> Self {
        Self {
            block,
            detail: detail.into(),
        }
    }

    pub fn refusal(&self) -> Refusal {
        let block = self.block;
        let (zh, en) = if self.detail.is_empty() {
            (block.zh().to_owned(), block.en().to_owned())
        } else {
            (
                format!("{}：{}", block.zh(), self.detail),
                format!("{}: {}", block.en(), self.detail),
            )
        };
        let (cure_zh, cure_en) = block.cure();
        let mut refusal = Refusal::new(block.as_str(), zh, en).cure(cure_zh, cure_en);
        refusal.article = block.article();
        refusal
    }
}

/// All findings under one code: a new declaration is refused.
pub fn blocked(findings: &[Finding]) -> Refused {
    Refused {
        code: "blocked",
        refusals: findings.iter().map(Finding::refusal).collect(),
    }
}
