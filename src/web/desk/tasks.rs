//! `GET /desk/tasks`: what waits for this party (an officer: for anybody), since when, until when, and where it is
//! done. Tasks are worked out from the records, so a line is there exactly as long as its reason.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{
    Nav, Tab,
    choices::{Choice, options, word},
};
use crate::{
    domain::{eligibility::Block, event::Noun, time::Day},
    ops::{
        self,
        out::List,
        tasks::{self, From, Task, TaskKind},
    },
    web::{Web, errors, out::Files, session::Member, visitor::Visitor, words::grouped},
};

/// Tasks a page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "desk_tasks.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    kinds: Choice,
    total: String,
    lines: Vec<Line>,
    files: Files,
    next: Option<String>,
}

struct Line {
    what: &'static str,
    why: String,
    number: String,
    href: String,
    since: String,
    due: Option<String>,
    overdue: bool,
    /// What is to be done, and where.
    act: &'static str,
    place: String,
}

/// `GET /desk/tasks`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    match build(&web, &member, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let asked = v.address.first("kind");
    let kind = word("kind", asked, TaskKind::parse)?;
    let from = v
        .address
        .first("after")
        .split_once('|')
        .and_then(|(kind, after)| {
            let kind = TaskKind::parse(kind)?;
            Some(From {
                kind,
                after: after.to_owned(),
            })
        });
    let (services, actor) = (&web.services, &member.actor);
    let (mut found, total) = tasks::list(services, actor, kind, from, SHOWN + 1).await?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found
        .last()
        .filter(|_| more)
        .map(|last| format!("{}|{}", last.kind.as_str(), last.id));
    // Within the page, what is late or due first stands first.
    found.sort_by_key(|task| {
        (
            !task.overdue,
            task.kind != TaskKind::MustWithdraw,
            task.due_on.unwrap_or(Day::MAX),
            task.since,
        )
    });
    let kinds = options(v, TaskKind::ALL, TaskKind::as_str, |kind| {
        (kind.zh(), kind.en())
    });
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Tasks),
        kinds: Choice::new(
            "kind",
            v.t("事项", "Kind"),
            v.t("不限", "any"),
            asked,
            kinds,
        ),
        total: grouped(total.unsigned_abs()),
        lines: found.iter().map(|task| line(v, member, task)).collect(),
        files: Files::of(List::Tasks, &v.address),
        next: last.map(|place| v.address.set("after", &place).at("/desk/tasks")),
    })
}

fn line(v: &Visitor, member: &Member, task: &Task) -> Line {
    let blocks: Vec<&str> = task
        .blocks
        .iter()
        .map(|block| v.t(block.zh(), block.en()))
        .collect();
    let is_own = member.actor.organisation.as_ref() == Some(&task.organisation);
    let (act, folder) = match (task.kind, task.noun) {
        // The pledgee's written consent to go on is the other way (审查指南第五部分第十一章 9).
        (TaskKind::MustWithdraw, _) if task.blocks == [Block::PledgeNoConsent] => (
            v.t(
                "补充质权人同意，或撤回",
                "Add the pledgee's consent, or withdraw",
            ),
            "declarations",
        ),
        (TaskKind::MustWithdraw, _) | (_, Noun::Declaration) => {
            (v.t("去办理撤回", "Withdraw it"), "declarations")
        }
        (TaskKind::FilingDue, _) => (v.t("登记备案", "Record the filing"), "licences"),
        (TaskKind::Disputed, _) => (v.t("查看异议", "See the dispute"), "licences"),
        (TaskKind::RecordReview, _) => (v.t("去审核", "Review it"), "inventory"),
        (TaskKind::RoyaltyReportDue, _) if is_own => {
            (v.t("报送结算", "Report the period"), "licences")
        }
        (TaskKind::PaymentDue, _) if is_own => (v.t("去付款", "Pay"), "licences"),
        (TaskKind::FollowUpDue, _) if is_own => (v.t("去答复", "Answer"), "licences"),
        (TaskKind::RoyaltyReportDue | TaskKind::PaymentDue | TaskKind::FollowUpDue, _) => {
            (v.t("等待被许可人", "The licensee's turn"), "licences")
        }
        (TaskKind::EnquiryOpen, _) if is_own => (v.t("去答复", "Answer"), "enquiries"),
        (TaskKind::EnquiryOpen, _) => (v.t("查看询问", "See the enquiry"), "enquiries"),
        (TaskKind::DisputeOpen, _) => (v.t("查看纠纷", "See the dispute"), "disputes"),
        (TaskKind::LicencePending, _) if is_own => (v.t("查看通知", "See the notice"), "licences"),
        (TaskKind::LicencePending, _) => (v.t("送达或付款", "Deliver or pay"), "licences"),
    };
    Line {
        what: v.t(task.kind.zh(), task.kind.en()),
        why: blocks.join("；"),
        number: task.number.zl(),
        href: format!("/patents/{}", task.number),
        since: task.since.map_or_else(String::new, |day| day.to_string()),
        due: task.due_on.map(|day| day.to_string()),
        overdue: task.overdue,
        act,
        place: format!("/desk/{folder}/{}", task.id),
    }
}
