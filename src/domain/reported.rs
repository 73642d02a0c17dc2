//! 上报指标: what the plan asks for beside the licences and this register cannot count. Each figure is somebody's word,
//! with its source and its document, and is shown as reported, never among what is counted.

use serde::{Deserialize, Serialize};

use super::{
    codes::region,
    event::{canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    refusal::{Refusal, Refused},
    time::Day,
    words::words,
};

words! {
    /// What is reported.
    pub enum Indicator {
        HighValuePatents = "highValuePatents", "每万人口高价值发明专利拥有量（件）", "High-value invention patents per 10,000 people";
        Trademarks = "trademarks", "有效注册商标（件）", "Registered trademarks";
        DemonstrationFirms = "demonstrationFirms", "知识产权示范优势企业（家）", "Demonstration and advantage firms";
        Satisfaction = "satisfaction", "知识产权保护社会满意度（分）", "Satisfaction with IP protection (points)";
        CaseClosure = "caseClosure", "知识产权案件结案率（%）", "Cases closed (%)";
        TrainingSessions = "trainingSessions", "培训（场次）", "Training sessions";
        TrainedPeople = "trainedPeople", "培训（人次）", "People trained";
    }
}

/// One reported figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reported {
    pub id: Id,
    pub indicator: Indicator,
    /// GB/T 2260
    #[schema(example = "371002")]
    pub district: String,
    /// The day of which it speaks.
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    /// In hundredths: 1,250 is 12.5.
    pub value_hundredths: i64,
    /// What is to be reached, in hundredths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal_hundredths: Option<i64>,
    /// 责任单位
    #[schema(example = "区市场监管局")]
    pub responsible: String,
    /// Who says so, and where: a report, a statistical bulletin.
    pub source: String,
    /// The document.
    pub file: FileRef,
}

/// The most that a figure can be, in hundredths.
pub const MOST_HUNDREDTHS: i64 = 100_000_000_000;

impl Reported {
    pub fn check(&self, today: Day) -> Result<(), Refused> {
        let values = [Some(self.value_hundredths), self.goal_hundredths];
        let fault = if values
            .iter()
            .flatten()
            .any(|v| !(0..=MOST_HUNDREDTHS).contains(v))
        {
            Refusal::new(
                "valueInvalid",
                "数值应为 0 至 10 亿，最多两位小数。",
                "A value is 0 to 1,000,000,000, with at most two decimals.",
            )
            .at("/valueHundredths")
        } else if self.on > today {
            Refusal::new(
                "dayInFuture",
                "统计日不能在今天之后。",
                "The day is in the future.",
            )
            .at("/on")
        } else if !region::is_code(&self.district) {
            Refusal::new(
                "districtInvalid",
                "区划应为六位行政区划代码，例如 371002。",
                "A district is a six-digit GB/T 2260 code.",
            )
            .at("/district")
        } else if !is_line(&self.responsible, 60) {
            Refusal::new(
                "responsibleInvalid",
                "责任单位应为 2 至 60 字。",
                "A responsible unit has 2 to 60 characters.",
            )
            .at("/responsible")
        } else if !is_line(&self.source, 200) {
            Refusal::new(
                "sourceInvalid",
                "请写明来源，2 至 200 字。",
                "Name the source in 2 to 200 characters.",
            )
            .at("/source")
        } else {
            return Ok(());
        };
        Err(fault.into())
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

/// From 2 to `most` characters on one line.
pub fn is_line(text: &str, most: usize) -> bool {
    (2..=most).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control)
}

/// `12.5` of 1,250.
pub fn decimal(hundredths: i64) -> String {
    let (whole, part) = (hundredths / 100, hundredths % 100);
    match (part % 10, part) {
        (_, 0) => whole.to_string(),
        (0, _) => format!("{whole}.{}", part / 10),
        _ => format!("{whole}.{part:02}"),
    }
}

/// Hundredths of `12.5`; `None` where it is no number with at most two decimals.
pub fn hundredths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 || whole.len() > 12 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + part)
}
