//! Declarations: by id, by patent, by the office's number, in lists, and those that the watch looks after.

use super::{Result, Stored, Tx, document};
use crate::domain::{
    codes::AppNo,
    declaration::{Declaration, DeclarationState},
    event::{Audience, Sight},
    id::Id,
};
use document::{Column, Document, Narrowing, Raw, stored};

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

/// The live ones that were made last.
pub async fn page_of_latest(tx: &mut Tx, limit: i64) -> Result<Vec<Stored<Declaration>>> {
    let mut live = Narrowing::default();
    live.sql(" and live and published");
    document::page_latest(tx, live, None, limit).await
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

impl Filter {
    fn narrowing(&self, sight: &Sight) -> Narrowing {
        let mut narrowing = Narrowing::default();
        match sight {
            Sight::Office => {}
            Sight::Public => {
                narrowing.sql(" and published");
            }
            Sight::Own(own) => {
                let seen = narrowing.sql(" and (published or organisation = ");
                seen.value(own.to_string()).sql(")");
            }
        }
        let organisation = self.organisation.as_ref().map(Id::to_string);
        narrowing.maybe(" and organisation = ", organisation);
        narrowing.maybe(" and number = ", self.number.as_ref().map(AppNo::as_str));
        narrowing.maybe(" and state = ", self.state.map(DeclarationState::as_str));
        if self.must_withdraw {
            narrowing.sql(" and must_withdraw");
        }
        narrowing
    }
}

/// A page, in id order, of what this reader may see.
pub async fn page(
    tx: &mut Tx,
    sight: &Sight,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Declaration>>> {
    document::page(tx, filter.narrowing(sight), after, limit).await
}

pub async fn count(tx: &mut Tx, sight: &Sight, filter: &Filter) -> Result<i64> {
    document::count::<Declaration>(tx, filter.narrowing(sight)).await
}
