//! A holding: one organisation's claim to a patent as its stock. Confirmed when a current owner (or, where
//! no source names an owner, an applicant) equals the organisation's name or alias; otherwise claimed until
//! an officer confirms it from a document. Only a confirmed holding may later declare an open licence.

use serde::{Deserialize, Serialize};

use super::{
    codes::AppNo,
    event::{Audience, canonical_json, sha256_hex},
    id::Id,
    party::Organisation,
    patent::Patent,
    words::words,
};

words! {
    /// How sure it is that the patent is the organisation's.
    pub enum HoldingState {
        /// Said by the organisation; no source confirms it.
        Claimed = "claimed";
        /// A current owner or applicant bears the organisation's name.
        ConfirmedByName = "confirmedByName";
        /// An officer has seen a document.
        ConfirmedByDocument = "confirmedByDocument";
    }
}

impl HoldingState {
    pub const fn is_confirmed(self) -> bool {
        !matches!(self, Self::Claimed)
    }
}

words! {
    /// 实施状态 / 转化状态 of a stock patent.
    #[derive(Default)]
    pub enum Conversion {
        /// 未实施、未转化: the stock this marketplace is for
        Unused = "unused", "未实施", "Unused";
        /// 自行实施
        OwnUse = "ownUse", "自行实施", "Own use";
        /// 已产业化
        Industrialised = "industrialised", "已产业化", "Industrialised";
        /// 已许可
        Licensed = "licensed", "已许可", "Licensed";
        /// 已转让
        Transferred = "transferred", "已转让", "Transferred";
        /// 已作价入股
        Contributed = "contributed", "已作价入股", "Contributed as capital";
        /// Not said
        #[default]
        Unknown = "unknown", "未说明", "Not said";
    }
}

/// One organisation's stock entry for one patent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    pub id: Id,
    pub organisation: Id,
    pub number: AppNo,
    pub state: HoldingState,
    /// 第一专利权人: stock and coverage are counted for the first patentee only.
    pub first_patentee: bool,
    pub conversion: Conversion,
    /// 所属学院 or other sub-unit, as the organisation writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Shown to the public: on confirmation, unless the holder keeps it back for review.
    pub published: bool,
}

impl Holding {
    /// A new holding of `patent` by `organisation`, confirmed only where the patent itself names it.
    pub fn of(id: Id, organisation: &Organisation, patent: &Patent) -> Self {
        let mut holding = Self {
            id,
            organisation: organisation.id.clone(),
            number: patent.number.clone(),
            state: HoldingState::Claimed,
            first_patentee: false,
            conversion: Conversion::Unknown,
            unit: None,
            published: false,
        };
        holding.recheck(organisation, patent);
        holding
    }

    /// Compares the holding with the patent's present owners. A confirmation by name falls when the name is
    /// gone; one by document stands until an officer withdraws it. A claimed holding is never published.
    pub fn recheck(&mut self, organisation: &Organisation, patent: &Patent) {
        let place = patent
            .patentees()
            .iter()
            .position(|name| organisation.is_named(name));
        self.first_patentee = place == Some(0);
        let was_confirmed = self.state.is_confirmed();
        if self.state != HoldingState::ConfirmedByDocument {
            self.state = if place.is_some() {
                HoldingState::ConfirmedByName
            } else {
                HoldingState::Claimed
            };
        }
        if !self.state.is_confirmed() {
            self.published = false;
        } else if !was_confirmed {
            self.published = true;
        }
    }

    /// The register has entered new owners: whoever was confirmed by an earlier document and is not among them is a
    /// claimant again.
    pub fn transferred(&mut self, organisation: &Organisation, patent: &Patent) {
        let is_named = |name: &String| organisation.is_named(name);
        if self.state == HoldingState::ConfirmedByDocument
            && !patent.patentees().iter().any(is_named)
        {
            self.state = HoldingState::Claimed;
        }
        self.recheck(organisation, patent);
    }

    /// An officer has seen a document. What was claimed only becomes public; what the holder keeps back stays so.
    pub fn confirm_by_document(&mut self) {
        self.published |= !self.state.is_confirmed();
        self.state = HoldingState::ConfirmedByDocument;
    }

    /// An officer takes a confirmation by document back; the patent's own names decide again.
    pub fn withdraw_document(&mut self, organisation: &Organisation, patent: &Patent) {
        if self.state != HoldingState::ConfirmedByDocument {
            return;
        }
        let published = self.published;
        self.state = HoldingState::Claimed;
        self.recheck(organisation, patent);
        self.published &= published;
    }

    pub fn audience(&self) -> Audience {
        if self.published {
            Audience::Public
        } else {
            Audience::Organisation(self.organisation.clone())
        }
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}
