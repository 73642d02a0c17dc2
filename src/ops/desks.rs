//! The front of a desk: what waits for a party, soonest first, and the little it wants to see every day. A few rows of
//! each, read from one moment of the database.

use super::{
    Result, Services, conflicts,
    dealings::{self, Dealing, DealingFilter},
    due::{self, Standing},
    inbox,
    progress::{self, Asked, Which},
    stock,
    tasks::{self, Task},
};
use crate::{
    domain::{
        access::{Actor, Role},
        declaration::Declaration,
        indicator::Metric,
        message::Message,
        stock::StockCounts,
    },
    store::{Stored, declarations},
};

/// What a desk's front shows.
#[derive(Clone, Debug)]
pub struct Front {
    /// The holder's own figures; none for an enterprise.
    pub stock: Option<StockCounts>,
    /// What is due of the holder, where it or the office has said so.
    pub due: Option<Standing>,
    /// Conflicts between sources that wait for the holder.
    pub conflicts: i64,
    /// Soonest first.
    pub tasks: Vec<Task>,
    pub task_count: i64,
    /// Not read yet, the newest first.
    pub messages: Vec<Message>,
    /// The latest.
    pub licences: Vec<Dealing>,
    pub licence_count: i64,
    /// Of the district's count, those of this party that took effect this year.
    pub counted_this_year: usize,
    /// What was announced last and can be taken today.
    pub offers: Vec<Stored<Declaration>>,
}

/// Rows of each list.
const SHOWN: usize = 6;
/// Tasks looked through for the soonest.
const TASKS: usize = 200;

/// The front of the desk of this actor's party.
pub async fn front(services: &Services, actor: &Actor) -> Result<Front> {
    let stock = match actor.role {
        Role::Holder => Some(stock::counts(services, actor).await?),
        _ => None,
    };
    let due = match (actor.role, &actor.organisation) {
        (Role::Holder, Some(own)) => due::find(services, actor, &own.to_string()).await?,
        _ => None,
    };
    let (mut tasks, task_count) = tasks::list(services, actor, None, None, TASKS).await?;
    tasks.sort_by_key(|task| {
        (
            !task.overdue,
            task.due_on.is_none(),
            task.due_on,
            task.since,
        )
    });
    tasks.truncate(SHOWN);
    let (messages, _) = inbox::list(services, actor, true, None, SHOWN).await?;
    let all = DealingFilter::default();
    let (licences, licence_count) = dealings::list(services, actor, all, None, SHOWN).await?;
    let today = services.clock.today();
    let mut tx = services.read().await?;
    let mut offers =
        declarations::page_of_latest(&mut tx, i64::try_from(4 * SHOWN).unwrap_or(24)).await?;
    drop(tx);
    let conflicts = match actor.role {
        Role::Holder => conflicts::count_open(&mut services.read().await?, actor).await?,
        _ => 0,
    };
    offers.retain(|offer| offer.value.is_offered_on(today));
    offers.truncate(SHOWN);
    Ok(Front {
        stock,
        due,
        conflicts,
        tasks,
        task_count,
        messages,
        licences,
        licence_count,
        counted_this_year: counted(services, actor).await?,
        offers,
    })
}

/// The licences of this party that the district counts and that took effect this year.
async fn counted(services: &Services, actor: &Actor) -> Result<usize> {
    let Some(own) = &actor.organisation else {
        return Ok(0);
    };
    let asked = Asked::default();
    let (basis, units) = progress::items(services, actor, &asked, &Which::of(Metric::M3)).await?;
    let ours = |unit: &&_| {
        let unit: &&crate::domain::indicator::Unit = unit;
        let side = unit.holder == *own || unit.licensee.as_ref() == Some(own);
        side && unit.on.year() == basis.as_of.year()
    };
    Ok(units.iter().filter(ours).count())
}
