//! A holder's cards beside its stock: every patent, with or without one.

use std::collections::HashMap;

use crate::{
    domain::{
        access::{Actor, Operation},
        card::{Card, CardFinding, CardState, examine},
        codes::AppNo,
        id::Id,
        patent::Patent,
        stock::{StockFilter, StockOrder, StockPlace},
    },
    ops::{Result, Services},
    store::{Stored, Tx, cards, stock},
};

use super::writer;

/// A patent of the stock and what stands on its card.
#[derive(Clone, Debug)]
pub struct Line {
    pub patent: Patent,
    /// 所属学院 or other sub-unit.
    pub unit: Option<String>,
    pub card: Option<Stored<Card>>,
    pub findings: Vec<CardFinding>,
}

impl Line {
    pub fn state(&self) -> CardState {
        self.card
            .as_ref()
            .map_or(CardState::Missing, |card| card.value.state())
    }
}

/// A page of a holder's stock in number order with its cards, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    filter: &StockFilter,
    after: Option<&StockPlace>,
    limit: usize,
) -> Result<(Vec<Line>, i64)> {
    let owner = writer(services, actor, Operation::ListCards, organisation).await?;
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let lines = page(&mut tx, services, &owner, filter, after, limit).await?;
    Ok((lines, stock::count(&mut tx, &owner, filter).await?))
}

/// How many patents of a holder have no card, one that fails, one that passed.
pub async fn counts(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
) -> Result<HashMap<CardState, i64>> {
    let owner = writer(services, actor, Operation::ListCards, organisation).await?;
    Ok(cards::counts(&mut services.read().await?, &owner).await?)
}

/// The same inside a transaction.
pub(in crate::ops) async fn page(
    tx: &mut Tx,
    services: &Services,
    owner: &Id,
    filter: &StockFilter,
    after: Option<&StockPlace>,
    limit: i64,
) -> Result<Vec<Line>> {
    let page = stock::page(tx, owner, filter, StockOrder::Number, after, limit).await?;
    let ids: Vec<Id> = page
        .iter()
        .map(|entry| entry.holding.value.id.clone())
        .collect();
    let found = cards::list_by_ids(tx, &ids).await?.into_iter();
    let mut found: HashMap<AppNo, Stored<Card>> = found
        .map(|card| (card.value.number.clone(), card))
        .collect();
    let lines = page.into_iter().map(|entry| {
        let card = found.remove(&entry.patent.number);
        let forbidden = &services.rules.promotional_words;
        let examined = card.as_ref().map_or_else(Vec::new, |card| {
            examine(&card.value.content(), &entry.patent, forbidden)
        });
        Line {
            patent: entry.patent,
            unit: entry.holding.value.unit,
            card,
            findings: examined,
        }
    });
    Ok(lines.collect())
}
