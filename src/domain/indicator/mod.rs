//! The count: what a district's open licences come to on a day, by what was known at a moment. The headline is M3,
//! distinct pairs of patent and licensee with a licence that took effect and is fully proved; M1 and M4 stand beside
//! it. Pilot listings, negotiated licences, drafts and submissions are never counted. A figure is nothing but the
//! number of its units, so that every one of them can be shown.

mod closing;
mod count;
mod forecast;
mod part;
mod quality;

use serde::{Deserialize, Serialize};

use super::{
    codes::region,
    event::{canonical_json, sha256_hex},
    id::Id,
    refusal::{Refusal, Refused},
    reported::is_line,
    time::Day,
    words::words,
};
pub use closing::{Closing, Correction, Movement, last_day, may_close, movement};
pub use count::{Count, Figure, Figures, Known, Reckoning, Seat, Unit, count, reckon, units};
pub use forecast::{BASE_RATE_BP, Forecast, Outlook, forecast};
pub use part::{Charge, Part, Slice, division};
pub use quality::{Concern, concerned, concerns};

words! {
    /// What is counted.
    pub enum Metric {
        /// 声明公告件数: patents with an announced declaration
        M1 = "m1", "声明公告专利（件）", "Patents with an announced declaration";
        /// 有效声明件数: of M1, those offered on the day
        M2 = "m2", "有效声明专利（件）", "Patents on offer";
        /// 达成许可项数: pairs of patent and licensee
        M3 = "m3", "达成开放许可（项）", "Open licences taken";
        /// 达成许可专利件数
        M4 = "m4", "达成许可专利（件）", "Patents licensed";
        /// 备案
        M5 = "m5", "已备案许可（份）", "Licences filed";
        /// 受让侧: taken by organisations of the district, whoever owns the patent
        M6 = "m6", "本区企业取得许可（项）", "Licences taken by local enterprises";
    }
}

words! {
    /// Whose district decides.
    pub enum Side {
        /// 专利权人
        Patentee = "patentee", "专利权人", "Patentee";
        /// 被许可人
        Licensee = "licensee", "被许可人", "Licensee";
    }
}

/// What a district wants to reach, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    pub id: Id,
    #[schema(example = "环翠区专利开放许可")]
    pub name: String,
    pub metric: Metric,
    /// Units to reach.
    pub value: i64,
    /// First and last day that count.
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    #[schema(value_type = String, format = "date")]
    pub to: Day,
    /// GB/T 2260
    #[schema(example = "371002")]
    pub district: String,
    pub side: Side,
    /// 责任单位: who answers for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responsible: Vec<String>,
    /// The version of these rules by which it is counted.
    pub rule: String,
}

/// The version of the rules in this file.
pub const RULE: &str = "1";

impl Target {
    /// 环翠区: at least 50 by the end of 2026 (威环政字〔2024〕6号).
    pub fn huancui(id: Id) -> Self {
        Self {
            id,
            name: "环翠区专利开放许可".into(),
            metric: Metric::M3,
            value: 50,
            from: jiff::civil::date(2024, 1, 1),
            to: jiff::civil::date(2026, 12, 31),
            district: "371002".into(),
            side: Side::Patentee,
            responsible: vec!["区科技局".into(), "区市场监管局".into()],
            rule: RULE.into(),
        }
    }

    pub fn check(&self) -> Result<(), Refused> {
        let name = self.name.trim().chars().count();
        let fault = if !(2..=100).contains(&name) || self.name.chars().any(char::is_control) {
            Refusal::new(
                "nameInvalid",
                "名称应为 2 至 100 字。",
                "A name has 2 to 100 characters.",
            )
            .at("/name")
        } else if !(1..=1_000_000).contains(&self.value) {
            Refusal::new(
                "valueInvalid",
                "目标值应为 1 至 1000000。",
                "The value is 1 to 1,000,000.",
            )
            .at("/value")
        } else if self.from > self.to {
            Refusal::new(
                "periodEmpty",
                "起始日晚于截止日。",
                "The first day is after the last.",
            )
            .at("/from")
        } else if !region::is_code(&self.district) {
            Refusal::new(
                "districtInvalid",
                "区划应为六位行政区划代码，例如 371002。",
                "A district is a six-digit GB/T 2260 code.",
            )
            .at("/district")
        } else if self.responsible.len() > 10
            || !self.responsible.iter().all(|unit| is_line(unit, 60))
        {
            Refusal::new(
                "responsibleInvalid",
                "责任单位最多 10 个，每个 2 至 60 字。",
                "At most ten responsible units of 2 to 60 characters each.",
            )
            .at("/responsible")
        } else {
            return Ok(());
        };
        Err(fault.into())
    }

    fn holds(&self, day: Day, as_of: Day) -> bool {
        self.from <= day && day <= self.to && day <= as_of
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}
