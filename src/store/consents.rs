//! Consents that were asked for: by id, by declaration, in lists of either side.

use super::{Result, Stored, Tx, document};
use crate::domain::{
    consent::{ConsentRequest, ConsentState},
    event::Sight,
    id::Id,
};
use document::{Column, Document, Narrowing};

impl Document for ConsentRequest {
    const TABLE: &'static str = "consents";
    const COLUMNS: &'static [&'static str] =
        &["declaration", "number", "declarer", "party", "state"];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.declaration.to_string().into(),
            self.number.as_str().into(),
            self.declarer.to_string().into(),
            self.party.to_string().into(),
            self.state.as_str().into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct ConsentFilter {
    pub declaration: Option<Id>,
    pub state: Option<ConsentState>,
    /// Those that are asked of it.
    pub party: Option<Id>,
}

fn narrowing(sight: &Sight, filter: &ConsentFilter) -> Narrowing {
    let mut narrowing = Narrowing::default();
    match sight {
        Sight::Office => {}
        Sight::Own(own) => {
            let seen = narrowing.sql(" and (declarer = ").value(own.to_string());
            seen.sql(" or party = ").value(own.to_string()).sql(")");
        }
        Sight::Public => {
            narrowing.sql(" and false");
        }
    }
    let id = |id: &Option<Id>| id.as_ref().map(Id::to_string);
    narrowing.maybe(" and declaration = ", id(&filter.declaration));
    narrowing.maybe(" and party = ", id(&filter.party));
    narrowing.maybe(" and state = ", filter.state.map(ConsentState::as_str));
    narrowing
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<ConsentRequest>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<ConsentRequest>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

/// All that were asked for this declaration.
pub async fn list_by_declaration(
    tx: &mut Tx,
    declaration: &Id,
) -> Result<Vec<Stored<ConsentRequest>>> {
    document::list(tx, "declaration", &[declaration.to_string()]).await
}

pub async fn page_by_id(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<Vec<Stored<ConsentRequest>>> {
    document::page_by_id(tx, after, limit).await
}

/// A page of those that a reader may see, the latest first.
pub async fn page(
    tx: &mut Tx,
    sight: &Sight,
    filter: &ConsentFilter,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<ConsentRequest>>> {
    document::page_latest(tx, narrowing(sight, filter), before, limit).await
}

pub async fn count(tx: &mut Tx, sight: &Sight, filter: &ConsentFilter) -> Result<i64> {
    document::count::<ConsentRequest>(tx, narrowing(sight, filter)).await
}

pub async fn insert(tx: &mut Tx, request: ConsentRequest) -> Result<Stored<ConsentRequest>> {
    document::insert(tx, request).await
}

pub async fn update(
    tx: &mut Tx,
    request: ConsentRequest,
    from: i64,
) -> Result<Stored<ConsentRequest>> {
    document::update(tx, request, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<ConsentRequest>(tx, after, limit).await
}
