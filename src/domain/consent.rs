//! A consent asked for and given by an account of whoever consents: a co-owner (审查指南第五部分第十一章 3.2) or a pledgee
//! (实施细则第八十六条第（四）项). It is given to these terms and this period and to no others.

use serde::{Deserialize, Serialize};

use super::{
    codes::AppNo,
    event::{Audience, canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    terms::Terms,
    time::Day,
    words::words,
};

words! {
    /// As what somebody consents.
    pub enum ConsentRole {
        CoOwner = "coOwner", "共有人", "Co-owner";
        Pledgee = "pledgee", "质权人", "Pledgee";
    }
}

words! {
    /// Where a request stands.
    pub enum ConsentState {
        Asked = "asked", "待答复", "Asked";
        Given = "given", "已同意", "Given";
        Refused = "refused", "不同意", "Refused";
    }
}

/// A consent that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsentRequest {
    pub id: Id,
    pub declaration: Id,
    pub number: AppNo,
    /// The organisation that declares.
    pub declarer: Id,
    /// The organisation that is asked.
    pub party: Id,
    /// As the patent or the pledge names it.
    pub name: String,
    pub role: ConsentRole,
    /// The pledge, where a pledgee is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encumbrance: Option<Id>,
    /// To what it consents.
    pub terms: Terms,
    #[schema(value_type = String, format = "date")]
    pub until: Day,
    pub state: ConsentState,
    #[schema(value_type = String, format = "date")]
    pub asked_on: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub answered_on: Option<Day>,
    /// In the words of whoever answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// 同意书, written when it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<FileRef>,
}

impl ConsentRequest {
    /// Both sides', and the office's.
    pub fn audiences(&self) -> Vec<Audience> {
        [&self.declarer, &self.party]
            .into_iter()
            .map(|id| Audience::Organisation(id.clone()))
            .collect()
    }

    /// What nobody could have entered.
    pub fn is_flawed(&self) -> bool {
        self.declarer == self.party
            || (self.state == ConsentState::Asked) == self.answered_on.is_some()
            || (self.state == ConsentState::Given) != self.letter.is_some()
            || (self.role == ConsentRole::Pledgee) != self.encumbrance.is_some()
            || self.answered_on.is_some_and(|on| on < self.asked_on)
            || self.terms.check().is_err()
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

/// To what exactly a consent is given: the words of the terms and the last day, as one mark.
pub fn content_mark(terms: &Terms, until: Day) -> String {
    sha256_hex(format!("{}\n{until}", terms.sentence()).as_bytes())
}
