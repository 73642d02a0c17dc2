//! Licences: by id, by declaration, in lists of either side, and those that wait for something.

use std::collections::HashMap;

use super::{Result, Stored, Tx, document, word};
use crate::domain::{
    codes::AppNo,
    event::{Audience, Sight},
    id::Id,
    licence::{Licence, LicenceState},
};
use document::{Column, Document, Narrowing};

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

impl Filter {
    fn narrowing(&self, sight: &Sight) -> Narrowing {
        let mut narrowing = Narrowing::default();
        match sight {
            Sight::Office => {}
            Sight::Public => {
                narrowing.sql(" and published");
            }
            Sight::Own(own) => {
                let seen = narrowing.sql(" and (published or holder = ");
                let seen = seen.value(own.to_string()).sql(" or licensee = ");
                seen.value(own.to_string()).sql(")");
            }
        }
        if let Some(side) = &self.side {
            let sides = narrowing.sql(" and (holder = ").value(side.to_string());
            sides
                .sql(" or licensee = ")
                .value(side.to_string())
                .sql(")");
        }
        let id = |id: &Option<Id>| id.as_ref().map(Id::to_string);
        narrowing.maybe(" and declaration = ", id(&self.declaration));
        narrowing.maybe(" and holder = ", id(&self.holder));
        narrowing.maybe(" and licensee = ", id(&self.licensee));
        narrowing.maybe(" and number = ", self.number.as_ref().map(AppNo::as_str));
        narrowing.maybe(" and state = ", self.state.map(LicenceState::as_str));
        if self.unfiled {
            narrowing.sql(" and filing_due_on is not null");
        }
        if self.disputed {
            narrowing.sql(" and disputed");
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
) -> Result<Vec<Stored<Licence>>> {
    document::page(tx, filter.narrowing(sight), after, limit).await
}

/// A page of what this reader may see, the latest first, before this id.
pub async fn page_latest(
    tx: &mut Tx,
    sight: &Sight,
    filter: &Filter,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored<Licence>>> {
    document::page_latest(tx, filter.narrowing(sight), before, limit).await
}

pub async fn count(tx: &mut Tx, sight: &Sight, filter: &Filter) -> Result<i64> {
    document::count::<Licence>(tx, filter.narrowing(sight)).await
}

/// Of each patent of a holder how many licences are in effect, and how many notices wait.
pub async fn counts_of_holder(tx: &mut Tx, holder: &Id) -> Result<HashMap<AppNo, (usize, usize)>> {
    let rows: Vec<(String, i64, i64)> = on!(tx, conn => sqlx::query_as(
            "select number, count(*) filter (where state = 'effective'), count(*) filter (where state = 'pending') \
             from licences where holder = $1 group by number")
        .bind(holder.to_string()).fetch_all(&mut **conn).await?);
    let whole = |count: i64| usize::try_from(count).unwrap_or(0);
    rows.into_iter()
        .map(|(number, effective, pending)| {
            let number = word(&number, |text| AppNo::parse(text).ok().map(|(n, _)| n))?;
            Ok((number, (whole(effective), whole(pending))))
        })
        .collect()
}
