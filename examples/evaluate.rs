//! Measures search: `cargo run --release --example evaluate -- DATA_DIR EVAL_DIR`. The labelled
//! sets and metrics are those of `baseline.py`: known items with the title field off, claims to abstracts,
//! twins by `similar` without titles, portfolios from ten titles without applicants.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use kaixu::{
    domain::{
        codes::{AppNo, Ipc, PubNo},
        event::{ChangeRow, Sight},
        id::Id,
        patent::{CheckSource, LegalStatus, Patent, Region, Stage},
        reference::Derived,
        search::{FacetField, Query, TextField},
        time::Day,
    },
    search::{Entry, Options, Search, Source, SourceError},
};
use serde_json::Value;

const TODAY: Day = jiff::civil::date(2026, 1, 1);

/// The corpus in memory, without changes.
struct Corpus(Vec<Entry>);

impl Source for Corpus {
    async fn head(&self) -> Result<i64, SourceError> {
        Ok(0)
    }

    async fn changes_after(&self, _: i64, _: usize) -> Result<Vec<ChangeRow>, SourceError> {
        Ok(Vec::new())
    }

    async fn documents(&self, _: &[AppNo]) -> Result<Vec<Entry>, SourceError> {
        Ok(Vec::new())
    }

    async fn scan(&self, after: Option<&AppNo>, limit: usize) -> Result<Vec<Entry>, SourceError> {
        let from = after.map_or(0, |after| {
            self.0
                .partition_point(|entry| entry.patent.number <= *after)
        });
        Ok(self.0[from..].iter().take(limit).cloned().collect())
    }

    async fn numbers_of(
        &self,
        _: &Id,
        _: Option<&AppNo>,
        _: usize,
    ) -> Result<Vec<AppNo>, SourceError> {
        Ok(Vec::new())
    }

    async fn numbers_of_holdings(&self, _: &[Id]) -> Result<HashMap<Id, AppNo>, SourceError> {
        Ok(HashMap::new())
    }

    async fn numbers_of_declarations(&self, _: &[Id]) -> Result<HashMap<Id, AppNo>, SourceError> {
        Ok(HashMap::new())
    }
}

fn read_lines(path: &Path) -> Result<Vec<Value>> {
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    let reader: Box<dyn std::io::Read> = if path.extension().is_some_and(|e| e == "gz") {
        Box::new(flate2::read::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    BufReader::new(reader)
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect()
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(ToOwned::to_owned)
        .collect()
}

fn patent(record: &Value) -> Option<Patent> {
    let text = |name: &str| record[name].as_str().map(ToOwned::to_owned);
    let day = |name: &str| {
        record[name]
            .as_str()
            .and_then(|text| text.parse::<Day>().ok())
    };
    let number = AppNo::parse(record["app_no"].as_str()?).ok()?.0;
    Some(Patent {
        kind: number.kind(),
        number,
        check_source: CheckSource::Printed,
        title: text("title")?,
        abstract_text: text("abstract"),
        main_claim: text("claims").or_else(|| texts(&record["claims"]).into_iter().next()),
        ipc: texts(&record["ipc"])
            .iter()
            .filter_map(|symbol| Ipc::parse(symbol).ok())
            .collect(),
        locarno: Vec::new(),
        industries: Vec::new(),
        applicants: texts(&record["applicants"]),
        owners: Vec::new(),
        inventors: texts(&record["inventors"]),
        filing_date: day("app_date"),
        publication_number: record["pub_no"]
            .as_str()
            .and_then(|text| PubNo::parse(text).ok()),
        publication_date: day("pub_date"),
        grant_number: None,
        grant_date: None,
        stage: Stage::Listed,
        legal_status: LegalStatus::Unknown,
        status_text: None,
        status_as_of: None,
        status_source: None,
        region: record["region"]["code"].as_str().map(|code| Region {
            code: code.to_owned(),
            name: record["region"]["province"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }),
        fictional: false,
    })
}

fn number_of(id: &str) -> String {
    AppNo::parse(id).map_or_else(|_| id.to_owned(), |(number, _)| number.to_string())
}

struct Bench {
    search: Search,
    titles: std::collections::HashMap<String, String>,
}

impl Bench {
    async fn ask(
        &self,
        text: &str,
        fields: Option<Vec<TextField>>,
        limit: usize,
    ) -> Result<Vec<String>> {
        let mut query = Query::new(text, Sight::Public, TODAY);
        (query.fields, query.limit) = (fields, limit);
        let found = self.search.search(query).await?;
        Ok(found
            .hits
            .into_iter()
            .map(|hit| hit.number.to_string())
            .collect())
    }

    async fn known(
        &self,
        name: &str,
        path: &Path,
        most: usize,
        fields: Option<Vec<TextField>>,
    ) -> Result<()> {
        let items = read_lines(path)?;
        let items = &items[..items.len().min(most)];
        let (mut reciprocal, mut first, mut ten) = (0.0, 0, 0);
        for item in items {
            let target = number_of(
                item["target"]
                    .as_str()
                    .or(item["id"].as_str())
                    .unwrap_or_default(),
            );
            let hits = self
                .ask(
                    item["query"].as_str().unwrap_or_default(),
                    fields.clone(),
                    10,
                )
                .await?;
            if let Some(place) = hits.iter().position(|hit| *hit == target) {
                reciprocal += 1.0 / count(place + 1);
                ten += 1;
                first += usize::from(place == 0);
            }
        }
        let n = count(items.len());
        println!(
            "{name:28} n={} MRR@10={:.3} R@1={:.3} R@10={:.3}",
            items.len(),
            reciprocal / n,
            count(first) / n,
            count(ten) / n
        );
        Ok(())
    }

    async fn twins(
        &self,
        name: &str,
        path: &Path,
        most: usize,
        fields: Option<Vec<TextField>>,
    ) -> Result<()> {
        let text = std::fs::read_to_string(path)?;
        let rows: Vec<Vec<&str>> = text
            .lines()
            .skip(1)
            .take(most)
            .map(|line| line.split(',').collect())
            .collect();
        let (mut reciprocal, mut ten) = (0.0, 0);
        for row in &rows {
            let (one, other) = (AppNo::parse(row[0])?.0, number_of(row[1]));
            let hits = self
                .search
                .similar_by(&one, 10, &Sight::Public, TODAY, fields.clone())
                .await?;
            if let Some(place) = hits.iter().position(|hit| hit.number.as_str() == other) {
                reciprocal += 1.0 / count(place + 1);
                ten += 1;
            }
        }
        let n = count(rows.len());
        println!(
            "{name:28} n={} MRR@10={:.3} R@10={:.3}",
            rows.len(),
            reciprocal / n,
            count(ten) / n
        );
        Ok(())
    }

    async fn portfolios(&self, name: &str, path: &Path, fields: Vec<TextField>) -> Result<()> {
        let companies = read_lines(path)?;
        let companies = &companies[..companies.len().min(100)];
        let mut sum = 0.0;
        let mut random = 1_u64;
        for company in companies {
            let mut ids: Vec<String> = texts(&company["ids"])
                .iter()
                .map(|id| number_of(id))
                .collect();
            shuffle(&mut ids, &mut random);
            let (known, rest) = ids.split_at(ids.len() / 2);
            let targets: HashSet<&String> = rest.iter().collect();
            let titles: Vec<&str> = known
                .iter()
                .take(10)
                .filter_map(|id| self.titles.get(id))
                .map(String::as_str)
                .collect();
            let hits = self
                .ask(
                    &titles.join(" "),
                    Some(fields.clone()),
                    (50 + known.len()).min(200),
                )
                .await?;
            let hits = hits.iter().filter(|hit| !known.contains(hit)).take(20);
            sum += count(hits.filter(|hit| targets.contains(hit)).count())
                / count(targets.len().min(20));
        }
        println!(
            "{name:28} n={} P@20(cap)={:.3}",
            companies.len(),
            sum / count(companies.len())
        );
        Ok(())
    }

    async fn speed(
        &self,
        name: &str,
        queries: &[String],
        threads: usize,
        facets: bool,
    ) -> Result<()> {
        let mut tasks = Vec::new();
        for thread in 0..threads {
            let mine: Vec<String> = queries
                .iter()
                .skip(thread)
                .step_by(threads)
                .cloned()
                .collect();
            let search = self.search.clone();
            tasks.push(tokio::spawn(async move {
                let mut times = Vec::with_capacity(mine.len());
                for text in mine {
                    let mut query = Query::new(text, Sight::Public, TODAY);
                    if facets {
                        query.facets = FacetField::ALL.to_vec();
                    }
                    let start = Instant::now();
                    search.search(query).await?;
                    times.push(start.elapsed());
                }
                Ok::<_, kaixu::search::Error>(times)
            }));
        }
        let start = Instant::now();
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await??);
        }
        let rate = count(times.len()) / start.elapsed().as_secs_f64();
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
        println!(
            "{name:28} threads={threads} p50={:?} p99={:?} {rate:.0}/s",
            at(50),
            at(99)
        );
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn count(n: usize) -> f64 {
    n as f64
}

/// Seeded, but not Python's generator: the halves differ from the baseline's.
fn shuffle(ids: &mut [String], state: &mut u64) {
    for i in (1..ids.len()).rev() {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let pick = usize::try_from(*state >> 33).unwrap_or(0) % (i + 1);
        ids.swap(i, pick);
    }
}

fn folder_bytes(path: &Path) -> u64 {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| {
        if entry.path().is_dir() {
            folder_bytes(&entry.path())
        } else {
            entry.metadata().map_or(0, |m| m.len())
        }
    };
    entries.map(size).sum()
}

impl Bench {
    async fn quality(&self, eval: &Path) -> Result<()> {
        let (known, claims) = (
            eval.join("knownitem.jsonl"),
            eval.join("claim_to_abstract.jsonl"),
        );
        let (twins, portfolios) = (eval.join("twins.csv"), eval.join("portfolios.jsonl"));
        let no_title = Some(vec![TextField::Abstract, TextField::Claim]);
        let texts = vec![TextField::Title, TextField::Abstract, TextField::Claim];
        self.known("knownitem, title off", &known, 500, no_title.clone())
            .await?;
        self.known(
            "claim_to_abstract",
            &claims,
            130,
            Some(vec![TextField::Abstract]),
        )
        .await?;
        self.twins("twins, title off", &twins, 300, no_title.clone())
            .await?;
        self.portfolios(
            "portfolios, abstract",
            &portfolios,
            vec![TextField::Abstract],
        )
        .await?;
        self.portfolios("portfolios, title+abstract", &portfolios, texts)
            .await?;
        self.known(
            "(all knownitem, title off)",
            &known,
            usize::MAX,
            no_title.clone(),
        )
        .await?;
        self.twins("(all twins, title off)", &twins, usize::MAX, no_title)
            .await?;
        self.known("(knownitem, all fields)", &known, 500, None)
            .await?;
        self.known("(claims, all fields)", &claims, 130, None)
            .await?;
        self.twins("(twins, all fields)", &twins, 300, None).await
    }

    async fn speeds(&self, data: &Path, eval: &Path) -> Result<()> {
        let field = |records: Vec<Value>, name: &str| -> Vec<String> {
            records
                .iter()
                .filter_map(|record| record[name].as_str().map(ToOwned::to_owned))
                .collect()
        };
        let titles = field(read_lines(&eval.join("knownitem.jsonl"))?, "query");
        let mut needs = field(read_lines(&data.join("demands.jsonl"))?, "text");
        needs.truncate(400);
        let last_four = |text: &String| {
            text.chars()
                .skip(text.chars().count().saturating_sub(4))
                .collect()
        };
        let short: Vec<String> = titles.iter().map(last_four).collect();
        for threads in [1, 8] {
            self.speed("four characters", &short, threads, false)
                .await?;
            self.speed("titles", &titles, threads, false).await?;
            self.speed("titles with all facets", &titles, threads, true)
                .await?;
            self.speed("needs (paragraphs)", &needs, threads, false)
                .await?;
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let data = arguments
        .next()
        .context("usage: evaluate DATA_DIR EVAL_DIR [INDEX_TO_KEEP]")?;
    let eval = arguments
        .next()
        .context("usage: evaluate DATA_DIR EVAL_DIR [INDEX_TO_KEEP]")?;
    let records = read_lines(&data.join("patents_108k.jsonl.gz"))?;
    let patents = records.iter().filter_map(patent);
    let mut entries: Vec<Entry> = patents
        .map(|patent| Entry {
            patent,
            holders: Vec::new(),
            card: None,
            offers: Vec::new(),
            derived: Derived::default(),
        })
        .collect();
    entries.sort_by(|a, b| a.patent.number.cmp(&b.patent.number));
    entries.dedup_by(|a, b| a.patent.number == b.patent.number);
    let titles = entries
        .iter()
        .map(|e| (e.patent.number.to_string(), e.patent.title.clone()))
        .collect();
    let documents = entries.len();

    let temporary = tempfile::tempdir()?;
    let folder = arguments
        .next()
        .unwrap_or_else(|| temporary.path().join("index"));
    let (search, indexer) = Search::open(Options::new(&folder))?;
    let stop = tokio_util::sync::CancellationToken::new();
    let start = Instant::now();
    let running = tokio::spawn(indexer.run(Arc::new(Corpus(entries)), stop.clone()));
    anyhow::ensure!(
        search.wait_for(0, Duration::from_hours(1)).await,
        "the index was not built"
    );
    let (seconds, megabytes) = (
        start.elapsed().as_secs_f64(),
        folder_bytes(&folder) / 1_000_000,
    );
    println!(
        "indexed {documents} in {seconds:.1} s, {:.0}/s, {megabytes} MB",
        count(documents) / seconds
    );

    let bench = Bench { search, titles };
    bench.quality(&eval).await?;
    bench.speeds(&data, &eval).await?;
    stop.cancel();
    running.await?;
    Ok(())
}
