//! The database as the index's source: changes in order, patents with their published holdings and offers.

use std::collections::{BTreeSet, HashMap};

use super::source::{Entry, Holder, NeedEntry, Source, SourceError};
use crate::{
    domain::{
        card::{self, Card, CardContent},
        codes::AppNo,
        event::ChangeRow,
        id::Id,
        need::Need,
        patent::Patent,
        reference::{Derived, Kind, Relation},
        search::OfferHit,
    },
    store::{
        self, Db, Stored, Tx, cards, changes, declarations, holdings, needs, organisations,
        patents, reference,
    },
};

impl From<store::Error> for SourceError {
    fn from(error: store::Error) -> Self {
        Self(error.to_string())
    }
}

fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl Source for Db {
    async fn head(&self) -> Result<i64, SourceError> {
        let mut tx = self.read().await?;
        Ok(changes::head(&mut tx).await?.seq)
    }

    async fn changes_after(&self, seq: i64, limit: usize) -> Result<Vec<ChangeRow>, SourceError> {
        let mut tx = self.read().await?;
        Ok(changes::after(&mut tx, seq, limit_of(limit)).await?)
    }

    async fn documents(&self, numbers: &[AppNo]) -> Result<Vec<Entry>, SourceError> {
        let mut tx = self.read().await?;
        let mut found = Vec::with_capacity(numbers.len());
        for chunk in numbers.chunks(500) {
            found.extend(patents::list_by_numbers(&mut tx, chunk).await?);
        }
        Ok(entries(&mut tx, found).await?)
    }

    async fn scan(&self, after: Option<&AppNo>, limit: usize) -> Result<Vec<Entry>, SourceError> {
        let mut tx = self.read().await?;
        let found =
            patents::page(&mut tx, after.map_or("", AppNo::as_str), limit_of(limit)).await?;
        Ok(entries(&mut tx, found).await?)
    }

    async fn numbers_of(
        &self,
        organisation: &Id,
        after: Option<&AppNo>,
        limit: usize,
    ) -> Result<Vec<AppNo>, SourceError> {
        let mut tx = self.read().await?;
        let page = holdings::of_organisation(&mut tx, organisation, after, limit_of(limit)).await?;
        Ok(page
            .into_iter()
            .map(|holding| holding.value.number)
            .collect())
    }

    async fn numbers_of_holdings(&self, ids: &[Id]) -> Result<HashMap<Id, AppNo>, SourceError> {
        let mut tx = self.read().await?;
        let found = holdings::list_by_ids(&mut tx, ids).await?;
        Ok(found
            .into_iter()
            .map(|holding| (holding.value.id, holding.value.number))
            .collect())
    }

    async fn numbers_of_declarations(&self, ids: &[Id]) -> Result<HashMap<Id, AppNo>, SourceError> {
        let mut tx = self.read().await?;
        let found = declarations::list_by_ids(&mut tx, ids).await?;
        Ok(found
            .into_iter()
            .map(|declaration| (declaration.value.id, declaration.value.number))
            .collect())
    }

    async fn relation(&self) -> Result<Relation, SourceError> {
        let mut tx = self.read().await?;
        let (table, lines) = reference::load_whole(&mut tx, Kind::IpcIndustries).await?;
        Ok(Relation::of(&table, lines))
    }

    async fn needs(&self, ids: &[Id]) -> Result<Vec<NeedEntry>, SourceError> {
        let mut tx = self.read().await?;
        let found = needs::list_by_ids(&mut tx, ids).await?;
        Ok(named(&mut tx, found).await?)
    }

    async fn scan_needs(
        &self,
        organisation: Option<&Id>,
        after: Option<&Id>,
        limit: usize,
    ) -> Result<Vec<NeedEntry>, SourceError> {
        let mut tx = self.read().await?;
        let after = after.map(Id::to_string).unwrap_or_default();
        let limit = limit_of(limit);
        let found = match organisation {
            Some(id) => needs::page_of_organisation(&mut tx, id, Some(&after), limit).await?,
            None => needs::page_by_id(&mut tx, &after, limit).await?,
        };
        Ok(named(&mut tx, found).await?)
    }
}

/// Needs with the names of their organisations.
async fn named(tx: &mut Tx, found: Vec<Stored<Need>>) -> store::Result<Vec<NeedEntry>> {
    let ids: BTreeSet<Id> = found
        .iter()
        .map(|need| need.value.organisation.clone())
        .collect();
    let ids: Vec<Id> = ids.into_iter().collect();
    let parties = organisations::list_by_ids(tx, &ids).await?.into_iter();
    let names: HashMap<Id, String> = parties.map(|p| (p.value.id, p.value.name)).collect();
    let entry = |need: Stored<Need>| NeedEntry {
        organisation: names
            .get(&need.value.organisation)
            .cloned()
            .unwrap_or_default(),
        need: need.value,
    };
    Ok(found.into_iter().map(entry).collect())
}

/// Adds the published holdings, their organisations and the offers, in batches, never one by one.
async fn entries(tx: &mut Tx, found: Vec<Stored<Patent>>) -> store::Result<Vec<Entry>> {
    let numbers: Vec<AppNo> = found
        .iter()
        .map(|patent| patent.value.number.clone())
        .collect();
    let mut shown = public_cards(tx, &numbers).await?;
    let mut holders = holders(tx, &numbers).await?;
    let mut offers = offers(tx, &numbers).await?;
    Ok(found
        .into_iter()
        .map(|patent| Entry {
            holders: holders.remove(&patent.value.number).unwrap_or_default(),
            offers: offers.remove(&patent.value.number).unwrap_or_default(),
            card: shown.remove(&patent.value.number),
            patent: patent.value,
            derived: Derived::default(),
        })
        .collect())
}

/// The public cards of these patents; of several the first patentee's.
async fn public_cards(
    tx: &mut Tx,
    numbers: &[AppNo],
) -> store::Result<HashMap<AppNo, CardContent>> {
    let mut found = cards::list_by_numbers(tx, numbers).await?;
    found.retain(|card| card.value.published);
    if found.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Id> = found.iter().map(|c| c.value.id.clone()).collect();
    let held = holdings::list_by_ids(tx, &ids).await?.into_iter();
    let first: BTreeSet<Id> = held
        .filter(|holding| holding.value.first_patentee)
        .map(|holding| holding.value.id)
        .collect();
    let mut of_number: HashMap<AppNo, Vec<Card>> = HashMap::new();
    for Stored { value, .. } in found {
        of_number
            .entry(value.number.clone())
            .or_default()
            .push(value);
    }
    let shown = of_number.into_iter().filter_map(|(number, found)| {
        let is_first = |card: &Card| first.contains(&card.id);
        let shown = card::shown(found.iter(), is_first)?;
        Some((number, shown.content()))
    });
    Ok(shown.collect())
}

/// The published holdings of these patents, with their organisations.
async fn holders(tx: &mut Tx, numbers: &[AppNo]) -> store::Result<HashMap<AppNo, Vec<Holder>>> {
    let mut held = Vec::new();
    for chunk in numbers.chunks(500) {
        held.extend(holdings::list_by_numbers(tx, chunk).await?);
    }
    held.retain(|holding| holding.value.published);
    let mut ids: Vec<Id> = held
        .iter()
        .map(|holding| holding.value.organisation.clone())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let parties: HashMap<Id, _> = organisations::list_by_ids(tx, &ids)
        .await?
        .into_iter()
        .map(|party| (party.value.id.clone(), party.value))
        .collect();
    let mut holders: HashMap<AppNo, Vec<Holder>> = HashMap::new();
    for Stored { value: holding, .. } in held {
        let Some(party) = parties.get(&holding.organisation) else {
            continue;
        };
        holders.entry(holding.number).or_default().push(Holder {
            holding: holding.id,
            id: party.id.clone(),
            name: party.name.clone(),
            district: party.district.clone(),
            conversion: holding.conversion,
        });
    }
    Ok(holders)
}

/// What was announced of these patents; drafts and what is still with the patent office stay out.
async fn offers(tx: &mut Tx, numbers: &[AppNo]) -> store::Result<HashMap<AppNo, Vec<OfferHit>>> {
    let mut offers: HashMap<AppNo, Vec<OfferHit>> = HashMap::new();
    for declaration in declarations::list_by_numbers(tx, numbers).await? {
        if let Some(offer) = OfferHit::of(&declaration.value) {
            offers
                .entry(declaration.value.number)
                .or_default()
                .push(offer);
        }
    }
    Ok(offers)
}
