//! Finding patents (from the index alone) and reading one (from the database).

use super::{Error, Fault, Result, Services};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        event::Audience,
        holding::Holding,
        party::Organisation,
        patent::Patent,
        search::{Found, Hit, Query},
    },
    search,
    store::{self, Stored, holdings, organisations, patents},
};

impl From<search::Error> for Error {
    fn from(error: search::Error) -> Self {
        match error {
            search::Error::NotReady => Self::NotReady,
            search::Error::Busy => Self::Busy,
            search::Error::CursorInvalid => Self::CursorInvalid,
            search::Error::CursorMismatch => Self::CursorMismatch,
            search::Error::CursorExpired => Self::CursorExpired,
            search::Error::NotFound => Self::NotFound("patent"),
            search::Error::Filter(name) => Self::from(Fault::new(
                format!("?{name}"),
                "valueInvalid",
                "取值无法识别，请核对。",
                "The value cannot be read; check it.",
            )),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// A patent with those of its holdings that this reader may see.
pub struct PatentRecord {
    pub patent: Stored<Patent>,
    pub holders: Vec<(Stored<Holding>, Organisation)>,
}

/// Reads an application number in any notation.
pub fn parse_number(text: &str) -> Result<AppNo> {
    AppNo::parse(text)
        .map(|(number, _)| number)
        .map_err(Error::Number)
}

/// Searches; the reader's sight is put in here, whatever the caller wrote.
pub async fn search(services: &Services, actor: &Actor, mut query: Query) -> Result<Found> {
    access::check(actor, Operation::SearchPatents, None)?;
    query.sight = actor.sight();
    query.today = services.clock.today();
    Ok(services.search()?.search(query).await?)
}

/// Patents most like this one, best first.
pub async fn similar(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    limit: usize,
) -> Result<Vec<Hit>> {
    access::check(actor, Operation::SimilarPatents, None)?;
    Ok(services
        .search()?
        .similar(number, limit, &actor.sight(), services.clock.today())
        .await?)
}

/// One patent from the database: what it says is current and binding.
pub async fn get(services: &Services, actor: &Actor, number: &AppNo) -> Result<PatentRecord> {
    access::check(actor, Operation::GetPatent, None)?;
    let mut tx = services.read().await?;
    let patent = patents::find(&mut tx, number)
        .await?
        .ok_or(Error::NotFound("patent"))?;
    let sight = actor.sight();
    debug_assert!(sight.sees(&Audience::Public));
    let mut held = holdings::list_by_numbers(&mut tx, std::slice::from_ref(number)).await?;
    held.retain(|holding| sight.sees(&holding.value.audience()));
    held.sort_by_key(|holding| (!holding.value.first_patentee, holding.value.id.clone()));
    let ids: Vec<_> = held
        .iter()
        .map(|holding| holding.value.organisation.clone())
        .collect();
    let parties = organisations::list_by_ids(&mut tx, &ids).await?;
    let holders = held
        .into_iter()
        .filter_map(|holding| {
            let party = parties
                .iter()
                .find(|party| party.value.id == holding.value.organisation)?;
            Some((holding, party.value.clone()))
        })
        .collect();
    Ok(PatentRecord { patent, holders })
}

/// What the front page shows of the register: patents, organisations.
pub async fn totals(services: &Services) -> Result<(i64, i64)> {
    let mut tx = services.read().await?;
    let patents = patents::count(&mut tx).await?;
    Ok((patents, store::organisations::count(&mut tx, None).await?))
}
