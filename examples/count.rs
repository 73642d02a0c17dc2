//! Measures the count and the watch on a large market: `cargo run --release --example count -- seed DECLARATIONS PATENTS`,
//! then `… -- measure TIMES`, both over the database that `kaixu.toml`, `KAIXU_DATA` and `DATABASE_URL` name, as every command.
//! Seeding goes the way that people go: files of patents, lists of declarations and of licences. Medians are printed.

use std::{
    fmt::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use kaixu::{
    app,
    config::Config,
    domain::{
        access::Actor,
        codes::{AppNo, Uscc},
        party::OrganisationKind,
        record::RecordKind,
        time::Day,
    },
    ops::{
        Services,
        imports::{self, FileImport},
        organisations::{self, NewOrganisation},
        progress::{self, Asked, KnownAt},
        records, targets, watch,
    },
    store::Db,
};

const HOLDERS: usize = 20;
const ENTERPRISES: usize = 400;
/// Licences a hundred declarations, as observed (about 0.23 each).
const LICENCES: usize = 23;
/// Rows of one list.
const ROWS: usize = 5_000;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let config = Config::load(None, std::env::vars())?;
    let db = app::open_database(&config).await?;
    let services = app::services(&config, db.clone(), None)?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["seed", declarations, patents] => {
            seed(&services, declarations.parse()?, patents.parse()?).await
        }
        ["measure", times] => measure(&config, &db, times.parse()?).await,
        _ => bail!("usage: count seed DECLARATIONS PATENTS | count measure TIMES"),
    }
}

fn operator() -> Actor {
    Actor::operator("count")
}

fn holder(n: usize) -> String {
    format!("量测大学{:02}", n % HOLDERS)
}

fn uscc(kind: usize, n: usize) -> Result<Uscc> {
    Uscc::complete(&format!("91371002{kind}{n:07}")).context("a code")
}

/// Invention `n`, filed in 2018 or later, its number complete with its check digit.
fn number(n: usize) -> Result<AppNo> {
    let body = format!("{}1{:07}", 2018 + n % 6, n);
    let (number, _) = AppNo::parse(&body).map_err(|e| anyhow::anyhow!("{body}: {e}"))?;
    Ok(number)
}

async fn seed(services: &Services, declarations: usize, patents: usize) -> Result<()> {
    ensure!(declarations <= patents, "more declarations than patents");
    targets::ensure(services).await.map_err(told)?;
    for n in 0..HOLDERS {
        organisation(
            services,
            uscc(1, n)?,
            &holder(n),
            OrganisationKind::University,
        )
        .await?;
    }
    for n in 0..ENTERPRISES {
        let name = format!("量测企业{n:03}");
        organisation(services, uscc(2, n)?, &name, OrganisationKind::Enterprise).await?;
    }
    let folder = tempfile::tempdir()?;
    for place in 0..HOLDERS {
        let mut sheet =
            String::from("申请号,专利名称,专利权人,申请日,授权公告日,法律状态,主分类号\n");
        for n in (place..patents).step_by(HOLDERS) {
            let (number, day) = (number(n)?, 1 + n % 28);
            let year = number.year();
            writeln!(
                sheet,
                "{number},量测装置{n},{},{year}-03-{day:02},{}-06-{day:02},专利权维持,B01D{}/00",
                holder(place),
                year + 2,
                1 + n % 60
            )?;
        }
        let path = folder.path().join(format!("patents{place}.csv"));
        std::fs::write(&path, sheet)?;
        let code = uscc(1, place)?;
        let asked = FileImport {
            path: &path,
            holder: Some(code.as_str()),
            status_as_of: None,
            said: Vec::new(),
            guesses: false,
            dry_run: false,
            on_progress: &mut |_| {},
            on_reject: &mut |reject| eprintln!("{reject:?}"),
            on_look: &mut |_| {},
        };
        let counts = imports::import_file(services, &operator(), asked).await;
        let counts = counts.map_err(told)?.map_err(told)?;
        ensure!(counts.rejected == 0, "{counts:?}");
        eprint!("\r{} of {HOLDERS} files of patents", place + 1);
    }
    eprintln!();
    std::fs::write(folder.path().join("公告.txt"), "公告文件")?;
    std::fs::write(folder.path().join("通知.txt"), "书面通知")?;
    std::fs::write(folder.path().join("凭证.txt"), "付款凭证")?;
    let head =
        "专利号,专利权人,开放许可声明编号,声明生效日,许可期限届满日,支付方式,金额（元）,公告文件";
    let rows = (0..declarations).map(|n| {
        let day = format!("2025-{:02}-{:02}", 1 + n % 12, 1 + n % 28);
        let (number, free) = (number(n)?, n % 3 == 0);
        let (mode, amount) = if free {
            ("free", "")
        } else {
            ("lumpSum", "20000")
        };
        Ok(format!(
            "{number},{},KF-{n:06},{day},2030-12-31,{mode},{amount},公告.txt",
            holder(n)
        ))
    });
    record(
        services,
        RecordKind::Declarations,
        head,
        rows,
        folder.path(),
    )
    .await?;
    let head = "开放许可声明编号,被许可人,通知日,支付日,支付金额（元）,通知文件,支付凭证";
    let taken = (0..declarations).filter(|n| n % 100 < LICENCES);
    let rows = taken.map(|n| {
        let day = format!("2026-{:02}-{:02}", 1 + n % 10, 1 + n % 28);
        let enterprise = uscc(2, n % ENTERPRISES)?;
        Ok(if n % 3 == 0 {
            format!("KF-{n:06},{enterprise},{day},,,通知.txt,")
        } else {
            format!("KF-{n:06},{enterprise},{day},{day},20000,通知.txt,凭证.txt")
        })
    });
    record(services, RecordKind::Licences, head, rows, folder.path()).await
}

fn told(error: impl std::fmt::Debug) -> anyhow::Error {
    anyhow::anyhow!("{error:?}")
}

async fn organisation(
    services: &Services,
    uscc: Uscc,
    name: &str,
    kind: OrganisationKind,
) -> Result<()> {
    let new = NewOrganisation {
        uscc,
        name: name.to_owned(),
        aliases: Vec::new(),
        kind,
        district: "371002".to_owned(),
        town: None,
        fictional: false,
    };
    let made = organisations::create(services, &operator(), None, new).await;
    made.map(drop).map_err(told)
}

async fn record(
    services: &Services,
    kind: RecordKind,
    head: &str,
    rows: impl Iterator<Item = Result<String>>,
    folder: &Path,
) -> Result<()> {
    let rows = rows.collect::<Result<Vec<_>>>()?;
    for (place, part) in rows.chunks(ROWS).enumerate() {
        let path = folder.join(format!("{}{place}.csv", kind.as_str()));
        std::fs::write(&path, format!("{head}\n{}\n", part.join("\n")))?;
        let named = records::named_in(services, kind, &path, folder)
            .await
            .map_err(told)?;
        for name in &named.there {
            named
                .store(services, &operator(), name)
                .await
                .map_err(told)?;
        }
        let report = records::import_file(services, &operator(), kind, &path, None).await;
        let report = report.map_err(told)?;
        ensure!(report.rejected.is_empty(), "{:?}", report.rejected.first());
        eprint!(
            "\r{} of {} {}",
            (place + 1) * ROWS,
            rows.len(),
            kind.as_str()
        );
    }
    eprintln!();
    Ok(())
}

async fn measure(config: &Config, db: &Db, times: usize) -> Result<()> {
    let fresh = || app::services(config, db.clone(), None);
    println!("memory before: {} MB", resident("VmRSS")?);
    let asked = |as_of: Option<Day>, known_at: Option<KnownAt>| Asked {
        target: None,
        as_of,
        known_at,
    };
    let mut seen = (0, 0);
    let mut cold = Vec::new();
    let mut warm = Vec::new();
    let mut earlier = Vec::new();
    for n in 0..times {
        // New services have counted nothing yet.
        let services = fresh()?;
        let began = Instant::now();
        let found = progress::progress(&services, &operator(), &Asked::default()).await;
        let (basis, found) = found.map_err(told)?;
        cold.push(began.elapsed());
        seen = (
            basis.known_at,
            found.count.all.of(basis.target.metric).total,
        );
        let day = jiff::civil::date(2026, 1 + i8::try_from(n % 10)?, 15);
        let began = Instant::now();
        let found = progress::progress(&services, &operator(), &asked(Some(day), None)).await;
        found.map_err(told)?;
        warm.push(began.elapsed());
        let known = KnownAt::Seq(basis.known_at * 9 / 10);
        let began = Instant::now();
        let found = progress::progress(&services, &operator(), &asked(None, Some(known))).await;
        found.map_err(told)?;
        earlier.push(began.elapsed());
    }
    println!("changes {}, the target's figure {}", seen.0, seen.1);
    println!("all figures, nothing kept: {}", told_times(cold));
    println!("all figures, another day: {}", told_times(warm));
    println!(
        "all figures, by the knowledge of nine tenths: {}",
        told_times(earlier)
    );
    println!("memory after counting: {} MB", resident("VmRSS")?);
    let services = fresh()?;
    let mut watched = Vec::new();
    let mut changed = 0;
    for _ in 0..times {
        let began = Instant::now();
        changed += watch::run(&services).await.map_err(told)?;
        watched.push(began.elapsed());
    }
    println!(
        "watch over all live declarations: {}, {changed} changed",
        told_times(watched)
    );
    println!("memory at its peak: {} MB", resident("VmHWM")?);
    Ok(())
}

fn told_times(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    format!("median {:.2} s of {}", median.as_secs_f64(), times.len())
}

/// Of this process, MB.
fn resident(what: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kb = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kb.context("no such figure")?.parse::<u64>()? / 1024)
}
