//! The holder's desk: stock, imports, declarations, tasks, through the router with a signed-in session.

mod declarations;
pub mod imports;
mod stock;
mod tasks;

use kaixu::{
    domain::{
        access::{Actor, Role},
        review::Duty,
    },
    ops::accounts::{self, NewInvitation},
};

use crate::support::{
    World,
    browser::{Browser, Chosen, PASSWORD},
};

/// Somebody who has accepted an invitation and is signed in.
pub async fn member<'a>(
    world: &'a World,
    login: &str,
    role: Role,
    uscc: Option<&str>,
) -> Browser<'a> {
    let new = NewInvitation {
        login: login.into(),
        name: "李主任".into(),
        role,
        organisation: uscc.map(str::to_owned),
        duty: Duty::Officer,
    };
    let made = accounts::invite(&world.services, &Actor::operator("test"), new).await;
    let link = format!("/invitation/{}", made.expect("invites").token.reveal());
    let browser = Browser::new(world);
    let fields = [("password", PASSWORD), ("again", PASSWORD)];
    let answer = browser.send(&link, &link, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser
}

/// A small PDF for this field.
fn pdf(field: &str) -> Chosen<'_> {
    let content = format!("%PDF-1.7 {field}").into_bytes();
    (field, "证据.pdf", "application/pdf", content)
}

/// Every value of a hidden field or a box of this name on a page.
fn values<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let mark = format!("name=\"{name}\" value=\"");
    let parts = page.split(&mark).skip(1);
    parts.filter_map(|rest| rest.split('"').next()).collect()
}
