//! An encumbrance: what lies on a patent beside its bibliographic status: licences outside the open licence, a
//! pledge, a preservation, a suspension. Most of them stand in the way of a declaration (实施细则第八十六条);
//! a negotiated ordinary licence does not, and is never counted as an open one (专利法第五十一条第三款).

use serde::{Deserialize, Serialize};

use super::{
    codes::AppNo,
    event::{Audience, canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    time::Day,
    words::words,
};

words! {
    /// What lies on the patent.
    pub enum EncumbranceKind {
        /// 独占许可
        ExclusiveLicence = "exclusiveLicence", "独占许可", "Exclusive licence";
        /// 排他许可
        SoleLicence = "soleLicence", "排他许可", "Sole licence";
        /// 协商达成的普通许可
        OrdinaryLicence = "ordinaryLicence", "普通许可（协商）", "Negotiated ordinary licence";
        /// 质押
        Pledge = "pledge", "质押", "Pledge";
        /// 法院保全（细则第一百零四条）
        Preservation = "preservation", "保全", "Preservation";
        /// 权属纠纷中止（细则第一百零三条）
        Suspension = "suspension", "中止", "Suspension";
        /// 其他妨碍专利权有效实施的情形
        Other = "other", "其他妨碍实施的情形", "Other hindrance";
    }
}

impl EncumbranceKind {
    /// Licences that exclude everyone else, which may not stand beside an open licence (专利法第五十一条第三款).
    pub const fn excludes_others(self) -> bool {
        matches!(self, Self::ExclusiveLicence | Self::SoleLicence)
    }
}

/// One encumbrance of one patent, from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Encumbrance {
    pub id: Id,
    pub number: AppNo,
    pub kind: EncumbranceKind,
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    /// The last day, where one is agreed or ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub until: Option<Day>,
    /// The first day without it, when it was released early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub released_on: Option<Day>,
    /// Licensee, pledgee (质权人), court.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// 备案号、质押登记号: the gazette has published it, so that everyone may see the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
    /// 质权人同意实行（继续）开放许可的书面文件
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<FileRef>,
    /// The document it was recorded from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<FileRef>,
    /// The organisation whose entry it is; absent: the office's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Id>,
}

impl Encumbrance {
    pub fn is_active_on(&self, day: Day) -> bool {
        self.from <= day
            && self.until.is_none_or(|until| day <= until)
            && self.released_on.is_none_or(|released| day < released)
    }

    /// Public once the gazette has it; else of whoever recorded it.
    pub fn audience(&self) -> Audience {
        match (&self.registration, &self.organisation) {
            (Some(_), _) => Audience::Public,
            (None, Some(organisation)) => Audience::Organisation(organisation.clone()),
            (None, None) => Audience::Office,
        }
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}
