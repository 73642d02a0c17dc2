//! A question to the patentee before a notice (询问), with a clock: an answer is due so many working days later. It binds
//! nobody and is never a condition: a licence is had by notice and payment (专利法第五十一条), whatever was asked.

use serde::{Deserialize, Serialize};

use super::{
    codes::AppNo,
    event::{Audience, canonical_json, sha256_hex},
    id::Id,
    refusal::{Refusal, Refused},
    time::Day,
};

/// Characters of a question and of an answer, at most.
pub const ENQUIRY_CHARS: usize = 2_000;

/// What was asked under one announced declaration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enquiry {
    pub id: Id,
    pub declaration: Id,
    pub number: AppNo,
    /// Who is asked.
    pub holder: Id,
    /// Who asks: an organisation or an individual.
    pub asker: Id,
    pub question: String,
    #[schema(value_type = String, format = "date")]
    pub asked_on: Day,
    /// The last day for an answer.
    #[schema(value_type = String, format = "date")]
    pub due_on: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub answered_on: Option<Day>,
    /// Written for a demonstration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fictional: bool,
}

impl Enquiry {
    /// It has no answer yet.
    pub fn is_open(&self) -> bool {
        self.answer.is_none()
    }

    /// No answer, and the day for it is over.
    pub fn is_overdue_on(&self, day: Day) -> bool {
        self.is_open() && self.due_on < day
    }

    /// Whoever asks and whoever is asked.
    pub fn audiences(&self) -> Vec<Audience> {
        let mut sides = vec![Audience::Organisation(self.holder.clone())];
        if self.asker != self.holder {
            sides.push(Audience::Organisation(self.asker.clone()));
        }
        sides
    }

    /// With the patentee's answer; another one takes the place of the first.
    pub fn answered(&self, answer: &str, today: Day) -> Result<Self, Refused> {
        let answer = written("/answer", answer)?;
        if self.answer.as_ref() == Some(&answer) {
            return Ok(self.clone());
        }
        Ok(Self {
            answer: Some(answer),
            answered_on: Some(today),
            ..self.clone()
        })
    }

    /// Would nobody have been able to enter it?
    pub fn is_flawed(&self) -> bool {
        written("", &self.question).is_err()
            || self
                .answer
                .as_deref()
                .is_some_and(|text| written("", text).is_err())
            || self.answer.is_some() != self.answered_on.is_some()
            || self.due_on < self.asked_on
            || self.asker == self.holder
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

/// A text of several lines, trimmed.
pub fn written(pointer: &'static str, text: &str) -> Result<String, Refused> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    let fits = (2..=ENQUIRY_CHARS).contains(&text.chars().count())
        && text.chars().all(|c| !c.is_control() || c == '\n');
    if fits {
        return Ok(text);
    }
    Err(Refusal::new(
        "textLength",
        format!("请填写 2 至 {ENQUIRY_CHARS} 字。"),
        format!("Give 2 to {ENQUIRY_CHARS} characters."),
    )
    .at(pointer)
    .into())
}
