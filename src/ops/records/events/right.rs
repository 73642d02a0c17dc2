//! A status of the right, or new owners.

use super::joined;
use crate::{
    domain::{
        event::Sight,
        file::FileRef,
        holding::Holding,
        id::Id,
        merge::Unit,
        party::name_key,
        patent::{LegalStatus, Patent},
        record::{Column, EventLine, Flaw, Said},
    },
    ops::{
        announce::announce,
        patents as statuses,
        records::attempt::{Desk, Done, Stop},
    },
    store::{self, Stored, Tx, holdings, organisations, reviews},
};

pub(super) async fn state(
    desk: &Desk<'_>,
    tx: &mut Tx,
    patent: Stored<Patent>,
    status: LegalStatus,
    said: &EventLine,
    source: Option<FileRef>,
) -> Result<Done<()>, Stop> {
    let known = &patent.value;
    let same = known.legal_status == status;
    match known.status_as_of {
        // A newer day is known: history, nothing new.
        Some(day) if said.on < day => return Ok(Done::Repeated(())),
        // The document is all that it may still lack.
        Some(day)
            if said.on == day && same && (source.is_none() || known.status_source.is_some()) =>
        {
            return Ok(Done::Repeated(()));
        }
        Some(day)
            if said.on == day && Said::gravity(status) < Said::gravity(known.legal_status) =>
        {
            return Err(Stop::flaw(
                Flaw::new(
                    Column::Event,
                    &said.words,
                    "sameDayDiffers",
                    format!("同一天已登记为“{}”。", known.legal_status.zh()),
                    format!("{} is recorded for the same day.", known.legal_status.en()),
                )
                .cure(
                    "请核对登记簿；以后一天的查询结果为准。",
                    "Check the register; a query of a later day decides.",
                ),
            ));
        }
        _ => {}
    }
    let completed = known.status_as_of == Some(said.on) && same;
    let finding = statuses::Said {
        legal_status: status,
        text: Some(said.words.clone()),
        as_of: said.on,
        source,
    };
    statuses::state_in(desk.services, tx, desk.actor, patent, finding).await?;
    Ok(if completed {
        Done::Completed(())
    } else {
        Done::Recorded(())
    })
}

pub(super) async fn transfer(
    desk: &Desk<'_>,
    tx: &mut Tx,
    patent: Stored<Patent>,
    said: &EventLine,
) -> Result<Done<()>, Stop> {
    if !matches!(desk.actor.sight(), Sight::Office) {
        return Err(Stop::flaw(
            Flaw::new(
                Column::Event,
                &said.words,
                "officeOnly",
                "专利权转移由主管部门登记。",
                "Transfers are recorded by the office.",
            )
            .cure(
                "请把登记手续合格通知书交给主管部门。",
                "Give the office the notice of transfer.",
            ),
        ));
    }
    let keys = |names: &[String]| -> Vec<String> { names.iter().map(|n| name_key(n)).collect() };
    let now = keys(patent.value.patentees());
    let later = desk
        .transfers
        .get(&said.number)
        .is_some_and(|day| said.on < *day);
    if later || now == keys(&said.parties) {
        return Ok(Done::Repeated(()));
    }
    if !now.is_empty() && now != keys(&said.before) {
        return Err(Stop::flaw(
            Flaw::new(
                Column::PartyBefore,
                &joined(&said.before).unwrap_or_default(),
                "ownersDiffer",
                format!("库中的专利权人是：{}。", patent.value.patentees().join("；")),
                format!("The owners known are {}.", patent.value.patentees().join("; ")),
            )
            .cure(
                "请填写变更前的全部权利人，与库中一致；转移较早的，已无须登记。",
                "Give all owners before the transfer as they are known; an older transfer needs no record.",
            ),
        ));
    }
    let mut next = patent.value.clone();
    next.owners.clone_from(&said.parties);
    rehold(tx, &next).await?;
    let unit = (Unit::Owners, said.on);
    statuses::replace(desk.services, tx, desk.actor, patent, next, unit).await?;
    Ok(Done::Recorded(()))
}

/// New owners may confirm or unconfirm holdings.
async fn rehold(tx: &mut Tx, patent: &Patent) -> store::Result<()> {
    let held = holdings::list_by_numbers(tx, std::slice::from_ref(&patent.number)).await?;
    let owners: Vec<Id> = held.iter().map(|h| h.value.organisation.clone()).collect();
    let parties = organisations::list_by_ids(tx, &owners).await?;
    for holding in held {
        let party = parties
            .iter()
            .find(|p| p.value.id == holding.value.organisation);
        let mut next: Holding = holding.value.clone();
        if let Some(party) = party {
            next.transferred(&party.value, patent);
            let rules = reviews::load_rules(tx, &party.value.id).await?.value;
            // Whoever publishes after review publishes nothing by being named.
            next.published &= holding.value.published || !rules.publish_after_review;
        }
        if next != holding.value {
            let after = holdings::update(tx, &next, holding.version).await?;
            announce(tx, Some(&holding.value), &after);
        }
    }
    Ok(())
}
