//! What waits for somebody: worked out from the records, never kept beside them, so that a task is there exactly
//! as long as its reason.

use super::{Error, Result, Services};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        declaration::Declaration,
        eligibility::Block,
        event::{Noun, Sight},
        id::Id,
        inventory::Inventory,
        licence::{Licence, LicenceState},
        time::Day,
        words::words,
    },
    store::{Stored, Tx, declarations, inventory, licences, reviews},
};

words! {
    /// What is to be done.
    pub enum TaskKind {
        /// An announced declaration has a block: withdraw it, tell the licensees (审查指南第五部分第十一章 2.(2))
        MustWithdraw = "mustWithdraw", "应当撤回声明", "Withdraw the declaration";
        /// A licence is to be filed within three months (实施细则第十五条第二款)
        FilingDue = "filingDue", "应当备案", "File the licence";
        /// A notice was given; delivery or payment is wanting
        LicencePending = "licencePending", "待送达或待支付", "Deliver or pay";
        /// The patentee disputes a licence
        Disputed = "disputed", "有异议", "Settle a dispute";
        /// A stock record waits for its holder, or its term is over: for the holder alone
        RecordReview = "recordReview", "审核盘点档案", "Review a stock record";
    }
}

/// One thing to do.
#[derive(Clone, Debug)]
pub struct Task {
    pub kind: TaskKind,
    pub noun: Noun,
    pub id: Id,
    pub number: AppNo,
    /// Whose it is.
    pub organisation: Id,
    pub since: Option<Day>,
    pub due_on: Option<Day>,
    pub overdue: bool,
    pub blocks: Vec<Block>,
}

/// Where a page of tasks begins: behind this record of this kind.
#[derive(Clone, Debug)]
pub struct From {
    pub kind: TaskKind,
    pub after: String,
}

/// A page of the caller's tasks (an officer: everyone's), kind by kind, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    kind: Option<TaskKind>,
    from: Option<From>,
    limit: usize,
) -> Result<(Vec<Task>, i64)> {
    access::check_role(actor, Operation::ListTasks)?;
    let own = match actor.sight() {
        Sight::Office => None,
        Sight::Own(id) => Some(id),
        Sight::Public => return Err(access::Denied::NotYours.into()),
    };
    let today = services.clock.today();
    let kinds = TaskKind::ALL
        .into_iter()
        .filter(|k| kind.is_none_or(|wanted| wanted == *k));
    let mut tx = services.read().await?;
    let (mut tasks, mut total) = (Vec::new(), 0);
    let mut begun = from.is_none();
    for kind in kinds {
        let after = from.as_ref().filter(|from| from.kind == kind);
        begun |= after.is_some();
        let after = after.map_or("", |from| from.after.as_str());
        let room = if begun {
            limit.saturating_sub(tasks.len())
        } else {
            0
        };
        let days = (today, services.rules.withdraw_days);
        let (found, count) = of_kind(&mut tx, kind, own.as_ref(), after, room, days).await?;
        tasks.extend(found);
        total += count;
    }
    if !begun {
        return Err(Error::CursorMismatch);
    }
    Ok((tasks, total))
}

/// The tasks of one kind behind a record, and how many there are.
pub(super) async fn of_kind(
    tx: &mut Tx,
    kind: TaskKind,
    own: Option<&Id>,
    after: &str,
    room: usize,
    (today, withdraw_days): (Day, i32),
) -> Result<(Vec<Task>, i64)> {
    let room = i64::try_from(room).unwrap_or(i64::MAX);
    let sight = Sight::Office;
    if kind == TaskKind::MustWithdraw {
        let filter = declarations::Filter {
            organisation: own.cloned(),
            must_withdraw: true,
            ..declarations::Filter::default()
        };
        let found = declarations::page(tx, &sight, &filter, Some(after), room).await?;
        let total = declarations::count(tx, &sight, &filter).await?;
        let tasks = found
            .into_iter()
            .map(|d| of_declaration(d.value, today, withdraw_days));
        return Ok((tasks.collect(), total));
    }
    if kind == TaskKind::RecordReview {
        return records(tx, own, after, room, today).await;
    }
    let mut filter = licences::Filter {
        side: own.cloned(),
        ..licences::Filter::default()
    };
    match kind {
        TaskKind::FilingDue => filter.unfiled = true,
        TaskKind::Disputed => filter.disputed = true,
        TaskKind::LicencePending | TaskKind::MustWithdraw | TaskKind::RecordReview => {
            filter.state = Some(LicenceState::Pending);
        }
    }
    let found = licences::page(tx, &sight, &filter, Some(after), room).await?;
    let total = licences::count(tx, &sight, &filter).await?;
    let tasks = found.into_iter().map(|l| of_licence(kind, l.value, today));
    Ok((tasks.collect(), total))
}

/// Stock records that wait for this holder; the office has none of them to do.
async fn records(
    tx: &mut Tx,
    own: Option<&Id>,
    after: &str,
    room: i64,
    today: Day,
) -> Result<(Vec<Task>, i64)> {
    let Some(own) = own else {
        return Ok((Vec::new(), 0));
    };
    let submitted = reviews::load_rules(tx, own).await?.value.steps < 3;
    let day = today.to_string();
    let found = inventory::page_waiting(tx, own, submitted, &day, after, room).await?;
    let total = inventory::count_waiting(tx, own, submitted, &day).await?;
    let task = |(record, number): (Stored<Inventory>, AppNo)| Task {
        kind: TaskKind::RecordReview,
        noun: Noun::Inventory,
        overdue: record.value.is_overdue_on(today),
        due_on: record.value.due_on,
        id: record.value.id,
        number,
        organisation: record.value.organisation,
        since: None,
        blocks: Vec::new(),
    };
    Ok((found.into_iter().map(task).collect(), total))
}

/// The duty to withdraw, which is due so many days after its reason arose.
fn of_declaration(declaration: Declaration, today: Day, withdraw_days: i32) -> Task {
    let (since, blocks) = declaration
        .must_withdraw
        .map_or((None, Vec::new()), |task| (Some(task.since), task.blocks));
    let due_on = since.map(|day| day.saturating_add(jiff::Span::new().days(withdraw_days)));
    Task {
        kind: TaskKind::MustWithdraw,
        noun: Noun::Declaration,
        id: declaration.id,
        number: declaration.number,
        organisation: declaration.organisation,
        since,
        due_on,
        overdue: due_on.is_some_and(|due| today > due),
        blocks,
    }
}

fn of_licence(kind: TaskKind, licence: Licence, today: Day) -> Task {
    let response = licence.response.as_ref().map(|response| response.on);
    let (since, due_on) = match kind {
        TaskKind::FilingDue => (licence.effective_on, licence.filing_due_on),
        TaskKind::Disputed => (response, None),
        TaskKind::LicencePending | TaskKind::MustWithdraw | TaskKind::RecordReview => {
            (licence.notice_on, None)
        }
    };
    Task {
        kind,
        noun: Noun::Licence,
        overdue: kind == TaskKind::FilingDue && licence.filing_overdue_on(today),
        id: licence.id,
        number: licence.number,
        organisation: licence.holder,
        since,
        due_on,
        blocks: licence.acknowledged,
    }
}
