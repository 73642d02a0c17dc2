//! Taking a licence in the browser: from the patent's page to the filing, for both sides, with nobody else looking on.

mod desk;
mod others;
mod taking;

use kaixu::domain::access::Role;

use crate::{
    accounts::entering::member,
    support::{
        World,
        browser::{Browser, Chosen},
        http::Answer,
        market::{Market, id_of},
    },
};

/// Somebody of the enterprise that takes licences.
async fn maker<'a>(market: &Market<'a>) -> Browser<'a> {
    let uscc = market.maker.uscc.to_string();
    member(
        market.world,
        "maker@example.com",
        Role::Enterprise,
        Some(&uscc),
    )
    .await
}

/// Somebody of the university.
async fn holder<'a>(market: &Market<'a>) -> Browser<'a> {
    let uscc = market.university.uscc.to_string();
    member(
        market.world,
        "holder@example.com",
        Role::Holder,
        Some(&uscc),
    )
    .await
}

async fn officer(world: &World) -> Browser<'_> {
    member(world, "officer@example.com", Role::Office, None).await
}

fn pdf(text: &str) -> Chosen<'static> {
    let content = format!("%PDF-1.7 {text}").into_bytes();
    ("file", "凭证.pdf", "application/pdf", content)
}

/// The value of a hidden field of the form with this action.
fn hidden(page: &str, action: &str, name: &str) -> String {
    let form = page
        .split(&format!("action=\"{action}\""))
        .nth(1)
        .unwrap_or_else(|| panic!("no form {action}: {page}"));
    let value = form
        .split(&format!("name=\"{name}\" value=\""))
        .nth(1)
        .unwrap_or_else(|| panic!("no {name}"));
    value.split('"').next().expect("a value").to_owned()
}

/// Gives notice on the patent's page; the answer of the form.
async fn give(browser: &Browser<'_>, number: &str, more: &[(&str, &str)]) -> Answer {
    let path = format!("/patents/{number}/notice");
    let page = browser.get(&path).await.text();
    let sent: Vec<(&str, String)> = ["declaration", "version", "once"]
        .map(|name| (name, hidden(&page, &path, name)))
        .into();
    let mut fields: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (*n, v.as_str())).collect();
    fields.extend(more);
    browser.send(&path, &path, &fields).await
}

/// The licence's page after a notice that passed.
async fn given(browser: &Browser<'_>, number: &str) -> String {
    let answer = give(browser, number, &[("agree", "yes")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let at = answer.header("location").to_owned();
    assert!(at.starts_with("/desk/licences/"), "{at}");
    at
}

/// Sends one of the forms with a file of a licence's page.
async fn send(
    browser: &Browser<'_>,
    at: &str,
    last: &str,
    fields: &[(&str, &str)],
    files: &[Chosen<'_>],
) -> Answer {
    let action = format!("{at}/{last}");
    let page = browser.get(at).await.text();
    let name = if last == "payments" {
        "once"
    } else {
        "version"
    };
    let value = hidden(&page, &action, name);
    let mut all = vec![(name, value.as_str())];
    all.extend(fields);
    browser.upload(at, &action, &all, files).await
}

/// The same record at the API.
async fn record(market: &Market<'_>, at: &str) -> serde_json::Value {
    market
        .read(&format!("/v1/licences/{}", id_of(at)), &market.office_key)
        .await
}
