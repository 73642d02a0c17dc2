//! A need (技术需求): what an enterprise looks for, in its own words. A draft is its own and the office's; once opened
//! it is public with the enterprise's name. Its last day is compared when somebody asks, never stored as a yes or no.

use serde::{Deserialize, Serialize};

use super::{
    codes::{AppNo, Ipc, industry, region},
    event::{Audience, canonical_json, sha256_hex},
    id::Id,
    matching::Tier,
    money::Fen,
    refusal::{Refusal, Refused},
    terms::MAX_FEN,
    text::Text,
    time::{Day, Instant},
    words::words,
};

words! {
    /// How far a need has come.
    pub enum NeedState {
        /// Its organisation's and the office's alone.
        Draft = "draft", "草稿", "Draft";
        Open = "open", "征集中", "Open";
        Closed = "closed", "已结束", "Closed";
    }
}

words! {
    /// What can be done to a need.
    pub enum NeedStep {
        /// From a draft, or again after it was closed.
        Open = "open", "公开", "Open";
        Close = "close", "结束", "Close";
    }
}

words! {
    /// What somebody thought of a patent that was shown for a need.
    pub enum FeedbackVerdict {
        Useful = "useful", "有用", "Useful";
        NotUseful = "notUseful", "不合适", "Not useful";
        /// Got in touch with the holder.
        Contacted = "contacted", "已联系", "In touch";
        /// Took a licence.
        Taken = "taken", "已取得许可", "Licence taken";
    }
}

/// Characters of a title and of a text, at most.
pub const TITLE_CHARS: usize = 80;
pub const TEXT_CHARS: usize = 4_000;
/// IPC symbols of one need, at most.
pub const CLASSES: usize = 10;

/// What an enterprise looks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Need {
    pub id: Id,
    /// Whose need it is.
    pub organisation: Id,
    pub title: String,
    /// The problem and what is wanted, in the enterprise's own words.
    pub text: String,
    /// 国民经济行业 (GB/T 4754): a section letter with up to four digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "C35")]
    pub industry: Option<String>,
    /// IPC symbols, where it knows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipc: Vec<Ipc>,
    /// The fixed fee of a first year that it is ready to pay, in fen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub budget_fen: Option<Fen>,
    /// GB/T 2260, six digits.
    #[schema(example = "371002")]
    pub region: String,
    pub state: NeedState,
    /// The last day on which it is open; without one it is open until closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub until: Option<Day>,
    /// Written for a demonstration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fictional: bool,
}

/// What is wrong with one field of a need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// JSON pointer.
    pub pointer: &'static str,
    pub code: &'static str,
    pub text: Text,
}

impl Need {
    /// Does it look for something on this day?
    pub fn is_open_on(&self, day: Day) -> bool {
        self.state == NeedState::Open && self.until.is_none_or(|until| day <= until)
    }

    /// Everyone's once it was opened; a draft is its organisation's.
    pub fn audience(&self) -> Audience {
        match self.state {
            NeedState::Draft => Audience::Organisation(self.organisation.clone()),
            NeedState::Open | NeedState::Closed => Audience::Public,
        }
    }

    /// SHA-256 of the canonical document.
    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }

    /// Everything that is wrong with it, at once.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut hold = |good: bool, pointer, code, zh: String, en: String| {
            if !good {
                let text = Text::new(zh, en);
                flaws.push(Flaw {
                    pointer,
                    code,
                    text,
                });
            }
        };
        hold(
            fits(&self.title, 2, TITLE_CHARS) && !self.title.chars().any(char::is_control),
            "/title",
            "textLength",
            format!("标题应为 2 至 {TITLE_CHARS} 字，一行。"),
            format!("The title has 2 to {TITLE_CHARS} characters in one line."),
        );
        let kept = |c: char| !c.is_control() || c == '\n';
        hold(
            fits(&self.text, 5, TEXT_CHARS) && self.text.chars().all(kept),
            "/text",
            "textLength",
            format!("需求说明应为 5 至 {TEXT_CHARS} 字。"),
            format!("The text has 5 to {TEXT_CHARS} characters."),
        );
        hold(
            self.industry.as_deref().is_none_or(industry::is_code),
            "/industry",
            "industryInvalid",
            "应为国民经济行业代码，例如 C35。".into(),
            "Must be a GB/T 4754 code such as C35.".into(),
        );
        hold(
            self.ipc.len() <= CLASSES,
            "/ipc",
            "tooMany",
            format!("最多 {CLASSES} 个分类号。"),
            format!("At most {CLASSES} symbols."),
        );
        hold(
            self.budget_fen
                .is_none_or(|budget| (Fen::ZERO..=MAX_FEN).contains(&budget)),
            "/budgetFen",
            "outOfRange",
            "预算不能为负，也不能过大。".into(),
            "The budget is negative or too large.".into(),
        );
        hold(
            region::is_code(&self.region),
            "/region",
            "regionInvalid",
            "应为六位行政区划代码，例如 371002。".into(),
            "Must be a GB/T 2260 code such as 371002.".into(),
        );
        flaws
    }

    /// Opens or closes it; the refusal says why not.
    pub fn stepped(&self, step: NeedStep, today: Day) -> Result<Self, Refused> {
        let state = match (self.state, step) {
            (NeedState::Draft | NeedState::Closed, NeedStep::Open) => NeedState::Open,
            (NeedState::Open, NeedStep::Close) => NeedState::Closed,
            (state, _) => {
                let refusal = Refusal::new(
                    "needState",
                    format!("该需求的状态是“{}”，不能再“{}”。", state.zh(), step.zh()),
                    format!(
                        "This need is {}; it cannot {} now.",
                        state.as_str(),
                        step.as_str()
                    ),
                );
                return Err(refusal.into());
            }
        };
        if state == NeedState::Open && self.until.is_some_and(|until| until < today) {
            let refusal = Refusal::new(
                "untilPast",
                "截止日已过，请先修改截止日。",
                "Its last day is over; change that first.",
            )
            .at("/until");
            return Err(refusal.into());
        }
        Ok(Self {
            state,
            ..self.clone()
        })
    }
}

fn fits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.trim().chars().count())
}

/// What somebody said of a match, with the place at which it was shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Feedback {
    pub id: Id,
    pub need: Id,
    pub number: AppNo,
    /// Its place in the list, from 1.
    pub rank: u32,
    pub verdict: FeedbackVerdict,
    /// The tier that was shown.
    pub tier: Tier,
    /// The score that was shown.
    pub score: f64,
    pub note: Option<String>,
    /// Who said it.
    pub actor: String,
    pub at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Ids;

    fn need() -> Need {
        let id = Ids::seeded(1).next(Instant::from_micros(0));
        Need {
            organisation: id.clone(),
            id,
            title: "网箱清洗".into(),
            text: "急需网箱水下清洗的办法。".into(),
            industry: Some("A04".into()),
            ipc: Vec::new(),
            budget_fen: None,
            region: "371002".into(),
            state: NeedState::Draft,
            until: Some(jiff::civil::date(2026, 12, 31)),
            fictional: false,
        }
    }

    #[test]
    fn a_need_is_open_through_its_last_day_and_a_draft_never_is() {
        let last = jiff::civil::date(2026, 12, 31);
        assert!(!need().is_open_on(last));
        let open = need().stepped(NeedStep::Open, last).expect("opens");
        assert!(open.is_open_on(last));
        assert!(!open.is_open_on(jiff::civil::date(2027, 1, 1)));
        assert_eq!(open.audience(), Audience::Public);
        let closed = open.stepped(NeedStep::Close, last).expect("closes");
        assert!(!closed.is_open_on(last));
        assert!(
            closed
                .stepped(NeedStep::Open, jiff::civil::date(2027, 1, 1))
                .is_err()
        );
        assert!(need().stepped(NeedStep::Close, last).is_err());
    }

    #[test]
    fn every_flaw_is_told_at_once() {
        let bad = Need {
            title: "x".into(),
            text: "短".into(),
            industry: Some("Z9".into()),
            budget_fen: Some(Fen(-1)),
            region: "37".into(),
            ..need()
        };
        let pointers: Vec<_> = bad.flaws().iter().map(|flaw| flaw.pointer).collect();
        assert_eq!(
            pointers,
            ["/title", "/text", "/industry", "/budgetFen", "/region"]
        );
        assert!(need().flaws().is_empty());
    }
}
