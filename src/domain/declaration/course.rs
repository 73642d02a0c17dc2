//! How a declaration moves: readied through the gate, submitted, announced, ended. Every rule of a step stands here
//! once, with its article.

use super::{Declaration, DeclarationState, MustWithdraw};
use crate::domain::{
    eligibility::{Block, Finding, blocked},
    file::FileRef,
    refusal::{Refusal, Refused},
    rules::Rules,
    time::Day,
};

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

impl Declaration {
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
