//! A patent's card as its page and its offer show it: the holder's plain words, the products as searches.

use super::{address::search_for, visitor::Visitor};
use crate::{
    domain::{
        card::Card,
        dictionary::{Dictionaries, Topic},
    },
    ops::{self, Services, dictionaries},
};

/// A card in words.
pub struct CardView {
    pub problem: String,
    pub novelty: String,
    pub advantage: String,
    /// Each product, and where others like it are found.
    pub products: Vec<(String, String)>,
    pub maturity: Option<String>,
}

impl CardView {
    /// The view, where there is a card.
    pub async fn of(
        services: &Services,
        v: &Visitor,
        card: Option<&Card>,
    ) -> ops::Result<Option<Self>> {
        let Some(card) = card else { return Ok(None) };
        let all = dictionaries::all(services).await?;
        Ok(Some(Self::worded(v, card, &all)))
    }

    fn worded(v: &Visitor, card: &Card, all: &Dictionaries) -> Self {
        let products = card.products.iter();
        let maturity = card.maturity.as_deref();
        Self {
            problem: card.problem.clone(),
            novelty: card.novelty.clone(),
            advantage: card.advantage.clone(),
            products: products
                .map(|product| (product.clone(), search_for("q", product)))
                .collect(),
            maturity: maturity.map(|code| {
                let words = all.of(Topic::Maturity).text(code);
                v.text(&words).to_owned()
            }),
        }
    }
}
