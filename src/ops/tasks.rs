//! What waits for somebody: worked out from the records, never kept beside them, so that a task is there exactly
//! as long as its reason.

use std::collections::HashMap;

use super::{Error, Result, Services};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        declaration::Declaration,
        dispute::Dispute,
        eligibility::Block,
        enquiry::Enquiry,
        event::{Noun, Sight},
        id::Id,
        inventory::Inventory,
        licence::{Licence, LicenceState},
        performance::Span,
        time::Day,
        words::words,
    },
    store::{
        Stored, Tx, declarations, disputes, enquiries, inventory, licences,
        performances::{self, Wait},
        reviews,
    },
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
        /// The figure of a settlement period is to be reported, by the licensee
        RoyaltyReportDue = "royaltyReportDue", "报送提成结算", "Report a royalty period";
        /// A due of the announced terms is to be paid, by the licensee
        PaymentDue = "paymentDue", "支付使用费", "Pay what is due";
        /// The licensee is asked what has become of the licence
        FollowUpDue = "followUpDue", "回访：实施情况", "Say what became of the licence";
        /// An enquiry has no answer yet
        EnquiryOpen = "enquiryOpen", "答复询问", "Answer an enquiry";
        /// A dispute that was opened has not ended
        DisputeOpen = "disputeOpen", "处理纠纷", "Deal with a dispute";
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
    /// The other side, where there is one.
    pub other: Option<Id>,
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
    match kind {
        TaskKind::RecordReview => return records(tx, own, after, room, today).await,
        TaskKind::RoyaltyReportDue => {
            return waiting(tx, kind, Wait::Report, own, after, (room, today)).await;
        }
        TaskKind::PaymentDue => {
            return waiting(tx, kind, Wait::Payment, own, after, (room, today)).await;
        }
        TaskKind::FollowUpDue => {
            return waiting(tx, kind, Wait::FollowUp, own, after, (room, today)).await;
        }
        TaskKind::EnquiryOpen => return asked(tx, own, after, room, today).await,
        TaskKind::DisputeOpen => return disputed(tx, own, after, room).await,
        TaskKind::MustWithdraw
        | TaskKind::FilingDue
        | TaskKind::LicencePending
        | TaskKind::Disputed => {}
    }
    let mut filter = licences::Filter {
        side: own.cloned(),
        ..licences::Filter::default()
    };
    match kind {
        TaskKind::FilingDue => filter.unfiled = true,
        TaskKind::Disputed => filter.disputed = true,
        _ => filter.state = Some(LicenceState::Pending),
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
        other: None,
        since: None,
        blocks: Vec::new(),
    };
    Ok((found.into_iter().map(task).collect(), total))
}

/// What licences wait for of their licensees, from its first day on.
async fn waiting(
    tx: &mut Tx,
    kind: TaskKind,
    wait: Wait,
    own: Option<&Id>,
    after: &str,
    (room, today): (i64, Day),
) -> Result<(Vec<Task>, i64)> {
    let found = performances::page_waiting(tx, wait, own, today, after, room).await?;
    let total = performances::count_waiting(tx, wait, own, today).await?;
    let ids: Vec<Id> = found.iter().map(|(id, _)| id.clone()).collect();
    let known = licences::list_by_ids(tx, &ids).await?;
    let spans: HashMap<Id, Span> = found.into_iter().collect();
    let task = |licence: Stored<Licence>| {
        let span = spans.get(&licence.value.id)?;
        Some(Task {
            kind,
            noun: Noun::Licence,
            id: licence.value.id,
            number: licence.value.number,
            organisation: licence.value.licensee.id().clone(),
            other: Some(licence.value.holder),
            since: Some(span.from),
            due_on: Some(span.due_on),
            overdue: span.due_on < today,
            blocks: Vec::new(),
        })
    };
    Ok((known.into_iter().filter_map(task).collect(), total))
}

/// Enquiries without an answer, which are their patentees' to give.
async fn asked(
    tx: &mut Tx,
    own: Option<&Id>,
    after: &str,
    room: i64,
    today: Day,
) -> Result<(Vec<Task>, i64)> {
    let filter = enquiries::Filter {
        side: own.cloned(),
        open: Some(true),
        ..enquiries::Filter::default()
    };
    let found = enquiries::page(tx, &filter, Some(after), room).await?;
    let total = enquiries::count(tx, &filter).await?;
    let task = |enquiry: Stored<Enquiry>| Task {
        kind: TaskKind::EnquiryOpen,
        noun: Noun::Enquiry,
        overdue: enquiry.value.is_overdue_on(today),
        since: Some(enquiry.value.asked_on),
        due_on: Some(enquiry.value.due_on),
        id: enquiry.value.id,
        number: enquiry.value.number,
        organisation: enquiry.value.holder,
        other: Some(enquiry.value.asker),
        blocks: Vec::new(),
    };
    Ok((found.into_iter().map(task).collect(), total))
}

/// Disputes that have not ended.
async fn disputed(
    tx: &mut Tx,
    own: Option<&Id>,
    after: &str,
    room: i64,
) -> Result<(Vec<Task>, i64)> {
    let filter = disputes::Filter {
        side: own.cloned(),
        open: Some(true),
        ..disputes::Filter::default()
    };
    let found = disputes::page(tx, &filter, Some(after), room).await?;
    let total = disputes::count(tx, &filter).await?;
    let task = |dispute: Stored<Dispute>| Task {
        kind: TaskKind::DisputeOpen,
        noun: Noun::Dispute,
        since: dispute.value.opened_on(),
        due_on: None,
        overdue: false,
        id: dispute.value.id,
        number: dispute.value.number,
        organisation: dispute.value.holder,
        other: Some(dispute.value.licensee),
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
        other: None,
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
        _ => (licence.notice_on, None),
    };
    Task {
        kind,
        noun: Noun::Licence,
        overdue: kind == TaskKind::FilingDue && licence.filing_overdue_on(today),
        id: licence.id,
        number: licence.number,
        organisation: licence.holder,
        other: Some(licence.licensee.id().clone()),
        since,
        due_on,
        blocks: licence.acknowledged,
    }
}
