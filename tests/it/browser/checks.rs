//! What every page must keep to, asked in the browser itself: WCAG 2.1 AA as far as a machine can tell.

use serde_json::Value;

use crate::support::chromium::Chromium;

/// Returns a list of what is wrong with the page that is open.
const SCRIPT: &str = include_str!("checks.js");

/// What is wrong with the page that is open.
pub async fn faults(browser: &Chromium) -> Vec<String> {
    let Value::Array(faults) = browser.ask(SCRIPT).await else {
        panic!("the checks return a list");
    };
    let texts = faults.into_iter();
    texts
        .map(|fault| fault.as_str().unwrap_or_default().to_owned())
        .collect()
}
