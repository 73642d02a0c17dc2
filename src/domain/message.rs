//! Messages: what a party is told of a legal event, in its inbox and, where mail is set up, by mail. Which events a
//! change of a record brings is decided here from the record before and after, so that no operation can forget one.

use super::{
    codes::AppNo,
    declaration::{Declaration, DeclarationState},
    event::{Audience, Noun},
    id::Id,
    licence::{Licence, LicenceState, Verdict},
    text::Text,
    time::Instant,
    words::words,
};

words! {
    /// What happened.
    pub enum MessageKind {
        NoticeGiven = "noticeGiven", "收到许可通知", "Notice given";
        NoticeDelivered = "noticeDelivered", "许可通知已送达", "Notice delivered";
        LicenceRecorded = "licenceRecorded", "许可已补录", "Licence recorded";
        PaymentRecorded = "paymentRecorded", "付款已记录", "Payment recorded";
        LicenceEffective = "licenceEffective", "许可已生效", "Licence in effect";
        LicenceConfirmed = "licenceConfirmed", "专利权人已确认", "Confirmed by the patentee";
        LicenceDisputed = "licenceDisputed", "许可有异议", "Licence disputed";
        LicenceIneffective = "licenceIneffective", "许可未能生效", "Licence of no effect";
        LicenceAnnulled = "licenceAnnulled", "许可记录作废", "Licence record struck";
        FilingRecorded = "filingRecorded", "备案已记录", "Filing recorded";
        DeclarationAnnounced = "declarationAnnounced", "声明已公告", "Declaration announced";
        DeclarationRefused = "declarationRefused", "声明不予公告", "Declaration refused";
        WithdrawalRequested = "withdrawalRequested", "已请求撤回声明", "Withdrawal requested";
        DeclarationEnded = "declarationEnded", "声明已终结", "Declaration ended";
        DeclarationAnnulled = "declarationAnnulled", "声明记录作废", "Declaration record struck";
        RoyaltyReported = "royaltyReported", "提成结算已报送", "Royalty reported";
        FollowedUp = "followedUp", "实施情况已答复", "Follow-up answered";
        RelationStated = "relationStated", "关联关系已说明", "Relation stated";
        EnquiryAsked = "enquiryAsked", "收到询问", "Enquiry received";
        EnquiryAnswered = "enquiryAnswered", "询问已答复", "Enquiry answered";
        ConsentAsked = "consentAsked", "请您同意开放许可", "Your consent is asked for";
        ConsentGiven = "consentGiven", "同意已给出", "Consent given";
        ConsentRefused = "consentRefused", "同意被拒绝", "Consent refused";
        DisputeOpened = "disputeOpened", "纠纷已登记", "Dispute opened";
        DisputeStepped = "disputeStepped", "纠纷有进展", "Dispute: a step";
        DisputeEnded = "disputeEnded", "纠纷已了结", "Dispute over";
        LicenceEnded = "licenceEnded", "许可提前终止", "Licence ended early";
        DueSoon = "dueSoon", "即将到期", "Due soon";
        Overdue = "overdue", "已逾期", "Overdue";
        MustWithdraw = "mustWithdraw", "应当撤回声明", "Must withdraw";
        HoldingConfirmed = "holdingConfirmed", "权属已确认", "Holding confirmed";
        HoldingUnconfirmed = "holdingUnconfirmed", "权属确认已撤销", "Holding no longer confirmed";
        AccountWaiting = "accountWaiting", "有账户或主体待核验", "A party waits for a check";
        LicenceUploaded = "licenceUploaded", "已上传营业执照", "Business licence uploaded";
        PartyVerified = "partyVerified", "主体已核验", "Party verified";
        PartyUnverified = "partyUnverified", "主体核验未通过", "Party not verified";
        DelegationRecorded = "delegationRecorded", "代理关系已登记", "Delegation recorded";
        DelegationEnded = "delegationEnded", "代理关系已终止", "Delegation ended";
    }
}

/// A message in an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: Id,
    /// Its place among all messages, from 1, in the order of what happened: a moment may bring several.
    pub place: i64,
    /// A party (organisation or individual), or the office; never the public.
    pub to: Audience,
    pub kind: MessageKind,
    /// `licences/ID`
    pub subject: String,
    /// The patent that it is about.
    pub number: Option<AppNo>,
    pub text: Text,
    pub at: Instant,
    pub read_at: Option<Instant>,
}

/// The record that a message speaks of.
pub fn subject(noun: Noun, key: &impl ToString) -> String {
    format!("{}/{}", noun.plural(), key.to_string())
}

/// What a licence's new state tells its two sides.
pub fn of_licence(before: Option<&Licence>, after: &Licence) -> Vec<MessageKind> {
    let mut kinds = Vec::new();
    let Some(before) = before else {
        kinds.push(if after.recorded_late {
            MessageKind::LicenceRecorded
        } else {
            MessageKind::NoticeGiven
        });
        if after.state == LicenceState::Effective && !after.recorded_late {
            kinds.push(MessageKind::LicenceEffective);
        }
        return kinds;
    };
    let mut tell = |happened: bool, kind: MessageKind| {
        if happened {
            kinds.push(kind);
        }
    };
    let verdict = |licence: &Licence| licence.response.as_ref().map(|r| r.verdict);
    let became = |state| after.state == state && before.state != state;
    tell(
        after.notice_on.is_some() && before.notice_on.is_none(),
        MessageKind::NoticeDelivered,
    );
    tell(
        after.payments.len() > before.payments.len(),
        MessageKind::PaymentRecorded,
    );
    tell(
        became(LicenceState::Effective),
        MessageKind::LicenceEffective,
    );
    tell(
        became(LicenceState::Ineffective),
        MessageKind::LicenceIneffective,
    );
    tell(became(LicenceState::Void), MessageKind::LicenceAnnulled);
    if verdict(after) != verdict(before) {
        tell(
            verdict(after) == Some(Verdict::Confirmed),
            MessageKind::LicenceConfirmed,
        );
        tell(
            verdict(after) == Some(Verdict::Disputed),
            MessageKind::LicenceDisputed,
        );
    }
    tell(after.filing != before.filing, MessageKind::FilingRecorded);
    tell(
        after.ended_on.is_some() && before.ended_on.is_none(),
        MessageKind::LicenceEnded,
    );
    kinds
}

/// What a declaration's new state tells its holder and those who hold licences under it.
pub fn of_declaration(before: Option<&Declaration>, after: &Declaration) -> Vec<MessageKind> {
    let mut kinds = Vec::new();
    if before.map(|d| d.state) != Some(after.state) {
        kinds.extend(match after.state {
            DeclarationState::Announced => Some(MessageKind::DeclarationAnnounced),
            DeclarationState::Refused => Some(MessageKind::DeclarationRefused),
            DeclarationState::WithdrawalRequested => Some(MessageKind::WithdrawalRequested),
            DeclarationState::Withdrawn
            | DeclarationState::Terminated
            | DeclarationState::Revoked
            | DeclarationState::Expired => Some(MessageKind::DeclarationEnded),
            DeclarationState::Void => Some(MessageKind::DeclarationAnnulled),
            DeclarationState::Draft | DeclarationState::Ready | DeclarationState::Submitted => None,
        });
    }
    if after.must_withdraw.is_some() && before.is_none_or(|d| d.must_withdraw.is_none()) {
        kinds.push(MessageKind::MustWithdraw);
    }
    kinds
}
