//! Every page that links lead to, for each kind of visitor: opened at a telephone's and a desk's width, checked, and its
//! picture kept for whoever wants to look.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{PASSWORD, checks, demo};
use crate::support::{chromium::Chromium, process::Installation};

const WIDTHS: [u32; 2] = [390, 1280];
/// The most pages for one visitor; there are far fewer shapes than that.
const MOST: usize = 120;

/// The links of the page that is open, without those that lead out of the pages.
const LINKS: &str = r"
return [...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin && !a.download)
  .map(a => a.pathname + a.search).filter(p => !/^\/(v1|docs|openapi|files|assets|export)/.test(p) && !/\.csv/.test(p) && !/[?&]lang=/.test(p));
";

/// A page's shape: its address without what only says of whom it speaks.
fn shape(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let mut last = "";
    let parts = path.split('/').map(|part| {
        let is_month = part.len() == 7 && part.starts_with("20");
        let is_code = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let is_id = part.len() >= 12 && part.bytes().any(|b| b.is_ascii_digit());
        // One form serves every item that can be corrected.
        let is_item = std::mem::replace(&mut last, part) == "corrections";
        if is_month || is_code || is_id || is_item {
            "x"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Visits one page of each shape; returns what is wrong, by page.
async fn visit(browser: &Chromium, visitor: &str) -> BTreeMap<String, Vec<String>> {
    let mut wrong = BTreeMap::new();
    let mut seen: BTreeSet<String> = ["/signout".to_owned()].into();
    let mut waiting: VecDeque<String> = ["/".to_owned()].into();
    while let Some(address) = waiting.pop_front() {
        let shape = shape(&address);
        if !seen.insert(shape.clone()) {
            continue;
        }
        assert!(seen.len() < MOST, "too many pages: {seen:?}");
        for width in WIDTHS {
            browser.size(width, 900).await;
            browser.open(&address).await;
            let faults = checks::faults(browser).await;
            if !faults.is_empty() {
                wrong.insert(format!("{visitor} {address} at {width}"), faults);
            }
            let name = shape.trim_matches('/').replace('/', "-");
            let name = if name.is_empty() { "home" } else { &name };
            browser.picture(&format!("{visitor}-{name}"), width).await;
        }
        let links = browser.ask(LINKS).await;
        let links = links.as_array().expect("a list").iter();
        waiting.extend(links.filter_map(|link| link.as_str()).map(str::to_owned));
    }
    eprintln!("{visitor}: {} pages", seen.len() - 1);
    wrong
}

async fn gallery(visitors: &[Option<&str>]) {
    let place = Installation::sqlite();
    let server = demo(&place).await;
    let Some(browser) = Chromium::start(&server.address).await else {
        return;
    };
    server.counts("", 329).await;
    let mut wrong = BTreeMap::new();
    for visitor in visitors {
        if let Some(role) = visitor {
            browser
                .sign_in(&format!("{role}@demo.example"), PASSWORD)
                .await;
        }
        wrong.append(&mut visit(&browser, visitor.unwrap_or("anyone")).await);
        if visitor.is_some() {
            browser.open("/").await;
            browser.sign_out().await;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_whole_and_usable_by_everyone() {
    gallery(&[None, Some("enterprise"), Some("holder"), Some("office")]).await;
}
