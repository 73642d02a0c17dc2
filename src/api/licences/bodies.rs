//! What is sent about licences: a notice, a record of one taken elsewhere, and what proves each step.

use serde::Deserialize;

use crate::{
    domain::{
        eligibility::Block,
        id::Id,
        licence::{EvidenceKind, Filing, Verdict},
        money::Fen,
        time::Day,
    },
    ops::licences::{NewRecord, Taker},
};

/// Who takes a licence: an organisation by id or USCC, or an individual (officers, who received the notice).
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum NewLicensee {
    Organisation(String),
    Individual(NewIndividual),
}

/// A natural person; never published.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIndividual {
    pub name: String,
    /// A telephone number or an address.
    pub contact: String,
}

impl From<NewLicensee> for Taker {
    fn from(licensee: NewLicensee) -> Self {
        match licensee {
            NewLicensee::Organisation(reference) => Self::Organisation(reference),
            NewLicensee::Individual(person) => Self::Individual {
                name: person.name,
                contact: person.contact,
            },
        }
    }
}

/// A notice under an announced declaration.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewLicence {
    pub declaration: Id,
    /// Your own organisation when absent.
    pub licensee: Option<NewLicensee>,
    /// Risks that you have read and accept, by their codes.
    #[serde(default)]
    pub acknowledged: Vec<Block>,
    /// The licensee is foreign or from Hong Kong, Macao or Taiwan.
    #[serde(default)]
    pub cross_border: bool,
    /// Whether the licensee and the patentee are related; told to the two sides and the office alone.
    pub related: Option<bool>,
}

/// A licence that was taken elsewhere.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LicenceRecord {
    pub declaration: Id,
    pub licensee: NewLicensee,
    /// The day on which the notice reached the patentee.
    #[schema(value_type = String, format = "date")]
    pub notice_on: Day,
    #[serde(default)]
    pub payments: Vec<RecordedPayment>,
    pub filing: Option<NewFilingRecord>,
    #[serde(default)]
    pub evidence: Vec<NewEvidence>,
    #[serde(default)]
    pub cross_border: bool,
}

/// A payment that was made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordedPayment {
    /// What is announced as due at the start when absent.
    pub amount_fen: Option<Fen>,
    #[schema(value_type = String, format = "date")]
    pub paid_on: Day,
}

/// 备案
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFilingRecord {
    /// 备案号
    pub number: String,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
}

/// A document by its file.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvidence {
    pub kind: EvidenceKind,
    pub file: Id,
}

impl From<LicenceRecord> for NewRecord {
    fn from(record: LicenceRecord) -> Self {
        Self {
            declaration: record.declaration,
            licensee: record.licensee.into(),
            notice_on: record.notice_on,
            payments: record
                .payments
                .into_iter()
                .map(|p| (p.amount_fen, p.paid_on))
                .collect(),
            filing: record.filing.map(|filing| Filing {
                number: filing.number,
                on: filing.on,
            }),
            evidence: record
                .evidence
                .into_iter()
                .map(|e| (e.kind, e.file))
                .collect(),
            cross_border: record.cross_border,
        }
    }
}

/// A payment and what proves it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPayment {
    pub amount_fen: Fen,
    #[schema(value_type = String, format = "date")]
    pub paid_on: Day,
    pub proof: ProofKind,
    /// The voucher; a receipt is written here when the patentee has none.
    pub file: Option<Id>,
}

/// The payer's voucher or the patentee's receipt; either suffices.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ProofKind {
    Voucher,
    Receipt,
}

/// The letter's delivery.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDelivery {
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    /// Proof of delivery.
    pub file: Id,
}

/// The patentee's word on a notice.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    pub verdict: Verdict,
    /// Required with a dispute.
    pub statement: Option<String>,
}

/// The filing with the patent office.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFiling {
    /// 备案号
    pub number: String,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
    /// 备案证明
    pub file: Option<Id>,
}

/// Why a record is void.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnnulment {
    pub reason: String,
}
