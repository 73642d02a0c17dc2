//! What a search knows of an open licence on offer: from when, until when and for how much. A day decides whether
//! it stands, never a stored yes or no, so the same record answers differently after midnight.

use serde::{Deserialize, Serialize};

use crate::domain::{
    declaration::{Declaration, KnowHowKind},
    id::Id,
    money::Fen,
    terms::FeeMode,
    time::Day,
    words::words,
};

words! {
    /// Where a patent stands on a day, as the facet `offer` counts it.
    pub enum OfferStanding {
        /// A licence can be taken by notice and payment.
        Offered = "offered", "可开放许可", "On offer";
        /// Never declared, not yet announced, or over.
        NotOffered = "notOffered", "未开放许可", "Not on offer";
    }
}

/// An announced open-licence declaration, as a result list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferHit {
    pub declaration: Id,
    /// The first day on which a licence can be taken.
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    /// The last day on which a licence can be taken.
    #[schema(value_type = String, format = "date")]
    pub until: Day,
    pub mode: FeeMode,
    /// Fixed fees due within the first year, in fen; a royalty comes on top.
    #[schema(value_type = i64)]
    pub first_year_fixed_fen: Fen,
    /// Nothing is ever due.
    pub free: bool,
    /// A share of sales or profit is due as well.
    pub royalty: bool,
    /// What help comes with a licence, where the holder says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub know_how: Option<KnowHowKind>,
}

impl OfferHit {
    /// `None` for what was never announced, and for what no day was left of (withdrawn on its first day).
    pub fn of(declaration: &Declaration) -> Option<Self> {
        let from = declaration
            .effective_on
            .filter(|_| declaration.state.was_announced())?;
        let until = declaration.last_day();
        (from <= until).then(|| Self {
            declaration: declaration.id.clone(),
            from,
            until,
            mode: declaration.terms.mode(),
            first_year_fixed_fen: declaration.terms.first_year_fixed(),
            free: declaration.terms.is_free(),
            royalty: declaration.terms.has_royalty(),
            know_how: declaration.know_how.as_ref().map(|annex| annex.kind),
        })
    }

    /// May a licence be taken on this day?
    pub fn is_on(&self, day: Day) -> bool {
        self.from <= day && day <= self.until
    }
}
