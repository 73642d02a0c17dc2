//! What the database knows of the patents of a batch, read in one go.

use std::collections::{HashMap, HashSet};

use super::{Batch, Entry, Weighed};
use crate::{
    domain::{
        codes::AppNo, id::Id, intake::Intake, party::Organisation, review::RecordState,
        sub_unit::SubUnits,
    },
    store::{
        self, Tx, conflicts, holdings, inventory, organisations, patents, reviews, sources,
        sub_units,
    },
};

pub async fn batch<'a>(
    tx: &mut Tx,
    organisation: Option<&'a Organisation>,
    rows: &[Intake],
) -> store::Result<Batch<'a>> {
    let mut numbers: Vec<AppNo> = rows.iter().map(|row| row.patent.number.clone()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let known = patents::list_by_numbers(tx, &numbers).await?;
    let held = holdings::list_by_numbers(tx, &numbers).await?;
    let mut owners: Vec<Id> = held.iter().map(|h| h.value.organisation.clone()).collect();
    owners.sort_unstable();
    owners.dedup();
    let parties = organisations::list_by_ids(tx, &owners).await?;
    let mut holding = owners.clone();
    holding.extend(organisation.map(|o| o.id.clone()));
    let rules = reviews::list_rules(tx, &holding).await?;
    let rules = rules.into_iter();
    let reviewing: HashSet<Id> = rules
        .filter(|(_, rules)| rules.value.publish_after_review)
        .map(|(id, _)| id)
        .collect();
    let mut registered = HashSet::new();
    if !reviewing.is_empty() {
        let ids: Vec<Id> = held.iter().map(|h| h.value.id.clone()).collect();
        let records = inventory::list_of_holdings(tx, &ids).await?;
        let done = records.into_iter().map(|record| record.value);
        let done = done.filter(|record| record.state == RecordState::Registered);
        registered.extend(done.map(|record| record.holding));
    }
    let own = held.iter().filter(|holding| {
        organisation.is_some_and(|importer| importer.id == holding.value.organisation)
    });
    let mut subjects: Vec<String> = numbers.iter().map(|n| n.as_str().to_owned()).collect();
    subjects.extend(own.map(|holding| holding.value.id.to_string()));
    let known_sources = sources::list(tx, &subjects).await?;
    let mut in_conflict: HashMap<AppNo, Vec<Weighed>> = HashMap::new();
    for conflict in conflicts::list_by_numbers(tx, &numbers).await? {
        let weighed = Weighed {
            version: conflict.version,
            before: Some(conflict.value.clone()),
            now: conflict.value,
        };
        in_conflict
            .entry(weighed.now.number.clone())
            .or_default()
            .push(weighed);
    }
    let mut holders: HashMap<AppNo, Vec<Id>> = HashMap::new();
    for holding in &held {
        holders
            .entry(holding.value.number.clone())
            .or_default()
            .push(holding.value.organisation.clone());
    }
    let units = match organisation {
        Some(importer) => sub_units::load(tx, &importer.id).await?.value,
        None => SubUnits::default(),
    };
    Ok(Batch {
        organisation,
        units,
        written: HashMap::new(),
        reviewing,
        registered,
        holders,
        parties: parties
            .into_iter()
            .map(|p| (p.value.id.clone(), p.value))
            .collect(),
        patents: known
            .into_iter()
            .map(|p| (p.value.number.clone(), Entry::known(p)))
            .collect(),
        holdings: held
            .into_iter()
            .map(|h| {
                (
                    (h.value.organisation.clone(), h.value.number.clone()),
                    Entry::known(h),
                )
            })
            .collect(),
        touched: Vec::new(),
        sources: known_sources
            .into_iter()
            .map(|(subject, known)| (subject, (Some(known.clone()), known)))
            .collect(),
        conflicts: in_conflict,
        today: tx.now().day(),
    })
}
