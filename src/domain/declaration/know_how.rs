//! The know-how annex of an offer: what help with working the patent comes with a licence. It is no part of the statutory
//! declaration and changes nothing of its terms; a licence keeps what was offered when its notice was given.

use serde::{Deserialize, Serialize};

use crate::domain::{
    refusal::{Refusal, Refused},
    words::words,
};

words! {
    /// What kind of help there is.
    pub enum KnowHowKind {
        None = "none", "不含技术指导", "No guidance";
        /// So many hours are included.
        Hours = "hours", "含技术指导学时", "Hours of guidance included";
        /// To be agreed on and paid apart.
        Paid = "paid", "另行付费的技术服务", "Paid service";
    }
}

/// Hours of guidance, at most; characters of the text, at most.
const HOURS: u32 = 2_000;
const CHARS: usize = 500;

/// 技术秘密与指导: what help comes with a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnowHow {
    pub kind: KnowHowKind,
    /// With `hours` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<u32>,
    /// What it covers; how a paid service is priced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl KnowHow {
    pub fn check(&self) -> Result<(), Refused> {
        let hours = match self.kind {
            KnowHowKind::Hours => self.hours.is_some_and(|hours| (1..=HOURS).contains(&hours)),
            KnowHowKind::None | KnowHowKind::Paid => self.hours.is_none(),
        };
        if !hours {
            return Err(Refusal::new(
                "hoursInvalid",
                format!("含技术指导学时的，请填写 1 至 {HOURS} 学时；其他情形不填学时。"),
                format!("Give 1 to {HOURS} hours where hours are included, and none otherwise."),
            )
            .at("/hours")
            .into());
        }
        let fits = self.text.as_deref().is_none_or(|text| {
            (1..=CHARS).contains(&text.chars().count())
                && text.chars().all(|c| !c.is_control() || c == '\n')
        });
        if !fits {
            return Err(Refusal::new(
                "textLength",
                format!("说明应为 1 至 {CHARS} 字。"),
                format!("The text has 1 to {CHARS} characters."),
            )
            .at("/text")
            .into());
        }
        Ok(())
    }
}
