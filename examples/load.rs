//! Measures the search of a running server over HTTP: `cargo run --release --example load -- URL QUERIES CLIENTS
//! REQUESTS`. QUERIES is a text file, one title a line, taken in turn: whole, as a person pastes it, and its
//! first six characters, as a person types them. Prints median and 99th percentile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, queries, clients, requests] = arguments.as_slice() else {
        anyhow::bail!("usage: load URL QUERIES CLIENTS REQUESTS");
    };
    let queries: Arc<Vec<String>> = Arc::new(
        std::fs::read_to_string(queries)?
            .lines()
            .flat_map(|line| [line.to_owned(), line.chars().take(6).collect()])
            .collect(),
    );
    ensure!(!queries.is_empty(), "no queries");
    let (clients, requests): (usize, usize) = (clients.parse()?, requests.parse()?);
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| tokio::spawn(client(url.clone(), queries.clone(), next.clone(), requests)))
        .collect();
    let mut times = Vec::with_capacity(requests);
    for task in tasks {
        times.extend(task.await??);
    }
    let wall = started.elapsed();
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    println!(
        "{clients} clients, {} requests: p50 {:.1} ms, p99 {:.1} ms, {:.0} requests/s",
        times.len(),
        at(50),
        at(99),
        f64::from(u32::try_from(times.len())?) / wall.as_secs_f64()
    );
    Ok(())
}

async fn client(
    url: String,
    queries: Arc<Vec<String>>,
    next: Arc<AtomicUsize>,
    requests: usize,
) -> anyhow::Result<Vec<Duration>> {
    // As in the product no provider is built in; whoever comes second finds the first one's.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let mut times = Vec::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= requests {
            return Ok(times);
        }
        let address = reqwest::Url::parse_with_params(
            &format!("{url}/v1/patents"),
            [
                ("q", queries[n % queries.len()].as_str()),
                ("facet", "kind,ipcSubclass,legalStatus"),
            ],
        )?;
        let asked = Instant::now();
        let answer = http.get(address).send().await?;
        ensure!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.context("body")?;
        times.push(asked.elapsed());
    }
}
