//! Needs and patents matched both ways from the index, and what people said of a match: kept with the place at which
//! it was shown, for the organisation whose need it is and the office.

use super::{
    Error, Result, Services,
    idempotency::Key,
    needs::{load, visible},
    organisations::Created,
    reference,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        id::Id,
        matching::Tier,
        need::{Feedback, FeedbackVerdict, Need},
        search::{NeedMatch, PatentMatch},
    },
    store::{Stored, holdings, needs, patents},
};

/// What somebody says of a match.
#[derive(Clone, Debug)]
pub struct NewFeedback {
    pub number: AppNo,
    pub rank: u32,
    pub verdict: FeedbackVerdict,
    /// As it was shown.
    pub tier: Tier,
    pub score: f64,
    pub note: Option<String>,
}

/// Ranked patents for a need: of its organisation and the office.
pub async fn of_need(
    services: &Services,
    actor: &Actor,
    id: &Id,
    limit: usize,
) -> Result<(Stored<Need>, Vec<PatentMatch>)> {
    let need = own(services, actor, Operation::ListNeedMatches, id).await?;
    let (sight, today) = (actor.sight(), services.clock.today());
    let search = services.search()?;
    let mut found = search
        .patents_for(need.value.clone(), limit, &sight, today)
        .await?;
    let names = reference::names(services).await;
    for found in &mut found {
        names.name_hit(&mut found.hit);
    }
    Ok((need, found))
}

/// A need of the actor's own, or any for an officer.
async fn own(
    services: &Services,
    actor: &Actor,
    operation: Operation,
    id: &Id,
) -> Result<Stored<Need>> {
    access::check_role(actor, operation)?;
    let mut tx = services.read().await?;
    let found = visible(actor, load(&mut tx, id).await?)?;
    access::check(actor, operation, Some(&found.value.organisation))?;
    Ok(found)
}

/// Open needs that a patent may answer: for its holders and the office.
pub async fn of_patent(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    limit: usize,
) -> Result<Vec<NeedMatch>> {
    access::check_role(actor, Operation::ListPatentNeeds)?;
    let mut tx = services.read().await?;
    if patents::find(&mut tx, number).await?.is_none() {
        return Err(Error::NotFound("patent"));
    }
    let held = holdings::list_by_numbers(&mut tx, std::slice::from_ref(number)).await?;
    let mut owners = held.iter().map(|holding| &holding.value.organisation);
    let own = owners.find(|owner| actor.organisation.as_ref() == Some(owner));
    access::check(actor, Operation::ListPatentNeeds, own)?;
    drop(tx);
    let (sight, today) = (actor.sight(), services.clock.today());
    let mut found = services
        .search()?
        .needs_for(number, limit, &sight, today)
        .await?;
    let names = reference::names(services).await;
    for found in &mut found {
        found.hit.names = names.of_need(&found.hit.need);
    }
    Ok(found)
}

/// Keeps what somebody says of a match, with the place, tier and score that were shown.
pub async fn add_feedback(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    id: &Id,
    new: NewFeedback,
) -> Result<Created<Feedback>> {
    access::check_role(actor, Operation::CreateNeedFeedback)?;
    let mut tx = services.write(actor).await?;
    let need = visible(actor, load(&mut tx, id).await?)?;
    access::check(
        actor,
        Operation::CreateNeedFeedback,
        Some(&need.value.organisation),
    )?;
    if let Some(key) = key
        && let Some(id) = key.created(&mut tx).await?
    {
        let record = needs::find_feedback(&mut tx, &id).await?;
        return Ok(Created {
            record: record.ok_or(Error::NotFound("feedback"))?,
            repeated: true,
        });
    }
    if patents::find(&mut tx, &new.number).await?.is_none() {
        return Err(Error::NotFound("patent"));
    }
    let note = new
        .note
        .map(|note| note.trim().to_owned())
        .filter(|note| !note.is_empty());
    check_feedback(new.rank, new.score, note.as_deref())?;
    let said = Feedback {
        id: services.ids.next(tx.now()),
        need: need.value.id,
        number: new.number,
        rank: new.rank,
        verdict: new.verdict,
        tier: new.tier,
        score: new.score,
        note,
        actor: actor.name.clone(),
        at: tx.now(),
    };
    needs::add_feedback(&mut tx, &said).await?;
    if let Some(key) = key {
        key.keep(&mut tx, &said.id).await?;
    }
    tx.commit().await?;
    Ok(Created {
        record: said,
        repeated: false,
    })
}

fn check_feedback(rank: u32, score: f64, note: Option<&str>) -> Result<()> {
    let long = note.is_some_and(|note| note.chars().count() > 500);
    if long || note.is_some_and(|note| note.chars().any(|c| c.is_control() && c != '\n')) {
        return Err(Error::fault(
            "/note",
            "textLength",
            "最多 500 字。",
            "At most 500 characters.",
        ));
    }
    if !(1..=10_000).contains(&rank) || !score.is_finite() || score < 0.0 {
        return Err(Error::fault(
            "/rank",
            "outOfRange",
            "名次应为 1 至 10000，得分不能为负。",
            "A rank is from 1 to 10000 and a score is not negative.",
        ));
    }
    Ok(())
}

/// What was said of one need's matches, the oldest first, and how much in all: for its organisation and the office.
pub async fn list_feedback(
    services: &Services,
    actor: &Actor,
    id: &Id,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Feedback>, i64)> {
    let need = own(services, actor, Operation::ListNeedFeedback, id).await?;
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok((
        needs::page_feedback(&mut tx, &need.value.id, after, limit).await?,
        needs::count_feedback(&mut tx, &need.value.id).await?,
    ))
}
