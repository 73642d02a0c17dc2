//! The demonstration's cards: what its declared patents are good for, in plain words written for it.

use crate::{
    cli::{operator, said},
    domain::{card::CardContent, codes::AppNo, id::Id},
    ops::{Services, cards},
};

/// A line a patent: number, maturity, problem, novelty, advantage, products.
const CARDS: &str = include_str!("cards.txt");

/// Writes the card of a patent, where the demonstration has one.
pub async fn write(services: &Services, holder: &Id, number: &AppNo) -> anyhow::Result<()> {
    let line = CARDS.lines().find(|line| {
        let of = line.split('|').next().unwrap_or_default();
        of == number.as_str()
    });
    let Some(line) = line else { return Ok(()) };
    let fields: Vec<&str> = line.split('|').collect();
    let [_, maturity, problem, novelty, advantage, products] = fields[..] else {
        anyhow::bail!("a card of the demonstration: {line}");
    };
    let content = CardContent {
        problem: problem.to_owned(),
        novelty: novelty.to_owned(),
        advantage: advantage.to_owned(),
        products: CardContent::split_products(products),
        maturity: Some(maturity.to_owned()),
    };
    let holder = holder.to_string();
    let written = cards::put(services, &operator(), number, Some(&holder), 0, content).await;
    let written = said(written)?;
    let wrong = written.findings.iter().find(|f| f.check.is_error());
    anyhow::ensure!(wrong.is_none(), "the card of {number}: {wrong:?}");
    Ok(())
}
