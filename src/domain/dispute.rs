//! A dispute over an open licence (专利法第五十二条): the sides consult; without agreement the office mediates or a court
//! decides. Each step has its day and its documents; it ends with an outcome. A dispute changes nothing of the licence.

use serde::{Deserialize, Serialize};

use super::{
    codes::AppNo,
    declaration::not_future,
    enquiry::written,
    event::{Audience, canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    licence::{Licence, LicenceState},
    performance::Teller,
    refusal::{Refusal, Refused},
    time::Day,
    words::words,
};

words! {
    /// Where a dispute is dealt with.
    pub enum DisputeStage {
        /// The sides talk.
        Consultation = "consultation", "当事人协商", "Consultation";
        /// 国务院专利行政部门调解; local bodies may help (实施细则第九十五条)
        Mediation = "mediation", "行政部门调解", "Mediation by the office";
        Court = "court", "人民法院起诉", "Court";
    }
}

words! {
    /// How it ended.
    pub enum DisputeOutcome {
        Settled = "settled", "协商一致", "Settled between the sides";
        Mediated = "mediated", "调解达成协议", "Settled by mediation";
        Judged = "judged", "法院裁判", "Decided by a court";
        Dropped = "dropped", "撤回或不再主张", "Dropped";
    }
}

/// Steps of one dispute, at most.
const STEPS: usize = 100;

/// One step: something done at a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisputeEntry {
    pub stage: DisputeStage,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    pub by: Teller,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileRef>,
}

/// The end of a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisputeEnd {
    pub outcome: DisputeOutcome,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
}

/// A dispute's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
    pub id: Id,
    pub licence: Id,
    pub number: AppNo,
    pub holder: Id,
    /// An organisation's or an individual's.
    pub licensee: Id,
    pub opened_by: Teller,
    pub stage: DisputeStage,
    /// In the order in which they were entered; the first one opened it.
    pub entries: Vec<DisputeEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<DisputeEnd>,
}

impl Dispute {
    /// Opened over a licence with its first entry.
    pub fn opened(
        id: Id,
        licence: &Licence,
        entry: DisputeEntry,
        today: Day,
    ) -> Result<Self, Refused> {
        if licence.state == LicenceState::Void {
            return Err(Refusal::new(
                "licenceVoid",
                "该许可记录已作废，不能就其登记纠纷。",
                "This record is void; there is nothing to dispute.",
            )
            .into());
        }
        let opened = Self {
            id,
            licence: licence.id.clone(),
            number: licence.number.clone(),
            holder: licence.holder.clone(),
            licensee: licence.licensee.id().clone(),
            opened_by: entry.by,
            stage: entry.stage,
            entries: Vec::new(),
            end: None,
        };
        opened.stepped(entry, None, today)
    }

    /// With one more entry, at its stage or a later one, and with its end where that is told.
    pub fn stepped(
        &self,
        entry: DisputeEntry,
        outcome: Option<DisputeOutcome>,
        today: Day,
    ) -> Result<Self, Refused> {
        if let Some(end) = &self.end {
            return Err(Refusal::new(
                "disputeEnded",
                format!("纠纷已于 {} 了结。", end.on),
                format!("The dispute ended on {}.", end.on),
            )
            .cure(
                "又起争议的，请另行登记一件纠纷。",
                "Open another one if there is a new dispute.",
            )
            .into());
        }
        not_future("/on", entry.on, today)?;
        if self.entries.len() >= STEPS {
            return Err(Refusal::new("tooMany", "记录过多。", "Too many entries.").into());
        }
        if entry.stage < self.stage {
            return Err(Refusal::new(
                "stageBack",
                format!("纠纷已进入“{}”。", self.stage.zh()),
                format!("The dispute has come to: {}.", self.stage.en()),
            )
            .at("/stage")
            .by("专利法第五十二条")
            .into());
        }
        if self.entries.last().is_some_and(|last| entry.on < last.on) {
            return Err(Refusal::new(
                "beforeLastEntry",
                "日期早于上一条记录。",
                "The day is before that of the last entry.",
            )
            .at("/on")
            .into());
        }
        if let Some(outcome) = outcome.filter(|outcome| !fits(*outcome, entry.stage)) {
            return Err(Refusal::new(
                "outcomeUnfit",
                format!("“{}”不会是“{}”的结果。", outcome.zh(), entry.stage.zh()),
                format!(
                    "{:?} cannot be what {:?} came to.",
                    outcome.en(),
                    entry.stage.en()
                ),
            )
            .at("/outcome")
            .into());
        }
        let mut next = self.clone();
        next.end = outcome.map(|outcome| DisputeEnd {
            outcome,
            on: entry.on,
        });
        next.stage = entry.stage;
        next.entries.push(DisputeEntry {
            text: written("/text", &entry.text)?,
            ..entry
        });
        Ok(next)
    }

    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// The day on which it was opened.
    pub fn opened_on(&self) -> Option<Day> {
        self.entries.first().map(|entry| entry.on)
    }

    /// The two sides.
    pub fn audiences(&self) -> Vec<Audience> {
        let mut sides = vec![Audience::Organisation(self.holder.clone())];
        if self.licensee != self.holder {
            sides.push(Audience::Organisation(self.licensee.clone()));
        }
        sides
    }

    /// Would nobody have been able to enter it?
    pub fn is_flawed(&self) -> bool {
        let sound = self
            .entries
            .first()
            .is_some_and(|entry| entry.by == self.opened_by)
            && self
                .entries
                .last()
                .is_some_and(|entry| entry.stage == self.stage)
            && self
                .entries
                .is_sorted_by_key(|entry| (entry.stage, entry.on))
            && self
                .entries
                .iter()
                .all(|entry| written("", &entry.text).is_ok())
            && self
                .end
                .as_ref()
                .is_none_or(|end| fits(end.outcome, self.stage));
        !sound
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

/// A court decides nothing before it was asked; the sides may agree at any time.
const fn fits(outcome: DisputeOutcome, stage: DisputeStage) -> bool {
    match outcome {
        DisputeOutcome::Settled | DisputeOutcome::Dropped => true,
        DisputeOutcome::Mediated => matches!(stage, DisputeStage::Mediation | DisputeStage::Court),
        DisputeOutcome::Judged => matches!(stage, DisputeStage::Court),
    }
}
