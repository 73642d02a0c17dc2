//! The review of a stock record (domain facts §5.3): the inventor fills it in, the college looks at it, the holder
//! registers it; one, two or three of these steps, as the holder sets it. Who may do what with which record stands in
//! one table here, and nowhere else.

use serde::{Deserialize, Serialize};

use super::{
    id::Id,
    refusal::{Refusal, Refused},
    time::{Day, Instant},
    words::words,
};

words! {
    /// How far a record has come.
    #[derive(Default)]
    pub enum RecordState {
        #[default]
        Draft = "draft", "待填报", "To be filled in";
        /// Sent by the inventor
        Submitted = "submitted", "已提交", "Submitted";
        /// 退回修改, with a reason
        Returned = "returned", "已退回", "Returned";
        /// 学院/二级单位审核通过
        Approved = "approved", "学院已通过", "Approved by the unit";
        /// 登记入库
        Registered = "registered", "已登记入库", "Registered";
    }
}

words! {
    /// What can be done to a record in its review.
    pub enum RecordStep {
        Submit = "submit", "提交", "Submit";
        /// By the unit
        Approve = "approve", "学院审核通过", "Approve for the unit";
        /// 登记入库, by the holder
        Register = "register", "登记入库", "Register";
        /// With a reason
        Return = "return", "退回修改", "Return";
    }
}

/// What a member of a holder answers for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", tag = "duty", deny_unknown_fields)]
pub enum Duty {
    /// All of the organisation's affairs.
    #[default]
    Officer,
    /// The records of these units.
    UnitReviewer { units: Vec<String> },
    /// The records assigned to this account.
    Inventor,
}

impl Duty {
    pub const fn zh(&self) -> &'static str {
        match self {
            Self::Officer => "经办人",
            Self::UnitReviewer { .. } => "学院审核人",
            Self::Inventor => "发明人",
        }
    }

    pub const fn en(&self) -> &'static str {
        match self {
            Self::Officer => "Officer",
            Self::UnitReviewer { .. } => "Unit reviewer",
            Self::Inventor => "Inventor",
        }
    }
}

/// How far an actor's hand reaches among the records of its organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    All,
    Units(Vec<String>),
    /// The account to which records are assigned.
    Assigned(Id),
}

/// What somebody wants to do with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    See,
    Edit,
    /// Say which account fills it in.
    Assign,
    Step(RecordStep),
}

/// What decides about a record: its unit, to whom it is assigned, how far it has come.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    pub unit: Option<&'a str>,
    pub assignee: Option<&'a Id>,
    pub state: RecordState,
}

impl Reach {
    /// May a hand that reaches so far do this? The one table of the narrower duties.
    pub fn may(&self, want: Want, standing: Standing<'_>) -> bool {
        use RecordState as S;
        let open = matches!(standing.state, S::Draft | S::Returned);
        match self {
            Self::All => true,
            Self::Units(units) => {
                let theirs = standing
                    .unit
                    .is_some_and(|unit| units.iter().any(|u| u == unit));
                theirs
                    && match want {
                        Want::See => true,
                        Want::Edit | Want::Assign => standing.state != S::Registered,
                        Want::Step(RecordStep::Submit) => open,
                        Want::Step(RecordStep::Approve | RecordStep::Return) => {
                            standing.state == S::Submitted
                        }
                        Want::Step(RecordStep::Register) => false,
                    }
            }
            Self::Assigned(account) => {
                standing.assignee == Some(account)
                    && match want {
                        Want::See => true,
                        Want::Edit | Want::Step(RecordStep::Submit) => open,
                        Want::Assign | Want::Step(_) => false,
                    }
            }
        }
    }
}

/// The longest deadline, in days.
const DAYS: i64 = 730;

/// How a holder has its records reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReviewRules {
    /// 1: the holder registers; 2: the inventor submits first; 3: the unit approves in between.
    #[schema(minimum = 1, maximum = 3)]
    pub steps: u8,
    /// Days for filling in, from the assignment or the return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill_days: Option<i64>,
    /// Days for the unit, from the submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_days: Option<i64>,
    /// Days for the holder, from the unit's approval, or from the submission where no unit approves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder_days: Option<i64>,
    /// A newly confirmed holding stays unpublished until its record is registered.
    #[serde(default)]
    pub publish_after_review: bool,
    /// 公示: a declaration is readied here only after the price was shown inside the unit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub price_publicity: bool,
    /// 内部审批: a declaration is readied here only with an approval.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub price_approval: bool,
}

impl Default for ReviewRules {
    fn default() -> Self {
        Self {
            steps: 1,
            fill_days: None,
            unit_days: None,
            holder_days: None,
            publish_after_review: false,
            price_publicity: false,
            price_approval: false,
        }
    }
}

impl ReviewRules {
    /// What is wrong with them.
    pub fn flaw(&self) -> Option<Refusal> {
        if !(1..=3).contains(&self.steps) {
            let refusal = Refusal::new(
                "outOfRange",
                "审核为一至三步。",
                "A review has one to three steps.",
            );
            return Some(refusal.at("/steps"));
        }
        let days = [
            ("/fillDays", self.fill_days),
            ("/unitDays", self.unit_days),
            ("/holderDays", self.holder_days),
        ];
        let wrong = days
            .into_iter()
            .find(|(_, days)| days.is_some_and(|days| !(1..=DAYS).contains(&days)));
        wrong.map(|(pointer, _)| {
            let zh = format!("期限为 1 至 {DAYS} 天。");
            let en = format!("A deadline is 1 to {DAYS} days.");
            Refusal::new("outOfRange", zh, en).at(pointer)
        })
    }

    /// Until when somebody is to act on a record that has just come into this state.
    pub fn due_on(&self, state: RecordState, today: Day) -> Option<Day> {
        let days = match state {
            RecordState::Draft | RecordState::Returned => self.fill_days,
            RecordState::Submitted if self.steps == 3 => self.unit_days,
            RecordState::Submitted | RecordState::Approved => self.holder_days,
            RecordState::Registered => None,
        };
        today.checked_add(jiff::Span::new().days(days?)).ok()
    }

    /// The state after a step; the refusal says why not.
    pub fn stepped(&self, from: RecordState, step: RecordStep) -> Result<RecordState, Refused> {
        use RecordState as S;
        match (step, from, self.steps) {
            (RecordStep::Submit, S::Draft | S::Returned, 2..) => Ok(S::Submitted),
            (RecordStep::Approve, S::Submitted, 3) => Ok(S::Approved),
            (RecordStep::Register, S::Approved, _)
            | (RecordStep::Register, S::Submitted, 1 | 2)
            | (RecordStep::Register, S::Draft | S::Returned, 1) => Ok(S::Registered),
            (RecordStep::Return, S::Submitted | S::Approved | S::Registered, _) => Ok(S::Returned),
            _ => Err(Refusal::new(
                "recordState",
                format!(
                    "档案的状态是“{}”，本单位审核为 {} 步，现在不能“{}”。",
                    from.zh(),
                    self.steps,
                    step.zh()
                ),
                format!(
                    "This record is {} and the review has {} step(s); it cannot {} now.",
                    from.as_str(),
                    self.steps,
                    step.as_str()
                ),
            )
            .into()),
        }
    }
}

/// One step of a record's course, which is only added to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseEntry {
    pub id: Id,
    pub record: Id,
    pub step: RecordStep,
    /// After the step.
    pub state: RecordState,
    /// The actor as the audit names it.
    pub actor: String,
    /// The name of the account, as it was then; empty for a key.
    pub name: String,
    pub note: Option<String>,
    pub at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Ids;

    fn ids() -> [Id; 2] {
        let ids = Ids::seeded(1);
        [0, 1].map(|at| ids.next(Instant::from_micros(at)))
    }

    /// Every cell: duty, whether the record is within its reach, what is wanted, in which state.
    #[test]
    fn each_duty_reaches_its_own_records_and_does_its_own_steps_alone() {
        use RecordState as S;
        let [mine, other] = ids();
        let wants = [Want::See, Want::Edit, Want::Assign]
            .into_iter()
            .chain(RecordStep::ALL.map(Want::Step));
        for want in wants {
            for state in S::ALL {
                let standing = |unit, assignee| Standing {
                    unit,
                    assignee,
                    state,
                };
                let own = standing(Some("海洋学院"), Some(&mine));
                let foreign = standing(Some("机械学院"), Some(&other));
                let nobodys = standing(None, None);
                let unit = Reach::Units(vec!["海洋学院".into(), "化学学院".into()]);
                let inventor = Reach::Assigned(mine.clone());
                for away in [foreign, nobodys] {
                    assert!(Reach::All.may(want, away));
                    assert!(!unit.may(want, away), "{want:?} {state:?}");
                    assert!(!inventor.may(want, away), "{want:?} {state:?}");
                }
                assert!(Reach::All.may(want, own));
                let open = matches!(state, S::Draft | S::Returned);
                let by_unit = match want {
                    Want::See => true,
                    Want::Edit | Want::Assign => state != S::Registered,
                    Want::Step(RecordStep::Submit) => open,
                    Want::Step(RecordStep::Approve | RecordStep::Return) => state == S::Submitted,
                    Want::Step(RecordStep::Register) => false,
                };
                assert_eq!(unit.may(want, own), by_unit, "{want:?} {state:?}");
                let by_inventor = match want {
                    Want::See => true,
                    Want::Edit | Want::Step(RecordStep::Submit) => open,
                    _ => false,
                };
                assert_eq!(inventor.may(want, own), by_inventor, "{want:?} {state:?}");
            }
        }
    }

    #[test]
    fn a_record_goes_through_as_many_steps_as_the_holder_set() {
        use RecordState as S;
        use RecordStep as T;
        let go = |steps: u8, from, step| {
            let rules = ReviewRules {
                steps,
                ..ReviewRules::default()
            };
            rules.stepped(from, step).ok()
        };
        assert_eq!(go(1, S::Draft, T::Register), Some(S::Registered));
        assert_eq!(go(1, S::Draft, T::Submit), None);
        assert_eq!(go(2, S::Draft, T::Register), None);
        assert_eq!(go(2, S::Returned, T::Submit), Some(S::Submitted));
        assert_eq!(go(2, S::Submitted, T::Approve), None);
        assert_eq!(go(2, S::Submitted, T::Register), Some(S::Registered));
        assert_eq!(go(3, S::Submitted, T::Register), None);
        assert_eq!(go(3, S::Submitted, T::Approve), Some(S::Approved));
        assert_eq!(go(3, S::Approved, T::Register), Some(S::Registered));
        for steps in 1..=3 {
            assert_eq!(go(steps, S::Registered, T::Return), Some(S::Returned));
            assert_eq!(go(steps, S::Draft, T::Return), None);
        }
    }

    #[test]
    fn the_deadline_is_that_of_whoever_is_to_act() {
        let rules = ReviewRules {
            steps: 3,
            fill_days: Some(30),
            unit_days: Some(10),
            holder_days: Some(5),
            ..ReviewRules::default()
        };
        let today = jiff::civil::date(2026, 3, 1);
        let due = |rules: &ReviewRules, state| rules.due_on(state, today).map(|d| d.to_string());
        assert_eq!(
            due(&rules, RecordState::Returned).as_deref(),
            Some("2026-03-31")
        );
        assert_eq!(
            due(&rules, RecordState::Submitted).as_deref(),
            Some("2026-03-11")
        );
        assert_eq!(
            due(&rules, RecordState::Approved).as_deref(),
            Some("2026-03-06")
        );
        assert_eq!(due(&rules, RecordState::Registered), None);
        let two = ReviewRules { steps: 2, ..rules };
        assert_eq!(
            due(&two, RecordState::Submitted).as_deref(),
            Some("2026-03-06")
        );
        let bad = ReviewRules {
            fill_days: Some(0),
            ..two
        };
        assert!(bad.flaw().is_some());
    }
}
