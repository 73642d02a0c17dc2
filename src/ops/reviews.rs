//! The review of stock records: the holder's rules, the steps of a record, its course. Who may take which step is
//! decided where the record is loaded, by the table of duties.

use super::{
    Error, Result, Services,
    announce::announce,
    cards,
    inventory::{self, Shown},
    organisations,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        event::Sight,
        holding::Holding,
        id::Id,
        inventory::Inventory,
        refusal::{Refusal, Refused},
        review::{CourseEntry, RecordState, RecordStep, ReviewRules, Want},
    },
    store::{self, Stored, Tx, accounts, reviews},
};

/// Characters of a comment, at most.
pub const NOTE_CHARS: usize = 1_000;

/// A step to be taken, and what is said with it.
#[derive(Clone, Debug)]
pub struct NewStep {
    pub step: RecordStep,
    pub note: Option<String>,
}

/// How a holder has its records reviewed, by id or USCC; the actor's own where none is named.
pub async fn rules(
    services: &Services,
    actor: &Actor,
    reference: Option<&str>,
) -> Result<(Id, Stored<ReviewRules>)> {
    let operation = Operation::GetReviewRules;
    let id = organisations::acted_for(services, actor, operation, reference).await?;
    let mut tx = services.read().await?;
    let rules = reviews::load_rules(&mut tx, &id).await?;
    Ok((id, rules))
}

/// The rules of a holder as a page needs them to say what comes next.
pub async fn rules_of(services: &Services, organisation: &Id) -> Result<ReviewRules> {
    let mut tx = services.read().await?;
    Ok(reviews::load_rules(&mut tx, organisation).await?.value)
}

/// Sets them, at version `expected`.
pub async fn set_rules(
    services: &Services,
    actor: &Actor,
    reference: Option<&str>,
    expected: i64,
    rules: ReviewRules,
) -> Result<Stored<ReviewRules>> {
    let id =
        organisations::acted_for(services, actor, Operation::UpdateReviewRules, reference).await?;
    if let Some(flaw) = rules.flaw() {
        let fault = super::Fault::new(flaw.pointer, flaw.code, flaw.text.zh, flaw.text.en);
        return Err(Error::Invalid(vec![fault]));
    }
    let mut tx = services.write(actor).await?;
    let current = reviews::load_rules(&mut tx, &id).await?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    if rules == current.value {
        return Ok(current);
    }
    let next = reviews::put_rules(&mut tx, &id, expected + 1, rules).await?;
    let about = format!("organisations/{id}");
    super::accounts::note(&mut tx, services, &actor.name, "reviewRulesChanged", &about).await?;
    tx.commit().await?;
    Ok(next)
}

/// Takes a step with a record at version `expected`.
pub async fn step(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    new: NewStep,
) -> Result<Shown> {
    access::check_role(actor, Operation::StepInventory)?;
    let note = tidy(new.note, new.step)?;
    let mut tx = services.write(actor).await?;
    let want = Want::Step(new.step);
    let (current, holding) =
        inventory::load(&mut tx, actor, Operation::StepInventory, want, id).await?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let rules = reviews::load_rules(&mut tx, &current.value.organisation).await?;
    let state = rules.value.stepped(current.value.state, new.step)?;
    if new.step != RecordStep::Return {
        complete(&current.value, &holding.value)?;
    }
    let next = Inventory {
        state,
        due_on: rules.value.due_on(state, tx.now().day()),
        ..current.value.clone()
    };
    let record = inventory::successor(services, &tx, &current, next);
    store::inventory::put(&mut tx, std::slice::from_ref(&record)).await?;
    announce(&mut tx, inventory::before(&current), &record);
    let entry = CourseEntry {
        id: services.ids.next(tx.now()),
        record: record.value.id.clone(),
        step: new.step,
        state,
        actor: actor.name.clone(),
        name: name_of(&mut tx, actor).await?,
        note,
        at: tx.now(),
    };
    reviews::add_step(&mut tx, &entry).await?;
    let publish = state == RecordState::Registered && rules.value.publish_after_review;
    let held = publish_if(&mut tx, publish, holding).await?;
    let answer = inventory::shown(&mut tx, record, held).await?;
    tx.commit().await?;
    Ok(answer)
}

/// What the review has held back becomes public with the registration.
async fn publish_if(tx: &mut Tx, publish: bool, holding: Stored<Holding>) -> Result<Holding> {
    if !publish || holding.value.published || !holding.value.state.is_confirmed() {
        return Ok(holding.value);
    }
    let mut next = holding.value.clone();
    next.published = true;
    let stored = store::holdings::update(tx, &next, holding.version).await?;
    announce(tx, Some(&holding.value), &stored);
    cards::follow(tx, std::slice::from_ref(&next.number)).await?;
    Ok(next)
}

fn tidy(note: Option<String>, step: RecordStep) -> Result<Option<String>> {
    let note = note.map(|note| note.replace("\r\n", "\n").trim().to_owned());
    let note = note.filter(|note| !note.is_empty());
    let kept = |c: char| !c.is_control() || c == '\n';
    if note
        .as_ref()
        .is_some_and(|note| note.chars().count() > NOTE_CHARS || !note.chars().all(kept))
    {
        return Err(Error::fault(
            "/note",
            "textLength",
            format!("说明最多 {NOTE_CHARS} 字。"),
            format!("A comment has at most {NOTE_CHARS} characters."),
        ));
    }
    if step == RecordStep::Return && note.is_none() {
        return Err(Error::fault(
            "/note",
            "reasonRequired",
            "退回时请写明原因。",
            "Say why it is returned.",
        ));
    }
    Ok(note)
}

/// Only a complete record goes on.
fn complete(record: &Inventory, holding: &Holding) -> Result<()> {
    let missing = record.missing(holding.conversion);
    if missing.is_empty() {
        return Ok(());
    }
    let zh: Vec<&str> = missing.iter().map(|item| item.zh()).collect();
    let en: Vec<&str> = missing.iter().map(|item| item.en()).collect();
    let refusal = Refusal::new(
        "recordIncomplete",
        format!("还有未填写的项目：{}。", zh.join("、")),
        format!("These items are still empty: {}.", en.join(", ")),
    );
    Err(Refused::from(refusal).into())
}

/// The name of the account that acts, as it is now; nothing for a key or the operator.
async fn name_of(tx: &mut Tx, actor: &Actor) -> Result<String> {
    let Some(id) = actor.account() else {
        return Ok(String::new());
    };
    let found = accounts::find(tx, &id).await?;
    Ok(found.map(|account| account.name).unwrap_or_default())
}

/// A page of a record's course, the first step first, and how many there are.
pub async fn course(
    services: &Services,
    actor: &Actor,
    id: &Id,
    after: &str,
    limit: usize,
) -> Result<(Vec<CourseEntry>, i64)> {
    let operation = Operation::ListInventorySteps;
    access::check_role(actor, operation)?;
    let mut tx = services.read().await?;
    let (record, _) = inventory::load(&mut tx, actor, operation, Want::See, id).await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let id = &record.value.id;
    Ok((
        reviews::page_course(&mut tx, id, after, limit).await?,
        reviews::count_course(&mut tx, id).await?,
    ))
}

/// Is this holding kept from the public until its record is registered?
pub(super) async fn held_back(tx: &mut Tx, holding: &Holding) -> Result<bool> {
    let rules = reviews::load_rules(tx, &holding.organisation).await?;
    if !rules.value.publish_after_review {
        return Ok(false);
    }
    let record = store::inventory::find_of_holding(tx, &holding.id).await?;
    Ok(record.is_none_or(|record| record.value.state != RecordState::Registered))
}

/// What is refused while the review holds a patent back.
pub(super) fn not_reviewed() -> Error {
    Error::fault(
        "/published",
        "reviewFirst",
        "本单位设置了审核后公开：请先完成盘点档案的登记入库。",
        "Your organisation publishes after review: register the stock record first.",
    )
}

/// The accounts of the actor's own organisation, for whoever may say who fills in what.
pub async fn members(services: &Services, actor: &Actor) -> Result<Vec<accounts::Account>> {
    access::check_role(actor, Operation::GetInventory)?;
    let (Sight::Own(own), true) = (actor.sight_within(), actor.may_assign()) else {
        return Ok(Vec::new());
    };
    let mut tx = services.read().await?;
    let mut found = accounts::list_by_party(&mut tx, &own).await?;
    found.retain(|account| account.state == crate::domain::account::AccountState::Active);
    Ok(found)
}
