//! The continuing duty: whenever something new is known of a patent, and once a day, every announced declaration is
//! held against the gate again. A block opens a duty to withdraw, its end closes it (审查指南第五部分第十一章 2.(2)).

use std::collections::HashMap;

use super::{Result, Services, announce::announce, cards, inbox};
use crate::{
    domain::{
        codes::AppNo,
        declaration::Declaration,
        eligibility::{Case, Finding},
        encumbrance::Encumbrance,
        holding::Holding,
        id::Id,
        party::Organisation,
        patent::Patent,
    },
    store::{self, Stored, Tx, declarations, encumbrances, holdings, organisations, patents},
};

/// What is known of some patents, read in batches.
pub(super) struct Dossiers {
    patents: HashMap<AppNo, Patent>,
    encumbrances: HashMap<AppNo, Vec<Encumbrance>>,
    holdings: HashMap<(Id, AppNo), Holding>,
    organisations: HashMap<Id, Organisation>,
}

impl Dossiers {
    /// Reads what bears on these declarers' patents.
    pub(super) async fn load(tx: &mut Tx, wanted: &[(Id, AppNo)]) -> store::Result<Self> {
        let mut numbers: Vec<AppNo> = wanted.iter().map(|(_, number)| number.clone()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut ids: Vec<Id> = wanted.iter().map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut dossiers = Self {
            patents: HashMap::new(),
            encumbrances: HashMap::new(),
            holdings: HashMap::new(),
            organisations: HashMap::new(),
        };
        for chunk in numbers.chunks(500) {
            for patent in patents::list_by_numbers(tx, chunk).await? {
                dossiers
                    .patents
                    .insert(patent.value.number.clone(), patent.value);
            }
            for found in encumbrances::list_by_numbers(tx, chunk).await? {
                let number = found.value.number.clone();
                dossiers
                    .encumbrances
                    .entry(number)
                    .or_default()
                    .push(found.value);
            }
            for found in holdings::list_by_numbers(tx, chunk).await? {
                let holding = found.value;
                let key = (holding.organisation.clone(), holding.number.clone());
                dossiers.holdings.insert(key, holding);
            }
        }
        for chunk in ids.chunks(500) {
            for found in organisations::list_by_ids(tx, chunk).await? {
                dossiers
                    .organisations
                    .insert(found.value.id.clone(), found.value);
            }
        }
        Ok(dossiers)
    }

    /// The gate's case of one organisation and one patent.
    pub(super) fn case(&self, organisation: &Id, number: &AppNo) -> Option<Case<'_>> {
        Some(Case {
            patent: self.patents.get(number)?,
            encumbrances: self.encumbrances.get(number).map_or(&[], Vec::as_slice),
            organisation: self.organisations.get(organisation)?,
            holding: self.holdings.get(&(organisation.clone(), number.clone())),
        })
    }
}

/// Holds the live declarations of these patents against the gate, inside the transaction that changed something.
pub(super) async fn recheck(
    tx: &mut Tx,
    services: &Services,
    numbers: &[AppNo],
) -> store::Result<()> {
    for chunk in numbers.chunks(500) {
        let found = declarations::list_by_numbers(tx, chunk).await?;
        look(tx, services, found).await?;
    }
    Ok(())
}

async fn look(
    tx: &mut Tx,
    services: &Services,
    found: Vec<Stored<Declaration>>,
) -> store::Result<usize> {
    let live: Vec<_> = found
        .into_iter()
        .filter(|d| d.value.state.is_live())
        .collect();
    if live.is_empty() {
        return Ok(0);
    }
    let today = tx.now().day();
    let wanted: Vec<_> = live
        .iter()
        .map(|d| (d.value.organisation.clone(), d.value.number.clone()))
        .collect();
    let dossiers = Dossiers::load(tx, &wanted).await?;
    let mut numbers = Vec::new();
    for declaration in live {
        let value = &declaration.value;
        let findings: Vec<Finding> = dossiers
            .case(&value.organisation, &value.number)
            .map(|case| case.standing(today))
            .unwrap_or_default();
        if let Some(next) = value.watched(&findings, today) {
            let after = declarations::update(tx, next, declaration.version).await?;
            announce(tx, Some(value), &after);
            inbox::declaration(tx, services, None, Some(value), &after.value).await?;
            numbers.push(after.value.number);
        }
    }
    cards::follow(tx, &numbers).await?;
    Ok(numbers.len())
}

/// Live declarations a transaction.
const PAGE: i64 = 200;

/// The daily run: what time alone has changed (a term or a period over, an encumbrance begun or ended). Returns how
/// many declarations changed.
pub async fn run(services: &Services) -> Result<usize> {
    let (mut after, mut changed) = (String::new(), 0);
    loop {
        let mut tx = services.db.begin_write(services.now(), "system").await?;
        let page = declarations::page_of_live(&mut tx, &after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(changed);
        };
        after = last.value.id.to_string();
        changed += look(&mut tx, services, page).await?;
        tx.commit().await?;
    }
}
