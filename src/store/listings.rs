//! Lines of announced lists from outside: by id, by line, in lists.

use super::{Result, Stored, Tx, document};
use crate::domain::{
    codes::AppNo,
    event::Sight,
    id::Id,
    listing::{Listing, ListingState},
};
use document::{Column, Document, Narrowing};

impl Document for Listing {
    const TABLE: &'static str = "listings";
    const COLUMNS: &'static [&'static str] = &["line", "number", "organisation", "state", "pilot"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.line().into(),
            self.number.as_str().into(),
            self.organisation.as_ref().map(Id::to_string).into(),
            self.state.as_str().into(),
            self.pilot.into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct ListingFilter {
    pub number: Option<AppNo>,
    pub organisation: Option<Id>,
    pub state: Option<ListingState>,
    pub pilot: Option<bool>,
}

fn narrowing(sight: &Sight, filter: &ListingFilter) -> Narrowing {
    let mut narrowing = Narrowing::default();
    match sight {
        Sight::Office => {}
        Sight::Own(id) => narrowing.maybe(" and organisation = ", Some(id.to_string())),
        Sight::Public => {
            narrowing.sql(" and false");
        }
    }
    let organisation = filter.organisation.as_ref().map(Id::to_string);
    narrowing.maybe(" and organisation = ", organisation);
    narrowing.maybe(" and number = ", filter.number.as_ref().map(AppNo::as_str));
    narrowing.maybe(" and state = ", filter.state.map(ListingState::as_str));
    narrowing.either(filter.pilot, " and pilot", " and not pilot");
    narrowing
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Listing>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Listing>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

/// Those that are known by these lines.
pub async fn list_by_lines(tx: &mut Tx, lines: &[String]) -> Result<Vec<Stored<Listing>>> {
    document::list(tx, "line", lines).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Listing>>> {
    document::page_by_id(tx, after, limit).await
}

/// A page of those that a reader may see, the latest first.
pub async fn page(
    tx: &mut Tx,
    sight: &Sight,
    filter: &ListingFilter,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Listing>>> {
    document::page_latest(tx, narrowing(sight, filter), before, limit).await
}

pub async fn count(tx: &mut Tx, sight: &Sight, filter: &ListingFilter) -> Result<i64> {
    document::count::<Listing>(tx, narrowing(sight, filter)).await
}

pub async fn insert(tx: &mut Tx, listing: Listing) -> Result<Stored<Listing>> {
    document::insert(tx, listing).await
}

pub async fn update(tx: &mut Tx, listing: Listing, from: i64) -> Result<Stored<Listing>> {
    document::update(tx, listing, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Listing>(tx, after, limit).await
}
