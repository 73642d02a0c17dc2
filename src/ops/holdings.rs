//! Reading and editing the stock: the holder keeps conversion status, unit and visibility; an officer confirms
//! from a document what no source confirms by name.

pub use crate::store::holdings::Filter as HoldingFilter;

use super::{
    Error, Fault, Result, Services, announce::announce, cards, inbox, organisations, provenance,
    reviews, watch,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        event::Sight,
        holding::{Conversion, Holding, HoldingState},
        id::Id,
        party::Organisation,
        patent::Patent,
        sub_unit::SubUnits,
    },
    store::{self, Stored, Tx, holdings, patents, sub_units},
};

/// What the holder edits; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct HoldingPatch {
    pub conversion: Option<Conversion>,
    /// `Some(None)` empties it.
    pub unit: Option<Option<String>>,
    pub published: Option<bool>,
}

impl HoldingPatch {
    /// Its unit as the holder's list writes it; a closed unit gets nothing new by hand.
    pub(super) fn settled(self, holding: &Holding, list: &SubUnits) -> Result<Self> {
        let Some(Some(text)) = &self.unit else {
            return Ok(self);
        };
        let unit = list.written(text);
        let closed = list.find(text).is_some_and(|unit| unit.closed);
        if closed && holding.unit.as_ref() != Some(&unit) {
            return Err(Error::fault(
                "/unit",
                "unitClosed",
                "这个二级单位已停用，请选择其他单位，或先在“二级单位”中恢复。",
                "This unit is closed; choose another, or open it again in the list of units.",
            ));
        }
        Ok(Self {
            unit: Some(Some(unit)),
            ..self
        })
    }
}

/// A page of what this reader may see and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    mut filter: HoldingFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Stored<Holding>>, i64)> {
    access::check(actor, Operation::ListHoldings, None)?;
    let mut tx = services.read().await?;
    if let Some(reference) = organisation {
        let found = organisations::find(&mut tx, reference)
            .await?
            .ok_or_else(|| {
                Error::from(Fault::new(
                    "?organisation",
                    "unknownOrganisation",
                    "没有登记这个单位。",
                    "No such organisation is registered.",
                ))
            })?;
        filter.organisation = Some(found.value.id);
    }
    let sight = actor.sight();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let page = holdings::page(&mut tx, &sight, &filter, after, limit).await?;
    Ok((page, holdings::count(&mut tx, &sight, &filter).await?))
}

/// One holding, if this reader may see it.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Stored<Holding>> {
    access::check(actor, Operation::GetHolding, None)?;
    let mut tx = services.read().await?;
    let found = holdings::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("holding"))?;
    visible(actor, found)
}

/// The holder's own edit, against version `expected`.
pub async fn update(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    patch: HoldingPatch,
) -> Result<Stored<Holding>> {
    access::check_role(actor, Operation::UpdateHolding)?;
    let mut tx = services.write(actor).await?;
    let current = current(&mut tx, actor, Operation::UpdateHolding, id, expected).await?;
    let list = sub_units::load(&mut tx, &current.value.organisation).await?;
    let patch = patch.settled(&current.value, &list.value)?;
    let next = edited(&current.value, patch)?;
    let shows = next.published && !current.value.published;
    if shows && reviews::held_back(&mut tx, &next).await? {
        return Err(reviews::not_reviewed());
    }
    store(services, actor, tx, current, next).await
}

pub(super) fn edited(holding: &Holding, patch: HoldingPatch) -> Result<Holding> {
    let mut next = holding.clone();
    next.conversion = patch.conversion.unwrap_or(next.conversion);
    if let Some(unit) = patch.unit {
        let wrong =
            |unit: &String| unit.chars().count() > 100 || unit.chars().any(char::is_control);
        if unit.as_ref().is_some_and(wrong) {
            return Err(Error::fault(
                "/unit",
                "unitInvalid",
                "所属学院或部门最多 100 个字，不含控制字符。",
                "A unit has at most 100 characters and no control characters.",
            ));
        }
        next.unit = unit.map(|u| u.trim().to_owned()).filter(|u| !u.is_empty());
    }
    if let Some(published) = patch.published {
        if published && !next.state.is_confirmed() {
            return Err(Error::fault(
                "/published",
                "notConfirmed",
                "权属尚未确认的专利不能公开，请先由主管部门凭材料确认。",
                "A holding that is not confirmed cannot be published; an officer must confirm it first.",
            ));
        }
        next.published = published;
    }
    Ok(next)
}

/// An officer confirms the holding from a document, or takes such a confirmation back.
pub async fn confirm(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    by_document: bool,
) -> Result<Stored<Holding>> {
    access::check(actor, Operation::ConfirmHolding, None)?;
    let mut tx = services.write(actor).await?;
    let current = current(&mut tx, actor, Operation::ConfirmHolding, id, expected).await?;
    let mut next = current.value.clone();
    if by_document {
        next.confirm_by_document();
        let shows = next.published && !current.value.published;
        if shows && reviews::held_back(&mut tx, &next).await? {
            next.published = false;
        }
    } else {
        let organisation = store::organisations::find(&mut tx, &next.organisation).await?;
        let patent = patents::find(&mut tx, &next.number).await?;
        let (Some(organisation), Some(patent)) = (organisation, patent) else {
            return Err(Error::Internal(
                "a holding without organisation or patent".into(),
            ));
        };
        next.withdraw_document(&organisation.value, &patent.value);
    }
    store(services, actor, tx, current, next).await
}

/// The holding at version `expected`, if this caller may change it; read in the writing transaction.
async fn current(
    tx: &mut Tx,
    actor: &Actor,
    operation: Operation,
    id: &Id,
    expected: i64,
) -> Result<Stored<Holding>> {
    let found = holdings::find(tx, id)
        .await?
        .ok_or(Error::NotFound("holding"))?;
    let current = visible(actor, found)?;
    access::check(actor, operation, Some(&current.value.organisation))?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    Ok(current)
}

/// Stores what has changed and announces it.
async fn store(
    services: &Services,
    actor: &Actor,
    mut tx: Tx,
    current: Stored<Holding>,
    next: Holding,
) -> Result<Stored<Holding>> {
    if next == current.value {
        return Ok(current);
    }
    let record = holdings::update(&mut tx, &next, current.version).await?;
    announce(&mut tx, Some(&current.value), &record);
    let changed = [(current.value.clone(), record.value.clone())];
    provenance::corrected(&mut tx, &actor.name, &changed).await?;
    inbox::holding(&mut tx, services, &current.value, &record.value).await?;
    cards::follow(&mut tx, std::slice::from_ref(&record.value.number)).await?;
    if current.value.state.is_confirmed() != record.value.state.is_confirmed() {
        watch::recheck(
            &mut tx,
            services,
            std::slice::from_ref(&record.value.number),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(record)
}

/// A record that the reader may not see does not exist for it.
fn visible(actor: &Actor, found: Stored<Holding>) -> Result<Stored<Holding>> {
    if actor.sight().sees(&found.value.audience()) {
        Ok(found)
    } else {
        Err(Error::NotFound("holding"))
    }
}

/// A claimed holding with what an officer compares: whose the sources say the patent is, and who claims it.
#[derive(Clone, Debug)]
pub struct Claim {
    pub holding: Stored<Holding>,
    pub patent: Patent,
    pub organisation: Organisation,
}

/// A page of the holdings that wait for an officer, and how many there are.
pub async fn claims(
    services: &Services,
    actor: &Actor,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Claim>, i64)> {
    access::check(actor, Operation::ConfirmHolding, None)?;
    let filter = HoldingFilter {
        state: Some(HoldingState::Claimed),
        ..HoldingFilter::default()
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    let page = holdings::page(&mut tx, &Sight::Office, &filter, after, limit).await?;
    let total = holdings::count(&mut tx, &Sight::Office, &filter).await?;
    let numbers: Vec<_> = page.iter().map(|h| h.value.number.clone()).collect();
    let ids: Vec<_> = page.iter().map(|h| h.value.organisation.clone()).collect();
    let patents = patents::list_by_numbers(&mut tx, &numbers).await?;
    let parties = store::organisations::list_by_ids(&mut tx, &ids).await?;
    let claim = |holding: Stored<Holding>| {
        let patent = patents
            .iter()
            .find(|p| p.value.number == holding.value.number)?;
        let party = parties
            .iter()
            .find(|p| p.value.id == holding.value.organisation)?;
        Some(Claim {
            patent: patent.value.clone(),
            organisation: party.value.clone(),
            holding,
        })
    };
    Ok((page.into_iter().filter_map(claim).collect(), total))
}
