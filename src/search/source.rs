//! What the index needs of the database: the changes in order, and the documents as they are now. Any
//! answer may be newer than the change that led to it; the index only ever catches up.

use std::{collections::HashMap, future::Future};

use crate::domain::{
    card::CardContent,
    codes::AppNo,
    event::ChangeRow,
    holding::Conversion,
    id::Id,
    need::Need,
    patent::Patent,
    reference::{Derived, Relation},
    search::OfferHit,
};

/// A patent with its published holdings and its offers: all that one document of the index is made of.
#[derive(Clone, Debug)]
pub struct Entry {
    pub patent: Patent,
    /// Published holdings only; whatever is here becomes public.
    pub holders: Vec<Holder>,
    /// Every announced declaration that has or had a day, in any order.
    pub offers: Vec<OfferHit>,
    /// Its public card; whatever is here becomes public.
    pub card: Option<CardContent>,
    /// Industries by the classes, where the source names none; the index fills them in.
    pub derived: Derived,
}

impl Entry {
    /// Derives the industries that the source does not name.
    pub fn derive(&mut self, relation: &Relation) {
        if self.patent.industries.is_empty() {
            self.derived = relation.derive(&self.patent.ipc);
        }
    }

    /// The industries of the source, or the derived ones.
    pub fn industries(&self) -> &[String] {
        if self.patent.industries.is_empty() {
            &self.derived.industries
        } else {
            &self.patent.industries
        }
    }

    /// The offer that the index keeps. A patent has one declaration after another, never two at a time: whoever
    /// declares again has withdrawn first. So the latest one is the only one that can still be taken, and the
    /// earlier ones lie wholly in the past; of equal beginnings the one that lasts longer counts.
    pub fn offer(&self) -> Option<&OfferHit> {
        self.offers
            .iter()
            .max_by_key(|offer| (offer.from, offer.until, &offer.declaration))
    }
}

/// A need and the name of its organisation.
#[derive(Clone, Debug)]
pub struct NeedEntry {
    pub need: Need,
    pub organisation: String,
}

/// One published holding.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The holding's own id, the key of its change rows.
    pub holding: Id,
    /// The organisation.
    pub id: Id,
    pub name: String,
    /// GB/T 2260 division of the organisation, six digits.
    pub district: String,
    pub conversion: Conversion,
}

/// The database could not answer; the indexer tries again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub String);

/// The database as the index sees it.
pub trait Source: Send + Sync + 'static {
    /// The last committed change, 0 for an empty log.
    fn head(&self) -> impl Future<Output = Result<i64, SourceError>> + Send;

    /// At most `limit` changes after `seq`, in order and without a gap.
    fn changes_after(
        &self,
        seq: i64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<ChangeRow>, SourceError>> + Send;

    /// The present documents of these numbers; a number without a patent is left out.
    fn documents(
        &self,
        numbers: &[AppNo],
    ) -> impl Future<Output = Result<Vec<Entry>, SourceError>> + Send;

    /// All documents in order of number, at most `limit` after `after`.
    fn scan(
        &self,
        after: Option<&AppNo>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Entry>, SourceError>> + Send;

    /// The numbers in which this organisation has a holding, in order, at most `limit` after `after`.
    fn numbers_of(
        &self,
        organisation: &Id,
        after: Option<&AppNo>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<AppNo>, SourceError>> + Send;

    /// The numbers of these holdings, also of deleted ones where they are still known. What is left out is looked
    /// for among the holdings that the index shows.
    fn numbers_of_holdings(
        &self,
        holdings: &[Id],
    ) -> impl Future<Output = Result<HashMap<Id, AppNo>, SourceError>> + Send;

    /// The numbers of these declarations, for change rows that do not bring the record along.
    fn numbers_of_declarations(
        &self,
        declarations: &[Id],
    ) -> impl Future<Output = Result<HashMap<Id, AppNo>, SourceError>> + Send;

    /// The table by which industries are derived, as it is now.
    fn relation(&self) -> impl Future<Output = Result<Relation, SourceError>> + Send {
        async { Ok(Relation::default()) }
    }

    /// These needs as they are now; what is left out leaves the index.
    fn needs(
        &self,
        _ids: &[Id],
    ) -> impl Future<Output = Result<Vec<NeedEntry>, SourceError>> + Send {
        async { Ok(Vec::new()) }
    }

    /// Needs in id order, at most `limit` after `after`, of one organisation or of all.
    fn scan_needs(
        &self,
        _organisation: Option<&Id>,
        _after: Option<&Id>,
        _limit: usize,
    ) -> impl Future<Output = Result<Vec<NeedEntry>, SourceError>> + Send {
        async { Ok(Vec::new()) }
    }
}
