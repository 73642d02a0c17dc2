//! Parties: the organisations that hold, license and count. A party is known by its unified social
//! credit code (统一社会信用代码, GB 32100-2015); its district comes from this record, never from an address.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::{
    codes::{Uscc, region},
    event::{canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    words::words,
};

words! {
    /// What kind of organisation it is; decides which duties apply to its stock.
    pub enum OrganisationKind {
        /// 高等院校
        University = "university";
        /// 科研院所
        Institute = "institute";
        /// 国有企业
        StateOwnedEnterprise = "stateOwnedEnterprise";
        /// 企业
        Enterprise = "enterprise";
        /// 服务机构
        ServiceBody = "serviceBody";
        /// 机关
        Government = "government";
    }
}

/// An organisation's public record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organisation {
    pub id: Id,
    pub uscc: Uscc,
    pub name: String,
    /// Former and other registered names; a patent's owner that equals one of them is this organisation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    pub kind: OrganisationKind,
    /// GB/T 2260 division by which it is counted, six digits.
    #[schema(example = "371002")]
    pub district: String,
    /// 镇街: its town or street within the district, nine digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "371002001")]
    pub town: Option<String>,
    /// It registered itself and nobody has checked it yet: it may search, keep needs and drafts, and takes no licence.
    /// Said only where so, as `fictional` is, so that the hashes of earlier records hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unverified: bool,
    /// 营业执照 that it uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_licence: Option<FileRef>,
    /// Written for a demonstration; not a real organisation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fictional: bool,
}

/// 联系方式: a business contact, and nothing more of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Contact {
    /// A person or a department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Contact {
    fn texts(&self) -> [&Option<String>; 4] {
        [&self.name, &self.telephone, &self.email, &self.address]
    }

    /// Somebody can be reached by it.
    pub fn is_usable(&self) -> bool {
        self.telephone.is_some() || self.email.is_some() || self.address.is_some()
    }

    /// Each part has 1 to 200 characters on one line.
    pub fn is_sound(&self) -> bool {
        self.texts().into_iter().flatten().all(|text| {
            (1..=200).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control)
        })
    }
}

/// A natural person who takes licences; kept apart from every record that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Individual {
    pub id: Id,
    pub name: String,
    /// A telephone number or an address.
    pub contact: String,
    /// An officer has checked who it is.
    pub verified: bool,
}

/// What is wrong with a proposed organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationError {
    #[error("a name has 2 to 200 characters, no control character, no blank at its ends")]
    Name,
    #[error("a district is six digits of GB/T 2260")]
    District,
    #[error("a town is nine digits that begin with the district's six")]
    Town,
    #[error("at most 20 aliases")]
    TooManyAliases,
}

impl Organisation {
    /// The licence that it uploads vouches for it at once, but only once: after an officer has said no, an officer
    /// looks again.
    #[must_use]
    pub fn licensed(&self, licence: FileRef) -> Self {
        let mut next = self.clone();
        next.unverified = self.unverified && self.business_licence.is_some();
        next.business_licence = Some(licence);
        next
    }

    /// Checks what the field types cannot: lengths and the district code.
    pub fn check(&self) -> Result<(), OrganisationError> {
        for name in std::iter::once(&self.name).chain(&self.aliases) {
            let length = name.chars().count();
            let blank_edge = name.trim().len() != name.len();
            if !(2..=200).contains(&length) || blank_edge || name.chars().any(char::is_control) {
                return Err(OrganisationError::Name);
            }
        }
        if self.aliases.len() > 20 {
            return Err(OrganisationError::TooManyAliases);
        }
        if !region::is_code(&self.district) {
            return Err(OrganisationError::District);
        }
        let in_district = |town: &String| region::is_town(town) && town.starts_with(&self.district);
        if !self.town.as_ref().is_none_or(in_district) {
            return Err(OrganisationError::Town);
        }
        Ok(())
    }

    /// Is this owner's or applicant's name one of ours? Width, case, brackets and spaces do not matter.
    pub fn is_named(&self, name: &str) -> bool {
        let wanted = name_key(name);
        !wanted.is_empty()
            && std::iter::once(&self.name)
                .chain(&self.aliases)
                .any(|own| name_key(own) == wanted)
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

/// A name folded for comparison: NFKC, lower case, no spaces. Nothing else: a near match is not a match.
pub fn name_key(name: &str) -> String {
    name.nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}
