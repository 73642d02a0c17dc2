//! The sub-units of an organisation: its own officers and the office keep the list, and holdings and reviewers follow it
//! in the same transaction, so that one college is one name everywhere.

use std::collections::BTreeSet;

use super::{
    Error, Fault, Result, Services,
    accounts::note,
    announce::announce,
    organisations,
    stock::{self, Changed, StockPatch},
};
use crate::{
    domain::{
        access::{Actor, Operation},
        id::Id,
        inventory::UnitCompleteness,
        stock::{StockChoice, StockFilter},
        sub_unit::{RecordDefaults, SubUnits},
    },
    store::{self, Stored, Tx, accounts, dictionaries, holdings, sub_units},
};

/// Written names of one organisation that are told apart.
const WRITTEN: i64 = 2_000;
/// Holdings rewritten at once.
const BATCH: i64 = 500;

/// The list of an organisation, how many patents each name has, and how many of them have complete records.
#[derive(Clone, Debug)]
pub struct Kept {
    pub organisation: Id,
    pub list: Stored<SubUnits>,
    /// As the holdings write it, the largest first; the empty one has none named.
    pub written: Vec<UnitCompleteness>,
}

/// The list of an organisation, one's own where none is named.
pub async fn get(services: &Services, actor: &Actor, reference: Option<&str>) -> Result<Kept> {
    let organisation =
        organisations::acted_for(services, actor, Operation::GetSubUnits, reference).await?;
    let mut tx = services.read().await?;
    Ok(Kept {
        list: sub_units::load(&mut tx, &organisation).await?,
        written: store::inventory::by_unit(&mut tx, &organisation, WRITTEN).await?,
        organisation,
    })
}

/// Writes the list anew, at version `expected`.
///
/// Whatever a holding or a reviewer's duty calls by a code or a former name is called by the name from now on.
pub async fn update(
    services: &Services,
    actor: &Actor,
    reference: Option<&str>,
    expected: i64,
    list: SubUnits,
) -> Result<Stored<SubUnits>> {
    let organisation =
        organisations::acted_for(services, actor, Operation::UpdateSubUnits, reference).await?;
    let mut tx = services.write(actor).await?;
    let current = sub_units::load(&mut tx, &organisation).await?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let next = kept_names(&current.value, list.tidy());
    let all = dictionaries::load_all(&mut tx).await?;
    if let Some((pointer, code, text)) = next.flaw_after(&current.value, &organisation, &all) {
        let fault = Fault::new(pointer, code, text.zh, text.en);
        return Err(Error::Invalid(vec![fault]));
    }
    if next == current.value {
        return Ok(current);
    }
    let next = Stored {
        version: expected + 1,
        hash: next.document_hash(),
        value: next,
    };
    sub_units::put(&mut tx, &organisation, &next).await?;
    rewrite_holdings(&mut tx, &organisation, &next.value).await?;
    rewrite_duties(&mut tx, &organisation, &next.value).await?;
    let about = format!("organisations/{organisation}");
    note(&mut tx, services, &actor.name, "subUnitsChanged", &about).await?;
    tx.commit().await?;
    Ok(next)
}

/// A unit that is renamed keeps its name of before among its former ones, so that yesterday's file still finds it.
fn kept_names(before: &SubUnits, mut next: SubUnits) -> SubUnits {
    for unit in &mut next.units {
        let was = before.units.iter().find(|was| was.code == unit.code);
        let renamed = was.filter(|was| was.name != unit.name);
        if let Some(was) = renamed.filter(|was| !unit.aliases.contains(&was.name)) {
            unit.aliases.push(was.name.clone());
        }
    }
    next
}

/// Every holding whose unit is now written otherwise, a page at a time.
async fn rewrite_holdings(tx: &mut Tx, organisation: &Id, units: &SubUnits) -> Result<()> {
    let written = store::stock::units(tx, organisation, WRITTEN).await?;
    let names: BTreeSet<String> = written.into_iter().map(|(unit, _)| unit).collect();
    for name in &names {
        let written = units.written(name);
        if written == *name {
            continue;
        }
        let filter = StockFilter {
            unit: Some(name.clone()),
            ..StockFilter::default()
        };
        let mut after = String::new();
        loop {
            let page = store::stock::page_by_id(tx, organisation, &filter, &after, BATCH).await?;
            let Some(last) = page.last() else { break };
            after = last.value.id.to_string();
            let mut rewritten = Vec::with_capacity(page.len());
            for holding in page {
                let mut value = holding.value.clone();
                value.unit = Some(written.clone());
                let stored = Stored {
                    version: holding.version + 1,
                    hash: value.document_hash(),
                    value,
                };
                announce(tx, Some(&holding.value), &stored);
                rewritten.push(stored);
            }
            holdings::put(tx, &rewritten).await?;
        }
    }
    Ok(())
}

async fn rewrite_duties(tx: &mut Tx, organisation: &Id, list: &SubUnits) -> Result<()> {
    for account in accounts::list_by_party(tx, organisation).await? {
        let duty = list.duty(account.duty.clone());
        if duty != account.duty {
            accounts::set_duty(tx, &account.id, &duty).await?;
        }
    }
    Ok(())
}

/// Fills what the records of one's own stock leave open with the defaults of their units: of one unit or of all.
pub async fn fill(
    services: &Services,
    actor: &Actor,
    reference: Option<&str>,
    unit: Option<&str>,
) -> Result<Changed> {
    let organisation =
        organisations::acted_for(services, actor, Operation::FillSubUnits, reference).await?;
    let name = match unit {
        None => None,
        Some(text) => {
            let mut tx = services.read().await?;
            let list = sub_units::load(&mut tx, &organisation).await?;
            let found = list.value.find(text).map(|unit| unit.name.clone());
            Some(found.ok_or_else(|| {
                Error::fault(
                    "/unit",
                    "unknownUnit",
                    "本单位没有这个二级单位，请核对代码或名称。",
                    "The organisation has no such unit; check its code or name.",
                )
            })?)
        }
    };
    let choice = StockChoice::All(StockFilter {
        unit: name,
        ..StockFilter::default()
    });
    let patch = StockPatch {
        unit_defaults: true,
        ..StockPatch::default()
    };
    stock::change(services, actor, &choice, &patch).await
}

/// With which the record of a holding of this unit begins, as a page needs it to offer them.
pub async fn defaults(
    services: &Services,
    organisation: &Id,
    unit: Option<&str>,
) -> Result<Option<RecordDefaults>> {
    let mut tx = services.read().await?;
    let list = sub_units::load(&mut tx, organisation).await?;
    Ok(list.value.defaults_of(unit).cloned())
}
