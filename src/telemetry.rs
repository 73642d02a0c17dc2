//! Logs: one line an event, text on a terminal or JSON for a collector. Bodies, keys and query strings are
//! never logged.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Starts logging to standard error with this filter.
pub fn start(filter: &str, json: bool) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|e| format!("log filter: {e}"))?;
    let registry = tracing_subscriber::registry().with(filter);
    let outcome = if json {
        registry
            .with(fmt::layer().json().with_writer(std::io::stderr))
            .try_init()
    } else {
        registry
            .with(fmt::layer().with_writer(std::io::stderr).with_target(false))
            .try_init()
    };
    outcome.map_err(|e| e.to_string())
}
