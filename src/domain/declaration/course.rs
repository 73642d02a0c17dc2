//! How a declaration moves: drafted, readied through the gate, submitted, announced, ended. Every rule of a step
//! stands here once, with its article.

use super::{Consent, Declaration, DeclarationState, Evaluation, Internal, MustWithdraw};
use crate::domain::{
    eligibility::{Block, Finding, blocked},
    file::FileRef,
    id::Id,
    party::Organisation,
    patent::Patent,
    refusal::{Refusal, Refused},
    rules::Rules,
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

/// What happens to a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The holder commits to it; the gate must be clear.
    Ready {
        commitment: FileRef,
    },
    /// Back to the draft, before it was submitted.
    Reopen,
    /// Handed to the patent office; the gate must still be clear.
    Submit {
        on: Day,
    },
    /// 公告
    Announce {
        declaration_number: String,
        effective_on: Day,
        source: FileRef,
    },
    /// 不予公告
    Refuse {
        on: Day,
        reason: String,
        source: Option<FileRef>,
    },
    RequestWithdrawal {
        on: Day,
        reason: String,
    },
    /// 撤回公告
    Withdraw {
        announced_on: Day,
        source: FileRef,
    },
    /// 国务院专利行政部门终止
    Terminate {
        announced_on: Day,
        source: FileRef,
    },
    /// 国务院专利行政部门撤销
    Revoke {
        announced_on: Day,
        source: FileRef,
    },
    /// It was entered by mistake.
    Annul {
        reason: String,
    },
}

/// What was announced elsewhere, as it is recorded.
#[derive(Clone, Debug)]
pub struct Announced {
    pub declaration_number: String,
    pub effective_on: Day,
    pub source: FileRef,
    /// Withdrawn, terminated or revoked since, on a day.
    pub end: Option<(DeclarationState, Day)>,
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

    /// Enters a declaration that was announced elsewhere, by the rules of its own days.
    pub fn recorded(
        id: Id,
        organisation: &Organisation,
        patent: &Patent,
        content: Content,
        announced: Announced,
        today: Day,
        rules: &Rules,
    ) -> Result<Self, Refused> {
        let mut declaration = Self::draft(id, organisation, patent, content)?;
        declaration.state = DeclarationState::Submitted;
        declaration.recorded_late = true;
        declaration.check_term(patent, announced.effective_on)?;
        declaration = declaration.step(
            Step::Announce {
                declaration_number: announced.declaration_number,
                effective_on: announced.effective_on,
                source: announced.source.clone(),
            },
            &[],
            today,
            rules,
        )?;
        let Some((state, announced_on)) = announced.end else {
            return Ok(declaration);
        };
        let source = announced.source;
        let step = match state {
            DeclarationState::Terminated => Step::Terminate {
                announced_on,
                source,
            },
            DeclarationState::Revoked => Step::Revoke {
                announced_on,
                source,
            },
            DeclarationState::Withdrawn => Step::Withdraw {
                announced_on,
                source,
            },
            _ => return Err(Refusal::new(
                "endInvalid",
                "声明的结束只能是公告撤回、终止或者撤销；许可期限届满无须登记。",
                "A declaration's recorded end is its withdrawal, termination or revocation; expiry need not be recorded.",
            )
            .at("/end")
            .into()),
        };
        declaration.step(step, &[], today, rules)
    }

    /// The patent was granted and in term on the day of the announcement, and the licence period ends with it.
    pub fn check_term(&self, patent: &Patent, effective_on: Day) -> Result<(), Refused> {
        if let Some(granted) = patent.grant_date.filter(|granted| effective_on < *granted) {
            return Err(Refusal::new(
                "beforeGrant",
                format!("声明生效日 {effective_on} 早于授权公告日 {granted}。"),
                format!("The effective day {effective_on} is before the grant on {granted}."),
            )
            .at("/effectiveOn")
            .by("专利法实施细则第八十五条第一款")
            .into());
        }
        let end = patent.expires_on();
        let (pointer, day) = if end.is_some_and(|end| end <= effective_on) {
            ("/effectiveOn", effective_on)
        } else {
            ("/until", self.until)
        };
        if let Some(end) = end.filter(|end| *end <= day) {
            return Err(Refusal::new(
                "beyondTerm",
                format!("专利权期满终止日为 {end}，{day} 已不在期限内。"),
                format!("The patent's term is over on {end}; {day} is not within it."),
            )
            .at(pointer)
            .by("专利法第四十二条")
            .into());
        }
        Ok(())
    }

    /// The state after a step, or why it may not be taken. `findings`: what the gate finds today; it must be clear
    /// for readying and submitting.
    pub fn step(
        &self,
        step: Step,
        findings: &[Finding],
        today: Day,
        rules: &Rules,
    ) -> Result<Self, Refused> {
        use DeclarationState as S;
        let mut next = self.clone();
        let allowed: &[S] = match &step {
            Step::Ready { .. } => &[S::Draft],
            Step::Reopen | Step::Submit { .. } => &[S::Ready],
            Step::Announce { .. } | Step::Refuse { .. } => &[S::Submitted],
            Step::RequestWithdrawal { .. } => &[S::Announced],
            Step::Withdraw { .. } | Step::Terminate { .. } | Step::Revoke { .. } => {
                &[S::Announced, S::WithdrawalRequested, S::Expired]
            }
            Step::Annul { .. } => &[
                S::Submitted,
                S::Announced,
                S::WithdrawalRequested,
                S::Refused,
                S::Withdrawn,
                S::Terminated,
                S::Revoked,
                S::Expired,
            ],
        };
        if !allowed.contains(&self.state) {
            return Err(self.out_of_turn(allowed));
        }
        match step {
            Step::Ready { .. } | Step::Submit { .. } if !findings.is_empty() => {
                return Err(blocked(findings));
            }
            Step::Ready { commitment } => {
                next.commitment = Some(commitment);
                next.state = S::Ready;
            }
            Step::Reopen => {
                next.commitment = None;
                next.state = S::Draft;
            }
            Step::Submit { on } => {
                not_future("/on", on, today)?;
                next.submitted_on = Some(on);
                next.state = S::Submitted;
            }
            Step::Announce {
                declaration_number,
                effective_on,
                source,
            } => next.announce(&declaration_number, effective_on, source, today, rules)?,
            Step::Refuse { on, reason, source } => {
                not_future("/on", on, today)?;
                next.not_before_submission("/on", on)?;
                next.ended_on = Some(on);
                next.reason = Some(reason);
                next.sources.extend(source);
                next.state = S::Refused;
            }
            Step::RequestWithdrawal { on, reason } => {
                not_future("/on", on, today)?;
                next.not_before_effect("/on", on)?;
                next.withdrawal_requested_on = Some(on);
                next.reason = Some(reason);
                next.state = S::WithdrawalRequested;
            }
            Step::Withdraw {
                announced_on,
                source,
            } => next.end(S::Withdrawn, announced_on, source, today)?,
            Step::Terminate {
                announced_on,
                source,
            } => next.end(S::Terminated, announced_on, source, today)?,
            Step::Revoke {
                announced_on,
                source,
            } => next.end(S::Revoked, announced_on, source, today)?,
            Step::Annul { reason } => {
                next.reason = Some(reason);
                next.must_withdraw = None;
                next.state = S::Void;
            }
        }
        Ok(next)
    }

    fn announce(
        &mut self,
        declaration_number: &str,
        effective_on: Day,
        source: FileRef,
        today: Day,
        rules: &Rules,
    ) -> Result<(), Refused> {
        not_future("/effectiveOn", effective_on, today)?;
        let number = declaration_number.trim();
        if number.is_empty() || number.chars().count() > 100 || number.chars().any(char::is_control)
        {
            return Err(Refusal::new(
                "declarationNumberInvalid",
                "请按公告填写开放许可声明编号（1 至 100 字）。",
                "Give the declaration number as announced, 1 to 100 characters.",
            )
            .at("/declarationNumber")
            .into());
        }
        if effective_on < rules.statutory_since {
            return Err(Refusal::new(
                "pilotListing",
                format!("{} 之前公布的是试点信息，不是法定的开放许可，不计入。", rules.statutory_since),
                format!("Before {} there were pilot listings only, which are not statutory open licences.", rules.statutory_since),
            )
            .at("/effectiveOn")
            .cure("请以正式公告的声明生效日登记。", "Record the statutory announcement.")
            .into());
        }
        self.not_before_submission("/effectiveOn", effective_on)?;
        if effective_on > self.until {
            return Err(Refusal::new(
                "periodEmpty",
                format!("许可期限止于 {}，早于声明生效日。", self.until),
                format!(
                    "The licence period ends on {}, before the declaration takes effect.",
                    self.until
                ),
            )
            .at("/until")
            .into());
        }
        self.declaration_number = Some(number.to_owned());
        self.effective_on = Some(effective_on);
        self.sources.push(source);
        self.state = DeclarationState::Announced;
        Ok(())
    }

    /// 撤回、终止、撤销自公告之日起生效; earlier licences stand (专利法第五十条第二款).
    fn end(
        &mut self,
        state: DeclarationState,
        announced_on: Day,
        source: FileRef,
        today: Day,
    ) -> Result<(), Refused> {
        not_future("/announcedOn", announced_on, today)?;
        self.not_before_effect("/announcedOn", announced_on)?;
        if announced_on > self.until {
            return Err(Refusal::new(
                "alreadyExpired",
                format!("许可期限已于 {} 届满。", self.until),
                format!("Its period was over on {} already.", self.until),
            )
            .at("/announcedOn")
            .into());
        }
        self.ended_on = Some(announced_on);
        self.sources.push(source);
        self.must_withdraw = None;
        self.state = state;
        Ok(())
    }

    fn not_before_submission(&self, pointer: &'static str, day: Day) -> Result<(), Refused> {
        if self.submitted_on.is_some_and(|submitted| day < submitted) {
            return Err(Refusal::new(
                "beforeSubmission",
                "日期早于声明的提交日。",
                "The day is before the declaration was submitted.",
            )
            .at(pointer)
            .into());
        }
        Ok(())
    }

    fn not_before_effect(&self, pointer: &'static str, day: Day) -> Result<(), Refused> {
        if self.effective_on.is_some_and(|effective| day < effective) {
            return Err(Refusal::new(
                "beforeEffect",
                "日期早于声明生效日。",
                "The day is before the declaration took effect.",
            )
            .at(pointer)
            .into());
        }
        Ok(())
    }

    fn out_of_turn(&self, allowed: &[DeclarationState]) -> Refused {
        let join = |word: fn(DeclarationState) -> &'static str| {
            allowed
                .iter()
                .map(|state| word(*state))
                .collect::<Vec<_>>()
                .join("、")
        };
        Refusal::new(
            "stepOutOfTurn",
            format!(
                "声明处于“{}”状态，此步骤只能在“{}”时进行。",
                self.state.zh(),
                join(DeclarationState::zh)
            ),
            format!(
                "The declaration is {}; this step is taken from {}.",
                self.state.as_str(),
                join(DeclarationState::as_str)
            ),
        )
        .into()
    }

    /// The daily watch: what has changed by time or by the patent's state. `None`: nothing.
    pub fn watched(&self, findings: &[Finding], today: Day) -> Option<Self> {
        if !self.state.is_live() {
            return None;
        }
        let mut next = self.clone();
        if today > self.until {
            next.state = DeclarationState::Expired;
            next.ended_on = self.until.tomorrow().ok();
            next.must_withdraw = None;
            return Some(next);
        }
        let mut blocks: Vec<Block> = findings
            .iter()
            .map(|finding| finding.block)
            .filter(|block| block.lasts())
            .collect();
        blocks.sort_unstable();
        blocks.dedup();
        let known = self.must_withdraw.as_ref();
        next.must_withdraw = (!blocks.is_empty()).then(|| MustWithdraw {
            since: known.map_or(today, |task| task.since),
            blocks,
        });
        (next.must_withdraw != self.must_withdraw).then_some(next)
    }
}

/// What happened lies in the past or today.
pub fn not_future(pointer: &'static str, day: Day, today: Day) -> Result<(), Refused> {
    if day > today {
        return Err(Refusal::new(
            "dayInFuture",
            format!("{day} 在今天（{today}）之后，只能登记已经发生的事。"),
            format!("{day} is after today ({today}); only what has happened is recorded."),
        )
        .at(pointer)
        .into());
    }
    Ok(())
}
