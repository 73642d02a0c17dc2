//! Licences: by id, by declaration, in lists of either side, and those that wait for something.

use sqlx::QueryBuilder;

use super::{Result, Stored, Tx, document};
use crate::domain::{
    codes::AppNo,
    event::{Audience, Sight},
    id::Id,
    licence::{Licence, LicenceState},
};
use document::{Column, Document, Raw, stored};

impl Document for Licence {
    const TABLE: &'static str = "licences";
    const COLUMNS: &'static [&'static str] = &[
        "declaration",
        "number",
        "holder",
        "licensee",
        "state",
        "filing_due_on",
        "disputed",
        "published",
    ];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        // Set while a filing is wanted, so that a list of the unfiled is one index range.
        let wanted = self.state == LicenceState::Effective && self.filing.is_none();
        let due = self.filing_due_on.filter(|_| wanted);
        vec![
            self.declaration.to_string().into(),
            self.number.as_str().into(),
            self.holder.to_string().into(),
            self.licensee.id().to_string().into(),
            self.state.as_str().into(),
            due.map(|day| day.to_string()).into(),
            (self.is_disputed() && self.state == LicenceState::Effective).into(),
            (self.audiences() == [Audience::Public]).into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Licence>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Licence>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

/// Every licence under a declaration.
pub async fn list_by_declaration(tx: &mut Tx, declaration: &Id) -> Result<Vec<Stored<Licence>>> {
    document::list(tx, "declaration", &[declaration.to_string()]).await
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Licence>>> {
    document::page_by_id(tx, after, limit).await
}

pub async fn insert(tx: &mut Tx, licence: Licence) -> Result<Stored<Licence>> {
    document::insert(tx, licence).await
}

pub async fn update(tx: &mut Tx, licence: Licence, from: i64) -> Result<Stored<Licence>> {
    document::update(tx, licence, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Licence>(tx, after, limit).await
}

/// What a list of licences is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub declaration: Option<Id>,
    pub number: Option<AppNo>,
    pub holder: Option<Id>,
    pub licensee: Option<Id>,
    /// Holder or licensee.
    pub side: Option<Id>,
    pub state: Option<LicenceState>,
    /// Those in effect that are not filed.
    pub unfiled: bool,
    pub disputed: bool,
}

macro_rules! narrowed {
    ($query:expr, $sight:expr, $filter:expr) => {{
        let (sight, filter) = ($sight, $filter);
        match sight {
            Sight::Office => $query.push(" where true"),
            Sight::Public => $query.push(" where published"),
            Sight::Own(id) => $query
                .push(" where (published or holder = ")
                .push_bind(id.to_string())
                .push(" or licensee = ")
                .push_bind(id.to_string())
                .push(")"),
        };
        let ids = [
            (" and declaration = ", &filter.declaration),
            (" and holder = ", &filter.holder),
            (" and licensee = ", &filter.licensee),
        ];
        for (condition, id) in ids {
            if let Some(id) = id {
                $query.push(condition).push_bind(id.to_string());
            }
        }
        if let Some(id) = &filter.side {
            $query
                .push(" and (holder = ")
                .push_bind(id.to_string())
                .push(" or licensee = ")
                .push_bind(id.to_string())
                .push(")");
        }
        if let Some(number) = &filter.number {
            $query
                .push(" and number = ")
                .push_bind(number.as_str().to_owned());
        }
        if let Some(state) = filter.state {
            $query.push(" and state = ").push_bind(state.as_str());
        }
        if filter.unfiled {
            $query.push(" and filing_due_on is not null");
        }
        if filter.disputed {
            $query.push(" and disputed");
        }
    }};
}

/// A page, in id order, of what this reader may see.
pub async fn page(
    tx: &mut Tx,
    sight: &Sight,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Licence>>> {
    let rows: Vec<Raw<Licence>> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select version, doc, hash from licences");
        narrowed!(query, sight, filter);
        query.push(" and id > ").push_bind(after.unwrap_or_default().to_owned());
        query.push(" order by id limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    Ok(rows.into_iter().map(stored).collect())
}

pub async fn count(tx: &mut Tx, sight: &Sight, filter: &Filter) -> Result<i64> {
    Ok(on!(tx, conn => {
        let mut query = QueryBuilder::new("select count(*) from licences");
        narrowed!(query, sight, filter);
        query.build_query_scalar().fetch_one(&mut **conn).await?
    }))
}
