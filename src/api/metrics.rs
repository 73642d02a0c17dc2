//! What an operator watches: requests by route and status, their time, the index's distance from the head.

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

/// The process's figures.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter<u64, AtomicU64>>,
    seconds: Family<Route, Histogram>,
    head: Gauge<i64, AtomicI64>,
    applied: Gauge<i64, AtomicI64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("kaixu");
        let requests = Family::default();
        registry.register("requests", "Answered requests", requests.clone());
        let seconds = Family::new_with_constructor(
            (|| Histogram::new(exponential_buckets(0.001, 2.5, 10))) as fn() -> Histogram,
        );
        registry.register_with_unit(
            "request_duration",
            "Time to the answer",
            Unit::Seconds,
            Family::clone(&seconds),
        );
        let (head, applied) = (Gauge::default(), Gauge::default());
        registry.register("changes_head", "Last committed change", Gauge::clone(&head));
        registry.register(
            "changes_indexed",
            "Last change that searches see",
            Gauge::clone(&applied),
        );
        Self {
            registry,
            requests,
            seconds,
            head,
            applied,
        }
    }
}

impl Metrics {
    /// Counts an answered request. `route` is the pattern, never the address itself.
    pub fn answered(&self, method: &str, route: &str, status: u16, seconds: f64) {
        let (method, route) = (method.to_owned(), route.to_owned());
        self.requests
            .get_or_create(&Answered {
                method: method.clone(),
                route: route.clone(),
                status,
            })
            .inc();
        self.seconds
            .get_or_create(&Route { method, route })
            .observe(seconds);
    }

    /// The Prometheus text.
    pub fn text(&self, head: i64, applied: i64) -> String {
        self.head.set(head);
        self.applied.set(applied);
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
