//! Keeping an installation: reindex, verify, dump, backup, restore.

use std::{
    io::{BufWriter, Write as _},
    path::Path,
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use flate2::write::GzEncoder;
use tokio_util::sync::CancellationToken;

use super::{open_existing, said};
use crate::{
    app,
    config::Config,
    domain::audit_head::AuditHead,
    ops::{dump, reindex, verify},
    search::{self, Search},
    store::Db,
};

/// Builds the index anew; a server that holds the folder is asked to do it.
pub async fn reindex(config: &Config) -> anyhow::Result<()> {
    let folder = config.data.join("index");
    let services = open_existing(config).await?;
    let (search, indexer) = match Search::open(search::Options::new(&folder)) {
        Ok(opened) => opened,
        Err(search::Error::Locked) => {
            said(reindex::request(&services, &folder).await)?;
            println!("a server holds this index; it has been asked to build it anew");
            return Ok(());
        }
        Err(error) => return Err(error).context("cannot open the index"),
    };
    let stop = CancellationToken::new();
    let before = search.generation();
    // Without an index the indexer builds one anyway.
    if search.ready() {
        search.rebuild();
    }
    let running = tokio::spawn(indexer.run(Arc::new(services.db.clone()), stop.clone()));
    let head = said(crate::ops::health::check(&services).await)?.head;
    while search.generation() == before || search.applied_seq() < head {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    running.await?;
    println!("index built, change {head} applied");
    Ok(())
}

/// Heads of the chain as somebody has kept them: answers of `/v1/audit/heads`, or one head or list of heads after another.
fn kept_heads(file: Option<&Path>) -> anyhow::Result<Vec<AuditHead>> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let unreadable = || format!("{} holds no heads of the chain", file.display());
    let mut heads = Vec::new();
    for value in serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>() {
        let mut value = value.with_context(unreadable)?;
        let items = value.get_mut("items").map(serde_json::Value::take);
        let value = items.unwrap_or(value);
        if value.is_array() {
            let more: Vec<AuditHead> = serde_json::from_value(value).with_context(unreadable)?;
            heads.extend(more);
        } else {
            heads.push(serde_json::from_value(value).with_context(unreadable)?);
        }
    }
    ensure!(!heads.is_empty(), unreadable());
    Ok(heads)
}

pub async fn verify(config: &Config, heads: Option<&Path>) -> anyhow::Result<()> {
    let heads = kept_heads(heads)?;
    let services = open_existing(config).await?;
    match said(verify::verify_against(&services, &heads).await)? {
        Ok(report) => {
            println!(
                "{} changes, {} records, {} imports, {} files, {} contents{}: all hold",
                report.changes,
                report.records,
                report.imports,
                report.files,
                report.blobs,
                counted(&report)
            );
            Ok(())
        }
        Err(found) => bail!("does not hold: {found}"),
    }
}

/// What was held against the law and counted, where there is any of it.
fn counted(report: &verify::Report) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    if report.declarations > 0 {
        let _ = write!(
            text,
            ", {} declarations and {} licences by the law",
            report.declarations, report.licences
        );
    }
    if report.targets > 0 {
        let _ = write!(
            text,
            ", {} targets recounted {} times",
            report.targets, report.counts
        );
    }
    if report.heads > 0 {
        let _ = write!(text, ", {} kept heads", report.heads);
    }
    text
}

/// Checks a dump, without a database.
pub fn verify_dump(file: &Path, heads: Option<&Path>) -> anyhow::Result<()> {
    let heads = kept_heads(heads)?;
    let open =
        || std::fs::File::open(file).with_context(|| format!("cannot read {}", file.display()));
    match verify::verify_dump_against(open()?, &heads)? {
        Ok(report) => {
            println!(
                "{} changes, {} records, {} files{}: all hold",
                report.changes,
                report.records,
                report.files,
                counted(&report)
            );
            Ok(())
        }
        Err(found) => bail!("does not hold: {found}"),
    }
}

/// Writes a dump: whole or not at all, for its owner's eyes.
pub async fn dump(config: &Config, file: &Path, force: bool) -> anyhow::Result<()> {
    let exists = || format!("{} exists already; --force replaces it", file.display());
    ensure!(force || !file.exists(), exists());
    let services = open_existing(config).await?;
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // Made with mode 0600, and gone unless it is kept.
    let mut unfinished = tempfile::Builder::new()
        .prefix(".dump")
        .tempfile_in(folder)
        .with_context(|| format!("cannot write to {}", folder.display()))?;
    let packed = file.extension().is_some_and(|ending| ending == "gz");
    let written = if packed {
        let mut out = GzEncoder::new(unfinished.as_file_mut(), flate2::Compression::default());
        let written = said(dump::write(&services, &mut out).await)?;
        out.finish()?;
        written
    } else {
        let mut out = BufWriter::new(unfinished.as_file_mut());
        let written = said(dump::write(&services, &mut out).await)?;
        out.flush()?;
        written
    };
    unfinished.as_file().sync_all()?;
    if force {
        unfinished.persist(file)?;
    } else {
        unfinished.persist_noclobber(file).with_context(exists)?;
    }
    println!(
        "{} changes, {} records, {} files, {} targets in {}",
        written.changes,
        written.records,
        written.files,
        written.indicators,
        file.display()
    );
    Ok(())
}

pub async fn backup(config: &Config, file: &Path) -> anyhow::Result<()> {
    ensure!(!file.exists(), "{} exists already", file.display());
    match config.database_url.as_str() {
        None => {
            let services = open_existing(config).await?;
            services.db.copy_to(file).await?;
        }
        Some(url) => run_tool(
            "pg_dump",
            url,
            &["--format=custom", "--no-owner", "--file"],
            file,
        )?,
    }
    println!(
        "{} ({} bytes)",
        file.display(),
        std::fs::metadata(file)?.len()
    );
    Ok(())
}

/// Restores into an empty place only, then verifies every row.
pub async fn restore(config: &Config, file: &Path) -> anyhow::Result<()> {
    ensure!(file.exists(), "{} does not exist", file.display());
    match config.database_url.as_str() {
        None => {
            let target = config.data.join("kaixu.sqlite");
            // A write-ahead log left behind would be played into the restored file.
            for suffix in ["", "-wal", "-shm"] {
                let there = config.data.join(format!("kaixu.sqlite{suffix}"));
                ensure!(
                    !there.exists(),
                    "{} exists; move it away first",
                    there.display()
                );
            }
            unused(config)?;
            let index = config.data.join("index");
            if index.exists() {
                std::fs::remove_dir_all(&index).context("cannot remove the old index")?;
            }
            std::fs::copy(file, &target)?;
        }
        Some(url) => {
            let db = Db::open_postgres(url).await?;
            ensure!(
                !db.has_schema().await?,
                "the PostgreSQL database is not empty; restore into a new one"
            );
            db.close().await;
            run_tool(
                "pg_restore",
                url,
                &[
                    "--no-owner",
                    "--exit-on-error",
                    "--single-transaction",
                    "--dbname=",
                ],
                file,
            )?;
        }
    }
    app::open_database(config).await?.close().await;
    verify(config, None).await
}

/// Refuses a data folder that a server is using.
pub fn unused(config: &Config) -> anyhow::Result<()> {
    match Search::open(search::Options::new(config.data.join("index"))) {
        Err(search::Error::Locked) => bail!(
            "a server is running on {}; stop it first",
            config.data.display()
        ),
        _ => Ok(()),
    }
}

/// Runs PostgreSQL's own tool; the address goes through the environment, so that no process list shows it.
fn run_tool(tool: &str, url: &str, arguments: &[&str], file: &Path) -> anyhow::Result<()> {
    let parsed = url::Url::parse(url).context("DATABASE_URL")?;
    let mut command = std::process::Command::new(tool);
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    let database = decoded(parsed.path().trim_start_matches('/'));
    command
        .env(
            "PGHOST",
            parsed
                .host_str()
                .map_or_else(|| "localhost".to_owned(), decoded),
        )
        .env("PGPORT", parsed.port().unwrap_or(5432).to_string())
        .env("PGUSER", decoded(parsed.username()))
        .env("PGDATABASE", &database)
        .stdin(Stdio::null());
    if let Some(password) = parsed.password() {
        command.env("PGPASSWORD", decoded(password));
    }
    for (name, value) in parsed.query_pairs() {
        match name.as_ref() {
            "host" => command.env("PGHOST", value.as_ref()),
            "sslmode" => command.env("PGSSLMODE", value.as_ref()),
            _ => &mut command,
        };
    }
    for argument in arguments {
        if *argument == "--dbname=" {
            command.arg(format!("--dbname={database}"));
        } else {
            command.arg(argument);
        }
    }
    let output = command
        .arg(file)
        .output()
        .with_context(|| format!("cannot run {tool}; install the PostgreSQL client programs"))?;
    ensure!(
        output.status.success(),
        "{tool}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
