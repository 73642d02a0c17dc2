//! Reminders: whoever must do something by a day is told some days before it and once it is late; each once, whoever
//! runs the clock and however often. What waits is what the tasks list, so nothing is reminded of that is done.

use super::{
    Result, Services, inbox, performances,
    tasks::{self, Task, TaskKind},
};
use crate::{
    domain::{
        event::Audience,
        id::Id,
        message::{MessageKind, subject},
        text::Text,
        time::Day,
    },
    store::{Tx, performances::note_reminder},
};

/// The kinds that have a day by which they are due.
const KINDS: [TaskKind; 6] = [
    TaskKind::MustWithdraw,
    TaskKind::FilingDue,
    TaskKind::RoyaltyReportDue,
    TaskKind::PaymentDue,
    TaskKind::FollowUpDue,
    TaskKind::EnquiryOpen,
];

/// Tasks read at once.
const PAGE: usize = 200;

/// The daily run; returns how many reminders were given.
pub async fn run(services: &Services) -> Result<usize> {
    performances::refresh(services).await?;
    let mut given = 0;
    for kind in KINDS {
        let mut after = String::new();
        loop {
            let today = services.clock.today();
            let mut tx = services.read().await?;
            let days = (today, services.rules.withdraw_days);
            let (found, _) = tasks::of_kind(&mut tx, kind, None, &after, PAGE, days).await?;
            drop(tx);
            let Some(last) = found.last() else { break };
            after = last.id.to_string();
            let near = today.saturating_add(jiff::Span::new().days(services.rules.remind_days));
            let due = found
                .into_iter()
                .filter(|task| task.due_on.is_some_and(|due| due <= near));
            given += remind(services, due.collect()).await?;
        }
    }
    Ok(given)
}

async fn remind(services: &Services, due: Vec<Task>) -> Result<usize> {
    if due.is_empty() {
        return Ok(0);
    }
    let mut given = 0;
    let mut tx = services.db.begin_write(services.now(), "system").await?;
    for task in due {
        let Some(day) = task.due_on else { continue };
        let late = if task.overdue { "late" } else { "soon" };
        let key = format!("{}/{}/{day}/{late}", task.kind.as_str(), task.id);
        let now = tx.now();
        if note_reminder(&mut tx, &key, now).await? {
            tell(services, &mut tx, &task, day).await?;
            given += 1;
        }
    }
    tx.commit().await?;
    Ok(given)
}

/// Whose it is; what is late concerns the other side too, and an enquiry without answer the office.
async fn tell(services: &Services, tx: &mut Tx, task: &Task, day: Day) -> Result<()> {
    let mut readers = vec![Audience::Organisation(task.organisation.clone())];
    let both = task.overdue || task.kind == TaskKind::FilingDue;
    let other: Option<&Id> = task.other.as_ref().filter(|_| both);
    readers.extend(other.map(|id| Audience::Organisation(id.clone())));
    if task.overdue && matches!(task.kind, TaskKind::EnquiryOpen | TaskKind::MustWithdraw) {
        readers.push(Audience::Office);
    }
    let kind = if task.overdue {
        MessageKind::Overdue
    } else {
        MessageKind::DueSoon
    };
    let zl = task.number.zl();
    for to in readers {
        let told = inbox::Told {
            kind,
            subject: subject(task.noun, &task.id),
            number: Some(task.number.clone()),
            text: Text::new(
                format!(
                    "专利 {zl}：{}，期限 {day}（{}）。",
                    task.kind.zh(),
                    kind.zh()
                ),
                format!("Patent {zl}: {}, by {day} ({}).", task.kind.en(), kind.en()),
            ),
        };
        inbox::tell(tx, services, &to, told).await?;
    }
    Ok(())
}
