//! What a holder writes into a declaration, and the rules of its words: a draft can be changed, nothing later can.

use super::{Consent, Declaration, DeclarationState, Evaluation, Internal};
use crate::domain::{
    id::Id,
    party::Organisation,
    patent::Patent,
    refusal::{Refusal, Refused},
    terms::{MAX_EXPLANATION_CHARS, Terms},
    time::Day,
};

/// What the holder writes into a draft.
#[derive(Clone, Debug)]
pub struct Content {
    pub terms: Terms,
    pub until: Day,
    pub explanation: String,
    pub other: Option<String>,
    pub cap_override: Option<String>,
    pub evaluation: Option<Evaluation>,
    pub consents: Vec<Consent>,
    pub internal: Internal,
}

impl Content {
    /// Where nobody explains the fee the terms explain themselves; what was so written of the terms before is written
    /// anew, and what people added to it stays.
    #[must_use]
    pub fn explained(mut self, before: Option<&Declaration>) -> Self {
        let own = before.and_then(|before| before.terms.explanation());
        let added = match own {
            Some(own) => self.explanation.strip_prefix(own.as_str()),
            None => None,
        };
        let added = added.or_else(|| self.explanation.trim().is_empty().then_some(""));
        if let Some(added) = added {
            self.explanation = self.terms.explanation().unwrap_or_default() + added;
        }
        self
    }
}

impl Declaration {
    /// A draft of `organisation` for `patent`.
    pub fn draft(
        id: Id,
        organisation: &Organisation,
        patent: &Patent,
        content: Content,
    ) -> Result<Self, Refused> {
        let mut draft = Self {
            id,
            organisation: organisation.id.clone(),
            number: patent.number.clone(),
            state: DeclarationState::Draft,
            title: String::new(),
            patentees: Vec::new(),
            main_class: None,
            industry: None,
            terms: content.terms,
            until: content.until,
            explanation: content.explanation,
            other: content.other,
            cap_override: content.cap_override,
            evaluation: content.evaluation,
            consents: content.consents,
            internal: content.internal,
            commitment: None,
            submitted_on: None,
            declaration_number: None,
            effective_on: None,
            withdrawal_requested_on: None,
            ended_on: None,
            reason: None,
            sources: Vec::new(),
            recorded_late: false,
            recorder: None,
            must_withdraw: None,
            know_how: None,
            fictional: patent.fictional || organisation.fictional,
        };
        draft.describe(patent);
        draft.check_content()?;
        Ok(draft)
    }

    /// Takes over what the patent says of itself now; fixed once the declaration is submitted.
    pub fn describe(&mut self, patent: &Patent) {
        self.title.clone_from(&patent.title);
        self.patentees = patent.patentees().to_vec();
        self.main_class = patent.ipc.first().map(|ipc| ipc.as_str().to_owned());
        self.industry = patent.industries.first().cloned();
    }

    /// The draft with other content; only a draft may be changed.
    pub fn edited(&self, content: Content) -> Result<Self, Refused> {
        if self.state != DeclarationState::Draft {
            return Err(Refusal::new(
                "declarationFixed",
                format!("声明处于“{}”状态，内容不能再改。", self.state.zh()),
                format!(
                    "The declaration is {}; its content is fixed.",
                    self.state.as_str()
                ),
            )
            .cure(
                "就绪的声明可退回草稿；已公告的须撤回后重新声明。",
                "Reopen a ready one; withdraw an announced one and declare anew.",
            )
            .into());
        }
        let mut content = content;
        for consent in &mut content.consents {
            // Cited anew, a consent that was signed stays bound to what it was given to.
            let known = self.consents.iter().find(|c| c.file.id == consent.file.id);
            consent.signed = known.and_then(|known| known.signed.clone());
        }
        let next = Self {
            terms: content.terms,
            until: content.until,
            explanation: content.explanation,
            other: content.other,
            cap_override: content.cap_override,
            evaluation: content.evaluation,
            consents: content.consents,
            internal: content.internal,
            ..self.clone()
        };
        next.check_content()?;
        Ok(next)
    }

    fn check_content(&self) -> Result<(), Refused> {
        let shown = self.internal.publicity.as_ref();
        if shown.is_some_and(|shown| shown.until < shown.from) {
            return Err(Refusal::new(
                "endBeforeBegin",
                "公示的结束日不能早于开始日。",
                "The publicity ends before it begins.",
            )
            .at("/internal/publicity/until")
            .into());
        }
        let length = |text: &str| text.chars().count();
        if length(&self.explanation) > MAX_EXPLANATION_CHARS {
            return Err(Refusal::new(
                "explanationTooLong",
                format!(
                    "使用费计算说明有 {} 字，不得超过 2000 字。",
                    length(&self.explanation)
                ),
                format!(
                    "The explanation has {} characters, at most 2,000 are allowed.",
                    length(&self.explanation)
                ),
            )
            .at("/explanation")
            .by("专利审查指南第五部分第十一章3.3")
            .into());
        }
        // An explanation that says other terms than the declaration would leave what is owed in doubt.
        let told = Terms::told_by(&self.explanation);
        if told.is_some_and(|told| told != self.terms) {
            return Err(Refusal::new(
                "explanationContradicts",
                "使用费计算说明写的是另一种使用费，与声明的条款不一致。",
                "The explanation says other terms than the declaration.",
            )
            .at("/explanation")
            .by("专利法第五十条第一款")
            .cure(
                "请改写说明，或清空后由系统按条款重新生成。",
                "Rewrite it, or leave it empty to have it written from the terms.",
            )
            .into());
        }
        let texts = [
            ("/other", self.other.as_deref(), MAX_EXPLANATION_CHARS),
            ("/capOverride", self.cap_override.as_deref(), 500),
        ];
        for (pointer, text, most) in texts {
            if text.is_some_and(|text| length(text) > most || text.trim().is_empty()) {
                return Err(Refusal::new(
                    "textLength",
                    format!("应为 1 至 {most} 字；没有内容时请不要填写。"),
                    format!("1 to {most} characters; leave it out when there is nothing to say."),
                )
                .at(pointer)
                .into());
            }
        }
        Ok(())
    }
}
