//! Annual fees of a holder's stock: how each patent stands, what is due in the next twelve months, what was paid. Worked
//! out from the records whenever somebody asks, over the whole stock in pages, never patent by patent.

mod book;
mod sheet;

pub(super) use book::{Book, Scan};
pub use book::{FeeFilter, FeeLine, FeePlace, Month, Overview, list, overview};
pub use sheet::{Report, import};

use super::{
    Error, Fault, Result, Services,
    accounts::note,
    announce::announce,
    cards::{held, writer},
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        annuity::{
            Facts, FeeLedger, FeePayment, FeeStanding, HolderFees, Life, OpenPeriod,
            ReductionClass, YearFee,
        },
        codes::AppNo,
        declaration::DeclarationState,
        holding::Holding,
        id::Id,
        need::Flaw,
        patent::Patent,
    },
    store::{Stored, Tx, annuities, declarations, licences, patents},
};

/// A patent's fees, as its holder sees them.
#[derive(Clone, Debug)]
pub struct Shown {
    /// At version 0 where nothing was ever said.
    pub record: Stored<FeeLedger>,
    pub patent: Patent,
    pub class: ReductionClass,
    pub standing: FeeStanding,
    /// Every year from the grant to the end of the term.
    pub years: Vec<YearFee>,
    /// Filed open licences that may reduce a fee.
    pub open: Vec<OpenPeriod>,
}

/// The fees of one patent: one's own, or the named holder's for an officer.
pub async fn get(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    organisation: Option<&str>,
) -> Result<Shown> {
    let operation = Operation::GetAnnualFees;
    let owner = writer(services, actor, operation, organisation).await?;
    let mut tx = services.read().await?;
    let (patent, holding) = found(&mut tx, &owner, number).await?;
    let record = of_holding(&mut tx, &holding).await?;
    shown(&mut tx, services, record, patent).await
}

async fn found(tx: &mut Tx, owner: &Id, number: &AppNo) -> Result<(Patent, Holding)> {
    let patent = patents::find(tx, number)
        .await?
        .ok_or(Error::NotFound("patent"))?
        .value;
    let holding = held(tx, owner, number)
        .await?
        .ok_or(Error::NotFound("holding"))?;
    Ok((patent, holding))
}

/// The ledger of a holding, at version 0 where nothing was said.
async fn of_holding(tx: &mut Tx, holding: &Holding) -> Result<Stored<FeeLedger>> {
    Ok(annuities::find(tx, &holding.id)
        .await?
        .unwrap_or_else(|| blank(holding)))
}

fn blank(holding: &Holding) -> Stored<FeeLedger> {
    let value = FeeLedger::blank(holding);
    Stored {
        version: 0,
        hash: value.document_hash(),
        value,
    }
}

async fn shown(
    tx: &mut Tx,
    services: &Services,
    record: Stored<FeeLedger>,
    patent: Patent,
) -> Result<Shown> {
    let holder = annuities::load_holder(tx, &record.value.organisation)
        .await?
        .value;
    let open = open_periods(tx, &record.value.organisation, Some(&patent.number)).await?;
    let open: Vec<OpenPeriod> = open.into_values().flatten().collect();
    let facts = Facts {
        patent: &patent,
        ledger: Some(&record.value),
        holder,
        open: &open,
    };
    let schedule = &services.rules.annual_fees;
    let life = Life::of(&patent);
    let first = life.and_then(|life| life.grant_year()).unwrap_or(1);
    let last = life.map_or(0, |life| life.last_year());
    let years = (first..=last).filter_map(|year| facts.year(schedule, year));
    Ok(Shown {
        class: facts.class(),
        standing: facts.standing(schedule, services.clock.today()),
        years: years.collect(),
        open: open.clone(),
        record,
        patent,
    })
}

/// Licences read at once.
const PAGE: i64 = 500;

/// The filed open licences of a holder's patents, or of one of them.
async fn open_periods(
    tx: &mut Tx,
    owner: &Id,
    number: Option<&AppNo>,
) -> Result<std::collections::HashMap<AppNo, Vec<OpenPeriod>>> {
    let filter = licences::Filter {
        holder: Some(owner.clone()),
        number: number.cloned(),
        state: Some(crate::domain::licence::LicenceState::Effective),
        ..licences::Filter::default()
    };
    let office = crate::domain::event::Sight::Office;
    let mut open: std::collections::HashMap<AppNo, Vec<OpenPeriod>> =
        std::collections::HashMap::new();
    let mut after: Option<String> = None;
    loop {
        let page = licences::page(tx, &office, &filter, after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(open);
        };
        after = Some(last.value.id.to_string());
        let mut ids: Vec<Id> = page.iter().map(|l| l.value.declaration.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let under = declarations::list_by_ids(tx, &ids).await?;
        for licence in page {
            let of = under
                .iter()
                .find(|d| d.value.id == licence.value.declaration);
            let withdrawn = of.and_then(|d| {
                let is_over = d.value.state == DeclarationState::Withdrawn;
                d.value.ended_on.filter(|_| is_over)
            });
            if let Some(period) = OpenPeriod::of(&licence.value, withdrawn) {
                open.entry(licence.value.number).or_default().push(period);
            }
        }
    }
}

/// What a holder says of one patent's fees.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `None`: the holder's usual class.
    pub reduction: Option<ReductionClass>,
    pub payments: Vec<FeePayment>,
}

/// Writes a ledger at version `expected`; the first writing makes it.
pub async fn put(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    organisation: Option<&str>,
    expected: i64,
    said: Said,
) -> Result<Shown> {
    change(services, actor, number, organisation, expected, |ledger| {
        ledger.written(said.reduction, said.payments)
    })
    .await
}

/// Records one payment at version `expected`, in the place of one of the same year.
pub async fn pay(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    organisation: Option<&str>,
    expected: i64,
    payment: FeePayment,
) -> Result<Shown> {
    change(services, actor, number, organisation, expected, |ledger| {
        ledger.paid(&payment)
    })
    .await
}

async fn change(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    organisation: Option<&str>,
    expected: i64,
    next: impl FnOnce(&FeeLedger) -> FeeLedger,
) -> Result<Shown> {
    let operation = Operation::PutAnnualFees;
    let owner = writer(services, actor, operation, organisation).await?;
    let mut tx = services.write(actor).await?;
    let (patent, holding) = found(&mut tx, &owner, number).await?;
    let current = of_holding(&mut tx, &holding).await?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let next = next(&current.value);
    let record = write(&mut tx, &patent, current, next).await?;
    let shown = shown(&mut tx, services, record, patent).await?;
    tx.commit().await?;
    Ok(shown)
}

/// Keeps a ledger that says something else than before, or tells all that is wrong with it.
async fn write(
    tx: &mut Tx,
    patent: &Patent,
    current: Stored<FeeLedger>,
    next: FeeLedger,
) -> Result<Stored<FeeLedger>> {
    let flaws = next.flaws(patent, tx.now().day());
    if !flaws.is_empty() {
        let fault = |flaw: Flaw| Fault::new(flaw.pointer, flaw.code, flaw.text.zh, flaw.text.en);
        return Err(Error::Invalid(flaws.into_iter().map(fault).collect()));
    }
    if next == current.value {
        return Ok(current);
    }
    let record = if current.version == 0 {
        annuities::insert(tx, next).await?
    } else {
        annuities::update(tx, next, current.version).await?
    };
    let before = (current.version > 0).then_some(&current.value);
    announce(tx, before, &record);
    Ok(record)
}

/// What holds for all of a holder's patents, at version 0 where it has said nothing.
pub async fn holder_fees(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
) -> Result<Stored<HolderFees>> {
    let owner = writer(services, actor, Operation::GetHolderFees, organisation).await?;
    Ok(annuities::load_holder(&mut services.read().await?, &owner).await?)
}

/// Says what holds for all of a holder's patents, at version `expected`.
pub async fn set_holder_fees(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    expected: i64,
    fees: HolderFees,
) -> Result<Stored<HolderFees>> {
    let owner = writer(services, actor, Operation::PutHolderFees, organisation).await?;
    access::check(actor, Operation::PutHolderFees, Some(&owner))?;
    let mut tx = services.write(actor).await?;
    let current = annuities::load_holder(&mut tx, &owner).await?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    if fees == current.value {
        return Ok(current);
    }
    let next = annuities::put_holder(&mut tx, &owner, expected + 1, fees).await?;
    let about = format!("organisations/{owner}");
    note(&mut tx, services, &actor.name, "holderFeesChanged", &about).await?;
    tx.commit().await?;
    Ok(next)
}
