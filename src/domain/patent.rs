//! A patent: bibliographic facts, anyone's to read, keyed by the application number. Who claims it as
//! stock is a holding, not part of it.

use serde::{Deserialize, Serialize};

use super::{
    codes::{AppNo, Ipc, Locarno, PubNo},
    event::{canonical_json, sha256_hex},
    file::FileRef,
    time::Day,
    words::words,
};

words! {
    /// 专利类型, decided by the type digit of the application number.
    pub enum PatentKind {
        /// 发明
        Invention = "invention", "发明", "Invention";
        /// 实用新型
        UtilityModel = "utilityModel", "实用新型", "Utility model";
        /// 外观设计
        Design = "design", "外观设计", "Design";
    }
}

impl PatentKind {
    /// Years from the filing date (专利法第四十二条); designs filed before 2021-06-01 keep the ten years
    /// of the law of their day.
    pub fn term_years(self, filed: Day) -> i16 {
        match self {
            Self::Invention => 20,
            Self::UtilityModel => 10,
            Self::Design if filed < jiff::civil::date(2021, 6, 1) => 10,
            Self::Design => 15,
        }
    }
}

words! {
    /// 法律状态, as far as the sources tell it.
    #[derive(Default)]
    pub enum LegalStatus {
        /// 审中
        Pending = "pending", "审中", "Pending";
        /// 专利权维持
        InForce = "inForce", "专利权维持", "In force";
        /// 等年费滞纳金: in force, the annual fee is late
        FeeGrace = "feeGrace", "等年费滞纳金", "Annual fee late";
        /// 终止，等恢复
        LapsedRestorable = "lapsedRestorable", "终止，等恢复", "Lapsed, restorable";
        /// 未缴年费终止
        TerminatedFee = "terminatedFee", "未缴年费终止", "Terminated, fee unpaid";
        /// 期限届满
        Expired = "expired", "期限届满", "Expired";
        /// 放弃
        Abandoned = "abandoned", "已放弃", "Abandoned";
        /// 全部无效
        Invalidated = "invalidated", "全部无效", "Invalidated";
        /// 驳回、撤回、视为撤回
        RejectedOrWithdrawn = "rejectedOrWithdrawn", "驳回或撤回", "Refused or withdrawn";
        /// Nothing certain is known; never treated as in force
        #[default]
        Unknown = "unknown", "状态不明", "Unknown";
    }
}

/// Whether the check character was printed in the source or worked out by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum CheckSource {
    Printed,
    Computed,
}

/// How far a source record is along: a grant (B, U, S) outranks a publication (A).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// A bare list entry: neither a publication nor a grant is named.
    #[default]
    Listed,
    /// 公开 (A)
    Published,
    /// 授权公告 (B, C, U, Y, S, D)
    Granted,
}

/// Where the first applicant sits: a GB/T 2260 code (2, 4 or 6 significant digits, padded to 6) and its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Region {
    #[schema(example = "370000")]
    pub code: String,
    #[schema(example = "山东省")]
    pub name: String,
}

/// A patent's bibliographic record. Serialised, it is the public document of the feed and of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Patent {
    /// 申请号: 13 or 9 characters with check character, without dot.
    pub number: AppNo,
    pub check_source: CheckSource,
    pub kind: PatentKind,
    pub title: String,
    #[serde(rename = "abstract", default, skip_serializing_if = "Option::is_none")]
    pub abstract_text: Option<String>,
    /// 主权项: the first or main claim, as the source gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_claim: Option<String>,
    /// IPC symbols, main class first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipc: Vec<Ipc>,
    /// Locarno classes of a design.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locarno: Vec<Locarno>,
    /// 国民经济行业 codes (GB/T 4754) where the source gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub industries: Vec<String>,
    /// 申请人, in the source's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applicants: Vec<String>,
    /// 当前权利人, in the source's order (first = 第一专利权人); empty where no source names one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inventors: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub filing_date: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication_number: Option<PubNo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub publication_date: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_number: Option<PubNo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub grant_date: Option<Day>,
    pub stage: Stage,
    pub legal_status: LegalStatus,
    /// The source's own words for the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_text: Option<String>,
    /// The day for which the source vouches for the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub status_as_of: Option<Day>,
    /// The register extract or query result that vouches for it, where somebody has recorded one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_source: Option<FileRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Written for a demonstration; not a real patent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fictional: bool,
}

impl Patent {
    /// 期满终止日: the first day on which the term is over (20, 10 or 15 years from the filing date, no
    /// holiday shift: 审查指南第五部分第九章). `None` while the filing date is unknown.
    pub fn expires_on(&self) -> Option<Day> {
        let filed = self.filing_date?;
        filed
            .checked_add(jiff::Span::new().years(self.kind.term_years(filed)))
            .ok()
    }

    /// Gives a status without a day of its own the day of the file that says it.
    pub fn date_status(&mut self, exported_on: Option<Day>) {
        let says = self.legal_status != LegalStatus::Unknown || self.status_text.is_some();
        if says && self.status_as_of.is_none() {
            self.status_as_of = exported_on;
        }
    }

    /// Who owns it now, as far as known: the current owners, else the applicants.
    pub fn patentees(&self) -> &[String] {
        if self.owners.is_empty() {
            &self.applicants
        } else {
            &self.owners
        }
    }

    /// SHA-256 of the canonical document: what a reader compares to know that it has the same record.
    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}
