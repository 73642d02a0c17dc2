//! Declarations: by id, by patent, by the office's number, in lists, and those that the watch looks after.

use sqlx::QueryBuilder;

use super::{Result, Stored, Tx, document};
use crate::domain::{
    codes::AppNo,
    declaration::{Declaration, DeclarationState},
    event::{Audience, Sight},
    id::Id,
};
use document::{Column, Document, Raw, stored};

impl Document for Declaration {
    const TABLE: &'static str = "declarations";
    const COLUMNS: &'static [&'static str] = &[
        "organisation",
        "number",
        "state",
        "declaration_number",
        "live",
        "under_way",
        "must_withdraw",
        "published",
    ];

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Column> {
        // A void record gives its number free.
        let number = self
            .declaration_number
            .clone()
            .filter(|_| self.state != DeclarationState::Void);
        vec![
            self.organisation.to_string().into(),
            self.number.as_str().into(),
            self.state.as_str().into(),
            number.into(),
            self.state.is_live().into(),
            self.state.is_under_way().into(),
            self.must_withdraw.is_some().into(),
            (self.audience() == Audience::Public).into(),
        ]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, id: &Id) -> Result<Option<Stored<Declaration>>> {
    document::find(tx, id.to_string()).await
}

pub async fn list_by_ids(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Stored<Declaration>>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    document::list(tx, "id", &ids).await
}

/// Every declaration of these patents, whoever's and in whatever state.
pub async fn list_by_numbers(tx: &mut Tx, numbers: &[AppNo]) -> Result<Vec<Stored<Declaration>>> {
    let numbers: Vec<String> = numbers.iter().map(|n| n.as_str().to_owned()).collect();
    document::list(tx, "number", &numbers).await
}

/// By 开放许可声明编号.
pub async fn find_by_number(tx: &mut Tx, number: &str) -> Result<Option<Stored<Declaration>>> {
    Ok(
        document::list(tx, "declaration_number", &[number.to_owned()])
            .await?
            .pop(),
    )
}

pub async fn page_by_id(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Stored<Declaration>>> {
    document::page_by_id(tx, after, limit).await
}

/// A page of the live ones, for the watch.
pub async fn page_of_live(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<Vec<Stored<Declaration>>> {
    let rows: Vec<Raw<Declaration>> = on!(tx, conn => sqlx::query_as(
            "select version, doc, hash from declarations where live and id > $1 order by id limit $2")
        .bind(after).bind(limit).fetch_all(&mut **conn).await?);
    Ok(rows.into_iter().map(stored).collect())
}

pub async fn insert(tx: &mut Tx, declaration: Declaration) -> Result<Stored<Declaration>> {
    document::insert(tx, declaration).await
}

pub async fn update(
    tx: &mut Tx,
    declaration: Declaration,
    from: i64,
) -> Result<Stored<Declaration>> {
    document::update(tx, declaration, from).await
}

pub async fn misfiled(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<(Option<String>, Option<String>)> {
    document::misfiled::<Declaration>(tx, after, limit).await
}

/// What a list of declarations is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub organisation: Option<Id>,
    pub number: Option<AppNo>,
    pub state: Option<DeclarationState>,
    /// Those with an open duty to withdraw.
    pub must_withdraw: bool,
}

macro_rules! narrowed {
    ($query:expr, $sight:expr, $filter:expr) => {{
        let (sight, filter) = ($sight, $filter);
        match sight {
            Sight::Office => $query.push(" where true"),
            Sight::Public => $query.push(" where published"),
            Sight::Own(id) => $query
                .push(" where (published or organisation = ")
                .push_bind(id.to_string())
                .push(")"),
        };
        if let Some(id) = &filter.organisation {
            $query
                .push(" and organisation = ")
                .push_bind(id.to_string());
        }
        if let Some(number) = &filter.number {
            $query
                .push(" and number = ")
                .push_bind(number.as_str().to_owned());
        }
        if let Some(state) = filter.state {
            $query.push(" and state = ").push_bind(state.as_str());
        }
        if filter.must_withdraw {
            $query.push(" and must_withdraw");
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
) -> Result<Vec<Stored<Declaration>>> {
    let rows: Vec<Raw<Declaration>> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select version, doc, hash from declarations");
        narrowed!(query, sight, filter);
        query.push(" and id > ").push_bind(after.unwrap_or_default().to_owned());
        query.push(" order by id limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    Ok(rows.into_iter().map(stored).collect())
}

pub async fn count(tx: &mut Tx, sight: &Sight, filter: &Filter) -> Result<i64> {
    Ok(on!(tx, conn => {
        let mut query = QueryBuilder::new("select count(*) from declarations");
        narrowed!(query, sight, filter);
        query.build_query_scalar().fetch_one(&mut **conn).await?
    }))
}
